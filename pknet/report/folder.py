"""A run as files: a pcap for each interface, one pcapng for all, and the trace as JSON lines.

Law: every file is a view of the one Trace; together they appear whole, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pknet.capture.output import OutputFolder
from pknet.capture.pcapng import InterfaceDescription, PcapngWriter
from pknet.fastpath.cycle import RepeatedTaps
from pknet.report.comments import comments
from pknet.report.interfaces import Captured, captured, names
from pknet.report.jsonl import lines
from pknet.report.pcaps import linktype, write_pcaps
from pknet.report.repeats import records
from pknet.trace import Tap
from pknet.trace.record import Record

if TYPE_CHECKING:
    from pknet.lab.lab import Lab


def write(lab: Lab, folder: Path) -> None:
    """Write ``lab``'s run into ``folder``, made if need be. Raises OutputError."""
    taps = lab.trace.taps
    interfaces = captured(lab.nodes, taps.models())
    with OutputFolder(folder) as output:
        write_pcaps(output, interfaces, taps)
        with output.open(f"{lab.spec.name}.pcapng") as file:
            described = [
                InterfaceDescription(i.name, i.description, linktype(i)) for i in interfaces
            ]
            writer = PcapngWriter(file, described, names(lab.nodes), f"pknet run {lab.spec.name}")
            _write_all(writer, interfaces, taps)
        with output.open("trace.jsonl") as file:
            for line in lines(lab.trace):
                file.write(f"{line}\n".encode())


def _write_all(writer: PcapngWriter, interfaces: list[Captured], taps: Record[Tap]) -> None:
    index = {(i.node, i.interface): number for number, i in enumerate(interfaces)}
    unseen: dict[int, list[str]] = {}  # by packet: what was done before any interface saw it
    for part in taps.parts:
        if isinstance(part, RepeatedTaps):
            _write_repeated(writer, index, part)
            continue
        for tap in part:
            number, packet = index.get((tap.hop.node, tap.interface)), tap.hop.packet
            if tap.direction is None:
                unseen[packet] = comments(tap)
            elif number is not None:
                said = [*unseen.pop(packet, ()), *comments(tap)]
                writer.write(number, tap.time, tap.frame.wire, tap.direction, packet, said)


def _write_repeated(
    writer: PcapngWriter, index: Mapping[tuple[str, str], int], part: RepeatedTaps
) -> None:
    captured = [
        (entry, number, comments(tap))
        for entry, tap in enumerate(part.make(0))
        if tap.direction is not None
        and (number := index.get((tap.hop.node, tap.interface))) is not None
    ]
    for blocks in records(part, lambda span: [span.pcapng_row(*each) for each in captured]):
        writer.write_all(blocks)
