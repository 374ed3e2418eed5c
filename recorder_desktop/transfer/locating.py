"""Lets an upload whose file is gone go on with one that a person points at, once it is known to be the same."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from recorder_desktop.core.errors import FileTouched, Interrupted, Refused, UploadError
from recorder_desktop.core.lifecycle import misses_its_file
from recorder_desktop.core.model import FileIdentity, Upload, UploadState
from recorder_desktop.core.parts import equal_parts
from recorder_desktop.core.ports import Lane
from recorder_desktop.core.recordings import content_type_of
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.source_file import read_identity


class Locator:
    """Compares files with what was sent, each on a thread of its own: a large one takes minutes to read."""

    def __init__(self, queue: LiveQueue, new_lane: Callable[[], Lane], on_located: Callable[[], None]) -> None:
        self._queue = queue
        self._new_lane = new_lane
        self._on_located = on_located
        self._stop = StopToken()

    def locate(self, upload_id: str, path: Path) -> Future[None]:
        """Have the upload go on with the file at `path`. The future raises core.errors; nothing has changed then."""
        done: Future[None] = Future()

        def run() -> None:
            try:
                self._locate(upload_id, path)
            except Interrupted:
                done.cancel()
                done.set_running_or_notify_cancel()  # until then futures.wait() does not count it as ended
            except Exception as exc:  # noqa: BLE001 - it reaches whoever asked, with its traceback
                done.set_exception(exc)
            else:
                done.set_result(None)

        # A daemon: one that a dead drive holds ends with the process.
        threading.Thread(target=run, name=f"locate-{upload_id}", daemon=True).start()
        return done

    def close(self) -> None:
        """Let go; nothing that is still being compared is taken."""
        self._stop.set()

    def _locate(self, upload_id: str, path: Path) -> None:
        upload = self._queue.get(upload_id)
        if upload is None or not misses_its_file(upload):
            raise Refused("This upload does not miss its file. Retry it where it stands.", code="not_missing")
        identity = read_identity(path)
        self._require_same(upload, path, identity)
        self._stop.check()
        located = self._queue.change(
            upload_id,
            lambda now: now == upload,
            path_text=str(path),
            identity=identity,
            content_type=content_type_of(path),
            state=UploadState.QUEUED,
            problem=None,
        )
        if located is None:
            raise Refused("The upload was changed meanwhile. Look at it again.", code="not_missing")
        self._on_located()

    def _require_same(self, upload: Upload, path: Path, identity: FileIdentity) -> None:
        """Raise Refused unless size and every part that the store has are those of this file."""
        if identity.size_bytes != upload.size_bytes:
            raise _other_file(upload, path, f"it has {identity.size_bytes} bytes instead of {upload.size_bytes}")
        if upload.remote is not None:
            lane = self._new_lane()
            plan = {part.number: part for part in equal_parts(upload.size_bytes, upload.remote.part_size_bytes)}
            for part in self._queue.parts(upload.id):
                digest = lane.digest(path, plan[part.number], self._stop, with_md5=False)
                if digest.crc64nvme != part.crc64nvme:
                    raise _other_file(upload, path, "its content differs from what was sent")
        if read_identity(path) != identity:
            raise FileTouched(f"“{path.name}” is being changed. Let the other program finish, then try again.")


def _other_file(upload: Upload, path: Path, difference: str) -> UploadError:
    return Refused(
        f"“{path.name}” is not the file that “{upload.file_name}” was: {difference}. "
        "Choose another one, or add this one as a recording of its own.",
        code="other_file",
    )
