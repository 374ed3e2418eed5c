"""A bucket of one's own is tried on a real store."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.core.errors import Refused
from recorder_desktop.core.own_bucket import OwnBucket
from recorder_desktop.own_buckets import OwnBuckets, try_bucket
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import TokenStore
from tests.servers import StoreServer
from tests.unit.system.test_token_store import FakeKeyring


def test_a_bucket_that_is_there_passes(store_server: StoreServer) -> None:
    bucket = f"own-{uuid.uuid4().hex}"
    store_server.client().create_bucket(Bucket=bucket)

    try_bucket(store_server.backend_env(bucket))


def test_wrong_keys_are_named(store_server: StoreServer) -> None:
    with pytest.raises(Refused, match="AWS_SECRET_KEY") as caught:
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
    bucket = f"own-{uuid.uuid4().hex}"
    store_server.client().create_bucket(Bucket=bucket)
    given = store_server.backend_env(bucket)
    mine = OwnBucket(
        bucket, given["AWS_REGION"], given["S3_ENDPOINT_URL"], given["AWS_ACCESS_KEY"], given["AWS_SECRET_KEY"]
    )
    buckets = OwnBuckets(TokenStore(FakeKeyring()), SettingsFile(tmp_path / "settings.toml"))

    with pytest.raises(Refused) as caught:
        buckets.use(replace(mine, **change))

    assert caught.value.code == code
