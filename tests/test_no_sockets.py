"""What keeps the tests from the network keeps it from the programs that they start."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from bench.place import environment
from conftest import GUARD, NOTES

pytest_plugins = ["pytester"]

SOCKET = """
import socket
try:
    socket.socket().close()
except AssertionError as error:
    print(error)
"""


def run_python(script: str, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **more}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return done.stdout


def test_a_socket_that_a_program_opens_is_refused_and_written_down(tmp_path):
    notes = tmp_path / "notes"
    told = run_python(SOCKET, **{NOTES: str(notes)})
    assert told.startswith("a program that a test started opened a socket: socket.__new__")
    assert "socket.__new__" in notes.read_text()


def test_so_is_one_of_its_own_children(tmp_path):
    notes = tmp_path / "notes"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SOCKET!r}])"
    assert "opened a socket" in run_python(script, **{NOTES: str(notes)})
    assert "socket.__new__" in notes.read_text()


def test_what_was_written_down_fails_the_test(pytester):
    shutil.copytree(GUARD, pytester.path / GUARD.name)
    pytester.makeconftest((GUARD.parent / "conftest.py").read_text())
    pytester.makepyfile(
        f"import subprocess, sys\ndef test_it():\n"
        f"    subprocess.run([sys.executable, '-c', {SOCKET!r}], check=True)\n"
    )
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*programs that this test started opened sockets*"])


def test_programs_with_an_environment_of_their_own_are_kept_from_it_too():
    assert str(GUARD) in environment()["PYTHONPATH"].split(os.pathsep)


@pytest.mark.peer
def test_tests_that_say_so_may():
    assert run_python(SOCKET) == ""
