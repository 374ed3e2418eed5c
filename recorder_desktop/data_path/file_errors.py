"""What the file system says of a recording, as the errors that people read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recorder_desktop.core.errors import FileMissing, FileUnreadable


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Turn what the file system raises into FileMissing or FileUnreadable."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise FileMissing(
            f"“{path.name}” is no longer at {path.parent}. Put it back or plug in its drive, then retry; "
            "or add it from where it is now, and it goes on."
        ) from exc
    except PermissionError as exc:
        raise FileUnreadable(
            f"“{path.name}” may not be read. Give yourself permission to read it, then retry."
        ) from exc
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        raise FileUnreadable(f"“{path.name}” could not be read ({reason}). Check its drive, then retry.") from exc
