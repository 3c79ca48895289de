"""No test opens a socket unless it says so; property tests draw the same examples every time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")

#: Marks of tests that may open sockets: they drive the real kernel, or other programs.
MAY_OPEN_SOCKETS = ("kernel", "tshark", "peer")

#: A Python that has it on its path refuses sockets, and writes into the file NOTES what it did.
GUARD = Path(__file__).parent / "guard"
NOTES = "PKNET_TEST_SOCKETS"

_guard = {"armed": False}


def _refuse_sockets(event: str, args: tuple[object, ...]) -> None:
    if _guard["armed"] and event.startswith("socket."):
        raise AssertionError(f"a test opened a socket: {event}{args!r}")


sys.addaudithook(_refuse_sockets)


@pytest.fixture(scope="session")
def sockets_of_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sockets") / "notes"


@pytest.fixture(autouse=True)
def no_sockets(request: pytest.FixtureRequest, sockets_of_programs: Path) -> Iterator[None]:
    """Armed for every test that does not carry one of the marks above, and what it starts."""
    if any(request.node.get_closest_marker(mark) for mark in MAY_OPEN_SOCKETS):
        yield
        return
    path = os.pathsep.join(filter(None, (str(GUARD), os.environ.get("PYTHONPATH"))))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", path)
        environment.setenv(NOTES, str(sockets_of_programs))
        _guard["armed"] = True
        yield
        _guard["armed"] = False
    if sockets_of_programs.exists():
        told = sockets_of_programs.read_text()
        sockets_of_programs.unlink()
        pytest.fail(f"programs that this test started opened sockets:\n{told}")
