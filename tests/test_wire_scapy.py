"""Every header that pknet writes is the one that Scapy would write."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st
from scapy.layers import inet, l2
from scapy.packet import Raw

from pknet.wire import arp, icmp, ipv4, tcp, udp
from pknet.wire.address import ip_text, mac_text
from pknet.wire.arp import Arp
from pknet.wire.checksum import checksum, updated, updated32
from pknet.wire.ethernet import Ethernet
from pknet.wire.ipv4 import Ipv4

u8, u16, u32 = st.integers(0, 255), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
mac = st.binary(min_size=6, max_size=6)
data = st.binary(max_size=60)


@given(mac, mac, u16)
def test_ethernet(dst, src, kind):
    assume(kind > 1500)
    theirs = bytes(l2.Ether(dst=mac_text(dst), src=mac_text(src), type=kind))
    assert Ethernet(dst, src, kind).emit() == theirs
    assert Ethernet.parse(theirs) == (dst, src, kind)


@given(st.sampled_from([arp.REQUEST, arp.REPLY]), mac, u32, mac, u32)
def test_arp(operation, sha, spa, tha, tpa):
    theirs = bytes(l2.ARP(op=operation, hwsrc=mac_text(sha), psrc=ip_text(spa),
                          hwdst=mac_text(tha), pdst=ip_text(tpa)))  # fmt: skip
    mine = Arp(operation, sha, spa, tha, tpa)
    assert mine.emit() == theirs
    assert Arp.parse(theirs) == mine


@given(u8, u32, u32, data, u16, u8, u8)
def test_ipv4(protocol, src, dst, payload, ident, ttl, tos):
    theirs = bytes(inet.IP(src=ip_text(src), dst=ip_text(dst), proto=protocol, id=ident, ttl=ttl,
                           tos=tos) / Raw(payload))  # fmt: skip
    assert ipv4.build(protocol, src, dst, payload, ident=ident, ttl=ttl, tos=tos) == theirs
    assert Ipv4.parse(theirs).emit() == theirs[:20]


@given(u32, u32, u16, u16, data)
def test_udp(src, dst, sport, dport, payload):
    whole = inet.IP(src=ip_text(src), dst=ip_text(dst)) / inet.UDP(sport=sport, dport=dport)
    assert udp.build(src, dst, sport, dport, payload) == bytes(whole / Raw(payload))[20:]


@given(u32, u32, u16, u16, u32, u32, st.integers(0, 255), u16, data)
def test_tcp(src, dst, sport, dport, seq, ack, flags, window, payload):
    whole = inet.IP(src=ip_text(src), dst=ip_text(dst)) / inet.TCP(
        sport=sport, dport=dport, seq=seq, ack=ack, flags=flags, window=window
    )
    mine = tcp.build(src, dst, sport, dport, seq, ack, flags, window, b"", payload)
    assert mine == bytes(whole / Raw(payload))[20:]


@given(u8, u8, u32, data)
def test_icmp(kind, code, rest, payload):
    assume(any((kind, code, rest, *payload)))  # all zeros: Linux writes the other zero
    mine = icmp.build(kind, code, rest, payload)
    assert checksum(mine) in (0, 0xFFFF)
    if kind in (icmp.ECHO_REQUEST, icmp.ECHO_REPLY):
        theirs = bytes(inet.ICMP(type=kind, code=code, id=rest >> 16, seq=rest & 0xFFFF)
                       / Raw(payload))  # fmt: skip
        assert mine == theirs


def test_an_echo_reply_of_zeros_has_linuxs_checksum():
    assert icmp.build(0, 0, 0, b"") == bytes(8)


@given(st.binary(min_size=4, max_size=60), st.integers(0, 14), u16)
def test_a_patched_checksum_is_the_one_summed_anew(payload, word, new):
    words = bytearray(payload + b"\0" * (len(payload) % 2))
    at = word * 2 % len(words)
    before, old = checksum(bytes(words)), int.from_bytes(words[at : at + 2], "big")
    words[at : at + 2] = new.to_bytes(2, "big")
    assert updated(before, old, new) % 0xFFFF == checksum(bytes(words)) % 0xFFFF


@given(u32, u32, u16)
def test_a_patched_address_is_two_patched_words(old, new, total):
    halves = updated(updated(total, old >> 16, new >> 16), old & 0xFFFF, new & 0xFFFF)
    assert updated32(total, old, new) == halves
