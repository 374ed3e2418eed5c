"""How many parts are in flight: on lines and stores in simulated time, and by its rules."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from statistics import mode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_desktop.core.concurrency import MAX_CEILING, ConcurrencyController
from tests.unit.core.simulated_line import KB, MB, TICK_S, Line, Simulation, best_fixed

LONG_LINES = {capacity: Line(lambda _s, _n, capacity=capacity: capacity * MB) for capacity in (3, 6, 12, 24, 60)}  # type: ignore[misc]
"""100 ms round trip, 1 MB/s a connection, up to so many MB/s together."""

THIN = Line(lambda _s, _n: 250 * KB, rtt_s=0.06)
"""2 Mbit/s, which one connection fills."""


# --- lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capacity", LONG_LINES)
@pytest.mark.parametrize(("ceiling", "start"), [(8, 4), (8, 1), (32, 4), (32, 1)])
def test_on_a_long_line_fifteen_seconds_are_enough_for_what_the_best_fixed_number_reaches(
    capacity: int, ceiling: int, start: int
) -> None:
    line = LONG_LINES[capacity]
    simulation = Simulation(line, ConcurrencyController(ceiling, start)).run(20)

    assert simulation.rate(15, 20) >= 0.9 * best_fixed(line, ceiling, 15, 20)


@pytest.mark.parametrize("capacity", LONG_LINES)
@pytest.mark.parametrize(("ceiling", "start"), [(8, 4), (32, 1)])
def test_it_settles_and_stays_as_fast(capacity: int, ceiling: int, start: int) -> None:
    line = LONG_LINES[capacity]
    simulation = Simulation(line, ConcurrencyController(ceiling, start)).run(200)

    assert simulation.changes(20, 200) <= 3 * 8
    assert simulation.rate(20, 200) >= 0.9 * best_fixed(line, ceiling, 15, 20)


def test_what_gains_nothing_is_given_back() -> None:
    simulation = Simulation(LONG_LINES[3], ConcurrencyController(32, 4)).run(200)

    assert 8 in simulation.limits
    assert mode(simulation.limits) == 4
    assert max(simulation.limits) <= 8


def test_a_thin_line_is_left_alone() -> None:
    simulation = Simulation(THIN, ConcurrencyController(8, 4)).run(600)

    assert simulation.rate(60, 600) >= 0.95 * 250 * KB
    assert simulation.changes(60, 600) <= 9 * 2
    assert mode(simulation.limits) <= 2  # the fewer, the sooner each part arrives


def test_a_step_that_made_it_worse_is_given_back_and_the_best_number_is_found() -> None:
    crowded = Line(lambda _s, connections: 6 * MB if connections <= 6 else 4 * MB)
    simulation = Simulation(crowded, ConcurrencyController(32, 4)).run(200)

    assert simulation.rate(60, 200) >= 0.9 * best_fixed(crowded, 8, 15, 20)
    assert mode(simulation.limits) in (5, 6, 7)


def test_a_store_that_takes_no_more_is_found_out_and_hardly_bothered() -> None:
    line = Line(lambda _s, _n: 40 * MB, takes=lambda _: 10)
    simulation = Simulation(line, ConcurrencyController(32, 4)).run(300)

    assert simulation.rate(20, 100) >= 0.7 * best_fixed(line, 10, 15, 20)
    assert simulation.rate(100, 300) >= 0.85 * best_fixed(line, 10, 15, 20)
    assert simulation.slow_downs <= 25
    assert simulation.changes(100, 300) <= 25


@pytest.mark.parametrize(("takes", "ceiling"), [(10, 32), (6, 8), (1, 8)])
def test_after_a_store_asked_for_less_it_recovers(takes: int, ceiling: int) -> None:
    line = Line(lambda _s, _n: 24 * MB, takes=lambda seconds: takes if seconds < 90 else 1000)
    simulation = Simulation(line, ConcurrencyController(ceiling, 4)).run(270)

    assert simulation.rate(20, 90) >= 0.65 * takes * MB
    assert simulation.rate(240, 270) >= 0.9 * best_fixed(LONG_LINES[24], ceiling, 15, 20)


def test_a_line_that_becomes_wider_is_used() -> None:
    line = Line(lambda seconds, _n: (4 if seconds < 60 else 24) * MB)
    simulation = Simulation(line, ConcurrencyController(32, 4)).run(130)

    assert simulation.rate(40, 60) >= 0.9 * 4 * MB
    assert simulation.rate(110, 130) >= 0.9 * 24 * MB


def test_a_line_that_was_seen_full_and_becomes_wider_is_used_within_half_a_minute() -> None:
    line = Line(lambda seconds, _n: (3 if seconds < 60 else 24) * MB)
    simulation = Simulation(line, ConcurrencyController(32, 4)).run(110)

    assert simulation.rate(90, 110) >= 0.9 * 24 * MB


def test_a_line_that_becomes_thinner_is_filled_with_fewer_parts() -> None:
    line = Line(lambda seconds, _n: (24 if seconds < 60 else 3) * MB)
    simulation = Simulation(line, ConcurrencyController(32, 4)).run(240)

    assert simulation.limits[round(59 / TICK_S)] >= 24
    assert simulation.limits[-1] <= 8
    assert simulation.rate(65, 240) >= 0.9 * 3 * MB


def test_many_small_parts_show_sooner_what_a_number_is_worth() -> None:
    line = Line(lambda _s, _n: 60 * MB, rtt_s=0.01, window_rate=10 * MB, part_bytes=256 * 1024)
    simulation = Simulation(line, ConcurrencyController(8, 2)).run(6)

    assert simulation.limits[round(3.5 / TICK_S)] == 8


def test_a_store_that_first_makes_room_does_not_make_more_parts_look_better() -> None:
    controller, part_bytes = ConcurrencyController(8, 4), 100_000
    for tick in range(240):
        now = tick * TICK_S
        for _ in range(round((5 if now < 0.9 else 60) * MB * TICK_S / part_bytes)):
            controller.moved(part_bytes, now)
            controller.confirmed(part_bytes, now)

    assert controller.limit == 4


@pytest.mark.parametrize("seed", range(4))
def test_on_a_line_that_varies_by_itself_chance_does_not_drive_it_to_the_ceiling(seed: int) -> None:
    waves = random.Random(seed)
    sway = [0.0]
    for _ in range(round(900 / TICK_S) + 1):  # strays by a fifth and comes back within seconds
        sway.append(0.98 * sway[-1] + waves.gauss(0, 0.04))
    line = Line(lambda seconds, _n: 4 * MB * (1 + max(-0.8, sway[round(seconds / TICK_S)])))
    simulation = Simulation(line, ConcurrencyController(32, 4)).run(900)

    assert simulation.rate(20, 900) >= 0.9 * 4 * MB
    assert mode(simulation.limits) <= 16
    assert simulation.changes(60, 900) <= 14 * 5


# --- rules -------------------------------------------------------------------------------------------------------


class Steady:
    """Tells a controller of a steady stream: so much for each part in flight, up to a capacity."""

    def __init__(self, ceiling: int = 32, start: int = 8, rate_a_part: int = MB, capacity: int = 1000 * MB) -> None:
        self.changes: list[int] = []
        self.controller = ConcurrencyController(ceiling, start, self._changed)
        self.rate_a_part = rate_a_part
        self.capacity = capacity
        self.now = 1000.0
        self._unconfirmed = 0

    def _changed(self) -> None:
        self.changes.append(self.controller.limit)

    def flow(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += 0.01
            moved = min(self.controller.limit * self.rate_a_part, self.capacity) // 100
            self.controller.moved(moved, self.now)
            self._unconfirmed += moved
            if self._unconfirmed > 5 * MB:
                self._unconfirmed -= 5 * MB
                self.controller.confirmed(5 * MB, self.now)


def test_it_starts_where_it_is_told_and_never_above_the_ceiling() -> None:
    assert ConcurrencyController().limit == 4
    assert ConcurrencyController(8, 3).limit == 3
    assert ConcurrencyController(2, 3).limit == 2
    assert ConcurrencyController(2, 0).limit == 1


def test_it_begins_with_what_a_line_is_known_to_want_and_climbs_from_there() -> None:
    steady = Steady(ceiling=8, start=4)
    steady.controller.begin_with(2)
    assert steady.controller.limit == 2
    steady.flow(15)
    assert steady.changes == [2, 4, 8]


def test_a_line_that_bytes_have_moved_on_is_known_better() -> None:
    steady = Steady(ceiling=8, start=4)
    steady.flow(0.1)
    steady.controller.begin_with(2)
    assert steady.controller.limit == 4

    refused = Steady(ceiling=8, start=8)
    refused.controller.slowed(refused.now)
    refused.controller.begin_with(2)
    assert refused.controller.limit == 4


def test_it_begins_with_no_more_than_is_allowed() -> None:
    controller = ConcurrencyController(1)
    controller.begin_with(2)
    assert controller.limit == 1


@pytest.mark.parametrize("ceiling", [0, -1, MAX_CEILING + 1])
def test_a_ceiling_that_cannot_be_meant_is_refused(ceiling: int) -> None:
    with pytest.raises(ValueError, match="1 to 32"):
        ConcurrencyController(ceiling)
    controller = ConcurrencyController(8)
    with pytest.raises(ValueError, match="1 to 32"):
        controller.set_ceiling(ceiling)
    assert controller.limit == 4


def test_it_doubles_to_the_ceiling_while_that_pays() -> None:
    steady = Steady(ceiling=20, start=3)
    steady.flow(15)
    assert steady.changes == [6, 12, 20]


@pytest.mark.parametrize("trouble", ["slowed", "timed_out"])
def test_trouble_halves_once_however_many_parts_report_it(trouble: str) -> None:
    steady = Steady(ceiling=8)
    for _ in range(8):
        getattr(steady.controller, trouble)(steady.now)
        steady.now += 0.1
    assert steady.changes == [4]


def test_trouble_that_lasts_halves_again_and_never_below_one() -> None:
    steady = Steady(rate_a_part=20 * MB)
    for _ in range(5):
        steady.controller.slowed(steady.now)
        steady.flow(3)  # well under the longest gap: that something was measured is what counts
    assert steady.changes == [4, 2, 1]


def test_trouble_while_nothing_moves_halves_again_after_a_while() -> None:
    steady = Steady(ceiling=8)
    for _ in range(40):
        steady.controller.timed_out(steady.now)
        steady.now += 0.5
    assert steady.changes == [4, 2]


def test_after_one_time_out_it_comes_back_by_itself() -> None:
    steady = Steady(ceiling=8)
    steady.controller.timed_out(steady.now)
    steady.flow(25)
    assert steady.controller.limit == 8


def test_a_step_that_the_store_refused_is_undone_to_what_went_well() -> None:
    steady = Steady(ceiling=32, start=8)
    steady.flow(3)
    assert steady.controller.limit == 16
    steady.controller.slowed(steady.now)
    steady.flow(13)
    assert steady.changes[:2] == [16, 8]
    steady.flow(30)
    assert steady.controller.limit >= 12


def test_a_lower_ceiling_holds_at_once_and_a_higher_one_is_used() -> None:
    steady = Steady(ceiling=8)
    steady.flow(10)
    steady.controller.set_ceiling(2)
    assert steady.controller.limit == 2
    steady.flow(60)
    assert steady.controller.limit == 2
    steady.controller.set_ceiling(32)
    steady.flow(15)
    assert steady.controller.limit == 32


def test_a_lower_ceiling_holds_while_fewer_parts_are_being_tried() -> None:
    steady = Steady(ceiling=16, start=16)
    steady.flow(10)
    steady.rate_a_part = MB // 4
    while steady.controller.limit == 16:
        steady.flow(0.1)
    steady.controller.set_ceiling(10)
    steady.flow(60)
    assert steady.changes == [8, 10]


def test_a_line_that_became_thinner_is_left_with_as_many_parts_as_fill_it() -> None:
    steady = Steady(ceiling=16, start=16, capacity=16 * MB)
    steady.flow(10)
    steady.capacity = 3 * MB
    steady.flow(100)
    assert steady.changes[:4] == [8, 4, 2, 4]


def test_one_odd_window_is_chance() -> None:
    steady = Steady(ceiling=16, start=8, capacity=8 * MB)
    while steady.changes != [16, 8, 4, 8]:
        steady.flow(0.1)
    steady.flow(10)
    steady.capacity, steady.rate_a_part = 16 * MB, 2 * MB
    steady.flow(2)
    steady.capacity, steady.rate_a_part = 8 * MB, MB
    steady.flow(4)
    assert steady.changes == [16, 8, 4, 8]


def test_where_the_climb_ended_it_goes_on_by_doubling_once_that_is_passed() -> None:
    steady = Steady(ceiling=32, start=4, capacity=4 * MB)
    while steady.changes != [8, 4, 2, 4]:
        steady.flow(0.1)
    steady.capacity = 1000 * MB
    steady.flow(100)
    assert steady.changes[4:] == [6, 7, 8, 16, 32]


def test_pauses_are_no_measurements() -> None:
    steady = Steady(start=4)
    for _ in range(20):
        steady.flow(1.5)
        steady.now += 60
    assert steady.changes == []


def test_while_there_is_no_more_to_send_nothing_is_learnt() -> None:
    steady = Steady(start=4)
    for _ in range(20):
        steady.flow(1.5)
        steady.controller.starved(steady.now)
    steady.flow(60)
    assert steady.changes == []
    steady.controller.filled(steady.now)
    steady.flow(3)
    assert steady.changes == [8]


def test_the_store_is_heeded_also_while_there_is_no_more_to_send() -> None:
    steady = Steady(start=4)
    steady.controller.starved(steady.now)
    steady.controller.slowed(steady.now)
    assert steady.changes == [2]


def test_the_listener_may_use_the_controller() -> None:
    """It is called under no lock; it would never return otherwise."""
    seen: list[int] = []

    def listen() -> None:
        seen.append(controller.limit)
        controller.moved(1, 1000.0)
        controller.set_ceiling(8)

    controller = ConcurrencyController(16, 16, listen)
    controller.set_ceiling(12)
    assert seen == [12, 8]


events = st.lists(
    st.tuples(
        st.sampled_from(
            ["moved", "moved", "moved", "confirmed", "slowed", "timed_out", "starved", "filled", "set_ceiling"]
        ),
        st.integers(1, MAX_CEILING),
        st.floats(0, 5),
    ),
    max_size=300,
)


@given(told=events, ceiling=st.integers(1, MAX_CEILING), start=st.integers(-3, 40))
def test_whatever_it_is_told_it_stays_between_one_and_the_ceiling(
    told: list[tuple[str, int, float]], ceiling: int, start: int
) -> None:
    controller = ConcurrencyController(ceiling, start)
    now = 0.0
    for what, amount, pause_s in told:
        now += pause_s
        before = controller.limit
        match what:
            case "moved":
                for _ in range(40):
                    now += 0.05
                    controller.moved(amount * 10_000, now)
            case "confirmed":
                controller.confirmed(amount * MB, now)
            case "set_ceiling":
                ceiling = amount
                controller.set_ceiling(ceiling)
            case "starved":
                controller.starved(now)
            case "filled":
                controller.filled(now)
            case _:
                getattr(controller, what)(now)
                assert controller.limit in (before, max(1, before // 2))
        assert 1 <= controller.limit <= ceiling


def test_many_threads_may_tell_at_once() -> None:
    controller = ConcurrencyController(8, 4)
    together = threading.Barrier(8)

    def tell(number: int) -> None:
        together.wait(20)
        for step in range(2000):
            now = step / 100
            controller.moved(10_000, now)
            if step % 50 == number:
                controller.confirmed(MB, now)
                controller.slowed(now)
            assert 1 <= controller.limit <= 8

    with ThreadPoolExecutor(8) as threads:
        for future in [threads.submit(tell, number) for number in range(8)]:
            future.result(60)
