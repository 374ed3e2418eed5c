"""Turns what a person drops into uploads: folders become their recordings, known files are not added twice."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from recorder_desktop.core.errors import DriveStalled, FileMissing, UploadError
from recorder_desktop.core.lifecycle import was_deleted
from recorder_desktop.core.model import FileIdentity, Upload, UploadState
from recorder_desktop.core.precedence import unhurried
from recorder_desktop.core.recordings import content_type_of, is_recording
from recorder_desktop.core.upload_queue import Added, AddOptions, AddOutcome, AlreadyStored, Attached, Rejected
from recorder_desktop.data_path.file_errors import file_errors
from recorder_desktop.transfer.drive_watch import PatientDrive, drive_stalled
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.source_file import read_identity
from recorder_desktop.transfer.stored_checks import Answer, StoredChecks

T = TypeVar("T")

_AT_A_TIME = 500
_FIRST = 64
"""Somebody waits for the first ones, a person or a sender."""


class Intake:
    """Adds paths to the queue. Call from one thread at a time: two drops of one file must see each other."""

    def __init__(self, queue: LiveQueue, drive: PatientDrive, checks: StoredChecks) -> None:
        self._queue = queue
        self._drive = drive
        self._checks = checks
        self.may_ask = False
        """Whether a backend may be started or reached for a file that is known as stored."""

    def add(self, paths: Sequence[Path], options: AddOptions, destination: str) -> Iterator[list[AddOutcome]]:
        """Queue what is new among `paths`; one outcome for each file, or for a path that cannot be taken.

        Some hundred at a time, durable when they are told: a large folder shows, and is on its way, long before its
        last file was looked at.
        """
        batch = _Batch(self._queue, _Drive(self._drive), options, destination)
        outcomes = (outcome for path in paths for outcome in batch.take(path))
        at_a_time = _FIRST
        while lot := list(islice(outcomes, at_a_time)):
            at_a_time = _AT_A_TIME
            lot = self._still_stored(lot, batch)
            if batch.new:
                self._queue.insert(list(batch.new.values()))
                batch.new.clear()
            yield lot

    def close(self) -> None:
        """Let go of the drive."""
        self._drive.close()

    def _still_stored(self, lot: list[AddOutcome], batch: _Batch) -> list[AddOutcome]:
        """The outcomes with what the backend says of files that were stored once; see UploadQueue.add."""
        ids = dict.fromkeys(each.upload_id for each in lot if isinstance(each, AlreadyStored))
        if not ids or batch.is_watched:
            return lot
        stored = [upload for each in ids if (upload := self._queue.get(each)) is not None]
        may_ask = self.may_ask
        answers = self._checks.ask(stored) if may_ask else {}
        return [
            batch.again(each, answers.get(each.upload_id, Answer.UNKNOWN), was_asked=may_ask)
            if isinstance(each, AlreadyStored)
            else each
            for each in lot
        ]


class _Batch:
    """What is added together.

    Attributes:
        new: the uploads to be queued next, by the text of their path.
    """

    def __init__(self, queue: LiveQueue, drive: _Drive, options: AddOptions, destination: str) -> None:
        self._queue = queue
        self._drive = drive
        self._options = options
        self._destination = destination
        self._moved = _Moved(queue, drive)
        self.new: dict[str, Upload] = {}
        self.is_watched = options.is_watched

    def take(self, path: Path) -> Iterator[AddOutcome]:
        """Take a file, or every recording below a folder."""
        for file in unhurried(_files_of(path, self._drive)):
            yield file if isinstance(file, Rejected) else self._take_file(file)

    def _take_file(self, path: Path) -> AddOutcome:
        if (added := self.new.get(str(path))) is not None:
            return Attached(added.path_text, added.id)
        try:
            identity = self._drive.ask(path, lambda: read_identity(path))
            upload = _new_upload(path, identity, self._options, self._destination)
        except UploadError as exc:
            return Rejected(path, exc.code, exc.message)
        known = self._known(upload)
        was_stored = known is not None and (known.state is UploadState.COMPLETED or was_deleted(known))
        if known is not None and not was_stored:
            return Attached(upload.path_text, known.id)
        if known is not None and not self._options.again:
            return AlreadyStored(upload.path_text, known.id, is_certain=False)
        begun = self._moved.relink(upload) if known is None else None
        self._note(upload.path_text, upload.id if begun is None else begun.id)
        if begun is not None:
            return Attached(upload.path_text, begun.id)
        self.new[upload.path_text] = upload
        return Added(upload.path_text, upload.id)

    def again(self, stored: AlreadyStored, answer: Answer, *, was_asked: bool) -> AddOutcome:
        """What becomes of a file that was stored once, after the backend was asked, or could not be yet."""
        match answer:
            case Answer.STORED:
                return replace(stored, is_certain=True)
            case Answer.UNKNOWN if was_asked and self._options.leaves_verified:
                return stored
            case Answer.UNKNOWN:
                # With its recording: whoever carries it on asks about that before anything is sent.
                self._queue.change(
                    stored.upload_id,
                    lambda now: now.state is UploadState.COMPLETED,
                    state=UploadState.QUEUED,
                    problem=None,
                )
                return Attached(stored.path_text, stored.upload_id)
            case Answer.GONE:
                return next(iter(self.take(stored.path)))

    @cached_property
    def _ids(self) -> dict[str, tuple[str, ...]]:
        """The uploads of each path, oldest first. Made for all that is added together: kept, it would fill memory."""
        found: dict[str, tuple[str, ...]] = {}
        for upload in self._queue.all():
            found[upload.path_text] = (*found.get(upload.path_text, ()), upload.id)
        return found

    def _note(self, path_text: str, upload_id: str) -> None:
        self._ids[path_text] = (*self._ids.get(path_text, ()), upload_id)

    def _known(self, upload: Upload) -> Upload | None:
        """The newest upload of the same file to the same place that is under way, or stored it as it is now."""
        for known in map(self._queue.get, reversed(self._ids.get(upload.path_text, ()))):
            if known is None or known.forgotten:
                continue
            same_place = (known.destination, known.directory) == (upload.destination, upload.directory)
            is_kept = self.is_watched and was_deleted(known)
            is_stored = is_kept or known.state is UploadState.COMPLETED
            is_known = is_kept or known.state is not UploadState.CANCELLED
            if same_place and is_known and not (is_stored and known.identity != upload.identity):
                return known
        return None


class _Drive:
    """A drive that is asked for many files at once: the third of a folder is not waited for if two got no answer.

    One alone may be a drive of its own, beside others that answer.
    """

    def __init__(self, drive: PatientDrive) -> None:
        self._drive = drive
        self._silent: list[Path] = []
        self._suspect: set[Path] = set()

    def ask(self, path: Path, question: Callable[[], T]) -> T:
        """As PatientDrive.ask, at once for what lies below something that did not answer."""
        if any(path.is_relative_to(folder) for folder in self._silent):
            raise drive_stalled(path)
        try:
            return self._drive.ask(path, question)
        except DriveStalled:
            self._silent.append(path.parent if path.parent in self._suspect else path)
            self._suspect.add(path.parent)
            raise


class _Moved:
    """The uploads that wait for a file which may have been moved, by what a move leaves as it is."""

    def __init__(self, queue: LiveQueue, drive: _Drive) -> None:
        self._queue = queue
        self._drive = drive

    @cached_property
    def _waiting(self) -> dict[tuple[int, int], list[Upload]]:
        # Looked for once for all that is added together: the queue may be long.
        found: dict[tuple[int, int], list[Upload]] = {}
        for upload in self._queue.all():
            if upload.state in _MAY_HAVE_MOVED and not upload.forgotten:
                found.setdefault(_kept_by_a_move(upload), []).append(upload)
        return found

    def relink(self, added: Upload) -> Upload | None:
        """Let an upload whose file has gone go on with this one, if it can only be that file; None if there is none.

        The upload keeps the identity that it knows. A move changes the time of the last change at least, so whatever
        was sent is compared with the file, checksum by checksum, before it counts.
        """
        for upload in self._waiting.get(_kept_by_a_move(added), ()):
            same_place = (upload.destination, upload.directory) == (added.destination, added.directory)
            if same_place and added.size_bytes and self._is_gone(upload.path):
                relinked = self._relink(upload, added)
                if relinked is not None:
                    return relinked
        return None

    def _is_gone(self, path: Path) -> bool:
        try:
            return not self._drive.ask(path, lambda: os.path.lexists(path))
        except DriveStalled:
            return False  # nobody knows

    def _relink(self, upload: Upload, added: Upload) -> Upload | None:
        missed = upload.problem is not None and upload.problem.code == FileMissing.code
        fields = {"state": UploadState.QUEUED, "problem": None} if missed else {}
        return self._queue.change(
            upload.id,
            lambda now: now == upload,  # a job that has begun meanwhile will miss the file first
            path_text=added.path_text,
            content_type=added.content_type,
            **fields,
        )


_MAY_HAVE_MOVED = (UploadState.QUEUED, UploadState.WAITING, UploadState.PAUSED, UploadState.ATTENTION)


def _kept_by_a_move(upload: Upload) -> tuple[int, int]:
    return upload.size_bytes, upload.identity.mtime_ns


def _new_upload(path: Path, identity: FileIdentity, options: AddOptions, destination: str) -> Upload:
    return Upload(
        id=uuid.uuid4().hex[:12],
        client_upload_id=str(uuid.uuid4()),
        path_text=str(path),
        identity=identity,
        content_type=content_type_of(path),
        destination=destination,
        directory=options.directory,
        folder_id=options.folder_id,
        position=0,
        created_at=sys.intern(datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")),
    )


def _files_of(path: Path, drive: _Drive) -> Iterator[Path | Rejected]:
    path = Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve() would swap a symlink for its target's name
    try:
        is_folder = drive.ask(path, lambda: _is_folder(path))
    except UploadError as exc:
        yield Rejected(path, exc.code, exc.message)
        return
    if not is_folder:
        yield path
        return
    found = False
    for file in _recordings_below(path, drive):
        found = True
        yield file
    if not found:
        yield Rejected(
            path,
            "no_recordings",
            f"There are no recordings in {path}. Add a file itself if it should be uploaded.",
        )


def _is_folder(path: Path) -> bool:
    with file_errors(path):
        if not os.path.lexists(path):
            raise FileMissing(f"There is nothing at {path}. Check the path.")
        return path.is_dir()


def _recordings_below(top: Path, drive: _Drive) -> Iterator[Path | Rejected]:
    """Every recording, and every folder that could not be looked into."""
    ahead = [top]
    while ahead:
        folder = ahead.pop()
        try:
            names, folders = drive.ask(folder, partial(_listed, folder))
        except OSError as error:
            yield Rejected(
                folder,
                "folder_unreadable",
                f"The folder {folder} could not be read ({error.strerror}). "
                "Give yourself permission, then add it again.",
            )
        except DriveStalled as exc:
            yield Rejected(folder, exc.code, exc.message)
        else:
            yield from (path for name in names if is_recording(path := folder / name))
            ahead += [folder / name for name in reversed(folders)]


def _listed(folder: Path) -> tuple[list[str], list[str]]:
    """Files and folders in a folder, by name. A link to a folder is neither, so that a loop of links ends."""
    problems: list[OSError] = []
    for _, folders, names in os.walk(folder, onerror=problems.append):
        return sorted(names), sorted(name for name in folders if not Path(folder, name).is_symlink())
    raise problems[0]
