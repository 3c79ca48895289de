"""Who reaches what: every pair asked, in as many processes as there are.

Law: pairs are cut into parts by their number alone, and each part is asked in a network of its
own. So the results are the same in one process, in many, and on a cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor

from pknet.lab.probe import Reached, probe
from pknet.topology.pairs import Pair, Pairs
from pknet.topology.spec import Spec

PARTS = 64  # more than processors, so that none waits long for the last
LEAST = 16  # pairs of a part, for which it is worth building a network


def ask(spec: Spec, asked: Pairs, seed: int, executor: Executor | None = None) -> list[Reached]:
    """Ask every pair, in their order; ``executor`` None: here, one part after the other.

    ``executor`` is any of concurrent.futures' kind: processes, or a Dask cluster
    (``Client.get_executor()``), whose workers need pknet.
    """
    cut = list(parts(asked.asked))
    each = map if executor is None else executor.map
    # Lists, not generators: Dask counts what it is given.
    found = each(probe, [spec] * len(cut), [seed] * len(cut), cut)
    return [reached for part in found for reached in part]


def parts(asked: Sequence[Pair]) -> Iterator[Sequence[Pair]]:
    """Runs of pairs that are asked in one network."""
    size = max(LEAST, -(-len(asked) // PARTS))
    for first in range(0, len(asked), size):
        yield asked[first : first + size]
