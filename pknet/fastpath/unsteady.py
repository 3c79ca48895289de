"""Why something is walked and not replayed."""

from __future__ import annotations


class UnsteadyError(Exception):
    """The run does not repeat itself, or nobody can tell whether it does. It is walked."""
