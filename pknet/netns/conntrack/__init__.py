"""Connection tracking."""

from pknet.netns.conntrack.connection import Connection, CtInfo, Direction, direction_of
from pknet.netns.conntrack.conntrack import Conntrack
from pknet.netns.conntrack.settings import Settings
from pknet.netns.conntrack.tuples import Tuple
from pknet.netns.conntrack.view import View

__all__ = [
    "Connection", "Conntrack", "CtInfo", "Direction", "Settings", "Tuple", "View", "direction_of",
]  # fmt: skip
