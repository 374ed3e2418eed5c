"""Looks at how a bucket and its key are set up, and sets CORS and lifecycle rules beside those of others."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from backend.adapters.s3_clients import S3Connection, client_for
from backend.adapters.s3_errors import mapped_errors, readable_answer
from backend.errors import NotVerifiable, StoreFailed, StoreRefused, UploadGone
from backend.model import PROBE_PREFIX, AbortRule

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

RULE_ID = "recorder-backend"
_METHODS = frozenset({"PUT", "GET", "HEAD"})
# What a page sends with a part; a rule that lets all through has "*".
_SENT = ("content-type", "content-md5", "x-amz-checksum-crc64nvme", "x-amz-meta-session-id")
_UNKNOWN = frozenset({"NotImplemented", "MethodNotAllowed", "MalformedXML", "XNotImplemented"})
# Reads of what the backend need not know: a key that may do them is likely to be an administrator's.
_EXCESS = {
    "s3:GetBucketPolicy": "get_bucket_policy",
    "s3:GetBucketAcl": "get_bucket_acl",
    "s3:GetBucketVersioning": "get_bucket_versioning",
}

Rule = dict[str, Any]


class S3BucketSetup:
    """The BucketSetup port on one S3 bucket."""

    def __init__(self, connection: S3Connection, bucket: str) -> None:
        self._connection = connection
        self._bucket = bucket
        self._made: Any = None

    def clock_ahead_s(self) -> float:
        """See BucketSetup."""
        from botocore.exceptions import ClientError

        with mapped_errors(self._bucket), readable_answer():
            before = time.time()
            try:
                answer = self._client.list_objects_v2(Bucket=self._bucket, MaxKeys=1, Prefix=PROBE_PREFIX)
            except ClientError as exc:  # a clock that is far off is refused, with the right time in the answer
                answer = exc.response
            ours = (before + time.time()) / 2
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        if date is None:
            raise NotVerifiable("the store does not say what time it is")
        with readable_answer():
            return ours - parsedate_to_datetime(date).timestamp()

    def require_rights(self) -> None:
        """See BucketSetup."""
        lacking: dict[str, StoreRefused] = {}
        self._try_rights({"Key": f"{PROBE_PREFIX}{uuid.uuid4().hex}"}, lacking)
        if lacking:
            named = ", ".join(lacking)
            refusal = next(iter(lacking.values()))
            raise StoreRefused(f"The key lacks {named}; see resources/policies/backend.json.") from refusal

    def _try_rights(self, place: dict[str, Any], lacking: dict[str, StoreRefused]) -> None:
        tried = partial(self._tried, lacking)
        # First, of nothing: what could not be deleted is not completed.
        may_delete = tried("s3:DeleteObject", "delete_object", **place) is not None
        tried("s3:ListBucketMultipartUploads", "list_multipart_uploads", Prefix=place["Key"])
        opened = tried("s3:PutObject", "create_multipart_upload", **place)
        if opened is None:
            return
        upload = place | {"UploadId": opened["UploadId"]}
        # Whatever becomes of one, the other is done too; the last that is named is done first.
        with contextlib.ExitStack() as clean_up:
            clean_up.callback(tried, "s3:DeleteObject", "delete_object", **place)
            clean_up.callback(self._abort, lacking, upload)
            sent = tried("s3:PutObject", "upload_part", **upload, PartNumber=1, Body=b"recorder")
            tried("s3:ListMultipartUploadParts", "list_parts", **upload)
            stored = None
            if sent is not None and may_delete:
                parts = {"Parts": [{"PartNumber": 1, "ETag": sent["ETag"]}]}
                stored = tried("s3:PutObject", "complete_multipart_upload", **upload, MultipartUpload=parts)
            # Where nothing was stored, that nothing is there is an answer too.
            with contextlib.nullcontext() if stored else contextlib.suppress(StoreFailed):
                found = tried("s3:GetObject", "get_object", **place, Range="bytes=0-3")
                if found is not None:
                    found["Body"].close()

    def _abort(self, lacking: dict[str, StoreRefused], upload: dict[str, Any]) -> None:
        # After complete it is gone; what a store says to that is not the same everywhere.
        with contextlib.suppress(UploadGone, StoreFailed):
            self._tried(lacking, "s3:AbortMultipartUpload", "abort_multipart_upload", **upload)

    def _tried(self, lacking: dict[str, StoreRefused], right: str, operation: str, **params: Any) -> Any:
        """Return the store's answer; None, and the right among those that are lacking, where it is refused."""
        try:
            with mapped_errors(self._bucket), readable_answer():
                return getattr(self._client, operation)(Bucket=self._bucket, **params)
        except StoreRefused as exc:
            lacking.setdefault(right, exc)
            return None

    def excess_rights(self) -> list[str]:
        """See BucketSetup."""
        return [right for right, operation in _EXCESS.items() if self._may(operation)]

    def _may(self, operation: str) -> bool:
        from botocore.exceptions import ClientError

        with mapped_errors(self._bucket), readable_answer():
            try:
                getattr(self._client, operation)(Bucket=self._bucket)
            except ClientError as exc:
                # Only that there is no policy, say, is an answer.
                return int(exc.response["ResponseMetadata"]["HTTPStatusCode"]) == 404
        return True

    def refused_origins(self, origins: Sequence[str]) -> list[str]:
        """See BucketSetup."""
        rules = self._cors()
        return [origin for origin in origins if not _let_send(rules, origin)]

    def allow_origins(self, origins: Sequence[str]) -> None:
        """See BucketSetup."""
        rule = {
            "ID": RULE_ID,
            "AllowedOrigins": list(origins),
            "AllowedMethods": sorted(_METHODS),
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3600,
        }
        # First: a rule of others that speaks of the same origins, without the ETag say, would answer in its place.
        self._set("put_bucket_cors", CORSConfiguration={"CORSRules": [rule, *_without_ours(self._cors())]})

    def abort_rules(self) -> list[AbortRule]:
        """See BucketSetup."""
        return [
            _abort_rule(rule)
            for rule in self._lifecycle().get("Rules", ())
            if rule.get("Status") == "Enabled" and "AbortIncompleteMultipartUpload" in rule
        ]

    def set_abort_after_days(self, days: int) -> None:
        """See BucketSetup."""
        rule = {
            "ID": RULE_ID,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days},
        }
        found = self._lifecycle()
        # Beside the rules, and set back to its default by a request without it.
        size = {name: found[name] for name in ("TransitionDefaultMinimumObjectSize",) if found.get(name)}
        rules = [*_without_ours(found.get("Rules", ())), rule]
        self._set("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": rules}, **size)

    def _cors(self) -> list[Rule]:
        return list(self._configured("get_bucket_cors", "NoSuchCORSConfiguration").get("CORSRules", ()))

    def _lifecycle(self) -> dict[str, Any]:
        return self._configured("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration")

    def _configured(self, operation: str, none_code: str) -> dict[str, Any]:
        """Return the store's answer, an empty one where nothing is configured. Raises NotVerifiable."""
        from botocore.exceptions import ClientError

        with mapped_errors(self._bucket), readable_answer():
            try:
                return dict(getattr(self._client, operation)(Bucket=self._bucket))
            except ClientError as exc:
                if exc.response.get("Error", {}).get("Code") == none_code:
                    return {}
                if _is_unknown(exc):
                    raise NotVerifiable("this store does not know such rules") from exc
                if _is_forbidden(exc):
                    raise NotVerifiable(f"this key may not {operation.replace('_', ' ')}") from exc
                raise

    def _set(self, operation: str, **configuration: Any) -> None:
        from botocore.exceptions import ClientError

        with mapped_errors(self._bucket), readable_answer():
            try:
                getattr(self._client, operation)(Bucket=self._bucket, **configuration)
            except ClientError as exc:
                if _is_unknown(exc):
                    raise StoreRefused("this store does not let such rules be set") from exc
                if _is_forbidden(exc):
                    what = operation.replace("_", " ")
                    raise StoreRefused(f"this key may not {what}: see resources/policies/setup.json") from exc
                raise

    @property
    def _client(self) -> Any:
        if self._made is None:
            self._made = client_for(self._connection, None, retries=False)
        return self._made


