"""The file on this computer: its identity, and whether it is still the one that was queued."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from recorder_desktop.core.errors import (
    FileChanged,
    FileGrowing,
    FileReplaced,
    FileTouched,
    FileUnreadable,
)
from recorder_desktop.core.identity import FileChange, compare
from recorder_desktop.core.model import FileIdentity
from recorder_desktop.data_path.file_errors import file_errors


def read_identity(path: Path) -> FileIdentity:
    """Return what `path` is now. Raises FileMissing or FileUnreadable."""
    with file_errors(path):
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise FileUnreadable(f"“{path.name}” is not a file that can be uploaded. Choose a recording instead.")
        return FileIdentity(
            size_bytes=found.st_size,
            mtime_ns=found.st_mtime_ns,
            ctime_ns=_change_time_ns(path, found),
            device=found.st_dev,
            file_id=found.st_ino,
        )


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A queued file, checked again and again while its parts are read."""

    path: Path
    identity: FileIdentity

    def check(self) -> None:
        """Return if the file is untouched.

        Raises FileTouched (it must be hashed again), FileReplaced (start from zero), FileGrowing (the same, later),
        FileChanged (it is shorter), FileMissing or FileUnreadable.
        """
        change = compare(self.identity, read_identity(self.path))
        if change is FileChange.TOUCHED:
            raise FileTouched(
                f"“{self.path.name}” keeps being changed while it is uploaded. "
                "Let the other program finish, then retry."
            )
        if change is FileChange.REPLACED:
            raise FileReplaced(
                f"“{self.path.name}” was replaced by another file. Its upload starts from the beginning."
            )
        if change is FileChange.GROWN:
            raise FileGrowing(
                f"“{self.path.name}” is still being written. It is uploaded as soon as it keeps its size for a while."
            )
        if change is FileChange.SHORTENED:
            raise FileChanged(
                f"“{self.path.name}” is shorter than when it was added, so the upload stopped. "
                "Retry to upload the file as it is now, from the beginning."
            )


if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _WINDOWS_EPOCH_NS = 11_644_473_600 * 10**9
    _FILE_BASIC_INFO_CLASS = 0

    class _FileBasicInfo(ctypes.Structure):
        _fields_ = (
            ("creation_time", wintypes.LARGE_INTEGER),
            ("last_access_time", wintypes.LARGE_INTEGER),
            ("last_write_time", wintypes.LARGE_INTEGER),
            ("change_time", wintypes.LARGE_INTEGER),
            ("attributes", wintypes.DWORD),
        )

    def _change_time_ns(path: Path, _found: os.stat_result) -> int:
        # st_ctime is the creation time on Windows, which an overwrite leaves alone; ChangeTime is the twin of
        # Unix's ctime. Not tried on a Windows machine yet.
        info = _FileBasicInfo()
        with path.open("rb") as file:
            handle = wintypes.HANDLE(msvcrt.get_osfhandle(file.fileno()))
            done = ctypes.windll.kernel32.GetFileInformationByHandleEx(
                handle, _FILE_BASIC_INFO_CLASS, ctypes.byref(info), ctypes.sizeof(info)
            )
            if not done:
                raise ctypes.WinError()
        return int(info.change_time) * 100 - _WINDOWS_EPOCH_NS

else:

    def _change_time_ns(_path: Path, found: os.stat_result) -> int:
        return found.st_ctime_ns
