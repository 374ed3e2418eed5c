"""What the wire raises and answers, sorted; and that a library's next exception is sorted too."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import urllib3.exceptions

from backend import errors as backend_side
from backend.http.error_handlers import status_of
from recorder_desktop.client.error_mapping import (
    backend_error,
    backend_errors,
    etag_of,
    store_error,
    store_errors,
    understood_answer,
)
from recorder_desktop.core.errors import (
    AlreadyCompleted,
    ErrorKind,
    Interrupted,
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

SERVER = "https://recorder.example.org"
HOST = "store.example.org"
DETAIL = "Errno 110 at 0x7f: /bucket/key?X-Amz-Signature=abc"


def assert_readable(error: UploadError) -> None:
    """One sentence on what happened, one on what to do or what happens next, and nothing of the exception's own."""
    sentences = re.split(r"(?<=[.!?]) (?=[A-Z“])", error.message)
    assert len(sentences) == 2, error.message
    assert all(sentence.endswith(".") and len(sentence) > 5 for sentence in sentences), error.message
    assert not re.search(r"Error|Exception|Errno|Traceback|0x|X-Amz| \)|\( |None|<", error.message), error.message
    assert str(error) == error.message


def xml(code: str) -> bytes:
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>'
    return head + f"<Code>{code}</Code><Message>Why</Message><Key>k</Key></Error>".encode()


# --- the store's answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 204])
@pytest.mark.parametrize("etag", ['"9b2c"', "9b2c", 'W/"9b2c"', '"9b2c-3"'])
def test_an_accepted_part_gives_its_etag_as_spelled(status: int, etag: str) -> None:
    assert etag_of(status, {"ETag": f" {etag} "}, b"") == etag


@pytest.mark.parametrize("headers", [{}, {"ETag": ""}, {"ETag": '""'}, {"ETag": " "}, {"ETag": "x" * 200}])
def test_f31_a_200_without_a_usable_etag_is_not_the_store(headers: dict[str, str]) -> None:
    with pytest.raises(Offline) as caught:
        etag_of(200, headers, b"<html>")
    assert caught.value.code == "captive_portal"
    assert_readable(caught.value)


def test_any_other_status_raises_what_it_means() -> None:
    with pytest.raises(UrlRefused):
        etag_of(403, {"ETag": '"9b2c"'}, b"")


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (301, b"", Offline, "captive_portal"),
        (302, b"<html>", Offline, "captive_portal"),
        (304, b"", Offline, "captive_portal"),
        (307, xml("TemporaryRedirect"), Offline, "captive_portal"),
        (403, b"", UrlRefused, "url_refused"),
        (403, xml("AccessDenied"), UrlRefused, "url_refused"),
        (403, xml("SignatureDoesNotMatch"), UrlRefused, "url_refused"),
        (403, xml("InvalidAccessKeyId"), UrlRefused, "url_refused"),
        (400, xml("ExpiredToken"), UrlRefused, "url_refused"),
        (403, xml("RequestTimeTooSkewed"), Refused, "clock_wrong"),
        (407, b"", Refused, "proxy_password"),
        (408, b"", SlowDown, "slow_down"),
        (429, b"", SlowDown, "slow_down"),
        (503, b"", SlowDown, "slow_down"),
        (503, xml("SlowDown"), SlowDown, "slow_down"),
        (500, xml("SlowDown"), SlowDown, "slow_down"),
        (400, xml("RequestTimeout"), SlowDown, "slow_down"),
        (500, xml("ServiceUnavailable"), SlowDown, "slow_down"),
        (400, xml("TooManyRequests"), SlowDown, "slow_down"),
        (400, xml("RequestLimitExceeded"), SlowDown, "slow_down"),
        (500, b"", StoreTrouble, "store_trouble"),
        (500, xml("InternalError"), StoreTrouble, "store_trouble"),
        (502, b"<html>Bad gateway</html>", StoreTrouble, "store_trouble"),
        (504, b"", StoreTrouble, "store_trouble"),
        (400, xml("BadDigest"), PartRejected, "part_rejected"),
        (400, xml("InvalidDigest"), PartRejected, "part_rejected"),
        (400, xml("XAmzContentSHA256Mismatch"), PartRejected, "part_rejected"),
        (400, xml("XAmzContentChecksumMismatch"), PartRejected, "part_rejected"),
        (400, xml("IncompleteBody"), PartRejected, "part_rejected"),
        (404, xml("NoSuchUpload"), UploadGone, "upload_gone"),
        (404, xml("NoSuchBucket"), Refused, "bucket_missing"),
        (404, b"", Refused, "store_refused"),
        (400, xml("EntityTooLarge"), Refused, "store_refused"),
        (411, xml("MissingContentLength"), Refused, "store_refused"),
    ],
)
def test_a_stores_answer_is_sorted(status: int, body: bytes, error: type[UploadError], code: str) -> None:
    sorted_as = store_error(status, body)
    assert type(sorted_as) is error
    assert sorted_as.code == code
    assert_readable(sorted_as)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe\x00",
        b"<Code>",
        b"<Code></Code>",
        b"<Code>" + b"A" * 100 + b"</Code>",
        b"<Code>../x</Code>",
        b" " * 5000 + xml("NoSuchUpload"),
        b'{"code":"NoSuchUpload"}',
    ],
)
def test_a_garbage_body_leaves_the_status_to_decide(body: bytes) -> None:
    for status, error in ((403, UrlRefused), (500, StoreTrouble), (503, SlowDown), (400, Refused)):
        sorted_as = store_error(status, body)
        assert type(sorted_as) is error
        assert_readable(sorted_as)


