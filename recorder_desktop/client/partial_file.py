"""The file of a download that is not whole yet: hidden, held while it is written, removed if its writer died."""

from __future__ import annotations

import stat
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_PREFIX, _SUFFIX = ".recorder-", ".part"

_GRACE_S = 60.0
"""How long a file that nobody holds is left alone: between being made and held, and between whole and renamed."""


@contextmanager
def partial_file(folder: Path) -> Iterator[Path]:
    """A name of its own in `folder`; whatever still has it at the end is removed, and with it others' leftovers.

    One made from the final name could be another file's, another download's, or too long.
    """
    _remove_leftovers(folder)
    partial = folder / f"{_PREFIX}{uuid.uuid4().hex}{_SUFFIX}"
    try:
        yield partial
    finally:
        with suppress(OSError):
            partial.unlink()


def hold(file: BinaryIO) -> None:
    """Have other processes see that a partial file is being written, until it is closed or this process ends."""
    if sys.platform == "win32":  # where nobody can remove a file that is open
        return
    import fcntl

    with suppress(OSError):  # a file system without locks; nobody gets this one either, so it is left alone
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_leftovers(folder: Path) -> None:
    with suppress(OSError):  # a folder that cannot be read: whoever writes there is told
        for partial in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            with suppress(OSError):  # somebody's who still runs, or who was quicker
                found = partial.lstat()
                if stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > _GRACE_S:
                    _remove_unheld(partial)


def _remove_unheld(partial: Path) -> None:
    if sys.platform != "win32":
        import fcntl

        with partial.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    partial.unlink()
