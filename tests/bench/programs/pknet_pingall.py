"""``pknet_pingall.py TOPOLOGY``: play it, and say how many pings were not answered."""

from __future__ import annotations

import sys

from pknet.lab.lab import Lab

results = Lab.load(sys.argv[1]).run()
print(sum(result.failure is not None for result in results), "of", len(results), "lost")
