"""What a program that this app starts gets of its environment: what it needs to run, and no key or token."""

from __future__ import annotations

import os

# What any program needs of its system to run, to find certificates and to speak the person's language.
_SYSTEM_VARIABLES = (
    "PATH", "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "SYSTEMROOT", "SystemRoot", "SYSTEMDRIVE", "WINDIR",
    "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH",
)  # fmt: skip

_PROXY_VARIABLES = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
)  # fmt: skip


def inherited_environment(*more: str, through_proxy: bool) -> dict[str, str]:
    """The variables that a child gets, `more` among them. through_proxy: also those that name proxies."""
    names = (*_SYSTEM_VARIABLES, *more, *(_PROXY_VARIABLES if through_proxy else ()))
    return {name: os.environ[name] for name in names if name in os.environ}
