"""Floor 2: what happened to every packet, as the walk itself told it."""

from pknet.trace.hop import Hop, Step, Tap, detailed
from pknet.trace.reason import DropReason
from pknet.trace.trace import Trace
from pknet.trace.verdict import Delivered, Dropped, Forked, Held, Sent, Verdict, copies, forked

__all__ = [
    "Delivered", "DropReason", "Dropped", "Forked", "Held", "Hop", "Sent", "Step", "Tap",
    "Trace", "Verdict", "copies", "detailed", "forked",
]  # fmt: skip
