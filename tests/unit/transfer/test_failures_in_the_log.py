"""What stops an upload stands in the log once, however many layers it passes through."""

from __future__ import annotations

import logging

import pytest

from recorder_desktop.core.errors import Refused, SignInRequired, UploadGone
from recorder_desktop.core.model import UploadState
from recorder_desktop.transfer.upload_job import MAX_RECOVERIES
from tests.unit.transfer.conftest import Rig


def logged_of(caplog: pytest.LogCaptureFixture, upload_id: str) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.getMessage().startswith(f"upload {upload_id}:")]


@pytest.mark.parametrize("step", ["init", "put", "complete"])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Refused("That type is not allowed.", code="type"), "type: That type is not allowed."),
        (SignInRequired("The token is not valid."), "sign_in_required: The token is not valid."),
        (ArithmeticError("a fault"), "unexpected"),
    ],
    ids=["refused", "sign-in", "fault"],
)
def test_what_stops_an_upload_is_logged_once(
    rig: Rig, caplog: pytest.LogCaptureFixture, step: str, error: Exception, told: str
) -> None:
    def fault(present: str, _number: int) -> None:
        if present == step:
            raise error

    rig.remote.fault = fault
    with caplog.at_level(logging.INFO, "recorder_desktop"):
        (upload_id,) = rig.add(rig.file())
        rig.wait_state(upload_id, UploadState.ATTENTION, UploadState.WAITING)
        rig.engine.close()

    (record,) = logged_of(caplog, upload_id)
    assert record.getMessage() == f"upload {upload_id}: {told}"
    assert bool(record.exc_info) == (told == "unexpected")


def test_each_new_round_is_logged_once_and_the_last_failure_as_a_whole(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(step: str, _number: int) -> None:
        if step == "complete":
            raise UploadGone("It is gone.")

    rig.remote.fault = fault
    with caplog.at_level(logging.INFO, "recorder_desktop"):
        (upload_id,) = rig.add(rig.file())
        rig.wait_state(upload_id, UploadState.ATTENTION)
        rig.engine.close()

    said = [record.getMessage().removeprefix(f"upload {upload_id}: ") for record in logged_of(caplog, upload_id)]
    assert said == ["goes on after upload_gone"] * MAX_RECOVERIES + ["upload_gone: It is gone."]
