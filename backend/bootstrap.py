"""Wires settings, adapters, services and the web application. Nobody else but ``databases`` knows the adapters."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import timedelta
from functools import partial

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from backend.abort_service import AbortService
from backend.account_standing import AccountStanding
from backend.adapters.s3_bucket_setup import S3BucketSetup
from backend.adapters.s3_clients import CallObserver, S3Connection
from backend.adapters.s3_object_store import S3ObjectStore, StoreOptions
from backend.auth_service import AuthService, PreviousSecret, TokenRules
from backend.batch_service import BatchService
from backend.bucket_setup import BucketSetup
from backend.completion_service import CompletionService
from backend.content_service import ContentService
from backend.databases import Records, build_records
from backend.duration_service import DurationService
from backend.folder_service import FolderService
from backend.housekeeping import REAP, Housekeeping
from backend.http.application import HttpOptions, create_app, uncounted, uncounted_at_hand
from backend.http.on_the_spot import AtHand
from backend.http.routes.metrics import MetricsPage
from backend.http.services import Services
from backend.json_log import set_up_logging
from backend.live_feed import LiveFeed
from backend.login_attempts import LoginAttempts
from backend.media_probe import MediaProbe
from backend.metered_catalogue import counted, timed
from backend.metrics import CONTENT_TYPE, Metrics, Prices
from backend.model import Recording
from backend.owned_sessions import OwnedSessions
from backend.passwords import Passwords
from backend.ports import Catalogue, Leases, ObjectStore
from backend.progress_service import ProgressService
from backend.rate_limit_service import RateLimitService
from backend.reaper_service import ReaperService
from backend.recording_service import RecordingService
from backend.settings import AuthSettings, ServiceSettings, StoreSettings, load
from backend.sign_in_service import Lifetimes, SignInService
from backend.steps import KillPoint
from backend.survey_service import SurveyService
from backend.upload_service import UploadPolicy, UploadService

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
# How ``serve`` hands its options to worker processes, which are started anew and read only the environment.
CREATE_BUCKET_VARIABLE = "RECORDER_CREATE_BUCKET"
BIND_HOST_VARIABLE = "RECORDER_BIND_HOST"


def create_application() -> FastAPI:
    """Return the application as the environment describes it. Raises BadSettings. Makes no network call."""
    auth, store_settings, service = build_auth(load(AuthSettings)), load(StoreSettings), load(ServiceSettings)
    metrics = Metrics(Prices(service.s3_price_put_per_1000, service.s3_price_get_per_1000))
    store, kept = _killable(build_store(store_settings, metrics.store_called), build_records(service))
    measured = _measured(kept, metrics)
    catalogue = counted(measured.catalogue, metrics, "aborted")
    records = replace(measured, catalogue=catalogue)
    durations = DurationService(store, catalogue, MediaProbe(service.ffprobe_command).duration_s)
    contents = ContentService(store, records.content_checks)

    def on_recorded(recording: Recording) -> None:
        contents.add(recording)
        durations.add(recording)

    sessions, standing = OwnedSessions(catalogue), AccountStanding(records.accounts)
    completion = CompletionService(
        store, catalogue, sessions, on_recorded, folders=records.folders, max_file_bytes=service.max_file_size
    )
    aborts = AbortService(store, catalogue, completion, service.presign_ttl_seconds)
    reaped = counted(measured.catalogue, metrics, "reaped")
    reaper_aborts = AbortService(store, reaped, completion, service.presign_ttl_seconds)
    reaper = ReaperService(reaped, completion, reaper_aborts, _max_idle(service))
    housekeeping = Housekeeping(
        store,
        catalogue,
        completion,
        durations,
        reaper,
        contents=contents,
        survey=SurveyService(store, catalogue),
        leases=records.leases,
        create_bucket=os.environ.get(CREATE_BUCKET_VARIABLE) == "1",
        when_warm=_freeze,
        look=partial(_look, metrics, catalogue, records.leases),
    )
    progress, live = ProgressService(store, sessions, records.progress), LiveFeed(catalogue, records.progress)
    uploads = UploadService(
        store,
        catalogue,
        sessions,
        completion,
        aborts,
        folders=records.folders,
        policy=_policy(service),
        on_signed=progress.signed,
    )
    services = Services(
        uploads=uploads,
        batches=BatchService(store, catalogue, sessions, uploads, completion, folders=records.folders),
        completion=completion,
        recordings=RecordingService(store, catalogue, aborts, service.presign_ttl_seconds),
        folders=FolderService(records.folders),
        sign_ins=_sign_ins(records, auth, service),
        progress=progress,
        live=live,
        check_ready=housekeeping.check_ready,
        bucket=store.bucket,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        works = (housekeeping, progress, live, sessions.answers, standing.answers)
        for work in works:
            work.start()
        yield
        for work in reversed(works):
            work.stop()
        catalogue.close()

    set_up_logging()
    limit = service.rate_limit_per_minute
    limits = RateLimitService(records.request_counts, limit) if limit else None
    count = partial(count_request, limits) if limits else uncounted
    user_of = partial(signed_in_user, auth, standing)
    at_hand = AtHand(partial(user_at_hand, auth, standing), limits.take if limits else uncounted_at_hand)
    return create_app(
        services,
        user_of,
        count,
        _http_options(service),
        lifespan,
        at_hand=at_hand,
        on_request=metrics.request_done,
        metrics=_metrics_page(service, metrics),
    )


def _killable(store: ObjectStore, records: Records) -> tuple[ObjectStore, Records]:
    """Return both as they are, unless a test wants this process to end after a step: see ``backend.steps``."""
    kill_point = KillPoint.armed(os.environ)
    if kill_point is None:
        return store, records
    return kill_point.around(store), replace(records, catalogue=kill_point.around(records.catalogue))


async def signed_in_user(auth: AuthService, standing: AccountStanding, token: str) -> str:
    """Return the user of a token, see ``AuthService.user_of``, whose account has not been disabled.

    On a thread only where an issuer or the database may be waited for. Raises NotSignedIn.
    """
    user = await run_in_threadpool(auth.user_of, token) if auth.may_wait else auth.user_of(token)
    if not standing.take(user):
        await run_in_threadpool(standing.ask, user)
    return user


def user_at_hand(auth: AuthService, standing: AccountStanding, token: str) -> str | None:
    """Return what ``signed_in_user`` would, None where it would have to find out. Waits for nobody."""
    user = auth.user_at_hand(token)
    return user if user is not None and standing.take(user) else None


async def count_request(limits: RateLimitService, who: str) -> None:
    """Count a request; on a thread only where the shared count has to be asked. Raises TooManyRequests."""
    if not limits.take(who):
        await run_in_threadpool(limits.reserve, who)


def _freeze() -> None:
    """Keep the garbage collector from all that is there by now and stays: a full pass holds up every request.

    Over the 136,000 objects of the loaded libraries one takes some 50 to 100 ms of processor time.
    """
    gc.collect()
    gc.freeze()


def _look(metrics: Metrics, catalogue: Catalogue, leases: Leases) -> None:
    """Set the gauges: what all instances together have open, and what whichever of them looked found of others."""
    metrics.open_uploads.set(catalogue.count_open_sessions())
    foreign = leases.found(REAP)
    if foreign is not None:
        metrics.orphaned_uploads.set(foreign)


def build_survey(catalogue: Catalogue) -> SurveyService:
    """Return the service that looks at all open multipart uploads of the bucket. Raises BadSettings."""
    return SurveyService(build_store(load(StoreSettings)), catalogue)


def build_reaper(records: Records) -> ReaperService:
    """Return the service that gives up old uploads. Raises BadSettings."""
    catalogue = records.catalogue
    store, service = build_store(load(StoreSettings)), load(ServiceSettings)
    # Durations of what it records are found by the service, at its next start or round.
    completion = CompletionService(
        store, catalogue, OwnedSessions(catalogue), lambda _: None, folders=records.folders
    )
    aborts = AbortService(store, catalogue, completion, service.presign_ttl_seconds)
    return ReaperService(catalogue, completion, aborts, _max_idle(service))


def build_auth(settings: AuthSettings) -> AuthService:
    """Return the service that checks and mints tokens."""
    secret = settings.jwt_secret
    return AuthService(
        TokenRules(
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            secret=secret.get_secret_value() if secret else None,
            kid=settings.jwt_kid,
            previous=[PreviousSecret(*entry) for entry in settings.previous_secrets()],
            jwks_url=settings.jwt_jwks_url,
        )
    )


def build_bucket_setup(settings: StoreSettings) -> BucketSetup:
    """Return what looks at the bucket's rules and the key's rights; it connects at first use."""
    return S3BucketSetup(_connection(settings), settings.s3_bucket)


def _connection(settings: StoreSettings) -> S3Connection:
    token = settings.aws_session_token
    return S3Connection(
        settings.aws_access_key.get_secret_value(),
        settings.aws_secret_key.get_secret_value(),
        settings.aws_region,
        settings.s3_endpoint_url,
        token.get_secret_value() if token else None,
    )


def build_store(settings: StoreSettings, on_call: CallObserver | None = None) -> ObjectStore:
    """Return the object store; it connects at first use. ``on_call`` is told of every request to it."""
    return S3ObjectStore(
        StoreOptions(
            _connection(settings),
            settings.s3_bucket,
            settings.s3_checksum,
            settings.s3_public_endpoint_url,
            settings.cdn_base_url,
            settings.cloudfront_key_id,
            settings.cloudfront_pem(),
        ),
        on_call,
    )


def _measured(records: Records, metrics: Metrics) -> Records:
    """Return the records with the time of every operation measured."""
    return Records(*(timed(getattr(records, kept.name), metrics) for kept in fields(Records)))


def _sign_ins(records: Records, auth: AuthService, settings: ServiceSettings) -> SignInService:
    lifetimes = Lifetimes(settings.access_token_seconds, timedelta(days=settings.refresh_token_days))
    attempts = LoginAttempts(records.request_counts, settings.login_tries_per_minute)
    return SignInService(records.accounts, auth, attempts, Passwords(), lifetimes)


def _max_idle(settings: ServiceSettings) -> timedelta:
    # Whoever still has valid URLs need not have been heard of.
    return max(timedelta(hours=settings.upload_max_age_hours), timedelta(seconds=settings.presign_ttl_seconds))


def _policy(settings: ServiceSettings) -> UploadPolicy:
    allowed = frozenset(item.lower() for item in settings.allowed_content_types)
    return UploadPolicy(settings.presign_ttl_seconds, settings.max_file_size, allowed)


def _metrics_page(settings: ServiceSettings, metrics: Metrics) -> MetricsPage | None:
    if settings.metrics == "off":
        return None
    token = settings.metrics_token
    return MetricsPage(metrics.page, CONTENT_TYPE, token.get_secret_value() if token else None)


def _http_options(settings: ServiceSettings) -> HttpOptions:
    bound = os.environ.get(BIND_HOST_VARIABLE)
    hosts = settings.allowed_hosts or (*LOOPBACK_HOSTS, *([bound] if bound else []))
    return HttpOptions(hosts, settings.cors_origins, settings.trusted_proxies)
