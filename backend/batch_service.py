"""Opens and completes many small files at once: each as it would be alone, in fewer steps for all of them together.

Only what goes plainly is done together: opening new uploads of one PUT, and completing those that are open and sent.
All else, an upload that is known already, one of many parts, one of which something is wrong, is done as if it had
come alone; so each gets its own answer or error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from backend.completion_rules import Completion, vouched_for
from backend.completion_service import CheckedPut, CompletionService
from backend.errors import BackendError, StoreSlowDown, StoreUnavailable
from backend.folders import require_folder
from backend.model import ListedObject, Recording, SessionState, UploadMethod, UploadSession
from backend.owned_sessions import OwnedSessions
from backend.ports import Catalogue, Folders, ObjectStore
from backend.upload_service import NewUpload, OpenedUpload, UploadService

T = TypeVar("T")

# For fewer, looking at each costs the store less than a listing.
WORTH_A_LISTING = 4
OTHERS_BETWEEN = 2
_AWAY = (StoreUnavailable, StoreSlowDown)


@dataclass(frozen=True)
class SentUpload:
    """An upload that is to be completed, by what names it, and what the client says about the file."""

    upload_id: str
    key: str
    completion: Completion


class BatchService:
    """Any number of uploads of one owner in one call; answers and errors are in the order of what was asked."""

    def __init__(
        self,
        store: ObjectStore,
        catalogue: Catalogue,
        sessions: OwnedSessions,
        uploads: UploadService,
        completion: CompletionService,
        *,
        folders: Folders,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._folders = folders
        self._sessions = sessions
        self._uploads = uploads
        self._completion = completion

    def init(self, owner_id: str, wanted: Sequence[NewUpload]) -> list[OpenedUpload | BackendError]:
        """Do for each what ``UploadService.init`` does; its answer, or the error that it raised."""
        fresh = self._fresh_puts(owner_id, wanted)
        places = list(fresh)
        reserved = self._catalogue.reserve_sessions([fresh[place] for place in places]) if places else []
        # One that is known under another session is no new one, and goes on as it would alone.
        opened = {place: kept for place, kept in zip(places, reserved, strict=True) if kept == fresh[place]}
        return [
            self._uploads.opened(opened[place], new)
            if place in opened
            else _outcome(partial(self._uploads.init, owner_id, new))
            for place, new in enumerate(wanted)
        ]

    def _fresh_puts(self, owner_id: str, wanted: Sequence[NewUpload]) -> dict[int, UploadSession]:
        """Return new sessions for what may go in one PUT into a folder that is there, by place."""
        folders = {new.folder_id for new in wanted if new.folder_id is not None}
        missing = {each for each in folders if isinstance(_outcome(partial(self._folder, owner_id, each)), Exception)}
        found: dict[int, UploadSession] = {}
        for place, new in enumerate(wanted):
            session = _outcome(partial(self._uploads.new_session, owner_id, new))
            if isinstance(session, UploadSession) and session.method is UploadMethod.PUT:
                found[place] = session
        return {place: session for place, session in found.items() if session.folder_id not in missing}

    def _folder(self, owner_id: str, folder_id: str) -> None:
        require_folder(self._folders, owner_id, folder_id)

    def complete(self, owner_id: str, sent: Sequence[SentUpload]) -> list[Recording | BackendError]:
        """Do for each what ``CompletionService.complete`` does; its record, or the error that it raised."""
        outcomes = self._checked(owner_id, sent)
        checked = {place: outcome for place, outcome in outcomes.items() if isinstance(outcome, CheckedPut)}
        failed = {place: outcome for place, outcome in outcomes.items() if isinstance(outcome, BackendError)}
        known = failed | self._recorded(checked)
        return [known[place] if place in known else self._alone(owner_id, each) for place, each in enumerate(sent)]

    def _alone(self, owner_id: str, sent: SentUpload) -> Recording | BackendError:
        return _outcome(partial(self._completion.complete, owner_id, sent.upload_id, sent.key, sent.completion))

    def _checked(self, owner_id: str, sent: Sequence[SentUpload]) -> dict[int, CheckedPut | BackendError]:
        """Return, by place, what the store holds as it should and only has to be recorded.

        Once the store is away, what it was not asked for yet fails with that: each would only wait as long again.
        """
        found = {
            session.upload_id: session
            for session in self._catalogue.find_sessions(owner_id, [each.upload_id for each in sent])
        }
        plain = {
            place: session
            for place, each in enumerate(sent)
            if (session := found.get(each.upload_id)) is not None and _is_plain(session, each)
        }
        outcomes: dict[int, CheckedPut | BackendError] = {}
        try:
            listed = self._listed([session.key for session in plain.values()])
            for place, session in plain.items():
                there = listed.get(session.key)
                stored = None if there is None else vouched_for(session, there)
                outcome = _outcome(partial(self._completion.checked_put, session, sent[place].completion, stored))
                if isinstance(outcome, _AWAY):
                    raise outcome
                if isinstance(outcome, CheckedPut):
                    outcomes[place] = outcome
        except _AWAY as exc:
            outcomes |= {place: exc for place in plain if place not in outcomes}
        return outcomes

    def _listed(self, keys: Sequence[str]) -> Mapping[str, ListedObject]:
        """Return what a listing of their directories tells of the keys; of some perhaps nothing.

        Raises what says that the store is away.
        """
        listed: dict[str, ListedObject] = {}
        for beside in _by_directory(keys):
            if len(beside) >= WORTH_A_LISTING:
                # Others may lie in between. What is not on a page of this size is looked at by itself.
                limit = OTHERS_BETWEEN * len(beside)
                page = _outcome(partial(self._store.list_objects, min(beside), max(beside), limit))
                if isinstance(page, _AWAY):
                    raise page
                listed |= {} if isinstance(page, BackendError) else page
        return listed

    def _recorded(self, checked: Mapping[int, CheckedPut]) -> dict[int, Recording | BackendError]:
        """Record all of them together; empty where that cannot be, and nothing has changed."""
        if not checked:
            return {}
        try:
            if not self._completion.record_puts(list(checked.values())):
                return {}
        except BackendError as exc:
            # The database is away: asking again for each would only take that long for each.
            return dict.fromkeys(checked, exc)
        for each in checked.values():
            self._sessions.ended(each.session.owner_id, each.recording.upload_id)
        return {place: each.recording for place, each in checked.items()}


def _is_plain(session: UploadSession, sent: SentUpload) -> bool:
    is_open_put = session.method is UploadMethod.PUT and session.state is SessionState.UPLOADING
    return is_open_put and session.key == sent.key and sent.completion.folder_id in (None, session.folder_id)


def _by_directory(keys: Iterable[str]) -> list[list[str]]:
    directories: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        directories[key.rpartition("/")[0]].append(key)
    return list(directories.values())


def _outcome(action: Callable[[], T]) -> T | BackendError:
    try:
        return action()
    except BackendError as exc:
        return exc
