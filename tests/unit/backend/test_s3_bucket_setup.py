"""How the bucket's rules are judged as S3 applies them, and what the key's rights are tried with."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from backend.adapters.s3_bucket_setup import S3BucketSetup
from backend.adapters.s3_clients import S3Connection, client_for
from backend.errors import StoreRefused, StoreUnavailable
from backend.model import AbortRule

ORIGIN = "https://app.test"
CONNECTION = S3Connection("key", "secret", "us-east-1", "http://127.0.0.1:9")
OURS = {
    "ID": "recorder-backend",
    "AllowedOrigins": [ORIGIN],
    "AllowedMethods": ["GET", "HEAD", "PUT"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag"],
}
ALL = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT", "HEAD"], "AllowedHeaders": ["*"]}


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    client = client_for(CONNECTION, None, retries=False)
    monkeypatch.setattr("backend.adapters.s3_bucket_setup.client_for", lambda *_, **__: client)
    stubber = Stubber(client)
    stubber.activate()
    return stubber


@pytest.fixture
def setup() -> S3BucketSetup:
    return S3BucketSetup(CONNECTION, "bucket")


@pytest.mark.parametrize(
    ("rules", "is_let"),
    [
        ([OURS], True),
        ([OURS, ALL], True),
        ([ALL, OURS], False),
        ([ALL], False),
        ([ALL | {"AllowedOrigins": ["https://theirs.test"]}, OURS], True),
        ([ALL | {"AllowedMethods": ["GET"]}, OURS], True),
        ([ALL | {"AllowedHeaders": ["range"], "ExposeHeaders": ["etag"]}, OURS], True),
        ([ALL | {"AllowedHeaders": ["range"]}, OURS], False),
        ([OURS | {"AllowedHeaders": ["content-type"]}], False),
        ([OURS | {"AllowedMethods": ["PUT"]}], False),
        ([OURS | {"AllowedMethods": ["PUT"]}, ALL], True),
        ([], False),
    ],
)
def test_the_first_rule_for_origin_and_method_answers(
    stub: Stubber, setup: S3BucketSetup, rules: list[Any], is_let: bool
) -> None:
    stub.add_response("get_bucket_cors", {"CORSRules": rules}, {"Bucket": "bucket"})
    assert setup.refused_origins([ORIGIN]) == ([] if is_let else [ORIGIN])


def aborting(days: int, **more: Any) -> dict[str, Any]:
    return {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days}} | more


def test_a_lifecycle_rule_is_known_with_what_it_is_for(stub: Stubber, setup: S3BucketSetup) -> None:
    tag = {"Key": "a", "Value": "b"}
    rules = [
        aborting(1, Prefix="old/"),
        aborting(2, Filter={"Prefix": "new/"}),
        aborting(3, Filter={"Tag": tag}),
        aborting(4, Filter={"And": {"Prefix": "both/", "Tags": [tag]}}),
        aborting(5, Filter={}, ID="recorder-backend"),
        aborting(6, Filter={"Prefix": ""}),
        aborting(7, Status="Disabled", Prefix=""),
        {"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 8}},
    ]
    stub.add_response("get_bucket_lifecycle_configuration", {"Rules": rules}, {"Bucket": "bucket"})
    assert setup.abort_rules() == [
        AbortRule(1, "old/", False, False),
        AbortRule(2, "new/", False, False),
        AbortRule(3, "", True, False),
        AbortRule(4, "both/", True, False),
        AbortRule(5, "", False, True),
        AbortRule(6, "", False, False),
    ]


@pytest.mark.parametrize("beside", [{}, {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}])
def test_what_stands_beside_the_lifecycle_rules_is_kept(
    stub: Stubber, setup: S3BucketSetup, beside: dict[str, str]
) -> None:
    theirs, before = {"ID": "theirs", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}, aborting(8)
    found = {"Rules": [theirs, before | {"ID": "recorder-backend"}], **beside}
    stub.add_response("get_bucket_lifecycle_configuration", found, {"Bucket": "bucket"})
    ours = aborting(14, ID="recorder-backend", Filter={"Prefix": ""})
    wanted = {"Bucket": "bucket", "LifecycleConfiguration": {"Rules": [theirs, ours]}, **beside}
    stub.add_response("put_bucket_lifecycle_configuration", {}, wanted)
    setup.set_abort_after_days(14)
    stub.assert_no_pending_responses()


def test_all_rights_that_are_missing_are_named_and_the_upload_is_aborted(stub: Stubber, setup: S3BucketSetup) -> None:
    stub.add_client_error("delete_object", "AccessDenied", http_status_code=403)
    stub.add_response("list_multipart_uploads", {})
    stub.add_response("create_multipart_upload", {"UploadId": "u1"})
    stub.add_response("upload_part", {"ETag": '"e"'})
    stub.add_client_error("list_parts", "AccessDenied", http_status_code=403)
    stub.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    stub.add_response("abort_multipart_upload", {})
    stub.add_client_error("delete_object", "AccessDenied", http_status_code=403)
    with pytest.raises(StoreRefused, match="lacks s3:DeleteObject, s3:ListMultipartUploadParts; see"):
        setup.require_rights()
    stub.assert_no_pending_responses()


def test_what_was_begun_is_aborted_and_deleted_when_the_store_goes_away(stub: Stubber, setup: S3BucketSetup) -> None:
    for operation, answer in (
        ("delete_object", {}),
        ("list_multipart_uploads", {}),
        ("create_multipart_upload", {"UploadId": "u1"}),
    ):
        stub.add_response(operation, answer)
    stub.add_client_error("upload_part", "InternalError", http_status_code=500)
    stub.add_client_error("abort_multipart_upload", "InternalError", http_status_code=500)
    stub.add_response("delete_object", {})
    with pytest.raises(StoreUnavailable):
        setup.require_rights()
    stub.assert_no_pending_responses()
