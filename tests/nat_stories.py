"""What stories of NAT have in common: their addresses, rules, and a handshake."""

from __future__ import annotations

from conntrack_boxes import judged
from conntrack_packets import tcp_step
from conntrack_told import Packet, Step, Told

from pknet.netns.conntrack.tuples import read

CLIENT = "10.0.1.1:40000"
VIP = "10.0.9.9:80"
POD = "10.0.2.1:8080"

DNAT = f"""
-A PREROUTING -d 10.0.9.9/32 -p tcp -j DNAT --to-destination {POD}
-A PREROUTING -d 10.0.9.9/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.0.2.1:5353
-A PREROUTING -d 10.0.9.9/32 -p icmp -j DNAT --to-destination 10.0.2.1
-A PREROUTING -d 10.0.9.9/32 -p sctp -j DNAT --to-destination 10.0.2.1:3000
"""
MASQUERADE = "-A POSTROUTING -o server -j MASQUERADE\n"


def translated(*story: Step, rules: str, more: str = "") -> Told:
    """Both translate ``story`` alike by the nat table's ``rules``; INVALID dies."""
    nat = "\n".join(["*nat", *rules.strip().splitlines(), "COMMIT", ""])
    guard = "*filter\n-A FORWARD -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n"
    return judged(*story, rules=nat + guard + more)


def ends(told: Told, packet: int) -> list[str]:
    """Source and destination of what came out for packet number ``packet``."""
    return [str(read(data)) for _, data in told.sent[packet]]


def handshake(client: str, server: str, seen: str, port: str = "") -> list[Packet]:
    """A TCP handshake towards ``server``; the answer comes from ``seen`` to ``port``."""
    return [
        tcp_step(client, server, "S", 100),
        tcp_step(seen, port or client, "SA", 500, 101),
        tcp_step(client, server, "A", 101, 501),
        tcp_step(client, server, "PA", 101, 501, payload=b"ping"),
    ]
