"""What the person chose, remembered in one readable TOML file. Never a secret."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from recorder_desktop.system.paths import write_private

_log = logging.getLogger(__name__)


class SettingsFile:
    """Texts by dotted key: `window.geometry` is `geometry` in the table `window`. Reading and setting never block.

    Several processes may have the file open, and people edit it: what is written are the keys that were set here,
    into what the file says by then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            self._tree = _read(path)  # guarded by _lock
        except OSError as problem:
            _log.warning("the settings in %s could not be read (%s); they start empty", path, problem)
            self._tree = {}
        self._unwritten: dict[str, str | list[str] | None] = {}  # guarded by _lock
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="settings")

    def get(self, key: str) -> str | None:
        """The remembered text, None if there is none. A number or switch reads as TOML writes it."""
        table, _, name = key.rpartition(".")
        with self._lock:
            there = self._tree.get(table, {}) if table else self._tree
            value = there.get(name) if isinstance(there, dict) else None
        if isinstance(value, bool):
            return str(value).lower()
        return None if value is None or isinstance(value, dict | list) else str(value)

    def get_all(self, key: str) -> tuple[str, ...]:
        """The remembered texts of a key that has several, in their order; a single one counts too."""
        table, _, name = key.rpartition(".")
        with self._lock:
            there = self._tree.get(table, {}) if table else self._tree
            value = there.get(name) if isinstance(there, dict) else None
        if isinstance(value, list):
            return tuple(each for each in value if isinstance(each, str))
        return (value,) if isinstance(value, str) else ()

    def set(self, key: str, value: str | Sequence[str] | None) -> None:
        """Remember a text or several, or with None forget it; it is written in the background."""
        if value is not None and not isinstance(value, str):
            value = list(value)
        with self._lock:
            _put(self._tree, key, value)
            self._unwritten[key] = value
        self._writer.submit(self._write)

    def close(self) -> None:
        """Return when everything is written."""
        self._writer.shutdown()

    def _write(self) -> None:
        with self._lock:
            changes, self._unwritten = self._unwritten, {}
        if not changes:
            return  # an earlier turn wrote them
        try:
            self._merge(changes)
        except OSError as problem:
            _log.warning("the settings could not be written (%s)", problem)

    def _merge(self, changes: Mapping[str, str | list[str] | None]) -> None:
        import tomli_w
        from filelock import FileLock

        # `login` may be the first thing that anybody does in this home.
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self._path.with_name(f".{self._path.name}.lock"), mode=0o600, poll_interval=0.01):
            tree = _read(self._path, keep_damaged=True)
            for key, value in changes.items():
                _put(tree, key, value)
            write_private(self._path, tomli_w.dumps(tree).encode())
        with self._lock:
            for key, value in self._unwritten.items():
                _put(tree, key, value)
            self._tree = tree


def _put(tree: dict[str, Any], key: str, value: str | list[str] | None) -> None:
    table, _, name = key.rpartition(".")
    target = tree.setdefault(table, {}) if table else tree
    if not isinstance(target, dict):  # a text where a table belongs
        target = tree[table] = {}
    if value is None:
        target.pop(name, None)
    else:
        target[name] = value
    if table and not target:
        del tree[table]


def _read(path: Path, *, keep_damaged: bool = False) -> dict[str, Any]:
    """The file as TOML reads it. keep_damaged: one that is no TOML moves aside, since another takes its place."""
    try:
        text = path.read_text("utf-8")
        from tomllib import loads  # here: most often there is nothing to read

        return loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (ValueError, RecursionError) as problem:
        # Without its traceback: a command shows this line to the person.
        _log.warning("the settings in %s could not be read (%s); they start empty", path, problem)
        if keep_damaged:
            with suppress(OSError):
                path.replace(path.with_name(f"{path.name}.damaged"))
        return {}
