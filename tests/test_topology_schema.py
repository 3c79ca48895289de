"""The schema for editors says what the loader says, as far as a schema can."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from topology_samples import FULL, faults, good_files

from pknet.topology.expect import EXPECT_KEYS
from pknet.topology.links import LINK_KEYS
from pknet.topology.load import TOPOLOGY_KEYS
from pknet.topology.nodes import BRIDGE_KEYS, INTERFACE_KEYS, KINDS, NODE_KEYS
from pknet.topology.traffic import ITEM_KEYS
from pknet.topology.tunnels import TUNNEL_KEYS

SCHEMA = json.loads((files("pknet.topology") / "schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
DEFS = SCHEMA["$defs"]

#: Mappings whose keys are the user's own.
FREE = {"nodes", "bridges", "interfaces", "tunnels", "neighbours", "sysctls"}


def wrong(data: Any) -> list[str]:
    """What the schema says against ``data``."""
    return [f"{list(error.path)}: {error.message}" for error in VALIDATOR.iter_errors(data)]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", good_files(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_takes_what_the_loader_takes(path: Path) -> None:
    assert wrong(yaml.safe_load(path.read_text(encoding="utf-8"))) == []


def test_it_takes_every_key() -> None:
    assert faults(FULL) == []
    assert wrong(yaml.safe_load(FULL)) == []


@pytest.mark.parametrize(
    ("known", "keys"),
    [
        (TOPOLOGY_KEYS, SCHEMA["properties"]),
        (NODE_KEYS, DEFS["node"]["properties"]),
        (BRIDGE_KEYS, DEFS["bridge"]["properties"]),
        (INTERFACE_KEYS, DEFS["interface"]["properties"]),
        (TUNNEL_KEYS, DEFS["tunnel"]["properties"]),
        (LINK_KEYS, DEFS["link"]["oneOf"][2]["properties"]),
        (KINDS, DEFS["node"]["properties"]["kind"]["enum"]),
        *((keys, DEFS[kind]["properties"]) for kind, keys in ITEM_KEYS.items()),
        *((k, DEFS[kind]["properties"]["expect"]["properties"]) for kind, k in EXPECT_KEYS.items()),
    ],
)
def test_it_has_the_loaders_keys(known: tuple[str, ...], keys: Any) -> None:
    assert set(keys) == set(known)


def mappings(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all mappings whose keys are fixed."""
    if isinstance(data, dict):
        if not path or path[-1] not in FREE:
            yield path
        for key, value in data.items():
            yield from mappings(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from mappings(value, (*path, index))


@pytest.mark.parametrize("path", list(mappings(yaml.safe_load(FULL))), ids=str)
def test_both_refuse_an_unknown_key_anywhere(path: tuple[Any, ...]) -> None:
    data = copy.deepcopy(yaml.safe_load(FULL))
    inner = data
    for step in path:
        inner = inner[step]
    inner["bogus"] = 1
    assert wrong(data)
    assert any("unknown key 'bogus'" in fault for fault in faults(yaml.safe_dump(data)))
