"""A run as files: a pcap for each interface, one pcapng for all, and the trace as JSON lines.

Law: every file is a view of the one Trace; together they appear whole, or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pknet.capture.output import OutputFolder
from pknet.capture.pcap import LINKTYPE_ETHERNET, LINKTYPE_RAW, PcapWriter
from pknet.capture.pcapng import InterfaceDescription, PcapngWriter
from pknet.report.comments import comments
from pknet.report.interfaces import Captured, captured, names
from pknet.report.jsonl import lines
from pknet.trace import Tap

if TYPE_CHECKING:
    from pknet.lab.lab import Lab


def write(lab: Lab, folder: Path) -> None:
    """Write ``lab``'s run into ``folder``, made if need be. Raises OutputError."""
    interfaces = captured(lab.nodes, lab.trace.taps)
    seen = [tap for tap in lab.trace.taps if tap.direction is not None]
    own: dict[tuple[str, str], list[Tap]] = {}
    for tap in seen:
        own.setdefault((tap.hop.node, tap.interface), []).append(tap)
    with OutputFolder(folder) as output:
        for interface in interfaces:
            _write_pcap(output, interface, own.get((interface.node, interface.interface), []))
        with output.open(f"{lab.spec.name}.pcapng") as file:
            described = [
                InterfaceDescription(i.name, i.description, _linktype(i)) for i in interfaces
            ]
            writer = PcapngWriter(file, described, names(lab.nodes), f"pknet run {lab.spec.name}")
            _write_all(writer, interfaces, seen)
        with output.open("trace.jsonl") as file:
            for line in lines(lab.trace):
                file.write(f"{line}\n".encode())


def _linktype(interface: Captured) -> int:
    return LINKTYPE_ETHERNET if interface.link_layer else LINKTYPE_RAW


def _write_pcap(output: OutputFolder, interface: Captured, taps: list[Tap]) -> None:
    with output.open(f"{interface.node}-{interface.interface}.pcap") as file:
        writer = PcapWriter(file, _linktype(interface))
        for tap in taps:
            writer.write(tap.time, tap.frame.wire)


def _write_all(writer: PcapngWriter, interfaces: list[Captured], taps: list[Tap]) -> None:
    index = {(i.node, i.interface): number for number, i in enumerate(interfaces)}
    for tap in taps:
        number = index.get((tap.hop.node, tap.interface))
        if number is not None:
            writer.write(number, tap.time, tap.frame.wire, tap.direction, tap.hop.packet,
                         comments(tap))  # fmt: skip
