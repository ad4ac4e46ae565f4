"""The pages beside the queue, in a real browser: a person writes, moves and looks back, by mouse and by keys, on a
telephone and at a desk, in the light and in the dark."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.accessible import broken
from tests.home import BUNDLED, Home
from tests.pictures import photo
from tests.review.conftest import Console, open_console, person
from tests.review.filled import opened
from twitter_manager.content import Media, Part, plain
from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.media import MediaStore, prepared
from twitter_manager.store import drafts, runs, series

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = ("/write", "/calendar", "/history", "/runs", "/runs/1", "/bots", "/health")
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script> "\'</textarea>'


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bot that posted once, and has a post of its person's for the day after tomorrow."""
    home = Home(tmp_path_factory.mktemp("filled") / "home")
    home.bot("default", f'time_zone = "Europe/Berlin"\n{BUNDLED}')
    assert home("run").code == 0
    assert home("post", "Tomatoes want sun.", "--at", _in_days(2)).code == 0
    return home.path


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Home:
    """A copy of its own."""
    return Home(shutil.copytree(filled, tmp_path / "home"))


def _in_days(days: int, clock: str = "10:15") -> str:
    return f"{_day(days)}T{clock}"


def _day(days: int) -> str:
    """On Berlin's calendar."""
    return f"{datetime.now(ZoneInfo('Europe/Berlin')) + timedelta(days=days):%Y-%m-%d}"


@pytest.fixture(params=[390, 1280], ids=["telephone", "desk"])
def seat(request: pytest.FixtureRequest, browser: Browser, console: Console) -> Iterator[Page]:
    """A person at a console, on either."""
    with person(browser, console, width=request.param) as page:
        page.emulate_media(color_scheme="dark" if request.param == 390 else "light")
        yield page


def go(page: Page, console: Console, path: str) -> None:
    answer = page.goto(f"{console.address}{path}")
    assert answer is not None
    assert answer.status == 200, path


def due(home: Home) -> list[str]:
    return [moment[:16] for (moment,) in home.rows("SELECT due_at FROM drafts WHERE due_at IS NOT NULL ORDER BY id")]


def test_no_page_is_wider_than_its_window(seat: Page, console: Console) -> None:
    """Nothing has to be scrolled sideways, and every picture and field has its name."""
    for path in PAGES:
        go(seat, console, path)
        wide = seat.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        nameless = seat.evaluate(
            "[...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]"
            ".filter(e => !e.labels.length && !e.getAttribute('aria-label')).length"
        )
        assert nameless == 0, path


def test_a_post_is_written_by_mouse(seat: Page, console: Console, home: Home, tmp_path: Path) -> None:
    """Text, a second part, a picture with its words, a date: an error keeps all of it; mended, it is queued."""
    picture = tmp_path / "tomato.jpg"
    picture.write_bytes(photo())
    go(seat, console, "/write")
    seat.get_by_label("Text").fill("Water them in the morning.")
    seat.get_by_role("button", name="Make it a thread").click()
    seat.get_by_label("Part 2").fill("Not at noon.")
    seat.get_by_label("Choose pictures").set_input_files(picture)
    shown = seat.get_by_role("img", name="Picture 1 of the post")
    shown.wait_for()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 120
    seat.get_by_label("Goes out", exact=True).fill("yesterday 10:00")
    seat.get_by_role("button", name="Queue the post").click()
    seat.get_by_role("alert").get_by_text("Say what it shows").wait_for()
    assert "is past" in seat.get_by_role("alert").inner_text()  # all that is wrong is said at once
    seat.get_by_label("What picture 1 shows").fill("A tomato.")
    seat.get_by_role("button", name="Queue the post").click()
    seat.get_by_role("alert").get_by_text("is past").wait_for()
    assert seat.get_by_label("Part 1").input_value() == "Water them in the morning."
    assert seat.get_by_label("Part 2").input_value() == "Not at noon."
    assert seat.get_by_label("What picture 1 shows").input_value() == "A tomato."
    seat.get_by_label("Goes out", exact=True).fill(_in_days(3))
    seat.get_by_role("button", name="Queue the post").click()
    seat.wait_for_url("**/draft/*")
    assert "Queued as draft" in seat.locator("#told").inner_text()
    number = int(seat.url.rsplit("/", 1)[1])
    rows = home.rows(f"SELECT text, attached FROM parts WHERE draft_id = {number} ORDER BY number")
    assert [text for text, _ in rows] == ["Water them in the morning.", "Not at noon."]
    assert "A tomato." in rows[0][1]


