"""The limit and its weekly plan, on the engine and on the clock that follows the plan."""

from __future__ import annotations

import threading
from datetime import datetime

from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.model import UploadState
from recorder_desktop.data_path.rate_limit import RateLimiter
from recorder_desktop.transfer.bandwidth_clock import BandwidthClock
from tests.unit.transfer.conftest import Rig
from tests.waiting import wait_for


def test_a_limit_holds_for_what_is_being_sent_and_lifting_it_lets_go_at_once(rig: Rig) -> None:
    rig.engine.set_limits(BandwidthPlan(10_000))
    path = rig.file(parts=2)
    (upload_id,) = rig.add(path)
    rig.wait_state(upload_id, UploadState.UPLOADING)
    rig.wait(lambda: rig.view(upload_id).bytes_in_flight > 0, "bytes on their way")
    assert rig.view(upload_id).upload.bytes_confirmed == 0

    rig.engine.set_limits(BandwidthPlan())

    assert rig.stored(upload_id) == path.read_bytes()


def test_a_pause_does_not_wait_for_the_limit(rig: Rig) -> None:
    rig.engine.set_limits(BandwidthPlan(1000))
    rig.add(rig.file())
    rig.wait(lambda: rig.remote.sending > 0, "senders at work")
    rig.engine.pause().result(10)
    rig.wait(lambda: rig.remote.sending == 0, "the senders let go")
    rig.engine.set_limits(BandwidthPlan())


def test_the_clock_follows_the_plan_through_the_week() -> None:
    limiter = RateLimiter()
    plan = BandwidthPlan.parse("unlimited; Mon-Fri 08:00-18:00 2 MB/s")
    moment = [datetime(2026, 11, 23, 9, 0)]  # noqa: DTZ001 - a wall clock's
    clock = BandwidthClock(limiter.set_limit, plan, now=lambda: moment[0])
    assert limiter.piece_bytes() == 200_000
    moment[0] = datetime(2026, 11, 23, 19, 0)  # noqa: DTZ001 - a wall clock's
    clock._changed.set()  # as its timeout does
    wait_for(lambda: limiter.piece_bytes() == 4096 * 1024, "no limit in the evening")
    clock.ask_to_close()
    for thread in clock.threads:
        thread.join(10)
        assert not thread.is_alive()


def test_the_computer_is_kept_awake_only_while_something_is_sent(rig: Rig) -> None:
    told: list[bool] = []
    idle = threading.Event()

    def on_busy(is_busy: bool) -> None:
        told.append(is_busy)
        if not is_busy:
            idle.set()

    rig.engine._on_busy = on_busy
    (upload_id,) = rig.add(rig.file(parts=1))
    rig.stored(upload_id)
    assert idle.wait(10)
    assert told == [True, False]


def test_more_parts_are_sent_at_once_as_soon_as_more_are_allowed(rig: Rig) -> None:
    rig.engine.set_senders(1)
    rig.engine.set_limits(BandwidthPlan(1000))
    rig.add(rig.file(parts=12))
    rig.wait(lambda: rig.remote.sending == 1, "one sender at work")

    rig.engine.set_senders(12)

    rig.wait(lambda: len(rig.engine._scheduler.threads) == 12, "a sender for each")
    assert rig.engine._concurrency.ceiling == 12
    rig.engine.set_limits(BandwidthPlan())


def test_fewer_senders_than_before_finish_all_the_same(rig: Rig) -> None:
    path = rig.file(parts=20)
    rig.engine.set_senders(2)
    (upload_id,) = rig.add(path)

    assert rig.stored(upload_id) == path.read_bytes()
    assert rig.remote.most_sending <= 2


def test_a_fixed_part_size_is_asked_for_from_the_next_upload_on(rig: Rig) -> None:
    first, second = rig.file("first.mp4"), rig.file("second.mp4")
    rig.stored(*rig.add(first))
    rig.engine.set_part_size(32 << 20)
    rig.stored(*rig.add(second))
    rig.engine.set_part_size(None)

    rig.stored(*rig.add(rig.file("third.mp4")))

    assert [hint == 32 << 20 for hint in rig.remote.hints] == [False, True, False]
