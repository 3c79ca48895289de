"""KNOWN_DIFFERENCES: what the fuzzer finds and pknet does not mend, each with its reason.

Law: empty is the goal. An entry says how to tell its cases from the topology alone, so that it
hides as little else as can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from fuzz.case import Document


class Known(NamedTuple):
    """``applies`` tells its cases by their topology; ``reason`` says why they differ."""

    reason: str
    applies: Callable[[Document], bool]


_LONG = 260  # bytes of payload: the least that some MTU here cuts (a ping's default passes 68)
_TRANSPORT = re.compile(r"--(sport|dport|ports|dports|sports|tcp-flags|syn|icmp-type|tcp-option)")


def _ports_of_later_fragments(document: Document) -> bool:
    """Rules that look into the transport header, and fragments for them to look into."""
    rules = "".join(keys.get("iptables", "") for keys in document["nodes"].values())
    return bool(_TRANSPORT.search(rules)) and any(map(_may_be_cut, document["traffic"]))


def _may_be_cut(item: dict[str, object]) -> bool:
    long = len(str(item.get("payload", ""))) > _LONG or int(str(item.get("size", 0))) > _LONG
    return long or re.search(r"frag=[1-9]", str(item.get("send", ""))) is not None


KNOWN_DIFFERENCES: tuple[Known, ...] = (
    Known(
        "nf_tables reads ports out of later fragments, where its fast path can "
        "(nft_payload_fast_eval); ip_tables and pknet do not (xt_tcpudp)",
        _ports_of_later_fragments,
    ),
)


def known(document: Document) -> Known | None:
    """The entry that this case falls under."""
    return next((entry for entry in KNOWN_DIFFERENCES if entry.applies(document)), None)