def test_a_post_is_written_by_keys_alone(page: Page, console: Console, home: Home) -> None:
    """Tab goes through the form in the order of what is seen; Ctrl and Enter queue the post."""
    go(page, console, "/write")
    page.get_by_label("Text").focus()
    page.keyboard.type("Weeds come by themselves.")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Make it a thread"
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/draft/*")
    assert home.rows("SELECT text FROM parts ORDER BY draft_id DESC LIMIT 1") == [("Weeds come by themselves.",)]


def test_what_is_typed_is_counted_at_once(page: Page, console: Console) -> None:
    """The length follows, and a fault is said before the post is sent."""
    go(page, console, "/write")
    page.get_by_label("Text").fill("Twelve signs")
    page.locator("#lengths-0", has_text="12").wait_for()
    page.get_by_label("Text").fill("sk-ant-api03-" + "a1B2" * 12)
    page.locator("#problems-0 .wrong").wait_for()
    page.get_by_label("Text").fill("Twelve signs")
    page.locator("#problems-0 .wrong").wait_for(state="detached")
    page.get_by_label("Goes out", exact=True).fill("1 March 2027 10:15")
    page.locator("#moment-at", has_text="Monday 1 March 2027, 10:15 (Europe/Berlin)").wait_for()
    page.get_by_label("Goes out", exact=True).fill("1 March 2027 25:15")
    page.locator("#moment-at.wrong", has_text="names a time that no day has").wait_for()


def test_hostile_words_stay_words_on_every_page(page: Page, console: Console, home: Home) -> None:
    """As text, alt text and search they are shown as they are, and nothing in them is done."""
    hostile = Part(HOSTILE, (Media("ab" * 32, "image/png", 9, 2, 2, HOSTILE),))
    when = datetime.now(UTC) + timedelta(days=2)
    with opened(home) as (_, db), db.transaction():
        waits = drafts.NewDraft("default", "person", (hostile,), ("feed",), None, due_at=when)
        drafts.add(db, waits, datetime.now(UTC))
        gone = drafts.NewDraft("default", "person", (replace(hostile, text=f"{HOSTILE} was here"),), ("feed",), None)
        drafts.adopt(db, gone, None, datetime.now(UTC), datetime.now(UTC))
    for path in (*PAGES, f"/history?words={HOSTILE}", f"/write?at={HOSTILE}", f"/calendar?bot={HOSTILE}"):
        go(page, console, path)
        assert page.evaluate("window.hit") is None, path
        assert not page.query_selector("main img[src=x]"), path
    for path, place in ((f"/calendar?month={_day(2)[:7]}", ".month"), ("/history", ".went")):
        go(page, console, path)
        assert HOSTILE[:40] in str(page.locator(place).first.text_content())


def test_a_post_is_dragged_to_another_day(page: Page, console: Console, home: Home) -> None:
    """It keeps its time of day, and the page says when it goes out."""
    [before] = due(home)
    go(page, console, f"/calendar?month={_day(2)[:7]}")
    target = _other_day(page, _day(2))
    page.locator(".slot[data-draft]", has_text="Tomatoes").hover()
    page.mouse.down()
    day = page.locator(f'.day[data-day="{target}"]')
    for _ in range(20):  # a busy browser may miss the first moves
        day.hover(force=True)
        if page.locator(".day.target").count():
            break
        page.wait_for_timeout(100)
    assert page.locator(".day.target").get_attribute("data-day") == target
    page.mouse.up()
    page.locator("#told", has_text="goes out").wait_for()
    [after] = due(home)
    assert after[:10] == target != before[:10]
    assert page.locator(f'.day[data-day="{target}"] .slot', has_text="Tomatoes").is_visible()


def _other_day(page: Page, besides: str) -> str:
    """Another day of the month that is shown, from tomorrow on; the last month's days have the next month's before."""
    days = [str(each.get_attribute("data-day")) for each in page.locator(".day:not(.past):not(.today)").all()]
    return next(day for day in days if day != besides)


def test_a_post_is_moved_by_keys(page: Page, console: Console, home: Home) -> None:
    """Shift and an arrow choose the day, which is said; Escape leaves it, Enter moves it."""
    [before] = due(home)
    go(page, console, f"/calendar?month={_day(2)[:7]}")
    target = _other_day(page, _day(2))
    key = "ArrowRight" if target > _day(2) else "ArrowLeft"
    link = page.locator(".slot[data-draft] > a", has_text="Tomatoes")
    link.focus()
    page.keyboard.press(f"Shift+{key}")
    assert "Enter moves it there" in page.locator("#calendar-said").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")  # follows the link, as nothing is chosen any more
    page.wait_for_url("**/draft/*")
    assert due(home) == [before]
    page.go_back()
    page.locator(".slot[data-draft] > a", has_text="Tomatoes").focus()
    page.keyboard.press(f"Shift+{key}")
    chosen = page.locator(".day.target").get_attribute("data-day")
    page.keyboard.press("Enter")
    page.locator("#told", has_text="goes out").wait_for()
    assert due(home)[0][:10] == chosen != before[:10]


def test_a_post_is_moved_with_the_form(seat: Page, console: Console, home: Home) -> None:
    """To any day and time; a moment that is past is refused, and the form stays open."""
    go(seat, console, f"/calendar?month={_day(2)[:7]}")
    slot = seat.locator(".slot[data-draft]", has_text="Tomatoes")
    slot.get_by_text("Move draft").click()
    slot.get_by_label("Day").fill(_day(9))
    slot.get_by_label("Time").fill("07:30")
    slot.get_by_role("button", name="Move it").click()
    seat.locator("#told", has_text="07:30").wait_for()
    assert due(home)[0][:10] == _day(9)


def test_history_is_searched_and_leads_to_the_post(seat: Page, console: Console, home: Home) -> None:
    """By words; the first post leads to its draft, and a run tells its story."""
    [(text,)] = home.rows("SELECT text FROM parts ORDER BY draft_id LIMIT 1")
    go(seat, console, "/history")
    seat.get_by_label("Words").fill(" ".join(text.split()[:3]).upper())
    seat.get_by_role("button", name="Show").click()
    assert text.split("\n")[0] in seat.locator(".went").first.inner_text()
    seat.get_by_label("Words").fill("nothing that was ever posted")
    seat.keyboard.press("Enter")
    seat.get_by_text("Nothing like that went out.").wait_for()
    go(seat, console, "/runs")
    seat.get_by_role("link", name="Run 1", exact=True).click()
    seat.get_by_role("heading", name="Its story").wait_for()
    assert "Draft 1: published" in seat.locator(".story").inner_text()
    seat.locator(".story").get_by_role("link", name="Draft 1").first.click()
    seat.wait_for_url("**/draft/1")


