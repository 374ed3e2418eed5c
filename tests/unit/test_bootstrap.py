"""What a Recorder knows of places that it has not reached, and when it starts the children of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest

from recorder_desktop.bootstrap import Recorder
from recorder_desktop.config import LOCAL, DesktopConfig
from recorder_desktop.core.errors import QueueDamaged, SignInRequired, Unavailable, UploadError
from recorder_desktop.core.events import Event, Notice, ServiceChanged, ServiceState
from recorder_desktop.core.thumbnails import source_of_upload
from recorder_desktop.destinations import ConfiguredDestinations
from recorder_desktop.system.local_stack import StackAddress
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.token_store import NO_KEYRING_NOTICE, TokenStore
from tests.unit.system.test_token_store import FakeKeyring
from tests.unit.system.waiting import wait_until

SERVER = "https://recorder.example.org"


class Teller:
    """A Recorder whose engine says what the test wants it to say."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def say(self, destination: str, state: ServiceState, message: str = "") -> None:
        event: Event = ServiceChanged(destination, state, message)
        self.recorder.queue._listeners.emit(event)


@pytest.fixture
def teller(tmp_path: Path) -> Iterator[Teller]:
    recorder = Recorder(RecorderPaths(tmp_path / "home").create(), DesktopConfig(SERVER, server=SERVER))
    yield Teller(recorder)
    recorder.close()


def test_a_place_that_was_not_tried_is_not_missing(teller: Teller) -> None:
    assert teller.recorder.why_unreached(SERVER) is None


def test_a_server_that_is_silent_or_away_is_missing_until_it_answers_once(teller: Teller) -> None:
    teller.say(SERVER, ServiceState.STARTING)
    assert teller.recorder.why_unreached(SERVER) == f"{SERVER} does not answer."

    teller.say(SERVER, ServiceState.UNREACHABLE, "It cannot be reached.")
    assert teller.recorder.why_unreached(SERVER) == "It cannot be reached."

    teller.say(SERVER, ServiceState.READY)
    teller.say(SERVER, ServiceState.UNREACHABLE, "It cannot be reached.")
    assert teller.recorder.why_unreached(SERVER) is None


def test_the_stack_on_this_computer_may_take_its_time_to_start(teller: Teller) -> None:
    teller.say(LOCAL, ServiceState.STARTING)
    assert teller.recorder.why_unreached(LOCAL) is None

    teller.say(LOCAL, ServiceState.UNREACHABLE, "The store could not start.")
    assert teller.recorder.why_unreached(LOCAL) == "The store could not start."


def test_whoever_listens_hears_that_a_sign_in_is_kept_in_memory_only(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FakeKeyring()
    monkeypatch.setattr("keyring.get_keyring", lambda: keyring)
    heard: list[Event] = []
    teller.recorder.queue.subscribe(heard.append)
    teller.recorder.tokens.set(SERVER, "token-1")
    keyring.is_read_only = True

    teller.recorder.tokens.replace(SERVER, "token-1", "token-2")

    assert heard == [Notice(NO_KEYRING_NOTICE)]


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (None, ServiceState.READY),
        (Unavailable("It cannot be reached."), ServiceState.UNREACHABLE),
        (SignInRequired("Sign in."), ServiceState.SIGN_IN),
    ],
)
@pytest.mark.parametrize("destination", [LOCAL, SERVER])
def test_a_warm_up_tells_how_its_place_is_doing_although_nothing_is_uploaded(
    teller: Teller,
    monkeypatch: pytest.MonkeyPatch,
    destination: str,
    failure: UploadError | None,
    state: ServiceState,
) -> None:
    backend = Mock()
    backend.recordings.side_effect = failure
    connect = Mock(return_value=backend, side_effect=failure if destination == LOCAL else None)
    monkeypatch.setattr(teller.recorder.destinations, "connect", connect)
    teller.recorder.config = DesktopConfig(destination)
    heard: list[Event] = []
    teller.recorder.queue.subscribe(heard.append)

    teller.recorder.warm_up()

    wait_until(lambda: bool(heard), "word of the place")
    assert heard == [ServiceChanged(destination, state, failure.message if failure else "")]


def test_a_warm_up_loads_what_a_selected_upload_needs_before_anybody_waits_for_it(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teller.recorder.destinations, "connect", Mock())
    monkeypatch.delitem(sys.modules, "sqlite_utils", raising=False)

    teller.recorder.warm_up()

    assert "sqlite_utils" in sys.modules


@pytest.mark.parametrize("uploading", [True, False])
def test_children_are_begun_only_by_who_uploads_and_end_when_opening_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uploading: bool
) -> None:
    called: list[str] = []
    for name in ("begin", "close"):
        monkeypatch.setattr(ConfiguredDestinations, name, lambda _self, name=name: called.append(name))
    # No home: the queue cannot be opened.
    with pytest.raises(QueueDamaged):
        Recorder(RecorderPaths(tmp_path / "missing"), DesktopConfig(LOCAL), uploading=uploading)
    assert called == ["begin"] * uploading + ["close"]


def test_a_stack_that_was_being_made_while_recorder_closed_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    destinations = ConfiguredDestinations(RecorderPaths(tmp_path), DesktopConfig(LOCAL), TokenStore())
    stack = Mock()

    def made_meanwhile(_destination: str) -> Mock:
        destinations.close()
        return stack

    monkeypatch.setattr(destinations, "_new_stack", made_meanwhile)
    destinations.begin()
    stack.stop.assert_called_once()


