from __future__ import annotations

import stat
from pathlib import Path

from recorder_desktop.system.paths import RecorderPaths, free_bytes, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_recorder_home_decides_where_everything_is(tmp_path: Path) -> None:
    paths = RecorderPaths.from_environment({"RECORDER_HOME": str(tmp_path / "state")})

    assert paths.queue_database == tmp_path / "state" / "queue.db"


def test_without_recorder_home_the_users_data_folder_is_taken() -> None:
    assert RecorderPaths.from_environment({}).home.name == "Recorder"


def test_s26_created_folders_are_closed_to_others(tmp_path: Path) -> None:
    paths = RecorderPaths(tmp_path / "deep" / "state").create()

    assert {mode(each) for each in (paths.home, paths.logs, paths.stack, paths.store_data)} == {0o700}


def test_s26_an_open_home_is_closed_when_it_is_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    RecorderPaths(tmp_path).create()

    assert mode(tmp_path) == 0o700


def test_a_shared_folder_named_as_home_stays_open(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)

    RecorderPaths(tmp_path).create()

    assert mode(tmp_path) == 0o1777


def test_s26_a_private_file_replaces_an_open_one_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "owner.json"
    target.write_text("old")
    target.chmod(0o644)

    write_private(target, b"new")

    assert (target.read_bytes(), mode(target)) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [target]


def test_free_bytes_of_a_folder_that_does_not_exist_yet(tmp_path: Path) -> None:
    room = free_bytes(tmp_path / "not" / "yet")

    assert room is not None
    assert room > 0
