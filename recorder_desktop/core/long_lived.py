"""Keeps Python's garbage collector from looking through what is there to stay, which takes seconds in all."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 100
"""From so many on it is worth it. Garbage that lies about at that moment is never looked through either."""


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
