"""The real iptables reads the same texts, and the real kernel walks the same rules."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_backend import needs_kernel
from netfilter_goldens import told_of
from netfilter_host import Walker, icmp_packet, other_packet, tcp_packet, udp_packet
from netfilter_kernel import KernelRules

from pknet.netns.hook import Hook
from pknet.netns.netfilter import parse

pytestmark = [
    *needs_kernel,
    pytest.mark.skipif(shutil.which("iptables-nft") is None, reason="needs iptables and ipset"),
]

BACKENDS = ("nft", "legacy")


@pytest.fixture(params=BACKENDS)
def kernel(request: pytest.FixtureRequest) -> Iterator[KernelRules]:
    rules = KernelRules(request.param)
    yield rules
    rules.close()


@pytest.fixture(params=BACKENDS)
def kernel6(request: pytest.FixtureRequest) -> Iterator[KernelRules]:
    rules = KernelRules(request.param, family=6)
    yield rules
    rules.close()


def whole_text(name: str) -> str:
    """All good rules of a file, table by table."""
    tables: dict[str, list[str]] = {}
    for line, _ in told_of(name):
        table, rule = line.split(" ", 1)
        tables.setdefault(table, []).append(f"-A {rule}")
    return "".join(
        "\n".join([f"*{table}", ":U - [0:0]", ":V - [0:0]", *rules, "COMMIT", ""])
        for table, rules in tables.items()
    )


def same_save(kernel: KernelRules, text: str, family: int = 4) -> None:
    """iptables takes the text, and prints what we print."""
    assert kernel.restore(text) == ""
    ours = parse(text, family=family)
    theirs = kernel.save(*ours.tables)
    for name in ours.tables:
        start = [f"*{name}"]
        assert sections(ours.save())[name] == start + theirs[name][1:]


def sections(text: str) -> dict[str, list[str]]:
    """The lines of each table."""
    parts = [part.strip().splitlines() for part in text.split("COMMIT\n") if part.strip()]
    return {part[0][1:]: [*part, "COMMIT"] for part in parts}


def test_every_rule_is_printed_as_iptables_save_prints_it(kernel: KernelRules) -> None:
    same_save(kernel, whole_text("rules"))


def test_every_ipv6_rule_is_printed_as_ip6tables_save_prints_it(kernel6: KernelRules) -> None:
    same_save(kernel6, whole_text("rules6"), family=6)


@pytest.mark.parametrize("rule", [line for line, _ in told_of("bad-rules")])
def test_a_bad_rule_is_refused_by_iptables_too(rule: str, shared: KernelRules) -> None:
    table, body = rule.removeprefix("~").split(" ", 1)
    said = shared.restore(f"*{table}\n:U - [0:0]\n:V - [0:0]\n-A {body}\nCOMMIT\n")
    assert bool(said) is not rule.startswith("~"), said


@pytest.mark.parametrize("text", [line for line, _ in told_of("bad-texts")])
def test_a_bad_text_is_refused_by_iptables_too(text: str, shared: KernelRules) -> None:
    said = shared.restore(text.removeprefix("~").replace("|", "\n") + "\n")
    assert bool(said) is not text.startswith("~"), said


@pytest.fixture(scope="module")
def shared() -> Iterator[KernelRules]:
    """One namespace for texts that are to be refused."""
    rules = KernelRules("nft")
    yield rules
    rules.close()


# --- rules made of parts, printed by both

_WHOLE = st.sampled_from(["80", "1024:2048", "40000"])  # what nf_tables prints inverted as it is
_PORTS = st.one_of(_WHOLE, st.sampled_from([":53", "60000:"]))
_NOT = st.sampled_from(["", "! "])
_NETS = st.sampled_from(
    ["10.0.0.1", "10.0.0.0/24", "10.0.0.9", "0.0.0.0/0", "10.0.0.8/255.0.0.255"]
)


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Some of the parts, in order."""
    return st.tuples(*(st.one_of(st.just(""), part) for part in parts)).map(
        lambda chosen: " ".join(part for part in chosen if part)
    )


