"""Two hosts and what their sockets do, played by pknet and by Linux; Linux's side is kept as data.

A line of a recording: node, direction, nanoseconds, the frame in hex. Everything is seen at eth0.
"""

from __future__ import annotations

from pathlib import Path

from kernel_backend import pair

from pknet.kernel.capture import Captured
from pknet.kernel.compare import Difference, Frames, compare
from pknet.kernel.given import Given
from pknet.lab.lab import Lab
from pknet.topology.load import load_text
from pknet.topology.spec import Spec

DATA = Path(__file__).parent / "data" / "sockets"
PLACES = (("a1", "eth0"), ("b1", "eth0"))

LISTEN = "listen: [{tcp: 8080, reply: pong}, {udp: 5353, reply: pong}]"


def drop(rule: str) -> str:
    """A host that drops what comes in by ``rule``."""
    return f'iptables: "*filter\\n-A INPUT {rule}\\nCOMMIT\\n"'


def nth(flags: str, number: int) -> str:
    """The ``number``-th segment with these flags (from 0)."""
    return drop(
        f"-p tcp --tcp-flags {flags} -m statistic --mode nth --every 1000 --packet {number} -j DROP"
    )


def numbered(number: int) -> str:
    """The ``number``-th segment (from 0) of those without SYN and FIN."""
    return nth("SYN,FIN NONE", number)


def tcp(timeout: str = "1s", port: int = 8080, payload: str = "ping") -> str:
    """A tcp item."""
    return (
        f'{{tcp: "10.0.0.2:{port}", from: a1, sport: 40000, payload: {payload}, '
        f"timeout: {timeout}}}"
    )


LARGE = "x" * 10_000


def large(timeout: str = "3s") -> str:
    """A tcp item with ten kilobytes."""
    return tcp(timeout, payload=LARGE)


def listen(reply: str = "pong", read: int = 1) -> str:
    """A host with a listener that reads so many bytes before it replies."""
    return f"listen: [{{tcp: 8080, reply: {reply}, read: {read}}}]"


def buffer(size: int) -> str:
    """A host whose sockets have so small a receive buffer."""
    return f'sysctls: {{net.ipv4.tcp_rmem: "4096 {size} 33554432"}}'


def udp(port: int = 5353, more: str = "") -> str:
    """A udp item."""
    return f'{{udp: "10.0.0.2:{port}", from: a1, sport: 40001, payload: ask{more}}}'


#: By name, what ``pair`` takes: items, then the keys of a1 and b1.
SCENES: dict[str, tuple[list[str], str, str]] = {
    "tcp": ([tcp()], "", LISTEN),
    "tcp-twice-from-one-port": ([tcp(), tcp()], "", LISTEN),
    "tcp-closed-port": ([tcp(port=81)], "", LISTEN),
    "tcp-rejected": ([tcp()], "", f"{drop('-p tcp -j REJECT')}, {LISTEN}"),
    "tcp-rejected-by-reset": (
        [tcp()], "", f"{drop('-p tcp -j REJECT --reject-with tcp-reset')}, {LISTEN}",
    ),
    "tcp-prohibited": (
        [tcp()], "", f"{drop('-p tcp -j REJECT --reject-with icmp-admin-prohibited')}, {LISTEN}",
    ),
    "tcp-rejected-later": (
        [tcp()], "",
        f"{drop('-p tcp --tcp-flags PSH PSH -j REJECT --reject-with icmp-host-unreachable')}, "
        f"{LISTEN}",
    ),
    "tcp-silence": ([tcp(timeout="900ms")], "", f"{drop('-p tcp -j DROP')}, {LISTEN}"),
    "tcp-syn-lost": ([tcp(timeout="3s")], "", f"{nth('SYN,ACK SYN', 0)}, {LISTEN}"),
    "tcp-data-lost": ([tcp()], "", f"{nth('PSH PSH', 0)}, {LISTEN}"),
    "tcp-reply-lost": ([tcp()], nth("PSH PSH", 0), LISTEN),
    "tcp-fin-lost": ([tcp(), "{wait: 500ms}"], "", f"{nth('FIN FIN', 0)}, {LISTEN}"),
    "tcp-server-fin-lost": ([tcp(), "{wait: 500ms}"], nth("FIN FIN", 0), LISTEN),
    "tcp-syn-ack-lost": ([tcp(timeout="3s")], nth("SYN,ACK SYN,ACK", 0), LISTEN),
    "tcp-handshake-ack-lost": ([tcp()], "", f"{numbered(0)}, {LISTEN}"),
    "tcp-last-ack-lost": ([tcp(), "{wait: 500ms}"], "", f"{numbered(3)}, {LISTEN}"),
    "tcp-reset-lost": ([tcp(port=81)], nth("RST RST", 0), LISTEN),
    "tcp-large": ([large()], "", listen(LARGE, len(LARGE))),
    "tcp-large-middle-lost": ([large()], "", f"{numbered(4)}, {listen(read=len(LARGE))}"),
    "tcp-large-tail-lost": ([large()], "", f"{numbered(7)}, {listen(read=len(LARGE))}"),
    "tcp-large-reply-first-lost": ([tcp(timeout="3s")], numbered(1), listen(LARGE)),
    "tcp-large-small-buffer": ([large()], "", f"{buffer(8192)}, {listen(read=len(LARGE))}"),
    "udp": ([udp(), udp()], "", LISTEN),
    "udp-without-df": ([udp(more=", df: false, ttl: 5")], "", LISTEN),
    "udp-closed-port": ([udp(port=9)], "", LISTEN),
    "udp-too-large": (
        [f'{{udp: "10.0.0.2:5353", from: a1, sport: 40001, payload: {"x" * 2000}}}'], "", LISTEN,
    ),
    "nobody-there": (
        ['{tcp: "10.0.0.9:80", from: a1, sport: 40002, payload: x, timeout: 500ms}'], "", "",
    ),
    "no-route": (
        ['{tcp: "10.9.0.9:80", from: a1, sport: 40002, payload: x}',
         '{udp: "10.9.0.9:80", from: a1, sport: 40002, payload: x}',
         "{ping: 10.9.0.9, from: a1}"], "", "",
    ),
    "ping": (["{ping: 10.0.0.2, from: a1, id: 7, seq: 9, size: 20, df: false}"], "", ""),
    "own-address": (
        ['{tcp: "10.0.0.2:8080", from: b1, sport: 40003, payload: ping}',
         '{udp: "10.0.0.2:5353", from: b1, sport: 40003, payload: ask}'], "", LISTEN,
    ),
}  # fmt: skip


