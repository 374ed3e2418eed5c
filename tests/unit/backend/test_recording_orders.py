"""The library in any order through its service: cursors, and what they are not."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from backend.cursor import decode_place, encode_place
from backend.errors import InvalidField
from backend.model import Place, RecordingOrder, place_of
from tests.fakes.backend_values import a_recording, a_session, later
from tests.unit.backend.service_rig import Rig


@pytest.mark.parametrize("order", RecordingOrder)
def test_pages_follow_one_another_in_every_order(order: RecordingOrder) -> None:
    rig = Rig()
    for number in range(7):
        session = a_session()
        fields = {"file_name": f"{number % 3} ü.mp4", "size_bytes": number % 4, "created_at": later(number % 2)}
        duration_s = None if number == 3 else float(number % 5)
        rig.catalogue.complete_session(session, a_recording(session, duration_s=duration_s, **fields))
    everything = rig.catalogue.list_recordings("alice", None, None, 10, order=order)

    assert list(_paged(rig, order)) == everything


def _paged(rig: Rig, order: RecordingOrder) -> Iterator[object]:
    cursor = None
    while True:
        page = rig.recordings.list("alice", None, cursor, 2, order=order)
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return


@pytest.mark.parametrize("order", RecordingOrder)
def test_a_cursor_says_the_place_and_counts_in_its_own_order_alone(order: RecordingOrder) -> None:
    place = place_of(a_recording(a_session(), file_name="Straße 日本.mp4", duration_s=1.5), order)
    text = encode_place(place, order)

    assert decode_place(text, order) == place
    for other in set(RecordingOrder) - {order}:
        with pytest.raises(InvalidField):
            decode_place(text, other)


@pytest.mark.parametrize(
    ("order", "value"),
    [
        (RecordingOrder.NEWEST, "5"),
        (RecordingOrder.NEWEST, True),
        (RecordingOrder.NEWEST, 2**63),
        (RecordingOrder.NEWEST, 10**400),
        (RecordingOrder.NAME, 5),
        (RecordingOrder.NAME, None),
        (RecordingOrder.NAME, {"$gt": ""}),
        (RecordingOrder.SMALLEST, 1.5),
        (RecordingOrder.LONGEST, "1"),
        (RecordingOrder.LONGEST, float("nan")),
        (RecordingOrder.LONGEST, float("inf")),
        (RecordingOrder.LONGEST, -1.0),
    ],
)
def test_a_value_that_no_recording_has_is_no_cursor(order: RecordingOrder, value: object) -> None:
    text = base64.urlsafe_b64encode(json.dumps([order.value, value, "id"]).encode()).decode()

    with pytest.raises(InvalidField):
        decode_place(text, order)


@pytest.mark.parametrize("told", ["", "x", "[]", '["-createdAt", 5]', '["-createdAt", 5, 5]', "[" * 5000, "\udcff"])
def test_other_text_is_no_cursor(told: str) -> None:
    text = base64.urlsafe_b64encode(told.encode("utf-8", "surrogatepass")).decode()

    with pytest.raises(InvalidField):
        decode_place(text, RecordingOrder.NEWEST)
    with pytest.raises(InvalidField):
        decode_place("ü", RecordingOrder.NEWEST)


def test_an_unknown_playing_time_has_a_place() -> None:
    place = Place(None, "id")

    assert decode_place(encode_place(place, RecordingOrder.LONGEST), RecordingOrder.LONGEST) == place
