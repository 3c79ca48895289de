"""The commands, as somebody at a shell meets them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import NOTES

from pknet.cli.main import main

TOPOLOGIES = Path(__file__).parent.parent / "topologies"
CROSS_NODE = str(TOPOLOGIES / "cross-node.yaml")
SERVICE = str(TOPOLOGIES / "service.yaml")

TWO_HOSTS = """
name: two
nodes:
  a1: {interfaces: {eth0: {addresses: [10.0.0.1/24]}}}
  b1: {interfaces: {eth0: {addresses: [10.0.0.2/24]}, eth1: {}}}
  c1: {interfaces: {eth0: {}}}
links:
  - [a1:eth0, b1:eth0]
  - [b1:eth1, c1:eth0]
traffic:
  - {ping: 10.0.0.2, from: a1, expect: {reply: echo-reply}}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path


def write(folder: Path, text: str) -> str:
    (folder / "two.yaml").write_text(text)
    return "two.yaml"


# --- run


def test_run_prints_the_trace_and_writes_the_captures(here, capsys):
    assert main(["run", write(here, TWO_HOSTS)]) == 0
    out = capsys.readouterr().out
    assert "10.0.0.1 > 10.0.0.2  echo-request  ttl 64" in out
    assert sorted(file.name for file in (here / "pcaps" / "two").iterdir()) == [
        "a1-eth0.pcap", "b1-eth0.pcap", "b1-eth1.pcap", "c1-eth0.pcap", "trace.jsonl",
        "two.pcapng",
    ]  # fmt: skip


def test_an_interface_that_saw_nothing_has_an_empty_capture_and_lo_has_none(here):
    main(["run", write(here, TWO_HOSTS), "--out", "x/y"])
    sizes = {file.name: file.stat().st_size for file in (here / "x" / "y").glob("*.pcap")}
    assert sizes["c1-eth0.pcap"] == 24  # the header alone
    assert not any("-lo" in name for name in sizes)


def test_lo_is_captured_where_something_crossed_it(here):
    text = TWO_HOSTS.replace("ping: 10.0.0.2", "ping: 10.0.0.1")
    main(["run", write(here, text), "--out", "x"])
    assert (here / "x" / "a1-lo.pcap").stat().st_size > 24
    assert not (here / "x" / "b1-lo.pcap").exists()


def test_a_failed_expectation_ends_with_1_and_says_why(here, capsys):
    text = TWO_HOSTS.replace("ping: 10.0.0.2", "ping: 10.0.0.9")
    assert main(["run", write(here, text)]) == 1
    assert "FAILED: " in capsys.readouterr().out


def test_json_prints_exactly_the_file(here, capsys):
    assert main(["run", SERVICE, "--json", "--out", "x"]) == 0
    out = capsys.readouterr().out
    assert out == (here / "x" / "trace.jsonl").read_text()
    assert all(isinstance(json.loads(line), dict) for line in out.splitlines())


def test_detail_tells_the_tables_that_were_asked(here, capsys):
    main(["run", CROSS_NODE])
    plain = capsys.readouterr().out
    main(["run", CROSS_NODE, "--detail"])
    detailed = capsys.readouterr().out
    assert "ROUTE 10.1.2.1" in detailed
    assert "ROUTE" not in plain


def test_the_seed_is_the_files_own_unless_another_is_given(here, capsys):
    """Four connections to a Service of two endpoints: some seed picks others."""
    outputs = set()
    for seed in ([], ["--seed", "1"], ["--seed", "2"], ["--seed", "3"], ["--seed", "4"]):
        main(["run", SERVICE, "--json", *seed])
        outputs.add(capsys.readouterr().out)
    assert len(outputs) > 1


