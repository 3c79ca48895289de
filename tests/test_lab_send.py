"""What a Lab's node refuses to send, in one clear error."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_backend import pair
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Packet, Raw

from pknet.lab.lab import Lab, Node
from pknet.topology.load import load_text


@pytest.fixture
def a1() -> Node:
    return Lab(load_text(pair(), Path("test.yaml")))["a1"]


def test_a_packet_of_ip_version_6_is_not_modelled(a1):
    with pytest.raises(ValueError, match="^IPv6 is not modelled"):
        a1.send(IPv6(src="fd00::1", dst="fd00::2") / ICMP())


@pytest.mark.parametrize("version", [0, 3, 5, 6, 15])
def test_an_ipv4_header_that_says_another_version_is_not_modelled(a1, version):
    with pytest.raises(ValueError, match=f"^IP version {version} is not modelled"):
        a1.send(IP(version=version, dst="10.0.0.2") / ICMP())


def test_a_frame_may_hold_any_of_them(a1):
    for packet in (IPv6(src="fd00::1", dst="fd00::2"), IP(version=6, dst="10.0.0.2")):
        flow = a1.send(Ether(dst="02:00:00:00:02:01") / packet / ICMP())
        assert flow.path == ["a1:eth0", "b1:eth0"]


TO_B1 = IP(dst="10.0.0.2")
LONG = "it is longer than a packet can be: 65535 bytes in all"
SIZE = "Message too long: {} bytes after the Ethernet header; allowed: {}, the MTU of a1:eth0"


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (TO_B1 / UDP(dport=70000), r"UDP\(dport=70000\) cannot be built: it has 16 bits"),
        (TO_B1 / UDP() / Raw(bytes(70_000)), LONG),
        (Ether() / TO_B1 / UDP() / Raw(bytes(70_000)), LONG),
        (Ether() / TO_B1 / Raw(bytes(1481)), SIZE.format(1501, 1500)),
        (Ether() / Dot1Q(vlan=5) / TO_B1 / Raw(bytes(1481)), SIZE.format(1505, 1504)),
        (TO_B1 / Raw(bytes(1481)), "EMSGSIZE: 1501 bytes, and the MTU of eth0 is 1500; a raw "),
        (Raw("abc"), r"this is no IPv4 packet; begin with IP\(…\), or with Ether"),
    ],
)
def test_what_does_not_fit_is_told_with_its_size_and_what_would_fit(a1, packet: Packet, why):
    with pytest.raises(ValueError, match=f"^{why}"):
        a1.send(packet)


def test_a_question_about_a_node_that_is_not_there_is_no_answer(a1):
    flow = a1.send(TO_B1 / ICMP())
    for ask in (flow.delivered_to, flow.dropped_at):
        with pytest.raises(KeyError, match="no node 'b-1': there are a1, b1"):
            ask("b-1")
    with pytest.raises(KeyError, match="'NO_SOCKETS' is no drop reason .did you mean 'NO_SOCKET'"):
        flow.dropped_at("b1", "NO_SOCKETS")
