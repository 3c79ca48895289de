"""Items of many packets: how many the kernel is asked for, and how fast.

Law: real time passes here; what would take too long is refused, and what is too fast is slowed
down on both sides.
"""

from __future__ import annotations

from dataclasses import replace

from pknet.kernel.errors import KernelUnsupportedError
from pknet.topology.bulk import PingAll, PingStream, UdpStream
from pknet.topology.item import Traffic
from pknet.topology.spec import Spec

MOST = 1000  # packets of an item: real time passes here
PACE = 100  # packets a second, that real programs keep, each answer before the next request


def require(spec: Spec) -> None:
    """Raises KernelUnsupportedError for an item that would take too long."""
    for item in spec.traffic:
        count = packets(item)
        if count > MOST:
            text = f"{item.place}: {item.name}: {count} packets; on the kernel at most {MOST}"
            raise KernelUnsupportedError(f"{text}: take fewer for this comparison")


def packets(item: Traffic) -> int:
    """How many requests ``item`` sends."""
    if isinstance(item, PingAll):
        return len(item.hosts) * (len(item.hosts) - 1)
    return item.count if isinstance(item, PingStream | UdpStream) else 1


def paced(spec: Spec) -> Spec:
    """``spec`` with no stream faster than ``PACE``: beyond it, the order here is nobody's."""
    return replace(spec, traffic=tuple(_paced(item) for item in spec.traffic))


def _paced(item: Traffic) -> Traffic:
    if isinstance(item, UdpStream) and item.rate > PACE:
        return replace(item, rate=PACE)
    if isinstance(item, PingStream):
        return replace(item, interval=max(item.interval, 1_000_000_000 // PACE))
    return item
