"""What an address alone tells of the way to it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this computer."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_readable_on_the_way(url: str) -> bool:
    """Whether what is sent to a URL leaves this computer unencrypted."""
    return urlsplit(url).scheme == "http" and not is_loopback(url)
