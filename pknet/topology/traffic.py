"""The ``traffic`` list: what is sent, and what is expected of it.

Law: an item is a frozen value when this is done; playing it needs no further look at the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

from yaml.nodes import MappingNode, Node

from pknet.topology import units
from pknet.topology.fault import near
from pknet.topology.nodes import payload
from pknet.topology.reader import Reader, ipv4_address
from pknet.topology.spec import Expect, Ping, Place, Send, Tcp, Traffic, Udp, Wait
from pknet.trace import DropReason

_COMMON = ("from", "name", "expect", "at")
_KEYS = {
    "ping": ("id", "seq", "ttl", "size", "df", "ipid", "timeout"),
    "tcp": ("sport", "payload", "timeout"),
    "udp": ("sport", "payload", "ttl", "df", "timeout"),
    "send": (),
    "wait": (),
}
_REPLIES = ("echo-reply",)
MAX_PAYLOAD = 65507  # bytes of one datagram; a TCP payload may be longer
MAX_STREAM = 16 * 1024 * 1024


@dataclass(slots=True)
class RawItem:
    """An item with the nodes that later checks point at."""

    spec: Traffic
    node: Node
    path: str
    source_node: Node


class TrafficReader:
    """Reads the list."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def items(self, node: Node) -> list[RawItem]:
        """Every item that could be read."""
        found = []
        for index, item in enumerate(self.reader.items(node, "traffic")):
            raw = self._item(item, f"traffic[{index}]")
            if raw is not None:
                found.append(raw)
        return found

    def _item(self, item: Node, path: str) -> RawItem | None:
        if not isinstance(item, MappingNode):
            self.reader.fault(item, path, "expected a mapping such as {ping: 10.1.2.1, from: a1}")
            return None
        kind = self._kind(item, path)
        if kind is None:
            return None
        fields = self.reader.fields(item, path, (kind, *_KEYS[kind], *_COMMON))
        if kind != "wait" and "from" not in fields:
            self.reader.fault(item, path, "'from' is missing: the node that sends")
            return None
        source = self.reader.text(fields["from"], f"{path}.from") if "from" in fields else ""
        before = len(self.reader.faults)
        common = _Common(self.reader, fields, path, source or "", self.reader.place(item))
        spec = getattr(self, f"_{kind}")(common)
        if spec is None or len(self.reader.faults) > before or source is None:
            return None
        return RawItem(spec, item, path, fields.get("from", item))

    def _kind(self, item: MappingNode, path: str) -> str | None:
        keys = [str(key.value) for key, _ in item.value]
        kinds = [key for key in keys if key in _KEYS]
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            self.reader.fault(item, path, f"an item is one of {' and '.join(kinds)}, not both")
        else:
            hint = next((near(key, _KEYS) for key in keys if near(key, _KEYS)), "")
            text = f"an item is one of {', '.join(_KEYS)}; this has {', '.join(keys) or 'nothing'}"
            self.reader.fault(item, path, text + hint)
        return None

    # --- the kinds

    def _ping(self, c: _Common) -> Ping | None:
        destination = c.reader.address(c.fields["ping"], f"{c.path}.ping")
        if destination is None:
            return None
        return Ping(
            c.place, c.source, c.name(f"ping {c.source} -> {destination}"), c.expect(), c.at(),
            destination=destination,
            id=c.integer("id", 1, 0, 65535), seq=c.integer("seq", 1, 0, 65535),
            ttl=c.integer("ttl", 64, 1, 255), size=c.integer("size", 56, 0, 65507),
            df=c.boolean("df", True), ipid=c.optional("ipid", 0, 65535),
            timeout=c.duration("timeout", 300_000_000),
        )  # fmt: skip

    def _tcp(self, c: _Common) -> Tcp | None:
        target = c.reader.parsed(c.fields["tcp"], f"{c.path}.tcp", _target)
        if target is None:
            return None
        return Tcp(
            c.place, c.source, c.name(f"tcp {c.source} -> {target[0]}:{target[1]}"), c.expect(),
            c.at(), destination=target[0], port=target[1], sport=c.optional("sport", 1, 65535),
            payload=c.payload(MAX_STREAM), timeout=c.duration("timeout", 990_000_000),
        )  # fmt: skip

    def _udp(self, c: _Common) -> Udp | None:
        target = c.reader.parsed(c.fields["udp"], f"{c.path}.udp", _target)
        if target is None:
            return None
        return Udp(
            c.place, c.source, c.name(f"udp {c.source} -> {target[0]}:{target[1]}"), c.expect(),
            c.at(), destination=target[0], port=target[1], sport=c.optional("sport", 1, 65535),
            payload=c.payload(MAX_PAYLOAD), ttl=c.integer("ttl", 64, 1, 255),
            df=c.boolean("df", True), timeout=c.duration("timeout", 300_000_000),
        )  # fmt: skip

    def _send(self, c: _Common) -> Send | None:
        # Here, so that a topology without `send` is read without Scapy, which takes a while.
        from pknet.topology.expression import ExpressionError, expression_bytes

        node = c.fields["send"]
        text = c.reader.text(node, f"{c.path}.send")
        if text is None:
            return None
        try:
            wire, is_frame = expression_bytes(text)
        except ExpressionError as error:
            c.reader.fault(node, f"{c.path}.send", str(error))
            return None
        _, colon, interface = c.source.partition(":")
        if is_frame != bool(colon):
            wanted = "NODE:INTERFACE, for a frame" if is_frame else "NODE, which routes it"
            c.reader.fault(c.fields["from"], f"{c.path}.from", f"this packet is sent from {wanted}")
            return None
        return Send(c.place, c.source, c.name(f"send {c.source}: {text}"), c.expect(), c.at(),
                    expression=text, wire=wire, interface=interface or None)  # fmt: skip

    def _wait(self, c: _Common) -> Wait | None:
        duration = c.reader.parsed(c.fields["wait"], f"{c.path}.wait", units.duration)
        if duration is None:
            return None
        return Wait(c.place, "", c.name(f"wait {c.fields['wait'].value}"), None, c.at(),
                    duration=duration)  # fmt: skip


