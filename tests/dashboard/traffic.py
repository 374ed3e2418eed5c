"""Uploads of a small team, with what goes wrong on an ordinary day, for the dashboard to show."""

from __future__ import annotations

import contextlib
import math
import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.fakes.memory_object_store import crc64
from tests.integration.backend_client import Client, client, place
from tests.servers import BackendServer, MongoServer

PEOPLE = 12
LINE_BYTES_PER_S = 1.5e6
PART_BYTES = 5 << 20
RECORDING = random.Random(1).randbytes(3 * PART_BYTES)
DATABASE_AWAY_S = 10


def a_day(server: BackendServer, mongo: MongoServer, minutes: float) -> None:
    """Let the team work so long; two thirds on, the database is away for some seconds."""
    end = time.monotonic() + minutes * 60
    with ThreadPoolExecutor(PEOPLE) as pool:
        working = pool.map(lambda number: _work(server, number, end), range(PEOPLE))
        time.sleep(minutes * 40)
        mongo.kill()
        time.sleep(DATABASE_AWAY_S)
        mongo.restart()
    list(working)  # raises what one of them raised


def _work(server: BackendServer, number: int, end: float) -> None:
    chance = random.Random(number)
    with client(server, f"person-{number}") as person:
        while time.monotonic() < end:
            # That the database is away is seen in the dashboard.
            with contextlib.suppress(AssertionError, KeyError, httpx.HTTPError):
                _upload(person, chance)
            time.sleep(chance.expovariate(0.5 + 0.4 * math.sin(time.monotonic() / 24)))  # busy and quiet by turns


def _upload(person: Client, chance: random.Random) -> None:
    person.http.get("/recordings")
    body = RECORDING[: int(chance.lognormvariate(14.5, 1.2))]
    opened = person.init(clientUploadId=str(uuid.uuid4()), fileSize=len(body))
    parts = []
    for number, start in enumerate(range(0, len(body), PART_BYTES), 1):
        parts.append(person.send(opened, body[start : start + PART_BYTES], number))
        time.sleep(len(body[start : start + PART_BYTES]) / LINE_BYTES_PER_S)
    how = chance.choices(["completed", "refused", "aborted", "left open"], [88, 6, 4, 2])[0]
    if how == "refused":
        person.complete(opened, parts, checksum=crc64(b"another file"))
    if how in ("completed", "refused"):
        person.complete(opened, parts, checksum=crc64(body))
    if how == "aborted":
        person.http.post("/s3/abort-upload", json=place(opened))
