"""Every job of the bench, at a size that shows no more than that it works; no time is asserted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from bench.bars import BARS, Bar
from bench.place import environment
from bench.row import Row, Unit
from bench.rows import ROWS
from bench.rows.walk import write as write_pcaps
from bench.runner import Result, run
from bench.table import report

from pknet.lab.lab import Lab
from pknet.report.folder import write

CROSS_NODE = Path(__file__).parent.parent / "topologies" / "cross-node.yaml"


#: Rows that start a program with all of Scapy in it, which looks at this machine's interfaces.
PEERS = ("scapy", "scapy-pcap")


def _marked(row: Row) -> object:
    marks = [pytest.mark.kernel] * row.kernel + [pytest.mark.peer] * (row.name in PEERS)
    return pytest.param(row, marks=marks, id=row.name)


@pytest.mark.parametrize("row", [_marked(row) for row in ROWS.values()])
def test_a_job_is_done(row: Row) -> None:
    told: list[str] = []
    (result,) = run([row], 1, told.append, tiny=True)
    if result.missing is not None:
        pytest.skip(result.missing)
    assert result.median > 0
    assert told[0].startswith(f"round 1 of 1: {row.name}: ")


def test_every_bar_names_rows_that_there_are_and_one_kind_of_figure() -> None:
    for bar in BARS:
        assert bar.row in ROWS
        if bar.peer is not None:
            assert ROWS[bar.peer].unit is ROWS[bar.row].unit


def test_the_pcaps_are_those_of_a_run(tmp_path: Path) -> None:
    lab = Lab.load(CROSS_NODE)
    lab.run()
    write(lab, tmp_path / "run")
    write_pcaps(lab, tmp_path / "bench")
    whole = {file.name: file.read_bytes() for file in (tmp_path / "run").glob("*.pcap")}
    assert whole
    assert {file.name: file.read_bytes() for file in (tmp_path / "bench").iterdir()} == whole


def _result(name: str, unit: Unit, *figures: float, missing: str | None = None) -> Result:
    return Result(Row(name, name, unit, 1, 1, float), 1, figures, missing)


def test_a_ratio_is_of_medians_and_larger_is_better_whatever_the_unit() -> None:
    rates = {r.row.name: r for r in (_result("a", Unit.RATE, 1, 60, 7), _result("b", Unit.RATE, 2))}
    times = {r.row.name: r for r in (_result("a", Unit.SECONDS, 2), _result("b", Unit.SECONDS, 7))}
    assert Bar("job", "a", 3, "b").value(rates) == 3.5
    assert Bar("job", "a", 3, "b").value(times) == 3.5


@pytest.mark.parametrize(
    ("unit", "figure", "wanted", "met"),
    [(Unit.RATE, 2, 1, True), (Unit.RATE, 1, 2, False), (Unit.BYTES, 1, 2, True),
     (Unit.SECONDS, 2, 1, False)],
)  # fmt: skip
def test_without_a_peer_the_unit_says_which_side_of_the_bar_is_good(
    unit: Unit, figure: float, wanted: float, met: bool
) -> None:
    assert Bar("job", "a", wanted).met(figure, unit) is met


def test_the_table_says_what_was_skipped_and_what_was_not_measured() -> None:
    results = [
        _result("flow", Unit.RATE, 1500.0, 1000.0, 2000.0),
        _result("ns3", Unit.RATE, missing="ns-3 is not installed"),
    ]
    text = report(results, ["- Date: 2001-02-03"], 3)
    assert "| flow | flow | 1 | 1,500 | 1,000 | 2,000 | packets/s |" in text
    assert "skipped: ns-3 is not installed" in text
    assert "| flow | ns3 | not measured | 6 x (12 x compiled) |" in text
    assert "- Date: 2001-02-03" in text


def test_the_command_measures_the_rows_it_is_given() -> None:
    command = [sys.executable, "-m", "bench", "--tiny", "--rounds", "1", "--rows"]
    done = subprocess.run(
        [*command, "call-chain"], capture_output=True, text=True, check=True, env=environment()
    )
    assert "| call-chain |" in done.stdout
    assert "| walk |" not in done.stdout
    wrong = subprocess.run(
        [*command, "wlak"], capture_output=True, text=True, check=False, env=environment()
    )
    assert wrong.returncode == 2
    assert "no row wlak" in wrong.stderr
