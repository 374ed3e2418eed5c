"""The cache of thumbnails on a real disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recorder_desktop.core.thumbnails import SIZE_BYTES_AT_MOST, PictureStore
from recorder_desktop.system.picture_cache import PictureCache

BLOCK = 4096


def test_a_picture_is_there_for_the_next_run_and_for_this_person_alone(tmp_path: Path) -> None:
    cache: PictureStore = PictureCache(tmp_path / "thumbnails")
    cache.put("one", b"picture")

    assert PictureCache(tmp_path / "thumbnails").get("one") == b"picture"
    assert cache.get("two") is None
    if os.name != "nt":
        assert (tmp_path / "thumbnails").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "thumbnails" / "one").stat().st_mode & 0o777 == 0o600


def test_what_was_not_looked_at_for_longest_goes_first(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, limit_bytes=4 * BLOCK)
    for age, key in enumerate(("new", "old", "older", "oldest")):
        cache.put(key, b"x")
        os.utime(tmp_path / key, (1000 - age, 1000 - age))
    assert cache.get("oldest") == b"x"  # which makes it the newest

    cache.put("more", b"x")

    assert {path.name for path in tmp_path.iterdir()} == {"more", "oldest", "new"}


def test_what_earlier_runs_kept_counts(tmp_path: Path) -> None:
    for number in range(10):
        PictureCache(tmp_path, limit_bytes=4 * BLOCK).put(str(number), b"x")

    assert len(list(tmp_path.iterdir())) <= 4


@pytest.mark.parametrize("content", [b"", b"x" * (SIZE_BYTES_AT_MOST + 1)])
def test_a_file_that_is_no_picture_is_not_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)

    assert PictureCache(tmp_path).get("key") is None


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = PictureCache(tmp_path / "file" / "thumbnails")

    cache.put("one", b"picture")

    assert cache.get("one") is None
