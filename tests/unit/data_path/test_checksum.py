"""The CRC library is loaded without what it starts with, and not trusted before it has counted right."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest
from awscrt import checksums

from recorder_desktop.data_path import crc_library
from recorder_desktop.data_path.checksum import crc64nvme


def test_it_counts_as_the_library_does() -> None:
    sum_, combine = crc_library.load_checksums()
    block = memoryview(os.urandom(100_001))

    assert sum_(block, 7) == checksums.crc64nvme(block, 7)
    assert combine(5, 6, 1 << 40) == checksums.combine_crc64nvme(5, 6, 1 << 40)
    assert crc64nvme(memoryview(b"123456789")) == 0xAE8B14860A799888


def test_what_is_no_block_is_refused_and_not_counted() -> None:
    sum_, _combine = crc_library.load_checksums()

    with pytest.raises(TypeError):
        sum_(None, 0)


def test_the_rest_of_the_library_is_not_started() -> None:
    source = "import sys, recorder_desktop.data_path.checksum; print('_awscrt' in sys.modules)"

    printed = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True)

    assert printed.stdout.strip() == "False"


class Library:
    """A file of another version: its functions are called `names` and answer `answer`."""

    def __init__(self, names: tuple[str, ...], answer: object) -> None:
        def function(*_arguments: object) -> object:
            if isinstance(answer, Exception):
                raise answer
            return answer

        for name in names:
            setattr(self, name, function)


NAMES = ("aws_py_checksums_crc64nvme", "aws_py_checksums_crc64nvme_combine")


@pytest.mark.parametrize(
    "library", [Library((), 0), Library(NAMES, 0), Library(NAMES, TypeError("it takes three now"))]
)
def test_one_that_shows_nothing_or_counts_otherwise_is_used_as_documented(
    monkeypatch: pytest.MonkeyPatch, library: Library
) -> None:
    monkeypatch.setattr(ctypes, "PyDLL", lambda _path: library)

    assert crc_library.load_checksums() == (checksums.crc64nvme, checksums.combine_crc64nvme)


def test_a_file_that_the_system_does_not_load_is_used_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: str) -> None:
        raise OSError("wrong kind of file")

    monkeypatch.setattr(ctypes, "PyDLL", refuse)

    assert crc_library.load_checksums() == (checksums.crc64nvme, checksums.combine_crc64nvme)
