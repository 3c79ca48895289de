"""What went wrong, in a line or a few.

Law: bad input is told with its place and ends with 2; anything that is nobody's input is a
fault of pknet's own, is told with where it happened, and ends with 70.
"""

from __future__ import annotations

import sys
import traceback

from pknet.capture.output import OutputError
from pknet.kernel.errors import KernelError
from pknet.sim import EventLimitError
from pknet.topology.fault import TopologyError

BAD_INPUT = 2
INTERNAL = 70  # EX_SOFTWARE of sysexits.h


class UsageError(Exception):
    """The command line asks for what the topology does not have."""


def report(error: Exception, topology: str) -> int:
    """Print ``error`` on standard error; the result is the exit status."""
    lines, status = _told(error, topology)
    print(*lines, sep="\n", file=sys.stderr)
    return status


def _told(error: Exception, topology: str) -> tuple[list[str], int]:
    if isinstance(error, TopologyError):
        return [str(error)], BAD_INPUT
    if isinstance(error, OutputError):
        return [f"pknet: {error}; name another folder with --out"], BAD_INPUT
    if isinstance(error, UsageError | KernelError):
        return [f"pknet: {error}"], BAD_INPUT
    if isinstance(error, EventLimitError):
        return [f"pknet: {topology}: {error}"], BAD_INPUT
    if isinstance(error, OSError) and error.filename is not None:
        return [f"pknet: {error.filename}: {error.strerror}"], BAD_INPUT
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{last.filename}:{last.lineno}, in {last.name}"
    what = f"{type(error).__name__}: {error}".replace("\n", " ")
    return [f"pknet: internal error: {what} ({where}). Please report it with {topology}."], INTERNAL
