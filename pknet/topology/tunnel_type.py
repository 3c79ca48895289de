"""What a tunnel is, in iproute2's own words: what follows ``type`` in ``ip link add NAME type``.

Law: what the words mean is Linux's; what Linux would refuse, and what is not modelled, is an
error that says which of the two it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from pknet.overlay.ipip import IpipConfig
from pknet.overlay.vxlan import AGEING, PORT, DontFragment, VxlanConfig
from pknet.sim.clock import SECOND
from pknet.topology.address import ipv4_address
from pknet.topology.fault import listed, shown
from pknet.topology.option_words import in_range, number, options, switch
from pknet.wire.vxlan import MAX_VNI

#: Words, and how many values each takes.
_VXLAN = {
    "id": 1, "local": 1, "remote": 1, "dev": 1, "dstport": 1, "srcport": 2, "ttl": 1, "tos": 1,
    "df": 1, "ageing": 1, "learning": 0, "nolearning": 0, "udpcsum": 0, "noudpcsum": 0,
}  # fmt: skip
_IPIP = {"local": 1, "remote": 1, "ttl": 1, "tos": 1, "pmtudisc": 0, "nopmtudisc": 0}
_SYNONYMS = {"vni": "id", "hoplimit": "ttl", "hlim": "ttl", "dsfield": "tos"}
_ANY = "any"
MAX_AGEING = 2**32 // 1000 - 1  # seconds; far beyond any run

_Options = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class TunnelType:
    """``text`` is what the file says. ``remote`` (of VXLAN) is the far end of everyone."""

    text: str
    config: VxlanConfig | IpipConfig
    dev: str | None = None
    remote: int = 0


def tunnel_type(text: str) -> TunnelType:
    """``vxlan id 1 local 192.168.1.1 dev eth0 nolearning``. Raises ValueError in words."""
    words = text.split()
    readers = {"vxlan": _vxlan, "ipip": _ipip}
    if not words or words[0] not in readers:
        named = shown(words[0]) if words else "nothing"
        raise ValueError(f"tunnels of type {named} are not modelled; allowed: {listed(readers)}")
    return readers[words[0]](text, words[1:])


def _vxlan(text: str, words: list[str]) -> TunnelType:
    found = options(words, _VXLAN, _SYNONYMS)
    vni = number(found, "id", 0, MAX_VNI)
    if vni is None:
        raise ValueError("vxlan: missing virtual network identifier: 'id' and a number")
    remote = _address(found, "remote")
    dev = found["dev"][0] if "dev" in found else None
    if remote and dev:
        raise ValueError("'remote' together with 'dev' is not modelled; leave one of them out")
    config = VxlanConfig(
        vni,
        local=_address(found, "local"),
        port=number(found, "dstport", 1, 65535) or PORT,
        ttl=_inherited(found, "ttl", 0, ("auto",)),
        tos=_tos(found),
        df=_df(found),
        udp_checksum=switch(found, "udpcsum", True),
        learning=switch(found, "learning", True),
        ageing=(number(found, "ageing", 0, MAX_AGEING) or AGEING // SECOND) * SECOND,
        source_ports=_ports(found),
    )
    return TunnelType(text, config, dev, remote)


def _ipip(text: str, words: list[str]) -> TunnelType:
    found = options(words, _IPIP, _SYNONYMS)
    ttl = _inherited(found, "ttl", 0, ())
    pmtudisc = switch(found, "pmtudisc", True)
    if ttl and not pmtudisc:
        raise ValueError("ttl != 0 and nopmtudisc are incompatible")
    config = IpipConfig(
        local=_address(found, "local"),
        remote=_address(found, "remote"),
        ttl=ttl or None,
        tos=_tos(found),
        pmtudisc=pmtudisc,
    )
    return TunnelType(text, config)


def _address(found: _Options, name: str) -> int:
    """0 where it is not given, or ``any``."""
    if name not in found or found[name][0] == _ANY:
        return 0
    address = ipv4_address(found[name][0])
    if address.is_multicast or int(address) == 0xFFFFFFFF:
        raise ValueError(f"{name} {address}: groups and broadcasts are not modelled")
    return int(address)


def _inherited(found: _Options, name: str, default: int, none: tuple[str, ...]) -> int | None:
    """A number up to 255; None for ``inherit``; the words of ``none`` stand for the default."""
    word = found[name][0] if name in found else None
    if word is None or word in none:
        return default
    return None if word == "inherit" else in_range(name, word, 0, 255)


def _tos(found: _Options) -> int | None:
    """Hex, as iproute2 reads it; Linux takes 1 for "inherit" (vxlan_xmit_one, ip_tunnel_xmit)."""
    word = found["tos"][0] if "tos" in found else "0"
    if word == "inherit":
        return None
    tos = in_range("tos", word, 0, 255, base=16)
    return None if tos == 1 else tos


def _df(found: _Options) -> DontFragment:
    word = found["df"][0] if "df" in found else "unset"
    if word not in ("unset", "set", "inherit"):
        raise ValueError(f"df {shown(word)} is not known; allowed: unset, set, inherit")
    return cast(DontFragment, word)


def _ports(found: _Options) -> tuple[int, int] | None:
    """``srcport MIN MAX``; where MIN is not below MAX, Linux takes the node's local ports."""
    if "srcport" not in found:
        return None
    low, high = (in_range("srcport", word, 0, 65535) for word in found["srcport"])
    if high < low:
        raise ValueError(f"srcport {low} {high}: invalid source port range")
    return (low, high) if low < high else None
