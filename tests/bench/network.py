"""The topologies of the jobs, made from their sizes.

cross_node   a1 -> node-a -> sw1 -> node-b -> b1, kube-proxy's rules on both nodes
one_switch   hosts on one switch, and each pings each other
cluster      nodes with pods, each with a route to every other node's pods
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import yaml

from bench.place import TOPOLOGIES
from pknet.topology.load import load_text
from pknet.topology.spec import Spec

SIZE = 100  # bytes of payload of every datagram, both ways
PORT = 5000
SERVER = IPv4Address("10.1.2.1")  # b1

Document = dict[str, Any]


def cross_node(*traffic: Document) -> Spec:
    """The shipped topology with the rules of chapter11, something that answers on b1, and this."""
    path = TOPOLOGIES / "cross-node.yaml"
    document = yaml.safe_load(path.read_text("utf-8"))
    for node in ("node-a", "node-b"):
        document["nodes"][node]["iptables"] = {"file": "rules/chapter11.rules"}
    document["nodes"]["b1"]["listen"] = [{"udp": PORT, "reply": {"bytes": SIZE}}]
    document["traffic"] = list(traffic)
    return load_text(text_of(document), path)


class _Dumper(yaml.CSafeDumper):
    """Writes what occurs twice twice: a topology file has no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def text_of(document: Document) -> str:
    """As a file holds it."""
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False)
    return text


def one_switch(hosts: int, *, acquainted: bool) -> Document:
    """``hosts`` on one switch; each pings each other.

    ``acquainted``: each has a permanent entry for each other, and never asks.
    """
    names = {f"h{n}": f"10.0.{n // 250}.{n % 250 + 1}" for n in range(hosts)}
    nodes: Document = {
        name: {"interfaces": {"eth0": {"addresses": [f"{address}/16"], "mac": _mac(address)}}}
        for name, address in names.items()
    }
    if acquainted:
        known = {to: {"mac": _mac(to), "dev": "eth0"} for to in names.values()}
        for name, own in names.items():
            nodes[name]["neighbours"] = {to: entry for to, entry in known.items() if to != own}
    return {
        "name": "one-switch",
        "nodes": nodes | {"sw1": {"kind": "switch"}},
        "links": [[f"{name}:eth0", f"sw1:p-{name}"] for name in names],
        "traffic": [{"pingall": "all", "expect": {"lost": 0}}],
    }


def _mac(address: str) -> str:
    return f"02:02:{IPv4Address(address).packed.hex(':')}"


def cluster(nodes: int, pods: int = 10) -> Document:
    """``nodes`` on one switch, each with ``pods`` on its bridge."""
    numbers = range(nodes)
    made: Document = {f"node-{n}": _node(n, nodes, pods) for n in numbers}
    made["sw1"] = {"kind": "switch"}
    links: list[list[str]] = [[f"node-{n}:eth0", f"sw1:p{n}"] for n in numbers]
    for n in numbers:
        for pod in range(pods):
            made[f"pod-{n}-{pod}"] = {
                "interfaces": {"eth0": {"addresses": [f"{_subnet(n)}.{pod + 1}/24"]}},
                "routes": [f"default via {_subnet(n)}.254"],
            }
            links.append([f"pod-{n}-{pod}:eth0", f"node-{n}:v{pod}"])
    return {"name": "cluster", "nodes": made, "links": links}


def _node(number: int, nodes: int, pods: int) -> Document:
    ports = {f"v{pod}": {"master": "br0"} for pod in range(pods)}
    return {
        "kind": "node",
        "bridges": {"br0": {"addresses": [f"{_subnet(number)}.254/24"]}},
        "interfaces": {"eth0": {"addresses": [f"{_address(number)}/16"]}, **ports},
        "routes": list(_routes(number, nodes)),
    }


def _routes(number: int, nodes: int) -> Iterator[str]:
    for other in range(nodes):
        if other != number:
            yield f"{_subnet(other)}.0/24 via {_address(other)}"


def _subnet(number: int) -> str:
    return f"10.{1 + number // 250}.{number % 250}"


def _address(number: int) -> str:
    return f"192.168.{number // 250}.{number % 250 + 1}"


def written(document: Document, folder: Path) -> Path:
    """``document`` as a topology file in ``folder``."""
    path = folder / f"{document['name']}.yaml"
    path.write_text(text_of(document), "utf-8")
    return path