# --- what urllib3 raises -----------------------------------------------------------------------------------------


def exceptions_of(names: dict[str, Any], package: str) -> list[type[Exception]]:
    """The exceptions that a library defines. Warnings are not raised, so they need no kind."""
    return [
        kind
        for kind in names.values()
        if isinstance(kind, type)
        and issubclass(kind, Exception)
        and not issubclass(kind, Warning)
        and kind.__module__.split(".")[0] == package
    ]


URLLIB3 = exceptions_of(vars(urllib3.exceptions), "urllib3")


def an_instance(kind: type[Exception]) -> Exception:
    """An exception of this kind, whatever its constructor wants."""
    made = kind.__new__(kind)
    made.args = (DETAIL,)
    return made


def raised_by_store(exc: Exception) -> UploadError:
    with pytest.raises(UploadError) as caught, store_errors(HOST):
        raise exc
    assert caught.value.__cause__ is exc
    return caught.value


def raised_by_backend(exc: Exception) -> UploadError:
    with pytest.raises(UploadError) as caught, backend_errors(SERVER):
        raise exc
    assert caught.value.__cause__ is exc
    return caught.value


def test_the_libraries_exceptions_were_found() -> None:
    assert {urllib3.exceptions.MaxRetryError, urllib3.exceptions.ProxySchemeUnsupported} <= set(URLLIB3)


@pytest.mark.parametrize("kind", URLLIB3)
def test_every_exception_of_urllib3_has_a_kind_and_a_readable_message(kind: type[Exception]) -> None:
    assert_readable(raised_by_store(an_instance(kind)))
    assert_readable(raised_by_backend(an_instance(kind)))


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        (urllib3.exceptions.NewConnectionError, Offline, "offline"),
        (urllib3.exceptions.NameResolutionError, Offline, "offline"),
        (urllib3.exceptions.ConnectTimeoutError, Offline, "offline"),
        (urllib3.exceptions.ProxyError, Offline, "offline"),
        (urllib3.exceptions.ReadTimeoutError, Stalled, "stalled"),
        (TimeoutError, Stalled, "stalled"),
        (urllib3.exceptions.ProtocolError, TransientFailure, "connection_trouble"),
        (urllib3.exceptions.IncompleteRead, TransientFailure, "connection_trouble"),
        (urllib3.exceptions.SSLError, TransientFailure, "connection_trouble"),
        (ConnectionResetError, TransientFailure, "connection_trouble"),
        (ssl.SSLEOFError, TransientFailure, "connection_trouble"),
        (ssl.SSLCertVerificationError, Refused, "tls_untrusted"),
        (urllib3.exceptions.LocationParseError, Refused, "server_mismatch"),
        (urllib3.exceptions.URLSchemeUnknown, Refused, "server_mismatch"),
        (urllib3.exceptions.ProxySchemeUnknown, Refused, "proxy_unusable"),
        (urllib3.exceptions.ProxySchemeUnsupported, Refused, "proxy_unusable"),
    ],
)
def test_what_breaks_on_the_way_to_the_store_is_sorted(
    kind: type[Exception], error: type[UploadError], code: str
) -> None:
    sorted_as = raised_by_store(an_instance(kind))
    assert type(sorted_as) is error
    assert sorted_as.code == code
    assert_readable(sorted_as)


@pytest.mark.parametrize(
    ("inner", "error", "code"),
    [
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), Refused, "tls_untrusted"),
        (ssl.SSLEOFError(8, "EOF occurred"), TransientFailure, "connection_trouble"),
        (TimeoutError("timed out"), Stalled, "stalled"),
        (OSError("Tunnel connection failed: 407 Proxy Authentication Required"), Refused, "proxy_password"),
        (OSError("Tunnel connection failed: 502 Bad Gateway"), TransientFailure, "connection_trouble"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda exc: ("Connection aborted.", exc), lambda exc: (exc,)])
