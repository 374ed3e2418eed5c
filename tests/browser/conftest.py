"""A headless Chromium, the system's own, and the backend whose page it shows."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.integration.backend_client import Client, client
from tests.servers import BackendServer, MissingServer, StoreServer, backend

# It is in the way of tests only: pages come from this computer, and root may not have the sandbox.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a module: as long as it is open, no other event loop can run on this thread."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise MissingServer("chromium is missing: install the package of this name")
    expect.set_options(timeout=20_000)  # Playwright's own five seconds are short on a busy computer
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty tab with nothing remembered; a fault in a page's script fails the test."""
    faults: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


@pytest.fixture(scope="module")
def server(store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendServer]:
    """A backend; a test module may run another one under this name."""
    env = store_server.backend_env(f"browser-{uuid.uuid4().hex}")
    with backend(env, tmp_path_factory.mktemp("home") / "h", ["--create-bucket"]) as running:
        yield running


@pytest.fixture
def owner(server: BackendServer) -> Iterator[Client]:
    """Somebody who has nothing yet."""
    with client(server, f"mara-{uuid.uuid4().hex[:8]}") as made:
        yield made
