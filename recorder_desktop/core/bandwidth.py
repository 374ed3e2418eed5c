"""How many bytes a second may be sent, through the week, and the one text in which a person writes it.

    unlimited
    2 MB/s
    unlimited; Mon-Fri 08:00-18:00 2 MB/s; Sat 10:00-12:00 500 kB/s

First the limit outside all windows, then the windows. Units are decimal and count bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from recorder_desktop.core.errors import Refused

MAX_LIMIT_BYTES_PER_S = 10**12
"""No line is faster; a larger number is a slip of the keyboard."""

UNLIMITED = "unlimited"

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNITS = {"GB/s": 10**9, "MB/s": 10**6, "kB/s": 10**3, "B/s": 1}  # the largest first
_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES


class BandwidthPlanRefused(Refused):
    """A plan of limits that cannot be meant. Kind: FATAL."""

    code = "settings"


@dataclass(frozen=True, slots=True)
class LimitWindow:
    """The hours of some days and their limit: `limit_bytes_per_s`, None for unlimited.

    days: 0 is Monday, as in datetime.weekday(). start_minute and end_minute count from midnight, the end not
    included; an end at or before the start lies on the next day, 1440 is midnight. Raises BandwidthPlanRefused.
    """

    days: frozenset[int]
    start_minute: int
    end_minute: int
    limit_bytes_per_s: int | None

    def __post_init__(self) -> None:
        _check_limit(self.limit_bytes_per_s)
        if not self.days or not self.days <= set(range(7)):
            raise BandwidthPlanRefused("A time window needs days. Name some, for example Mon-Fri.")
        if not (0 <= self.start_minute < _DAY_MINUTES and 0 <= self.end_minute <= _DAY_MINUTES):
            raise BandwidthPlanRefused("A time window lies outside the day. Write its times as 00:00 to 24:00.")
        if self.start_minute == self.end_minute:
            raise BandwidthPlanRefused(
                f"The time window “{self}” is empty: it ends when it begins. For a whole day write 00:00-24:00."
            )

    def __str__(self) -> str:
        times = f"{_clock_text(self.start_minute)}-{_clock_text(self.end_minute)}"
        return f"{_days_text(self.days)} {times} {_limit_text(self.limit_bytes_per_s)}"

    @property
    def length_minutes(self) -> int:
        """How long it lasts on each of its days."""
        return (self.end_minute - self.start_minute - 1) % _DAY_MINUTES + 1

    def starts(self) -> list[int]:
        """The minutes of the week at which it begins, in order."""
        return [day * _DAY_MINUTES + self.start_minute for day in sorted(self.days)]

    def covers(self, week_minute: int) -> bool:
        """Whether it applies in a minute of the week; the week begins on Monday at midnight."""
        return any((week_minute - start) % _WEEK_MINUTES < self.length_minutes for start in self.starts())


@dataclass(frozen=True, slots=True)
class BandwidthPlan:
    """The limit in bytes/s at every moment of the week: `default_bytes_per_s` outside the windows; None: unlimited.

    Times are those on the wall clock of whoever asks. Raises BandwidthPlanRefused when windows overlap.
    """

    default_bytes_per_s: int | None = None
    windows: tuple[LimitWindow, ...] = ()

    def __post_init__(self) -> None:
        _check_limit(self.default_bytes_per_s)
        _check_overlap(self.windows)

    def __str__(self) -> str:
        return "; ".join([_limit_text(self.default_bytes_per_s), *map(str, self.windows)])

    @classmethod
    def parse(cls, text: str) -> BandwidthPlan:
        """The plan that `text` describes; `str(plan)` gives the text back. Raises BandwidthPlanRefused."""
        first, *others = (piece.strip() for piece in text.split(";"))
        if _looks_like_window(first):
            raise BandwidthPlanRefused(
                f"“{first}” leaves open what holds at other times. "
                f"Begin with that limit, for example “{UNLIMITED}; {first}”."
            )
        return cls(_read_limit(first), tuple(_read_window(piece) for piece in others))

    def limit_at(self, moment: datetime) -> int | None:
        """The limit in bytes/s when the wall clock shows `moment`, None for unlimited."""
        return self._limit_in(_week_minute(moment))

    def next_change(self, moment: datetime) -> datetime | None:
        """When the limit will next be another than at `moment`, in the same time zone; None if it never is.

        Counted on the wall clock. Where that is put forward or back in between, as for daylight saving time, the
        change may come earlier or later: whoever waits for it should ask again every few minutes.
        """
        now = _week_minute(moment)
        present = self._limit_in(now)
        waits = ((edge - now) % _WEEK_MINUTES for edge in self._edges() if self._limit_in(edge) != present)
        wait_minutes = min(waits, default=None)
        if wait_minutes is None:
            return None
        change = moment.replace(second=0, microsecond=0) + timedelta(minutes=wait_minutes)
        return change.replace(fold=moment.fold)  # in an hour that the clock shows twice: not back into the first

    def _limit_in(self, week_minute: int) -> int | None:
        for window in self.windows:
            if window.covers(week_minute):
                return window.limit_bytes_per_s
        return self.default_bytes_per_s

    def _edges(self) -> set[int]:
        spans = [(start, window.length_minutes) for window in self.windows for start in window.starts()]
        return {edge % _WEEK_MINUTES for start, length in spans for edge in (start, start + length)}


def _week_minute(moment: datetime) -> int:
    return moment.weekday() * _DAY_MINUTES + moment.hour * 60 + moment.minute


# --- checks ------------------------------------------------------------------------------------------------------


def _check_limit(limit_bytes_per_s: int | None) -> None:
    if limit_bytes_per_s is None:
        return
    if limit_bytes_per_s <= 0:
        raise BandwidthPlanRefused(
            f"A limit of {limit_bytes_per_s} B/s would stop every upload. "
            f"Write a limit above 0 or “{UNLIMITED}”; to stop uploads, pause them."
        )
    if limit_bytes_per_s > MAX_LIMIT_BYTES_PER_S:
        raise BandwidthPlanRefused(f"The limit is larger than any line. Write a smaller one or “{UNLIMITED}”.")


def _check_overlap(windows: tuple[LimitWindow, ...]) -> None:
    spans = sorted(((start, window) for window in windows for start in window.starts()), key=lambda span: span[0])
    next_week = [(start + _WEEK_MINUTES, window) for start, window in spans[:1]]
    for (start, window), (following, other) in pairwise(spans + next_week):
        if start + window.length_minutes > following:
            day, minute = divmod(following % _WEEK_MINUTES, _DAY_MINUTES)
            raise BandwidthPlanRefused(
                f"“{window}” and “{other}” both apply on {_DAYS[day]} at {_clock_text(minute)}. "
                "Change one of them so that they do not overlap."
            )


# --- reading -----------------------------------------------------------------------------------------------------

_LIMIT = re.compile(r"([0-9]{1,15})(?:[.,]([0-9]{1,9}))? ?([A-Za-z/]+)")
"""With the decimal point of either half of the world."""
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")


def _looks_like_window(text: str) -> bool:
    return text.startswith(_DAYS)


def _read_limit(text: str) -> int | None:
    if text == UNLIMITED:
        return None
    match = _LIMIT.fullmatch(text)
    if match is None:
        raise BandwidthPlanRefused(f"“{text}” is not a limit. Write for example 2 MB/s, 500 kB/s or “{UNLIMITED}”.")
    whole, decimals, unit = match.groups(default="")
    if unit not in _UNITS:
        raise BandwidthPlanRefused(
            f"“{unit}” in “{text}” is not a unit of speed. Write B/s, kB/s, MB/s or GB/s; B stands for bytes."
        )
    from fractions import Fraction  # few have a limit

    limit = Fraction(f"{whole}.{decimals}0") * _UNITS[unit]
    if limit.denominator != 1:
        raise BandwidthPlanRefused(f"“{text}” is no whole number of bytes a second. Write fewer decimals.")
    _check_limit(int(limit))
    return int(limit)


def _read_window(text: str) -> LimitWindow:
    days, times, limit = [*text.split(maxsplit=2), "", "", ""][:3]
    start, dash, end = times.partition("-")
    if not (limit and dash):
        raise BandwidthPlanRefused(
            f"“{text}” is not a time window. Write days, times and a limit, for example Mon-Fri 08:00-18:00 2 MB/s."
        )
    return LimitWindow(_read_days(days), _read_clock(start), _read_clock(end), _read_limit(limit))


def _read_days(text: str) -> frozenset[int]:
    days: list[int] = []
    for run in text.split(","):
        first, dash, last = run.partition("-")
        start, end = _read_day(first), _read_day(last if dash else first)
        days += [(start + offset) % 7 for offset in range((end - start) % 7 + 1)]  # Sat-Mon is three days
    if len(set(days)) < len(days):
        raise BandwidthPlanRefused(f"“{text}” names a day twice. Name each day once.")
    return frozenset(days)


def _read_day(text: str) -> int:
    if text not in _DAYS:
        raise BandwidthPlanRefused(f"“{text}” is not a day. Write {', '.join(_DAYS)}, or a span such as Mon-Fri.")
    return _DAYS.index(text)


def _read_clock(text: str) -> int:
    match = _CLOCK.fullmatch(text)
    hours, minutes = map(int, match.groups()) if match else (99, 0)
    if minutes > 59 or hours * 60 + minutes > _DAY_MINUTES:
        raise BandwidthPlanRefused(f"“{text}” is not a time of day. Write it as 08:00 or 17:30; 24:00 is midnight.")
    return hours * 60 + minutes


# --- writing -----------------------------------------------------------------------------------------------------


def _limit_text(limit_bytes_per_s: int | None) -> str:
    """The limit with at most three decimals, in the largest unit that allows it: 1.5 MB/s, 1234.567 kB/s."""
    if limit_bytes_per_s is None:
        return UNLIMITED
    unit, factor = next(
        (unit, factor)
        for unit, factor in _UNITS.items()
        if factor == 1 or (abs(limit_bytes_per_s) >= factor and limit_bytes_per_s * 1000 % factor == 0)
    )
    whole, rest = divmod(limit_bytes_per_s, factor)
    decimals = f".{rest * 1000 // factor:03}".rstrip("0") if rest else ""
    return f"{whole}{decimals} {unit}"


def _days_text(days: frozenset[int]) -> str:
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(_DAYS[run[0]] if len(run) == 1 else f"{_DAYS[run[0]]}-{_DAYS[run[-1]]}" for run in runs)


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
