"""``python -m bench``: measure, print the table, and with ``--out`` keep it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.machine import about
from bench.row import UndoneError
from bench.rows import ROWS
from bench.runner import ROUNDS, run
from bench.table import report


def main() -> int:
    """Exit status 1 where a job was not done; no figure fails."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", type=_names, default=list(ROWS), metavar="A,B",
                        help=f"of {', '.join(ROWS)}")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")
    parser.add_argument("--tiny", action="store_true", help="to see that every job works")
    parser.add_argument("--date", help="to stand in the table")
    parser.add_argument("--out", type=Path, metavar="FILE", help="for the table")
    options = parser.parse_args()
    rows = [ROWS[name] for name in options.rows]
    try:
        results = run(rows, options.rounds, _tell, tiny=options.tiny)
    except UndoneError as error:
        print(error, file=sys.stderr)
        return 1
    text = report(results, about(options.date), options.rounds)
    print(text)
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, "utf-8")
    return 0


def _names(text: str) -> list[str]:
    names = text.replace(",", " ").split()
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no row {', '.join(unknown)}: there are {', '.join(ROWS)}"
        )
    return names


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
