"""Who is told of changes, and what becomes of a watcher that does not keep up."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from backend.errors import TooManyWatchers
from backend.http.live_socket import MAX_WAITING, Mailbox
from backend.live_feed import MAX_WATCHERS
from backend.model import UploadStatus
from tests.fakes.backend_values import a_session
from tests.fakes.memory_progress_board import MemoryChangeWatch
from tests.unit.backend.service_rig import Rig
from tests.waiting import wait_for


class Noted:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.sessions: list[str] = []
        self.overviews = 0
        self.threads: set[str] = set()

    def changed(self, statuses: Sequence[UploadStatus]) -> None:
        self.threads.add(threading.current_thread().name)
        self.sessions += [status.session.session_id for status in statuses]

    def missed(self) -> None:
        self.overviews += 1


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    made.live.start()
    yield made
    made.live.stop()


def test_each_owners_watchers_are_told_of_their_uploads_alone(rig: Rig) -> None:
    hers, his, also_hers = Noted(), Noted(), Noted()
    with rig.live.joined("alice", hers), rig.live.joined("bob", his), rig.live.joined("alice", also_hers):
        wait_for(lambda: hers.overviews and his.overviews and also_hers.overviews, "an overview for all")
        session = rig.init("alice")
        wait_for(lambda: session.session_id in hers.sessions and session.session_id in also_hers.sessions, "the news")
        other = rig.init("bob", client_upload_id=None)
        wait_for(lambda: other.session_id in his.sessions, "his news")
    assert set(his.sessions) == {other.session_id}
    assert set(hers.sessions) == {session.session_id}


def test_the_catalogue_is_watched_only_while_somebody_watches(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    watch = rig.board.watch

    def counted() -> MemoryChangeWatch:
        opened.append(1)
        return watch()

    monkeypatch.setattr(rig.board, "watch", counted)
    noted = Noted()
    for times in (1, 2):
        with rig.live.joined("alice", noted):
            wait_for(lambda times=times: noted.overviews == times, "an overview")  # type: ignore[misc]
        wait_for(lambda: not rig.live._is_following, "the end of the watch")
    assert len(opened) == 2


def test_an_outage_loses_no_news(rig: Rig) -> None:
    noted = Noted()
    with rig.live.joined("alice", noted):
        wait_for(lambda: noted.overviews, "an overview")
        rig.catalogue.down = True
        session = a_session(upload_id="u")
        rig.catalogue.sessions[session.session_id] = session
        rig.catalogue.down = False
        wait_for(lambda: session.session_id in noted.sessions, "the news")


def test_one_user_has_so_many_watchers_and_no_more(rig: Rig) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(MAX_WATCHERS):
            stack.enter_context(rig.live.joined("alice", Noted()))
        with pytest.raises(TooManyWatchers), rig.live.joined("alice", Noted()):
            pass
        with rig.live.joined("bob", Noted()):
            pass
    with rig.live.joined("alice", Noted()):
        pass


def a_status(**changes: object) -> UploadStatus:
    return UploadStatus(a_session(**changes), None, None)


def test_a_slow_watcher_gets_the_newest_state_of_each_upload_and_no_other() -> None:
    async def told() -> tuple[bool, list[UploadStatus]]:
        mailbox = Mailbox()
        first, other = a_status(), a_status()
        newest = first
        for size in range(100):
            newest = replace(first, session=replace(first.session, file_size_bytes=size))
            mailbox.changed([newest])
        mailbox.changed([other])
        await mailbox.wait()
        await asyncio.sleep(0)
        assert mailbox.take() == (False, [newest, other])
        return mailbox.take()

    assert asyncio.run(told()) == (False, [])


def test_a_watcher_that_is_too_far_behind_looks_at_everything_again() -> None:
    async def told() -> tuple[bool, list[UploadStatus]]:
        mailbox = Mailbox()
        mailbox.changed([a_status() for _ in range(MAX_WAITING + 1)])
        await mailbox.wait()
        return mailbox.take()

    assert asyncio.run(told()) == (True, [])
