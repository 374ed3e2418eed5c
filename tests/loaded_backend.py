"""What a backend loads, and what botocore's files say of S3: the same for every backend.

Imported by the process that ``tests.preloaded`` forks, and by nobody else.
"""

from __future__ import annotations

import gc
import importlib

from backend.adapters.s3_clients import S3Connection, client_for

# The last ones are loaded at first use.
for name in (
    *("backend.server", "backend.check", "backend.account_service"),
    *("anyio._backends._asyncio", "botocore.httpsession", "pydantic.v1", "pymongo", "sqlite3"),
    *("uvicorn.lifespan.on", "uvicorn.loops.asyncio"),
):
    importlib.import_module(name)
client_for(S3Connection("access", "secret", "us-east-1"), None, retries=False)  # connects at first use
# In the forks, a look for garbage through all of this would find none and copy its memory.
gc.freeze()
