"""What ends a call in the program ends it in the app, as the same error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recorder_desktop.core import errors
from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.errors import Interrupted, PartsMismatch, Unavailable, UploadError
from recorder_desktop.core.model import PartRange, SignedPart
from recorder_desktop.data_path.wire import (
    Send,
    Sum,
    as_line,
    digest_fields,
    digest_of,
    error_fields,
    raise_error_of,
    work_message,
    work_of,
)

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, UploadError) and kind is not PartsMismatch
]
PART = PartRange(7, 1 << 40, 5 << 20)


def through(error: Exception) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each is looked at
        raise_error_of(json.loads(as_line({"done": 1} | error_fields(error))))
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_comes_through_as_it_is(kind: type[UploadError]) -> None:
    for code in (None, "a_code_of_its_own"):
        told = through(kind("It happened. Do this.", code=code))
        assert type(told) is kind
        assert (told.message, told.code, told.kind) == ("It happened. Do this.", code or kind.code, kind.kind)


@pytest.mark.parametrize("retry_after_s", [None, 0.0, 12.5])
def test_how_long_to_wait_comes_through(retry_after_s: float | None) -> None:
    told = through(Unavailable("Later.", retry_after_s=retry_after_s))
    assert isinstance(told, Unavailable)
    assert told.retry_after_s == retry_after_s


def test_a_stop_and_a_fault_come_through() -> None:
    assert isinstance(through(Interrupted()), Interrupted)
    fault = through(KeyError("size"))
    assert isinstance(fault, RuntimeError)
    assert str(fault) == "KeyError: 'size'"


def test_an_answer_without_an_error_raises_none() -> None:
    raise_error_of({"done": 1, "etag": "x"})


@pytest.mark.parametrize(
    "work",
    [
        Sum(Path("/recordings/a “talk”\n.wav"), PART, with_md5=True),
        Send(Path("/recordings/\udce9.wav"), PART, SignedPart("https://store/k?s=%2B", {"x-a": "ü"}, 60.0)),
    ],
)
def test_work_comes_through(work: Sum | Send) -> None:
    line = as_line(work_message(3, work))
    assert line.count(b"\n") == 1
    assert work_of(json.loads(line)) == work


@pytest.mark.parametrize("digest", [PartDigest(PART, 2**64 - 1), PartDigest(PART, 0, b"\x00\xff" * 8)])
def test_checksums_come_through(digest: PartDigest) -> None:
    assert digest_of(json.loads(as_line(digest_fields(digest))), PART) == digest
