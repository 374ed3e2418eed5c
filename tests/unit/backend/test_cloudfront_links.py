"""Addresses of a CloudFront distribution: what is signed is what is asked for, and only for a while."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from backend.__main__ import main
from backend.bootstrap import build_store
from backend.model import Disposition
from backend.settings import StoreSettings, load
from tests.unit.backend.service_rig import Rig, signed_in
from tests.unit.backend.test_settings import GOOD

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ATTACHED = Disposition.ATTACHMENT
BASE = "https://d111111abcdef8.cloudfront.net"


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    distribution = {"CDN_BASE_URL": BASE, "CLOUDFRONT_KEY_ID": "K2JCJMDEHXQW5F", "CLOUDFRONT_PRIVATE_KEY": pem(KEY)}
    for name, value in (GOOD | distribution).items():
        monkeypatch.setenv(name, value)


def signed(url: str) -> tuple[str, dict[str, str]]:
    """Return the address that was signed, and what CloudFront reads beside it."""
    address, _, query = url.partition("?")
    pairs = query.split("&")
    own = [pair for pair in pairs if pair.split("=")[0] not in ("Expires", "Signature", "Key-Pair-Id")]
    return "?".join([address, *(["&".join(own)] if own else [])]), dict(parse_qsl(query))


def verify(resource: str, expires: int, signature: str) -> None:
    statement = {"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": expires}}}
    policy = json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()
    raw = base64.b64decode(signature.translate(str.maketrans("-_~", "+=/")))
    KEY.public_key().verify(raw, policy, PKCS1v15(), SHA1())


def test_the_signature_is_of_the_address_and_its_end() -> None:
    url = build_store(load(StoreSettings)).presign_download("lectures/Straße 1.mp4", "Straße & 1.mp4", ATTACHED, 600)
    resource, query = signed(url)
    assert resource.startswith(f"{BASE}/lectures/Stra%C3%9Fe%201.mp4?response-content-disposition=attachment")
    assert query["response-content-disposition"] == "attachment; filename*=UTF-8''Stra%C3%9Fe%20%26%201.mp4"
    assert query["Key-Pair-Id"] == "K2JCJMDEHXQW5F"
    expires = int(query["Expires"])
    assert abs(expires - time.time() - 600) < 60
    verify(resource, expires, query["Signature"])
    for other in (resource.replace(".mp4", ".mp3"), resource + "&x=1"):
        with pytest.raises(InvalidSignature):
            verify(other, expires, query["Signature"])
    with pytest.raises(InvalidSignature):
        verify(resource, expires + 1, query["Signature"])


def test_what_is_not_shown_under_its_own_type_goes_past_the_cdn() -> None:
    url = build_store(load(StoreSettings)).presign_download(
        "a.mp4", "a.mp4", ATTACHED, 600, "application/octet-stream"
    )
    assert urlsplit(url).hostname == "recordings.s3.eu-central-1.amazonaws.com"
    assert "response-content-type=application%2Foctet-stream" in url
    assert "X-Amz-Signature=" in url


@pytest.mark.parametrize("is_behind_cloudfront", [True, False])
def test_the_page_may_load_from_where_a_recording_is_played_and_asking_for_that_counts_as_no_request(
    is_behind_cloudfront: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_behind_cloudfront:
        for name in ("CDN_BASE_URL", "CLOUDFRONT_KEY_ID", "CLOUDFRONT_PRIVATE_KEY"):
            monkeypatch.delenv(name)
    calls: list[tuple[str, str]] = []
    store = build_store(load(StoreSettings), lambda *call: calls.append(call))
    origin = store.link_origin()
    assert calls == []
    played = urlsplit(store.presign_download("a.mp4", "a.mp4", Disposition.INLINE, 600))
    assert origin == f"{played.scheme}://{played.netloc}"


def test_showing_the_page_signs_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    monkeypatch.setattr(rig.store, "presign_download", None)

    async def show() -> httpx.Response:
        async with signed_in(rig) as anybody:
            return await anybody.get("/")

    assert "media-src memory:" in asyncio.run(show()).headers["Content-Security-Policy"]


def test_a_key_in_one_line_is_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFRONT_PRIVATE_KEY", pem(KEY).replace("\n", "\\n"))
    resource, query = signed(build_store(load(StoreSettings)).presign_download("a.mp4", "a.mp4", ATTACHED, 600))
    verify(resource, int(query["Expires"]), query["Signature"])


@pytest.mark.parametrize(
    "value",
    [
        "no key at all",
        pem(KEY)[:400],
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
    ],
)
def test_a_bad_key_stops_the_start_with_one_line(
    value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLOUDFRONT_PRIVATE_KEY", value)
    assert main(["serve", "--port", "0"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("recorder-backend: CLOUDFRONT_PRIVATE_KEY: must be an RSA private key")
    assert value not in line


@pytest.mark.parametrize("missing", ["CDN_BASE_URL", "CLOUDFRONT_KEY_ID", "CLOUDFRONT_PRIVATE_KEY"])
def test_half_a_setting_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(missing)
    assert main(["serve", "--port", "0"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line == f"recorder-backend: {missing}: missing, signed CloudFront addresses need it"


def test_s24_the_key_is_in_no_repr() -> None:
    settings = load(StoreSettings)
    assert "PRIVATE KEY" not in repr(settings) + repr(vars(build_store(settings)))
