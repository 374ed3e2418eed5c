"""The security checklist against the running backend, over real HTTP."""

from __future__ import annotations

import base64
import json
import re
import stat
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.integration.backend_client import BODY, Client, client, place, problem
from tests.servers import BackendServer, StoreServer, backend_program, wait_until

PREVIOUS, EXPIRED = "p" * 40, "e" * 40
ROUTES = [
    ("POST", "/s3/init-upload"),
    ("POST", "/s3/init-uploads"),
    ("POST", "/s3/complete-uploads"),
    ("POST", "/s3/presign-url"),
    ("POST", "/s3/presign-urls"),
    ("GET", "/s3/parts"),
    ("GET", "/s3/uploads"),
    ("POST", "/s3/complete-upload"),
    ("POST", "/s3/abort-upload"),
    ("POST", "/s3/progress"),
    ("GET", "/recordings"),
    ("GET", "/recordings/x"),
    ("GET", "/recordings/x/url"),
    ("DELETE", "/recordings/x"),
    ("GET", "/folders"),
    ("POST", "/folders"),
    ("PATCH", "/folders/x"),
    ("DELETE", "/folders/x"),
]


@pytest.fixture(scope="module")
def server(store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendServer]:
    env = store_server.backend_env(f"secure-{uuid.uuid4().hex}")
    now = int(time.time())
    env["JWT_PREVIOUS_SECRETS"] = f"old:{PREVIOUS}:{now + 3600},older:{EXPIRED}:2020-01-01T00:00:00Z"
    env["MAX_FILE_SIZE"] = str(2**40)
    # Its command line is looked at.
    with backend_program(env, tmp_path_factory.mktemp("home") / "h", ["--create-bucket"]) as running:
        yield running


