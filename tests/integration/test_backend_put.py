"""Files of one part through the running backend: one presigned PUT, on a real store, with either catalogue."""

from __future__ import annotations

import base64
import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.fakes.memory_object_store import crc64
from tests.integration.backend_client import BODY, Client, client, place, problem
from tests.servers import BackendServer, StoreServer

OTHER = BODY[::-1]


def asking(body: bytes = BODY, **changes: Any) -> dict[str, Any]:
    part = {"partNumber": 1, "contentLength": len(body), "checksum": crc64(body)}
    ask: dict[str, Any] = {"singlePut": True, "clientUploadId": str(uuid.uuid4()), "fileSize": len(body)}
    return ask | {"parts": [part]} | changes


def send(
    alice: Client, upload: dict[str, Any], body: bytes = BODY, changes: dict[str, str] | None = None
) -> httpx.Response:
    [signed] = upload["urls"]
    return alice.store.put(signed["presignedUrl"], content=body, headers=signed["headers"] | (changes or {}))


def named(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [{"PartNumber": 1, "ETag": answer.headers["ETag"]}]


def parts_of(alice: Client, upload: dict[str, Any]) -> list[dict[str, Any]]:
    return list(alice.http.get("/s3/parts", params=place(upload)).json()["parts"])


def test_a_small_file_is_one_init_one_put_and_one_complete(alice: Client, store_server: StoreServer) -> None:
    upload = alice.init(**asking(contentType="video/mp4; codecs=avc1", directory="talks/2026"))
    assert (upload["method"], upload["state"], upload["checksumAlgorithm"]) == ("put", "uploading", "CRC64NVME")
    [signed] = upload["urls"]
    assert {name.lower() for name in signed["headers"]} == {
        "content-length",
        "content-type",
        "x-amz-checksum-crc64nvme",
        "x-amz-meta-user-id",
        "x-amz-meta-session-id",
    }
    answer = alice.complete(upload, named(send(alice, upload)), checksum=crc64(BODY), fileName="Über.mp4").json()
    assert {name: answer[name] for name in ("fileName", "key", "size", "crc64nvme", "contentType")} == {
        "fileName": "Über.mp4",
        "key": upload["key"],
        "size": len(BODY),
        "crc64nvme": crc64(BODY),
        "contentType": "video/mp4; codecs=avc1",
    }
    stored = store_server.client().get_object(Bucket=upload["bucket"], Key=upload["key"])
    assert (stored["Body"].read(), stored["ContentType"]) == (BODY, "video/mp4; codecs=avc1")
    listed = store_server.client().list_multipart_uploads(Bucket=upload["bucket"])
    assert [each for each in listed.get("Uploads", []) if each["Key"] == upload["key"]] == []


def test_everybody_else_is_answered_multipart(alice: Client) -> None:
    assert alice.init()["method"] == "multipart"
    assert alice.init(fileSize=len(BODY), clientUploadId=str(uuid.uuid4()))["method"] == "multipart"
    large = {"partNumber": 1, "contentLength": 9 * 2**20, "checksum": crc64(BODY)}
    upload = alice.init(**asking(fileSize=9 * 2**20, parts=[large]))
    assert (upload["method"], "urls" in upload) == ("multipart", False)


def test_md5_protects_a_put_where_that_was_assumed(alice: Client) -> None:
    checksum = base64.b64encode(hashlib.md5(BODY).digest()).decode()
    part = {"partNumber": 1, "contentLength": len(BODY), "checksum": checksum}
    upload = alice.init(**asking(checksumAlgorithms=["MD5"], parts=[part]))
    assert (upload["method"], upload["checksumAlgorithm"]) == ("put", "MD5")
    assert send(alice, upload, OTHER).status_code == 400
    assert alice.complete(upload, named(send(alice, upload))).json()["size"] == len(BODY)


@pytest.mark.parametrize("name", ["clientUploadId", "fileSize", "parts"])
def test_a_put_that_lacks_something_is_refused(alice: Client, name: str) -> None:
    body = {"fileName": "a.mp4", "checksumAlgorithms": ["CRC64NVME"]} | asking()
    del body[name]
    answer = alice.http.post("/s3/init-upload", json=body)
    assert problem(answer) == (422, "invalid_field")
    assert answer.json()["details"]["field"] == name


def test_f30_the_store_refuses_other_bytes_another_length_and_another_mark(alice: Client) -> None:
    upload = alice.init(**asking())
    assert send(alice, upload, OTHER).status_code == 400
    assert send(alice, upload, BODY + b"x", {"Content-Length": str(len(BODY) + 1)}).status_code == 403
    assert send(alice, upload, BODY, {"x-amz-meta-session-id": "another"}).status_code == 403
    assert parts_of(alice, upload) == []
    assert alice.complete(upload, named(send(alice, upload))).status_code == 200


def test_f02_a_repeated_init_returns_the_same_upload_with_a_url_that_works(alice: Client) -> None:
    ask = asking()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: alice.init(**ask), range(8)))
    assert len({(answer["uploadId"], answer["key"]) for answer in answers}) == 1
    first = named(send(alice, answers[0]))
    again = alice.init(**ask)
    assert named(send(alice, again)) == first
    assert alice.complete(again, first).json()["key"] == answers[0]["key"]
    done = alice.init(**ask)
    assert (done["method"], done["state"], "urls" in done) == ("put", "completed", False)


