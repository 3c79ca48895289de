"""A pcap for each interface.

Law: what is repeated in the trace is never made for it: its records are written many at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pknet.capture.output import OutputFolder
from pknet.capture.pcap import LINKTYPE_ETHERNET, LINKTYPE_RAW, PcapWriter
from pknet.fastpath.cycle import RepeatedTaps
from pknet.report.interfaces import Captured
from pknet.report.repeats import records
from pknet.trace import Tap
from pknet.trace.record import Record


class _Run(NamedTuple):
    """What one interface sees in ``taps``: the numbers of its model's entries."""

    taps: RepeatedTaps
    entries: list[int]


Seen = Tap | _Run


def write_pcaps(output: OutputFolder, interfaces: Sequence[Captured], taps: Record[Tap]) -> None:
    """``node-a-eth0.pcap`` and so on, those of interfaces that saw nothing too."""
    seen = _by_interface(taps)
    for interface in interfaces:
        with output.open(f"{interface.node}-{interface.interface}.pcap") as file:
            writer = PcapWriter(file, linktype(interface))
            for each in seen.get((interface.node, interface.interface), ()):
                _write(writer, each)


def linktype(interface: Captured) -> int:
    """What its packets begin with."""
    return LINKTYPE_ETHERNET if interface.link_layer else LINKTYPE_RAW


def _by_interface(taps: Record[Tap]) -> dict[tuple[str, str], list[Seen]]:
    """What each saw, in order; what no interface saw is nobody's."""
    seen: dict[tuple[str, str], list[Seen]] = {}
    for part in taps.parts:
        for place, each in _runs(part) if isinstance(part, RepeatedTaps) else _taps(part):
            seen.setdefault(place, []).append(each)
    return seen


def _taps(part: Iterable[Tap]) -> Iterator[tuple[tuple[str, str], Seen]]:
    return (((tap.hop.node, tap.interface), tap) for tap in part if tap.direction is not None)


def _runs(part: RepeatedTaps) -> Iterator[tuple[tuple[str, str], Seen]]:
    entries: dict[tuple[str, str], list[int]] = {}
    for number, (place, _) in enumerate(_taps(part.cycle.window.taps)):
        entries.setdefault(place, []).append(number)
    return ((place, _Run(part, numbers)) for place, numbers in entries.items())


def _write(writer: PcapWriter, seen: Seen) -> None:
    if isinstance(seen, Tap):
        writer.write(seen.time, seen.frame.wire)
        return
    for part in records(seen.taps, lambda span: list(map(span.pcap_row, seen.entries))):
        writer.write_all(part)
