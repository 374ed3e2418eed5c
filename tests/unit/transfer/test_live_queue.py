"""The queue in memory and on disk, changed by many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.store.upload_store import SqliteUploadStore
from recorder_desktop.transfer.live_queue import LiveQueue
from tests.fakes.uploads import an_upload, kept_in


class MeetingStore(SqliteUploadStore):
    """A queue file whose updates wait for one another, so many at a time; `most` were under way at once."""

    def __init__(self, path: Path, together: int) -> None:
        super().__init__(path)
        self._meeting = threading.Barrier(together)
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def update(self, *uploads: Upload) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._meeting.wait(20)
        super().update(*uploads)
        with self._lock:
            self._now -= 1


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return [tmp_path / f"{number}.mp4" for number in range(4)]


def queue_on(store: SqliteUploadStore, paths: Sequence[Path]) -> tuple[LiveQueue, list[str]]:
    queue = LiveQueue(store, lambda _event: None)
    uploads = [an_upload(path) for path in paths]
    queue.insert(uploads)
    return queue, [upload.id for upload in uploads]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def test_changes_of_different_uploads_do_not_wait_for_each_others_commits(
    tmp_path: Path, paths: list[Path], pool: ThreadPoolExecutor
) -> None:
    store = MeetingStore(tmp_path / "queue.db", together=4)
    queue, ids = queue_on(store, paths)
    list(pool.map(lambda each: queue.change(each, lambda _upload: True, duration_s=1.5), ids))
    assert store.most == 4
    assert {upload.duration_s for upload in kept_in(store)} == {1.5}
    store.close()


def test_changes_of_one_upload_follow_one_another(
    tmp_path: Path, paths: list[Path], pool: ThreadPoolExecutor
) -> None:
    store = MeetingStore(tmp_path / "queue.db", together=1)
    queue, ids = queue_on(store, paths[:1])

    def one_more(_number: int) -> None:
        queue.restart(ids[0], lambda _upload: True, lambda now: replace(now, duration_s=(now.duration_s or 0) + 1))

    list(pool.map(one_more, range(20)))
    queue.change(ids[0], lambda upload: upload.duration_s == 20, directory="seen")
    assert [(upload.duration_s, upload.directory) for upload in kept_in(store)] == [(20, "seen")]
    store.close()


def test_moving_to_the_front_and_changing_at_once_loses_neither(
    tmp_path: Path, paths: list[Path], pool: ThreadPoolExecutor
) -> None:
    store = SqliteUploadStore(tmp_path / "queue.db")
    queue, ids = queue_on(store, paths)
    moves = [pool.submit(queue.move_to_front, ids[::-1]) for _ in range(50)]
    for number in range(50):
        list(pool.map(lambda each: queue.change(each, lambda _upload: True, duration_s=float(number)), ids))  # noqa: B023 - runs within this round
    for move in moves:
        move.result(20)
    assert [upload.id for upload in queue.all()] == ids[::-1]
    assert kept_in(store) == queue.all()
    store.close()


def test_a_stored_upload_is_told_by_its_row_alone(tmp_path: Path, paths: list[Path]) -> None:
    store = SqliteUploadStore(tmp_path / "queue.db")
    queue, ids = queue_on(store, paths[:1])
    queue.change(ids[0], lambda _upload: True, state=UploadState.UPLOADING)
    queue.progress(ids[0]).sent(1, 10)  # its row of parts got lost, but not the whole
    queue.change(ids[0], lambda _upload: True, state=UploadState.COMPLETED, bytes_confirmed=99)

    view = queue.view(ids[0])
    assert view is not None
    assert (view.upload.bytes_confirmed, view.bytes_in_flight) == (99, 0)
    assert queue._progress == {}
    store.close()
