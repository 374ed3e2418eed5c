"""Lets other programs go first, at the disk and at the processor."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from typing import Any

_PROCESS = 1  # IOPRIO_WHO_PROCESS: with 0 the calling thread
_BEST_EFFORT_LAST = 2 << 13 | 7  # IOPRIO_CLASS_BE, the lowest of its eight levels
_IDLE = 3 << 13  # IOPRIO_CLASS_IDLE: only while nobody else wants the disk
_NICENESS = 10
"""A tenth of what another program's thread gets where processors are short: enough for a line while a film is cut."""
_LOWEST_NICENESS = 19
_SET_CALL = {"x86_64": 251, "aarch64": 30}
"""Numbers of the system call ioprio_set, which the C library has no function for. Source: Linux syscall tables."""


def lower_this_thread() -> None:
    """Read and write for the calling thread only after other programs' reads and writes, where the system can do so.

    For the rest of the thread's life. Never raises.
    """
    # AttributeError: a C library without the function.
    with contextlib.suppress(OSError, AttributeError):
        _lower()


def let_others_compute_first() -> None:
    """Have the threads of this process, and those to come, wait while others need the processors, but never for ever.

    For the rest of the process's life. Never raises.
    """
    with contextlib.suppress(OSError, AttributeError):
        _give_way()


def put_this_process_last() -> None:
    """Compute, read and write only while nobody else does, as far as the system can do so; children inherit it.

    For the rest of the process's life, to be called while it has one thread. Never raises.
    """
    with contextlib.suppress(OSError, AttributeError):
        _be_last()


if sys.platform == "win32":

    def _give_way() -> None:
        # Not tried on Windows. 0x4000: BELOW_NORMAL_PRIORITY_CLASS.
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.SetPriorityClass.argtypes = [wintypes.HANDLE, wintypes.DWORD]
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), 0x4000)

    def _be_last() -> None:
        # Not tried on Windows. 0x40: IDLE_PRIORITY_CLASS, inherited; 0x100000: PROCESS_MODE_BACKGROUND_BEGIN.
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.SetPriorityClass.argtypes = [wintypes.HANDLE, wintypes.DWORD]
        for mode in (0x40, 0x100000):
            kernel.SetPriorityClass(kernel.GetCurrentProcess(), mode)

    def _lower() -> None:
        # Not tried on Windows. 0x10000: THREAD_MODE_BACKGROUND_BEGIN.
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentThread.restype = wintypes.HANDLE
        kernel.SetThreadPriority.argtypes = [wintypes.HANDLE, ctypes.c_int]
        kernel.SetThreadPriority(kernel.GetCurrentThread(), 0x10000)

elif sys.platform == "darwin":

    def _give_way() -> None:
        os.nice(_NICENESS)

    def _be_last() -> None:
        # Not tried on macOS. 0: IOPOL_TYPE_DISK; 0: IOPOL_SCOPE_PROCESS; 3: IOPOL_THROTTLE.
        import ctypes

        os.nice(_LOWEST_NICENESS)
        ctypes.CDLL(None).setiopolicy_np(0, 0, 3)

    def _lower() -> None:
        # Not tried on macOS. 0: IOPOL_TYPE_DISK; 1: IOPOL_SCOPE_THREAD; 4: IOPOL_UTILITY, which gives way to what a
        # person waits for without being slowed down for its own sake.
        import ctypes

        ctypes.CDLL(None).setiopolicy_np(0, 1, 4)

else:

    def _give_way() -> None:
        os.nice(_NICENESS)

    def _be_last() -> None:
        os.nice(_LOWEST_NICENESS)
        _set_disk_priority(_IDLE)

    def _lower() -> None:
        _set_disk_priority(_BEST_EFFORT_LAST)

    def _set_disk_priority(priority: int) -> None:
        number = _SET_CALL.get(os.uname().machine)
        # A 32-bit Python has other numbers than the 64-bit kernel that it runs on.
        if number is not None and sys.maxsize > 2**32:
            _c_library().syscall(number, _PROCESS, 0, priority)

    @cache
    def _c_library() -> Any:
        import ctypes

        return ctypes.CDLL(None)
