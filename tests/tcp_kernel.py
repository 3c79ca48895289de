"""A conversation between two sockets of the real kernel: two namespaces and a veth pair.

A lost segment is dropped by iptables at the receiver's INPUT, behind the tap.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tcp_conversations import CLIENT, SERVER, Action, Conversation, line

from pknet.kernel import sysctl
from pknet.kernel.capture import Captured, Tap
from pknet.kernel.device import offloads_off, wait_running
from pknet.kernel.namespace import Namespace
from pknet.netns.socket.tcp.segment import Segment
from pknet.wire import ipv4
from pknet.wire.ipv4 import Ipv4
from pknet.wire.tcp import SYN

PORT = 8080
BUFFER = 8 << 20
ADDRESSES = {CLIENT: "10.0.0.1", SERVER: "10.0.0.2"}
MACS = {CLIENT: "02:00:00:00:00:01", SERVER: "02:00:00:00:00:02"}
SETTINGS = {"net.ipv4.tcp_congestion_control": "reno"}
SO_SNDBUFFORCE = 32


def converse(conversation: Conversation) -> list[str]:
    """What the two said."""
    with two_homes(conversation.buffer) as homes:
        for who in homes:
            other = SERVER if who == CLIENT else CLIENT
            _drop(homes[who], [index for sender, index in conversation.lost if sender == other])
        taps = {who: Tap(homes[who], 1500) for who in homes}
        try:
            _Sockets(homes, list(taps.values())).act(conversation)
        finally:
            for tap in taps.values():
                tap.close()
        return _told({who: tap.frames["eth0"] for who, tap in taps.items()}, conversation)


@contextmanager
def two_homes(buffer: int) -> Iterator[dict[str, Namespace]]:
    homes = {who: Namespace(who) for who in (CLIENT, SERVER)}
    try:
        with homes[CLIENT].entered():
            run("ip link add eth0 type veth peer name eth0 netns", homes[SERVER].path)
        for who, home in homes.items():
            with home.entered():
                sysctl.write(who, [*sysctl.BASE.items(), *SETTINGS.items()])
                if who == SERVER:
                    sysctl.write(who, [("net.ipv4.tcp_rmem", f"4096 {buffer} 33554432")])
                offloads_off(["eth0"])
                run(f"ip link set eth0 address {MACS[who]} up")
                run(f"ip addr add {ADDRESSES[who]}/24 dev eth0")
        for who, home in homes.items():
            other = SERVER if who == CLIENT else CLIENT
            with home.entered():
                wait_running(who, ["eth0"])
                run(f"ip neigh replace {ADDRESSES[other]} lladdr {MACS[other]} dev eth0")
        yield homes
    finally:
        for home in homes.values():
            home.close()


def run(command: str, *more: str, given: str | None = None) -> None:
    subprocess.run(
        [*command.split(), *more], check=True, capture_output=True, text=True, input=given
    )


def _drop(home: Namespace, indexes: list[int]) -> None:
    """Each rule counts what those before it let through."""
    rules = [
        f"-A INPUT -p tcp -m statistic --mode nth --every 1000000 --packet {index - place} -j DROP"
        for place, index in enumerate(sorted(indexes))
    ]
    with home.entered():
        run("iptables-restore", given="\n".join(["*filter", *rules, "COMMIT", ""]))


@dataclass
class _Sockets:
    """The two ends, and what a script may ask of them."""

    homes: dict[str, Namespace]
    taps: list[Tap]
    ends: dict[str, socket.socket] = field(default_factory=dict)

    def act(self, conversation: Conversation) -> None:
        """Do what the script says, when it says so."""
        with self._socket(CLIENT) as client, self._socket(SERVER) as listener:
            listener.bind(("", PORT))
            listener.listen()
            listener.setblocking(False)
            client.setblocking(False)
            self.ends[CLIENT] = client
            self.listener = listener
            start = time.monotonic()
            for action in conversation.script:
                self._sleep_until(start + action[0] / 1000)
                self._do(action)
            self._sleep_until(start + conversation.lasts / 1000)
            for end in self.ends.values():
                end.close()

    def _sleep_until(self, when: float) -> None:
        while (left := when - time.monotonic()) > 0:
            time.sleep(min(left, 0.02))
            for tap in self.taps:
                tap.drain()

    def _socket(self, who: str) -> socket.socket:
        with self.homes[who].entered():
            made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, BUFFER)
        return made

    def _do(self, action: Action) -> None:
        """What cannot be done (not connected, reset) is left out."""
        _, who, what, size = action
        with suppress(OSError):
            if who not in self.ends:
                self.ends[who], _ = self.listener.accept()
                self.ends[who].setblocking(False)
            end = self.ends[who]
            if what == "connect":
                end.connect((ADDRESSES[SERVER], PORT))
            elif what == "read":
                end.recv(BUFFER)
            elif what == "write":
                assert end.send(bytes(size)) == size
            elif what == "shutdown":
                end.shutdown(socket.SHUT_WR)
            else:
                end.close()


def _told(frames: dict[str, list[Captured]], conversation: Conversation) -> list[str]:
    """The lines, from what left at each end."""
    sent = [(frame.time_ns, who, place) for who, found in frames.items()
            for place, frame in enumerate(_segments(found))]  # fmt: skip
    segments = {who: [Segment.parse(_payload(f)) for f in _segments(found)]
                for who, found in frames.items()}  # fmt: skip
    initial = {who: next((s.seq for s in found if s.flags & SYN), 0)
               for who, found in segments.items()}  # fmt: skip
    lines = []
    first = min(sent)[0]
    for when, who, place in sorted(sent):
        other = SERVER if who == CLIENT else CLIENT
        said = line(who, when - first, segments[who][place], initial[who], initial[other])
        lines.append(said + " LOST" * ((who, place) in conversation.lost))
    return lines


def _segments(frames: list[Captured]) -> list[Captured]:
    return [f for f in frames if f.direction == "out" and f.wire[12:14] == b"\x08\x00"
            and f.wire[23] == ipv4.TCP]  # fmt: skip


def _payload(frame: Captured) -> bytes:
    packet = frame.wire[14:]
    header = Ipv4.parse(packet)
    return packet[header.header_length : header.length]
