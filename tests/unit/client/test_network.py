"""Which addresses stay on this computer, and which proxy the others go through."""

from __future__ import annotations

import ssl
from base64 import b64encode

import pytest
import urllib3

from recorder_desktop.client.network import connections_to, proxy_for, tls_context
from recorder_desktop.core.addresses import is_loopback
from recorder_desktop.core.errors import ErrorKind, Refused

STORE = "https://store.example.org/bucket/key"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://127.4.5.6/",
        "https://localhost:8443/x",
        "http://LOCALHOST",
        "http://[::1]:8080/",
        "http://alice@127.0.0.1/",
    ],
)
def test_addresses_of_this_computer_are_known(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://recorder.example.org",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://example.org/127.0.0.1",
        "http://127.0.0.1@example.org/",
        "http://192.168.1.10:9000",
        "http://[2001:db8::1]/",
        "http://0.0.0.0",
        "bucket",
        "",
    ],
)
def test_other_addresses_leave_this_computer(url: str) -> None:
    assert not is_loopback(url)


def test_without_settings_there_is_no_proxy() -> None:
    assert proxy_for(STORE) is None


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_the_proxy_is_the_systems_for_the_scheme_or_for_all(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://proxy.example.org:3128")
    assert proxy_for(STORE) == "http://proxy.example.org:3128"


def test_the_proxy_of_another_scheme_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.org:3128")
    assert proxy_for(STORE) is None


def test_the_schemes_own_proxy_comes_before_the_one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.example.org:1080")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    assert proxy_for(STORE) == "http://proxy.example.org:3128"


@pytest.mark.parametrize(
    "exception", ["store.example.org", ".example.org", "example.org", "other, store.example.org", "*"]
)
def test_hosts_that_the_settings_except_are_reached_directly(monkeypatch: pytest.MonkeyPatch, exception: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    monkeypatch.setenv("NO_PROXY", exception)
    assert proxy_for(STORE) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:8333/b/k", "https://localhost/", "http://[::1]:9000/"])
def test_s25_this_computer_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://proxy.example.org:3128")
    assert proxy_for(url) is None


def test_a_proxy_without_a_scheme_is_an_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example.org:3128")
    assert proxy_for(STORE) == "http://proxy.example.org:3128"


@pytest.mark.parametrize("scheme", ["socks4", "socks5", "socks5h", "socks", "ftp"])
def test_a_proxy_of_another_kind_is_refused_without_showing_its_password(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://alice:secret@proxy.example.org:1080")
    with pytest.raises(Refused) as caught:
        proxy_for(STORE)
    assert (caught.value.code, caught.value.kind) == ("proxy_unusable", ErrorKind.FATAL)
    assert scheme in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("address", "credentials"),
    [
        ("http://alice:p%40ss@proxy.example.org:3128", b"alice:p@ss"),
        ("http://alice@proxy.example.org:3128", b"alice:"),
        ("http://m%C3%BCller:%C3%BC@proxy.example.org:3128", "müller:ü".encode()),
    ],
)
def test_the_password_in_a_proxys_address_becomes_its_header(
    monkeypatch: pytest.MonkeyPatch, address: str, credentials: bytes
) -> None:
    monkeypatch.setenv("https_proxy", address)
    pool = connections_to(STORE)
    assert isinstance(pool, urllib3.ProxyManager)
    assert pool.proxy_headers == {"Proxy-Authorization": f"Basic {b64encode(credentials).decode()}"}


def test_a_proxy_without_a_password_gets_no_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example.org:3128")
    pool = connections_to(STORE)
    assert isinstance(pool, urllib3.ProxyManager)
    assert pool.proxy_headers == {}


def test_certificates_and_host_names_are_always_checked() -> None:
    context = tls_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert connections_to(STORE).connection_pool_kw["ssl_context"] is context
