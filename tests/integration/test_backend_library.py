"""The library over HTTP, on either catalogue: found by name and date, played from a range on, deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.backend_client import Client, problem

BODY = bytes(range(256)) * 40


def names(alice: Client, **params: Any) -> list[str]:
    answer = alice.http.get("/recordings", params=params)
    assert answer.status_code == 200, answer.text
    return [item["fileName"] for item in answer.json()["items"]]


def test_recordings_are_found_by_name_and_date(alice: Client) -> None:
    recording = alice.upload(fileName="Vorlesung über Zeit.mp4")
    created = datetime.fromisoformat(recording["createdAt"])
    name, day = recording["fileName"], created.date().isoformat()
    tomorrow = (created.date() + timedelta(days=1)).isoformat()
    yesterday = (created.date() - timedelta(days=1)).isoformat()
    assert names(alice, query="ÜBER", createdFrom=day, createdTo=day) == [name]
    assert names(alice, query="über", createdFrom=tomorrow) == []
    assert names(alice, query="über", createdTo=yesterday) == []
    exactly = recording["createdAt"]
    assert names(alice, query="über", createdFrom=exactly, createdTo=exactly) == [name]
    later = (created + timedelta(milliseconds=1)).isoformat()
    assert names(alice, query="über", createdFrom=later) == []
    assert names(alice, query="über", createdFrom="0001-01-01", createdTo="9999-12-31") == [name]
    elsewhere = created.astimezone(tz=UTC).replace(tzinfo=None) + timedelta(hours=5)
    assert names(alice, query="über", createdTo=f"{elsewhere.isoformat()}+05:00") == [name]


def test_recordings_are_listed_in_an_order_over_all_pages(alice: Client) -> None:
    for name, body in (("order b.mp4", b"1" * 20), ("Order A.mp4", b"1" * 30), ("order c.mp4", b"1" * 10)):
        alice.upload(body, fileName=name)
    for sort, expected in (("fileName", "Abc"), ("-fileName", "cbA"), ("-size", "Abc"), ("size", "cbA")):
        seen, cursor = "", None
        while True:
            asked: dict[str, Any] = {"query": "order ", "sort": sort, "limit": 1}
            asked |= {"cursor": cursor} if cursor else {}
            page = alice.http.get("/recordings", params=asked).json()
            seen += "".join(item["fileName"][6] for item in page["items"])
            if (cursor := page["nextCursor"]) is None:
                break
        assert seen == expected
    assert problem(alice.http.get("/recordings", params={"sort": "colour"})) == (422, "invalid_field")
    cursor = alice.http.get("/recordings", params={"sort": "size", "limit": 1}).json()["nextCursor"]
    answer = alice.http.get("/recordings", params={"sort": "-size", "cursor": cursor})
    assert problem(answer) == (422, "invalid_field")


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01", "26.11.2026", "1700000000", "", "\0"])
@pytest.mark.parametrize("field", ["createdFrom", "createdTo"])
def test_what_is_no_date_is_said(alice: Client, field: str, value: str) -> None:
    answer = alice.http.get("/recordings", params={field: value})
    assert problem(answer) == (422, "invalid_field")
    assert answer.json()["details"] == {"field": field}


def test_a_player_gets_the_range_that_it_asks_for(alice: Client) -> None:
    recording = alice.upload(BODY)
    link = alice.http.get(f"/recordings/{recording['fileId']}/url").json()
    for asked, expected in (("bytes=0-0", BODY[:1]), ("bytes=300-999", BODY[300:1000]), ("bytes=-10", BODY[-10:])):
        answer = alice.store.get(link["url"], headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, expected)
        assert answer.headers["Content-Range"].endswith(f"/{len(BODY)}")


def test_deleting_is_over_when_it_is_asked_again(alice: Client) -> None:
    recording = alice.upload(BODY)
    place = f"/recordings/{recording['fileId']}"
    link = alice.http.get(f"{place}/url").json()["url"]
    assert alice.http.delete(place).status_code == 204
    assert alice.store.get(link).status_code == 404
    assert problem(alice.http.delete(place)) == (404, "recording_not_found")
    assert recording["fileId"] not in [item["fileId"] for item in alice.http.get("/recordings").json()["items"]]
