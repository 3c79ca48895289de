"""The trace for machines: one JSON object a line, one line a captured frame.

Law: the lines of a (node, interface) are the frames of its capture, in their order. The verdict
stands on the last line of a visit, and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from pknet.fastpath.cycle import RepeatedTaps
from pknet.trace import Tap, Trace, detailed
from pknet.trace.words import first_drop

Record = dict[str, int | str | list[str] | None]


def lines(trace: Trace, steps: Callable[[Tap], list[str]] | None = None) -> Iterator[str]:
    """Each captured frame as a line of JSON, without its newline.

    ``steps`` chooses what is told of a frame: ``changes``, unless said, or ``details``.
    """
    told = steps or changes
    for part in trace.taps.parts:
        if isinstance(part, RepeatedTaps):
            yield from _repeated(part, told)
        else:
            yield from (json.dumps(record(tap, told(tap))) for tap in part)


def _repeated(taps: RepeatedTaps, steps: Callable[[Tap], list[str]]) -> Iterator[str]:
    """The same for what is repeated: the model's lines, and the numbers that move in them."""
    lines = [_moving(taps, entry, steps(tap)) for entry, tap in enumerate(taps.make(0))]
    for period in zip(*lines, strict=True):
        yield from period


def _moving(taps: RepeatedTaps, entry: int, steps: list[str]) -> Iterator[str]:
    """One of them: a line for each period."""
    cycle, tap, times = taps.cycle, taps.make(0)[entry], range(taps.times)
    words = sorted(cycle.frames[entry].words)
    moving = {"time_ns": "%d", "packet": "%d", "wire": f'"{_wire(tap, [w.at for w in words])}"'}
    fixed = {key: json.dumps(value).replace("%", "%%") for key, value in record(tap, steps).items()}
    pairs = (f'"{key}": {value}' for key, value in (fixed | moving).items())
    line = f"{{{', '.join(pairs)}}}"
    moments = (tap.time + cycle.period * n for n in times)
    packets = (tap.hop.packet + cycle.packets * n for n in times)
    columns = [word.values(1, taps.times) for word in words]
    return map(line.__mod__, zip(moments, packets, *columns, strict=True))


def _wire(tap: Tap, words: list[int]) -> str:
    """Its bytes, with room for the 16 bits at each of ``words``."""
    wire, ends = tap.frame.wire, [0, *(at + 2 for at in words)]
    return "%04x".join(wire[end:at].hex() for end, at in zip(ends, [*words, None], strict=True))


def changes(tap: Tap) -> list[str]:
    """The steps that did something."""
    return [str(step) for step in tap.hop.steps_of(tap) if not step.detail]


def details(tap: Tap) -> list[str]:
    """Every step, and every rule and table consulted."""
    return [line for _, line in detailed(tap.hop.steps_of(tap))]


def record(tap: Tap, steps: list[str]) -> Record:
    """One line's keys, in the order in which they are documented."""
    hop = tap.hop
    verdict = hop.verdict if tap is hop.taps[-1] else None
    drop = first_drop(verdict)
    return {
        "time_ns": tap.time,
        "packet": hop.packet,
        "node": hop.node,
        "interface": tap.interface,
        "dir": tap.direction,
        "wire": tap.frame.wire.hex(),
        "steps": steps,
        "verdict": type(verdict).__name__ if verdict else None,
        "reason": drop.reason.name if drop else None,
    }
