"""Packets walk chains as ipt_do_table lets them, and the trace says what each rule did."""

from __future__ import annotations

import pytest
from netfilter_host import (
    Bound,
    Host,
    Walker,
    icmp_packet,
    other_packet,
    tcp_packet,
    udp_packet,
    verdict,
)

from pknet.netns.hook import Hook
from pknet.netns.netfilter.host import Manip, NatRange
from pknet.trace import Dropped, DropReason
from pknet.wire.address import ip_int

JUMPS = """*filter
:INPUT DROP
:A -
:B -
:C -
-A INPUT -p tcp -j A
-A INPUT -p udp -g B
-A INPUT -p udp -j ACCEPT
-A INPUT -p icmp -j C
-A A -j RETURN
-A A -j ACCEPT
-A B -p udp --dport 1 -j ACCEPT
-A C -j B
-A C -j ACCEPT
COMMIT
"""


def walked(data: bytes, rules: str = JUMPS) -> tuple[bool, Walker]:
    """Is it accepted; and the walker."""
    walker = Walker(rules)
    return walker.walk(walker.state(data)) is None, walker


def test_return_goes_back_to_the_caller_and_then_the_policy_decides() -> None:
    accepted, walker = walked(tcp_packet())
    assert not accepted
    assert walker.steps() == [
        "INPUT filter INPUT : jump A", "INPUT filter A : RETURN", "INPUT filter : policy DROP",
    ]  # fmt: skip


def test_after_goto_the_end_of_the_chain_goes_back_to_the_callers_caller() -> None:
    accepted, walker = walked(udp_packet())
    assert not accepted
    assert walker.steps() == ["INPUT filter INPUT : goto B", "INPUT filter : policy DROP"]


def test_the_end_of_a_chain_goes_back_to_the_rule_after_the_jump() -> None:
    accepted, walker = walked(icmp_packet())
    assert accepted
    assert walker.steps() == [
        "INPUT filter INPUT : jump C", "INPUT filter C : jump B", "INPUT filter C : ACCEPT",
    ]  # fmt: skip


def test_return_in_a_built_in_chain_means_the_policy() -> None:
    assert not verdict("-j RETURN\n-j ACCEPT", tcp_packet())


def test_a_rule_without_a_target_only_counts() -> None:
    walker = Walker("*filter\n-A INPUT -p tcp\n-A INPUT -p udp\nCOMMIT\n")
    for data in (tcp_packet(), tcp_packet(), udp_packet()):
        assert walker.walk(walker.state(data)) is None
    assert walker.rules.save_counted().splitlines()[1:-1] == [
        ":INPUT ACCEPT [3:113]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]",
        "[2:80] -A INPUT -p tcp", "[1:33] -A INPUT -p udp",
    ]  # fmt: skip


def test_a_drop_names_the_table_and_the_chains_that_led_to_it() -> None:
    walker = Walker("*filter\n:A -\n:B -\n-A INPUT -j A\n-A A -j B\n-A B -j DROP\nCOMMIT\n")
    dropped = walker.walk(walker.state(tcp_packet()))
    assert dropped == Dropped(DropReason.NETFILTER_DROP, "DROP by filter A > B: -A B -j DROP")
    assert walker.steps(detail=False) == ["INPUT filter A > B : DROP"]


def test_a_step_names_every_rule_on_its_way() -> None:
    walker = Walker("*filter\n:A -\n-A INPUT -j A\n-A A -j DROP\nCOMMIT\n")
    walker.walk(walker.state(tcp_packet()))
    chains = walker.rules.tables["filter"].chains
    assert walker.decisions[-1].subjects == (chains["INPUT"].rules[0], chains["A"].rules[0])


def test_a_policy_that_drops_names_its_chain() -> None:
    walker = Walker("*filter\n:INPUT DROP\nCOMMIT\n")
    dropped = walker.walk(walker.state(tcp_packet()))
    assert dropped == Dropped(DropReason.NETFILTER_DROP, "policy DROP of filter INPUT")
    assert walker.decisions[-1].subjects == (walker.rules.tables["filter"].chains["INPUT"],)


@pytest.mark.parametrize("rule", ["-j DROP", "-j REJECT"])
def test_taking_away_a_rule_that_a_step_names_changes_the_outcome(rule: str) -> None:
    walker = Walker(f"*filter\n:A -\n-A INPUT -j A\n-A A {rule}\nCOMMIT\n")
    assert walker.walk(walker.state(tcp_packet())) is not None
    for subject in walker.decisions[-1].subjects:
        other = Walker(f"*filter\n:A -\n-A INPUT -j A\n-A A {rule}\nCOMMIT\n")
        for chain in other.rules.tables["filter"].chains.values():
            chain.rules = [r for r in chain.rules if r.save() != str(subject)]
        assert other.walk(other.state(tcp_packet())) is None


