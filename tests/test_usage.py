"""A stranger's tests: the README's example, hooks, a device of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from scapy.layers.inet import ICMP, IP, TCP

import pknet
from pknet.link.device import Device
from pknet.trace import Delivered

TOPOLOGIES = Path(__file__).parent.parent / "topologies"


def test_service_is_dnated_once(lab):
    net = lab(TOPOLOGIES / "service.yaml")
    flow = net["a1"].send(IP(dst="172.30.0.1") / TCP(dport=80, flags="S"))
    assert flow.delivered_to("b1")
    assert flow.at("node-a:eth0").packet[IP].dst == "10.1.2.1"
    assert flow.rewrites == ["node-a: DNAT 172.30.0.1:80 -> 10.1.2.1:8080"]
    assert "KUBE-SVC-" in flow.hop("node-a").detail


def test_a_hook_can_drop_with_a_reason(lab):
    net = lab(TOPOLOGIES / "cross-node.yaml")
    net.on("node-a:eth0", lambda p: pknet.Drop("no ping today") if ICMP in p else None)
    flow = net["a1"].send(IP(dst="10.1.2.1") / ICMP())
    assert flow.dropped_at("node-a", "HOOK")
    net.at("b1:eth0").expect_nothing()


def test_silence_is_asserted_of_what_was_sent_before_too(lab):
    net = lab(TOPOLOGIES / "cross-node.yaml")
    assert net["a1"].send(IP(dst="10.1.2.1") / ICMP()).delivered_to("b1")
    port = net.at("b1:eth0")
    with pytest.raises(AssertionError, match="b1:eth0 saw"):
        port.expect_nothing()
    port.from_now_on().expect_nothing()


def test_what_a_hook_changes_goes_on_the_wire(lab):
    net = lab(TOPOLOGIES / "cross-node.yaml")

    def shorten(packet):
        if ICMP in packet:
            packet[IP].ttl = 2
            del packet[IP].chksum
            return packet
        return None

    net.on("node-a:eth0", shorten)
    flow = net["a1"].send(IP(dst="10.1.2.1") / ICMP())
    assert flow.at("sw1:p1").packet[IP].ttl == 2
    assert flow.at("b1:eth0").packet[IP].ttl == 1


def test_a_device_of_ones_own_is_one_small_class(lab):
    class BlackHole(Device):
        def receive(self, skb):
            return Delivered("nothing comes out")

    net = lab(TOPOLOGIES / "router-routes.yaml")
    net.replace("r1", BlackHole)
    flow = net["a1"].send(IP(dst="10.1.2.1") / ICMP())
    assert not flow.delivered_to("b1")


def test_a_device_that_forgets_its_verdict_is_told(lab):
    class Forgetful(Device):
        def receive(self, skb):
            pass

    net = lab(TOPOLOGIES / "router-routes.yaml")
    net.replace("r1", Forgetful)
    with pytest.raises(TypeError, match=r"Forgetful r1 answered None for packet #\d+: receive"):
        net["a1"].send(IP(dst="10.1.2.1") / ICMP())


def test_a_file_that_is_nowhere_is_told_with_each_folder_once(lab, request):
    with pytest.raises(FileNotFoundError) as told:
        lab("nowhere.yaml")
    root, here = request.config.rootpath, request.path.parent
    assert str(told.value) == f"no topology 'nowhere.yaml' in {here}, nor in {root}"
