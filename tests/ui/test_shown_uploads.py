"""A filter over a long queue fills in turns; what changes meanwhile is neither lost nor there twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.ui import shown_uploads
from recorder_desktop.ui.shown_uploads import Section, ShownUploads
from recorder_desktop.ui.upload_model import UploadModel
from tests.fakes.upload_queue import changed, make_view

COUNT = 350


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch, qapp: object) -> tuple[UploadModel, ShownUploads]:
    """A queue and what is shown of it, a hundred rows a turn."""
    monkeypatch.setattr(shown_uploads, "_TURN_S", -1.0)
    monkeypatch.setattr(shown_uploads, "_SLICE", 100)
    source = UploadModel()
    shown = ShownUploads(source)
    views = [a_view(str(number)) for number in range(COUNT)]
    source.add(views)
    shown.add(views)
    QAbstractItemModelTester(shown, QAbstractItemModelTester.FailureReportingMode.Fatal, shown)
    return source, shown


def a_view(name: str, state: UploadState = UploadState.QUEUED) -> UploadView:
    """Its position is its name, with room between; whatever else is called stands behind all."""
    position = 10 * (int(name) if name.isdecimal() else COUNT)
    return changed(make_view(f"{name}.mp4", state, upload_id=name), {"position": position})


def ids(model: UploadModel) -> list[str]:
    return [model.view_at(row).upload.id for row in range(model.rowCount())]


def change(both: tuple[UploadModel, ShownUploads], *names: str, state: UploadState = UploadState.COMPLETED) -> None:
    for model in both:
        model.change([a_view(name, state) for name in names])


def add(both: tuple[UploadModel, ShownUploads], *names: str) -> None:
    for model in both:
        model.add([a_view(name) for name in names])


def remove(both: tuple[UploadModel, ShownUploads], *names: str) -> None:
    for model in both:
        model.remove(names)


def move(both: tuple[UploadModel, ShownUploads], positions: dict[str, int]) -> None:
    for model in both:
        views = [a_view(name) for name in positions]
        model.change([changed(view, {"position": positions[view.upload.id]}) for view in views])


@pytest.mark.parametrize(
    "happen",
    [
        lambda _both: None,
        lambda both: change(both, "7", "250", state=UploadState.QUEUED),
        lambda both: change(both, "0", "150", "349"),
        lambda both: add(both, "new"),
        lambda both: remove(both, "0", "150", "349"),
        lambda both: move(both, {"300": -1}),
        lambda both: move(both, {"300": 45}),
        lambda both: move(both, {"8": 3405}),
        lambda both: move(both, {str(number): 10_000 + number for number in range(100, 200)}),
    ],
    ids=["nothing", "wanted again", "change", "add", "remove", "to the front", "before", "behind", "many to the end"],
)
def test_what_happens_while_filling_is_shown_as_it_is(
    qtbot: QtBot,
    both: tuple[UploadModel, ShownUploads],
    happen: Callable[[tuple[UploadModel, ShownUploads]], None],
) -> None:
    source, shown = both
    change(both, "7", "250")
    shown.show_only(Section.WAITING, "")
    assert 0 < shown.rowCount() < COUNT - 2
    happen(both)
    qtbot.waitUntil(lambda: not shown._filling.isActive())
    expected = [
        name for row, name in enumerate(ids(source)) if source.view_at(row).upload.state is UploadState.QUEUED
    ]

    assert ids(shown) == expected
    assert [shown.row_of(name) for name in expected] == list(range(len(expected)))


def test_a_new_filter_ends_the_filling_of_the_one_before(
    qtbot: QtBot, both: tuple[UploadModel, ShownUploads]
) -> None:
    _, shown = both
    shown.show_only(Section.WAITING, "")
    shown.show_only(Section.ALL, "99.mp4")
    qtbot.waitUntil(lambda: not shown._filling.isActive())

    assert ids(shown) == [str(number) for number in range(99, COUNT, 100)]


def test_rows_that_came_back_stand_where_they_stood(both: tuple[UploadModel, ShownUploads]) -> None:
    source, shown = both
    shown.hide(["0", "9", "10"])
    assert shown.rowCount() == COUNT - 3
    shown.unhide(["0", "9", "10"])

    assert ids(shown) == ids(source)


def test_all_words_of_a_search_have_to_be_there_in_any_order(both: tuple[UploadModel, ShownUploads]) -> None:
    wedding = changed(make_view("Wedding of Anna.mp4", upload_id="wedding"), {"position": 10 * COUNT})
    for model in both:
        model.add([wedding])
    _, shown = both
    for words, found in (("anna wedding", ["wedding"]), ("  WEDDING  ", ["wedding"]), ("anna party", [])):
        shown.show_only(Section.ALL, words)
        while shown._filling.isActive():
            shown._fill_on()
        assert ids(shown) == found


def test_what_is_hidden_is_counted_by_its_state_until_it_is_back_or_gone(
    both: tuple[UploadModel, ShownUploads],
) -> None:
    _, shown = both
    shown.hide(["1", "2", "3", "unknown"])
    assert +shown.hidden_states == {UploadState.QUEUED: 3}
    change(both, "2")
    assert +shown.hidden_states == {UploadState.QUEUED: 2, UploadState.COMPLETED: 1}
    shown.unhide(["2"])
    remove(both, "1")
    assert +shown.hidden_states == {UploadState.QUEUED: 1}


def test_very_many_rows_leave_and_come_back_in_turns(
    qtbot: QtBot, both: tuple[UploadModel, ShownUploads], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_uploads, "_MANY", 200)
    source, shown = both
    before = ids(shown)
    shown.hide(before[10:310])
    assert shown.rowCount() < COUNT - 300, "it takes turns"
    qtbot.waitUntil(lambda: ids(shown) == before[:10] + before[310:])

    shown.unhide(before[10:310])
    assert shown.rowCount() < COUNT, "it takes turns"
    qtbot.waitUntil(lambda: ids(shown) == ids(source) == before)
