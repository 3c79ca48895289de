"""pytest: a ``lab`` fixture, and the trace of the packet that an assertion failed on.

Law: installed, it costs a test run nothing: pknet itself is loaded when a test asks for a lab.

    def test_service_is_dnated_once(lab):
        net = lab("topologies/service.yaml")
        flow = net["a1"].send(IP(dst="172.30.0.1") / TCP(dport=80, flags="S"))
        assert flow.delivered_to("b1")
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pknet.lab.lab import Lab
    from pknet.trace import Tap

WIDTH = 100  # columns of a trace in a failure report

#: The names under which pytest's rewritten assertions keep the values of their parts.
_ASSERTION_PART = "@py_assert"


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Callable[..., Lab]:
    """``lab("topologies/service.yaml", seed=None)``: a Lab of that file, a fresh one each time.

    The path is looked for beside the test, then under the root directory. Raises TopologyError
    with every fault of the file, FileNotFoundError where there is none.
    """

    def load(path: str | Path, seed: int | None = None) -> Lab:
        from pknet.lab.lab import Lab

        return Lab.load(_found(Path(path), [request.path.parent, request.config.rootpath]), seed)

    return load


def _found(path: Path, folders: Sequence[Path]) -> Path:
    """The first file that is there; an absolute ``path`` is itself."""
    for folder in folders:
        if (folder / path).exists():
            return folder / path
    where = ", nor in ".join(dict.fromkeys(str(folder) for folder in folders))
    raise FileNotFoundError(f"no topology {str(path)!r} in {where}")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    """Add the trace to an assertion that failed on a flow, as a note of the exception."""
    try:
        return (yield)
    except AssertionError as error:
        if "pknet.lab.flow" in sys.modules:
            for taps in _flows_of(error.__traceback__):
                error.add_note(_trace(taps))
        raise


def _trace(taps: Sequence[Tap]) -> str:
    from pknet.report.layout import text_of
    from pknet.report.text import tap_lines

    lines = (text_of(line) for line in tap_lines(taps, WIDTH))
    return "\n".join([f"trace of packet #{taps[0].hop.packet}:", *lines])


def _flows_of(traceback: TracebackType | None) -> list[Sequence[Tap]]:
    """The flows that the failed assertion speaks of.

    Those among the assertion's own parts; else those in the variables of the function it stands
    in, or of the nearest caller that has any.
    """
    frames = []
    while traceback is not None:
        frames.append(traceback.tb_frame.f_locals)
        traceback = traceback.tb_next
    for variables in reversed(frames):
        parts = [value for name, value in variables.items() if name.startswith(_ASSERTION_PART)]
        found = list(_distinct(_each(parts))) or list(_distinct(_each(variables.values())))
        if found:
            return found
    return []


def _each(values: Iterable[object]) -> list[object]:
    """The values; in place of a list of frames that were seen, those frames."""
    from pknet.lab.seen import Seen

    found: list[object] = []
    for value in values:
        if isinstance(value, list) and value and isinstance(value[0], Seen):
            found += value
        else:
            found.append(value)
    return found


def _distinct(values: Sequence[object]) -> Iterator[Sequence[Tap]]:
    """The taps of each flow among ``values``, once."""
    from pknet.lab.finding import Finding
    from pknet.lab.flow import Flow, Seen

    told = set()
    for value in values:
        if not isinstance(value, Flow | Finding | Seen):
            continue
        taps = value.told if isinstance(value, Flow) else value.taps
        if taps and taps[0].hop not in told:
            told.add(taps[0].hop)
            yield taps
