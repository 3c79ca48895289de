"""Scapy asks the host nothing: not when it is imported, not when a packet is built."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest
from scapy.config import conf
from scapy.interfaces import NetworkInterfaceDict
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from pknet.wire import scapy
from pknet.wire.scapy.host import HostAskedError, no_host

AUDITED = """
import sys
asked = []
sys.addaudithook(lambda event, args: asked.append(event) if event.startswith("socket.") else None)
from pknet.wire import scapy
for name in scapy.LAYERS:
    scapy.layer(name)
Ether, IP, UDP = map(scapy.layer, ("Ether", "IP", "UDP"))
scapy.frame_bytes(Ether() / IP(dst="10.0.0.9") / UDP())
scapy.network_bytes(IP(dst="10.0.0.9") / UDP())
scapy.dissect(bytes(60)).show2(dump=True)
assert "scapy.all" not in sys.modules
print(asked)
"""


def test_no_socket_is_opened_by_any_import_or_build():
    done = subprocess.run(
        [sys.executable, "-c", AUDITED], capture_output=True, check=False, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


class Witness:
    """Stands for the host's routes or neighbours, and notes that it was asked."""

    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        self.asked.append(name)
        raise AssertionError(f"the host was asked: {name}")

    def resolve(self, *args):
        self.asked.append(args)
        raise AssertionError(f"the host was asked: {args}")


@pytest.fixture
def host(monkeypatch):
    """What a user has who imported all of Scapy before."""
    witness = Witness()
    monkeypatch.setattr(conf, "route", witness)
    monkeypatch.setattr(conf, "route6", witness)
    monkeypatch.setattr(conf.neighbor, "resolve", witness.resolve)
    return witness


SENT = [
    Ether() / IP(dst="10.0.0.9") / UDP(),
    Ether() / ARP(pdst="10.0.0.9"),
    Ether() / IP(dst="224.0.0.9") / UDP(),
    Ether(dst="02:00:00:00:00:09") / Raw("x"),
]


@pytest.mark.parametrize("packet", SENT, ids=lambda p: "/".join(c.__name__ for c in p.layers()))
def test_a_frame_is_built_without_the_host(packet, host):
    scapy.frame_bytes(packet, bytes(6), 1)
    assert host.asked == []


def test_the_witness_of_these_tests_is_asked_without_the_guard(host):
    with pytest.raises(AssertionError, match="the host was asked"):
        bytes(IP(dst="10.0.0.9"))


@pytest.mark.parametrize("packet", [
    IP(dst="10.0.0.9"), Ether(src="02:00:00:00:00:01") / IP(src="10.0.0.1", dst="10.0.0.9"),
], ids=["a route", "a neighbour"])  # fmt: skip
def test_what_is_not_filled_in_is_refused_and_not_asked_for(packet, host):
    with no_host(), pytest.raises(HostAskedError):
        bytes(packet)
    assert host.asked == []


def test_a_tunnel_asks_no_host_for_the_source_inside(host):
    inner = IP(dst="10.0.0.9") / UDP()
    with pytest.raises(scapy.WireError, match="IP needs its 'src'"):
        scapy.network_bytes(IP(dst="10.0.0.1") / inner)
    inner.src = "10.0.0.8"
    assert inner.src in str(scapy.dissect(scapy.frame_bytes(Ether() / IP() / inner)).summary())
    assert host.asked == []


def test_a_version_6_source_is_not_looked_up(host):
    ipv6 = scapy.layer("IPv6")
    with pytest.raises(scapy.WireError, match="IPv6 needs its 'src'"):
        scapy.frame_bytes(Ether() / ipv6(dst="fe80::1"))
    assert host.asked == []


def test_names_are_not_looked_up(monkeypatch):
    def fail(*args):
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(socket, "gethostbyname", fail)
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    packet = IP()
    with pytest.raises(ValueError, match="host names are not looked up"):
        scapy.set_value(packet, "dst", "web")


def test_scapy_is_left_as_it_was_found():
    before = conf.route, conf.route6, conf.neighbor.resolve, socket.getaddrinfo
    methods = dict(vars(NetworkInterfaceDict))
    scapy.frame_bytes(Ether() / IP() / TCP())
    with pytest.raises(scapy.WireError):
        scapy.network_bytes(IP(ttl="x"))
    assert (conf.route, conf.route6, conf.neighbor.resolve, socket.getaddrinfo) == before
    assert "resolve" not in vars(conf.neighbor)
    assert dict(vars(NetworkInterfaceDict)) == methods
    assert NetworkInterfaceDict.reload.__qualname__ == "NetworkInterfaceDict.reload"
    assert (conf.route_autoload, conf.route6_autoload) == (True, True)


@pytest.mark.parametrize(("name", "field", "value"), [
    ("TCP", "dport", "http"), ("TCP", "sport", "http"), ("UDP", "dport", "domain"),
    ("SCTP", "sport", "http"), ("IP", "proto", "tcp"), ("IPv6", "nh", "tcp"),
    ("Ether", "type", "IPv4"), ("Dot1Q", "type", "IPv4"), ("Dot1AD", "type", "IPv4"),
    ("GRE", "proto", "IPv4"), ("SNAP", "code", "IPv4"), ("ARP", "ptype", "IPv4"),
])  # fmt: skip
def test_names_in_files_of_this_machine_mean_nothing(name, field, value):
    with pytest.raises(ValueError, match="write the number"):
        scapy.set_value(scapy.layer(name)(), field, value)


HOST_NAMED = """
from scapy import data
for table in (data.TCP_SERVICES, data.UDP_SERVICES, data.SCTP_SERVICES, data.IP_PROTOS,
              data.ETHER_TYPES):
    table[251] = "only_here"  # as if it stood in this machine's files
from pknet.wire import scapy
def takes(layer, field):
    one = scapy.layer(layer)()
    try:
        scapy.set_value(one, field, "only_here")
    except ValueError:
        return False
    return one.getfieldval(field) == 251
print([f"{layer}.{field}" for layer in scapy.LAYERS
       for field in scapy.field_names(scapy.layer(layer)()) if takes(layer, field)])
"""


def test_no_field_takes_a_name_that_only_this_machine_knows():
    done = subprocess.run(
        [sys.executable, "-c", HOST_NAMED], capture_output=True, check=False, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_names_that_scapy_itself_defines_are_the_same_everywhere():
    icmp = scapy.layer("ICMP")()
    scapy.set_value(icmp, "type", "echo-reply")
    assert icmp.type == 0