def ported(protocol: str) -> st.SearchStrategy[str]:
    """-p tcp, udp or sctp, with or without its ports."""
    return st.tuples(_NOT, _WHOLE, _NOT, _PORTS, st.booleans()).map(
        lambda t: (
            f"-p {protocol} -m {protocol} {t[0]}--sport {t[1]} --dport {t[3]}"
            if t[4]
            else f"-p {protocol} -m multiport {t[2]}--dports 53,{t[3].strip(':')},8000:9000"
        )
    )


_FLAGS = st.sampled_from(["SYN,ACK SYN", "ALL NONE", "FIN,SYN FIN,SYN", "RST RST"])
_PROTOCOL = st.one_of(
    ported("tcp"),
    ported("udp"),
    st.tuples(_NOT, _FLAGS).map(lambda t: f"-p tcp -m tcp {t[0]}--tcp-flags {t[1]}"),
    st.sampled_from(["-p tcp --tcp-option 2", "-p tcp ! --tcp-option 3", "-p tcp", "! -p tcp"]),
    st.tuples(_NOT, st.sampled_from(["8", "3/4", "any", "0"])).map(
        lambda t: f"-p icmp -m icmp {t[0]}--icmp-type {t[1]}"
    ),
    st.sampled_from(["-f", "! -f", "-p sctp -m sctp --dport 80", "-p 47"]),
)
_MATCH = st.one_of(
    st.tuples(_NOT, st.sampled_from(["1", "0x2/0x3", "0x4000/0x4000"])).map(
        lambda t: f"-m mark {t[0]}--mark {t[1]}"
    ),
    st.sampled_from([
        "-m statistic --mode nth --every 3 --packet 1",
        "-m statistic --mode nth ! --every 2 --packet 0",
        "-m recent --name a --set", "-m recent --name a --rcheck --seconds 100 --hitcount 3",
        "-m recent --name a --update --rdest", "-m recent --name a ! --rcheck",
        "-m recent --name b --remove", "-m recent --name b --set --rdest",
        "-m recent --name b --rcheck --rttl", "-m recent --name a --update --hitcount 40",
        "-m set --match-set hosts src", "-m set ! --match-set hosts dst",
        "-m set --match-set nets dst", "-m set --match-set pairs dst,dst",
        "-m set --match-set pairs src", "-m set --match-set ports dst",
        "-m set --match-set netports dst,dst",
        "-m addrtype --dst-type LOCAL", "-m addrtype ! --src-type LOCAL,MULTICAST",
        "-m addrtype --src-type UNICAST --dst-type BROADCAST",
        "-m physdev --physdev-is-in", "-m physdev ! --physdev-in eth0",
        '-m comment --comment "a b"',
    ]),
)  # fmt: skip
_TARGET = st.sampled_from([
    "-j ACCEPT", "-j DROP", "-j RETURN", "-j A", "-j B", "-g B", "-j C", "-g C", "",
    "-j MARK --set-mark 1", "-j MARK --or-mark 0x4000", "-j MARK --xor-mark 0x2",
    "-j MARK --set-xmark 0x2/0x3", "-j MARK --and-mark 0x1",
])  # fmt: skip
_HEADER = joined(
    st.tuples(_NOT, _NETS).map(lambda t: f"{t[0]}-s {t[1]}" if t[1] != "0.0.0.0/0" else ""),
    st.tuples(_NOT, _NETS).map(lambda t: f"{t[0]}-d {t[1]}" if t[1] != "0.0.0.0/0" else ""),
    st.sampled_from(["-o lo", "! -o lo", "-o l+", "-o eth0"]),
)
_RULE = st.tuples(_HEADER, joined(_PROTOCOL), joined(_MATCH, _MATCH), _TARGET).map(
    lambda parts: " ".join(part for part in parts if part)
)
#: OUTPUT may lead anywhere, A to B and C, B to C: no circles.
_ALLOWED = {"OUTPUT": "ABC", "A": "BC", "B": "C", "C": ""}
_CHAINS = ("OUTPUT", "A", "B", "C")


