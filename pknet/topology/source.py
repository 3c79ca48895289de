"""The file that values come from.

Law: faults are noted here as they are found, and reported together.
"""

from __future__ import annotations

from pknet.topology.fault import Fault


class Source:
    """The file that values come from, and the faults that were found in it."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.split("\n")
        self.faults: list[Fault] = []
