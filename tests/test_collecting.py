"""Collecting: what looks at sources leave in the store, which are asked and when, and what their trouble does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fresh import new_database
from tests.sources.looks import NOW
from tests.sources.test_feeds import entry, put
from tests.sources.web import Site, fetcher, serve
from twitter_manager.domain import Item, Json
from twitter_manager.pipeline.collect import Collector, Looked
from twitter_manager.sources import LOOKS, Collected, Look, Source, look_at
from twitter_manager.store import events, items, schema
from twitter_manager.store import sources as memory
from twitter_manager.store.database import Database, connect, to_text


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database(tmp_path / "t.db", NOW)) as made:
        yield made


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as made:
        yield made


class Bot:
    """A bot's collecting, with a clock of its own."""

    def __init__(self, db: Database, *sources: Source, ports: tuple[int, ...] = ()) -> None:
        self.db, self.sources, self.ports = db, sources, ports
        self.now = NOW
        self.left = 900.0
        self.progress: list[str] = []

    def collect(self, only: str = "", *, after: timedelta = timedelta(0), due_only: bool = True) -> list[Looked]:
        self.now += after
        return Collector(
            self.db,
            "bot",
            self.sources,
            lambda left: fetcher(*self.ports),
            lambda: self.now,
            lambda: self.left,
            self.progress.append,
            lambda text: text.replace("hunter2", "***"),
            run_id=None,
        ).collect(only, due_only=due_only)

    def postable(self) -> list[str]:
        return [item.title or item.key for _, item in items.available(self.db, "bot")]

    def every(self) -> dict[str, tuple[int, int]]:
        return items.counts(self.db, "bot")


def rss(site: Site, **settings: Any) -> Source:
    return replace(Source("rss", "news", (site.url + "/feed",), every_minutes=60), **settings)


def fake(monkeypatch: pytest.MonkeyPatch, **looks: Any) -> None:
    """Sources of kinds that only the test knows, looked at in this process: how they end is what counts."""
    monkeypatch.setattr("twitter_manager.sources.bounded.Reader.look", lambda reader, look: look_at(look))
    monkeypatch.setattr("twitter_manager.sources.LOOKS", {**LOOKS, **looks})


def gives(*keys: str, complete: bool = True, kept: tuple[str, ...] = (), **state: Any) -> Any:
    def look(look: Look) -> Collected:
        found = tuple(Item(look.source.name, key, f"text of {key}") for key in keys)
        return Collected(found, {"was": look.state} | state, complete, frozenset(kept))

    return look


def test_a_feed_is_primed_and_then_brings_news(db: Database, site: Site) -> None:
    """The first look lets one entry through, the next what is new; what is background stays unposted."""
    put(site, *(entry(number, number + 1) for number in range(10)))
    bot = Bot(db, rss(site), ports=(site.port,))
    (first,) = bot.collect()
    assert (first.change.added, first.change.postable, bot.postable()) == (10, 1, ["Title 0"])
    put(site, entry(10, 0.1), entry(0, 1))
    bot.collect(after=timedelta(hours=1))
    assert bot.postable() == ["Title 0", "Title 10"] and bot.every() == {"news": (11, 2)}


def test_a_changed_entry_is_updated_and_not_news_again(db: Database, site: Site) -> None:
    """The background stays background, the news stays news, and the change is on record."""
    put(site, entry(1, 1), entry(2, 2))
    bot = Bot(db, rss(site), ports=(site.port,))
    bot.collect()
    put(site, entry(1, 1, title="One, corrected"), entry(2, 2, title="Two, corrected"))
    (looked,) = bot.collect(after=timedelta(hours=2))
    assert looked.change.changed == 2 and bot.postable() == ["One, corrected"]
    assert [row[0] for row in db.rows("SELECT DISTINCT first_seen_at FROM items")] == [to_text(NOW)]


@pytest.mark.parametrize(
    "answer", ["", "<rss><channel></channel></rss>", "<html>Oops</html>", "garbage", "503", "gone"]
)
def test_a_broken_answer_takes_nothing_away(db: Database, site: Site, answer: str) -> None:
    """Empty, broken, no feed, an error, nobody there: the items stay, and the trouble is kept with the source."""
    put(site, entry(1), entry(2))
    bot = Bot(db, rss(site), ports=(site.port,))
    bot.collect()
    site.put("/feed", answer, {"503": 503, "gone": 404}.get(answer, 200), content_type="application/rss+xml")
    (looked,) = bot.collect(after=timedelta(hours=1))
    assert looked.error and bot.every() == {"news": (2, 1)}
    known = memory.remembered(db, "bot")["news"]
    assert known.error == looked.error and known.succeeded_at == NOW and known.looked_at == NOW + timedelta(hours=1)
    assert [event["kind"] for event in events.everything(db)] == ["source_failed"]
    put(site, entry(1), entry(2))
    bot.collect(after=timedelta(hours=1))
    assert memory.remembered(db, "bot")["news"].error == ""


