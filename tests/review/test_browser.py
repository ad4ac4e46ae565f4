"""Queue and drafts in a real browser: by mouse and by keyboard, on a telephone and a desk, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.accessible import broken
from tests.home import ROOT, Home
from tests.review import filled
from tests.review.conftest import open_console
from twitter_manager.content import Card, Part
from twitter_manager.domain import Actor, DraftStatus
from twitter_manager.review.actions import Actions
from twitter_manager.store import drafts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, StorageState

PACKAGE = ROOT / "twitter_manager"
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
SPYING = "window.owned = 0; window.addEventListener('securitypolicyviolation', () => { window.owned = 1; });"


@dataclass
class Desk:
    """A home's console with a browser before it, whose person is logged in."""

    home: Home
    url: str
    browser: Browser
    cookies: StorageState
    faults: list[str] = field(default_factory=list)
    """What went wrong in scripts, or was refused by the pages' policy."""
    contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, path: str, size: str = "desk", *, script: bool = True) -> Page:
        """A new window at this address."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            storage_state=self.cookies,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if "Content Security" in said.text else None)
        page.goto(self.url + path)
        return page

    def status(self, number: int) -> str:
        with filled.opened(self.home) as (_, db):
            draft = drafts.get(db, number)
        assert draft is not None
        return str(draft.status)

    def texts(self, number: int) -> tuple[str, ...]:
        with filled.opened(self.home) as (_, db):
            draft = drafts.get(db, number)
        assert draft is not None
        return draft.texts


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return filled.set_up(Home(tmp_path / "home"))


@pytest.fixture
def desk(home: Home, browser: Browser) -> Iterator[Desk]:
    with open_console(home) as console:
        context = browser.new_context()
        page = context.new_page()
        page.goto(console.link)
        page.wait_for_url("**/queue")
        made = Desk(home, console.address, browser, context.storage_state())
        context.close()
        yield made
        for context in made.contexts:
            context.close()
    assert made.faults == []


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


# -- how it looks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "looks", ["review/console/static/console.css", "reports/templates/report.css", "platforms/feed.html.template"]
)
def test_the_dark_changes_colours_alone(looks: str) -> None:
    """In each style sheet it gives the names of colours other values: rules of colours are all to check in it."""
    style = (PACKAGE / looks).read_text()
    [dark] = re.findall(r"@media [^{]*prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}\s*\}", style)
    assert style.count("prefers-color-scheme") == 1
    assert all(re.fullmatch(r"\s*--[a-z-]+: #[0-9a-f]+", each) for each in dark.strip().rstrip(";").split(";"))


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_is_cut_off(desk: Desk, size: str) -> None:
    """In the queue with every kind of draft, on their pages, after an error too: no rule of axe is broken, in
    the light and in the dark, and a telephone need not be scrolled sideways."""
    names = filled.everything(desk.home)
    with filled.opened(desk.home) as (app, db):
        Actions(app, db, Actor("anna", "console")).edit(names["pictured"], ["The new wing is closed today."])
    page = desk.page("/queue", size)
    shown = [names[kind] for kind in ("judged", "pictured", "failed")]
    paths = ["/queue", "/queue?show=pending", *(f"/draft/{number}" for number in shown), "/draft/999"]
    for path in paths:
        page.goto(desk.url + path)
        assert broken(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], path
        assert page.evaluate("document.querySelector('.top ul').scrollWidth") <= SIZES[size][0], path
    page.goto(f"{desk.url}/draft/{names['own']}")
    page.get_by_label("Date and time").fill("some day")
    page.get_by_role("button", name="Give it this date").click()
    assert page.get_by_role("alert").is_visible() and broken(page) == []
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible() and broken(page) == []


def test_nothing_in_a_draft_acts_on_the_page(desk: Desk) -> None:
    """Scripts, handlers and addresses in every text that others wrote are shown, and do nothing, on both pages."""
    hostile = (
        '<script>window.owned=1</script><img src=x onerror="window.owned=1"><svg/onload=window.owned=1>'
        '"><a href="javascript:window.owned=1">x</a></textarea><style>*{display:none}</style>'
    )
    card = Card("https://evil.example/x", hostile, hostile)
    number = filled.add(desk.home, Part(hostile, (), card), reason=hostile, platforms=["feed"], item=True)
    page = desk.page("/queue")
    page.add_init_script(SPYING)
    for path in ("/queue", f"/draft/{number}"):
        page.goto(desk.url + path)
        page.wait_for_timeout(200)
        assert page.evaluate("window.owned") == 0
        assert page.locator("p.text").first.inner_text() == hostile


# -- by mouse ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_queue_is_worked_through_by_mouse(desk: Desk, script: bool) -> None:
    """Approve one, skip one, take two together; the next page says what was done. Without JavaScript as well."""
    numbers = [filled.add(desk.home, f"Note {word} of the library.") for word in ("one", "two", "three", "four")]
    page = desk.page("/queue", "phone", script=script)
    page.locator(f"#draft-{numbers[0]}").get_by_role("button", name="Approve").click()
    assert f"Draft {numbers[0]} is approved" in page.get_by_role("status").inner_text()
    page.locator(f"#draft-{numbers[1]}").get_by_role("button", name="Skip").click()
    assert f"Draft {numbers[1]} is skipped" in page.get_by_role("status").inner_text()
    for number in numbers[2:]:
        page.get_by_label(f"Select draft {number}").check()
    page.get_by_role("button", name="Approve them").click()
    assert "2 drafts approved." in page.get_by_role("status").inner_text()
    assert [desk.status(number) for number in numbers] == ["approved", "skipped", "approved", "approved"]


def test_all_on_a_page_are_selected_at_once(desk: Desk) -> None:
    """By one box, which is there for who has JavaScript."""
    numbers = [filled.add(desk.home, f"Note {word} of the library.") for word in ("one", "two", "three")]
    page = desk.page("/queue")
    page.get_by_label("All on this page").check()
    page.get_by_role("button", name="Skip them").click()
    page.get_by_role("status").get_by_text("3 drafts skipped.").wait_for()
    assert {desk.status(number) for number in numbers} == {"skipped"}


def test_a_text_is_counted_and_checked_as_it_is_written(desk: Desk) -> None:
    """Without a click, platform by platform; what is too long is told before anything is sent."""
    number = filled.thread(desk.home)
    page = desk.page(f"/draft/{number}")
    page.get_by_label("Part 2", exact=True).fill("2/3 " + "It opens at ten. " * 20)
    page.locator("#count-2 .over").wait_for()
    assert "of 280, too long" in page.locator("#count-2").inner_text()
    assert "its limit is 280" in page.locator("#checked").inner_text()
    page.get_by_label("Part 2", exact=True).fill("2/3 It opens at eleven.")
    page.locator("#checked .good").wait_for()
    page.get_by_role("button", name="Save and approve").click()
    page.get_by_text("is changed, and").wait_for()
    assert desk.status(number) == "approved" and desk.texts(number)[1] == "2/3 It opens at eleven."
    assert page.locator(".edits ins").inner_text() == "eleven."


def test_a_draft_is_edited_without_javascript(desk: Desk) -> None:
    """The button asks for the checks, and what was written stays in the form; an alt text is saved with it."""
    number = filled.pictured(desk.home)
    page = desk.page(f"/draft/{number}", "phone", script=False)
    page.get_by_label("Text", exact=True).fill("All of it. " * 40)
    page.get_by_label("Alt text of picture 1").fill("Two colours, side by side")
    page.get_by_role("button", name="Check", exact=True).click()
    assert "its limit is 280" in page.locator("#checked").inner_text()
    assert page.get_by_label("Alt text of picture 1").input_value() == "Two colours, side by side"
    page.get_by_label("Text", exact=True).fill("The new wing is open at last.")
    page.get_by_role("button", name="Save", exact=True).click()
    assert "is changed" in page.get_by_role("status").first.inner_text()
    assert desk.texts(number) == ("The new wing is open at last.",)
    assert page.get_by_label("Alt text of picture 1").input_value() == "Two colours, side by side"


def test_a_double_click_is_one_decision(desk: Desk) -> None:
    """The form is sent once, and one event is on record."""
    number = filled.judged(desk.home)
    page = desk.page(f"/draft/{number}")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Approve", exact=True).dblclick()
    page.get_by_text(f"Draft {number} is approved").wait_for()
    assert len(sent) == 1 and desk.status(number) == "approved"


def test_in_two_tabs_the_first_wins_and_the_second_keeps_its_words(desk: Desk) -> None:
    """The same draft is edited in both: the second is told, sees the new text, and its own stands in the form, from
    where it can be saved knowingly."""
    number = filled.judged(desk.home)
    one, two = desk.page(f"/draft/{number}"), desk.page(f"/draft/{number}")
    for page, words in ((one, "The room opens at ten."), (two, "My words from the other tab.")):
        page.get_by_label("Text", exact=True).fill(words)
        page.get_by_role("button", name="Save", exact=True).click()
    assert "was changed meanwhile. Nothing was done." in two.get_by_role("alert").inner_text()
    assert desk.texts(number) == ("The room opens at ten.",)
    assert "The room opens at ten." in two.locator(".shown").inner_text()
    assert two.get_by_label("Text", exact=True).input_value() == "My words from the other tab."
    two.get_by_role("button", name="Save", exact=True).click()
    two.get_by_text("is changed").wait_for()
    assert desk.texts(number) == ("My words from the other tab.",)


def test_a_run_publishes_what_is_open_in_a_page(desk: Desk) -> None:
    """The page that shows it as waiting is told what became of it, and nothing else happens."""
    home = desk.home
    home.bot("library", f'{filled.BOT}platforms = ["feed"]\n')
    words = "Books may be kept for four weeks."
    number = filled.add(home, words, status=DraftStatus.APPROVED, origin="person", platforms=["feed"])
    page = desk.page(f"/draft/{number}")
    assert home("run").code == 0
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("alert").wait_for()
    assert "published" in page.locator("h1").inner_text() and desk.status(number) == "posted"
    assert page.get_by_role("button", name="Skip").count() == 0
    assert page.get_by_role("heading", name="Where it is").is_visible()


# -- by keyboard ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_the_queue_is_worked_through_by_keys(desk: Desk, size: str) -> None:
    """j and k or the arrows move, a approves, s skips, and the next draft has the focus; x selects."""
    one, two, three, four = (
        filled.add(desk.home, f"Note {word} of the library.") for word in ("one", "two", "three", "four")
    )
    page = desk.page("/queue", size)
    page.keyboard.press("j")
    assert focused(page) == f"draft-{one}"
    page.keyboard.press("ArrowDown")
    assert focused(page) == f"draft-{two}"
    page.keyboard.press("k")
    page.keyboard.press("a")
    page.get_by_text(f"Draft {one} is approved").wait_for()
    assert focused(page) == f"draft-{two}"
    page.keyboard.press("s")
    page.get_by_text(f"Draft {two} is skipped").wait_for()
    assert focused(page) == f"draft-{three}"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    assert page.get_by_label(f"Select draft {four}").is_checked()
    states = [desk.status(number) for number in (one, two, three, four)]
    assert states == ["approved", "skipped", "pending", "pending"]


def test_keys_lead_from_the_queue_to_a_draft_and_back(desk: Desk) -> None:
    """Enter opens, e edits, d schedules, r goes to writing anew, q returns; each has the focus where it belongs."""
    number = filled.judged(desk.home)
    page = desk.page("/queue")
    for key, place in (("e", "text-1"), ("d", "at")):
        page.keyboard.press("j")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(rf"/draft/{number}#"))
        page.wait_for_function(f"document.activeElement.id === '{place}'")
        page.goto(f"{desk.url}/queue")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_url(re.compile(rf"/draft/{number}#"))
    page.wait_for_function("document.activeElement.textContent === 'Write anew'")
    page.keyboard.press("q")
    page.wait_for_url("**/queue")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/draft/{number}")
    page.keyboard.press("a")
    page.get_by_text(f"Draft {number} is approved").wait_for()


def test_keys_do_nothing_while_a_person_types_or_has_switched_them_off(desk: Desk) -> None:
    """In a text, in the date, with Ctrl, behind the help and without the switch they are letters like any other."""
    number = filled.judged(desk.home)
    page = desk.page(f"/draft/{number}")
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.type("as jkqrd?")
    page.get_by_label("Date and time").focus()
    page.keyboard.type("as")
    page.locator("h1").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("s")
    page.get_by_label("Keys are on").uncheck()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("s")
    page.wait_for_timeout(300)
    assert desk.status(number) == "pending" and page.url.endswith(f"/draft/{number}")
    page.reload()
    page.keyboard.press("s")
    page.wait_for_timeout(300)
    assert desk.status(number) == "pending"


def test_a_draft_is_written_anew_by_a_key(desk: Desk) -> None:
    """Its person is told that it takes a while, the button can't be pressed again, and the new draft is shown."""
    desk.home.bot("library", f'{filled.BOT}platforms = ["feed"]\npool = 4\n')
    assert desk.home("run").code == 0
    page = desk.page("/draft/2")
    sent = list[str]()
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.keyboard.press("r")
    page.keyboard.press("r")
    page.get_by_text("Draft 2 was written anew").wait_for()
    assert len(sent) == 1 and not page.url.endswith("/draft/2") and desk.status(2) == "skipped"


