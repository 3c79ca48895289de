"""No test opens a socket unless it says so; property tests draw the same examples every time."""

from __future__ import annotations

import sys
from collections.abc import Iterator

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
MAY_OPEN_SOCKETS = ("kernel", "tshark")

_guard = {"armed": False}


def _refuse_sockets(event: str, args: tuple[object, ...]) -> None:
    if _guard["armed"] and event.startswith("socket."):
        raise AssertionError(f"a test opened a socket: {event}{args!r}")


sys.addaudithook(_refuse_sockets)


@pytest.fixture(autouse=True)
def no_sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    """Armed for every test that does not carry one of the marks above."""
    allowed = any(request.node.get_closest_marker(mark) for mark in MAY_OPEN_SOCKETS)
    _guard["armed"] = not allowed
    yield
    _guard["armed"] = False
