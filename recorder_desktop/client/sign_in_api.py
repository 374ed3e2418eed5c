"""The backend's routes for signing in: the only calls that carry no access token."""

from __future__ import annotations

import json
from typing import Any

import urllib3

from recorder_desktop.client.answer_values import answer_from, seconds, text
from recorder_desktop.client.error_mapping import backend_errors, understood_answer, value_of
from recorder_desktop.client.network import USER_AGENT, connections_to
from recorder_desktop.core.errors import Refused, SignInRequired, SlowDown, Unavailable
from recorder_desktop.core.sign_in import IssuedTokens

_TIMEOUT = urllib3.Timeout(connect=10.0, read=20.0)
"""A lost answer has to be asked for again while the server still gives the same one, for a minute."""

_WRONG = (
    "{server} does not know this user name with this password, or the account is disabled. "
    "Check both and try again, or ask whoever runs the server."
)
_ELSEWHERE = (
    "{server} has no passwords: access tokens come from the team's identity provider. "
    "Get one there and sign in with it."
)


class SignInApi:
    """Signing in to one server. Holds no connection open between calls."""

    def __init__(self, server: str) -> None:
        self._server = server

    def login(self, user: str, password: str) -> IssuedTokens:
        """Sign in. Raises SignInRequired for a wrong name or password, and every kind that a call can fail with."""
        try:
            return self._issued(self._post("login", {"username": user, "password": password}))
        except SignInRequired as exc:
            raise SignInRequired(_WRONG.format(server=self._server)) from exc
        except SlowDown as exc:
            then = f"Try again in {exc.retry_after_s:.0f} s." if exc.retry_after_s else "Try again in a minute."
            raise Unavailable(f"Too many tries to sign in to {self._server}. {then}", code="slow_down") from exc
        except Refused as exc:
            if exc.code != "sign_in_elsewhere":
                raise
            raise Refused(_ELSEWHERE.format(server=self._server), code=exc.code) from exc

    def refresh(self, refresh_token: str) -> IssuedTokens:
        """Tokens in place of this one. Raises SignInRequired when it does not count any more."""
        try:
            return self._issued(self._post("refresh", {"refreshToken": refresh_token}))
        except Refused as exc:
            if exc.code != "sign_in_elsewhere":
                raise
            raise SignInRequired(_ELSEWHERE.format(server=self._server)) from exc

    def logout(self, refresh_token: str) -> None:
        """End the sign-in; one that does not count is no error."""
        self._post("logout", {"refreshToken": refresh_token})

    def _issued(self, answer: Any) -> IssuedTokens:
        with understood_answer(self._server):
            return IssuedTokens(
                text(answer["accessToken"]), text(answer["refreshToken"]), seconds(answer["expiresIn"])
            )

    def _post(self, route: str, body: dict[str, str]) -> Any:
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Content-Type": "application/json"}
        with backend_errors(self._server):
            content = json.dumps(body, ensure_ascii=False).encode()
            with connections_to(self._server, maxsize=1) as http:
                answer = answer_from(
                    http.request(
                        "POST",
                        f"{self._server}/auth/{route}",
                        body=content,
                        headers=headers,
                        timeout=_TIMEOUT,
                        retries=False,
                        redirect=False,
                        preload_content=False,
                    )
                )
        return value_of(answer, self._server)
