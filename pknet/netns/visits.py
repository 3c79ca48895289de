"""Visits of a node that do not begin at one of its interfaces.

Law: a packet that was held goes on, or ends, in a visit of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.device import Device
from pknet.link.skb import Skb
from pknet.link.visit import end
from pknet.netns.refusal import refusal
from pknet.netns.socket.timing import SEND_COST
from pknet.trace import Held, Verdict

Way = Callable[[Skb], Verdict]


class Visits:
    """Of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def launch(self, skb: Skb, way: Way) -> int:
        """A new packet, at +0; returns its id."""
        packet = self._device.trace.new_packet()
        self._device.clock.soon(self.walk, packet, skb, way)
        return packet

    def walk(self, packet: int, skb: Skb, way: Way) -> None:
        """A whole visit of ``skb``."""
        skb.hop = self._device.open(packet)
        verdict = way(skb)
        end(self._device, skb, verdict)
        if skb.refused is not None and (errno := refusal(skb, verdict)) is not None:
            self._device.clock.after(0, skb.refused, errno)

    def resume(self, skb: Skb, way: Way) -> None:
        """``skb`` goes on by ``way``, now."""
        end(self._device, skb, way(self._reopened(skb)))

    def postpone(self, skb: Skb, way: Way) -> None:
        """``skb`` goes on by ``way``, after what this visit has asked for."""
        self._device.clock.soon(self.resume, skb, way)

    def later(self, pieces: list[Skb], send: Callable[[list[Skb]], Verdict]) -> Verdict:
        """A process sends the next piece when the one before has been carried all the way."""

        def go_on(first: Skb) -> Verdict:
            for other in pieces:
                other.hop = first.hop
            return send(pieces)

        self._device.clock.after(SEND_COST, self.resume, pieces[0], go_on)
        return Held("the rest waits until this piece has been carried as far as it goes")

    def _reopened(self, skb: Skb) -> Skb:
        """The same packet in a new visit."""
        skb.hop = self._device.open(skb.hop.packet)
        skb.by_icmp = False
        return skb
