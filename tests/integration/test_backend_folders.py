"""Folders of the library over HTTP, on either catalogue, with recordings in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.backend_client import Client, client
from tests.servers import BackendServer


@pytest.fixture
def bob(server: BackendServer) -> Iterator[Client]:
    with client(server, "bob") as made:
        yield made


def made(user: Client, name: str, parent: str | None = None) -> dict[str, Any]:
    answer = user.http.post("/folders", json={"name": name} | ({"parentId": parent} if parent else {}))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_folders_are_made_listed_renamed_and_moved(alice: Client) -> None:
    talks = made(alice, " Talks ")
    year = made(alice, "2026", talks["id"])
    assert (talks["name"], talks["parentId"], year["parentId"]) == ("Talks", None, talks["id"])
    assert made(alice, "Talks") == talks

    renamed = alice.http.patch(f"/folders/{year['id']}", json={"name": "Autumn"}).json()
    moved = alice.http.patch(f"/folders/{year['id']}", json={"parentId": None}).json()

    assert renamed == year | {"name": "Autumn"}
    assert moved == year | {"name": "Autumn", "parentId": None}
    page = alice.http.get("/folders", params={"limit": 1}).json()
    rest = alice.http.get("/folders", params={"cursor": page["nextCursor"]}).json()
    assert [folder["id"] for folder in (*page["items"], *rest["items"])][:2] == [year["id"], talks["id"]]


def test_a_recording_lies_in_its_folder(alice: Client) -> None:
    first, second = made(alice, "first"), made(alice, "second")
    stored = alice.upload(folderId=first["id"])
    assert stored["folderId"] == first["id"]

    opened = alice.init(folderId=first["id"])
    answer = alice.complete(opened, [alice.send(opened)], folderId=second["id"])

    assert answer.json()["folderId"] == second["id"]
    assert alice.http.get(f"/recordings/{answer.json()['fileId']}").json()["folderId"] == second["id"]


def test_s09_folders_of_someone_else_are_unknown(alice: Client, bob: Client) -> None:
    hers = made(alice, "hers")
    his = made(bob, "his")
    begun = {"fileName": "a.mp4", "contentType": "video/mp4", "folderId": hers["id"]}
    opened = bob.init()
    unknown = (404, "folder_not_found")
    assert told(bob.http.post("/s3/init-upload", json=begun)) == unknown
    assert told(bob.complete(opened, [bob.send(opened)], folderId=hers["id"])) == unknown
    assert told(bob.http.post("/folders", json={"name": "x", "parentId": hers["id"]})) == unknown
    assert told(bob.http.patch(f"/folders/{hers['id']}", json={"name": "x"})) == unknown
    assert told(bob.http.patch(f"/folders/{his['id']}", json={"parentId": hers["id"]})) == unknown
    assert hers["id"] not in [folder["id"] for folder in bob.http.get("/folders").json()["items"]]


def test_what_cannot_be_is_said(alice: Client) -> None:
    outer = made(alice, "outer")
    inner = made(alice, "inner", outer["id"])
    made(alice, "taken", outer["id"])
    assert told(alice.http.patch(f"/folders/{outer['id']}", json={"parentId": inner["id"]})) == (409, "folder_cycle")
    assert told(alice.http.patch(f"/folders/{inner['id']}", json={"name": "taken"})) == (409, "folder_exists")


def test_a_folder_is_deleted_when_it_is_empty(alice: Client, bob: Client) -> None:
    talks = made(alice, "to be deleted")
    at = f"/folders/{talks['id']}"
    stored = alice.upload(folderId=talks["id"])
    assert told(alice.http.delete(at)) == (409, "folder_not_empty")
    assert told(bob.http.delete(at)) == (404, "folder_not_found")

    assert alice.http.delete(f"/recordings/{stored['fileId']}").status_code == 204
    assert alice.http.delete(at).status_code == 204
    assert told(alice.http.delete(at)) == (404, "folder_not_found")


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a\0b", "a\nb", "\ud800", "x" * 256, 7])
def test_names_that_are_none(alice: Client, name: Any) -> None:
    answer = alice.http.post(
        "/folders",
        content=httpx.Request("POST", "http://x", json={"name": name}).content
        if name != "\ud800"
        else b'{"name": "\\ud800"}',
        headers={"Content-Type": "application/json"},
    )
    assert told(answer) == (422, "invalid_field")
    assert answer.json()["details"] == {"field": "name"}


def test_folders_go_deep_but_not_for_ever(alice: Client) -> None:
    parent: str | None = None
    for level in range(32):
        parent = made(alice, f"level {level}", parent)["id"]
    assert told(alice.http.post("/folders", json={"name": "x", "parentId": parent})) == (409, "folder_too_deep")
