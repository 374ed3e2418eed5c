"""The bodies and answers of the routes that open and complete several uploads at once."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field

from backend.batch_service import SentUpload
from backend.errors import BackendError
from backend.http.error_handlers import status_of
from backend.http.schemas.recordings import RecordingAnswer
from backend.http.schemas.uploads import CompleteBody, InitAnswer, InitBody
from backend.http.schemas.wire import Answer, Body
from backend.upload_service import NewUpload, OpenedUpload

MAX_AT_ONCE = 100


class InitManyBody(Body):
    """``POST /s3/init-uploads``: each as for ``/s3/init-upload``."""

    uploads: Annotated[list[InitBody], Field(min_length=1, max_length=MAX_AT_ONCE)]

    def to_model(self) -> list[NewUpload]:
        """Return the request as the service knows it."""
        return [each.to_model() for each in self.uploads]


class CompleteManyBody(Body):
    """``POST /s3/complete-uploads``: each as for ``/s3/complete-upload``."""

    uploads: Annotated[list[CompleteBody], Field(min_length=1, max_length=MAX_AT_ONCE)]

    def to_model(self) -> list[SentUpload]:
        """Return the request as the service knows it."""
        return [SentUpload(each.upload_id, each.key, each.to_model()) for each in self.uploads]


class OneErrorAnswer(Answer):
    """What the route for a single upload would have answered, and with which status."""

    status: Annotated[int, Field(examples=[404])]
    code: str
    message: str
    details: dict[str, Any] | None = None

    @classmethod
    def of(cls, error: BackendError) -> Self:
        """Return the answer for one error."""
        told = cls(status=status_of(error), code=error.code, message=error.message)
        return told if error.details is None else told.model_copy(update={"details": error.details})


class OneOpenedAnswer(Answer):
    """What became of one upload: one of the two fields is there."""

    upload: InitAnswer | None = None
    error: OneErrorAnswer | None = None

    @classmethod
    def of(cls, outcome: OpenedUpload | BackendError, bucket: str) -> Self:
        """Return the answer for one of several."""
        if isinstance(outcome, BackendError):
            return cls(error=OneErrorAnswer.of(outcome))
        return cls(upload=InitAnswer.of(outcome, bucket))


class OpenedManyAnswer(Answer):
    """In the order asked for."""

    items: list[OneOpenedAnswer]


class OneCompletedAnswer(Answer):
    """What became of one upload: one of the two fields is there."""

    recording: RecordingAnswer | None = None
    error: OneErrorAnswer | None = None


class CompletedManyAnswer(Answer):
    """In the order asked for."""

    items: list[OneCompletedAnswer]