def test_old_news_is_none_even_when_the_feed_is_down(db: Database, site: Site) -> None:
    """What was not posted within its days is background from then on."""
    put(site, entry(1, 13))
    bot = Bot(db, rss(site), ports=(site.port,))
    bot.collect()
    assert bot.postable() == ["Title 1"]
    site.put("/feed", "", 500)
    bot.collect(after=timedelta(days=2))
    assert bot.postable() == [] and bot.every() == {"news": (1, 0)}


def test_of_documents_only_the_dated_ones_age(db: Database, tmp_path: Path) -> None:
    """A report of two years ago is not posted any more; a guide without a date is."""
    folder = tmp_path / "docs"
    folder.mkdir()
    text = "The heron colony on the lower lake has its nests in the old willows, well away from the path.\n"
    for name, day in (("old.md", NOW - timedelta(days=700)), ("new.md", NOW - timedelta(days=5))):
        (folder / name).write_text(f"---\ntitle: Herons {name}\ndate: {day:%Y-%m-%d}\n---\n{text}")
    (folder / "guide.md").write_text(f"# Herons\n\n{text}")
    Bot(db, Source("files", "docs", path=folder, max_age_days=365)).collect()
    assert {item.key.split("#")[0] for _, item in items.available(db, "bot")} == {"new.md", "guide.md"}


def test_a_source_is_not_asked_too_often(db: Database, site: Site) -> None:
    """Within `every_minutes` nothing is fetched, unless a person asks; a clock that was set back asks at once."""
    put(site, entry(1))
    bot = Bot(db, rss(site), ports=(site.port,))
    assert len(bot.collect()) == 1
    assert bot.collect(after=timedelta(minutes=59)) == []
    assert len(bot.collect(due_only=False)) == 1
    assert len(bot.collect(after=timedelta(minutes=60))) == 1
    assert len(bot.collect(after=timedelta(days=-3))) == 1
    assert len(site.seen) == 4


def test_other_settings_begin_anew(db: Database, site: Site) -> None:
    """Another label reaches the items that are there; another address takes those of the old one away."""
    put(site, entry(1), entry(2))
    bot = Bot(db, rss(site), ports=(site.port,))
    bot.collect()
    bot.sources = (rss(site, label="Python"),)
    bot.collect()
    assert {item.label for _, item in items.available(db, "bot")} == {"Python"} and bot.every() == {"news": (2, 1)}
    site.put("/other", "<rss version='2.0'><channel><item><title>Other</title></item></channel></rss>")
    bot.sources = (rss(site, urls=(site.url + "/other",)),)
    bot.collect()
    assert bot.postable() == ["Other"] and bot.every() == {"news": (1, 1)}


def test_a_source_that_was_removed_takes_its_items_along(db: Database, site: Site) -> None:
    """And nothing is remembered of it; when it comes back, its items do."""
    put(site, entry(1))
    bot = Bot(db, rss(site), Source("starter"), ports=(site.port,))
    bot.collect()
    source, starter = bot.sources
    bot.sources = (starter,)
    bot.collect()
    assert set(bot.every()) == {"starter"} == set(memory.remembered(db, "bot"))
    bot.sources = (source, starter)
    bot.collect()
    assert bot.every()["news"] == (1, 1)