def _is_unknown(error: ClientError) -> bool:
    """Whether the store does not know a request of this kind."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code in _UNKNOWN or int(error.response["ResponseMetadata"]["HTTPStatusCode"]) in (405, 501)


def _is_forbidden(error: ClientError) -> bool:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"]) == 403


def _let_send(rules: Sequence[Rule], origin: str) -> bool:
    """Whether CORS rules let a page of this origin send a part, read its ETag, and fetch.

    What answers a request is the first rule that names its origin and method, whatever the later ones say; for the
    question before it, the first that names its headers too. Source: Amazon S3 User Guide, "Elements of a CORS
    configuration".
    """
    of_origin = [rule for rule in rules if any(fnmatchcase(origin, pattern) for pattern in rule["AllowedOrigins"])]
    first = {method: _first(of_origin, method) for method in _METHODS}
    exposed = {name.lower() for name in (first["PUT"] or {}).get("ExposeHeaders", ())}
    asked = any("PUT" in rule["AllowedMethods"] and _takes_headers(rule) for rule in of_origin)
    return None not in first.values() and "etag" in exposed and asked


def _first(rules: Sequence[Rule], method: str) -> Rule | None:
    return next((rule for rule in rules if method in rule["AllowedMethods"]), None)


def _takes_headers(rule: Rule) -> bool:
    patterns = [pattern.lower() for pattern in rule.get("AllowedHeaders", ())]
    return all(any(fnmatchcase(name, pattern) for pattern in patterns) for name in _SENT)


def _abort_rule(rule: Rule) -> AbortRule:
    narrowed = rule.get("Filter") or {}
    both = narrowed.get("And") or {}
    return AbortRule(
        days=int(rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]),
        prefix=str(rule.get("Prefix") or narrowed.get("Prefix") or both.get("Prefix") or ""),
        is_filtered=bool(both or narrowed.keys() - {"Prefix"}),
        is_ours=rule.get("ID") == RULE_ID,
    )


def _without_ours(rules: Sequence[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.get("ID") != RULE_ID]
