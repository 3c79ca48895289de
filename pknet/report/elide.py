"""Of an item of many packets the first ones are told, and how many others there are.

Law: a packet is told whole, over all its hops, or not at all; and what is not told here stands
in the captures and in trace.jsonl, which leave nothing out.
"""

from __future__ import annotations

from collections.abc import Sequence

from pknet.trace import Tap

SHOWN = 8  # packets: with an answer, and what it took to resolve the neighbours on the way


def elided(taps: Sequence[Tap]) -> tuple[list[Tap], str]:
    """The taps of the first packets, and a line about the others: empty where there are none."""
    packets: dict[int, None] = {}
    for tap in taps:
        packets.setdefault(tap.hop.packet)
    shown = set(list(packets)[:SHOWN])
    told = [tap for tap in taps if tap.hop.packet in shown]
    if len(told) == len(taps):
        return told, ""
    lines, others = len(taps) - len(told), len(packets) - len(shown)
    return (
        told,
        f"… {lines} more lines, of {others} more packets: captures and trace.jsonl have all",
    )