def status_with(server: BackendServer, authorization: str | None) -> tuple[int, str]:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = httpx.get(f"{server.url}/recordings", headers=headers, trust_env=False)
    return (200, "") if answer.status_code == 200 else problem(answer)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"sub": "alice", "iat": now, "exp": now + 60, "iss": "recorder-backend", "aud": "recorder"}
    return {name: value for name, value in (usual | changes).items() if value is not None}


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("authorization", [None, "Bearer garbage", "Basic YWxpY2U6eA==", "Token x", "bearer"])
def test_s01_no_route_answers_without_a_token(
    server: BackendServer, method: str, path: str, authorization: str | None
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = httpx.request(method, server.url + path, headers=headers, trust_env=False)
    assert problem(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_s01_every_route_of_the_documentation_is_in_this_list(server: BackendServer) -> None:
    documented = httpx.get(f"{server.url}/openapi.json", trust_env=False).json()["paths"]
    methods = {(method.upper(), re.sub(r"{\w+}", "x", path)) for path, item in documented.items() for method in item}
    signing_in = {("POST", f"/auth/{name}") for name in ("login", "refresh", "logout")}
    assert methods == set(ROUTES) | signing_in | {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_s02_other_algorithms_are_refused(server: BackendServer) -> None:
    secret = server.env["JWT_SECRET"]
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    header = base64.urlsafe_b64encode(json.dumps({"alg": "RS256", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    honest = jwt.encode(claims(), secret, algorithm="HS256")
    forged = [
        jwt.encode(claims(), "", algorithm="none"),
        jwt.encode(claims(), secret, algorithm="HS512"),
        jwt.encode(claims(), private, algorithm="RS256"),
        ".".join([header, *honest.split(".")[1:]]),
        jwt.encode(claims(), secret, algorithm="HS256", headers={"crit": ["exp-x"], "exp-x": 1}),
    ]
    for token in forged:
        assert status_with(server, f"Bearer {token}") == (401, "unauthenticated")
    assert status_with(server, f"Bearer {honest}") == (200, "")


@pytest.mark.parametrize("missing", ["sub", "exp", "iat", "iss", "aud"])
def test_s03_each_claim_is_required(server: BackendServer, missing: str) -> None:
    assert status_with(server, f"Bearer {server.token('alice', **{missing: None})}") == (401, "unauthenticated")


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "others"},
        {"iss": "others"},
        {"exp": 1},
        {"iat": int(time.time()) + 24 * 3600},  # from when the tests were collected
        {"iat": "now"},
        {"iat": float("nan")},
        {"exp": float("inf")},
        {"sub": ""},
        {"sub": "a\nb"},
        {"sub": 7},
    ],
)
def test_s04_wrong_claims_are_refused(server: BackendServer, wrong: dict[str, Any]) -> None:
    assert status_with(server, f"Bearer {server.token(**wrong)}") == (401, "unauthenticated")


def test_s06_a_previous_secret_counts_until_its_time(server: BackendServer) -> None:
    def token(secret: str, kid: str | None) -> str:
        headers = {"kid": kid} if kid else None
        return "Bearer " + jwt.encode(claims(), secret, algorithm="HS256", headers=headers)

    assert status_with(server, token(PREVIOUS, "old")) == (200, "")
    for secret, kid in [(EXPIRED, "older"), (PREVIOUS, None), (PREVIOUS, "older"), (PREVIOUS, "unknown")]:
        assert status_with(server, token(secret, kid)) == (401, "unauthenticated")


def test_s07_another_users_upload_looks_like_an_unknown_one(server: BackendServer, alice: Client) -> None:
    upload = alice.init()
    part = alice.send(upload)
    with client(server, "bob") as bob:
        for where in (place(upload), {"uploadId": "unknown", "key": "recordings/x.mp4"}):
            attempts = [
                bob.http.post("/s3/presign-url", json=where | {"partNumber": 1}),
                bob.http.post("/s3/presign-urls", json=where | {"parts": [{"partNumber": 1}]}),
                bob.http.get("/s3/parts", params=where),
                bob.http.post("/s3/complete-upload", json=where | {"parts": [part]}),
                bob.http.post("/s3/abort-upload", json=where),
            ]
            for answer in attempts:
                assert problem(answer) == (404, "upload_not_found")
                assert answer.json()["message"] == "No such upload."
    assert alice.complete(upload, [part]).status_code == 200


def test_s07_another_users_recording_looks_like_an_unknown_one(server: BackendServer, alice: Client) -> None:
    mine = alice.upload()["fileId"]
    with client(server, "bob") as bob:
        for recording_id in (mine, "unknown"):
            for method, path in [("GET", ""), ("GET", "/url"), ("DELETE", "")]:
                answer = bob.http.request(method, f"/recordings/{recording_id}{path}")
                assert problem(answer) == (404, "recording_not_found")
        assert bob.http.get("/recordings").json()["items"] == []
    link = alice.http.get(f"/recordings/{mine}/url").json()["url"]
    assert alice.store.get(link).content == BODY


def test_s08_an_upload_id_with_another_key_is_unknown(alice: Client) -> None:
    first, second = alice.init(), alice.init()
    mixed = {"uploadId": first["uploadId"], "key": second["key"]}
    assert problem(alice.http.get("/s3/parts", params=mixed)) == (404, "upload_not_found")
    assert problem(alice.http.post("/s3/abort-upload", json=mixed)) == (404, "upload_not_found")


def refused_init(alice: Client, **changes: Any) -> tuple[int, str]:
    return problem(
        alice.http.post("/s3/init-upload", json={"fileName": "a.mp4", "contentType": "video/mp4"} | changes)
    )


def test_s09_a_folder_of_someone_else_is_unknown(alice: Client) -> None:
    assert refused_init(alice, folderId="someone-elses") == (404, "folder_not_found")


@pytest.mark.parametrize("field", ["ownerId", "userId", "bucket", "key"])
def test_s10_owner_bucket_and_key_are_not_the_clients_to_name(alice: Client, field: str) -> None:
    assert refused_init(alice, **{field: "x"}) == (422, "invalid_field")


@pytest.mark.parametrize("directory", ["../x", "/x", "a//b", "a\\b", "a\0b", "%2e%2e", "x" * 2000])
def test_s11_an_unsafe_directory_opens_no_upload(server: BackendServer, directory: str) -> None:
    with client(server, "s11") as erin:
        assert refused_init(erin, directory=directory) == (422, "invalid_field")
        assert erin.http.get("/s3/uploads").json()["items"] == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\nb.mp4", "\u202egpj.mp4", "x" * 300, "a\x01b.mp4", "日本.mp4"]
)
def test_s12_a_strange_name_is_kept_for_display_under_a_safe_key(alice: Client, name: str) -> None:
    done = alice.upload(fileName=name)
    assert done["fileName"] == name
    assert done["key"].isascii()
    assert done["key"].isprintable()
    assert ".." not in done["key"]
    assert done["key"].count("/") == 1


@pytest.mark.parametrize("number", [0, -1, 10_001, "1", 1.5, True, None, 1e400])
def test_s13_a_part_number_is_a_whole_number_within_bounds(alice: Client, number: object) -> None:
    upload = alice.init()
    raw = json.dumps(place(upload) | {"partNumber": number})
    answer = alice.http.post("/s3/presign-url", content=raw, headers={"Content-Type": "application/json"})
    assert problem(answer) == (422, "invalid_field")
    completed = {"PartNumber": number, "ETag": "x"}
    raw = json.dumps(place(upload) | {"parts": [completed]})
    answer = alice.http.post("/s3/complete-upload", content=raw, headers={"Content-Type": "application/json"})
    assert problem(answer) == (422, "invalid_field")


def test_s14_duplicate_and_too_many_parts_are_refused(alice: Client) -> None:
    upload = alice.init()
    part = alice.send(upload)
    assert problem(alice.complete(upload, [part, part])) == (422, "invalid_field")
    many = [{"PartNumber": 1, "ETag": "x"}] * 10_001
    assert problem(alice.complete(upload, many)) == (422, "invalid_field")
    asked = place(upload) | {"parts": [{"partNumber": 1}] * 101}
    assert problem(alice.http.post("/s3/presign-urls", json=asked)) == (422, "invalid_field")


@pytest.mark.parametrize("chunked", [False, True])
def test_s14_a_body_over_5_mb_is_refused(alice: Client, chunked: bool) -> None:
    body = b'{"fileName":"' + b"x" * 5_000_000 + b'"}'
    content = iter([body[:4_000_000], body[4_000_000:]]) if chunked else body
    answer = alice.http.post("/s3/init-upload", content=content, headers={"Content-Type": "application/json"})
    assert problem(answer) == (413, "body_too_large")


@pytest.mark.parametrize("size", [-1, 2**63, float("nan"), float("inf"), "5", 1.0, True])
def test_s15_a_file_size_is_a_whole_number_within_bounds(alice: Client, size: object) -> None:
    raw = json.dumps({"fileName": "a.mp4", "contentType": "video/mp4", "fileSize": size})
    answer = alice.http.post("/s3/init-upload", content=raw, headers={"Content-Type": "application/json"})
    assert problem(answer) == (422, "invalid_field")
    assert "fileSize" in answer.json()["message"]


def test_s15_a_size_over_the_limit_or_unlike_the_parts_is_refused(alice: Client) -> None:
    assert refused_init(alice, fileSize=2**40 + 1) == (413, "file_too_large")
    upload = alice.init()
    assert problem(alice.complete(upload, [alice.send(upload)], fileSize=5)) == (409, "parts_mismatch")


@pytest.mark.parametrize("field", ["fileName", "directory", "contentType", "clientUploadId", "folderId", "\ud800"])
def test_s16_half_a_surrogate_pair_is_refused_in_any_string(alice: Client, field: str) -> None:
    raw = json.dumps({"fileName": "a.mp4", "contentType": "video/mp4"} | {field: "x\ud800"})
    answer = alice.http.post("/s3/init-upload", content=raw, headers={"Content-Type": "application/json"})
    assert problem(answer) == (422, "invalid_field")


@pytest.mark.parametrize("value", [{"$gt": ""}, ["x"], 7, None, "\ud800", "", "x\0"])
def test_s16_an_upload_id_is_text(alice: Client, value: object) -> None:
    key = alice.init()["key"]
    bodies: dict[str, dict[str, Any]] = {
        "presign-url": {"partNumber": 1},
        "abort-upload": {},
        "complete-upload": {"parts": [{"PartNumber": 1, "ETag": "x"}]},
    }
    for path, extra in bodies.items():
        raw = json.dumps({"uploadId": value, "key": key} | extra)
        answer = alice.http.post(f"/s3/{path}", content=raw, headers={"Content-Type": "application/json"})
        assert problem(answer) == (422, "invalid_field")


@pytest.mark.parametrize("host", ["evil.test", "evil.test:80", "127.0.0.1.evil.test", "[::2]", ""])
def test_s17_a_foreign_host_is_refused(alice: Client, host: str) -> None:
    answer = alice.http.get("/recordings", headers={"Host": host})
    assert problem(answer) == (400, "host_refused")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "[::1]:8080", "127.0.0.1"])
