"""How connections leave this computer: trusted certificates and proxies, the same for both paths."""

from __future__ import annotations

import ipaddress
import ssl
import urllib.request
from functools import cache
from urllib.parse import urlsplit

USER_AGENT = "recorder-desktop"


@cache
def tls_context() -> ssl.SSLContext:
    """The operating system's trust, with SSL_CERT_FILE honoured. There is deliberately no way to switch it off."""
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this computer."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proxy_for(url: str) -> str | None:
    """The proxy that the system's settings name for `url`; never one for this computer's own servers."""
    parts = urlsplit(url)
    if is_loopback(url) or urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
