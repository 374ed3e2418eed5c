"""Whatever goes wrong, a person reads one sentence on what happened and one on what to do, and the same everywhere.

Every place in the desktop's code that makes an error is looked at, then every answer of a server, a store, a network
and a file system that is sorted into one.
"""

from __future__ import annotations

import ast
import errno
import importlib
import inspect
import io
import itertools
import os
import pkgutil
import re
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TypeVar

import pytest
import urllib3.exceptions as u3

import recorder_desktop
from backend import errors as backend_errors_module
from backend.http.error_handlers import status_of
from recorder_desktop import cli
from recorder_desktop.client.error_mapping import backend_error, backend_errors, etag_of, store_errors
from recorder_desktop.core import errors
from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.data_path.file_errors import file_errors
from recorder_desktop.headless.answers import failed, queue_row
from recorder_desktop.headless.commands import _queue_line
from recorder_desktop.headless.report import sentence
from recorder_desktop.store.database import sorted_errors
from recorder_desktop.transfer.drive_watch import drive_stalled
from recorder_desktop.ui import text
from tests.cases import check_each
from tests.fakes.upload_queue import make_view

T = TypeVar("T")

ROOT = Path(recorder_desktop.__file__).parent
SERVER, HOST = "https://recorder.example.org", "store.example.org"
MESSAGE_AT = {"Rejected": 2, "failed": 2, "Notice": 0}
"""Where the message stands among the arguments of what else is shown to a person."""
IN_ANOTHERS_WORDS = {
    "system/owner_channel.py": "an error of the owner, made again for the caller",
    "client/error_mapping.py": "computed from the server's answer: tried out below, with every code there is",
    "client/recording_download.py": "an error of the store in other words",
    "headless/commands.py": "of an error that was caught",
    "headless/watch.py": "of a Rejected",
    "headless/follow.py": "of an upload's problem, which was an error before",
    "headless/owner_service.py": "of a Rejected",
    "headless/sign_in.py": "of an error that was caught",
    "own_buckets.py": "what was said of a bucket that was tried",
    "system/local_stack.py": "what the children said before they ended",
    "transfer/intake.py": "of an error that was caught",
    "transfer/upload_job.py": "the name of a file before an error's message",
    "transfer/engine.py": "passed through",
}
RAW = re.compile(
    r"Errno|Traceback|Exception|[a-z]Error\b|<class|object at 0x|\bNone\b|HTTPS?Connection|urllib3|sqlite3"
)


def assert_helps(message: str) -> None:
    """What happened, then what to do or what becomes of it; no program's words."""
    sentences = re.split(r"(?<=[.!?]) (?=[A-Z“…])", message)
    assert len(sentences) >= 2, message
    assert re.match(r"[A-Z“/]|[a-z]\w+: |https?://|[a-z.]+\.example\.org|…", message), message
    assert message.endswith((".", "…")), message
    # A store's own code, in brackets, is what its owner will look for.
    assert not RAW.search(re.sub(r"\(\d* ?\w+\)", "", message)), message
    assert len(message) <= 600, message


# --- what the code says ------------------------------------------------------------------------------------------


def classes_below(base: type[T]) -> Iterator[type[T]]:
    for each in base.__subclasses__():
        yield each
        yield from classes_below(each)


