"""What a connection has been through (Linux: enum ip_conntrack_status).

Law: these are the kernel's bits. They are plain integers, since every packet looks at them.
"""

from __future__ import annotations

EXPECTED = 1 << 0
SEEN_REPLY = 1 << 1
ASSURED = 1 << 2
CONFIRMED = 1 << 3
SRC_NAT = 1 << 4
DST_NAT = 1 << 5
SRC_NAT_DONE = 1 << 7
DST_NAT_DONE = 1 << 8
DYING = 1 << 9
FIXED_TIMEOUT = 1 << 10
NAT_CLASH = 1 << 12

NAT = SRC_NAT | DST_NAT
NAT_DONE = SRC_NAT_DONE | DST_NAT_DONE

#: Those that a rule can ask for (-m conntrack --ctstatus, --ctstate SNAT,DNAT).
_WORDS = {
    EXPECTED: "EXPECTED", SEEN_REPLY: "SEEN_REPLY", ASSURED: "ASSURED", CONFIRMED: "CONFIRMED",
    SRC_NAT: "SNAT", DST_NAT: "DNAT",
}  # fmt: skip


def words(status: int) -> frozenset[str]:
    """The bits that rules know, by the names that rules use."""
    return frozenset(word for bit, word in _WORDS.items() if status & bit)