# --- the header


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ("-s 10.0.0.8", True), ("-s 10.0.0.9", False), ("! -s 10.0.0.0/8", False),
        ("-d 10.0.0.0/24", True), ("! -d 10.0.1.0/24", True), ("-d 10.0.0.9/255.0.0.255", True),
        ("-p tcp", True), ("! -p tcp", False), ("-p udp", False), ("-p all", True),
        ("-i eth0", True), ("-i eth+", True), ("-i eth", False), ("! -i eth1", True),
        ("-i +", True), ("-f", False), ("! -f", True),
    ],
)  # fmt: skip
def test_a_rule_looks_at_addresses_protocol_and_devices(rule: str, matches: bool) -> None:
    assert verdict(f"{rule} -j ACCEPT", tcp_packet()) is matches


def test_a_device_that_is_not_there_has_no_name() -> None:
    walker = Walker("*filter\n-A FORWARD ! -o eth1 -j DROP\nCOMMIT\n")
    assert walker.walk(walker.state(tcp_packet(), Hook.FORWARD, outdev="eth1")) is None
    assert walker.walk(walker.state(tcp_packet(), Hook.FORWARD)) is not None


def test_fragments_after_the_first_have_no_ports() -> None:
    first, later = other_packet(17, fragment=0x2000), other_packet(17, fragment=0x0010)
    assert verdict("-p udp --sport 24930 -j ACCEPT", first)
    assert not verdict("-p udp --sport 24930 -j ACCEPT", later)
    assert not verdict("-p udp ! --sport 24930 -j ACCEPT", later)
    assert verdict("-f -j ACCEPT", later)
    assert not verdict("-f -j ACCEPT", first)


@pytest.mark.parametrize(
    ("rule", "protocol", "size"),
    [
        ("-p tcp --dport 80", 6, 20), ("-p udp -m udp", 17, 8), ("-p sctp --dport 80", 132, 12),
        ("-p icmp --icmp-type any", 1, 8), ("-p tcp -m multiport --dports 80", 6, 4),
    ],
)  # fmt: skip
def test_a_header_cut_short_ends_the_packet_there(rule: str, protocol: int, size: int) -> None:
    rules = f"*filter\n-A INPUT {rule} -j ACCEPT\n-A INPUT -j ACCEPT\nCOMMIT\n"
    accepted, _ = walked(other_packet(protocol, bytes(size)), rules)
    assert accepted
    walker = Walker(rules)
    dropped = walker.walk(walker.state(other_packet(protocol, bytes(size - 1))))
    assert isinstance(dropped, Dropped)
    assert f"its header is shorter than {size} bytes" in dropped.text


# --- NAT, marks, REJECT, NOTRACK

NAT = """*nat
:SVC -
:SEP -
-A PREROUTING -j SVC
-A SVC -p tcp -m tcp --dport 80 -j SEP
-A SEP -p tcp -m tcp -j DNAT --to-destination 10.1.2.1:8080
COMMIT
"""


def test_dnat_asks_for_its_range_and_tells_what_was_bound() -> None:
    walker = Walker(NAT)
    assert walker.walk(walker.state(tcp_packet(), Hook.PREROUTING), "nat") is None
    address = ip_int("10.1.2.1")
    wanted = NatRange(address, address, 8080, 8080)
    assert walker.host.asked == [(Manip.DST, wanted, "nat SVC > SEP")]
    words = "DNAT 10.0.0.9:80 -> 10.1.2.1:8080"
    assert walker.steps(detail=False) == [f"PREROUTING nat SVC > SEP : {words}"]
    assert walker.decisions[-1].rewrite == words


def test_a_binding_that_changes_nothing_is_no_rewrite() -> None:
    walker = Walker(NAT, host=Host(bound=Bound("DNAT 10.0.0.9:80 stays as it is", changes=False)))
    walker.walk(walker.state(tcp_packet(), Hook.PREROUTING), "nat")
    assert walker.decisions[-1].rewrite is None
    assert walker.steps(detail=False) == []


def test_without_a_connection_nothing_is_translated() -> None:
    walker = Walker(NAT, host=Host(bound=None))
    assert walker.walk(walker.state(tcp_packet(), Hook.PREROUTING), "nat") is None
    assert walker.steps()[-1].endswith("DNAT: there is no connection to translate")


def test_snat_keeps_its_flags_and_its_range() -> None:
    rule = "-p udp -j SNAT --to-source 10.0.0.1-10.0.0.4:1000-2000 --random-fully --persistent"
    walker = Walker(f"*nat\n-A POSTROUTING {rule}\nCOMMIT\n")
    walker.walk(walker.state(udp_packet(), Hook.POSTROUTING, outdev="eth1"), "nat")
    wanted = NatRange(
        ip_int("10.0.0.1"), ip_int("10.0.0.4"), 1000, 2000, random_fully=True, persistent=True
    )
    assert walker.host.asked == [(Manip.SRC, wanted, "nat POSTROUTING")]


