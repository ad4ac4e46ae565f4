"""Nothing that is shown can act: over 300 hostile texts in every place where a page shows what others wrote, in a real
browser, by the escaping alone and by the policy alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.home import Home
from tests.pictures import photo
from tests.review.conftest import Console, open_console
from tests.review.filled import Judged, opened, set_up
from tests.review.hostile import STRIKE, strings
from tests.writing.verdicts import claim, verdict
from twitter_manager.content import Card, Part
from twitter_manager.domain import DraftStatus, Generation, Item, Outcome, Receipt, Violation
from twitter_manager.media import MediaStore, prepared
from twitter_manager.social import Heard, Kind, SeenPost
from twitter_manager.store import comments, drafts, generations, items, runs
from twitter_manager.store.comments import Whose
from twitter_manager.store.database import Database, to_text

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STATUSES = (DraftStatus.PENDING, DraftStatus.NEEDS_ATTENTION, DraftStatus.APPROVED, DraftStatus.POSTED)
ACTIVE = """() => {
  const bad = [];
  if (window.struck) bad.push("it ran");
  const foreign = "iframe,object,embed,base,frame,frameset,svg,math,style,applet,video,audio,marquee,animate";
  for (const element of document.querySelectorAll(foreign)) bad.push(element.outerHTML.slice(0, 200));
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    const own = name === "script" ? /^\\/static\\/\\w+\\.js$/.test(element.getAttribute("src")) && !element.textContent
      : name === "link" ? element.getAttribute("href").startsWith("/static/")
      : name === "meta" ? !element.httpEquiv
      : true;
    if (!own) bad.push(element.outerHTML.slice(0, 200));
    for (const { name: key, value } of element.attributes) {
      if (key.startsWith("on") || ["style", "srcdoc", "ping"].includes(key)) bad.push(`${key}=${value}`);
      if (["href", "src", "action", "poster", "data"].includes(key) && !/^(https?:|\\/(?!\\/)|#|\\?)/.test(value))
        bad.push(`${name} ${key}=${value}`);
      if (["src", "action", "formaction"].includes(key) && !value.startsWith("/")) bad.push(`${name} ${key}=${value}`);
    }
  }
  return bad;
}"""
SHOWN = """() => [document.documentElement.textContent, ...Array.from(document.querySelectorAll("textarea, input"),
  field => field.value), ...Array.from(document.images, image => image.alt)].join("\\n")"""


def poison(home: Home) -> list[int]:
    """Drafts that hold each text as the words of a part, as alt text, as title and description of a card, as material,
    as what a judge and a candidate say, as a reason, a topic, an address; gives their numbers."""
    set_up(home)
    words = strings()
    picture, content = prepared(photo(64, 48), "x")
    numbers = list[int]()
    with opened(home) as (app, db):
        MediaStore.of(app.settings.data).save(picture, content)
        now = app.clock()
        for at in range(0, len(words), 3):
            three = words[at : at + 3]
            with db.transaction():
                run = runs.start(db, "library", "run", now, now)
                url = "https://a.example/"
                item = Item("house", f"rules {at}", "\n\n".join(three), title=three[0], url=f"https://a.example/{at}")
                items.refresh(db, "library", f"house{at}", [replace(item, source=f"house{at}")], now)
                parts = tuple(Part(f"Words number {at + n}.", (replace(picture, alt=text),), Card(url, text, text))
                              for n, text in enumerate(three))  # fmt: skip
                status = STATUSES[len(numbers) % len(STATUSES)]
                number = drafts.add(
                    db,
                    drafts.NewDraft(
                        "library", "generator", parts, ("x", "mastodon", "feed"), timedelta(hours=72),
                        status=DraftStatus.APPROVED if status is DraftStatus.POSTED else status, reason=three[0],
                        due_at=now + timedelta(days=1) if status is DraftStatus.APPROVED else None, format="news",
                        topic=three[-1], item_id=items.newest_id(db, "library"), run_id=run,
                    ),
                    now,
                )  # fmt: skip
                for n, text in enumerate(three):
                    db.update("UPDATE parts SET text = ? WHERE draft_id = ? AND number = ?", text, number, n)
                _judge(db, number, three, now)
                runs.finish(db, run, Outcome.FAILED, three[0], now)
            numbers.append(number)
            if status is DraftStatus.POSTED:
                _publish(db, number, three, to_text(now))
            _say(db, number, three, now)
        _spoil_addresses(db)
    return numbers


def _say(db: Database, number: int, words: Sequence[str], now: Any) -> None:
    """Somebody said them to the account, and the draft answers that where it waits."""
    url = f"javascript:{STRIKE}//{words[0]}"
    post = SeenPost(Receipt(str(number), url, {}), words[-1], words[0], words[0], words[-1], now, language=words[0])
    with db.transaction():
        comment = comments.add(db, Whose("library", "mastodon", words[0]), Heard(Kind.REPLY, post), now)
        status = drafts.get(db, number).status  # type: ignore[union-attr] # it was just made
        if status in (DraftStatus.PENDING, DraftStatus.POSTED):
            db.update("UPDATE drafts SET comment_id = ? WHERE id = ?", comment, number)
        db.update("UPDATE comments SET reason = ? WHERE id = ?", words[0], comment)


def _judge(db: Database, number: int, words: Sequence[str], now: Any) -> None:
    said = verdict(*(claim(text, text) for text in words), misleading=words[0], harmful=words[-1])
    candidates = [
        Judged((text,), 1.0, verdict, (Violation("judge", text, text),), {text: 0.5})
        for text, verdict in zip(words, ("chosen", "rejected", "passed"), strict=False)
    ]
    judge = Generation(generator=f"judge {words[0]}", model=words[0], raw=said)
    generations.add(db, judge, [], "judged", now, run_id=None, draft_id=number)
    writer = Generation(generator=words[-1], model=words[-1], raw=words[0])
    generations.add(db, writer, candidates, "chosen", now, run_id=None, draft_id=number)


def _publish(db: Database, number: int, words: Sequence[str], now: str) -> None:
    """It went out, and the platforms gave back hostile words too."""
    with db.transaction():
        db.update("UPDATE drafts SET status = 'posted', published_at = ? WHERE id = ?", now, number)
        for part, text in enumerate(words):
            for platform in ("x", "mastodon", "feed"):
                db.insert(
                    "deliveries", draft_id=number, bot="library", platform=platform, part=part, account=text,
                    status="posted", text=text, remote_id=text, url=f"javascript:{STRIKE}//{text}", error=text,
                    extra="{}", created_at=now, posted_at=now,
                )  # fmt: skip


def _spoil_addresses(db: Database) -> None:
    """Addresses that no setting and no check would let in: a page must not rely on others."""
    with db.transaction():
        db.update("UPDATE items SET url = ? || id, label = title, project = title", f"javascript:{STRIKE}//")
        for row in db.rows("SELECT draft_id, number, attached FROM parts"):
            attached = json.loads(row["attached"])
            attached["card"]["url"] = f"javascript:{STRIKE}//"
            where = (json.dumps(attached), row["draft_id"], row["number"])
            db.update("UPDATE parts SET attached = ? WHERE draft_id = ? AND number = ?", *where)


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Console, list[int]]]:
    home = Home(tmp_path_factory.mktemp("hostile") / "home")
    numbers = poison(home)
    with open_console(home) as console:
        yield console, numbers


@pytest.fixture
def bare(poisoned: tuple[Console, list[int]], browser: Browser) -> Iterator[Page]:
    """A page whose browser ignores the policy: only the escaping stands between the texts and the reader. What asks
    for anything elsewhere, or opens a dialog, fails the test."""
    console, _ = poisoned
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    faults = list[str]()
    page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda sent: None if sent.url.startswith(console.address) else faults.append(sent.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(console.way_in())
    page.wait_for_url(re.compile(r"^(?!.*token=)"))
    yield page
    context.close()
    assert not faults, faults


def look(page: Page, address: str) -> str:
    """Open it, and see that nothing in it can act; gives all that it shows."""
    page.goto(address)
    bad = page.evaluate(ACTIVE)
    assert not bad, (address, bad)
    shown: str = page.evaluate(SHOWN)
    return shown


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_hostile_posts_are_inert(poisoned: tuple[Console, list[int]], bare: Page) -> None:
    """On the page of each draft, where every text stands in every place; the texts are there to be read."""
    console, numbers = poisoned
    seen = ""
    for number in numbers:
        seen += look(bare, f"{console.address}/draft/{number}")
    assert len(strings()) >= 300
    plain = [text for text in strings() if re.fullmatch(r"[ -~]{1,200}", text)]
    assert len(plain) > 250
    assert [text for text in plain if text not in seen] == []


def test_hostile_lists_are_inert(poisoned: tuple[Console, list[int]], bare: Page) -> None:
    """On every other page, page by page as far as their links lead."""
    console, numbers = poisoned
    run = f"/runs/{len(numbers)}"
    full = ["/queue", "/inbox", "/inbox/1", "/history", "/runs", run]
    todo = [*full, "/calendar", "/bots", "/health", "/write", "/logout"]
    done = set[str]()
    while todo and len(done) < 60:
        path = todo.pop(0)
        if path in done:
            continue
        done.add(path)
        shown = look(bare, console.address + path)
        assert STRIKE in shown or path not in full, path
        links: list[str] = bare.eval_on_selector_all("main a[href]", "all => all.map(a => a.getAttribute('href'))")
        leads_on = re.compile(r"/?(queue|inbox|history|runs|calendar)?\?")
        todo += [link for link in links if leads_on.match(link) and "://" not in link]
    assert len(done) > 9


@pytest.mark.parametrize("text", (strings()[0], strings()[4], strings()[26], "javascript:top.struck=1"))
def test_a_hostile_address_is_inert(poisoned: tuple[Console, list[int]], bare: Page, text: str) -> None:
    """What stands in the address itself is shown or ignored, and never acts: on pages that are there or aren't."""
    from urllib.parse import quote

    console, numbers = poisoned
    odd = quote(text, safe="")
    for path in (
        "queue",
        "history",
        "runs",
        "calendar",
        "bots",
        "write",
        "login",
        f"draft/{numbers[0]}",
        odd,
        "media/x",
    ):
        for name in ("q", "bot", "show", "page", "month", "token", "before", "outcome", "back"):
            answer = bare.request.get(f"{console.address}/{path}?{name}={odd}")
            assert answer.status < 500, (path, name)
            if text.startswith("<") and answer.headers["content-type"].startswith("text/html"):
                assert text not in answer.text(), (path, name)
    look(bare, f"{console.address}/history?q={odd}")
    look(bare, f"{console.address}/{odd}")


def test_hostile_words_of_a_person_are_inert(poisoned: tuple[Console, list[int]], bare: Page) -> None:
    """What one writes comes back into the form, and into what the console says of it."""
    console, _ = poisoned
    for text in strings()[:6]:
        bare.goto(f"{console.address}/write")
        fields = bare.locator("textarea:visible, input[type=text]:visible")
        for at in range(fields.count()):
            fields.nth(at).fill(text)
        with bare.expect_navigation():
            bare.locator("main form[method=post]").last.evaluate("form => form.requestSubmit()")
        bad = bare.evaluate(ACTIVE)
        assert not bad, (text, bad)


def test_the_policy_alone_stops_scripts(poisoned: tuple[Console, list[int]], browser: Browser) -> None:
    """If a page did let something through: a script in it, an attribute or an address that would run one, a style, a
    frame and a request elsewhere are all stopped by the browser."""
    console, _ = poisoned
    page = browser.new_page()
    page.goto(console.address)
    faults = list[str]()
    page.on("console", lambda said: faults.append(said.text))
    page.evaluate(
        """text => {
          document.body.insertAdjacentHTML("beforeend", text);
          const script = document.createElement("script");
          script.textContent = "top.struck=1";
          document.body.append(script);
          document.querySelectorAll("[onclick]").forEach(element => element.click());
        }""",
        f'<img src=x onerror={STRIKE}><p onclick="{STRIKE}">x</p><a href="javascript:{STRIKE}" onclick="1">x</a>'
        f'<iframe srcdoc="<script>{STRIKE}</script>"></iframe><svg onload="{STRIKE}"></svg>',
    )
    page.wait_for_timeout(500)
    assert page.evaluate("window.struck") is None
    assert len([fault for fault in faults if "Content Security Policy" in fault]) >= 4
    page.close()
