"""What CONTRIBUTING asks of the code, where a program can see it."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from pknet.trace import DropReason

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "pknet").rglob("*.py"))
FLOORS = re.findall(r"^(\d+)  (.+?)   ", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.M)

TEXTS = [
    (file, file.read_text("utf-8"))
    for file in [*MODULES, *sorted((ROOT / "tests").glob("*.py"))]
    if file.name not in ("reason.py", "test_style.py")
]

#: Calls that give another answer on another machine, or on another day.
BANNED = re.compile(
    r"\b(?:time\.(?:time|monotonic)|uuid\.\w+|datetime\.\w+|(?<!def )(?<![.\w])id)\("
)
#: Where the machine itself is what is asked.
OUTSIDE = ("kernel", "cli")


@pytest.mark.parametrize(
    ("number", "package"),
    [(n, name.rstrip("/")) for n, names in FLOORS for name in names.split(" | ") if "/" in name],
)
def test_a_package_says_on_which_floor_it_is(number, package):
    about = import_module(f"pknet.{package}").__doc__ or ""
    assert about.startswith(f"Floor {number}: ")


def test_the_floors_were_found():
    assert len(FLOORS) == 10


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_no_module_asks_a_clock_or_an_address_in_memory(module):
    if module.relative_to(ROOT).parts[1] not in OUTSIDE:
        assert BANNED.findall(module.read_text("utf-8")) == []


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{module.relative_to(ROOT)}: {node.name}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 45
    ]
    assert long == []


@pytest.mark.parametrize("reason", DropReason, ids=lambda reason: reason.name)
def test_every_drop_reason_is_given_somewhere_and_told_of_in_a_test(reason):
    name = re.compile(rf"\b{reason.name}\b")
    assert any(name.search(text) for file, text in TEXTS if file.is_relative_to(ROOT / "pknet"))
    assert any(name.search(text) for file, text in TEXTS if file.is_relative_to(ROOT / "tests"))
