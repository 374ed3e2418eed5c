"""Asks ffprobe how long a recording plays, without letting the file talk it into anything else.

`FfprobeMediaProbe` is for the app. `main` is the small program it starts: ffmpeg-python 0.2 can neither bound the
time of ffprobe nor choose its environment, so both run in a process of their own, with an empty environment and
under a guard that ends it, ffprobe included, when time is up or the app is gone.
"""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recorder_desktop.system.child_guard import guard_command

FLAG = "--media-probe"
"""First argument of the packaged app when it is to act as this program."""

# Containers of recordings only. Playlists (hls, dash, concat) are not among them: whatever the file is called, they
# make ffprobe open the addresses inside.
_FORMATS = (
    "3g2,3gp,aac,ac3,aiff,amr,asf,avi,caf,dv,eac3,flac,flv,gxf,h264,hevc,m4a,matroska,mj2,mov,mp3,mp4,mpeg,mpegts,"
    "mpegvideo,mxf,ogg,tta,w64,wav,webm,wv"
)
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "SystemRoot", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "LC_CTYPE")
_GRACE_S = 0.2


class FfprobeMediaProbe:
    """Implements core.ports.MediaProbe for files of this computer."""

    def __init__(self, timeout_s: float = 15.0) -> None:
        self._timeout_s = timeout_s

    def duration_s(self, path: Path) -> float | None:
        """Playing time in seconds; None for what is no recording, for a missing ffprobe and when time is up."""
        try:
            return _as_duration(self._ask(path))
        except (OSError, ValueError):  # ValueError: a NUL in the name
            return None

    def _ask(self, path: Path) -> str:
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        with subprocess.Popen(
            guard_command(_program_command(path.absolute()), None, _GRACE_S),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        ) as guard:
            # Not communicate(): it would close standard input, which tells the guard that we are gone.
            with contextlib.suppress(subprocess.TimeoutExpired):
                guard.wait(self._timeout_s)
            if guard.stdin is not None:
                guard.stdin.close()
            answer = guard.stdout.read(64) if guard.stdout else b""
            return answer.decode("ascii", "replace") if guard.wait() == 0 else ""


def main(arguments: Sequence[str]) -> int:
    """Print the playing time of the file that the only argument names; nothing when it cannot be told."""
    import ffmpeg

    try:
        # `file:` so that a leading dash is no option and a colon no protocol.
        told = ffmpeg.probe(f"file:{arguments[0]}", v="quiet", format_whitelist=_FORMATS, protocol_whitelist="file")
    except (OSError, ValueError, ffmpeg.Error):
        return 1
    sys.stdout.write(_longest(told))
    return 0


def _program_command(path: Path) -> list[str]:
    if getattr(sys, "frozen", False):  # a PyInstaller build: sys.executable is the app itself
        return [sys.executable, FLAG, str(path)]
    return [sys.executable, "-I", "-m", __name__, str(path)]


def _longest(told: dict[str, Any]) -> str:
    # Some containers know a playing time only for their streams.
    candidates = [told.get("format", {}).get("duration"), *(each.get("duration") for each in told.get("streams", []))]
    known = [each for each in candidates if each and _as_duration(str(each)) is not None]
    return str(known[0]) if known else ""


def _as_duration(text: str) -> float | None:
    with contextlib.suppress(ValueError):
        seconds = float(text)
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
