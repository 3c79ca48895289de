"""A router between a client's and a server's side: its topology, and what it has to say.

Whoever plays the router takes the packets of a story, and tells what came out and where, which
connections there are, and how often each rule has counted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from pknet.topology.load import load_text
from pknet.topology.spec import Spec
from pknet.wire.address import mac_bytes

SIDES = ("client", "server")
MACS = {"client": "02:00:00:00:01:01", "server": "02:00:00:00:03:01"}
NETS = {"client": "10.0.1", "server": "10.0.2"}
IDENT = 7  # the packet id of every packet of a story

Packet = tuple[str, bytes]  # the side that it comes from or goes to, and the packet
Step = Packet | float  # of a story; a number: so many seconds in which nothing happens
Frames = list[Packet]


class Told(NamedTuple):
    """What one router has to say. ``sent``: for each packet of the story, what came out where."""

    sent: list[Frames]
    connections: list[str]
    counters: list[str]


def spec_of(rules: str, sysctls: dict[str, int] | None = None) -> Spec:
    """The client's side, the router and the server's side."""
    known = {
        f"{NETS[side]}.{host}": {"mac": MACS[side], "dev": side}
        for side in SIDES
        for host in range(1, 10)
    }
    box = {
        "kind": "router",
        "interfaces": {side: {"addresses": [f"{NETS[side]}.254/24"]} for side in SIDES},
        "neighbours": known,
        "sysctls": sysctls or {},
        "iptables": rules,
    }
    document = {
        "name": "boxes",
        "nodes": {"client": {}, "box": box, "server": {}},
        "links": [["client:eth0", "box:client"], ["box:server", "server:eth0"]],
    }
    return load_text(json.dumps(document), Path("boxes.yaml"))  # JSON is YAML


class Box(Protocol):
    """A router that a story can be told to."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""

    def send(self, side: str, wire: bytes) -> Frames:
        """Put a frame in at ``side``; what came out."""


def tell(box: Box, story: Sequence[Step]) -> list[Frames]:
    """What came out, for each packet of ``story``."""
    sent = []
    for step in story:
        if isinstance(step, tuple):
            side, data = step
            sent.append(box.send(side, header(side, 0x0800) + data))
        else:
            box.wait(step)
    return sent


def header(side: str, protocol: int) -> bytes:
    """The Ethernet header of what ``side`` sends to the router."""
    router = "02:00:00:00:02:01" if side == "client" else "02:00:00:00:02:02"
    return mac_bytes(router) + mac_bytes(MACS[side]) + protocol.to_bytes(2, "big")


# --- what is compared


def comparable(data: bytes) -> bytes:
    """What a router says itself bears a packet id of its own, and a header checksum over it."""
    return data if data[4:6] == IDENT.to_bytes(2, "big") else data[:4] + data[6:10] + data[12:]


def listed(text: str) -> list[str]:
    """``conntrack -L`` in any order, timeouts in tens of seconds: a real clock goes on."""
    return sorted(_rounded(line) for line in text.splitlines())


def _rounded(line: str) -> str:
    words = line.split()
    words[2] = str((int(words[2]) + 5) // 10 * 10)
    return " ".join(words)


def counted(text: str) -> list[str]:
    """The rules of iptables-save; iptables-nft counts no packets of a policy."""
    return sorted(line for line in text.splitlines() if line.startswith("["))
