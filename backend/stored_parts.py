"""Reads the store's part list: which entry of a part counts, and whether the parts make the file. Pure.

A part that was sent twice may be listed twice (SeaweedFS keeps superseded entries and completes with them,
assembling the old bytes), and times have whole seconds, so two entries may look equally new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backend.errors import PartsMismatch
from backend.model import CompletedPart, StoredPart


def newest_parts(listed: Iterable[StoredPart]) -> list[StoredPart]:
    """Return one entry a part number, the newest, sorted by part number."""
    return [candidates[-1] for _, candidates in sorted(_newest_candidates(listed).items())]


def require_parts(listed: Iterable[StoredPart], named: Sequence[CompletedPart], file_size_bytes: int | None) -> None:
    """Raise PartsMismatch unless the named parts are stored, are the newest, and add up to the file.

    Without a known file size every stored part has to be named: a part left out makes a short object.
    The details hold ``missing``, ``superseded`` and ``omitted`` part numbers, ``storedBytes``, ``expectedBytes``.
    """
    candidates = _newest_candidates(listed)
    missing = sorted(part.part_number for part in named if part.part_number not in candidates)
    chosen = {part.part_number: _chosen(part, candidates) for part in named if part.part_number in candidates}
    superseded = sorted(number for number, stored in chosen.items() if stored is None)
    omitted = sorted(candidates.keys() - {part.part_number for part in named})
    stored_bytes = sum(stored.size_bytes for stored in chosen.values() if stored is not None)
    complete = not omitted if file_size_bytes is None else stored_bytes == file_size_bytes
    if missing or superseded or not complete:
        raise PartsMismatch(
            "The stored parts do not make the file: send the missing and superseded ones again.",
            _details(missing, superseded, omitted, stored_bytes, file_size_bytes),
        )


def _details(
    missing: list[int], superseded: list[int], omitted: list[int], stored: int, expected: int | None
) -> dict[str, Any]:
    return {
        "missing": missing,
        "superseded": superseded,
        "omitted": omitted,
        "storedBytes": stored,
        "expectedBytes": expected,
    }


def _newest_candidates(listed: Iterable[StoredPart]) -> Mapping[int, list[StoredPart]]:
    """Group by part number, keeping only the entries that share the latest time."""
    grouped: dict[int, list[StoredPart]] = {}
    for part in listed:
        known = grouped.get(part.part_number)
        if known is None or part.modified_at > known[0].modified_at:
            grouped[part.part_number] = [part]
        elif part.modified_at == known[0].modified_at:
            known.append(part)
    return grouped


def _chosen(named: CompletedPart, candidates: Mapping[int, list[StoredPart]]) -> StoredPart | None:
    matches = (stored for stored in candidates[named.part_number] if stored.etag == named.etag)
    return next(matches, None)
