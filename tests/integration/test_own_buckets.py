"""A bucket of one's own is tried on a real store."""

from __future__ import annotations

import uuid

import pytest

from recorder_desktop.core.errors import Refused
from recorder_desktop.own_buckets import try_bucket
from tests.servers import StoreServer


def test_a_bucket_that_is_there_passes(store_server: StoreServer) -> None:
    bucket = f"own-{uuid.uuid4().hex}"
    store_server.client().create_bucket(Bucket=bucket)

    try_bucket(store_server.backend_env(bucket))


def test_wrong_keys_are_named(store_server: StoreServer) -> None:
    with pytest.raises(Refused, match="AWS_SECRET_KEY") as caught:
        try_bucket(store_server.backend_env("any-bucket") | {"AWS_SECRET_KEY": "wrong"})

    assert caught.value.code == "store_refused"
