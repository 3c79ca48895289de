"""Network namespaces without names, entered by the calling thread (namespaces(7), setns(2)).

Law: a namespace lives as long as a descriptor or a socket of this process holds it. Whatever ends
the process (an exception, a signal, SIGKILL) also closes those, and then the kernel itself removes
the namespace with its devices, rules and routes. Nothing is left behind, so nothing is swept up.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

from pknet.kernel.errors import KernelUnavailableError

CLONE_NEWNET = 0x40000000  # include/uapi/linux/sched.h
_OWN = "/proc/thread-self/ns/net"


class Namespace:
    """One network namespace, with no process in it."""

    def __init__(self, node: str) -> None:
        """Make it. Raises KernelUnavailableError where the kernel does not allow that."""
        self.node = node
        home = os.open(_OWN, os.O_RDONLY)
        try:
            _call("unshare", CLONE_NEWNET)
            try:
                self._descriptor = os.open(_OWN, os.O_RDONLY)
            finally:
                _call("setns", home, CLONE_NEWNET)
        finally:
            os.close(home)

    @property
    def path(self) -> str:
        """A file by which iproute2 can name it (``netns PATH``), as long as it lives."""
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    @property
    def inode(self) -> int:
        """The number by which the kernel knows it (``net:[4026532281]``)."""
        return os.fstat(self._descriptor).st_ino

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Put the calling thread inside: sockets made and programs started belong to it."""
        home = os.open(_OWN, os.O_RDONLY)
        try:
            _call("setns", self._descriptor, CLONE_NEWNET)
            try:
                yield
            finally:
                _call("setns", home, CLONE_NEWNET)
        finally:
            os.close(home)

    def close(self) -> None:
        """Let go of it; it is gone when its last socket is closed."""
        os.close(self._descriptor)


def _call(function: str, *arguments: int) -> None:
    """Call libc (Python 3.11 has no os.unshare and os.setns)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments):
        reason = os.strerror(ctypes.get_errno())
        raise KernelUnavailableError(f"{function}(CLONE_NEWNET): {reason}; it needs root on Linux")