class _Common:
    """The fields of one item, read with defaults."""

    def __init__(
        self, reader: Reader, fields: dict[str, Node], path: str, source: str, place: Place
    ) -> None:
        self.reader = reader
        self.fields = fields
        self.path = path
        self.source = source
        self.place = place

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.optional(name, low, high)
        return default if value is None else value

    def optional(self, name: str, low: int, high: int) -> int | None:
        if name not in self.fields:
            return None
        return self.reader.integer(self.fields[name], f"{self.path}.{name}", low, high)

    def boolean(self, name: str, default: bool) -> bool:
        if name not in self.fields:
            return default
        value = self.reader.boolean(self.fields[name], f"{self.path}.{name}")
        return default if value is None else value

    def duration(self, name: str, default: int) -> int:
        value = self._parsed(name, units.duration)
        return default if value is None else value

    def at(self) -> int | None:
        return self._parsed("at", units.duration)

    def _parsed(self, name: str, parse: Callable[[str], int]) -> int | None:
        if name not in self.fields:
            return None
        return self.reader.parsed(self.fields[name], f"{self.path}.{name}", parse)

    def name(self, default: str) -> str:
        if "name" not in self.fields:
            return default
        return self.reader.text(self.fields["name"], f"{self.path}.name") or default

    def payload(self, limit: int) -> bytes:
        if "payload" not in self.fields:
            return b""
        node = self.fields["payload"]
        data = payload(self.reader, node, f"{self.path}.payload") or b""
        if len(data) > limit:
            self.reader.fault(node, f"{self.path}.payload", f"{len(data)} bytes; at most {limit}")
        return data

    def expect(self) -> Expect | None:
        if "expect" not in self.fields:
            return None
        return expect(self.reader, self.fields["expect"], f"{self.path}.expect")


def expect(reader: Reader, node: Node, path: str) -> Expect:
    """``{delivered: B1}`` and its kin; several may stand together, and then all must hold."""
    keys = ("delivered", "dropped", "reason", "reply", "connected", "received")
    fields = reader.fields(node, path, keys)
    if not fields:
        reader.fault(node, path, f"expects nothing; allowed: {', '.join(keys)}")
    texts = {
        name: reader.text(fields[name], f"{path}.{name}") if name in fields else None
        for name in ("delivered", "dropped", "reason")
    }
    if texts["reason"] is not None:
        _check_reason(reader, fields, path, texts["reason"])
    reply, sender = _reply(reader, fields["reply"], path) if "reply" in fields else (None, None)
    connected = None
    if "connected" in fields:
        connected = reader.boolean(fields["connected"], f"{path}.connected")
    received = None
    if "received" in fields:
        received = payload(reader, fields["received"], f"{path}.received")
    return Expect(reply=reply, reply_from=sender, connected=connected, received=received, **texts)


def _check_reason(reader: Reader, fields: dict[str, Node], path: str, name: str) -> None:
    names = DropReason.__members__
    if name not in names:
        reader.fault(fields["reason"], f"{path}.reason", f"no drop reason {name!r}"
                     f"{near(name, names)}; see the README's table")  # fmt: skip
    if "dropped" not in fields:
        reader.fault(fields["reason"], path, "'reason' goes with 'dropped: NODE'")


def _reply(
    reader: Reader, node: Node, path: str
) -> tuple[str | tuple[int, int] | None, IPv4Address | None]:
    """``echo-reply``, a text that comes back, or ``{icmp: [3, 0], from: 192.168.1.254}``."""
    if not isinstance(node, MappingNode):
        return reader.choice(node, f"{path}.reply", _REPLIES), None
    fields = reader.fields(node, f"{path}.reply", ("icmp", "from"))
    numbers = [
        reader.integer(item, f"{path}.reply.icmp", 0, 255)
        for item in (reader.items(fields["icmp"], f"{path}.reply.icmp") if "icmp" in fields else ())
    ]
    sender = reader.address(fields["from"], f"{path}.reply.from") if "from" in fields else None
    if len(numbers) != 2:
        reader.fault(node, f"{path}.reply", "expected {icmp: [TYPE, CODE], from: ADDRESS}")
        return None, None
    kind, code = numbers
    return (None, None) if kind is None or code is None else ((kind, code), sender)


def _target(text: str) -> tuple[IPv4Address, int]:
    address, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ValueError(f"{text!r} is no target such as 10.1.2.1:8080")
    return ipv4_address(address), int(port)
