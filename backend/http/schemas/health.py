"""The answers for whoever watches the process."""

from __future__ import annotations

from backend.http.schemas.wire import Answer


class HealthAnswer(Answer):
    """A sign of life."""

    status: str
