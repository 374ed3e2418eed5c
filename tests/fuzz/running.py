"""Tries the parsers one after the other until the time is over, with other inputs each time."""

from __future__ import annotations

import logging
import random
import time
import traceback
from itertools import cycle

from tests.fuzz.targets import all_targets

EXAMPLES = 200
"""Of one parser before it is the next one's turn."""


def fuzz(minutes: float, seed: int) -> int:
    """Print what was tried, and with which input a parser broke its promise; returns how many did."""
    logging.disable(logging.CRITICAL)  # parsers that log what they refuse would drown the result
    chance = random.Random(seed)
    targets = all_targets()
    until = time.monotonic() + minutes * 60
    failed: set[str] = set()
    tried = 0
    for target in cycle(targets):
        if time.monotonic() >= until:
            break
        tried += 1
        try:
            target.run(EXAMPLES, seed=chance.getrandbits(32))
        except (Exception, BaseExceptionGroup) as exc:  # noqa: BLE001 - whatever it is, it is what was looked for
            failed.add(target.name)
            print(f"{target.name}: {''.join(traceback.format_exception(exc)[-40:])}", flush=True)
    print(f"parsers: {len(targets)}, inputs: {tried * EXAMPLES}, broken: {len(failed)}", flush=True)
    return len(failed)
