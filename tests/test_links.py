"""Links, per platform: with what was fetched its address goes along where readers can use it and nobody pays for it.

Whole processes against a feed on this machine, the X stand-in and the reference Bluesky server.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home import Home, bluesky_settings, x_settings
from tests.sources.test_feeds import RSS, entry, rss
from tests.sources.web import Site, serve
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.test_sources import Program

TEXT = "Parser One reads dates of any calendar that has months and years."
LINK = "https://example.org/1"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as made:
        made.put(
            "/feed",
            rss(entry(1, title="Parser One reads dates of any calendar", description=f"<p>{TEXT}</p>")),
            content_type=RSS,
        )
        yield made


@pytest.fixture
def program(tmp_path: Path, site: Site) -> Program:
    return Program(Home(tmp_path / "home"), site)


def bot(program: Program, site: Site, lines: str = "", **settings: str) -> None:
    program.home.settings(GENERATORS="excerpt", SETTLE_MINUTES="1", **settings)
    source = f'[[sources]]\nkind = "rss"\nname = "parser"\nurl = "{site.url}/feed"\n'
    program.home.bot("nova", f"pool = 1\n{lines}\n{source}")


def feed(program: Program) -> str:
    return (program.home.path / "data" / "feed-nova.xml").read_text()


def change(home: Home, statement: str) -> None:
    connection = sqlite3.connect(home.database)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_bluesky_and_the_feed_carry_the_link_and_x_does_not(
    program: Program, site: Site, x: XStandIn, pds: Pds, account: Account
) -> None:
    """Each platform holds its own text, and Bluesky the address in a card, of the entry's own words where its page
    can't be read; X's is billed without one."""
    bot(program, site, **x_settings(x), **bluesky_settings(pds, account))
    report = program("run", "--json").json["bots"][0]
    assert report["outcome"] == "posted", report
    [words] = x.texts()
    assert TEXT in words
    assert "http" not in words
    [record] = pds.records(account)
    assert (record["value"]["text"], "facets" in record["value"]) == (words, False)
    external = {"uri": LINK, "title": "Parser One reads dates of any calendar", "description": TEXT}
    assert record["value"]["embed"] == {"$type": "app.bsky.embed.external", "external": external}
    assert f"{words}\n{LINK}" in feed(program)
    assert report["draft"]["parts"] == [words]
    assert report["draft"]["links"] == {"bluesky": LINK, "feed": LINK}
    assert program.home.rows("SELECT service, kind, usd FROM charges") == [("x", "post", 0.015)]


LONG = "https://example.org/2026/11/26/the-parser-reads-dates-of-any-calendar?from=feed"


def with_long_link(site: Site) -> None:
    site.put(
        "/feed",
        rss(entry(1, title="Parser One reads dates of any calendar", description=f"<p>{TEXT}</p>", link=LONG)),
        content_type=RSS,
    )


def test_a_link_takes_no_room_on_bluesky(program: Program, site: Site, pds: Pds, account: Account) -> None:
    """What is counted is the text beside the card; the feed and the history have the whole address."""
    with_long_link(site)
    bot(program, site, 'platforms = ["bluesky", "feed"]', **bluesky_settings(pds, account))
    previewed = program("--dry-run", "--json").json["bots"][0]
    lengths = {one["platform"]: one["length"] for one in previewed["previews"]}
    assert lengths["feed"] - lengths["bluesky"] == len(f"\n{LONG}")
    report = program("run", "--json").json["bots"][0]
    assert report["outcome"] == "posted", report
    [record] = pds.records(account)
    assert record["value"]["embed"]["external"]["uri"] == LONG
    assert LONG in feed(program)
    assert {one["platform"]: one["text"] for one in report["deliveries"]} == {
        "bluesky": record["value"]["text"],
        "feed": f"{record['value']['text']}\n{LONG}",
    }


def test_a_restore_knows_a_post_without_its_link(program: Program, site: Site, pds: Pds, account: Account) -> None:
    """Bluesky's text and the feed's with its address are one post after the database is lost; none is made again."""
    with_long_link(site)
    bot(program, site, 'platforms = ["bluesky", "feed"]', **bluesky_settings(pds, account))
    assert program("run").code == 0
    [record] = pds.records(account)
    program.home.database.unlink()
    assert program("restore").code == 0
    assert program.home.rows("SELECT status, links FROM drafts WHERE status = 'posted'") == [
        ("posted", json.dumps({"bluesky": LONG, "feed": LONG}))
    ]
    for _ in range(2):
        program.home.next_slot()
        program("run")
    assert pds.records(account) == [record]


FILES = "Since version 4 the tool unpacks update.zip by itself, and README.md tells how."


def test_a_files_name_becomes_no_link(program: Program, site: Site, pds: Pds, account: Account) -> None:
    """Neither in a post from material nor in a person's own, where a bare name of a site is one."""
    site.put("/feed", rss(entry(1, title="Old files", description=FILES)), content_type=RSS)
    bot(program, site, 'platforms = ["bluesky"]', **bluesky_settings(pds, account))
    assert program("run").code == 0
    assert program("post", "Mine: setup.py, and more at example.org", "--now").code == 0
    own, made = (one["value"] for one in pds.records(account))
    assert "update.zip" in made["text"]
    assert ("facets" in made, made["embed"]["external"]["uri"]) == (False, LINK)
    assert [one["features"][0]["uri"] for one in own["facets"]] == ["https://example.org"]


