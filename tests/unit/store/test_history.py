"""The history of uploads on disk: no commit of its own, bounded, and gone with its upload."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.history import KEPT, Happened, Happening
from recorder_desktop.core.model import ConfirmedPart, UploadState
from recorder_desktop.core.ports import UploadStore
from recorder_desktop.store import migrations
from recorder_desktop.store.upload_store import SqliteUploadStore
from tests.fakes.uploads import an_upload, kept_in

BEGAN = Happening(1.5, Happened.BEGAN)
WAITED = Happening(2.5, Happened.WAITED_FOR_NETWORK, "offline", 720.25)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteUploadStore]:
    opened = SqliteUploadStore(tmp_path / "queue.db")
    yield opened
    opened.close()


def test_happenings_share_the_next_commit_and_come_back(store: SqliteUploadStore, tmp_path: Path) -> None:
    port: UploadStore = store
    upload = an_upload()
    store.insert([upload])
    commits = store.commits
    port.note(upload.id, BEGAN)
    port.note(upload.id, WAITED)
    store.confirm_part(upload.id, ConfirmedPart(1, 10, '"e"', 1))
    assert store.commits == commits + 1

    with sqlite3.connect(tmp_path / "queue.db") as other:
        assert other.execute("SELECT count(*) FROM history").fetchone() == (2,)
    assert port.history(upload.id) == [BEGAN, WAITED]
    assert port.last_happenings([upload.id, "unknown"]) == {upload.id: Happened.WAITED_FOR_NETWORK}


def test_what_nobody_committed_is_written_when_the_store_closes(store: SqliteUploadStore, tmp_path: Path) -> None:
    upload = an_upload()
    store.insert([upload])
    store.note(upload.id, BEGAN)
    store.close()

    again = SqliteUploadStore(tmp_path / "queue.db")
    assert again.history(upload.id) == [BEGAN]
    again.close()


def test_of_each_upload_the_last_happenings_stay(store: SqliteUploadStore) -> None:
    long, short = an_upload(), an_upload()
    store.insert([long, short])
    store.note(short.id, BEGAN)
    for number in range(KEPT + 30):
        store.note(long.id, Happening(float(number), Happened.PAUSED))

    assert [each.at for each in store.history(long.id)] == [float(number) for number in range(30, KEPT + 30)]
    assert store.history(short.id) == [BEGAN]


def test_the_history_goes_with_its_upload(store: SqliteUploadStore, tmp_path: Path) -> None:
    upload = an_upload()
    store.insert([upload])
    store.note(upload.id, BEGAN)
    store.update(replace(upload, state=UploadState.PAUSED))
    store.delete([upload.id])
    store.note(upload.id, WAITED)  # of an upload that has just gone

    assert store.history(upload.id) == []
    with sqlite3.connect(tmp_path / "queue.db") as other:
        assert other.execute("SELECT count(*) FROM history").fetchone() == (0,)


def test_f08_what_could_not_be_written_is_written_with_the_next_commit(
    store: SqliteUploadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = an_upload()
    store.insert([upload])
    store.note(upload.id, BEGAN)

    def fail(_db: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(UploadError):
        store._writer.run(fail)
    store.note(upload.id, WAITED)

    assert store.history(upload.id) == [BEGAN, WAITED]


def test_a_queue_from_before_there_was_a_history_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = an_upload()
    with monkeypatch.context() as earlier:
        earlier.setattr(migrations, "_STEPS", migrations._STEPS[:1])
        old = SqliteUploadStore(tmp_path / "old.db")
        old.insert([upload])
        old.close()

    store = SqliteUploadStore(tmp_path / "old.db")
    store.note(upload.id, BEGAN)

    assert kept_in(store) == [upload]
    assert store.history(upload.id) == [BEGAN]
    store.close()
