"""A bucket is tried before it is kept, and its keys are nowhere but in the keyring."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.config import SERVER_SETTING, DesktopConfig, read_config
from recorder_desktop.core.errors import Refused
from recorder_desktop.core.own_bucket import OwnBucket, bucket_destination, kept_secrets
from recorder_desktop.destinations import ConfiguredDestinations
from recorder_desktop.own_buckets import OwnBuckets
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import TokenStore
from tests.unit.system.test_token_store import FakeKeyring

MINE = OwnBucket("mine", "eu-west-1", "https://minio.example.org", "AKIA", "very-secret", "mongodb://me:hidden@db")
PLACE = "bucket:mine at https://minio.example.org"


class FakePlaces:
    """Keeps what is chosen and served."""

    def __init__(self) -> None:
        self.place = "local"
        self.chosen: list[DesktopConfig] = []
        self.served: list[DesktopConfig] = []

    def current(self) -> str:
        return self.place

    def settings_of(self, destination: str) -> Mapping[str, str] | None:
        return next((each.own_bucket for each in self.served if each.destination == destination), None)

    def serve_here(self, config: DesktopConfig) -> None:
        self.served.append(config)

    def choose_here(self, config: DesktopConfig) -> None:
        self.serve_here(config)
        self.chosen.append(config)
        self.place = config.destination


class Rig:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "settings.toml"
        self.keyring = FakeKeyring()
        self.tokens = TokenStore(self.keyring)
        self.settings = SettingsFile(self.file)
        self.tried: list[Mapping[str, str]] = []
        self.places = FakePlaces()
        self.buckets = self.trying(self.tried.append)

    def trying(self, try_out: Callable[[Mapping[str, str]], None]) -> OwnBuckets:
        return OwnBuckets(self.tokens, self.settings, self.places, try_out)

    def written(self) -> str:
        self.settings.close()
        return self.file.read_text()


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_a_bucket_that_works_is_used_from_now_on_and_at_the_next_start(rig: Rig) -> None:
    rig.settings.set(SERVER_SETTING, "https://recorder.example.org")
    assert rig.buckets.begin(MINE).result(10) == PLACE

    assert rig.tried == [MINE.environment()]
    assert [(each.destination, each.own_bucket) for each in rig.places.chosen] == [(PLACE, MINE.environment())]
    config = read_config({}, rig.settings)
    assert config.destination == PLACE
    assert config.own_bucket is not None
    assert "AWS_SECRET_KEY" not in config.own_bucket


def test_the_keys_are_in_the_keyring_and_in_no_file(rig: Rig) -> None:
    rig.buckets.use(MINE)

    assert kept_secrets(rig.tokens.get(PLACE) or "") == {
        "AWS_ACCESS_KEY": "AKIA",
        "AWS_SECRET_KEY": "very-secret",
        "MONGO_URI": "mongodb://me:hidden@db",
        "AWS_REGION": "eu-west-1",
    }
    written = rig.written()
    assert "mine" in written
    assert not any(secret in written for secret in ("AKIA", "very-secret", "hidden"))


def test_what_is_known_of_a_bucket_is_there_to_be_changed(rig: Rig) -> None:
    rig.buckets.use(MINE)
    assert rig.buckets.known(PLACE).result(10) == MINE
    rig.tokens.delete(PLACE)
    rig.places.served.clear()  # as in a run that began at a team server

    assert rig.buckets.known(PLACE).result(10) == OwnBucket("mine", "eu-west-1", MINE.endpoint, "", "")


def test_what_is_known_of_a_bucket_that_was_changed_away_is_all_of_it(rig: Rig) -> None:
    rig.buckets.use(MINE)
    rig.buckets.use(replace(MINE, bucket="newer", region="eu-west-2"))
    rig.places.served.clear()  # as in a later run

    assert rig.buckets.known(PLACE).result(10) == MINE


def test_who_enters_the_keys_of_another_place_stays_where_recordings_go_now(rig: Rig) -> None:
    rig.buckets.use(MINE)
    server = "https://recorder.example.org"
    rig.settings.set(SERVER_SETTING, server)
    rig.places.place = server
    other = replace(MINE, access_key="AKIB", region="eu-west-2")
    assert rig.buckets.begin(other, mends=PLACE).result(10) == PLACE

    assert rig.places.current() == server
    assert rig.places.settings_of(PLACE) == MINE.environment()  # the first that was served, as it was
    assert rig.places.served[-1].own_bucket == other.environment()
    assert kept_secrets(rig.tokens.get(PLACE) or "")["AWS_ACCESS_KEY"] == "AKIB"
    assert read_config({}, rig.settings).destination == server
    assert rig.settings.get("bucket.region") == "eu-west-2"


def test_the_keys_of_a_bucket_that_is_not_in_the_settings_leave_these_alone(rig: Rig) -> None:
    rig.buckets.use(replace(MINE, bucket="newer"))
    rig.buckets.use(MINE, mends=PLACE)

    assert rig.settings.get("bucket.name") == "newer"
    assert rig.places.current() == "bucket:newer at https://minio.example.org"
    assert rig.places.served[-1].destination == PLACE


def test_another_bucket_that_is_entered_instead_is_used(rig: Rig) -> None:
    rig.buckets.use(MINE, mends="bucket:lost at eu-west-1")

    assert rig.places.current() == PLACE


@pytest.mark.parametrize("bucket", [MINE, replace(MINE, endpoint="", mongo_uri="")])
def test_of_a_bucket_that_is_not_served_its_name_tells(rig: Rig, bucket: OwnBucket) -> None:
    known = rig.buckets.known(bucket_destination(bucket.environment())).result(10)

    assert (known.bucket, known.endpoint, known.access_key) == ("mine", bucket.endpoint, "")
    assert known.region == ("" if bucket.endpoint else "eu-west-1")


def test_of_a_bucket_that_does_not_work_nothing_is_kept(rig: Rig) -> None:
    def refuse(_environment: Mapping[str, str]) -> None:
        raise Refused("No such bucket.")

    with pytest.raises(Refused, match="No such bucket"):
        rig.trying(refuse).begin(MINE).result(10)

    assert rig.keyring.entries == {}
    assert rig.places.chosen == []
    assert read_config({}, rig.settings).destination == "local"


@pytest.mark.parametrize("outcome", [None, Refused("No such bucket.")])
def test_of_a_trial_that_was_cancelled_nothing_is_kept(rig: Rig, outcome: Refused | None) -> None:
    rig.settings.set(SERVER_SETTING, "https://recorder.example.org")
    is_cancelled = threading.Event()

    def try_out(_environment: Mapping[str, str]) -> None:
        is_cancelled.wait(20)
        if outcome is not None:
            raise outcome

    slow = rig.trying(try_out).begin(replace(MINE, bucket="slow"))
    trial = next(thread for thread in threading.enumerate() if thread.name == "own-bucket")
    assert slow.cancel()
    assert rig.buckets.begin(MINE).result(10) == PLACE  # the next one is quicker
    is_cancelled.set()
    trial.join(20)

    assert not trial.is_alive()
    assert read_config({}, rig.settings).destination == PLACE
    assert len(rig.keyring.entries) == 1


def test_without_a_keyring_it_is_said_and_nothing_is_kept(rig: Rig) -> None:
    rig.keyring.priority = 0
    with pytest.raises(Refused, match="no usable keyring") as caught:
        rig.buckets.use(MINE)

    assert "bucket works" in caught.value.message
    assert read_config({}, rig.settings).destination == "local"


@pytest.mark.parametrize("kept", ["", "no json", "[]", '"text"', '{"OTHER": "x"}'])
def test_what_is_no_secret_of_a_bucket_is_none(kept: str) -> None:
    assert kept_secrets(kept) == {}


def test_keys_that_are_missing_are_asked_for_in_one_line(rig: Rig, tmp_path: Path) -> None:
    rig.buckets.use(MINE)
    rig.tokens.delete(PLACE)
    places = ConfiguredDestinations(RecorderPaths(tmp_path), read_config({}, rig.settings), rig.tokens)

    places.begin()  # the window opens all the same, so that they can be entered again

    with pytest.raises(Refused, match="keys of your bucket mine") as caught:
        places.connect(PLACE)
    assert caught.value.code == "bucket_keys_missing"
    places.close()


def test_a_bucket_that_is_not_wanted_any_more_leaves_neither_setting_nor_key(rig: Rig) -> None:
    rig.buckets.use(MINE)
    rig.buckets.forget()

    assert read_config({}, rig.settings).destination == "local"
    assert rig.keyring.entries == {}


def test_a_bucket_of_the_environment_is_not_forgotten_here(rig: Rig) -> None:
    with pytest.raises(Refused, match="environment"):
        rig.buckets.forget()


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        ("bad_settings", "recorder-backend: S3_BUCKET: must be a bucket's name", "wrong_bucket"),
        ("bad_settings", "recorder-backend: S3_ENDPOINT_URL: must be an address", "wrong_endpoint"),
        ("bad_settings", "recorder-backend: AWS_REGION: must be a region", "wrong_region"),
        ("bad_settings", "recorder-backend: MONGO_URI: not a MongoDB address", "wrong_mongo_uri"),
        ("store_refused", "The store refuses the keys of the bucket “mine”.", "wrong_keys"),
        ("bucket_missing", "The bucket does not exist.", "wrong_bucket"),
    ],
)
def test_what_the_backend_says_of_its_variables_is_said_of_what_was_typed_in(
    rig: Rig, code: str, said: str, told: str
) -> None:
    def refuse(_environment: Mapping[str, str]) -> None:
        raise Refused(said, code=code)

    with pytest.raises(Refused) as caught:
        rig.trying(refuse).begin(MINE).result(10)

    assert caught.value.code == told
    assert not any(name in caught.value.message for name in ("S3_", "AWS_", "MONGO_URI", "recorder-backend"))
