"""What ``--detail`` tells of rules is what nf_tables says of itself (nft monitor trace).

Law: the kernel names each rule that matched and each policy that was taken, in order, in the words
of iptables-save; so does pknet. A TRACE rule, of which pknet knows nothing, makes it speak.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from kernel_backend import needs_kernel, pair
from test_detail import RULES, UDP

from pknet.kernel import run as kernel_run
from pknet.kernel.build import built
from pknet.kernel.namespace import Namespace
from pknet.lab.lab import Lab
from pknet.netns.netfilter.consulted import TableStep
from pknet.netns.netfilter.steps import PolicyStep, RuleStep
from pknet.topology.load import load, load_text
from pknet.topology.spec import Spec
from pknet.trace import Step

MONITOR = "xtables-monitor"
TOPOLOGIES = Path(__file__).parents[1] / "topologies"
TRACE = "*raw\n:PREROUTING ACCEPT [0:0]\n-I PREROUTING -j TRACE\n-I OUTPUT -j TRACE\nCOMMIT\n"
EVENT = re.compile(r" TRACE: 2 \w+ (\w+):([\w-]+):(rule|policy|return)\S*(?: +-4 -t \w+ (.*))?")

pytestmark = [
    *needs_kernel,
    pytest.mark.skipif(shutil.which(MONITOR) is None, reason=f"needs {MONITOR} (iptables-nft)"),
]


@contextmanager
def monitored(namespace: Namespace, told: list[str]) -> Iterator[None]:
    """``told`` gets what happened to packets in ``namespace``."""
    with namespace.entered():
        command = ["iptables-nft-restore", "--noflush"]
        subprocess.run(command, input=TRACE, text=True, check=True, capture_output=True)
        monitor = subprocess.Popen(
            ["stdbuf", "-oL", MONITOR, "--trace", "-4"], stdout=subprocess.PIPE, text=True
        )
    time.sleep(0.3)  # until it listens
    try:
        yield
        time.sleep(0.3)
    finally:
        monitor.terminate()
        out, _ = monitor.communicate()
        told += out.splitlines()


def said_by_the_kernel(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {node.name: [] for node in spec.nodes if node.iptables}

    @contextmanager
    def watched(spec: Spec, _: str) -> Iterator[dict[str, Namespace]]:
        with built(spec, "iptables-nft-restore") as namespaces, ExitStack() as stack:
            for name, lines in told.items():
                stack.enter_context(monitored(namespaces[name], lines))
            yield namespaces

    monkeypatch.setattr(kernel_run, "built", watched)
    kernel_run.run(spec)
    known = {node.name: tables(node.iptables) for node in spec.nodes if node.iptables}
    return {
        name: [event for line in lines if (event := of_the_kernel(line, known[name]))]
        for name, lines in told.items()
    }


def tables(rules: str) -> set[str]:
    return {line[1:] for line in rules.splitlines() if line.startswith("*")}


def of_the_kernel(line: str, known: set[str]) -> str | None:
    """``nat KUBE-SVC-X: -A KUBE-SVC-X -j KUBE-SEP-Y``; None for what is of no rule of the file."""
    match = EVENT.match(line)
    if match is None:
        return None
    table, chain, kind, rule = match.groups()
    if table not in known or kind == "return" or (rule or "").endswith("-j TRACE"):
        return None
    return f"{table} {chain}: {rule.strip() if kind == 'rule' else 'policy'}"


def said_by_pknet(spec: Spec) -> dict[str, list[str]]:
    lab = Lab(spec)
    lab.run()
    told: dict[str, list[str]] = {node.name: [] for node in spec.nodes if node.iptables}
    for hop in lab.trace.hops:
        if hop.node in told:
            told[hop.node] += filter(None, map(of_pknet, hop.steps))
    return told


def of_pknet(step: Step) -> str | None:
    if isinstance(step, RuleStep):
        return f"{step.path.table} {step.rule.chain}: {step.rule.save()}"
    if isinstance(step, PolicyStep):
        return f"{step.table} {step.hook}: policy"
    if isinstance(step, TableStep) and step.accepted:
        return f"{step.table} {step._chain.name}: policy"
    return None


@pytest.mark.parametrize(
    "name",  # of those in which the kernel throws no dice
    ["nodeport", "hairpin", "service-ping", "service-same-node", "traceroute"],
)
def test_a_shipped_topology_consults_what_the_kernel_does(name, monkeypatch):
    spec = load(TOPOLOGIES / f"{name}.yaml")
    assert said_by_pknet(spec) == said_by_the_kernel(spec, monkeypatch)


def test_rules_that_go_here_and_there_are_consulted_in_the_kernels_order(monkeypatch):
    every = r"*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]"  # nft has only those named
    b1 = f'listen: [{{udp: 53, reply: pong}}], iptables: "{RULES.replace("*filter", every)}"'
    spec = load_text(pair(UDP, b1=b1), Path("test.yaml"))
    assert said_by_pknet(spec) == said_by_the_kernel(spec, monkeypatch)