def test_health_and_bots_tell_how_it_stands_and_no_secret(browser: Browser, home: Home) -> None:
    """The last run, the money, the machine; a feed's key and the accounts' secrets are nowhere."""
    secret, feed_key = "tell-nobody-4711-abcdef", "feedkey987"
    home.settings(GENERATORS="excerpt", MASTODON_BASE_URL="https://mastodon.example", MASTODON_ACCESS_TOKEN=secret)
    feed = f'[[sources]]\nkind = "rss"\nurl = "https://feeds.example/all?key={feed_key}"\n'
    home.bot("default", f'time_zone = "Europe/Berlin"\nsignature = "by {secret}"\n{feed}')
    with open_console(home) as console, person(browser, console) as page:
        go(page, console, "/health")
        told = page.locator("main").inner_text()
        assert re.search(r"Last run\s+\d{4}-\d\d-\d\d \d\d:\d\d CES?T, published", told)
        assert "$0.00 of $15.00" in told
        assert "GB free" in told
        page.get_by_role("link", name="Look closer").click()
        page.get_by_text("sound,").wait_for()
        for path in ("/health?look=closer", "/bots"):
            go(page, console, path)
            assert secret not in page.content()
            assert feed_key not in page.content()
        assert "mastodon on" in " ".join(page.locator("main").inner_text().split())
        assert "What you approve [approve_when]" in page.locator("main").inner_text()