def test_what_is_slow_says_so_at_once(desk: Desk) -> None:
    """Before the answer comes there are words in the live region, and the button shows that it was pressed."""
    number = filled.judged(desk.home)
    page = desk.page(f"/draft/{number}")
    page.route("**/regenerate", lambda route: route.fulfill(status=204))  # which leaves the page as it is
    page.get_by_role("button", name="Write anew").click(no_wait_after=True)
    page.get_by_text("Another wording is being written.").wait_for()
    assert page.locator("#told").get_attribute("role") == "status"
    assert page.get_by_role("button", name="Write anew").get_attribute("aria-disabled") == "true"


def test_tab_alone_reaches_everything(desk: Desk) -> None:
    """From the top: the way past the navigation, each control of the page in its order, each with a focus that is
    seen; Enter and Space do the rest."""
    number = filled.judged(desk.home)
    page = desk.page(f"/draft/{number}")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(document.activeElement.innerText || document.activeElement.id || '').trim()"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or reached[-1].startswith("Skip to"), reached[-1]
        if reached[-1] == "Log out":
            break
    assert reached[0] == "Skip to the page"
    wanted = ["Approve", "Skip", "Edit", "Write anew", "Schedule", "text-1", "Save", "Check", "at", "Keys", "Log out"]
    assert [place for place in reached if place in wanted] == wanted
    page.goto(f"{desk.url}/queue")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "main"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").startswith("Approve"):
            break
    page.keyboard.press("Enter")
    page.get_by_text(f"Draft {number} is approved").wait_for()
