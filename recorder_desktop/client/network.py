"""How connections leave this computer: trusted certificates and proxies, the same for both paths."""

from __future__ import annotations

import base64
import ssl
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3

from recorder_desktop.core.addresses import is_loopback
from recorder_desktop.core.errors import Refused

USER_AGENT = "recorder-desktop"


@cache
def tls_context() -> ssl.SSLContext:
    """The operating system's trust, with SSL_CERT_FILE honoured. There is deliberately no way to switch it off."""
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def proxy_for(url: str) -> str | None:
    """The proxy that the system's settings name for `url`; never one for this computer's own servers.

    Raises Refused when it is of a kind that cannot be used here.
    """
    if is_loopback(url):
        return None
    from urllib import request  # loads far more than is asked of it here

    parts = urlsplit(url)
    if request.proxy_bypass(parts.hostname or ""):
        return None
    proxies = request.getproxies()
    named = proxies.get(parts.scheme) or proxies.get("all")
    return _usable(named) if named else None


def _usable(proxy: str) -> str:
    # As curl reads it: an address without a scheme is an HTTP proxy's.
    address = proxy if "://" in proxy else f"http://{proxy}"
    scheme = address.partition("://")[0]
    if scheme.lower() not in ("http", "https"):
        raise Refused(
            f"The system's settings name a {scheme} proxy, which this app cannot use. "
            "Set an HTTP proxy there, or none, then retry.",
            code="proxy_unusable",
        )
    return address


def connections_to(url: str, **settings: Any) -> urllib3.PoolManager:
    """A pool of connections on the way that leads to `url`, under this computer's trust; `settings` are urllib3's.

    Raises Refused when the way leads through a proxy that cannot be used here.
    """
    if urlsplit(url).scheme == "https":  # reading the trusted certificates takes time that a plain address can save
        settings["ssl_context"] = tls_context()
    proxy = proxy_for(url)
    if proxy is None:
        return urllib3.PoolManager(**settings)
    return urllib3.ProxyManager(proxy, proxy_headers=_proxy_headers(proxy), **settings)


def _proxy_headers(proxy: str) -> dict[str, str]:
    """The password that stands in the proxy's address; urllib3 does not send it by itself."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"}
