"""Which recordings of a watched folder have stopped growing, by invented looks at invented instants."""

from __future__ import annotations

from recorder_desktop.core.watched_folder import Glance, Settling

TALK, MATCH = "/w/talk.mp4", "/w/match.mkv"
SHORT, LONG = Glance(10, 1), Glance(20, 2)


def test_a_file_is_due_when_it_has_looked_the_same_for_long_enough() -> None:
    settling = Settling(10)

    assert settling.look({TALK: SHORT}, 100) == []
    assert settling.look({TALK: SHORT}, 109.9) == []
    assert settling.look({TALK: SHORT}, 110) == [TALK]


def test_a_file_that_grows_begins_to_settle_anew() -> None:
    settling = Settling(10)
    settling.look({TALK: SHORT}, 100)

    assert settling.look({TALK: LONG}, 110) == []
    assert settling.look({TALK: LONG}, 119) == []
    assert settling.look({TALK: LONG}, 120) == [TALK]


def test_a_file_written_again_at_the_same_length_begins_anew_too() -> None:
    settling = Settling(10)
    settling.look({TALK: Glance(10, 1)}, 100)

    assert settling.look({TALK: Glance(10, 2)}, 110) == []


def test_each_version_is_handed_in_once() -> None:
    settling = Settling(0)
    assert settling.look({TALK: SHORT, MATCH: LONG}, 0) == [MATCH, TALK]
    assert settling.hand_in([TALK, MATCH]) == {TALK: SHORT, MATCH: LONG}

    assert settling.look({TALK: SHORT, MATCH: LONG}, 1) == []
    assert settling.look({TALK: LONG, MATCH: LONG}, 2) == [TALK]


def test_what_is_due_stays_due_until_it_is_handed_in() -> None:
    settling = Settling(0)

    assert [settling.look({TALK: SHORT}, now) for now in (0, 1, 2)] == [[TALK]] * 3


def test_a_file_that_comes_back_as_it_was_is_not_due_again() -> None:
    settling = Settling(0)
    settling.look({TALK: SHORT}, 0)
    settling.hand_in([TALK])
    settling.look({}, 1)

    assert settling.look({TALK: SHORT}, 2) == []


def test_a_file_that_went_away_while_it_settled_begins_anew() -> None:
    settling = Settling(10)
    settling.look({TALK: SHORT}, 100)
    settling.look({}, 105)

    assert settling.look({TALK: SHORT}, 110) == []


def test_a_file_without_a_byte_is_none_yet() -> None:
    settling = Settling(0)

    assert settling.look({TALK: Glance(0, 1)}, 0) == []


def test_what_an_earlier_run_handed_in_is_not_due() -> None:
    settling = Settling(0, {TALK: SHORT})

    assert settling.look({TALK: SHORT, MATCH: SHORT}, 0) == [MATCH]
