"""What cron's mail says, hour by hour: nothing where nothing is new, and once where something is wrong or runs out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.home import Done, Home
from tests.moving import MovingHome
from tests.sources.test_feeds import RSS, rss
from tests.sources.web import Site, serve

ENTRY = {
    "guid": "1",
    "title": "The mill opens",
    "link": "https://example.org/1",
    "description": "The mill on the hill opens its doors to owls.",
}
MORE = {
    "guid": "2",
    "title": "The bakery moves",
    "link": "https://example.org/2",
    "description": "The bakery moves to the old station this winter.",
}
REACH = """
from tests.sources.web import loopback_policy
from twitter_manager import factory
from twitter_manager.sources.fetch import Fetcher
policy = loopback_policy({port})
factory.fetcher = lambda left: Fetcher(
    sleep=lambda _: None, monotonic=time.monotonic, time_left=left, policy=policy
)
"""
MONDAY = datetime(2026, 11, 23, 8, 7, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, site: Site) -> MovingHome:
    """A bot with one feed and no other platform; its clock moves an hour from run to run."""
    made = MovingHome(tmp_path / "home")
    made.it_is(MONDAY)
    source = f'[[sources]]\nkind = "rss"\nname = "mill"\nurl = "{site.url}/feed"\n'
    made.bot("nova", f'platforms = ["feed"]\n{source}')
    return made


def put(site: Site, *entries: dict[str, str]) -> None:
    site.put("/feed", rss(*entries), content_type=RSS)


def hour(home: MovingHome, site: Site, *words: str) -> Done:
    """The run of the next hour. The tests' own addresses may be asked."""
    home.next_slot()
    return home("run", *words, code=home.program(reach(site))[-1])


def reach(site: Site) -> str:
    return REACH.format(port=site.port)


def told(done: Done) -> tuple[int, str, str]:
    return done.code, done.out, done.err


def outcomes(home: MovingHome) -> list[str]:
    return [row[0] for row in home.rows("SELECT outcome FROM runs ORDER BY id")]


SILENCE = (0, "", "")


def test_a_feed_without_news_is_silence(home: MovingHome, site: Site) -> None:
    """Run after run, with the reason on record; what comes then is posted."""
    put(site, ENTRY)
    assert [told(hour(home, site)) for _ in range(4)] == [SILENCE] * 4
    assert outcomes(home) == ["posted", *["nothing_to_post"] * 3]
    [[reason]] = home.rows("SELECT reason FROM runs ORDER BY id DESC LIMIT 1")
    assert reason
    put(site, ENTRY, MORE)
    assert told(hour(home, site)) == SILENCE
    assert outcomes(home)[-1] == "posted"
    assert home("status").out.count("failures in a row") == 0


def test_news_that_gives_no_post_is_no_failure(home: MovingHome, site: Site) -> None:
    """An entry that says nothing by itself is left out without a word; `sources list` counts it with the reason."""
    put(site, ENTRY)
    assert told(hour(home, site)) == SILENCE
    put(site, ENTRY, MORE | {"title": "Links", "description": "See here."})
    assert [told(hour(home, site)) for _ in range(2)] == [SILENCE] * 2
    assert outcomes(home) == ["posted", "nothing_to_post", "nothing_to_post"]
    assert "gives no post" in home("sources", "list").out or "give no post" in home("sources", "list").out


def test_entries_that_were_there_before_the_bot_are_no_failure(home: MovingHome, site: Site) -> None:
    """A bot that waits for the first news has material that it does not post: silence."""
    bot = home.path / "data" / "bots" / "nova.toml"
    bot.write_text(bot.read_text() + "backfill = 0\n")
    put(site, ENTRY)
    assert [told(hour(home, site)) for _ in range(3)] == [SILENCE] * 3
    assert set(outcomes(home)) == {"nothing_to_post"}


def test_a_person_at_a_terminal_reads_a_line(tmp_path: Path) -> None:
    """Who asks is told why there is no post; it is no failure."""
    home = Home(tmp_path / "plain")
    notes(home, 1)
    assert home("run").code == 0
    home.next_slot()
    done = home.at_terminal("run")
    assert done.code == 0
    assert "nova: nothing new to post: Everything was used lately (1 item); the first is free again on " in done.out


def test_a_feed_that_fails_is_told_once(home: MovingHome, site: Site) -> None:
    """The exit code says so each hour, the line comes once; after a good hour the next trouble is told again."""
    put(site, ENTRY)
    assert told(hour(home, site)) == SILENCE
    site.put("/feed", b"gone", status=404, content_type=RSS)
    first, *others = [hour(home, site) for _ in range(3)]
    assert (first.code, first.out, first.err.count("\n")) == (1, "", 1)
    assert first.err.startswith("twitter_manager: nova: nothing to publish: ") and "mill: " in first.err
    assert [told(one) for one in others] == [(1, "", "")] * 2
    assert "404" in home("status").out
    asked = hour(home, site, "--force")
    assert asked.code == 1 and "mill: " in asked.err, "a person who forces a run wants to know"
    put(site, ENTRY)
    assert told(hour(home, site)) == SILENCE
    site.put("/feed", b"gone", status=404, content_type=RSS)
    assert "mill: " in hour(home, site).err