def test_a_dry_run_shows_each_platforms_own_length(program: Program, site: Site) -> None:
    """What is counted is what would be sent."""
    bot(program, site, 'platforms = ["feed"]')
    shown = program("--dry-run", "--json").json["bots"][0]
    assert [one["length"] for one in shown["previews"]] == [len(f"{shown['draft']['parts'][0]}\n{LINK}")]


@pytest.mark.parametrize(("budget", "posts"), [("1.00", 1), ("0.10", 0)])
def test_a_link_on_x_is_counted_with_its_price(
    program: Program, site: Site, x: XStandIn, budget: str, posts: int
) -> None:
    """A person may want links on X: then a post costs what X takes for one, and a small budget leaves X out."""
    bot(program, site, f'links = ["x", "feed"]\n[limits]\nusd_per_month = {budget}', **x_settings(x))
    report = program("run", "--json").json["bots"][0]
    assert report["outcome"] == "posted", report
    assert [text.endswith(f"\n{LINK}") for text in x.texts()] == [True] * posts
    paid = program.home.rows("SELECT kind, round(sum(usd), 3) FROM charges GROUP BY kind")
    assert paid == [("post_with_link", 0.2)] * posts


def test_a_preview_counts_the_price_of_links(program: Program, site: Site, x: XStandIn) -> None:
    """What is not written yet will carry its link too."""
    texts = (
        "Parser One reads dates of any calendar",
        "Printer Two writes numbers of any base",
        "Keeper Three has a cache for answers now",
    )
    site.put("/feed", rss(*(entry(at, title=text, description=f"{text}.") for at, text in enumerate(texts))))
    bot(program, site, 'links = ["x", "feed"]', **x_settings(x))
    change_source = program.home.path / "data" / "bots" / "nova.toml"
    change_source.write_text(change_source.read_text() + "backfill = 3\n")
    assert program("run").code == 0
    runs = program("preview", "--runs", "3", "--json").json["bots"][0]["runs"]
    assert [(run["does"], run.get("draft"), run.get("cost_usd")) for run in runs if run["does"] == "post"] == [
        ("post", 2, 0.2),
        ("post", None, 0.2),
    ]


def test_a_title_alone_goes_only_where_its_link_goes(program: Program, site: Site, x: XStandIn) -> None:
    """An entry that says nothing but its title is posted with the link, and not on X, which carries none."""
    title = "The parser reads dates of any calendar"
    site.put("/feed", rss(entry(1, title=title, description="")), content_type=RSS)
    bot(program, site, **x_settings(x))
    report = program("run", "--json").json["bots"][0]
    assert report["outcome"] == "posted", report
    assert x.texts() == []
    assert program.home.rows("SELECT platform, text FROM deliveries") == [("feed", f"{title}\n{LINK}")]


def test_another_link_than_the_approved_one_is_not_sent(program: Program, site: Site, x: XStandIn) -> None:
    """An approval covers the address too: where somebody changed it in the file, a person has to look."""
    bot(program, site, **x_settings(x))
    assert program("post", "In one's own words.", "--bot", "nova").code == 0
    change(program.home, 'UPDATE drafts SET links = \'{"feed": "https://example.org/other"}\'')
    done = program("run")
    assert done.code == 1
    assert "draft 1 was changed after it was approved" in done.err
    assert "https://example.org/other" not in feed(program)
    assert "In one's own words." not in x.texts()


def test_a_restore_knows_a_post_with_and_without_its_link(program: Program, site: Site, x: XStandIn) -> None:
    """X holds the words alone and the feed the words and the link: after the database is lost they are one post, which
    is not made again."""
    bot(program, site, **x_settings(x))
    assert program("post", "Posted before the backup.", "--bot", "nova", "--now").code == 0
    program.home.next_slot()
    assert program("run", "--json").json["bots"][0]["outcome"] == "posted"
    [_, words] = x.texts()
    assert TEXT in words
    program.home.database.unlink()
    assert program("restore").code == 0
    assert program.home.rows("SELECT count(*) FROM drafts WHERE status = 'posted'") == [(2,)]
    for _ in range(2):
        program.home.next_slot()
        program("run")
    assert sum(TEXT in text for text in x.texts()) == 1
    assert len(re.findall(rf"<content[^>]*>[^<]*{re.escape(TEXT)}", feed(program))) == 1
