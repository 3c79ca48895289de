"""``--detail``: every rule and table consulted, in the order in which the packet met them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kernel_backend import pair

from pknet.cli.main import main
from pknet.lab.lab import Lab
from pknet.netns.netfilter.consulted import TableStep
from pknet.report.items import run_lines
from pknet.report.layout import text_of
from pknet.topology.load import load_text
from pknet.trace import detailed

TOPOLOGIES = sorted((Path(__file__).parent.parent / "topologies").glob("*.yaml"))
RULES = r"""*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n*filter
:GONE - [0:0]
:EMPTY - [0:0]
:OTHER - [0:0]
-A INPUT -s 10.9.0.0/16 -p udp -m comment --comment far -j DROP
-A INPUT -p tcp -m tcp --dport 81 -j DROP
-A INPUT -p udp -m udp --dport 54 -j DROP
-A INPUT ! -i eth0 -j DROP
-A INPUT -m mark --mark 0x1 -m udp -p udp --dport 53 -j DROP
-A INPUT -p udp
-A INPUT -j EMPTY
-A INPUT -j OTHER
-A INPUT -p udp -g GONE
-A INPUT -j DROP
-A GONE -f -j DROP
-A OTHER -p udp -m multiport --dports 1,2 -j DROP
-A OTHER -j MARK --set-xmark 0x1/0xffffffff
-A OTHER -m mark --mark 0x2 -m statistic --mode nth --every 2 --packet 1 -j DROP
-A OTHER -j RETURN
-A OTHER -j DROP
COMMIT\n""".replace("\n", r"\n")
CONSULTED = """\
ROUTE 10.0.0.2: local 10.0.0.2 dev eth0
INPUT filter INPUT : not rule 1: -s 10.9.0.0/16
INPUT filter INPUT : not rule 2: -p tcp
INPUT filter INPUT : not rule 3: -m udp --dport 54
INPUT filter INPUT : not rule 4: ! -i eth0
INPUT filter INPUT : not rule 5: -m mark --mark 0x1
INPUT filter INPUT : matches, and has no target
INPUT filter INPUT : jump EMPTY
INPUT filter EMPTY : no rules, back to INPUT
INPUT filter INPUT : jump OTHER
INPUT filter OTHER : not rule 1: -m multiport --dports 1,2
INPUT filter OTHER : MARK 0x0 -> 0x1
INPUT filter OTHER : not rule 3: -m mark --mark 0x2 or -m statistic --mode nth --every 2 --packet 1
INPUT filter OTHER : RETURN
INPUT filter INPUT : goto GONE
INPUT filter GONE : not rule 1: -f
INPUT filter GONE : back to the policy of INPUT
INPUT filter INPUT : policy ACCEPT"""
UDP = '{udp: "10.0.0.2:53", from: a1, payload: x}'


def played(rules: str = RULES) -> Lab:
    b1 = f'listen: [{{udp: 53, reply: pong}}], iptables: "{rules}"'
    lab = Lab(load_text(pair(UDP, b1=b1), Path("test.yaml")))
    lab.run()
    return lab


def said(lab: Lab) -> list[str]:
    """All that b1 has to tell of the first packet."""
    hops = [hop for hop in lab.trace.hops if hop.node == "b1" and hop.packet == 1]
    return [line for hop in hops for _, line in detailed(hop.steps)]


def test_every_rule_is_told_in_the_order_in_which_it_was_consulted():
    lines = said(played())
    assert lines == [
        "PREROUTING raw PREROUTING : no rules, policy ACCEPT", *CONSULTED.splitlines()
    ]  # fmt: skip


def test_a_policy_that_drops_is_told_once():
    lines = said(played(r"*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n"))
    assert lines[1:] == ["INPUT filter INPUT : not rule 1: -p tcp", "INPUT filter : policy DROP"]


def test_what_nobody_asked_for_is_not_told():
    lab = played()
    plain = [text_of(line) for line in run_lines(lab.trace, lab.results, 80)]
    assert not any("policy ACCEPT" in line or "not rule" in line for line in plain)


def test_no_line_is_wider_than_the_page_if_it_can_be_broken():
    lab = played()
    for line in run_lines(lab.trace, lab.results, 80, detail=True):
        assert len(text_of(line)) <= 80


def test_json_has_it_too(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = str(TOPOLOGIES[0].parent / "service.yaml")
    main(["run", path, "--json", "--detail"])
    detail = [json.loads(line)["steps"] for line in capsys.readouterr().out.splitlines()]
    main(["run", path, "--json"])
    plain = [json.loads(line)["steps"] for line in capsys.readouterr().out.splitlines()]
    assert all(set(some) <= set(more) for some, more in zip(plain, detail, strict=True))
    assert any("policy ACCEPT" in step for steps in detail for step in steps)


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_what_is_told_is_the_walk_that_was_taken(path):
    """Every rule that matched is met again, at its place; and nothing else is."""
    lab = Lab.load(path)
    lab.run()
    for hop in lab.trace.hops:
        rules = {}
        for step in hop.steps:
            if isinstance(step, TableStep):
                told = step.consulted()
                assert list(told)[:-1] == [s for s in hop.steps if s in told][:-1]
                assert all(rule in told for rule in step.matched)
                rules.update(told)
