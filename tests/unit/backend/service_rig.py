"""The upload services on fakes, and a client that uploads through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.abort_service import AbortService
from backend.auth_service import AuthService, TokenRules
from backend.batch_service import BatchService
from backend.completion_rules import Completion
from backend.completion_service import CompletionService
from backend.folder_service import FolderService
from backend.http.application import HttpOptions, create_app, uncounted
from backend.http.routes.metrics import MetricsPage
from backend.http.services import Services
from backend.live_feed import LiveFeed
from backend.login_attempts import LoginAttempts
from backend.model import ChecksumAlgorithm, CompletedPart, Recording, UploadSession
from backend.owned_sessions import OwnedSessions
from backend.passwords import Passwords
from backend.progress_service import ProgressService
from backend.recording_service import RecordingService
from backend.sign_in_service import Lifetimes, SignInService
from backend.upload_service import NewUpload, UploadPolicy, UploadService
from tests.fakes.memory_accounts import MemoryAccounts
from tests.fakes.memory_catalogue import MemoryCatalogue
from tests.fakes.memory_folders import MemoryFolders
from tests.fakes.memory_object_store import MemoryObjectStore
from tests.fakes.memory_progress_board import MemoryProgressBoard
from tests.fakes.memory_request_counts import MemoryRequestCounts

CLIENT_ID = "0e7d9d0c-6a55-4a3c-9a3e-0d1e6b1b6c1a"


@dataclass
class Rig:
    """Fakes, services, and what was recorded."""

    store: MemoryObjectStore = field(default_factory=MemoryObjectStore)
    catalogue: MemoryCatalogue = field(default_factory=MemoryCatalogue)
    accounts: MemoryAccounts = field(default_factory=MemoryAccounts)
    recorded: list[Recording] = field(default_factory=list)
    policy: UploadPolicy = field(default_factory=UploadPolicy)
    now_s: float = 0.0  # what the progress service's clock shows

    def __post_init__(self) -> None:
        self.sessions = OwnedSessions(self.catalogue)
        self.kept_folders = MemoryFolders(self.catalogue)
        self.request_counts = MemoryRequestCounts()
        self.completion = CompletionService(
            self.store, self.catalogue, self.sessions, self.recorded.append, folders=self.kept_folders
        )
        self.aborts = AbortService(self.store, self.catalogue, self.completion, self.policy.presign_ttl_s)
        self.recordings = RecordingService(self.store, self.catalogue, self.aborts, self.policy.presign_ttl_s)
        self.folders = FolderService(self.kept_folders)
        self.passwords = Passwords(memory_kib=8)  # as cheap as the library allows
        auth = AuthService(TokenRules("recorder-backend", "recorder", "s" * 40))
        attempts = LoginAttempts(self.request_counts, 20)
        self.sign_ins = SignInService(self.accounts, auth, attempts, self.passwords, Lifetimes())
        self.board = MemoryProgressBoard(self.catalogue)
        self.progress = ProgressService(self.store, self.sessions, self.board, lambda: self.now_s)
        self.live = LiveFeed(self.catalogue, self.board)
        self.uploads = UploadService(
            self.store,
            self.catalogue,
            self.sessions,
            self.completion,
            self.aborts,
            folders=self.kept_folders,
            policy=self.policy,
            on_signed=self.progress.signed,
        )
        self.batches = BatchService(
            self.store, self.catalogue, self.sessions, self.uploads, self.completion, folders=self.kept_folders
        )

    def services(self) -> Services:
        """Return what the routes call."""
        return Services(
            self.uploads,
            self.batches,
            self.completion,
            self.recordings,
            self.folders,
            self.sign_ins,
            self.progress,
            self.live,
            lambda: None,
            "bucket",
        )

    def init(self, owner_id: str = "alice", **changes: Any) -> UploadSession:
        values: dict[str, Any] = {
            "file_name": "talk.mp4",
            "content_type": "video/mp4",
            "client_upload_id": CLIENT_ID,
            "checksum_algorithms": (ChecksumAlgorithm.CRC64NVME,),
        }
        return self.uploads.init(owner_id, NewUpload(**(values | changes))).session

    def send(self, session: UploadSession, *bodies: bytes) -> list[CompletedPart]:
        upload_id = session.upload_id or ""
        return [CompletedPart(n, self.store.put_part(upload_id, n, body)) for n, body in enumerate(bodies, 1)]

    def complete(self, session: UploadSession, parts: Sequence[CompletedPart], **completion: Any) -> Recording:
        return self.completion.complete(
            session.owner_id, session.upload_id or "", session.key, Completion(parts, **completion)
        )


def signed_in(rig: Rig, metrics: MetricsPage | None = None) -> httpx.AsyncClient:
    """Return Alice's client of the whole web application on these services, without a network between."""

    async def user_of(token: str) -> str:
        return token

    app = create_app(rig.services(), user_of, uncounted, HttpOptions(["testserver"]), metrics=metrics)
    headers = {"Authorization": "Bearer alice"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver", headers=headers)
