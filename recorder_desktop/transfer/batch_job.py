"""Small files on their way together: opened in one call, sent each by itself, completed in calls for many.

Only what goes well is done here. Whatever does not, for one file or for all, leaves the file where it is, on disk and
at the backend: a job of its own takes it up there, as it would after a crash.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from recorder_desktop.core.digest import PartDigest, as_base64
from recorder_desktop.core.errors import Interrupted, UploadError
from recorder_desktop.core.model import (
    ChecksumAlgorithm,
    PartRange,
    RemoteUpload,
    StoredRecording,
    Upload,
    UploadState,
)
from recorder_desktop.core.ports import CompleteRequest, InitRequest, OpenedUpload, UploadBackend
from recorder_desktop.core.precedence import unhurried
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer.attempt import is_same_attempt, stored_before
from recorder_desktop.transfer.batch_phase import BatchPhase, PreparedFile, SentFile
from recorder_desktop.transfer.part_task import PartTask, PreparedPart
from recorder_desktop.transfer.services import Services
from recorder_desktop.transfer.source_file import SourceFile
from recorder_desktop.transfer.upload_job import require_verified

_log = logging.getLogger(__name__)


class BatchJob:
    """Carries new uploads of one destination to their end, all on one drive, each with a stop of its own.

    on_over is told of uploads that are over here, completed or not, while others are still at work. It is handed the
    job rather than knowing it: a circle would leave hundreds of objects to the garbage collector.

    Attributes:
        reads: the upload whose file its own thread reads.
        is_futile: the backend opens none together, so that there is no use in asking it again.
        retry_after_s: how long the backend asked to be left alone.
    """

    def __init__(
        self,
        uploads: Sequence[Upload],
        services: Services,
        stops: Mapping[str, StopToken],
        on_over: Callable[[BatchJob, Iterable[str]], None],
    ) -> None:
        self._uploads = uploads
        self._sources = {upload.id: SourceFile(upload.path, upload.identity) for upload in uploads}
        self._destination = uploads[0].destination
        self._services = services
        self._queue = services.queue
        self._stops = stops
        self._on_over = on_over
        self._lane = services.data_path.lane()
        self.reads = uploads[0].id
        self.is_futile = False
        self.retry_after_s = 0.0

    def waits_for_drive_s(self, now: float) -> float:
        """How long its thread has been waiting for a drive."""
        return self._lane.access.waits_s(now)

    def run(self) -> None:
        """Work until nothing is left that goes well."""
        try:
            self._upload()
        except Interrupted:
            _log.info("a batch of %d: let go", len(self._uploads))
        except UploadError as exc:
            self.is_futile = exc.code == "server_mismatch"
            self.retry_after_s = getattr(exc, "retry_after_s", None) or 0.0
            if self.retry_after_s:
                self._services.status.lost(self._destination, exc)
            _log.info("a batch of %d goes on one by one: %s", len(self._uploads), exc.code)
        except Exception:  # noqa: BLE001 - the thread's top; each upload's own job meets it again
            _log.exception("a batch of %d goes on one by one: unexpected", len(self._uploads))

    def _upload(self) -> None:
        self._services.status.starting(self._destination)
        connection = self._services.destinations.connect(self._destination)
        owner = connection.signed_in_as()
        backend = connection.on_behalf_of(owner)
        digests = self._digests()
        # Durable before the backend is asked to open anything: from here on, giving up means an abort.
        beginning = {"state": UploadState.UPLOADING, "problem": None, "maybe_open": True, "owner": owner}
        begun = self._change({upload.id: beginning for upload in self._uploads if upload.id in digests})
        files = self._open(begun, digests, backend) if begun else []
        if files:
            self._send(files, backend)

    def _digests(self) -> dict[str, PartDigest]:
        """The checksums of the files, by upload, but for those that cannot be read as they were queued."""
        uploads = unhurried(self._uploads)
        return {upload.id: digest for upload in uploads if (digest := self._digest(upload)) is not None}

    def _digest(self, upload: Upload) -> PartDigest | None:
        whole = PartRange(1, 0, upload.size_bytes)
        try:
            self._check(upload)
            return self._lane.digest(self._sources[upload.id].path, whole, self._stops[upload.id], with_md5=False)
        except (UploadError, Interrupted) as exc:
            _log.info("upload %s goes on by itself: %s", upload.id, type(exc).__name__)
            return None

    def _check(self, upload: Upload) -> None:
        self.reads = upload.id
        with self._lane.access:
            self._sources[upload.id].check()

    def _open(
        self, uploads: Sequence[Upload], digests: Mapping[str, PartDigest], backend: UploadBackend
    ) -> list[PreparedFile]:
        """The files that have their URL."""
        requests = [self._request(upload, digests[upload.id]) for upload in unhurried(uploads)]
        answers = backend.init_uploads(requests)
        self._services.status.reached(self._destination)
        opened = {
            upload.id: answer
            for upload, answer in zip(uploads, answers, strict=True)
            if isinstance(answer, OpenedUpload)
        }
        signed = {upload_id: each for upload_id, each in opened.items() if 1 in each.signed}
        self.is_futile = bool(opened) and not signed
        parts = {
            upload_id: PreparedPart.of(digests[upload_id], each.signed[1])
            for upload_id, each in unhurried(signed.items())
        }
        # Their keys are durable before the first byte goes out.
        begun = self._change({upload_id: {"remote": each.remote} for upload_id, each in signed.items()})
        return [self._prepared(upload, parts[upload.id], backend) for upload in unhurried(begun)]

    def _request(self, upload: Upload, digest: PartDigest) -> InitRequest:
        hint = self._services.part_size_hint(upload)
        return InitRequest.of(upload, hint, [digest.to_sign(ChecksumAlgorithm.CRC64NVME)])

    def _prepared(self, upload: Upload, part: PreparedPart, backend: UploadBackend) -> PreparedFile:
        task = PartTask(
            source=self._sources[upload.id],
            remote=_remote_of(upload),
            backend=backend,
            concurrency=self._services.concurrency,
            progress=self._queue.progress(upload.id),
            on_moved=lambda count: self._moved(upload.id, count),
        )
        return PreparedFile(upload, task, part, self._stops[upload.id])

    def _moved(self, upload_id: str, size_bytes: int) -> None:
        self._services.uplinks.moved(self._destination, size_bytes)
        self._queue.moved(upload_id)

    def _send(self, files: Sequence[PreparedFile], backend: UploadBackend) -> None:
        phase = BatchPhase(files)
        withdraw = [file.stop.on_stop(phase.stopped) for file in files]
        began = time.monotonic()
        self._services.scheduler.add(phase)
        try:
            while (outcome := phase.outcome()) is not None:
                self._on_over(self, [file.upload.id for file in outcome.left])
                self._complete(outcome.sent, backend)
                self._on_over(self, [each.file.upload.id for each in outcome.sent])
        finally:
            self._services.scheduler.remove(phase)
            phase.wait_for_senders()  # a job of its own would send the same bytes beside them
            for each in withdraw:
                each()
        self._services.uplinks.note(self._destination, began)

    def _complete(self, sent: Sequence[SentFile], backend: UploadBackend) -> None:
        untouched = [each for each in unhurried(sent) if self._is_untouched(each.file.upload)]
        wanted = [each for each in untouched if not each.file.stop.is_set()]
        if not wanted:
            return
        self._queue.confirm_parts({each.file.upload.id: each.part for each in wanted})
        answers = backend.complete_uploads([_to_complete(each) for each in wanted])
        stored = {
            each.file.upload.id: fields
            for each, answer in unhurried(zip(wanted, answers, strict=True))
            if (fields := _completed(each, answer)) is not None
        }
        begun = {each.file.upload.id: each.file.upload for each in wanted}
        # Stored is stored, whatever else was asked meanwhile.
        changed = self._queue.change_together(stored, lambda now: is_same_attempt(begun[now.id])(now))
        for upload in changed:
            if upload.forgotten:
                self._queue.delete([upload.id])
                self._services.emit(stored_before(upload))

    def _is_untouched(self, upload: Upload) -> bool:
        try:
            self._check(upload)
        except UploadError as exc:
            _log.info("upload %s goes on by itself: %s", upload.id, exc.code)
            return False
        return True

    def _change(self, wanted: Mapping[str, Mapping[str, Any]]) -> list[Upload]:
        return self._queue.change_together(wanted, lambda upload: not self._stops[upload.id].is_set())


def _remote_of(upload: Upload) -> RemoteUpload:
    if upload.remote is None:
        raise ValueError(f"upload {upload.id} is not open")
    return upload.remote


def _to_complete(sent: SentFile) -> CompleteRequest:
    remote = sent.file.task.remote
    is_declared = remote.checksum_algorithm is ChecksumAlgorithm.CRC64NVME
    crc = as_base64(sent.part.crc64nvme) if is_declared else None
    return CompleteRequest(remote, sent.file.upload, [sent.part], crc)


def _completed(sent: SentFile, answer: StoredRecording | UploadError) -> dict[str, Any] | None:
    """What changes about an upload that is stored and verified; None if it is not."""
    upload, crc = sent.file.upload, as_base64(sent.part.crc64nvme)
    if isinstance(answer, UploadError):
        _log.info("upload %s goes on by itself: %s", upload.id, answer.code)
        return None
    try:
        require_verified(upload, answer, crc)
    except UploadError as exc:
        _log.info("upload %s goes on by itself: %s", upload.id, exc.code)
        return None
    return {
        "state": UploadState.COMPLETED,
        "problem": None,
        "bytes_confirmed": upload.size_bytes,
        "recording": replace(answer, crc64nvme=crc),
        "maybe_open": False,
    }
