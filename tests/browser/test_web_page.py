"""The web page in a real browser, on a real backend and store: what a person sees, hears and is kept from."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.home_page import SECONDS, Home, make_video
from tests.integration.backend_client import BODY, Client, administer, client, place
from tests.servers import BackendServer, MongoServer, StoreServer, backend
from tests.waiting import wait_for

EVIL = "<img src=x onerror=\"document.title='owned'\">.webm"


@pytest.fixture
def home(page: Page, server: BackendServer) -> Home:
    return Home(page, server)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_video(tmp_path_factory.mktemp("video") / "talk.webm")


def stored(owner: Client, body: bytes, name: str, content_type: str = "video/webm") -> str:
    return str(owner.upload(body, fileName=name, contentType=content_type)["fileId"])


def stored_and_looked_into(owner: Client, body: bytes, name: str) -> None:
    """Store a recording of which nothing more will be told: its type and playing time are known."""
    place = f"/recordings/{stored(owner, body, name)}"

    def is_known() -> bool:
        item = owner.http.get(place).json()
        return bool(item["contentVerified"]) and item["durationSeconds"] is not None

    wait_for(is_known, "type and playing time")


def report(owner: Client, upload: dict[str, str], size: int) -> None:
    answer = owner.http.post("/s3/progress", json=place(upload) | {"bytesConfirmed": size})
    assert answer.status_code == 204


@pytest.fixture(params=["sqlite", "mongo"])
def either(request: pytest.FixtureRequest, store_server: StoreServer, tmp_path: Path) -> Iterator[BackendServer]:
    """The backend of this module, or one on MongoDB."""
    if request.param == "sqlite":
        yield request.getfixturevalue("server")
        return
    mongo: MongoServer = request.getfixturevalue("mongo_server")
    env = store_server.backend_env(f"page-{uuid.uuid4().hex}")
    env["MONGO_URI"] = mongo.uri.replace("/?", f"/t{uuid.uuid4().hex}?")
    with backend(env, tmp_path / "h", ["--create-bucket"]) as running:
        yield running


def test_an_upload_is_seen_live_and_then_its_recording_without_reloading(page: Page, either: BackendServer) -> None:
    home = Home(page, either)
    with client(either, "nora") as owner:
        follow_an_upload(home, owner)


def follow_an_upload(home: Home, owner: Client) -> None:
    home.enter(owner)
    expect(home.page.get_by_text("Nothing is on its way")).to_be_visible()
    expect(home.page.get_by_text("No recordings yet")).to_be_visible()

    opened = owner.init(fileName="Choir.mp4", fileSize=len(BODY))
    card = home.upload("Choir.mp4")
    expect(card).to_contain_text("Uploading")
    report(owner, opened, len(BODY) // 4)
    expect(card).to_contain_text("25")
    expect(card.get_by_role("progressbar", name="Stored of Choir.mp4")).to_have_js_property("value", 0.25)
    done = owner.complete(opened, [owner.send(opened)]).json()

    expect(card).to_contain_text("Stored and verified")
    expect(home.recording("Choir.mp4")).to_be_visible()
    assert owner.http.delete(f"/recordings/{done['fileId']}").status_code == 204
    expect(home.recording("Choir.mp4")).to_have_count(0)


def test_what_is_estimated_is_said_to_be(home: Home, owner: Client) -> None:
    opened = owner.init(fileName="Choir.mp4", fileSize=50_000_000)
    owner.http.post("/s3/presign-url", json=place(opened) | {"partNumber": 3, "contentLength": 10_000_000})
    home.enter(owner)
    expect(home.upload("Choir.mp4")).to_contain_text(re.compile(r"about.20.MB.of.50.MB . 40.%"))


def test_a_stored_video_plays_and_can_be_wound_forward(home: Home, owner: Client, video: bytes) -> None:
    stored(owner, video, "Talk.webm")
    home.enter(owner)

    home.page.get_by_role("button", name="Play Talk.webm").click()

    wait_for(lambda: (home.media("currentTime") or 0) > 0.2, "a moment of the video played")
    assert home.media("videoWidth") == 320
    assert home.media("duration") == pytest.approx(SECONDS, abs=0.5)
    home.page.evaluate("document.querySelector('#stage video').currentTime = 4")
    wait_for(lambda: home.media("currentTime") > 4.1, "the video going on from there")
    assert home.media("played.length") == 2
    home.page.get_by_role("button", name="Close").click()
    expect(home.page.locator("#stage video")).to_have_count(0)


def test_what_is_not_what_it_says_has_no_button_to_play_it(home: Home, owner: Client, video: bytes) -> None:
    stored(owner, b"<html><script>document.title = 'owned'</script></html>", "page.webm")
    stored(owner, video, "Talk.webm")
    home.enter(owner)
    expect(home.recording("page.webm")).to_contain_text("Not what it says it is")
    expect(home.page.get_by_role("button", name="Play Talk.webm")).to_be_visible()
    expect(home.page.get_by_role("button", name="Play page.webm")).to_have_count(0)
    expect(home.page.get_by_role("button", name="Download page.webm")).to_be_visible()


def test_what_is_not_checked_yet_is_said_to_be_and_can_be_played_once_it_is(
    home: Home, owner: Client, video: bytes
) -> None:
    stored_and_looked_into(owner, video, "Talk.webm")

    def of_a_moment_ago(route: Route) -> None:
        answer = route.fetch()
        page = answer.json()
        unchecked = [item | {"contentVerified": None} for item in page["items"]]
        route.fulfill(response=answer, json=page | {"items": unchecked})

    home.page.route("**/recordings?*", of_a_moment_ago)
    home.enter(owner)
    expect(home.recording("Talk.webm")).to_contain_text("Being checked")
    expect(home.page.get_by_role("button", name="Play Talk.webm")).to_have_count(0)
    home.page.unroute("**/recordings?*")
    home.page.get_by_role("searchbox").fill("talk")
    expect(home.page.get_by_role("button", name="Play Talk.webm")).to_be_visible()
    expect(home.recording("Talk.webm")).not_to_contain_text("Being checked")


def test_what_was_checked_before_the_page_was_told_of_it_is_asked_for_again(
    home: Home, owner: Client, video: bytes
) -> None:
    stored_and_looked_into(owner, video, "Talk.webm")
    asked: list[str] = []

    def the_first_too_early(route: Route) -> None:
        asked.append(route.request.url)
        answer = route.fetch()
        page = answer.json()
        early = {"contentVerified": None} if len(asked) == 1 else {}
        route.fulfill(response=answer, json=page | {"items": [item | early for item in page["items"]]})

    home.page.route("**/recordings?limit=50*", the_first_too_early)
    home.enter(owner)
    expect(home.page.get_by_role("button", name="Play Talk.webm")).to_be_visible()


def test_what_a_browser_cannot_play_is_said_and_offered_for_download(home: Home, owner: Client, video: bytes) -> None:
    stored(owner, video[:64] + BODY, "broken.webm")
    stored(owner, BODY, "page.html", "text/html")
    home.enter(owner)
    home.page.get_by_role("button", name="Play broken.webm").click()
    expect(home.page.get_by_text("This browser cannot play the recording")).to_be_visible()
    home.page.get_by_role("button", name="Close").click()

    expect(home.page.get_by_role("button", name="Play page.html")).to_have_count(0)
    with home.page.expect_download() as begun:
        home.page.get_by_role("button", name="Download page.html").click()
    assert begun.value.suggested_filename == "page.html"
    assert Path(begun.value.path()).read_bytes() == BODY


def test_a_files_name_stays_text_wherever_it_stands(home: Home, owner: Client, video: bytes) -> None:
    owner.init(fileName=EVIL, fileSize=1000)
    stored(owner, video, EVIL)
    home.enter(owner)
    expect(home.upload(EVIL)).to_be_visible()
    expect(home.recording(EVIL)).to_be_visible()
    home.page.get_by_role("button", name=f"Play {EVIL}").click()
    expect(home.page.get_by_role("heading", name=EVIL)).to_be_visible()
    assert home.page.locator("main img, dialog img").count() == 0
    assert home.page.title() == "Recorder"


def test_recordings_are_searched_and_come_a_page_at_a_time(home: Home, owner: Client) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: stored(owner, BODY, f"Talk {number:02}.mp4"), range(52)))
    home.enter(owner)
    rows = home.page.locator("#recordings .row")
    expect(rows).to_have_count(50)
    # What becomes known of an older one, its playing time or type, does not bring it to the top.
    times = rows.evaluate_all("rows => rows.map((row) => row.dataset.createdAt)")
    assert times == sorted(times, reverse=True)
    home.page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(52)
    expect(home.page.get_by_role("button", name="Show more")).to_be_hidden()

    home.page.get_by_role("searchbox").fill("TALK 07")
    expect(rows).to_have_count(1)
    home.page.get_by_role("searchbox").fill("nothing like it")
    expect(home.page.get_by_text("No recording's name holds these words")).to_be_visible()
    home.page.get_by_role("searchbox").fill("")
    expect(rows).to_have_count(50)


def test_a_lost_connection_is_said_and_found_again_by_itself(
    home: Home, owner: Client, server: BackendServer
) -> None:
    home.enter(owner)
    server.kill()
    expect(home.page.get_by_text("No connection to the server")).to_be_visible()
    expect(home.page.locator("#line")).to_have_text("Reconnecting")
    server.restart()
    opened = owner.init(fileName="Later.mp4", fileSize=10)
    home.is_live()
    expect(home.upload("Later.mp4")).to_be_visible()
    expect(home.page.get_by_text("No connection to the server")).to_be_hidden()
    assert owner.http.post("/s3/abort-upload", json=place(opened)).status_code == 204
    expect(home.upload("Later.mp4")).to_contain_text("Given up")


# --- sign-in ----------------------------------------------------------------------------------------------------


def test_tokens_are_kept_nowhere(home: Home, owner: Client) -> None:
    home.enter(owner)
    kept = home.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{},{},""]'
    home.page.reload()
    expect(home.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_wrong_token_is_said_to_be(home: Home) -> None:
    home.open()
    home.page.get_by_text("Use an access token instead").click()
    home.page.get_by_label("Access token").fill("nonsense")
    home.page.get_by_role("button", name="Use token").click()
    expect(home.page.get_by_role("alert")).to_have_text("This token is not valid here, or no longer.")
    expect(home.page.get_by_role("button", name="Sign out")).to_be_hidden()


def test_signing_out_leaves_nothing_on_the_page(home: Home, owner: Client, video: bytes) -> None:
    stored(owner, video, "private-talk.webm")
    owner.init(fileName="private-choir.mp4", fileSize=1000)
    home.enter(owner)
    expect(home.upload("private-choir.mp4")).to_be_visible()
    home.page.get_by_role("button", name="Play private-talk.webm").click()
    expect(home.page.get_by_role("heading", name="private-talk.webm")).to_be_visible()
    home.page.get_by_role("button", name="Close").click()
    home.page.get_by_role("button", name="Sign out").click()
    expect(home.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "private" not in home.page.content()
    assert owner.user not in home.page.content()


REFRESH_AT_SIGN_OUT = """
async ([status, isSignedInAnew]) => {
  const { Session } = await import("/web/session.js");
  let answer;
  const tokens = (name) => new Response(JSON.stringify({ accessToken: name, refreshToken: name, expiresIn: 900 }));
  window.fetch = async (path) => {
    if (path === "/auth/login") return tokens("first");
    if (path === "/auth/logout") return new Response(null, { status: 204 });
    await new Promise((resolve) => (answer = resolve));
    return status === 200 ? tokens("renewed") : new Response("{}", { status });
  };
  const session = new Session();
  const told = [];
  session.addEventListener("token", () => told.push("token"));
  session.addEventListener("over", (event) => told.push(`over ${event.detail}`));
  await session.signIn("mara", "a password");
  const renewing = session.renew().catch((error) => told.push(error.message));
  session.signOut();
  if (isSignedInAnew) await session.signIn("mara", "a password");
  answer();
  await renewing;
  return [session.token, told];
}
"""


@pytest.mark.parametrize("status", [200, 401])
@pytest.mark.parametrize("is_signed_in_anew", [False, True])
def test_a_renewal_that_is_under_way_at_sign_out_changes_nothing_after_it(
    home: Home, status: int, is_signed_in_anew: bool
) -> None:
    home.open()
    token, told = home.page.evaluate(REFRESH_AT_SIGN_OUT, [status, is_signed_in_anew])
    assert token == ("first" if is_signed_in_anew else "")
    assert told[:-1] == ["token", "over ", *(["token"] if is_signed_in_anew else [])]


def test_a_sign_in_by_password_is_renewed_until_the_account_is_disabled(
    page: Page, store_server: StoreServer, tmp_path: Path
) -> None:
    env = store_server.backend_env(f"accounts-{uuid.uuid4().hex}") | {"ACCESS_TOKEN_SECONDS": "3"}
    renewed: list[str] = []
    page.on("response", lambda answer: renewed.append(answer.url) if "/auth/refresh" in answer.url else None)
    with backend(env, tmp_path / "h", ["--create-bucket"]) as server:
        assert administer(server, "user", "add", "mara", password="secret words enough\n").returncode == 0
        home = Home(page, server)
        home.open()
        home.use_password("mara", "another word entirely")
        expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")

        home.use_password("mara", "secret words enough")

        home.is_live()
        expect(page.get_by_text("mara", exact=True)).to_be_visible()
        assert page.locator("#password").input_value() == ""
        wait_for(lambda: page.evaluate("0") == 0 and len(renewed) >= 2, "two renewals")
        expect(page.locator("#line")).to_have_text("Live")
        assert administer(server, "user", "disable", "mara").returncode == 0
        expect(page.get_by_role("alert")).to_have_text("Your sign-in has run out. Sign in again.", timeout=20_000)


# --- the page itself --------------------------------------------------------------------------------------------


def test_the_page_may_run_its_own_scripts_alone(home: Home, owner: Client) -> None:
    answer = home.page.request.get(home.url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    home.enter(owner)
    home.page.evaluate(
        "const script = document.createElement('script'); script.textContent = \"document.title = 'owned'\";"
        " document.body.append(script)"
    )
    assert home.page.title() == "Recorder"


def test_files_of_the_page_are_public_and_no_others(home: Home) -> None:
    get = home.page.request.get
    first = get(f"{home.url}web/main.js")
    assert (first.status, first.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert get(f"{home.url}web/main.js", headers={"If-None-Match": first.headers["etag"]}).status == 304
    for name in ("other.js", "..%2froutes%2fpage.py", "index.html"):
        assert get(f"{home.url}web/{name}").status == 401


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_names_what_can_be_pressed(
    browser: Browser, server: BackendServer, owner: Client, scheme: str, video: bytes
) -> None:
    stored(owner, video, f"{'a very long name ' * 12}.webm")
    owner.init(fileName="x" * 200, fileSize=10**12)
    context = browser.new_context(
        viewport={"width": 360, "height": 700}, color_scheme="dark" if scheme == "dark" else "light"
    )
    try:
        home = Home(context.new_page(), server)
        home.enter(owner)
        expect(home.page.get_by_role("button", name=re.compile("Play a very long name"))).to_be_visible()
        expect(home.upload("xxx")).to_be_visible()
        assert home.page.evaluate("document.documentElement.scrollWidth") <= 360
        buttons = home.page.get_by_role("button").all()
        assert len(buttons) >= 3
        for button in buttons:
            expect(button).to_have_accessible_name(re.compile(r"\w+"))
        ground = home.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(245, 246, 248)", "dark": "rgb(21, 24, 30)"}[scheme]
    finally:
        context.close()
