"""Uploads one file with awscrt: FILE BUCKET KEY ENDPOINT PART_BYTES CONCURRENCY none|crc64 [AUTHORITY.pem]."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from awscrt.auth import AwsCredentialsProvider
from awscrt.http import HttpHeaders, HttpRequest
from awscrt.io import ClientTlsContext, TlsContextOptions
from awscrt.s3 import (
    S3ChecksumAlgorithm,
    S3ChecksumConfig,
    S3ChecksumLocation,
    S3Client,
    S3RequestTlsMode,
    S3RequestType,
    create_default_s3_signing_config,
)

file, bucket, key, endpoint, part_bytes, concurrency, checksum, *authority = sys.argv[1:]
region = os.environ["AWS_REGION"]
host = urlsplit(endpoint).netloc
trust = {}
if authority:
    options = TlsContextOptions()
    options.override_default_trust_store_from_path(None, authority[0])
    connection_options = ClientTlsContext(options).new_connection_options()
    connection_options.set_server_name("127.0.0.1")
    trust = {"tls_connection_options": connection_options}
client = S3Client(
    region=region,
    tls_mode=S3RequestTlsMode.ENABLED if authority else S3RequestTlsMode.DISABLED,
    signing_config=create_default_s3_signing_config(
        region=region, credential_provider=AwsCredentialsProvider.new_environment()
    ),
    part_size=int(part_bytes),
    max_active_connections_override=int(concurrency),
    **trust,
)
headers = HttpHeaders([("Host", host), ("Content-Length", str(Path(file).stat().st_size))])
sums = S3ChecksumConfig(algorithm=S3ChecksumAlgorithm.CRC64NVME, location=S3ChecksumLocation.TRAILER)
request = client.make_request(
    type=S3RequestType.PUT_OBJECT,
    request=HttpRequest("PUT", f"/{bucket}/{key}", headers),
    send_filepath=file,
    checksum_config=sums if checksum == "crc64" else None,
)
request.finished_future.result(600)
