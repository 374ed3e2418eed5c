"""The commands themselves: each asks the owner, shows the answer, and returns the exit code."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recorder_desktop.config import LOCAL, DesktopConfig
from recorder_desktop.core.errors import Refused, UploadError
from recorder_desktop.core.model import StoredRecording, UploadState
from recorder_desktop.headless.answers import Message, failed
from recorder_desktop.headless.owner import ask
from recorder_desktop.headless.report import Report, choose_report, printable
from recorder_desktop.system.paths import RecorderPaths

if TYPE_CHECKING:
    from recorder_desktop.core.library import DownloadedFile

OK, SOME_FAILED, BAD_USAGE, SIGN_IN_NEEDED, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes, as promised to scripts."""


@dataclass(frozen=True)
class Commands:
    """The commands of one run: where its state lives and where uploads go."""

    paths: RecorderPaths
    config: DesktopConfig

    def upload(self, files: list[str], directory: str, folder_id: str | None, *, as_json: bool) -> int:
        """Add files, wait until all are stored and verified."""
        request = {"do": "add", **self._adding(files), "directory": directory, "folderId": folder_id, "follow": True}
        with choose_report(as_json=as_json, is_here=self.config.destination == LOCAL) as report:
            return _report(ask(self.paths, self.config, request, uploading=True), report)

    def watch(self, folder: str, directory: str, folder_id: str | None, *, as_json: bool) -> int:
        """Add and upload what is in a folder and what appears there, until interrupted."""
        from recorder_desktop.system.folder_watch import require_folder

        path = Path(os.path.abspath(folder))  # noqa: PTH100 - symlinks keep their own names
        request = {"do": "watch", "path": str(path), **self._place(), "directory": directory, "folderId": folder_id}
        with choose_report(as_json=as_json, is_here=self.config.destination == LOCAL) as report:
            try:
                require_folder(path)
            except UploadError as exc:
                return _report([failed(path, exc.code, exc.message)], report)
            return _report(ask(self.paths, self.config, request, uploading=True), report)

    def add(self, files: list[str]) -> int:
        """Add to the queue and return."""
        with choose_report(as_json=False) as report:
            return _report(
                ask(self.paths, self.config, {"do": "add", **self._adding(files)}, uploading=False), report
            )

    def resume(self, ids: list[str], *, as_json: bool) -> int:
        """Continue these uploads, or all that is unfinished if none is named, and wait for them."""
        with choose_report(as_json=as_json, is_here=self.config.destination == LOCAL) as report:
            request = {"do": "resume", "ids": ids or None, **self._place(), "follow": True}
            return _report(ask(self.paths, self.config, request, uploading=True), report)

    def edit(self, what: str, ids: list[str]) -> int:
        """Pause, cancel or retry uploads and show what became of them."""
        code = OK
        for row in ask(self.paths, self.config, {"do": what, "ids": ids, **self._place()}, uploading=False):
            print(_queue_line(row))
            if row["state"] == UploadState.COMPLETED.value:
                print(printable(f"{row['path']} is stored already, so nothing was changed."), file=sys.stderr)
                code = SOME_FAILED
        return code

    def locate(self, upload_id: str, file: str) -> int:
        """Let an upload whose file is gone go on with this one, and show what became of it."""
        (path,) = self._adding([file])["paths"]
        request = {"do": "locate", "id": upload_id, "path": path, **self._place()}
        for row in filter(None, ask(self.paths, self.config, request, uploading=False)):
            print(_queue_line(row))
        return OK

    def queue(self, *, as_json: bool) -> int:
        """List the queue."""
        rows = list(ask(self.paths, self.config, {"do": "queue"}, uploading=False))
        _print_list(rows, _queue_line, as_json=as_json)
        return OK

    def library(self, query: str, *, as_json: bool) -> int:
        """List stored recordings."""
        request = {"do": "library", "query": query, **self._place()}
        rows = list(ask(self.paths, self.config, request, uploading=False))
        _print_list(rows, _library_line, as_json=as_json)
        return OK

    def get(self, file_id: str, output: str | None) -> int:
        """Download one recording and check it."""
        # The owner, and with it a store that was started for this, lives as long as its answer is being read.
        request = {"do": "link", "id": file_id, **self._place()}
        for answer in ask(self.paths, self.config, request, uploading=False):
            recording = _recording(answer["recording"])
            with _download_bar(recording) as bar:
                fetched = _fetch(recording, answer["url"], output, bar)
            checked = "checked" if fetched.checksum_agreed else "its size checked; it has no checksum"
            print(f"{printable(str(fetched.path))}: {recording.size_bytes} bytes, {checked}")
        return OK

    def _adding(self, files: list[str]) -> Message:
        # Absolute here: the owner has another working folder.
        paths = [os.path.abspath(file) for file in files]  # noqa: PTH100 - symlinks keep their own names
        return {"paths": paths, **self._place()}

    def _place(self) -> Message:
        # Told with the request: an owner that runs already may be set up for another place.
        return {"destination": self.config.destination, "token": self.config.token}


