"""Which change of an upload is worth a line of its history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from recorder_desktop.core.history import Happened, waited_for, what_happened
from recorder_desktop.core.model import ChecksumAlgorithm, Problem, RemoteUpload, UploadState
from tests.fakes.uploads import an_upload

QUEUED = an_upload()
OPEN = replace(QUEUED, remote=RemoteUpload("u", "k", "b", 5 << 20, ChecksumAlgorithm.CRC64NVME))
OTHER_FILE = replace(QUEUED.identity, mtime_ns=QUEUED.identity.mtime_ns + 1)
GONE = Problem("file_missing", "It is gone.")


@pytest.mark.parametrize(
    ("before", "fields", "expected"),
    [
        (QUEUED, {"state": UploadState.UPLOADING}, (Happened.BEGAN, "")),
        (OPEN, {"state": UploadState.UPLOADING}, (Happened.WENT_ON, "")),
        (OPEN, {"state": UploadState.PAUSED}, (Happened.PAUSED, "")),
        (replace(OPEN, state=UploadState.PAUSED), {"state": UploadState.QUEUED}, (Happened.QUEUED, "")),
        (OPEN, {"state": UploadState.ATTENTION, "problem": GONE}, (Happened.STUCK, "It is gone.")),
        (OPEN, {"state": UploadState.WAITING, "problem": GONE}, (Happened.WAITS, "It is gone.")),
        (OPEN, {"state": UploadState.COMPLETED}, (Happened.VERIFIED, "")),
        (OPEN, {"state": UploadState.CANCELLED}, (Happened.CANCELLED, "")),
        (OPEN, {"identity": OTHER_FILE}, (Happened.FILE_CHANGED, "")),
        (OPEN, {"identity": OTHER_FILE, "client_upload_id": "next", "remote": None}, (Happened.FILE_CHANGED, "")),
        (OPEN, {"client_upload_id": "next", "remote": None}, (Happened.BEGAN_ANEW, "")),
        (QUEUED, {"client_upload_id": "listed", "maybe_open": True}, (Happened.FOUND_AGAIN, "")),
        (
            replace(QUEUED, state=UploadState.CANCELLED),
            {"client_upload_id": "next", "state": UploadState.QUEUED},
            (Happened.QUEUED, ""),
        ),
        (OPEN, {"bytes_confirmed": 7}, None),
        (OPEN, {"duration_s": 7.0}, None),
        (replace(OPEN, state=UploadState.UPLOADING), {"state": UploadState.FINALISING}, None),
    ],
)
def test_a_change_means(before: Any, fields: dict[str, Any], expected: tuple[Happened, str] | None) -> None:
    assert what_happened(before, replace(before, **fields)) == expected


@pytest.mark.parametrize("state", UploadState)
def test_every_state_can_be_told(state: UploadState) -> None:
    before = replace(QUEUED, state=next(each for each in UploadState if each is not state))

    assert (what_happened(before, replace(before, state=state)) is None) is (state is UploadState.FINALISING)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("offline", Happened.WAITED_FOR_NETWORK),
        ("stalled", Happened.WAITED_FOR_NETWORK),
        ("slow_down", Happened.WAITED_FOR_SERVICE),
        ("unavailable", Happened.WAITED_FOR_SERVICE),
    ],
)
def test_a_wait_is_for_the_network_or_for_the_server(code: str, expected: Happened) -> None:
    assert waited_for(Problem(code, "")) is expected
