"""Which command makes sense in which state: the whole table, spelled out."""

from __future__ import annotations

import pytest

from recorder_desktop.core.lifecycle import Command, allows
from recorder_desktop.core.model import UploadState

ALLOWED = {
    UploadState.QUEUED: "pause cancel remove",
    UploadState.UPLOADING: "pause cancel remove",
    UploadState.WAITING: "pause cancel retry remove",
    UploadState.FINALISING: "pause cancel remove",
    UploadState.PAUSED: "resume cancel remove",
    UploadState.ATTENTION: "cancel retry remove",
    UploadState.COMPLETED: "remove",
    UploadState.CANCELLED: "retry remove",
}


@pytest.mark.parametrize("state", UploadState)
def test_a_state_allows_exactly_its_commands(state: UploadState) -> None:
    assert {command.value for command in Command if allows(state, command)} == set(ALLOWED[state].split())


@pytest.mark.parametrize("state", UploadState)
def test_from_every_state_but_completed_there_is_a_way_on(state: UploadState) -> None:
    goes_on = state.is_running or any(allows(state, command) for command in (Command.RESUME, Command.RETRY))
    assert goes_on or state is UploadState.COMPLETED


@pytest.mark.parametrize("state", UploadState)
def test_what_is_not_finished_can_be_given_up(state: UploadState) -> None:
    assert allows(state, Command.CANCEL) == (not state.is_finished)
