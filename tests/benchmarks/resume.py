"""What a long queue costs at the start: 1,000 files, 100,000 confirmed parts, until the first part is on the wire."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3

from recorder_desktop.core.model import ChecksumAlgorithm, ConfirmedPart, RemoteUpload, Upload
from recorder_desktop.store.upload_store import SqliteUploadStore
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.transfer.source_file import read_identity
from tests.benchmarks import ours
from tests.benchmarks.measuring import BenchmarkFailed, run
from tests.benchmarks.recordings import GIB, make_sparse, ram_folder
from tests.benchmarks.report import Section, Table, shown
from tests.benchmarks.sinks import BUCKET, Sink, SinkRequest, sink

FILES = 1000
PARTS_OF_EACH = 100
FILE_BYTES = 16 * GIB
"""Sparse. So large that none of them is done before a run is interrupted."""
NEXT = 8
"""So many files at the head of the queue may be at work, or be prepared for it. The sink has parts of them alone."""
GOES_ON_S = 1.0
"""How long a run goes on behind its first part, for calls that come late."""
DEADLINE_S = 120.0
ETAG = '"d41d8cd98f00b204e9800998ecf8427e"'

METHOD = f"""`recorder-desktop resume` with {FILES:,} unfinished recordings in the queue, each with {PARTS_OF_EACH}
confirmed parts, and with one such recording, against a backend that runs. Measured is the time from the start of the
process to the head of the first part's PUT at the sink; what the queue costs is the difference. Each round has a new
sink, backend and queue. Calls are counted until {GOES_ON_S:.0f} s after the first part."""


def measure(rounds: int) -> Section:
    """Measure the long queue and the queue of one, in turn."""
    starts: dict[int, list[_Start]] = {FILES: [], 1: []}
    with ram_folder() as memory:
        files = [make_sparse(memory / f"silence-{number:04}.wav", FILE_BYTES) for number in range(FILES)]
        for number in range(rounds):
            with ExitStack() as stack:
                folder = Path(stack.enter_context(TemporaryDirectory(prefix="recorder-benchmark-")))
                place = stack.enter_context(sink(folder, logged=True))
                team = stack.enter_context(ours.team(folder, place.target))
                for length in sorted(starts, reverse=bool(number % 2)):
                    starts[length].append(_resume(team, place, folder, files[:length]))
                command = shown(team.client(folder, "resume", "--json"), {})
    rows = [_row(length, of_length) for length, of_length in starts.items()]
    cost_s = median(start.first_part_s for start in starts[FILES]) - median(s.first_part_s for s in starts[1])
    far = max(start.list_parts_far for start in starts[FILES])
    notes = [
        f"The queue costs {cost_s:.2f} s until the first part.",
        f"List-parts calls for files that are not among the first {NEXT}: {far}.",
    ]
    columns = ["files in the queue", "first part after s", "fastest to slowest", "list-parts calls", "opened uploads"]
    return Section("Resuming", METHOD, [Table("A long queue", columns, rows, notes)], {ours.NAME: command})


@dataclass(frozen=True)
class _Start:
    """One start. list_parts_far: list-parts calls for files that are not next."""

    first_part_s: float
    list_parts: int
    list_parts_far: int
    opened: int


def _row(length: int, starts: Sequence[_Start]) -> list[str]:
    seconds = [start.first_part_s for start in starts]
    return [
        f"{length:,}",
        f"{median(seconds):.2f}",
        f"{min(seconds):.2f} to {max(seconds):.2f}",
        f"{median(start.list_parts for start in starts):.0f}",
        f"{median(start.opened for start in starts):.0f}",
    ]


def _resume(team: ours.Team, place: Sink, folder: Path, files: Sequence[Path]) -> _Start:
    home = folder / f"home-{len(files)}"
    queue = _fill_queue(team, place, home, files)
    known = len(place.requests())

    def is_done(_elapsed_s: float) -> bool:
        requests = place.requests(known)
        parts = [request.at for request in requests if request.is_part]
        return bool(parts) and requests[-1].at > parts[0] + GOES_ON_S

    done = run(team.client(home, "resume", "--json"), folder, deadline_s=DEADLINE_S, interrupt_when=is_done)
    requests = place.requests(known)
    shutil.rmtree(home)
    if not any(request.is_part for request in requests):
        raise BenchmarkFailed(f"no part arrived; exit code {done.exit_code}: {done.output[-2000:]}")
    next_keys = {upload.remote.key for upload in queue[:NEXT] if upload.remote}
    listed = [request for request in requests if request.is_list_parts]
    return _Start(
        first_part_s=next(request.at for request in requests if request.is_part) - done.began,
        list_parts=len(listed),
        list_parts_far=sum(_key(request) not in next_keys for request in listed),
        opened=sum(request.method == "POST" and "?uploads" in request.target for request in requests),
    )


def _key(request: SinkRequest) -> str:
    return unquote(urlsplit(request.target).path).removeprefix(f"/{BUCKET}/")


def _fill_queue(team: ours.Team, place: Sink, home: Path, files: Sequence[Path]) -> list[Upload]:
    """Leave in `home` what an interrupted run would: open uploads, and in the queue their confirmed parts."""
    paths = RecorderPaths(home).create()
    with ThreadPoolExecutor(4) as pool, urllib3.PoolManager(maxsize=4, block=True) as http:
        uploads = list(pool.map(partial(_open_upload, team, http), range(len(files)), files))
        for upload in uploads[:NEXT]:
            list(pool.map(partial(_put_part, place, http, upload), range(1, PARTS_OF_EACH + 1)))
    store = SqliteUploadStore(paths.queue_database)
    try:
        store.insert(uploads)
        for upload in uploads:
            store.replace_parts(upload.id, _confirmed(upload))
    finally:
        store.close()
    return uploads


def _open_upload(team: ours.Team, http: urllib3.PoolManager, position: int, file: Path) -> Upload:
    name = str(uuid.uuid4())
    request = {
        "fileName": file.name,
        "contentType": "audio/x-wav",
        "directory": "",
        "clientUploadId": name,
        "fileSize": FILE_BYTES,
        "checksumAlgorithms": ["CRC64NVME"],
    }
    answer = http.request("POST", f"{team.server.url}/s3/init-upload", json=request, headers=team.server.auth())
    if answer.status != 200:
        raise BenchmarkFailed(f"init-upload: {answer.status} {answer.data[:500]!r}")
    opened: dict[str, Any] = answer.json()
    return Upload(
        id=f"{position + 1:08x}",
        client_upload_id=name,
        path_text=str(file),
        identity=read_identity(file),
        content_type="audio/x-wav",
        destination=team.server.url,
        directory="",
        folder_id=None,
        position=position + 1,
        created_at="2026-01-01T00:00:00Z",
        remote=RemoteUpload(
            upload_id=opened["uploadId"],
            key=opened["key"],
            bucket=opened["bucket"],
            part_size_bytes=opened["partSize"],
            checksum_algorithm=ChecksumAlgorithm(opened["checksumAlgorithm"]),
        ),
        duration_s=1.0,
        maybe_open=True,
    )


def _confirmed(upload: Upload) -> list[ConfirmedPart]:
    assert upload.remote is not None
    size = upload.remote.part_size_bytes
    return [ConfirmedPart(number, size, ETAG, 0) for number in range(1, PARTS_OF_EACH + 1)]


def _put_part(place: Sink, http: urllib3.PoolManager, upload: Upload, number: int) -> None:
    """Make the sink believe that it has a part: it takes the length that the header tells for the body's."""
    assert upload.remote is not None
    remote = upload.remote
    url = f"{place.target.endpoint_url}/{remote.bucket}/{remote.key}?partNumber={number}&uploadId={remote.upload_id}"
    headers = {"Content-Length": "0", "x-amz-decoded-content-length": str(remote.part_size_bytes)}
    answer = http.request("PUT", url, headers=headers)
    if answer.headers.get("ETag") != ETAG:
        raise BenchmarkFailed(f"the sink did not take a part: {answer.status} {answer.data[:500]!r}")
