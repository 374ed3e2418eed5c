"""Power that fails at any instant: the queue's files as they are after every commit lead to the same end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from recorder_desktop.core.model import UploadState
from recorder_desktop.store.group_commit import GroupCommit
from tests.unit.transfer.conftest import Rig


def test_f05_from_the_files_as_they_were_after_any_commit_the_upload_comes_to_the_same_end(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: list[Path] = []
    commit = GroupCommit._commit

    def commit_and_copy(self: GroupCommit, *arguments: object) -> None:
        commit(self, *arguments)  # type: ignore[arg-type]
        copy = tmp_path / f"copy {len(copies)}"
        copy.mkdir()
        for name in ("queue.db", "queue.db-wal"):
            if (rig.home / name).exists():
                shutil.copyfile(rig.home / name, copy / name)
        copies.append(copy)

    path = rig.file(parts=2.5)
    with monkeypatch.context() as patched:
        patched.setattr(GroupCommit, "_commit", commit_and_copy)
        (upload_id,) = rig.add(path)
        rig.stored(upload_id)
    rig.engine.close()
    assert len(copies) > 5

    ends = []
    for copy in copies:
        rig.home = copy
        rig.open()
        (view,) = rig.engine.views() or [None]
        if view is not None:  # else it was before the row was written
            assert rig.stored(upload_id) == path.read_bytes()
            ends.append(rig.wait_state(upload_id, UploadState.COMPLETED).upload.recording)
        rig.engine.close()

    assert len(ends) >= len(copies) - 1
    assert len(set(ends)) == 1, "the same record each time"
    assert len(rig.remote.objects) == 1
    assert rig.remote.still_open() == []
