"""What the desktop reads on this computer: settings, the local channel, ffprobe's answers, what the keyring holds."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any, cast

from hypothesis import strategies as st

from recorder_desktop.config import read_config
from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.own_bucket import kept_secrets
from recorder_desktop.headless.diagnostics import _settings
from recorder_desktop.headless.owner_service import OwnerService
from recorder_desktop.system import owner_channel
from recorder_desktop.system.media_probe import _as_duration, _longest
from recorder_desktop.system.owner_channel import OwnerChannel, _answers
from recorder_desktop.system.owner_wire import prove_as_caller
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile
from tests.fakes.recorder import FakeRecorder
from tests.fuzz.answers import JSON, TEXT, cut, damaged, json_like
from tests.fuzz.soundness import assert_sound
from tests.fuzz.targets import Target

SETTINGS = b"""server = "https://recorder.example.org"
[bucket]
name = "mine"
region = "eu-central-1"
[transfers]
limit = "unlimited; Mon-Fri 08:00-18:00 2 MB/s"
senders = 8
keep_awake = true
"""
KEYS = ("server", "bucket.name", "bucket.region", "transfers.limit", "transfers.senders", "window.geometry", "a.b.c")
FFPROBE = {"format": {"duration": "61.5"}, "streams": [{"duration": "61.4"}, {"codec_type": "audio"}]}
DEEP_TOML = st.sampled_from([100, 20_000]).map(lambda depth: b"a = " + b"[" * depth)
REQUESTS: list[dict[str, Any]] = [
    {"do": "add", "paths": ["/recordings/talk.mp4"], "directory": "", "folderId": None},
    {"do": "resume", "ids": ["u1"], "destination": "local", "token": None},
    {"do": "queue"},
    {"do": "pause", "ids": []},
    {"do": "locate", "id": "u1", "path": "/recordings/talk.mp4"},
    {"do": "library", "query": "", "destination": "local", "token": "t"},
    {"do": "link", "id": "f1"},
    {"do": "signed_in", "destination": "local"},
    {"do": "activate", "paths": []},
]


def _settings_file(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = RecorderPaths(Path(folder))
        paths.settings.write_bytes(content)
        settings = SettingsFile(paths.settings)
        for key in KEYS:
            assert_sound(settings.get(key))
        with suppress(UploadError):
            read_config({}, settings)
        assert_sound(dict(_settings(paths)))
        settings.set("window.close_action", "quit")
        settings.close()
        assert SettingsFile(paths.settings).get("window.close_action") == "quit"


class OneMessage:
    """A connection on which this comes, and then nothing."""

    def __init__(self, *messages: bytes) -> None:
        self._messages = list(messages)

    def __enter__(self) -> OneMessage:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def recv_bytes(self, limit: int) -> bytes:
        if not self._messages:
            raise EOFError
        return self._messages.pop(0)


def _owners_answer(message: bytes) -> None:
    with suppress(UploadError):
        for item in _answers(cast("Connection", OneMessage(message, message))):
            assert isinstance(item, dict)


def _request(message: bytes) -> None:
    """Whatever a caller says: the owner answers with objects and an end or an error, or hangs up, and goes on."""
    with tempfile.TemporaryDirectory() as folder:
        paths = RecorderPaths(Path(folder)).create()
        with closing(OwnerChannel(paths, OwnerService(FakeRecorder().as_recorder, lambda _paths: True).handle)):
            answers = list(_said_back(paths, message))
            if answers:
                assert set(answers[-1]) in ({"end"}, {"error"}), answers
            list(owner_channel.call_owner(paths, {"do": "queue"}))


def _said_back(paths: RecorderPaths, message: bytes) -> Iterator[dict[str, Any]]:
    card = json.loads(paths.owner_address.read_text())
    with Client(card["address"]) as connection:
        prove_as_caller(connection, bytes.fromhex(card["key"]))
        connection.send_bytes(message)
        with suppress(EOFError, ConnectionError):
            while True:
                assert connection.poll(10), "no answer"
                yield json.loads(connection.recv_bytes())


def _card(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = RecorderPaths(Path(folder))
        paths.owner_address.write_bytes(content)
        with suppress(UploadError):
            list(owner_channel.call_owner(paths, {"do": "queue"}))


def _ffprobe(told: Any) -> None:
    text = _longest(told)
    assert isinstance(text, str)
    assert_sound(_as_duration(text))


def _duration_line(line: str) -> None:
    assert_sound(_as_duration(line))


def _kept(text: str) -> None:
    assert_sound(kept_secrets(text))


TARGETS = [
    Target("settings file", st.one_of(cut(SETTINGS), st.binary(max_size=200), DEEP_TOML), _settings_file),
    Target("owner channel: answers", json_like({"item": {"id": "u1"}, "error": {"code": "c"}}), _owners_answer),
    Target("owner channel: requests", st.sampled_from(REQUESTS).flatmap(json_like), _request),
    Target(
        "owner channel: address",
        json_like({"address": f"/tmp/{secrets.token_hex(8)}/owner", "key": "00" * 32, "pid": 1}),
        _card,
    ),
    Target("ffprobe: what it tells the desktop", st.one_of(damaged(FFPROBE), JSON), _ffprobe),
    Target("ffprobe: the line of the program around it", TEXT, _duration_line),
    Target("keyring: keys of a bucket", json_like({"AWS_ACCESS_KEY": "a"}).map(lambda b: b.decode("latin-1")), _kept),
]