def _report(messages: Iterable[Message], report: Report) -> int:
    code = OK
    reported: set[tuple[str, str]] = set()
    for message in messages:
        if message.get("event") in ("completed", "failed"):
            # Asking a second owner after the first has gone begins the answer anew. One path may stand for several
            # uploads, to different places.
            result = (message["path"], message.get("fileId") or message["code"])
            if result in reported:
                continue
            reported.add(result)
        report.show(message)
        if message.get("event") == "failed":
            code = max(code, SIGN_IN_NEEDED if message["code"] == "sign_in_required" else SOME_FAILED)
    return code


def _print_list(rows: list[Message], line: Callable[[Message], str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(rows))
        return
    for row in rows:
        print(line(row))


def _queue_line(row: Message) -> str:
    share = 100 * row["bytesConfirmed"] // row["size"] if row["size"] else 100 * (row["state"] == "completed")
    reason = f"  {row['error']['message']}" if row["error"] else ""
    return printable(f"{row['id']}  {row['state']:<10} {share:3d} %  {row['path']}{reason}")


def _library_line(row: Message) -> str:
    return printable(f"{row['fileId']}  {row['createdAt']}  {row['size']:>14,d}  {row['fileName']}")


def _recording(row: Message) -> StoredRecording:
    return StoredRecording(
        file_id=row["fileId"],
        file_name=row["fileName"],
        key=row["key"],
        bucket=row["bucket"],
        file_url=row["fileUrl"],
        size_bytes=row["size"],
        content_type=row["contentType"],
        crc64nvme=row["crc64nvme"],
        duration_s=row["durationSeconds"],
        created_at=row["createdAt"],
    )


def _fetch(
    recording: StoredRecording, url: str, output: str | None, on_received: Callable[[int], None]
) -> DownloadedFile:
    """Download to the file that was named, replacing it; else into the folder, replacing nothing."""
    from recorder_desktop.client.recording_download import download, download_into
    from recorder_desktop.core.recordings import file_name_here

    given = Path(output or ".")
    if output and not given.is_dir():
        return download(recording, url, given, on_received)
    target = given / file_name_here(recording.file_name, recording.file_id)
    if os.path.lexists(target):
        raise Refused(
            f"{target} is already here and was left alone. "
            f"Name another file with -o, or -o {shlex.quote(str(target))} to replace it.",
            code="exists",
        )
    return download_into(recording, url, given, on_received)


@contextmanager
def _download_bar(recording: StoredRecording) -> Iterator[Callable[[int], None]]:
    if not sys.stdout.isatty():
        yield lambda _count: None
        return
    from rich.progress import Progress

    with Progress() as bars:
        task = bars.add_task(printable(recording.file_name), total=recording.size_bytes)
        yield lambda count: bars.advance(task, count)
