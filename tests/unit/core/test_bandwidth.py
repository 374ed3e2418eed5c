"""Weekly plans of limits: what a person may write, and what then holds at every minute."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_desktop.core.bandwidth import MAX_LIMIT_BYTES_PER_S, BandwidthPlan, BandwidthPlanRefused, LimitWindow
from recorder_desktop.core.errors import ErrorKind, Refused

MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001 - wall clock
WEEK_MINUTES = 7 * 24 * 60


def at(day: int, clock: str) -> datetime:
    """A moment of the week of MONDAY; day 0 is Monday."""
    hours, minutes = map(int, clock.split(":"))
    return MONDAY + timedelta(days=day, hours=hours, minutes=minutes)


# --- what can be written -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("unlimited", None),
        ("2 MB/s", 2_000_000),
        ("2MB/s", 2_000_000),
        ("1.5 MB/s", 1_500_000),
        ("1,5 MB/s", 1_500_000),
        ("500 kB/s", 500_000),
        ("1 GB/s", 10**9),
        ("1 B/s", 1),
        ("  0.5 kB/s ", 500),
    ],
)
def test_a_limit_is_read_in_decimal_units_of_bytes(text: str, limit: int | None) -> None:
    assert BandwidthPlan.parse(text) == BandwidthPlan(limit)


def test_a_plan_with_windows_says_what_holds_when() -> None:
    plan = BandwidthPlan.parse("unlimited; Mon-Fri 08:00-18:00 2 MB/s; Sat 10:00-12:00 500 kB/s")

    told = {
        moment: plan.limit_at(moment)
        for moment in (at(0, "07:59"), at(0, "08:00"), at(4, "17:59"), at(4, "18:00"), at(5, "11:00"), at(6, "11:00"))
    }

    assert list(told.values()) == [None, 2_000_000, 2_000_000, None, 500_000, None]


def test_a_window_may_end_after_midnight_and_after_the_end_of_the_week() -> None:
    plan = BandwidthPlan.parse("500 kB/s; Sun 22:00-06:00 unlimited")

    assert plan.limit_at(at(6, "21:59")) == 500_000
    assert plan.limit_at(at(6, "23:00")) is None
    assert plan.limit_at(at(0, "05:59")) is None
    assert plan.limit_at(at(0, "06:00")) == 500_000


@pytest.mark.parametrize("times", ["18:00-24:00", "18:00-00:00"])
def test_a_window_may_end_at_midnight(times: str) -> None:
    plan = BandwidthPlan.parse(f"unlimited; Wed {times} 1 MB/s")

    assert plan.limit_at(at(2, "23:59")) == 1_000_000
    assert plan.limit_at(at(3, "00:00")) is None


def test_a_window_of_a_whole_day() -> None:
    plan = BandwidthPlan.parse("unlimited; Sat-Sun 00:00-24:00 1 MB/s")

    assert plan.limit_at(at(4, "23:59")) is None
    assert plan.limit_at(at(5, "00:00")) == plan.limit_at(at(6, "23:59")) == 1_000_000
    assert plan.limit_at(at(0, "00:00")) is None


def test_days_are_listed_spanned_and_carried_over_the_weekend() -> None:
    def days(text: str) -> frozenset[int]:
        return BandwidthPlan.parse(f"unlimited; {text} 8:00-9:00 1 MB/s").windows[0].days

    assert days("Mon") == {0}
    assert days("Mon,Wed,Fri-Sun") == {0, 2, 4, 5, 6}
    assert days("Sat-Mon") == {5, 6, 0}
    assert days("Mon-Sun") == set(range(7))


def test_windows_may_touch() -> None:
    plan = BandwidthPlan.parse("unlimited; Mon 08:00-12:00 1 MB/s; Mon 12:00-18:00 2 MB/s")

    assert plan.limit_at(at(0, "11:59")) == 1_000_000
    assert plan.limit_at(at(0, "12:00")) == 2_000_000


def test_a_plan_is_printed_as_it_would_be_written() -> None:
    text = "1.5 MB/s; Mon-Fri 08:00-18:00 250 kB/s; Sat 22:00-06:00 unlimited; Sun 10:30-11:00 1234.567 kB/s"

    assert str(BandwidthPlan.parse(text)) == text


# --- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a limit"),
        ("fast", "is not a limit"),
        ("2", "is not a limit"),
        ("-2 MB/s", "is not a limit"),
        ("٢ MB/s", "is not a limit"),
        ("9" * 5000 + " MB/s", "is not a limit"),
        ("2 Mb/s", "is not a unit"),
        ("2 MiB/s", "is not a unit"),
        ("2 KB/s", "is not a unit"),
        ("2 MB", "is not a unit"),
        ("0 MB/s", "would stop every upload"),
        ("0.000 kB/s", "would stop every upload"),
        ("0.0001 kB/s", "no whole number"),
        ("5000 GB/s", "larger than any line"),
        ("Mon-Fri 08:00-18:00 2 MB/s", "Begin with that limit, for example “unlimited; Mon-Fri"),
        ("unlimited;", "is not a time window"),
        ("unlimited; Mon", "is not a time window"),
        ("unlimited; Mon 08:00 2 MB/s", "is not a time window"),
        ("unlimited; 08:00-18:00 2 MB/s", "is not a"),
        ("unlimited; Mon 08:00-18:00", "is not a time window"),
        ("unlimited; Weekdays 08:00-18:00 2 MB/s", "“Weekdays” is not a day"),
        ("unlimited; Mon- 08:00-18:00 2 MB/s", "“” is not a day"),
        ("unlimited; Mon,,Tue 08:00-18:00 2 MB/s", "“” is not a day"),
        ("unlimited; Mon,Mon 08:00-18:00 2 MB/s", "names a day twice"),
        ("unlimited; Mon 8-18 2 MB/s", "“8” is not a time of day"),
        ("unlimited; Mon 08:00-18:60 2 MB/s", "“18:60” is not a time of day"),
        ("unlimited; Mon 08:00-24:01 2 MB/s", "“24:01” is not a time of day"),
        ("unlimited; Mon 24:00-08:00 2 MB/s", "outside the day"),
        ("unlimited; Mon 08:00-08:00 2 MB/s", "is empty"),
        ("unlimited; Mon 00:00-00:00 2 MB/s", "is empty"),
        ("unlimited; Mon 08:00-18:00 0 B/s", "would stop every upload"),
        ("unlimited; Mon-Fri 08:00-18:00 1 MB/s; Fri 17:00-20:00 2 MB/s", "both apply on Fri at 17:00"),
        ("unlimited; Sun 22:00-06:00 1 MB/s; Mon 05:00-07:00 2 MB/s", "both apply on Mon at 05:00"),
        ("unlimited; Mon 08:00-09:00 1 MB/s; Mon 08:00-09:00 1 MB/s", "both apply on Mon at 08:00"),
        ("unlimited; Mon 00:00-24:00 1 MB/s; Mon 23:59-24:00 2 MB/s", "both apply on Mon at 23:59"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(text: str, says: str) -> None:
    with pytest.raises(BandwidthPlanRefused) as told:
        BandwidthPlan.parse(text)

    assert says in told.value.message
    assert told.value.message.endswith((".", "”."))
    assert isinstance(told.value, Refused)
    assert (told.value.code, told.value.kind) == ("settings", ErrorKind.FATAL)


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT_BYTES_PER_S + 1])
def test_values_made_without_text_are_checked_too(limit: int) -> None:
    with pytest.raises(BandwidthPlanRefused):
        BandwidthPlan(limit)
    with pytest.raises(BandwidthPlanRefused):
        LimitWindow(frozenset({0}), 0, 60, limit)
    with pytest.raises(BandwidthPlanRefused):
        LimitWindow(frozenset(), 0, 60, 1)
    with pytest.raises(BandwidthPlanRefused):
        LimitWindow(frozenset({7}), 0, 60, 1)


@given(text=st.text(alphabet="unlimitedMonFr -;:,.0123456789kMGB/s\n", max_size=60))
def test_any_text_is_a_plan_or_is_refused(text: str) -> None:
    try:
        plan = BandwidthPlan.parse(text)
    except BandwidthPlanRefused:
        return
    assert BandwidthPlan.parse(str(plan)) == plan


# --- every plan --------------------------------------------------------------------------------------------------

limits = st.none() | st.integers(1, 5000) | st.integers(1, MAX_LIMIT_BYTES_PER_S)


@st.composite
def windows(draw: st.DrawFn) -> LimitWindow:
    start = draw(st.integers(0, 1439))
    end = draw(st.integers(0, 1440).filter(lambda minute: minute != start))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    return LimitWindow(days, start, end, draw(limits))


@st.composite
def plans(draw: st.DrawFn) -> BandwidthPlan:
    """Any plan; windows that overlap an earlier one are left out."""
    plan = BandwidthPlan(draw(limits))
    for window in draw(st.lists(windows(), max_size=5)):
        try:
            plan = BandwidthPlan(plan.default_bytes_per_s, (*plan.windows, window))
        except BandwidthPlanRefused:
            continue
    return plan


moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - wall clock


@given(plan=plans())
def test_a_printed_plan_is_read_back_as_the_same_plan(plan: BandwidthPlan) -> None:
    assert BandwidthPlan.parse(str(plan)) == plan


def minutes_of(window: LimitWindow) -> list[int]:
    """The minutes of the week that a window claims, counted one by one."""
    end = window.end_minute + (1440 if window.end_minute <= window.start_minute else 0)
    return [(day * 1440 + minute) % WEEK_MINUTES for day in window.days for minute in range(window.start_minute, end)]


@given(plan=plans())
def test_exactly_one_limit_applies_at_each_moment(plan: BandwidthPlan) -> None:
    expected: dict[int, int | None] = {}
    for window in plan.windows:
        for minute in minutes_of(window):
            assert minute not in expected
            expected[minute] = window.limit_bytes_per_s

    for minute in range(WEEK_MINUTES):
        is_edge = expected.get(minute) != expected.get((minute - 1) % WEEK_MINUTES)
        if is_edge or minute % 97 == 0:  # not all of them: 10,080 an example
            limit = plan.limit_at(MONDAY + timedelta(minutes=minute, seconds=59))
            assert limit == expected.get(minute, plan.default_bytes_per_s)


@given(one=windows(), other=windows())
def test_two_windows_are_refused_just_when_they_share_a_minute(one: LimitWindow, other: LimitWindow) -> None:
    share = not set(minutes_of(one)).isdisjoint(minutes_of(other))
    try:
        BandwidthPlan(None, (one, other))
    except BandwidthPlanRefused:
        assert share
    else:
        assert not share


@given(plan=plans(), moment=moments)
def test_until_the_next_change_the_limit_holds_and_then_it_is_another(plan: BandwidthPlan, moment: datetime) -> None:
    change = plan.next_change(moment)
    present = plan.limit_at(moment)

    if change is None:
        assert all(plan.limit_at(moment + timedelta(minutes=minutes)) == present for minutes in range(0, 10080, 53))
        return
    assert moment < change <= moment + timedelta(days=7)
    assert plan.limit_at(change) != present
    assert plan.limit_at(change - timedelta(microseconds=1)) == present
    span = change - moment
    assert all(plan.limit_at(moment + span * part // 40) == present for part in range(40))


@given(plan=plans(), moment=moments, hours=st.integers(-12, 14))
def test_a_moment_with_a_time_zone_counts_by_its_own_wall_clock(
    plan: BandwidthPlan, moment: datetime, hours: int
) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    change = plan.next_change(zoned)

    assert plan.limit_at(zoned) == plan.limit_at(moment)
    assert change is None or change.tzinfo is zoned.tzinfo
    assert (change and change.replace(tzinfo=None)) == plan.next_change(moment)


def test_a_plan_that_never_changes_has_no_next_change() -> None:
    assert BandwidthPlan.parse("2 MB/s").next_change(MONDAY) is None
    assert BandwidthPlan.parse("2 MB/s; Mon 08:00-09:00 2 MB/s").next_change(MONDAY) is None


def test_an_edge_at_which_the_limit_stays_the_same_is_no_change() -> None:
    plan = BandwidthPlan.parse("unlimited; Mon 08:00-12:00 1 MB/s; Mon 12:00-18:00 1 MB/s")

    assert plan.next_change(at(0, "09:00")) == at(0, "18:00")


# --- clocks that jump --------------------------------------------------------------------------------------------


@pytest.fixture
def central_europe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process on a wall clock with daylight saving time, described in full so that no zone files are needed."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0/2,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize("night", [datetime(2024, 3, 30, 20, tzinfo=UTC), datetime(2024, 10, 26, 20, tzinfo=UTC)])
@pytest.mark.parametrize("with_zone", [True, False])
@pytest.mark.usefixtures("central_europe")
def test_a_night_in_which_the_clock_jumps_has_a_limit_at_every_minute(night: datetime, with_zone: bool) -> None:
    plan = BandwidthPlan.parse("unlimited; Sat 23:00-02:30 1 MB/s; Sun 02:30-03:30 2 MB/s; Mon 02:30-05:00 3 MB/s")
    seen: list[int | None] = []
    for minute in range(12 * 60):
        instant = (night + timedelta(minutes=minute)).timestamp()
        wall = datetime.fromtimestamp(instant)  # noqa: DTZ006 - the local wall clock
        moment = wall.astimezone() if with_zone else wall
        change = plan.next_change(moment)
        assert change is not None
        assert change > moment
        assert change.timestamp() > instant
        limit = plan.limit_at(moment)
        if not seen or seen[-1] != limit:
            seen.append(limit)

    springs_forward = night.month == 3
    again = [] if springs_forward else [1_000_000, 2_000_000]  # 02:30 came twice
    assert seen == [None, 1_000_000, 2_000_000, *again, None]


def test_the_clock_of_the_tests_jumps(central_europe: None) -> None:
    before, after = (datetime.fromtimestamp(instant).hour for instant in (1711846799, 1711846800))  # noqa: DTZ006

    assert (before, after) == (1, 3)
