"""What a person or a program reads of each message."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.headless.answers import Message, completed, failed, progress_row
from recorder_desktop.headless.report import (
    BarsReport,
    JsonReport,
    LinesReport,
    Report,
    choose_report,
    printable,
    sentence,
)
from tests.fakes.recorder import a_stored_recording
from tests.fakes.upload_queue import make_view

COMPLETED = completed(make_view().upload, a_stored_recording())
FAILED = failed("/recordings/b.mp4", "file_missing", "It is gone.")
NOTICE: Message = {"notice": "The queue was damaged."}
SILENT: list[Message] = [{}, {"event": "queued", "path": "/recordings/talk.mp4", "id": "u1"}]
PROGRESS = progress_row(make_view(state=UploadState.UPLOADING, bytes_in_flight=500_000))


def show(report: Report, *messages: Message) -> None:
    with report:
        for message in messages:
            report.show(message)


def test_json_is_one_object_a_line_and_only_results(capsys: pytest.CaptureFixture[str]) -> None:
    show(JsonReport(), PROGRESS, COMPLETED, *SILENT, FAILED)

    printed = capsys.readouterr()
    assert [json.loads(line) for line in printed.out.splitlines()] == [COMPLETED, FAILED]
    assert printed.err == ""


def test_json_keeps_notices_apart_from_results(capsys: pytest.CaptureFixture[str]) -> None:
    show(JsonReport(), NOTICE)

    assert capsys.readouterr() == ("", "The queue was damaged.\n")


def test_lines_are_sentences_and_failures_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    show(LinesReport(), PROGRESS, COMPLETED, *SILENT, FAILED, NOTICE)

    printed = capsys.readouterr()
    assert printed.out == "/recordings/talk.mp4: verified, safe to delete your copy (id id-talk.mp4)\n"
    assert printed.err == "/recordings/b.mp4: It is gone.\nThe queue was damaged.\n"


def test_a_second_copy_on_the_same_computer_and_an_empty_file_are_not_called_safe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(LinesReport(is_here=True), COMPLETED)
    show(LinesReport(), {**COMPLETED, "size": 0})

    here, empty = capsys.readouterr().out.splitlines()
    assert here == "/recordings/talk.mp4: verified, stored a second time on this computer (id id-talk.mp4)"
    assert empty == "/recordings/talk.mp4: stored, but the file is empty (id id-talk.mp4)"


def test_bars_show_work_and_leave_the_results(capsys: pytest.CaptureFixture[str]) -> None:
    show(BarsReport(), PROGRESS, COMPLETED, *SILENT, FAILED, NOTICE)

    printed = capsys.readouterr().out
    assert "/recordings/talk.mp4: verified" in printed.replace("\n", "")
    assert "/recordings/b.mp4: It is gone." in printed
    assert "The queue was damaged." in printed


def test_a_bar_stands_for_work_only_and_goes_with_its_result() -> None:
    report = BarsReport()
    waiting = make_view("c.mp4", UploadState.WAITING, problem=Problem("offline", "No network."))

    with report:
        report.show(progress_row(make_view("a.mp4", UploadState.QUEUED)))
        report.show(PROGRESS)
        report.show(progress_row(waiting))
        bars = {bar.description: bar for bar in report._bars.tasks}
        report.show(COMPLETED)
        left = [bar.description for bar in report._bars.tasks]

    assert set(bars) == {"talk.mp4", "c.mp4"}
    assert (bars["talk.mp4"].completed, bars["talk.mp4"].total) == (500_000, 1_000_000)
    assert (bars["talk.mp4"].fields["state"], bars["c.mp4"].fields["state"]) == ("uploading", "No network.")
    assert left == ["c.mp4"]


def test_bars_are_taken_down_when_the_run_is_interrupted() -> None:
    report = BarsReport()

    with suppress(KeyboardInterrupt), report:
        report.show(PROGRESS)
        assert report._bars.live.is_started
        raise KeyboardInterrupt

    assert not report._bars.live.is_started


def test_names_are_shown_as_they_are_and_never_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    view = make_view("[red]a[/red].mp4", UploadState.UPLOADING)

    show(BarsReport(), progress_row(view), failed(view.upload.path, "x", "[bold]No.[/bold]"))

    assert "/recordings/[red]a[/red].mp4: [bold]No.[/bold]" in capsys.readouterr().out.replace("\n", "")


@pytest.mark.parametrize(
    ("as_json", "on_terminal", "kind"),
    [(True, True, JsonReport), (True, False, JsonReport), (False, True, BarsReport), (False, False, LinesReport)],
)
def test_the_report_suits_where_the_output_goes(
    monkeypatch: pytest.MonkeyPatch, as_json: bool, on_terminal: bool, kind: type[Report]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: on_terminal, raising=False)

    assert type(choose_report(as_json=as_json)) is kind


@pytest.mark.parametrize("message", [*SILENT, PROGRESS])
def test_what_means_nothing_to_a_person_is_no_sentence(message: Message) -> None:
    assert sentence(message) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Vorlesung über Äpfel 猫.mp4", "Vorlesung über Äpfel 猫.mp4"),
        ("a\nb\t\x1b[31m.mp4", "a\\nb\\t\\x1b[31m.mp4"),
        ("\u202egnp.mp4", "\\u202egnp.mp4"),
        ("\udcff.mp4", "\\udcff.mp4"),
        ("", ""),
    ],
)
def test_a_terminal_shows_names_exactly_and_obeys_none(text: str, shown: str) -> None:
    assert printable(text) == shown
