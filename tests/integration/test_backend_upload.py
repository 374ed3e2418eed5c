"""Uploads through the running backend on a real store, with either catalogue."""

from __future__ import annotations

import hashlib
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.fakes.memory_object_store import crc64
from tests.integration.backend_client import BODY, Client, client, place, problem
from tests.servers import BackendServer, StoreServer, wait_until

FIVE_MIB = 5 * 1024 * 1024
# What other tests have uploaded is looked at first, one file after the other, and with the least priority.
LOOKED_AT_S = 120


def test_a_file_of_two_parts_arrives_verified(alice: Client, store_server: StoreServer) -> None:
    bodies = [b"a" * FIVE_MIB, b"b" * 17]
    whole = b"".join(bodies)
    upload = alice.init(clientUploadId=str(uuid.uuid4()), fileSize=len(whole), directory="talks/2026")
    parts = [alice.send(upload, body, number) for number, body in enumerate(bodies, 1)]
    listed = alice.http.get("/s3/parts", params=place(upload)).json()["parts"]
    assert [(part["PartNumber"], part["ETag"], part["Size"]) for part in listed] == [
        (part["PartNumber"], part["ETag"], len(body)) for part, body in zip(parts, bodies, strict=True)
    ]
    answer = alice.complete(upload, parts[::-1], checksum=crc64(whole), fileName="Über.mp4").json()
    assert {key: answer[key] for key in ("fileName", "key", "size", "crc64nvme", "contentType")} == {
        "fileName": "Über.mp4",
        "key": upload["key"],
        "size": len(whole),
        "crc64nvme": crc64(whole),
        "contentType": "video/mp4",
    }
    stored = store_server.client().get_object(Bucket=upload["bucket"], Key=upload["key"])["Body"].read()
    assert hashlib.sha256(stored).digest() == hashlib.sha256(whole).digest()


def test_a_caller_who_knows_only_the_reference_succeeds(alice: Client) -> None:
    upload = alice.http.post(
        "/s3/init-upload",
        json={"fileName": "video.mp4", "contentType": "video/mp4", "directory": "uploads/videos", "folderId": None},
    ).json()
    assert {"uploadId", "key", "bucket"} <= set(upload)
    assert upload["checksumAlgorithm"] is None
    parts = []
    for number, body in enumerate([b"x" * FIVE_MIB, b"y" * FIVE_MIB], 1):
        signed = alice.http.post("/s3/presign-url", json=place(upload) | {"partNumber": number}).json()
        assert signed["expiresIn"] == 3600
        put = alice.store.put(signed["presignedUrl"], content=body)
        parts.append({"ETag": put.headers["ETag"], "PartNumber": number})
    answer = alice.http.post(
        "/s3/complete-upload",
        json=place(upload)
        | {"parts": parts, "fileName": "video.mp4", "contentType": "video/mp4", "fileSize": 2 * FIVE_MIB},
    )
    assert answer.status_code == 200
    assert {"fileId", "fileName", "fileUrl", "key"} <= set(answer.json())
    assert answer.json()["size"] == 2 * FIVE_MIB


def test_init_hands_out_urls_for_parts_cut_as_decided(alice: Client) -> None:
    part = {"partNumber": 1, "contentLength": len(BODY), "checksum": crc64(BODY)}
    upload = alice.init(fileSize=len(BODY), partSizeHint=8 * 1024 * 1024, parts=[part])
    [signed] = upload["urls"]
    put = alice.store.put(signed["presignedUrl"], content=BODY, headers=signed["headers"])
    answer = alice.complete(upload, [{"PartNumber": 1, "ETag": put.headers["ETag"].strip('"'), "location": "x"}])
    assert answer.status_code == 200


def test_f18_an_empty_file_is_one_empty_part(alice: Client) -> None:
    assert alice.upload(b"")["size"] == 0


def test_a_hundred_urls_come_at_once(alice: Client) -> None:
    upload = alice.init()
    ask = place(upload) | {"parts": [{"partNumber": number} for number in range(1, 101)]}
    urls = alice.http.post("/s3/presign-urls", json=ask).json()["urls"]
    assert [signed["partNumber"] for signed in urls] == list(range(1, 101))


