"""Where and when a frame was seen, in words.

Law: every view that people read says them alike.
"""

from __future__ import annotations

from pknet.trace import Tap


def place(tap: Tap) -> str:
    """``node-a:eth0``; the bare node for what no interface saw."""
    return f"{tap.hop.node}:{tap.interface}" if tap.interface else tap.hop.node


def since(time: int, start: int) -> str:
    """Nanoseconds as milliseconds, to the nearest microsecond: ``+0.064``."""
    microseconds = (time - start + 500) // 1000
    return f"+{microseconds // 1000}.{microseconds % 1000:03d}"
