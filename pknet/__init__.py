"""pknet: a packet-level emulator of Kubernetes networking.

from pknet import Drop, Lab, load
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pknet.lab.hooks import Drop
    from pknet.lab.lab import Lab
    from pknet.topology.load import load

__version__ = "0.1.0"

#: What a user needs most, imported when it is asked for: start-up pays for nothing else.
_PUBLIC = {"Drop": "pknet.lab.hooks", "Lab": "pknet.lab.lab", "load": "pknet.topology.load"}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'pknet' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


__all__ = ["Drop", "Lab", "__version__", "load"]