def test_f02_repeated_inits_share_one_multipart_upload(alice: Client, store_server: StoreServer) -> None:
    client_upload_id = str(uuid.uuid4())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: alice.init(clientUploadId=client_upload_id), range(8)))
    assert len({(answer["uploadId"], answer["key"]) for answer in answers}) == 1
    listed = store_server.client().list_multipart_uploads(Bucket=answers[0]["bucket"], Prefix=answers[0]["key"])
    assert len(listed["Uploads"]) == 1


def test_f45_and_f46_complete_repeated_and_concurrent_gives_one_record(alice: Client) -> None:
    upload = alice.init(fileName=f"{uuid.uuid4().hex}.mp4")
    parts = [alice.send(upload)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: alice.complete(upload, parts), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["fileId"] for answer in answers}) == 1
    assert alice.complete(upload, parts).json()["fileId"] == answers[0].json()["fileId"]


def test_f47_complete_names_the_parts_to_send_again(alice: Client) -> None:
    upload = alice.init(fileSize=len(BODY))
    alice.send(upload)
    answer = alice.complete(upload, [{"PartNumber": 1, "ETag": "0" * 32}, {"PartNumber": 3, "ETag": "0" * 32}])
    assert problem(answer) == (409, "parts_mismatch")
    details = answer.json()["details"]
    assert (details["missing"], details["superseded"], details["expectedBytes"]) == ([3], [1], len(BODY))


def test_a_wrong_whole_file_checksum_is_refused_and_can_be_corrected(alice: Client) -> None:
    upload = alice.init(fileSize=len(BODY))
    parts = [alice.send(upload)]
    assert problem(alice.complete(upload, parts, checksum=crc64(b"other"))) == (409, "checksum_mismatch")
    assert alice.complete(upload, parts, checksum=crc64(BODY)).status_code == 200


def test_abort_frees_the_parts_and_is_repeatable(alice: Client, store_server: StoreServer) -> None:
    upload = alice.init(clientUploadId=str(uuid.uuid4()))
    alice.send(upload)
    for _ in range(2):
        assert alice.http.post("/s3/abort-upload", json=place(upload)).status_code == 204
    assert problem(alice.http.get("/s3/parts", params=place(upload))) == (404, "upload_gone")
    listed = store_server.client().list_multipart_uploads(Bucket=upload["bucket"], Prefix=upload["key"])
    assert listed.get("Uploads", []) == []


def test_a_completed_upload_is_not_aborted(alice: Client) -> None:
    upload = alice.init()
    done = alice.complete(upload, [alice.send(upload)]).json()
    assert problem(alice.http.post("/s3/abort-upload", json=place(upload))) == (409, "upload_completed")
    assert problem(alice.http.get("/s3/parts", params=place(upload))) == (409, "upload_completed")
    link = alice.http.get(f"/recordings/{done['fileId']}/url").json()["url"]
    assert alice.store.get(link).content == BODY


def test_f40_an_upload_aborted_behind_our_back_is_gone_then_opened_anew(
    alice: Client, store_server: StoreServer
) -> None:
    client_upload_id = str(uuid.uuid4())
    upload = alice.init(clientUploadId=client_upload_id)
    parts = [alice.send(upload)]
    store_server.client().abort_multipart_upload(
        Bucket=upload["bucket"], Key=upload["key"], UploadId=upload["uploadId"]
    )
    assert problem(alice.http.get("/s3/parts", params=place(upload))) == (404, "upload_gone")
    assert problem(alice.complete(upload, parts)) == (409, "upload_gone")
    again = alice.init(clientUploadId=client_upload_id)
    assert again["key"] == upload["key"]
    assert again["uploadId"] != upload["uploadId"]
    assert alice.complete(again, [alice.send(again)]).status_code == 200


