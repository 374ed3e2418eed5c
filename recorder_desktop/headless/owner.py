"""Finds the owner of the queue, or becomes it: every command goes through here."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack

from recorder_desktop.bootstrap import Recorder, log_to_file
from recorder_desktop.config import DesktopConfig
from recorder_desktop.core.errors import Unavailable
from recorder_desktop.headless.answers import Message
from recorder_desktop.headless.owner_service import OwnerService
from recorder_desktop.system.owner_channel import NoOwner, OwnerChannel, OwnerGone, call_owner
from recorder_desktop.system.owner_lock import OwnerLock
from recorder_desktop.system.paths import RecorderPaths

_TAKEOVER_S = 20.0
"""How long an owner may take between taking the lock and answering, or between its last answer and its end."""


def ask(
    paths: RecorderPaths, config: DesktopConfig, request: Message, *, uploading: bool
) -> Generator[Message, None, None]:
    """Yield the owner's answer to `request`; this process becomes the owner where nobody is.

    Whoever does not read it to its end closes it.
    uploading: whether this process, as the owner, works on the queue meanwhile. If the owner that was reached ends
    early, the request is made again: requests may be repeated, so the answer only begins anew.
    """
    deadline = time.monotonic() + _TAKEOVER_S
    while True:
        asked_at = time.monotonic()
        try:
            yield from call_owner(paths, request)
        except NoOwner:
            pass
        except OwnerGone:
            deadline += time.monotonic() - asked_at  # while it answered nobody waited
        else:
            return
        with OwnerLock(paths) as lock:
            if lock.acquire():
                yield from _as_owner(paths, config, request, uploading=uploading)
                return
        if time.monotonic() > deadline:
            raise Unavailable("Recorder runs but does not answer. Close it, then try again.", code="owner_silent")
        time.sleep(0.05)


def _as_owner(paths: RecorderPaths, config: DesktopConfig, request: Message, *, uploading: bool) -> Iterator[Message]:
    with ExitStack() as cleanup:
        log_to_file(paths)
        recorder = Recorder(paths, config, uploading=uploading)
        cleanup.callback(recorder.close)
        about_queue = recorder.about_set_aside()
        if about_queue is not None:
            yield {"notice": about_queue}
        service = OwnerService(recorder, activate=lambda _paths: False)
        if uploading:
            channel = OwnerChannel(paths, service.handle)
            cleanup.callback(channel.close)
            recorder.queue.loaded().result()  # raises: a list that is known in part is not worked on
            recorder.start()
        yield from service.handle(request)
