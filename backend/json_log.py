"""The service's log: one JSON object a line on standard error, never a secret in it."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from functools import lru_cache

# A traceback can quote a URL or a header: what signs a request is cut out whatever its context.
_SECRETS = re.compile(
    r"((?:X-Amz-(?:Signature|Credential|Security-Token)|\bSignature)(?:=|%3D))[^&\s\"'\\]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^\"]*"
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(mongodb(?:\+srv)?://)[^@/\s]+@",
    re.IGNORECASE,
)
_MARKS = ("x-amz-", "signature", "private key", "eyj", "mongodb")


def mask_secrets(text: str) -> str:
    """Return the text with signatures, tokens and database passwords replaced by ``***``."""
    # Nearly no line holds any of them, and the search through it would cost as much as all else about the line.
    lowered = text.lower()
    if not any(mark in lowered for mark in _MARKS):
        return text
    return _SECRETS.sub(lambda found: (found[1] or found[2] or "") + "***" + ("@" if found[2] else ""), text)


def set_up_logging() -> None:
    """Send all logging of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    # Nothing of it is in a line, and finding it out costs more than writing the line (Python's logging guide).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 - the guide's own way to say so
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for talkative in ("botocore", "boto3", "urllib3", "pymongo", "uvicorn"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


class JsonLines(logging.Formatter):
    """Formats a log record as one JSON object a line, without the secrets that a traceback might carry.

    A record's ``fields``, where it has some, are the text of further members.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        members = [
            f'"time": "{_second(int(record.created))}", "level": "{record.levelname.lower()}"',
            f'"logger": "{record.name}", "message": {json.dumps(record.getMessage())}',
        ]
        if hasattr(record, "fields"):
            members.append(record.fields)
        if record.exc_info:
            members.append(f'"traceback": {json.dumps(self.formatException(record.exc_info))}')
        return mask_secrets(f"{{{', '.join(members)}}}")


@lru_cache(maxsize=2)
def _second(since_1970_s: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(since_1970_s))
