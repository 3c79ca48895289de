"""What can stop a run on the real kernel; each message ends with the cure."""

from __future__ import annotations


class KernelError(Exception):
    """The kernel, or a tool that configures it, refused something; the text says what and where."""


class KernelUnavailableError(KernelError):
    """This machine cannot serve as judge: not Linux, no root, or a tool is missing."""


class KernelUnsupportedError(KernelError):
    """The topology asks for something that this backend cannot make out of the kernel."""
