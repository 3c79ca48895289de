"""Verdicts in words.

Law: one place says them: the text, the comments of a capture and a failed assertion agree.
"""

from __future__ import annotations

from pknet.trace.verdict import Delivered, Dropped, Forked, Held, Sent, Verdict, copies


def word(verdict: Verdict) -> str:
    """What stands on the hop's own line: ``SENT``, ``DROPPED IP_INNOROUTES``."""
    if isinstance(verdict, Dropped):
        return f"DROPPED {verdict.reason.name}"
    if isinstance(verdict, Delivered):
        return f"DELIVERED {verdict.to}"
    return {Sent: "SENT", Held: "HELD", Forked: "COPIED"}[type(verdict)]


def explanation(verdict: Verdict) -> str:
    """What the word leaves open: why it was dropped or held, where the copies went."""
    if isinstance(verdict, Dropped):
        return verdict.text
    if isinstance(verdict, Held):
        return verdict.why
    if isinstance(verdict, Forked):
        return ", ".join(_copy(part) for part in copies(verdict))
    return ""


def _copy(verdict: Verdict) -> str:
    if isinstance(verdict, Sent):
        return f"out of {verdict.interface}"
    if isinstance(verdict, Delivered):
        return f"delivered {verdict.to}"
    if isinstance(verdict, Dropped):
        return f"dropped {verdict.reason.name} ({verdict.text})"
    return f"held ({explanation(verdict)})"


def sentence(verdict: Verdict) -> str:
    """Word and explanation on one line."""
    return ": ".join(part for part in (word(verdict), explanation(verdict)) if part)


def first_drop(verdict: Verdict | None) -> Dropped | None:
    """The first copy that was dropped, if any was."""
    return next((part for part in copies(verdict) if isinstance(part, Dropped)), None)
