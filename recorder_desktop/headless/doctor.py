"""Looks at everything an upload needs and says of each whether it is well and, if not, what to do."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from recorder_desktop import __version__
from recorder_desktop.config import LOCAL, DesktopConfig, describe
from recorder_desktop.core.addresses import is_readable_on_the_way
from recorder_desktop.core.errors import UploadError
from recorder_desktop.headless.diagnostics import write_bundle
from recorder_desktop.headless.owner import ask
from recorder_desktop.headless.report import printable
from recorder_desktop.system.paths import RecorderPaths, free_bytes
from recorder_desktop.system.token_store import TokenStore

_LITTLE_ROOM_BYTES = 1 << 30
_MOST_COUNTED = 100
"""Recordings; a page of them. To count a large library would take minutes."""

Finding = tuple[bool, str]


def doctor(paths: RecorderPaths, config: DesktopConfig, bundle: Path | None = None) -> int:
    """Print a line a check; returns 0 when all is well, else 1. `bundle`: where to pack the diagnostics."""
    found = []
    for finding in findings(paths, config):
        found.append(finding)
        print(printable(line(finding)))
    if bundle is not None:
        write_bundle(bundle, paths, config, [line(each) for each in found])
        print(
            printable(f"The diagnostics are in {bundle}, without secrets. Look through them before you pass them on.")
        )
    return 0 if all(fine for fine, _ in found) else 1


def findings(paths: RecorderPaths, config: DesktopConfig) -> Iterator[Finding]:
    """Look at one thing after the other."""
    for check in (_versions, _home, _queue, _room, _ffprobe, _encryption, _keyring, _destination):
        yield from check(paths, config)


def line(finding: Finding) -> str:
    """A finding as it is printed."""
    fine, text = finding
    return f"{'ok     ' if fine else 'problem'}  {text}"


def _versions(_paths: RecorderPaths, _config: DesktopConfig) -> Iterator[Finding]:
    yield True, f"Recorder {__version__}, Python {platform.python_version()}, {platform.platform()}"


def _home(paths: RecorderPaths, _config: DesktopConfig) -> Iterator[Finding]:
    try:
        paths.create()
        closed = sys.platform == "win32" or paths.home.stat().st_mode & 0o077 == 0
    except OSError as exc:
        yield False, f"{paths.home} cannot be used ({exc.strerror}). Make it writable, or set RECORDER_HOME."
        return
    yield closed, f"State is kept in {paths.home}" + ("" if closed else ", which others can read. Close it to them.")


def _queue(paths: RecorderPaths, _config: DesktopConfig) -> Iterator[Finding]:
    if not paths.queue_database.exists():
        yield True, "The queue is empty"
        return
    try:
        with closing(sqlite3.connect(f"{paths.queue_database.as_uri()}?mode=ro", uri=True)) as database:
            verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
            count = database.execute("SELECT count(*) FROM uploads WHERE NOT forgotten").fetchone()[0]
    except sqlite3.Error as exc:
        verdict, count = str(exc), 0
    fine = verdict == "ok"
    yield fine, f"The queue holds {count} uploads" if fine else f"The queue is damaged ({verdict}). Start Recorder."


def _room(paths: RecorderPaths, _config: DesktopConfig) -> Iterator[Finding]:
    room = free_bytes(paths.home)
    if room is not None:
        advice = "" if room > _LITTLE_ROOM_BYTES else ". Free some space."
        yield not advice, f"{room / 2**30:.1f} GiB are free for state{advice}"


def _ffprobe(_paths: RecorderPaths, _config: DesktopConfig) -> Iterator[Finding]:
    found = shutil.which("ffprobe")
    yield (
        found is not None,
        (f"ffprobe is {found}" if found else "ffprobe is missing, so playing times stay unknown. Install ffmpeg."),
    )


def _encryption(_paths: RecorderPaths, config: DesktopConfig) -> Iterator[Finding]:
    if config.server is not None and is_readable_on_the_way(config.server):
        yield False, f"{config.server} is not encrypted. Use https://, unless you trust the whole way there."


def _keyring(_paths: RecorderPaths, config: DesktopConfig) -> Iterator[Finding]:
    if config.server is None:
        return
    if config.token:
        yield True, "The sign-in comes from RECORDER_TOKEN"
        return
    tokens = TokenStore()
    signed_in = tokens.get(config.server) is not None
    if tokens.notice is not None:
        yield False, tokens.notice
    else:
        yield signed_in, "Signed in" if signed_in else "Not signed in. Use “recorder-desktop login”."


def _destination(paths: RecorderPaths, config: DesktopConfig) -> Iterator[Finding]:
    place = describe(config.destination)
    try:
        request = {"do": "library", "query": "", "destination": config.destination, "token": config.token}
        with closing(ask(paths, config, request, uploading=False)) as listed:
            count = sum(1 for _ in islice(listed, _MOST_COUNTED + 1))
    except UploadError as exc:
        yield False, f"{place}: {exc.message}"
        return
    stored = f"more than {_MOST_COUNTED}" if count > _MOST_COUNTED else str(count)
    yield True, f"{place}: reached, {stored} recordings are stored"
    if config.destination == LOCAL:
        yield True, "Local mode: nothing leaves this computer. Set RECORDER_SERVER or S3_BUCKET to share."
