"""Reads what a command shows on a terminal of its own."""

from __future__ import annotations

import os


def read_until(terminal: int, prompt: str | None) -> str:
    """What the terminal shows up to the prompt and what follows it in its line, or with None to the end."""
    shown = ""
    while prompt is None or prompt not in shown:
        try:
            shown += os.read(terminal, 1024).decode()
        except OSError:  # Linux says so when the other end is closed
            break
    return shown
