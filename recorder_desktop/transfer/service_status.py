"""How each destination is doing, told once a change instead of once a call."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from recorder_desktop.core.errors import ErrorKind, SlowDown, TransientFailure, UploadError
from recorder_desktop.core.events import Event, ServiceChanged, ServiceState
from recorder_desktop.core.lifecycle import ABOUT_A_BUCKET
from recorder_desktop.core.own_bucket import is_bucket


class ServiceStatus:
    """Remembers the last known condition of each destination and emits what differs. Safe from every thread."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._lock = threading.Lock()
        self._words: dict[str, ServiceChanged] = {}  # the last on each place; guarded by _lock
        self._untold: deque[ServiceChanged] = deque()  # guarded by _lock
        self._is_telling = False  # some thread is; guarded by _lock

    def tell_again(self) -> None:
        """Tell the last word on each place once more, for somebody who came later."""
        with self._lock:
            self._untold.extend(self._words.values())
        self._pass_on()

    def starting(self, destination: str) -> None:
        """A connection is being made; says nothing about one that already works."""
        with self._lock:
            if destination in self._words:
                return
        self._tell(destination, ServiceState.STARTING, "")

    def reached(self, destination: str) -> None:
        """A call went through."""
        self._tell(destination, ServiceState.READY, "")

    def lost(self, destination: str, error: UploadError) -> None:
        """A call failed for a reason that passes."""
        is_there = isinstance(error, SlowDown | TransientFailure)
        self._tell(destination, ServiceState.HELD_UP if is_there else ServiceState.UNREACHABLE, error.message)

    def failed(self, destination: str, error: UploadError) -> None:
        """A call failed, for whatever reason."""
        if is_bucket(destination) and error.code in ABOUT_A_BUCKET:
            self._tell(destination, ServiceState.BUCKET, error.message)
        else:
            (self.sign_in if error.kind is ErrorKind.SIGN_IN else self.lost)(destination, error)

    def sign_in(self, destination: str, error: UploadError) -> None:
        """A token is needed."""
        self._tell(destination, ServiceState.SIGN_IN, error.message)

    def _tell(self, destination: str, state: ServiceState, message: str) -> None:
        with self._lock:
            change, known = ServiceChanged(destination, state, message), self._words.get(destination)
            is_known = known is not None and known.state is state
            if known == change or (
                is_known and state is not ServiceState.BUCKET
            ):  # there the words say what to enter
                return
            self._words[destination] = change
            self._untold.append(self._words[destination])
        self._pass_on()

    def _pass_on(self) -> None:
        with self._lock:
            if self._is_telling:
                return
            self._is_telling = True
        try:
            while (change := self._next_change()) is not None:
                self._emit(change)
        except BaseException:
            with self._lock:
                self._is_telling = False  # the next change finds another thread for what is left
            raise

    def _next_change(self) -> ServiceChanged | None:
        """One thread tells them all, so that they are heard in the order in which they came to be."""
        with self._lock:
            self._is_telling = bool(self._untold)
            return self._untold.popleft() if self._untold else None
