"""IP options as text and as bytes; what becomes of them on the way is judged in test_found."""

from __future__ import annotations

import pytest
from scapy.layers.inet import IP, IPOption_LSRR, IPOption_RR

from pknet.lab.lab import Lab
from pknet.topology.expression import ExpressionError, parse_expression
from pknet.topology.expression_bytes import expression_bytes
from pknet.wire import scapy
from pknet.wire.ip_options import LOOSE_ROUTE, RECORD_ROUTE, for_later_fragments, kinds

OPTIONS = [name for name in scapy.LAYERS if name.startswith("IPOption")]


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_of_scapy_s_may_stand_in_an_expression(name: str) -> None:
    wire, _ = expression_bytes(f'IP(dst="10.0.0.2", options=[{name}()])/ICMP()')
    assert len(wire) == 4 * (wire[0] & 15) + 8


def test_an_expression_s_options_are_scapy_s() -> None:
    ours = parse_expression('IP(options=[IPOption_RR(routers=["10.0.0.1"], pointer=8)])')
    theirs = IP(options=[IPOption_RR(routers=["10.0.0.1"], pointer=8)])
    assert bytes(ours)[20:] == bytes(theirs)[20:]


@pytest.mark.parametrize("option", ["IPOption(copy_flag=1, option=6)", "b'\\x86\\x06\\0\\0\\0\\1'"])
@pytest.mark.parametrize("around", ["", "IP(src='10.0.0.1', dst='10.0.0.2')/"])
def test_a_security_label_is_refused(option: str, around: str) -> None:
    packet = f"{around}IP(src='10.0.0.1', dst='10.0.0.2', options=[{option}])"
    with pytest.raises(scapy.WireError, match="option 134 .* is not modelled"):
        scapy.network_bytes(parse_expression(packet))


def test_kinds_ends_where_an_option_has_no_length() -> None:
    data = bytes(IP(options=[IPOption_RR(), IPOption_LSRR()]))[20:]
    assert kinds(data) == {RECORD_ROUTE, LOOSE_ROUTE}
    assert kinds(b"\x07\x00\x83\x03\x04") == {RECORD_ROUTE}
    assert kinds(b"\x07") == {RECORD_ROUTE}


def test_what_makes_no_sense_is_left_in_later_fragments() -> None:
    assert for_later_fragments(b"\x01\x07\x03\x04") == b"\x01\x01\x01\x01"
    assert for_later_fragments(b"\x07\x01\x07\x03") == b"\x07\x01\x07\x03"
    assert for_later_fragments(b"\x00\x07\x03\x04") == b"\x00\x07\x03\x04"


def test_the_trace_says_which_byte_makes_no_sense() -> None:
    lab = Lab.load("tests/data/drops/IP_INHDR.option.yaml")
    lab.run()
    assert "byte 20 of the header makes no sense; error 12/0 goes to 10.0.0.1" in [
        getattr(hop.verdict, "text", "") for hop in lab.trace.hops
    ]


def test_options_have_forty_bytes_unless_the_header_lies() -> None:
    long = f"IPOption_RR(routers={['0.0.0.0'] * 9})"
    fits = f"IP(dst='10.0.0.2', options=[{long}])/ICMP()"
    assert len(expression_bytes(fits)[0]) == 60 + 8
    more = f"IP(dst='10.0.0.2', options=[{long}, IPOption_NOP(), IPOption_NOP()])/ICMP()"
    with pytest.raises(ExpressionError, match="IP options of 41 bytes; allowed: up to 40"):
        expression_bytes(more)
    assert expression_bytes(more.replace("IP(", "IP(ihl=5, ", 1))
