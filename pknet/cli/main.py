"""``pknet``: which command, and what its end means.

Law: no traceback reaches a user, and what is asked for on the command line is all that is
loaded. Exit status: 0 and 1 are the command's answer, 2 bad input, 70 a fault of pknet's own
(EX_SOFTWARE of sysexits.h), 130 interrupted, 128 and the number of another signal.
Whatever ends it, what it had begun is undone.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

from pknet import __version__

#: Each is a module of this package with a docstring, ``arguments(parser)`` and ``run(args)``.
COMMANDS = ("run", "check", "show", "ping", "matrix", "verify")

INTERRUPTED = 128 + signal.SIGINT  # as a shell reports it
#: A request to end, a terminal that closes (which Windows has not).
ENDINGS = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit status. Usage errors exit with 2."""
    if sys.stdout is None:  # closed (``>&-``): nobody wants to read
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (for the rest of the process)
    if isinstance(sys.stdout, TextIOWrapper):  # a name that the terminal cannot show ends nothing
        sys.stdout.reconfigure(errors="backslashreplace")
    args = _parser().parse_args(argv)
    try:
        with _orderly_end():
            return int(args.run(args))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        from pknet.cli.faults import report

        return report(error, args.topology)


@contextmanager
def _orderly_end() -> Iterator[None]:
    """These unwind what runs, as SIGINT does; only the main thread may say so (signal(3))."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = [signal.signal(number, _ended) for number in ENDINGS]
    try:
        yield
    finally:
        for number, handler in zip(ENDINGS, before, strict=True):
            signal.signal(number, handler)


def _ended(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pknet",
        description="Walk real packets through a Kubernetes network that a file describes.",
    )
    parser.add_argument("--version", action="version", version=f"pknet {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f"pknet.cli.{name}")
        about, _, more = (module.__doc__ or "").partition("\n\n")
        command = commands.add_parser(
            name,
            help=about,
            description=f"{about}\n\n{more}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument("topology", metavar="TOPOLOGY", help="a topology file (YAML)")
        module.arguments(command)
        command.set_defaults(run=module.run)
    return parser
