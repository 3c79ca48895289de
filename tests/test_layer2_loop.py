"""Bridges joined in a circle: Linux would carry a flooded frame round for ever; pknet says so.

What a file shows is a fault of the file; what comes about later ends the run.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pknet.cli.main import main
from pknet.lab.lab import Lab
from pknet.link.loop import ROUNDS, LayerTwoLoopError
from pknet.topology import TopologyError
from pknet.topology.load import load_text

CIRCLE = """
name: circle
nodes:
  a1: {interfaces: {eth0: {addresses: [10.0.0.1/24]}}}
  b1: {interfaces: {eth0: {addresses: [10.0.0.2/24]}}}
  sw1: {kind: switch}
  sw2: {kind: switch, interfaces: {p3: {up: true}}}
links:
  - [a1:eth0, sw1:p1]
  - [sw1:p2, sw2:p2]
  - [sw1:p3, sw2:p3]
  - [b1:eth0, sw2:p1]
traffic:
  - {ping: 10.0.0.2, from: a1}
"""


#: It has no loop until someone takes that port up.
BROKEN = CIRCLE.replace("up: true", "up: false")


def faults(text: str) -> list[str]:
    try:
        load_text(text, Path("test.yaml"))
    except TopologyError as error:
        return str(error).splitlines()
    return []


def test_a_circle_of_switches_is_a_fault_with_its_links_and_its_cure():
    assert faults(CIRCLE) == [
        "test.yaml:11:6: links[2][0]: a layer-2 loop: sw1:p3 = sw2:p3, sw1:p2 = sw2:p2; "
        "spanning tree is not modelled: remove one of these links, or give an end 'up: false'"
    ]


@pytest.mark.parametrize("command", ["check", "run"])
def test_it_is_told_before_anything_runs(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("circle.yaml").write_text(CIRCLE)
    assert main([command, "circle.yaml"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "a layer-2 loop" in printed.err
    assert [each.name for each in tmp_path.iterdir()] == ["circle.yaml"]


def wired(nodes: str, *links: str) -> str:
    return f"name: wired\nnodes: {{{nodes}}}\nlinks: [{', '.join(links)}]\n"


SWITCHES = "s1: {kind: switch}, s2: {kind: switch}, s3: {kind: switch}, s4: {kind: switch}"
SIDES = ("['s1:b', 's2:a']", "['s2:b', 's3:a']", "['s3:b', 's4:a']")


def test_the_links_of_a_longer_circle_come_in_its_order():
    (told,) = faults(wired(SWITCHES, *SIDES, "['s4:b', 's1:a']"))
    assert "links[3][0]" in told
    assert "loop: s4:b = s1:a, s1:b = s2:a, s2:b = s3:a, s3:b = s4:a;" in told


def test_each_link_too_many_is_a_fault_of_its_own():
    told = faults(wired(SWITCHES, *SIDES, "['s2:c', 's1:c']", "['s4:d', 's3:d']"))
    assert ["links[3]" in told[0], "links[4]" in told[1]] == [True, True]
    assert len(told) == 2


HAIRPIN = "interfaces: {p: {master: br0, hairpin: true}}"
LOOPS = {
    "one bridge joined to itself": wired(
        "n: {bridges: {br0: {}}, interfaces: {p: {master: br0}, q: {master: br0}}}",
        "['n:p', 'n:q']",
    ),
    "two bridges of one node": wired(
        "n: {bridges: {x: {}, y: {}}, interfaces: {"
        "a: {master: x}, b: {master: y}, c: {master: x}, d: {master: y}}}",
        "['n:a', 'n:b']", "['n:c', 'n:d']",
    ),
    "cables": wired(
        SWITCHES, "{endpoints: ['s1:a', 's2:a'], type: cable}",
        "{endpoints: ['s1:b', 's2:b'], type: cable, loss: 50%}",
    ),
    "a hairpin at both ends": wired(
        f"s1: {{kind: switch, {HAIRPIN}}}, s2: {{kind: switch, {HAIRPIN}}}", "['s1:p', 's2:p']"
    ),
}  # fmt: skip
NO_LOOPS = {
    "an end that is down": BROKEN,
    "a cable that is pulled out": wired(
        SWITCHES, "['s1:a', 's2:a']", "{endpoints: ['s1:b', 's2:b'], type: cable, up: false}"
    ),
    "a cable that loses everything": wired(
        SWITCHES, "['s1:a', 's2:a']", "{endpoints: ['s1:b', 's2:b'], type: cable, loss: 100%}"
    ),
    "a bridge that is down": wired(
        "s1: {kind: switch}, n: {bridges: {br0: {up: false}}, "
        "interfaces: {p: {master: br0}, q: {master: br0}}}",
        "['s1:a', 'n:p']", "['s1:b', 'n:q']",
    ),
    "a host with two legs": wired(
        "s1: {kind: switch}, a1: {}", "['s1:a', 'a1:a']", "['s1:b', 'a1:b']"
    ),
    "a router between": wired(
        f"{SWITCHES}, r1: {{kind: router}}", "['s1:a', 's2:a']", "['s1:b', 'r1:a']",
        "['s2:b', 'r1:b']",
    ),
    "an uplink beside the bridge": wired(
        "s1: {kind: switch}, n: {bridges: {br0: {}}, interfaces: {p: {master: br0}}}",
        "['s1:a', 'n:p']", "['s1:b', 'n:eth0']",
    ),
    "a line of switches": wired(SWITCHES, *SIDES),
    "a hairpin at one end": wired(f"s1: {{kind: switch, {HAIRPIN}}}, s2: {{kind: switch}}",
                                  "['s1:p', 's2:p']"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOPS)
def test_these_are_loops(name):
    (told,) = faults(LOOPS[name])
    assert "a layer-2 loop" in told


@pytest.mark.parametrize("name", NO_LOOPS)
def test_these_are_none(name):
    assert faults(NO_LOOPS[name]) == []


@st.composite
def wirings(draw: st.DrawFn) -> str:
    """A host at each of three bridges, and links between those as chance has it."""
    nodes, links = [], []
    ports = dict.fromkeys("xyz", "")
    for number in range(draw(st.integers(1, 4))):
        ends = [draw(st.sampled_from("xyz")) for _ in "ab"]
        for end, name in zip(ends, "ab", strict=True):
            up, hairpin = draw(st.sampled_from(("true",) * 6 + ("false",))), draw(st.booleans())
            ports[end] += f"p{number}{name}: {{up: {up}, hairpin: {hairpin}, master: br0}}, "
        links.append(f"['{ends[0]}:p{number}a', '{ends[1]}:p{number}b']")
    for bridge, interfaces in ports.items():
        nodes.append(f"{bridge}: {{kind: switch, interfaces: {{{interfaces}}}}}, h{bridge}: {{}}")
        links.append(f"['h{bridge}:eth0', '{bridge}:h']")
    traffic = [f"{{send: '{FLOODED}', from: 'h{bridge}:eth0'}}" for bridge in ports]
    return f"{wired(', '.join(nodes), *links)}traffic: [{', '.join(traffic)}]\n"


FLOODED = 'Ether(dst="ff:ff:ff:ff:ff:ff", type=0x9000)/Raw("x")'


@settings(max_examples=60)
@given(wirings())
def test_what_is_told_as_a_loop_is_what_would_end_a_run(text):
    """The judge is the walk: without the check, a flooded frame from each bridge in turn."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("pknet.topology.check.check_loops", lambda nodes, links: None)
        lab = Lab(load_text(text, Path("test.yaml")))
    try:
        lab.run()
    except LayerTwoLoopError:
        assert "a layer-2 loop" in "".join(faults(text))
    else:
        assert faults(text) == []


