"""Many seeds, side by side.

Most of a case's time is waiting (for answers that do not come), so there are more workers than
processors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import NamedTuple

from fuzz.case import case
from fuzz.judge import Judgement, judge
from fuzz.known import known

WORKERS = 4


class Verdict(NamedTuple):
    """What came of one seed; ``reason`` where the difference is a known one."""

    seed: int
    judgement: Judgement
    reason: str | None = None


def examine(seed: int) -> Verdict:
    """One seed, from the topology to the verdict."""
    document = case(seed)
    judgement = judge(document)
    entry = None if judgement.fine else known(document, judgement)
    return Verdict(seed, judgement, entry.reason if entry else None)


def verdicts(seeds: Iterable[int], workers: int = WORKERS) -> Iterator[Verdict]:
    """All of them, as they come."""
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        for future in as_completed([pool.submit(examine, seed) for seed in seeds]):
            yield future.result()
