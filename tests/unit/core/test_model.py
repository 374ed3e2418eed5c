"""The words and the small promises of the model."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from recorder_desktop.core.model import ChecksumAlgorithm, SignedPart, UploadState
from tests.fakes.uploads import an_upload


def test_the_states_are_the_words_that_scripts_rely_on() -> None:
    assert {state.value for state in UploadState} == {
        "queued",
        "uploading",
        "waiting",
        "paused",
        "finalising",
        "completed",
        "attention",
        "cancelled",
    }


def test_every_state_runs_rests_or_is_finished_and_only_one_of_them() -> None:
    running = {state for state in UploadState if state.is_running}
    finished = {state for state in UploadState if state.is_finished}
    assert running.isdisjoint(finished)
    assert set(UploadState) - running - finished == {UploadState.PAUSED, UploadState.ATTENTION}


def test_the_checksum_algorithms_are_the_backends_words_best_first() -> None:
    assert [algorithm.value for algorithm in ChecksumAlgorithm] == ["CRC64NVME", "MD5"]


def test_an_upload_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(an_upload(), "bytes_confirmed", 5)  # noqa: B010 - the type checker refuses the plain spelling


def test_the_size_of_an_upload_is_that_of_its_file() -> None:
    assert an_upload(size_bytes=123).size_bytes == 123


def test_s24_repr_masks_the_presigned_url_and_its_headers() -> None:
    signed = SignedPart("https://store/k?X-Amz-Signature=abc123", {"x-amz-checksum-crc64nvme": "sum123"}, 900)
    assert "abc123" not in repr(signed)
    assert "sum123" not in repr(signed)