def rules_text(rules: list[tuple[str, str]], policy: str) -> str:
    """A mangle table."""
    lines = [f"*mangle\n:OUTPUT {policy} [0:0]\n:A - [0:0]\n:B - [0:0]\n:C - [0:0]"]
    for chain, rule in rules:
        target = rule.split(" ")[-1]
        if target not in _CHAINS or target in _ALLOWED[chain]:
            lines.append(f"-A {chain} {rule}")
    return "\n".join([*lines, "COMMIT", ""])


_TEXTS = st.builds(
    rules_text,
    st.lists(st.tuples(st.sampled_from(_CHAINS), _RULE), min_size=8, max_size=40),
    st.sampled_from(["ACCEPT", "DROP"]),
)

SETS = """create hosts hash:ip family inet
create nets hash:net family inet
create pairs hash:ip,port family inet
create ports bitmap:port range 0-65535
create netports hash:net,port family inet
add hosts 10.0.0.8
add nets 10.0.0.0/24
add nets 10.0.0.8/30 nomatch
add nets 10.0.0.9
add pairs 10.0.0.9,tcp:80
add pairs 10.0.0.9,udp:53
add pairs 10.0.0.9,icmp:8/0
add pairs 10.0.0.9,gre:0
add ports 53
add ports 8000-8100
add netports 10.0.0.0/16,80
add netports 10.0.0.9,udp:50-60
add netports 10.0.0.9,tcp:80 nomatch
"""

#: nf_tables passes over a header cut short where ip_tables drops the packet, as we do.
SHORT = [other_packet(6, b"abcd"), other_packet(1, b"abcd"), other_packet(17, b"abcdefg")]
_ENDS = [("10.0.0.1", "10.0.0.9"), ("10.0.0.8", "10.0.0.9"), ("10.0.0.8", "10.0.0.1"),
         ("10.0.0.7", "10.0.0.255"), ("10.0.0.1", "10.0.1.1")]  # fmt: skip
_MSS, _SACK_OK = b"\x02\x04\x05\xb4", b"\x01\x01\x04\x02"
PACKETS = [
    *(tcp_packet(*e, sport=s, dport=d) for e, s, d in product(_ENDS, (40000, 80), (80, 1500))),
    *(udp_packet(*ends, dport=53) for ends in _ENDS),
    tcp_packet(flags=0x12, options=_MSS + _SACK_OK), tcp_packet(flags=1), tcp_packet(flags=4),
    tcp_packet(flags=0, dport=8080), udp_packet(dport=8080, ttl=9), udp_packet(sport=53),
    icmp_packet(), icmp_packet(0), icmp_packet(3, 4),
    other_packet(47), other_packet(132, bytes(2) + b"\0\x50" + bytes(8)),
    other_packet(17, fragment=0x2000), other_packet(17, fragment=0x0010),
    other_packet(6, fragment=0x0020), other_packet(47, fragment=0x2001),
]  # fmt: skip


def test_generated_rules_are_printed_alike_and_walked_alike_by_legacy() -> None:
    judged("legacy", [*PACKETS, *SHORT])


def test_generated_rules_are_printed_alike_and_walked_alike_by_nft() -> None:
    judged("nft", PACKETS)


def judged(backend: str, packets: list[bytes]) -> None:
    """Each rule, chain and policy counts as many packets and bytes as in the kernel."""
    kernel = KernelRules(backend)

    @settings(max_examples=25)
    @given(_TEXTS)
    def same(text: str) -> None:
        assert kernel.restore("*mangle\nCOMMIT\n") == ""  # the lists of recent go with their rules
        assert kernel.restore(text) == ""
        kernel.send(*packets)
        theirs = kernel.save("mangle", counters=True)["mangle"]
        assert walked(text, packets) == [line for line in theirs if relevant(line)]

    try:
        kernel.sets(SETS)
        same()
    finally:
        kernel.close()


def walked(text: str, packets: list[bytes]) -> list[str]:
    """What we print, with counters, after the same packets."""
    walker = Walker(text, SETS)
    for data in packets:
        state = walker.state(data, Hook.OUTPUT, indev="", outdev="lo")
        walker.walk(state, "mangle")
    return [line for line in walker.rules.save_counted().splitlines() if relevant(line)]


def relevant(line: str) -> bool:
    """OUTPUT, and the rules; other hooks see the packets as they come back."""
    return line.startswith(("[", ":OUTPUT"))
