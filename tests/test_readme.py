"""What the README shows is what pknet says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scapy.layers.inet import IP, TCP

from pknet.cli.main import main
from pknet.lab.lab import Lab
from pknet.report.items import run_lines
from pknet.report.layout import NARROW, text_of
from pknet.wire.scapy import dissect

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SERVICE = ROOT / "topologies/service.yaml"
LEFT_OUT = "  …\n"


def block(after: str) -> str:
    """The first fenced block after a line that holds ``after``."""
    return README.split(after, 1)[1].split("```", 2)[1].partition("\n")[2]


def test_every_pytest_example_runs_as_printed(lab):
    told = [part.partition("```")[0] for part in README.split("```python\n")[1:]]
    names: dict[str, Any] = {}
    for code in told:
        exec(code, names)
    tests = [name for name in names if name.startswith("test_")]
    assert len(tests) == sum(code.count("\ndef test_") for code in told) > len(told)
    for name in tests:
        names[name](lab)


def test_the_matrix_is_that_of_the_shipped_file(capsys):
    assert main(["matrix", str(ROOT / "topologies/bulk.yaml")]) == 0
    assert block("connects every host to every listener") == capsys.readouterr().out


def test_the_trace_is_a_runs_own_and_says_where_lines_are_left_out():
    lab = Lab.load(SERVICE)
    results = lab.run()
    told = "".join(f"{text_of(line)}\n" for line in run_lines(lab.trace, results, NARROW))
    at = 0
    for part in block("`pknet run topologies/service.yaml`").split(LEFT_OUT):
        assert part
        assert part in told[at:]
        assert not at or not told.startswith(part, at)  # something is left out indeed
        at = told.index(part, at) + len(part)


def test_the_detail_is_a_runs_own():
    lab = Lab.load(SERVICE)
    results = lab.run()
    lines = run_lines(lab.trace, results, NARROW, detail=True)
    told = "".join(f"{text_of(line)}\n" for line in lines)
    assert block("`--detail` shows every rule") in told


def test_the_listing_is_the_way_of_packet_1():
    lab = Lab.load(SERVICE)
    lab.run()
    first = [tap for tap in lab.trace.taps if tap.direction and tap.hop.packet == 1]
    packets = [(tap, dissect(tap.frame.wire)) for tap in first]
    listing = block("in which a display filter shows").splitlines()[2:]
    assert [line.split() for line in listing] == [
        [f"{t.hop.node}:{t.interface}", p[IP].dst, str(p[TCP].dport), str(p[IP].ttl)]
        for t, p in packets
    ]
