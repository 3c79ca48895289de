"""What came of many packets, counted and not kept.

Law: however many there are, it takes the same room: counts, and the least, the most and the sum
of the times. Nothing is said of times that cannot be told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pknet.netns.socket.programs.results import IcmpFrom

DISTINCT = 16  # different answers, errors or senders of errors that are told apart


@dataclass(frozen=True, slots=True)
class Times:
    """From request to answer, in nanoseconds of virtual time."""

    least: int
    mean: int
    most: int


@dataclass(frozen=True, slots=True)
class StreamResult:
    """``sent`` went out; of these ``answered`` were. ``unsent``, by errno, never left the socket.

    ``answers`` are the first different ones, ``icmp`` the errors that were heard, how often.
    ``times`` is None where nothing was answered, or where answers do not say to what.
    """

    sent: int
    answered: int
    unsent: dict[str, int]
    icmp: dict[IcmpFrom, int]
    answers: tuple[bytes, ...]
    times: Times | None

    @property
    def lost(self) -> int:
        """Sent, and not answered."""
        return self.sent - self.answered


class Tally:
    """Counts until ``count`` packets have come to an end: answered, refused or not sent."""

    def __init__(self, count: int) -> None:
        self.sent = 0
        self.answered = 0
        self.unsent: Counter[str] = Counter()
        self.icmp: Counter[IcmpFrom] = Counter()
        self._left = count
        self._answers: dict[bytes, None] = {}
        self._least = self._most = self._sum = self._timed = 0

    @property
    def over(self) -> bool:
        """Nothing is waited for any more."""
        return self._left == 0

    def answer(self, time: int | None, payload: bytes = b"") -> None:
        """One was answered after ``time`` nanoseconds; None: no one can tell which."""
        self.answered += 1
        self._left -= 1
        if len(self._answers) < DISTINCT:
            self._answers.setdefault(payload)
        if time is not None:
            self._least = time if self._timed == 0 else min(self._least, time)
            self._most = max(self._most, time)
            self._sum += time
            self._timed += 1

    def fail(self, errno: str) -> None:
        """One was not sent."""
        self.unsent[errno] += 1
        self._left -= 1

    def hear(self, error: IcmpFrom, final: bool) -> None:
        """An ICMP error about one; ``final``: nothing else will come of that one."""
        if error in self.icmp or len(self.icmp) < DISTINCT:
            self.icmp[error] += 1
        if final:
            self._left -= 1

    def result(self) -> StreamResult:
        """The sum; times only where each answer has one."""
        times = None
        if self._timed and self._timed == self.answered:
            times = Times(self._least, self._sum // self._timed, self._most)
        return StreamResult(self.sent, self.answered, dict(self.unsent), dict(self.icmp),
                            tuple(self._answers), times)  # fmt: skip
