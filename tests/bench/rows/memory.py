"""What a run keeps for each packet, all its hops among it."""

from __future__ import annotations

import gc
import tracemalloc

from bench.exchange import ONE_FLOW, exchanges, played
from bench.row import Row, Unit


def memory(packets: int) -> float:
    """Bytes for each packet that Python has not given back at the end of the run."""
    lab = exchanges(packets, ONE_FLOW)
    gc.collect()
    tracemalloc.start()
    played(lab)
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept / packets


ROWS = (Row("memory", "pknet, memory per packet carried", Unit.BYTES, 20_000, 50, memory),)
