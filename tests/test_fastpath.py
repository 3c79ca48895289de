"""What is replayed is what would have been walked: trace, captures and all that is left behind."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml

from pknet.fastpath.image import Image
from pknet.fastpath.unsteady import UnsteadyError
from pknet.lab.lab import Lab
from pknet.report.jsonl import record
from pknet.topology.load import load_text
from pknet.trace.record import Repeat

ROOT = Path(__file__).parents[1]
TOPOLOGIES = sorted((ROOT / "topologies").glob("*.yaml"))


def document(name: str, *traffic: dict[str, Any]) -> tuple[dict[str, Any], Path]:
    """A shipped topology with other traffic."""
    path = ROOT / "topologies" / name
    made = yaml.safe_load(path.read_text("utf-8"))
    made["traffic"] = list(traffic)
    return made, path


def both(made: dict[str, Any], path: Path) -> tuple[Lab, Lab]:
    """The same run, replayed where it can be and walked all the way."""
    spec = load_text(yaml.safe_dump(made, sort_keys=False), path)
    fast, slow = Lab(spec), Lab(spec)
    slow.fastpath = False
    for lab in (fast, slow):
        lab.run()
    return fast, slow


def differences(fast: Lab, slow: Lab) -> list[str]:
    """The first that is found in the trace, the results and the state."""
    found = []
    for number, (a, b) in enumerate(zip_longest(fast.trace.taps, slow.trace.taps)):
        if a is None or b is None or told(a) != told(b):
            found.append(f"tap {number}: {a and told(a)} {b and told(b)}")
            break
    visits = [
        [(h.node, h.packet, h.time, str(h.verdict), [*map(str, h.steps)]) for h in lab.trace.hops]
        for lab in (fast, slow)
    ]
    if visits[0] != visits[1]:
        found.append("the visits differ")
    outcomes = [
        [(r.title, r.summary, r.failure, r.first, r.last) for r in lab.results]
        for lab in (fast, slow)
    ]
    if outcomes[0] != outcomes[1]:
        found.append(f"{outcomes}")
    states = [state(lab) for lab in (fast, slow)]
    for (place, a), (_, b) in zip(*states, strict=True):
        if a != b:
            found.append(f"{place}: {a} {b}")
    return found


def told(tap):
    return tap.time, tap.steps_before, record(tap)


def state(lab: Lab) -> list[tuple[object, object]]:
    lab.clock.tidy()
    try:
        image = Image((lab.clock, lab.trace, dict(lab.nodes)))
    except UnsteadyError as held:  # a packet still waits for its neighbour
        return [("held", str(held))]
    return [
        *zip(image.places, image.numbers, strict=True),
        ("shape", image.shape),
        ("frames", [f.wire for f in image.frames]),
    ]


def replayed(lab: Lab) -> int:
    return sum(part.times for part in lab.trace.hops._parts if isinstance(part, Repeat))


UDP = {"udp": "10.1.2.1:5000", "from": "a1", "sport": 4000, "payload": {"bytes": 20}}
CASES = {
    "cross-node": ("cross-node.yaml", [UDP | {"count": 300}]),
    "dense": ("cross-node.yaml", [UDP | {"count": 400, "rate": "50000/s"}]),
    "odd": ("cross-node.yaml", [UDP | {"count": 400, "rate": "7/s"}]),
    "slow": ("cross-node.yaml", [UDP | {"count": 1200, "rate": "2/s"}]),
    "ping": ("cross-node.yaml", [{"ping": "10.1.2.1", "from": "a1", "count": 300}]),
    "ping-slow": (
        "cross-node.yaml",
        [{"ping": "10.1.2.1", "from": "a1", "count": 1000, "interval": "1s"}],
    ),
    "nobody": ("cross-node.yaml", [{"ping": "10.1.2.77", "from": "a1", "count": 200}]),
    "refused": ("cross-node.yaml", [UDP | {"udp": "10.1.2.1:9", "count": 300}]),
    "two": (
        "cross-node.yaml",
        [UDP | {"count": 300, "at": "10ms"}, UDP | {"sport": 4001, "count": 300, "at": "20.5ms"}],
    ),
    "service": (
        "chapter11.yaml",
        [{"udp": "172.30.0.1:80", "from": "a1", "sport": 4000, "count": 300}],
    ),
    "vxlan": ("overlay-vxlan.yaml", [{"ping": "10.1.2.1", "from": "a1", "count": 300}]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_replay_is_what_a_walk_would_have_been(name):
    file, traffic = CASES[name]
    made, path = document(file, *traffic)
    made["nodes"]["b1"]["listen"] = [{"udp": 5000, "reply": {"bytes": 20}}]
    fast, slow = both(made, path)
    print(name, replayed(fast), fast.results[0].summary)
    assert differences(fast, slow) == []
