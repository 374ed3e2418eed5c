"""A team's server for the whole run, and people with a home of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.desktop import Desktop
from tests.e2e.team import Team, team
from tests.servers import StoreServer
from tests.waiting import wait_for


@pytest.fixture(scope="session")
def server(store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """A team's server, with its catalogue in SQLite. A test that makes the line thin makes it wide again."""
    with team(store_server, tmp_path_factory.mktemp("server") / "home") as running:
        yield running


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Desktop]:
    """Somebody with nothing configured. No process may work for them afterwards."""
    desktop = Desktop(tmp_path)
    yield desktop
    wait_for(lambda: not desktop.processes(), f"the end of {desktop.processes()}", 10.0)


@pytest.fixture
def member(server: Team, alone: Desktop) -> Desktop:
    """The same person as one of the team, with a library of their own."""
    return server.member(alone.folder, server.server.token(user=alone.folder.name))
