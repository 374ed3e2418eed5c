"""Turns botocore's exceptions into this package's, once, at the edge."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from backend.errors import (
    BackendError,
    BucketMissing,
    ChecksumMismatch,
    ClockWrong,
    PartsMismatch,
    PartTooSmall,
    StoreFailed,
    StoreRefused,
    StoreSlowDown,
    StoreUnavailable,
    StoreUnclear,
    UploadGone,
)

_SLOW_DOWN = frozenset(
    {"SlowDown", "503 SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "RequestLimitExceeded"}
)
_REFUSED = frozenset(
    {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
    | {"AllAccessDisabled", "AccountProblem", "AuthorizationHeaderMalformed", "PermanentRedirect"}
)
_CHECKSUM = frozenset({"BadDigest", "XAmzContentChecksumMismatch", "InvalidDigest"})
_PARTS = frozenset({"InvalidPart", "InvalidPartOrder"})


@contextlib.contextmanager
def mapped_errors(bucket: str) -> Iterator[None]:
    """Raise a StoreError, or one of the parts' errors, in place of what botocore raises inside the block."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as BotoConnectionError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as exc:
        raise _of_answer(bucket, exc.response) from exc
    except (BotoConnectionError, HTTPClientError) as exc:
        raise StoreUnavailable("The object store cannot be reached.") from exc
    except (ResponseParserError, RecursionError) as exc:
        # botocore asks a store that redirects where the bucket is, and one that redirects that too without an end.
        raise _unreadable() from exc
    except BotoCoreError as exc:
        raise StoreFailed(f"The object store's answer makes no sense ({type(exc).__name__}).") from exc


@contextlib.contextmanager
def readable_answer() -> Iterator[None]:
    """Raise StoreUnclear in place of what reading an answer of another shape than S3's raises inside the block."""
    try:
        yield
    except (LookupError, ValueError, TypeError, AttributeError, OverflowError) as exc:
        raise _unreadable() from exc


def _unreadable() -> BackendError:
    # A proxy's page, or half an answer: asked again, the store may well be understood.
    return StoreUnclear("The object store's answer cannot be read.")


def _of_answer(bucket: str, response: dict[str, object]) -> BackendError:
    error, metadata = response.get("Error"), response.get("ResponseMetadata")
    code = str(error.get("Code", "")) if isinstance(error, dict) else ""
    status = int(metadata.get("HTTPStatusCode", 0)) if isinstance(metadata, dict) else 0
    by_code = _of_code(bucket, code)
    if by_code is not None:
        return by_code
    if status in (401, 403):
        return _refused(code or str(status))
    if status >= 500:
        return StoreUnavailable(f"The object store answered {status}.")
    return StoreFailed(f"The object store refused the request ({code or status}).")


def _of_code(bucket: str, code: str) -> BackendError | None:
    if code == "NoSuchUpload":
        return UploadGone("The store no longer has this upload: it was aborted, has expired or is complete.")
    if code == "NoSuchBucket":
        return BucketMissing(f'The bucket "{bucket}" does not exist: create it, or correct S3_BUCKET.')
    if code == "EntityTooSmall":
        return PartTooSmall("Every part but the last must have at least 5 MiB.")
    if code == "RequestTimeTooSkewed":
        return ClockWrong(
            "The clock of the server and the object store's are too far apart, so the store refuses. Check the clock "
            "of the server, and have it set by NTP."
        )
    if code in _SLOW_DOWN:
        return StoreSlowDown("The object store asks for fewer requests.")
    if code in _REFUSED:
        return _refused(code)
    if code in _CHECKSUM:
        return ChecksumMismatch("The store computed another checksum: the bytes it has are not the ones meant.")
    if code in _PARTS:
        return PartsMismatch("The store does not have these parts in this form.")
    return None


def _refused(code: str) -> BackendError:
    return StoreRefused(
        f"The object store refuses this server ({code}): check AWS_ACCESS_KEY, AWS_SECRET_KEY, AWS_REGION and "
        "the permissions of the key."
    )
