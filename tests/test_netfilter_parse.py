"""The text of rules: what is read, what it becomes, and how each fault is told."""

from __future__ import annotations

import pytest
from netfilter_goldens import told_of

from pknet.netns.netfilter import RulesError, parse

ONE = "*{table}\n:U - [0:0]\n:V - [0:0]\n-A {rule}\nCOMMIT\n"


def saved(rule: str, table: str = "filter", family: int = 4) -> list[str]:
    """The rules of U, INPUT, … as they are printed."""
    text = parse(ONE.format(table=table, rule=rule), family=family).save()
    return [line[3:] for line in text.splitlines() if line.startswith("-A")]


def told(text: str, sets: str = "", family: int = 4) -> list[str]:
    """The faults of a text."""
    with pytest.raises(RulesError) as caught:
        parse(text, sets, family)
    return str(caught.value).splitlines()


def fault(rule: str, table: str = "filter") -> str:
    """The one fault of a rule, without its place in the text."""
    (line,) = told(ONE.format(table=table, rule=rule))
    place, message = line.split(": ", 1)
    assert place.startswith("iptables:4:")
    return message


@pytest.mark.parametrize(("given", "printed"), told_of("rules"))
def test_a_rule_is_printed_as_iptables_save_prints_it(given: str, printed: list[str]) -> None:
    table, rule = given.split(" ", 1)
    assert saved(rule, table) == printed


@pytest.mark.parametrize(("given", "printed"), told_of("rules6"))
def test_an_ipv6_rule_is_printed_as_ip6tables_save_prints_it(
    given: str, printed: list[str]
) -> None:
    table, rule = given.split(" ", 1)
    assert saved(rule, table, family=6) == printed


@pytest.mark.parametrize(("given", "messages"), told_of("bad-rules"))
def test_a_bad_rule_is_told_in_these_words(given: str, messages: list[str]) -> None:
    table, rule = given.removeprefix("~").split(" ", 1)
    assert [fault(rule, table)] == messages


@pytest.mark.parametrize(("given", "messages"), told_of("bad-texts"))
def test_a_bad_text_is_told_in_these_words(given: str, messages: list[str]) -> None:
    text = given.removeprefix("~").replace("|", "\n") + "\n"
    assert told(text) == [f"iptables:{message}" for message in messages]


def test_several_addresses_make_several_rules() -> None:
    assert saved("U -s 1.1.1.1,2.2.2.2 -d 3.3.3.3,4.4.4.4 -j DROP") == [
        "U -s 1.1.1.1/32 -d 3.3.3.3/32 -j DROP", "U -s 1.1.1.1/32 -d 4.4.4.4/32 -j DROP",
        "U -s 2.2.2.2/32 -d 3.3.3.3/32 -j DROP", "U -s 2.2.2.2/32 -d 4.4.4.4/32 -j DROP",
    ]  # fmt: skip


def test_quotes_and_escapes_read_back_as_they_were_printed() -> None:
    rule = r'U -m comment --comment "name: \"podnet\" it\'s a\\b" -j RETURN'
    assert saved(rule) == [rule]
    assert saved("U -m comment --comment a/b") == ['U -m comment --comment "a/b"']
    assert saved('U -m comment --comment "-j DROP"') == ['U -m comment --comment "-j DROP"']


def test_rules_are_inserted_in_front_deleted_and_flushed() -> None:
    text = parse(
        "*filter\n-A INPUT -s 1.1.1.1 -j DROP\n-I INPUT -s 2.2.2.2 -j DROP\n"
        "-I INPUT 2 -s 3.3.3.3,4.4.4.4 -j DROP\n-D INPUT -s 1.1.1.1/32 -j DROP\n"
        "-A OUTPUT -j DROP\n-F OUTPUT\n-N U\n-N V\n-X U\n-P OUTPUT DROP\nCOMMIT\n"
    ).save()
    assert text.splitlines()[1:-1] == [
        ":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT DROP [0:0]", ":V - [0:0]",
        "-A INPUT -s 2.2.2.2/32 -j DROP", "-A INPUT -s 4.4.4.4/32 -j DROP",
        "-A INPUT -s 3.3.3.3/32 -j DROP",
    ]  # fmt: skip


