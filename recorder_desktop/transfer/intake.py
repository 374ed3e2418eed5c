"""Turns what a person drops into uploads: folders become their recordings, known files are not added twice."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from recorder_desktop.core.errors import FileMissing, UploadError
from recorder_desktop.core.model import FileIdentity, Upload, UploadState
from recorder_desktop.core.ports import Added, AddOptions, AddOutcome, AlreadyStored, Attached, Rejected
from recorder_desktop.core.recordings import content_type_of, is_recording
from recorder_desktop.transfer.drive_watch import PatientDrive
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.source_file import file_errors, read_identity


class Intake:
    """Adds paths to the queue. Call from one thread at a time: two drops of one file must see each other."""

    def __init__(self, queue: LiveQueue, drive: PatientDrive) -> None:
        self._queue = queue
        self._drive = drive

    def add(self, paths: Sequence[Path], options: AddOptions, destination: str) -> list[AddOutcome]:
        """Queue what is new among `paths`; one outcome for each file, or for a path that cannot be taken."""
        outcomes: list[AddOutcome] = []
        new: dict[Path, Upload] = {}
        moved = _Moved(self._queue)
        for path in paths:
            for file in self._files_of(path):
                if isinstance(file, Rejected):
                    outcomes.append(file)
                elif file in new:
                    outcomes.append(Attached(file, new[file].id))
                else:
                    outcomes.append(self._add_file(file, options, destination, new, moved))
        if new:
            self._queue.insert(list(new.values()))
        return outcomes

    def close(self) -> None:
        """Let go of the drive."""
        self._drive.close()

    def _add_file(
        self, path: Path, options: AddOptions, destination: str, new: dict[Path, Upload], moved: _Moved
    ) -> AddOutcome:
        try:
            identity = self._drive.ask(path, lambda: read_identity(path))
            upload = _new_upload(path, identity, options, destination)
        except UploadError as exc:
            return Rejected(path, exc.code, exc.message)
        known = self._known(upload)
        if known is not None and known.state is not UploadState.COMPLETED:
            return Attached(path, known.id)
        if known is not None and not options.again:
            return AlreadyStored(path, known.id)
        begun = moved.relink(upload) if known is None else None
        if begun is not None:
            return Attached(path, begun.id)
        new[path] = upload
        return Added(path, upload.id)

    def _files_of(self, path: Path) -> Iterator[Path | Rejected]:
        path = Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve() would swap a symlink for its target's name
        try:
            is_folder = self._drive.ask(path, lambda: _is_folder(path))
        except UploadError as exc:
            yield Rejected(path, exc.code, exc.message)
            return
        if not is_folder:
            yield path
            return
        yield from _recordings_below(path)

    def _known(self, upload: Upload) -> Upload | None:
        """The newest upload of the same file to the same place that is under way, or stored it as it is now."""
        for known in reversed(self._queue.at_path(upload.path)):
            same_place = (known.destination, known.directory) == (upload.destination, upload.directory)
            stored_other = known.state is UploadState.COMPLETED and known.identity != upload.identity
            if same_place and known.state is not UploadState.CANCELLED and not stored_other:
                return known
        return None


class _Moved:
    """The uploads that wait for a file which may have been moved, by what a move leaves as it is."""

    def __init__(self, queue: LiveQueue) -> None:
        self._queue = queue

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
            if same_place and added.size_bytes and not os.path.lexists(upload.path):
                relinked = self._relink(upload, added)
                if relinked is not None:
                    return relinked
        return None

    def _relink(self, upload: Upload, added: Upload) -> Upload | None:
        missed = upload.problem is not None and upload.problem.code == FileMissing.code
        fields = {"state": UploadState.QUEUED, "problem": None} if missed else {}
        return self._queue.change(
            upload.id,
            lambda now: now == upload,  # a job that has begun meanwhile will miss the file first
            path=added.path,
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
        path=path,
        identity=identity,
        content_type=content_type_of(path),
        destination=destination,
        directory=options.directory,
        folder_id=options.folder_id,
        position=0,
        created_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )


def _is_folder(path: Path) -> bool:
    with file_errors(path):
        if not os.path.lexists(path):
            raise FileMissing(f"There is nothing at {path}. Check the path.")
        return path.is_dir()


def _recordings_below(folder: Path) -> Iterator[Path | Rejected]:
    found = False
    unreadable: list[OSError] = []
    # os.walk does not follow links to folders, so a loop of them ends.
    for parent, folders, names in os.walk(folder, onerror=unreadable.append):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if is_recording(path):
                found = True
                yield path
    for error in unreadable:
        yield Rejected(
            Path(error.filename or folder),
            "folder_unreadable",
            f"The folder {error.filename} could not be read ({error.strerror}). "
            "Give yourself permission, then add it again.",
        )
    if not found and not unreadable:
        yield Rejected(
            folder,
            "no_recordings",
            f"There are no recordings in {folder}. Add a file itself if it should be uploaded.",
        )