def test_health_tells_what_the_verb_tells(browser: Browser, home: Home) -> None:
    """A run that failed stands there with the command that explains it, as the verb `health` has it."""
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute(
            "UPDATE runs SET outcome = 'failed', is_good = 0, reason = 'kaputt' WHERE id = (SELECT max(id) FROM runs)"
        )
    verb = home("health")
    assert verb.code == 1
    with open_console(home) as console, person(browser, console) as page:
        go(page, console, "/health")
        told = " ".join(page.locator("main").inner_text().split())
    for words in ("the newest run failed", "kaputt. See why:", "explain run:"):
        assert words in told
        assert words in verb.out


def test_what_is_not_there_is_said(page: Page, console: Console) -> None:
    """A page with a way back, and no error."""
    for path in ("/runs/99", "/calendar?month=2001-13", "/calendar?month=9999-12"):
        answer = page.goto(f"{console.address}{path}")
        assert answer is not None
        assert answer.status == 404, path
        page.get_by_role("link", name="Back").click()


def test_everything_goes_without_scripts(browser: Browser, console: Console, home: Home, tmp_path: Path) -> None:
    """A picture is added by its button, the form moves a post, and what only scripts can do is not promised."""
    picture = tmp_path / "tomato.jpg"
    picture.write_bytes(photo())
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(console.way_in())
    page.wait_for_url(re.compile(r"/queue"))
    go(page, console, "/write")
    page.get_by_label("Text").fill("Look.")
    page.get_by_label("Choose pictures").set_input_files(picture)
    page.get_by_role("button", name="Add the chosen pictures").click()
    page.get_by_label("It needs no words").check()
    page.get_by_role("button", name="Queue the post").click()
    page.get_by_text("Queued as draft").wait_for()
    go(page, console, f"/calendar?month={_day(2)[:7]}")
    assert not page.get_by_text("Drag a post").is_visible()
    slot = page.locator(".slot[data-draft]", has_text="Tomatoes")
    slot.get_by_text("Move draft").click()
    slot.get_by_label("Day").fill(_day(9))
    slot.get_by_role("button", name="Move it").click()
    page.get_by_text("goes out").first.wait_for()
    assert due(home)[0][:10] == _day(9)
    context.close()


def test_axe_finds_nothing(seat: Page, console: Console, home: Home) -> None:
    """On every page, with posts that went out, failed, wait and come again; after an error, and with all unfolded; in
    the light and in the dark."""
    fill(home)
    for path in (*PAGES, "/history?only=trouble", "/health?look=closer", "/runs/99"):
        seat.goto(f"{console.address}{path}")
        unfold(seat)
        assert broken(seat) == [], path
    go(seat, console, "/write")
    seat.get_by_label("Text").fill("Tomatoes want sun.")
    seat.get_by_label("Goes out", exact=True).fill("yesterday 10:00")
    seat.get_by_role("button", name="Queue the post").click()
    seat.get_by_role("alert").wait_for()
    assert broken(seat) == []


def fill(home: Home) -> None:
    """Posts that failed, are set aside with a date, come again, and show a picture."""
    now = datetime.now(UTC)
    media, content = prepared(photo(), "A tomato.")
    MediaStore.of(home.path / "data").save(media, content)
    with opened(home) as (_, db), db.transaction():
        pictured = drafts.NewDraft(
            "default", "person", (Part("https://example.org/ is red.", (media,)),), ("feed",), None
        )
        drafts.adopt(db, pictured, None, now, now)
        doubted = DraftStatus.NEEDS_ATTENTION
        when = now + timedelta(hours=3)
        aside = drafts.NewDraft(
            "default", "person", plain(["Is it?"]), ("feed",), None, status=doubted, reason="doubtful", due_at=when
        )
        drafts.add(db, aside, now)
        again = series.NewSeries("default", "day 0 09:00", (plain(["Good morning."]),), ("feed",), "en")
        series.add(db, again, now)
        run = runs.start(db, "default", "run", now, now)
        failing = drafts.get(
            db, drafts.add(db, drafts.NewDraft("default", "person", plain(["Bad"]), ("feed",), None), now)
        )
        assert failing is not None
        drafts.claim(db, failing, None, now, run)
        drafts.move(
            db, replace(failing, status=DraftStatus.PUBLISHING), DraftStatus.FAILED, now, reason="it was refused"
        )
        runs.finish(db, run, Outcome.FAILED, "every platform failed", now)


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true; })")