def test_masquerade_takes_the_address_of_the_way_out() -> None:
    walker = Walker("*nat\n-A POSTROUTING -j MASQUERADE --random\nCOMMIT\n")
    walker.walk(walker.state(tcp_packet(), Hook.POSTROUTING, outdev="eth1"), "nat")
    own = walker.host.own_address
    assert walker.host.asked == [("masquerade", NatRange(own, own, random=True), "nat POSTROUTING")]


def test_masquerade_without_an_address_drops() -> None:
    host = Host(own_address=0)
    walker = Walker("*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n", host=host)
    dropped = walker.walk(walker.state(tcp_packet(), Hook.POSTROUTING, outdev="eth1"), "nat")
    assert dropped == Dropped(
        DropReason.NETFILTER_DROP, "MASQUERADE by nat POSTROUTING found no address to take"
    )


@pytest.mark.parametrize(
    ("hook", "address"), [(Hook.PREROUTING, "192.168.0.1"), (Hook.OUTPUT, "127.0.0.1")]
)
def test_redirect_takes_an_address_of_this_host(hook: Hook, address: str) -> None:
    walker = Walker(f"*nat\n-A {hook.name} -p tcp -j REDIRECT --to-ports 3128\nCOMMIT\n")
    walker.walk(walker.state(tcp_packet(), hook), "nat")
    own = ip_int(address)
    assert walker.host.asked == [(Manip.DST, NatRange(own, own, 3128, 3128), f"nat {hook.name}")]


@pytest.mark.parametrize(
    ("option", "mark"),
    [
        ("--set-mark 0x5", 0x5), ("--set-mark 0x5/0xf0", 0xA05 | 0x5), ("--or-mark 0x1", 0xAF1),
        ("--and-mark 0xf", 0x0), ("--xor-mark 0x10", 0xAE0), ("--set-xmark 0x10/0x10", 0xAF0),
        ("--set-xmark 0x10/0x0", 0xAE0),
    ],
)  # fmt: skip
def test_mark_changes_the_bits_it_names(option: str, mark: int) -> None:
    walker = Walker(f"*mangle\n-A INPUT -j MARK {option}\nCOMMIT\n")
    state = walker.state(tcp_packet())
    state.skb.mark = 0xAF0
    assert walker.walk(state, "mangle") is None
    assert state.skb.mark == mark
    assert walker.steps() == [f"INPUT mangle INPUT : MARK 0xaf0 -> {mark:#x}"]


def test_reject_answers_and_drops() -> None:
    rule = "-p tcp -j REJECT --reject-with tcp-reset"
    walker = Walker(f"*filter\n-A INPUT {rule}\nCOMMIT\n")
    dropped = walker.walk(walker.state(tcp_packet()))
    rule = "-A INPUT -p tcp -j REJECT --reject-with tcp-reset"
    words = f"REJECT by filter INPUT: {rule}; answered"
    assert dropped == Dropped(DropReason.NETFILTER_DROP, words)
    assert walker.host.asked == ["tcp-reset"]
    assert walker.steps(detail=False) == ["INPUT filter INPUT : REJECT tcp-reset"]


@pytest.mark.parametrize("rule", ["-j NOTRACK", "-j CT --notrack"])
def test_notrack_lets_the_packet_pass_untracked(rule: str) -> None:
    walker = Walker(f"*raw\n-A PREROUTING {rule}\nCOMMIT\n")
    assert walker.walk(walker.state(tcp_packet(), Hook.PREROUTING), "raw") is None
    assert walker.host.asked == ["untrack"]


def test_what_rules_counted_survives_a_text_that_does_not_touch_them() -> None:
    from pknet.netns.netfilter import parse

    walker = Walker(
        "*filter\n-A INPUT -m statistic --mode nth --every 2 --packet 0 -j DROP\nCOMMIT\n"
    )
    assert walker.walk(walker.state(tcp_packet())) is not None
    walker.rules = parse("*filter\n-A OUTPUT -j DROP\nCOMMIT\n", onto=walker.rules)
    walker.rules.compile(walker.host)
    assert walker.walk(walker.state(tcp_packet())) is None
    assert walker.walk(walker.state(tcp_packet())) is not None
    assert walker.rules.save_counted().splitlines()[4].startswith("[2:80] ")


def test_ipv6_rules_are_not_walked() -> None:
    from pknet.netns.netfilter import parse

    with pytest.raises(ValueError, match="packets do not walk them"):
        parse("*filter\n-A INPUT -j DROP\nCOMMIT\n", family=6).compile(Host())
