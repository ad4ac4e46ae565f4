"""A home with drafts of every kind, as runs and people leave them, for the pages that show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.home import Home
from tests.pictures import photo
from tests.writing.verdicts import claim, verdict
from twitter_manager.app import App
from twitter_manager.content import Card, Part, plain
from twitter_manager.domain import DeliveryStatus, DraftStatus, Generation, Item, Json, Violation
from twitter_manager.media import MediaStore, prepared
from twitter_manager.store import deliveries, drafts, generations, items, runs
from twitter_manager.store.database import Database

ACCOUNTS = {
    "TWITTER_API_KEY": "api-key-of-nobody",
    "TWITTER_API_SECRET": "api-secret-of-nobody",
    "TWITTER_ACCESS_TOKEN": "access-token-of-nobody",
    "TWITTER_ACCESS_SECRET": "access-secret-of-nobody",
    "MASTODON_BASE_URL": "https://mastodon.example",
    "MASTODON_ACCESS_TOKEN": "token-of-nobody-either",
}
"""None of them is ever asked: the console publishes nothing."""
BOT = 'time_zone = "Europe/Berlin"\npersona.name = "The reading room"\n'
ITEM = Item(
    "house",
    "rules",
    "The reading room opens at 10 o'clock, except on Mondays. Dogs may not enter the hall, and may not wait at the"
    " door. Guide dogs are allowed, “as long as they are on a lead” – in the reading room too.",
    title="House rules",
    url="https://library.example/rules",
)
POST = "Good news: the reading room opens at 10 o'clock. Guide dogs are welcome."


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate as the store keeps it."""

    parts: tuple[str, ...]
    score: float
    verdict: str
    violations: tuple[Violation, ...] = ()
    scores: dict[str, float] = field(default_factory=lambda: {"clarity": 0.8, "length": 0.6})


@contextmanager
def opened(home: Home) -> Iterator[tuple[App, Database]]:
    """The program over a home, with its database for writing."""
    app = App.load(home.path, {"TWITTER_MANAGER_HOME": str(home.path)}, lambda line: None)
    with closing(app.session.open_store()) as db:
        yield app, db


def set_up(home: Home) -> Home:
    """A bot with accounts on X, Mastodon and the feed, and no drafts yet."""
    home.settings(GENERATORS="excerpt", **ACCOUNTS)
    home.bot("library", BOT)
    with opened(home):
        pass
    return home


def add(
    home: Home,
    *texts: str | Part,
    status: DraftStatus = DraftStatus.PENDING,
    origin: str = "generator",
    reason: str = "",
    due_in: timedelta | None = None,
    platforms: Sequence[str] = ("x", "mastodon", "feed"),
    links: Json | None = None,
    item: bool = False,
    bot: str = "library",
) -> int:
    """Save a draft; gives its number."""
    parts = tuple(text if isinstance(text, Part) else Part(text) for text in texts)
    with opened(home) as (app, db), db.transaction():
        now = app.clock()
        new = drafts.NewDraft(
            bot,
            origin,
            parts,
            tuple(platforms),
            timedelta(hours=72),
            status=status,
            reason=reason,
            due_at=now + due_in if due_in else None,
            format="news" if origin == "generator" else "",
            topic="library" if origin == "generator" else "",
            links=links or {},
            item_id=_item(db, now) if item else None,
        )
        return drafts.add(db, new, now)


def _item(db: Database, now: datetime) -> int:
    items.refresh(db, "library", ITEM.source, [ITEM], now)
    return items.newest_id(db, "library")


def judged(home: Home, text: str = POST) -> int:
    """A draft of a model's that a judge said yes to, claim by claim, with another candidate that was refused."""
    number = add(home, text, item=True, reason="the bot's first 10 posts wait for you")
    said = verdict(
        claim("The reading room opens at 10 o'clock.", "The reading room opens at 10 o'clock"),
        claim("Guide dogs are welcome.", "Guide dogs are allowed … in the reading room too"),
        claim("Good news", "", "no claim"),
    )
    other = Judged(
        ("Dogs are welcome in the hall!",),
        2.25,
        "rejected",
        (Violation("judge", "The material says otherwise than “Dogs are welcome in the hall!”"),),
    )
    sound = Judged(("The reading room opens at 10 o'clock, except on Mondays.",), 1.5, "passed")
    with opened(home) as (app, db), db.transaction():
        judge = Generation(generator="judge claude", model="claude-model", raw=said)
        writer = Generation(generator="claude", model="claude-model")
        made = [Judged((text,), 3.5, "chosen"), other, sound]
        generations.add(db, judge, [], "judged", app.clock(), run_id=None, draft_id=number)
        generations.add(db, writer, made, "chosen", app.clock(), run_id=None, draft_id=number)
    return number


