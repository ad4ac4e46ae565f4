"""What a person is promised of their own posts when they queue them, on a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import mastodon_settings
from tests.moving import MovingHome, home_with_x
from tests.standins.mastodon import MastodonStandIn

SCHEDULE = 'schedule.times = ["12:00"]\n'
NOON = datetime(2026, 12, 1, 12, 10, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> MovingHome:
    """A bot that posts at twelve, ten minutes later."""
    home = MovingHome(tmp_path / "home")
    home.bot("club", SCHEDULE)
    home.it_is(NOON)
    home("run")
    return home


def waiting(home: MovingHome) -> list[tuple[str]]:
    return home.rows("SELECT p.text FROM drafts d JOIN parts p ON p.draft_id = d.id WHERE d.origin = 'person'")


def test_a_post_that_expires_before_its_turn_is_not_queued(home: MovingHome) -> None:
    """One that waits for a slot, one that quiet hours move past its end, and a row of a file: told with the turn."""
    refused = home("post", "Short life", "--expires", "in 2 hours")
    turn = "the post expires before its turn, Wednesday 2 December 2026, 12:00 (UTC)"
    assert refused.code == 2 and turn in refused.err and "--now" in refused.err
    home.bot("club", f'{SCHEDULE}limits.quiet_hours = "22:00-07:00"\n')
    moved = home("post", "Night", "--at", "23:00", "--expires", "2026-12-02 06:00")
    assert moved.code == 2 and "before its turn, Wednesday 2 December 2026, 07:00" in moved.err
    file = home.path.parent / "posts.csv"
    file.write_text("text,expires\nLong life,\nShort life,2026-12-01 20:00\n")
    rows = home("post", "--file", str(file))
    assert rows.code == 2 and "line 3: expires: the post expires before its turn" in rows.err and "now" not in rows.err
    assert waiting(home) == []
    assert home("post", "Short life", "--expires", "in 2 hours", "--now").code == 0


def test_a_queue_that_grows_past_an_end_is_told(home: MovingHome) -> None:
    """`drafts` names the turn that a post expires before, and what comes after it takes that turn."""
    home("post", "Two days", "--expires", "2026-12-03 11:00")
    others = [str(home("post", text, "--json").json["draft"]["id"]) for text in ("Another", "A third")]
    assert home("drafts", "move", *others, "--first").code == 0
    told = home("drafts").out
    assert "expires before its turn, Friday 4 December 2026, 12:00" in told
    assert "goes out Wednesday 2 December 2026, 12:00" in told and "goes out Thursday 3 December 2026, 12:00" in told


def test_a_person_says_the_same_again_a_year_later_and_after_a_deletion(home: MovingHome) -> None:
    """Not while it waits, nor within a day of when it went out, both told with the draft; then with a note."""
    first = str(home("post", "Closed today", "--json").json["draft"]["id"])
    waits = home("post", "closed TODAY!")
    assert waits.code == 1 and f"The same words wait, or are on their way, as draft {first}." in waits.err
    home.it_is(NOON + timedelta(days=1))
    home("run")
    slip = home("post", "Closed today")
    told = f"The same words went out on Wednesday 2 December 2026, 12:10 as draft {first}."
    assert slip.code == 1 and told in slip.err
    assert home("delete", first, "--yes").code == 0
    assert home("post", "Closed today", "--now").code == 0
    home.it_is(NOON + timedelta(days=366))
    [note] = home("post", "Closed today", "--json").json["notes"]
    assert note.startswith("The same words went out on Wednesday 2 December 2026, 12:10 as draft ")
    file = home.path.parent / "posts.csv"
    file.write_text("text\nClosed today\n")
    assert "line 2: text: The same words wait" in home("post", "--file", str(file)).err


@pytest.mark.parametrize("fault", ["reset", "store_then_drop"])
def test_an_old_post_with_the_same_words_never_settles_a_new_one(tmp_path: Path, fault: str) -> None:
    """A year later the answer for the same words is unclear: whether it arrived or not, there are two posts then."""
    home = MovingHome(tmp_path / "home")
    with MastodonStandIn(now=home.clock.time) as server:
        home.settings(GENERATORS="excerpt", **mastodon_settings(server))
        assert home("post", "Closed today", "--platform", "mastodon", "--now").code == 0
        home.later(days=365)
        server.fault(fault)
        home("post", "Closed today", "--platform", "mastodon", "--now")
        home.runs(2)
        assert server.texts().count("Closed today") == 2
    there = "SELECT remote_id FROM deliveries d JOIN drafts ON drafts.id = draft_id WHERE origin = 'person'"
    assert len({*home.rows(there)}) == 2 and None not in {number for (number,) in home.rows(there)}


def test_where_a_platform_takes_no_text_twice_it_is_named(tmp_path: Path) -> None:
    """X has the words for a year: refused with the ways out, allowed elsewhere."""
    with home_with_x(tmp_path / "home") as (home, x):
        assert home("post", "Closed today", "--now").code == 0
        home.later(days=365)
        refused = home("post", "Closed today")
        assert refused.code == 1 and "X takes no text twice. The same words went out on" in refused.err
        assert "--platform feed" in refused.err and len(x.posts) == 1
        assert home("post", "Closed today", "--platform", "feed").code == 0


def test_the_text_of_an_occurrence_that_was_dropped_comes_next(tmp_path: Path) -> None:
    """Of two texts that take turns none comes twice in a row."""
    home = MovingHome(tmp_path / "home")
    home.bot("club", f'{SCHEDULE}platforms = ["feed"]\n')
    home.it_is(NOON)
    assert home("post", "Text A.", "--every", "day 09:00", "--variant", "Text B.").code == 0
    for day in (1, 2, 3, 4):
        home.it_is(NOON.replace(hour=9) + timedelta(days=day))
        home("run")
        if day == 1:
            [(number,)] = home.rows("SELECT max(id) FROM drafts WHERE series_id IS NOT NULL")
            assert home("drafts", "drop", str(number)).code == 0
    texts = "SELECT p.text FROM drafts d JOIN parts p ON p.draft_id = d.id WHERE series_id IS NOT NULL"
    said = home.rows(f"{texts} AND d.status = 'posted' ORDER BY d.id")
    assert said == [("Text A.",), ("Text B.",), ("Text A.",)]


def test_two_posts_of_one_minute_are_told_with_the_reason(home: MovingHome) -> None:
    """A run sends one post: the second date is moved by that alone, and drafts shows when a post expires."""
    home.bot("club", SCHEDULE + "limits.per_hour = 9\nlimits.minutes_apart = 0\n")
    home("post", "One", "--at", "18:20")
    home("post", "Two", "--at", "18:20", "--expires", "20:00")
    said = home("drafts").out
    assert "18:21 (UTC), or in the first run after that; not at its date" in " ".join(said.split())
    assert "for another post, as a run sends one" in " ".join(said.split())
    assert "expires Tuesday 1 December 2026, 20:00" in said
