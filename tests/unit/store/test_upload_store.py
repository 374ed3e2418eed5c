"""The queue on disk: what is written comes back, also after a crash, and damage never loses a file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.core.errors import QueueDamaged
from recorder_desktop.core.model import (
    ChecksumAlgorithm,
    ConfirmedPart,
    Problem,
    RemoteUpload,
    StoredRecording,
    UploadState,
)
from recorder_desktop.store.database import NewerQueue
from recorder_desktop.store.upload_store import FIRST_LOT, LOT, SqliteUploadStore
from tests.fakes.uploads import an_upload, kept_in
from tests.waiting import wait_for

REMOTE = RemoteUpload("remote-id", "dir/talk-1.mp4", "bucket", 8 << 20, ChecksumAlgorithm.CRC64NVME)
RECORDING = StoredRecording(
    "f1", "talk.mp4", "k", "b", "https://x/k", 3, "video/mp4", "abc=", 1.5, "2026-01-01T00:00:00Z"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteUploadStore]:
    opened = SqliteUploadStore(tmp_path / "queue.db")
    yield opened
    opened.close()


def reopened(store: SqliteUploadStore, path: Path) -> SqliteUploadStore:
    store.close()
    return SqliteUploadStore(path)


def test_no_cursor_leaves_the_thread_that_writes(store: SqliteUploadStore, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[object] = []
    run = store._writer.run

    def listening(action: Callable[[sqlite3.Connection], object], *, survives_power_loss: bool = False) -> object:
        answers.append(run(action, survives_power_loss=survives_power_loss))
        return answers[-1]

    monkeypatch.setattr(store._writer, "run", listening)
    store.insert([an_upload()])
    store.update(an_upload())
    store.move({an_upload().id: 7})
    store.replace_attempts([(an_upload(), None)])
    store.delete([an_upload().id])
    assert answers == [None] * 5


def test_every_field_comes_back_after_reopening(store: SqliteUploadStore, tmp_path: Path) -> None:
    full = replace(
        an_upload(),
        state=UploadState.ATTENTION,
        problem=Problem("file_missing", "Gone. Put it back."),
        remote=REMOTE,
        folder_id="folder",
        duration_s=12.25,
        recording=RECORDING,
    )
    store.insert([full])
    again = reopened(store, tmp_path / "queue.db")
    assert kept_in(again) == [full]
    again.close()


def test_an_updated_row_keeps_the_bytes_that_its_parts_confirm(store: SqliteUploadStore) -> None:
    upload = an_upload()
    store.insert([upload])
    store.confirm_part(upload.id, ConfirmedPart(1, 100, '"a"', 2**64 - 1))
    store.update(replace(upload, state=UploadState.UPLOADING, bytes_confirmed=0))
    assert kept_in(store)[0].bytes_confirmed == 100
    assert store.parts(upload.id) == [ConfirmedPart(1, 100, '"a"', 2**64 - 1)]


def test_a_part_that_is_confirmed_twice_counts_once(store: SqliteUploadStore) -> None:
    upload = an_upload()
    store.insert([upload])
    store.confirm_part(upload.id, ConfirmedPart(1, 100, '"a"', 1))
    assert store.confirm_part(upload.id, ConfirmedPart(1, 100, '"b"', 2)) == 100
    assert [part.etag for part in store.parts(upload.id)] == ['"b"']


def test_uploads_come_back_in_queue_order(store: SqliteUploadStore) -> None:
    store.insert([replace(an_upload(), position=position) for position in (3, 1, 2)])
    assert [upload.position for upload in kept_in(store)] == [1, 2, 3]


def test_a_long_queue_comes_whole_in_lots_whatever_positions_it_shares(store: SqliteUploadStore) -> None:
    positions = [*range(FIRST_LOT - 1), *[FIRST_LOT] * LOT, *range(FIRST_LOT + 1, LOT)]
    uploads = [replace(an_upload(), position=position) for position in positions]
    store.insert(uploads)
    lots = list(store.load())
    read = [upload for lot in lots for upload in lot]
    assert [len(lot) for lot in lots] == [FIRST_LOT, LOT, len(uploads) - FIRST_LOT - LOT]
    assert [upload.position for upload in read] == positions
    assert {upload.id for upload in read} == {upload.id for upload in uploads}


def test_deleting_an_upload_deletes_its_parts(store: SqliteUploadStore) -> None:
    upload = an_upload()
    store.insert([upload])
    store.confirm_part(upload.id, ConfirmedPart(1, 100, '"a"', 1))
    store.delete([upload.id])
    assert kept_in(store) == []
    assert store.parts(upload.id) == []


def test_a_file_name_that_is_not_text_comes_back_as_it_was(store: SqliteUploadStore) -> None:
    upload = replace(an_upload(), path_text="/tmp/\udcff\udcfe line\nbreak.mp4")
    store.insert([upload])
    assert kept_in(store)[0].path == upload.path


def test_senders_that_wait_at_the_same_time_share_commits(store: SqliteUploadStore) -> None:
    upload = an_upload()
    store.insert([upload])
    before = store.commits
    held, release = threading.Event(), threading.Event()

    def hold(_db: object) -> None:
        held.set()
        release.wait(10)

    holder = threading.Thread(target=lambda: store._writer.run(hold))
    holder.start()
    assert held.wait(10)
    senders = [
        threading.Thread(target=store.confirm_part, args=(upload.id, ConfirmedPart(n, 10, '"e"', n)))
        for n in range(1, 9)
    ]
    for sender in senders:
        sender.start()
    wait_for_queue = threading.Event()
    while store._writer._waiting.qsize() < 8:
        wait_for_queue.wait(0.005)
    release.set()
    for sender in [holder, *senders]:
        sender.join()
    assert kept_in(store)[0].bytes_confirmed == 80
    assert store.commits - before == 3, "the holder's, one for all eight parts, and the load"


def test_f08_a_damaged_queue_is_kept_aside_and_a_new_one_begun(store: SqliteUploadStore, tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    store.insert([an_upload() for _ in range(200)])
    store.close()
    damaged = bytearray(path.read_bytes())
    damaged[4096 : len(damaged) // 2] = b"\xff" * (len(damaged) // 2 - 4096)
    path.write_bytes(damaged)
    again = SqliteUploadStore(path)
    assert kept_in(again) == []
    assert again.set_aside is not None
    assert again.set_aside.read_bytes()[4096:4200] == b"\xff" * 104
    again.close()


def test_f08_a_file_that_is_no_database_is_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "queue.db").write_text("not a database, but somebody's only copy of something" * 100)
    opened = SqliteUploadStore(tmp_path / "queue.db")
    assert opened.set_aside is not None
    assert opened.set_aside.read_text().startswith("not a database")
    opened.close()


def test_f08_a_newer_queue_is_refused_and_left_alone(store: SqliteUploadStore, tmp_path: Path) -> None:
    store.insert([an_upload()])
    store.close()
    path = tmp_path / "queue.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(NewerQueue, match="newer version"):
        SqliteUploadStore(path)
    assert list(tmp_path.glob("*.bad*")) == []


def test_f01_an_inserted_upload_survives_a_kill(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from recorder_desktop.store.upload_store import FIRST_LOT, LOT, SqliteUploadStore\n"
        "from tests.fakes.uploads import an_upload\n"
        "store = SqliteUploadStore(Path(sys.argv[1])); store.insert([an_upload()])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "queue.db")], check=False)
    store = SqliteUploadStore(tmp_path / "queue.db")
    assert len(kept_in(store)) == 1
    store.close()


def test_the_queue_is_readable_by_its_owner_only(store: SqliteUploadStore, tmp_path: Path) -> None:
    store.insert([an_upload()])
    assert (tmp_path / "queue.db").stat().st_mode & 0o077 == 0


def test_f08_damage_found_while_running_is_said_and_no_empty_queue_begun(
    store: SqliteUploadStore, tmp_path: Path
) -> None:
    store.insert([an_upload()])
    path = tmp_path / "queue.db"
    fail_next_write(store)
    path.write_bytes(b"no database any more" * 1000)

    with pytest.raises(QueueDamaged):
        kept_in(store)

    assert path.read_bytes().startswith(b"no database any more")
    assert not list(tmp_path.glob("queue.db.bad*"))


def test_an_action_that_fails_takes_nothing_down_that_shares_its_commit(store: SqliteUploadStore) -> None:
    upload = an_upload()
    store.insert([upload])
    writer = store._writer
    held, release = threading.Event(), threading.Event()
    outcomes: list[object] = []

    def attempt(action: Callable[[sqlite3.Connection], object]) -> None:
        try:
            outcomes.append(writer.run(action))
        except ValueError as exc:
            outcomes.append(exc)

    def hold(_db: sqlite3.Connection) -> None:
        held.set()
        release.wait(10)

    def fail(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM uploads")
        raise ValueError("a fault of its own")

    def confirm(_db: sqlite3.Connection) -> str:
        return "confirmed"

    threads = [threading.Thread(target=attempt, args=(action,)) for action in (hold, fail, confirm)]
    threads[0].start()
    assert held.wait(10)
    for thread in threads[1:]:
        thread.start()
    wait_for(lambda: writer._waiting.qsize() == 2, "both waiting")
    release.set()
    for thread in threads:
        thread.join(10)

    assert "confirmed" in outcomes
    assert [str(outcome) for outcome in outcomes if isinstance(outcome, ValueError)] == ["a fault of its own"]
    assert [kept.id for kept in kept_in(store)] == [upload.id]


def fail_next_write(store: SqliteUploadStore) -> None:
    """Make the store let go of its connection, as after a failed fsync."""

    def action(_db: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(QueueDamaged):
        store._writer.run(action)


def test_several_rows_are_written_in_one_commit_or_not_at_all(store: SqliteUploadStore) -> None:
    uploads = [replace(an_upload(Path(f"/recordings/{number}.wav")), position=number) for number in range(3)]
    store.insert(uploads)
    before = store.commits
    running = [replace(upload, state=UploadState.UPLOADING, remote=REMOTE) for upload in uploads]

    store.update(*running)

    assert store.commits == before + 1
    assert kept_in(store) == running
    broken = replace(uploads[2], owner=object())  # type: ignore[arg-type]  # no database takes that
    with pytest.raises((QueueDamaged, sqlite3.Error)):
        store.update(replace(running[0], owner="mara"), broken)
    assert kept_in(store) == running


def test_parts_of_several_uploads_are_confirmed_in_one_commit_and_each_counts_once(store: SqliteUploadStore) -> None:
    uploads = [replace(an_upload(Path(f"/recordings/{number}.wav")), position=number) for number in range(3)]
    store.insert(uploads)
    before = store.commits
    parts = {upload.id: ConfirmedPart(1, 100 + number, "etag", number) for number, upload in enumerate(uploads)}

    for _ in range(2):
        assert store.confirm_parts(parts) == {upload.id: 100 + number for number, upload in enumerate(uploads)}

    assert store.commits == before + 2
    assert [store.parts(upload.id) for upload in uploads] == [[part] for part in parts.values()]
    assert [upload.bytes_confirmed for upload in kept_in(store)] == [100, 101, 102]
