"""Fetches a stored recording and proves it whole before it takes its name."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

from recorder_desktop.client.error_mapping import store_error, store_errors
from recorder_desktop.client.network import USER_AGENT, proxy_for, tls_context
from recorder_desktop.core.errors import FileUnreadable, Refused
from recorder_desktop.core.model import StoredRecording

_BLOCK_SIZE_BYTES = 1024 * 1024
_TIMEOUT = urllib3.Timeout(connect=10.0, read=60.0)


def download(recording: StoredRecording, url: str, target: Path, on_received: Callable[[int], None]) -> None:
    """Write the recording to `target`, replacing what stands there only once size and checksum agree.

    `on_received` is told the bytes as they come. Raises core.errors.
    """
    partial = target.with_name(target.name + ".part")
    try:
        with store_errors(urlsplit(url).hostname or "the store"):
            size_bytes, crc = _fetch(url, partial, on_received)
        _require_whole(recording, size_bytes, crc)
        with _writing(target):
            partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _fetch(url: str, partial: Path, on_received: Callable[[int], None]) -> tuple[int, int]:
    from awscrt.checksums import crc64nvme

    response = _pool(url).request(
        "GET", url, headers={"User-Agent": USER_AGENT}, preload_content=False, redirect=False, timeout=_TIMEOUT
    )
    if response.status != 200:
        raise store_error(response.status, response.read(4096))
    size_bytes = crc = 0
    with _writing(partial):
        file = partial.open("wb")
    with file:
        for block in response.stream(_BLOCK_SIZE_BYTES):
            crc = crc64nvme(block, crc)
            size_bytes += len(block)
            with _writing(partial):
                file.write(block)
            on_received(len(block))
    return size_bytes, crc


def _pool(url: str) -> urllib3.PoolManager:
    proxy = proxy_for(url)
    if proxy:
        return urllib3.ProxyManager(proxy, ssl_context=tls_context())
    return urllib3.PoolManager(ssl_context=tls_context())


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
