"""Asks ffprobe how long recordings play, without letting a file talk it into anything else.

`FfprobeMediaProbe` is for the app. `main` is the program it starts: ffmpeg-python 0.2 can neither bound the time of
ffprobe nor choose its environment, so both run in a process of their own (see asked_program). It answers for one file
after the other, since its start costs as much as ffprobe's.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recorder_desktop.system.asked_program import AskedProgram, answer, program_command, questions
from recorder_desktop.system.child_guard import kill_with_this_process

FLAG = "--media-probe"
"""First argument of the packaged app when it is to act as this program."""

RECORDING_FORMATS = (
    "3g2,3gp,aac,ac3,aiff,amr,asf,avi,caf,dv,eac3,flac,flv,gxf,h264,hevc,m4a,matroska,mj2,mov,mp3,mp4,mpeg,mpegts,"
    "mpegvideo,mxf,ogg,tta,w64,wav,webm,wv"
)
"""Containers of recordings only. Playlists (hls, dash, concat) are not among them: whatever the file is called, they
make ffprobe open the addresses inside."""
_NICENESS = 19
"""Of the program once it has answered: a person may wait for one file, but a folder's playing times give way to its
upload."""


class FfprobeMediaProbe:
    """Implements core.ports.MediaProbe for files of this computer. Safe to use from every thread."""

    def __init__(self, timeout_s: float = 15.0) -> None:
        self._program = AskedProgram(lambda: program_command(FLAG, __name__), timeout_s)

    def duration_s(self, path: Path) -> float | None:
        """Playing time in seconds; None for what is no recording, for a missing ffprobe and when time is up."""
        return _as_duration(self._program.ask(str(path.absolute())))

    def close(self) -> None:
        """End the program, whatever it does. What is asked for just now and later is not told."""
        self._program.close()


def main(_arguments: Sequence[str]) -> int:
    """Answer each line of standard input, a path in JSON, with a line: the playing time, or nothing."""
    job = kill_with_this_process()
    asked = questions()
    import ffmpeg  # meanwhile the app comes to its first question

    for path in asked:
        answer(_told_by_ffprobe(ffmpeg, path))
        _give_way()
    del job  # kept until here: closing it ends ffprobe
    return 0


def _told_by_ffprobe(ffmpeg: Any, path: str) -> str:
    try:
        # `file:` so that a leading dash is no option and a colon no protocol.
        told = ffmpeg.probe(f"file:{path}", v="quiet", format_whitelist=RECORDING_FORMATS, protocol_whitelist="file")
    except (OSError, ValueError, RecursionError, ffmpeg.Error):
        return ""
    return _longest(told)


def _give_way() -> None:
    if os.name != "nt" and (more := _NICENESS - os.nice(0)) > 0:
        os.nice(more)


def _longest(told: Any) -> str:
    # Some containers know a playing time only for their streams.
    streams = told.get("streams") if isinstance(told, dict) else None
    described = [told.get("format"), *streams] if isinstance(streams, list) else []
    candidates = [each.get("duration") for each in described if isinstance(each, dict)]
    known = [each for each in candidates if isinstance(each, str) and _as_duration(each) is not None]
    return known[0] if known else ""


def _as_duration(text: str) -> float | None:
    with contextlib.suppress(ValueError):
        seconds = float(text)
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
