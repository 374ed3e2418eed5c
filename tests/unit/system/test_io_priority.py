"""The disk priority of a thread, read back from the kernel."""

from __future__ import annotations

import ctypes
import os
import platform
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from recorder_desktop.system.io_priority import lower_this_thread

GET_CALL = {"x86_64": 252, "aarch64": 31}


def priority() -> tuple[int, int]:
    """Class and level of the calling thread, as the kernel knows them."""
    told: int = ctypes.CDLL(None, use_errno=True).syscall(GET_CALL[platform.machine()], 1, 0)
    assert told >= 0, ctypes.get_errno()
    return told >> 13, told & 0x1FFF


def test_the_calling_thread_goes_last_among_best_effort_and_no_other_thread_does() -> None:
    is_lowered, is_compared = threading.Event(), threading.Event()

    def lowered() -> tuple[int, int]:
        lower_this_thread()
        is_lowered.set()
        assert is_compared.wait(20)
        return priority()

    before = priority()
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(lowered)
        assert is_lowered.wait(20)
        other = pool.submit(priority).result(20)
        is_compared.set()
        assert one.result(20) == (2, 7)
    assert other == priority() == before != (2, 7)


def test_lowering_twice_is_the_same_as_once() -> None:
    def lowered_twice() -> tuple[int, int]:
        lower_this_thread()
        lower_this_thread()
        return priority()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lowered_twice).result(20) == (2, 7)


def test_an_unknown_machine_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def on_another_machine() -> tuple[int, int]:
        with monkeypatch.context() as patch:
            patch.setattr(os, "uname", lambda: SimpleNamespace(machine="s390x"))
            lower_this_thread()
        return priority()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(on_another_machine).result(20) == priority()


@pytest.mark.parametrize("problem", [OSError("no C library"), AttributeError("syscall")])
def test_a_system_that_cannot_do_it_is_no_failure(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    lower_this_thread()
