"""The diagnostics bundle holds what helps, is small and private, and no secret is in any byte of it."""

from __future__ import annotations

import base64
import json
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import keyring
import pytest

from recorder_desktop.config import DesktopConfig, read_config
from recorder_desktop.core.errors import Refused
from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.core.own_bucket import OwnBucket, secrets_as_kept
from recorder_desktop.core.sign_in import as_kept
from recorder_desktop.headless import diagnostics
from recorder_desktop.headless.diagnostics import write_bundle
from recorder_desktop.store.upload_store import SqliteUploadStore
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import SERVICE
from tests.fakes.file_keyring import FileKeyring
from tests.fakes.uploads import an_upload

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYXJhIn0.c2lnbmF0dXJlLW9mLW1hcmE"
PASSWORD = "corr&ct h/rse@1"
SIGNATURE = "5f9c2d" * 10 + "abcd"
BEGIN, END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
KEY_BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
SECRETS = {
    "RECORDER_TOKEN": JWT,
    "AWS_ACCESS_KEY": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEBYaDHqa0AP+session",
    "JWT_SECRET": "a-secret-of-thirty-two-bytes-or-more",
    "JWT_PREVIOUS_SECRETS": "old:a-previous-secret-of-thirty-two-bytes:2027-01-01",
    "CLOUDFRONT_PRIVATE_KEY": f"{BEGIN}\n{KEY_BODY}\n{KEY_BODY[::-1]}\n{END}\n",
}
ENVIRONMENT = SECRETS | {
    "MONGO_URI": f"mongodb://mara:{quote(PASSWORD, safe='')}@db1.example.org,db2.example.org/recorder?replicaSet=rs0",
    "HTTPS_PROXY": "http://mara:proxy-pass-word@proxy.example.org:3128",
    "AWS_REGION": "eu-central-1",
    "UNRELATED": "not-for-anybody-either",
}
PRESIGNED = (
    "https://store.example.org/bucket/talk.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
    f"AKIAIOSFODNN7EXAMPLE%2F20261126%2Feu-central-1&X-Amz-Expires=900&X-Amz-Signature={SIGNATURE}"
)
REFRESH = "3fa85f64-5717.refresh-of-mara-and-nobody-else"
HIDDEN = {
    *SECRETS.values(), PASSWORD, quote(PASSWORD), quote(PASSWORD, safe=""), "proxy-pass-word", SIGNATURE, KEY_BODY,
    KEY_BODY[::-1], REFRESH, "not-for-anybody-either", "a-previous-secret-of-thirty-two-bytes", "key-of-the-keyring",
    "secret-of-the-keyring", "set-by-hand", "password-of-an-address", "of-an-identity-provider",
    "AKIAIOSFODNN7EXAMPLE", JWT.split(".")[2],
}  # fmt: skip


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileKeyring:
    monkeypatch.setenv("TEST_KEYRING_FILE", str(tmp_path / "keyring.json"))
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "mara"))
    made = FileKeyring()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    return made


@pytest.fixture
def paths(tmp_path: Path) -> RecorderPaths:
    return RecorderPaths(tmp_path / "home" / "mara" / "recorder").create()


def config_of(paths: RecorderPaths, environment: dict[str, str]) -> DesktopConfig:
    settings = SettingsFile(paths.settings)
    settings.close()
    return read_config(environment, settings)


def bundle(paths: RecorderPaths, environment: dict[str, str], target: Path) -> dict[str, str]:
    """Write it; returns the texts in it by name."""
    write_bundle(target, paths, config_of(paths, environment), ["ok       everything"], environment)
    with zipfile.ZipFile(target) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def put_secrets_everywhere(paths: RecorderPaths) -> None:
    paths.settings.write_text(
        'server = "https://mara:password-of-an-address@recorder.example.org"\n'
        '[extra]\napi_token = "set-by-hand"\ndatabase = "mongodb://u:password-of-an-address@db.example.org/r"\n'
    )
    lines = [
        f"GET {PRESIGNED} failed",
        f"a proxy shows it as {quote(PRESIGNED, safe='')}",
        f"Authorization: Bearer {JWT}",
        f"Authorization: Basic {base64.b64encode(b'mara:of-an-identity-provider').decode()}",
        f'{{"refreshToken": "{REFRESH}", "message": "pymongo: {ENVIRONMENT["MONGO_URI"]}"}}',
        f"urllib3: cannot connect to {ENVIRONMENT['HTTPS_PROXY']}",
        f"{json.dumps(SECRETS)} {SECRETS!r}",
        f"unspoken: {PASSWORD} {quote(PASSWORD)} {SIGNATURE}",
        SECRETS["CLOUDFRONT_PRIVATE_KEY"],
    ]
    for name in ("recorder.log", "backend.log", "backend.log.1", "store.log"):
        (paths.logs / name).write_text("\n".join([f"begins {name}", *lines, f"ends {name}"]) + "\n")
    store = SqliteUploadStore(paths.queue_database)
    upload = replace(
        an_upload(),
        path_text=str(paths.home.parent / f"talk {PASSWORD.replace('/', '')}.mp4"),
        destination="https://mara:password-of-an-address@recorder.example.org",
        state=UploadState.ATTENTION,
        problem=Problem("store_refused", f"The store refused {PRESIGNED} for {JWT}."),
    )
    store.insert([upload])
    store.close()


