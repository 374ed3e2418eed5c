"""The table model: incremental, and as quick with 100,000 rows as with ten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from recorder_desktop.core.model import UploadState
from recorder_desktop.ui import text, upload_model
from recorder_desktop.ui.queue_totals import QueueTotals
from recorder_desktop.ui.upload_cells import Column
from recorder_desktop.ui.upload_model import UploadModel
from tests.fakes.upload_queue import changed, make_view

DONE = UploadState.COMPLETED
MOVING = UploadState.UPLOADING


@pytest.fixture
def model(qapp: QGuiApplication) -> Iterator[UploadModel]:
    """A model under Qt's own consistency checks."""
    made = UploadModel()
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    del tester


def names(model: UploadModel) -> list[str]:
    return [model.view_at(row).upload.id for row in range(model.rowCount())]


def test_rows_keep_their_order_and_their_numbers_when_some_leave(model: UploadModel) -> None:
    model.add([make_view(name) for name in "abcdef"])
    model.remove(["b", "c", "e", "unknown"])

    assert names(model) == ["a", "d", "f"]
    assert [model.row_of(name) for name in "adf"] == [0, 1, 2]


def test_many_scattered_rows_leave_together(model: UploadModel) -> None:
    model.add([make_view(str(number)) for number in range(400)])
    model.remove([str(number) for number in range(0, 400, 2)])

    assert names(model) == [str(number) for number in range(1, 400, 2)]
    assert model.row_of("399") == 199


def test_a_change_is_announced_for_its_row_only(qtbot: QtBot, model: UploadModel) -> None:
    model.add([make_view(name) for name in "abc"])
    with qtbot.waitSignal(model.dataChanged) as announced:
        model.change([make_view("b", MOVING)])

    first, last = announced.args[:2]
    assert (first.row(), first.column()) == (1, 0)
    assert (last.row(), last.column()) == (1, len(Column) - 1)


