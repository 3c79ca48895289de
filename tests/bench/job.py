"""``python -m bench.job ROW SIZE``: one measurement, printed as a number."""

from __future__ import annotations

import sys

from bench.rows import ROWS

if __name__ == "__main__":
    print(repr(ROWS[sys.argv[1]].measure(int(sys.argv[2]))))