def test_what_vanished_is_retired_and_what_is_kept_is_not(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the document, the part of the key before its last `#`; an incomplete look retires nothing."""
    bot = Bot(db, Source("files", "docs"))
    fake(monkeypatch, files=gives("a#1", "a#2", "b#1", "c#1#x"))
    bot.collect()
    fake(monkeypatch, files=gives("a#1", kept=("c#1",)))
    (looked,) = bot.collect()
    assert looked.change.retired == 2 and bot.postable() == ["a#1", "c#1#x"]
    fake(monkeypatch, files=gives("d#1", complete=False))
    bot.collect()
    assert bot.postable() == ["a#1", "c#1#x", "d#1"]
    fake(monkeypatch, files=gives("a#1", "b#1"))
    bot.collect()
    assert sorted(bot.postable()) == ["a#1", "b#1"]


def test_an_item_that_comes_back_unchanged_has_not_changed(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a source gives again in the same words is counted neither as new nor as changed."""
    bot = Bot(db, Source("files", "docs"))
    for keys in (("a", "b"), ("b",), ("a", "b")):
        fake(monkeypatch, files=gives(*keys))
        (looked,) = bot.collect(after=timedelta(hours=1))
    assert (looked.change.added, looked.change.changed) == (0, 0)
    assert sorted(bot.postable()) == ["a", "b"]


def test_one_sources_trouble_does_not_touch_the_others(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a bug in a library: the others are looked at, what goes wrong is named without secrets."""

    def breaks(look: Look) -> Collected:
        raise ZeroDivisionError("hunter2")

    fake(monkeypatch, files=breaks, git=gives("c"))
    bot = Bot(db, Source("files", "bad"), Source("rss", "refused", ("http://hunter2.org:1/",)), Source("git", "good"))
    found = {looked.source.name: looked.error for looked in bot.collect()}
    assert found["bad"] == "unforeseen ZeroDivisionError" and found["good"] == ""
    assert "***.org" in found["refused"] and bot.postable() == ["c"]


def test_those_that_waited_longest_are_asked_first_and_only_while_there_is_time(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A third of what the run has left; who had no turn has it next time."""
    asked: list[str] = []
    bot = Bot(db, *(Source("files", name) for name in "abc"))

    def slow(look: Look) -> Collected:
        asked.append(look.source.name)
        bot.left -= 200
        bot.now += timedelta(seconds=200)
        assert look.time_left() <= 100
        return Collected(complete=True)

    fake(monkeypatch, files=slow)
    bot.collect()
    assert asked == ["a", "b"]
    bot.left = 900.0
    bot.collect()
    assert asked == ["a", "b", "c", "a"]


def test_state_goes_from_look_to_look(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a look gave as its state the next one gets; a failed look loses nothing of it."""
    states: list[Json] = []

    def look(look: Look) -> Collected:
        states.append(look.state)
        if len(states) == 2:
            raise ValueError
        return Collected(state={"looks": len(states)})

    fake(monkeypatch, files=look)
    bot = Bot(db, Source("files", "docs"))
    for _ in range(3):
        bot.collect()
    assert states == [{}, {"looks": 1}, {"looks": 1}]


def test_notes_with_problems_are_a_warning(db: Database, tmp_path: Path) -> None:
    """A person's file that was broken after the settings were read: the notes that are stored stay."""
    path = tmp_path / "mine.toml"
    path.write_text('[[note]]\nid = "a"\nlabel = "A"\ntext = "A note of my own."\n')
    bot = Bot(db, Source("notes", "mine", path=path))
    bot.collect()
    path.write_text("[[note]]\n")
    (looked,) = bot.collect()
    assert "mine.toml" in looked.error and bot.postable() == ["a"]


def test_an_old_database_gets_the_new_columns(tmp_path: Path) -> None:
    """Items of schema 2 are notes that may be posted, as they were; the sources begin without a memory."""
    with closing(connect(tmp_path / "old.db")) as old:
        schema.migrate(old, NOW, None, schema.MIGRATIONS[:2])
        with old.transaction():
            old.update(
                "INSERT INTO items (bot, source, key, title, text, url, label, wordings, content_hash, first_seen_at,"
                " changed_at) VALUES ('bot', 'starter', 'k', '', 'An old note.', '', '', '[]', 'h', ?, ?)",
                to_text(NOW),
                to_text(NOW),
            )
        schema.migrate(old, NOW, None)
        ((_, item),) = items.available(old, "bot")
        assert (item.text, item.kind, item.published_at, item.postable) == ("An old note.", "note", None, True)
        assert memory.remembered(old, "bot") == {}


def test_times_of_items_survive_the_store(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kind and publication time come back as they went in, and a corrected time alone is no change of words."""
    when = datetime(2026, 11, 1, 8, tzinfo=NOW.tzinfo)

    def look(published: datetime) -> Any:
        return lambda look: Collected((Item("docs", "k", "text", kind="page", published_at=published),), complete=True)

    bot = Bot(db, Source("files", "docs", max_age_days=365))
    fake(monkeypatch, files=look(when))
    bot.collect()
    fake(monkeypatch, files=look(when + timedelta(days=1)))
    (looked,) = bot.collect(after=timedelta(days=1))
    ((_, item),) = items.available(db, "bot")
    assert (item.kind, item.published_at, looked.change.changed) == ("page", when + timedelta(days=1), 0)
