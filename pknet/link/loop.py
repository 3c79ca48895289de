"""Bridges joined in a circle, without a spanning tree.

Law: a limit on everything. Linux would carry a flooded frame round until someone pulls a cable;
here the run ends with an error that names the packet and the ports.
"""

from __future__ import annotations

from pknet.sim import EventLimitError
from pknet.wire.frame import Frame
from pknet.wire.summary import summary

ROUNDS = 100  # times one bridge floods the same frame; a router's TTL changes it, a loop does not


class LayerTwoLoopError(EventLimitError):
    """The same frame comes back to a bridge again and again."""


class LoopGuard:
    """What one bridge has flooded, and by which ports it came in."""

    def __init__(self, node: str, bridge: str) -> None:
        self._where = f"{node}:{bridge}"
        self._ports: dict[tuple[int, bytes], list[str]] = {}

    def note(self, packet: int, frame: Frame, port: str) -> None:
        """``frame`` is about to be flooded. Raises LayerTwoLoopError."""
        ports = self._ports.setdefault((packet, frame.wire), [])
        ports.append(port)
        if len(ports) > ROUNDS:
            raise LayerTwoLoopError(
                f"a layer-2 loop: packet #{packet} ({summary(frame)}) came back to {self._where} "
                f"{ROUNDS} times unchanged, by {', '.join(sorted(set(ports[1:])))}; "
                "take one of its links away"
            )
