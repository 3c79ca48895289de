"""A user's function at an interface: it sees the Scapy packet that crosses it.

Law: what a hook returns is what goes on from there, byte for byte; what it does to the packet
that it was shown changes nothing, so that the trace of earlier hops stays true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pknet.link.interface import InterfaceHook
from pknet.link.skb import Skb
from pknet.trace import Dropped, DropReason, Step, Verdict
from pknet.trace.hop import Direction
from pknet.wire.ethernet import HEADER_LENGTH

if TYPE_CHECKING:
    from scapy.packet import Packet


@dataclass(frozen=True, slots=True)
class Drop:
    """What a hook returns to end a packet, and why."""

    reason: str = ""


#: Gets the packet; returns None (leave it), another one, or a Drop.
PacketHook: TypeAlias = "Callable[[Packet], Packet | Drop | None]"


class HookStep(Step):
    """A hook put another packet in the place of the one that came."""

    __slots__ = ("function", "interface")

    def __init__(self, interface: str, function: PacketHook) -> None:
        self.interface = interface
        self.function = function

    @property
    def subjects(self) -> tuple[object, ...]:
        """The function: without it the packet would have gone on as it was."""
        return (self.function,)

    def __str__(self) -> str:
        return f"HOOK {self.interface}: {name_of(self.function)} changed the packet"


def interface_hook(function: PacketHook, interface: str) -> InterfaceHook:
    """``function`` as ``interface`` calls it. It raises TypeError on any other return value."""

    def hook(skb: Skb, direction: Direction) -> Verdict | None:
        from pknet.wire.scapy import frame_bytes, is_packet, network_bytes

        answer = function(skb.frame.dissected(skb.hop.time))
        if answer is None:
            return None
        if isinstance(answer, Drop):
            return Dropped(DropReason.HOOK, answer.reason or f"{name_of(function)} dropped it")
        if not is_packet(answer):
            raise TypeError(
                f"{name_of(function)} returned {type(answer).__name__}: "
                "a hook returns None, a Scapy packet that begins with Ether, or Drop(reason)"
            )
        linked = bool(skb.frame.header)
        wire = frame_bytes(answer, source=skb.source) if linked else network_bytes(answer)
        if wire != skb.frame.wire:
            _replace(skb, wire)
            skb.hop.step(HookStep(interface, function))
        return None

    return hook


def _replace(skb: Skb, wire: bytes) -> None:
    if not skb.header:  # a device without a link layer
        skb.network = wire
        return
    skb.header = wire[:HEADER_LENGTH]
    skb.network = wire[HEADER_LENGTH:]
    skb.protocol = int.from_bytes(wire[12:14], "big")


def name_of(function: PacketHook) -> str:
    """The function's own name; a lambda has none worth telling."""
    name = getattr(function, "__name__", type(function).__name__)
    return "a hook" if name == "<lambda>" else str(name)
