"""How often one station is told something by ICMP (Linux: net/ipv4/inetpeer.c, struct inet_peer).

Law: tokens grow with time, one nanosecond each. To hear that there is no way costs a second's
worth; any other limited error takes all there is, as net.ipv4.icmp_ratelimit is 0. Redirects
come at ever longer intervals, until the sender has been silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.sim import Clock
from pknet.sim.clock import MILLISECOND, SECOND

ERROR_COST = 1 * SECOND  # Linux: net.ipv4.route.error_cost
ERROR_BURST = 5 * SECOND  # Linux: net.ipv4.route.error_burst
REDIRECT_LOAD = 20 * MILLISECOND  # Linux: net.ipv4.route.redirect_load
REDIRECT_NUMBER = 9  # Linux: net.ipv4.route.redirect_number
REDIRECT_SILENCE = REDIRECT_LOAD << REDIRECT_NUMBER + 1
LIMIT = 65_664  # stations remembered (Linux: inet_peer_threshold)
_AT_FIRST = 60 * SECOND  # a new peer has as many tokens as it can


class _Peer:
    """``last``: when it was last told, in nanoseconds."""

    __slots__ = ("last", "redirects", "tokens")

    def __init__(self, now: int) -> None:
        self.tokens = 0
        self.last = now - _AT_FIRST
        self.redirects = 0


class Peers:
    """The stations that one namespace has told something."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[int, _Peer] = {}

    def may_hear_of_no_way(self, address: int) -> bool:
        """Whether it may be told; that it was, is remembered (Linux: ip_error)."""
        peer, now = self._of(address), self._clock.now
        peer.tokens = min(peer.tokens + now - peer.last, ERROR_BURST)
        peer.last = now
        if peer.tokens < ERROR_COST:
            return False
        peer.tokens -= ERROR_COST
        return True

    def told(self, address: int) -> None:
        """It was sent a limited error (Linux: inet_peer_xrlim_allow, with a timeout of 0)."""
        peer = self._of(address)
        if peer.last != self._clock.now:  # else it is the error that has just been paid for
            peer.tokens, peer.last = 0, self._clock.now

    def may_be_redirected(self, address: int) -> bool:
        """Whether it may be told again of a shorter way (Linux: ip_rt_send_redirect)."""
        peer, now = self._of(address), self._clock.now
        if now > peer.last + REDIRECT_SILENCE:
            peer.tokens = peer.redirects = 0
        if peer.redirects >= REDIRECT_NUMBER:
            peer.last = now
            return False
        if peer.redirects and now <= peer.last + (REDIRECT_LOAD << peer.redirects):
            return False
        peer.last = now
        peer.redirects += 1
        return True

    def turns(self) -> Iterator[int]:
        """When each would be treated otherwise than now, were it told nothing until then."""
        for peer in self._known.values():
            yield peer.last + ERROR_COST - peer.tokens
            yield peer.last + ERROR_BURST - peer.tokens
            yield peer.last + (REDIRECT_LOAD << peer.redirects)
            yield peer.last + REDIRECT_SILENCE

    def _of(self, address: int) -> _Peer:
        peer = self._known.get(address)
        if peer is None:
            if len(self._known) >= LIMIT:
                del self._known[next(iter(self._known))]
            peer = self._known[address] = _Peer(self._clock.now)
        return peer
