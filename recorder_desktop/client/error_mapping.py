"""Sorts whatever the wire raises or answers into core.errors, once, here at the edge.

What a library can raise is listed by its base classes, so a new subclass in a later release still lands in a kind.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3.exceptions as u3

from recorder_desktop.client.answer_values import Answer, json_of
from recorder_desktop.core.errors import (
    AlreadyCompleted,
    Offline,
    PartRejected,
    PartsMismatch,
    Refused,
    SignInRequired,
    SlowDown,
    Stalled,
    StoreTrouble,
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
_PROXY = (
    "The proxy of this network asks for a password. "
    "Put the user name and the password into the system's proxy settings, then retry."
)
_PROXY_KIND = (
    "The proxy in the system's settings is of a kind that this app cannot use. "
    "Set an HTTP proxy there, or none, then retry."
)
_TLS = (
    "The certificate of {host} is not trusted, so nothing was sent. "
    "Check the address, or have the certificate's authority added to this computer."
)

_NO_SERVER = "{server} is not a server address. Correct it, then retry."
_OTHER_VERSION = (
    "{server} is not a Recorder server, or one of another version. "
    "Check the address, or update this app and the server."
)
_ASK_THE_SERVERS_OWNER = "Ask whoever runs the server, then retry."

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
    # The keys behind the URL can expire before the URL. Source: Amazon S3 API Reference, "Error responses".
    if status == 403 or code == "ExpiredToken":
        return UrlRefused("The store refused the upload address. A fresh one is asked for.")
    if status == 407:
        return Refused(_PROXY, code="proxy_password")
    if status in (408, 429, 503) or code in _BUSY:
        return SlowDown("The store is busy. The upload goes on more slowly.")
    if status >= 500:
        return StoreTrouble(f"The store had an internal error ({status}). The part is sent again.")
    answer = f"{status} {code}".strip()
    return Refused(
        f"The store refused the request ({answer}). Ask whoever runs the store, then retry.", code="store_refused"
    )


# --- the connection ----------------------------------------------------------------------------------------------


@contextmanager
def store_errors(host: str) -> Iterator[None]:
    """Turn what urllib3 and the socket raise during a PUT into core.errors."""
    try:
        yield
    except _RAISED as exc:
        if _is_silence(exc):
            raise Stalled(f"{host} stopped taking data. The part is sent again.") from exc
        raise _wire_error(exc, host, "The part is sent again.") from exc


@contextmanager
def backend_errors(server: str) -> Iterator[None]:
    """Turn what urllib3 and the socket raise during a call of the backend into core.errors."""
    try:
        yield
    except _RAISED as exc:
        if _is_silence(exc):
            raise Offline(f"{server} does not answer. The upload goes on by itself when it does.") from exc
        raise _wire_error(exc, server, "It is tried again.") from exc
    except UnicodeEncodeError as exc:
        raise Refused(
            "A name holds bytes that are not text, so it cannot be sent. Give another, then retry.",
            code="invalid_field",
        ) from exc
    except ValueError as exc:
        raise Refused(_NO_SERVER.format(server=server), code="server_mismatch") from exc


_RAISED = (u3.HTTPError, u3.ProxySchemeUnsupported, OSError)


def _is_silence(exc: Exception) -> bool:
    """Whether a connection that was made took or gave nothing for too long."""
    if isinstance(exc, u3.NewConnectionError | u3.ConnectTimeoutError | u3.ProxyError):
        return False
    return any(isinstance(cause, u3.TimeoutError | TimeoutError) for cause in _causes(exc))


def _wire_error(exc: Exception, host: str, next_step: str) -> UploadError:
    causes = list(_causes(exc))
    if _is_untrusted(causes):
        return Refused(_TLS.format(host=host), code="tls_untrusted")
    if any(_TUNNEL_REFUSED in str(cause) for cause in causes if isinstance(cause, OSError)):
        return Refused(_PROXY, code="proxy_password")
    if isinstance(exc, u3.ProxySchemeUnknown | u3.ProxySchemeUnsupported):
        return Refused(_PROXY_KIND, code="proxy_unusable")
    if isinstance(exc, u3.LocationValueError):
        return Refused(_NO_SERVER.format(server=host), code="server_mismatch")
    if isinstance(exc, u3.NewConnectionError | u3.ConnectTimeoutError | u3.ProxyError):
        return Offline(f"{host} cannot be reached. The upload goes on by itself when it can.")
    return TransientFailure(f"The connection to {host} broke. {next_step}")


_TUNNEL_REFUSED = "Tunnel connection failed: 407"
"""urllib3's words for a proxy that wants a password before it lets an https connection through."""


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """The exception and what it wraps: libraries put the socket's own error several layers deep."""
    while exc is not None:
        yield exc
        exc = exc.__cause__ or next((arg for arg in exc.args if isinstance(arg, BaseException)), None)


def _is_untrusted(causes: list[BaseException]) -> bool:
    # Any other TLS error is a connection that was cut or disturbed, and passes.
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)


