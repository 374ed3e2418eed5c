"""Client, server, store and database are killed at random while 100 files flow, again and again: `make soak`.

Everything is real: processes, SIGKILL, SeaweedFS, a MongoDB replica set. Each round begins with an empty installation
and ends when every file has arrived; then all of it is compared. Afterwards every parser of foreign answers is given
nonsense for a while. The same seed makes the same files and kills in the
same order, if not at the same instants.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.proxy import ChaosProxy, chaos_proxy
from tests.e2e.command_line import Ended
from tests.e2e.desktop import ROOT, Desktop
from tests.fuzz.running import fuzz
from tests.servers import BackendServer, MongoServer, StoreServer, backend_program, mongod_replica_set, seaweedfs

USER = "mara"
RATE_BYTES_PER_S = 8e6
"""Slow enough that kills fall into uploads."""
BRISK_S, CALM_S = (0.05, 0.9), (1.0, 5.0)
"""Between two kills: briskly, so that there are many of them; calmly, so that parts flow in between."""
SPELL_S = 30.0
"""How long it goes on briskly, and how long calmly."""
DEAD_FOR_S = (0.0, 1.0)
GRACE_S = 240.0
"""From the last kill of a round to its end."""
LOOK_EVERY_S = 0.05


class SoakFailed(Exception):
    """A promise was broken; the message says which."""


@dataclass
class Tally:
    """What is printed in the end."""

    files: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    resent_bytes: int = 0
    mismatches: int = 0
    failures: Counter[str] = field(default_factory=Counter)  # what the client said failed, by code

    def __str__(self) -> str:
        kinds = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        said = ", ".join(f"{code} {count}" for code, count in sorted(self.failures.items()))
        line = f"files: {self.files}, kills: {self.kills.total()} ({kinds}), resent bytes: {self.resent_bytes}, "
        return f"{line}mismatches: {self.mismatches}" + (f"\nreported and tried again: {said}" if said else "")


@dataclass
class Installation:
    """All that runs, and what of it is dead: by name, when and how it comes back, and what is coming back now."""

    store: StoreServer
    mongo: MongoServer
    server: BackendServer
    line: ChaosProxy
    bucket: str
    member: Desktop
    starts: ThreadPoolExecutor
    dead: dict[str, tuple[float, Callable[[], None]]] = field(default_factory=dict)
    coming: dict[str, Future[None]] = field(default_factory=dict)

    def is_down(self, what: str) -> bool:
        """Whether one of the servers is dead, or not back yet."""
        return what in self.dead or what in self.coming

    def kill(self, what: str, dead_for_s: float) -> None:
        """Kill one of the servers for a while."""
        kill, revive = {
            "store": (self.store.kill, self.store.restart),
            "database": (self.mongo.kill, self.mongo.restart),
            "server": (self.server.kill, self.server.start),
        }[what]
        kill()
        self.dead[what] = (time.monotonic() + dead_for_s, revive)

    def revive(self, *, all_of_them: bool = False) -> None:
        """Start again what has been dead long enough; all_of_them: everything, and wait until it is back.

        Not in the way of the next kill: a database takes seconds until it has a primary.
        """
        for what, (due, revive) in list(self.dead.items()):
            if all_of_them or time.monotonic() >= due:
                del self.dead[what]
                self.coming[what] = self.starts.submit(revive)
        for what, start in list(self.coming.items()):
            if all_of_them or start.done():
                start.result()
                del self.coming[what]


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """Run a team's servers in `folder` until the block ends."""
    with ExitStack() as stack:
        store = stack.enter_context(seaweedfs(folder / "store"))
        mongo = stack.enter_context(mongod_replica_set(folder / "mongo"))
        line = stack.enter_context(chaos_proxy(store.endpoint_url, RATE_BYTES_PER_S))
        bucket = store.create_bucket(f"soak-{secrets.token_hex(4)}")
        settings = {"MONGO_URI": mongo.uri.replace("/?", "/soak?"), "S3_PUBLIC_ENDPOINT_URL": line.url}
        server = stack.enter_context(backend_program(store.backend_env(bucket) | settings, folder / "server"))
        signed_in = {
            "RECORDER_SERVER": server.url,
            "RECORDER_TOKEN": server.token(USER, exp=int(time.time()) + 86400),
        }
        member = Desktop(folder / "member", signed_in)
        member.folder.mkdir()
        starts = stack.enter_context(ThreadPoolExecutor(max_workers=3))
        made = Installation(store, mongo, server, line, bucket, member, starts)
        yield made
        made.revive(all_of_them=True)