def test_built_in_chains_need_no_line_of_their_own() -> None:
    assert parse("*nat\n-A PREROUTING -j ACCEPT\nCOMMIT\n").tables["nat"].chains["INPUT"]


def test_counters_are_read_and_printed() -> None:
    text = "*filter\n:INPUT DROP [5:300]\n[3:180] -A INPUT -j ACCEPT\nCOMMIT\n"
    lines = parse(text).save_counted().splitlines()
    assert lines[1] == ":INPUT DROP [5:300]"
    assert lines[-2] == "[3:180] -A INPUT -j ACCEPT"


def test_a_table_that_comes_twice_is_what_came_last() -> None:
    text = "*filter\n-A INPUT -j ACCEPT\nCOMMIT\n*filter\n-A INPUT -j DROP\nCOMMIT\n"
    assert parse(text).save().splitlines()[4:] == ["-A INPUT -j DROP", "COMMIT"]


def test_onto_keeps_what_the_text_does_not_touch() -> None:
    before = parse("*filter\n:U - [0:0]\n:V - [0:0]\n-A U -j DROP\n-A V -j DROP\nCOMMIT\n")
    after = parse("*filter\n:U - [0:0]\n-A U -j ACCEPT\nCOMMIT\n", onto=before)
    assert after.save().splitlines()[-3:-1] == ["-A U -j ACCEPT", "-A V -j DROP"]
    assert before.save().splitlines()[-3:-1] == ["-A U -j DROP", "-A V -j DROP"]
    assert after.tables["filter"].chains["V"].rules == before.tables["filter"].chains["V"].rules


@pytest.mark.parametrize(
    ("rules", "needed"),
    [
        ("*filter\n-A FORWARD -p tcp --dport 80 -j DROP\nCOMMIT\n", False),
        ("*mangle\n-A FORWARD -j MARK --set-mark 1\nCOMMIT\n", False),
        ("*nat\n:PREROUTING ACCEPT\nCOMMIT\n", False),
        ("*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n", True),
        ("*filter\n-A FORWARD -m conntrack --ctstate NEW\nCOMMIT\n", True),
        ("*raw\n-A PREROUTING -j CT --notrack\nCOMMIT\n", False),
    ],
)
def test_connection_tracking_runs_only_where_it_is_needed(rules: str, needed: bool) -> None:
    assert parse(rules).needs_conntrack is needed


def test_all_faults_are_told_together_in_the_order_of_their_places() -> None:
    text = "*filter\n-A INPUT -p tcpp\n-A INPUT -j NAT\n-A INPUT --dport 1\n-A FORWARD -m mark\n"
    places = [line.split(": ")[0] for line in told(text + "COMMIT\n", "create x bitmap:ip\n")]
    assert places == ["ipset:1:10", *(f"iptables:{p}" for p in ("2:10", "3:10", "4:10", "5:12"))]


def test_chains_fifteen_deep_are_allowed_and_sixteen_are_not() -> None:
    assert parse(_deep(15))
    assert told(_deep(16)) == ["iptables:33:1: too many levels of chains (at most 15 jumps)"]


def test_a_circle_that_no_packet_can_come_to_is_allowed() -> None:
    text = "*filter\n:U -\n:V -\n-A U -j V\n-A V -j U\nCOMMIT\n"
    assert parse(text).save().splitlines()[-3:-1] == ["-A U -j V", "-A V -j U"]


def _deep(levels: int) -> str:
    chains = [f"C{i}" for i in range(levels)]
    jumps = zip(["INPUT", *chains], chains, strict=False)
    lines = [*(f":{c} -" for c in chains), *(f"-A {a} -j {b}" for a, b in jumps)]
    return "*filter\n" + "\n".join(lines) + "\nCOMMIT\n"


def test_a_family_refuses_what_is_of_the_other() -> None:
    assert told(
        "*filter\n-A INPUT -s 10.0.0.1\n-A INPUT -f\n-A INPUT -m icmp\nCOMMIT\n", "", 6
    ) == [
        "iptables:2:10: '10.0.0.1' is no IPv6 address",
        "iptables:3:10: -f is of IPv4 only",
        (
            "iptables:4:10: no match 'icmp' (did you mean 'icmp6'?); modelled: addrtype, comment, "
            "conntrack, icmp6, mark, multiport, physdev, recent, sctp, set, state, statistic, "
            "tcp, udp"
        ),
    ]
