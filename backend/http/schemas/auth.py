"""The bodies and answers of the routes under ``/auth``."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from backend.auth_service import MAX_SUBJECT_CHARS
from backend.http.schemas.wire import Answer, Body, json_text, no_nul
from backend.passwords import MAX_PASSWORD_CHARS
from backend.refresh_tokens import MAX_TOKEN_CHARS
from backend.sign_in_service import Tokens

UserName = Annotated[
    str,
    BeforeValidator(json_text),
    AfterValidator(no_nul),
    Field(min_length=1, max_length=MAX_SUBJECT_CHARS),
]
Password = Annotated[
    SecretStr,
    BeforeValidator(json_text),
    Field(min_length=1, max_length=MAX_PASSWORD_CHARS),
]
RefreshToken = Annotated[
    SecretStr,
    BeforeValidator(json_text),
    Field(min_length=1, max_length=MAX_TOKEN_CHARS),
]


class LoginBody(Body):
    """``POST /auth/login``."""

    username: UserName
    password: Password


class RefreshBody(Body):
    """``POST /auth/refresh`` and ``POST /auth/logout``."""

    refresh_token: RefreshToken


class TokensAnswer(Answer):
    """A pair of tokens. The access token counts for ``expiresIn`` seconds; the refresh token gives the next pair."""

    access_token: str
    refresh_token: str
    expires_in: Annotated[int, Field(examples=[900])]

    @classmethod
    def of(cls, tokens: Tokens) -> Self:
        """Return the answer for one pair."""
        return cls(
            access_token=tokens.access_token, refresh_token=tokens.refresh_token, expires_in=tokens.expires_in_s
        )
