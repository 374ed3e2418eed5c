"""A bucket that others use as well, looked at by ``recorder-backend reap``, on a real store."""

from __future__ import annotations

import uuid
from pathlib import Path

from tests.preloaded import run_backend
from tests.servers import StoreServer, clean_env


def test_reap_reports_uploads_of_others_and_leaves_them_alone(store_server: StoreServer, tmp_path: Path) -> None:
    bucket = store_server.create_bucket(f"shared-{uuid.uuid4().hex}")
    s3 = store_server.client()
    keys = {"somebody/elses.bin", "recordings/talk-1-0123456789ab.mp4", ".recorder-probe/young"}
    for key in keys:
        s3.create_multipart_upload(Bucket=bucket, Key=key)

    env = store_server.backend_env(bucket) | {"JWT_SECRET": "s" * 32, "RECORDER_HOME": str(tmp_path / "home")}
    done = run_backend(["reap"], clean_env(env))

    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "0 idle uploads given up",
            "0 uploads forgotten that ended long ago",
            "0 extra uploads under keys of this catalogue aborted",
            "2 open uploads under other keys: somebody else's, left alone",
        ],
    ), done.stderr
    assert {upload["Key"] for upload in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]} == keys
