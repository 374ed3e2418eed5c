"""``recorder-backend check`` on a real store, and the policies that come with it, as the store applies them."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from backend.model import PROBE_PREFIX
from tests.contract.stub_store import serving
from tests.integration.backend_client import client
from tests.preloaded import run_backend
from tests.servers import ServerProcess, StoreServer, backend, clean_env, free_ports, seaweedfs

POLICIES = Path(__file__).resolve().parents[2] / "resources" / "policies"
BUCKET = "policies-are-for-this-one"
ORIGIN = "https://app.test"
# Of a store that a test plays itself.
NOT_OURS = ServerProcess([], Path(), {}, Path())


def policy(name: str) -> Any:
    return json.loads((POLICIES / f"{name}.json").read_text("utf-8").replace("BUCKET", BUCKET))


def with_setup() -> Any:
    both = policy("backend")
    both["Statement"] += policy("setup")["Statement"]
    return both


def without(action: str) -> Any:
    less = policy("backend")
    for statement in less["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != action]
    less["Statement"] = [statement for statement in less["Statement"] if statement["Action"]]
    return less


# SeaweedFS takes s3:ListMultipartUploadParts and s3:AbortMultipartUpload for a part of s3:PutObject.
TOLD = ("s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucketMultipartUploads")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    lacking = {f"without-{action[3:]}": without(action) for action in TOLD}
    policies = {"backend": policy("backend"), "with-setup": with_setup(), **lacking}
    with seaweedfs(tmp_path_factory.mktemp("weed") / "store", policies) as server:
        server.create_bucket(BUCKET)
        server.create_bucket("of-others")
        yield server


def check(store: StoreServer, bucket: str, home: Path, *options: str, **changes: str) -> tuple[int, dict[str, str]]:
    """Return the exit code, and what was said of each thing."""
    env = store.backend_env(bucket) | {"JWT_SECRET": "s" * 32, "RECORDER_HOME": str(home)} | changes
    done = run_backend(["check", *options], clean_env(env))
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert not done.stderr
    return done.returncode, said


def test_a_store_that_is_well_set_up_passes(store: StoreServer, tmp_path: Path) -> None:
    code, said = check(store.limited_to("backend"), BUCKET, tmp_path)
    assert code == 0
    assert list(said) == ["database", "clock", "bucket", "permissions", "checksums", "cors", "lifecycle"]
    assert said["permissions"] == "ok"
    assert said["checksums"] == "ok (CRC64NVME, MD5)"
    assert said["clock"].startswith("ok (")
    left = store.client().list_objects_v2(Bucket=BUCKET).get("KeyCount")
    assert (left, store.client().list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])) == (0, [])


def test_fix_sets_the_rules_beside_those_of_others(store: StoreServer, tmp_path: Path) -> None:
    bucket = store.create_bucket(f"fixed-{uuid.uuid4().hex}")
    s3 = store.client()
    theirs = {"ID": "theirs", "AllowedOrigins": ["https://theirs.test"], "AllowedMethods": ["GET"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [theirs]})
    expire = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [expire]})

    code, said = check(store, bucket, tmp_path, CORS_ORIGINS=ORIGIN)
    assert code == 1
    assert said["cors"] == f"the bucket does not let pages of {ORIGIN} send parts. Run check --fix."
    assert said["lifecycle"].startswith("ok (no rule aborts")

    code, said = check(store, bucket, tmp_path, "--fix", CORS_ORIGINS=ORIGIN)
    assert (code, said["cors"]) == (0, f"ok (set for {ORIGIN})")
    assert said["lifecycle"] == "ok (set: what is open is aborted after 14 days)"
    assert check(store, bucket, tmp_path, "--fix", CORS_ORIGINS=f"{ORIGIN},https://two.test")[0] == 0
    code, said = check(store, bucket, tmp_path, CORS_ORIGINS=f"{ORIGIN},https://two.test")
    assert (code, said["cors"]) == (0, f"ok ({ORIGIN}, https://two.test)")

    rules = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert [rule["ID"] for rule in rules] == ["recorder-backend", "theirs"]
    assert (rules[0]["AllowedMethods"], rules[0]["ExposeHeaders"]) == (["GET", "HEAD", "PUT"], ["ETag"])
    kept = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert [(rule["ID"], "Expiration" in rule) for rule in kept] == [("theirs", True), ("recorder-backend", False)]


def test_a_lifecycle_rule_that_is_too_short_is_named(store: StoreServer, tmp_path: Path) -> None:
    bucket = store.create_bucket(f"short-{uuid.uuid4().hex}")
    rule = {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}}
    rule |= {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    store.client().put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    code, said = check(store, bucket, tmp_path)
    assert code == 1
    assert said["lifecycle"].startswith("a rule aborts uploads 7 days after they began, before UPLOAD_MAX_AGE_HOURS")
    assert check(store, bucket, tmp_path, UPLOAD_MAX_AGE_HOURS="24")[0] == 0


def aborting(days: int, prefix: str) -> dict[str, Any]:
    rule = {"ID": f"theirs-{prefix}", "Status": "Enabled", "Filter": {"Prefix": prefix}}
    return rule | {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days}}


def test_a_rule_for_the_uploads_of_others_neither_fails_nor_is_enough(store: StoreServer, tmp_path: Path) -> None:
    bucket = store.create_bucket(f"shared-{uuid.uuid4().hex}")
    rules = [aborting(3, "backups/"), aborting(30, "archive/")]
    store.client().put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    code, said = check(store, bucket, tmp_path)
    assert code == 0
    assert said["lifecycle"].startswith("ok (no rule aborts what is open")
    set_ = "what is open is aborted after 14 days; 3 under backups/"
    assert check(store, bucket, tmp_path, "--fix")[1]["lifecycle"] == f"ok (set: {set_})"
    assert check(store, bucket, tmp_path)[1]["lifecycle"] == f"ok ({set_})"

    rules = [aborting(30, ""), aborting(3, "recordings/alice/")]
    store.client().put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    code, said = check(store, bucket, tmp_path, "--fix")
    assert (code, said["lifecycle"][:27]) == (1, "a rule aborts uploads 3 day")


def test_fix_lengthens_the_rule_that_it_set(store: StoreServer, tmp_path: Path) -> None:
    bucket = store.create_bucket(f"longer-{uuid.uuid4().hex}")
    assert check(store, bucket, tmp_path, "--fix", UPLOAD_MAX_AGE_HOURS="24")[0] == 0
    code, said = check(store, bucket, tmp_path, UPLOAD_MAX_AGE_HOURS="400")
    assert code == 1
    assert said["lifecycle"].endswith(
        "8 days after they began, before UPLOAD_MAX_AGE_HOURS=400 is over. Run check --fix."
    )
    code, said = check(store, bucket, tmp_path, "--fix", UPLOAD_MAX_AGE_HOURS="400")
    assert (code, said["lifecycle"]) == (0, "ok (set: what is open is aborted after 24 days)")


def test_the_key_of_an_administrator_is_noticed(store: StoreServer, tmp_path: Path) -> None:
    code, said = check(store, BUCKET, tmp_path)
    assert code == 0
    assert said["permissions"].startswith("ok (the key may do more than it needs, s3:GetBucketPolicy")


@pytest.mark.parametrize("action", TOLD)
def test_a_right_that_is_missing_is_named(store: StoreServer, tmp_path: Path, action: str) -> None:
    code, said = check(store.limited_to(f"without-{action[3:]}"), BUCKET, tmp_path)
    assert (code, said["permissions"]) == (1, f"The key lacks {action}; see resources/policies/backend.json.")
    left = store.client().list_objects_v2(Bucket=BUCKET, Prefix=PROBE_PREFIX).get("KeyCount")
    assert (left, store.client().list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])) == (0, [])


def test_a_rule_that_the_key_may_not_set_is_a_failure_where_it_is_needed(store: StoreServer, tmp_path: Path) -> None:
    code, said = check(store.limited_to("backend"), BUCKET, tmp_path, "--fix", CORS_ORIGINS=ORIGIN)
    see = "see resources/policies/setup.json"
    refused = f"the bucket does not let pages of {ORIGIN} send parts, and this key may not put bucket cors: {see}"
    assert (code, said["cors"]) == (1, refused)
    none = "no rule aborts what is open, the reaper alone does"
    assert said["lifecycle"] == f"ok ({none}; this key may not put bucket lifecycle configuration: {see})"
    assert check(store.limited_to("backend"), BUCKET, tmp_path, "--fix")[0] == 0

    assert check(store.limited_to("with-setup"), BUCKET, tmp_path, "--fix")[1]["lifecycle"].startswith("ok (set")
    code, said = check(store.limited_to("backend"), BUCKET, tmp_path, "--fix", UPLOAD_MAX_AGE_HOURS="400")
    assert code == 1
    assert said["lifecycle"].endswith(f"not mended: this key may not put bucket lifecycle configuration: {see}.")
    store.client().delete_bucket_lifecycle(Bucket=BUCKET)


def test_what_is_away_or_missing_is_said(store: StoreServer, tmp_path: Path) -> None:
    code, said = check(store, BUCKET, tmp_path, S3_ENDPOINT_URL=f"http://127.0.0.1:{free_ports(1)[0]}")
    assert (code, said["bucket"], said["database"]) == (1, "The object store cannot be reached.", "ok")
    code, said = check(store, "not-there", tmp_path)
    assert code == 1
    assert said["bucket"].startswith('The bucket "not-there" does not exist')


def test_a_clock_that_is_off_is_named_with_the_way_to_turn_it(tmp_path: Path) -> None:
    skewed = b"<Error><Code>RequestTimeTooSkewed</Code></Error>"
    with serving(403, skewed, date=formatdate(time.time() - 400, usegmt=True)) as place_:
        store = StoreServer(str(place_.endpoint_url), "key", "secret", "us-east-1", NOT_OURS)
        code, said = check(store, "bucket", tmp_path)
    assert code == 1
    assert re.fullmatch(r"(399|4\d\d) s ahead of the store's\. Set this computer's clock, by NTP .*", said["clock"])


def test_a_store_that_knows_no_rules_is_no_failure_for_that(tmp_path: Path) -> None:
    with serving(501, b"<Error><Code>NotImplemented</Code></Error>") as place_:
        store = StoreServer(str(place_.endpoint_url), "key", "secret", "us-east-1", NOT_OURS)
        said = check(store, "bucket", tmp_path, CORS_ORIGINS=ORIGIN)[1]
    for name in ("cors", "lifecycle"):
        assert said[name] == "not verifiable, this store does not know such rules"


def test_a_backend_with_the_shipped_policy_can_do_all_that_it_does(store: StoreServer, tmp_path: Path) -> None:
    env = store.limited_to("backend").backend_env(BUCKET)
    with backend(env, tmp_path / "home") as server, client(server) as alice:
        recording = alice.upload()
        link = alice.http.get(f"/recordings/{recording['fileId']}/url").json()["url"]
        assert alice.store.get(link).status_code == 200
        opened = alice.init()
        alice.send(opened)
        assert (
            alice.http.post("/s3/abort-upload", json={k: opened[k] for k in ("uploadId", "key")}).status_code == 204
        )
        assert alice.http.delete(f"/recordings/{recording['fileId']}").status_code == 204


PUBLIC = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}
EXCESS: dict[str, Callable[[Any], Any]] = {
    "another bucket's objects": lambda s3: s3.put_object(Bucket="of-others", Key="a", Body=b"x"),
    "another bucket's list": lambda s3: s3.list_objects_v2(Bucket="of-others"),
    "a new bucket": lambda s3: s3.create_bucket(Bucket="made-by-the-backend"),
    "deleting the bucket": lambda s3: s3.delete_bucket(Bucket=BUCKET),
    "a public policy": lambda s3: s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(PUBLIC)),
    "reading the policy": lambda s3: s3.get_bucket_policy(Bucket=BUCKET),
    "a public object": lambda s3: s3.put_object_acl(Bucket=BUCKET, Key="a", ACL="public-read"),
    "tags": lambda s3: s3.put_object_tagging(Bucket=BUCKET, Key="a", Tagging={"TagSet": []}),
    "CORS": lambda s3: s3.delete_bucket_cors(Bucket=BUCKET),
    "lifecycle": lambda s3: s3.delete_bucket_lifecycle(Bucket=BUCKET),
    "versioning": lambda s3: s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}),
}


@pytest.mark.parametrize("what", EXCESS)
def test_the_shipped_policy_refuses_what_the_backend_does_not_need(store: StoreServer, what: str) -> None:
    with pytest.raises(ClientError) as caught:
        EXCESS[what](store.limited_to("backend").client())
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
