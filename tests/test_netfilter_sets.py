"""ipset save text, and what the sets hold."""

from __future__ import annotations

import pytest
from netfilter_host import Walker, icmp_packet, other_packet, tcp_packet, udp_packet

from pknet.netns.netfilter import RulesError, parse
from pknet.netns.netfilter.ipset import IpSet

TYPES = ["hash:ip", "hash:net", "hash:ip,port", "hash:net,port", "hash:ip,port,ip", "bitmap:port"]


def holds(kind: str, members: str, sides: str, data: bytes, inverted: bool = False) -> bool:
    """True where a rule with such a set matches."""
    text = f"create s {kind} family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1\n"
    if kind == "bitmap:port":
        text = "create s bitmap:port range 0-65535\n"
    text += "".join(f"add s {member}\n" for member in members.split("; "))
    no = "! " if inverted else ""
    rule = f"-A INPUT -m set {no}--match-set s {sides} -j ACCEPT"
    walker = Walker(f"*filter\n:INPUT DROP\n{rule}\nCOMMIT\n", text)
    return walker.walk(walker.state(data)) is None


@pytest.mark.parametrize(
    ("kind", "members", "sides", "expected"),
    [
        ("hash:ip", "10.0.0.8", "src", True), ("hash:ip", "10.0.0.8", "dst", False),
        ("hash:ip", "10.0.0.0/28", "dst", True), ("hash:ip", "10.0.0.5-10.0.0.9", "dst", True),
        ("hash:net", "10.0.0.0/8", "dst", True),
        ("hash:net", "10.0.0.0/8; 10.0.0.8/31 nomatch", "dst", False),
        ("hash:net", "10.0.0.0/8; 10.0.0.8/30 nomatch; 10.0.0.9", "dst", True),
        ("hash:ip,port", "10.0.0.9,80", "dst,dst", True),
        ("hash:ip,port", "10.0.0.9,udp:80", "dst,dst", False),
        ("hash:ip,port", "10.0.0.9,tcp:70-90", "dst,dst", True),
        ("hash:ip,port", "10.0.0.9,tcp:80", "dst,src", False),
        ("hash:ip,port", "10.0.0.9,tcp:80", "dst", False),
        ("hash:net,port", "10.0.0.0/24,tcp:80", "dst,dst", True),
        ("hash:ip,port,ip", "10.0.0.9,tcp:80,10.0.0.8", "dst,dst,src", True),
        ("hash:ip,port,ip", "10.0.0.9,tcp:80,10.0.0.9", "dst,dst,src", False),
        ("bitmap:port", "80", "dst", True), ("bitmap:port", "1-79", "dst", False),
    ],
)  # fmt: skip
def test_a_set_holds_what_was_added(kind: str, members: str, sides: str, expected: bool) -> None:
    assert holds(kind, members, sides, tcp_packet()) is expected
    assert holds(kind, members, sides, tcp_packet(), inverted=True) is not expected


def test_the_port_of_icmp_is_its_type_and_code() -> None:
    assert holds("hash:ip,port", "10.0.0.9,icmp:8/0", "dst,dst", icmp_packet())
    assert not holds("hash:ip,port", "10.0.0.9,icmp:0/0", "dst,dst", icmp_packet())


def test_a_protocol_without_ports_has_port_0() -> None:
    assert holds("hash:ip,port", "10.0.0.9,gre:0", "dst,dst", other_packet(47))


def test_a_set_of_ports_knows_tcp_and_udp_alone() -> None:
    assert holds("bitmap:port", "53", "dst", udp_packet())
    assert not holds("bitmap:port", "0", "dst", other_packet(47))


def test_a_later_fragment_is_in_no_set_with_ports() -> None:
    later = other_packet(17, fragment=0x0010)
    assert not holds("hash:ip,port", "10.0.0.9,udp:0-65535", "dst,dst", later)
    assert holds("hash:ip,port", "10.0.0.9,udp:0-65535", "dst,dst", later, inverted=True)
    assert holds("hash:ip,port", "10.0.0.9,gre:0", "dst,dst", other_packet(47, fragment=0x0010))


def test_a_header_cut_short_is_in_no_set_with_ports() -> None:
    short = other_packet(17, bytes(7))
    assert not holds("hash:ip,port", "10.0.0.9,udp:0", "dst,dst", short)
    assert holds("hash:ip,port", "10.0.0.9,udp:0", "dst,dst", other_packet(17, bytes(8)))


def test_a_set_of_the_other_family_holds_nothing() -> None:
    text = "create s hash:ip family inet6\nadd s fd00::1\n"
    walker = Walker("*filter\n-A INPUT -m set --match-set s src -j DROP\nCOMMIT\n", text)
    assert walker.walk(walker.state(tcp_packet())) is None


def test_a_set_is_full_at_its_limit() -> None:
    ports = IpSet("s", "hash:ip,port")
    ports.add("10.0.0.1,1-65535")
    ports.add("10.0.0.1,tcp:0")
    with pytest.raises(ValueError, match="set s is full: at most 65536 elements"):
        ports.add("10.0.0.2,80")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("create s hash:mac\n",
         [f"1:10: no set type 'hash:mac' (did you mean 'hash:ip'?); modelled: {', '.join(TYPES)}"]),
        ("create s list:set\nadd t 1\n",
         [f"1:10: no set type 'list:set'; modelled: {', '.join(TYPES)}",
          "2:5: the set 't' does not exist"]),
        ("create s hash:ip timeout 5\n", ["1:18: the set option 'timeout' is not modelled"]),
        ("create s hash:ip netmask 24\n", ["1:18: the set option 'netmask' is not modelled"]),
        ("create s hash:ip\ncreate s hash:ip\n", ["2:8: the set 's' exists already"]),
        (f"create {'s' * 32} hash:ip\n", [f"1:8: the name {'s' * 32!r} is longer than 31 bytes"]),
        ("destroy s\n", ["1:1: expected 'create NAME TYPE …' or 'add NAME ELEMENT'"]),
        ("create s hash:ip\nadd s 10.0.0.1 nomatch\n",
         ["2:16: the element option 'nomatch' is not modelled"]),
        ("create s hash:net\nadd s 0.0.0.0/0\n",
         ["2:7: '0.0.0.0/0' has no prefix length from 1 to 32"]),
        ("create s hash:ip,port\nadd s 10.0.0.1\nadd s 10.0.0.1,tcpp:80\nadd s x,80\n",
         ["2:7: '10.0.0.1' is no element of a set of type hash:ip,port",
          "3:7: unknown protocol 'tcpp' specified (did you mean 'tcp'?)",
          "4:7: 'x' is no IPv4 address"]),
        ("create s hash:ip,port\nadd s 10.0.0.1,icmp:ping\n",
         ["2:7: 'ping': write an ICMP element as icmp:TYPE/CODE, in numbers"]),
        ('create s hash:ip comment\nadd s 10.0.0.1 comment "a b"\nadd s 10.0.0.9-10.0.0.1\n',
         ["3:7: '10.0.0.9-10.0.0.1': the smaller address comes first"]),
    ],
)  # fmt: skip
def test_bad_set_text_is_told_in_these_words(text: str, messages: list[str]) -> None:
    with pytest.raises(RulesError) as caught:
        parse("", text)
    assert str(caught.value).splitlines() == [f"ipset:{message}" for message in messages]
