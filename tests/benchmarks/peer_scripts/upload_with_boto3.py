"""Uploads one file with boto3: FILE BUCKET KEY ENDPOINT PART_BYTES CONCURRENCY none|crc64 [AUTHORITY.pem]."""

from __future__ import annotations

import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

file, bucket, key, endpoint, part_bytes, concurrency, checksum, *authority = sys.argv[1:]
client = boto3.client(
    "s3",
    endpoint_url=endpoint,
    verify=authority[0] if authority else None,
    config=Config(
        s3={"addressing_style": "path", "payload_signing_enabled": False},
        request_checksum_calculation="when_required",
        max_pool_connections=int(concurrency),
        proxies={},
    ),
)
settings = TransferConfig(
    multipart_chunksize=int(part_bytes), max_concurrency=int(concurrency), preferred_transfer_client="classic"
)
checked = {"ChecksumAlgorithm": "CRC64NVME"} if checksum == "crc64" else None
client.upload_file(file, bucket, key, Config=settings, ExtraArgs=checked)
