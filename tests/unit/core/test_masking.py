"""Secrets are taken out of texts, whoever wrote them and however they are spelled."""

from __future__ import annotations

import json

import pytest

from recorder_desktop.core.masking import SecretMask, secrets_among


@pytest.mark.parametrize(
    "address",
    [
        "http://mara:hunter22@proxy.firm:3128",
        "//mara:hunter22@proxy.firm:3128",
        "mara:hunter22@proxy.firm:3128",
        "mara:hunter22@[::1]:3128",
    ],
)
def test_the_password_for_a_proxy_is_masked_with_and_without_a_scheme(address: str) -> None:
    environment = {"HTTPS_PROXY": address}
    for known in (secrets_among(environment), set[str]()):
        masked = SecretMask(known).masked(json.dumps(environment) + f"\nproxy={address} refused")
        assert "hunter22" not in masked
        assert masked.count("@") == 2  # where it leads stays readable


@pytest.mark.parametrize(
    "header",
    [
        "X-Api-Key: 1234abcd",
        "Set-Cookie: recorder_session=1234abcd; Path=/",
        "cookie: a=1234abcd",
        "access-key=1234abcd",
    ],
)
def test_headers_that_carry_a_secret_are_masked(header: str) -> None:
    assert "1234abcd" not in SecretMask(()).masked(header)


def test_an_address_without_a_password_stays_as_it_is() -> None:
    text = "mail mara@example.org at 12:30; http://proxy:3128 was asked for https://b.s3.example.org:9000/key@2x.png"
    assert SecretMask(()).masked(text).startswith("mail mara@example.org at 12:30; http://proxy:3128 was asked for")


def test_only_the_persons_own_folder_is_shortened() -> None:
    assert SecretMask((), "/home/mara").masked("/home/mara2/a /home/mara/b /home/mara") == "/home/mara2/a ~/b ~"
