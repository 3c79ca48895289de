"""KNOWN_DIFFERENCES: what the fuzzer finds and pknet does not mend, each with its reason.

Law: empty is the goal. An entry says how to tell its cases, from the topology and from what the
kernel itself says of them, so that it hides as little else as can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from fuzz.case import Document
from fuzz.judge import Judgement


class Known(NamedTuple):
    """``applies`` tells its cases; ``reason`` says why they differ."""

    reason: str
    applies: Callable[[Document, Judgement], bool]


_LONG = 260  # bytes of payload: the least that some MTU here cuts (a ping's default passes 68)
_TRANSPORT = re.compile(r"--(sport|dport|ports|dports|sports|tcp-flags|syn|icmp-type|tcp-option)")


def _ports_of_later_fragments(document: Document, judgement: Judgement) -> bool:
    """Fragments, rules that look into their transport header, and ip_tables on pknet's side."""
    rules = "".join(keys.get("iptables", "") for keys in document["nodes"].values())
    looked_into = _TRANSPORT.search(rules) and any(map(_may_be_cut, document["traffic"]))
    return bool(looked_into) and judgement.by_nf_tables


def _may_be_cut(item: dict[str, Any]) -> bool:
    long = len(str(item.get("payload", ""))) > _LONG or int(str(item.get("size", 0))) > _LONG
    return long or re.search(r"frag=[1-9]", str(item.get("send", ""))) is not None


_TO_A_GROUP = re.compile(r"dst='(22[4-9]|23[0-9]|[0-9.]*255')")
_TRACKS = re.compile(r"\*nat|-m (conntrack|state) ")


def _group_sent_in_pieces(document: Document, judgement: Judgement) -> bool:
    """A program sends the pieces of a broadcast, on a node that tracks connections."""
    return any(
        _TO_A_GROUP.search(item["send"]) and "frag=" in item["send"] and item["from"] in nodes
        for nodes in [_rules_by_node(document, _TRACKS)]
        for item in document["traffic"]
        if "send" in item
    )


_TURNED_BACK = re.compile(r"-A (OUTPUT|SVC).*-j (REDIRECT|DNAT)")


def _much_sent_back_to_lo(document: Document, judgement: Judgement) -> bool:
    """A long payload from a node whose own OUTPUT translates destinations."""
    nodes = _rules_by_node(document, _TURNED_BACK)
    return any(
        "tcp" in item and len(str(item.get("payload", ""))) > _LONG and item["from"] in nodes
        for item in document["traffic"]
    )


_LEAST_MSS_FITS = 88  # bytes: 48 of payload (tcp_min_snd_mss), and the headers


def _least_segments_do_not_fit(document: Document, judgement: Judgement) -> bool:
    """TCP, and a device that carries less than the least segment that Linux cuts."""
    small = any(
        device.get("mtu", _LEAST_MSS_FITS) < _LEAST_MSS_FITS
        for keys in document["nodes"].values()
        for device in keys.get("interfaces", {}).values()
    )
    return small and any("tcp" in item for item in document["traffic"])


def _rules_by_node(document: Document, wanted: re.Pattern[str]) -> set[str]:
    """The nodes with a rule like this."""
    return {name for name, keys in document["nodes"].items()
            if wanted.search(keys.get("iptables", ""))}  # fmt: skip


KNOWN_DIFFERENCES: tuple[Known, ...] = (
    Known(
        "nf_tables reads ports out of later fragments, where its fast path can "
        "(nft_payload_fast_eval); ip_tables, asked as well, does as pknet (xt_tcpudp)",
        _ports_of_later_fragments,
    ),
    Known(
        "how a broadcast of our own, joined for conntrack, is cut again hangs on whether a program "
        "still holds the copy that came back (skb_cloned in ip_do_fragment)",
        _group_sent_in_pieces,
    ),
    Known(
        "a connection to elsewhere that OUTPUT turns back to lo: the window that its segments open "
        "there is wider (tcp_grow_window)",
        _much_sent_back_to_lo,
    ),
    Known(
        "a burst of TCP over a device's own MTU of 68: the pieces of its 48-byte segments leave "
        "one by one, answers in between; here they leave at once (ip_finish_output_gso)",
        _least_segments_do_not_fit,
    ),
)


def known(document: Document, judgement: Judgement) -> Known | None:
    """The entry that this case falls under."""
    return next((entry for entry in KNOWN_DIFFERENCES if entry.applies(document, judgement)), None)