def assert_no_secret(target: Path, texts: dict[str, str]) -> None:
    everything = target.read_bytes() + "".join(texts.values()).encode()
    found = {secret for secret in HIDDEN if secret.encode() in everything}
    assert found == set()


def test_s24_secrets_in_every_place_they_could_be_are_in_no_byte_of_the_bundle(
    paths: RecorderPaths, kept: FileKeyring, tmp_path: Path
) -> None:
    put_secrets_everywhere(paths)
    kept.set_password(SERVICE, "https://mara:password-of-an-address@recorder.example.org", as_kept(REFRESH))
    target = tmp_path / "bundle.zip"
    texts = bundle(paths, ENVIRONMENT, target)
    assert_no_secret(target, texts)
    # What helps is there all the same.
    assert set(texts) == {
        "README.txt", "versions.json", "settings.json", "doctor.txt", "queue.json",
        "logs/recorder.log", "logs/backend.log", "logs/store.log",
    }  # fmt: skip
    for name in ("recorder.log", "backend.log", "store.log"):
        assert f"begins {name}" in texts[f"logs/{name}"]
        assert texts[f"logs/{name}"].endswith(f"ends {name}\n")
    assert "ends backend.log.1" in texts["logs/backend.log"]
    assert "X-Amz-Expires=900" in texts["logs/recorder.log"]
    (row,) = json.loads(texts["queue.json"])["uploads"]
    assert (row["state"], row["problem_code"]) == ("attention", "store_refused")
    assert row["path"].startswith("~/talk")
    told = json.loads(texts["settings.json"])
    assert told["variables"]["AWS_REGION"] == "eu-central-1"
    assert told["variables"]["AWS_SECRET_KEY"] == "***"
    assert "db1.example.org" not in told["variables"]["MONGO_URI"]
    assert str(Path.home()) not in "".join(texts.values())


def test_s24_the_keys_of_a_bucket_of_ones_own_are_hidden_by_what_the_keyring_has(
    paths: RecorderPaths, kept: FileKeyring, tmp_path: Path
) -> None:
    paths.settings.write_text('[bucket]\nname = "mine"\nregion = "eu-central-1"\n')
    own = OwnBucket("mine", "eu-central-1", "", "key-of-the-keyring", "secret-of-the-keyring")
    kept.set_password(SERVICE, config_of(paths, {}).destination, secrets_as_kept(own.environment()))
    (paths.logs / "backend.log").write_text("said key-of-the-keyring and secret-of-the-keyring\n")
    target = tmp_path / "bundle.zip"
    texts = bundle(paths, {}, target)
    assert_no_secret(target, texts)
    assert texts["logs/backend.log"] == "said *** and ***\n"


@pytest.mark.parametrize("cut", range(0, 400, 19))
def test_s24_a_log_that_is_cut_in_the_middle_of_a_secret_shows_no_half_of_it(
    paths: RecorderPaths, tmp_path: Path, cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnostics, "LOG_BYTES", 500 - cut)
    lines = f"GET {PRESIGNED}\n{SECRETS['CLOUDFRONT_PRIVATE_KEY']}the last line\n"
    (paths.logs / "recorder.log").write_text(lines)
    target = tmp_path / "bundle.zip"
    texts = bundle(paths, {}, target)
    for half in (SIGNATURE[-12:], KEY_BODY[-12:], KEY_BODY[::-1][-12:]):
        assert half not in texts["logs/recorder.log"]
    assert texts["logs/recorder.log"].endswith("the last line\n")


def test_the_bundle_is_small_and_for_the_person_alone_whatever_there_is(paths: RecorderPaths, tmp_path: Path) -> None:
    store = SqliteUploadStore(paths.queue_database)
    store.insert([replace(an_upload(), id=f"u{n}", client_upload_id=f"c{n}", position=n) for n in range(3000)])
    store.close()
    for number in range(20):
        (paths.logs / f"{number}.log").write_text("x" * 199 + "\n" + "a line like any other\n" * 100_000)
    target = tmp_path / "bundle.zip"
    texts = bundle(paths, {}, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sum(map(len, texts.values())) < 4_000_000
    told = json.loads(texts["queue.json"])
    assert (told["states"], len(told["uploads"])) == ({"queued": 3000}, 1000)


@pytest.mark.parametrize("content", [b"", b"this is no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_queue_that_cannot_be_read_is_told_as_such(paths: RecorderPaths, tmp_path: Path, content: bytes) -> None:
    paths.queue_database.write_bytes(content)
    paths.settings.write_bytes(b"\xff = [[[")
    (paths.home / "queue.db.bad-1").touch()
    texts = bundle(paths, {}, tmp_path / "bundle.zip")
    assert "queue.db.bad-1" in json.loads(texts["queue.json"])["beside it"]
    assert json.loads(texts["settings.json"])["settings"] == {"unreadable": "UnicodeDecodeError"}


def test_a_place_that_cannot_be_written_to_is_said_in_a_sentence(paths: RecorderPaths, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="could not be written to") as told:
        bundle(paths, {}, tmp_path / "nowhere" / "bundle.zip")
    assert told.value.code == "bundle_unwritable"
