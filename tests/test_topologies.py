"""The shipped topologies keep their word: expectations, golden traces, captures, repeatability."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pknet.lab.lab import Lab
from pknet.report.folder import write
from pknet.report.items import run_lines
from pknet.report.layout import text_of

ROOT = Path(__file__).parent.parent
TOPOLOGIES = sorted((ROOT / "topologies").glob("*.yaml"))
TRACES = Path(__file__).parent / "data" / "traces"


def load(path: Path) -> Lab:
    return Lab.load(path)


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_every_expectation_holds(path):
    results = load(path).run()
    assert results
    assert [result.failure for result in results if result.failure] == []


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_every_item_expects_something(path):
    assert [item.name for item in load(path).spec.traffic if item.expect is None] == []


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_the_trace_is_the_golden_one(path):
    """After a change that is meant: PKNET_WRITE_GOLDEN=1, and read the difference."""
    lab = load(path)
    results = lab.run()
    text = "".join(f"{text_of(line)}\n" for line in run_lines(lab.trace, results, 80))
    golden = TRACES / f"{path.stem}.txt"
    if os.environ.get("PKNET_WRITE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_the_shipped_captures_are_what_a_run_writes(path, tmp_path):
    lab = load(path)
    lab.run()
    write(lab, tmp_path)
    shipped = ROOT / "pcaps" / lab.spec.name
    if os.environ.get("PKNET_WRITE_GOLDEN"):
        write(lab, shipped)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == sorted(file.name for file in shipped.iterdir())
    assert [n for n in names if (tmp_path / n).read_bytes() != (shipped / n).read_bytes()] == []


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_each_tells_its_story(path):
    lines = path.read_text().splitlines()
    header = [line for line in lines[: lines.index(next(n for n in lines if n[:1] != "#"))] if line]
    assert len(header) >= 3


def test_two_hash_seeds_write_the_same_bytes(tmp_path):
    program = (
        "import sys; from pknet.cli.main import main; "
        "sys.exit(main(['run', sys.argv[1], '--out', sys.argv[2]]))"
    )
    texts = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program, str(ROOT / "topologies/chapter11.yaml"), "out"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=(tmp_path / seed).mkdir() or tmp_path / seed,
            capture_output=True,
            check=True,
        )
        files = {f.name: f.read_bytes() for f in sorted((tmp_path / seed / "out").iterdir())}
        texts.append((done.stdout, files))
    assert texts[0] == texts[1]


def test_another_seed_may_pick_another_endpoint():
    chosen = set()
    for seed in range(8):
        lab = Lab.load(ROOT / "topologies/service.yaml", seed)
        lab.run()
        chosen |= {step.rewrite for hop in lab.trace.hops for step in hop.steps
                   if step.rewrite and step.rewrite.startswith("DNAT")}  # fmt: skip
    assert chosen == {
        "DNAT 172.30.0.1:80 -> 10.1.2.1:8080",
        "DNAT 172.30.0.1:80 -> 10.1.2.2:8080",
    }
