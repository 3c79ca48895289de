"""Entries of a VXLAN device's forwarding database, as ``bridge fdb append`` takes them.

Law: a word that is not understood is an error that names it; none is passed over.
"""

from __future__ import annotations

from pknet.topology.address import ipv4_address, mac
from pknet.topology.option_words import number, options
from pknet.topology.spec import FdbSpec
from pknet.wire.vxlan import MAX_VNI

_WORDS = {"dev": 1, "dst": 1, "port": 1, "vni": 1, "self": 0, "permanent": 0, "local": 0,
          "static": 0}  # fmt: skip
_DEV_DST = "an entry is MAC dev DEVICE dst ADDRESS"


def fdb_entry(text: str) -> FdbSpec:
    """``02:00:00:00:04:03 dev flannel.1 dst 192.168.2.1``. Raises ValueError in words."""
    words = text.split()
    if not words:
        raise ValueError(f"nothing is written here; {_DEV_DST}")
    address = mac(words[0])
    found = options(words[1:], _WORDS, {"temp": "static"})
    missing = [name for name in ("dev", "dst") if name not in found]
    if missing:
        raise ValueError(f"{' and '.join(missing)} missing; {_DEV_DST}")
    if "static" in found and ("permanent" in found or "local" in found):
        raise ValueError("an entry is permanent or static, not both")
    destination = ipv4_address(found["dst"][0])
    if destination.is_multicast or destination.packed[0] in (0, 255):
        raise ValueError(f"dst {destination} is no node's address")
    return FdbSpec(
        text,
        address,
        found["dev"][0],
        destination,
        port=number(found, "port", 1, 65535),
        vni=number(found, "vni", 0, MAX_VNI) or None,
        static="static" in found,
    )
