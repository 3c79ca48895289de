"""How a visit ends.

Law: a death or a wait that no interface saw has a line of its own in the trace.
"""

from __future__ import annotations

from pknet.link.owner import Owner
from pknet.link.skb import Skb
from pknet.trace import Sent, Verdict, copies


def end(owner: Owner, skb: Skb, verdict: Verdict | None) -> None:
    """Close the visit of ``skb`` to ``owner``.

    Raises TypeError where a device of the user's own forgot to: a packet would be lost.
    """
    if verdict is None:
        raise TypeError(
            f"{type(owner).__name__} {owner.name} answered None for packet #{skb.hop.packet}: "
            'receive() returns a Verdict, such as Dropped(DropReason.HOOK, "why")'
        )
    if not skb.hop.taps and not all(isinstance(part, Sent) for part in copies(verdict)):
        if not skb.header:  # no neighbour had been found
            skb.header = bytes(12) + skb.protocol.to_bytes(2, "big")
        owner.trace.tap(skb.hop, owner.clock.now, "", None, skb.frame)
    owner.trace.close(skb.hop, verdict)