def test_a_loop_is_not_told_beside_a_fault_that_may_be_what_breaks_it():
    (told,) = faults(CIRCLE.replace("up: true", "up: no way"))
    assert "nodes.sw2.interfaces.p3.up" in told


def test_a_loop_that_comes_about_later_ends_the_run_with_its_place():
    lab = Lab(load_text(BROKEN, Path("test.yaml")))
    lab.interface("sw2:p3").up = True
    with pytest.raises(LayerTwoLoopError) as caught:
        lab.run()
    told = str(caught.value)
    assert told.startswith("a layer-2 loop: packet #2 (ARP  who has 10.0.0.2? tell 10.0.0.1)")
    assert f"{ROUNDS} times unchanged, by p2, p3" in told
    assert told.endswith("take one of its links away")


def test_such_a_run_leaves_nothing_behind(tmp_path, monkeypatch, capsys):
    load = Lab.load

    def with_the_port_up(path, seed=None):
        lab = load(path, seed)
        lab.interface("sw2:p3").up = True
        return lab

    monkeypatch.setattr(Lab, "load", with_the_port_up)
    file, out = tmp_path / "circle.yaml", tmp_path / "out"
    file.write_text(BROKEN)
    assert main(["run", str(file), "--out", str(out)]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"pknet: {file}: a layer-2 loop: ")
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""
    assert not out.exists()


def test_a_circle_with_a_port_that_is_down_is_none(tmp_path):
    file = tmp_path / "circle.yaml"
    file.write_text(BROKEN)
    assert main(["run", str(file), "--out", str(tmp_path / "out")]) == 0
