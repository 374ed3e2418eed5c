"""Nobody sends what somebody else began; and what was lost with a crash is found again."""

from __future__ import annotations

from recorder_desktop.core.errors import Offline
from recorder_desktop.core.model import UploadState
from tests.unit.transfer.conftest import Rig
from tests.unit.transfer.test_engine import Gate


def test_f36_another_person_who_signs_in_never_sends_what_the_first_began(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("put")
    path = rig.file()
    (upload_id,) = rig.add(path)
    assert gate.reached.wait(10)
    rig.engine.pause().result(10)
    gate.open()
    rig.remote.user = "nils"
    rig.remote.calls.clear()
    rig.engine.resume().result(10)

    stuck = rig.wait_state(upload_id, UploadState.WAITING).upload
    assert stuck.problem is not None
    assert stuck.problem.code == "sign_in_required"
    assert "mara" in stuck.problem.message
    assert {step for step, _ in rig.remote.calls} <= {"connect"}

    rig.remote.user = "mara"
    rig.engine.retry([upload_id]).result(10)
    assert rig.stored(upload_id) == path.read_bytes()
    assert len(rig.remote.sessions) == 1


def test_f05_an_upload_that_is_complete_is_recognised_although_its_parts_were_forgotten(rig: Rig) -> None:
    """Power failed after the last parts were committed without a sync, and the store has the object."""
    rig.remote.fault = gate = Gate("complete-answer")
    path = rig.file(parts=2.5)
    (upload_id,) = rig.add(path)
    assert gate.reached.wait(10)
    running = rig.engine._jobs.running[upload_id]
    rig.remote.fault = lambda _step, _number: (_ for _ in ()).throw(Offline("away"))
    gate.open()
    running.stop.set()
    rig.engine.close()
    rig.remote.fault = lambda _step, _number: None
    rig.open(start=False)._store.replace_parts(upload_id, [])
    rig.remote.calls.clear()
    rig.engine.start()

    done = rig.wait_state(upload_id, UploadState.COMPLETED).upload
    assert rig.stored(upload_id) == path.read_bytes()
    assert done.bytes_confirmed == path.stat().st_size
    assert rig.remote.count("put") == 0