def test_a_team_server_needs_no_children(tmp_path: Path) -> None:
    destinations = ConfiguredDestinations(RecorderPaths(tmp_path), DesktopConfig(SERVER, server=SERVER), TokenStore())
    destinations.begin()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("destination", "is_near"),
    [
        (LOCAL, True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("https://team.example.org", False),
        ("bucket:talks at http://127.0.0.1:9000", False),
    ],
)
def test_which_places_are_on_this_computer(tmp_path: Path, destination: str, is_near: bool) -> None:
    destinations = ConfiguredDestinations(RecorderPaths(tmp_path), DesktopConfig(LOCAL), TokenStore())
    assert destinations.is_near(destination) is is_near


def a_token(destinations: ConfiguredDestinations) -> str:
    return destinations.connect(SERVER)._tokens.token()


def test_a_lent_token_goes_before_the_environments_and_that_before_the_keyrings(tmp_path: Path) -> None:
    tokens = TokenStore(FakeKeyring())
    tokens.set(SERVER, "kept")
    paths = RecorderPaths(tmp_path)
    with closing(ConfiguredDestinations(paths, DesktopConfig(SERVER, server=SERVER), tokens)) as without:
        assert a_token(without) == "kept"
    config = DesktopConfig(SERVER, server=SERVER, token="environment")
    with closing(ConfiguredDestinations(paths, config, tokens)) as destinations:
        assert a_token(destinations) == "environment"
        destinations.lend_token(SERVER, "lent")
        assert a_token(destinations) == "lent"


def test_a_sign_in_of_this_run_goes_before_all_and_new_uploads_go_there(tmp_path: Path) -> None:
    tokens = TokenStore(FakeKeyring())
    config = DesktopConfig(LOCAL, token="environment")
    with closing(ConfiguredDestinations(RecorderPaths(tmp_path), config, tokens)) as destinations:
        destinations.lend_token(SERVER, "lent")
        tokens.set(SERVER, "kept")
        destinations.choose(SERVER)
        assert destinations.current() == SERVER
        assert a_token(destinations) == "kept"
        assert destinations.serves(LOCAL)


@pytest.mark.parametrize("lent", [None, "lent"])
def test_after_a_sign_in_of_another_process_what_this_run_was_given_does_not_count(
    tmp_path: Path, lent: str | None
) -> None:
    tokens = TokenStore(FakeKeyring())
    tokens.set(SERVER, "kept")
    config = DesktopConfig(SERVER, server=SERVER, token="environment")
    with closing(ConfiguredDestinations(RecorderPaths(tmp_path), config, tokens)) as destinations:
        if lent is not None:
            destinations.lend_token(SERVER, lent)
        destinations.use_kept(SERVER)
        assert a_token(destinations) == "kept"
        destinations.lend_token(SERVER, "lent later")
        assert a_token(destinations) == "lent later"


def test_thumbnails_are_made_below_the_home_by_real_ffmpeg(teller: Teller, tmp_path: Path) -> None:
    recorder, film = teller.recorder, tmp_path / "talk.mp4"
    made = ["-f", "lavfi", "-i", "testsrc=s=64x36:r=10:d=1", "-pix_fmt", "yuv420p", str(film)]
    subprocess.run(["ffmpeg", "-v", "error", *made], check=True, timeout=60)
    recorder.queue.add([film]).result(20)
    source = source_of_upload(recorder.queue.views()[0].upload)
    assert source is not None
    told: list[bytes | None] = []
    desk = recorder.open_thumbnails()
    desk.subscribe(lambda _key, picture: told.append(picture))

    desk.want([source])

    wait_until(lambda: bool(told), "a picture")
    assert told[0] is not None
    assert (recorder.paths.thumbnails / source.key).read_bytes() == told[0]


PLACE = "bucket:mine at eu-west-1"
READY = StackAddress("http://127.0.0.1:9")
BUCKET = {"S3_BUCKET": "mine", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY": "A", "AWS_SECRET_KEY": "secret"}


def test_a_bucket_that_is_chosen_again_with_other_keys_is_served_with_those(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    destinations = ConfiguredDestinations(RecorderPaths(tmp_path), DesktopConfig(LOCAL), TokenStore(FakeKeyring()))
    stack = Mock(wait_ready=Mock(return_value=READY))
    monkeypatch.setattr(destinations, "_new_stack", lambda _destination: stack)
    destinations.choose_here(DesktopConfig(PLACE, own_bucket=BUCKET))
    with closing(destinations):
        destinations.connect(PLACE)
        destinations.choose_here(DesktopConfig(PLACE, own_bucket=BUCKET))
        destinations.choose_here(DesktopConfig(PLACE, own_bucket={**BUCKET, "AWS_ACCESS_KEY": ""}))
        stack.use.assert_not_called()
        other = {**BUCKET, "AWS_ACCESS_KEY": "B"}
        destinations.choose_here(DesktopConfig(PLACE, own_bucket=other))
        stack.use.assert_called_once_with(other)


def test_no_place_waits_for_the_start_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    destinations = ConfiguredDestinations(RecorderPaths(tmp_path), DesktopConfig(LOCAL), TokenStore(FakeKeyring()))
    is_asked, may_go_on = threading.Event(), threading.Event()

    def wait_ready(_patience_s: float) -> StackAddress:
        is_asked.set()
        may_go_on.wait(20)
        return READY

    slow, quick = Mock(wait_ready=wait_ready), Mock(wait_ready=Mock(return_value=READY))
    monkeypatch.setattr(destinations, "_new_stack", lambda place: slow if place == PLACE else quick)
    destinations.choose_here(DesktopConfig(PLACE, own_bucket=BUCKET))
    with closing(destinations), ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(destinations.connect, PLACE)
        assert is_asked.wait(20)
        destinations.connect(LOCAL)
        assert not waiting.done()
        may_go_on.set()
        waiting.result(20)
