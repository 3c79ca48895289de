"""Interfaces, bridges, and what names them."""

from __future__ import annotations

from collections.abc import Sequence

from pknet.netns.sysctl_table import device_of
from pknet.topology.fault import listed, near, shown
from pknet.topology.raw import RawInterface, RawNode, Unclear


def check_devices(node: RawNode, unclear: Sequence[Unclear]) -> None:
    """Note what names a device that is not there, or not of its kind.

    ``unclear``: what faulty links may have meant.
    """
    for interface in node.interfaces.values():
        _made_by_link(node, interface, unclear)
        _port(node, interface)
    for entry, neighbour in node.neighbours:
        if neighbour.dev not in node.devices:
            entry.fault(no_device(neighbour.dev, node.devices))
    for setting, name, _ in node.sysctls:
        device = device_of(name)
        if device is not None and device not in node.devices:
            setting.fault_key(no_device(device, node.devices))


def _made_by_link(node: RawNode, interface: RawInterface, unclear: Sequence[Unclear]) -> None:
    assert interface.value is not None
    if interface.name in node.bridges:
        text = "this is a bridge; configure it under 'bridges' alone"
        interface.value.fault_key(f"{text}, where it has no 'master': bridges do not nest")
    elif interface.name in node.tunnels:
        interface.value.fault_key("this is a tunnel; configure it under 'tunnels' alone")
    elif interface.name not in node.order and not any(
        each.may_be(node.name, interface.name) for each in unclear
    ):
        text = f"no link makes this interface{near(interface.name, node.order)}"
        interface.value.fault_key(f"{text}; {node.name} has {listed(node.order)}")


def _port(node: RawNode, interface: RawInterface) -> None:
    fields = interface.fields
    if interface.master is not None and interface.master not in node.bridges:
        text = f"there is no bridge {shown(interface.master)}{near(interface.master, node.bridges)}"
        fields["master"].fault(f"{text}; bridges: {listed(node.bridges)}")
    if interface.hairpin and interface.master is None:
        fields["hairpin"].fault_key("hairpin is a bridge port's: 'master' is missing")


def no_device(name: str, known: list[str]) -> str:
    """iproute2's words, and what there is."""
    return f"Cannot find device {shown(name)}{near(name, known)}; devices: {listed(known)}"
