"""Writes and reads the cursors of paged lists. Opaque to clients; not secret."""

from __future__ import annotations

import base64
import binascii

from backend.errors import InvalidField
from backend.model import Cursor, from_millis, to_millis


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
