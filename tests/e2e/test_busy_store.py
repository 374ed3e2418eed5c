"""A store that has too much to do, or is cut off for a while: slower, later, and everything arrives."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from recorder_desktop.bootstrap import Recorder
from recorder_desktop.config import DesktopConfig
from recorder_desktop.core import concurrency
from recorder_desktop.core.model import UploadState
from recorder_desktop.system.paths import RecorderPaths
from tests.chaos.faults import SLOW_DOWN, Replace
from tests.e2e.command_line import end_of
from tests.e2e.desktop import Desktop
from tests.e2e.team import Team
from tests.waiting import wait_for


def test_f25_a_busy_store_gets_fewer_parts_at_a_time_and_more_again_when_it_keeps_up(
    alone: Desktop, server: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The pauses as they are take minutes; what they are pauses between is the same.
    for name in ("_RESTORE_AFTER_S", "_REST_S", "_LONGEST_REST_AFTER_HALVING_S"):
        monkeypatch.setattr(concurrency, name, 0.5)
    talk = tmp_path / "talk.mp4"
    with talk.open("wb") as file:
        file.truncate(240 << 20)  # longer than it takes; what is in it does not matter here
    token = server.server.token(user=alone.folder.name)
    config = DesktopConfig(server.server.url, server=server.server.url, token=token)
    limits: list[int] = []
    server.line.rate_bytes_per_s = 10e6
    paths = RecorderPaths(alone.home)
    paths.create()
    recorder = Recorder(paths, config)
    try:
        controller = recorder.queue._services.concurrency
        recorder.queue.subscribe(lambda _event: limits.append(controller.limit))
        busy = server.line.inject(Replace(method="PUT", status=503, body=SLOW_DOWN, skip=4, times=8))
        recorder.start()
        (added,) = recorder.queue.add([talk]).result(30)
        wait_for(lambda: busy.hits == 8, "the store's refusals", 60)
        halved = wait_for(lambda: first_halved(limits), "fewer parts at a time", 10) or 0
        wait_for(lambda: controller.limit > halved, "more parts at a time again", 60)
        server.line.rate_bytes_per_s = None
        upload_id = added.upload_id  # type: ignore[union-attr]
        wait_for(lambda: recorder.queue.views()[0].upload.state is UploadState.COMPLETED, "all of it", 60)
        stored = recorder.queue.view(upload_id)
    finally:
        server.line.rate_bytes_per_s = None
        recorder.close()

    assert stored is not None
    assert stored.upload.recording is not None
    assert stored.upload.recording.size_bytes == talk.stat().st_size


def test_f26_a_line_that_is_cut_is_waited_for_and_the_upload_goes_on_by_itself(
    member: Desktop, server: Team, tmp_path: Path
) -> None:
    talk = tmp_path / "talk.mp4"
    talk.write_bytes(os.urandom(30 << 20))
    server.line.rate_bytes_per_s = 10e6
    try:
        with member.started("upload", str(talk), "--json") as process:
            wait_for(lambda: any(row["bytesConfirmed"] for row in member.rows()), "the first part", 60)
            server.line.cut()
            wait_for(lambda: member.states() == ["waiting"], "an upload that waits", 60)
            (row,) = member.rows()
            server.line.mend()
            server.line.rate_bytes_per_s = None
            ended = end_of(process)
    finally:
        server.line.mend()
        server.line.rate_bytes_per_s = None

    assert row["error"]["code"] in ("connection_trouble", "offline")
    assert (ended.code, ended.event["event"], ended.event["size"]) == (0, "completed", talk.stat().st_size)
    assert server.open_uploads("recordings") == 0


def first_halved(limits: list[int]) -> int | None:
    """The limit after the first time that it fell to half of what it was."""
    steps = pairwise(list(limits))
    return next((after for before, after in steps if after * 2 <= before), None)
