"""Sorts whatever the wire raises or answers into core.errors, once, here at the edge.

What a library can raise is listed by its base classes, so a new subclass in a later release still lands in a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import urllib3.exceptions as u3

from recorder_desktop.core.errors import (
    AlreadyCompleted,
    Offline,
    PartRejected,
    PartsMismatch,
    Refused,
    SignInRequired,
    SlowDown,
    TransientFailure,
    Unavailable,
    UploadError,
    UploadGone,
    UrlRefused,
)

_CAPTIVE_PORTAL = (
    "The network answered instead of the server, as a hotel's sign-in page does. "
    "Open a web page and sign in to the network; the upload then goes on by itself."
)
_CLOCK = "This computer's clock or the server's is wrong, so the store refuses. Set the clock, then retry."
_PROXY = "The proxy of this network asks for a password. Put them into the system's proxy settings, then retry."
_TLS = (
    "The certificate of {host} is not trusted, so nothing was sent. "
    "Check the address, or have the certificate's authority added to this computer."
)

# --- the store: answers to a PUT ---------------------------------------------------------------------------------

_DAMAGED = {
    "BadDigest",
    "InvalidDigest",
    "XAmzContentSHA256Mismatch",
    "XAmzContentChecksumMismatch",
    "IncompleteBody",
}
_BUSY = {"SlowDown", "RequestTimeout", "ServiceUnavailable", "TooManyRequests", "RequestLimitExceeded"}


def etag_of(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """Return the ETag of an accepted part.

    Raises the UploadError that any other answer means; a 200 without an ETag is not the store speaking.
    """
    if 200 <= status < 300:
        etag = headers.get("ETag", "").strip()
        if etag.strip('"') and len(etag) < 200:
            return etag
        raise Offline(_CAPTIVE_PORTAL, code="captive_portal")
    raise store_error(status, body)


def store_error(status: int, body: bytes) -> UploadError:
    """The error that a store's refusal means; `body` is its XML, or whatever stood in the way."""
    found = re.search(rb"<Code>([A-Za-z0-9]{1,64})</Code>", body[:4096])
    code = found.group(1).decode() if found else ""
    if 300 <= status < 400:
        return Offline(_CAPTIVE_PORTAL, code="captive_portal")
    if code == "RequestTimeTooSkewed":
        return Refused(_CLOCK, code="clock_wrong")
    if code in _DAMAGED:
        return PartRejected("The store refused a part because its bytes were damaged on the way. It is sent again.")
    if code == "NoSuchUpload":
        return UploadGone("The store no longer knows this upload. It starts again from the beginning.")
    if code == "NoSuchBucket":
        return Refused(
            "The bucket does not exist. Create it, or correct its name on the server.", code="bucket_missing"
        )
    return _store_status(status, code)


def _store_status(status: int, code: str) -> UploadError:
    if status == 403:
        return UrlRefused("The store refused the upload address. A fresh one is asked for.")
    if status == 407:
        return Refused(_PROXY, code="proxy_password")
    if status in (408, 429, 503) or code in _BUSY:
        return SlowDown("The store is busy. The upload goes on more slowly.")
    if status >= 500:
        return TransientFailure(f"The store had an internal error ({status}). The part is sent again.")
    return Refused(
        f"The store refused a part ({status} {code}). Ask whoever runs the store, then retry.", code="store_refused"
    )


@contextmanager
def store_errors(host: str) -> Iterator[None]:
    """Turn what urllib3 and the socket raise during a PUT into core.errors."""
    try:
        yield
    except u3.SSLError as exc:
        raise Refused(_TLS.format(host=host), code="tls_untrusted") from exc
    except (u3.NewConnectionError, u3.ConnectTimeoutError, u3.ProxyError) as exc:
        raise Offline(f"{host} cannot be reached. The upload goes on by itself when it can.") from exc
    except (u3.TimeoutError, TimeoutError) as exc:
        raise TransientFailure(f"{host} stopped taking data. The part is sent again.", code="stalled") from exc
    except (u3.HTTPError, OSError) as exc:
        raise TransientFailure(f"The connection to {host} broke. The part is sent again.") from exc


# --- the backend -------------------------------------------------------------------------------------------------

_GONE = {"upload_gone", "upload_aborted", "upload_not_found"}
_FINAL = {"bucket_missing", "store_refused"}


def backend_error(status: int, answer: Any, retry_after: str | None, server: str) -> UploadError:
    """The error that a backend's answer means; `answer` is its JSON, None when it sent something else."""
    if not isinstance(answer, dict) or not isinstance(answer.get("code"), str):
        return _not_our_backend(status, server)
    code, message = answer["code"], str(answer.get("message", ""))
    if status == 401:
        return SignInRequired(f"{server} does not accept your sign-in. Sign in again, then it goes on.")
    if code in _GONE:
        return UploadGone("The server no longer knows this upload. It starts again from the beginning.", code=code)
    if code == "upload_completed":
        return AlreadyCompleted(message)
    if code == "parts_mismatch":
        return PartsMismatch(message, _part_numbers(answer.get("details")))
    if status == 429 or code == "store_slow_down":
        return SlowDown(
            "The server asks for fewer requests. The upload goes on shortly.", retry_after_s=_seconds(retry_after)
        )
    if status >= 500 and code not in _FINAL:
        return Unavailable(message or "The server has trouble.", code=code, retry_after_s=_seconds(retry_after))
    return Refused(message or f"The server refused ({status}).", code=code)


def _not_our_backend(status: int, server: str) -> UploadError:
    if status == 407:
        return Refused(_PROXY, code="proxy_password")
    if status in (404, 405, 426, 501):
        return Refused(
            f"{server} is not a Recorder server, or one of another version. "
            "Check the address, or update this app and the server.",
            code="server_mismatch",
        )
    if status >= 500:
        return Unavailable(f"{server} has trouble ({status}). The upload goes on by itself.", code="server_trouble")
    return Offline(_CAPTIVE_PORTAL, code="captive_portal")


def _part_numbers(details: Any) -> tuple[int, ...]:
    listed = details if isinstance(details, dict) else {}
    numbers = [*listed.get("missing", ()), *listed.get("superseded", ())]
    return tuple(sorted({number for number in numbers if isinstance(number, int)}))


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and retry_after.isdigit() else None


@contextmanager
def backend_errors(server: str) -> Iterator[None]:
    """Turn what httpx raises into core.errors."""
    import httpx

    try:
        yield
    except httpx.TimeoutException as exc:
        raise Offline(f"{server} does not answer. The upload goes on by itself when it does.") from exc
    except httpx.TransportError as exc:
        raise _transport_error(exc, server) from exc
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as exc:
        raise Refused(f"{server} is not a server address. Correct it, then retry.", code="server_mismatch") from exc


def _transport_error(exc: Exception, server: str) -> UploadError:
    import httpx

    if "CERTIFICATE_VERIFY_FAILED" in str(exc):
        return Refused(_TLS.format(host=server), code="tls_untrusted")
    if isinstance(exc, httpx.UnsupportedProtocol):
        return Refused(f"{server} is not a server address. Correct it, then retry.", code="server_mismatch")
    if isinstance(exc, httpx.ConnectError | httpx.ProxyError):
        return Offline(f"{server} cannot be reached. The upload goes on by itself when it can.")
    return TransientFailure(f"The connection to {server} broke. It is tried again.")


@contextmanager
def understood_answer(server: str) -> Iterator[None]:
    """Turn an answer of another shape than expected into the message to update."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise Refused(
            f"{server} answered in a form that this app does not know. Update this app and the server.",
            code="server_mismatch",
        ) from exc