def test_s17_loopback_names_are_ours(alice: Client, host: str) -> None:
    assert alice.http.get("/recordings", headers={"Host": host}).status_code == 200


def test_s18_a_foreign_origin_gets_no_cors_headers(alice: Client) -> None:
    origin = {"Origin": "https://evil.test"}
    preflight = alice.http.options("/recordings", headers=origin | {"Access-Control-Request-Method": "GET"})
    assert preflight.status_code >= 400
    for answer in (preflight, alice.http.get("/recordings", headers=origin)):
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_s19_only_json_is_read(alice: Client, content_type: str) -> None:
    raw = json.dumps({"fileName": "a.mp4", "contentType": "video/mp4"})
    answer = alice.http.post("/s3/init-upload", content=raw, headers={"Content-Type": content_type})
    assert problem(answer) == (415, "not_json")


def test_s20_only_loopback_is_bound(server: BackendServer) -> None:
    port = urlsplit(server.url).port
    inodes = {
        fields[9]
        for fields in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
        if fields[3] == "0A" and fields[1] == f"0100007F:{port:04X}"
    }
    anywhere = [
        fields[1]
        for name in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/net/{name}").read_text().splitlines()[1:])
        if fields[3] == "0A" and fields[1].endswith(f":{port:04X}")
    ]
    assert len(inodes) == len(anywhere) == 1


