"""What the routes call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend.batch_service import BatchService
from backend.completion_service import CompletionService
from backend.folder_service import FolderService
from backend.live_feed import LiveFeed
from backend.progress_service import ProgressService
from backend.recording_service import RecordingService
from backend.sign_in_service import SignInService
from backend.upload_service import UploadService


@dataclass(frozen=True)
class Services:
    """What the routes call. ``check_ready`` raises a BackendError while store or catalogue are away."""

    uploads: UploadService
    batches: BatchService
    completion: CompletionService
    recordings: RecordingService
    folders: FolderService
    sign_ins: SignInService
    progress: ProgressService
    live: LiveFeed
    check_ready: Callable[[], None]
    bucket: str