#: a1 and b1 behind two routers, whose cable takes only packets of 1280 bytes.
NARROW = f"""
name: narrow
nodes:
  a1: {{interfaces: {{eth0: {{addresses: [10.0.0.1/24]}}}}, routes: [default via 10.0.0.254]}}
  r1:
    kind: router
    interfaces:
      eth0: {{addresses: [10.0.0.254/24]}}
      eth1: {{addresses: [10.0.9.1/24], mtu: 1280}}
    routes: [10.0.1.0/24 via 10.0.9.2]
  r2:
    kind: router
    interfaces:
      eth0: {{addresses: [10.0.1.254/24]}}
      eth1: {{addresses: [10.0.9.2/24], mtu: 1280}}
    routes: [10.0.0.0/24 via 10.0.9.1]
  b1:
    interfaces: {{eth0: {{addresses: [10.0.1.2/24]}}}}
    routes: [default via 10.0.1.254]
    {listen(LARGE, len(LARGE))}
links:
  - ['a1:eth0', 'r1:eth0']
  - ['r1:eth1', 'r2:eth1']
  - ['r2:eth0', 'b1:eth0']
traffic:
  - {{tcp: "10.0.1.2:8080", from: a1, sport: 40000, payload: {LARGE}, timeout: 3s}}
"""
SMALL_MTU = NARROW.replace("24]}", "24], mtu: 1280}")

ROUTED = {"tcp-path-mtu": NARROW, "tcp-small-mtu": SMALL_MTU}


def spec_of(name: str) -> Spec:
    """The topology of a scene."""
    if name in ROUTED:
        return load_text(ROUTED[name], Path(f"{name}.yaml"))
    items, a1, b1 = SCENES[name]
    return load_text(pair(*items, a1=a1, b1=b1), Path(f"{name}.yaml"))


def played(lab: Lab) -> Frames:
    """What pknet's interfaces saw."""
    lab.run()
    seen: dict[tuple[str, str], list[Captured]] = {place: [] for place in PLACES}
    for tap in lab.trace.taps:
        place = (tap.hop.node, tap.interface)
        if tap.direction is not None and place in seen:
            seen[place].append(Captured(tap.time, tap.direction, tap.frame.wire))
    return seen


def recorded(name: str) -> Frames:
    """What Linux's did."""
    seen: dict[tuple[str, str], list[Captured]] = {place: [] for place in PLACES}
    for line in (DATA / f"{name}.txt").read_text(encoding="ascii").splitlines():
        node, direction, time, wire = line.split()
        seen[node, "eth0"].append(Captured(int(time), direction, bytes.fromhex(wire)))
    return seen


def record(name: str, frames: Frames) -> None:
    """Keep what Linux did."""
    first = min((f.time_ns for place in PLACES for f in frames[place]), default=0)
    lines = [
        f"{place[0]} {f.direction} {f.time_ns - first} {f.wire.hex()}"
        for place in PLACES
        for f in frames[place]
    ]
    (DATA / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


def differences(name: str, left: Frames, right: Frames) -> list[Difference]:
    """Frame by frame, at both ends."""
    sides = [{place: frames[place] for place in PLACES} for frames in (left, right)]
    return compare(sides[0], sides[1], Given.by(spec_of(name)), ("pknet", "linux"))
