"""Decides which parts remain to be sent. Touches neither disk nor network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recorder_desktop.core.model import ConfirmedPart, PartRange, RemotePart
from recorder_desktop.core.parts import PartPlan


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """keep: confirmed here and held by the store. verify: held by the store under an ETag that this computer does
    not know; to be compared with the file before it counts. send: everything else."""

    keep: tuple[ConfirmedPart, ...]
    verify: tuple[tuple[PartRange, RemotePart], ...]
    send: tuple[PartRange, ...]


def reconcile(plan: PartPlan, local: Sequence[ConfirmedPart], remote: Sequence[RemotePart]) -> ResumePlan:
    """Compare what this computer remembers with what the store holds: the store is right about what it holds, and
    nothing counts whose number, size and ETag do not agree on both sides.
    """
    known = {part.number: part for part in local}
    held = {part.number: part for part in remote}
    keep: list[ConfirmedPart] = []
    verify: list[tuple[PartRange, RemotePart]] = []
    send: list[PartRange] = []
    for part in plan:
        there = held.get(part.number)
        here = known.get(part.number)
        if there is None or there.size_bytes != part.size_bytes:
            send.append(part)
        elif here is not None and here.size_bytes == part.size_bytes and same_etag(here.etag, there.etag):
            keep.append(here)
        else:
            verify.append((part, there))
    return ResumePlan(tuple(keep), tuple(verify), tuple(send))


def same_etag(one: str, other: str) -> bool:
    """Whether two spellings name the same ETag; stores differ in quotes between a PUT's answer and a listing."""
    return one.strip('"') == other.strip('"')
