"""What is replayed is what would have been walked: the trace, the files, and all that is left.

The walk is the judge: each run is made twice, with the fast path and without.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pknet.cli.main import main
from pknet.fastpath.image import Image
from pknet.fastpath.moving_frame import MovingFrame
from pknet.fastpath.unsteady import UnsteadyError
from pknet.lab.lab import Lab
from pknet.netns.namespace import Namespace
from pknet.report.folder import write
from pknet.report.items import run_lines
from pknet.report.jsonl import details, record
from pknet.report.layout import text_of
from pknet.report.show import VIEWS, view
from pknet.sim import EventLimitError
from pknet.topology.load import load_text
from pknet.topology.spec import Spec
from pknet.trace import Tap
from pknet.trace.record import Repeat
from pknet.wire import ipv4, udp
from pknet.wire.address import ip_int
from pknet.wire.ethernet import ETH_P_IP, Ethernet
from pknet.wire.frame import Frame
from pknet.wire.rewrite import rewrite

ROOT = Path(__file__).parents[1]
TOPOLOGIES = sorted((ROOT / "topologies").glob("*.yaml"))
LISTENER = {"udp": 5000, "reply": {"bytes": 20}}


def crossing(*traffic: dict[str, Any], file: str = "cross-node.yaml", **rules: str) -> Spec:
    """A shipped topology with other traffic, b1 listening; ``node_a``: the rules of that node."""
    path = ROOT / "topologies" / file
    document = yaml.safe_load(path.read_text("utf-8"))
    document["traffic"] = list(traffic)
    document["nodes"]["b1"]["listen"] = [LISTENER]
    for node, text in rules.items():
        document["nodes"][node.replace("_", "-")]["iptables"] = text
    return load_text(yaml.safe_dump(document, sort_keys=False), path)


def made(topology: str, *traffic: dict[str, Any]) -> Spec:
    """A network of a test's own."""
    document = yaml.safe_load(topology) | {"traffic": list(traffic)}
    return load_text(yaml.safe_dump(document, sort_keys=False), ROOT / "made.yaml")


def pair(spec: Spec) -> tuple[Lab, Lab]:
    """The same network twice: with the fast path, and without."""
    fast, slow = Lab(spec), Lab(spec)
    slow.fastpath = False
    return fast, slow


def both(spec: Spec) -> tuple[Lab, Lab]:
    """The same run twice."""
    fast, slow = pair(spec)
    fast.run()
    slow.run()
    return fast, slow


def replayed(lab: Lab) -> int:
    """How many periods nobody walked."""
    return sum(part.times for part in lab.trace.hops.parts if isinstance(part, Repeat))


def assert_the_same(fast: Lab, slow: Lab) -> None:
    """To the last byte and the last counter; of many differences the first is told."""
    for number, (a, b) in enumerate(zip_longest(fast.trace.taps, slow.trace.taps)):
        assert a is not None, number
        assert b is not None, number
        assert told(a) == told(b), number
    assert visits(fast) == visits(slow)
    assert outcomes(fast) == outcomes(slow)
    assert shown(fast) == shown(slow)
    assert text(fast) == text(slow)
    for (place, a), (_, b) in zip(state(fast), state(slow), strict=True):
        assert a == b, place


def told(tap: Tap) -> object:
    return tap.steps_before, record(tap, details(tap))


def text(lab: Lab) -> list[str]:
    return [text_of(line) for line in run_lines(lab.trace, lab.results, 80)]


def visits(lab: Lab) -> list[object]:
    return [
        (h.node, h.packet, h.time, h.verdict, [str(s) for s in h.steps]) for h in lab.trace.hops
    ]


def outcomes(lab: Lab) -> list[object]:
    return [(r.title, r.summary, r.failure) for r in lab.results]


def shown(lab: Lab) -> list[object]:
    """What iproute2, iptables-save -c and conntrack -L would print; what packets go back to."""
    views = [
        (node.name, name, list(view(name)(node)))
        for node in lab.nodes.values()
        if isinstance(node, Namespace)
        for name in VIEWS
    ]
    return [views, [lab.trace.cause(number) for number in range(1, lab.trace.packets + 1)]]


