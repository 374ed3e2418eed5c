"""A supervised child with real processes: lines, ends, restarts, giving up."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recorder_desktop.core.errors import Refused
from recorder_desktop.system.child_process import ChildEnd, ChildPlan, SupervisedChild
from tests.unit.system.waiting import wait_until


class Watched:
    """A child running a Python source, and everything it told."""

    def __init__(self, folder: Path, source: str, limit: int = 1) -> None:
        self.lines: list[str] = []
        self.ends: list[ChildEnd] = []
        self.gave_up = threading.Event()
        self.log_path = folder / "child.log"
        self._folder, self._source, self._limit = folder, source, limit
        self.child = SupervisedChild(
            "child",
            record=folder / "child.json",
            log_path=self.log_path,
            plan=self.plan,
            on_line=self.lines.append,
            goes_on=self._goes_on,
            grace_s=0.5,
        )

    def become(self, source: str) -> None:
        self._source = source

    def plan(self) -> ChildPlan:
        return ChildPlan([sys.executable, "-c", self._source], {"PATH": os.environ["PATH"]}, self._folder)

    def _goes_on(self, end: ChildEnd) -> bool:
        self.ends.append(end)
        if len(self.ends) >= self._limit:
            self.gave_up.set()
        return not self.gave_up.is_set()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def start(source: str, limit: int = 1) -> Watched:
        made.append(Watched(tmp_path, source, limit))
        made[-1].child.start()
        return made[-1]

    yield start
    for each in made:
        each.child.stop()


def test_lines_are_told_and_logged_with_the_last_words(watch: Callable[..., Watched]) -> None:
    watched = watch("import sys; print('one'); print('two', flush=True); sys.exit('it broke')")

    assert watched.gave_up.wait(10)

    assert watched.lines == ["one", "two"]
    assert watched.ends == [ChildEnd(1, "it broke", 1)]
    assert set(watched.log_path.read_text().split("\n")) == {"one", "two", "it broke", ""}


def test_a_child_that_ends_is_started_again_until_given_up(watch: Callable[..., Watched]) -> None:
    watched = watch("print('up', flush=True)", limit=3)

    assert watched.gave_up.wait(20)

    assert watched.lines == ["up"] * 3
    assert [end.times_in_a_row for end in watched.ends] == [1, 2, 3]


def test_stop_ends_the_child_and_is_no_end_by_itself(watch: Callable[..., Watched]) -> None:
    watched = watch("import time; print('up', flush=True); time.sleep(60)")
    wait_until(lambda: watched.lines == ["up"], "the first line")
    assert watched.child.is_alive()

    watched.child.stop()

    assert not watched.child.is_alive()
    assert watched.ends == []


def test_a_child_that_is_to_begin_anew_does_so_by_the_plan_of_that_moment(watch: Callable[..., Watched]) -> None:
    watched = watch("import time; print('up', flush=True); time.sleep(60)", limit=2)
    wait_until(lambda: watched.lines == ["up"], "the first line")

    watched.become("import time; print('up again', flush=True); time.sleep(60)")
    watched.child.restart()

    wait_until(lambda: watched.lines == ["up", "up again"], "the new one")
    assert watched.child.is_alive()
    assert len(watched.ends) == 1


def test_a_line_without_end_does_not_fill_the_memory(watch: Callable[..., Watched]) -> None:
    watched = watch("import sys; sys.stdout.write('x' * 1_000_000); sys.stdout.flush()")

    assert watched.gave_up.wait(10)

    assert max(len(line) for line in watched.lines) <= 64 * 1024


def test_a_plan_that_fails_for_good_is_told_as_the_cause(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "")
    problem = Refused("Install Recorder again.")

    def plan() -> ChildPlan:
        raise problem

    watched.child._plan = plan
    watched.child.start()

    assert watched.gave_up.wait(10)
    assert watched.ends[0].cause is problem
    watched.child.stop()


def test_f06_a_plan_that_fails_for_lack_of_room_is_tried_again(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "print('up', flush=True)", limit=2)
    works, attempts = watched.plan, []

    def plan() -> ChildPlan:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError(28, "No space left on device")
        return works()

    watched.child._plan = plan
    watched.child.start()

    assert watched.gave_up.wait(10)
    assert "No space left" in watched.ends[0].last_line
    assert watched.lines == ["up"]
    watched.child.stop()


def test_stopping_what_was_never_started_is_fine(tmp_path: Path) -> None:
    Watched(tmp_path, "").child.stop()


def test_s24_a_plan_does_not_show_its_environment() -> None:
    plan = ChildPlan(["x"], {"AWS_SECRET_KEY": "very-secret"}, Path())

    assert "very-secret" not in repr(plan)
