"""A folder of captures is written whole, or what was there is there still."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pknet.capture.output import OutputError, OutputFolder


def write(folder: Path, *names: str) -> None:
    with OutputFolder(folder) as output:
        for name in names:
            with output.open(name) as file:
                file.write(b"new")


def everything(folder: Path) -> dict[str, bytes | None]:
    """Every path below ``folder``, with the bytes of files."""
    found = sorted(folder.rglob("*"))
    return {str(p.relative_to(folder)): None if p.is_dir() else p.read_bytes() for p in found}


def test_a_folder_and_its_parents_are_made(tmp_path):
    write(tmp_path / "deep" / "er", "a.pcap", "b.pcap")
    assert everything(tmp_path / "deep" / "er") == {"a.pcap": b"new", "b.pcap": b"new"}


def test_a_file_has_its_name_only_when_all_are_whole(tmp_path):
    with OutputFolder(tmp_path) as output:
        with output.open("a.pcap") as file:
            file.write(b"new")
        assert not (tmp_path / "a.pcap").exists()
    assert everything(tmp_path) == {"a.pcap": b"new"}


def test_what_a_run_before_wrote_is_replaced_and_other_files_stay(tmp_path):
    (tmp_path / "a.pcap").write_bytes(b"old")
    (tmp_path / "notes").write_bytes(b"mine")
    write(tmp_path, "a.pcap")
    assert everything(tmp_path) == {"a.pcap": b"new", "notes": b"mine"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError])
def test_whatever_ends_it_early_leaves_what_was_there(tmp_path, error):
    (tmp_path / "a.pcap").write_bytes(b"old")
    output = OutputFolder(tmp_path / "made" / "here")
    again = OutputFolder(tmp_path)
    for folder in (output, again):
        with pytest.raises(OutputError if error is OSError else error), folder:
            with folder.open("a.pcap") as file:
                file.write(b"new")
            raise error
    assert everything(tmp_path) == {"a.pcap": b"old"}


def test_a_folder_in_the_place_of_one_file_leaves_all_as_they_were(tmp_path):
    (tmp_path / "a.pcap").write_bytes(b"old")
    (tmp_path / "b.pcap").mkdir()
    before = everything(tmp_path)
    with pytest.raises(OutputError, match=r"b\.pcap is a folder"):
        write(tmp_path, "a.pcap", "b.pcap")
    assert everything(tmp_path) == before


NAMELESS = {
    "a file": ("file/x", "Not a directory"),
    "a name that is too long": ("n" * 300, "File name too long"),
    "a link to nothing": ("link", "File exists"),
    "a null byte, in a folder that was made": ("made/a\0b", "null byte"),
}


@pytest.mark.parametrize("what", NAMELESS)
def test_a_folder_that_cannot_be_made_is_told_with_its_path(tmp_path, what):
    (tmp_path / "file").write_bytes(b"kept")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    name, why = NAMELESS[what]
    with pytest.raises(OutputError) as told:
        write(tmp_path / name, "a.pcap")
    assert told.value.path == tmp_path / name
    assert why in told.value.why
    assert str(told.value).startswith(f"{tmp_path / name}: cannot write captures: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


@pytest.mark.parametrize("name", ["n" * 252, "no/where"])
def test_a_file_that_cannot_be_made_is_told_and_takes_its_folder_with_it(tmp_path, name):
    with pytest.raises(OutputError):
        write(tmp_path / "out", "a.pcap", name)
    assert everything(tmp_path) == {}


LIMITED = """
import resource, signal, sys
from pathlib import Path
from pknet.capture.output import OutputError, OutputFolder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    with OutputFolder(Path(sys.argv[1])) as output:
        with output.open("first") as file:
            file.write(b"x")
        with output.open("second") as file:
            file.write(bytes(101))
except OutputError as error:
    print(error.why)
"""


def test_a_disk_that_is_full_is_told_and_leaves_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "out")],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("File too large", "")
    assert everything(tmp_path) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        write(tmp_path / "out", "a.pcap")
