"""Has the data path keep to what the weekly plan says at each moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from recorder_desktop.core.bandwidth import BandwidthPlan

LOOK_EVERY_S = 20.0
"""The wall clock may be set, and the computer may sleep: so the plan is looked at, its next change not awaited."""


class BandwidthClock:
    """A thread that follows a plan; a plan without windows needs none.

    Attributes:
        threads: for whoever waits for their end.
    """

    def __init__(
        self,
        limit_to: Callable[[int | None], None],
        plan: BandwidthPlan,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._limit_to = limit_to
        self._now = now
        self._plan = plan
        self._changed = threading.Event()
        self._closing = False
        self._apply()
        self.threads = [threading.Thread(target=self._run, name="bandwidth", daemon=True)]
        for thread in self.threads:
            thread.start()

    def set_plan(self, plan: BandwidthPlan) -> None:
        """Follow another plan from now on."""
        self._plan = plan
        self._apply()
        self._changed.set()

    def ask_to_close(self) -> None:
        """Let the thread end."""
        self._closing = True
        self._changed.set()

    def _run(self) -> None:
        while not self._closing:
            self._changed.wait(LOOK_EVERY_S if self._plan.windows else None)
            self._changed.clear()
            self._apply()

    def _apply(self) -> None:
        self._limit_to(self._plan.limit_at(self._now()))