def test_the_reason_is_found_however_deep_urllib3_wraps_it(
    inner: Exception, error: type[UploadError], code: str, wrap: Callable[[Exception], tuple[Any, ...]]
) -> None:
    for outer in (urllib3.exceptions.ProtocolError, urllib3.exceptions.SSLError):
        sorted_as = raised_by_store(outer(*wrap(outer(*wrap(inner)))))
        assert type(sorted_as) is error
        assert sorted_as.code == code


def test_errors_that_are_sorted_already_and_mistakes_of_our_own_pass_unchanged() -> None:
    for exc in (PartRejected("The part. Again."), Interrupted(), ZeroDivisionError()):
        for mapped in (store_errors(HOST), backend_errors(SERVER), understood_answer(SERVER)):
            with pytest.raises(type(exc)) as caught, mapped:
                raise exc
            assert caught.value is exc


# --- the backend's answers ---------------------------------------------------------------------------------------


def answer(code: object, message: object = "What happened", **more: Any) -> dict[str, Any]:
    return {"code": code, "message": message, "requestId": "r1", **more}


@pytest.mark.parametrize(
    ("status", "code", "error", "shown"),
    [
        (401, "unauthenticated", SignInRequired, "sign_in_required"),
        (404, "upload_not_found", UploadGone, "upload_not_found"),
        (404, "upload_gone", UploadGone, "upload_gone"),
        (409, "upload_gone", UploadGone, "upload_gone"),
        (409, "upload_aborted", UploadGone, "upload_aborted"),
        (409, "upload_completed", AlreadyCompleted, "upload_completed"),
        (409, "parts_mismatch", PartsMismatch, "parts_mismatch"),
        (409, "object_mismatch", Refused, "object_mismatch"),
        (409, "part_too_small", Refused, "part_too_small"),
        (409, "checksum_mismatch", Refused, "checksum_mismatch"),
        (404, "recording_not_found", Refused, "recording_not_found"),
        (404, "folder_not_found", Refused, "folder_not_found"),
        (404, "not_found", Refused, "server_mismatch"),
        (405, "method_not_allowed", Refused, "server_mismatch"),
        (413, "file_too_large", Refused, "file_too_large"),
        (413, "body_too_large", Refused, "body_too_large"),
        (415, "not_json", Refused, "not_json"),
        (422, "invalid_field", Refused, "invalid_field"),
        (422, "content_type_refused", Refused, "content_type_refused"),
        (400, "host_refused", Refused, "host_refused"),
        (429, "rate_limited", SlowDown, "slow_down"),
        (503, "store_slow_down", SlowDown, "slow_down"),
        (503, "store_unavailable", Unavailable, "store_unavailable"),
        (503, "catalogue_unavailable", Unavailable, "catalogue_unavailable"),
        (503, "catalogue_unusable", Refused, "catalogue_unusable"),
        (503, "stored_not_recorded", Unavailable, "stored_not_recorded"),
        (502, "store_failed", Refused, "store_failed"),
        (502, "store_refused", Refused, "store_refused"),
        (502, "bucket_missing", Refused, "bucket_missing"),
        (502, "clock_wrong", Refused, "clock_wrong"),
        (500, "internal_error", Unavailable, "internal_error"),
        (418, "unheard_of", Refused, "unheard_of"),
    ],
)
def test_a_backends_answer_is_sorted(status: int, code: str, error: type[UploadError], shown: str) -> None:
    sorted_as = backend_error(status, answer(code), None, SERVER)
    assert type(sorted_as) is error
    assert sorted_as.code == shown
    assert_readable(sorted_as)


def backend_codes(base: type[backend_side.BackendError] = backend_side.BackendError) -> list[tuple[int, str]]:
    """Status and code of everything that the backend's services can raise."""
    made = base.__new__(base)
    below = [pair for kind in base.__subclasses__() for pair in backend_codes(kind)]
    return [(status_of(made), base.code), *below]


def test_only_what_the_engine_can_act_on_gets_another_kind_than_wait_or_no() -> None:
    kinds = {code: backend_error(status, answer(code), None, SERVER).kind for status, code in backend_codes()}
    special = {code: kind for code, kind in kinds.items() if kind not in (ErrorKind.WAIT, ErrorKind.FATAL)}
    assert special == {
        "unauthenticated": ErrorKind.SIGN_IN,
        "sign_in_refused": ErrorKind.SIGN_IN,
        "upload_not_found": ErrorKind.RESTART,
        "upload_gone": ErrorKind.RESTART,
        "upload_aborted": ErrorKind.RESTART,
        "parts_mismatch": ErrorKind.RESEND,
    }


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (200, Offline, "captive_portal"),
        (302, Offline, "captive_portal"),
        (401, Offline, "captive_portal"),
        (403, Offline, "captive_portal"),
        (404, Refused, "server_mismatch"),
        (405, Refused, "server_mismatch"),
        (426, Refused, "server_mismatch"),
        (501, Refused, "server_mismatch"),
        (407, Refused, "proxy_password"),
        (500, Unavailable, "server_trouble"),
        (502, Unavailable, "server_trouble"),
        (503, Unavailable, "server_trouble"),
    ],
)
@pytest.mark.parametrize("body", [None, [], "text", 5, {}, {"code": 5}, {"detail": "Not Found"}])
def test_an_answer_in_another_shape_is_not_our_backends(
    status: int, error: type[UploadError], code: str, body: object
) -> None:
    sorted_as = backend_error(status, body, None, SERVER)
    assert type(sorted_as) is error
    assert sorted_as.code == code
    assert_readable(sorted_as)


