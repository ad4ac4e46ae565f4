"""Comments read at the end of runs: each once, page by page, whatever dies, within bounds and money."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.commented import ROOT, heard, keep
from tests.fakes import START, Crash, CrashingDatabase, FakeClock, FakeSocialPlatform
from tests.test_answering import World
from twitter_manager.errors import Unreadable
from twitter_manager.pipeline import hearing
from twitter_manager.pipeline.run import run_bot
from twitter_manager.pipeline.spending import Budget
from twitter_manager.settings.records import Listen
from twitter_manager.social import Heard, HeardPage, SeenPost
from twitter_manager.store import charges, comments, conversation
from twitter_manager.store.comments import Whose


class Talkative(FakeSocialPlatform):
    """Others have `said` this; the cursor is how many were told. `asked`: each request's cursor, since and limit."""

    def __init__(self, name: str, clock: FakeClock) -> None:
        super().__init__(name, clock)
        self.said: list[Heard] = []
        self.reads: list[tuple[str, datetime, int]] = []

    def heard(self, cursor: str, since: datetime, limit: int) -> HeardPage:
        self.reads.append((cursor, since, limit))
        if self.unreadable:
            raise self.unreadable
        begin = int(cursor or 0)
        end = min(begin + limit, len(self.said))
        return HeardPage(self.said[begin:end], str(end), more=end < len(self.said))

    def seen(self, remote_id: str) -> SeenPost | None:
        return next((each.post for each in self.said if each.post.receipt.remote_id == remote_id), None)


class Dear(Talkative):
    """As X: each that it shows costs."""

    deletion_usd, reading_usd, hearing_usd = 0.01, 0.001, 0.015

    def is_there(self, remote_id: str) -> bool:
        return True


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path / "t.db")
    made.platforms = {"bluesky": Talkative("bluesky", made.clock)}
    made.listen = Listen(figures=(), comments=("bluesky",))
    return made


def sky(world: World) -> Talkative:
    platform = world.platforms["bluesky"]
    assert isinstance(platform, Talkative)
    return platform


def texts(world: World) -> list[str]:
    return [row["text"] for row in world.db.rows("SELECT text FROM comments ORDER BY id")]


def test_each_comment_is_kept_once_in_order(world: World) -> None:
    """The first look goes back two days, the next begins where that ended; nothing new is no trouble."""
    sky(world).said = [heard(f"Comment {number}?", f"9{number:03}") for number in range(100)]
    for _ in range(3):
        assert world.run().ok
        world.later(hours=1)
    assert texts(world) == [f"Comment {number}?" for number in range(100)]
    assert [cursor for cursor, _, _ in sky(world).reads] == ["", "40", "80", "100", "100"]
    assert sky(world).reads[0][1] == START - timedelta(days=2)


def test_a_run_reads_so_many_pages_and_the_next_goes_on(world: World) -> None:
    sky(world).said = [heard(f"Comment {number}?", f"9{number:03}") for number in range(hearing.PAGE * 7)]
    world.run()
    assert len(texts(world)) == hearing.PAGE * hearing.PAGES
    world.later(hours=1)
    world.run()
    assert len(texts(world)) == hearing.PAGE * 7


def test_wherever_a_run_dies_nothing_is_lost_or_there_twice(tmp_path: Path) -> None:
    """Before and after every commit; a page and how far it goes are one."""
    for after in (False, True):
        for number in range(30):
            world = World(tmp_path / f"{after}{number}.db")
            world.platforms = {"bluesky": Talkative("bluesky", world.clock)}
            world.listen = Listen(figures=(), comments=("bluesky",))
            sky(world).said = [heard(f"Comment {each}?", f"9{each:03}") for each in range(50)]
            world.db.__class__ = CrashingDatabase
            assert isinstance(world.db, CrashingDatabase)
            world.db.crash_at, world.db.after = number, after
            died = True
            with suppress(Crash):
                world.run()
                died = False
            world.db.crash_at = -1
            world.later(hours=1)
            world.run()
            assert texts(world) == [f"Comment {each}?" for each in range(50)]
            world.db.close()
            if not died:
                break
        assert number > 3


def test_trouble_fails_no_run_and_loses_nothing(world: World) -> None:
    """A platform that can't be read is a line in the log; what only a person mends is told once."""
    sky(world).said = [heard()]
    sky(world).unreadable = Unreadable("The scope is missing.", forbidden=True)
    first, second = world.run(), world.run()
    assert first.ok and second.ok
    assert [len(run.warnings) for run in (first, second)] == [1, 0]
    sky(world).unreadable = None
    world.later(hours=1)
    world.run()
    assert len(texts(world)) == 1


