"""The order of traffic items: one after the other, and those with ``at`` at their time.

Law: the run ends when every item has, and 50 ms later.
"""

from __future__ import annotations

import asyncio
import errno

from pknet.kernel import bulk, pings  # noqa: F401 (they register what they play)
from pknet.kernel.items import NANOSECONDS, Namespaces, perform
from pknet.netns.socket.programs.told import NO_ANSWER, failure
from pknet.topology.item import Traffic
from pknet.topology.spec import Spec

GAP = 0.05  # seconds, after each item


async def play(spec: Spec, namespaces: Namespaces) -> list[str]:
    """Do every item; what each came to, in the order of the file."""
    results = [""] * len(spec.traffic)

    async def one(number: int) -> None:
        results[number] = await _result(spec.traffic[number], namespaces)
        await asyncio.sleep(GAP)

    async def timed(number: int, at: int) -> None:
        await asyncio.sleep(at * NANOSECONDS)
        await one(number)

    async def chained() -> None:
        for number, item in enumerate(spec.traffic):
            if item.at is None:
                await one(number)

    async with asyncio.TaskGroup() as group:
        group.create_task(chained())
        for number, item in enumerate(spec.traffic):
            if item.at is not None:
                group.create_task(timed(number, item.at))
    return results


async def _result(item: Traffic, namespaces: Namespaces) -> str:
    try:
        return await perform(item, namespaces)
    except TimeoutError:
        return NO_ANSWER
    except OSError as error:
        return failure(errno.errorcode[error.errno or 0])
