"""``python -m pknet.kernel``."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_backend import needs_kernel, pair

from pknet.kernel.__main__ import main
from pknet.kernel.compare import read_folder

pytestmark = needs_kernel


def test_it_prints_what_came_of_each_item_and_saves_captures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topology = tmp_path / "pair.yaml"
    topology.write_text(pair("{ping: 10.0.0.2, from: a1}", '{udp: "10.0.0.2:9", from: a1}'))
    assert main([str(topology), "--save", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["echo-reply from 10.0.0.2", "ECONNREFUSED"]
    saved = read_folder(tmp_path / "out")
    assert {place: len(frames) for place, frames in saved.items()} == {
        ("a1", "eth0"): 6,
        ("b1", "eth0"): 6,
    }


def test_a_bad_file_is_one_message_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.yaml").write_text("name: x\nnodes: {a1: {kind: toaster}}\n")
    assert main([str(tmp_path / "bad.yaml")]) == 2
    assert "bad.yaml:2:" in capsys.readouterr().err
