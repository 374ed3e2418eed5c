"""What the person chose, remembered in one readable TOML file. Never a secret."""

from __future__ import annotations

import logging
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from recorder_desktop.system.paths import write_private

_log = logging.getLogger(__name__)


class SettingsFile:
    """Texts by dotted key: `window.geometry` is `geometry` in the table `window`. Reading and setting never block."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._values = _read(path)  # guarded by _lock
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="settings")

    def get(self, key: str) -> str | None:
        """The remembered text, None if there is none."""
        with self._lock:
            return self._values.get(key)

    def set(self, key: str, value: str | None) -> None:
        """Remember a text, or with None forget it; it is written in the background."""
        with self._lock:
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value
        self._writer.submit(self._write)

    def close(self) -> None:
        """Return when everything is written."""
        self._writer.shutdown()

    def _write(self) -> None:
        import tomli_w

        tree: dict[str, dict[str, str] | str] = {}
        with self._lock:
            for key, value in sorted(self._values.items()):
                table, _, name = key.rpartition(".")
                target = tree.setdefault(table, {}) if table else tree
                if isinstance(target, dict):
                    target[name] = value
        try:
            # `login` may be the first thing that anybody does in this home.
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._path, tomli_w.dumps(tree).encode())
        except OSError as problem:
            _log.warning("the settings could not be written (%s)", problem)


def _read(path: Path) -> dict[str, str]:
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as problem:
        # Without its traceback: a command shows this line to the person.
        _log.warning("the settings in %s could not be read (%s); they start empty", path, problem)
        return {}
    values: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            values.update({f"{key}.{name}": str(text) for name, text in value.items()})
        else:
            values[key] = str(value)
    return values
