"""The trace for machines: one JSON object a line, one line a captured frame.

Law: the lines of a (node, interface) are the frames of its capture, in their order. The verdict
stands on the last line of a visit, and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from pknet.trace import Tap, Trace, detailed
from pknet.trace.words import first_drop

Record = dict[str, int | str | list[str] | None]


def lines(trace: Trace, steps: Callable[[Tap], list[str]] | None = None) -> Iterator[str]:
    """Each captured frame as a line of JSON, without its newline.

    ``steps`` chooses what is told of a frame: ``changes``, unless said, or ``details``.
    """
    for tap in trace.taps:
        yield json.dumps(record(tap, (steps or changes)(tap)))


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
