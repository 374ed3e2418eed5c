"""The versions that this project installs are none with a known hole."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.version import Version

CONSTRAINTS = Path(__file__).resolve().parents[2] / "constraints.txt"

MENDED_IN = {
    "certifi": "2024.7.4",  # CVE-2024-39689: a root that is not trusted any more
    "cryptography": "44.0.1",  # CVE-2024-12797: raw public keys of TLS servers
    "Flask": "3.1.1",  # CVE-2025-47278: the order of fallback keys
    "h11": "0.16.0",  # CVE-2025-43859: chunked bodies that smuggle requests
    "idna": "3.7",  # CVE-2024-3651: a host name that takes quadratic time
    "Jinja2": "3.1.6",  # CVE-2025-27516: out of the sandbox
    "PyJWT": "2.13",
    "pymongo": "4.6.3",  # CVE-2024-5629: reading past the end of a BSON string
    "requests": "2.32.4",  # CVE-2024-47081: .netrc for another host
    "starlette": "0.49.1",  # CVE-2025-54121, CVE-2025-62727: large files and ranges that hold up everybody
    "urllib3": "2.6.3",  # CVE-2025-50181, CVE-2025-66418, CVE-2025-66471, CVE-2026-21441: redirects, decompression
    "Werkzeug": "3.1.4",  # CVE-2025-66221: Windows' device names
}
"""By package, the first release without the newest hole that was known when this was written."""


def pins() -> dict[str, Version]:
    """The pinned version of every package."""
    lines = [line for line in CONSTRAINTS.read_text().splitlines() if line and not line.startswith("#")]
    return {name: Version(version) for name, version in (line.split("==") for line in lines)}


@pytest.mark.parametrize("package", sorted(MENDED_IN))
def test_s29_no_pin_is_older_than_the_release_that_mended_a_known_hole(package: str) -> None:
    assert pins()[package] >= Version(MENDED_IN[package])


def test_s29_everything_is_pinned_to_one_version_and_from_nowhere_in_particular() -> None:
    lines = [line for line in CONSTRAINTS.read_text().splitlines() if line and not line.startswith("#")]
    assert len(pins()) == len(lines)
    assert not [line for line in lines if "://" in line or line.startswith("-")]
