"""A seed makes a topology file."""

from __future__ import annotations

from random import Random
from typing import Any

import yaml

from fuzz import rules, sysctls, traffic
from fuzz.network import Network
from fuzz.networks import SHAPES

Document = dict[str, Any]

_LONG_SHARE = 0.04  # of all cases: those that wait until neighbours have been given up
_DOWN_SHARE = 0.05  # with a bridge port that is down
_DELAY_SHARE = 0.2  # with slow cables
_DELAYS = ("1us", "50us", "700us", "2ms", "4ms")
_BURST = 576  # bytes of text, or of a packet: what is shorter is sent at once
_PAUSE = {"wait": "1ms"}
_LONG = {"wait": "3300ms"}


def case(seed: int) -> Document:
    """The topology of ``seed``, as a topology file has it."""
    network = Network(Random(seed))
    rng = network.rng
    rng.choice(SHAPES)(network)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        rng.choice(sysctls.GROUPS)(network)
    for node in network.nodes:
        if network.chance(0.7 if "bridges" in network.nodes[node] else 0.3):
            rules.add(network, node)
    if network.chance(_DOWN_SHARE):
        _take_down(network)
    for _ in range(rng.choice([2, 3, 4, 5, 6, 7])):
        rng.choices(list(traffic.KINDS), traffic.KINDS.values())[0](network)
    if network.chance(_DELAY_SHARE) and not _races(network):
        _delay(network)
    if network.chance(_LONG_SHARE):
        network.traffic.append(dict(_LONG))
        _without_timers(network)
    return {
        "name": f"seed-{seed}", "nodes": network.nodes, "links": network.links,
        "traffic": network.traffic,
    }  # fmt: skip


def _races(network: Network) -> bool:
    """Whether packets may race: the kernel's cables know no delay, so their order would differ.

    So it does where there are two ways, and where the answer to a burst's first packet meets its
    last.
    """
    bridged = any("bridges" in k or k.get("kind") == "switch" for k in network.nodes.values())
    ways = len(network.links) >= len(network.nodes)
    mtus = (network.mtu(node, name) for node in network.nodes for name in network.devices(node))
    return bridged or ways or min(mtus) < _BURST


def _delay(network: Network) -> None:
    """Slow cables, and nothing that is sent as a burst."""
    for index, ends in enumerate(network.links):
        delay = network.rng.choice(_DELAYS)
        network.links[index] = {"endpoints": ends, "type": "cable", "delay": delay}
    network.traffic = [
        item for item in network.traffic
        if len(repr(item)) <= _BURST and item.get("size", 0) <= _BURST
    ] or [dict(_PAUSE)]  # fmt: skip
    for keys in network.nodes.values():
        for entry in keys.get("listen", ()):
            entry["reply"] = "pong"


def _take_down(network: Network) -> None:
    """A port of some bridge, if there is one: no route leads out of it."""
    ports = [
        device for keys in network.nodes.values()
        for device in keys.get("interfaces", {}).values() if "master" in device
    ]  # fmt: skip
    if ports:
        network.rng.choice(ports)["up"] = False


def _without_timers(network: Network) -> None:
    """A half-open connection's last answer but one, and ARP's giving up, are due together."""
    for keys in network.nodes.values():
        if "listen" in keys:
            keys["listen"] = [entry for entry in keys["listen"] if "tcp" not in entry]


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, so that rules can be read."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def text_of(document: Document) -> str:
    """The file."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=100)
