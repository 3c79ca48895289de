"""Verdicts in words.

Law: one place says them: the text, the comments of a capture and a failed assertion agree.
"""

from __future__ import annotations

from pknet.trace.verdict import Delivered, Dropped, Forked, Held, Sent, Verdict, copies


def name(verdict: Verdict) -> str:
    """``SENT``, ``DROPPED``."""
    return type(verdict).__name__.upper()


def word(verdict: Verdict) -> str:
    """The name, and for a drop its reason: ``DROPPED IP_INNOROUTES``."""
    reason = f" {verdict.reason.name}" if isinstance(verdict, Dropped) else ""
    return name(verdict) + reason


def explanation(verdict: Verdict) -> str:
    """What the word leaves open: why it was dropped or held, who took it, where copies went."""
    if isinstance(verdict, Dropped):
        return verdict.text
    if isinstance(verdict, Delivered):
        return verdict.to
    if isinstance(verdict, Held):
        return verdict.why
    if isinstance(verdict, Forked):
        return ", ".join(_copy(part) for part in copies(verdict))
    return ""


def _copy(verdict: Verdict) -> str:
    if isinstance(verdict, Sent):
        return f"out of {verdict.interface}"
    return f"{word(verdict)} ({explanation(verdict)})"


def sentence(verdict: Verdict) -> str:
    """Word and explanation on one line."""
    return ": ".join(part for part in (word(verdict), explanation(verdict)) if part)


def first_drop(verdict: Verdict | None) -> Dropped | None:
    """The first copy that was dropped, if any was."""
    return next((part for part in copies(verdict) if isinstance(part, Dropped)), None)
