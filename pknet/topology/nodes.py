"""One node's part of the file.

Law: what is read here is checked by itself; what needs the other nodes is checked in check.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from yaml.nodes import Node, ScalarNode

from pknet.netns.sysctl import CONF, GLOBAL, NEIGH, setting_of
from pknet.topology.document import place_of, read_file
from pknet.topology.fault import TopologyError, near
from pknet.topology.names import interface_name, node_name
from pknet.topology.reader import Reader, ipv4_address, is_null
from pknet.topology.routes import route
from pknet.topology.spec import ListenSpec, Place, RouteSpec

KINDS = ("linux", "router", "switch", "node")
_NODE_KEYS = (
    "kind", "forwarding", "bridges", "interfaces", "routes", "neighbours", "sysctls",
    "iptables", "ipset", "listen",
)  # fmt: skip
_INTERFACE_KEYS = ("addresses", "mac", "mtu", "master", "hairpin", "up")
_BRIDGE_KEYS = ("addresses", "mac", "mtu", "up")
MIN_MTU, MAX_MTU = 68, 65535  # RFC 791; Linux: ETH_MIN_MTU, ETH_MAX_MTU


@dataclass(slots=True)
class RawInterface:
    """An interface or bridge as the file has it; ``node`` is its YAML node, for faults."""

    name: str
    node: Node
    path: str
    addresses: list[tuple[Node, object]] = field(default_factory=list)
    mac: bytes | None = None
    mtu: int | None = None
    master: str | None = None
    master_node: Node | None = None
    hairpin: bool = False
    up: bool = True


@dataclass(slots=True)
class RawText:
    """Rules: the text, and where its first line stands."""

    text: str = ""
    place: Place | None = None


@dataclass(slots=True)
class RawNode:
    """A node as the file has it."""

    name: str
    node: Node
    path: str
    kind: str = "linux"
    forwarding: bool = False
    bridges: dict[str, RawInterface] = field(default_factory=dict)
    interfaces: dict[str, RawInterface] = field(default_factory=dict)
    routes: list[tuple[Node, RouteSpec]] = field(default_factory=list)
    neighbours: list[tuple[Node, object, bytes, str]] = field(default_factory=list)
    sysctls: list[tuple[str, int | str]] = field(default_factory=list)
    iptables: RawText = field(default_factory=RawText)
    ipset: RawText = field(default_factory=RawText)
    listen: list[ListenSpec] = field(default_factory=list)


class NodeReader:
    """Reads ``nodes``."""

    def __init__(self, reader: Reader, folder: Path) -> None:
        self.reader = reader
        self.folder = folder

    def nodes(self, node: Node) -> dict[str, RawNode]:
        """All of them, in the order of the file."""
        found: dict[str, RawNode] = {}
        lower: set[str] = set()
        for key, name, value in self.reader.entries(node, "nodes"):
            if self.reader.parsed(key, "nodes", node_name) is None:
                continue
            if name.lower() in lower:
                self.reader.fault(key, "nodes", f"{name!r} differs from another only in case")
            lower.add(name.lower())
            found[name] = self._node(name, key, value)
        if not found:
            self.reader.fault(node, "nodes", "there is no node")
        return found

    def _node(self, name: str, key: Node, node: Node) -> RawNode:
        path = f"nodes.{name}"
        raw = RawNode(name, key, path)
        fields = self.reader.fields(node, path, _NODE_KEYS)
        if "kind" in fields:
            raw.kind = self.reader.choice(fields["kind"], f"{path}.kind", KINDS) or "linux"
        raw.forwarding = raw.kind in ("router", "node")
        if "forwarding" in fields:
            value = self.reader.boolean(fields["forwarding"], f"{path}.forwarding")
            raw.forwarding = raw.forwarding if value is None else value
        for part in ("bridges", "interfaces"):
            if part in fields:
                setattr(raw, part, self._interfaces(fields[part], f"{path}.{part}", part))
        self._rest(raw, fields)
        return raw

    def _rest(self, raw: RawNode, fields: dict[str, Node]) -> None:
        path = raw.path
        if "routes" in fields:
            raw.routes = self._routes(fields["routes"], f"{path}.routes")
        if "neighbours" in fields:
            raw.neighbours = self._neighbours(fields["neighbours"], f"{path}.neighbours")
        if "sysctls" in fields:
            raw.sysctls = self._sysctls(fields["sysctls"], f"{path}.sysctls")
        if "iptables" in fields:
            raw.iptables = self._rules(fields["iptables"], f"{path}.iptables")
        if "ipset" in fields:
            raw.ipset = self._rules(fields["ipset"], f"{path}.ipset")
        if "listen" in fields:
            raw.listen = self._listen(fields["listen"], f"{path}.listen")

    # --- interfaces

    def _interfaces(self, node: Node, path: str, part: str) -> dict[str, RawInterface]:
        keys = _BRIDGE_KEYS if part == "bridges" else _INTERFACE_KEYS
        found = {}
        for key, name, value in self.reader.entries(node, path):
            if self.reader.parsed(key, path, interface_name) is not None:
                found[name] = self._interface(name, key, value, f"{path}.{name}", keys)
        return found

    def _interface(
        self, name: str, key: Node, node: Node, path: str, keys: tuple[str, ...]
    ) -> RawInterface:
        reader = self.reader
        raw = RawInterface(name, key, path)
        fields = reader.fields(node, path, keys)
        for item in (
            reader.items(fields["addresses"], f"{path}.addresses")
            if ("addresses" in fields)
            else ()
        ):
            address = reader.cidr(item, f"{path}.addresses")
            if address is not None:
                raw.addresses.append((item, address))
        if "mac" in fields:
            raw.mac = reader.mac(fields["mac"], f"{path}.mac")
        if "mtu" in fields:
            raw.mtu = reader.integer(fields["mtu"], f"{path}.mtu", MIN_MTU, MAX_MTU)
        if "master" in fields:
            raw.master_node = fields["master"]
            raw.master = reader.text(fields["master"], f"{path}.master")
        raw.hairpin = self._flag(fields, "hairpin", path, default=False)
        raw.up = self._flag(fields, "up", path, default=True)
        return raw

    def _flag(self, fields: dict[str, Node], name: str, path: str, *, default: bool) -> bool:
        if name not in fields:
            return default
        value = self.reader.boolean(fields[name], f"{path}.{name}")
        return default if value is None else value

    # --- tables

    def _routes(self, node: Node, path: str) -> list[tuple[Node, RouteSpec]]:
        found = []
        for item in self.reader.items(node, path):
            parsed = self.reader.parsed(item, path, route)
            if parsed is not None:
                found.append((item, parsed))
        return found

    def _neighbours(self, node: Node, path: str) -> list[tuple[Node, object, bytes, str]]:
        found = []
        for key, text, value in self.reader.entries(node, path):
            address = self.reader.parsed(key, path, ipv4_address)
            fields = self.reader.fields(value, f"{path}.{text}", ("mac", "dev"))
            missing = [name for name in ("mac", "dev") if name not in fields]
            if missing:
                self.reader.fault(key, f"{path}.{text}", f"{' and '.join(missing)} is missing")
                continue
            mac = self.reader.mac(fields["mac"], f"{path}.{text}.mac")
            dev = self.reader.text(fields["dev"], f"{path}.{text}.dev")
            if address is not None and mac is not None and dev is not None:
                found.append((key, address, mac, dev))
        return found

    def _sysctls(self, node: Node, path: str) -> list[tuple[str, int | str]]:
        found: list[tuple[str, int | str]] = []
        for key, written, value in self.reader.entries(node, path):
            name = written.replace("/", ".") if "/" in written else written
            setting = setting_of(name)
            if setting is None:
                known = [*GLOBAL, *(f"net.ipv4.conf.all.{n}" for n in CONF),
                         *(f"net.ipv4.neigh.eth0.{n}" for n in NEIGH)]  # fmt: skip
                self.reader.fault(key, path, f"{written!r} is not modelled{near(name, known)}")
            elif isinstance(setting.default, str):
                text = self.reader.parsed(value, f"{path}.{written}", _numbers(setting.default))
                if text is not None:
                    found.append((name, text))
            else:
                number = self.reader.integer(value, f"{path}.{written}", setting.low, setting.high)
                if number is not None:
                    found.append((name, number))
        return found

    # --- rules

    def _rules(self, node: Node, path: str) -> RawText:
        """A text, or ``{file: …}`` beside the topology."""
        if isinstance(node, ScalarNode):
            if is_null(node):
                return RawText()
            line = place_of(node, self.reader.file)
            if node.style in ("|", ">"):
                line = Place(line.file, line.line + 1, 1)
            return RawText(str(node.value), line)
        fields = self.reader.fields(node, path, ("file",))
        name = self.reader.text(fields["file"], f"{path}.file") if "file" in fields else None
        if name is None:
            if not fields:
                self.reader.fault(node, path, "expected text, or {file: NAME}")
            return RawText()
        try:
            text = read_file(self.folder / name, self.reader.place(fields["file"]), f"{path}: file")
        except TopologyError as error:
            self.reader.faults.extend(error.faults)
            return RawText()
        return RawText(text, Place(str(self.folder / name), 1, 1))

    # --- listeners

    def _listen(self, node: Node, path: str) -> list[ListenSpec]:
        found: list[ListenSpec] = []
        for item in self.reader.items(node, path):
            spec = self._listener(item, path)
            if spec is None:
                continue
            if any((s.protocol, s.port) == (spec.protocol, spec.port) for s in found):
                self.reader.fault(
                    item, path, f"{spec.protocol} {spec.port}: address already in use"
                )
            found.append(spec)
        return found

    def _listener(self, item: Node, path: str) -> ListenSpec | None:
        reader = self.reader
        fields = reader.fields(item, path, ("tcp", "udp", "reply", "read"))
        given = [name for name in ("tcp", "udp") if name in fields]
        if len(given) != 1:
            reader.fault(item, path, "a listener is tcp or udp, with its port: {tcp: 8080}")
            return None
        protocol = "tcp" if given[0] == "tcp" else "udp"
        port = reader.integer(fields[protocol], f"{path}.{protocol}", 1, 65535)
        reply = payload(reader, fields["reply"], f"{path}.reply") if "reply" in fields else b""
        read = None
        if "read" in fields:
            read = reader.integer(fields["read"], f"{path}.read", 1, 2**31 - 1)
            if protocol == "udp":
                reader.fault(fields["read"], f"{path}.read", "only a tcp listener takes 'read'")
        if port is None or reply is None:
            return None
        return ListenSpec("tcp" if protocol == "tcp" else "udp", port, reply, read)


def payload(reader: Reader, node: Node, path: str) -> bytes | None:
    """Text, or ``{hex: a5a5}``."""
    if isinstance(node, ScalarNode):
        return b"" if is_null(node) else str(node.value).encode()
    fields = reader.fields(node, path, ("hex",))
    if "hex" not in fields:
        reader.fault(node, path, "expected text, or {hex: a5a5}")
        return None
    return reader.parsed(fields["hex"], f"{path}.hex", _hex)


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no hex such as a5a5") from None


def _numbers(default: str):  # type: ignore[no-untyped-def]
    count = len(default.split())

    def parse(text: str) -> str:
        words = text.split()
        if len(words) != count or not all(word.isdecimal() for word in words):
            raise ValueError(f"{text!r} is not {count} numbers such as {default!r}")
        return " ".join(words)

    return parse
