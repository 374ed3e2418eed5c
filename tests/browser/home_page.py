"""The web page as a person uses it, and a recording that a browser plays."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.integration.backend_client import Client
from tests.servers import BackendServer

SECONDS = 6


class Home:
    """The page in one tab."""

    def __init__(self, page: Page, server: BackendServer) -> None:
        self.page = page
        self.url = f"{server.url}/"

    def open(self) -> None:
        """Show the page, signed out."""
        self.page.goto(self.url)
        expect(self.page.get_by_role("heading", name="Sign in")).to_be_visible()

    def use_token(self, token: str) -> None:
        """Sign in with an access token, and wait until the page is live."""
        self.page.get_by_text("Use an access token instead").click()
        self.page.get_by_label("Access token").fill(token)
        self.page.get_by_role("button", name="Use token").click()
        self.is_live()

    def use_password(self, name: str, password: str) -> None:
        """Try to sign in with a name and a password."""
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def enter(self, owner: Client) -> None:
        """Open the page as this person."""
        self.open()
        self.use_token(token_of(owner))

    def is_live(self) -> None:
        """Wait until the page says that it is."""
        expect(self.page.locator("#line")).to_have_text("Live", timeout=20_000)

    def upload(self, name: str) -> Locator:
        """The card of an upload."""
        return self.page.locator("#uploads li").filter(has_text=name)

    def recording(self, name: str) -> Locator:
        """The row of a stored recording."""
        return self.page.locator("#recordings li").filter(has_text=name)

    def media(self, what: str) -> Any:
        """A property of the player's video or sound; None while there is none."""
        return self.page.evaluate(f"document.querySelector('#stage video, #stage audio')?.{what}")


def token_of(owner: Client) -> str:
    """Return the token that a client sends."""
    found = re.fullmatch("Bearer (.+)", owner.http.headers["Authorization"])
    assert found is not None
    return found[1]


def make_video(path: Path) -> bytes:
    """Return a few seconds of picture and sound, in codecs that every Chromium has."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=15:duration={SECONDS}"]
    sound = ["-f", "lavfi", "-i", f"sine=duration={SECONDS}"]
    codecs = ["-c:v", "libvpx", "-b:v", "200k", "-g", "15", "-c:a", "libvorbis"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, *sound, *codecs, str(path)], check=True, timeout=60)
    return path.read_bytes()
