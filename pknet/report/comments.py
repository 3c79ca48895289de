"""What a capture's comments say of a frame.

Law: the words are those of the text view; the verdict stands on a visit's last frame only.
"""

from __future__ import annotations

from pknet.trace import Tap
from pknet.trace.words import sentence


def comments(tap: Tap) -> list[str]:
    """One for each thing that was done there, and at the end of the visit its verdict."""
    hop = tap.hop
    said = [str(step) for step in hop.steps_of(tap) if not step.detail]
    if hop.verdict is not None and tap is hop.taps[-1]:
        said.append(f"{hop.node}: {sentence(hop.verdict)}")
    return said
