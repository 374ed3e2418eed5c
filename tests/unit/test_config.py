"""Every way of choosing where uploads go, and what cannot be meant."""

from __future__ import annotations

import pytest

from recorder_desktop.config import LOCAL, describe, read_config, server_url
from recorder_desktop.core.errors import Refused

BUCKET = {"S3_BUCKET": "mine", "AWS_ACCESS_KEY": "access", "AWS_SECRET_KEY": "very-secret", "AWS_REGION": "eu-west-1"}


class Remembered:
    """Settings with or without a server that `login` chose."""

    def __init__(self, server: str | None = None) -> None:
        self._server = server

    def get(self, key: str) -> str | None:
        return self._server if key == "server" else None


def test_with_nothing_configured_uploads_stay_on_this_computer() -> None:
    config = read_config({}, Remembered())

    assert (config.destination, config.server, config.own_bucket, config.token) == (LOCAL, None, None, None)


@pytest.mark.parametrize(
    ("environment", "remembered", "named", "chosen"),
    [
        (BUCKET | {"RECORDER_SERVER": "https://env"}, "https://kept", "https://named", "https://named"),
        (BUCKET | {"RECORDER_SERVER": "https://env"}, "https://kept", None, "https://env"),
        (BUCKET, "https://kept", None, "https://kept"),
        (BUCKET, None, None, "bucket:mine at eu-west-1"),
        ({"RECORDER_SERVER": "", "S3_BUCKET": ""}, None, None, LOCAL),
    ],
    ids=["command line", "environment", "settings", "own bucket", "empty variables"],
)
def test_the_more_particular_choice_wins(
    environment: dict[str, str], remembered: str | None, named: str | None, chosen: str
) -> None:
    assert read_config(environment, Remembered(remembered), named).destination == chosen


def test_the_token_of_the_environment_goes_with_a_server_only() -> None:
    token = {"RECORDER_TOKEN": "secret-token"}

    assert read_config(token | {"RECORDER_SERVER": "https://env"}, Remembered()).token == "secret-token"
    assert read_config(token, Remembered()).token is None
    assert read_config(token | BUCKET, Remembered()).token is None


def test_an_own_bucket_is_known_by_its_name_and_place() -> None:
    compatible = BUCKET | {"S3_ENDPOINT_URL": "https://minio.example.org/"}

    config = read_config(compatible, Remembered())

    assert config.destination == "bucket:mine at https://minio.example.org"
    assert config.own_bucket == compatible


@pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_REGION"])
def test_a_bucket_without_one_of_its_settings_is_refused_and_the_setting_named(missing: str) -> None:
    with pytest.raises(Refused, match=f"S3_BUCKET is set but {missing} is not") as refused:
        read_config(BUCKET | {missing: ""}, Remembered())

    assert refused.value.code == "settings"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://recorder.example.org", "https://recorder.example.org"),
        (" https://recorder.example.org/ \n", "https://recorder.example.org"),
        ("http://127.0.0.1:8080//", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://example.org/recorder/", "https://example.org/recorder"),
        ("https://bücher.example", "https://bücher.example"),
        ("recorder.example.org/", "https://recorder.example.org"),
        ("recorder:8443/team", "https://recorder:8443/team"),
        ("192.168.1.5:8080", "https://192.168.1.5:8080"),
        ("127.0.0.1:18080", "http://127.0.0.1:18080"),
        ("localhost:18080", "http://localhost:18080"),
        ("[::1]:18080", "http://[::1]:18080"),
    ],
)
def test_one_server_is_known_by_one_address(text: str, url: str) -> None:
    assert server_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "mailto:mara@example.org",
        "mara@example.org",
        "two words",
        "/recorder",
        "[::1",
        "::1",
        "ftp://recorder.example.org",
        "http://",
        "http:///path",
        "http://:8080",
        "http://host:port",
        "http://host:99999",
        "http://host:0",
        "http://[::1",
        "http://two words",
        "http://bell\x07.example",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refused, match=r"is not a server address\. Write it in full") as refused:
        server_url(text)

    assert refused.value.code == "server_address"


def test_a_mistyped_server_never_falls_back_to_another_place() -> None:
    for environment, remembered, named in (
        (BUCKET, None, "ftp://example.org"),
        (BUCKET | {"RECORDER_SERVER": "ftp://example.org"}, None, None),
        (BUCKET, "ftp://example.org", None),
    ):
        with pytest.raises(Refused):
            read_config(environment, Remembered(remembered), named)


def test_secrets_are_masked() -> None:
    server = read_config({"RECORDER_SERVER": "https://env", "RECORDER_TOKEN": "secret-token"}, Remembered())
    bucket = read_config(BUCKET, Remembered())

    assert "secret-token" not in repr(server)
    assert "very-secret" not in repr(bucket)


@pytest.mark.parametrize(
    ("destination", "words"),
    [
        (LOCAL, "Stored on this computer"),
        ("bucket:mine at eu-west-1", "Your bucket mine at eu-west-1"),
        ("https://recorder.example.org", "Team server recorder.example.org"),
    ],
)
def test_a_destination_has_words_for_people(destination: str, words: str) -> None:
    assert describe(destination) == words


# --- how to transfer ---------------------------------------------------------------------------------------------


def test_the_settings_say_how_to_transfer() -> None:
    told = {
        "transfers.limit": "unlimited; Mon-Fri 08:00-18:00 2 MB/s",
        "transfers.senders": "16",
        "transfers.keep_awake": "False",
        "transfers.part_size": "32 MiB",
    }
    transfers = read_config({}, told).transfers
    assert (str(transfers.limits), transfers.senders, transfers.keep_awake) == (told["transfers.limit"], 16, False)
    assert transfers.part_size_bytes == 32 << 20


def test_without_settings_nothing_limits_and_eight_parts_are_sent_at_a_time() -> None:
    transfers = read_config({}, {}).transfers
    assert (str(transfers.limits), transfers.senders, transfers.keep_awake) == ("unlimited", 8, True)
    assert transfers.part_size_bytes is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("transfers.limit", "0 MB/s"),
        ("transfers.limit", "fast"),
        ("transfers.limit", "unlimited; Mon 08:00-12:00 1 MB/s; Mon 10:00-14:00 2 MB/s"),
        ("transfers.senders", "0"),
        ("transfers.senders", "33"),
        ("transfers.senders", "many"),
        ("transfers.keep_awake", "perhaps"),
        ("transfers.part_size", "4 MiB"),
        ("transfers.part_size", "large"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_with_what_to_do(key: str, value: str) -> None:
    with pytest.raises(Refused) as caught:
        read_config({}, {key: value})
    assert caught.value.code == "settings"
    assert caught.value.message.count(". ") >= 1
