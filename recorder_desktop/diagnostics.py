"""Packs the diagnostics for the window, on a thread of its own. Implements core.diagnostics.DiagnosticsDesk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from recorder_desktop.background import begin
from recorder_desktop.config import DesktopConfig
from recorder_desktop.system.paths import RecorderPaths


class Diagnostics:
    """The diagnostics of this run."""

    def __init__(self, paths: RecorderPaths, read_config: Callable[[], DesktopConfig]) -> None:
        """`read_config`: where uploads go by now, which a sign-in changes. It may raise core.errors."""
        self._paths = paths
        self._read_config = read_config

    def export(self, target: Path) -> Future[Path]:
        """Ask the doctor, then write the bundle."""
        return begin("diagnostics", lambda: self._write(target))

    def _write(self, target: Path) -> Path:
        # Imported late: the window is up before that.
        from recorder_desktop.headless.diagnostics import write_bundle
        from recorder_desktop.headless.doctor import findings, line

        config = self._read_config()
        write_bundle(target, self._paths, config, [line(each) for each in findings(self._paths, config)])
        return target
