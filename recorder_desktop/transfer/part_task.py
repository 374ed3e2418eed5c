"""Prepares and sends parts: checksums and URLs ahead, then one PUT, with a fresh URL if the old one is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recorder_desktop.core.concurrency import ConcurrencyController
from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.errors import Refused, SlowDown, Stalled, StoreTrouble, UrlRefused
from recorder_desktop.core.model import ChecksumAlgorithm, ConfirmedPart, PartRange, RemoteUpload, SignedPart
from recorder_desktop.core.ports import Lane, UploadBackend
from recorder_desktop.core.precedence import let_pass
from recorder_desktop.core.progress import LiveProgress
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer.source_file import SourceFile

_EXPIRES_EARLY_S = 5.0
"""A URL this close to its end is not worth a try: the store checks it when the request arrives."""


@dataclass(frozen=True, slots=True)
class PreparedPart:
    """A part with its checksum and leave to send it. `usable_until` is monotonic: no laptop's clock can matter."""

    digest: PartDigest
    signed: SignedPart
    usable_until: float

    @classmethod
    def of(cls, digest: PartDigest, signed: SignedPart) -> PreparedPart:
        """A part whose URL has arrived just now."""
        return cls(digest, signed, time.monotonic() + signed.valid_for_s - _EXPIRES_EARLY_S)

    @property
    def part(self) -> PartRange:
        """Which bytes."""
        return self.digest.part


@dataclass(frozen=True, slots=True)
class AttemptTally:
    """Implements core.ports.Tally for one attempt at a part."""

    part_number: int
    concurrency: ConcurrencyController
    progress: LiveProgress
    on_moved: Callable[[int], None]

    def moved(self, size_bytes: int) -> None:
        """Count bytes that the network has taken."""
        self.progress.sent(self.part_number, size_bytes)
        self.concurrency.moved(size_bytes, time.monotonic())
        self.on_moved(size_bytes)

    def waited(self) -> None:
        """A person's limit is no limit of the line."""
        self.concurrency.starved(time.monotonic())


@dataclass(frozen=True, slots=True)
class PartTask:
    """What is the same for all parts of one upload. `on_moved` is told the bytes as they go out."""

    source: SourceFile
    remote: RemoteUpload
    backend: UploadBackend
    concurrency: ConcurrencyController
    progress: LiveProgress
    on_moved: Callable[[int], None]

    def digest(self, part: PartRange, lane: Lane, stop: StopToken) -> PartDigest:
        """Return the checksum that a URL for this part is made for, as the file is now."""
        with lane.access:
            self.source.check()
        with_md5 = self.remote.checksum_algorithm is ChecksumAlgorithm.MD5
        return lane.digest(self.source.path, part, stop, with_md5=with_md5)

    def sign(self, digests: Sequence[PartDigest]) -> list[PreparedPart]:
        """Return the parts with fresh URLs."""
        wanted = [digest.to_sign(self.remote.checksum_algorithm) for digest in digests]
        signed = self.backend.presign_parts(self.remote, wanted)
        return [PreparedPart.of(digest, url) for digest, url in zip(digests, signed, strict=True)]

    def send(self, prepared: PreparedPart, lane: Lane, stop: StopToken) -> ConfirmedPart:
        """Send a part and return what the store acknowledged.

        The bytes are read twice, for the checksum and for the wire; what changes in between no longer matches the
        checksum in the signed URL, so the store refuses it. Raises core.errors, Interrupted.
        """
        with lane.access:
            self.source.check()
        etag = self._put_with_a_valid_url(prepared, lane, stop)
        let_pass()
        with lane.access:
            self.source.check()
        part = prepared.part
        return ConfirmedPart(part.number, part.size_bytes, etag, prepared.digest.crc64nvme)

    def _put_with_a_valid_url(self, prepared: PreparedPart, lane: Lane, stop: StopToken) -> str:
        if time.monotonic() < prepared.usable_until:
            try:
                return self._put(prepared, lane, stop)
            except UrlRefused:  # the store's clock and ours need not agree
                self.progress.dropped(prepared.part.number)
        stop.check()
        try:
            return self._put(self.sign([prepared.digest])[0], lane, stop)
        except UrlRefused as exc:
            raise Refused(
                "The store refuses even a fresh upload address. "
                "Check that the clocks are right and that the server's storage keys are valid, then retry.",
                code="store_refused",
            ) from exc

    def _put(self, prepared: PreparedPart, lane: Lane, stop: StopToken) -> str:
        stop.check()
        tally = AttemptTally(prepared.part.number, self.concurrency, self.progress, self.on_moved)
        try:
            etag = lane.send(prepared.signed, self.source.path, prepared.part, tally, stop)
        except SlowDown:
            self.concurrency.slowed(time.monotonic())
            raise
        except (Stalled, StoreTrouble):
            self.concurrency.timed_out(time.monotonic())
            raise
        self.concurrency.confirmed(prepared.part.size_bytes, time.monotonic())
        return etag
