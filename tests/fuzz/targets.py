"""Everything that reads what somebody else wrote. The promise of each: a sound value, or one of our own errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st


@dataclass(frozen=True)
class Target:
    """A parser, what it is given, and what has to hold; `check` raises where it does not."""

    name: str
    inputs: st.SearchStrategy[Any]
    check: Callable[[Any], None]

    def run(self, examples: int, seed: int | None = None) -> None:
        """Try so many inputs, the same for the same seed. Raises with the smallest that breaks the promise."""
        limits = settings(
            max_examples=examples,
            derandomize=seed is None,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        one = given(self.inputs)(lambda told: self.check(told))  # noqa: PLW0108 - it needs the name of a function
        if seed is not None:
            one = hypothesis.seed(seed)(one)
        limits(one)()


def all_targets() -> list[Target]:
    """Every parser of the desktop and of the backend."""
    from tests.fuzz import backend_targets, desktop_targets, local_targets

    return [*desktop_targets.TARGETS, *local_targets.TARGETS, *backend_targets.TARGETS]
