"""The source port of an outer datagram: a hash of the flow inside (Linux: udp_flow_src_port).

Law: one flow has one port, the same in both directions, so that routers which spread load by
ports keep a flow together (RFC 7348, section 5). Which port it is, is chance: the kernel keys
its hash with a secret; here it is drawn from the node's own chance, once for each flow.
"""

from __future__ import annotations

import struct
from random import Random

from pknet.wire import ipv4
from pknet.wire.ethernet import ETH_P_IP
from pknet.wire.frame import Frame
from pknet.wire.ipv4 import Ipv4

_WITH_PORTS = (ipv4.TCP, ipv4.UDP, ipv4.SCTP)


def flow_of(frame: Frame) -> str:
    """What a hash would be taken of (Linux: flow_keys_dissector, __flow_hash_consistentify).

    Addresses, protocol and ports, the lower end first; a fragment has no ports; of what is no
    IPv4, the EtherType alone.
    """
    if frame.type != ETH_P_IP:
        return f"{frame.type:#06x}"
    header = Ipv4.parse(frame.network)
    sport = dport = 0
    ports = frame.network[header.header_length :][:4]
    if header.protocol in _WITH_PORTS and not header.is_fragment and len(ports) == 4:
        sport, dport = struct.unpack("!HH", ports)
    ends = sorted([(header.src, sport), (header.dst, dport)])
    return f"{header.protocol} {ends[0]} {ends[1]}"


def source_port(chance: Random, low: int, high: int) -> int:
    """From ``low`` up to, but without, ``high``; ``low`` where there is nothing between."""
    return low + (chance.getrandbits(32) * (high - low) >> 32)
