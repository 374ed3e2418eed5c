"""Whether the file of a stored upload is still what was stored: a changed one must not be called safe to delete."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from recorder_desktop.core.model import FileIdentity, Upload, UploadState
from recorder_desktop.ui.answers import Answers, Trouble
from recorder_desktop.ui.desktop import Desktop


class OriginalCheck(QObject):
    """Looks at the file of one upload at a time, off the window's thread.

    Attributes: has_changed: whether the file was seen to differ; False for one that is gone or was not looked at.
    Signals: changed: `has_changed` is another one.
    """

    changed = Signal()

    def __init__(self, desktop: Desktop, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._answers = Answers(self)
        self._upload: Upload | None = None  # the one whose file is looked at
        self.has_changed = False

    def look(self, upload: Upload) -> None:
        """Look at this one's file, if it is stored; once, until `look_again`."""
        known, self._upload = self._upload, upload if upload.state is UploadState.COMPLETED else None
        if _file_of(self._upload) != _file_of(known):
            self.has_changed = False
            self.look_again()

    def look_again(self) -> None:
        """The file may have changed since. What is known of it counts until the answer is there."""
        upload = self._upload
        if upload is not None:
            answer = self._desktop.has_changed(upload.path, upload.identity)
            self._answers.hand_over(answer, lambda has_changed: self._take(upload, has_changed), self._skip)

    def close_down(self) -> None:
        """Hear nothing any more."""
        self._answers.close()

    def _take(self, asked: Upload, has_changed: bool) -> None:
        if _file_of(asked) == _file_of(self._upload) and has_changed != self.has_changed:
            self.has_changed = has_changed
            self.changed.emit()

    def _skip(self, _trouble: Trouble) -> None:
        """A fault, which is in the log: what was known counts until the file is looked at again."""


def _file_of(upload: Upload | None) -> tuple[str, FileIdentity] | None:
    return None if upload is None else (upload.id, upload.identity)
