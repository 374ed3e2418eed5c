from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import InvalidField
from backend.object_key import clean_directory, make_key
from tests.fakes.backend_values import EPOCH

SAFE = re.compile(r"[A-Za-z0-9_-]+-\d+-[0-9a-f]{12}(\.[a-z0-9_-]+)?")


@given(st.text(min_size=1, max_size=300))
def test_f21_whatever_the_name_the_key_is_short_and_safe(file_name: str) -> None:
    directory, _, last = make_key(None, file_name, EPOCH).partition("/")
    assert directory == "recordings"
    assert SAFE.fullmatch(last)
    assert len(last) < 120


@pytest.mark.parametrize(
    ("file_name", "start", "end"),
    [
        ("video.mp4", "video-", ".mp4"),
        ("Größe/..\\x.MKV", "x-", ".mkv"),
        (".hidden", "hidden-", ""),
        ("日本", "recording-", ""),
        ("a\u202egpj.mp4", "agpj-", ".mp4"),
        ("a.tar.verylongextension", "a-tar-", ".verylongex"),
    ],
)
def test_a_name_keeps_what_is_safe_of_it(file_name: str, start: str, end: str) -> None:
    key = make_key("up/load s", file_name, EPOCH)
    assert key.startswith(f"up/load s/{start}")
    assert key.endswith(end)


def test_two_files_of_one_millisecond_have_two_keys() -> None:
    assert len({make_key(None, "a.mp4", EPOCH) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "directory",
    ["../x", "a/../b", "/x", "a//b", "a\\b", "a\0b", "%2e%2e", "x" * 2000, ".", "..", "a/.b", " a", "a ", "a.",
     "a\nb", "/", "é" * 76, "/".join(["abc"] * 150), "a?b", "a#b", "a*b", "_a"],
)  # fmt: skip
def test_s11_an_unsafe_directory_is_refused(directory: str) -> None:
    with pytest.raises(InvalidField, match="directory"):
        clean_directory(directory)


@pytest.mark.parametrize(
    ("directory", "clean"),
    [(None, "recordings"), ("", "recordings"), ("a/b", "a/b"), ("a/b/", "a/b"), ("Ünï 2026", "Ünï 2026")],
)
def test_a_safe_directory_is_kept(directory: str | None, clean: str) -> None:
    assert clean_directory(directory) == clean
