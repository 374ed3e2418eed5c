"""The backend that comes with the app, as a child process on this computer's loopback address."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from recorder_desktop.system.child_environment import inherited_environment
from recorder_desktop.system.child_process import ChildEnd, ChildPlan, SupervisedChild
from recorder_desktop.system.paths import RecorderPaths

_log = logging.getLogger(__name__)

ISSUER = "recorder-backend"
AUDIENCE = "recorder"


def program_command() -> list[str]:
    """The command line that starts the bundled backend's program."""
    if getattr(sys, "frozen", False):  # a PyInstaller build: sys.executable is the app itself
        return [sys.executable, "--backend"]
    # -P: never a module that happens to lie in the working folder.
    return [sys.executable, "-P", "-m", "backend"]


@dataclass(frozen=True, slots=True)
class NotReady:
    """What keeps the backend from serving, in its own words; both empty when it does not speak at all."""

    code: str = ""
    message: str = ""


class BundledBackend:
    """Serves `settings` (the backend's own environment variables) for one person.

    The port is the system's choice at the first start and stays; JWT_SECRET is made here and stays as well.
    """

    def __init__(
        self,
        paths: RecorderPaths,
        settings: Mapping[str, str],
        goes_on: Callable[[ChildEnd], bool],
        *,
        name: str = "backend",
        command: list[str] | None = None,
        through_proxy: bool = False,
        create_bucket: bool = True,
    ) -> None:
        """`name` is the process's in logs and records: of those that run in one home each has another."""
        self._paths = paths
        self._create_bucket = create_bucket
        self._command = command or program_command()
        self._secret = secrets.token_urlsafe(48)
        self._settings = dict(settings)
        # A proxy has no business between the backend and the embedded store.
        self._inherited = inherited_environment(through_proxy=through_proxy)
        self._own = {
            "JWT_SECRET": self._secret,
            "RECORDER_HOME": str(paths.home),
            "RATE_LIMIT_PER_MINUTE": "0",
            "METRICS": "off",
            "PYTHONUNBUFFERED": "1",
        }
        self._url = ""  # written once, by the thread that reads the child's output
        self._child = SupervisedChild(
            name,
            record=paths.child_record(name),
            log_path=paths.logs / f"{name}.log",
            plan=self._plan,
            on_line=self._read_line,
            goes_on=goes_on,
        )

    @property
    def url(self) -> str:
        """Where it listens; empty until it told."""
        return self._url

    def start(self) -> None:
        """Begin to run; returns at once."""
        self._child.start()

    def use(self, settings: Mapping[str, str]) -> None:
        """Serve these settings from now on: the process begins anew, at the same address and with the same secret."""
        self._settings = dict(settings)
        self._child.restart()

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._child.is_alive()

    def ask_to_stop(self) -> None:
        """Begin to end; returns at once."""
        self._child.ask_to_stop()

    def stop(self) -> None:
        """End it and return when it is gone."""
        self._child.stop()

    def why_not_ready(self, timeout_s: float = 2.0) -> NotReady | None:
        """None when it can serve right now: its store and its catalogue answer it."""
        if not self._url:
            return NotReady()
        # The standard library's client, since it knows no proxies; imported here, on the watching thread.
        import http.client

        connection = http.client.HTTPConnection(urlsplit(self._url).netloc, timeout=timeout_s)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return None if answer.status == 200 else _not_ready(answer.read())
        except (OSError, http.client.HTTPException):
            return NotReady()
        finally:
            connection.close()

    def mint_token(self, user: str, ttl_s: float) -> str:
        """An access token for `user` that this backend accepts for `ttl_s` seconds."""
        import jwt

        now = time.time()
        claims = {"sub": user, "iat": int(now), "exp": int(now + ttl_s), "iss": ISSUER, "aud": AUDIENCE}
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def _plan(self) -> ChildPlan:
        port = urlsplit(self._url).port if self._url else 0
        serve = ["serve", "--host", "127.0.0.1", "--port", str(port)]
        creating = ["--create-bucket"] if self._create_bucket else []
        environment = self._inherited | self._settings | self._own
        return ChildPlan([*self._command, *serve, *creating], environment, self._paths.stack)

    def _read_line(self, line: str) -> None:
        if self._url or not line.startswith('{"event"'):
            return
        try:
            told = json.loads(line)
        except ValueError:
            return
        url = str(told.get("url", ""))
        # Only this computer's own address: a token goes there.
        if told.get("event") == "listening" and urlsplit(url).hostname == "127.0.0.1":
            self._url = url.rstrip("/")
            _log.info("the backend listens on %s", self._url)


def _not_ready(body: bytes) -> NotReady:
    try:
        told = json.loads(body)
        return NotReady(str(told["code"]), str(told["message"]))
    except (ValueError, KeyError, TypeError):
        return NotReady()
