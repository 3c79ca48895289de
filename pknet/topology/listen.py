"""``listen``: what a node answers, and where."""

from __future__ import annotations

from typing import Literal

from pknet.topology.payload import MAX_DATAGRAM, MAX_STREAM, payload
from pknet.topology.spec import ListenSpec
from pknet.topology.value import Value, integer


def listeners(value: Value) -> list[ListenSpec]:
    """All that could be read."""
    found: list[ListenSpec] = []
    for item in value.items():
        listener = _listener(item)
        if listener is None:
            continue
        if any((it.protocol, it.port) == (listener.protocol, listener.port) for it in found):
            item.fault(f"Address already in use: {listener.protocol} {listener.port} listens")
        found.append(listener)
    return found


def _listener(value: Value) -> ListenSpec | None:
    before = len(value.source.faults)
    fields = value.fields("tcp", "udp", "reply", "read")
    if len(fields.missing("tcp", "udp")) != 1:
        if len(value.source.faults) == before:
            value.fault("a listener is {tcp: PORT} or {udp: PORT}, one of them")
        return None
    protocol: Literal["tcp", "udp"] = "tcp" if "tcp" in fields else "udp"
    port = fields.read(protocol, integer(1, 65535), None)
    limit = MAX_STREAM if protocol == "tcp" else MAX_DATAGRAM
    reply = fields.read("reply", payload(limit), b"")
    read = fields.read("read", integer(1, MAX_STREAM), None)
    if protocol == "udp" and "read" in fields:
        fields["read"].fault_key("only a tcp listener reads: a datagram is always whole")
    return None if port is None else ListenSpec(protocol, port, reply, read)
