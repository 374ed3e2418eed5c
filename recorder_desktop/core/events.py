"""What the engine tells whoever listens. Events carry names, not state: ask the queue for the present view."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class UploadsAdded:
    """Rows were appended to the queue, in this order."""

    upload_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UploadChanged:
    """State, problem, progress or speed of one upload differ from before. Comes often while bytes move.

    at_rest: it is where it does not go on by itself, such as completed.
    """

    upload_id: str
    at_rest: bool = False


@dataclass(frozen=True, slots=True)
class UploadsRemoved:
    """Rows left the queue."""

    upload_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UploadsMoved:
    """Rows stand elsewhere in the queue: their positions say where."""

    upload_ids: tuple[str, ...]


class ServiceState(Enum):
    """How the place that uploads go to is doing."""

    STARTING = "starting"
    READY = "ready"
    HELD_UP = "held_up"  # it is there, and what was sent did not go through
    UNREACHABLE = "unreachable"
    SIGN_IN = "sign_in"
    BUCKET = "bucket"  # what was entered for this bucket of the person's own does not work


@dataclass(frozen=True, slots=True)
class ServiceChanged:
    """The destination's condition changed; `message` is empty when all is well."""

    destination: str
    state: ServiceState
    message: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person should know once, in one or two sentences."""

    message: str


Event = UploadsAdded | UploadChanged | UploadsRemoved | UploadsMoved | ServiceChanged | Notice
