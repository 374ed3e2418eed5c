"""The routes under ``/s3`` that do for many small files at once what others do for each."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from backend.errors import BackendError
from backend.http.routes.request import ERRORS, user_of
from backend.http.schemas import batches as schemas
from backend.http.schemas.recordings import RecordingAnswer
from backend.http.services import Services
from backend.model import Recording


def batch_routes(services: Services) -> APIRouter:
    """Return the routes for several uploads at once."""
    router = APIRouter(prefix="/s3", tags=["uploads"], responses=ERRORS)
    batches = services.batches

    @router.post("/init-uploads", response_model_exclude_unset=True)
    async def init_uploads(body: schemas.InitManyBody, request: Request) -> schemas.OpenedManyAnswer:
        """Open up to 100 uploads, each as `/s3/init-upload` does; one that fails keeps no other from being opened."""
        opened = await run_in_threadpool(batches.init, user_of(request), body.to_model())
        items = [schemas.OneOpenedAnswer.of(each, services.bucket) for each in opened]
        return schemas.OpenedManyAnswer(items=items)

    @router.post("/complete-uploads", response_model_exclude_unset=True)
    async def complete_uploads(body: schemas.CompleteManyBody, request: Request) -> schemas.CompletedManyAnswer:
        """Complete up to 100 uploads, each as `/s3/complete-upload` does; one that fails holds up no other."""
        completed = await run_in_threadpool(batches.complete, user_of(request), body.to_model())
        return schemas.CompletedManyAnswer(items=[answer(each) for each in completed])

    def answer(outcome: Recording | BackendError) -> schemas.OneCompletedAnswer:
        if isinstance(outcome, BackendError):
            return schemas.OneCompletedAnswer(error=schemas.OneErrorAnswer.of(outcome))
        told = RecordingAnswer.of(outcome, services.recordings.file_url(outcome))
        return schemas.OneCompletedAnswer(recording=told)

    return router
