"""Has ffmpeg make small pictures of recordings: a frame of a film, the waveform of a sound.

`FfmpegThumbnailer` is for the app. `main` is the program it starts (see asked_program), which runs one ffmpeg after
the other: with next to no environment, after everything else on processor and disk, within limits of time and memory,
and for containers of recordings in local files only.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from recorder_desktop.core.thumbnails import HEIGHT, SIZE_BYTES_AT_MOST, WIDTH, MediaKind, ThumbnailSource
from recorder_desktop.system.asked_program import AskedProgram, answer, program_command, questions
from recorder_desktop.system.child_guard import kill_with_this_process
from recorder_desktop.system.io_priority import put_this_process_last
from recorder_desktop.system.media_probe import RECORDING_FORMATS

FLAG = "--thumbnailer"
"""First argument of the packaged app when it is to act as this program."""

_TIMEOUT_S = 20.0
_ATTEMPT_S = 8.0
"""Of one ffmpeg; two may be needed for a film."""
_MEMORY_BYTES = 1 << 30
_WAVEFORM_OF_S = 600.0
"""The beginning of a sound is enough to know it by: reading hours of it would take minutes."""
_WAVEFORM_RATE = 8000
"""Samples a second; the filter keeps all of them until the end."""
_FRAME_AT = 0.1
_FRAME_AT_S = 3.0
"""Where a frame is taken, as a share of the playing time or, where that is unknown, in seconds: films begin black."""


class FfmpegThumbnailer:
    """Implements core.thumbnails.Thumbnailer for files of this computer. Safe to use from every thread."""

    def __init__(self, timeout_s: float = _TIMEOUT_S) -> None:
        self._program = AskedProgram(lambda: program_command(FLAG, __name__), timeout_s)

    def picture(self, source: ThumbnailSource) -> bytes | None:
        """A JPEG or PNG; None for what is no recording, for a missing ffmpeg and when time is up."""
        if source.path is None:
            return None
        at_s = _FRAME_AT_S if source.duration_s is None else source.duration_s * _FRAME_AT
        told = self._program.ask([str(source.path.absolute()), source.kind.value, at_s])
        try:
            return base64.b64decode(told, validate=True) or None
        except binascii.Error:
            return None

    def close(self) -> None:
        """End the program, whatever it does. What is asked for just now and later has no picture."""
        self._program.close()


def main(_arguments: Sequence[str]) -> int:
    """Answer each question, a path, a kind and seconds into the recording, with a picture in base64 or nothing."""
    job = kill_with_this_process()
    put_this_process_last()
    _limit()
    asked = questions()
    import ffmpeg

    for path, kind, at_s in asked:
        answer(base64.b64encode(_made(ffmpeg, path, MediaKind(kind), at_s)).decode("ascii"))
    del job  # kept until here: closing it ends ffmpeg
    return 0


def _made(ffmpeg: Any, path: str, kind: MediaKind, at_s: float) -> bytes:
    attempts = [_waveform(ffmpeg, path)]
    if kind is MediaKind.VIDEO:
        # Key frames alone cost little, but there may be none that is found; what has no picture may have sound.
        attempts = [_frame(ffmpeg, path, ss=at_s, skip_frame="nokey"), _frame(ffmpeg, path), *attempts]
    return next(filter(None, map(_output, attempts)), b"")


def _frame(ffmpeg: Any, path: str, **where: Any) -> Any:
    source = _opened(ffmpeg, path, noaccurate_seek=None, **where)
    # Even numbers, and what the eye is to see of pixels that are not square.
    width = f"max(2,trunc(min({WIDTH},{HEIGHT}*dar)/2)*2)"
    height = f"max(2,trunc(min({HEIGHT},{WIDTH}/dar)/2)*2)"
    picture = source.video.filter("scale", width, height).filter("setsar", 1).filter("format", "yuvj420p")
    return picture.output("pipe:1", format="image2pipe", vcodec="mjpeg", vframes=1, threads=1, **{"q:v": 4})


def _waveform(ffmpeg: Any, path: str) -> Any:
    sound = _opened(ffmpeg, path, t=_WAVEFORM_OF_S).audio
    sound = sound.filter("aformat", sample_rates=_WAVEFORM_RATE, channel_layouts="mono")
    picture = sound.filter("showwavespic", size=f"{WIDTH}x{HEIGHT}", colors="white", draw="full", scale="sqrt")
    return picture.output("pipe:1", format="image2pipe", vcodec="png", vframes=1, threads=1)


def _opened(ffmpeg: Any, path: str, **options: Any) -> Any:
    # `file:` so that a leading dash is no option and a colon no protocol.
    safe = {"format_whitelist": RECORDING_FORMATS, "protocol_whitelist": "file", "threads": 1}
    return ffmpeg.input(f"file:{path}", **safe, **options)


def _output(attempt: Any) -> bytes:
    """What ffmpeg writes, empty if it fails or takes too long."""
    command = attempt.global_args("-nostdin", "-v", "quiet", "-filter_threads", "1").compile()
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_ATTEMPT_S,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return b""
    return done.stdout if len(done.stdout) <= SIZE_BYTES_AT_MOST else b""


if sys.platform == "win32":

    def _limit() -> None:
        """Windows has such limits only for jobs; there time alone is limited."""

else:

    def _limit() -> None:
        """No more memory than a picture takes, no file written, no core dump; ffmpeg inherits it."""
        import resource

        limits = (
            (resource.RLIMIT_AS, _MEMORY_BYTES),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, 64),
        )
        for kind, most in limits:
            with contextlib.suppress(OSError, ValueError):  # a system that has no such limit, or a lower one
                resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
