"""To its sender's own node a burst is one packet: the kernel is the judge (GSO).

Law: rules, their counters, connection tracking and NAT see the whole of it; wires and everybody
else see its segments.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_backend import needs_kernel, pair

from pknet.cli.verify import verify
from pknet.kernel import run as kernel_run
from pknet.kernel.build import built
from pknet.kernel.namespace import Namespace
from pknet.lab.lab import Lab
from pknet.netns.socket.tcp import pacing
from pknet.report.show import view
from pknet.topology.load import load_text
from pknet.topology.spec import Spec

COUNTING = r"""*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A OUTPUT -p tcp
-A OUTPUT -p tcp -m statistic --mode nth --every 3 --packet 0
-A POSTROUTING -p tcp -m tcp --tcp-flags PSH PSH
COMMIT
"""
TRANSLATING = r"""*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A OUTPUT -d 10.0.0.3/32 -p tcp -j DNAT --to-destination 10.0.0.2
-A POSTROUTING -p tcp -j MASQUERADE --to-ports 50000
COMMIT
"""
#: A node that talks to its bridge's ports and is talked to, and whose rules see bridged frames.
BRIDGE = """
name: bridge
nodes:
  n1:
    bridges: {{br0: {{addresses: [10.0.0.254/24]}}}}
    interfaces: {{v1: {{master: br0}}, v2: {{master: br0}}}}
    listen: [{{tcp: 80, reply: {{bytes: 5kB}}}}]
    iptables: "{rules}"
  a1: {{interfaces: {{eth0: {{addresses: [10.0.0.1/24]}}}}}}
  a2:
    interfaces: {{eth0: {{addresses: [10.0.0.2/24]}}}}
    listen: [{{tcp: 80, reply: {{bytes: 5kB}}}}]
links: [[a1:eth0, n1:v1], [a2:eth0, n1:v2]]
traffic:
  - {{tcp: "10.0.0.254:80", from: a1, sport: 40000, payload: {{bytes: 5kB}}}}
  - {{tcp: "10.0.0.2:80", from: n1, sport: 40000, payload: {{bytes: 5kB}}}}
  - {{tcp: "10.0.0.2:80", from: a1, sport: 40001, payload: {{bytes: 5kB}}}}
  - {{wait: 300ms}}
"""
#: OUTPUT sends what was made for 1500 bytes to where only 600 fit.
NARROW = """
name: narrow
nodes:
  a1:
    interfaces:
      eth0: {{addresses: [10.0.1.1/24]}}
      eth1: {{addresses: [10.0.2.254/24], mtu: 600}}
    iptables: "{rules}"
  b1: {{interfaces: {{eth0: {{addresses: [10.0.1.2/24]}}}}}}
  c1:
    interfaces: {{eth0: {{addresses: [10.0.2.1/24], mtu: 600}}}}
    listen: [{{tcp: 80, reply: {{bytes: 5kB}}}}]
links: [[a1:eth0, b1:eth0], [a1:eth1, c1:eth0]]
traffic:
  - {{tcp: "10.0.1.2:80", from: a1, sport: 40000, payload: {{bytes: 5kB}}, timeout: 2s}}
  - {{wait: 300ms}}
"""
TO_THE_NARROW = TRANSLATING.replace("10.0.0.3/32", "10.0.1.2/32").replace("10.0.0.2", "10.0.2.1")


def quoted(rules: str) -> str:
    return rules.replace("\n", r"\n")


def talk(dst: str, rules: str, size: str = "5kB", listens: str = "b1") -> str:
    """a1 sends, who ``listens`` replies; a1 has ``rules``."""
    item = (
        f'{{tcp: "{dst}:80", from: a1, sport: 40000, payload: {{bytes: {size}}}, '
        f"expect: {{received: {{bytes: {size}}}}}}}"
    )
    keys = {"a1": f'iptables: "{quoted(rules)}"', "b1": f'iptables: "{quoted(COUNTING)}"'}
    keys[listens] += f", listen: [{{tcp: 80, reply: {{bytes: {size}}}}}]"
    text = pair(item, "{wait: 300ms}", **keys)
    return text.replace("[10.0.0.2/24]", "[10.0.0.2/24, 10.0.0.3/24]")


SCENES = {
    "over a cable": talk("10.0.0.2", COUNTING),
    "as several bursts": talk("10.0.0.2", COUNTING, "30kB"),
    "with its addresses rewritten": talk("10.0.0.3", COUNTING + TRANSLATING),
    "over lo, to its own address": talk("10.0.0.1", COUNTING, listens="a1"),
    "over lo, half of the window at a time": talk("127.0.0.1", COUNTING, "60kB", listens="a1"),
    "over a bridge of its own": BRIDGE.format(rules=quoted(COUNTING)),
    "to where its segments do not fit": NARROW.format(rules=quoted(COUNTING + TO_THE_NARROW)),
}


class TestTheKernel:
    """It sends the same frames, and its rules count the same packets."""

    pytestmark = needs_kernel

    @pytest.mark.parametrize("scene", SCENES)
    def test_a_burst_is_one_packet(self, scene: str, monkeypatch: pytest.MonkeyPatch) -> None:
        spec = load_text(SCENES[scene], Path("test.yaml"))
        saved = counters_of_the_kernel(monkeypatch)
        verification = verify(spec)
        assert verification.same, "\n".join(verification.lines())
        lab = Lab(spec)
        lab.run()
        for node, theirs in saved.items():
            assert counters(view("iptables")(lab.nodes[node])) == theirs


def counters(lines: Iterator[str] | list[str]) -> set[str]:
    """Chains and rules of what iptables-save printed, tables in any order."""
    return {line for line in lines if line[0] in "[:"}


def counters_of_the_kernel(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """``iptables-save -c`` of each node that has rules, once the next run is over."""
    saved: dict[str, set[str]] = {}

    @contextmanager
    def watched(spec: Spec, program: str) -> Iterator[dict[str, Namespace]]:
        with built(spec, program) as namespaces:
            yield namespaces
            for name in (node.name for node in spec.nodes if node.iptables):
                with namespaces[name].entered():
                    command = ["iptables-save", "-c"]
                    done = subprocess.run(command, check=True, capture_output=True, text=True)
                saved[name] = counters(done.stdout.splitlines())

    monkeypatch.setattr(kernel_run, "built", watched)
    return saved


class TestHalfAWindow:
    """Linux: tcp_bound_to_half_wnd."""

    def test_before_the_peer_has_said_anything_nothing_binds(self) -> None:
        assert pacing.within_half(1460, 0) == 1460

    @given(st.integers(48, 65_535), st.integers(537, 1 << 30))
    def test_two_segments_fit_into_any_window_but_the_least(self, size: int, window: int) -> None:
        assert pacing.within_half(size, window) == min(size, window // 2)

    @given(st.integers(48, 65_535), st.integers(1, 536))
    def test_a_least_window_is_filled(self, size: int, window: int) -> None:
        assert pacing.within_half(size, window) == min(size, max(window, 48))
