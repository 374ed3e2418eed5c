"""Writes and reads the cursors of paged lists: of those by time, and of recordings in any order.

Opaque to clients; not secret.
"""

from __future__ import annotations

import base64
import binascii
import json

from backend.errors import InvalidField
from backend.model import Cursor, Place, RecordingOrder, from_millis, to_millis


def encode_cursor(cursor: Cursor) -> str:
    """Return the cursor as URL-safe text."""
    return base64.urlsafe_b64encode(f"{to_millis(cursor.created_at)}:{cursor.item_id}".encode()).decode()


def decode_cursor(text: str | None) -> Cursor | None:
    """Return the cursor, None for None. Raises InvalidField when the text was not made here."""
    if text is None:
        return None
    try:
        millis, _, item_id = base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii").partition(":")
        return Cursor(from_millis(int(millis)), item_id)
    except (binascii.Error, ValueError, OverflowError) as exc:
        raise InvalidField("cursor", "not a cursor of this list") from exc


def encode_place(place: Place, order: RecordingOrder) -> str:
    """Return the place as URL-safe text that counts in this order alone."""
    told = json.dumps([order.value, place.value, place.item_id], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode()


def decode_place(text: str | None, order: RecordingOrder) -> Place | None:
    """Return the place, None for None. Raises InvalidField when the text was not made here for this order."""
    if text is None:
        return None
    try:
        told = json.loads(base64.b64decode(text, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as exc:
        raise InvalidField("cursor", "not a cursor of this list") from exc
    match told:
        case [order.value, value, str(item_id)] if _is_value(value, order):
            return Place(value, item_id)
    raise InvalidField("cursor", "not a cursor of this list")


def _is_value(value: object, order: RecordingOrder) -> bool:
    """Whether a recording can have this value; databases compare only what is of one kind."""
    match order.key:
        case "fileName":
            return isinstance(value, str)
        case "duration":
            return value is None or (type(value) in (int, float) and 0 <= float(str(value)) < _MOST)
        case _:
            return type(value) is int and -_MOST < value < _MOST


_MOST = 1 << 63
