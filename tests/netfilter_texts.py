"""iptables texts by chance: any table, any match with and without its negation, any target.

Law: what is made here is well formed, so that both iptables and pknet have to take it.
"""

from __future__ import annotations

from hypothesis import strategies as st

#: What a made-up text may name with --match-set.
SETS = "create hosts hash:ip family inet\ncreate ports hash:ip,port family inet\n"

_NOT = st.sampled_from(["", "! "])
_PORT = st.sampled_from(["80", "0", "65535", "1024:2048", "8080"])
_NET = st.sampled_from(["10.0.0.1", "10.0.0.0/24", "172.16.0.0/12", "10.0.0.8/255.0.0.255"])
_CHAINS = {
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
}
_ENTERS = ("PREROUTING", "INPUT", "FORWARD")
_LEAVES = ("FORWARD", "OUTPUT", "POSTROUTING")


def negatable(before: str, *afters: str) -> st.SearchStrategy[str]:
    """``before ! after`` and ``before after``, for one of ``afters``; ``before`` may be empty."""
    return st.tuples(_NOT, st.sampled_from(afters)).map(lambda t: f"{before} {t[0]}{t[1]}".strip())


_PORTS = st.tuples(_NOT, _PORT, _NOT, _PORT)


def _ported(protocol: str) -> st.SearchStrategy[str]:
    return _PORTS.map(
        lambda t: f"-p {protocol} -m {protocol} {t[0]}--sport {t[1]} {t[2]}--dport {t[3]}"
    )


#: By protocol: a rule's -p and the matches that go with it.
_PROTOCOLS = {
    "": st.sampled_from(["", "-p all", "! -p tcp", "-p 47", "-f", "! -f", "-p icmp -f"]),
    "tcp": st.one_of(
        st.just("-p tcp"), _ported("tcp"),
        negatable("-p tcp -m tcp", "--tcp-flags SYN,ACK SYN", "--tcp-flags ALL NONE", "--syn"),
        negatable("-p tcp -m tcp", "--tcp-option 2", "--tcp-option 8"),
        negatable("-p tcp -m multiport", "--dports 80,443", "--sports 1:1024,8080", "--ports 53"),
    ),
    "udp": st.one_of(
        st.just("-p udp"), _ported("udp"),
        negatable("-p udp -m multiport", "--dports 53", "--ports 53,67:68"),
    ),
    "sctp": st.one_of(st.just("-p sctp"), _ported("sctp")),
    "icmp": negatable("-p icmp -m icmp", *(f"--icmp-type {kind}" for kind in (
        "8", "0", "3/4", "any", "echo-request", "host-unreachable", "time-exceeded", "11/1"))),
}  # fmt: skip
_TYPES = ("LOCAL", "UNICAST,BROADCAST", "MULTICAST", "BLACKHOLE,UNREACHABLE,PROHIBIT", "ANYCAST")
_STATELESS = st.one_of(
    negatable("-m mark", "--mark 1", "--mark 0x2/0x3", "--mark 0x4000/0x4000", "--mark 0/0xff"),
    negatable("-m addrtype", *(f"--{side}-type {kind}" for side in ("src", "dst")
                               for kind in _TYPES)),
    st.just("-m addrtype ! --src-type LOCAL ! --dst-type LOCAL"),
    negatable("-m statistic --mode random", "--probability 0.5", "--probability 0.33333333349"),
    negatable("-m statistic --mode nth", "--every 3 --packet 1", "--every 2 --packet 0"),
    negatable("-m recent --name a", "--rcheck", "--update --seconds 60 --hitcount 4",
              "--remove --rdest", "--set", "--rcheck --seconds 9 --reap --rttl"),
    negatable("-m set", "--match-set hosts src", "--match-set ports dst,dst",
              "--match-set ports src,dst"),
    st.sampled_from(['-m comment --comment "two words"', "-m comment --comment one",
                     '-m comment --comment "a\\"quote"']),
)  # fmt: skip
_STATEFUL = st.one_of(
    negatable("-m conntrack", "--ctstate NEW", "--ctstate RELATED,ESTABLISHED", "--ctstate DNAT",
              "--ctstate INVALID,UNTRACKED", "--ctproto tcp", "--ctproto 17",
              "--ctorigsrc 10.0.0.1",
              "--ctorigdst 10.0.0.0/8", "--ctreplsrc 10.0.0.1", "--ctrepldst 10.0.0.0/24",
              "--ctorigsrcport 80", "--ctorigdstport 1024:2048", "--ctreplsrcport 53",
              "--ctrepldstport 80", "--ctstatus ASSURED", "--ctstatus SEEN_REPLY,CONFIRMED",
              "--ctstatus NONE", "--ctexpire 10", "--ctexpire 5:60"),
    st.sampled_from(["-m conntrack --ctdir ORIGINAL", "-m conntrack --ctdir REPLY",
                     "-m conntrack --ctstate NEW ! --ctproto udp --ctorigdst 10.0.0.1"]),
    negatable("-m state", "--state NEW", "--state RELATED,ESTABLISHED", "--state INVALID"),
    negatable("-m physdev", "--physdev-is-in", "--physdev-is-bridged", "--physdev-in eth0",
              "--physdev-in v+"),
)  # fmt: skip

