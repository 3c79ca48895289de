"""A router that sends redirects, and hosts that heed them, are as the kernel's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_backend import differences, needs_kernel

from pknet.lab.lab import Lab
from pknet.topology.load import load_text
from pknet.wire.summary import summary

pytestmark = needs_kernel

NET = """
name: redirect
nodes:
  a1: {{interfaces: {{eth0: {{addresses: [10.0.0.1/24]}}}}, routes: [default via 10.0.0.254], {a1}}}
  sw1: {{kind: switch}}
  r1:
    kind: router
    interfaces: {{eth0: {{addresses: [10.0.0.254/24]}}}}
    routes: [10.9.0.0/16 via 10.0.0.2]
    sysctls: {{net.ipv4.conf.all.send_redirects: 1}}
    iptables: |
      *{table}
      COMMIT
  b1:
    interfaces: {{eth0: {{addresses: [10.0.0.2/24, 10.9.0.1/32, 10.9.0.2/32]}}}}
    routes: [default via 10.0.0.254]
    listen: [{{udp: 5000, reply: pong}}, {{tcp: 80, reply: pong}}]
links:
  - [a1:eth0, sw1:p1]
  - [r1:eth0, sw1:p2]
  - [b1:eth0, sw1:p3]
traffic:
{traffic}
"""

MASQUERADE = "nat\n      -A POSTROUTING -s 10.99.0.0/16 -j MASQUERADE"


def network(*traffic: str, a1: str = "", table: str = "filter") -> str:
    return NET.format(a1=a1, table=table, traffic="\n".join(f"  - {item}" for item in traffic))


def pings(*milliseconds: int) -> Iterator[str]:
    for number, at in enumerate(milliseconds, 1):
        yield f"{{ping: 10.9.0.1, from: a1, seq: {number}, at: {at}ms}}"


CASES = {
    "the second ping asks who the new gateway is, the third goes there": network(
        "{ping: 10.9.0.1, from: a1}",
        "{ping: 10.9.0.1, from: a1, seq: 2}",
        "{ping: 10.9.0.1, from: a1, seq: 3, ttl: 1}",
        "{ping: 10.9.0.2, from: a1, seq: 4}",
    ),
    "UDP and TCP turn too": network(
        '{udp: "10.9.0.1:5000", from: a1}',
        '{udp: "10.9.0.1:5001", from: a1}',
        '{tcp: "10.9.0.2:80", from: a1, payload: ping}',
        '{tcp: "10.9.0.2:80", from: a1, payload: ping}',
    ),
    "who does not listen is told less and less often": network(
        *pings(0, 20, 70, 120, 190, 300, 400, 600, 800, 1200, 1600),
        a1="sysctls: {net.ipv4.conf.all.accept_redirects: 0, "
        "net.ipv4.conf.eth0.accept_redirects: 0}",
    ),
    "a router does not listen, but does if told to": network(
        *pings(0, 100, 200),
        a1="sysctls: {net.ipv4.ip_forward: 1, net.ipv4.conf.all.accept_redirects: 1}",
    ),
    "none about a connection whose NAT is not settled": network(
        "{ping: 10.9.0.1, from: a1}",
        "{ping: 10.9.0.1, from: a1, seq: 2}",
        '{tcp: "10.9.0.2:80", from: a1, payload: ping}',
        table=MASQUERADE,
    ),
    "a redirect that nobody asked for": network(
        "{ping: 10.9.0.1, from: a1}",
        "{send: 'IP(src=\"10.0.0.254\", dst=\"10.0.0.1\")/ICMP(type=5, code=1, gw=\"10.0.0.2\")"
        "/IP(src=\"10.0.0.1\", dst=\"10.9.0.2\")/UDP(sport=4, dport=9)', from: r1}",
        "{ping: 10.9.0.2, from: a1}",
    ),
    "an MTU that nobody asked for": network(
        "{ping: 10.0.0.2, from: a1}",
        "{send: 'IP(src=\"10.0.0.254\", dst=\"10.0.0.1\")/ICMP(type=3, code=4, nexthopmtu=600)"
        "/IP(src=\"10.0.0.1\", dst=\"10.0.0.2\")/UDP(sport=4, dport=9)', from: r1}",
        '{udp: "10.0.0.2:5000", from: a1, payload: "' + "x" * 900 + '"}',
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_the_kernel_does_the_same(text: str) -> None:
    assert not differences(text)


def test_the_redirect_goes_before_the_packet_it_is_about() -> None:
    """Linux: ip_forward calls ip_rt_send_redirect before the FORWARD hook."""
    lab = Lab(load_text(network("{ping: 10.9.0.1, from: a1}"), Path("test.yaml")))
    lab.run()
    taps = [tap for tap in lab.trace.taps if (tap.hop.node, tap.direction) == ("r1", "out")]
    left = [summary(tap.frame).says for tap in taps]
    assert left.index("redirect") < left.index("echo-request")
