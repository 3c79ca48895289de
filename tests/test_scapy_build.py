"""What a user sends is what crosses the wire, and what crosses the wire is what a user sees."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, LLC, STP, Dot1Q, Dot3, Ether
from scapy.packet import Padding, Raw
from scapy.volatile import RandShort

from pknet.topology.expression_bytes import expression_bytes
from pknet.wire import scapy
from pknet.wire.address import ip_int, ip_text, mac_text
from pknet.wire.frame import Frame

MAC, ADDRESS = bytes.fromhex("02aabbccddee"), ip_int("10.0.0.7")
u8, u16, u32 = st.integers(0, 255), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
mac = st.binary(min_size=6, max_size=6).map(mac_text)
ip = u32.map(ip_text)
upper = st.one_of(
    st.builds(lambda s, d: UDP(sport=s, dport=d), u16, u16),
    st.builds(lambda s, d, f: TCP(sport=s, dport=d, flags=f), u16, u16, u8),
    st.builds(lambda t, i: ICMP(type=t, id=i), st.sampled_from([0, 8, 15]), u16),
)
packets = st.builds(
    lambda src, dst, ttl, ident, above, load: (
        IP(src=src, dst=dst, ttl=ttl, id=ident) / above / Raw(load)
    ),
    ip, ip, u8, u16, upper, st.binary(max_size=40),
)  # fmt: skip


@given(packets)
def test_a_packet_that_leaves_nothing_open_is_sent_as_it_is(packet):
    assert scapy.network_bytes(packet) == bytes(packet)


@given(mac, mac, packets)
def test_so_is_a_frame(src, dst, packet):
    frame = Ether(src=src, dst=dst) / packet
    assert scapy.frame_bytes(frame, MAC, ADDRESS) == bytes(frame)


@given(packets, st.integers(0, 2**62))
def test_a_dissected_frame_is_the_genuine_packet_of_its_bytes_and_time(packet, time_ns):
    wire = bytes(Ether(src=mac_text(MAC), dst=mac_text(MAC)) / packet)
    seen = scapy.dissect(wire, time_ns)
    assert bytes(seen) == wire == scapy.frame_bytes(seen)
    assert [type(one) for one in seen.layers()] == [type(one) for one in Ether(wire).layers()]
    assert Decimal(seen.time) * 10**9 == time_ns
    assert Frame(wire).packet.fields == Ether(wire).fields


def test_what_is_left_open_is_filled_in_from_the_interface():
    wire = scapy.frame_bytes(Ether() / IP(dst="10.0.0.9") / UDP(), MAC, ADDRESS)
    seen = Ether(wire)
    assert (seen.src, seen.dst) == (mac_text(MAC), "ff:ff:ff:ff:ff:ff")
    assert seen[IP].src == "10.0.0.7"
    expected = IP(src="10.0.0.7", dst="10.0.0.9") / UDP()
    assert wire[14:] == bytes(expected)  # so the checksum, too, is that of the address


def test_the_time_of_day_that_is_left_open_is_midnight():
    packet = Ether() / IP(dst="10.0.0.9") / ICMP(type=13, ts_rx=7)
    seen = Ether(scapy.frame_bytes(packet, MAC, ADDRESS))[ICMP]
    assert (seen.ts_ori, seen.ts_rx, seen.ts_tx) == (0, 7, 0)


@pytest.mark.parametrize("between", [(), (Dot1Q(vlan=5),), (Dot1Q(vlan=5), Dot1Q(vlan=6))])
def test_so_are_the_senders_of_arp_behind_any_tags(between):
    packet = Ether()
    for tag in between:
        packet = packet / tag
    seen = Ether(scapy.frame_bytes(packet / ARP(pdst="10.0.0.9"), MAC, ADDRESS))
    assert (seen[ARP].hwsrc, seen[ARP].psrc) == (mac_text(MAC), "10.0.0.7")


def test_what_a_user_gave_stays():
    frame = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / ARP(
        hwsrc="00:00:00:00:00:00", psrc="0.0.0.0", pdst="10.0.0.9"
    )
    assert scapy.frame_bytes(frame, MAC, ADDRESS) == bytes(frame)


def test_the_packet_of_a_user_is_not_touched():
    packet = Ether() / IP(dst="10.0.0.9") / UDP()
    before = [dict(packet[layer].fields) for layer in packet.layers()]
    scapy.frame_bytes(packet, MAC, ADDRESS)
    assert [packet[layer].fields for layer in packet.layers()] == before


def test_a_missing_source_of_a_routed_packet_waits_for_the_routing():
    assert scapy.network_bytes(IP(dst="10.0.0.9"))[12:16] == bytes(4)


def test_a_destination_that_a_protocol_implies_is_scapys():
    assert scapy.network_bytes(IP() / UDP(sport=520, dport=520))[16:20] == bytes([127, 0, 0, 1])
    rip = IP() / scapy.layer("UDP")(sport=520, dport=520) / scapy.layer("RIP")()
    assert scapy.network_bytes(rip)[16:20] == bytes(rip)[16:20]


@pytest.mark.parametrize("packet", [
    IP(dst="10.0.0.0/30"), IP(dst=["10.0.0.1", "10.0.0.2"]), IP(ttl=(1, 5)), IP(ttl=[1, 2]),
    IP() / UDP(dport=[53, 54]),
])  # fmt: skip
def test_what_stands_for_several_packets_is_refused(packet):
    with pytest.raises(scapy.WireError, match="several packets"):
        scapy.network_bytes(packet)


SET_OF_ONE = IP(dst="10.0.0.1/32")  # made here: Scapy's own look-up of it would be an error below


def test_a_set_of_one_is_one_packet():
    assert scapy.network_bytes(SET_OF_ONE) == scapy.network_bytes(IP(dst="10.0.0.1"))


def test_a_random_value_is_drawn_once():
    wire = scapy.network_bytes(IP(src="1.1.1.1", dst="2.2.2.2", id=RandShort()) / UDP())
    assert bytes(IP(wire)) == wire


@pytest.mark.parametrize("size", range(14))
def test_less_than_a_header_is_no_frame(size):
    with pytest.raises(scapy.WireError, match=f"{size} bytes are no frame"):
        scapy.dissect(bytes(size))


def test_an_ieee_802_3_frame_is_one():
    wire = scapy.frame_bytes(Dot3(src="02:00:00:00:00:01") / LLC() / STP())
    assert isinstance(scapy.dissect(wire), Dot3)


def test_padding_is_kept():
    wire = bytes(Ether(src=mac_text(MAC), dst=mac_text(MAC)) / IP(src="1.1.1.1") / UDP())
    seen = scapy.dissect(wire + bytes(18))
    assert (seen[Padding].load, bytes(seen)) == (bytes(18), wire + bytes(18))


def test_a_first_fragment_keeps_its_checksum():
    whole = bytes(IP(src="1.1.1.1", dst="2.2.2.2", flags="MF") / UDP(chksum=0x1234) / Raw("x" * 8))
    wire = bytes(Ether(src=mac_text(MAC), dst=mac_text(MAC), type=0x800)) + whole
    assert scapy.frame_bytes(scapy.dissect(wire)) == wire


def test_only_packets_that_begin_so_are_taken():
    with pytest.raises(scapy.WireError, match="begins with IP"):
        scapy.frame_bytes(IP())
    with pytest.raises(scapy.WireError, match="no IPv4 packet"):
        scapy.network_bytes(Ether() / IP())


@pytest.mark.parametrize("packet", [IP() / Raw(b"x" * 65_536), IP(ttl=300), IP(ttl="x")])
def test_what_scapy_cannot_build_is_told(packet):
    with pytest.raises(scapy.WireError):
        scapy.network_bytes(packet)


def test_bytes_that_scapy_would_leave_out_with_a_warning_are_told():
    for _ in range(5):  # Scapy itself falls silent after the third
        with pytest.raises(scapy.WireError, match=r"Option \[Foo\] unknown"):
            scapy.network_bytes(IP() / TCP(options=[("Foo", 1)]))


# BOOTP goes before DHCP, and so on; the rest stands by itself behind UDP.
BELOW = {"DHCP": "BOOTP()/", "SCTPChunkInit": "SCTP()/", "SCTPChunkData": "SCTP()/"}
ALONE = {"Ether", "Dot3", "IP", "IPv6", "ARP"}  # open fields of their own


@pytest.mark.parametrize("name", [name for name in scapy.LAYERS if name not in ALONE])
def test_every_layer_is_built_alike_at_any_time_of_day(name, monkeypatch):
    text = f'IP(src="1.1.1.1", dst="2.2.2.2")/UDP()/{BELOW.get(name, "")}{name}()'
    first = expression_bytes(text)
    monkeypatch.setattr("time.time", lambda: 1e9)
    assert expression_bytes(text) == first
