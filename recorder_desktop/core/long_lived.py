"""Keeps Python's garbage collector from looking through what is there to stay, which takes seconds in all."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 100
"""From so many on it is worth it. Garbage that lies about at that moment is never looked through either."""

_SHORT_LOOKS = (3_000, 3, 2)
"""After so many more objects Python looks through these; every fourth such look takes in what came since the last
longer one as well, and every third of those all that is not kept from it. A look at 50,000 holds up every thread, and
so the window, for up to 0.1 s."""


def settled() -> None:
    """The program has loaded and shown what it has: that stays, and looks for garbage are short from now on.

    What is there after a look at everything is kept from later ones too. So what lives long must not refer to itself
    in a circle, or be gone before this is called again, which begins anew.
    """
    gc.set_threshold(*_SHORT_LOOKS)
    if _keep_what_was_looked_through in gc.callbacks:
        gc.unfreeze()
        gc.collect()
    else:
        # Without a look, which takes the window 40 ms: it finds 166 of 80,000 objects.
        gc.callbacks.append(_keep_what_was_looked_through)
        gc.freeze()


def _keep_what_was_looked_through(phase: str, info: dict[str, int]) -> None:
    # What is left after a look at everything is in use. The uploads of a long queue would make each such look longer.
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()


@contextmanager
def long_lived(count: int) -> Iterator[None]:
    """What is made in this block, for `count` uploads, is never looked through; it is freed all the same when nobody
    refers to it. Few are left to the collector: what is there besides would be kept from it too, again and again.
    """
    if count < _MANY:
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
