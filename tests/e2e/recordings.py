"""Recordings of noise, made without a program: they are large, and ffmpeg takes long for them."""

from __future__ import annotations

import random
import wave
from pathlib import Path

RATE_HZ, CHANNELS, SAMPLE_BYTES = 96_000, 2, 3


def make_noise(path: Path, duration_s: int) -> Path:
    """A recording of 576,000 bytes a second. Nothing in it repeats: a part in the wrong place is a wrong part."""
    chance = random.Random(1)
    with wave.open(str(path), "wb") as file:
        file.setparams((CHANNELS, SAMPLE_BYTES, RATE_HZ, 0, "NONE", ""))
        for _ in range(duration_s):
            file.writeframes(chance.randbytes(RATE_HZ * CHANNELS * SAMPLE_BYTES))
    return path
