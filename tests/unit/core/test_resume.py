"""Which parts count after a restart."""

from __future__ import annotations

from recorder_desktop.core.model import ConfirmedPart, RemotePart
from recorder_desktop.core.parts import equal_parts
from recorder_desktop.core.resume import reconcile

SIZE = 5 * 1024 * 1024
PLAN = equal_parts(3 * SIZE, SIZE)


def local(number: int, etag: str = "a", size: int = SIZE) -> ConfirmedPart:
    return ConfirmedPart(number, size, f'"{etag}"', 7)


def remote(number: int, etag: str = "a", size: int = SIZE) -> RemotePart:
    return RemotePart(number, size, f'"{etag}"')


def test_parts_on_which_both_sides_agree_are_kept() -> None:
    plan = reconcile(PLAN, [local(1), local(2)], [remote(1), remote(2)])
    assert [part.number for part in plan.keep] == [1, 2]
    assert [part.number for part in plan.send] == [3]


def test_etags_agree_whatever_their_quotes() -> None:
    plan = reconcile(PLAN, [local(1)], [RemotePart(1, SIZE, "a")])
    assert [part.number for part in plan.keep] == [1]


def test_a_part_that_the_store_lost_is_sent_again() -> None:
    assert [part.number for part in reconcile(PLAN, [local(1)], []).send] == [1, 2, 3]


def test_resume_resends_a_part_whose_size_changed() -> None:
    plan = reconcile(PLAN, [local(1)], [remote(1, size=SIZE - 1)])
    assert 1 in [part.number for part in plan.send]
    assert plan.keep == ()


def test_a_part_whose_acknowledgement_was_lost_is_verified_not_trusted() -> None:
    plan = reconcile(PLAN, [], [remote(2)])
    assert [part.number for part, _ in plan.verify] == [2]
    assert [part.number for part in plan.send] == [1, 3]


def test_a_part_under_another_etag_is_verified_not_trusted() -> None:
    plan = reconcile(PLAN, [local(1, "a")], [remote(1, "b")])
    assert [there.etag for _, there in plan.verify] == ['"b"']


def test_a_part_that_is_not_in_the_plan_is_ignored() -> None:
    plan = reconcile(PLAN, [local(9)], [remote(9)])
    assert plan.keep == ()
    assert plan.verify == ()
