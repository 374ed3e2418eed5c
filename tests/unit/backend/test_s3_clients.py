from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from backend.adapters.s3_clients import S3Connection, client_for

KEYS = ("access-key-of-the-store", "secret-key-of-the-store")


def presigned(connection: S3Connection) -> str:
    client = client_for(connection, None, retries=False)
    return str(client.generate_presigned_url("get_object", Params={"Bucket": "recordings", "Key": "a.mp4"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_PROFILE", "no-such-profile"),
        ("AWS_DEFAULT_PROFILE", "no-such-profile"),
        ("AWS_ENDPOINT_URL", "http://elsewhere.test"),
        ("AWS_ENDPOINT_URL_S3", "http://elsewhere.test"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_SESSION_TOKEN", "of-someone-else"),
        ("AWS_ACCESS_KEY_ID", "of-someone-else"),
    ],
)
def test_the_persons_aws_variables_have_no_say(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    url = urlsplit(presigned(S3Connection(*KEYS, "eu-central-1")))
    assert (url.hostname, url.path) == ("recordings.s3.eu-central-1.amazonaws.com", "/a.mp4")
    assert parse_qs(url.query)["X-Amz-Credential"][0].startswith(KEYS[0])
    assert "X-Amz-Security-Token" not in url.query


@pytest.mark.parametrize("content", ["[default]\nendpoint_url = http://elsewhere.test\n", "no such format"])
def test_the_persons_aws_files_have_no_say(content: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        (tmp_path / name).write_text(content)
        monkeypatch.setenv(name, str(tmp_path / name))
    url = presigned(S3Connection(*KEYS, "eu-central-1"))
    assert url.startswith("https://recordings.s3.eu-central-1.amazonaws.com/a.mp4?")


def test_temporary_keys_sign_with_their_session_token() -> None:
    url = presigned(S3Connection(*KEYS, "eu-central-1", session_token="token+of/the=keys"))
    assert parse_qs(urlsplit(url).query)["X-Amz-Security-Token"] == ["token+of/the=keys"]


def test_s24_a_connection_hides_its_secrets() -> None:
    shown = repr(S3Connection(*KEYS, "eu-central-1", session_token="token-of-the-keys"))
    assert [secret for secret in (*KEYS, "token-of-the-keys") if secret in shown] == []
