"""Signs addresses of a CloudFront distribution that shows its objects only to who has one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key


class CloudFrontLinks:
    """Signs with one key of a key group that the distribution trusts. Any thread may call."""

    def __init__(self, key_id: str, pem: bytes) -> None:
        """Take an RSA key in PEM; raises ValueError for anything else."""
        key = cast("RSAPrivateKey", load_pem_private_key(pem, password=None))
        # SHA-1 is what CloudFront checks; nobody but the key's owner chooses what is signed.
        self._signer = CloudFrontSigner(key_id, lambda policy: key.sign(policy, PKCS1v15(), SHA1()))  # noqa: S303

    def sign(self, url: str, expires_in_s: int) -> str:
        """Return the address, valid for so long, with exactly this query."""
        until = datetime.now(UTC) + timedelta(seconds=expires_in_s)
        return str(self._signer.generate_presigned_url(url, date_less_than=until))
