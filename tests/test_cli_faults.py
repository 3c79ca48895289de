"""How the command line ends when something is wrong."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pknet.cli.faults import BAD_INPUT, INTERNAL, UsageError, report
from pknet.cli.main import main
from pknet.sim import EventLimitError
from pknet.topology.fault import Fault, TopologyError
from pknet.topology.place import Place


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


@pytest.mark.parametrize(
    "argv",
    [[], ["fly"], ["run"], ["show", "x.yaml", "a1"], ["show", "x.yaml", "a1", "weather"],
     ["run", "x.yaml", "--seed", "often"], ["run", "x.yaml", "--seed", "-5"],
     ["run", "x.yaml", "--seed", str(2**63)]],
)  # fmt: skip
def test_a_usage_error_ends_with_2(argv, capsys):
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert "usage: pknet" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["run --seed", "matrix --seed", "matrix --jobs"])
@pytest.mark.parametrize("number", ["-1", str(2**63), "9" * 5000, "1.5", "1e3", "٣", "", " 1"])
def test_a_number_out_of_its_range_is_refused_before_anything_is_read(option, number, capsys):
    command, name = option.split()
    with pytest.raises(SystemExit) as ended:
        main([command, "nowhere.yaml", f"{name}={number}"])
    assert ended.value.code == BAD_INPUT
    (said,) = [line for line in capsys.readouterr().err.splitlines() if "error:" in line]
    assert f"argument {name}: {number!r} is no" in said
    assert "allowed: " in said


def test_an_empty_output_folder_is_refused_before_anything_runs(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["run", "nowhere.yaml", "--out", ""])
    assert ended.value.code == BAD_INPUT
    assert "an empty name is no folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_every_fault_of_a_topology_has_a_line_of_its_own(capsys):
    faults = [Fault(Place("x.yaml", line, 3), "nodes.a1", "wrong") for line in (7, 2)]
    assert report(raised(TopologyError(faults)), "x.yaml") == BAD_INPUT
    assert capsys.readouterr().err.splitlines() == [
        "x.yaml:2:3: nodes.a1: wrong", "x.yaml:7:3: nodes.a1: wrong",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UsageError("no node 'b9'"), "pknet: no node 'b9'"),
        (EventLimitError("stopped after 5 events"), "pknet: x.yaml: stopped after 5 events"),
        (PermissionError(13, "Permission denied", "/out"), "pknet: /out: Permission denied"),
    ],
)
def test_bad_input_is_one_line_and_ends_with_2(error, said, capsys):
    assert report(raised(error), "x.yaml") == BAD_INPUT
    assert capsys.readouterr().err == f"{said}\n"


def test_a_fault_of_our_own_says_where_it_happened_in_one_line(capsys):
    assert report(raised(KeyError("lost")), "x.yaml") == INTERNAL
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("pknet: internal error: KeyError: 'lost' (")
    assert "test_cli_faults.py:" in line
    assert line.endswith("Please report it with x.yaml.")


def test_a_reader_who_leaves_early_is_no_fault():
    script = (
        "import sys\n"
        "from pknet.cli.output import put_plain\n"
        "put_plain('x' * 60 for _ in range(100_000))\n"
        "print('went on', file=sys.stderr)\n"
    )
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=writer, stderr=subprocess.PIPE, text=True,
        check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "went on\n")


def run_with(stdout: int | None, *argv: str) -> subprocess.CompletedProcess[str]:
    """``pknet`` as a process whose standard output is ``stdout``; None: it is closed."""
    close = [] if stdout is not None else ["sh", "-c", 'exec "$@" >&-', "sh"]
    return subprocess.run(
        [*close, sys.executable, "-m", "pknet", *argv], stdout=stdout, stderr=subprocess.PIPE,
        text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def lonely(tmp_path):
    file = tmp_path / "lonely.yaml"
    file.write_text("name: lonely\nnodes: {a1: {}}\n")
    return file


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_told(lonely):
    with open("/dev/full", "wb") as full:
        done = run_with(full.fileno(), "check", str(lonely))
    assert (done.returncode, done.stderr) == (
        BAD_INPUT, "pknet: standard output: No space left on device\n",
    )  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="closes standard output with sh")
def test_nobody_at_standard_output_is_no_fault(lonely, tmp_path):
    out = tmp_path / "out"
    done = run_with(None, "run", str(lonely), "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    assert (out / "trace.jsonl").exists()


def test_a_folder_that_cannot_be_made_is_told_with_its_cure(lonely, tmp_path, capsys):
    (tmp_path / "file").write_bytes(b"kept")
    assert main(["run", str(lonely), "--out", str(tmp_path / "file")]) == BAD_INPUT
    told = capsys.readouterr().err
    assert told.startswith(f"pknet: {tmp_path / 'file'}: cannot write captures: ")
    assert told.endswith("; name another folder with --out\n")
