"""Every way to die: each by a small network of its own, which Linux plays too.

tests/data/drops/<REASON>.yaml is the network; below it says where the packet dies, and how the
trace puts it. <REASON>.<kin>.yaml is a case beside it that is easily got wrong. Tunnels have
their own tests.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from kernel_backend import needs_kernel, played_by_the_kernel

import pknet
from pknet.kernel import btf
from pknet.kernel.capture import Captured
from pknet.kernel.compare import Difference, Frames, compare
from pknet.kernel.given import Given
from pknet.kernel.run import Recording
from pknet.lab.lab import Lab
from pknet.report.layout import text_of
from pknet.report.text import tap_lines
from pknet.topology.load import load_text
from pknet.trace import Dropped, DropReason, Hop
from pknet.trace.verdict import copies

SCENES = Path(__file__).parent / "data" / "drops"


class Death(NamedTuple):
    """Where a packet dies and in which words; no interface: none has seen it there."""

    node: str
    interface: str
    words: str


DEATHS = {
    "ARP_IGNORED": Death("b1", "eth0", "10.0.0.99 is not ours"),
    "BRIDGE_INGRESS_STP_STATE": Death("sw1", "p1", "br0 is down"),
    "BRIDGE_SAME_PORT": Death("sw1", "p1", "it came in by p1, which is no hairpin port"),
    "CONNTRACK_FULL": Death(
        "b1", "eth0", "1 connections are tracked, and there is room for no more"
    ),
    "DEV_READY": Death("a1", "", "eth0 is down"),
    "DUP_FRAG": Death("b1", "eth0", "overlaps or repeats a fragment that is already there"),
    "FRAG_BAD": Death("b1", "eth0", "its fragments overlap: all are thrown away"),
    "FRAG_REASM_TIMEOUT": Death(
        "b1", "", "its other fragments never came; error 11/1 goes to 10.0.0.1"
    ),
    "HOOK": Death("b1", "eth0", "no visitors today"),
    "ICMP_CSUM": Death("b1", "eth0", "bad ICMP checksum"),
    "INVALID_PROTO": Death("b1", "eth0", "ICMP 8/0, ignored: icmp_echo_ignore_broadcasts"),
    "IP_CSUM": Death("b1", "eth0", "bad IP header checksum"),
    "IP_INADDRERRORS": Death(
        "b1", "eth0", "10.9.9.9 is not an address of this host, and it does not forward"
    ),
    "IP_INHDR": Death("r1", "eth0", "time to live ran out; error 11/0 goes to 10.0.0.1"),
    "IP_INNOROUTES": Death("r1", "eth0", "no route to 10.9.9.9; error 3/0 goes to 10.0.0.1"),
    "IP_INVALID_DEST": Death("b1", "eth0", "martian destination 0.0.0.0"),
    "IP_INVALID_SOURCE": Death("b1", "eth0", "martian source 224.0.0.9"),
    "IP_LOCALNET": Death("b1", "eth0", "127.0.0.1 from outside"),
    "IP_LOCAL_SOURCE": Death("b1", "eth0", "10.0.0.2 is an address of this host"),
    "IP_NOPROTO": Death(
        "b1", "eth0", "protocol 200 is not spoken here; error 3/2 goes to 10.0.0.1"
    ),
    "IP_RPFILTER": Death("b1", "eth0", "192.168.9.9 does not come by eth0"),
    "IPV6DISABLED": Death("b1", "eth0", "IPv6 is off"),
    "LINK_DOWN": Death("a1", "", "eth0 has no carrier"),
    "LINK_LOSS": Death("a1", "eth0", "lost on the way to b1:eth0"),
    "LINK_TOO_BIG": Death("a1", "eth0", "larger than b1:eth0 takes"),
    "MAC_IEEE_MAC_CONTROL": Death("sw1", "p1", "a pause frame, which no bridge forwards"),
    "MAC_INVALID_SOURCE": Death("sw1", "p1", "01:00:5e:00:00:01 is no station"),
    "NEIGH_FAILED": Death(
        "a1", "", "nobody answered ARP for 10.0.0.99 on eth0; error 3/1 goes to 10.0.0.1"
    ),
    "NEIGH_QUEUEFULL": Death("r1", "", "166 wait for 10.0.1.99 already"),
    "NETFILTER_DROP": Death("b1", "eth0", "DROP by filter INPUT: -A INPUT -p icmp -j DROP"),
    "NOT_FOR_HOST": Death("r1", "eth0", "a frame for everyone holds a packet to be forwarded"),
    "NOT_JOINED": Death("b1", "eth0", "nobody here joined 239.1.1.1"),
    "NO_IPV6": Death("b1", "eth0", "eth0 has MTU 1279, and IPv6 needs 1280"),
    "NO_SOCKET": Death("b1", "eth0", "no socket for udp 10.0.0.2:9; error 3/3 goes to 10.0.0.1"),
    "NO_TX_TARGET": Death("sw1", "p1", "br0 has no other port to flood it to"),
    "NO_WAY_BACK": Death(
        "b1", "eth0", "tcp 10.0.0.2:80 LISTEN cannot answer: no way back to 192.168.9.9"
    ),
    "OTHERHOST": Death("b1", "eth0", "the frame is for another station"),
    "PKT_TOO_BIG": Death(
        "r1", "eth0",
        "1500 bytes, MTU 1400, don't-fragment is set; error 3/4 goes to 10.0.0.1",
    ),
    "PKT_TOO_SMALL": Death("b1", "eth0", "says 100 bytes, has 29"),
    "ROUTE_BLACKHOLE": Death("r1", "eth0", "a blackhole route to 10.9.9.9"),
    "ROUTE_PROHIBIT": Death(
        "r1", "eth0", "a prohibit route to 10.9.9.9; error 3/13 goes to 10.0.0.1"
    ),
    "ROUTE_UNREACHABLE": Death(
        "r1", "eth0", "an unreachable route to 10.9.9.9; error 3/1 goes to 10.0.0.1"
    ),
    "SOURCE_ROUTE": Death("b1", "eth0", "a source route, and accept_source_route is 0"),
    "TCP_ABORT_ON_DATA": Death(
        "a1", "eth0",
        "tcp 10.0.0.1:4000 FIN-WAIT-1 is read by nobody any more; a reset goes to 10.0.0.2",
    ),
    "TCP_CSUM": Death("b1", "eth0", "bad TCP checksum"),
    "TCP_FLAGS": Death("b1", "eth0", "tcp 10.0.0.2:80 LISTEN has no use for FIN"),
    "TCP_INVALID_ACK_SEQUENCE": Death(
        "a1", "eth0",
        "tcp 10.0.0.1:4000 SYN-SENT waits for its SYN's ACK; a reset goes to 10.0.0.2",
    ),
    "TCP_INVALID_SEQUENCE": Death(
        "a1", "eth0", "tcp 10.0.0.1:4000 SYN-RECV has no window there; an ACK answers"
    ),
    "TCP_INVALID_SYN": Death(
        "a1", "eth0", "tcp 10.0.0.1:4000 ESTAB is past the SYN; a challenge ACK answers"
    ),
    "TCP_OFOMERGE": Death(
        "b1", "eth0",
        "tcp 10.0.0.2:80 ESTAB keeps this already, until its turn; an ACK answers",
    ),
    "TCP_OLD_DATA": Death(
        "b1", "eth0", "tcp 10.0.0.2:80 ESTAB has this already; an ACK answers"
    ),
    "TCP_OLD_SEQUENCE": Death(
        "b1", "eth0", "tcp 10.0.0.2:80 ESTAB has acknowledged more than this; an ACK answers"
    ),
    "TCP_OVERWINDOW": Death(
        "b1", "eth0", "tcp 10.0.0.2:80 SYN-RECV has no window there; an ACK answers"
    ),
    "TCP_RESET": Death("b1", "eth0", "tcp 10.0.0.2:80 LISTEN has no use for RST"),
    "UDP_CSUM": Death("b1", "eth0", "bad UDP checksum"),
    "UNHANDLED_PROTO": Death("b1", "eth0", "unknown ICMP type 40"),
}  # fmt: skip

#: Where Linux drops without a word: what it does instead.
SILENT = {
    "ARP_IGNORED": "arp_process: consume_skb",
    "DEV_READY": "packet_snd: the program is told ENETDOWN",
    "FRAG_BAD": "inet_frag_destroy: consume_skb, of those that came before",
    "NO_WAY_BACK": "tcp_v4_conn_request: consume_skb, and OutNoRoutes is counted",
}
#: What no namespace can play.
NOT_LINUX = {
    "CONNTRACK_FULL": "nf_conntrack_max belongs to the machine",
    "HOOK": "a hook is Python",
    "LINK_LOSS": "the kernel backend has no lossy links",
}
EVERY = sorted(path.stem for path in SCENES.iterdir())


def played(scene: str) -> Lab:
    lab = Lab.load(SCENES / f"{scene}.yaml")
    if scene == "HOOK":
        lab.on("b1:eth0", lambda packet: pknet.Drop("no visitors today"))
    lab.run()
    return lab


def deaths(lab: Lab) -> list[tuple[Hop, Dropped]]:
    return [
        (hop, verdict)
        for hop in lab.trace.hops
        for verdict in copies(hop.verdict)
        if isinstance(verdict, Dropped)
    ]


def in_silence(hop: Hop, dropped: Dropped) -> bool:
    """Whether Linux says no word of it; of fragments that do not fit it names the last."""
    named = dropped.reason is DropReason.FRAG_BAD and hop.taps[0].interface
    return dropped.reason.name in SILENT and not named


def frames(lab: Lab) -> Frames:
    seen: dict[tuple[str, str], list[Captured]] = {}
    for tap in lab.trace.taps:
        if tap.direction is not None:
            place = (tap.hop.node, tap.interface)
            seen.setdefault(place, []).append(Captured(tap.time, tap.direction, tap.frame.wire))
    return seen


@pytest.mark.parametrize("reason", DEATHS)
def test_it_dies_of_this_there_and_the_trace_says_so(reason):
    lab, death = played(reason), DEATHS[reason]
    found = [
        Death(hop.node, hop.taps[-1].interface, verdict.text)
        for hop, verdict in deaths(lab)
        if verdict.reason.name == reason
    ]
    assert death in found
    told = [" ".join(text_of(line).split()) for line in tap_lines(lab.trace.taps, 400, detail=True)]
    place = f"{death.node}:{death.interface}" if death.interface else f"{death.node} -"
    said = f"DROPPED {reason}: {death.words}"
    dying = [line for line in told if said in line]
    assert dying
    assert any(place in line for line in told[: told.index(dying[0]) + 1])


@pytest.mark.parametrize("scene", EVERY)
def test_each_says_what_happens_in_it(scene):
    assert (SCENES / f"{scene}.yaml").read_text().startswith("# ")
    assert Lab.load(SCENES / f"{scene}.yaml").spec.name == re.sub("[_.]", "-", scene.lower())


def test_each_is_of_a_reason():
    assert {scene.partition(".")[0] for scene in EVERY} == DEATHS.keys()


def test_a_frame_dies_where_its_cable_was_pulled_out():
    """No file can say so: NO_CABLE is for devices that are made by hand."""
    lab = Lab.load(SCENES / "OTHERHOST.yaml")
    lab.interface("a1:eth0").medium = None
    lab.run()
    ((hop, dropped),) = deaths(lab)
    assert (hop.node, dropped.reason) == ("a1", DropReason.NO_CABLE)


def test_an_expectation_may_be_about_a_frame_that_is_no_ipv4():
    text = (SCENES / "NO_TX_TARGET.yaml").read_text()
    frame = re.sub("/IP.*Raw", "/Raw", text.replace("from:", "expect: {dropped: sw1}, from:"))
    (result,) = Lab(load_text(frame, Path("test.yaml"))).run()
    assert result.failure is None


class TestLinux:
    """The judge: the same frames everywhere, and the same reason at the same place."""

    pytestmark = [
        *needs_kernel,
        pytest.mark.skipif(not btf.VMLINUX.exists(), reason="this kernel has no BTF"),
    ]

    @pytest.mark.parametrize("scene", [scene for scene in EVERY if scene not in NOT_LINUX])
    def test_says_the_same(self, scene):
        lab = played(scene)
        given = Given.by(lab.spec)

        def differences(recording: Recording) -> list[Difference]:
            return compare(frames(lab), recording.frames, given, ("pknet", "linux"))

        recording = played_by_the_kernel(lab.spec, scene, lambda each: not differences(each))
        assert differences(recording) == []
        if recording.drops is None:
            pytest.skip("others on this machine drop more than can be recorded")
        mine = [(hop, dropped) for hop, dropped in deaths(lab) if not in_silence(hop, dropped)]
        theirs = recording.drops
        assert [(d.node, d.reason) for d in theirs] == [(h.node, v.reason.linux) for h, v in mine]
        for (hop, _), drop in zip(mine, theirs, strict=True):
            seen_by = {tap.interface for tap in hop.taps}
            assert not drop.interface or seen_by & {drop.interface, ""}
