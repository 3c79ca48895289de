"""The five places where netfilter looks at a packet, and what it is told there.

in -> PREROUTING -> route -> INPUT -> socket
                      |                  socket -> route -> OUTPUT
                      v                                       |
                   FORWARD -----------------------------> POSTROUTING -> out
"""

from __future__ import annotations

from enum import IntEnum

from pknet.link.interface import Interface
from pknet.link.skb import Skb


class Hook(IntEnum):
    """Linux: enum nf_inet_hooks. The name is that of the built-in chain."""

    PREROUTING = 0
    INPUT = 1
    FORWARD = 2
    OUTPUT = 3
    POSTROUTING = 4


class HookState:
    """One call of a hook (Linux: struct nf_hook_state, with the skb)."""

    __slots__ = ("hook", "indev", "outdev", "skb")

    def __init__(
        self, hook: Hook, skb: Skb, indev: Interface | None, outdev: Interface | None
    ) -> None:
        self.hook = hook
        self.skb = skb
        self.indev = indev
        self.outdev = outdev

    @property
    def physin(self) -> Interface | None:
        """The bridge port it came in by, where br_netfilter handed it over."""
        return self.skb.bridge.physin if self.skb.bridge else None

    @property
    def physout(self) -> Interface | None:
        """The bridge port it will leave by, likewise."""
        return self.skb.bridge.physout if self.skb.bridge else None