def test_open_uploads_are_listed_until_they_end(server: BackendServer) -> None:
    with client(server, "carol") as carol:
        upload = carol.init(fileSize=5, clientUploadId=str(uuid.uuid4()))
        [item] = carol.http.get("/s3/uploads").json()["items"]
        assert (item["uploadId"], item["key"], item["fileSize"]) == (upload["uploadId"], upload["key"], 5)
        carol.http.post("/s3/abort-upload", json=place(upload))
        assert carol.http.get("/s3/uploads").json() == {"items": [], "nextCursor": None}


def test_recordings_are_listed_found_linked_and_deleted(server: BackendServer) -> None:
    with client(server, "dave") as dave:
        made = [dave.upload(fileName=name) for name in ("Vorlesung 1.mp4", "podcast.mp4", "VORLESUNG 2.mp4")]
        first = dave.http.get("/recordings", params={"limit": 2}).json()
        second = dave.http.get("/recordings", params={"limit": 2, "cursor": first["nextCursor"]}).json()
        found = [item["fileId"] for page in (first, second) for item in page["items"]]
        assert sorted(found) == sorted(item["fileId"] for item in made)
        assert second["nextCursor"] is None
        names = dave.http.get("/recordings", params={"query": "vorlesung"}).json()["items"]
        assert {item["fileName"] for item in names} == {"Vorlesung 1.mp4", "VORLESUNG 2.mp4"}
        one = f"/recordings/{made[0]['fileId']}"
        assert dave.http.get(one).json()["key"] == made[0]["key"]
        link = dave.http.get(f"{one}/url").json()
        assert dave.store.get(link["url"]).content == BODY
        assert dave.http.delete(one).status_code == 204
        assert problem(dave.http.get(one)) == (404, "recording_not_found")
        assert dave.store.get(link["url"]).status_code == 404


def test_a_duration_is_found_after_the_answer(alice: Client, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    source = ["-f", "lavfi", "-i", "sine=frequency=440:duration=3"]
    subprocess.run(["ffmpeg", "-v", "error", *source, str(clip)], check=True)
    done = alice.upload(clip.read_bytes())
    wait_until(
        lambda: alice.http.get(f"/recordings/{done['fileId']}").json()["durationSeconds"] is not None,
        "a duration",
        LOOKED_AT_S,
    )
    assert alice.http.get(f"/recordings/{done['fileId']}").json()["durationSeconds"] == pytest.approx(3, abs=0.2)


def test_the_documentation_needs_no_sign_in_and_names_every_route(server: BackendServer) -> None:
    paths = httpx.get(f"{server.url}/openapi.json", trust_env=False).json()["paths"]
    assert {"/s3/init-upload", "/s3/parts", "/recordings/{recording_id}/url"} <= set(paths)
    assert httpx.get(f"{server.url}/docs", trust_env=False).status_code == 200
    assert httpx.get(f"{server.url}/healthz", trust_env=False).json() == {"status": "ok"}


def test_sound_and_picture_may_be_played_where_they_stand_and_nothing_else(alice: Client) -> None:
    body = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + BODY
    video, page = alice.upload(body), alice.upload(fileName="page.html", contentType="text/html")
    place_of_video = f"/recordings/{video['fileId']}"
    is_verified = lambda: bool(alice.http.get(place_of_video).json()["contentVerified"])  # noqa: E731
    wait_until(is_verified, "the first bytes' look", LOOKED_AT_S)

    link = alice.http.get(f"{place_of_video}/url", params={"disposition": "inline"}).json()["url"]
    shown = alice.store.get(link, headers={"Range": "bytes=1-30"})
    refused = alice.http.get(f"/recordings/{page['fileId']}/url", params={"disposition": "inline"})
    unknown = alice.http.get(f"{place_of_video}/url", params={"disposition": "x"})

    assert (shown.status_code, shown.content) == (206, body[1:31])
    assert shown.headers["Content-Disposition"].startswith("inline; filename")
    assert shown.headers["Content-Type"] == "video/mp4"
    assert problem(refused) == (409, "not_playable")
    assert problem(unknown) == (422, "invalid_field")
    kept = alice.store.get(alice.http.get(f"/recordings/{page['fileId']}/url").json()["url"])
    assert kept.headers["Content-Disposition"].startswith("attachment; filename")
