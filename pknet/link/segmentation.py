"""Where a large TCP packet becomes segments: as the device sends it (Linux: validate_xmit_skb).

Law: until then it is one packet, to rules, connections and neighbours alike. On the wire every
segment has an id of its own; the first has that of the whole, and what was done to it.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.owner import Owner
from pknet.link.skb import Skb
from pknet.link.visit import end
from pknet.trace import Step, Verdict
from pknet.wire.gso import segments


class SegmentStep(Step):
    """A packet was a part of another: what was done to that one, was done to it."""

    __slots__ = ("whole",)

    def __init__(self, whole: int) -> None:
        self.whole = whole

    def __str__(self) -> str:
        return f"GSO : a segment of the burst that began with #{self.whole}"


class BurstStep(Step):
    """What passed the rules as one packet, ``size`` bytes of IP, leaves as ``count`` segments."""

    __slots__ = ("count", "size")

    def __init__(self, size: int, count: int) -> None:
        self.size = size
        self.count = count

    def __str__(self) -> str:
        what = f"the first of {self.count} segments"
        return f"GSO : {what}; to the rules one packet of {self.size} bytes"


def each_segment(owner: Owner, skb: Skb, send: Callable[[Skb], Verdict]) -> Verdict:
    """Send them one after the other; how the first one fared."""
    first, *others = segments(skb.network, skb.gso_size)
    whole = skb.hop.packet
    parts = [_part(skb, data) for data in (first, *others)]
    skb.hop.step(BurstStep(len(skb.network), len(parts)))
    verdict = send(parts[0])
    for part in parts[1:]:
        part.hop = owner.trace.open(owner.name, owner.trace.new_packet(), owner.clock.now)
        part.hop.step(SegmentStep(whole))
        end(owner, part, send(part))
    return verdict


def _part(skb: Skb, data: bytes) -> Skb:
    part = skb.clone()
    part.network = data
    part.gso_size = 0
    part.unsummed = False
    part.cut = True
    return part
