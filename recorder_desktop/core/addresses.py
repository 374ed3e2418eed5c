"""What an address alone tells of the way to it."""

from __future__ import annotations

import ipaddress
import time
from urllib.parse import parse_qs, urlsplit


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this computer."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def with_scheme(address: str) -> str:
    """An address as people say it, such as "recorder.example.org", with the scheme that it most likely means.

    https://, and http:// for this computer, where no server has a certificate. What is an e-mail address stays one.
    Raises ValueError for half an address, such as "[::1".
    """
    if not address or "://" in address or "@" in address:
        return address
    return f"http://{address}" if is_loopback(f"http://{address}") else f"https://{address}"


def is_readable_on_the_way(url: str) -> bool:
    """Whether what is sent to a URL leaves this computer unencrypted."""
    return urlsplit(url).scheme == "http" and not is_loopback(url)


def lifetime_s(url: str, now: float | None = None) -> int | None:
    """How many seconds a link that was signed just now works, by what it says itself; None where it says nothing.

    S3 writes the seconds (X-Amz-Expires), CloudFront the instant (Expires, since 1970).
    """
    said = parse_qs(urlsplit(url).query)
    seconds, instant = said.get("X-Amz-Expires", [""])[0], said.get("Expires", [""])[0]
    if seconds.isdecimal():
        return int(seconds)
    if instant.isdecimal():
        return max(0, int(instant) - round(time.time() if now is None else now))
    return None
