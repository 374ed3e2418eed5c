"""What the window remembers between runs, as a port: the settings file is someone else's business."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from recorder_desktop.config import LIMIT_SETTING as LIMIT

CLOSE_ACTION = "window.close_action"
"""What closing the window does while uploads run: "background" or "quit"; unset until the person was asked."""

GEOMETRY = "window.geometry"
"""Size and place of the window, as Qt saves it, in base64."""

APPEARANCE = "window.appearance"
""" "light" or "dark"; unset follows the system."""

LANGUAGE = "window.language"
"""The language's code, as "de"; unset follows the system."""

ALL_DONE = "notifications.all_done"
"""Whether the person is told when everything is stored: "false" for no."""

NEEDS_ME = "notifications.needs_me"
"""The same for when something needs them."""

WATCHED = "folders.watched"
"""The folders that are watched; several texts."""


class UiSettings(Protocol):
    """A small store of texts. Must not block: values are in memory, writing happens elsewhere."""

    def get(self, key: str) -> str | None:
        """The remembered text, None if there is none."""

    def get_all(self, key: str) -> tuple[str, ...]:
        """The remembered texts of a key that has several."""

    def set(self, key: str, value: str | Sequence[str] | None) -> None:
        """Remember a text or several, or with None forget it."""


class ForgetfulSettings:
    """Settings that last as long as the process."""

    def __init__(self) -> None:
        self._values: dict[str, str | Sequence[str]] = {}

    def get(self, key: str) -> str | None:
        """The remembered text, None if there is none."""
        value = self._values.get(key)
        return value if isinstance(value, str) else None

    def get_all(self, key: str) -> tuple[str, ...]:
        """The remembered texts of a key that has several."""
        value = self._values.get(key, ())
        return (value,) if isinstance(value, str) else tuple(value)

    def set(self, key: str, value: str | Sequence[str] | None) -> None:
        """Remember a text or several until the process ends, or with None forget it."""
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = value


def is_on(settings: UiSettings, key: str) -> bool:
    """Whether a switch that is on by itself was left on."""
    return settings.get(key) != "false"


__all__ = [
    "ALL_DONE",
    "APPEARANCE",
    "CLOSE_ACTION",
    "GEOMETRY",
    "LANGUAGE",
    "LIMIT",
    "NEEDS_ME",
    "WATCHED",
    "ForgetfulSettings",
    "UiSettings",
    "is_on",
]
