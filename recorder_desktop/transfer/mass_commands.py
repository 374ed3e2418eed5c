"""What a person asks of uploads, however many: carried out in lots that share a commit each. Control thread only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.lifecycle import Command, allows
from recorder_desktop.core.model import FileIdentity, Upload, UploadState
from recorder_desktop.core.precedence import unhurried
from recorder_desktop.transfer.attempt import from_zero
from recorder_desktop.transfer.drive_watch import PatientDrive
from recorder_desktop.transfer.job_runner import JobRunner
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.source_file import read_identity

LOT = 500
"""Uploads changed with one commit: enough that commits cost next to nothing, and few enough that the window shows
how far a command has come ten times a second."""


class MassCommands:
    """Pause, resume, cancel, retry and remove. drive: asked for files, with patience for one that does not answer."""

    def __init__(self, queue: LiveQueue, jobs: JobRunner, drive: PatientDrive) -> None:
        self._queue = queue
        self._jobs = jobs
        self._drive = drive
        self._actions: dict[Command, Callable[[Sequence[Upload]], None]] = {
            Command.PAUSE: lambda lot: self._set(lot, Command.PAUSE, UploadState.PAUSED),
            Command.RESUME: lambda lot: self._set(lot, Command.RESUME, UploadState.QUEUED),
            Command.CANCEL: lambda lot: self._set(lot, Command.CANCEL, UploadState.CANCELLED),
            Command.RETRY: self._retry,
            Command.REMOVE: self._remove,
        }

    def carry_out(self, command: Command, upload_ids: Sequence[str] | None) -> None:
        """Do it to these, or with None to all that the command is for; those it makes no sense for are left alone.

        Raises the first UploadError that was met, when all others have been seen to: one file that is away, or a
        lot that could not be written, does not keep the command from the rest.
        """
        chosen = self._chosen(command, upload_ids)
        for upload in unhurried(chosen):  # all that is at work lets go now, whichever lot its row belongs to
            self._let_go(command, upload.id)
        failures: list[UploadError] = []
        for lot in _lots(chosen):
            try:
                self._actions[command](lot)
            except UploadError as exc:
                failures.append(exc)
        if failures:
            raise failures[0]

    def _let_go(self, command: Command, upload_id: str) -> None:
        match command:
            case Command.PAUSE | Command.CANCEL:
                self._jobs.stop(upload_id)
            case Command.RETRY:  # it may be waiting out a pause, or about to write why it is stuck
                self._jobs.do_not_wait(upload_id)
                self._jobs.stop(upload_id)
            case Command.REMOVE:
                self._jobs.forget(upload_id)
            case Command.RESUME:
                pass

    def _chosen(self, command: Command, upload_ids: Sequence[str] | None) -> list[Upload]:
        if upload_ids is None:
            broad = [upload for upload in self._queue.all() if upload.state is not UploadState.CANCELLED]
        else:
            named = dict.fromkeys(upload_ids)
            broad = [upload for upload_id in named if (upload := self._queue.get(upload_id)) is not None]
        return [upload for upload in unhurried(broad) if not upload.forgotten and allows(upload.state, command)]

    def _set(self, lot: Sequence[Upload], command: Command, state: UploadState) -> None:
        fields = {"state": state, "problem": None}
        self._queue.change_together({upload.id: fields for upload in lot}, _allowing(command))

    def _remove(self, lot: Sequence[Upload]) -> None:
        """What may be open in the store stays as a hidden row until it is aborted; all else goes."""
        hidden = {"state": UploadState.CANCELLED, "forgotten": True}
        kept = self._queue.change_together(
            {upload.id: hidden for upload in lot},
            lambda now: now.maybe_open and now.state is not UploadState.COMPLETED,
        )
        gone = {upload.id for upload in lot} - {upload.id for upload in kept}
        if gone:
            self._queue.delete([upload.id for upload in lot if upload.id in gone])

    def _retry(self, lot: Sequence[Upload]) -> None:
        anew = [upload for upload in lot if _begins_anew(upload)]
        on = [upload for upload in lot if not _begins_anew(upload)]
        if on:
            self._set(on, Command.RETRY, UploadState.QUEUED)
        self._begin_anew(anew)

    def _begin_anew(self, uploads: Sequence[Upload]) -> None:
        identities: dict[str, FileIdentity] = {}
        failures: list[UploadError] = []
        for upload in uploads:
            try:
                identities[upload.id] = self._drive.ask(upload.path, partial(read_identity, upload.path))
            except UploadError as exc:
                failures.append(exc)
        if identities:
            self._queue.restart_together(
                identities, _allowing(Command.RETRY), lambda present: from_zero(present, identities[present.id])
            )
        if failures:
            raise failures[0]


def _begins_anew(upload: Upload) -> bool:
    is_another_file = upload.problem is not None and upload.problem.code == "file_changed"
    # What was stored once is asked about first.
    return is_another_file or (upload.state is UploadState.CANCELLED and upload.recording is None)


def _allowing(command: Command) -> Callable[[Upload], bool]:
    return lambda upload: allows(upload.state, command)


def _lots(uploads: Sequence[Upload]) -> Iterator[Sequence[Upload]]:
    return (uploads[first : first + LOT] for first in range(0, len(uploads), LOT))
