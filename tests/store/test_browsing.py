"""What a person leafs through: a page at a time, found by words, with the pictures that the database knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.fakes import START
from tests.fresh import new_database
from twitter_manager.content import Media, Part, plain
from twitter_manager.domain import DraftStatus
from twitter_manager.store import browsing, drafts, runs, series
from twitter_manager.store.browsing import Search
from twitter_manager.store.database import Database

HOUR = timedelta(hours=1)
PICTURE = Media("ab" * 32, "image/png", 10, 2, 2, "a cat")


@pytest.fixture
def db(tmp_path) -> Iterator[Database]:  # type: ignore[no-untyped-def]
    db = new_database(tmp_path / "twitter.db")
    yield db
    db.close()


def posted(db: Database, text: str, hours: int, bot: str = "default", *, parts: tuple[Part, ...] = ()) -> int:
    """A post that went out so many hours after the start; gives its number."""
    new = drafts.NewDraft(bot, "person", parts or plain([text]), ("feed",), None)
    with db.transaction():
        return drafts.adopt(db, new, None, START + hours * HOUR, START)


def numbers(db: Database, search: Search, limit: int = 10) -> list[int]:
    return [draft.id for draft in browsing.history(db, search, limit)]


def test_the_history_comes_page_by_page_and_none_is_lost_at_the_same_moment(db: Database) -> None:
    """Posts of one moment are parted by a page's end without one that comes twice or never."""
    all_of_them = [posted(db, f"post {number}", 1 if number < 4 else number) for number in range(7)]
    first = numbers(db, Search(), 3)
    second = numbers(db, Search(before=first[-1]), 3)
    third = numbers(db, Search(before=second[-1]), 3)
    assert [*first, *second, *third] == sorted(all_of_them, reverse=True)
    assert numbers(db, Search(before=third[-1])) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("LEMON",), ["Lemon trees"]),
        (("über",), ["ÜBER ALLES"]),
        (("lemon", "trees"), ["Lemon trees"]),
        (("lemon", "nothing"), []),
        (("100%",), ["100% sure"]),
        (("1__%",), []),
        (("later",), ["first\nand a later part"]),
    ],
)
def test_a_search_finds_words_in_any_part_and_case(db: Database, words: tuple[str, ...], found: list[str]) -> None:
    """All words must stand in the post; large and small letters are the same; % and _ are themselves."""
    posted(db, "Lemon trees", 1)
    posted(db, "ÜBER ALLES", 2)
    posted(db, "100% sure", 3)
    posted(db, "", 4, parts=plain(["first", "and a later part"]))
    assert [draft.text for draft in browsing.history(db, Search(words=words), 10)] == found


def test_the_history_can_be_of_one_bot_or_of_what_went_wrong(db: Database) -> None:
    """A bot's own posts, and those that failed somewhere."""
    well, other = posted(db, "well", 1), posted(db, "other", 2, "second")
    with db.transaction():
        run = runs.start(db, "default", "run", START, START)
        failing = drafts.add(db, drafts.NewDraft("default", "person", plain(["bad"]), ("feed",), None), START)
        drafts.claim(db, drafts.get(db, failing), None, START + 3 * HOUR, run)  # type: ignore[arg-type]
        drafts.move(db, drafts.get(db, failing), DraftStatus.FAILED, START + 3 * HOUR)  # type: ignore[arg-type]
    assert numbers(db, Search(["default"])) == [failing, well]
    assert numbers(db, Search(["second"])) == [other]
    assert numbers(db, Search(trouble=True)) == [failing]


def test_a_month_at_a_glance_holds_what_went_out_in_it(db: Database) -> None:
    """The beginning belongs to it, the end does not, and neither does another bot's post."""
    posted(db, "before", -1)
    first = posted(db, "first", 0)
    posted(db, "at the end", 5)
    posted(db, "other", 1, "second")
    [glance] = browsing.went_out(db, "default", START, START + 5 * HOUR)
    assert (glance.id, glance.text, glance.at) == (first, "first", START)


def test_only_pictures_that_the_database_knows_are_found(db: Database) -> None:
    """By a post's parts, or a recurring post's; a digest that nobody has, or a piece of one, is none."""
    posted(db, "", 1, parts=(Part("a cat", (PICTURE,)),))
    other = Media("cd" * 32, "image/gif", 9, 2, 2)
    with db.transaction():
        series.add(db, series.NewSeries("default", "day 0 09:00", ((Part("x", (other,)),),), ("feed",), "en"), START)
    assert browsing.picture(db, PICTURE.digest) == PICTURE
    assert browsing.picture(db, other.digest) == other
    assert browsing.picture(db, "ef" * 32) is None
    assert browsing.picture(db, PICTURE.digest[:60]) is None


def test_what_waits_is_counted_by_status(db: Database) -> None:
    """Drafts that are at their end are not counted."""
    posted(db, "out", 1)
    with db.transaction():
        for number in range(3):
            status = DraftStatus.PENDING if number else DraftStatus.APPROVED
            new = drafts.NewDraft("default", "person", plain([f"waits {number}"]), ("feed",), None, status=status)
            drafts.add(db, new, START)
    assert browsing.waiting(db, "default") == {DraftStatus.APPROVED: 1, DraftStatus.PENDING: 2}
