"""Recordings made by ffmpeg."""

from __future__ import annotations

import subprocess
from pathlib import Path


def make_noise(path: Path, duration_s: int) -> Path:
    """A recording of 576,000 bytes a second. Nothing in it repeats: a part in the wrong place is a wrong part."""
    noise = ["-f", "lavfi", "-i", f"anoisesrc=duration={duration_s}:sample_rate=96000:seed=1"]
    command = ["ffmpeg", "-v", "error", *noise, "-ac", "2", "-c:a", "pcm_s24le", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path
