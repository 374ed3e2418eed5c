"""The two sets of colours and the spacing scale: one visual language for widgets, delegates and icons."""

from __future__ import annotations

from dataclasses import dataclass

SPACE = 8
"""The unit of distance; gaps are whole or half multiples of it."""

RADIUS = 8


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours by role. Text roles keep a contrast of at least 4.5:1 on `window`, `surface` and `selected`.

    faint is for what is disabled, accent for what moves and what can be pressed, good for what is safely stored,
    warn for what waits for the person. The `_soft` ones are their backgrounds.
    """

    window: str
    surface: str
    hover: str
    selected: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_soft: str
    on_accent: str
    in_flight: str
    track: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str


LIGHT = Colours(
    window="#f5f6f8",
    surface="#ffffff",
    hover="#f3f5fa",
    selected="#e6ebfb",
    line="#dfe3ea",
    text="#1b2130",
    muted="#566074",
    faint="#a3aab8",
    accent="#3a55c9",
    accent_soft="#eaeefc",
    on_accent="#ffffff",
    in_flight="#9db0f0",
    track="#e3e7ee",
    good="#0d7352",
    good_soft="#e3f4ed",
    warn="#9a4a08",
    warn_soft="#fdf0df",
)

DARK = Colours(
    window="#15181e",
    surface="#1c2027",
    hover="#232832",
    selected="#2a3350",
    line="#303642",
    text="#e8ebf1",
    muted="#a1aaba",
    faint="#626b7b",
    accent="#8fa3ff",
    accent_soft="#262d47",
    on_accent="#11152a",
    in_flight="#566bc4",
    track="#343b49",
    good="#4cc79a",
    good_soft="#1b3229",
    warn="#f2a957",
    warn_soft="#38291a",
)
