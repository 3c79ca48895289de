"""Ask which host reaches which host and Service, on which port.

Every listener of every host and every Service that a node's rules name is asked for from every
host, and is expected to be reached, unless the file's own `matrix` says otherwise.
Exit status: 0 all as expected, 1 not, 2 bad input.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pknet.cli.run import seed

if TYPE_CHECKING:
    from concurrent.futures import Executor

MAX_JOBS = 256


def arguments(parser: ArgumentParser) -> None:
    """Of ``pknet matrix``."""
    parser.add_argument("--json", action="store_true", help="a line of JSON for each pair")
    parser.add_argument("--seed", metavar="N", type=seed, help="of all chance; the file's own")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", metavar="N", type=_jobs, default=1, help="processes; 1")
    where.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster's (pknet[dask])")


def run(args: Namespace) -> int:
    """The same results, whoever asks."""
    from pathlib import Path

    from pknet.cli.output import put, put_plain, warn, width
    from pknet.lab.matrix import ask
    from pknet.report.matrix import matrix_json, matrix_lines
    from pknet.topology.load import load
    from pknet.topology.pairs import pairs

    spec = load(Path(args.topology))
    warn(spec.warnings)
    asked = pairs(spec)
    chance = spec.seed if args.seed is None else args.seed
    with _executor(args.jobs, args.scheduler) as executor:
        found = ask(spec, asked, chance, executor)
    if args.json:
        put_plain(matrix_json(found))
    else:
        put(matrix_lines(asked, found, width()))
    return 0 if all(one.as_expected for one in found) else 1


def _jobs(text: str) -> int:
    """A number of processes. Raises ArgumentTypeError."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_JOBS)):
        number = int(text)
        if 1 <= number <= MAX_JOBS:
            return number
    raise ArgumentTypeError(f"{text!r} is no number of processes; allowed: 1 to {MAX_JOBS}")


@contextmanager
def _executor(jobs: int, scheduler: str | None) -> Iterator[Executor | None]:
    """Processes, a cluster, or none: then this process does all."""
    if scheduler is not None:
        with _cluster(scheduler) as executor:
            yield executor
    elif jobs > 1:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            yield pool
    else:
        yield None


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    from pknet.cli.faults import UsageError

    try:
        from distributed import Client
    except ImportError:
        cure = "pip install 'pknet[dask]'"
        raise UsageError(f"--scheduler needs Dask, which is not installed: {cure}") from None
    try:
        client = Client(address)
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler at {address}: {error}") from None
    with client:
        yield client.get_executor()
