"""IP options of all kinds, on echo requests, datagrams, SYNs and pieces; some make no sense."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.traffic import words

_WHOLE = 100  # bytes: more than a frame of headers alone has
_ZERO = "0.0.0.0"


def add(network: Network) -> None:
    """One packet, routed or as a frame."""
    rng = network.rng
    sender = network.sender()
    target = network.target(sender)
    options = [_option(network) for _ in range(rng.choice([1, 1, 1, 2]))]
    if sum("SRR" in option for option in options) > 1:  # Scapy builds none with two
        del options[1:]
    number = network.number()
    ports = network.nodes[sender.node].get("interfaces", ())
    body = rng.choice(
        [
            words.layer("ICMP", id=number, seq=1),
            words.layer("ICMP", id=number, seq=1),
            words.layer("UDP", sport=number, dport=rng.choice([network.udp_port(), 9999])),
            words.layer("TCP", sport=number, dport=rng.choice([8080, 9999]), flags="S"),
        ]
    )
    fields = f"src={sender.ip!r}, dst={target!r}, id={network.number() & 0xFFFF}"
    ttl = rng.choice([64, 64, 64, 1, 2])
    flags = ", flags='DF'" if network.chance(0.3) else ""
    header = f"IP({fields}, ttl={ttl}{flags}, options=[{', '.join(options)}])"
    if network.chance(0.3) and min(network.mtu(sender.node, n) for n in ports) >= _WHOLE:
        words.frame(network, sender, target, header, body)
    else:
        more = f"Raw({bytes(rng.choice([8, 8, 500, 1200]))!r})"
        words.packet(network, sender, header, body, more)


def _option(network: Network) -> str:
    rng = network.rng
    stops = [rng.choice(network.stations).ip for _ in range(rng.choice([1, 2, 3]))]
    room = [_ZERO] * rng.choice([0, 1, 2, 4])
    return rng.choice(
        [
            words.layer("IPOption_RR", routers=room),
            words.layer("IPOption_RR", routers=room),
            words.layer("IPOption_RR", routers=room, pointer=rng.choice([0, 4, 5, 6, 8, 12, 40])),
            repr(_times(network)),
            repr(_times(network)),
            words.layer("IPOption_LSRR", routers=stops, pointer=rng.choice([4, 4, 4, 8, 12])),
            words.layer("IPOption_SSRR", routers=stops, pointer=rng.choice([4, 4, 4, 8])),
            "IPOption_Router_Alert()",
            "IPOption_NOP(), IPOption_NOP(), IPOption_EOL(), IPOption_NOP()",
            words.layer("IPOption_Stream_Id", security=7),
            repr(bytes([rng.choice([7, 68, 131, 148]), rng.choice([0, 1, 2, 3, 4, 200]), 4, 0])),
        ]
    )  # fmt: skip


def _times(network: Network) -> bytes:
    """A timestamp option; addresses that are asked for are somebody's."""
    rng = network.rng
    flag = rng.choice([0, 0, 1, 1, 3, 3, 5])
    entries = b"".join(
        bytes(map(int, rng.choice(network.stations).ip.split("."))) + bytes(4) if flag == 3
        else bytes(rng.choice([4, 8]))
        for _ in range(rng.choice([1, 2]))  # two such options still fit into a header
    )  # fmt: skip
    pointer = rng.choice([5, 5, 5, 5, 6, 5 + len(entries), 60])
    return bytes([68, 4 + len(entries), pointer, rng.choice([0, 0, 15]) << 4 | flag]) + entries
