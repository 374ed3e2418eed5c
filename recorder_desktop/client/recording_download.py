"""Fetches a stored recording and proves it whole before it takes its name."""

from __future__ import annotations

import base64
import errno
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

from recorder_desktop.client.error_mapping import store_error, store_errors
from recorder_desktop.client.network import USER_AGENT, connections_to
from recorder_desktop.client.partial_file import hold, partial_file
from recorder_desktop.core.errors import (
    FileUnreadable,
    Refused,
    TransientFailure,
    Unavailable,
    UploadGone,
    UrlRefused,
)
from recorder_desktop.core.library import DownloadedFile
from recorder_desktop.core.model import StoredRecording
from recorder_desktop.core.recordings import file_name_here

_BLOCK_SIZE_BYTES = 1024 * 1024
_TIMEOUT = urllib3.Timeout(connect=10.0, read=60.0)


def download(
    recording: StoredRecording, url: str, target: Path, on_received: Callable[[int], None]
) -> DownloadedFile:
    """Write the recording to `target`, replacing what stands there only once size and checksum agree.

    Where a symlink leads is what is written; what is there and no file (a device, a pipe, a folder) is left alone.
    `on_received` is told the bytes as they come. Raises core.errors; nothing is tried a second time.
    """
    real = _writable_file(target)
    with partial_file(real.parent) as partial:
        checksum_agreed = _fetch_whole(recording, url, partial, real, on_received)
        with _writing(real):
            partial.replace(real)
    return DownloadedFile(target, checksum_agreed)


def download_into(
    recording: StoredRecording, url: str, folder: Path, on_received: Callable[[int], None]
) -> DownloadedFile:
    """As `download`, under the recording's name in `folder`, with a number where something there has that name."""
    named = folder / file_name_here(recording.file_name, recording.file_id)
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)  # the folder for downloads is one that nobody made yet, perhaps
    with partial_file(folder) as partial:
        checksum_agreed = _fetch_whole(recording, url, partial, named, on_received)
        with _writing(named):
            target = _named_freely(partial, recording, folder)
    return DownloadedFile(target, checksum_agreed)


def _named_freely(partial: Path, recording: StoredRecording, folder: Path) -> Path:
    """Give a whole file the first name that nothing in `folder` has.

    The name is taken by an empty file, made for that: a rename replaces, and not all file systems have links.
    """
    names = (folder / file_name_here(recording.file_name, recording.file_id, number) for number in count(1))
    target = next(name for name in names if _is_made(name))
    try:
        return partial.replace(target)
    except OSError:
        target.unlink()
        raise


def _is_made(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _writable_file(target: Path) -> Path:
    """The file itself: replacing a name would put a file where a symlink, or as root a device, was."""
    real = Path(os.path.realpath(target))  # Path.resolve raises for symlinks in a circle
    with _writing(target):  # what can have no file is told now, and not when all has arrived
        is_there = _is_there(real)
    if is_there and not real.is_file():
        raise FileUnreadable(f"{target} is no file and was left alone. Name a file to write to.", code="not_a_file")
    return real


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _fetch_whole(
    recording: StoredRecording, url: str, partial: Path, target: Path, on_received: Callable[[int], None]
) -> bool:
    """Fill `partial`; whether a checksum was compared, and not the size alone."""
    with _fetch_errors(recording, urlsplit(url).hostname or "the store"):
        size_bytes, crc = _fetch(url, partial, target, on_received)
    _require_whole(recording, size_bytes, crc)
    return recording.crc64nvme is not None


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
        hold(file)
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
        raise FileUnreadable(f"{path} could not be written ({reason}). {_way_out(exc)}", code="not_writable") from exc


def _way_out(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "Free some space, then fetch it again."
        case errno.ENAMETOOLONG:
            return "Choose a shorter name."
        case errno.EFBIG:
            return "Choose a disk that takes files of this size."
        case _:
            return "Choose another place."
