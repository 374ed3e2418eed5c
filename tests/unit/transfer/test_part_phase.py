"""The parts of one upload between its thread and the senders: how it begins and ends."""

from __future__ import annotations

from typing import Any

import pytest

from recorder_desktop.core.errors import Interrupted, Refused
from recorder_desktop.core.model import PartRange
from recorder_desktop.core.retry import Backoff
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer.part_phase import PartPhase

PART = PartRange(1, 0, 100)
NOBODY: Any = None  # is called


def phase_of(stop: StopToken) -> PartPhase:
    """A phase with one part, which comes to nothing before it is so much as prepared."""
    return PartPhase(
        upload_id="a",
        position=0,
        parts=[PART],
        prepared=[],
        task=NOBODY,
        sign=NOBODY,
        stop=stop,
        backoff=Backoff(),
        on_ready=NOBODY,
        on_confirmed=NOBODY,
        on_trouble=NOBODY,
        on_recovered=NOBODY,
    )


def test_a_stop_from_before_it_was_made_ends_it() -> None:
    stop = StopToken()
    stop.set()
    phase = phase_of(stop)
    with pytest.raises(Interrupted):
        phase.run(NOBODY)


def test_what_a_sender_meets_after_the_end_is_not_kept() -> None:
    phase = phase_of(StopToken())
    phase.abandon(PART, Refused("No.", code="refused"))
    with pytest.raises(Refused, match="No"):
        phase.run(NOBODY)
    phase.abandon(PART, Refused("It came late.", code="refused"))
    assert isinstance(phase._failure, Interrupted)
    assert phase.take(0.0) is None