def state(lab: Lab) -> list[tuple[object, object]]:
    """Everything that the network remembers at the end: tables, ages, counters, what waits."""
    lab.clock.tidy()
    try:
        image = Image((lab.clock, lab.trace, dict(lab.nodes)))
    except UnsteadyError as error:
        return [("a packet still waits", str(error))]
    numbers = zip(image.places, image.numbers, strict=True)
    return [*numbers, ("", image.shape), ("", [frame.wire for frame in image.frames])]


UDP = {"udp": "10.1.2.1:5000", "from": "a1", "sport": 4000, "payload": {"bytes": 20}}
PING = {"ping": "10.1.2.1", "from": "a1"}


@pytest.mark.parametrize(
    ("topology", "traffic"),
    [
        pytest.param("cross-node.yaml", [UDP | {"count": 300}], id="one at a time"),
        pytest.param("cross-node.yaml", [UDP | {"count": 400, "rate": "50000/s"}], id="in flight"),
        pytest.param("cross-node.yaml", [UDP | {"count": 1200, "rate": "2/s"}], id="ten minutes"),
        pytest.param("cross-node.yaml", [PING | {"count": 300}], id="pings"),
        pytest.param("cross-node.yaml", [PING | {"count": 1000, "interval": "1s"}], id="ping -i 1"),
        pytest.param("chapter11.yaml", [UDP | {"count": 300}], id="kube-proxy's rules"),
        pytest.param("overlay-vxlan.yaml", [PING | {"count": 300}], id="vxlan"),
        pytest.param("overlay-ipip.yaml", [PING | {"count": 300}], id="ipip"),
        pytest.param(
            "cross-node.yaml",
            [UDP | {"count": 300, "at": "10ms"},
             UDP | {"sport": 4001, "count": 250, "at": "20.5ms"}], id="two at once",
        ),
    ],
)  # fmt: skip
def test_a_replay_is_what_a_walk_would_have_been(topology, traffic):
    fast, slow = both(crossing(*traffic, file=topology))
    assert_the_same(fast, slow)
    assert replayed(fast) > 200


@pytest.mark.parametrize(
    ("topology", "item"),
    [
        pytest.param("cross-node.yaml", UDP | {"count": 400, "rate": "7/s"}, id="uneven distance"),
        pytest.param("cross-node.yaml", UDP | {"count": 80, "sport": "new"}, id="new connections"),
        pytest.param("cross-node.yaml", PING | {"ping": "10.1.2.77", "count": 99}, id="nobody"),
        pytest.param("chapter11.yaml", UDP | {"udp": "172.30.0.1:80", "count": 99}, id="service"),
        pytest.param(
            "cross-node.yaml",
            UDP | {"payload": {"bytes": 3000}, "df": False, "count": 99},
            id="fragments",
        ),
        pytest.param("router-drops.yaml", PING | {"count": 99}, id="dropped"),
    ],
)
def test_what_is_never_twice_the_same_is_walked(topology, item):
    assert_the_same(*both(crossing(item, file=topology)))


def test_what_lapses_ends_a_replay():
    """An answered connection is a stream after two seconds: its deadline moves, on time."""
    item = UDP | {"count": 5000, "rate": "1000/s"}
    fast, slow = both(crossing(item, file="chapter11.yaml"))
    assert_the_same(fast, slow)
    runs = [part.times for part in fast.trace.hops.parts if isinstance(part, Repeat)]
    assert len(runs) > 1
    assert sum(runs) > 4500


