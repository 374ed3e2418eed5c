"""The data path as a program of its own: reads calls from its input, carries each out on a thread, answers.

A window and the bytes of files in one process take turns with Python's lock, thousands of times a second, and each
turn may have to wait for a processor. It ends with its input, which is when the app has gone, however that happened.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from io import FileIO, RawIOBase
from typing import Any, NoReturn

from recorder_desktop.client.part_sender import StorePartSender
from recorder_desktop.core.concurrency import MAX_CEILING
from recorder_desktop.core.ports import DataPath, Lane
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path.here import DataPathHere
from recorder_desktop.data_path.wire import Message, Send, Sum, digest_fields, error_fields, work_of, write
from recorder_desktop.system.io_priority import let_others_compute_first, lower_this_thread

REPORT_EVERY_S = 0.05
"""Often enough for a bar that moves evenly."""
_HELD_S = 0.5
"""A drive that takes longer is told of."""
_MOST_THREADS = 1024
"""Threads that a dead drive holds are never free again. With so many of them there is no drive left to read."""


def main() -> NoReturn:
    """Serve the app at the other end of the pipes, to its end."""
    let_others_compute_first()  # the window above all
    answers = FileIO(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed must not get between the answers
    try:
        Program(DataPathHere(StorePartSender(max_connections=MAX_CEILING)), answers).serve(sys.stdin.buffer)
    finally:
        os._exit(0)  # threads that send, or that a drive holds, are not waited for


class Program:
    """Carries out calls; each piece of work on a thread that is lowered for reading, or one that sends."""

    def __init__(self, data_path: DataPath, answers: RawIOBase) -> None:
        self._data_path = data_path
        self._answers = answers
        self._lanes = threading.local()
        self._summing = ThreadPoolExecutor(_MOST_THREADS, "sum", initializer=lower_this_thread)
        self._sending = ThreadPoolExecutor(_MOST_THREADS, "send")
        # Held from when it is clear what is to be said until it is: no report comes after its answer.
        self._writing = threading.Lock()
        self._changed = threading.Condition()
        self._calls: dict[int, _Call] = {}  # those at work; guarded by _changed
        threading.Thread(target=self._report, name="reports", daemon=True).start()

    def serve(self, asked: Iterable[bytes]) -> None:
        """Take in what the app says, until it says no more."""
        for line in asked:
            self._take(json.loads(line))

    def _take(self, message: Message) -> None:
        match message:
            case {"limit": limit}:
                self._data_path.limit_to(limit)
            case {"stop": int(number)}:
                with self._changed:
                    call = self._calls.get(number)
                if call is not None:
                    call.stop.set()
            case {"sum": int(number)}:
                self._begin(self._summing, number, work_of(message))
            case {"send": int(number)}:
                self._begin(self._sending, number, work_of(message))
            case {"are you there": True}:
                with self._writing:
                    write(self._answers, {"here": True})

    def _begin(self, threads: ThreadPoolExecutor, number: int, work: Sum | Send) -> None:
        call = _Call()
        with self._changed:
            self._calls[number] = call
            self._changed.notify()
        threads.submit(self._carry_out, number, call, work)

    def _carry_out(self, number: int, call: _Call, work: Sum | Send) -> None:
        try:
            answer = self._result(call, work)
        except Exception as exc:  # noqa: BLE001 - the call's top: the app raises it in its place
            answer = error_fields(exc)
        with self._writing:
            with self._changed:
                del self._calls[number]
            moved, has_waited = call.taken()
            write(self._answers, {"done": number, "moved": moved, "waited": has_waited} | answer)

    def _result(self, call: _Call, work: Sum | Send) -> Message:
        lane = call.lane = self._lane()
        if isinstance(work, Sum):
            return digest_fields(lane.digest(work.path, work.part, call.stop, with_md5=work.with_md5))
        return {"etag": lane.send(work.signed, work.path, work.part, call, call.stop)}

    def _lane(self) -> Lane:
        """This thread's."""
        if not hasattr(self._lanes, "own"):
            self._lanes.own = self._data_path.lane()
        lane: Lane = self._lanes.own
        return lane

    def _report(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._calls)
            with self._writing:
                with self._changed:
                    calls = dict(self._calls)
                now = time.monotonic()
                news = {number: told for number, call in calls.items() if (told := call.news(now)) is not None}
                if news:
                    write(self._answers, {"report": news})
            time.sleep(REPORT_EVERY_S)


class _Call:
    """One piece of work under way. Implements core.ports.Tally: what moves is told with the next report."""

    def __init__(self) -> None:
        self.stop = StopToken()
        self.lane: Lane | None = None
        self._lock = threading.Lock()
        self._moved = 0  # guarded by _lock
        self._has_waited = False  # guarded by _lock
        self._is_held = False  # reports only

    def moved(self, size_bytes: int) -> None:
        """Keep for the next report."""
        with self._lock:
            self._moved += size_bytes

    def waited(self) -> None:
        """Keep for the next report."""
        with self._lock:
            self._has_waited = True

    def taken(self) -> tuple[int, bool]:
        """What came together since the last time."""
        with self._lock:
            taken = self._moved, self._has_waited
            self._moved, self._has_waited = 0, False
        return taken

    def news(self, now: float) -> list[Any] | None:
        """What the app does not know yet; None where there is nothing. A hold is told when it begins and ends."""
        moved, has_waited = self.taken()
        held_s = 0.0 if self.lane is None else self.lane.access.waits_s(now)
        is_held = held_s > _HELD_S
        is_news = moved > 0 or has_waited or is_held is not self._is_held
        self._is_held = is_held
        return [moved, has_waited, held_s if is_held else 0.0] if is_news else None


if __name__ == "__main__":
    main()
