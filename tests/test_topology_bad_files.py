"""Each bad file of data/bad has its faults, word for word, in the log beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pknet.topology import TopologyError, load

BAD = Path(__file__).parent / "data" / "bad"


@pytest.mark.parametrize("name", sorted(path.stem for path in BAD.glob("*.yaml")))
def test_a_bad_file_is_told_in_exactly_these_words(name: str) -> None:
    with pytest.raises(TopologyError) as caught:
        load(BAD / f"{name}.yaml")
    told = str(caught.value).replace(f"{BAD}/", "")
    assert told.splitlines() == (BAD / f"{name}.log").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", sorted(path.stem for path in BAD.glob("*.yaml")))
def test_faults_come_in_the_order_of_their_places(name: str) -> None:
    with pytest.raises(TopologyError) as caught:
        load(BAD / f"{name}.yaml")
    places = [(f.place.file, f.place.line, f.place.column) for f in caught.value.faults]
    assert places == sorted(places)


def test_no_log_is_left_without_its_file() -> None:
    assert {path.stem for path in BAD.glob("*.log")} == {path.stem for path in BAD.glob("*.yaml")}


def test_a_fault_has_its_place_path_and_message_apart() -> None:
    with pytest.raises(TopologyError) as caught:
        load(BAD / "node-kind.yaml")
    (fault,) = caught.value.faults
    assert (fault.place.line, fault.place.column, fault.path) == (4, 11, "nodes.A.kind")
    assert fault.message.endswith("allowed: linux, router, switch, node")
