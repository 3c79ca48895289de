"""A cable between two physical adapters: delay, loss, a bit rate; it can be pulled.

Law: frames in one direction keep their order. Loss is drawn from the cable's own stream.
"""

from __future__ import annotations

from random import Random

from pknet.link.interface import Interface
from pknet.link.veth import too_big_for
from pknet.sim import Clock
from pknet.sim.clock import MICROSECOND, SECOND
from pknet.trace import Dropped, DropReason, Sent, Verdict
from pknet.wire.frame import Frame

DELAY = 10 * MICROSECOND  # the default: 2 km of fibre at 5 microseconds a kilometre


class Cable:
    """``delay`` in nanoseconds, ``loss`` from 0 to 1, ``rate`` in bits a second (0: no limit)."""

    def __init__(
        self,
        clock: Clock,
        chance: Random,
        a: Interface,
        b: Interface,
        *,
        delay: int = DELAY,
        loss: float = 0.0,
        rate: int = 0,
    ) -> None:
        self.clock = clock
        self.chance = chance
        self.peers = {a: b, b: a}
        self.delay = delay
        self.loss = loss
        self.rate = rate
        self.up = True
        self._free = {a: 0, b: 0}  # when each direction has sent its last bit
        a.medium = b.medium = self

    def carries(self, end: Interface) -> bool:
        """While it is plugged in, and the adapter at the far end is up."""
        return self.up and self.peers[end].up

    def carry(self, sender: Interface, frame: Frame, packet: int) -> Verdict:
        """To the far end when the last bit has arrived."""
        receiver = self.peers[sender]
        if too_big_for(frame, receiver):
            return Dropped(DropReason.LINK_TOO_BIG, f"larger than {receiver.place} takes")
        arrival = self._serialise(sender, len(frame.wire)) + self.delay
        if self.loss and self.chance.random() < self.loss:
            return Dropped(DropReason.LINK_LOSS, f"lost on the way to {receiver.place}")
        self.clock.at(arrival, receiver.receive, frame, packet)
        return Sent(sender.name)

    def _serialise(self, sender: Interface, size: int) -> int:
        """The time at which the frame's last bit is on the cable."""
        if not self.rate:
            return self.clock.now
        start = max(self.clock.now, self._free[sender])
        self._free[sender] = start + size * 8 * SECOND // self.rate
        return self._free[sender]
