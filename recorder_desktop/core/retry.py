"""How long to wait before trying again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with full jitter, so that many senders do not return in step.

    Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
    """

    base_s: float = 0.5
    cap_s: float = 20.0

    def delay_s(self, attempt: int, uniform: Callable[[float, float], float] = random.uniform) -> float:
        """Seconds to wait before try number `attempt` + 1; `attempt` counts the failures so far, from 1."""
        # 2 ** 30 is past any cap; an outage of days must not overflow the float.
        return uniform(0.0, min(self.cap_s, self.base_s * 2.0 ** min(attempt, 30)))
