"""No program that a test starts opens a socket either.

A Python that finds this on its path reads it before anything else (site). The refusal may be
caught, so it is written down, too: conftest.py names the file, and fails the test that has one.
"""

from __future__ import annotations

import os
import sys


def refuse_sockets(event: str, args: tuple[object, ...]) -> None:
    if event.startswith("socket."):
        with open(os.environ["PKNET_TEST_SOCKETS"], "a") as notes:
            notes.write(f"{sys.orig_argv}: {event}{args!r}\n")
        raise AssertionError(f"a program that a test started opened a socket: {event}{args!r}")


sys.addaudithook(refuse_sockets)
