"""One run of a Spec on the real kernel: build, capture, play, and what was seen.

Law: when run() returns or raises, nothing of the run is left on the machine.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import NoReturn

from pknet.kernel import streams
from pknet.kernel.build import IPTABLES, built
from pknet.kernel.capture import Captured, Tap
from pknet.kernel.drops import Drop, DropWatch, watching
from pknet.kernel.listen import listening
from pknet.kernel.namespace import Namespace
from pknet.kernel.play import play
from pknet.topology.item import Ping, Send, Tcp, Udp
from pknet.topology.spec import Spec

DRAIN_EVERY = 0.02  # seconds; a ring holds 64 frames or more
_IP_LIMIT = 65_535  # bytes of an IP packet (RFC 791)
_HEADERS = 128  # bytes: more than the headers of anything that an item sends


@dataclass(frozen=True, slots=True)
class Recording:
    """What the kernel did.

    ``frames`` by (node, interface), lo included; ``results`` a line for each traffic item;
    ``drops`` None where this kernel does not tell them.
    """

    frames: dict[tuple[str, str], list[Captured]]
    results: list[str]
    drops: list[Drop] | None


def run(spec: Spec, iptables: str = IPTABLES) -> Recording:
    """Play ``spec`` on this machine's kernel; ``iptables`` is the program that loads its rules.

    Raises KernelUnavailableError, KernelUnsupportedError, KernelError.
    """
    streams.require(spec)
    with (
        built(spec, iptables) as namespaces,
        _one_processor(),
        _taps(namespaces, _largest(spec)) as taps,
        watching() as watch,
    ):
        results, drops = asyncio.run(_play(spec, namespaces, taps, watch))
    frames = {
        (tap.node, interface): frames for tap in taps for interface, frames in tap.frames.items()
    }
    return Recording(frames, results, drops)


@contextmanager
def _taps(namespaces: Mapping[str, Namespace], largest: int) -> Iterator[list[Tap]]:
    """One for each node. Opening and closing each wait for an RCU grace period: side by side."""
    with ThreadPoolExecutor(max(len(namespaces), 1)) as pool:
        taps = list(pool.map(Tap, namespaces.values(), repeat(largest)))
        try:
            yield taps
        finally:
            list(pool.map(Tap.close, taps))


async def _play(
    spec: Spec, namespaces: Mapping[str, Namespace], taps: list[Tap], watch: DropWatch | None
) -> tuple[list[str], list[Drop] | None]:
    """Results and drops; what listeners send when they are closed after that is no part of it."""
    async with listening(spec, namespaces):
        draining = asyncio.create_task(_drain(taps))
        playing = asyncio.create_task(play(spec, namespaces))
        await asyncio.wait({playing, draining}, return_when=asyncio.FIRST_COMPLETED)
        if draining.done():
            draining.result()  # raises: draining ends only where a capture is no longer whole
        draining.cancel()
        for tap in taps:
            tap.drain()
        return playing.result(), watch.seen(namespaces.values()) if watch else None


async def _drain(taps: list[Tap]) -> NoReturn:
    while True:
        for tap in taps:
            tap.drain()
        await asyncio.sleep(DRAIN_EVERY)


@contextmanager
def _one_processor() -> Iterator[None]:
    """On one processor, frames are taken off a veth in the order in which they were sent."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(allowed)[os.getpid() % len(allowed)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _largest(spec: Spec) -> int:
    """The longest IP packet that can cross any interface, in bytes.

    Not the MTU: where a bridge reassembles (br_netfilter, conntrack), the whole datagram shows.
    Over lo, a TCP segment is as long as an IP packet may be.
    """
    mtus = [_HEADERS + each.mtu for node in spec.nodes for each in node.devices]
    sent = [_HEADERS + len(listen.reply) for node in spec.nodes for listen in node.listen]
    for item in spec.traffic:
        if isinstance(item, Ping):
            sent.append(_HEADERS + item.size)
        elif isinstance(item, Tcp | Udp):
            sent.append(_HEADERS + len(item.payload))
        elif isinstance(item, Send):
            sent.append(len(item.wire))
    return max([_HEADERS, *mtus, *(min(size, _IP_LIMIT) for size in sent)])