ONE_WAY = """
name: one-way
nodes:
  a: {interfaces: {eth0: {addresses: [10.0.0.1/24]}, eth1: {addresses: [10.1.0.1/24]}}}
  b:
    interfaces: {eth0: {addresses: [10.0.0.2/24]}, eth1: {addresses: [10.1.0.2/24]}}
    routes: ["10.0.0.1/32 via 10.1.0.1"]
  c: {interfaces: {eth0: {addresses: [10.0.0.3/24]}}}
  sw: {kind: switch}
links: [[a:eth0, sw:p1], [b:eth0, sw:p2], [c:eth0, sw:p3], [a:eth1, b:eth1]]
"""
REDIRECTS = """
name: redirects
nodes:
  a:
    interfaces: {eth0: {addresses: [10.0.0.1/24]}}
    routes: ["10.5.0.0/24 via 10.0.0.254"]
    sysctls: {net.ipv4.conf.all.accept_redirects: 0, net.ipv4.conf.eth0.accept_redirects: 0}
  r:
    kind: router
    interfaces: {eth0: {addresses: [10.0.0.254/24]}}
    routes: ["10.5.0.0/24 via 10.0.0.2"]
    sysctls: {net.ipv4.conf.all.send_redirects: 1, net.ipv4.conf.eth0.send_redirects: 1}
  b:
    kind: router
    interfaces: {eth0: {addresses: [10.0.0.2/24]}, eth1: {addresses: [10.5.0.1/24]}}
  c: {interfaces: {eth0: {addresses: [10.5.0.2/24]}}, routes: ["default via 10.5.0.1"]}
  sw: {kind: switch}
links: [[a:eth0, sw:p1], [r:eth0, sw:p2], [b:eth0, sw:p3], [b:eth1, c:eth0]]
"""
TUNNEL = """
name: tunnel
nodes:
  a:
    interfaces: {eth0: {addresses: [192.168.0.1/24]}}
    tunnels:
      vx: {type: "vxlan id 1 local 192.168.0.1 dev eth0 dstport 4789 ageing 30",
           addresses: [10.9.0.1/24]}
    fdb: ["00:00:00:00:00:00 dev vx dst 192.168.0.2", "00:00:00:00:00:00 dev vx dst 192.168.0.3"]
  b:
    interfaces: {eth0: {addresses: [192.168.0.2/24]}}
    tunnels:
      vx: {type: "vxlan id 1 local 192.168.0.2 dev eth0 dstport 4789 ageing 30",
           addresses: [10.9.0.2/24]}
    fdb: ["00:00:00:00:00:00 dev vx dst 192.168.0.1"]
    routes: ["10.9.0.1/32 via 192.168.0.1"]
links: [[a:eth0, b:eth0]]
"""


@pytest.mark.parametrize("at", ["290.2s", "290.5s", "290.8s"])
def test_a_station_forgotten_while_it_is_looked_at_is_forgotten(at):
    early = {"ping": "10.0.0.2", "from": "a", "at": "10ms"}
    late = {"ping": "10.0.0.2", "from": "a", "at": at, "id": 7, "count": 60, "interval": "1s"}
    assert_the_same(*both(made(ONE_WAY, early, late)))


@pytest.mark.parametrize(("count", "interval"), [(900, "37ms"), (1500, "5ms")])
def test_a_redirect_comes_again_in_its_time(count, interval):
    ping = {"ping": "10.5.0.2", "from": "a", "count": count, "interval": interval}
    assert_the_same(*both(made(REDIRECTS, ping)))


def test_what_a_tunnel_learnt_lapses_too():
    ping = {"ping": "10.9.0.2", "from": "a", "count": 100, "interval": "1s"}
    fast, slow = both(made(TUNNEL, ping))
    assert_the_same(fast, slow)
    assert replayed(fast) > 0


def test_a_connection_that_becomes_a_stream_while_it_is_looked_at_is_one():
    rules = (
        "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m conntrack --ctstatus ASSURED\n"
        "-A FORWARD -m conntrack --ctexpire 100:200 -j ACCEPT\nCOMMIT\n"
    )
    early = UDP | {"at": "10ms", "timeout": "20ms"}
    late = UDP | {"at": "150ms", "count": 100, "rate": "5/s"}
    assert_the_same(*both(crossing(early, late, node_a=rules)))


def test_a_timer_of_somebody_s_own_rings_each_time():
    """What its function does, and where it keeps it, nobody knows."""
    lab = Lab(crossing(UDP | {"count": 200}))
    del RUNG[:]
    lab.clock.after(500_000, ring, lab)
    lab.run()
    assert len(RUNG) >= 200
    assert replayed(lab) == 0


RUNG: list[int] = []


def ring(lab: Lab) -> None:
    RUNG.append(lab.clock.now)
    lab.clock.after(1_000_000, ring, lab)


def test_a_run_without_events_left_ends_where_the_walk_ends(monkeypatch):
    """A turn that takes more events than it brings is no endless one."""
    monkeypatch.setattr("pknet.netns.socket.programs.stream.EVENTS", 10)
    fast, slow = pair(crossing(UDP | {"count": 3000}))
    for lab in (fast, slow):
        lab.clock.limit = 2000
        with pytest.raises(EventLimitError):
            lab.run()
    assert fast.clock.now == slow.clock.now
    assert fast.clock.events == slow.clock.events