def test_what_no_database_keeps_stops_nothing(world: World) -> None:
    """Half a character, NUL, a text without end: kept as far as it can be, and the next ones after it."""
    sky(world).said = [heard("half \ud800 and \0 nothing", "901"), heard("x" * 100_000, "902"), heard("Fine?", "903")]
    world.run()
    assert [text[:20] for text in texts(world)] == ["half ? and  nothing", "x" * 20, "Fine?"]
    assert max(map(len, texts(world))) == 5_000


def test_a_secret_of_ours_that_somebody_says_is_kept_nowhere(world: World) -> None:
    """Neither in their words nor in their name, so that none reaches a page, a model or a backup."""
    sky(world).said = [heard("Is key-1234 yours?", author="key-1234")]
    run_bot(replace(world.context(), redact=lambda text: text.replace("ey-1234", "[redacted]")))
    assert texts(world) == ["Is k[redacted] yours?"]
    assert world.db.value("SELECT author_name FROM comments") == "K[redacted]"


@pytest.mark.parametrize("name", ["at://\ud800/app.bsky.feed.post/x", "9\0", "9\n01", "9" * 3_000])
def test_no_address_that_a_stranger_makes_up_stops_the_reading(world: World, name: str) -> None:
    """What answers an address that no database keeps is left out, and what was said after it is read."""
    sky(world).said = [heard("Hostile?", "901", parent=name), heard("Hostile?", name), heard("Fine?", "902")]
    assert world.run().ok
    assert texts(world) == ["Fine?"]


def test_how_deep_a_comment_stands(world: World) -> None:
    """The answers of ours above it are counted, through others' words too."""
    sky(world).said = [heard("How?", "901", root=ROOT)]
    world.run()
    [first] = comments.newest(world.db, "b", 1)
    world.answer(first.id, "So.")
    world.later(hours=1)
    world.run()
    ours = str(world.db.value("SELECT remote_id FROM deliveries"))
    sky(world).said += [
        heard("And how?", "902", parent=ours, root=ROOT),
        heard("Listen to her.", "903", author="leo", parent="902", root=ROOT),
    ]
    world.later(hours=1)
    world.run()
    assert [(each.text, each.depth) for each in comments.newest(world.db, "b", 3)[::-1]] == [
        ("How?", 0),
        ("And how?", 1),
        ("Listen to her.", 1),
    ]


def test_another_bots_post_is_none_of_ours(world: World) -> None:
    """What stands beneath it is shown beneath no post, and no words of it as this bot's own."""
    sky(world).said = [heard()]
    world.answer(world.said("bluesky"))
    world.run()
    theirs = world.db.value("SELECT remote_id FROM deliveries")
    assert isinstance(theirs, str)
    whose = Whose("c", "bluesky", "other@bluesky")
    number = keep(world.db, whose, heard(parent=theirs, remote_id="901"), world.clock())
    comment = comments.get(world.db, number)
    assert comment and (comment.delivery_id, comment.depth) == (None, 0)
    assert conversation.above(world.db, comment) == []


@pytest.mark.parametrize(("spent", "limit"), [(0.0, 40), (0.84, 10), (0.95, 0)])
def test_on_x_no_more_is_read_than_the_money_lasts_for(world: World, spent: float, limit: int) -> None:
    """Each comment costs a cent and a half there with its author, and fewer than five are not shown."""
    x = Dear("x", world.clock)
    world.platforms, world.listen = {"x": x}, Listen(figures=(), comments=("x",), x_usd_per_month=1.0)
    with world.db.transaction():
        charges.add(world.db, charges.Charge(world.clock(), "b", "x", "read", 1, spent))
    world.run()
    assert [asked for _, _, asked in x.reads] == ([limit] if limit else [])


@pytest.mark.parametrize(("spent", "limit"), [(0.0, 40), (0.65, 10), (0.8, 0)])
def test_the_last_fifth_of_the_days_budget_is_kept_for_posts(world: World, spent: float, limit: int) -> None:
    """However much may go into reading, nobody's words are read for it."""
    x = Dear("x", world.clock)
    world.platforms, world.budget = {"x": x}, Budget(15.0, 1.0)
    world.listen = Listen(figures=(), comments=("x",), x_usd_per_month=10.0)
    with world.db.transaction():
        charges.add(world.db, charges.Charge(world.clock(), "b", "claude", "writing", 9, spent))
    world.run()
    assert [asked for _, _, asked in x.reads] == ([limit] if limit else [])


def test_another_account_begins_anew(world: World) -> None:
    """Its own cursor, and what was heard before is not there twice."""
    sky(world).said = [heard("How?", "901")]
    world.run()
    sky(world).account = "another@bluesky"
    world.later(hours=1)
    world.run()
    assert [cursor for cursor, _, _ in sky(world).reads] == ["", ""]
    assert len(texts(world)) == 1
    assert comments.cursor(world.db, Whose("b", "bluesky", "me@bluesky")) == "1"
