"""What is in use is asked for anew in one go, and nothing counts for longer than it may."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping

import pytest

from backend import kept_answers
from backend.errors import CatalogueUnavailable
from backend.kept_answers import FORGET_AFTER_S, KeptAnswers

LIFE_S = 4.0
PERIOD_S = LIFE_S / 4


class Rig:
    """Answers, a clock in seconds, and each question that was put for several keys at once."""

    def __init__(self) -> None:
        self.now = 100.0
        self.asked: list[list[str]] = []
        self.gone: set[str] = set()
        self.is_away = False
        self.answers = KeptAnswers(self._renew, LIFE_S, "answers", lambda: self.now)

    def put(self, *keys: str) -> None:
        for key in keys:
            self.answers.put(key, f"{key} {self.now:.0f}", self.now)

    def used(self, *keys: str) -> list[str | None]:
        return [self.answers.take(key) for key in keys]

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.answers.renew()

    def _renew(self, known: Mapping[str, str]) -> Mapping[str, str]:
        self.asked.append(sorted(known))
        if self.is_away:
            raise CatalogueUnavailable("The database cannot be reached.")
        return {key: f"{key} {self.now:.0f}" for key in known if key not in self.gone}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_an_answer_counts_for_its_life_from_when_it_was_asked_for(rig: Rig) -> None:
    rig.answers.put("a", "late", rig.now - 1)
    assert rig.used("a") == ["late"]
    rig.now += LIFE_S - 1
    assert rig.used("a") == [None]
    assert rig.answers.latest("a") == "late"


def test_what_is_in_use_is_asked_for_in_one_go_and_never_lapses(rig: Rig) -> None:
    rig.put("a", "b", "unused")
    for turn in range(8):
        assert None not in rig.used("a", "b")
        rig.later(PERIOD_S)
        assert rig.asked == [["a", "b"]] * (turn + 1)
    assert rig.used("a", "unused") == ["a 108", None]


def test_what_was_asked_for_just_now_is_not_asked_for_again(rig: Rig) -> None:
    rig.put("a")
    rig.used("a")
    rig.later(PERIOD_S / 2)
    assert rig.asked == []


def test_what_does_not_count_any_more_is_gone_at_once(rig: Rig) -> None:
    rig.put("a", "b")
    rig.used("a", "b")
    rig.gone = {"a"}
    rig.later(PERIOD_S)
    assert rig.used("a", "b") == [None, "b 101"]


def test_while_the_database_is_away_answers_lapse(rig: Rig) -> None:
    rig.put("a")
    rig.used("a")
    rig.is_away = True
    with pytest.raises(CatalogueUnavailable):
        rig.later(PERIOD_S)
    assert rig.used("a") == ["a 100"]
    rig.now += LIFE_S - PERIOD_S
    assert rig.used("a") == [None]


def test_what_is_dropped_while_it_is_asked_for_stays_dropped() -> None:
    answers: KeptAnswers[str]

    def renew(known: Mapping[str, str]) -> Mapping[str, str]:
        answers.drop("a")
        return known

    now = [100.0]
    answers = KeptAnswers(renew, LIFE_S, "answers", lambda: now[0])
    answers.put("a", "x", now[0])
    assert answers.take("a") == "x"
    now[0] += PERIOD_S
    answers.renew()
    assert answers.take("a") is None


def test_a_late_answer_is_no_news(rig: Rig) -> None:
    rig.put("a")
    rig.answers.put("a", "older", rig.now - 1)
    assert rig.used("a") == ["a 100"]


def test_what_nobody_asks_for_is_forgotten(rig: Rig) -> None:
    rig.put("a")
    rig.later(FORGET_AFTER_S)
    assert rig.answers.latest("a") is None
    assert rig.asked == []


def test_however_many_there_are_what_is_kept_has_a_limit(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "MOST_KEPT", 3)
    for number in range(20):
        rig.put(f"{number}")
    assert len(rig.answers._kept) <= 3
    assert rig.used("19") == ["19 100"]


def test_the_thread_goes_on_whatever_went_wrong() -> None:
    renewed = threading.Event()
    troubles: list[Exception] = [CatalogueUnavailable("The database cannot be reached."), RuntimeError("a bug")]

    def renew(known: Mapping[str, str]) -> Mapping[str, str]:
        use()  # by somebody who goes on with it
        if troubles:
            raise troubles.pop()
        renewed.set()
        return known

    def use() -> None:
        answers.put("a", "x", next(ticks))
        assert answers.take("a") == "x"

    life_s = 0.04
    ticks = itertools.count(step=life_s / 4)
    answers = KeptAnswers(renew, life_s, "answers", lambda: next(ticks))
    use()
    answers.start()
    try:
        assert renewed.wait(10)
    finally:
        answers.stop()
