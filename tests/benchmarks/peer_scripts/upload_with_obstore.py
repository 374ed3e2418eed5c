"""Uploads one file with obstore: FILE BUCKET KEY ENDPOINT PART_BYTES CONCURRENCY [AUTHORITY.pem]."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.store import S3Store

if TYPE_CHECKING:
    from obstore.store import ClientConfig

file, bucket, key, endpoint, part_bytes, concurrency, *authority = sys.argv[1:]
options: ClientConfig = {"allow_http": True, "timeout": "600s"}
if authority:
    options["root_certificate"] = Path(authority[0]).read_bytes()
store = S3Store(
    bucket,
    endpoint=endpoint,
    virtual_hosted_style_request=False,
    client_options=options,
)
obstore.put(store, key, Path(file), chunk_size=int(part_bytes), max_concurrency=int(concurrency))