_LOG = st.tuples(
    *(
        st.one_of(st.just(""), st.just(option))
        for option in (
            '--log-prefix "two words: "', "--log-level 7", "--log-tcp-sequence",
            "--log-tcp-options", "--log-ip-options", "--log-uid",
        )
    )
).map(lambda chosen: " ".join(["-j LOG", *filter(None, chosen)]))  # fmt: skip
_REJECTS = ("", *(f"--reject-with icmp-{kind}" for kind in (
    "net-unreachable", "host-unreachable", "proto-unreachable", "port-unreachable",
    "net-prohibited", "host-prohibited", "admin-prohibited")))  # fmt: skip
_MARKS = ("--set-mark 1", "--set-mark 0x2/0xf", "--set-xmark 0x4000/0x4000", "--and-mark 0xff",
          "--or-mark 0x10", "--xor-mark 0x3")  # fmt: skip
_ADDRESSES = ("10.1.2.3", "10.1.2.3-10.1.2.9")
_PORT_RANGES = ("", ":80", ":1000-2000")


def _targets(table: str, chain: str, protocol: str) -> st.SearchStrategy[str]:
    """What may stand in ``chain`` of ``table`` for packets of ``protocol``."""
    choices = [st.sampled_from(["-j ACCEPT", "-j RETURN", "-j OWN", "-g OWN", ""]), _LOG]
    if table == "nat":
        choices += [_translations(chain, protocol)] * 3
    else:
        choices.append(st.just("-j DROP"))
    if table == "mangle":
        choices.append(st.sampled_from(_MARKS).map(lambda mark: f"-j MARK {mark}"))
    if table == "raw":
        choices.append(st.sampled_from(["-j CT --notrack", "-j NOTRACK"]))
    if table == "filter":
        choices.append(st.sampled_from(_REJECTS).map(lambda kind: f"-j REJECT {kind}".strip()))
        if protocol == "tcp":
            choices.append(st.just("-j REJECT --reject-with tcp-reset"))
    return st.one_of(choices)


def _translations(chain: str, protocol: str) -> st.SearchStrategy[str]:
    ported = protocol in ("tcp", "udp", "sctp")
    address = st.sampled_from(_ADDRESSES)
    port = st.sampled_from(_PORT_RANGES if ported else ("",))
    flags = st.sampled_from(["", " --random", " --persistent", " --random --persistent"])
    if chain in ("PREROUTING", "OUTPUT"):
        dnat = st.tuples(address, port, flags).map(
            lambda t: f"-j DNAT --to-destination {t[0]}{t[1]}{t[2]}"
        )
        return st.one_of(dnat, _by_ports("REDIRECT", ported, ["", " --random"]))
    snat = st.tuples(address, port, st.one_of(flags, st.just(" --random-fully"))).map(
        lambda t: f"-j SNAT --to-source {t[0]}{t[1]}{t[2]}"
    )
    random = ["", " --random", " --random-fully"]
    return st.one_of(snat, *([_by_ports("MASQUERADE", ported, random)] * (chain != "INPUT")))


def _by_ports(target: str, ported: bool, flags: list[str]) -> st.SearchStrategy[str]:
    ports = ("", " --to-ports 80", " --to-ports 1000-2000") if ported else ("",)
    return st.tuples(st.sampled_from(ports), st.sampled_from(flags)).map(
        lambda t: f"-j {target}{t[0]}{t[1]}"
    )


@st.composite
def _rule(draw: st.DrawFn, table: str) -> str:
    """One line, with its -A."""
    chain = draw(st.sampled_from(_CHAINS[table]))
    protocol = draw(st.sampled_from(list(_PROTOCOLS)))
    optional = st.booleans()
    words = [f"-A {chain}"]
    words += [
        draw(negatable("", f"{flag} {draw(_NET)}")) for flag in ("-s", "-d") if draw(optional)
    ]
    for flag, chains in (("-i", _ENTERS), ("-o", _LEAVES)):
        if chain in chains and draw(optional):
            words.append(draw(negatable("", f"{flag} eth0", f"{flag} v+", f"{flag} lo")))
    words.append(draw(_PROTOCOLS[protocol]))
    if draw(optional):
        words.append(draw(_STATELESS if table == "raw" else st.one_of(_STATELESS, _STATEFUL)))
    words.append(draw(_targets(table, chain, protocol)))
    return " ".join(word for word in words if word)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Some tables of some rules each."""
    text = ""
    for table, chains in _CHAINS.items():
        rules = draw(st.lists(_rule(table), max_size=8))
        policies = ["ACCEPT"] if table == "nat" else ["ACCEPT", "DROP"]
        heads = [f":{chain} {draw(st.sampled_from(policies))} [0:0]" for chain in chains]
        text += "\n".join([f"*{table}", *heads, ":OWN - [0:0]", *rules, "COMMIT", ""])
    return text
