"""Somebody with a token, for the backend that a test module runs as `server`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.backend_client import Client, client
from tests.servers import BackendServer


@pytest.fixture
def alice(server: BackendServer) -> Iterator[Client]:
    with client(server) as made:
        yield made