def test_s24_no_token_secret_or_signature_is_logged_or_stored(
    server: BackendServer, store_server: StoreServer, alice: Client
) -> None:
    alice.upload()
    alice.http.get("/recordings", params={"query": "needle-in-the-log"})
    home = Path(server.env["RECORDER_HOME"])
    written = server.log().encode() + b"".join(path.read_bytes() for path in home.glob("catalogue.db*"))
    token = alice.http.headers["Authorization"].removeprefix("Bearer ")
    secrets = [token, server.env["JWT_SECRET"], store_server.secret_key, "X-Amz-Signature", "needle-in-the-log"]
    assert [secret for secret in secrets if secret.encode() in written] == []
    argv = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
    assert [secret for secret in secrets if secret.encode() in argv] == []


def test_s24_each_request_is_one_line_of_json_with_its_id(server: BackendServer, alice: Client) -> None:
    request_id = alice.http.get("/recordings/unknown").headers["X-Request-Id"]
    wait_until(lambda: request_id in server.log(), "the line, which is written after the answer", 5)
    [line] = [json.loads(line) for line in server.log().splitlines() if request_id in line]
    assert (line["user"], line["route"], line["status"]) == ("alice", "/recordings/{recording_id}", 404)


def test_s26_the_state_folder_is_the_owners_alone(server: BackendServer) -> None:
    home = Path(server.env["RECORDER_HOME"])
    files = list(home.glob("catalogue.db*"))
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


@pytest.mark.parametrize("body", ["", "{", "[" * 100_000, "null", "[]", '"x"', "\xff"])
def test_a_body_that_is_no_object_is_refused(alice: Client, body: str) -> None:
    content = body.encode("latin-1")
    answer = alice.http.post("/s3/init-upload", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    problem(answer)


@pytest.mark.parametrize("path", ["/nothing", "/s3", "/recordings/a/b/c"])
def test_an_unknown_path_has_the_usual_error_shape(alice: Client, path: str) -> None:
    assert problem(alice.http.get(path)) == (404, "not_found")
    assert problem(alice.http.put("/recordings", json={})) == (405, "method_not_allowed")
