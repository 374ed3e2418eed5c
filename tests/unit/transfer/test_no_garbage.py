"""What is over is freed at once: what refers to itself waits for the garbage collector, which holds up the window."""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Iterator

import pytest

from recorder_desktop.core.errors import Offline, Refused
from recorder_desktop.core.model import UploadState
from recorder_desktop.transfer.batch_job import BatchJob
from recorder_desktop.transfer.batch_phase import BatchPhase
from recorder_desktop.transfer.part_phase import PartPhase
from recorder_desktop.transfer.part_task import PartTask
from recorder_desktop.transfer.source_file import SourceFile
from recorder_desktop.transfer.upload_job import UploadJob
from tests.unit.transfer.conftest import Rig
from tests.unit.transfer.test_batches import all_stored, queued, small_files
from tests.unit.transfer.test_changed_files import stopped_after

OF_ONE_UPLOAD = (BatchJob, BatchPhase, PartPhase, PartTask, SourceFile, UploadJob)


def alive() -> Counter[str]:
    return Counter(type(each).__name__ for each in gc.get_objects() if type(each) in OF_ONE_UPLOAD)


@pytest.fixture
def no_collector(rig: Rig) -> Iterator[Counter[str]]:
    """Nothing is freed but what nobody refers to; gives what is there at rest."""
    logging.disable()  # pytest keeps what is logged, exceptions included
    gc.collect()
    gc.disable()
    frozen = gc.get_freeze_count()
    yield alive()
    gc.enable()
    assert gc.get_freeze_count() <= frozen, "what is kept from the collector is not seen here"
    logging.disable(logging.NOTSET)


def test_the_small_files_of_a_batch_leave_nothing_to_the_collector(rig: Rig, no_collector: Counter[str]) -> None:
    paths = small_files(rig)
    all_stored(rig, queued(rig, paths), paths)
    assert rig.remote.count("init-many")
    rig.wait(lambda: alive() <= no_collector, "nothing but what was there before")


def test_one_that_a_batch_could_not_complete_leaves_nothing_to_the_collector(
    rig: Rig, no_collector: Counter[str]
) -> None:
    def fault(step: str, _number: int) -> None:
        if step == "complete" and rig.remote.count("complete") == 3:
            raise Refused("No.", code="refused")

    rig.remote.fault = fault
    paths = small_files(rig)
    all_stored(rig, queued(rig, paths), paths)
    rig.wait(lambda: alive() <= no_collector, "nothing but what was there before")


def test_an_upload_leaves_nothing_to_the_collector(rig: Rig, no_collector: Counter[str]) -> None:
    path = rig.file(parts=4)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    rig.wait(lambda: alive() <= no_collector, "nothing but what was there before")


def test_an_upload_in_trouble_leaves_nothing_to_the_collector(rig: Rig, no_collector: Counter[str]) -> None:
    def fault(step: str, _number: int) -> None:
        if step == "put":
            raise Offline("Away.") if rig.remote.count("put") == 1 else Refused("No.", code="refused")

    rig.remote.fault = fault
    (upload_id,) = rig.add(rig.file(parts=4))
    rig.wait_state(upload_id, UploadState.ATTENTION)
    rig.wait(lambda: alive() <= no_collector, "nothing but what was there before")


def test_a_paused_upload_leaves_nothing_to_the_collector(rig: Rig, no_collector: Counter[str]) -> None:
    upload_id = stopped_after(rig, rig.file(parts=4), 2)
    rig.engine.pause([upload_id]).result(10)
    rig.wait(lambda: alive() <= no_collector, "nothing but what was there before")
