"""A folder of very many files is queued lot by lot."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder_desktop.core.events import UploadsAdded
from recorder_desktop.core.model import FileIdentity
from recorder_desktop.core.upload_queue import Added, Attached, Rejected
from recorder_desktop.transfer import intake
from recorder_desktop.transfer.source_file import read_identity
from tests.unit.transfer.conftest import Rig


@pytest.fixture
def folder(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eight files; three make a lot. The engine takes them in and sends nothing."""
    monkeypatch.setattr(intake, "_FIRST", 2)
    monkeypatch.setattr(intake, "_AT_A_TIME", 3)
    rig.engine.close()
    rig.open(start=False)
    (rig.home / "folder").mkdir()
    for number in range(8):
        rig.file(f"folder/{number}.mp4", parts=0.1)
    return rig.home / "folder"


def test_the_first_files_are_in_the_queue_before_the_last_is_looked_at(
    rig: Rig, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []
    lots: list[tuple[int, int]] = []

    def look(path: Path) -> FileIdentity:
        looked.append(path)
        return read_identity(path)

    monkeypatch.setattr(intake, "read_identity", look)
    rig.engine.subscribe(
        lambda event: lots.append((len(event.upload_ids), len(looked))) if isinstance(event, UploadsAdded) else None
    )
    outcomes = rig.engine.add([folder]).result(10)

    assert lots == [(2, 2), (3, 5), (3, 8)]
    assert [outcome.path.name for outcome in outcomes] == [f"{number}.mp4" for number in range(8)]
    assert [view.upload.path for view in rig.engine.views()] == looked


def test_a_file_that_is_named_again_in_a_later_lot_is_added_once(rig: Rig, folder: Path) -> None:
    outcomes = rig.engine.add([folder, folder / "0.mp4", folder / "7.mp4"]).result(10)

    assert [type(outcome) for outcome in outcomes] == [Added] * 8 + [Attached] * 2
    ids = [outcome.upload_id for outcome in outcomes if not isinstance(outcome, Rejected)]
    assert ids[8:] == [ids[0], ids[7]]
    assert len(rig.engine.ids()) == 8
