"""Files as ffmpeg writes them are what they say; what a browser could run is not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from backend.content_type import HEAD_BYTES, compare_content
from backend.model import ContentCheck
from recorder_desktop.core.recordings import CONTENT_TYPES

PICTURE = ("-f", "lavfi", "-i", "testsrc=size=128x96:rate=25:duration=0.2")
SOUND = ("-f", "lavfi", "-i", "sine=duration=0.2")
MADE = {
    **dict.fromkeys(("mp4", "mov", "mkv", "ts", "m2ts", "mxf", "avi", "mpg", "flv", "3gp", "wmv", "m2v"), PICTURE),
    **dict.fromkeys(("mp3", "wav", "flac", "ogg", "m4a", "aac", "aiff", "ac3", "caf", "opus", "w64"), SOUND),
    "webm": (*PICTURE, "-c:v", "libvpx"),
    "m4v": (*PICTURE, "-c:v", "mpeg4", "-f", "mp4"),
    "oga": (*SOUND, "-f", "ogg"),
    "mka": SOUND,
}


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("media")
    for ending, options in MADE.items():
        subprocess.run(["ffmpeg", "-v", "error", *options, str(folder / f"made.{ending}")], check=True)
    return {ending: (folder / f"made.{ending}").read_bytes()[:HEAD_BYTES] for ending in MADE}


@pytest.mark.parametrize("ending", MADE)
def test_a_recording_is_what_its_ending_says(heads: dict[str, bytes], ending: str) -> None:
    declared = CONTENT_TYPES[f".{ending}"]
    assert compare_content(declared, heads[ending]) is ContentCheck.MATCH
    assert compare_content(f"{declared.upper()}; codecs=x", heads[ending]) is ContentCheck.MATCH


def test_kinds_are_told_apart(heads: dict[str, bytes]) -> None:
    for ending, other in (("mp4", "webm"), ("wav", "avi"), ("mp3", "aac"), ("flac", "ogg"), ("ts", "mp4")):
        declared = CONTENT_TYPES[f".{other}"]
        assert compare_content(declared, heads[ending]) is ContentCheck.MISMATCH, (ending, other)


@pytest.mark.parametrize("layout", [("-id3v2_version", "0", "-write_xing", "0"), ("-id3v2_version", "3")])
def test_an_mp3_needs_no_tag(tmp_path: Path, layout: tuple[str, ...]) -> None:
    path = tmp_path / "bare.mp3"
    subprocess.run(["ffmpeg", "-v", "error", *SOUND, *layout, str(path)], check=True)
    assert compare_content("audio/mpeg", path.read_bytes()[:HEAD_BYTES]) is ContentCheck.MATCH


HARMFUL = {
    "html": b"<!DOCTYPE html><html><script>alert(1)</script>",
    "html in UTF-16": "\ufeff<html>".encode("utf-16-le"),
    "html after blanks": b"\n\n  <html>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
    "xml": b"<?xml version='1.0'?><svg/>",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "zip": b"PK\x03\x04\x14\0\0\0\x08\0",
    "exe": b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff",
    "elf": b"\x7fELF\x02\x01\x01" + bytes(9),
    "script": b"#!/bin/sh\nrm -rf /\n",
    "text": b"recorded" * 100,
    "playlist": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/secret\n",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "ones": b"\xff" * 64,
}


@pytest.mark.parametrize("what", HARMFUL)
@pytest.mark.parametrize(
    "declared",
    [
        "video/mp4",
        "video/webm",
        "audio/mpeg",
        "audio/aac",
        "audio/wav",
        "audio/flac",
        "video/mp2t",
    ],
)
def test_what_is_no_recording_is_none(what: str, declared: str) -> None:
    assert compare_content(declared, HARMFUL[what]) is ContentCheck.MISMATCH


BOX_TYPES = (b"mdat", b"moov", b"free", b"wide", b"skip", b"pnot", b"ftypmp42", b"ftypisom", b"ftypqt  ")


@pytest.mark.parametrize("box", BOX_TYPES)
@pytest.mark.parametrize("start", [b"<!--", b"\n<a ", b"    ", b"\0\0\0\2", b"\0\0\0\7"])
def test_the_type_of_a_box_without_its_size_is_no_video(start: bytes, box: bytes) -> None:
    assert compare_content("video/mp4", start + box + b"--><html><script>alert(1)</script>") is ContentCheck.MISMATCH


@pytest.mark.parametrize(
    "size", [b"\0\0\0\0", b"\0\0\0\x08", b"\x08\xff\xff\xff", b"\x3c\x00\x12\x34", b"\xff\xff\xff\xff"]
)
def test_media_data_that_come_first_may_be_of_any_size(size: bytes) -> None:
    for head in (size + b"mdat", b"\0\0\0\1mdat\0\0\0\1" + size):
        assert compare_content("video/quicktime", head + bytes(40)) is ContentCheck.MATCH


@pytest.mark.parametrize("head", [b"", b"\0", b"\xff", b"\xff\xfb", b"ID", b"G", b"RIFF"])
def test_a_file_of_a_few_bytes_is_no_match(head: bytes) -> None:
    assert compare_content("audio/mpeg", head) is not ContentCheck.MATCH
    assert compare_content("video/mp2t", head) is not ContentCheck.MATCH


@pytest.mark.parametrize(
    ("declared", "head", "outcome"),
    [
        ("application/octet-stream", b"<html>", ContentCheck.UNKNOWN),
        ("video/mp4", b"", ContentCheck.UNKNOWN),
        ("video/x-of-tomorrow", b"\x01\x02\x03 tomorrow", ContentCheck.UNKNOWN),
        ("audio/x-speex", b"OggS\0\x02" + bytes(30), ContentCheck.UNKNOWN),
        ("video/x-of-tomorrow", b"<html><body>", ContentCheck.MISMATCH),
        ("application/pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", ContentCheck.MATCH),
        ("text/plain", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", ContentCheck.MISMATCH),
    ],
)
def test_where_nobody_can_tell_nothing_is_claimed(declared: str, head: bytes, outcome: ContentCheck) -> None:
    assert compare_content(declared, head) is outcome