class Position(int):
    """A place in the queue that counts how often it is compared with another."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        Position.compared += 1
        return int(self) < other

    def __gt__(self, other: int) -> bool:
        Position.compared += 1
        return int(self) > other


def test_a_change_a_move_or_a_removal_in_a_long_queue_looks_at_few_rows(qapp: QGuiApplication) -> None:
    model = UploadModel()
    rows = 1 << 14
    views = [make_view(str(number)) for number in range(rows)]
    views = [changed(view, {"position": Position(10 * row)}) for row, view in enumerate(views)]
    model.add(views)
    announced: list[str] = []
    for name in ("dataChanged", "rowsMoved", "rowsRemoved", "rowsInserted", "modelReset", "layoutChanged"):
        getattr(model, name).connect(lambda *_, name=name: announced.append(name))

    Position.compared = 0
    model.change([changed(views[5000], {"state": DONE})])
    model.change([changed(views[-1], {"position": Position(-10)})])
    model.remove(["77"])
    model.add([changed(make_view("new"), {"position": Position(775)})])

    assert names(model)[:2] == [str(rows - 1), "0"]
    assert [model.row_of(name) for name in ("76", "new", "78")] == [77, 78, 79]
    assert announced == ["dataChanged", "rowsMoved", "dataChanged", "rowsRemoved", "rowsInserted"]
    assert Position.compared < 20 * 14


def test_many_rows_come_in_between_others_in_one_change(model: UploadModel) -> None:
    views = [changed(make_view(str(number)), {"position": number}) for number in range(400)]
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.add(views[::2])
    model.add(views[1::2])

    assert names(model) == [str(number) for number in range(400)]
    assert len(resets) == 1


def test_many_rows_that_move_keep_what_points_at_them(model: UploadModel) -> None:
    views = [changed(make_view(str(number)), {"position": number}) for number in range(400)]
    model.add(views)
    held = [QPersistentModelIndex(model.index(row, 0)) for row in (0, 250, 399)]
    model.change([changed(view, {"position": 1000 - number}) for number, view in enumerate(views[:200])])

    assert names(model) == [*map(str, range(200, 400)), *map(str, range(199, -1, -1))]
    assert [model.view_at(index.row()).upload.id for index in held] == ["0", "250", "399"]


def test_cells_speak_for_those_who_hear_them(model: UploadModel) -> None:
    model.add([make_view("talk.mp4", DONE, duration_s=61)])
    role = Qt.ItemDataRole.AccessibleTextRole

    assert model.index(0, Column.NAME).data(role) == "talk.mp4, Verified. Stored and checked."
    assert model.index(0, Column.DURATION).data(role) == "Duration: 1:01"
    assert model.index(0, Column.TIME_LEFT).data(role) == "Time left: unknown"


def test_of_many_changes_at_once_the_totals_are_told_with_the_first_and_after_the_last(
    qtbot: QtBot, model: UploadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_model, "TELL_INTERVAL_S", 0.5)
    told: list[int] = []
    model.totals_changed.connect(lambda: told.append(model.totals.batch_files))
    for number in range(50):
        model.add([make_view(str(number))])

    qtbot.waitUntil(lambda: told == [1, 50])


def test_totals_leave_out_what_was_done_before_the_batch() -> None:
    totals = QueueTotals()
    totals.replace(None, make_view("old", DONE, 900, bytes_confirmed=900))
    new = make_view("new", MOVING, 100, bytes_confirmed=25, bytes_in_flight=10, rate_bytes_per_s=5.0)
    totals.replace(None, new)

    assert totals.fraction == 0.25
    assert totals.seconds_left == 15
    assert (totals.running, totals.unfinished, totals.batch_files) == (1, 1, 1)


@pytest.mark.parametrize("state", [UploadState.ATTENTION, UploadState.PAUSED])
def test_what_does_not_go_on_by_itself_takes_no_time(state: UploadState) -> None:
    totals = QueueTotals()
    stopped = make_view("stopped", state, 1000, bytes_confirmed=400)
    totals.replace(None, stopped)
    totals.replace(None, make_view("moves", MOVING, 100, bytes_confirmed=25, rate_bytes_per_s=5.0))

    assert totals.seconds_left == 15
    totals.replace(stopped, make_view("stopped", MOVING, 1000, bytes_confirmed=400))
    assert totals.seconds_left == 15 + 600 / 5
    totals.replace(make_view("stopped", MOVING, 1000, bytes_confirmed=400), None)
    assert totals.seconds_left == 15


def test_totals_begin_anew_when_all_was_done() -> None:
    totals = QueueTotals()
    first = make_view("first", MOVING, 100)
    stored = changed(first, {"state": DONE, "bytes_confirmed": 100})
    totals.replace(None, first)
    totals.replace(first, stored)
    assert (totals.fraction, totals.batch_files_stored) == (1.0, 1)

    totals.replace(None, make_view("second", MOVING, 100))
    assert (totals.fraction, totals.batch_files, totals.batch_files_stored) == (0.0, 1, 0)


def test_totals_forget_what_was_cancelled_or_removed() -> None:
    totals = QueueTotals()
    a, b, c = (make_view(name, MOVING, 100, bytes_confirmed=50, rate_bytes_per_s=7.0) for name in "abc")
    for view in (a, b, c):
        totals.replace(None, view)
    totals.replace(a, changed(a, {"state": UploadState.CANCELLED, "rate_bytes_per_s": 0.0}))
    totals.replace(b, None)

    assert (totals.batch_files, totals.batch_bytes, totals.batch_bytes_confirmed) == (1, 100, 50)
    assert totals.rate_bytes_per_s == 7.0


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (4_294_967_296, "4.29 GB"),
        (118_000_000_000, "118 GB"),
        (5_000_000_000_000, "5.00 TB"),
    ],
)
def test_sizes_have_three_digits_and_decimal_units(qapp: QGuiApplication, size_bytes: int, words: str) -> None:
    assert text.size(size_bytes) == words.replace(" ", text.NBSP)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.2, "1 s"),
        (59, "59 s"),
        (63, "1 min"),
        (3600, "1 h 0 min"),
        (5460, "1 h 31 min"),
        (1e5, "1 day"),
        (2e5, "2 days"),
    ],
)
def test_time_left_is_rough(qapp: QGuiApplication, seconds: float | None, words: str) -> None:
    assert text.time_left(seconds) == words


def test_durations_are_written_as_players_do(qapp: QGuiApplication) -> None:
    assert [text.duration(value) for value in (None, 0, 61, 3723.6)] == ["", "0:00", "1:01", "1:02:04"]


def test_every_state_has_words_and_a_picture(qapp: QGuiApplication) -> None:
    folder = Path(__file__).parents[2] / "resources" / "icons"
    words = {text.state(state) for state in UploadState}

    assert len(words) == len(UploadState)
    assert all((folder / f"state-{state.value}.svg").is_file() for state in UploadState)


def test_a_percentage_never_rounds_up_to_done(qapp: QGuiApplication) -> None:
    assert text.percent(0.9999) == f"99{text.NBSP}%"


@pytest.mark.parametrize(
    ("confirmed", "in_flight", "words"),
    [(0, 0, "Not started"), (0, 3_000_000, "3.00 of 400 MB on the way"), (8_000_000, 1, "2 % · 8.00 of 400 MB")],
)
def test_while_nothing_is_stored_a_row_says_what_is_on_its_way(confirmed: int, in_flight: int, words: str) -> None:
    view = make_view("a", UploadState.UPLOADING, 400_000_000, bytes_confirmed=confirmed, bytes_in_flight=in_flight)

    assert text.progress(view).replace(text.NBSP, " ") == words
