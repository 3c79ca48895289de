"""The kernel's own reasons for what it dropped, by node and interface."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden_kernel import expected_drops, topology
from kernel_backend import needs_kernel, pair, play

from pknet.kernel import btf
from pknet.kernel.drops import Drop
from pknet.kernel.errors import KernelUnavailableError
from pknet.kernel.run import run
from pknet.topology.load import load

pytestmark = [
    *needs_kernel,
    pytest.mark.skipif(not btf.VMLINUX.exists(), reason="this kernel has no BTF"),
]
RULE = '"*filter\\n-A INPUT -p icmp -j DROP\\nCOMMIT\\n"'


@pytest.mark.parametrize("name", ["pmtu_df", "ttl", "svc_tcp_same_node_ep_nobrnf", "udp_closed"])
def test_the_reasons_are_those_that_were_recorded(name: str) -> None:
    drops = run(load(topology(name))).drops
    assert drops is not None
    assert [drop.reason for drop in drops] == expected_drops(name)


def test_a_drop_tells_its_node_interface_and_function() -> None:
    recording = play(pair('{udp: "10.0.0.2:9", from: a1, payload: x}'))
    assert recording.drops == [Drop("b1", "eth0", "NO_SOCKET", "__udp4_lib_rcv")]


def test_a_packet_dropped_before_it_has_a_device_is_known_by_its_socket() -> None:
    rule = RULE.replace("INPUT", "OUTPUT")
    drops = play(pair("{ping: 10.0.0.2, from: a1}", a1=f"iptables: {rule}")).drops
    assert drops is not None
    assert [(drop.node, drop.reason) for drop in drops] == [("a1", "NETFILTER_DROP")]


def test_a_packet_without_device_and_socket_is_known_by_its_route() -> None:
    reject = "-A INPUT -p tcp -j REJECT --reject-with tcp-reset"
    rules = f"*filter\\n{reject}\\n-A OUTPUT -j DROP\\nCOMMIT"
    syn = "{send: \"IP(dst='10.0.0.2')/TCP(dport=80)\", from: a1}"
    drops = play(pair(syn, b1=f'iptables: "{rules}\\n"')).drops
    assert drops is not None
    assert [(drop.node, drop.interface) for drop in drops] == [("b1", ""), ("b1", "eth0")]


def test_what_was_delivered_was_not_dropped() -> None:
    echo = "listen: [{tcp: 80, reply: pong}]"
    items = ["{ping: 10.0.0.2, from: a1}", '{tcp: "10.0.0.2:80", from: a1, payload: ping}']
    assert play(pair(*items, b1=echo)).drops == []


def test_a_kernel_without_btf_is_a_judge_of_frames_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def none() -> btf.Btf:
        return btf.Btf(tmp_path / "vmlinux")

    monkeypatch.setattr(btf, "running_kernel", none)
    recording = play(pair("{ping: 10.0.0.2, from: a1}"))
    assert recording.drops is None
    assert recording.results == ["echo-reply from 10.0.0.2"]


def test_offsets_are_the_kernels_own() -> None:
    """On headers whose layout RFCs fix."""
    types = btf.running_kernel()
    assert types.offset("iphdr", "saddr") == 12
    assert types.offset("iphdr", "daddr") == 16  # in an anonymous union
    assert types.offset("tcphdr", "ack_seq") == 8
    assert types.offset("net_device", "nd_net", "net") == types.offset("net_device", "nd_net")
    assert types.enumerators("skb_drop_reason")[2] == "SKB_DROP_REASON_NOT_SPECIFIED"


def test_a_function_is_known_by_its_arguments() -> None:
    """The tracepoint's own data comes first; the socket that was to receive, since Linux 6.11."""
    types = btf.running_kernel()
    assert types.arguments("btf_trace_kfree_skb") in (4, 5)
    with pytest.raises(KernelUnavailableError, match="no_such"):
        types.arguments("no_such_function")


@pytest.mark.parametrize("path", [("no_such_struct", "x"), ("iphdr", "no_such_member")])
def test_what_this_kernel_does_not_have_is_named(path: tuple[str, str]) -> None:
    with pytest.raises(KernelUnavailableError, match="no_such"):
        btf.running_kernel().offset(*path)
