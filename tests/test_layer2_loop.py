"""Switches joined in a circle: Linux would carry a flooded frame round for ever; pknet says so."""

from __future__ import annotations

import pytest

from pknet.cli.main import main
from pknet.lab.lab import Lab
from pknet.link.loop import LayerTwoLoopError

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


@pytest.fixture
def circle(tmp_path):
    file = tmp_path / "circle.yaml"
    file.write_text(CIRCLE)
    return file


def test_a_loop_is_one_clear_error_with_its_place_and_leaves_nothing_behind(
    circle, tmp_path, capsys
):
    out = tmp_path / "out"
    assert main(["run", str(circle), "--out", str(out)]) == 2
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert line.startswith(f"pknet: {circle}: a layer-2 loop: ")
    assert "packet #2 (ARP  who has 10.0.0.2? tell 10.0.0.1)" in line
    assert " p2, p3" in line
    assert "take one of its links away" in line
    assert printed.out == ""
    assert not out.exists()


def test_a_loop_is_noticed_by_whoever_drives_the_lab(circle):
    with pytest.raises(LayerTwoLoopError):
        Lab.load(circle).run()


def test_a_circle_with_a_port_that_is_down_is_none(circle, tmp_path):
    circle.write_text(CIRCLE.replace("up: true", "up: false"))
    assert main(["run", str(circle), "--out", str(tmp_path / "out")]) == 0
