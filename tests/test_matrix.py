"""Who reaches whom: against single items, in any number of processes, as people read it."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pknet.cli.main import main
from pknet.lab.lab import Lab
from pknet.lab.matrix import ask, parts
from pknet.lab.probe import item_of
from pknet.report.layout import text_of
from pknet.report.matrix import matrix_lines
from pknet.topology.load import load, load_text
from pknet.topology.pairs import pairs
from pknet.topology.spec import Spec

TOPOLOGIES = Path(__file__).parent.parent / "topologies"
BULK = str(TOPOLOGIES / "bulk.yaml")
#: Hosts on a switch.
HOSTS = """
name: hosts
nodes:
  sw: {{kind: switch}}
{nodes}
links:
{links}
"""

RULE = "-A INPUT -s 10.1.1.2/32 -p udp -m udp --dport 5001 -j DROP"  # of b2, in that file


def hosts(count: int) -> Spec:
    """``count`` hosts that listen, and every third one drops what comes from 10.0.0.1."""
    rules = "iptables: '*filter\n\n      -A INPUT -s 10.0.0.1/32 -j DROP\n\n      COMMIT\n\n      '"
    nodes = "\n".join(
        f"  h{n}: {{interfaces: {{eth0: {{addresses: [10.0.0.{n}/24]}}}}, "
        f"listen: [{{tcp: 80}}, {{udp: 53}}]{', ' + rules if n % 3 == 0 else ''}}}"
        for n in range(1, count + 1)
    )
    links = "\n".join(f"  - [h{n}:eth0, sw:p{n}]" for n in range(1, count + 1))
    return load_text(HOSTS.format(nodes=nodes, links=links), Path("hosts.yaml"))


def out(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["matrix", *arguments])
    return code, capsys.readouterr().out


def test_each_pair_is_what_a_run_of_that_item_alone_says() -> None:
    spec = hosts(4)
    found = ask(spec, pairs(spec), spec.seed)
    assert len(found) == 4 * 3 * 2
    for one in found:
        (result,) = Lab(replace(spec, traffic=(item_of(one.pair),))).run()
        assert one.reached == (result.failure is None), result.title
    kept_out = [(one.pair.source, one.pair.target.name) for one in found if not one.reached]
    assert kept_out == [("h3", "h1:80/tcp"), ("h3", "h1:53/udp"),
                        ("h1", "h3:80/tcp"), ("h1", "h3:53/udp")]  # fmt: skip
    assert {one.dropped for one in found if not one.reached} == {
        "h3: DROPPED NETFILTER_DROP: DROP by filter INPUT: -A INPUT -s 10.0.0.1/32 -j DROP"
    }


def test_any_executor_and_any_number_of_workers_say_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec = hosts(5)
    alone = ask(spec, pairs(spec), 7)
    assert len(list(parts(pairs(spec).asked))) == 3
    for workers in (1, 3):
        with ThreadPoolExecutor(workers) as pool:
            assert ask(spec, pairs(spec), 7, pool) == alone
    one = out(capsys, BULK, "--json")
    assert out(capsys, BULK, "--json", "--jobs", "4") == one


def test_a_part_is_as_large_as_its_matrix_asks_whoever_asks() -> None:
    class Counted(list[Any]):
        """A sequence of pairs, of which only the number matters."""

    for count, sizes in (
        (1, {1}),
        (16, {16}),
        (40, {16, 8}),
        (64_000, {1000}),
        (64_001, {1001, 938}),
    ):
        cut = [len(part) for part in parts(Counted(range(count)))]
        assert sum(cut) == count
        assert set(cut) == sizes


def test_the_table_is_one_that_people_read(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = out(capsys, BULK)
    assert code == 0
    assert text.splitlines() == [
        "to \\ from                           a1  a2  b1  b2",
        "b1:8080/tcp                          +   +   .   +",
        "b1:5001/udp                          +   +   .   +",
        "b2:8080/tcp                          +   +   +   .",
        "b2:5001/udp                          +   -   +   .",
        "default/web:http 172.30.0.1:80/tcp   +   +   +   +",
        "",
        "+ reached, - not reached, as expected, . itself",
        "16 pairs, 15 reached; none not as expected",
    ]


def test_what_is_not_as_expected_ends_with_1_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path(BULK).read_text().replace("file: rules", f"file: {TOPOLOGIES}/rules")
    (tmp_path / "all.yaml").write_text(text[: text.index("matrix:")])
    code, told = out(capsys, str(tmp_path / "all.yaml"))
    assert code == 1
    assert "b2:5001/udp                          +   x   +   ." in told
    summary, *why = told.splitlines()[-3:]
    assert summary == "16 pairs, 15 reached; 1 not as expected", told
    assert " ".join(" ".join(why).split()) == (
        f"a2 -> b2:5001/udp: no answer; b2: DROPPED NETFILTER_DROP: DROP by filter INPUT: {RULE}"
    )
    wall = "matrix: {from: [a1, b1], to: [{ping: 10.1.2.2, name: b2}], unreached: [{from: a1}]}\n"
    (tmp_path / "wall.yaml").write_text(text[: text.index("matrix:")] + wall)
    code, told = out(capsys, str(tmp_path / "wall.yaml"))
    assert code == 1
    assert told.splitlines()[1] == "b2 10.1.2.2   !   +"
    assert "a1 -> b2 10.1.2.2 (should not be reached): echo-reply from 10.1.2.2" in told


def test_names_that_find_no_room_are_written_downwards() -> None:
    spec = hosts(40)
    asked = pairs(spec)
    few = replace(asked, targets=asked.targets[:1], asked=asked.asked[:39])
    lines = [text_of(line) for line in matrix_lines(few, ask(spec, few, 1), 80)]
    assert max(map(len, lines)) <= 80
    assert lines[:4] == [
        " " * 19 + "h" * 31,
        " " * 10 + "h" * 9 + "1" * 10 + "2" * 10 + "3" * 10 + "4",
        "to \\ from 1234567890123456789012345678901234567890",
        "h1:80/tcp ." + ("+x+" * 13),
    ]


def test_json_has_a_line_for_each_pair(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = out(capsys, BULK, "--json")
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) == 16
    assert next(line for line in lines if not line["reached"]) == {
        "from": "a2", "to": "b2:5001/udp", "protocol": "udp", "address": "10.1.2.2",
        "port": 5001, "reached": False, "expected": False, "outcome": "no answer",
        "dropped": f"b2: DROPPED NETFILTER_DROP: DROP by filter INPUT: {RULE}",
    }  # fmt: skip


def test_services_are_those_that_the_rules_name() -> None:
    spec = load(TOPOLOGIES / "nodeport.yaml")
    named = [one.label for one in pairs(spec).targets if one.owner is None]
    assert named == [
        "default/local:http 172.30.0.2:80/tcp",
        "default/web:http 172.30.0.1:80/tcp",
    ]


def test_a_service_without_endpoints_is_one_that_nobody_reaches() -> None:
    rules = (
        'routes: ["default via 10.1.1.1"]\n    iptables: |\n      *filter\n'
        "      :KUBE-SERVICES - [0:0]\n      -A FORWARD -j KUBE-SERVICES\n"
        '      -A KUBE-SERVICES -d 172.30.0.9/32 -p tcp -m comment --comment "default/db has no '
        'endpoints" -m tcp --dport 5432 -j REJECT --reject-with icmp-port-unreachable\n      COMMIT'
    )
    text = (TOPOLOGIES / "same-node.yaml").read_text()
    text = text.replace("    kind: node\n", f"    kind: node\n    {rules}\n", 1)
    spec = load_text(text[: text.index("traffic:")], TOPOLOGIES / "same-node.yaml")
    found = [one for one in ask(spec, pairs(spec), 1) if one.pair.target.name == "default/db"]
    assert found
    assert not any(one.reached for one in found)
    assert "port unreachable" in found[0].outcome


def test_a_cluster_is_any_executor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As far as this is pknet's: the address is handed on, and the results are the same."""
    asked: list[str] = []

    class Executor(ThreadPoolExecutor):
        def map(self, function: Any, *lists: Any, **more: Any) -> Any:
            assert len({len(each) for each in lists}) == 1  # Dask's counts them
            return super().map(function, *lists, **more)

    class Client:
        def __init__(self, address: str) -> None:
            asked.append(address)

        def __enter__(self) -> Client:
            return self

        def __exit__(self, *_: object) -> None:
            asked.append("closed")

        def get_executor(self) -> Executor:
            return Executor(2)

    module = ModuleType("distributed")
    module.Client = Client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "distributed", module)
    there = out(capsys, BULK, "--json", "--scheduler", "tcp://there:8786")
    assert asked == ["tcp://there:8786", "closed"]
    assert there == out(capsys, BULK, "--json")


def test_without_dask_the_cure_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["matrix", BULK, "--scheduler", "tcp://there:8786"]) == 2
    assert "pip install 'pknet[dask]'" in capsys.readouterr().err


def test_there_must_be_something_to_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", str(TOPOLOGIES / "router-drops.yaml")]) == 2
    assert "there is nothing to ask: no host listens" in capsys.readouterr().err
