"""Chance.

Law: every random draw comes from the run's seed, and each device draws from a stream of its
own, so that one more draw here moves nothing there.
"""

from __future__ import annotations

from hashlib import sha256
from random import Random


class Rng:
    """The source of the streams of one run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def stream(self, name: str) -> Random:
        """The stream of the device ``name``: the same seed and name give the same draws."""
        digest = sha256(f"{self.seed}/{name}".encode()).digest()
        return Random(int.from_bytes(digest, "big"))
