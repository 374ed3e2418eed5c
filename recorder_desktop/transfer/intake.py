"""Turns what a person drops into uploads: folders become their recordings, known files are not added twice."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from recorder_desktop.core.errors import FileMissing, UploadError
from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.core.ports import Added, AddOptions, AddOutcome, AlreadyStored, Attached, Rejected
from recorder_desktop.core.recordings import content_type_of, is_recording
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.source_file import file_errors, read_identity


class Intake:
    """Adds paths to the queue. Call from one thread at a time: two drops of one file must see each other."""

    def __init__(self, queue: LiveQueue) -> None:
        self._queue = queue

    def add(self, paths: Sequence[Path], options: AddOptions, destination: str) -> list[AddOutcome]:
        """Queue what is new among `paths`; one outcome for each file, or for a path that cannot be taken."""
        outcomes: list[AddOutcome] = []
        new: dict[Path, Upload] = {}
        for path in paths:
            for file in _files_of(path):
                if isinstance(file, Rejected):
                    outcomes.append(file)
                elif file in new:
                    outcomes.append(Attached(file, new[file].id))
                else:
                    outcomes.append(self._add_file(file, options, destination, new))
        if new:
            self._queue.insert(list(new.values()))
        return outcomes

    def _add_file(self, path: Path, options: AddOptions, destination: str, new: dict[Path, Upload]) -> AddOutcome:
        try:
            upload = _new_upload(path, options, destination)
        except UploadError as exc:
            return Rejected(path, exc.code, exc.message)
        known = self._known(upload)
        if known is not None and known.state is not UploadState.COMPLETED:
            return Attached(path, known.id)
        if known is not None and not options.again:
            return AlreadyStored(path, known.id)
        new[path] = upload
        return Added(path, upload.id)

    def _known(self, upload: Upload) -> Upload | None:
        """The newest upload of the same file to the same place that is under way, or stored it as it is now."""
        for known in reversed(self._queue.at_path(upload.path)):
            same_place = (known.destination, known.directory) == (upload.destination, upload.directory)
            stored_other = known.state is UploadState.COMPLETED and known.identity != upload.identity
            if same_place and known.state is not UploadState.CANCELLED and not stored_other:
                return known
        return None


def _new_upload(path: Path, options: AddOptions, destination: str) -> Upload:
    return Upload(
        id=uuid.uuid4().hex[:12],
        client_upload_id=str(uuid.uuid4()),
        path=path,
        identity=read_identity(path),
        content_type=content_type_of(path),
        destination=destination,
        directory=options.directory,
        folder_id=options.folder_id,
        position=0,
        created_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )


def _files_of(path: Path) -> Iterator[Path | Rejected]:
    path = Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve() would swap a symlink for its target's name
    try:
        with file_errors(path):
            if not os.path.lexists(path):
                raise FileMissing(f"There is nothing at {path}. Check the path.")
            is_folder = path.is_dir()
    except UploadError as exc:
        yield Rejected(path, exc.code, exc.message)
        return
    if not is_folder:
        yield path
        return
    yield from _recordings_below(path)


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
