"""Why a packet died.

Law: names are Linux's own (include/net/dropreason-core.h) wherever Linux has one; each has one
plain sentence, and each is reached by a test that names it.
"""

from __future__ import annotations

from enum import Enum


class DropReason(Enum):
    """The name is Linux's, the value the sentence that people read."""

    # The network layer
    IP_INNOROUTES = "no route to the destination"
    IP_INADDRERRORS = "addressed to another host, and this one does not forward"
    IP_INHDR = "bad IP header, or its time to live ran out"
    IP_CSUM = "bad IP header checksum"
    IP_NOPROTO = "nothing here speaks that protocol"
    IP_OUTNOROUTES = "no route for a packet of our own"
    IP_INVALID_SOURCE = "impossible source address (martian)"
    IP_INVALID_DEST = "impossible destination address (martian)"
    IP_LOCALNET = "a loopback address from outside"
    IP_RPFILTER = "replies would not leave by the interface it came in by"
    IP_LOCAL_SOURCE = "its source is an address of this host"
    MAC_IEEE_MAC_CONTROL = "a pause frame, which no bridge forwards"
    OTHERHOST = "the frame is for another station"
    PKT_TOO_SMALL = "shorter than its headers say"
    PKT_TOO_BIG = "larger than the link can carry, and must not be fragmented"
    IPV6DISABLED = "IPv6 is off"
    UNHANDLED_PROTO = "no handler for that EtherType"
    # Netfilter, neighbours, fragments, sockets
    NETFILTER_DROP = "a rule dropped it"
    NEIGH_FAILED = "nobody answered ARP for the next hop"
    NEIGH_QUEUEFULL = "too many packets already wait for that neighbour"
    FRAG_REASM_TIMEOUT = "its other fragments never came"
    DUP_FRAG = "overlaps or repeats a fragment that is already there"
    NO_SOCKET = "no socket listens there"
    INVALID_PROTO = "an ICMP message that is not heeded when it comes to many at once"
    ICMP_CSUM = "bad ICMP checksum"
    TCP_CSUM = "bad TCP checksum"
    TCP_FLAGS = "its TCP flags make no sense to the socket"
    TCP_RESET = "a reset, of no connection or not exact"
    TCP_INVALID_SYN = "a SYN, or SYN-ACK, to a connection that is open"
    TCP_OLD_SEQUENCE = "a TCP segment from before what was acknowledged"
    TCP_INVALID_SEQUENCE = "a TCP segment from beyond the window"
    TCP_INVALID_END_SEQUENCE = "a TCP segment that ends beyond the window"
    TCP_INVALID_ACK_SEQUENCE = "it does not acknowledge the SYN"
    TCP_TOO_OLD_ACK = "a TCP acknowledgement from more than a window ago"
    TCP_ACK_UNSENT_DATA = "it acknowledges what was never sent"
    TCP_OLD_DATA = "TCP data that has come already"
    TCP_OFOMERGE = "TCP data that has come already, and waits for its turn"
    TCP_ZEROWINDOW = "TCP data for a window that is closed"
    TCP_OVERWINDOW = "a TCP segment that the window does not reach"
    TCP_ABORT_ON_DATA = "data for a program that has closed its connection"
    UDP_CSUM = "bad UDP checksum"
    DEV_READY = "the interface is down"
    # Bridges and tunnels
    NO_TX_TARGET = "no port, or no far end, to send it to"
    BRIDGE_INGRESS_STP_STATE = "the port that it came in by forwards nothing"
    VXLAN_INVALID_HDR = "its VXLAN header says what nobody here understands"
    VXLAN_VNI_NOT_FOUND = "no VXLAN device has that network identifier"
    VXLAN_ENTRY_EXISTS = "its source MAC is written down for another node"
    MAC_INVALID_SOURCE = "its source MAC is a group's, or zero"
    LOCAL_MAC = "its source MAC is the device's own"
    IP_TUNNEL_ECN = "congestion was marked on the outer packet, and the inner cannot be"
    NOMEM = "no whole frame inside; Linux takes that for a lack of memory"
    RECURSION_LIMIT = "too many tunnels inside tunnels"
    # Where Linux says NOT_SPECIFIED, or has no reason: our own words
    ROUTE_UNREACHABLE = "the route says unreachable"
    ROUTE_PROHIBIT = "the route says prohibit"
    ROUTE_BLACKHOLE = "the route says blackhole"
    BRIDGE_SAME_PORT = "it would leave by the port it came in by, and that port is no hairpin"
    LINK_DOWN = "the link is down"
    LINK_LOSS = "the link lost it"
    LINK_TOO_BIG = "larger than the far end's MTU"
    ARP_IGNORED = "nothing to answer here"
    SOURCE_ROUTE = "a source route that is not followed"
    NO_IPV6 = "IPv6 is not spoken on so small an MTU"
    NOT_JOINED = "for a group that nobody here has joined"
    FRAG_BAD = "a fragment that fits no packet"
    NOT_FOR_HOST = "a frame for everyone holds a packet to be forwarded"
    NO_WAY_BACK = "a call that cannot be answered: no route leads back"
    HOOK = "a hook dropped it"
    NO_CABLE = "nothing is plugged in"
    CONNTRACK_FULL = "the connection table is full"
    TUNNEL_UNKNOWN = "no tunnel has these two ends"

    @property
    def linux(self) -> str:
        """The name the kernel would give."""
        return "NOT_SPECIFIED" if self in OWN_REASONS else _LUMPED.get(self, self.name)


#: Reasons that Linux does not name; a comparison takes NOT_SPECIFIED as equal to any of them.
OWN_REASONS = frozenset(
    {
        DropReason.ROUTE_UNREACHABLE,
        DropReason.ROUTE_PROHIBIT,
        DropReason.ROUTE_BLACKHOLE,
        DropReason.BRIDGE_SAME_PORT,
        DropReason.LINK_LOSS,
        DropReason.LINK_TOO_BIG,
        DropReason.ARP_IGNORED,
        DropReason.SOURCE_ROUTE,
        DropReason.NO_IPV6,
        DropReason.NOT_JOINED,
        DropReason.FRAG_BAD,
        DropReason.NOT_FOR_HOST,
        DropReason.NO_WAY_BACK,
        DropReason.HOOK,
        DropReason.NO_CABLE,
        DropReason.TUNNEL_UNKNOWN,
    }
)

#: What Linux lumps together with others, and a name of ours tells apart.
_LUMPED = {
    DropReason.LINK_DOWN: "QDISC_DROP",  # noop_enqueue
    DropReason.CONNTRACK_FULL: "NETFILTER_DROP",  # nf_conntrack_in: too stressed to deal
}
