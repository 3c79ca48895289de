"""The Services that a node's rules name.

Law: kube-proxy's own rules say it: in KUBE-SERVICES of nat those that have endpoints, in that of
filter those that have none (pkg/proxy/iptables/proxier.go, writeIptablesRules).

    -A KUBE-SERVICES -d 172.30.0.1/32 -p tcp -m comment --comment "default/web:http cluster IP"
        -m tcp --dport 80 -j KUBE-SVC-CDGGSHYLG3RE2FKL
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import cast

from pknet.netns.netfilter import parse
from pknet.topology.matrix_spec import Protocol, Target
from pknet.topology.spec import NodeSpec

CHAIN = "KUBE-SERVICES"
_RULE = re.compile(
    rf'-A {CHAIN} -d ([0-9.]+)/32 -p (tcp|udp) .*--comment "([^"]+)" .*--dport ([0-9]+) '
)
_SAID = re.compile(r" (cluster IP|has no endpoints)$")  # what a comment says besides the name


def services(nodes: tuple[NodeSpec, ...]) -> list[Target]:
    """Each once, in the order in which they are met."""
    found: dict[tuple[str, IPv4Address, int], Target] = {}
    for text, sets in dict.fromkeys((node.iptables, node.ipset) for node in nodes):
        if CHAIN in text:
            for one in _of(text, sets):
                found.setdefault((one.protocol, one.address, one.port), one)
    names = [one.name for one in found.values()]
    return [
        one if names.count(one.name) == 1 else Target(
            f"{one.name} {one.where}", one.protocol, one.address, one.port
        )
        for one in found.values()
    ]  # fmt: skip


def _of(text: str, sets: str) -> Iterator[Target]:
    """Read by the parser first, so that every spelling of a rule is the one that is saved."""
    tables = parse(text, sets).tables
    for table in ("nat", "filter"):
        chain = tables[table].chains.get(CHAIN) if table in tables else None
        for rule in chain.rules if chain is not None else ():
            match = _RULE.match(f"{rule.save()} ")
            if match is not None:
                address, protocol, comment, port = match.groups()
                name = _SAID.sub("", comment)
                yield Target(name, cast(Protocol, protocol), IPv4Address(address), int(port))