@pytest.fixture(scope="module")
def error_names() -> set[str]:
    """The name of every error, wherever in the desktop it is defined."""
    for module in pkgutil.walk_packages([str(ROOT)], "recorder_desktop."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {each.__name__ for each in classes_below(UploadError)} - {"Interrupted"}


class Texts(ast.NodeVisitor):
    """Every message that a module makes of its own words; those it cannot tell are in `unknown`."""

    def __init__(self, names: set[str], tree: ast.Module) -> None:
        self.found: list[str] = []
        self.unknown: list[int] = []
        self.raw: list[int] = []
        self._names = names
        self._constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self._caught: list[str] = []

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._caught.append(node.name or "")
        self.generic_visit(node)
        self._caught.pop()

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        at = 0 if name in self._names else MESSAGE_AT.get(name)
        if at is not None and len(node.args) > at:
            texts = self._texts(node.args[at])
            self.found += texts or ()
            if texts is None:
                self.unknown.append(node.lineno)
        self.generic_visit(node)

    def _texts(self, node: ast.expr) -> list[str] | None:
        match node:
            case ast.Constant(value=str(words)):
                return [words]
            case ast.Name(id=name) if name in self._constants:
                return self._texts(self._constants[name])
            case ast.JoinedStr(values=values):
                return self._joined(values)
            case ast.IfExp(body=one, orelse=other):
                return self._either(one, other)
            case ast.Call(func=ast.Attribute(value=template, attr="format")):
                texts = self._texts(template)
                return None if texts is None else [re.sub(r"\{\w+\}", "…", each) for each in texts]
        return None

    def _either(self, one: ast.expr, other: ast.expr) -> list[str] | None:
        first, second = self._texts(one), self._texts(other)
        return None if first is None or second is None else first + second

    def _joined(self, values: list[ast.expr]) -> list[str]:
        words = ""
        for value in values:
            if isinstance(value, ast.FormattedValue):
                if isinstance(value.value, ast.Name) and value.value.id in self._caught:
                    self.raw.append(value.lineno)
                words += "…"
            elif isinstance(value, ast.Constant):
                words += str(value.value)
        return [words]


def modules() -> list[Path]:
    return [path for path in sorted(ROOT.rglob("*.py")) if path.name != "errors.py"]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_error_that_the_code_makes_says_what_happened_and_what_to_do(path: Path, error_names: set[str]) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    texts = Texts(error_names, tree)
    texts.visit(tree)
    for message in texts.found:
        if re.search(r"\w", message):  # else it puts together what was looked at elsewhere
            assert_helps(message)
    assert texts.raw == [], "the text of an exception is for the log"
    if str(path.relative_to(ROOT)) not in IN_ANOTHERS_WORDS:
        assert texts.unknown == []


# --- what others make of it ----------------------------------------------------------------------------------------

STATUSES = range(200, 600)
S3_CODES = [
    "", "AccessDenied", "BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch",
    "IncompleteBody", "SlowDown", "RequestTimeout", "ServiceUnavailable", "TooManyRequests", "RequestLimitExceeded",
    "NoSuchUpload", "NoSuchBucket", "RequestTimeTooSkewed", "ExpiredToken", "InternalError", "SignatureDoesNotMatch",
    "EntityTooLarge", "SomethingNew",
]  # fmt: skip


def test_whatever_a_store_answers_to_a_part_is_told_in_sentences() -> None:
    def is_told(answer: tuple[int, str]) -> None:
        status, code = answer
        with pytest.raises(UploadError) as told:
            etag_of(status, {}, f"<Error><Code>{code}</Code></Error>".encode())
        assert_helps(told.value.message)

    check_each(itertools.product(STATUSES, S3_CODES), is_told)


def backend_classes() -> list[type[backend_errors_module.BackendError]]:
    return list(classes_below(backend_errors_module.BackendError))


_ARGUMENTS: dict[str, Any] = {
    "message": "It does not work.",
    "field": "fileSize",
    "reason": "is too large",
    "user": "mara",
    "retry_after_s": 5,
}


@pytest.mark.parametrize("kind", backend_classes(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_backend_reaches_a_person_as_what_happened_and_what_to_do(
    kind: type[backend_errors_module.BackendError],
) -> None:
    wanted = list(inspect.signature(kind).parameters.values())
    error = kind(*(_ARGUMENTS[each.name] for each in wanted if each.default is inspect._empty))
    for message in (error.message, error.message.removesuffix("."), "", None, {"no": "text"}):
        for date in (None, "Thu, 26 Nov 1998 04:00:00 GMT"):
            answer = {"code": error.code, "message": message, "details": error.details}
            told = backend_error(status_of(error), answer, "5", SERVER, date)
            assert_helps(told.message)


def test_whatever_answers_in_place_of_the_backend_is_told_in_sentences() -> None:
    unauthenticated = {"code": "unauthenticated", "message": "No"}
    answers: tuple[Any, ...] = (None, [], {}, {"code": 5}, {"code": "something_new"}, unauthenticated)

    def is_told(given: tuple[int, Any]) -> None:
        status, answer = given
        assert_helps(backend_error(status, answer, None, SERVER).message)

    check_each(itertools.product(STATUSES, answers), is_told)


def network_errors() -> list[BaseException]:
    made: list[BaseException] = [
        OSError(number, os.strerror(number)) for number in sorted(errno.errorcode) if number != errno.EINTR
    ]
    made += [
        TimeoutError("timed out"), ssl.SSLCertVerificationError("self-signed"), ssl.SSLError("bad record mac"),
        ConnectionResetError(104, "reset"), OSError("Tunnel connection failed: 407 Proxy Authentication Required"),
    ]  # fmt: skip
    for each in classes_below(u3.HTTPError):
        try:
            made.append(each("words of a library"))
        except TypeError:
            made.append(each.__new__(each))
    return made


def test_whatever_the_network_raises_is_told_in_sentences() -> None:
    def is_told(raised: BaseException) -> None:
        for sorted_into in (store_errors(HOST), backend_errors(SERVER)):
            with pytest.raises(UploadError) as told, sorted_into:
                raise raised
            assert_helps(told.value.message)
            assert "words of a library" not in told.value.message

    check_each(network_errors(), is_told)


def test_whatever_a_file_system_raises_is_told_in_sentences() -> None:
    def is_told(number: int) -> None:
        with pytest.raises(UploadError) as told, file_errors(Path("/recordings/talk.mp4")):
            raise OSError(number, os.strerror(number), "/recordings/talk.mp4")
        assert_helps(told.value.message)

    check_each(sorted(errno.errorcode), is_told)


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY]
)
def test_whatever_the_queues_database_raises_is_told_in_sentences(code: int) -> None:
    raised = sqlite3.OperationalError("words of a library")
    raised.sqlite_errorcode = code
    with pytest.raises(UploadError) as told, sorted_errors():
        raise raised
    assert_helps(told.value.message)
    assert "words of a library" not in told.value.message


# --- the same everywhere -------------------------------------------------------------------------------------------


def test_the_window_and_the_command_line_say_the_same() -> None:
    problem = Problem("drive_stalled", drive_stalled(Path("/recordings/talk.mp4")).message)
    view = make_view(state=UploadState.ATTENTION, problem=problem)
    assert text.state_sentence(view) == problem.message
    assert queue_row(view.upload)["error"] == {"code": "drive_stalled", "message": problem.message}
    assert _queue_line(queue_row(view.upload)).endswith(problem.message)
    event = failed(view.upload.path, problem.code, problem.message)
    assert sentence(event) == f"{view.upload.path}: {problem.message}"


def test_a_command_that_fails_prints_the_message_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in classes_below(errors.UploadError):
        error = kind.__new__(kind)
        UploadError.__init__(error, "It happened. Do something, then try again.")

        def fail(_options: object, error: UploadError = error) -> int:
            raise error

        monkeypatch.setattr(cli, "_run", fail)
        with redirect_stderr(io.StringIO()) as complaint, redirect_stdout(io.StringIO()) as printed:
            assert cli.main(["queue"]) in (1, 2, 3)
        assert (complaint.getvalue(), printed.getvalue()) == ("It happened. Do something, then try again.\n", "")