@pytest.mark.parametrize("status", [409, 422, 500, 503])
@pytest.mark.parametrize(
    "message",
    [
        "What happened",
        "What happened.",
        "What happened. Do that.",
        "",
        " \n",
        None,
        5,
        ["x"],
        "What\nhappened",
        "e" * 9999,
    ],
)
def test_whatever_the_backend_says_becomes_two_sentences(status: int, message: object) -> None:
    error = backend_error(status, answer("some_code", message), None, SERVER)
    assert_readable(error)
    assert len(error.message) < 700


def test_the_backends_own_two_sentences_are_kept() -> None:
    said = "The file is stored; its record follows. Ask again."
    assert backend_error(503, answer("stored_not_recorded", said), None, SERVER).message == said


@pytest.mark.parametrize(
    ("details", "numbers"),
    [
        ({"missing": [3, 1], "superseded": [2, 3]}, (1, 2, 3)),
        ({"missing": [7]}, (7,)),
        ({}, ()),
        (None, ()),
        ("garbage", ()),
        ({"missing": None, "superseded": 5}, ()),
        ({"missing": ["1", None, 2.5, 4]}, (4,)),
    ],
)
def test_f47_the_parts_to_send_again_are_named(details: object, numbers: tuple[int, ...]) -> None:
    error = backend_error(409, answer("parts_mismatch", details=details), None, SERVER)
    assert isinstance(error, PartsMismatch)
    assert error.part_numbers == numbers


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (None, None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
        ("9" * 400, 3600.0),
    ],
)
def test_s23_retry_after_is_honoured_in_seconds_and_never_for_ever(header: str | None, seconds: float | None) -> None:
    for status, code in ((429, "rate_limited"), (503, "store_slow_down"), (503, "store_unavailable")):
        error = backend_error(status, answer(code), header, SERVER)
        assert isinstance(error, Unavailable)
        assert error.retry_after_s == seconds


# --- what breaks on the way to the backend -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exc", "error", "code"),
    [
        (an_instance(urllib3.exceptions.ConnectTimeoutError), Offline, "offline"),
        (an_instance(urllib3.exceptions.ReadTimeoutError), Offline, "offline"),
        (TimeoutError(DETAIL), Offline, "offline"),
        (an_instance(urllib3.exceptions.NewConnectionError), Offline, "offline"),
        (an_instance(urllib3.exceptions.ProxyError), Offline, "offline"),
        (an_instance(urllib3.exceptions.ProtocolError), TransientFailure, "connection_trouble"),
        (ConnectionResetError(DETAIL), TransientFailure, "connection_trouble"),
        (an_instance(urllib3.exceptions.DecodeError), TransientFailure, "connection_trouble"),
        (an_instance(urllib3.exceptions.LocationParseError), Refused, "server_mismatch"),
        (an_instance(urllib3.exceptions.ProxySchemeUnknown), Refused, "proxy_unusable"),
        (ValueError(DETAIL), Refused, "server_mismatch"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, DETAIL), Refused, "invalid_field"),
    ],
)
def test_what_breaks_on_the_way_to_the_backend_is_sorted(exc: Exception, error: type[UploadError], code: str) -> None:
    sorted_as = raised_by_backend(exc)
    assert type(sorted_as) is error
    assert sorted_as.code == code
    assert_readable(sorted_as)


def test_f29_an_untrusted_certificate_is_known_by_its_cause_whatever_the_systems_words_for_it() -> None:
    exc = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError("The chain is not trusted, says this system"))
    error = raised_by_backend(exc)
    assert (type(error), error.code) == (Refused, "tls_untrusted")
    assert_readable(error)


@pytest.mark.parametrize("kind", [KeyError, TypeError, ValueError, AttributeError])
def test_f39_an_answer_that_makes_no_sense_says_to_update(kind: type[Exception]) -> None:
    with pytest.raises(Refused) as caught, understood_answer(SERVER):
        raise kind(DETAIL)
    assert caught.value.code == "server_mismatch"
    assert_readable(caught.value)
