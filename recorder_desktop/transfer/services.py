"""What every job works with, wired once by the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recorder_desktop.core.concurrency import ConcurrencyController
from recorder_desktop.core.events import Event
from recorder_desktop.core.model import Upload
from recorder_desktop.core.part_size import NEAR_BYTES_PER_S, part_size_hint
from recorder_desktop.core.ports import DataPath, Destinations
from recorder_desktop.core.retry import Backoff
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.lost_uploads import LostUploads
from recorder_desktop.transfer.progress_reports import ProgressReports
from recorder_desktop.transfer.scheduler import Scheduler
from recorder_desktop.transfer.service_status import ServiceStatus
from recorder_desktop.transfer.uplinks import Uplinks


@dataclass(frozen=True, slots=True)
class Services:
    """What every job works with. fixed_part_size: in bytes, as the person set it; None for what suits the line."""

    queue: LiveQueue
    destinations: Destinations
    data_path: DataPath
    concurrency: ConcurrencyController
    scheduler: Scheduler
    status: ServiceStatus
    uplinks: Uplinks
    reports: ProgressReports
    fixed_part_size: Callable[[], int | None]
    emit: Callable[[Event], None]
    backoff: Backoff
    lost: LostUploads

    def part_size_hint(self, upload: Upload) -> int | None:
        """Which part size to ask for: the one a person fixed, else by the last known rate; None without either."""
        rate = self.uplinks.rate(upload.destination)
        if rate is None and self.destinations.is_near(upload.destination):
            rate = NEAR_BYTES_PER_S
        by_rate = part_size_hint(rate, upload.size_bytes, self.concurrency.ceiling)
        return self.fixed_part_size() or by_rate
