"""Runs one child process and ends it as soon as the app that asked for it is gone, however that happened.

A program of its own, of the standard library only: the app starts it with `guard_command` and keeps the writing
end of its standard input. When that pipe closes (the app quit, crashed or was killed with -9) or on SIGTERM, the
child and everything in its process group are asked to end, and killed after a grace. The child's output goes where
the guard's goes; the guard ends with the child's exit code. Which process the child is stands in the record file.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

FLAG = "--child-guard"
"""First argument of the packaged app when it is to act as this program."""

_PR_SET_PDEATHSIG = 1


def guard_command(command: Sequence[str], record: Path | None, grace_s: float) -> list[str]:
    """The command line that runs `command` under a guard, its identity kept in `record` while it runs."""
    # Isolated and without site: starts in 20 ms, and nothing of the person's Python set-up can break it. In a
    # PyInstaller build sys.executable is the app itself.
    program = [FLAG] if getattr(sys, "frozen", False) else ["-I", "-S", __file__]
    return [sys.executable, *program, str(grace_s), str(record or ""), *command]


def main(arguments: Sequence[str]) -> int:
    """Run the child to its end, or to the app's. Arguments: grace in seconds, record file, command."""
    grace_s, record, command = float(arguments[0]), arguments[1], list(arguments[2:])
    happened: queue.SimpleQueue[str] = queue.SimpleQueue()
    # SimpleQueue.put may be called from a signal handler that interrupted another put.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: happened.put("asked to stop"))
    if os.name != "nt":
        os.umask(0o077)  # whatever the child writes is for this person alone
    job = kill_with_this_process()
    try:
        child = _start(command)
    except OSError as problem:
        sys.stderr.write(f"{command[0]}: {problem.strerror}\n")
        return 127
    if record:
        _write_record(Path(record), child.pid)
    _report(happened, "app gone", _wait_for_closed_input)
    _report(happened, "child ended", child.wait)
    happened.get()
    code = _end(child, grace_s)
    if record:
        _remove_record(Path(record), child.pid)
    del job  # kept until here: closing it ends the child
    return code if code >= 0 else 128 - code


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=os.name != "nt",  # its own process group, which can be ended as a whole
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        # The guard has one thread at this moment, so preexec_fn is safe.
        preexec_fn=_die_with_guard,  # noqa: PLW1509
    )


def _report(happened: queue.SimpleQueue[str], event: str, wait: Callable[[], object]) -> None:
    def run() -> None:
        wait()
        happened.put(event)

    threading.Thread(target=run, daemon=True, name=event).start()


def _wait_for_closed_input() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass


def _end(child: subprocess.Popen[bytes], grace_s: float) -> int:
    if sys.platform == "win32":
        # Windows knows no polite request for a process without a window; the store and SQLite bear a sudden end.
        child.terminate()
    else:
        _signal_group(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(grace_s)
        # Also when the child ended by itself: what it started must not outlive it.
        _signal_group(child.pid, signal.SIGKILL)
    return child.wait()


def _signal_group(group: int, number: int) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _write_record(record: Path, pid: int) -> None:
    temporary = record.with_name(record.name + ".new")
    with contextlib.suppress(OSError):
        temporary.write_text(json.dumps({"pid": pid, "mark": start_mark(pid)}), "utf-8")
        temporary.replace(record)


def _remove_record(record: Path, pid: int) -> None:
    # Only one's own: the next app may have replaced this child and written its own record already.
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if json.loads(record.read_text("utf-8"))["pid"] == pid:
            record.unlink()


if sys.platform == "win32":
    _die_with_guard = None

    def start_mark(pid: int) -> str | None:
        """What tells this process from any other that ever had the same number; None when it does not run."""
        # Not tried on Windows. 0x1000: PROCESS_QUERY_LIMITED_INFORMATION; 259: STILL_ACTIVE.
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = wintypes.HANDLE
        handle = wintypes.HANDLE(kernel.OpenProcess(0x1000, False, pid))
        if not handle:
            return None
        try:
            code, times = wintypes.DWORD(), [wintypes.FILETIME() for _ in range(4)]
            told = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
            told = told and kernel.GetProcessTimes(handle, *(ctypes.byref(each) for each in times))
            created = times[0]
            return f"{created.dwHighDateTime} {created.dwLowDateTime}" if told and code.value == 259 else None
        finally:
            kernel.CloseHandle(handle)

    def kill_with_this_process() -> object:
        """Put this process into a job that ends with it; its children are born into the same job.

        Not tried on Windows. 9: JobObjectExtendedLimitInformation; 0x2000: JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE.
        """
        import ctypes
        from ctypes import wintypes

        class _Limits(ctypes.Structure):
            _fields_ = [
                ("per_process_time", ctypes.c_int64),
                ("per_job_time", ctypes.c_int64),
                ("flags", wintypes.DWORD),
                ("minimum_working_set", ctypes.c_size_t),
                ("maximum_working_set", ctypes.c_size_t),
                ("active_processes", wintypes.DWORD),
                ("affinity", ctypes.c_size_t),
                ("priority", wintypes.DWORD),
                ("scheduling", wintypes.DWORD),
                ("io_counters", ctypes.c_uint64 * 6),
                ("memory_limits", ctypes.c_size_t * 4),
            ]

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        job = wintypes.HANDLE(kernel.CreateJobObjectW(None, None))
        limits = _Limits(flags=0x2000)
        kernel.SetInformationJobObject(job, 9, ctypes.byref(limits), ctypes.sizeof(limits))
        kernel.AssignProcessToJobObject(job, wintypes.HANDLE(kernel.GetCurrentProcess()))
        return job

elif sys.platform == "linux":

    def _die_with_guard() -> None:
        # Ends the child when the guard itself is killed. macOS has no twin of this: there the record file lets the
        # next start find and end the child.
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def start_mark(pid: int) -> str | None:
        """What tells this process from any other that ever had the same number; None when it does not run."""
        try:
            # Field 22, counted after the command name in parentheses, which may hold spaces; field 3 is the state.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            program = str(Path(f"/proc/{pid}/exe").readlink()).removesuffix(" (deleted)")
        except OSError:
            return None
        return None if fields[0] == "Z" else f"{boot} {fields[19]} {program}"

    def kill_with_this_process() -> object:
        """Only Windows has this."""
        return None

else:
    _die_with_guard = None

    def start_mark(pid: int) -> str | None:
        """What tells this process from any other that ever had the same number; None when it does not run."""
        # macOS (not tried there): start time and command line as ps tells them.
        command = ["/bin/ps", "-ww", "-o", "lstart=,command=", "-p", str(pid)]
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            told = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
            return told.stdout.strip() or None
        return None

    def kill_with_this_process() -> object:
        """Only Windows has this."""
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
