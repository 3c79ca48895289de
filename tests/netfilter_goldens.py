"""Rules that other programs wrote, with what iptables-save (1.8.9, nf_tables) then printed.

data/netfilter/kube-proxy.json.xz   kube-proxy 1.30.5: its Ensure calls, its iptables-restore input
data/netfilter/cni.json.xz          iptables-save of hosts that the reference CNI plugins changed
data/netfilter/rules.txt …          rules and what comes of them: how they are printed, or refused
"""

from __future__ import annotations

import json
import lzma
import re
from functools import cache
from pathlib import Path
from typing import Any

from pknet.netns.netfilter import Ruleset, parse

DATA = Path(__file__).parent / "data" / "netfilter"
TABLES = ("mangle", "nat", "filter")
_ENSURE = re.compile(
    "EnsureChain -t (?P<table>\\S+) -N (?P<new>\\S+)|EnsureRule -I -t (?P<of>\\S+) (?P<rule>.*)"
)
_CANARY = "".join(f"*{table}\n:KUBE-PROXY-CANARY - [0:0]\nCOMMIT\n" for table in TABLES)


@cache
def cases(name: str) -> dict[str, Any]:
    """By name."""
    return json.loads(lzma.decompress((DATA / f"{name}.json.xz").read_bytes()))  # type: ignore[no-any-return]


def told_of(name: str) -> list[tuple[str, list[str]]]:
    """Each line of data/netfilter/NAME.txt, with the indented ones that follow it."""
    found: list[tuple[str, list[str]]] = []
    for line in (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            found[-1][1].append(line.strip())
        elif not line.startswith("#"):
            found.append((line, []))
    return found


def ensured(text: str, onto: Ruleset) -> Ruleset:
    """What EnsureChain and EnsureRule make; a chain that is there already stays."""
    for line in text.splitlines():
        found = _ENSURE.fullmatch(line)
        assert found is not None, line
        table = found["table"] or found["of"]
        known = onto.tables[table].chains if table in onto.tables else {}
        if found["new"] in known:
            continue
        command = f"-N {found['new']}" if found["new"] else f"-I {found['rule']}"
        command = re.sub("--comment (.*) -j", r'--comment "\1" -j', command)
        onto = parse(f"*{table}\n{command}\nCOMMIT\n", family=onto.family, onto=onto)
    return onto


def kube_proxy(case: dict[str, Any]) -> list[tuple[str, str]]:
    """For each sync, what we print and what iptables-save printed."""
    ruleset = parse(_CANARY, family=case["family"])
    pairs = []
    for sync in case["syncs"]:
        ruleset = ensured(sync["ensure"], ruleset)
        ruleset = parse(sync["restore"], onto=ruleset)
        pairs.append((ruleset.save(), sync["save"]))
    return pairs
