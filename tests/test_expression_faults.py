"""Every fault of an expression is one clear error at its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pknet.topology.expression import MAX_LAYERS, MAX_TEXT, ExpressionError, parse_expression
from pknet.topology.expression_bytes import expression_bytes
from pknet.wire import scapy

# The expression; where the fault is marked with a caret in the line below; and what is said.
FAULTS = [
    ("""__import__("os")
        ^""", "no layer '__import__'"),
    ("""IP.x()
        ^""", "expected a layer"),
    ("""(lambda: 1)()
        ^""", "expected a layer"),
    ("""IP()/IP
             ^""", "expected a layer"),
    ("""IP()/5
             ^""", "expected a layer"),
    ('''"abc"/IP()
        ^''', "expected a layer"),
    ("""IP() if 1 else IP()
        ^""", "expected a layer"),
    ("""IP()*2
        ^""", "expected a layer"),
    ("""IP(dst=f"{1}")
               ^""", "expected a literal"),
    ("""IP(ttl=[x for x in (1, 2)])
               ^""", "expected a literal"),
    ("""IP(ttl=open)
               ^""", "expected a literal"),
    ("""IP(ttl=None)
               ^""", "expected a literal"),
    ("""IP(ttl={1: 2})
               ^""", "expected a literal"),
    ("""IP(ttl=1j)
               ^""", "expected a literal"),
    ("""IP(ttl=open("x"))
               ^""", "no layer 'open'"),
    ("""IP(ttl="x".join)
               ^""", "expected a literal"),
    ("""IP(**{"ttl": 1})
             ^""", "IP takes its fields by name: IP(field=value)"),
    ("""IP(*[1])
           ^""", "IP takes its fields by name"),
    ("""IP("10.0.0.1")
           ^""", "IP takes its fields by name"),
    ("""Raw("x", "y")
                 ^""", "Raw is given 'load' twice"),
    ("""IP(ttl=1, ttl=2)
                      ^""", "IP is given 'ttl' twice"),
    ("""IPP()
        ^""", "no layer 'IPP' (did you mean 'IP'?); allowed: Ether, Dot3, "),
    ("""IP()/UPD()
             ^""", "(did you mean 'UDP'?)"),
    ("""IP(dstt="1.1.1.1")
                ^""", "IP has no field 'dstt' (did you mean 'dst'?); fields: version, ihl, "),
    ("""IP(dst="999.1.1.1")
               ^""", "IP(dst='999.1.1.1') cannot be built: '999.1.1.1' is no address"),
    ("""IP(dst="web")
               ^""", "host names are not looked up"),
    ("""IP(dst="10.1")
               ^""", "Expected 4 octets"),
    ("""IP(dst=5)
               ^""", "an address is text"),
    ("""IP(dst="10.0.0.0/30")
               ^""", "a set of addresses"),
    ("""IP(dst=["10.0.0.1", "10.0.0.2"])
               ^""", "a set of values"),
    ("""IP(ttl=(1, 5))
               ^""", "a set of values"),
    ("""IP(ttl="x")
               ^""", "Incorrect type of value"),
    ("""IP(ttl=300)
               ^""", "it has 8 bits: 0 to 255"),
    ("""IP(ttl=-1)
               ^""", "it has 8 bits: 0 to 255"),
    ("""IP(frag=70000)
                ^""", "it has 13 bits: 0 to 8191"),
    ("""IP(version=20)
                   ^""", "it has 4 bits: 0 to 15"),
    ("""IP(flags=9)
                 ^""", "no such flags; there are: MF DF evil"),
    ("""IP(flags="QQ")
                 ^""", "no such flags; there are: MF DF evil"),
    ("""IP()/TCP(flags="SX")
                       ^""", "no such flags; there are: F S R P A U E C N"),
    ("""IP()/UDP()/VXLAN(vni=16777216)
                             ^""", "it has 24 bits: 0 to 16777215"),
    ("""IP(ttl=99999999999999999999999999999999999999999)
               ^""", "more than 128 bits"),
    ("""ICMP(type="nonsense")
                  ^""", "there is no such name"),
    ("""IP(proto="tcp")
                 ^""", "write the number: names of ports and protocols are not looked up"),
    ("""IP(src=IP())
               ^""", "it holds no layers"),
    ("""IP()/UDP()/DNS(qd=5)
                          ^""", "it holds layers"),
    ("""IP()/Raw(5)
                 ^""", "a load is text or bytes"),
    ("""IP()/Raw([1])
                 ^""", "a load is text or bytes"),
    ('''IP()/"\\ud800"
             ^''', "surrogates not allowed"),
    ("""IP()/TCP(options=[("Foo", 1)])
                         ^""", "Option [Foo] unknown"),
    ("""IP()/TCP(options=[5])
                         ^""", "cannot unpack"),
    ("""IP()/UDP()/BOOTP()/DHCP(options=[("nah", 1)])
                                        ^""", "Unknown field option nah"),
    ("""IP()/UDP()/BOOTP(chaddr="xxxxxxxxxxxxxxxxx")
                                ^""", "it has 16 bytes, not 17"),
    ("""Ether(dst="xx")
                  ^""", "no MAC address"),
    ("""Ether(dst=b"abc")
                  ^""", "an address is text"),
    ("""Ether()/ARP(hwsrc="zz")
                          ^""", "no MAC address"),
    ("""Ether()/ARP(pdst="10.0.0.0/30")
                         ^""", "a set of addresses"),
    ("""Ether()/Dot1Q(vlan=5000)
                           ^""", "it has 12 bits: 0 to 4095"),
    ("""Ether(type=65536)
                   ^""", "it has 16 bits"),
    ("""IP();IP()
            ^""", "no packet expression: invalid syntax"),
    ("""IP(
          ^""", "no packet expression: '(' was never closed"),
    ("""   IPP()
           ^""", "no layer 'IPP'"),
    ("""IP()/Raw("é")/IPP()
                      ^""", "no layer 'IPP'"),
    ("""
        ^""", "no packet expression: invalid syntax"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "said"), FAULTS)
def test_a_fault_is_told_where_it_stands(marked, said):
    text, caret = marked.rsplit("\n", 1)
    with pytest.raises(ExpressionError) as told:
        parse_expression(text)
    assert said in str(told.value)
    assert told.value.column == caret.index("^") - 7  # the indent of this file
    assert "\n" not in str(told.value)


def test_a_fault_in_a_later_line_is_counted_from_the_beginning():
    text = '\n  IP(dst="1.1.1.1",\n     nah=5)'
    with pytest.raises(ExpressionError) as told:
        parse_expression(text)
    assert told.value.column == text.index("5") + 1


WHOLE = [
    ('Raw("x")', "no IPv4 packet"),
    ("Ether()/IPv6()", "IPv6 needs its 'src'"),
    ('IP(dst="1.1.1.1")/GRE()/IP()', "IP needs its 'src'"),
    ('IP()/UDP()/VXLAN()/Ether(src="02:00:00:00:00:01")', "Ether needs its 'dst'"),
    (f"IP()/Raw('{'x' * 65_516}')", "longer than a packet can be"),
    (f"Ether()/Raw('{'x' * 65_536}')", "no packet is longer than 65549"),
    (" " * MAX_TEXT + "IP()", "at most 100000"),
]


@pytest.mark.parametrize(("text", "said"), WHOLE, ids=[said for _, said in WHOLE])
def test_a_fault_of_the_whole_has_no_column(text, said):
    with pytest.raises(ExpressionError, match=said) as told:
        expression_bytes(text)
    assert told.value.column is None


DEEP = {
    "layers": "/".join(["IP(src='1.1.1.1')"] * (MAX_LAYERS + 1)),
    "very many layers": "IP()/" * 19_000 + "IP()",
    "lists": f"IP()/TCP(options={'[' * 60}{']' * 60})",
    "layers in layers": "IP()/" + "DNS(qd=" * 60 + "DNSQR()" + ")" * 60,
    "signs": f"IP(ttl={'-' * 90_000}1)",
    "brackets": "(" * 500 + "IP()" + ")" * 500,
    "digits": f"IP(ttl={'9' * 9_000})",
}


@pytest.mark.parametrize("what", DEEP)
def test_what_is_nested_too_deep_is_an_error_like_any_other(what):
    with pytest.raises(ExpressionError):
        expression_bytes(DEEP[what])


def test_as_many_layers_as_are_allowed_are_built():
    wire, _ = expression_bytes("/".join(["IP(src='1.1.1.1')"] * MAX_LAYERS))
    assert len(wire) == 20 * MAX_LAYERS


TOKENS = [
    "IP", "UDP", "TCP", "Ether", "ARP", "Raw", "DNS", "DNSQR", "DHCP", "VXLAN", "IPv6", "(", ")",
    "/", ",", "[", "]", "dst=", "src=", "load=", "qd=", "options=", "flags=", "ttl=", '"x"', "b'x'",
    '"10.0.0.1"', "5", "-1", "1.5", "None", "*", "{", "}", ".", "lambda:", "\n", " ", "é",
]  # fmt: skip


@settings(max_examples=400)
@given(st.lists(st.sampled_from(TOKENS), max_size=12).map("".join) | st.text(max_size=30))
def test_any_text_is_a_packet_or_a_fault(text):
    try:
        wire, _ = expression_bytes(text)
    except ExpressionError:
        return
    assert wire


VALUES = [
    5, -1, 70_000, 1.5, True, "x", "", "x" * 300, b"\xff", [], [1], ["a"], (1, 2), 2**64, 1e308,
    "10.0.0.1", "fe80::1", "02:00:00:00:00:01", [("a", "b")], [("a",)],
]  # fmt: skip


@pytest.mark.parametrize("name", scapy.LAYERS)
def test_any_value_in_any_field_is_a_packet_or_a_fault(name):
    refused = 0
    for field in scapy.field_names(scapy.layer(name)()):
        for value in VALUES:
            try:
                expression_bytes(f'Ether()/IP(dst="1.1.1.1")/{name}({field}={value!r})')
            except ExpressionError:
                refused += 1
    assert refused
