"""The control path: the backend's routes. Implements core.ports.UploadBackend, and the library's calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import urllib3

from recorder_desktop.client.answer_values import Answer, answer_from, text_or_none, typed, whole
from recorder_desktop.client.auth import TokenSource, subject_of
from recorder_desktop.client.backend_values import (
    address,
    complete_body,
    init_body,
    names_of,
    open_upload_of,
    opened_of,
    part_body,
    recording_of,
    remote_part,
    signed_of,
    takes_parts,
)
from recorder_desktop.client.error_mapping import (
    backend_error,
    backend_errors,
    sign_in_refused,
    understood_answer,
    value_of,
)
from recorder_desktop.client.network import USER_AGENT, connections_to
from recorder_desktop.core.digest import PartToSign
from recorder_desktop.core.errors import FileReplaced, Refused, SignInRequired, UploadError
from recorder_desktop.core.library import RecordingOrder, RecordingPage
from recorder_desktop.core.model import (
    ConfirmedPart,
    RemotePart,
    RemoteUpload,
    SignedPart,
    StoredRecording,
    Upload,
)
from recorder_desktop.core.ports import CompleteRequest, InitRequest, OpenedUpload, OpenUpload

T = TypeVar("T")

_TIMEOUT = urllib3.Timeout(connect=10.0, read=30.0)
_COMPLETE_TIMEOUT = urllib3.Timeout(connect=10.0, read=600.0)
"""S3 may take minutes to assemble an object. Source: Amazon S3 API Reference, CompleteMultipartUpload."""
_REPORT_TIMEOUT = urllib3.Timeout(connect=3.0, read=3.0)
_KEPT_CONNECTIONS = 8
_MOST_PAGES = 100
"""Of open uploads, however many more a server says there are."""


class BackendApi:
    """One backend, one signed-in person. Safe to use from many threads."""

    def __init__(
        self, base_url: str, tokens: TokenSource, owner: str = "", connections: urllib3.PoolManager | None = None
    ) -> None:
        """With `owner`, calls are made for nobody else; `connections` are another BackendApi's to share."""
        self._server = base_url
        self._tokens = tokens
        self._owner = owner
        self._headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        with backend_errors(base_url):
            self._http = connections or connections_to(address(base_url), maxsize=_KEPT_CONNECTIONS)

    def signed_in_as(self) -> str:
        """Whom the present sign-in speaks for; empty where it names nobody. Raises SignInRequired without one."""
        return subject_of(self._tokens.token())

    def on_behalf_of(self, owner: str) -> BackendApi:
        """The same backend over the same connections, for calls that nobody but `owner` may make."""
        return BackendApi(self._server, self._tokens, owner, self._http)

    def init_upload(self, request: InitRequest) -> OpenedUpload:
        """Open the upload, or find the one that was opened under this client_upload_id."""
        answer = self._call("POST", "/s3/init-upload", init_body(request))
        with understood_answer(self._server):
            return opened_of(answer)

    def init_uploads(self, requests: Sequence[InitRequest]) -> list[OpenedUpload | UploadError]:
        """Open several uploads in one call. See core.ports.UploadBackend."""
        answer = self._call("POST", "/s3/init-uploads", {"uploads": [init_body(each) for each in requests]})
        with understood_answer(self._server):
            return self._outcomes(answer, len(requests), "upload", opened_of)

    def presign_parts(self, remote: RemoteUpload, parts: Sequence[PartToSign]) -> list[SignedPart]:
        """Leave to send exactly these bytes as these parts, in the same order. See core.ports.UploadBackend."""
        wanted = [part_body(part) for part in parts]
        if len(wanted) == 1:
            with _bytes_it_was_opened_for():
                answer = self._call("POST", "/s3/presign-url", {**names_of(remote), **wanted[0]})
            with understood_answer(self._server):
                return [signed_of(answer)]
        answer = self._call("POST", "/s3/presign-urls", {**names_of(remote), "parts": wanted})
        with understood_answer(self._server):
            urls = {whole(url["partNumber"]): signed_of(url) for url in answer["urls"]}
            return [urls[part.number] for part in parts]

    def list_parts(self, remote: RemoteUpload) -> list[RemotePart]:
        """What the store holds, by number, one entry a part."""
        answer = self._call("GET", "/s3/parts", query=names_of(remote))
        with understood_answer(self._server):
            return [remote_part(part) for part in answer["parts"]]

    def open_uploads(self) -> list[OpenUpload]:
        """The person's multipart uploads that take parts and were named by whoever opened them, newest first."""
        found: list[OpenUpload] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            answer = self._call("GET", "/s3/uploads", query={"cursor": cursor} if cursor else None)
            with understood_answer(self._server):
                found += [open_upload_of(item) for item in typed(answer["items"], list) if takes_parts(item)]
                cursor = text_or_none(answer["nextCursor"])
            if not cursor:
                break
        return found

    def report_progress(self, remote: RemoteUpload, bytes_confirmed: int) -> None:
        """Tell how much is stored, for whoever watches."""
        self._call("POST", "/s3/progress", {**names_of(remote), "bytesConfirmed": bytes_confirmed}, _REPORT_TIMEOUT)

    def complete_upload(
        self, remote: RemoteUpload, upload: Upload, parts: Sequence[ConfirmedPart], crc64nvme: str | None
    ) -> StoredRecording:
        """Make the object, verified by size and checksum, and its record. Safe to ask again."""
        body = complete_body(CompleteRequest(remote, upload, parts, crc64nvme))
        return self._recording(self._call("POST", "/s3/complete-upload", body, _COMPLETE_TIMEOUT))

    def complete_uploads(self, requests: Sequence[CompleteRequest]) -> list[StoredRecording | UploadError]:
        """Complete several uploads in one call. See core.ports.UploadBackend."""
        body = {"uploads": [complete_body(each) for each in requests]}
        answer = self._call("POST", "/s3/complete-uploads", body, _COMPLETE_TIMEOUT)
        with understood_answer(self._server):
            return self._outcomes(answer, len(requests), "recording", recording_of)

    def abort_upload(self, remote: RemoteUpload) -> None:
        """Drop the upload and what was sent of it. Safe to ask again."""
        self._call("POST", "/s3/abort-upload", names_of(remote))

    def recordings(
        self,
        query: str = "",
        cursor: str | None = None,
        limit: int = 100,
        order: RecordingOrder = RecordingOrder.NEWEST,
    ) -> RecordingPage:
        """A page of the owner's stored recordings, in this order, whose names hold `query`."""
        sort = None if order is RecordingOrder.NEWEST else order.value  # which is what every server does unasked
        wanted = {"query": query, "cursor": cursor, "limit": limit, "sort": sort}
        given = {name: str(value) for name, value in wanted.items() if value}
        answer = self._call("GET", "/recordings", query=given)
        with understood_answer(self._server):
            cursor = text_or_none(answer["nextCursor"])
            return RecordingPage(tuple(self._recording(item) for item in answer["items"]), cursor or None)

    def recording(self, file_id: str) -> StoredRecording:
        """One stored recording. Raises Refused with code `recording_not_found` for an unknown id."""
        return self._recording(self._call("GET", f"/recordings/{_quoted(file_id)}"))

    def recording_url(self, file_id: str, *, to_play: bool = False) -> str:
        """A URL from which the recording can be fetched, or played, for a while."""
        query = {"disposition": "inline"} if to_play else None
        answer = self._call("GET", f"/recordings/{_quoted(file_id)}/url", query=query)
        with understood_answer(self._server):
            return address(answer["url"])

    def delete_recording(self, file_id: str) -> None:
        """Delete the stored file and its record. Raises Refused with code `recording_not_found` for an unknown id."""
        self._call("DELETE", f"/recordings/{_quoted(file_id)}")

    def close(self) -> None:
        """Close idle connections."""
        self._http.clear()

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        timeout: urllib3.Timeout = _TIMEOUT,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        with backend_errors(self._server):
            content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
            url = f"{self._server}{path}?{urlencode(query)}" if query else self._server + path
        token = self._token()
        answer = self._send(method, url, token, content, timeout)
        if answer.status == 401 and self._tokens.renew(token):
            answer = self._send(method, url, self._token(), content, timeout)
        return value_of(answer, self._server)

    def _token(self) -> str:
        token = self._tokens.token()
        if self._owner and (subject := subject_of(token)) != self._owner:
            if not subject:
                raise sign_in_refused(self._server)
            raise SignInRequired(
                f"This upload belongs to {self._owner}, and somebody else is signed in to {self._server}. "
                f"Sign in as {self._owner}, then it goes on."
            )
        return token

    def _send(self, method: str, url: str, token: str, content: bytes, timeout: urllib3.Timeout) -> Answer:
        headers = {**self._headers, "Authorization": f"Bearer {token}"}
        if content:
            headers["Content-Type"] = "application/json"
        with backend_errors(self._server):
            response = self._http.request(
                method,
                url,
                body=content or None,
                headers=headers,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            return answer_from(response)

    def _recording(self, answer: Any) -> StoredRecording:
        with understood_answer(self._server):
            return recording_of(answer)

    def _outcomes(self, answer: Any, count: int, name: str, read: Callable[[Any], T]) -> list[T | UploadError]:
        """What became of each of several: the value of this name, or the error that it alone would have met."""
        items = typed(answer["items"], list)
        if len(items) != count:
            raise ValueError("another number than was asked for")
        return [read(item[name]) if item.get("error") is None else self._error(item["error"]) for item in items]

    def _error(self, error: Any) -> UploadError:
        return backend_error(typed(error["status"], int), error, None, self._server)


@contextmanager
def _bytes_it_was_opened_for() -> Iterator[None]:
    """Turn the refusal to sign anything but the bytes that one PUT was opened for into a start from zero."""
    try:
        yield
    except Refused as exc:
        if exc.code != "checksum_mismatch":
            raise
        raise FileReplaced("The file was changed on the way. Its upload starts from the beginning.") from exc


def _quoted(file_id: str) -> str:
    return quote(file_id, safe="", errors="replace")
