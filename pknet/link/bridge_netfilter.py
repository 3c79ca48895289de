"""What a bridge asks of br_netfilter, which is two floors up.

Law: a bridge without it bridges all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.trace import Verdict

Resume = Callable[[Skb], Verdict]


class BridgeNetfilter(Protocol):
    """What a bridge asks of br_netfilter; each goes on with ``resume`` or ends the packet."""

    def prerouting(self, bridge: Interface, port: Interface, skb: Skb, resume: Resume) -> Verdict:
        """Before the forwarding decision (Linux: br_nf_pre_routing)."""

    def forward(self, bridge: Interface, port: Interface, skb: Skb, resume: Resume) -> Verdict:
        """Towards ``port``, bridged (Linux: br_nf_forward)."""

    def postrouting(self, bridge: Interface, port: Interface, skb: Skb, resume: Resume) -> Verdict:
        """Just before ``port`` sends it (Linux: br_nf_post_routing)."""

    def slow_path(self, bridge: Interface, skb: Skb) -> Interface | None:
        """The port to go on from, for a packet that went through the neighbour layer.

        Puts its old source MAC back (Linux: br_nf_pre_routing_finish_bridge_slow).
        """
