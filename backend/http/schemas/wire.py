"""What all bodies and answers share: exact types, camelCase names, text that JSON can carry, times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AliasGenerator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from backend.http.schemas.examples import with_examples

# Times are kept to the millisecond.
_LESS_THAN_A_DAY = timedelta(days=1) - timedelta(milliseconds=1)


def json_text(value: object) -> object:
    """Refuse text that no JSON answer could carry: half of a surrogate pair."""
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("not valid Unicode") from None
    return value


def no_nul(value: str) -> str:
    """Refuse text that no database and no file name takes."""
    if "\0" in value:
        raise ValueError("contains a NUL character")
    return value


FileName = Annotated[str, BeforeValidator(json_text), AfterValidator(no_nul), Field(min_length=1, max_length=1024)]
Identifier = Annotated[str, BeforeValidator(json_text), AfterValidator(no_nul), Field(min_length=1, max_length=2048)]


class Body(BaseModel):
    """A request: exact types, camelCase names, unknown fields ignored unless a body says otherwise."""

    model_config = ConfigDict(
        strict=True,
        extra="ignore",
        alias_generator=AliasGenerator(alias=to_camel),
        hide_input_in_errors=True,
        json_schema_extra=with_examples,
    )


class Answer(BaseModel):
    """A response in camelCase."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(alias=to_camel), populate_by_name=True, json_schema_extra=with_examples
    )


class ErrorAnswer(Answer):
    """Every error of every route."""

    code: str
    message: str
    request_id: str
    details: dict[str, Any] | None = None


def iso(moment: datetime) -> str:
    """Return ISO 8601 in UTC with milliseconds and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def first_moment(value: object) -> object:
    """Return the time that a text names, or the beginning of the day; aware, UTC where it names no zone."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not a time or date in ISO 8601") from None


def last_moment(value: object) -> object:
    """Return the time that a text names, or the end of the day; aware, UTC where it names no zone."""
    moment = first_moment(value)
    is_day = isinstance(value, str) and "T" not in value.upper() and " " not in value
    return moment + _LESS_THAN_A_DAY if is_day and isinstance(moment, datetime) else moment
