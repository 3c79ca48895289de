"""Run a topology: its traffic, a trace, and a capture of every interface.

Exit status: 0 all expectations hold, 1 one does not, 2 bad input.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pknet.lab.lab import Lab
    from pknet.lab.result import ItemResult

CAPTURES = Path("pcaps")  # in the current directory; a run's own are in pcaps/<name>


def arguments(parser: ArgumentParser) -> None:
    """Of ``pknet run``."""
    parser.add_argument("--out", metavar="DIR", type=folder, help="for captures; pcaps/<name>")
    parser.add_argument("--json", action="store_true", help="print the trace as JSON lines")
    parser.add_argument("--detail", action="store_true", help="every rule and table consulted")
    parser.add_argument("--no-fastpath", dest="fastpath", action="store_false",
                        help="walk every packet, and replay none; slow, and the same")  # fmt: skip
    parser.add_argument("--seed", metavar="N", type=seed, help="of all chance; the file's own")


def folder(text: str) -> Path:
    """A folder by its name; the empty one, a script's unset variable, would be the current folder.

    Raises ArgumentTypeError.
    """
    if not text:
        raise ArgumentTypeError("an empty name is no folder; the current one is '.'")
    return Path(text)


def seed(text: str) -> int:
    """A seed that a file could hold too. Raises ArgumentTypeError."""
    from pknet.topology.load import MAX_SEED

    if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_SEED)):
        number = int(text)
        if number <= MAX_SEED:
            return number
    raise ArgumentTypeError(f"{text!r} is no seed; allowed: 0 to {MAX_SEED}")


def run(args: Namespace) -> int:
    """Files first, so that they are whole even where the reader of the text leaves early."""
    from pknet.cli.output import warn
    from pknet.lab.lab import Lab
    from pknet.report.folder import write

    lab = Lab.load(args.topology, args.seed)
    lab.fastpath = args.fastpath
    warn(lab.spec.warnings)
    results = lab.run()
    out = args.out or CAPTURES / lab.spec.name
    write(lab, out)
    if args.json:
        print_json(lab, args.detail)
    else:
        print_text(lab, results, args.detail)
        _say_where(out)
    return status(results)


def status(results: Sequence[ItemResult]) -> int:
    """0 where every expectation holds."""
    return 1 if any(result.failure is not None for result in results) else 0


def print_json(lab: Lab, detail: bool) -> None:
    """Exactly what trace.jsonl holds; with ``detail``, with more steps."""
    from pknet.cli.output import put_plain
    from pknet.report.jsonl import changes, details, lines

    put_plain(lines(lab.trace, details if detail else changes))


def print_text(lab: Lab, results: Sequence[ItemResult], detail: bool) -> None:
    """The trace as people read it."""
    from pknet.cli.output import put, width
    from pknet.report.items import run_lines

    put(run_lines(lab.trace, results, width(), detail))


def _say_where(folder: Path) -> None:
    from pknet.cli.output import put
    from pknet.report.layout import Piece, Role

    put([(), (Piece(f"captures, pcapng and trace.jsonl: {folder}", Role.QUIET),)])
