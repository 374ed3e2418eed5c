"""What is noted of a request when it is over: one line of log, and an observation for whoever measures."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

# Called with method, route pattern, status, error code and seconds.
RequestObserver = Callable[[str, str | None, int, str | None, float], None]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Ended:
    """A request that is over. ``route`` is its pattern and never the path: that can hold keys and upload ids."""

    request_id: str
    user: str | None
    method: str
    route: str | None
    status: int
    code: str | None
    seconds: float


def note(ended: Ended, on_request: RequestObserver | None) -> None:
    """Log the request, and tell whoever measures."""
    fields = (
        f'"requestId": "{ended.request_id}", "user": {_json(ended.user)}, "method": {_json(ended.method)}, '
        f'"route": {_json(ended.route)}, "status": {ended.status}, "code": {_json(ended.code)}, '
        f'"ms": {ended.seconds * 1000:.1f}'
    )
    log.info("request", extra={"fields": fields})
    if on_request is not None:
        on_request(ended.method, ended.route, ended.status, ended.code, ended.seconds)


@lru_cache(maxsize=1024)
def _json(text: str | None) -> str:
    """Return it as JSON. The same few come all the time."""
    return json.dumps(text)