# --- the backend -------------------------------------------------------------------------------------------------

_GONE = {"upload_gone", "upload_aborted", "upload_not_found"}
_FINAL = {"bucket_missing", "store_refused", "clock_wrong", "store_failed", "catalogue_unusable"}
_NO_SUCH_ROUTE = {"not_found", "method_not_allowed"}
_ADVICE = {
    "invalid_field": "Correct it, then retry.",
    "folder_not_found": "Choose another folder, then retry.",
    "recording_not_found": "List the library again.",
}
_MESSAGE_LIMIT = 500
_CLOCK_TOLERANCE_MIN = 5
"""Clocks that are further apart than this make tokens old before their time, or young after it."""
_LONGEST_WAIT_S = 3600.0
"""A server that names a longer pause is asked again anyway: it may have been wrong."""


def value_of(answer: Answer, server: str) -> Any:
    """A backend's answer as JSON, None where it has nothing to say. Raises the error that any other one means."""
    if answer.status == 204:
        return None
    value = json_of(answer.body)
    if answer.status != 200 or value is None:
        told = answer.headers
        raise backend_error(answer.status, value, told.get("Retry-After"), server, told.get("Date"))
    return value


def backend_error(
    status: int, answer: Any, retry_after: str | None, server: str, date: str | None = None
) -> UploadError:
    """The error that a backend's answer means; `answer` is its JSON, None when it sent something else.

    retry_after and date: the headers of those names.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("code"), str):
        return _not_our_backend(status, server)
    code = answer["code"]
    if status == 401:
        return sign_in_refused(server, date)
    if code in _GONE:
        return UploadGone("The server no longer knows this upload. It starts again from the beginning.", code=code)
    if code == "upload_completed":
        return AlreadyCompleted("The upload was completed before. Nothing more has to be sent.")
    if code == "parts_mismatch":
        return PartsMismatch(
            "The store holds other parts than were sent. Those are sent again.", _part_numbers(answer.get("details"))
        )
    if code in _NO_SUCH_ROUTE:
        return Refused(_OTHER_VERSION.format(server=server), code="server_mismatch")
    if status == 429 or code == "store_slow_down":
        return SlowDown(
            "The server asks for fewer requests. The upload goes on shortly.", retry_after_s=_seconds(retry_after)
        )
    if status >= 500 and code not in _FINAL:
        message = _in_the_servers_words(answer, status, "It goes on by itself when that is over.")
        return Unavailable(message, code=code, retry_after_s=_seconds(retry_after))
    return Refused(_in_the_servers_words(answer, status, _ADVICE.get(code, _ASK_THE_SERVERS_OWNER)), code=code)


def sign_in_refused(server: str, date: str | None = None) -> SignInRequired:
    """What a token means that does not count. date: the Date header of the answer that said so.

    Whoever signs in again and again because of a clock would never find out.
    """
    minutes = round(abs(_clock_ahead_s(date)) / 60)
    if minutes < _CLOCK_TOLERANCE_MIN:
        return SignInRequired(
            f"{server} does not accept your sign-in. "
            "Sign in again, or correct RECORDER_TOKEN where that is set, then it goes on."
        )
    return SignInRequired(
        f"{server} does not accept your sign-in, and its clock and this computer's are {minutes} minutes apart. "
        "Check the clock of both, then sign in again."
    )


def _clock_ahead_s(date: str | None) -> float:
    """How far the clock behind a Date header is ahead of ours; 0 where there is no such date."""
    try:
        return parsedate_to_datetime(date or "").timestamp() - time.time()
    except ValueError:
        return 0.0


def _in_the_servers_words(answer: Mapping[str, Any], status: int, advice: str) -> str:
    """The server's message, and what to do where it does not say that itself."""
    said = answer.get("message")
    message = " ".join(said.split())[:_MESSAGE_LIMIT] if isinstance(said, str) else ""
    if not message:
        return f"The server refused ({status}). {advice}" if status < 500 else f"The server has trouble. {advice}"
    if message[-1] not in ".!?":
        message += "."
    return message if ". " in message else f"{message} {advice}"


def _not_our_backend(status: int, server: str) -> UploadError:
    if status == 407:
        return Refused(_PROXY, code="proxy_password")
    if status in (404, 405, 426, 501):
        return Refused(_OTHER_VERSION.format(server=server), code="server_mismatch")
    if status >= 500:
        return Unavailable(f"{server} has trouble ({status}). The upload goes on by itself.", code="server_trouble")
    return Offline(_CAPTIVE_PORTAL, code="captive_portal")


def _part_numbers(details: Any) -> tuple[int, ...]:
    listed = details if isinstance(details, dict) else {}
    numbers = [number for name in ("missing", "superseded") for number in _as_list(listed.get(name))]
    return tuple(sorted({number for number in numbers if isinstance(number, int)}))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds. Its other form, a date, would need both clocks to be right."""
    if not retry_after or not retry_after.isdecimal():
        return None
    return min(float(retry_after), _LONGEST_WAIT_S)


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
