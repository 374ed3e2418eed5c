from __future__ import annotations

from pathlib import Path

import pytest

from backend.__main__ import main
from backend.model import Disposition
from backend.settings import AuthSettings, BadSettings, ServiceSettings, StoreSettings, load

GOOD = {
    "AWS_ACCESS_KEY": "key",
    "AWS_SECRET_KEY": "secret-of-the-store",
    "AWS_REGION": "eu-central-1",
    "S3_BUCKET": "recordings",
    "JWT_SECRET": "s" * 32,
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (AuthSettings, StoreSettings, ServiceSettings):
        for name in kind.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_missing_variable_is_named_in_one_line_with_exit_code_2(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(missing)
    assert main(["serve", "--port", "0"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert f"{missing}: missing" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_SECRET", "too-short"),
        ("S3_ENDPOINT_URL", "localhost:9000"),
        ("S3_CHECKSUM", "sha1"),
        ("MAX_FILE_SIZE", "5GB"),
        ("MAX_FILE_SIZE", "0"),
        ("PRESIGN_TTL_SECONDS", "604801"),
        ("S3_BUCKET", "a/b"),
        ("S3_BUCKET", "a"),
        ("S3_BUCKET", "bucket\n"),
        ("AWS_REGION", "eu central"),
        ("JWT_PREVIOUS_SECRETS", "kid:short:2030-01-01"),
        ("JWT_PREVIOUS_SECRETS", "nonsense"),
        ("JWT_PREVIOUS_SECRETS", f"kid:{'x' * 32}:2030-13-01"),
        ("MONGO_URI", "mysql://somewhere"),
    ],
)
def test_s05_a_bad_variable_is_named_and_its_value_is_not_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["serve", "--port", "0"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert f"{name}: " in line
    assert "pattern" not in line
    assert value not in line or len(value) < 4


def test_a_key_set_stands_in_for_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JWT_SECRET")
    monkeypatch.setenv("JWT_JWKS_URL", "https://issuer.test/keys")
    assert load(AuthSettings).jwt_secret is None


def test_lists_are_split_at_commas_and_empty_variables_are_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://a.test, https://b.test,")
    monkeypatch.setenv("MONGO_URI", "")
    settings = load(ServiceSettings)
    assert settings.cors_origins == ("https://a.test", "https://b.test")
    assert settings.mongo_uri is None


def test_previous_secrets_take_dates_and_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "a:b" + "x" * 32
    monkeypatch.setenv("JWT_PREVIOUS_SECRETS", f"k1:{secret}:1893456000,k2:{secret}:2030-01-01T00:00:00Z")
    assert load(AuthSettings).previous_secrets() == [("k1", secret, 1893456000.0), ("k2", secret, 1893456000.0)]


def test_s24_settings_hide_their_secrets() -> None:
    shown = repr(load(AuthSettings)) + repr(load(StoreSettings))
    assert "s" * 32 not in shown
    assert "secret-of-the-store" not in shown


def test_the_session_token_of_temporary_keys_is_signed_into_urls_and_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.bootstrap import build_store

    asked = ("a.mp4", "a.mp4", Disposition.INLINE, 60)
    assert "Security-Token" not in build_store(load(StoreSettings)).presign_download(*asked)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-of-the-keys")
    settings = load(StoreSettings)
    assert "token-of-the-keys" not in repr(settings)
    assert "X-Amz-Security-Token=token-of-the-keys&" in build_store(settings).presign_download(*asked)


def test_the_token_command_prints_a_token_that_the_service_takes(capsys: pytest.CaptureFixture[str]) -> None:
    from backend.bootstrap import build_auth

    assert main(["token", "--user", "alice", "--ttl", "60"]) == 0
    token = capsys.readouterr().out.strip()
    assert build_auth(load(AuthSettings)).user_of(token) == "alice"


def test_a_token_needs_an_own_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JWT_SECRET")
    monkeypatch.setenv("JWT_JWKS_URL", "https://issuer.test/keys")
    assert main(["token", "--user", "alice"]) == 2


def test_the_catalogue_stands_under_recorder_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RECORDER_HOME", str(tmp_path))
    assert load(ServiceSettings).home() == tmp_path
    monkeypatch.delenv("RECORDER_HOME")
    assert load(ServiceSettings).home().is_absolute()


def test_an_unreadable_setting_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu central")
    with pytest.raises(BadSettings, match="AWS_REGION"):
        load(StoreSettings)
