"""The life of one upload, step by step, on a thread of its own: open, reconcile, send, complete, verified."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from recorder_desktop.core.concurrency import NEAR_START
from recorder_desktop.core.digest import PartDigest, as_base64
from recorder_desktop.core.errors import (
    AlreadyCompleted,
    ErrorKind,
    Interrupted,
    NeedsPerson,
    PartsMismatch,
    RecordingGone,
    Refused,
    StoreFull,
    UploadError,
)
from recorder_desktop.core.events import Notice
from recorder_desktop.core.model import (
    ChecksumAlgorithm,
    ConfirmedPart,
    PartRange,
    RemotePart,
    RemoteUpload,
    StoredRecording,
    Upload,
    UploadState,
)
from recorder_desktop.core.part_size import expected_part_size
from recorder_desktop.core.parts import PartPlan, equal_parts
from recorder_desktop.core.ports import InitRequest, UploadBackend
from recorder_desktop.core.resume import reconcile
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path.checksum import combined_crc64nvme
from recorder_desktop.transfer.attempt import from_zero, is_same_attempt, stored_before
from recorder_desktop.transfer.live_queue import problem_of
from recorder_desktop.transfer.part_phase import PartPhase
from recorder_desktop.transfer.part_task import PartTask, PreparedPart
from recorder_desktop.transfer.services import Services
from recorder_desktop.transfer.source_file import SourceFile, read_identity
from recorder_desktop.transfer.steps import Steps
from recorder_desktop.transfer.stored_checks import is_still_there

_log = logging.getLogger(__name__)

UNKNOWN_ETAG = "unknown"
"""Stands for an ETag that was lost. A backend that has the upload complete does not look at it; any other refuses."""

MAX_RECOVERIES = 5
"""Restarts, re-hashes and resends of one run before the person is asked."""

STORE_RESERVE_BYTES = 1 << 30
"""A store on this computer that fails again and again while no more than this is free has no room left: SeaweedFS
takes nothing new unless a whole volume fits, which has 64 MiB to 1 GiB, by the size of the disk."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """An upload that parts can be sent to. upload: the row, as it is since then. prepared: parts whose URLs came with
    the opening."""

    upload: Upload
    remote: RemoteUpload
    is_new: bool
    prepared: Sequence[PreparedPart] = ()


class UploadJob:
    """Carries one upload to its end, or to where it must wait. `stop` makes it let go; the queue keeps everything."""

    def __init__(self, upload_id: str, services: Services, stop: StopToken) -> None:
        self._id = upload_id
        self._services = services
        self._queue = services.queue
        self._stop = stop
        self._steps = Steps(upload_id, services, stop)
        self._lane = services.data_path.lane()

    def waits_for_drive_s(self, now: float) -> float:
        """How long its thread has been waiting for a drive."""
        return self._lane.access.waits_s(now)

    def run(self) -> None:
        """Work until the upload is completed, stopped or stuck; its state in the queue says which."""
        try:
            self._recovering()
        except Interrupted:
            _log.info("upload %s: let go", self._id)
        except UploadError as exc:
            _log.warning("upload %s: %s: %s", self._id, exc.code, exc)
            self._stuck(exc)
        except Exception as exc:  # noqa: BLE001 - the thread's top; logged with its traceback
            _log.exception("upload %s: unexpected", self._id)
            self._stuck(NeedsPerson(f"Recorder has a fault ({type(exc).__name__}). Retry, and please report it."))

    def _recovering(self) -> None:
        for round_ in range(MAX_RECOVERIES + 1):
            try:
                self._upload()
            except UploadError as exc:
                if round_ == MAX_RECOVERIES or not self._recover(exc):
                    raise
                _log.info("upload %s: goes on after %s", self._id, exc.code)
            else:
                return

    def _recover(self, error: UploadError) -> bool:
        """Put the upload in order for another round; False if there is nothing that a new round would change."""
        match error.kind:
            case ErrorKind.RESTART:
                self._restart()
                name = self._present().file_name
                self._services.emit(Notice(error.message if name in error.message else f"{name}: {error.message}"))
            case ErrorKind.SETTLE:
                # From zero already now: the next job finds out by the size whether it still grows.
                self._restart()
                return False
            case ErrorKind.REHASH:
                self._rehash()
            case ErrorKind.RESEND if isinstance(error, PartsMismatch) and error.part_numbers:
                kept = [part for part in self._queue.parts(self._id) if part.number not in error.part_numbers]
                self._queue.replace_parts(self._id, kept)
            case _:
                return False
        return True

    # --- the road ------------------------------------------------------------------------------------------------

    def _upload(self) -> None:
        upload = self._present()
        source = SourceFile(upload.path, upload.identity)
        self._check(source)
        connection = self._steps.connected(upload.destination, lambda: self._connect(upload))
        owner = upload.owner if upload.owner is not None else connection.signed_in_as()
        backend = connection.on_behalf_of(owner)
        if upload.recording is not None:
            self._confirm(upload, backend)
            return
        # Durable before the backend is asked to open anything: from here on, giving up means an abort.
        upload = self._set(state=UploadState.UPLOADING, problem=None, maybe_open=True, owner=owner)
        opened = self._open(upload, source, backend)
        upload = opened.upload
        try:
            self._send_parts(upload, source, backend, opened)
        except AlreadyCompleted:
            _log.info("upload %s: was completed before its answer arrived", self._id)
        self._complete(upload, source, backend, opened.remote)

    def _confirm(self, upload: Upload, backend: UploadBackend) -> None:
        """Ask about a recording that was stored once. Raises RecordingGone where it is to be uploaded again."""
        if not self._steps.steadily(upload.destination, lambda: is_still_there(backend, upload)):
            raise RecordingGone("What was stored of it is not in the store any more. It is uploaded again.")
        self._set(state=UploadState.COMPLETED, problem=None)

    def _connect(self, upload: Upload) -> UploadBackend:
        self._services.status.starting(upload.destination)
        # First: without room nothing on this computer could even be started.
        if not self._has_room(upload, reserve_bytes=0):
            raise _no_room(upload)
        return self._services.destinations.connect(upload.destination)

    def _has_room(self, upload: Upload, reserve_bytes: int) -> bool:
        room = self._services.destinations.room_bytes(upload.destination)
        return room is None or upload.size_bytes - upload.bytes_confirmed + reserve_bytes <= room

    def _open(self, upload: Upload, source: SourceFile, backend: UploadBackend) -> _Opened:
        if upload.remote is not None:
            return _Opened(upload, upload.remote, is_new=False)
        hint = self._services.part_size_hint(upload)
        first = self._first_digests(upload, source, hint)
        found = self._found_again(upload, backend, first)
        upload = found or upload
        signed_for = [digest.to_sign(ChecksumAlgorithm.CRC64NVME) for digest in first]
        request = InitRequest.of(upload, hint, signed_for)
        opened = self._steps.steadily(upload.destination, lambda: backend.init_upload(request))
        # Key and part size are durable before part 1: no other part may ever be cut differently.
        upload = self._set(remote=opened.remote)
        if found is not None:
            return _Opened(upload, opened.remote, is_new=False)
        prepared = [
            PreparedPart.of(digest, opened.signed[digest.part.number])
            for digest in first
            if digest.part.number in opened.signed
        ]
        return _Opened(upload, opened.remote, is_new=True, prepared=prepared)

    def _found_again(self, upload: Upload, backend: UploadBackend, first: Sequence[PartDigest]) -> Upload | None:
        """The upload under the name that a lost queue gave it, None where no queue was lost or nothing is open."""
        is_one_part = sum(digest.part.size_bytes for digest in first) == upload.size_bytes
        lost = self._services.lost
        if not lost.is_looked_for or is_one_part:
            return None
        listed = self._steps.steadily(upload.destination, backend.open_uploads)
        return lost.take(upload, listed, lambda client_upload_id: self._set(client_upload_id=client_upload_id))

    def _first_digests(self, upload: Upload, source: SourceFile, hint: int | None) -> list[PartDigest]:
        """The first part as the backend will most likely cut it: init's answer then brings its URL."""
        first = equal_parts(upload.size_bytes, expected_part_size(upload.size_bytes, hint)).parts[0]
        self._check(source)
        return [self._lane.digest(upload.path, first, self._stop, with_md5=False)]

    def _send_parts(self, upload: Upload, source: SourceFile, backend: UploadBackend, opened: _Opened) -> None:
        remote = opened.remote
        plan = equal_parts(upload.size_bytes, remote.part_size_bytes)
        due = plan.parts if opened.is_new else self._reconcile(upload, plan, backend, remote)
        if not due:
            return
        task = PartTask(
            source=source,
            remote=remote,
            backend=backend,
            concurrency=self._services.concurrency,
            progress=self._queue.progress(self._id),
            on_moved=lambda count: self._moved(upload.destination, count),
        )
        phase = PartPhase(
            upload_id=self._id,
            position=upload.position,
            parts=due,
            prepared=opened.prepared,
            task=task,
            sign=lambda digests: self._steps.steadily(upload.destination, lambda: task.sign(digests)),
            stop=self._stop,
            backoff=self._services.backoff,
            on_ready=self._services.scheduler.ready,
            on_confirmed=lambda part: self._confirmed(upload, part),
            on_trouble=lambda error: self._part_trouble(upload, error),
            on_recovered=lambda: self._steps.recovered(upload.destination),
        )
        if len(due) > 1 and self._services.destinations.is_near(upload.destination):
            self._services.concurrency.begin_with(NEAR_START)
        began = time.monotonic()
        self._services.scheduler.add(phase)
        there = upload.size_bytes - sum(part.size_bytes for part in due)
        self._services.reports.begin(self._id, backend, remote, there)
        try:
            phase.run(self._lane)
        finally:
            self._services.reports.end(self._id)
            self._services.scheduler.remove(phase)
        self._services.uplinks.note(upload.destination, began)

    def _confirmed(self, upload: Upload, part: ConfirmedPart) -> None:
        total = self._queue.confirm_part(self._id, part)
        # The last part is followed by complete, which says as much.
        if total < upload.size_bytes:
            self._services.reports.confirmed(self._id, total)

    def _moved(self, destination: str, size_bytes: int) -> None:
        self._services.uplinks.moved(destination, size_bytes)
        self._queue.moved(self._id)

    def _part_trouble(self, upload: Upload, error: UploadError) -> None:
        # A store that is away, or busy, is another matter.
        if error.kind is ErrorKind.RETRY and not self._has_room(upload, STORE_RESERVE_BYTES):
            raise _no_room(upload)
        self._steps.in_trouble(upload.destination, error)

    def _reconcile(
        self, upload: Upload, plan: PartPlan, backend: UploadBackend, remote: RemoteUpload
    ) -> Sequence[PartRange]:
        """Bring this computer's list of parts in line with the store's; returns the parts that remain to be sent."""
        held = self._steps.steadily(upload.destination, lambda: backend.list_parts(remote))
        resume = reconcile(plan, self._queue.parts(self._id), held)
        adopted = [found for part, there in resume.verify if (found := self._verify(upload, part, there))]
        kept = sorted((*resume.keep, *adopted), key=lambda part: part.number)
        self._stop.check()  # a drive may have held this thread until somebody else took over
        self._queue.replace_parts(self._id, kept)
        confirmed = {part.number for part in kept}
        return [part for part in plan if part.number not in confirmed]

    def _verify(self, upload: Upload, part: PartRange, there: RemotePart) -> ConfirmedPart | None:
        """The part as confirmed if the store's bytes are the file's, else None."""
        digest = self._lane.digest(upload.path, part, self._stop, with_md5=True)
        if there.crc64nvme == digest.crc64nvme_base64 or (
            there.crc64nvme is None and digest.matches_etag(there.etag)
        ):
            return ConfirmedPart(part.number, part.size_bytes, there.etag, digest.crc64nvme)
        return None

    def _complete(self, upload: Upload, source: SourceFile, backend: UploadBackend, remote: RemoteUpload) -> None:
        self._stop.check()
        # Not written down: a new start begins with the parts anyway.
        self._queue.show(self._id, self._unstopped, state=UploadState.FINALISING, problem=None)
        self._check(source)
        parts = self._all_parts(upload, remote)
        crc = as_base64(combined_crc64nvme(parts))
        declared = crc if remote.checksum_algorithm is ChecksumAlgorithm.CRC64NVME else None
        recording = self._steps.steadily(
            upload.destination, lambda: backend.complete_upload(remote, upload, parts, declared)
        )
        require_verified(upload, recording, crc)
        stored = self._queue.change(
            self._id,
            is_same_attempt(upload),  # stored is stored, whatever else was asked meanwhile
            state=UploadState.COMPLETED,
            problem=None,
            bytes_confirmed=upload.size_bytes,
            recording=replace(recording, crc64nvme=crc),
            maybe_open=False,
        )
        if stored is not None and stored.forgotten:
            self._queue.delete([self._id])
            self._services.emit(stored_before(upload))

    def _all_parts(self, upload: Upload, remote: RemoteUpload) -> list[ConfirmedPart]:
        """The confirmed parts; those whose confirmation was lost with an upload that is complete are read again."""
        known = {part.number: part for part in self._queue.parts(self._id)}
        return [
            known[part.number] if part.number in known else self._read_again(upload, part)
            for part in equal_parts(upload.size_bytes, remote.part_size_bytes)
        ]

    def _read_again(self, upload: Upload, part: PartRange) -> ConfirmedPart:
        digest = self._lane.digest(upload.path, part, self._stop, with_md5=False)
        return ConfirmedPart(part.number, part.size_bytes, UNKNOWN_ETAG, digest.crc64nvme)

    # --- recoveries ----------------------------------------------------------------------------------------------

    def _restart(self) -> None:
        path = self._present().path
        with self._lane.access:
            identity = read_identity(path)
        if self._queue.restart(self._id, self._unstopped, lambda upload: from_zero(upload, identity)) is None:
            raise Interrupted

    def _rehash(self) -> None:
        """Keep the confirmed parts that the file, as it is now, still holds, and take its new identity."""
        upload = self._present()
        with self._lane.access:
            identity = read_identity(upload.path)
        kept: list[ConfirmedPart] = []
        if upload.remote is not None:
            ranges = {part.number: part for part in equal_parts(upload.size_bytes, upload.remote.part_size_bytes)}
            for part in self._queue.parts(self._id):
                digest = self._lane.digest(upload.path, ranges[part.number], self._stop, with_md5=False)
                if digest.crc64nvme == part.crc64nvme:
                    kept.append(part)
        self._stop.check()  # as above
        self._queue.replace_parts(self._id, kept)
        self._set(identity=identity)

    def _stuck(self, error: UploadError) -> None:
        waits = error.kind in (ErrorKind.SIGN_IN, ErrorKind.SETTLE)
        state = UploadState.WAITING if waits else UploadState.ATTENTION
        upload = self._queue.get(self._id)
        if upload is None:
            return
        if error.kind is ErrorKind.SIGN_IN:
            self._services.status.sign_in(upload.destination, error)
        # In memory first: when the disk is full, the person must see why even though it cannot be written down.
        self._queue.show(self._id, self._unstopped, state=state, problem=problem_of(error))
        try:
            self._queue.change(self._id, self._unstopped, state=state, problem=problem_of(error))
        except UploadError as exc:
            _log.warning("upload %s: its state could not be written: %s", self._id, exc.code)

    # -----------------------------------------------------------------------------------------------------------

    def _set(self, **fields: Any) -> Upload:
        changed = self._queue.change(self._id, self._unstopped, **fields)
        if changed is None:
            raise Interrupted
        return changed

    def _check(self, source: SourceFile) -> None:
        with self._lane.access:
            source.check()

    def _present(self) -> Upload:
        upload = self._queue.get(self._id)
        if upload is None:
            raise Interrupted
        return upload

    def _unstopped(self, _upload: Upload) -> bool:
        return not self._stop.is_set()


def _no_room(upload: Upload) -> StoreFull:
    return StoreFull(
        f"This computer's disk has no room for a stored copy of “{upload.file_name}”. "
        "Free some space, or point Recorder at a server or bucket, then retry."
    )


def require_verified(upload: Upload, recording: StoredRecording, crc: str) -> None:
    """Raise Refused unless what is stored has the file's size and, where it is known, its checksum (base64)."""
    if recording.size_bytes != upload.size_bytes or recording.crc64nvme not in (None, crc):
        raise Refused(
            f"What the store holds of “{upload.file_name}” is not what was sent. Keep your copy and retry.",
            code="not_verified",
        )
