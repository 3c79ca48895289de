"""Scapy, and nothing of the host: the only package that imports Scapy.

Law: importing it opens no socket and reads no routes; building a packet with it asks the host
nothing. What Scapy would look up there (a source, a gateway's MAC, the time) is filled in from
the model, or refused. See ``host`` for how, and ``fill`` for what.
"""

from __future__ import annotations

from pknet.wire.scapy import host as host  # first: it loads Scapy with the host shut out

# isort: split
from pknet.wire.scapy.build import WireError, dissect, dissect_bare, frame_bytes, network_bytes
from pknet.wire.scapy.layers import LAYERS, field_names, is_frame, is_packet, layer
from pknet.wire.scapy.value import set_value

__all__ = [
    "LAYERS",
    "WireError",
    "dissect",
    "dissect_bare",
    "field_names",
    "frame_bytes",
    "is_frame",
    "is_packet",
    "layer",
    "network_bytes",
    "set_value",
]
