"""How many part URLs one core presigns in a second: `python -m tests.benchmarks.presigning`.

All three sign the same parts of the same upload, length and checksum included, in turn; processor time counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from backend.adapters.s3_clients import S3Connection, client_for
from backend.adapters.s3_presigner import presigner_for
from tests.benchmarks.report import Section, Table

ROUNDS = 5
URLS = 500
CONNECTION = S3Connection("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "eu-central-1")
BUCKET, KEY, UPLOAD_ID = "recordings", "recordings/talk-1767225600000-1f0c2a9b7d3e.mp4", "1f0c2a9b7d3e" * 5
LENGTH, CHECKSUM = 8 * 1024 * 1024, "rosUhgp5mIg="
OURS = "recorder"

Sign = Callable[[int], str]


def measure(rounds: int) -> Section:
    """Measure every signer in each round."""
    signers: Mapping[str, Sign] = {"boto3's client": _client(), "botocore's signer": _plain(), OURS: _ours()}
    rates: dict[str, list[float]] = {name: [] for name in signers}
    for _ in range(rounds):
        for name, sign in signers.items():
            rates[name].append(_urls_per_s(sign))
    found = {name: median(each) for name, each in rates.items()}
    rows = [[name, f"{rate:,.0f}", f"{rate / found[OURS]:.3f}"] for name, rate in found.items()]
    method = (__doc__ or "").partition("\n\n")[2].strip()
    return Section("Presigning", method, [Table("Part URLs", ["signer", "URLs/s", "of recorder's"], rows)])


def _urls_per_s(sign: Sign) -> float:
    sign(1)
    began = time.process_time()
    for number in range(1, URLS + 1):
        sign(number)
    return URLS / (time.process_time() - began)


def _client() -> Sign:
    client = client_for(CONNECTION, None, retries=True)
    same = {
        "Bucket": BUCKET,
        "Key": KEY,
        "UploadId": UPLOAD_ID,
        "ContentLength": LENGTH,
        "ChecksumCRC64NVME": CHECKSUM,
    }

    def sign(number: int) -> str:
        return str(
            client.generate_presigned_url("upload_part", Params={**same, "PartNumber": number}, ExpiresIn=3600)
        )

    return sign


def _plain() -> Sign:
    signer: Any = S3SigV4QueryAuth(
        Credentials(CONNECTION.access_key, CONNECTION.secret_key), "s3", CONNECTION.region, expires=3600
    )
    headers = {"Content-Length": str(LENGTH), "x-amz-checksum-crc64nvme": CHECKSUM}
    url = f"https://{BUCKET}.s3.{CONNECTION.region}.amazonaws.com/{KEY}?uploadId={UPLOAD_ID}&partNumber="

    def sign(number: int) -> str:
        request = AWSRequest("PUT", f"{url}{number}", headers=headers)
        signer.add_auth(request)
        return str(request.url)

    return sign


def _ours() -> Sign:
    presigner = presigner_for(CONNECTION, client_for(CONNECTION, None, retries=True), BUCKET)
    headers = {"content-length": str(LENGTH), "x-amz-checksum-crc64nvme": CHECKSUM}

    def sign(number: int) -> str:
        return presigner.presign("PUT", KEY, {"uploadId": UPLOAD_ID, "partNumber": str(number)}, headers, 3600)

    return sign


def main() -> None:
    """Print the URLs a second of each, and what part that is of ours; medians."""
    [table] = measure(ROUNDS).tables
    for name, rate, ratio in table.rows:
        print(f"{name:<20} {rate:>8} URLs/s   {ratio} of {OURS}'s")


if __name__ == "__main__":
    main()