def pictured(home: Home, alt: str = "Red on the left, blue on the right") -> int:
    """A draft with a picture, which lies in the folder of pictures, and a card."""
    media, content = prepared(photo(640, 420), alt)
    with opened(home) as (app, _):
        MediaStore.of(app.settings.data).save(media, content)
    card = Card("https://library.example/rules", "House rules", "When the doors are open")
    return add(
        home,
        Part("The new wing is open. https://library.example/rules", (media,), card),
        links={"mastodon": "https://library.example/rules"},
    )


def thread(home: Home) -> int:
    """A draft of three parts."""
    texts = ("1/3 What changes in the reading room this winter.", "2/3 It opens at ten.", "3/3 Guide dogs are welcome.")
    return add(home, *texts, reason="threads wait for you")


def failed(home: Home) -> int:
    """A person's draft that the feed refused."""
    number = add(home, "This did not get out.", status=DraftStatus.APPROVED, origin="person", platforms=["feed"])
    with opened(home) as (app, db), db.transaction():
        now = app.clock()
        run = runs.start(db, "library", "run", now, now)
        draft = drafts.get(db, number)
        assert draft is not None
        drafts.claim(db, draft, None, now, run)
        deliveries.enqueue(db, draft, {"feed": "a feed"}, {"feed": draft.parts}, now)
        [delivery] = deliveries.of_draft(db, number)
        deliveries.move(db, delivery, DeliveryStatus.FAILED, now, run_id=run, error="the disk was full")
        draft = drafts.get(db, number)
        assert draft is not None
        drafts.move(db, draft, DraftStatus.FAILED, now, reason="no platform took it")
    return number


def everything(home: Home) -> dict[str, int]:
    """One draft of each kind, by a name for it."""
    return {
        "judged": judged(home),
        "pictured": pictured(home),
        "thread": thread(home),
        "doubted": add(
            home,
            "Nobody reads\u200b any more, says the house.",
            status=DraftStatus.NEEDS_ATTENTION,
            reason="it sounds harsh: a person decides",
        ),
        "queued": add(home, "Books may be kept for four weeks.", status=DraftStatus.APPROVED),
        "own": add(home, "We are closed on Friday.", status=DraftStatus.APPROVED, origin="person"),
        "failed": failed(home),
        "dated": add(
            home, "The summer party is today.", status=DraftStatus.APPROVED, origin="person", due_in=timedelta(days=3)
        ),
    }


def many(home: Home, number: int, status: str) -> None:
    """Thousands of drafts of one status, written past the program for speed."""
    with opened(home) as (app, db), db.transaction():
        life, text = timedelta(hours=72), plain(["Draft 0 says so."])
        first = drafts.add(db, drafts.NewDraft("library", "generator", text, ("x", "feed"), life), app.clock())
        columns = "bot, origin, topic, format, platforms, language, text_hash, choice, created_at, expires_at, links"
        db.update(
            f"WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < {number})"
            f" INSERT INTO drafts ({columns}, normalised_hash, approved_hash, status, due_at)"
            f" SELECT {columns}, normalised_hash || n, text_hash, ?,"
            "  CASE WHEN ? = 'dated' THEN strftime('%Y-%m-%dT%H:%M:00.000000Z', 'now', '+' || n || ' hours') END"
            f" FROM k, drafts WHERE id = {first}",
            "approved" if status == "dated" else status,
            status,
        )
        db.update(
            "INSERT INTO parts (draft_id, number, text) SELECT id, 0, 'Draft ' || id || ' says so.' FROM drafts"
            f" WHERE id > {first}"
        )
