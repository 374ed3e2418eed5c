"""Keeps the computer from going to sleep by itself while recordings are on their way."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

_log = logging.getLogger(__name__)

WHO = "Recorder"
WHY = "Recordings are being uploaded"

_ANSWER_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 2.0

WORK_S = 3.0
"""Work that is done sooner does not ask: no computer falls asleep while somebody begins something."""

Release = Callable[[], None]


class KeepAwake:
    """One wish, held or not: that this computer stays awake. The screen may turn off all the same.

    `hold` and `release` only note the wish and return at once; a thread of this object carries it out, so that a
    hanging system service delays nobody. They may be called as often as one likes, from any thread, and never
    raise. Where no way works, nothing happens and the log says so once. The wish ends with the process in any case.
    """

    def __init__(self, acquire: Callable[[], Release] | None = None, *, after_s: float = 0.0) -> None:
        """after_s: how long the wish must last before the system is asked."""
        self._acquire = acquire or _acquire_from_system
        self._after_s = after_s
        self._condition = threading.Condition()
        self._wanted = False  # guarded by _condition
        self._closed = False  # guarded by _condition
        self._thread: threading.Thread | None = None  # guarded by _condition; started by the first hold
        self._has_complained = False

    def hold(self) -> None:
        """Stay awake until `release`."""
        with self._condition:
            self._wanted = not self._closed
            if self._thread is None and self._wanted:
                self._thread = self._new_thread()
            self._condition.notify()

    def release(self) -> None:
        """Sleep is fine again."""
        with self._condition:
            self._wanted = False
            self._condition.notify()

    def close(self) -> None:
        """Release for good; waits a moment for the system to know."""
        with self._condition:
            self._wanted, self._closed = False, True
            self._condition.notify()
            thread = self._thread
        if thread is not None:
            thread.join(_CLOSE_TIMEOUT_S)

    def _new_thread(self) -> threading.Thread | None:
        thread = threading.Thread(target=self._serve, name="keep-awake", daemon=True)
        try:
            thread.start()
        except RuntimeError as problem:  # the system gives no more threads; the next hold tries again
            self._complain(problem)
            return None
        return thread

    def _serve(self) -> None:
        while self._next_wish(present=False):
            if not self._lasts():
                continue
            release = self._try_to_acquire()
            self._next_wish(present=True)
            self._try_to_release(release)

    def _next_wish(self, *, present: bool) -> bool:
        """Wait for another wish than `present`, and return it; False at the end."""
        with self._condition:
            self._condition.wait_for(lambda: self._wanted is not present or self._closed)
            return self._wanted

    def _lasts(self) -> bool:
        with self._condition:
            return not self._condition.wait_for(lambda: not self._wanted or self._closed, self._after_s)

    def _try_to_acquire(self) -> Release:
        try:
            return self._acquire()
        except Exception as problem:  # noqa: BLE001 - a service of the system may fail in ways of its own
            self._complain(problem)
            return lambda: None

    def _try_to_release(self, release: Release) -> None:
        try:
            release()
        except Exception as problem:  # noqa: BLE001 - as above
            self._complain(problem)

    def _complain(self, problem: Exception) -> None:
        if not self._has_complained:
            self._has_complained = True
            kind = type(problem).__name__
            _log.info("this computer may go to sleep during uploads: it cannot be kept awake (%s: %s)", kind, problem)


class AwakeWhileBusy:
    """Holds a KeepAwake while there is work, if the person wants that. May be told from any thread."""

    def __init__(self, *, is_wanted: bool, awake: KeepAwake | None = None) -> None:
        self._awake = awake or KeepAwake(after_s=WORK_S)
        self._lock = threading.Lock()
        self._is_wanted = is_wanted  # guarded by _lock
        self._is_busy = False  # guarded by _lock

    def note_busy(self, is_busy: bool) -> None:
        """Work began, or ended."""
        with self._lock:
            self._is_busy = is_busy
            self._follow()

    def set_wanted(self, is_wanted: bool) -> None:
        """The person wants this computer awake during work, or does not."""
        with self._lock:
            self._is_wanted = is_wanted
            self._follow()

    def close(self) -> None:
        """Release for good."""
        self._awake.close()

    def _follow(self) -> None:
        if self._is_wanted and self._is_busy:
            self._awake.hold()
        else:
            self._awake.release()


if sys.platform == "win32":

    def _acquire_from_system() -> Release:
        # Not tried on Windows. The state belongs to the calling thread and ends with it: KeepAwake acquires and
        # releases on the same one. 0x80000000: ES_CONTINUOUS; 1: ES_SYSTEM_REQUIRED.
        import ctypes

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.SetThreadExecutionState.argtypes = [ctypes.c_uint32]
        if not kernel.SetThreadExecutionState(0x80000000 | 1):
            raise ctypes.WinError(ctypes.get_last_error())
        return lambda: kernel.SetThreadExecutionState(0x80000000)

elif sys.platform == "darwin":

    def _acquire_from_system() -> Release:
        # Not tried on macOS. -i: no idle sleep; -w: ends with this process, however that ends.
        import subprocess

        child = subprocess.Popen(
            ["/usr/bin/caffeinate", "-i", "-w", str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def release() -> None:
            child.kill()
            child.wait()

        return release

else:

    def _acquire_from_system() -> Release:
        # A lock of logind, which lasts until its file is closed. `systemd-inhibit` would be no second way: it asks
        # the same service over the same bus.
        from jeepney import DBusErrorResponse  # type: ignore[import-untyped]
        from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

        with open_dbus_connection("SYSTEM", enable_fds=True, auth_timeout=_ANSWER_TIMEOUT_S) as bus:
            try:
                lock = _inhibit(bus, "sleep:idle")
            except DBusErrorResponse:
                # Who is logged in from elsewhere may not block sleep as such, but may say that this computer is busy.
                lock = _inhibit(bus, "idle")
        return lambda: os.close(lock)

    def _inhibit(bus: Any, what: str) -> int:
        """Source: org.freedesktop.login1(5), Inhibit()."""
        from jeepney import DBusAddress, new_method_call
        from jeepney.wrappers import unwrap_msg  # type: ignore[import-untyped]

        logind = DBusAddress("/org/freedesktop/login1", "org.freedesktop.login1", "org.freedesktop.login1.Manager")
        call = new_method_call(logind, "Inhibit", "ssss", (what, WHO, WHY, "block"))
        (lock,) = unwrap_msg(bus.send_and_get_reply(call, timeout=_ANSWER_TIMEOUT_S))
        handle: int = lock.to_raw_fd()
        os.set_inheritable(handle, False)  # a child that held it too would keep the computer awake after us
        return handle
