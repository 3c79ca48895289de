"""LOG writes the kernel's own line, word for word (net/netfilter/nf_log_syslog.c)."""

from __future__ import annotations

import pytest
from netfilter_host import Walker, icmp_packet, other_packet, tcp_packet, udp_packet

from pknet.link.skb import BridgeInfo
from pknet.netns.hook import Hook
from pknet.wire import icmp, ipv4
from pknet.wire.address import ip_int

MAC = "MAC=00:00:00:00:00:00:00:00:00:00:00:00:08:00 "
ENDS = "SRC=10.0.0.8 DST=10.0.0.9 "


def logged(data: bytes, options: str = "", mark: int = 0) -> str:
    """What LOG writes of a packet, without the devices and the MAC header."""
    walker = Walker(f"*filter\n-A INPUT -j LOG {options}\nCOMMIT\n")
    state = walker.state(data)
    state.skb.mark = mark
    assert walker.walk(state) is None
    (line,) = walker.host.log
    assert walker.steps() == [f"INPUT filter INPUT : LOG {line}"]
    return line


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (udp_packet(), "LEN=33 TOS=0x00 PREC=0x00 TTL=64 ID=7 PROTO=UDP SPT=40000 DPT=53 LEN=13 "),
        (tcp_packet(flags=0x12), "LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=7 "
         "PROTO=TCP SPT=40000 DPT=80 WINDOW=1024 RES=0x00 ACK SYN URGP=0 "),
        (icmp_packet(), "LEN=36 TOS=0x00 PREC=0x00 TTL=64 ID=7 PROTO=ICMP TYPE=8 CODE=0 "
         "ID=1 SEQ=2 "),
        (icmp_packet(12), "LEN=36 TOS=0x00 PREC=0x00 TTL=64 ID=7 PROTO=ICMP TYPE=12 CODE=0 "
         "INCOMPLETE [16 bytes] "),
        (other_packet(47, fragment=0x2004), "LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=7 MF FRAG:4 "
         "PROTO=47 "),
        (other_packet(17, fragment=0x4001), "LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=7 DF FRAG:1 "
         "PROTO=UDP "),
        (other_packet(50), "LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=7 PROTO=ESP SPI=0x61626364 "),
        (other_packet(51), "LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=7 PROTO=AH INCOMPLETE [8 bytes] "),
        (other_packet(6, b"abc"), "LEN=23 TOS=0x00 PREC=0x00 TTL=64 ID=7 "
         "PROTO=TCP INCOMPLETE [3 bytes] "),
    ],
)  # fmt: skip
def test_a_packet_is_told_in_the_kernels_words(data: bytes, words: str) -> None:
    assert logged(data) == f"IN=eth0 OUT= {MAC}{ENDS}{words}"


def test_an_error_tells_what_it_quotes_and_no_deeper() -> None:
    inner = icmp.build(3, 4, 1400, udp_packet())
    quoted = ipv4.build(ipv4.ICMP, ip_int("10.0.0.3"), ip_int("10.0.0.8"), inner, ident=1)
    message = icmp.build(3, 4, 1300, quoted)
    outer = ipv4.build(
        ipv4.ICMP, ip_int("10.0.0.8"), ip_int("10.0.0.9"), message, ident=7, tos=0xC0
    )
    assert logged(outer).removeprefix(f"IN=eth0 OUT= {MAC}{ENDS}") == (
        "LEN=89 TOS=0x00 PREC=0xC0 TTL=64 ID=7 PROTO=ICMP TYPE=3 CODE=4 "
        "[SRC=10.0.0.3 DST=10.0.0.8 LEN=61 TOS=0x00 PREC=0x00 TTL=64 ID=1 "
        "PROTO=ICMP TYPE=3 CODE=4 MTU=1400 ] MTU=1300 "
    )


def test_prefix_options_and_mark_are_told() -> None:
    syn = tcp_packet(options=b"\x02\x04\x05\xb4")
    options = '--log-prefix "in: " --log-tcp-sequence --log-tcp-options --log-macdecode'
    assert logged(syn, options, mark=0x4000) == (
        "in: IN=eth0 OUT= MACSRC=00:00:00:00:00:00 MACDST=00:00:00:00:00:00 MACPROTO=0800 "
        f"{ENDS}LEN=44 TOS=0x00 PREC=0x00 TTL=64 ID=7 PROTO=TCP SPT=40000 DPT=80 SEQ=1 ACK=0 "
        "WINDOW=1024 RES=0x00 SYN URGP=0 OPT (020405B4) MARK=0x4000 "
    )


def test_a_bridged_packet_names_its_ports() -> None:
    walker = Walker("*filter\n-A FORWARD -j LOG\nCOMMIT\n")
    state = walker.state(udp_packet(), Hook.FORWARD, indev="br0", outdev="br0")
    state.skb.bridge = BridgeInfo(state.indev, state.outdev)
    walker.walk(state)
    assert walker.host.log[0].startswith(f"IN=br0 OUT=br0 PHYSIN=br0 PHYSOUT=br0 {MAC}")


def test_a_packet_of_our_own_has_no_mac_yet() -> None:
    walker = Walker("*filter\n-A OUTPUT -j LOG\nCOMMIT\n")
    walker.walk(walker.state(udp_packet(), Hook.OUTPUT, indev="", outdev="eth0"))
    assert walker.host.log[0].startswith("IN= OUT=eth0 SRC=")
