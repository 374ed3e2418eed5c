"""A future from a thread of its own: how the window's desks wait for network, keyring and disk. No Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def begin(name: str, work: Callable[[], T]) -> Future[T]:
    """Run `work` on a thread called `name`; returns at once. The future has what it gives, or what it raises."""
    return begin_cancellable(name, lambda _claim: work())


def begin_cancellable(name: str, work: Callable[[Callable[[], bool]], T]) -> Future[T]:
    """As `begin`, with a future that can be cancelled until `work` claims it: from there on it has its result.

    `work` is given that claim, a function that returns False when the future was cancelled. What `work` gives or
    raises after that is heard by nobody. A `work` that never claims can be cancelled until its end.
    """
    done: Future[T] = Future()

    def claim() -> bool:
        return done.running() or done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = work(claim)
        except Exception as exc:  # noqa: BLE001 - it reaches whoever asked, with its traceback
            if not done.cancelled() and claim():
                done.set_exception(exc)
        else:
            if not done.cancelled() and claim():
                done.set_result(result)

    # A daemon: nobody who quits waits for a server that does not answer.
    threading.Thread(target=run, name=name, daemon=True).start()
    return done
