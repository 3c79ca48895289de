"""The wire bytes of a packet expression.

Law: what the expression leaves open is filled in from the interface, or computed, and only that.
"""

from __future__ import annotations

from pknet.topology.expression import ExpressionError, parse_expression
from pknet.wire.address import ZERO_MAC

MAX_WIRE = 65_535 + 14  # bytes


def expression_bytes(text: str, source: bytes = ZERO_MAC, address: int = 0) -> tuple[bytes, bool]:
    """The bytes of ``text``, and whether they are a frame (else an IP packet).

    ``source`` and ``address`` (of the interface that a frame leaves from) are written where the
    expression leaves them open. Raises ExpressionError.
    """
    from pknet.wire import scapy

    packet = parse_expression(text)
    is_frame = scapy.is_frame(packet)
    try:
        if is_frame:
            wire = scapy.frame_bytes(packet, source, address)
        else:
            wire = scapy.network_bytes(packet)
    except scapy.WireError as error:
        raise ExpressionError(str(error)) from None
    if len(wire) > MAX_WIRE:
        raise ExpressionError(f"{len(wire)} bytes: no packet is longer than {MAX_WIRE}")
    return wire, is_frame
