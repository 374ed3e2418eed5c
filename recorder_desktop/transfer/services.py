"""What every job works with, wired once by the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recorder_desktop.core.concurrency import ConcurrencyController
from recorder_desktop.core.events import Event
from recorder_desktop.core.ports import Destinations, PartSender
from recorder_desktop.core.retry import Backoff
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.lost_uploads import LostUploads
from recorder_desktop.transfer.progress_reports import ProgressReports
from recorder_desktop.transfer.rate_limit import RateLimiter
from recorder_desktop.transfer.scheduler import Scheduler
from recorder_desktop.transfer.service_status import ServiceStatus
from recorder_desktop.transfer.uplinks import Uplinks


@dataclass(frozen=True, slots=True)
class Services:
    """What every job works with. fixed_part_size: in bytes, as the person set it; None for what suits the line."""

    queue: LiveQueue
    destinations: Destinations
    sender: PartSender
    limiter: RateLimiter
    concurrency: ConcurrencyController
    scheduler: Scheduler
    status: ServiceStatus
    uplinks: Uplinks
    reports: ProgressReports
    fixed_part_size: Callable[[], int | None]
    emit: Callable[[Event], None]
    backoff: Backoff
    lost: LostUploads
