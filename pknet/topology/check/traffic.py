"""Every node and interface that an item names is there, and what it sends fits."""

from __future__ import annotations

from pknet.link.interface import DEFAULT_MTU
from pknet.link.packet_socket import refused
from pknet.topology.bulk import MAX_HOSTS, PingAll
from pknet.topology.check.devices import no_device
from pknet.topology.fault import listed, near, shown
from pknet.topology.hosts import addresses, hosts
from pknet.topology.item import Send
from pknet.topology.raw import Raw, RawItem, RawNode
from pknet.topology.source_ports import check_ports
from pknet.topology.value import Value

_MIN_IPV4 = 20  # bytes (RFC 791, section 3.1)


def check_traffic(raw: Raw) -> None:
    """Note what is not there, and what is too long or too short."""
    for item in raw.traffic:
        for key in ("delivered", "dropped"):
            if key in item.expect:
                _node(raw, item.expect[key], str(item.expect[key].node.value))
        if "from" in item.fields and item.spec.source:
            _source(raw, item, item.fields["from"])
        if isinstance(item.spec, PingAll):
            _hosts(raw, item.fields["pingall"], item.spec)
        _counts(item)
    for name in dict.fromkeys(item.spec.source for item in raw.traffic):
        if name in raw.nodes:
            check_ports(raw.traffic, raw.nodes[name])


def _node(raw: Raw, value: Value, name: str) -> RawNode | None:
    node = raw.nodes.get(name)
    if node is None:
        value.fault(
            f"there is no node {shown(name)}{near(name, raw.nodes)}; nodes: {listed(raw.nodes)}"
        )
    return node


def _source(raw: Raw, item: RawItem, value: Value) -> None:
    name, colon, interface = item.spec.source.partition(":")
    node = _node(raw, value, name)
    if isinstance(item.spec, Send):
        if node is not None and item.spec.interface is not None:
            _frame(node, item.spec, interface, value, item.fields["send"])
        elif not colon:
            _packet(item.spec, item.fields["send"])
    elif colon:
        value.fault("only a frame (send: Ether/…) is sent from an interface; write the node alone")


def _hosts(raw: Raw, value: Value, item: PingAll) -> None:
    """Every host of a ``pingall`` can be pinged."""
    known = addresses(raw.nodes)
    if item.names is None:
        everyone = hosts(raw.nodes)
        if len(everyone) < 2:
            value.fault(f"at least 2 hosts can ping each other; there are: {listed(everyone)}")
        elif len(everyone) > MAX_HOSTS:
            value.fault(f"{len(everyone)} hosts; allowed: at most {MAX_HOSTS}, so name them")
        return
    for entry in value.items() if item.names else ():
        name = str(entry.node.value)
        if name in item.names and _node(raw, entry, name) is not None and name not in known:
            entry.fault(f"{name} has no address to ping")


def _counts(item: RawItem) -> None:
    """What cannot be, since there are fewer packets, is no expectation."""
    sent = getattr(item.spec, "count", 1)
    if isinstance(item.spec, PingAll):
        return
    for key in ("answered", "lost"):
        wanted = getattr(item.spec.expect, key, None)
        if wanted is not None and wanted > sent:
            item.expect[key].fault(f"{wanted} of {sent} packets; allowed: 0 to {sent}")


def _frame(node: RawNode, send: Send, interface: str, source: Value, value: Value) -> None:
    """Linux: packet_snd."""
    if interface not in node.order:
        source.fault(no_device(interface, node.order))
        return
    why = refused(send.wire, f"{node.name}:{interface}", _mtu(node, interface))
    if why is not None:
        value.fault(why)


def _mtu(node: RawNode, interface: str) -> int:
    configured = node.interfaces.get(interface)
    return (configured.mtu if configured else None) or DEFAULT_MTU


def _packet(send: Send, value: Value) -> None:
    """Linux: raw_send_hdrinc."""
    if len(send.wire) < _MIN_IPV4:
        value.fault("this is no IPv4 packet; begin with IP(…), or with Ether(…) for a frame")
    elif send.wire[0] >> 4 != 4:
        text = f"the version of this IP header is {send.wire[0] >> 4}; leave it out: it is 4"
        value.fault(f"{text}, or send the packet in a frame: Ether(…)/IP(…)")
