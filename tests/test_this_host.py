"""Packets to 0.0.0.0 are for the host that sends them (Linux: ip_route_output_key_hash_rcu)."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_backend import differences, needs_kernel, pair, play

from pknet.lab.lab import Lab
from pknet.topology.load import load_text

LISTEN = "listen: [{tcp: 80, reply: pong}, {udp: 53, reply: pong}]"
REDIRECTED = (
    'iptables: "*nat\\n-A OUTPUT -d 127.0.0.1 -p tcp --dport 81 -j DNAT '
    '--to-destination 10.0.0.1:80\\nCOMMIT\\n", ' + LISTEN
)

#: An item, how its node is configured, and what its program comes to.
ITEMS = {
    "ping": ("{ping: 0.0.0.0, from: a1}", "", "echo-reply from 127.0.0.1"),
    "udp": ('{udp: "0.0.0.0:53", from: a1, payload: x}', LISTEN, 'received "pong"'),
    "no listener": (
        '{udp: "0.0.0.0:9", from: a1, payload: x}', "",
        "ICMP 3/3 port unreachable from 127.0.0.1",
    ),
    "tcp": ('{tcp: "0.0.0.0:80", from: a1, payload: x}', LISTEN, 'connected, received "pong"'),
    "dnat": ('{tcp: "0.0.0.0:81", from: a1, payload: x}', REDIRECTED, 'connected, received "pong"'),
    "raw": ("{send: 'IP(dst=\"0.0.0.0\")/ICMP(id=3)', from: a1}", "", "sent"),
    "raw with a source": (
        "{send: 'IP(src=\"10.0.0.1\", dst=\"0.0.0.0\")/ICMP(id=3)', from: a1}", "", "sent",
    ),
    "default route": ("{ping: 0.0.0.0, from: a1}", 'routes: ["default via 10.0.0.2"]',
                      "echo-reply from 127.0.0.1"),
    "many": ('{udp: "0.0.0.0:53", from: a1, payload: x, count: 2}', LISTEN,
             "2 sent, 2 answered, 0 lost, min/avg/max 1.002/1.002/1.002 ms"),
    "many ports": ('{udp: "0.0.0.0:53", from: a1, payload: x, count: 2, sport: new}', LISTEN,
                   "2 sent, 2 answered, 0 lost, min/avg/max 1.002/1.002/1.002 ms"),
}  # fmt: skip


@pytest.mark.parametrize("name", ITEMS)
def test_they_go_out_of_lo_and_come_back(name: str) -> None:
    item, a1, summary = ITEMS[name]
    lab = Lab(load_text(pair(item, a1=a1), Path("test.yaml")))
    (result,) = lab.run()
    assert result.summary == summary
    assert {(tap.hop.node, tap.interface) for tap in lab.trace.taps} == {("a1", "lo")}


class TestLinux:
    """The judge: of lo, too."""

    pytestmark = needs_kernel

    @pytest.mark.parametrize("name", ITEMS)
    def test_sends_the_same(self, name: str) -> None:
        item, a1, _ = ITEMS[name]
        text = pair(item, a1=a1)
        assert differences(text) == ""
        assert play(text).frames["a1", "lo"]
