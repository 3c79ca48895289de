"""Real Scapy packets traverse: what that means, held on every shipped topology."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from pknet.lab.lab import Lab
from pknet.lab.seen import Seen
from pknet.trace import Tap
from pknet.wire.ethernet import HEADER_LENGTH
from pknet.wire.scapy.fill import layers

TOPOLOGIES = sorted((Path(__file__).parent.parent / "topologies").glob("*.yaml"))
VXLAN_PORTS = (4789, 8472)
EVERY = pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)


def of_wire(tap: Tap) -> Packet:
    return (Ether if tap.frame.header else IP)(tap.frame.wire)


def tos_of(packet: Packet) -> list[int]:
    """Of every IP header, those in tunnels too."""
    found = [one.tos for one in layers(packet) if isinstance(one, IP)]
    if UDP in packet and packet[UDP].dport in VXLAN_PORTS:
        found += tos_of(Ether(bytes(packet[UDP].payload)[8:]))
    return found


def seen(lab: Lab) -> dict[str, list[tuple[str, bytes]]]:
    """What crossed each interface, as captures have it."""
    places: dict[str, list[tuple[str, bytes]]] = {}
    for tap in lab.trace.taps:
        if tap.direction is not None:
            place = f"{tap.hop.node}:{tap.interface}"
            places.setdefault(place, []).append((tap.direction, tap.frame.wire))
    return places


@EVERY
def test_every_recorded_hop_has_a_genuine_packet_of_its_bytes_and_time(path):
    lab = Lab.load(path)
    lab.run()
    assert lab.trace.taps
    dissected: set[bytes] = set()
    for tap in lab.trace.taps:
        one = Seen(tap)
        assert Decimal(one.packet.time) * 10**9 == tap.time
        if tap.frame.wire in dissected:
            continue
        dissected.add(tap.frame.wire)
        genuine = of_wire(tap)
        assert isinstance(one.packet, Packet)
        assert bytes(one.packet) == bytes(tap.frame.packet) == tap.frame.wire
        assert one.packet.command() == genuine.command()


@EVERY
def test_a_hook_sees_at_every_interface_what_is_recorded_there(path):
    """Nothing is guessed afterwards: the bytes were there when the hook looked."""
    lab = Lab.load(path)
    shown: dict[str, list[tuple[bytes, int]]] = {}

    def watch(place: str) -> None:
        def note(packet: Packet) -> None:
            shown.setdefault(place, []).append((bytes(packet), int(packet.time * 10**9)))

        lab.on(place, note)

    for node in lab.nodes.values():
        for name in node.interfaces:
            watch(f"{node.name}:{name}")
    lab.run()
    recorded = seen(lab)
    for place, packets in shown.items():
        node, _, name = place.partition(":")
        assert [wire for wire, _ in packets] == [wire for _, wire in recorded[place]], place
        times = [t.time for t in lab.trace.taps
                 if (t.hop.node, t.interface) == (node, name) and t.direction]  # fmt: skip
        assert all(0 <= at <= tapped for (_, at), tapped in zip(packets, times, strict=True))
    assert shown.keys() == recorded.keys()


@EVERY
def test_what_a_hook_changes_is_what_goes_on_from_there(path):
    """Type of service, which no rule here reads: all later hops of the packet have it."""
    lab = Lab.load(path)
    source = next(item.source for item in lab.spec.traffic if item.source)
    first = lab.nodes[source.partition(":")[0]]
    place = next(f"{first.name}:{i.name}" for i in first.interfaces.values() if i.medium)

    def mark(packet: Packet) -> Packet | None:
        if IP not in packet or packet[IP].tos:
            return None
        packet[IP].tos = 0x10
        del packet[IP].chksum
        return packet

    lab.on(place, mark)
    lab.run()
    changed = {
        tap.hop.packet for tap in lab.trace.taps
        if tap.direction == "out" and f"{tap.hop.node}:{tap.interface}" == place
        and tap.frame.wire[12:14] == b"\x08\x00" and tap.frame.wire[HEADER_LENGTH + 1] == 0x10
    }  # fmt: skip
    assert changed
    for tap in lab.trace.taps:
        if (
            tap.direction
            and tap.hop.packet in changed
            and not tap.frame.header.endswith(b"\x08\x06")
        ):
            packet = of_wire(tap)
            assert 0x10 in tos_of(packet)
            assert bytes(packet) == tap.frame.wire


@EVERY
def test_looking_changes_nothing(path):
    plain, looked = Lab.load(path), Lab.load(path)
    for node in looked.nodes.values():
        for name in node.interfaces:
            looked.on(f"{node.name}:{name}", lambda packet: None)
    plain.run()
    looked.run()
    assert seen(plain) == seen(looked)
