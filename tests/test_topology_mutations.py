"""Whatever a file says, loading it ends with a Spec or with faults that stand inside it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from topology_samples import FULL

from pknet.topology import Fault, Spec, TopologyError, load_text

SNIPPETS = [
    "\t", "\n", ":", "- ", "[", "]", "{", "}", "&a ", "*a", "!!python/object:x ", "|", "'", '"',
    "#", "---\n", "...", "%YAML 9", "? ", "<<: ", "null", "~", "0", "-1", "1e400", "99999999999999",
    "10.0.0.0/8", "/", "..", "\u2028", "é", "\ufeff", "true", "0x", "1:30", "2001-01-01", ".inf",
]  # fmt: skip

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "A", "A:eth0", "lo", "10.0.0.1", "0.0.0.0/0", "1s", "br0", "00:00"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


def hold(text: str) -> None:
    """The promise."""
    found = outcome(text)
    if isinstance(found, Spec):
        return
    assert found
    lines = text.count("\n") + text.count("\u2028") + 2
    for fault in found:
        assert fault.message
        assert len(str(fault).splitlines()) == 1
        assert 1 <= fault.place.line <= lines
        assert fault.place.column >= 1


def outcome(text: str) -> Spec | tuple[Fault, ...]:
    """What loading comes to; any other exception is a failure of the test."""
    try:
        return load_text(text, Path("mutated.yaml"))
    except TopologyError as error:
        return error.faults


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(FULL)),
            st.integers(0, 40),
            st.sampled_from(SNIPPETS) | st.text(max_size=3),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_text_that_was_cut_and_pasted_into(edits: list[tuple[int, int, str]]) -> None:
    text = FULL
    for start, length, put in edits:
        text = text[:start] + put + text[start + length :]
    hold(text)


def steps(data: Any) -> list[tuple[Any, Any]]:
    """The keys, or indexes, and values of a collection; none of a scalar."""
    if isinstance(data, dict):
        return list(data.items())
    return list(enumerate(data)) if isinstance(data, list) else []


def paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a value stands that can be replaced."""
    below = [found for key, value in steps(data) for found in paths(value, (*path, key))]
    return [path, *below] if path else below


def replace(data: Any, path: tuple[Any, ...], junk: Any) -> None:
    """Put ``junk`` at ``path``, if an earlier edit has left it there."""
    for step in path[:-1]:
        data = dict(steps(data)).get(step)
    if path[-1] in dict(steps(data)):
        data[path[-1]] = junk


GOOD = yaml.safe_load(FULL)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(paths(GOOD)), JUNK), min_size=1, max_size=3))
def test_values_that_were_replaced(edits: list[tuple[tuple[Any, ...], Any]]) -> None:
    data = copy.deepcopy(GOOD)
    for path, junk in edits:
        replace(data, path, junk)
    hold(yaml.safe_dump(data, allow_unicode=True))
