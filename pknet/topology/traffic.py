"""``traffic``: what is sent, and when.

Law: an item is a frozen value when this is done; playing it needs no further look at the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yaml.nodes import MappingNode

from pknet.topology import units
from pknet.topology.address import ipv4_address
from pknet.topology.bulk import PingAll
from pknet.topology.document import kind_of
from pknet.topology.expect import expect
from pknet.topology.fault import listed, near
from pknet.topology.item import Expect, Ping, Send, Tcp, Traffic, Udp, Wait
from pknet.topology.payload import MAX_DATAGRAM, MAX_STREAM, payload
from pknet.topology.place import Place
from pknet.topology.raw import RawItem
from pknet.topology.streams import ALL, ping_stream, pingall_hosts, sport, udp_stream
from pknet.topology.target import target
from pknet.topology.value import Fields, Value, every, integer, parsed

_MILLISECOND = 1_000_000
ANSWER = 300 * _MILLISECOND  # a ping and a datagram wait as long
CONNECT = 990 * _MILLISECOND  # just under the first SYN's retransmission at 1 s (RFC 6298)

_COMMON = ("from", "name", "expect", "at")
#: What each kind of item takes.
ITEM_KEYS = {
    "ping": (
        "ping", "id", "seq", "ttl", "size", "df", "ipid", "timeout", "count", "interval", *_COMMON,
    ),
    "tcp": ("tcp", "sport", "payload", "timeout", *_COMMON),
    "udp": ("udp", "sport", "payload", "ttl", "df", "timeout", "count", "rate", *_COMMON),
    "pingall": ("pingall", "timeout", "name", "expect", "at"),
    "send": ("send", *_COMMON),
    "wait": ("wait", "name", "at"),
}  # fmt: skip


_Head = tuple[Place, str, str, Expect | None, int | None]


@dataclass(frozen=True, slots=True)
class _Common:
    """What every item has."""

    fields: Fields
    place: Place
    source: str
    expect: Expect | None
    at: int | None

    def head(self, name: str) -> _Head:
        """What a Traffic begins with; ``name`` where the file gives none."""
        given = self.fields.read("name", Value.text, name)
        return self.place, self.source, given, self.expect, self.at


def traffic(value: Value) -> list[RawItem]:
    """All that could be read."""
    return every(_item(item) for item in value.items())


def _item(value: Value) -> RawItem | None:
    kind = _kind(value)
    if kind is None:
        return None
    fields = value.fields(*ITEM_KEYS[kind])
    if "from" in ITEM_KEYS[kind] and "from" not in fields:
        value.fault(f"'from' is missing: the node that {'pings' if kind == 'ping' else 'sends'}")
    expected, wanted = Fields(), None
    if "expect" in fields:
        expected, wanted = expect(fields["expect"], kind)
    source = fields.read("from", Value.text, "")
    at = fields.read("at", parsed(units.duration), None)
    spec = _KINDS[kind](_Common(fields, value.place, source, wanted, at))
    return None if spec is None else RawItem(spec, value, fields, expected)


def _kind(value: Value) -> str | None:
    """The one key that says what an item is."""
    if not isinstance(value.node, MappingNode):
        text = f"expected a mapping such as {{ping: 10.1.2.1, from: A1}}, got {kind_of(value.node)}"
        value.fault(text)
        return None
    keys = [str(key.value) for key, _ in value.node.value]
    kinds = [kind for kind in ITEM_KEYS if kind in keys]
    if len(kinds) == 1:
        return kinds[0]
    hint = "".join(near(key, ITEM_KEYS) for key in keys[:1])
    found = " and ".join(kinds) if kinds else f"none of them{hint}"
    value.fault(f"an item is one of {listed(ITEM_KEYS)}; this is {found}")
    return None


# --- the kinds: None where the value that makes it one is wrong


def _ping(common: _Common) -> Ping | None:
    fields = common.fields
    to = fields.read("ping", parsed(ipv4_address), None)
    if to is None:
        return None
    ping = Ping(
        *common.head(f"ping {common.source} -> {to}"), destination=to,
        id=fields.read("id", integer(0, 65535), 1),
        seq=fields.read("seq", integer(0, 65535), 1),
        ttl=fields.read("ttl", integer(1, 255), 64),
        size=fields.read("size", integer(0, MAX_DATAGRAM), 56),
        df=fields.read("df", Value.boolean, True),
        ipid=fields.read("ipid", integer(0, 65535), None),
        timeout=fields.read("timeout", parsed(units.duration), ANSWER),
    )  # fmt: skip
    return ping_stream(ping, fields)


def _tcp(common: _Common) -> Tcp | None:
    fields = common.fields
    reached = fields.read("tcp", parsed(target), None)
    if reached is None:
        return None
    to, port = reached
    return Tcp(
        *common.head(f"tcp {common.source} -> {to}:{port}"), destination=to, port=port,
        sport=fields.read("sport", integer(1, 65535), None),
        payload=fields.read("payload", payload(MAX_STREAM), b""),
        timeout=fields.read("timeout", parsed(units.duration), CONNECT),
    )  # fmt: skip


def _udp(common: _Common) -> Udp | None:
    fields = common.fields
    reached = fields.read("udp", parsed(target), None)
    if reached is None:
        return None
    to, port = reached
    udp = Udp(
        *common.head(f"udp {common.source} -> {to}:{port}"), destination=to, port=port,
        sport=fields.read("sport", sport, None),
        payload=fields.read("payload", payload(MAX_DATAGRAM), b""),
        ttl=fields.read("ttl", integer(1, 255), 64),
        df=fields.read("df", Value.boolean, True),
        timeout=fields.read("timeout", parsed(units.duration), ANSWER),
    )  # fmt: skip
    return udp_stream(udp, fields)


def _pingall(common: _Common) -> PingAll:
    names = pingall_hosts(common.fields["pingall"])
    timeout = common.fields.read("timeout", parsed(units.duration), ANSWER)
    head = common.head(f"pingall {ALL if names is None else ' '.join(names)}")
    return PingAll(*head, names=names, timeout=timeout)


def _send(common: _Common) -> Send | None:
    # Here, so that a topology without `send` is read without Scapy, which takes a while.
    from pknet.topology.expression import ExpressionError
    from pknet.topology.expression_bytes import expression_bytes

    value = common.fields["send"]
    text = value.text()
    if text is None:
        return None
    try:
        wire, is_frame = expression_bytes(text)
    except ExpressionError as error:
        value.fault(str(error))
        return None
    node, colon, interface = common.source.partition(":")
    if "from" in common.fields and is_frame != bool(colon):
        wanted = "a frame (Ether/…) is sent from NODE:INTERFACE"
        if not is_frame:
            wanted = f"a packet without Ether is sent from a node, which routes it: {node}"
        common.fields["from"].fault(wanted)
        return None
    return Send(*common.head(f"send {common.source}: {text}"),
                expression=text, wire=wire, interface=interface or None)  # fmt: skip


def _wait(common: _Common) -> Wait | None:
    duration = common.fields.read("wait", parsed(units.duration), None)
    if duration is None:
        return None
    return Wait(*common.head(f"wait {common.fields['wait'].node.value}"), duration=duration)


_KINDS: dict[str, Callable[[_Common], Traffic | None]] = {
    "ping": _ping,
    "tcp": _tcp,
    "udp": _udp,
    "pingall": _pingall,
    "send": _send,
    "wait": _wait,
}