def make_files(folder: Path, chance: random.Random, count: int) -> dict[str, str]:
    """Make recordings: empty, small, of one PUT, of several parts. Returns SHA-256 by name."""
    folder.mkdir()
    made = {}
    for number in range(count):
        most = chance.choice([0, 200_000, 1_000_000, 1_000_000, 4_000_000, 4_000_000, 18_000_000])
        content = chance.randbytes(chance.randint(most // 2, most))
        name = f"talk {number}.wav"
        (folder / name).write_bytes(content)
        made[name] = hashlib.sha256(content).hexdigest()
    return made


class Round:
    """100 files through one installation."""

    def __init__(
        self, there: Installation, chance: random.Random, tally: Tally, count: int, kills_end: float
    ) -> None:
        self._there = there
        self._chance = chance
        self._tally = tally
        self._kills_end = kills_end
        self._folder = there.member.folder / "recordings"
        self._files = make_files(self._folder, chance, count)
        self._client: subprocess.Popen[bytes] | None = None
        self._runs = 0

    def run(self) -> None:
        """Upload everything through the kills, and compare it. Raises SoakFailed."""
        next_kill = time.monotonic() + 1.0
        last_change = time.monotonic()
        pause = threading.Event()
        while not self._is_done():
            now = time.monotonic()
            if now < self._kills_end:
                last_change = now
            elif now > last_change + GRACE_S:
                raise SoakFailed(f"not done {GRACE_S:.0f} s after the last kill: {self._last_words()}")
            if next_kill <= now < self._kills_end:
                self._kill()
                is_brisk = int((self._kills_end - now) / SPELL_S) % 2 == 1
                next_kill = time.monotonic() + self._chance.uniform(*(BRISK_S if is_brisk else CALM_S))
            self._there.revive()
            pause.wait(LOOK_EVERY_S)
        self._there.revive(all_of_them=True)
        self._there.server.wait_ready()
        self._compare()

    def _kill(self) -> None:
        what = self._chance.choice(["client"] * 4 + ["server"] * 2 + ["store", "database"])
        dead_for_s = self._chance.uniform(*DEAD_FOR_S)
        if what == "client":
            if self._client is None or self._client.poll() is not None:
                return
            self._client.kill()
        elif self._there.is_down(what):
            return
        else:
            self._there.kill(what, dead_for_s)
        self._tally.kills[what] += 1

    # --- the client ----------------------------------------------------------------------------------------------

    def _is_done(self) -> bool:
        if self._client is None:
            self._start()
            return False
        code = self._client.poll()
        if code is None:
            return False
        events = self._printed().events if code in (0, 1) else []
        for event in events:
            if event["event"] == "failed":
                self._tally.failures[event["code"]] += 1
        if code == 0:
            return True
        if code not in (1, -9):
            raise SoakFailed(f"the client ended with {code}: {self._last_words()}")
        self._start()
        return False

    def _start(self) -> None:
        self._runs += 1
        command = [sys.executable, "-m", "recorder_desktop", "upload", str(self._folder), "--json"]
        with self._log(".out").open("wb") as out, self._log(".err").open("wb") as err:
            environment = self._there.member.environment
            self._client = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=err)

    def _log(self, kind: str) -> Path:
        return self._there.member.folder / f"run-{self._runs}{kind}"

    def _printed(self) -> Ended:
        return Ended(0, self._log(".out").read_text(), "")

    def _last_words(self) -> str:
        log = self._there.member.home / "logs" / "recorder.log"
        return self._log(".err").read_text()[-500:] + (log.read_text()[-1500:] if log.exists() else "")

    def end(self) -> None:
        """End the client, whatever it is at."""
        if self._client is not None:
            self._client.kill()
            self._client.wait(10)

    # --- afterwards ----------------------------------------------------------------------------------------------

    def _compare(self) -> None:
        there, s3 = self._there, self._there.store.client()
        with there.mongo.admin() as client:
            records = list(client.get_database("soak").recordings.find({"owner_id": USER}))
        keys = {}
        wrong = abs(len(records) - len(self._files))
        for record in records:
            stored = s3.get_object(Bucket=there.bucket, Key=record["key"])["Body"].read()
            wrong += hashlib.sha256(stored).hexdigest() != self._files[record["file_name"]]
            keys[record["file_name"]] = record["key"]
        wrong += len(self._files) - len(keys)
        objects = _all_keys(s3, there.bucket)
        wrong += len(set(objects) - set(keys.values()))
        wrong += len(_open_uploads(s3, there.bucket))
        total_bytes = sum(file.stat().st_size for file in self._folder.iterdir())
        self._tally.files += len(self._files)
        self._tally.mismatches += wrong
        self._tally.resent_bytes += there.line.all_put_bytes() - total_bytes


def _all_keys(s3: Any, bucket: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="recordings/")
    return [item["Key"] for page in pages for item in page.get("Contents", ())]


def _open_uploads(s3: Any, bucket: str) -> list[str]:
    listed = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", ())
    return [upload["Key"] for upload in listed if upload["Key"].startswith("recordings/")]


def soak(minutes: float, seed: int, count: int) -> int:
    """Run rounds until the time is over; the exit code."""
    print(f'seed {seed}: ARGS="--seed {seed}" does the same again', flush=True)
    chance, tally = random.Random(seed), Tally()
    kills_end = time.monotonic() + minutes * 60
    try:
        while tally.files == 0 or time.monotonic() < kills_end:
            with tempfile.TemporaryDirectory(prefix="recorder-soak-") as folder, installation(Path(folder)) as there:
                one = Round(there, chance, tally, count, kills_end)
                try:
                    one.run()
                finally:
                    one.end()
            print(tally, flush=True)
    except SoakFailed as exc:
        print(f"{tally}\nfailed: {exc}")
        return 1
    return 1 if tally.mismatches else 0


def main() -> int:
    """Read the arguments and soak."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0, help="how long things are killed (20); 0: not at all")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="chooses files and kills")
    parser.add_argument("--files", type=int, default=100, help="in each round (100)")
    parser.add_argument("--fuzz-minutes", type=float, default=2.0, help="then parsers are given nonsense (2)")
    options = parser.parse_args()
    code = soak(options.minutes, options.seed, options.files) if options.minutes else 0
    return code or min(1, fuzz(options.fuzz_minutes, options.seed))


if __name__ == "__main__":
    sys.exit(main())
