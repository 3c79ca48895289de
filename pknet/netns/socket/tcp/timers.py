"""When a timer of the kernel fires.

Law: a timer fires on a tick, never early. All that are due at one tick fire before anything that
they send arrives (Linux: run_timer_softirq), so a race between two ends has one outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from pknet.netns.socket.tcp.settings import RTO_MAX
from pknet.sim.clock import MILLISECOND

TICK = 4 * MILLISECOND  # a jiffy with CONFIG_HZ=250, which Debian builds with
_LEVEL_ZERO = 63  # ticks that level 0 of the timer wheel spans (Linux: LVL_START(1))
_LEVEL_SHIFT = 3  # each level is 8 times as coarse (Linux: LVL_CLK_SHIFT)


def ticks(duration: int) -> int:
    """``duration`` in ticks, rounded up (Linux: nsecs_to_jiffies, usecs_to_jiffies)."""
    return -(-duration // TICK)


def expiry(now: int, duration: int) -> int:
    """When a timer set at ``now`` fires (Linux: __mod_timer, calc_wheel_index)."""
    delta = ticks(duration)
    due = now // TICK + delta
    shift = 0
    while delta >= _LEVEL_ZERO << shift:
        shift += _LEVEL_SHIFT
    return (((due >> shift) + 1) << shift) * TICK


def patience(retries: int, first: int) -> int:
    """How long ``retries`` timeouts take, the first of ``first`` (Linux: tcp_model_timeout)."""
    doubling = (RTO_MAX // first).bit_length() - 1
    total = ((2 << min(retries, doubling)) - 1) * first
    return total + max(retries - doubling, 0) * RTO_MAX


class Timer(Enum):
    """What a connection waits for. Only one of the first four runs at a time (icsk_pending)."""

    RETRANSMIT = auto()  # RFC 6298
    LOSS_PROBE = auto()  # RFC 8985, section 7
    REORDER = auto()  # RFC 8985, section 6.2: what may only be late
    WINDOW_PROBE = auto()  # RFC 9293, section 3.8.6.1: a closed window
    DELAYED_ACK = auto()  # RFC 9293, section 3.8.6.3
    COMPRESSED_ACK = auto()  # several acknowledgements of early segments in one
    LINGER = auto()  # TIME-WAIT, and FIN-WAIT-2 without a user


#: The four that exclude each other.
TRANSMISSION = (Timer.RETRANSMIT, Timer.LOSS_PROBE, Timer.REORDER, Timer.WINDOW_PROBE)


class Timers:
    """The timers of one connection."""

    def __init__(self) -> None:
        self._due: dict[Timer, int] = {}

    def set(self, timer: Timer, now: int, duration: int) -> None:
        """Start it, or start it anew; of the transmission timers, the others stop."""
        if timer in TRANSMISSION:
            self.stop(*TRANSMISSION)
        self._due[timer] = expiry(now, duration)

    def set_exact(self, timer: Timer, now: int, duration: int) -> None:
        """One that does not wait for a tick (Linux: an hrtimer)."""
        self._due[timer] = now + duration

    def when(self, timer: Timer) -> int | None:
        """When it fires; None: it does not run."""
        return self._due.get(timer)

    def stop(self, *timers: Timer) -> None:
        """Those that run; the others are left as they are."""
        for timer in timers:
            self._due.pop(timer, None)

    @property
    def transmission(self) -> Mapping[Timer, int]:
        """Which of the transmission timers runs, and until when."""
        return {timer: due for timer, due in self._due.items() if timer in TRANSMISSION}

    def restore(self, transmission: Mapping[Timer, int]) -> None:
        """Let it be that one again."""
        self.stop(*TRANSMISSION)
        self._due.update(transmission)

    def clear(self) -> None:
        """Stop all."""
        self._due.clear()

    def running(self, *timers: Timer) -> bool:
        """True while any of ``timers`` runs."""
        return any(timer in self._due for timer in timers)

    @property
    def deadline(self) -> int | None:
        """When the next of them fires."""
        return min(self._due.values(), default=None)

    def due(self, now: int) -> Timer | None:
        """One whose time has come, which no longer runs then; the earliest first."""
        late = [(due, timer.value, timer) for timer, due in self._due.items() if due <= now]
        if not late:
            return None
        timer = min(late)[2]
        del self._due[timer]
        return timer
