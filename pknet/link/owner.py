"""What an interface asks of the device that it belongs to."""

from __future__ import annotations

from typing import Protocol

from pknet.link.skb import Skb
from pknet.sim import Clock
from pknet.trace import Trace, Verdict


class Owner(Protocol):
    """A Device, seen from below."""

    name: str
    clock: Clock
    trace: Trace

    def receive(self, skb: Skb) -> Verdict:
        """The packet goes up to the network layer (Linux: netif_receive_skb)."""
