"""What is chance in the kernel has the same distribution here: Pearson's chi-squared, both judged.

The limits are the 99.99th percentile of the distribution: of ten thousand fair runs of the
kernel, one fails. pknet draws from the run's seed, so its verdict never changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from kernel_backend import needs_kernel

from pknet.kernel.compare import Frames, frames_of
from pknet.kernel.run import run
from pknet.lab.lab import Lab
from pknet.topology.load import load_text
from pknet.topology.spec import Spec
from pknet.wire import ipv4, udp
from pknet.wire.address import ip_text
from pknet.wire.ethernet import HEADER_LENGTH
from pknet.wire.ipv4 import Ipv4

FLOWS = 900
LIMIT = {2: 18.42, 7: 29.88}  # degrees of freedom: chi-squared(0.9999)

NET = """
name: chance
nodes:
  a1: {{interfaces: {{eth0: {{addresses: [10.1.0.1/24]}}}}, routes: [default via 10.1.0.254]}}
  r1:
    kind: router
    interfaces: {{eth0: {{addresses: [10.1.0.254/24]}}, eth1: {{addresses: [10.2.0.254/24]}}}}
    iptables: |
      *nat
{rules}
      COMMIT
  b1: {{interfaces: {{eth0: {{addresses: [10.2.0.1/24, 10.2.0.2/24, 10.2.0.3/24]}}}}}}
links: [['a1:eth0', 'r1:eth0'], ['r1:eth1', 'b1:eth0']]
traffic:
{traffic}
"""

#: As kube-proxy writes a Service with three endpoints: 1/3, then 1/2 of the rest, then the rest.
ENDPOINTS = """
      :KUBE-SVC-X - [0:0]
      :SEP-1 - [0:0]
      :SEP-2 - [0:0]
      -A PREROUTING -d 172.30.0.1/32 -p udp -m udp --dport 53 -j KUBE-SVC-X
      -A KUBE-SVC-X -m statistic --mode random --probability 0.33333333349 -j SEP-1
      -A KUBE-SVC-X -m statistic --mode random --probability 0.50000000000 -j SEP-2
      -A KUBE-SVC-X -j DNAT --to-destination 10.2.0.3
      -A SEP-1 -j DNAT --to-destination 10.2.0.1
      -A SEP-2 -j DNAT --to-destination 10.2.0.2
"""
MASQUERADE = """
      -A POSTROUTING -p udp -j MASQUERADE --random-fully
"""


def network(rules: str, target: str) -> Spec:
    items = "\n".join(
        f'  - {{udp: "{target}", from: a1, sport: {20000 + n}, payload: x, timeout: 1ms, '
        f"at: {20 + n}ms}}"
        for n in range(FLOWS)
    )
    return load_text(NET.format(rules=rules.strip("\n"), traffic=items), Path("chance.yaml"))


def here(spec: Spec) -> Frames:
    lab = Lab(spec)
    lab.run()
    return frames_of(lab.trace.taps)


def there(spec: Spec) -> Frames:
    return run(spec).frames


JUDGES = [
    pytest.param(here, id="pknet"),
    pytest.param(there, id="kernel", marks=needs_kernel),
]


def arrived(frames: Frames) -> list[bytes]:
    """The UDP packets that b1 took in."""
    seen = [f.wire[HEADER_LENGTH:] for f in frames["b1", "eth0"] if f.direction == "in"]
    return [packet for packet in seen if packet[0] == 0x45 and packet[9] == ipv4.UDP]


def chi_squared(seen: Sequence[int], expected: Sequence[float]) -> float:
    return sum((s - e) ** 2 / e for s, e in zip(seen, expected, strict=True))


@pytest.mark.parametrize("judge", JUDGES)
def test_a_service_spreads_over_its_endpoints_as_its_rules_say(judge) -> None:
    packets = arrived(judge(network(ENDPOINTS, "172.30.0.1:53")))
    counts = Counter(ip_text(Ipv4.parse(packet).dst) for packet in packets)
    assert counts.total() == FLOWS
    seen = [counts[f"10.2.0.{n}"] for n in (1, 2, 3)]
    assert chi_squared(seen, [FLOWS / 3] * 3) < LIMIT[2], seen


@pytest.mark.parametrize("judge", JUDGES)
def test_random_fully_takes_ports_from_the_whole_range(judge) -> None:
    """Linux: nf_nat_l4proto_unique_tuple: 1024 to 65535 for a port above 1023."""
    packets = arrived(judge(network(MASQUERADE, "10.2.0.1:53")))
    ports = [udp.Udp.parse(packet[ipv4.MIN_HEADER :]).sport for packet in packets]
    assert len(ports) == FLOWS
    assert len(set(ports)) == FLOWS
    assert min(ports) >= 1024
    bins = Counter((port - 1024) * 8 // (65536 - 1024) for port in ports)
    assert chi_squared([bins[n] for n in range(8)], [FLOWS / 8] * 8) < LIMIT[7], bins
