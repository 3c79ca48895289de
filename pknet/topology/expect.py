"""``expect``: what an item must have come to.

Law: an expectation that its kind of item can never meet or miss is a fault, not a test that
always holds.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from yaml.nodes import MappingNode

from pknet.topology.address import ipv4_address
from pknet.topology.bulk import MAX_COUNT
from pknet.topology.fault import listed, near, shown
from pknet.topology.item import Expect
from pknet.topology.payload import MAX_STREAM, payload
from pknet.topology.value import Fields, Value, integer, parsed
from pknet.trace import DropReason

_FATE = ("delivered", "dropped", "reason", "reply")
_COUNTED = ("answered", "lost")
#: What may be expected of each kind of item.
EXPECT_KEYS = {
    "ping": (*_FATE, *_COUNTED),
    "tcp": (*_FATE, "connected", "received"),
    "udp": (*_FATE, "received", *_COUNTED),
    "pingall": _COUNTED,
    "send": _FATE,
}
REPLIES = ("echo-reply",)


def expect(value: Value, kind: str) -> tuple[Fields, Expect]:
    """What an item of ``kind`` must come to; all of it must hold."""
    fields = value.fields(*EXPECT_KEYS[kind])
    if value.empty or (isinstance(value.node, MappingNode) and not value.node.value):
        value.fault(f"expects nothing; allowed: {listed(EXPECT_KEYS[kind])}")
    if "reason" in fields and "dropped" not in fields:
        fields["reason"].fault_key("'reason' goes with 'dropped: NODE'")
    reply, sender = fields.read("reply", _reply, (None, None))
    return fields, Expect(
        delivered=fields.read("delivered", Value.text, None),
        dropped=fields.read("dropped", Value.text, None),
        reason=fields.read("reason", _reason, None),
        reply=reply,
        reply_from=sender,
        connected=fields.read("connected", Value.boolean, None),
        received=fields.read("received", payload(MAX_STREAM), None),
        answered=fields.read("answered", integer(0, MAX_COUNT), None),
        lost=fields.read("lost", integer(0, MAX_COUNT), None),
    )


def _reason(value: Value) -> str | None:
    name = value.text()
    reasons = DropReason.__members__
    if name is not None and name not in reasons:
        hint = near(name, reasons) or ", such as IP_INNOROUTES"
        value.fault(f"{shown(name)} is no drop reason{hint}; they have Linux's names")
        return None
    return name


_Reply = tuple[str | tuple[int, int] | None, IPv4Address | None]


def _reply(value: Value) -> _Reply | None:
    """``echo-reply``, or ``{icmp: [3, 0], from: 192.168.1.254}``."""
    if not isinstance(value.node, MappingNode):
        return _reply_word(value), None
    fields = value.fields("icmp", "from")
    sender = fields.read("from", parsed(ipv4_address), None)
    if "icmp" not in fields:
        value.fault("'icmp' is missing; write {icmp: [TYPE, CODE], from: ADDRESS}")
        return None
    kind_and_code = fields.read("icmp", _kind_and_code, None)
    return kind_and_code, sender


def _reply_word(value: Value) -> str | None:
    word = value.text()
    if word is None or word in REPLIES:
        return word
    allowed = f"allowed: {', '.join(REPLIES)} or {{icmp: [TYPE, CODE], from: ADDRESS}}"
    value.fault(f"{shown(word)} is not known{near(word, REPLIES)}; {allowed}")
    return None


def _kind_and_code(value: Value) -> tuple[int, int] | None:
    items = value.items()
    if len(items) != 2:
        value.fault("expected [TYPE, CODE], two numbers from 0 to 255")
        return None
    kind, code = (item.integer(0, 255) for item in items)
    return None if kind is None or code is None else (kind, code)
