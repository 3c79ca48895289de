"""A frame in a few words: what it says, and that nothing on a wire makes it fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from pknet.wire.frame import Frame
from pknet.wire.summary import summary

ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
WAY = IP(src="10.1.1.1", dst="10.1.2.1", ttl=63)
BACK = IP(src="10.1.2.254", dst="10.1.1.1")


def test_a_length_where_others_have_a_type_is_told_as_one():
    wire = bytes(ETHER)[:12] + (38).to_bytes(2, "big") + bytes(38)
    assert "IEEE 802.3, 38 B" in str(summary(Frame(wire)))


@pytest.mark.parametrize(
    ("packet", "said"),
    [
        (WAY / UDP(sport=9, dport=9, len=3), "10.1.1.1:9 > 10.1.2.1:9  UDP length 3  ttl 63"),
        (WAY / TCP(sport=40000, dport=80, flags="SA"),
         "10.1.1.1:40000 > 10.1.2.1:80  SYN-ACK  ttl 63"),
        (WAY / TCP(sport=40000, dport=80, flags="PA", options=[("MSS", 1460)]) / b"ping",
         "10.1.1.1:40000 > 10.1.2.1:80  PSH-ACK 4 B  ttl 63"),
        (WAY / UDP(sport=53, dport=5353) / b"hello",
         "10.1.1.1:53 > 10.1.2.1:5353  UDP 5 B  ttl 63"),
        (WAY / ICMP(), "10.1.1.1 > 10.1.2.1  echo-request  ttl 63"),
        (WAY / ICMP(type=13), "10.1.1.1 > 10.1.2.1  timestamp-request  ttl 63"),
        (WAY / ICMP(type=99, code=7), "10.1.1.1 > 10.1.2.1  icmp 99/7  ttl 63"),
        (BACK / ICMP(type=3, code=1) / WAY / UDP(sport=1, dport=2),
         "10.1.2.254 > 10.1.1.1  host-unreachable  ttl 64  about 10.1.1.1:1 > 10.1.2.1:2"),
        (IP(src="10.1.1.1", dst="10.1.2.1", proto=89) / b"abc",
         "10.1.1.1 > 10.1.2.1  protocol 89 3 B  ttl 64"),
        (IP(src="10.1.1.1", dst="10.1.2.1", frag=185, flags="MF", proto=17) / (b"x" * 16),
         "10.1.1.1 > 10.1.2.1  fragment 1480-1496+  ttl 64"),
        (IP(src="10.1.1.1", dst="10.1.2.1", flags="MF") / UDP(sport=1, dport=2, len=3000) / b"1234",
         "10.1.1.1:1 > 10.1.2.1:2  UDP 2992 B (fragment 0-12+)  ttl 64"),
        (ARP(psrc="10.1.1.1", pdst="10.1.1.254", hwsrc="02:00:00:00:00:01"),
         "ARP  who has 10.1.1.254? tell 10.1.1.1"),
        (ARP(op=2, psrc="10.1.1.1", pdst="10.1.1.254", hwsrc="02:00:00:00:00:01"),
         "ARP  10.1.1.1 is at 02:00:00:00:00:01"),
    ],
)  # fmt: skip
def test_it_says_who_talks_to_whom_and_what(packet, said):
    assert str(summary(Frame(bytes(ETHER / packet)))) == said


def test_another_protocol_is_told_by_its_number_and_stations():
    frame = Frame(bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", type=0x88CC)
                        / Raw(b"abc")))  # fmt: skip
    assert str(summary(frame)) == ("02:00:00:00:00:01 > 02:00:00:00:00:02  EtherType 0x88cc, 3 B")


@given(st.sampled_from([b"\x08\x00", b"\x08\x06", b"\x88\xcc"]), st.binary(max_size=80))
def test_any_bytes_are_told_somehow(kind, rest):
    assert str(summary(Frame(bytes(12) + kind + rest)))


@given(
    st.sampled_from([WAY / TCP() / b"x", WAY / UDP() / b"x", BACK / ICMP(type=3) / WAY / UDP()]),
    st.integers(0, 60),
    st.binary(min_size=1, max_size=4),
)
def test_a_packet_that_was_cut_or_garbled_is_told_somehow(packet, place, garbage):
    wire = bytes(ETHER / packet)
    at = 14 + place
    assert str(summary(Frame(wire[:at])))
    assert str(summary(Frame(wire[:at] + garbage + wire[at + len(garbage) :])))
