"""Finds the child of an app that died and ends it, so that its data folder and port are free again."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path

from recorder_desktop.system.child_guard import start_mark

_log = logging.getLogger(__name__)

_GRACE_S = 3.0


def end_leftover(record: Path) -> bool:
    """End the process of a record file if it still runs; returns whether it did.

    Only the very process that was recorded: number, start time and program must agree, since numbers are reused.
    Returns after it is gone, within a few seconds.
    """
    pid, mark = _read(record)
    if mark is None or start_mark(pid) != mark:
        _forget(record)
        return False
    _log.warning("a child of an earlier run is still there: ending process %d", pid)
    _end(pid, by_force=False)
    if not _gone_within(pid, mark, _GRACE_S):
        _end(pid, by_force=True)
        _gone_within(pid, mark, _GRACE_S)
    _forget(record)
    return True


def _read(record: Path) -> tuple[int, str | None]:
    try:
        known = json.loads(record.read_text("utf-8"))
        return int(known["pid"]), known["mark"]
    except (OSError, ValueError, KeyError, TypeError):
        return 0, None


def _forget(record: Path) -> None:
    with contextlib.suppress(OSError):
        record.unlink()


def _end(pid: int, by_force: bool) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)  # always by force there
        else:
            # The guard made each child the leader of its own group.
            os.killpg(pid, signal.SIGKILL if by_force else signal.SIGTERM)


def _gone_within(pid: int, mark: str, deadline_s: float) -> bool:
    end = time.monotonic() + deadline_s
    while start_mark(pid) == mark:
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
