"""The file for whoever helps, as the window asks for it."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Protocol


class DiagnosticsDesk(Protocol):
    """Packs diagnostics, whether or not the engine could be opened."""

    def export(self, target: Path) -> Future[Path]:
        """Write the bundle to `target`; returns at once. The future has the file, or raises core.errors."""
