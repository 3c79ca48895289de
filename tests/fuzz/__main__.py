"""``python -m fuzz --seeds N``: exit 0 where no seed differs, but for known differences."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from fuzz.campaign import WORKERS, Verdict, verdicts
from fuzz.case import Document, case, text_of
from fuzz.judge import judge
from fuzz.shrink import shrink


def main() -> int:
    """Judge many seeds; print those that differ, and a summary."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, metavar="N")
    parser.add_argument("--start", type=int, default=0, metavar="S")
    parser.add_argument("--workers", type=int, default=WORKERS, metavar="N")
    parser.add_argument("--out", type=Path, default=Path("fuzz-found"), metavar="DIR")
    parser.add_argument("--no-shrink", action="store_true", help="write the cases as they are")
    options = parser.parse_args()
    count: Counter[str] = Counter()
    found = []
    seeds = range(options.start, options.start + options.seeds)
    for verdict in verdicts(seeds, options.workers):
        count[_kind(verdict)] += 1
        if not verdict.judgement.fine:
            print(_line(verdict), flush=True)
        if not verdict.judgement.fine and verdict.reason is None:
            found.append(verdict)
    for verdict in sorted(found):
        document = case(verdict.seed)
        print(_write(options.out, verdict, document if options.no_shrink else _smallest(verdict)))
    print(f"{options.seeds} seeds:", ", ".join(f"{n} {kind}" for kind, n in sorted(count.items())))
    return 1 if found else 0


def _kind(verdict: Verdict) -> str:
    return "known" if verdict.reason else verdict.judgement.kind


def _line(verdict: Verdict) -> str:
    first = (verdict.reason or verdict.judgement.told).partition("\n")[0]
    return f"seed {verdict.seed}: {_kind(verdict)}: {first}"


def _smallest(verdict: Verdict) -> Document:
    sort = verdict.judgement.sort
    return shrink(case(verdict.seed), lambda document: judge(document, again=1).sort == sort)


def _write(folder: Path, verdict: Verdict, document: Document) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"seed-{verdict.seed}.yaml"
    path.write_text(text_of(document))
    return f"seed {verdict.seed}: {path}"


if __name__ == "__main__":
    sys.exit(main())
