"""A topology in the making: what ingredients add to, and what they ask.

Law: every MAC is written out, so that a part can be taken away and the rest stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface
from random import Random
from typing import Any, NamedTuple

#: Milliseconds that the items of one case may take in all. Neighbours are asked again, and
#: segments sent again, after a second: what comes sooner cannot race with that.
BUDGET = 850
FIRST_PORT = 40_000  # of clients; each item has its own, so that no two flows meet


class Station(NamedTuple):
    """An address of a node, and the device that it is on."""

    node: str
    device: str
    address: IPv4Interface

    @property
    def ip(self) -> str:
        """Without the prefix length."""
        return str(self.address.ip)


class Network:
    """Nodes, links and traffic as a topology file has them, and ``rng``, the case's only chance."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.nodes: dict[str, dict[str, Any]] = {}
        self.links: list[Any] = []
        self.traffic: list[dict[str, Any]] = []
        self._spent = 0
        self._number = 0

    # --- building

    def node(self, name: str, **keys: Any) -> str:
        """A node; returns its name."""
        self.nodes[name] = dict(keys)
        return name

    def bridge(self, node: str, name: str, *addresses: str) -> None:
        """A bridge device on ``node``; ``connect`` makes its ports."""
        self._device(node, "bridges", name)
        self.address(node, name, *addresses)

    def connect(self, a: str, b: str, mtu: int | None = None) -> None:
        """A link between two places (``node:interface``), both of which it makes."""
        self.links.append([a, b])
        for node, name in (a.split(":"), b.split(":")):
            device = self._device(node, "interfaces", name)
            if mtu is not None:
                device["mtu"] = mtu

    def port(self, place: str, bridge: str, **keys: Any) -> None:
        """The interface is a port of ``bridge``."""
        node, name = place.split(":")
        self.nodes[node]["interfaces"][name].update(master=bridge, **keys)

    def address(self, node: str, device: str, *addresses: str) -> None:
        """Put addresses on a device."""
        if addresses:
            self.device(node, device).setdefault("addresses", []).extend(addresses)

    def route(self, node: str, *texts: str) -> None:
        """``ip route add``."""
        self.nodes[node].setdefault("routes", []).extend(texts)

    def sysctl(self, node: str, name: str, value: int | str) -> None:
        """A kernel setting; the last one counts."""
        self.nodes[node].setdefault("sysctls", {})[name] = value

    def _device(self, node: str, kind: str, name: str) -> dict[str, Any]:
        number = len(self.devices(node)) + 1
        mac = f"02:00:00:00:{list(self.nodes).index(node) + 1:02x}:{number:02x}"
        device: dict[str, Any] = {"mac": mac}
        self.nodes[node].setdefault(kind, {})[name] = device
        return device

    # --- asking

    def devices(self, node: str) -> dict[str, dict[str, Any]]:
        """All but lo."""
        keys = self.nodes[node]
        return {**keys.get("interfaces", {}), **keys.get("bridges", {})}

    def device(self, node: str, name: str) -> dict[str, Any]:
        """What the file says of one device."""
        return self.devices(node)[name]

    def mtu(self, node: str, name: str) -> int:
        """In bytes."""
        return int(self.device(node, name).get("mtu", 1500))

    @property
    def stations(self) -> list[Station]:
        """Every address, in order."""
        return list(self._stations())

    def _stations(self) -> Iterator[Station]:
        for node in self.nodes:
            for name, device in self.devices(node).items():
                for text in device.get("addresses", ()):
                    yield Station(node, name, IPv4Interface(text))

    def sender(self) -> Station:
        """One that may send."""
        return self.rng.choice(self.stations)

    def target(self, sender: Station) -> str:
        """An address worth sending to: mostly somebody's, now and then nobody's or everybody's."""
        rng = self.rng
        others = [each for each in self.stations if each.node != sender.node]
        if others and rng.random() < 0.8:
            return rng.choice(others).ip
        network = rng.choice(self.stations).address.network
        return rng.choice(
            [
                sender.ip,
                str(network.broadcast_address),
                str(network.network_address),
                str(network[min(77, network.num_addresses - 1)]),
                "172.30.0.1",
                "203.0.113.9",
                "224.0.0.1",
                "239.1.2.3",
                "255.255.255.255",
                "127.0.0.1",
                "127.0.0.53",
            ]
        )

    def udp_port(self) -> int:
        """Somebody's, if anybody listens."""
        entries = [entry for keys in self.nodes.values() for entry in keys.get("listen", ())]
        return self.rng.choice([int(entry["udp"]) for entry in entries if "udp" in entry] or [5000])

    def chance(self, share: float) -> bool:
        """True in ``share`` of all cases."""
        return self.rng.random() < share

    def number(self) -> int:
        """Another one each time: for ports and ids."""
        self._number += 1
        return FIRST_PORT + self._number

    # --- traffic

    def send(self, item: dict[str, Any], lasts: int) -> None:
        """Add an item that takes at most ``lasts`` milliseconds, if there is time left for it."""
        if self._spent + lasts <= BUDGET:
            self._spent += lasts
            self.traffic.append(item)