def test_hooks_are_shown_every_packet():
    lab = Lab(crossing(PING | {"count": 100}))
    seen = []
    lab.on("b1:eth0", lambda packet: seen.append(packet) and None)
    lab.run()
    assert sum(packet.haslayer("ICMP") for packet in seen) == 200
    assert replayed(lab) == 0


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_every_shipped_topology_is_the_same_with_much_of_its_traffic(path):
    document = yaml.safe_load(path.read_text("utf-8"))
    document["traffic"] = [
        {key: value for key, value in item.items() if key not in ("expect", "name", "seq", "at")}
        | {"count": 70}
        for item in document["traffic"]
        if "udp" in item or "ping" in item
    ]
    spec = load_text(yaml.safe_dump(document, sort_keys=False), path)
    assert_the_same(*both(spec))


@pytest.mark.parametrize(
    ("count", "interval", "file"),
    [
        (1500, "1ms", "overlay-vxlan.yaml"),
        (5000, "1ms", "cross-node.yaml"),  # more than are written at once; 2^32 ns among them
        (50, "700ms", "overlay-ipip.yaml"),
    ],
)
def test_the_files_are_the_same(tmp_path, count, interval, file):
    """What is written many records at a time, and what is written one by one."""
    item = PING | {"count": count, "interval": interval}
    fast, slow = both(crossing(item, file=file))
    for lab, folder in ((fast, "fast"), (slow, "slow")):
        write(lab, tmp_path / folder)
    files = {file.name: file.read_bytes() for file in (tmp_path / "slow").iterdir()}
    assert {file.name: file.read_bytes() for file in (tmp_path / "fast").iterdir()} == files
    assert replayed(fast) > count * 0.7


def test_it_can_be_turned_off(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("pknet.fastpath.replay.Replay.look", lambda self: pytest.fail("looked"))
    run = ["run", str(ROOT / "topologies" / "cross-node.yaml"), "--out", str(tmp_path / "out")]
    assert main([*run, "--no-fastpath"]) == 0


words = st.integers(0, 0xFFFF)


@given(words, st.integers(-300, 300), st.integers(0, 400), st.binary(max_size=40))
@settings(max_examples=200, deadline=None)
def test_checksums_follow_an_id_and_a_port_as_if_they_were_computed(start, step, times, payload):
    """Every period's frame is the one that would have been built from its own figures."""

    def built(period: int) -> Frame | None:
        word = start + step * period
        if not 0 <= word <= 0xFFFF:
            return None
        src, dst = ip_int("10.1.1.1"), ip_int("10.1.2.1")
        datagram = udp.build(src, dst, word, 5000, payload)
        packet = ipv4.build(ipv4.UDP, src, dst, datagram, ident=word, ttl=64, tos=0, fragment=0)
        return Frame(Ethernet(b"\2" * 6, b"\4" * 6, ETH_P_IP).emit() + packet)

    before, base, later = built(0), built(1), built(1 + times)
    if before is None or base is None:
        return
    moving = MovingFrame(before, base)
    assert (later is not None) == (times <= moving.room)
    if later is not None:
        assert moving.at(times).wire == later.wire
        for word in moving.words:
            wanted = [word.value(period) for period in range(times)]
            assert list(word.values(0, times)) == wanted


def test_a_frame_that_changes_otherwise_is_not_replayed():
    src, dst = ip_int("10.1.1.1"), ip_int("10.1.2.1")
    packet = ipv4.build(ipv4.UDP, src, dst, udp.build(src, dst, 1, 2, b"abcd"), ident=7, ttl=64,
                        tos=0, fragment=0)  # fmt: skip
    header = Ethernet(b"\2" * 6, b"\4" * 6, ETH_P_IP).emit()
    one, other = Frame(header + packet), Frame(header + packet[:-1] + b"x")
    with pytest.raises(UnsteadyError, match="unknown way"):
        MovingFrame(one, other)
    with pytest.raises(UnsteadyError, match="unknown way"):
        MovingFrame(one, Frame(one.wire, cut=True))
    with pytest.raises(UnsteadyError, match="length"):
        MovingFrame(one, Frame(one.wire + b"\0"))
    assert rewrite(packet, src=src) == packet
