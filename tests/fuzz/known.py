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


_TO_A_GROUP = re.compile(r"dst='(22[4-9]|23[0-9]|[0-9.]*255')")


def _group_sent_in_pieces(document: Document) -> bool:
    sent = [str(item.get("send", "")) for item in document["traffic"]]
    return any(_TO_A_GROUP.search(text) and "frag=" in text for text in sent)


def _much_sent_back_to_lo(document: Document) -> bool:
    rules = "".join(keys.get("iptables", "") for keys in document["nodes"].values())
    much = any(len(str(i.get("payload", ""))) > _LONG for i in document["traffic"] if "tcp" in i)
    return much and re.search(r"-A (OUTPUT|SVC).*-j (REDIRECT|DNAT)", rules) is not None


KNOWN_DIFFERENCES: tuple[Known, ...] = (
    Known(
        "nf_tables reads ports out of later fragments, where its fast path can "
        "(nft_payload_fast_eval); ip_tables and pknet do not (xt_tcpudp)",
        _ports_of_later_fragments,
    ),
    Known(
        "how a broadcast of our own, joined for conntrack, is cut again hangs on whether a program "
        "still holds the copy that came back (skb_cloned in ip_do_fragment)",
        _group_sent_in_pieces,
    ),
    Known(
        "a connection to elsewhere that OUTPUT turns back to lo: its bursts cross lo as lo's "
        "offloads have it, and the window follows their memory (skb->truesize)",
        _much_sent_back_to_lo,
    ),
)


def known(document: Document) -> Known | None:
    """The entry that this case falls under."""
    return next((entry for entry in KNOWN_DIFFERENCES if entry.applies(document)), None)
