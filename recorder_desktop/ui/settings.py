"""What the window remembers between runs, as a port: the settings file is someone else's business."""

from __future__ import annotations

from typing import Protocol

CLOSE_ACTION = "window.close_action"
"""What closing the window does while uploads run: "background" or "quit"; unset until the person was asked."""

GEOMETRY = "window.geometry"
"""Size and place of the window, as Qt saves it, in base64."""

APPEARANCE = "window.appearance"
""" "light" or "dark"; unset follows the system."""

LIMIT = "transfers.limit"
"""How fast may be sent, as core.bandwidth writes it; unset for no limit."""


class UiSettings(Protocol):
    """A small store of texts. Must not block: values are in memory, writing happens elsewhere."""

    def get(self, key: str) -> str | None:
        """The remembered text, None if there is none."""

    def set(self, key: str, value: str) -> None:
        """Remember a text."""


class ForgetfulSettings:
    """Settings that last as long as the process."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """The remembered text, None if there is none."""
        return self._values.get(key)

    def set(self, key: str, value: str) -> None:
        """Remember a text until the process ends."""
        self._values[key] = value