def test_a_lost_answer_of_the_store_is_found_in_the_part_list(alice: Client) -> None:
    upload = alice.init(**asking())
    assert parts_of(alice, upload) == []
    [part] = named(send(alice, upload))
    assert parts_of(alice, upload) == [part | {"Size": len(BODY), "ChecksumCRC64NVME": crc64(BODY)}]


def test_fresh_urls_come_from_both_presigning_routes(alice: Client) -> None:
    upload = alice.init(**asking())
    signed = alice.http.post("/s3/presign-url", json=place(upload) | {"partNumber": 1}).json()
    assert set(signed) == {"presignedUrl", "expiresIn", "headers"}
    many = alice.http.post("/s3/presign-urls", json=place(upload) | {"parts": [{"partNumber": 1}]}).json()["urls"]
    for url in (signed, many[0]):
        assert send(alice, {"urls": [url]}).status_code == 200
    other = place(upload) | {"partNumber": 1, "checksum": crc64(OTHER)}
    assert problem(alice.http.post("/s3/presign-url", json=other)) == (409, "checksum_mismatch")
    assert problem(alice.http.post("/s3/presign-url", json=place(upload) | {"partNumber": 2})) == (
        422,
        "invalid_field",
    )


def test_completing_before_the_put_landed_names_part_1(alice: Client) -> None:
    upload = alice.init(**asking())
    answer = alice.complete(upload, [{"PartNumber": 1, "ETag": "0" * 32}])
    assert problem(answer) == (409, "parts_mismatch")
    assert answer.json()["details"]["missing"] == [1]
    assert alice.complete(upload, named(send(alice, upload))).status_code == 200


def test_f45_and_f46_complete_repeated_and_concurrent_gives_one_record(alice: Client) -> None:
    upload = alice.init(**asking(fileName=f"{uuid.uuid4().hex}.mp4"))
    parts = named(send(alice, upload))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: alice.complete(upload, parts), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["fileId"] for answer in answers}) == 1
    # What is found out about the bytes afterwards may be there by now.
    found_later = {"contentVerified", "typeMismatch", "durationSeconds"}
    repeated, first = alice.complete(upload, parts).json(), answers[0].json()
    assert {name: first[name] for name in first.keys() - found_later}.items() <= repeated.items()


def test_an_aborted_put_is_deleted_and_over(alice: Client, store_server: StoreServer) -> None:
    ask = asking()
    upload = alice.init(**ask)
    parts = named(send(alice, upload))
    for _ in range(2):
        assert alice.http.post("/s3/abort-upload", json=place(upload)).status_code == 204
    listed = store_server.client().list_objects_v2(Bucket=upload["bucket"], Prefix=upload["key"])
    assert listed["KeyCount"] == 0
    assert problem(alice.complete(upload, parts)) == (409, "upload_aborted")
    assert problem(alice.http.get("/s3/parts", params=place(upload))) == (404, "upload_gone")
    answer = alice.http.post("/s3/presign-url", json=place(upload) | {"partNumber": 1})
    assert problem(answer) == (409, "upload_aborted")


def test_a_completed_put_is_not_aborted(alice: Client) -> None:
    upload = alice.init(**asking())
    done = alice.complete(upload, named(send(alice, upload))).json()
    assert problem(alice.http.post("/s3/abort-upload", json=place(upload))) == (409, "upload_completed")
    assert problem(alice.http.get("/s3/parts", params=place(upload))) == (409, "upload_completed")
    link = alice.http.get(f"/recordings/{done['fileId']}/url").json()["url"]
    assert alice.store.get(link).content == BODY


def test_s07_another_users_put_looks_like_an_unknown_one(server: BackendServer, alice: Client) -> None:
    upload = alice.init(**asking())
    parts = named(send(alice, upload))
    with client(server, "bob") as bob:
        for answer in (
            bob.http.post("/s3/presign-url", json=place(upload) | {"partNumber": 1}),
            bob.http.get("/s3/parts", params=place(upload)),
            bob.complete(upload, parts),
            bob.http.post("/s3/abort-upload", json=place(upload)),
        ):
            assert problem(answer) == (404, "upload_not_found")
    assert alice.complete(upload, parts).status_code == 200


def test_an_open_put_is_listed_until_it_ends(server: BackendServer) -> None:
    with client(server, "carol") as carol:
        upload = carol.init(**asking())
        [item] = carol.http.get("/s3/uploads").json()["items"]
        assert (item["uploadId"], item["method"], item["fileSize"]) == (upload["uploadId"], "put", len(BODY))
        carol.complete(upload, named(send(carol, upload)))
        assert carol.http.get("/s3/uploads").json()["items"] == []


def test_the_documentation_says_what_single_put_is(server: BackendServer) -> None:
    schemas = httpx.get(f"{server.url}/openapi.json", trust_env=False).json()["components"]["schemas"]
    assert "one PUT" in schemas["InitBody"]["properties"]["singlePut"]["description"]
    assert "multipart" in schemas["InitAnswer"]["properties"]["method"]["description"]
