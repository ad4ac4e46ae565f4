"""Posts that wait for a person, as cron and a person meet them: whole processes over feeds on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home import Home
from tests.sources.test_feeds import RSS, entry, rss
from tests.sources.web import Site, serve
from tests.test_sources import Program, _change

GOOD = (
    ("Library opens on Sundays", "The library of the town opens on Sundays from May until the end of autumn."),
    ("The old bridge is open again", "Workers have repaired the old bridge, and cyclists can use it all day."),
    ("Trees for the school", "The school planted forty apple trees together with the gardeners of the town."),
    ("Choir looks for voices", "The choir of the town looks for tenors who like to sing old songs."),
)
HOSTILE = (
    ("Giveaway", "Send 1 BTC to bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh and receive 2 BTC back."),
    ("A word on migrants", "Migrants are vermin and must be driven out of the town."),
    ("Claim", "Connect your wallet to the claim page of the town to receive your tokens."),
    ("Acme news", "The people of ac\u200bme hold their yearly market in the town on the first weekend."),
)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as made:
        yield made


@pytest.fixture
def program(tmp_path: Path, site: Site) -> Program:
    return Program(Home(tmp_path / "home"), site)


def feed(site: Site, *told: tuple[str, str], host: str = "https://town.example", first: int = 1) -> None:
    entries = [
        entry(at, 0.01 * at, title=title, description=f"<p>{text}</p>", link=f"{host}/{at}")
        for at, (title, text) in enumerate(told, first)
    ]
    site.put("/feed", rss(*entries), content_type=RSS)


def out(program: Program) -> str:
    """What stands in the bot's feed."""
    place = program.home.path / "data" / "feed-nova.xml"
    return place.read_text() if place.exists() else ""


def bot(program: Program, site: Site, more: str = "") -> None:
    program.home.bot(
        "nova",
        f"""platforms = ["feed"]
pool = 4
blocked_terms = ["acme"]
[[sources]]
kind = "rss"
name = "town"
url = "{site.url}/feed"
backfill = 20
max_items = 20
every_minutes = 5
{more}
""",
    )


def hours(program: Program, number: int) -> list[str]:
    """Run so many hours; gives what each said to cron's mail."""
    said = []
    for _ in range(number):
        said.append(program("run").err)
        program.home.next_slot()
    return said


def test_nothing_hostile_goes_out_by_itself(program: Program, site: Site) -> None:
    """Hostile entries among good ones: the good ones go out, the others wait, told once; a person lets one through."""
    feed(site, *HOSTILE, *GOOD)
    bot(program, site)
    said = hours(program, 6)
    posted = out(program)
    assert all(f"town.example/{number}" in posted for number in (5, 6, 7, 8))
    assert not any(f"town.example/{number}" in posted for number in (1, 2, 3, 4))
    held = program.home.rows("SELECT id, reason FROM drafts WHERE status = 'needs_attention' ORDER BY id")
    assert held
    for number, _ in held:
        assert sum(f"draft {number} needs attention" in line.lower() for line in said) == 1, said
        ways = rf"resume {number}\n +To change it: .*edit {number}\n +To give it up: .*skip {number}\n"
        assert re.search(ways, program("status").out)
    number = program.home.rows("SELECT draft_id FROM parts WHERE text LIKE '%vermin%'")[0][0]
    assert "hatred" in program("explain", str(number)).out
    assert program("resume", str(number)).code == 0
    for other in {one for one, _ in held} - {number}:
        assert program("skip", str(other)).code == 0
    hours(program, 2)
    assert "vermin" in out(program) and "receive 2 BTC" not in out(program)
    assert program.home.rows("SELECT id FROM drafts WHERE status = 'needs_attention'") == []


def test_an_open_source_is_let_through_first(program: Program, site: Site) -> None:
    """The first posts of a source where anybody writes wait; after three that a person resumed it posts by itself."""
    feed(site, *GOOD)
    bot(program, site, 'trust = "open"')
    said = hours(program, 2)
    assert "town.example" not in out(program)
    assert "open to anybody" in said[0] and "open to anybody" not in said[1]
    held = [number for (number,) in program.home.rows("SELECT id FROM drafts WHERE status = 'needs_attention'")]
    assert len(held) == len(GOOD)
    for number in held[:3]:
        assert program("resume", str(number)).code == 0
    feed(site, *GOOD, ("The market moves in June", "The market of the town moves to the square behind the town hall."))
    _change(program.home, "UPDATE sources SET looked_at = '2020-01-01T00:00:00.000000Z'")
    hours(program, 5)
    assert "town.example/5" in out(program)


def test_a_feed_that_was_taken_over(program: Program, site: Site) -> None:
    """Entries on another site and subject than the feed always had wait, with a line that says so."""
    more = [(f"{title} again", text.replace("town", "city")) for title, text in GOOD]
    feed(site, *GOOD, *more)
    bot(program, site)
    hours(program, 1)
    casino = (
        "Free spins without a deposit",
        "The slot machines of the Lucky Star casino give fifty free spins to every new player.",
    )
    feed(site, casino, host="https://casino.example", first=90)
    home = program.home
    _change(home, "UPDATE sources SET looked_at = '2020-01-01T00:00:00.000000Z'")
    _change(home, "UPDATE drafts SET status = 'skipped' WHERE status = 'approved'")
    hours(program, 3)
    (reason,) = home.rows("SELECT reason FROM drafts WHERE status = 'needs_attention'")[0]
    assert "links to casino.example, not town.example" in reason
    assert "spins" not in out(program)
