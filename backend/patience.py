"""How long a request may wait for the database, all its questions together: nobody waits longer for an answer.

One question may take as long as an election does. A request that puts several, to a database that is away, would wait
for each of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from backend.errors import CatalogueUnavailable


@dataclass
class _Patience:
    """What is left. Shared by the threads that work for one request, one after the other."""

    left_s: float


_patience: ContextVar[_Patience | None] = ContextVar("patience", default=None)


@contextmanager
def patient_for(limit_s: float) -> Iterator[None]:
    """Let everything inside, on threads that it starts work on too, wait for the database so long and no longer."""
    token = _patience.set(_Patience(limit_s))
    try:
        yield
    finally:
        _patience.reset(token)


@contextmanager
def waiting(now: Callable[[], float] = time.monotonic) -> Iterator[float | None]:
    """Count what is done inside as waiting; yield how many seconds may be waited, None where there is no limit.

    Raises CatalogueUnavailable when all has been waited that may be.
    """
    patience = _patience.get()
    if patience is None:
        yield None
        return
    if patience.left_s <= 0:
        raise CatalogueUnavailable("The database did not answer in time.")
    began = now()
    try:
        yield patience.left_s
    finally:
        patience.left_s -= now() - began
