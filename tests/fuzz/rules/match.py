"""Matches: what a rule may ask of a packet."""

from __future__ import annotations

from collections.abc import Callable

from fuzz.network import Network

PORTS = ("8080", "5000", "80", "9999")
LOGS = ("LOG", 'LOG --log-prefix "seen: " --log-level 7', "LOG --log-tcp-options --log-ip-options")
_TCP = (
    "-m tcp --dport {port}", "-m tcp ! --dport {port}", "-m tcp --sport {port}",
    "-m tcp --tcp-flags SYN,ACK,FIN,RST SYN", "-m tcp --tcp-flags RST RST", "-m tcp --syn",
    "-m multiport --dports 80,{port},9000:9999", "-m multiport --ports {port}",
    "-m tcp --dport 1:1024",
    "-m tcp --tcp-option 2",
)  # fmt: skip
_UDP = (
    "-m udp --dport {port}", "-m udp --sport {port}", "-m udp ! --sport {port}",
    "-m multiport --dports {port},53", "-m udp --dport 1024:",
)  # fmt: skip
_ICMP = ("--icmp-type 8", "--icmp-type 0", "--icmp-type 3/4", "--icmp-type 3", "! --icmp-type 8",
         "--icmp-type 11", "--icmp-type any")  # fmt: skip
_OTHER = (
    "-m conntrack --ctstate NEW", "-m conntrack --ctstate ESTABLISHED,RELATED",
    "-m conntrack --ctstate INVALID", "-m conntrack ! --ctstate INVALID",
    "-m conntrack --ctstate DNAT", "-m conntrack --ctstate SNAT",
    "-m conntrack --ctstate UNTRACKED",
    "-m conntrack --ctdir REPLY", "-m conntrack --ctstatus ASSURED",
    "-m conntrack --ctstatus SEEN_REPLY", "-m state --state NEW", "-m mark --mark 0x1/0x1",
    "-m mark ! --mark 0x4000/0x4000", "-m addrtype --dst-type LOCAL",
    "-m addrtype --src-type UNICAST", "-m addrtype ! --dst-type UNICAST",
    "-m statistic --mode nth --every 2 --packet 0", "-m statistic --mode nth --every 3 --packet 2",
    "-m recent --name seen --set", "-m recent --name seen --rcheck",
    "-m recent --name seen --update --hitcount 2", '-m comment --comment "a b"',
    "-m physdev --physdev-is-bridged", "-m physdev ! --physdev-is-in", "-f", "! -f",
)  # fmt: skip


_SETS = (
    "-m set --match-set hosts src", "-m set --match-set hosts dst",
    "-m set ! --match-set hosts src", "-m set --match-set nets dst",
    "-m set ! --match-set nets src", "-m set --match-set pairs dst,dst",
    "-m set --match-set pairs src,src",
)  # fmt: skip


def sets(network: Network) -> str:
    """``ipset save`` text with all that ``rest`` may name, of addresses that there are."""
    rng = network.rng
    stations = [rng.choice(network.stations) for _ in range(3)]
    return "\n".join([
        "create hosts hash:ip family inet", "create nets hash:net family inet",
        "create pairs hash:ip,port family inet", f"add hosts {stations[0].ip}",
        "add nets 10.0.0.0/9", f"add nets {stations[1].ip} nomatch",
        f"add pairs {stations[2].ip},tcp:8080", f"add pairs {stations[2].ip},udp:5000", "",
    ])  # fmt: skip


def protocol(network: Network) -> tuple[str, str]:
    """``("tcp", "-p tcp -m tcp --dport 80")``; the first empty where there is none."""
    rng = network.rng
    name = rng.choice(["tcp", "tcp", "udp", "udp", "icmp", ""])
    if not name:
        return "", ""
    more = {"tcp": _TCP, "udp": _UDP, "icmp": _ICMP}[name]
    detail = rng.choice(more).format(port=rng.choice(PORTS)) if network.chance(0.6) else ""
    return name, f"-p {name} {detail}".strip()


def addresses(network: Network) -> str:
    """-s, -d, either or neither."""
    rng = network.rng
    words = []
    for flag in ("-s", "-d"):
        if network.chance(0.3):
            station = rng.choice(network.stations)
            net = rng.choice([station.ip, str(station.address.network), "172.30.0.1", "10.0.0.0/8"])
            words.append(f"{'! ' if network.chance(0.2) else ''}{flag} {net}")
    return " ".join(words)


def devices(network: Network, node: str, chain: str) -> str:
    """-i, -o, where the chain has them."""
    rng = network.rng
    words = []
    allowed = {"-i": ("PREROUTING", "INPUT", "FORWARD"), "-o": ("FORWARD", "OUTPUT", "POSTROUTING")}
    for flag, chains in allowed.items():
        if chain in chains and network.chance(0.15):
            name = rng.choice([*network.devices(node), "lo", "eth+", "v+"])
            words.append(f"{'! ' if network.chance(0.3) else ''}{flag} {name}")
    return " ".join(words)


def rest(network: Network, node: str, allowed: Callable[[str], bool] = lambda text: True) -> str:
    """One of the other matches, now and then; of sets, where the node has them."""
    if not network.chance(0.4):
        return ""
    if "ipset" in network.nodes[node] and network.chance(0.5):
        return network.rng.choice(_SETS)
    return network.rng.choice([text for text in _OTHER if allowed(text)])


def joined(*parts: str) -> str:
    """Those that are not empty."""
    return " ".join(part for part in parts if part)
