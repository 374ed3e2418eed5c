"""Names every file and folder that the desktop keeps, and creates them readable by the person alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

APP_NAME = "Recorder"


@dataclass(frozen=True, slots=True)
class RecorderPaths:
    """Where everything lives; `home` is RECORDER_HOME. Names only: `create` makes the folders.

    On Windows the folders inherit the access rules of the person's profile, which keep others out; the modes used
    here mean nothing there. (Not tried on Windows.)
    """

    home: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> RecorderPaths:
        """The state folder that RECORDER_HOME names, else the system's per-user data folder for Recorder."""
        named = (os.environ if environment is None else environment).get("RECORDER_HOME", "")
        if named:
            return cls(Path(named).expanduser().absolute())
        import platformdirs

        return cls(Path(platformdirs.user_data_dir(APP_NAME, appauthor=False)))

    def create(self) -> RecorderPaths:
        """Make the folders, mode 0700, and close an existing home to other people. Returns self."""
        for folder in (self.home, self.logs, self.stack, self.store_data):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(self.home)
        return self

    @property
    def queue_database(self) -> Path:
        """The queue of uploads."""
        return self.home / "queue.db"

    def lost_queues(self) -> list[Path]:
        """The damaged queues that were set aside; see store.database."""
        return sorted(self.home.glob(f"{self.queue_database.name}.bad-*"))

    @property
    def catalogue_database(self) -> Path:
        """The catalogue of what is stored on this computer, kept by the bundled backend."""
        return self.home / "catalogue-local.db"

    def catalogue_of(self, bucket: str) -> Path:
        """The catalogue of what is stored in a bucket of the person's, where no MongoDB is named.

        `bucket`: the name of the place, which holds characters that no file name may have.
        """
        return self.home / f"catalogue-{hashlib.sha256(bucket.encode()).hexdigest()[:16]}.db"

    @property
    def settings(self) -> Path:
        """What the person set; never a secret."""
        return self.home / "settings.toml"

    @property
    def owner_lock(self) -> Path:
        """Locked by the one process that owns this home."""
        return self.home / "owner.lock"

    @property
    def owner_address(self) -> Path:
        """Where the owner listens and the key to speak with it."""
        return self.home / "owner.json"

    @property
    def logs(self) -> Path:
        """Log files of the app and of its children."""
        return self.home / "logs"

    @property
    def thumbnails(self) -> Path:
        """Small pictures of recordings; may be deleted at any time."""
        return self.home / "thumbnails"

    @property
    def stack(self) -> Path:
        """Everything of the children of local mode."""
        return self.home / "stack"

    @property
    def store_data(self) -> Path:
        """The recordings themselves, as the embedded store keeps them."""
        return self.stack / "data"

    @property
    def store_config(self) -> Path:
        """The embedded store's working folder: its settings, keys and certificates, made anew at every start."""
        return self.stack / "config"

    def child_record(self, name: str) -> Path:
        """Which process runs as this child, for finding it again after a crash."""
        return self.stack / f"{name}.json"


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that a reader sees the old or the new content; mode 0600."""
    # mkstemp creates with 0600 whatever the umask is.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def free_bytes(folder: Path) -> int | None:
    """Free bytes for this person on the disk that holds a folder, which need not exist yet; None where unknown."""
    for place in (folder, *folder.parents):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            try:
                return shutil.disk_usage(place).free
            except PermissionError:
                return None
    return None


def _close_to_others(folder: Path) -> None:
    if sys.platform != "win32":
        status = folder.stat()
        # Not a shared folder such as /tmp, which someone named as RECORDER_HOME: others would be locked out of it.
        is_shared = status.st_uid != os.getuid() or status.st_mode & stat.S_ISVTX
        if status.st_mode & 0o077 and not is_shared:
            folder.chmod(0o700)
