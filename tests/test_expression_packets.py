"""An expression is the packet that Python would make of it."""

from __future__ import annotations

import pytest
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, GRE, LLC, SNAP, STP, Dot1Q, Dot3, Ether
from scapy.layers.sctp import SCTP, SCTPChunkData, SCTPChunkInit
from scapy.layers.vxlan import VXLAN
from scapy.packet import Padding, Raw

from pknet.topology.expression import parse_expression
from pknet.topology.expression_bytes import expression_bytes
from pknet.topology.load import load_text

PACKETS = [
    'IP(src="10.0.0.1", dst="10.0.0.2")/ICMP(id=1, seq=1)',
    'IP(src="10.0.0.1", dst="10.0.0.2", ttl=3, id=3)/TCP(sport=4, dport=80, flags="SA")',
    'IP(src="1.1.1.1", dst="2.2.2.2")/TCP(flags=18, options=[("MSS", 1460), ("WScale", 7)])',
    'IP(src="1.1.1.1", dst="2.2.2.2", flags="MF+DF", frag=8191)/Raw(b"\\x00\\xff")',
    'IP(src="1.1.1.1", dst="2.2.2.2", len=5, chksum=0, ihl=5)/UDP(len=0, chksum=0)/"text"',
    'IP(src="1.1.1.1", dst="2.2.2.2", options=b"\\x01\\x01\\x01\\x00")/ICMP()',
    'IP(src="1.1.1.1", dst="2.2.2.2", proto=17)/ICMP(type="echo-reply")/b"bytes"',
    'IP(src="1.1.1.1", dst="2.2.2.2")/ICMP(type=3, code=4, nexthopmtu=1400)/"quoted"',
    'IP(src="1.1.1.1", dst="2.2.2.2")/UDP()/DNS(qd=[DNSQR(qname="a.b"), DNSQR(qname="c.d")])',
    'IP(src="1.1.1.1", dst="2.2.2.2")/UDP()/DNS(qr=1, an=DNSRR(rdata="3.3.3.3"))',
    'IP(src="1.1.1.1", dst="2.2.2.2")/UDP()/BOOTP(chaddr=b"abcdef")'
    '/DHCP(options=[("message-type", "discover"), "end"])',
    'IP(src="1.1.1.1", dst="2.2.2.2")/SCTP(sport=1)/SCTPChunkInit(init_tag=9)',
    'IP(src="1.1.1.1", dst="2.2.2.2")/SCTP(dport=1)/SCTPChunkData(data="x")',
    'IP(src="1.1.1.1", dst="2.2.2.2")/GRE()/IP(src="3.3.3.3", dst="4.4.4.4")/UDP()',
    'IP(src="1.1.1.1", dst="2.2.2.2")/UDP()/VXLAN(vni=16777215)'
    '/Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")/Raw("x")',
    'Ether(src="02:00:00:00:00:01", dst="2:0:0:0:0:2", type=0x88b5)/Raw("x")',
    'Ether(src="02:00:00:00:00:01", dst="ff:ff:ff:ff:ff:ff")/Dot1Q(vlan=4095)'
    '/ARP(op=2, hwsrc="02:00:00:00:00:01", psrc="1.1.1.1", pdst="2.2.2.2")',
    'Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")'
    '/IPv6(src="fe80::1", dst="fe80::2")/UDP()/Padding("x")',
    'Dot3(src="02:00:00:00:00:01", dst="01:80:c2:00:00:00")/LLC()/STP(rootmac="02:00:00:00:00:01")',
    'Dot3(src="02:00:00:00:00:01", dst="01:80:c2:00:00:00")/LLC()/SNAP()/Raw(load="é")',
]

NAMES = {
    made.__name__: made
    for made in (ARP, BOOTP, DHCP, DNS, DNSQR, DNSRR, GRE, ICMP, IP, LLC, SCTP, SNAP, STP, TCP, UDP,
                 VXLAN, Dot1Q, Dot3, Ether, IPv6, Padding, Raw, SCTPChunkData, SCTPChunkInit)
}  # fmt: skip


@pytest.mark.parametrize("text", PACKETS)
def test_an_expression_is_what_python_makes_of_it(text):
    # The judge is Python itself: these expressions are the test's own.
    theirs = eval(text, {"__builtins__": {}}, NAMES)
    wire, is_frame = expression_bytes(text, bytes(6), 1)
    assert wire == bytes(theirs)
    assert is_frame == isinstance(theirs, Ether | Dot3)


@pytest.mark.parametrize("text", [
    ' IP ( dst = "1.1.1.1" ) / ICMP ( ) ', '\n\tIP(dst="1.1.1.1")/ICMP()\n',
    'IP(\n  dst="1.1.1.1",\n)/ICMP()', 'IP(dst="1.1.1.1")/ICMP()  # why',
    '(IP(dst="1.1.1.1")/ICMP())', 'IP(dst="1.1.1.1")/(ICMP())',
    "IP(dst='1.1.' '1.1')/ICMP()",
])  # fmt: skip
def test_white_space_and_quotes_are_as_in_python(text):
    assert expression_bytes(text) == expression_bytes('IP(dst="1.1.1.1")/ICMP()')


def test_a_backslash_that_escapes_nothing_stays_without_a_warning(recwarn):
    assert bytes(parse_expression(r'Raw("\d")')) == rb"\d"
    assert not recwarn.list


TOPOLOGY = """
name: sources
nodes:
  first: {}
  A:
    interfaces: {eth0: {addresses: [10.0.0.7/24]}, eth1: {mac: "02:aa:00:00:00:01"}}
links:
  - [A:eth0, first:eth0]
  - [A:eth1, first:eth1]
traffic:
  - {send: 'Ether()/ARP(pdst="10.0.0.9")', from: "A:eth0"}
  - {send: 'Ether(src="02:00:00:00:00:99")/IP(dst="10.0.0.9")/UDP()', from: "A:eth0"}
  - {send: 'Ether()/ARP(pdst="10.0.0.9")', from: "A:eth1"}
  - {send: 'IP(dst="10.0.0.9")/UDP()', from: A}
"""


def test_a_frame_leaves_with_the_addresses_of_its_interface(tmp_path):
    asked, given, bare, routed = load_text(TOPOLOGY, tmp_path / "sources.yaml").traffic
    own = "02:00:00:00:02:01"  # the second node's first interface
    assert Ether(asked.wire).src == Ether(asked.wire)[ARP].hwsrc == own
    assert Ether(asked.wire)[ARP].psrc == "10.0.0.7"
    assert Ether(given.wire).src == "02:00:00:00:00:99"
    assert Ether(given.wire)[IP].src == "10.0.0.7"
    assert Ether(bare.wire)[ARP].hwsrc == "02:aa:00:00:00:01"
    assert Ether(bare.wire)[ARP].psrc == "0.0.0.0"
    assert routed.wire[12:16] == bytes(4)  # the routing chooses
