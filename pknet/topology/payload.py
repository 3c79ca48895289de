"""What is sent and answered: text, or bytes in hex."""

from __future__ import annotations

from collections.abc import Callable

from yaml.nodes import ScalarNode

from pknet.topology.fault import shown
from pknet.topology.value import Value

MAX_DATAGRAM = 65507  # bytes: 65535 less the IPv4 and UDP (or ICMP) headers
MAX_STREAM = 16 * 1024 * 1024  # bytes: ours, for memory's sake


def payload(limit: int) -> Callable[[Value], bytes | None]:
    """Text (as UTF-8) or ``{hex: a5a5}``, of at most ``limit`` bytes; for ``Fields.read``."""

    def read(value: Value) -> bytes | None:
        data = _bytes(value)
        if data is not None and len(data) > limit:
            value.fault(f"{len(data)} bytes; allowed: at most {limit}")
            return None
        return data

    return read


def _bytes(value: Value) -> bytes | None:
    if value.empty:
        return b""
    if isinstance(value.node, ScalarNode):
        return str(value.node.value).encode()
    digits = value.only("hex", "text, or {hex: a5a5}")
    return digits.parsed(_hex) if digits is not None else None


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError(f"{shown(text)} is not hex; write two digits for a byte: a5a5") from None
