"""What a run keeps for each packet, all its hops among it."""

from __future__ import annotations

import gc
import tracemalloc

from bench.exchange import Exchanges
from bench.row import Row, Unit


def memory(packets: int) -> float:
    """Bytes for each packet that Python has not given back at the end of the run."""
    network = Exchanges()
    gc.collect()
    tracemalloc.start()
    network.same_flow(packets)
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept / packets


ROWS = (Row("memory", "pknet, memory per packet carried", Unit.BYTES, 2000, 50, memory),)
