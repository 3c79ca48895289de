"""The kernel of this machine is the judge of every shipped topology and every golden."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import golden_kernel
import pytest
from kernel_backend import differences, on_the_kernel, pair

from pknet.cli.main import main
from pknet.cli.verify import Verification, draws_lots, not_built, verify
from pknet.kernel.errors import KernelUnavailableError
from pknet.topology.load import load, load_text
from pknet.topology.spec import Spec

SHIPPED = sorted((Path(__file__).parent.parent / "topologies").glob("*.yaml"))


def judged(spec: Spec) -> str:
    try:
        verification = verify(spec)
    except KernelUnavailableError as error:
        if "lacks devices of type" not in str(error):  # ipip is not in every kernel
            raise
        pytest.skip(str(error))
    return "" if verification.same else "\n".join(verification.lines())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@on_the_kernel
def test_a_shipped_topology_is_as_on_the_kernel(path: Path) -> None:
    assert not judged(load(path))


@pytest.mark.parametrize("name", golden_kernel.scenarios())
@on_the_kernel
def test_a_golden_scenario_is_as_on_the_kernel(name: str) -> None:
    assert not judged(load(golden_kernel.topology(name)))


@on_the_kernel
def test_a_difference_is_shown_frame_by_frame(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pknet.netns.icmp.PRECEDENCE_INTERNETCONTROL", 0)
    (tmp_path / "pair.yaml").write_text(pair('{udp: "10.0.0.2:9", from: a1}'))
    assert main(["verify", str(tmp_path / "pair.yaml")]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "a1:eth0 frame 4: ip.tos"
    assert told[1].split() == ["pknet", "kernel"]
    assert "  > ip.tos                   0x00                             0xc0" in told
    assert told[-1] == (
        "2 interfaces the same, 2 differ; drop reasons: the same; programs: told the same"
    )


@on_the_kernel
def test_a_reason_that_differs_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pknet.trace.DropReason.linux", "IP_CSUM")
    told = differences(pair('{udp: "10.0.0.2:9", from: a1}')).splitlines()
    assert told == [
        "b1: IP_CSUM: pknet 1, kernel 0",
        "b1: NO_SOCKET: pknet 0, kernel 1",
        "4 interfaces the same, 0 differ; drop reasons: 2 differ; programs: told the same",
    ]


@on_the_kernel
def test_what_a_program_was_told_otherwise_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pknet.netns.socket.programs.told.failure", lambda errno: "EPERM")
    monkeypatch.setattr("pknet.kernel.play.failure", lambda errno: errno)
    told = differences(pair('{udp: "10.0.0.2:9", from: a1}')).splitlines()
    assert told == [
        'udp a1 -> 10.0.0.2:9: told: pknet "EPERM", kernel "ECONNREFUSED"',
        "4 interfaces the same, 0 differ; drop reasons: the same; programs: 1 told otherwise",
    ]


@on_the_kernel
def test_lo_is_compared_where_only_the_kernel_has_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = "pknet.kernel.compare.frames_of"
    monkeypatch.setattr(frames, lambda taps: {})
    told = differences(pair("{ping: 10.0.0.1, from: a1}"))
    assert "a1:lo frame 1: missing on the left" in told


LOTS = """
name: lots
nodes:
  a1: {interfaces: {eth0: {addresses: [10.0.0.1/24]}}}
  b1:
    interfaces: {eth0: {addresses: [10.0.0.2/24]}}
    iptables: |
      *filter
      -A INPUT -p icmp -m statistic --mode random --probability 0.5 -j DROP
      COMMIT
links: [['a1:eth0', 'b1:eth0']]
traffic:
  - {ping: 10.0.0.2, from: a1, seq: 1, timeout: 10ms}
  - {ping: 10.0.0.2, from: a1, seq: 2, timeout: 10ms}
  - {ping: 10.0.0.2, from: a1, seq: 3, timeout: 10ms}
"""


@on_the_kernel
def test_lots_are_drawn_again_until_they_are_the_kernel_s() -> None:
    spec = load_text(LOTS, Path("lots.yaml"))
    assert draws_lots(spec)
    seeds = [verification.seed for verification in map(verify, [spec] * 3) if verification.same]
    assert len(seeds) == 3


def test_a_spec_without_lots_is_not_tried_again() -> None:
    assert not draws_lots(load_text(pair("{ping: 10.0.0.2, from: a1}"), Path("pair.yaml")))


def test_what_the_kernel_is_not_told_is_said() -> None:
    spec = load_text(pair("{ping: 10.0.0.2, from: a1}"), Path("pair.yaml"))
    assert not not_built(spec)
    cable = pair("{ping: 10.0.0.2, from: a1}").replace(
        "- ['a1:eth0', 'b1:eth0']",
        "- {endpoints: ['a1:eth0', 'b1:eth0'], type: cable, delay: 5ms}",
    )
    told = not_built(load_text(cable, Path("pair.yaml")))
    assert len(told) == 1
    assert "no delay in the kernel" in told[0]


def test_a_seed_that_was_found_is_named() -> None:
    spec = load_text(pair("{ping: 10.0.0.2, from: a1}"), Path("pair.yaml"))
    found = Verification(replace(spec, seed=1), 2, [], None, 7, [])
    assert list(found.lines()) == [
        "2 interfaces the same, 0 differ; drop reasons: this kernel does not tell; "
        "programs: told the same",
        "the kernel drew what pknet draws with --seed 7",
    ]
