"""A segment that its own node's rules refuse was never sent: the kernel is the judge.

Law: one connection for each segment of it that a rule in the sender's own OUTPUT takes out, frame
by frame as Linux has it; and the counters of the rules, to which a burst is one packet.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kernel_backend import differences, needs_kernel, pair

from pknet.kernel import run as kernel_run
from pknet.kernel.build import built
from pknet.kernel.namespace import Namespace
from pknet.lab.lab import Lab
from pknet.report.show import view
from pknet.topology.load import load_text
from pknet.topology.spec import Spec

NTH = "-m statistic --mode nth --every 200 --packet {}"
FLAGS = {
    "SYN": "--tcp-flags SYN,ACK SYN", "SYN-ACK": "--tcp-flags SYN,ACK SYN,ACK",
    "PSH": "--tcp-flags PSH PSH", "FIN": "--tcp-flags FIN FIN",
}  # fmt: skip
COUNTING = r"""*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A OUTPUT -p tcp
-A POSTROUTING -p tcp -m tcp --tcp-flags PSH PSH
COMMIT
""".replace("\n", r"\n")


def conversation(side: str, rules: str, payload: str = "5kB", reply: str = "5kB") -> str:
    """a1 sends, b1 replies; ``side`` has ``rules``."""
    keys = {"a1": "", "b1": f"listen: [{{tcp: 80, reply: {{bytes: {reply}}}}}]"}
    keys[side] = ", ".join(filter(None, [keys[side], f'iptables: "{rules}"']))
    item = (
        f'{{tcp: "10.0.0.2:80", from: a1, sport: 40000, payload: {{bytes: {payload}}}, '
        f"timeout: 2s, expect: {{received: {{bytes: {reply}}}}}}}"
    )
    return pair(item, **keys)


def dropping(match: str) -> str:
    return rf"*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp {match} -j DROP\nCOMMIT\n"


class TestTheKernel:
    """It says what happens next."""

    pytestmark = needs_kernel

    @pytest.mark.parametrize("number", range(1, 9))
    @pytest.mark.parametrize("side", ["a1", "b1"])
    def test_any_packet_may_be_refused(self, side: str, number: int) -> None:
        assert differences(conversation(side, dropping(NTH.format(number)))) == ""

    @pytest.mark.parametrize("payload", ["1B", "10kB"])
    @pytest.mark.parametrize("flags", ["PSH", "FIN"])
    @pytest.mark.parametrize("side", ["a1", "b1"])
    def test_the_marked_ones_may_be_refused(self, side: str, flags: str, payload: str) -> None:
        rules = dropping(f"-m tcp {FLAGS[flags]} {NTH.format(0)}")
        assert differences(conversation(side, rules, payload, payload)) == ""

    def test_to_rules_a_burst_is_one_packet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        spec = load_text(conversation("b1", COUNTING), Path("test.yaml"))
        lab = Lab(spec)
        lab.run()
        ours = [line for line in view("iptables")(lab.nodes["b1"]) if line[0] in "[:"]
        assert ours == saved_by_the_kernel(spec, monkeypatch)


def saved_by_the_kernel(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """``iptables-save -c`` of b1 when all is said."""
    saved: list[str] = []

    @contextmanager
    def watched(spec: Spec, program: str) -> Iterator[dict[str, Namespace]]:
        with built(spec, program) as namespaces:
            yield namespaces
            with namespaces["b1"].entered():
                command = ["iptables-save", "-c"]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
            saved.extend(line for line in done.stdout.splitlines() if line[0] in "[:")

    monkeypatch.setattr(kernel_run, "built", watched)
    kernel_run.run(spec)
    return saved
