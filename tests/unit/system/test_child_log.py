from __future__ import annotations

import stat
from pathlib import Path

from recorder_desktop.system.child_log import ChildLog


def test_s26_a_log_is_for_the_person_alone(tmp_path: Path) -> None:
    with ChildLog(tmp_path / "store.log") as log:
        log.write(b"line\n")

    assert stat.S_IMODE((tmp_path / "store.log").stat().st_mode) == 0o600


def test_a_log_stays_within_twice_its_limit(tmp_path: Path) -> None:
    with ChildLog(tmp_path / "store.log", limit_bytes=100) as log:
        for number in range(100):
            log.write(b"line %03d\n" % number)

    sizes = [each.stat().st_size for each in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= 100
    assert (tmp_path / "store.log").read_bytes().endswith(b"line 099\n")


def test_writing_after_the_end_is_ignored(tmp_path: Path) -> None:
    with ChildLog(tmp_path / "store.log") as log:
        pass

    log.write(b"too late\n")

    assert (tmp_path / "store.log").read_bytes() == b""
