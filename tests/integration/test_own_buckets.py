"""A bucket of one's own is tried on a real store."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.bootstrap import Recorder
from recorder_desktop.config import LOCAL, DesktopConfig
from recorder_desktop.core.errors import Refused
from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.core.own_bucket import OwnBucket
from recorder_desktop.core.upload_queue import AddOptions
from recorder_desktop.own_buckets import OwnBuckets, try_bucket
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import TokenStore
from tests.servers import StoreServer
from tests.unit.system.test_token_store import FakeKeyring
from tests.unit.test_own_buckets import FakePlaces
from tests.waiting import wait_for


def made_bucket(store_server: StoreServer) -> OwnBucket:
    """A new bucket, as a person would name it."""
    bucket = f"own-{uuid.uuid4().hex}"
    store_server.client().create_bucket(Bucket=bucket)
    given = store_server.backend_env(bucket)
    keys = given["AWS_ACCESS_KEY"], given["AWS_SECRET_KEY"]
    return OwnBucket(bucket, given["AWS_REGION"], given["S3_ENDPOINT_URL"], *keys)


def test_a_bucket_that_is_there_passes(store_server: StoreServer) -> None:
    bucket = f"own-{uuid.uuid4().hex}"
    store_server.client().create_bucket(Bucket=bucket)

    try_bucket(store_server.backend_env(bucket))


def test_wrong_keys_are_named(store_server: StoreServer) -> None:
    with pytest.raises(Refused, match="secret key") as caught:
        try_bucket(store_server.backend_env("any-bucket") | {"AWS_SECRET_KEY": "wrong"})

    assert caught.value.code == "store_refused"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bucket": "no name"}, "wrong_bucket"),
        ({"bucket": "not-there"}, "wrong_bucket"),
        ({"region": "no region"}, "wrong_region"),
        ({"endpoint": "minio"}, "wrong_endpoint"),
        ({"secret_key": "wrong"}, "wrong_keys"),
        ({"mongo_uri": "http://db.example.org"}, "wrong_mongo_uri"),
    ],
)
def test_the_field_that_is_wrong_is_found_out_by_the_real_backend(
    store_server: StoreServer, tmp_path: Path, change: dict[str, str], code: str
) -> None:
    mine = made_bucket(store_server)
    places = FakePlaces()
    buckets = OwnBuckets(TokenStore(FakeKeyring()), SettingsFile(tmp_path / "settings.toml"), places)

    with pytest.raises(Refused) as caught:
        buckets.use(replace(mine, **change))

    assert caught.value.code == code
    assert places.chosen == []


def test_a_bucket_that_is_chosen_while_recorder_runs_takes_what_is_new_and_all_goes_on_to_where_it_was(
    store_server: StoreServer, tmp_path: Path
) -> None:
    mine = made_bucket(store_server)
    bucket = mine.bucket
    talks = [tmp_path / f"{name}.wav" for name in ("before", "meanwhile", "after", "later")]
    for talk in talks:
        talk.write_bytes(os.urandom(100_000))
    before, meanwhile, after, later = talks
    recorder = Recorder(RecorderPaths(tmp_path / "home").create(), DesktopConfig(LOCAL), uploading=True)
    try:
        recorder.start()
        settings = SettingsFile(tmp_path / "settings.toml")
        buckets = OwnBuckets(TokenStore(FakeKeyring()), settings, recorder.destinations)
        recorder.queue.add([before]).result(30)
        stored(recorder, 1)
        place = buckets.use(mine)
        recorder.queue.add([meanwhile], AddOptions(destination=LOCAL)).result(30)
        recorder.queue.add([after]).result(30)
        stored(recorder, 3)
        # As when it is entered again with other keys: its backend begins anew.
        recorder.destinations._stacks[place].use(mine.environment())
        recorder.queue.add([later]).result(30)
        stored_at = [
            (upload.destination, upload.recording.bucket) for upload in stored(recorder, 4) if upload.recording
        ]
    finally:
        recorder.close()

    assert stored_at == [(LOCAL, "recordings"), (LOCAL, "recordings"), (place, bucket), (place, bucket)]
    sizes = [each["Size"] for each in store_server.client().list_objects_v2(Bucket=bucket)["Contents"]]
    assert sizes == [100_000, 100_000]


def stored(recorder: Recorder, count: int) -> list[Upload]:
    """The uploads, when so many are verified."""
    wait_for(
        lambda: [view.upload.state for view in recorder.queue.views()] == count * [UploadState.COMPLETED],
        f"{count} that are stored",
        60,
    )
    return [view.upload for view in recorder.queue.views()]
