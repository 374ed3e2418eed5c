"""The way for a second command to reach the process that owns the queue: local, authenticated, without Qt.

A request is one object; its answer is any number of objects. Address and key stand in `owner.json`, which only this
person can read; it is gone when nobody runs, and one that a killed owner left behind is recognised and replaced.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import CancelledError
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, cast

from recorder_desktop.core.errors import ErrorKind, Unavailable, UploadError
from recorder_desktop.system.owner_wire import Message, prove_as_caller, prove_as_owner, receive, send
from recorder_desktop.system.paths import RecorderPaths, write_private

_log = logging.getLogger(__name__)

Handler = Callable[[Message], Iterator[Message]]

_FOLDER_PREFIX = "recorder-"
# sun_path holds 104 bytes on macOS, 108 on Linux.
_ADDRESS_LIMIT_BYTES = 100
_BACKLOG = 16


class NoOwner(Unavailable):
    """Nobody runs for this home."""

    code = "no_owner"


class OwnerGone(Unavailable):
    """The owner ended before it had answered in full."""

    code = "owner_gone"


class _Broken(Exception):
    """The answer cannot be completed: the caller went away, or the owner closes."""


class OwnerChannel:
    """The owner's end: answers each request with the objects that `handler(request)` yields, until `close`.

    Only the holder of the owner lock opens one. Each caller is served on a thread of its own. The handler's iterator
    is closed (GeneratorExit) at its next yield after its caller went away; an empty object is not sent and only
    makes that check, so a handler that waits long should yield one every second or so.
    """

    def __init__(self, paths: RecorderPaths, handler: Handler) -> None:
        self._paths = paths
        self._handler = handler
        self._key = secrets.token_bytes(32)
        self._is_closing = threading.Event()
        _remove_leftover(paths)
        self._folder, self._address = _new_address()
        self._listener = Listener(self._address, backlog=_BACKLOG)
        card = {"address": self._address, "key": self._key.hex(), "pid": os.getpid()}
        write_private(paths.owner_address, json.dumps(card).encode())
        self._thread = threading.Thread(target=self._accept, name="owner-channel", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more requests; answers under way end with the process or their handler."""
        if self._is_closing.is_set():
            return
        self._is_closing.set()
        with contextlib.suppress(OSError):
            self._paths.owner_address.unlink()
        # accept() does not wake up when its socket is closed by another thread; a call does it.
        with contextlib.suppress(OSError, EOFError):
            Client(self._address).close()
        self._thread.join(2.0)
        self._listener.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self) -> None:
        while not self._is_closing.is_set():
            try:
                # Without the key, so that a silent caller cannot hold up the others: it is proven on the own thread.
                connection = self._listener.accept()
            except (OSError, EOFError):
                if self._is_closing.wait(0.05):  # also the pause when the process has no descriptor left
                    return
                continue
            threading.Thread(target=self._serve, args=(connection,), name="owner-call", daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection, contextlib.suppress(_Broken):
            try:
                prove_as_owner(connection, self._key)
                request = receive(connection)
            except (OSError, EOFError, ValueError, AuthenticationError):
                return
            _tell(connection, self._answer(connection, request))

    def _answer(self, connection: Connection, request: Message) -> Message:
        """Send the handler's objects; return the last message, which says how it ended."""
        try:
            with contextlib.closing(_generator(self._handler(request))) as answers:
                for answer in answers:
                    _check_caller(connection)
                    if answer:
                        _tell(connection, {"item": answer})
        except CancelledError as problem:  # by an engine that closes; its end has the caller ask the next owner
            raise _Broken from problem
        except UploadError as problem:
            return {"error": _describe(problem)}
        except _Broken:
            raise
        except Exception:  # noqa: BLE001 - the thread's top
            _log.exception("a request of another command failed")
            return {"error": _describe(UploadError("Recorder could not do that. Its log says why.", code="internal"))}
        return {"end": True}


def call_owner(paths: RecorderPaths, request: Message) -> Iterator[Message]:
    """Ask the owner of this home; yield the objects of its answer as they come.

    The request has been sent when this returns. Raises NoOwner when nobody runs; while iterating, OwnerGone when the
    owner ends early, or an UploadError with the code, message and kind of the handler's.
    """
    connection = _connect(paths)
    try:
        send(connection, request)
    except OSError as problem:
        connection.close()
        raise NoOwner("Recorder has just closed. Try again.") from problem
    return _answers(connection)


def _answers(connection: Connection) -> Iterator[Message]:
    with connection:
        while True:
            try:
                message = receive(connection)
            except (OSError, EOFError, ValueError) as problem:
                raise OwnerGone("Recorder was closed before it had answered. Try again.") from problem
            error, item = message.get("error"), message.get("item")
            if isinstance(error, dict):
                raise _rebuilt(error)
            if not isinstance(item, dict):
                return
            yield item


def _connect(paths: RecorderPaths) -> Connection:
    connection: Any  # a PipeConnection on Windows, which has the same methods
    try:
        card = json.loads(paths.owner_address.read_text("utf-8"))
        address, key = str(card["address"]), bytes.fromhex(card["key"])
        connection = Client(address)
    except (OSError, EOFError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise NoOwner("Recorder does not run. Start it, then try again.") from problem
    try:
        prove_as_caller(connection, key)
    except (OSError, EOFError, ValueError, AuthenticationError) as problem:
        connection.close()
        raise NoOwner("Recorder does not run. Start it, then try again.") from problem
    return cast("Connection", connection)


def _describe(problem: UploadError) -> dict[str, str]:
    return {"code": problem.code, "message": problem.message, "kind": problem.kind.name}


def _rebuilt(error: dict[str, Any]) -> UploadError:
    problem = UploadError(str(error.get("message", "")), code=str(error.get("code", "failed")))
    with contextlib.suppress(KeyError):
        problem.kind = ErrorKind[str(error.get("kind"))]
    return problem


def _tell(connection: Connection, message: Message) -> None:
    try:
        send(connection, message)
    except OSError as problem:
        raise _Broken from problem


def _check_caller(connection: Connection) -> None:
    try:
        has_ended = connection.poll(0)  # after its request a caller has nothing more to say, so this is its end
    except OSError as problem:
        raise _Broken from problem
    if has_ended:
        raise _Broken


def _generator(answers: Iterator[Message]) -> Generator[Message, None, None]:
    # A generator even where the handler returned a plain iterator: it can be closed.
    yield from answers


def _new_address() -> tuple[Path | None, str]:
    if os.name == "nt":  # not tried on Windows
        return None, rf"\\.\pipe\{_FOLDER_PREFIX}{secrets.token_hex(16)}"
    # Not below the home: its path may be longer than a socket's may be. mkdtemp makes it 0700.
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX))
    if len(os.fsencode(folder / "owner")) > _ADDRESS_LIMIT_BYTES:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir="/tmp"))
    return folder, str(folder / "owner")


def _remove_leftover(paths: RecorderPaths) -> None:
    # Whoever opens a channel holds the owner lock, so an address that stands here belongs to nobody any more.
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        left = Path(json.loads(paths.owner_address.read_text("utf-8"))["address"])
        paths.owner_address.unlink()
        if left.name == "owner" and left.parent.name.startswith(_FOLDER_PREFIX):
            left.unlink()
            left.parent.rmdir()


__all__ = ["Handler", "NoOwner", "OwnerChannel", "OwnerGone", "call_owner"]
