"""Measures a catalogue from outside: how long its operations take, and how uploads end."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar, cast

from backend.errors import CatalogueUnavailable, CatalogueUnusable
from backend.metrics import Metrics
from backend.model import Recording, SessionState, UploadSession
from backend.ports import Catalogue

Port = TypeVar("Port")
Method = Callable[..., Any]


class _Wrapped:
    """Holds the methods of a port, each wrapped once: a call goes through no lookup by name."""


def timed(port: Port, metrics: Metrics) -> Port:
    """Return the port with the time of each of its methods measured, under the method's name."""
    wrapped = _Wrapped()
    for name, method in _methods(port).items():
        setattr(wrapped, name, _timed(method, *metrics.database_timer(name)))
    return cast("Port", wrapped)


def counted(catalogue: Catalogue, metrics: Metrics, ended_as: Literal["aborted", "reaped"]) -> Catalogue:
    """Return the catalogue with the uploads counted that end through it; what is aborted counts as ``ended_as``."""
    wrapped = _Wrapped()
    methods = _methods(catalogue)
    methods["complete_session"] = _completes(catalogue, metrics)
    methods["complete_open_sessions"] = _completes_all(catalogue, metrics)
    methods["swap_session"] = _swaps(catalogue, metrics, ended_as)
    for name, method in methods.items():
        setattr(wrapped, name, method)
    return cast("Catalogue", wrapped)


def _methods(port: object) -> dict[str, Method]:
    found = inspect.getmembers(port, callable)
    return {name: method for name, method in found if not name.startswith("_")}


def _timed(method: Method, observe: Callable[[float], None], failed: Callable[[], None]) -> Method:
    def measured(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return method(*args, **kwargs)
        except (CatalogueUnavailable, CatalogueUnusable):
            failed()
            raise
        finally:
            observe(time.perf_counter() - started)

    return measured


def _completes(catalogue: Catalogue, metrics: Metrics) -> Method:
    def complete_session(session: UploadSession, recording: Recording) -> Recording:
        kept = catalogue.complete_session(session, recording)
        # Asked again, or by two at once, the stored one comes back, which was made at another time.
        if kept == recording:
            _count_completed(session, recording, metrics)
        return kept

    return complete_session


def _completes_all(catalogue: Catalogue, metrics: Metrics) -> Method:
    def complete_open_sessions(completed: Sequence[tuple[UploadSession, Recording]]) -> bool:
        is_done = catalogue.complete_open_sessions(completed)
        for session, recording in completed if is_done else ():
            _count_completed(session, recording, metrics)
        return is_done

    return complete_open_sessions


def _count_completed(session: UploadSession, recording: Recording, metrics: Metrics) -> None:
    seconds = (recording.created_at - session.created_at).total_seconds()
    metrics.upload_completed(recording.size_bytes, seconds)


def _swaps(catalogue: Catalogue, metrics: Metrics, ended_as: Literal["aborted", "reaped"]) -> Method:
    def swap_session(old: UploadSession, new: UploadSession) -> UploadSession:
        stored = catalogue.swap_session(old, new)
        if new.state is SessionState.ABORTED and old.state is not SessionState.ABORTED and stored == new:
            metrics.upload_ended(ended_as)
        return stored

    return swap_session
