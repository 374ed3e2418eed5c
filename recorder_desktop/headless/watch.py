"""The command watch, as the owner carries it out: what appears in a folder is added and followed, without an end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from recorder_desktop.bootstrap import Recorder
from recorder_desktop.core.upload_queue import AddOptions, AlreadyStored, Rejected
from recorder_desktop.core.watched_folder import FolderReport, FolderState, Settling
from recorder_desktop.headless.answers import Message, failed
from recorder_desktop.headless.follow import Follow
from recorder_desktop.system.folder_watch import FolderWatch

ADD_TIMEOUT_S = 600.0
_ON_PURPOSE = ("cancelled", "removed")


def watched(
    recorder: Recorder, folder: Path, options: AddOptions, settling: Callable[[], Settling] = Settling
) -> Iterator[Message]:
    """Watch a folder and yield what becomes of the recordings in it, until whoever reads this goes away."""
    follow = FollowForGood(recorder)

    told: dict[Path, str] = {}  # why a recording was not added, said once however often it is tried

    def hand_in(paths: Sequence[Path]) -> list[Rejected]:
        outcomes = recorder.queue.add(paths, replace(options, is_watched=True)).result(ADD_TIMEOUT_S)
        rejected = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        for each in rejected:
            if told.get(each.path) != each.code:
                follow.say(failed(each.path, each.code, each.message))
                told[each.path] = each.code
        follow.also(outcome.upload_id for outcome in outcomes if not isinstance(outcome, Rejected | AlreadyStored))
        return rejected

    def tell(report: FolderReport) -> None:
        if report.state is FolderState.INCOMPLETE:
            return  # said of the recording itself
        words = report.message or f"Recordings that appear in {folder} are uploaded. Ctrl-C ends that."
        follow.say({"notice": words})

    watch = FolderWatch(folder, hand_in, tell, settling=settling)
    with closing(watch):
        watch.begin()
        yield from follow.messages_for_good()


class FollowForGood(Follow):
    """Has no end. What failed stays in sight: a person may mend it, and then its end is told too."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder, ())
        self._deadline = math.inf  # whoever watches a folder waits for a server that is away
        self._failures: dict[str, str] = {}  # the last one told, by upload

    def messages_for_good(self) -> Iterator[Message]:
        """Yield what becomes of all that `also` names; an empty message now and then keeps the caller in touch."""
        with self._listening():
            while True:
                yield from self._round()

    def _settle(self, upload_id: str, result: Message) -> Message:
        code = result.get("code", "")
        if not code or code in _ON_PURPOSE:
            self._failures.pop(upload_id, None)
            return super()._settle(upload_id, result)
        if self._failures.get(upload_id) == code:
            return {}
        self._failures[upload_id] = code
        return result
