"""Sends one part once: hash, presign, PUT, and make sure that the file stood still meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recorder_desktop.core.errors import Refused, UrlRefused
from recorder_desktop.core.model import ChecksumAlgorithm, ConfirmedPart, PartRange, RemoteUpload
from recorder_desktop.core.ports import PartSender, UploadBackend
from recorder_desktop.core.progress import LiveProgress
from recorder_desktop.transfer.part_reader import PartDigest, PartReader
from recorder_desktop.transfer.source_file import SourceFile
from recorder_desktop.transfer.stop_token import StopToken


@dataclass(frozen=True, slots=True)
class PartTask:
    """What is the same for all parts of one upload. `on_moved` is called as bytes go out."""

    source: SourceFile
    remote: RemoteUpload
    backend: UploadBackend
    sender: PartSender
    progress: LiveProgress
    on_moved: Callable[[], None]

    def run(self, part: PartRange, reader: PartReader, stop: StopToken) -> ConfirmedPart:
        """Send `part` and return what the store acknowledged.

        The bytes are read twice, for the checksum and for the wire; what changes in between no longer matches the
        checksum in the signed URL, so the store refuses it. Raises core.errors, Interrupted.
        """
        self.source.check()
        with_md5 = self.remote.checksum_algorithm is ChecksumAlgorithm.MD5
        digest = reader.digest(self.source.path, part, stop, with_md5=with_md5)
        etag = self._send(part, digest, reader, stop)
        self.source.check()
        return ConfirmedPart(part.number, part.size_bytes, etag, digest.crc64nvme)

    def _send(self, part: PartRange, digest: PartDigest, reader: PartReader, stop: StopToken) -> str:
        try:
            return self._put(part, digest, reader, stop)
        except UrlRefused:  # expired while the computer slept, most likely
            self.progress.dropped(part.number)
        try:
            return self._put(part, digest, reader, stop)
        except UrlRefused as exc:
            raise Refused(
                "The store refuses even a fresh upload address. "
                "Check that the clocks are right and that the server's storage keys are valid, then retry.",
                code="store_refused",
            ) from exc

    def _put(self, part: PartRange, digest: PartDigest, reader: PartReader, stop: StopToken) -> str:
        stop.check()
        signed = self.backend.presign_part(self.remote, part, self._checksum(digest))
        body = reader.body(self.source.path, part)
        return self.sender.send(signed, body, lambda count: self._moved(part, count), stop)

    def _moved(self, part: PartRange, count: int) -> None:
        self.progress.sent(part.number, count)
        self.on_moved()

    def _checksum(self, digest: PartDigest) -> str | None:
        match self.remote.checksum_algorithm:
            case ChecksumAlgorithm.CRC64NVME:
                return digest.crc64nvme_base64
            case ChecksumAlgorithm.MD5:
                return digest.md5_base64
            case None:
                return None
