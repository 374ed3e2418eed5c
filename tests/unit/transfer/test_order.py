"""Who uploads when: queue order, the front, and small files beside giants."""

from __future__ import annotations

import threading

from recorder_desktop.core.concurrency import START
from recorder_desktop.core.events import UploadsMoved
from recorder_desktop.core.model import UploadState
from recorder_desktop.transfer import job_slots
from recorder_desktop.transfer.job_slots import MAX_ACTIVE_UPLOADS
from tests.unit.transfer.conftest import Rig


class Gate:
    """A fault that holds every PUT until it is opened."""

    def __init__(self, rig: Rig) -> None:
        self._open = threading.Event()
        rig.remote.fault = self._hold

    def _hold(self, step: str, _number: int) -> None:
        if step == "put":
            assert self._open.wait(20)

    def open(self) -> None:
        self._open.set()


def giants(rig: Rig, *numbers: int) -> list[str]:
    """Sparse files, each with more to send than many small ones together."""
    paths = []
    for number in numbers:
        path = rig.home / f"giant-{number}.mp4"
        with path.open("wb") as file:
            file.truncate(job_slots.ENOUGH_BYTES)
        paths.append(path)
    return rig.add(*paths)


def at_work(rig: Rig) -> set[str]:
    return {view.upload.path.name for view in rig.engine.views() if view.upload.state is UploadState.UPLOADING}


def test_the_smallest_waiting_file_has_a_place_beside_the_giants(rig: Rig) -> None:
    gate = Gate(rig)
    giants(rig, *range(MAX_ACTIVE_UPLOADS))
    rig.wait(lambda: len(at_work(rig)) == MAX_ACTIVE_UPLOADS, "the giants at work")
    more, small = rig.add(rig.file("more.mp4", parts=3), rig.file("small.mp4", parts=1))

    rig.wait_state(small, UploadState.UPLOADING)
    assert rig.view(more).upload.state is UploadState.QUEUED
    gate.open()
    rig.wait_state(small, UploadState.COMPLETED)
    for view in rig.engine.views():
        rig.engine.remove([view.upload.id]).result(10)


def test_many_small_files_are_at_work_side_by_side(rig: Rig) -> None:
    gate = Gate(rig)
    rig.add(*(rig.file(f"{number:02}.mp4", parts=0.1) for number in range(12)))

    rig.wait(lambda: len(at_work(rig)) == 12, "all at work")
    gate.open()
    rig.wait(lambda: all(view.upload.state is UploadState.COMPLETED for view in rig.engine.views()), "the end")


def test_a_file_moved_to_the_front_takes_the_place_of_the_last_at_work(rig: Rig) -> None:
    gate = Gate(rig)
    # The first one has all the senders, or one of the last would sit at a PUT that no stop ends here.
    ids = giants(rig, 0)
    rig.wait(lambda: rig.remote.sending == START, "all senders busy")
    ids += giants(rig, *range(1, MAX_ACTIVE_UPLOADS + 2))
    rig.wait(lambda: len(at_work(rig)) == MAX_ACTIVE_UPLOADS + 1, "the places taken")

    rig.engine.move_to_front([ids[-1]]).result(10)

    rig.wait_state(ids[-1], UploadState.UPLOADING)
    rig.wait(lambda: len(at_work(rig)) == MAX_ACTIVE_UPLOADS + 1, "one made room")
    assert next(view.upload.id for view in rig.engine.views()) == ids[-1]
    assert rig.view(ids[0]).upload.state is UploadState.UPLOADING
    assert UploadsMoved((ids[-1],)) in rig.events
    gate.open()
    for upload_id in ids:
        rig.engine.remove([upload_id]).result(10)


def test_the_new_order_survives_a_restart(rig: Rig) -> None:
    rig.engine.close()
    rig.open(start=False)
    first, second, third = rig.add(rig.file("1.mp4"), rig.file("2.mp4"), rig.file("3.mp4"))

    rig.engine.move_to_front([third, second]).result(10)
    rig.engine.close()
    rig.open(start=False)

    assert [view.upload.id for view in rig.engine.views()] == [third, second, first]


def test_the_part_map_shows_each_part(rig: Rig) -> None:
    gate = Gate(rig)
    (upload_id,) = rig.add(rig.file(parts=2.5))
    rig.wait(lambda: rig.remote.sending == 3, "all parts on their way")

    under_way = rig.engine.part_map(upload_id).result(10)
    gate.open()
    rig.wait_state(upload_id, UploadState.COMPLETED)
    done = rig.engine.part_map(upload_id).result(10)

    assert under_way is not None
    assert done is not None
    assert len(under_way.sizes) == 3
    assert sum(under_way.sizes) == rig.view(upload_id).upload.size_bytes
    assert (under_way.confirmed, done.confirmed) == (frozenset(), frozenset({1, 2, 3}))
    assert done.in_flight == {}


def test_files_moved_before_another_stand_there_also_after_a_restart(rig: Rig) -> None:
    rig.engine.close()
    rig.open(start=False)
    ids = rig.add(*(rig.file(f"{number}.mp4") for number in range(4)))

    rig.engine.move_before([ids[3], ids[0]], ids[2]).result(10)
    expected = [ids[1], ids[0], ids[3], ids[2]]
    assert [view.upload.id for view in rig.engine.views()] == expected
    assert UploadsMoved((ids[0], ids[3])) in rig.events
    rig.engine.close()
    rig.open(start=False)

    assert [view.upload.id for view in rig.engine.views()] == expected