def test_another_trouble_is_told_too(home: MovingHome, site: Site) -> None:
    """Told once is each trouble, not the first one of all."""
    site.put("/feed", b"gone", status=404, content_type=RSS)
    assert hour(home, site).err and not hour(home, site).err
    home.settings(GENERATORS="claude")
    again = hour(home, site)
    assert again.code == 1 and "no generator is ready" in again.err
    assert told(hour(home, site)) == (1, "", "")


def test_topics_that_fit_nothing_are_a_failure(home: MovingHome, site: Site) -> None:
    """There is material, and never will any of it be chosen: the person is told."""
    bot = home.path / "data" / "bots" / "nova.toml"
    bot.write_text(bot.read_text() + 'label = "mill"\n[topics]\ngardening = 1\n')
    put(site, ENTRY)
    first = hour(home, site)
    assert first.code == 1 and "topic" in first.err
    assert told(hour(home, site)) == (1, "", "")


# -- material that runs out ----------------------------------------------------------------------------


def notes(home: Home, count: int, more: str = "") -> None:
    facts = "".join(NOTE.format(number=number, fact=fact) for number, fact in enumerate(FACTS[:count]))
    (home.path / "facts.toml").write_text(facts)
    source = f'[[sources]]\nkind = "notes"\nname = "facts"\npath = "{home.path}/facts.toml"\n'
    home.bot("nova", f'platforms = ["feed"]\npool = 1\n{more}\n{source}')


NOTE = """
[[note]]
id = "fact-{number}"
label = "facts"
text = "{fact}"
source = "https://example.org/{number}"
"""
FACTS = (
    "A beaver can stay under water for fifteen minutes.",
    "The Danube flows through ten countries.",
    "Honey bees dance to show where flowers are.",
    "Venus turns the other way round.",
    "An octopus has three hearts.",
    "The Alps grow by about a millimetre a year.",
    "Amber is the resin of trees that died long ago.",
    "A day on Mars is forty minutes longer than ours.",
    "Swifts sleep while they fly.",
    "Basalt cools into columns of six sides.",
    "The tomato is a berry.",
    "Clouds weigh as much as a hundred elephants.",
)


def test_material_that_runs_out_is_told_once(home: MovingHome, site: Site) -> None:
    """Once, with what is left and until when, on standard error and with exit code 0; `status` says it always."""
    notes(home, 12, 'time_zone = "Europe/Berlin"\n[schedule]\ntimes = ["09:00", "21:00"]')
    done = [home("run")]
    for _ in range(3):
        home.later(hours=12)
        done.append(home("run"))
    warned = [one.err for one in done if one.err]
    assert warned == [
        "twitter_manager: nova: the material runs out: 11 posts left, until 28 November; add some, or post less often\n"
    ]
    assert [one.code for one in done] == [0] * 4
    assert "  material: 8 posts left, until 28 November\n" in home("status").out
    assert home("status", "--json").json["bots"][0]["material"] == {
        "posts_left": 8,
        "until": "2026-11-28T20:00:00Z",
        "renews": False,
        "words": "8 posts left, until 28 November",
    }


def test_it_is_told_again_after_new_material_came_and_went(home: MovingHome) -> None:
    """New notes that are many enough end the warning; when these run out there is a new one."""
    notes(home, 4)
    assert [bool(done.err) for done in home.runs(3)] == [True, False, False]
    notes(home, 6)
    assert [bool(done.err) for done in home.runs(3)] == [True, False, False]
    assert [told(done) for done in home.runs(3)] == [SILENCE] * 3
    assert "  material: no post left\n" in home("status").out


def test_a_feed_that_runs_dry_is_no_warning(home: MovingHome, site: Site) -> None:
    """Its news come by themselves: `status` says what is left, and nothing else does."""
    put(site, ENTRY)
    assert [told(hour(home, site)) for _ in range(2)] == [SILENCE] * 2
    assert "  material: no post left, unless its sources bring more\n" in home("status").out


def test_quiet_hours_and_the_days_limit_stretch_the_material(home: MovingHome) -> None:
    """The date is that of the last post that the bot's own time table gives."""
    notes(home, 9, '[limits]\nper_day = 2\nquiet_hours = "22:00-12:00"')
    home.later(hours=5)
    [first] = home.runs(1)
    assert "8 posts left, until 27 November;" in first.err
    assert first.code == 0


def test_the_starter_notes_last(tmp_path: Path) -> None:
    """A new bot has enough for weeks, and is told nothing."""
    home = MovingHome(tmp_path / "new")
    home.it_is(MONDAY)
    assert [told(done) for done in home.runs(2)] == [SILENCE] * 2
    assert "  material: " in home("status").out
