"""The trace that people read: one line for each frame at each interface.

Law: nothing stands here that the trace does not hold. A visit's last line tells how it ended,
below where there is no room beside it, and a drop its reason; SENT, which the direction says
already, is told everywhere or, on narrow terminals, nowhere.

      #7 +0.001 node-a:vA1  in  10.1.1.1:40000 > 172.30.0.1:80  SYN  ttl 64       a frame
          PREROUTING nat KUBE-SEP-... : DNAT 172.30.0.1:80 -> 10.1.2.1:8080       a step
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pknet.report.layout import Line, Piece, Role, folded, paragraph
from pknet.report.where import place, since
from pknet.trace import Delivered, Dropped, Sent, Step, Tap, Verdict, detailed
from pknet.trace.words import explanation, sentence, word
from pknet.wire.summary import Summary, is_arp, summary

STEP_INDENT = 6
ROOMY = 100  # columns: from here on SENT is told, at the end of every visit that it ended
PLACE_LIMIT = 24  # wider names push the rest of their own line only
SAYS_LIMIT = 15  # "PSH-ACK 1448 B"; longer ones, such as ICMP errors, are not aligned to


def tap_lines(taps: Sequence[Tap], width: int, detail: bool = False) -> Iterator[Line]:
    """Some taps, without items: what a failed assertion shows."""
    return TapWriter(taps, width, detail).lines(taps)


class TapWriter:
    """Tells taps, in columns as wide as ``taps`` need."""

    def __init__(self, taps: Sequence[Tap], width: int, detail: bool) -> None:
        self.width = width
        self.detail = detail
        self._packet = max((len(str(tap.hop.packet)) for tap in taps), default=1) + 1
        self._time = len(since(max((tap.time for tap in taps), default=0), 0))
        self._place = min(max((len(place(tap)) for tap in taps), default=0), PLACE_LIMIT)
        self._seen: dict[int, Summary] = {}  # by packet: how it looked at the last interface
        self._flow = self._says = 0
        self._gap = "  "

    def _columns(self, packet: str, time: str, where: str, direction: str) -> str:
        return (
            f" {packet:>{self._packet}} {time:>{self._time}} {where:<{self._place}} {direction:<3} "
        )

    def heading(self) -> Line:
        """What the columns are."""
        return (Piece(self._columns("#", "ms", "interface", ""), Role.QUIET),)

    def lines(self, taps: Sequence[Tap]) -> Iterator[Line]:
        """One after the other, their packets aligned; times count from the first."""
        self._align([summary(tap.frame) for tap in taps])
        for tap in taps:
            yield from self._tap(tap, taps[0].time)

    def _align(self, summaries: Iterable[Summary]) -> None:
        """As wide as the widest flow that fits; what it says only as far as the TTL finds room.

        A flow with no room beside it for what it says folds alone, where others need not.
        """
        routed = [s for s in summaries if s.ttl is not None]
        whole = self.width - len(self._columns("", "", "", "")) - len("  ttl 64")
        fitting = [s for s in routed if len(s.flow) + min(len(s.says), SAYS_LIMIT) <= whole]
        self._flow = max((len(s.flow) for s in fitting or routed), default=0)
        says = max((len(s.says) for s in routed if len(s.says) <= SAYS_LIMIT), default=0)
        room = self.width - len(self._columns("", "", "", "")) - self._flow - len("ttl 64")
        self._gap = "  " if says + 4 <= room else " "
        self._says = max(0, min(says, room - 2 * len(self._gap)))

    def _tap(self, tap: Tap, start: int) -> Iterator[Line]:
        """The frame, the steps that followed, and the end of the visit, if this was it."""
        quiet = is_arp(tap.frame) and not self.detail
        told = list(self._frame(tap, start))
        verdict = tap.hop.verdict if tap is tap.hop.taps[-1] else None
        rest = None if verdict is None else self._beside(told, verdict, quiet)
        for step, said in self._steps(tap):
            told += self._step(step, said)
        if verdict is not None and rest:
            told += paragraph(rest, _role(verdict), self.width, STEP_INDENT)
        yield from _quiet(told) if is_arp(tap.frame) else told

    def _frame(self, tap: Tap, start: int) -> Iterator[Line]:
        """Where and when, and the frame; what changed since its last interface stands out."""
        columns = self._columns(
            f"#{tap.hop.packet}", since(tap.time, start), place(tap), tap.direction or "-"
        )
        now = summary(tap.frame)
        before = self._seen.get(tap.hop.packet, now)
        self._seen[tap.hop.packet] = now
        flow = Piece(now.flow, Role.PLAIN if now.flow == before.flow else Role.REWRITE)
        pieces = [flow, Piece(now.says)]
        if now.ttl is not None:
            pieces = [
                Piece(now.flow.ljust(self._flow), flow.role),
                Piece(now.says.ljust(self._says)),
                Piece(f"ttl {now.ttl}"),
            ]
        if now.about:
            pieces.append(Piece(f"about {now.about}"))
        return folded(Piece(columns), pieces, self.width, self._gap)

    def _beside(self, told: list[Line], verdict: Verdict, quiet: bool) -> str:
        """Put the verdict at the end of the frame's line; return what found no room there.

        A ``quiet`` one is content with its word: a drop's names the reason.
        """
        if isinstance(verdict, Sent) and self.width < ROOMY:
            return ""
        used = sum(len(piece.text) for piece in told[-1]) + len("  ")
        for said, rest in (
            (sentence(verdict), ""),
            (word(verdict), "" if quiet else explanation(verdict)),
        ):
            if used + len(said) <= self.width:
                told[-1] += (Piece(f"  {said}", _role(verdict)),)
                return rest
        return sentence(verdict)

    def _steps(self, tap: Tap) -> Iterable[tuple[Step, str]]:
        steps = tap.hop.steps_of(tap)
        if self.detail:
            return detailed(steps)
        return ((step, str(step)) for step in steps if not step.detail)

    def _step(self, step: Step, said: str) -> Iterator[Line]:
        role = Role.REWRITE if step.rewrite else Role.QUIET if step.detail else Role.PLAIN
        yield from paragraph(said, role, self.width, STEP_INDENT)


def _role(verdict: Verdict) -> Role:
    if isinstance(verdict, Dropped):
        return Role.DROP
    if isinstance(verdict, Delivered):
        return Role.GOOD
    return Role.QUIET if isinstance(verdict, Sent) else Role.PLAIN


def _quiet(lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines, as what is rarely looked for."""
    return (tuple(Piece(piece.text, Role.QUIET) for piece in line) for line in lines)
