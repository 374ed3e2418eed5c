"""Turns what became of added files into at most a line, a question and a selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recorder_desktop.core.upload_queue import AddOutcome, AlreadyStored, Attached, Rejected
from recorder_desktop.ui.text import count_of, one_line, tr, translated

_NAMED = 3
"""So many of those that were refused are named: more make no line."""


@dataclass(frozen=True, slots=True)
class AddFeedback:
    """rejection: a line, or empty. stored: paths that are stored already, to ask about. is_certain: the backend said
    of each that it still is. select: an upload id."""

    rejection: str
    stored: list[Path]
    is_certain: bool
    stored_question: str
    select: str | None


def feedback_on(outcomes: Sequence[AddOutcome]) -> AddFeedback:
    """Sum up an add command: one line however many files were refused."""
    rejected = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
    stored = [outcome for outcome in outcomes if isinstance(outcome, AlreadyStored)]
    known = [outcome.upload_id for outcome in outcomes if isinstance(outcome, (Attached, AlreadyStored))]
    return AddFeedback(
        rejection=_rejection(rejected),
        stored=[outcome.path for outcome in stored],
        is_certain=all(outcome.is_certain for outcome in stored),
        stored_question=_stored_question(stored),
        select=known[0] if known else None,
    )


def _rejection(rejected: Sequence[Rejected]) -> str:
    if not rejected:
        return ""
    first = translated(rejected[0].message)
    if len(rejected) == 1:
        return first
    names = [f"“{one_line(outcome.path.name)}”" for outcome in rejected[:_NAMED]]
    named = ", ".join(names) + ("." if len(rejected) <= _NAMED else ", …")
    count = count_of(len(rejected), "", "%n items were not added: {names}").format(names=named)
    return f"{count} {tr('The first:')} {first}"


def _stored_question(stored: Sequence[AlreadyStored]) -> str:
    if not stored:
        return ""
    if len(stored) == 1:
        words = tr("“{name}” is already stored and unchanged.").format(name=one_line(stored[0].path.name))
    else:
        words = count_of(len(stored), "", "%n files are already stored and unchanged.")
    if all(outcome.is_certain for outcome in stored):
        return words
    return f"{words} {tr('Whether the stored copy is still there could not be asked now, so keep your file.')}"
