"""Fetches a stored recording and proves it whole before it takes its name."""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

from recorder_desktop.client.error_mapping import store_error, store_errors
from recorder_desktop.client.network import USER_AGENT, connections_to
from recorder_desktop.core.errors import (
    FileUnreadable,
    Refused,
    TransientFailure,
    Unavailable,
    UploadGone,
    UrlRefused,
)
from recorder_desktop.core.model import StoredRecording

_BLOCK_SIZE_BYTES = 1024 * 1024
_TIMEOUT = urllib3.Timeout(connect=10.0, read=60.0)


def download(recording: StoredRecording, url: str, target: Path, on_received: Callable[[int], None]) -> None:
    """Write the recording to `target`, replacing what stands there only once size and checksum agree.

    Where a symlink leads is what is written; what is there and no file (a device, a pipe, a folder) is left alone.
    `on_received` is told the bytes as they come. Raises core.errors; nothing is tried a second time.
    """
    target = _writable_file(target)
    # A name of its own: one made from the target's could be another file's, another download's, or too long.
    partial = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with _fetch_errors(recording, urlsplit(url).hostname or "the store"):
            size_bytes, crc = _fetch(url, partial, target, on_received)
        _require_whole(recording, size_bytes, crc)
        with _writing(target):
            partial.replace(target)
    finally:
        with suppress(OSError):
            partial.unlink()


def _writable_file(target: Path) -> Path:
    """The file itself: replacing a name would put a file where a symlink, or as root a device, was."""
    real = Path(os.path.realpath(target))  # Path.resolve raises for symlinks in a circle
    if os.path.lexists(real) and not real.is_file():
        raise FileUnreadable(f"{target} is no file and was left alone. Name a file to write to.", code="not_a_file")
    return real


def _fetch(url: str, partial: Path, target: Path, on_received: Callable[[int], None]) -> tuple[int, int]:
    with (
        connections_to(url) as pool,
        closing(
            pool.request(
                "GET",
                url,
                headers={"User-Agent": USER_AGENT},
                preload_content=False,
                retries=False,
                redirect=False,
                timeout=_TIMEOUT,
            )
        ) as response,
    ):
        if response.status != 200:
            raise store_error(response.status, response.read(4096))
        return _save(response.stream(_BLOCK_SIZE_BYTES), partial, target, on_received)


def _save(
    blocks: Iterator[bytes], partial: Path, target: Path, on_received: Callable[[int], None]
) -> tuple[int, int]:
    from awscrt.checksums import crc64nvme

    size_bytes = crc = 0
    # Closing writes as well. What the network raises is no OSError: urllib3 has wrapped it.
    with _writing(target), partial.open("xb") as file:
        for block in blocks:
            crc = crc64nvme(block, crc)
            size_bytes += len(block)
            file.write(block)
            on_received(len(block))
    return size_bytes, crc


@contextmanager
def _fetch_errors(recording: StoredRecording, host: str) -> Iterator[None]:
    """As store_errors, but without its promise that things go on by themselves."""
    try:
        with store_errors(host):
            yield
    except (TransientFailure, Unavailable, UrlRefused, UploadGone) as exc:
        raise type(exc)(
            f"“{recording.file_name}” could not be fetched from {host}. Check the network, then fetch it again.",
            code=exc.code,
        ) from exc


def _require_whole(recording: StoredRecording, size_bytes: int, crc: int) -> None:
    checksum = base64.b64encode(crc.to_bytes(8, "big")).decode()
    if size_bytes != recording.size_bytes or recording.crc64nvme not in (None, checksum):
        raise Refused(
            f"“{recording.file_name}” arrived damaged and was not kept. Fetch it again.", code="damaged_in_transit"
        )


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        raise FileUnreadable(
            f"{path} could not be written ({reason}). Choose another place, or free some space.", code="not_writable"
        ) from exc
