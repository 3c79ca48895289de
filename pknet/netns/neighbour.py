"""The neighbour table: which MAC an address has (Linux: net/core/neighbour.c).

Law: the state machine is the table below; a packet that waits is Held, and leaves or dies in a
visit of its own.

    output -> valid?  write the Ethernet header, transmit
              else    queue, INCOMPLETE, ask (three times, a second apart) -> FAILED
    update <- ARP: a reply makes REACHABLE, a request STALE; what waited is sent
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns.neighbour_entry import (
    CONNECTED,
    QUEUE_BYTES,
    VALID,
    Neighbour,
    NeighbourStep,
    Nud,
    Waiting,
)
from pknet.netns.neighbour_figures import Figures
from pknet.netns.sysctl import Sysctls
from pknet.sim import Clock
from pknet.trace import Dropped, DropReason, Held, Verdict
from pknet.wire.address import ip_text
from pknet.wire.ethernet import Ethernet


class Neighbours:
    """The table of one namespace.

    ``solicit(entry, skb, mac)`` sends an ARP request at +0, to everyone where ``mac`` is None.
    A packet that was held goes on by ``revisit(entry, waiting)``, or ends by
    ``give_up(waiting, dropped)``; each opens a visit.
    """

    def __init__(
        self,
        clock: Clock,
        sysctls: Sysctls,
        solicit: Callable[[Neighbour, Skb | None, bytes | None], None],
        give_up: Callable[[Waiting, Dropped], None],
        revisit: Callable[[Neighbour, Waiting], None],
    ) -> None:
        self.clock = clock
        self._figures = Figures(sysctls)
        self._solicit = solicit
        self._give_up = give_up
        self._revisit = revisit
        self._entries: dict[tuple[int, Interface], Neighbour] = {}

    def __iter__(self) -> Iterator[Neighbour]:
        return iter(self._entries.values())

    def lookup(self, address: int, dev: Interface) -> Neighbour | None:
        """The entry, in whatever state."""
        return self._entries.get((address, dev))

    def create(self, address: int, dev: Interface) -> Neighbour:
        """The entry, made where it is missing (Linux: __neigh_lookup with creat)."""
        entry = self._entries.get((address, dev))
        if entry is None:
            entry = self._entries[address, dev] = Neighbour(address, dev)
        return entry

    def add_permanent(self, address: int, dev: Interface, mac: bytes) -> None:
        """``ip neighbour replace … nud permanent``."""
        entry = self.create(address, dev)
        entry.mac = mac
        entry.state = Nud.PERMANENT

    def remove(self, entry: Neighbour) -> None:
        """``ip neighbour del``. Raises KeyError where it is not."""
        self._stop(entry)
        del self._entries[entry.address, entry.dev]

    # --- packets

    def output(self, entry: Neighbour, skb: Skb, send: Callable[[Skb], Verdict]) -> Verdict:
        """Send ``skb`` to the neighbour, or hold it (Linux: neigh_resolve_output)."""
        entry.used = self.clock.now
        if entry.state not in VALID:
            return self._wait(entry, Waiting(skb, send))
        if entry.state is Nud.STALE:
            self._enter(entry, Nud.DELAY, self._figures.delay(entry))
        entry.cached = True
        skb.hop.step(NeighbourStep(entry))
        skb.header = Ethernet(entry.mac, entry.dev.mac, skb.protocol).emit()
        return send(skb)

    def _wait(self, entry: Neighbour, waiting: Waiting) -> Verdict:
        """Queue the packet, and ask if nobody has yet (Linux: __neigh_event_send)."""
        self._make_room(entry, QUEUE_BYTES - waiting.size)
        entry.queue.append(waiting)
        self.resolve(entry)
        waiting.skb.hop.step(NeighbourStep(entry))
        return Held(f"waits for the MAC of {ip_text(entry.address)} on {entry.dev.name}")

    def _make_room(self, entry: Neighbour, room: int) -> None:
        """The oldest make way, until those that wait fit in ``room`` bytes."""
        used = sum(each.size for each in entry.queue)
        while entry.queue and used > room:
            oldest = entry.queue.pop(0)
            used -= oldest.size
            text = f"{len(entry.queue) + 1} wait for {ip_text(entry.address)} already"
            self.clock.soon(self._give_up, oldest, Dropped(DropReason.NEIGH_QUEUEFULL, text))

    def resolve(self, entry: Neighbour) -> None:
        """Ask for an address that is not known, unless that is being done."""
        if entry.state is not Nud.INCOMPLETE:
            entry.probes = 0
            self._enter(entry, Nud.INCOMPLETE, self._figures.retransmission(entry))
            self.clock.soon(self._probe, entry)  # when what waits has been told of

    # --- what ARP learns

    def update(self, entry: Neighbour, mac: bytes, new: Nud, override: bool) -> None:
        """``mac`` was heard for the entry (Linux: __neigh_update)."""
        old = entry.state
        if old is Nud.PERMANENT:
            return
        if new in CONNECTED:
            entry.confirmed = self.clock.now
        valid = old in VALID
        if valid and mac != entry.mac and not override:
            return
        if valid and mac == entry.mac and new is Nud.STALE:
            return
        if new is not old or mac != entry.mac:
            entry.updated = self.clock.now
        entry.mac = mac
        if new is not old:
            reach = new is Nud.REACHABLE
            self._enter(entry, new, self._figures.reachable(entry) if reach else None)
        if not valid:
            self._flush(entry)

    def _flush(self, entry: Neighbour) -> None:
        """Send what waited, each in a visit of its own."""
        queue, entry.queue = entry.queue, []
        for waiting in queue:
            self.clock.soon(self._revisit, entry, waiting)

    # --- timers (Linux: neigh_timer_handler)

    def _enter(self, entry: Neighbour, state: Nud, delay: int | None) -> None:
        self._stop(entry)
        entry.state = state
        if delay is not None:
            entry.timer = self.clock.after(delay, self._expire, entry)

    def _stop(self, entry: Neighbour) -> None:
        if entry.timer is not None:
            entry.timer.cancel()
            entry.timer = None

    def _expire(self, entry: Neighbour) -> None:
        if entry.state is Nud.REACHABLE:
            self._reachability_ends(entry)
        elif entry.state is Nud.DELAY:
            entry.probes = 0
            self._enter(entry, Nud.PROBE, self._figures.retransmission(entry))
            self._probe(entry)
        elif entry.probes < self._figures.limit(entry):
            self._enter(entry, entry.state or Nud.INCOMPLETE, self._figures.retransmission(entry))
            self._probe(entry)
        else:
            self._fail(entry)

    def _reachability_ends(self, entry: Neighbour) -> None:
        delay = self._figures.delay(entry)
        if self.clock.now <= entry.used + delay and entry.used > entry.confirmed:
            self._enter(entry, Nud.DELAY, delay)
        else:
            self._enter(entry, Nud.STALE, None)

    def _fail(self, entry: Neighbour) -> None:
        """Nobody answered (Linux: neigh_invalidate)."""
        self._enter(entry, Nud.FAILED, None)
        queue, entry.queue = entry.queue, []
        text = f"nobody answered ARP for {ip_text(entry.address)} on {entry.dev.name}"
        for waiting in queue:
            self.clock.soon(self._give_up, waiting, Dropped(DropReason.NEIGH_FAILED, text))

    def _probe(self, entry: Neighbour) -> None:
        entry.probes += 1
        known = entry.mac if entry.state is Nud.PROBE else None
        self._solicit(entry, entry.queue[-1].skb if entry.queue else None, known)
