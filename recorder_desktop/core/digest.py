"""The checksums of a part: as they were taken, and as a URL is made for them."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from recorder_desktop.core.model import ChecksumAlgorithm, PartRange


@dataclass(frozen=True, slots=True)
class PartToSign:
    """What a URL for one part is made for. `checksum` is base64, of the upload's algorithm; None without one."""

    number: int
    size_bytes: int
    checksum: str | None


@dataclass(frozen=True, slots=True)
class PartDigest:
    """The checksums of one part; `md5` is None unless it was asked for."""

    part: PartRange
    crc64nvme: int
    md5: bytes | None = None

    @property
    def crc64nvme_base64(self) -> str:
        """As S3 spells it."""
        return as_base64(self.crc64nvme)

    def to_sign(self, algorithm: ChecksumAlgorithm | None) -> PartToSign:
        """What a URL for exactly these bytes is made for."""
        checksum = None
        if algorithm is ChecksumAlgorithm.CRC64NVME:
            checksum = self.crc64nvme_base64
        elif algorithm is ChecksumAlgorithm.MD5:
            checksum = base64.b64encode(self.md5 or b"").decode("ascii")
        return PartToSign(self.part.number, self.part.size_bytes, checksum)

    def matches_etag(self, etag: str) -> bool:
        """Whether a plain-MD5 ETag names these bytes. Not every ETag is an MD5; then this is False."""
        return self.md5 is not None and etag.strip('"').lower() == self.md5.hex()


def as_base64(crc: int) -> str:
    """S3's spelling: base64 of the eight bytes, most significant first. Source: S3 User Guide, object integrity."""
    return base64.b64encode(crc.to_bytes(8, "big")).decode("ascii")
