from __future__ import annotations

import json
import logging

import pytest

from backend.json_log import JsonLines, mask_secrets


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("https://s3.test/k?X-Amz-Date=1&X-Amz-Signature=abc123&x=1", "abc123"),
        ("https://s3.test/k?X-Amz-Credential=AKIA%2F2026&x=1", "AKIA"),
        ("https://d1.cloudfront.net/k?Expires=1&Signature=cf~sig-_&Key-Pair-Id=K", "cf~sig"),
        ('{"x": "-----BEGIN RSA PRIVATE KEY-----\\nMIIEvQ\\n-----END RSA PRIVATE KEY-----"}', "MIIEvQ"),
        ("Bearer eyJhbGciOi.eyJzdWIi.c2ln-_x", "eyJzdWIi"),
        ("mongodb+srv://user:hunter2@db.test/x", "hunter2"),
    ],
)
def test_s24_what_signs_or_signs_in_is_masked(text: str, secret: str) -> None:
    masked = mask_secrets(text)
    assert secret not in masked
    assert "***" in masked


def test_s24_a_traceback_is_masked_too() -> None:
    try:
        raise ValueError("GET /k?X-Amz-Signature=abc123")
    except ValueError:
        record = logging.LogRecord("n", logging.ERROR, "f", 1, "it %s", ("failed",), None)
        import sys

        record.exc_info = sys.exc_info()
    line = json.loads(JsonLines().format(record))
    assert line["message"] == "it failed"
    assert "ValueError" in line["traceback"]
    assert "abc123" not in line["traceback"]
