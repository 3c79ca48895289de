"""The trackers, by protocol number (Linux: nf_ct_l4proto_find)."""

from __future__ import annotations

from pknet.netns.conntrack.protocols.generic import Generic
from pknet.netns.conntrack.protocols.gre import Gre
from pknet.netns.conntrack.protocols.icmp import Icmp
from pknet.netns.conntrack.protocols.sctp import Sctp
from pknet.netns.conntrack.protocols.tcp import Tcp
from pknet.netns.conntrack.protocols.udp import Udp
from pknet.netns.conntrack.settings import Settings
from pknet.netns.conntrack.tracker import Tracker
from pknet.netns.conntrack.tuples import GRE
from pknet.wire import ipv4


class Trackers:
    """One of each, for one namespace."""

    def __init__(self, settings: Settings) -> None:
        self.tcp = Tcp(settings)
        self._generic = Generic(settings)
        self._by_number: dict[int, Tracker] = {
            ipv4.ICMP: Icmp(settings),
            ipv4.TCP: self.tcp,
            ipv4.UDP: Udp(settings),
            ipv4.SCTP: Sctp(settings),
            GRE: Gre(settings),
        }

    def of(self, protocol: int) -> Tracker:
        """That of ``protocol``, or else the generic one."""
        return self._by_number.get(protocol, self._generic)
