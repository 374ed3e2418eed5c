"""The text form of checksums. Computes none: the bytes never come here."""

from __future__ import annotations

import base64
import binascii

from backend.errors import InvalidField
from backend.model import ChecksumAlgorithm

_LENGTHS = {ChecksumAlgorithm.CRC64NVME: 8, ChecksumAlgorithm.MD5: 16}


def check_checksum(field: str, algorithm: ChecksumAlgorithm, text: str) -> None:
    """Raise InvalidField for ``field`` unless ``text`` is base64 of as many bytes as the algorithm makes."""
    try:
        size = len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as exc:
        raise InvalidField(field, "not base64") from exc
    if size != _LENGTHS[algorithm]:
        raise InvalidField(field, f"{algorithm} has {_LENGTHS[algorithm]} bytes, not {size}")