def test_output_that_cannot_be_written_is_bad_input(here, capsys):
    (here / "taken").write_text("")
    assert main(["run", CROSS_NODE, "--out", "taken"]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("pknet: taken: ")
    assert out == ""


# --- faults


@pytest.mark.parametrize("command", [["run"], ["check"], ["show", "a1", "addr"],
                                     ["ping", "a1", "b1"], ["verify"]])  # fmt: skip
@pytest.mark.parametrize("content", [None, "", "nodes: [", "name: x\nnodes: {a1: {kin: 3}}",
                                     "\x00\x01"])  # fmt: skip
def test_bad_input_ends_every_command_with_2_and_a_place(here, command, content, capsys):
    if content is not None:
        write(here, content)
    name, *rest = command
    assert main([name, "two.yaml", *rest]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert all(line.startswith("two.yaml:") for line in err.splitlines())
    assert err


def test_check_tells_all_faults_at_once(here, capsys):
    text = TWO_HOSTS.replace("10.0.0.1/24", "10.0.0.1/99").replace("c1:eth0", "z9:eth0")
    assert main(["check", write(here, text)]) == 2
    assert len(capsys.readouterr().err.splitlines()) >= 2


def test_check_says_what_it_found_right(here, capsys):
    assert main(["check", write(here, TWO_HOSTS)]) == 0
    out = capsys.readouterr().out
    assert out == "two.yaml: no faults (nodes: 3, links: 2, traffic items: 1)\n"


# --- show


def test_show_prints_the_node_after_the_run(here, capsys):
    assert main(["show", write(here, TWO_HOSTS), "a1", "neigh"]) == 0
    out = capsys.readouterr().out
    assert out == "10.0.0.2 dev eth0 lladdr 02:00:00:00:02:01 REACHABLE \n"
    assert list(here.glob("pcaps")) == []


def test_show_prints_rules_with_what_they_counted_and_connections(here, capsys):
    assert main(["show", SERVICE, "node-a", "iptables"]) == 0
    rules = capsys.readouterr().out.splitlines()
    assert rules.count("COMMIT") == sum(line.startswith("*") for line in rules)
    assert any(line.startswith("[2:104] -A KUBE-SEP-") for line in rules)
    assert main(["show", SERVICE, "node-a", "conntrack"]) == 0
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("tcp      6 119 TIME_WAIT src=10.1.1.1 dst=172.30.0.1 sport=40000")


def test_show_names_the_nodes_there_are(here, capsys):
    assert main(["show", write(here, TWO_HOSTS), "b9", "addr"]) == 2
    assert capsys.readouterr().err == "pknet: no node 'b9' in two.yaml: a1, b1, c1\n"


# --- ping


@pytest.mark.parametrize("target", ["10.0.0.2", "b1"])
def test_ping_is_answered_by_an_address_or_a_node(here, target, capsys):
    assert main(["ping", write(here, TWO_HOSTS), "a1", target]) == 0
    out = capsys.readouterr().out
    assert out.count("  echo-request  ") == 3  # it waits for ARP, it leaves, and it arrives
    assert out.count("echo-request  ttl 64  HELD") == 1
    assert out.count("\nping a1 -> 10.0.0.2") == 1
    assert list(here.glob("pcaps")) == []


def test_a_ping_without_an_answer_ends_with_1(here, capsys):
    assert main(["ping", write(here, TWO_HOSTS), "a1", "10.0.0.9"]) == 1
    assert "FAILED" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ends", "said"),
    [(["b9", "a1"], "no node 'b9'"), (["a1", "b9"], "no node 'b9'"),
     (["a1", "c1"], "c1 has no address to ping")],
)  # fmt: skip
def test_a_ping_that_cannot_be_sent_is_bad_input(here, ends, said, capsys):
    assert main(["ping", write(here, TWO_HOSTS), *ends]) == 2
    assert said in capsys.readouterr().err


# --- the terminal


def in_terminal(*arguments: str, **environment: str) -> str:
    """What the command writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", NOTES) if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "pknet", *arguments],
        stdout=theirs,
        env={**kept, "TERM": "xterm", "COLUMNS": "80", **environment},
    )
    os.close(theirs)
    written = b""
    try:
        while block := os.read(ours, 65536):
            written += block
    except OSError:  # EIO: the last writer has gone
        pass
    process.wait()
    os.close(ours)
    return written.decode()


def test_a_terminal_is_given_colours_unless_it_wants_none(here):
    run = ["run", CROSS_NODE, "--out", "x"]
    assert "\x1b[1mping" in in_terminal(*run)
    assert "\x1b" not in in_terminal(*run, NO_COLOR="1")
    assert "\x1b" not in in_terminal(*run, TERM="dumb")


def test_a_pipe_is_given_the_same_text_without_colours(here, capsys):
    main(["run", CROSS_NODE, "--out", "x"])
    piped = capsys.readouterr().out
    seen = in_terminal("run", CROSS_NODE, "--out", "x", NO_COLOR="1")
    assert seen.replace("\r\n", "\n") == piped


def test_a_run_that_nobody_watches_loads_no_scapy_and_no_colours(here):
    script = (
        "import sys\n"
        "from pknet.cli.main import main\n"
        f"main(['run', {CROSS_NODE!r}, '--out', 'x'])\n"
        "print(sorted({'scapy', 'rich'} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert done.stderr == "[]\n"
