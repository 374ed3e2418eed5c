"""A network without proxies, and certificates, for the tests of the wire."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator

import pytest

from recorder_desktop.client.network import tls_context
from tests.unit.client.certificates import SelfSigned, self_signed


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever proxy this computer has, a test knows only the one that it sets itself."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> SelfSigned:
    """The certificate of servers on 127.0.0.1; untrusted."""
    return self_signed(tmp_path_factory.mktemp("certificates"), "127.0.0.1")


@pytest.fixture
def trusted(certificate: SelfSigned, monkeypatch: pytest.MonkeyPatch) -> Iterator[SelfSigned]:
    """The same certificate, trusted by way of SSL_CERT_FILE."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    tls_context.cache_clear()
    yield certificate
    tls_context.cache_clear()


@pytest.fixture(params=["http", "https"])
def wire(request: pytest.FixtureRequest, trusted: SelfSigned) -> ssl.SSLContext | None:
    """Runs a test twice: on a plain connection (None) and under TLS."""
    return trusted.server_context() if request.param == "https" else None
