"""Files that cannot be read end with one clear fault, and none of them holds the reader up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from topology_samples import faults

from pknet.topology import TopologyError, load
from pknet.topology.document import MAX_BYTES, MAX_NODES


def fault_of(path: Path) -> str:
    with pytest.raises(TopologyError) as caught:
        load(path)
    (fault,) = caught.value.faults
    return str(fault)


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.yaml"
    assert fault_of(path) == f"{path}:1:1: the file cannot be read: No such file or directory"


def test_a_directory(tmp_path: Path) -> None:
    assert fault_of(tmp_path) == f"{tmp_path}:1:1: the file is a folder"


def test_a_device() -> None:
    assert fault_of(Path("/dev/zero")) == "/dev/zero:1:1: the file is no regular file"


def test_a_pipe_that_nobody_writes_to(tmp_path: Path) -> None:
    path = tmp_path / "pipe.yaml"
    os.mkfifo(path)
    assert fault_of(path) == f"{path}:1:1: the file is no regular file"


def test_a_link_to_a_device(tmp_path: Path) -> None:
    path = tmp_path / "link.yaml"
    path.symlink_to("/dev/zero")
    assert fault_of(path) == f"{path}:1:1: the file is no regular file"


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text("name: t\n")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root reads everything")
    assert fault_of(path) == f"{path}:1:1: the file cannot be read: Permission denied"


def test_a_name_with_a_nul() -> None:
    assert "cannot be read: embedded null byte" in fault_of(Path("a\0b"))


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert fault_of(path) == f"{path}:1:1: the file is larger than 16 MiB"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: t\nnodes: {A: {}}\n")
    assert load(path).name == "t"


def test_utf_16_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "utf16.yaml"
    path.write_bytes("name: t\nnodes: {A: {}}\n".encode("utf-16"))
    assert fault_of(path) == f"{path}:1:1: the file is not UTF-8 text: byte 0"


def test_more_values_than_allowed() -> None:
    text = "[" + "1," * (MAX_NODES + 1) + "]"
    assert faults(text) == [f"1:{2 * MAX_NODES}: more than {MAX_NODES} values"]


def test_text_that_is_no_text() -> None:
    assert faults("name: \ud800\n") == ["1:1: this is no YAML: surrogates not allowed"]


def test_windows_line_ends_are_no_fault() -> None:
    body = "*filter\r\n      bad\r\n      COMMIT\r\n"
    rules = f"name: t\r\nnodes:\r\n  A:\r\n    iptables: |\r\n      {body}"
    assert faults(rules)[0].split(": ")[0] == "6:7"
