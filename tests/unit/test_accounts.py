"""Who is signed in where, and where recordings go after signing out, without a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from recorder_desktop.accounts import Accounts
from recorder_desktop.client.backend_api import BackendApi
from recorder_desktop.config import LOCAL, SERVER_SETTING, read_config
from recorder_desktop.core.errors import SignInRequired, Unavailable
from recorder_desktop.core.own_bucket import OwnBucket
from recorder_desktop.core.preferences import Account
from recorder_desktop.destinations import ConfiguredDestinations
from recorder_desktop.own_buckets import OwnBuckets
from recorder_desktop.sign_ins import SignIns
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import TokenStore
from tests.unit.system.test_token_store import FakeKeyring

SERVER = "http://127.0.0.1:9"  # nobody answers there


class Rig:
    def __init__(self, home: Path, environment: dict[str, str] | None = None, *, is_chosen: bool = True) -> None:
        self.environment = environment or {}
        self.settings = SettingsFile(home / "settings.toml")
        if is_chosen:
            self.settings.set(SERVER_SETTING, SERVER)
        self.tokens = TokenStore(FakeKeyring())
        self.tokens.set(SERVER, "access-token")
        config = read_config(self.environment, self.settings)
        self.places = ConfiguredDestinations(RecorderPaths(home), config, self.tokens)
        sign_ins = SignIns(self.tokens, self.settings, self.places.choose)
        buckets = self.buckets = OwnBuckets(
            self.tokens,
            self.settings,
            self.places,
            try_out=lambda _environment: None,
        )
        self.accounts = Accounts(
            self.places, sign_ins, lambda: read_config(self.environment, self.settings), buckets.forget
        )

    def look(self) -> Account:
        return self.accounts.look().result(10)

    def sign_out(self) -> None:
        self.accounts.sign_out(SERVER).result(10)

    def close(self) -> None:
        self.places.close()
        self.settings.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.close()


class Connection:
    """A backend that answers the one question so."""

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer

    def signed_in_as(self) -> str:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "user"),
    [("mara", "mara"), ("", ""), (SignInRequired("Nobody."), None), (Unavailable("Away."), "")],
)
def test_it_tells_who_is_signed_in(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, answer: str | Exception, user: str | None
) -> None:
    monkeypatch.setattr(rig.places, "connect", lambda _server: cast("BackendApi", Connection(answer)))

    assert rig.look() == Account(SERVER, "Team server 127.0.0.1:9", needs_sign_in=True, user=user)


def test_on_this_computer_nobody_signs_in(tmp_path: Path) -> None:
    rig = Rig(tmp_path, is_chosen=False)

    assert rig.look() == Account(LOCAL, "Stored on this computer", needs_sign_in=False)
    rig.close()


def test_after_signing_out_new_recordings_stay_here_and_those_for_the_server_wait(rig: Rig) -> None:
    assert rig.places.current() == SERVER
    assert not rig.places.serves(LOCAL)
    rig.sign_out()

    assert rig.look() == Account(LOCAL, "Stored on this computer", needs_sign_in=False)
    assert rig.places.serves(LOCAL)
    assert rig.places.serves(SERVER)
    assert rig.tokens.get(SERVER) is None
    with pytest.raises(SignInRequired):
        rig.places.connect(SERVER).signed_in_as()


def test_after_signing_out_new_recordings_go_to_the_persons_own_bucket_if_there_is_one(tmp_path: Path) -> None:
    bucket = {
        "S3_BUCKET": "mine",
        "AWS_ACCESS_KEY": "AKIA",
        "AWS_SECRET_KEY": "secret",
        "AWS_REGION": "eu-west-1",
    }
    rig = Rig(tmp_path, bucket)
    rig.sign_out()

    assert rig.places.current() == "bucket:mine at eu-west-1"
    assert rig.places.serves("bucket:mine at eu-west-1")
    rig.close()


def test_whoever_signed_in_while_it_ran_is_back_where_it_began(tmp_path: Path) -> None:
    rig = Rig(tmp_path, is_chosen=False)
    rig.places.choose(SERVER)
    rig.sign_out()

    assert rig.places.current() == LOCAL
    rig.close()


def test_a_server_of_the_environment_stays_the_place_and_waits(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"RECORDER_SERVER": SERVER, "RECORDER_TOKEN": "lent"})
    rig.sign_out()

    assert rig.look() == Account(SERVER, "Team server 127.0.0.1:9", needs_sign_in=True, user=None)
    rig.close()


def test_the_bucket_of_the_next_start_is_told_until_the_person_stops_using_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path, is_chosen=False)
    for setting, value in (("bucket.name", "mine"), ("bucket.region", "eu-west-1")):
        rig.settings.set(setting, value)
    assert (rig.look().destination, rig.look().bucket) == (LOCAL, "bucket:mine at eu-west-1")
    rig.accounts.stop_bucket().result(10)

    assert rig.look().bucket == ""
    rig.close()


MINE = OwnBucket("mine", "eu-west-1", "", "AKIA", "secret")
MY_PLACE = "bucket:mine at eu-west-1"


def test_a_bucket_is_used_and_left_at_once_and_what_is_queued_for_either_place_goes_on(
    tmp_path: Path,
) -> None:
    rig = Rig(tmp_path, is_chosen=False)
    rig.buckets.use(MINE)

    assert rig.look() == Account(MY_PLACE, "Your bucket mine at eu-west-1", needs_sign_in=False, bucket=MY_PLACE)
    assert rig.places.serves(LOCAL)
    rig.accounts.stop_bucket().result(10)

    assert rig.look() == Account(LOCAL, "Stored on this computer", needs_sign_in=False)
    assert rig.places.serves(MY_PLACE)
    rig.close()


def test_whoever_is_signed_in_stays_so_when_the_bucket_is_left(tmp_path: Path) -> None:
    rig = Rig(tmp_path, is_chosen=False)
    rig.buckets.use(MINE)
    rig.places.choose(SERVER)
    rig.accounts.stop_bucket().result(10)

    assert rig.places.current() == SERVER
    rig.close()
