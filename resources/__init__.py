"""Pictures, styles and the desktop entry. `FOLDER` is where they lie, also inside a frozen app."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
