"""What a topology itself chose, so that the kernel had no say in it.

Law: a value that was given must be the same on both sides; one that the kernel chose may differ.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pknet.kernel.field import Field, Kind
from pknet.kernel.fields import fields
from pknet.netns.sysctl import Sysctls
from pknet.overlay.ipip import IpipConfig
from pknet.overlay.vxlan import LOCAL_PORTS, VxlanConfig
from pknet.topology.bulk import UdpConnections
from pknet.topology.item import Ping, Send, Tcp, Traffic, Udp
from pknet.topology.spec import Spec
from pknet.wire import icmp, ipv4

_EPHEMERAL = range(1024, 65536)  # where nf_nat_l4proto_unique_tuple and bind() choose
_WHOLE_FRAME = bytes(12) + struct.pack("!H", 0x0800)


@dataclass(frozen=True, slots=True)
class Given:
    """What is known to be no choice of the kernel's.

    ``ids``: IP ids with their protocol and ICMP type (-1: none); ``sequences``: TCP sequence and
    acknowledgement numbers; ``ports``: None means every port; ``hashed``: where tunnels draw
    their source ports from; ``bare``: node and interface where packets have no Ethernet header.
    """

    ids: frozenset[tuple[int, int, int]] = frozenset()
    sequences: frozenset[int] = frozenset()
    ports: frozenset[int] | None = None
    hashed: frozenset[range] = frozenset({range(1, 65536)})
    bare: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def by(cls, spec: Spec) -> Given:
        """What ``spec`` says in its traffic, listeners and rules."""
        packed = [field for item in spec.traffic for field in _sent_by(item)]
        pings = {
            (ipv4.ICMP, icmp.ECHO_REQUEST, item.ipid)
            for item in spec.traffic
            if isinstance(item, Ping) and item.ipid
        }
        return cls(
            ids=frozenset(pings | {_id_of(field) for field in packed if field.kind is Kind.IP_ID}),
            sequences=frozenset(_number(f) for f in packed if f.kind is Kind.SEQUENCE),
            ports=frozenset(
                {*_ports_of(spec), *(_number(f) for f in packed if f.kind is Kind.PORT)}
            ),
            hashed=frozenset(_hashed_by(spec)),
            bare=frozenset(
                (node.name, tunnel.name)
                for node in spec.nodes
                for tunnel in node.tunnels
                if isinstance(tunnel.config, IpipConfig)
            ),
        )

    def fields(self, place: tuple[str, str], wire: bytes) -> list[Field]:
        """Those of a frame that was captured at ``place``."""
        return fields(_WHOLE_FRAME + wire if place in self.bare else wire)

    def has(self, field: Field) -> bool:
        """False where the kernel may have chosen this value itself."""
        match field.kind:
            case Kind.PORT:
                port = _number(field)
                return self.ports is None or port in self.ports or port not in _EPHEMERAL
            case Kind.FLOW_HASH:
                return not any(_number(field) in one for one in self.hashed)
            case Kind.SEQUENCE:
                return bool(field.value) and field.value in self.sequences
            case Kind.IP_ID:
                return bool(field.value) and self._has_id(*_id_of(field))
        return False

    def _has_id(self, protocol: int, subtype: int, number: int) -> bool:
        if subtype >= 0 or protocol != ipv4.ICMP:
            return (protocol, subtype, number) in self.ids
        # A later fragment does not say which ICMP type it is a part of.
        return any((protocol, number) == (one[0], one[2]) for one in self.ids)


def _sent_by(item: Traffic) -> list[Field]:
    """The fields of a packet or frame that the file itself spells out."""
    if not isinstance(item, Send):
        return []
    return fields(item.wire if item.interface else _WHOLE_FRAME + item.wire)


def _ports_of(spec: Spec) -> Iterator[int]:
    for node in spec.nodes:
        yield from (listen.port for listen in node.listen)
        # Any number in a rule may be a port; taking too many for given only makes it stricter.
        yield from (int(number) for number in re.findall(r"\d+", node.iptables + node.ipset))
    for item in spec.traffic:
        if isinstance(item, Tcp | Udp):
            yield item.port
            yield item.sport or item.port
        if isinstance(item, UdpConnections):
            yield from item.sports


def _hashed_by(spec: Spec) -> Iterator[range]:
    """Where tunnels draw their source ports from (Linux: udp_flow_src_port), and NAT new ones."""
    if any("*nat" in node.iptables for node in spec.nodes):
        yield _EPHEMERAL
    for node in spec.nodes:
        local = sorted(Sysctls.of(node.sysctls).integers(LOCAL_PORTS))
        for tunnel in node.tunnels:
            if isinstance(tunnel.config, VxlanConfig):
                yield range(*(tunnel.config.source_ports or local))


def _id_of(field: Field) -> tuple[int, int, int]:
    return field.scope[2], field.scope[3], _number(field)


def _number(field: Field) -> int:
    return field.value if isinstance(field.value, int) else 0
