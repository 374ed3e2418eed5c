"""What the owner of the queue does for commands, whether they run in its own process or reach it over the channel.

A request is an object with `do`; each answer is a stream of objects. This is the whole protocol:

    add       paths, directory?, folderId?, destination?, token?, follow   outcomes, then as follow
    watch     path, directory?, folderId?, destination?, token?            as follow, without an end
    resume    ids?, destination?, token?, follow                           as follow
    queue                                                                  a row each
    pause, cancel, retry   ids, destination?, token?                       a row each
    locate    id, path, destination?, token?                               its row
    library   query, destination?, token?                                  a recording each
    link      id, destination?, token?                                     recording and url
    signed_in destination                                                  {"current": the owner's own place}
    activate  paths                                                        {"window": true} if there is one

A token that comes along is the sign-in at the destination from then on, until this owner ends or somebody signs in
there, which `signed_in` tells. What waited for that goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path
from typing import Any

from recorder_desktop.bootstrap import Recorder
from recorder_desktop.core.errors import Refused
from recorder_desktop.core.lifecycle import UNSERVED, waiting_for_sign_in
from recorder_desktop.core.model import Problem, Upload, UploadState, UploadView
from recorder_desktop.core.upload_queue import AddOptions, AddOutcome, Rejected
from recorder_desktop.headless.answers import Message, failed, queue_row, recording_row
from recorder_desktop.headless.follow import Follow

Activate = Callable[[list[Path]], bool]

UPDATE_TIMEOUT_S = 30.0
"""Commands edit a small database; longer means that its disk hangs."""

IN_TOUCH_S = 1.0
"""How often a caller that waits long is looked for."""

ADD_TIMEOUT_S = 600.0
"""A folder of a hundred thousand files on a network drive takes minutes to list."""


class OwnerService:
    """Answers requests with a Recorder. `activate` raises the window with the given paths, if there is one."""

    def __init__(self, recorder: Recorder, activate: Activate) -> None:
        self._recorder = recorder
        self._queue = recorder.queue
        self._activate = activate
        self._actions: dict[str, Callable[[Message], Iterator[Message]]] = {
            "add": self._add,
            "watch": self._watch,
            "resume": self._resume,
            "queue": lambda _request: self._rows(None),
            "pause": lambda request: self._edit(request, self._queue.pause),
            "cancel": lambda request: self._edit(request, self._queue.cancel),
            "retry": lambda request: self._edit(request, self._queue.retry),
            "locate": self._locate,
            "library": self._library,
            "link": self._link,
            "signed_in": self._signed_in,
            "activate": self._raise,
        }

    def handle(self, request: Message) -> Iterator[Message]:
        """Yield the answer. Raises core.errors."""
        action = self._actions.get(str(request.get("do")))
        if action is None:
            raise Refused(
                "The running Recorder does not know this command. Close it and start the present version.",
                code="version_mismatch",
            )
        if request.get("token") and request.get("destination"):
            self._recorder.destinations.lend_token(request["destination"], request["token"])
        return action(request)

    def _add(self, request: Message) -> Iterator[Message]:
        paths = [Path(path) for path in request["paths"]]
        outcomes = self._queue.add(paths, self._options(request)).result(ADD_TIMEOUT_S)
        ids = dict.fromkeys(outcome.upload_id for outcome in outcomes if not isinstance(outcome, Rejected))
        yield from (_outcome(outcome) for outcome in outcomes)
        if request.get("follow"):
            # Asking for a file again is asking for it to go on.
            self._queue.resume(ids).result(UPDATE_TIMEOUT_S)
            self._queue.retry(ids).result(UPDATE_TIMEOUT_S)
            yield from Follow(self._recorder, ids).messages()

    def _watch(self, request: Message) -> Iterator[Message]:
        from recorder_desktop.headless.watch import watched  # of this one command

        return watched(self._recorder, Path(request["path"]), self._options(request))

    def _options(self, request: Message) -> AddOptions:
        return AddOptions(self._destination(request), request.get("directory", ""), request.get("folderId"))

    def _resume(self, request: Message) -> Iterator[Message]:
        named: list[str] | None = request.get("ids")
        if named is not None:
            self._require_known(named)
        self._queue.resume(named).result(UPDATE_TIMEOUT_S)
        self._queue.retry(self._not_given_up(named)).result(UPDATE_TIMEOUT_S)
        if request.get("follow"):
            places = self._recorder.destinations
            followed: list[str] = []
            for upload in self._uploads(named):
                if upload.state.is_finished:
                    followed.extend([] if named is None else [upload.id])
                elif places.serves(upload.destination):
                    followed.append(upload.id)
                else:
                    yield failed(upload.path, UNSERVED, places.about_unserved(upload.destination))
            yield from Follow(self._recorder, followed).messages()

    def _not_given_up(self, named: list[str] | None) -> list[str] | None:
        """What resume tries again: a cancelled upload only begins anew where “retry” was said."""
        if named is None:
            return None
        return [upload.id for upload in self._uploads(named) if upload.state is not UploadState.CANCELLED]

    def _uploads(self, ids: Iterable[str] | None) -> list[Upload]:
        chosen = None if ids is None else set(ids)
        return [view.upload for view in self._views() if chosen is None or view.upload.id in chosen]

    def _edit(self, request: Message, command: Callable[[list[str]], Any]) -> Iterator[Message]:
        self._require_known(request["ids"])
        command(request["ids"]).result(UPDATE_TIMEOUT_S)
        return self._rows(request["ids"])

    def _locate(self, request: Message) -> Iterator[Message]:
        self._require_known([request["id"]])
        comparing = self._queue.locate(request["id"], Path(request["path"]))
        while not wait((comparing,), IN_TOUCH_S).done:
            yield {}  # a large file takes minutes to compare, and its caller may go away
        comparing.result()
        yield from self._rows([request["id"]])

    def _views(self) -> tuple[UploadView, ...]:
        self._queue.loaded().result(UPDATE_TIMEOUT_S)
        return self._queue.views()

    def _require_known(self, ids: list[str]) -> None:
        known = {view.upload.id for view in self._views()}
        for unknown in (upload_id for upload_id in ids if upload_id not in known):
            raise Refused(f"There is no upload {unknown}. See “recorder-desktop queue”.", code="unknown_upload")

    def _rows(self, ids: Iterable[str] | None) -> Iterator[Message]:
        return map(queue_row, map(self._explained, self._uploads(ids)))

    def _explained(self, upload: Upload) -> Upload:
        """With the reason, if it waits for a place that this process does not serve and nobody has said so yet."""
        places = self._recorder.destinations
        if upload.problem is not None or not upload.state.is_running or places.serves(upload.destination):
            return upload
        return replace(upload, problem=Problem(UNSERVED, places.about_unserved(upload.destination)))

    def _library(self, request: Message) -> Iterator[Message]:
        backend = self._backend(request)
        cursor: str | None = None
        while True:
            page = backend.recordings(request.get("query", ""), cursor)
            yield from map(recording_row, page.items)
            cursor = page.next_cursor
            if cursor is None:
                return

    def _link(self, request: Message) -> Iterator[Message]:
        backend = self._backend(request)
        recording = backend.recording(request["id"])
        yield {"recording": recording_row(recording), "url": backend.recording_url(request["id"])}

    def _signed_in(self, request: Message) -> Iterator[Message]:
        destinations, server = self._recorder.destinations, request["destination"]
        destinations.use_kept(server)
        self._queue.retry(waiting_for_sign_in(self._views(), server)).result(UPDATE_TIMEOUT_S)
        yield {"current": destinations.current()}

    def _backend(self, request: Message) -> Any:
        return self._recorder.destinations.connect(self._destination(request))

    def _destination(self, request: Message) -> str:
        """The place that the command means, which need not be the owner's own."""
        destinations = self._recorder.destinations
        destination: str = request.get("destination") or destinations.current()
        if not destinations.serves(destination):
            raise Refused(
                "A Recorder with other settings is running. Close it, then try again.", code="other_destination"
            )
        return destination

    def _raise(self, request: Message) -> Iterator[Message]:
        yield {"window": self._activate([Path(path) for path in request.get("paths", ())])}


def _outcome(outcome: AddOutcome) -> Message:
    if isinstance(outcome, Rejected):
        return failed(outcome.path, outcome.code, outcome.message)
    return {"event": "queued", "path": str(outcome.path), "id": outcome.upload_id}
