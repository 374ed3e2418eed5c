"""Everything that reads what somebody else wrote. The promise of each: a sound value, or one of our own errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st


@dataclass(frozen=True)
class Target:
    """A parser, what it is given, and what has to hold; `check` raises where it does not."""

    name: str
    inputs: st.SearchStrategy[Any]
    check: Callable[[Any], None]

    def run(self, examples: int, *, at_random: bool) -> None:
        """Try so many inputs; at_random: others each time. Raises with the smallest input that breaks the promise."""
        limits = settings(
            max_examples=examples,
            derandomize=not at_random,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        limits(given(self.inputs)(lambda told: self.check(told)))()  # noqa: PLW0108 - it needs the name of a function


def all_targets() -> list[Target]:
    """Every parser of the desktop and of the backend."""
    from tests.fuzz import backend_targets, desktop_targets, local_targets

    return [*desktop_targets.TARGETS, *local_targets.TARGETS, *backend_targets.TARGETS]
