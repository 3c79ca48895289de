"""What ICMP errors do to a connection (RFC 1122, 4.2.3.9; RFC 5927; Linux: tcp_v4_err).

Law: an error counts only if it quotes what is under way. It ends only what is not established
yet; later it says no more than that segments are too large, or that the way is gone for now.
"""

from __future__ import annotations

from pknet.netns.route import Path
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.network import Network
from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.outlet import Key
from pknet.netns.socket.tcp.settings import MIN_SEND_MSS
from pknet.netns.socket.tcp.state import OPENING
from pknet.wire import ipv4, tcp

HEADERS = ipv4.MIN_HEADER + tcp.MIN_HEADER

#: What an embryonic connection ends by, and what makes an established one try again.
NO_WAY = ("ENETUNREACH", "EHOSTUNREACH")


class PathTrouble:
    """Of one connection."""

    def __init__(self, network: Network, key: Key) -> None:
        self._network = network
        self._key = key
        self._mtu = 0  # what a router said while a system call had the socket; 0: nothing

    def hear(self, block: ControlBlock, error: IcmpError, *, owned: bool) -> None:
        """``owned``: by a system call (Linux: sock_owned_by_user)."""
        if not block.knows(error.seq):
            return
        if error.too_big and owned:
            self._mtu = error.mtu  # Linux: TCP_MTU_REDUCED_DEFERRED
        elif error.too_big:
            self._limit(block, error.mtu)
        elif error.errno is not None and block.state in OPENING:
            block.fail(error.errno)
        elif (error.errno in NO_WAY and not error.fatal and not owned) or error.no_way:
            block.lose_way(self._network.clock.now, error.seq)

    def release(self, block: ControlBlock) -> None:
        """The system call is done (Linux: tcp_release_cb)."""
        mtu, self._mtu = self._mtu, 0
        if mtu:
            self._limit(block, mtu)

    def _limit(self, block: ControlBlock, mtu: int) -> None:
        """Only now does the host know, too (Linux: tcp_v4_mtu_reduced)."""
        network, peer = self._network, self._key[2]
        network.path_mtu.learn(peer, mtu)
        path = network.routing.output(peer, self._key[0])
        if isinstance(path, Path):
            known = network.path_mtu.of(path, peer)
            block.limit_path(network.clock.now, max(known - HEADERS, MIN_SEND_MSS))
