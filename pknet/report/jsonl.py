"""The trace for machines: one JSON object a line, one line a captured frame.

Law: the lines of a (node, interface) are the frames of its capture, in their order. The verdict
stands on the last line of a visit, and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from pknet.trace import Tap, Trace
from pknet.trace.words import first_drop

Record = dict[str, int | str | list[str] | None]


def lines(trace: Trace) -> Iterator[str]:
    """Each captured frame as a line of JSON, without its newline."""
    for tap in trace.taps:
        yield json.dumps(record(tap))


def record(tap: Tap) -> Record:
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
        "steps": [str(step) for step in hop.steps_of(tap) if not step.detail],
        "verdict": type(verdict).__name__ if verdict else None,
        "reason": drop.reason.name if drop else None,
    }
