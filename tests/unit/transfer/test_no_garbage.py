"""What is over is freed at once: what refers to itself waits for the garbage collector, which holds up the window."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator

import pytest

from recorder_desktop.transfer.batch_job import BatchJob
from recorder_desktop.transfer.batch_phase import BatchPhase
from recorder_desktop.transfer.part_phase import PartPhase
from recorder_desktop.transfer.part_task import PartTask
from recorder_desktop.transfer.source_file import SourceFile
from recorder_desktop.transfer.upload_job import UploadJob
from tests.unit.transfer.conftest import Rig
from tests.unit.transfer.test_batches import all_stored, queued, small_files

OF_ONE_UPLOAD = (BatchJob, BatchPhase, PartPhase, PartTask, SourceFile, UploadJob)


def alive() -> Counter[str]:
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, OF_ONE_UPLOAD))


@pytest.fixture
def no_collector(rig: Rig) -> Iterator[Counter[str]]:
    """Nothing is freed but what nobody refers to; gives what is there at rest."""
    gc.collect()
    gc.disable()
    yield alive()
    gc.enable()


def test_the_small_files_of_a_batch_leave_nothing_to_the_collector(rig: Rig, no_collector: Counter[str]) -> None:
    paths = small_files(rig)
    all_stored(rig, queued(rig, paths), paths)
    assert rig.remote.count("init-many")
    rig.wait(lambda: alive() <= no_collector, "nothing but what was there before")


def test_an_upload_leaves_nothing_to_the_collector(rig: Rig, no_collector: Counter[str]) -> None:
    path = rig.file(parts=4)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    rig.wait(lambda: alive() <= no_collector, "nothing but what was there before")
