"""A packet that was rewritten is the packet that Scapy builds with the new fields."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers import inet, sctp
from scapy.packet import Raw

from pknet.wire import ipv4
from pknet.wire.address import ip_int, ip_text
from pknet.wire.checksum import checksum
from pknet.wire.rewrite import decrement_ttl, rewrite

u8, u16, u32 = st.integers(0, 255), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
maybe_u16, maybe_u32 = st.none() | u16, st.none() | u32
data = st.binary(max_size=40)
ipv4_options = st.sampled_from([[], [inet.IPOption_NOP()] * 4, [inet.IPOption_RR(pointer=4)]])


def udp(sport, dport, payload):
    return inet.UDP(sport=sport, dport=dport) / Raw(payload)


def tcp(sport, dport, payload):
    return inet.TCP(sport=sport, dport=dport, flags="A") / Raw(payload)


def sctp_data(sport, dport, payload):
    return sctp.SCTP(sport=sport, dport=dport) / sctp.SCTPChunkData(data=payload)


def built(transport, src, dst, sport, dport, payload, options=()):
    header = inet.IP(src=ip_text(src), dst=ip_text(dst), options=list(options))
    return bytes(header / transport(sport, dport, payload))


def chosen(new, old):
    return old if new is None else new


@given(
    st.sampled_from([udp, tcp, sctp_data]), ipv4_options, data,
    st.tuples(u32, u32, u16, u16), st.tuples(maybe_u32, maybe_u32, maybe_u16, maybe_u16),
)  # fmt: skip
def test_new_addresses_and_ports_are_those_of_a_packet_built_anew(
    transport, options, payload, old, new
):
    before = built(transport, *old, payload, options)
    after = built(transport, *map(chosen, new, old), payload, options)
    src, dst, sport, dport = new
    assert rewrite(before, src=src, dst=dst, sport=sport, dport=dport) == after


@given(u32, u32, u16, u16, st.integers(1, 0xFFFF))
def test_what_was_wrong_stays_as_wrong_as_it_was(src, dst, sport, dport, wrong):
    before = bytearray(built(tcp, 1, 2, 3, 4, b"abc"))
    total = int.from_bytes(before[36:38], "big")
    before[36:38] = ((total + wrong) % 0xFFFF).to_bytes(2, "big")
    mine = rewrite(bytes(before), src=src, dst=dst, sport=sport, dport=dport)
    right = built(tcp, src, dst, sport, dport, b"abc")
    off = int.from_bytes(mine[36:38], "big") - int.from_bytes(right[36:38], "big")
    assert off % 0xFFFF == wrong % 0xFFFF


@given(maybe_u32, maybe_u16, data)
def test_a_udp_packet_without_checksum_stays_without(dst, dport, payload):
    header = inet.IP(src="10.0.0.1", dst="10.0.0.2")
    before = bytes(header / inet.UDP(sport=1, dport=2, chksum=0) / Raw(payload))
    assert rewrite(before, dst=dst, dport=dport)[26:28] == b"\0\0"


def test_a_udp_checksum_that_comes_out_zero_is_sent_as_ones():
    before = built(udp, ip_int("10.0.0.1"), ip_int("10.0.0.2"), 1, 2, b"")
    total = int.from_bytes(before[26:28], "big")
    zero = (total + 2) % 0xFFFF  # this port takes all that is left of the sum
    after = rewrite(before, dport=zero)
    assert after[26:28] == b"\xff\xff"
    assert after == built(udp, ip_int("10.0.0.1"), ip_int("10.0.0.2"), 1, zero, b"")


def test_a_tcp_checksum_that_comes_out_zero_is_sent_so():
    before = built(tcp, 1, 2, 3, 4, b"")
    zero = (int.from_bytes(before[36:38], "big") + 4) % 0xFFFF
    assert rewrite(before, dport=zero)[36:38] == b"\0\0"


@pytest.mark.parametrize("kind", [0, 8, 13, 14, 15, 16, 17, 18])
@given(u16, u16, maybe_u32)
def test_a_message_with_an_id_gets_another_and_its_checksum(kind, old, new, dst):
    header = inet.IP(src="10.0.0.1", dst=ip_text(chosen(dst, 2)), id=7)
    tail = Raw(b"abcd")
    before = bytes(inet.IP(src="10.0.0.1", dst="0.0.0.2", id=7)
                   / inet.ICMP(type=kind, id=old, seq=9) / tail)  # fmt: skip
    after = bytes(header / inet.ICMP(type=kind, id=new, seq=9) / tail)
    assert rewrite(before, dst=dst, sport=new) == after
    assert rewrite(before, dst=dst, dport=new) == after


@pytest.mark.parametrize("kind", [3, 5, 9, 10, 11, 12])
def test_a_message_without_an_id_keeps_its_bytes(kind):
    before = bytes(inet.IP(src="10.0.0.1", dst="10.0.0.2") / inet.ICMP(type=kind) / Raw(b"abcd"))
    assert rewrite(before, dst=5, sport=7)[20:] == before[20:]


@given(st.sampled_from([ipv4.TCP, ipv4.UDP, ipv4.SCTP, ipv4.ICMP]), data)
def test_a_later_fragment_gets_new_addresses_only(protocol, payload):
    before = ipv4.build(protocol, 1, 2, payload, fragment=5)
    after = rewrite(before, src=9, dst=8, sport=7, dport=6)
    assert after == ipv4.build(protocol, 9, 8, payload, fragment=5)


def test_a_first_fragment_keeps_a_checksum_over_bytes_that_are_not_there():
    whole = built(udp, 1, 2, 3, 4, b"x" * 64)
    new = built(udp, 9, 8, 7, 6, b"x" * 64)
    first = ipv4.build(ipv4.UDP, 1, 2, whole[20:44], fragment=ipv4.MF)
    after = rewrite(first, src=9, dst=8, sport=7, dport=6)
    assert after == ipv4.build(ipv4.UDP, 9, 8, new[20:44], fragment=ipv4.MF)


# Linux: tcp_manip_pkt, udp_manip_pkt, sctp_manip_pkt, icmp_manip_pkt; a quoted packet is cut.
HEADERS = {udp: 8, tcp: 20, sctp_data: 12}


@pytest.mark.parametrize("transport", HEADERS)
@pytest.mark.parametrize("there", range(24))
def test_of_a_header_that_is_cut_only_what_is_there_changes(transport, there):
    before = built(transport, 1, 2, 3, 4, b"")
    after = rewrite(before[: 20 + there], dst=8, dport=6)
    assert len(after) == min(20 + there, len(before))
    assert checksum(after[:20]) == 0
    assert after[16:20] == bytes([0, 0, 0, 8])
    changed = struct.pack("!HH", 3, 6) if there >= 8 else before[20:24]
    assert after[20:24] == changed[: min(there, 4)]
    if there < HEADERS[transport]:
        assert after[24:] == before[24 : 20 + there]


def test_a_protocol_without_ports_gets_new_addresses_only():
    before = ipv4.build(47, 1, 2, b"abcdefghijkl")
    assert rewrite(before, src=9, sport=7) == ipv4.build(47, 9, 2, b"abcdefghijkl")


def test_nothing_new_changes_nothing():
    before = built(tcp, 1, 2, 3, 4, b"abc")
    assert rewrite(before, src=1, dst=2, sport=3, dport=4) == before
    assert rewrite(before) == before


@given(st.integers(1, 255), u32, u32, data)
def test_one_hop_less_to_live(ttl, src, dst, payload):
    before = ipv4.build(17, src, dst, payload, ttl=ttl)
    assert decrement_ttl(before) == ipv4.build(17, src, dst, payload, ttl=ttl - 1)


def test_every_checksum_is_counted_down_as_linux_counts_it():
    template = bytearray(ipv4.build(17, 1, 2, b"", ttl=9))
    for total in range(0x10000):
        template[10:12] = total.to_bytes(2, "big")
        linux = total + 0x100  # ip_decrease_ttl: check + htons(0x100), and the carry
        linux += linux >= 0xFFFF
        assert decrement_ttl(bytes(template))[10:12] == (linux & 0xFFFF).to_bytes(2, "big")
