"""Long lists page by page, and figures over all that is stored, on a database with 10,000 drafts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes import START
from tests.fresh import new_database
from twitter_manager.store import browsing, figures, pages, runs
from twitter_manager.store.browsing import Search
from twitter_manager.store.database import Database, connect, to_text
from twitter_manager.store.pages import Page

DRAFTS = 10_000


def fill(path: Path, drafts: int = DRAFTS) -> None:
    """That many drafts of two bots, each tenth of which waits for an approval; each third went out, not in their
    order."""
    new_database(path).close()
    numbers = f"WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < {drafts})"
    with closing(sqlite3.connect(path)) as raw:
        first, out = "2026-11-01", "CASE WHEN n % 3 = 0 AND n % 10 > 0 THEN"
        minutes = f"{out} strftime('%Y-%m-%dT%H:%M:00.000000Z', '{first}', '-' || (n * 7919 % 9973) || ' minute') END"
        status = f"CASE WHEN n % 10 = 0 THEN 'pending' ELSE ({out} 'posted' ELSE 'skipped' END) END"
        raw.execute(
            f"{numbers} INSERT INTO drafts (id, bot, origin, status, topic, format, platforms, language, text_hash,"
            " normalised_hash, choice, links, created_at, published_at) SELECT n, CASE n % 2 WHEN 0 THEN 'default' ELSE"
            f" 'second' END, 'generator', {status}, '', '', '[\"feed\"]', 'en', 'h' || n, 'n' || n, '{{}}', '{{}}',"
            f" ?, {minutes} FROM k",
            (to_text(START),),
        )
        raw.execute(f"{numbers} INSERT INTO parts (draft_id, number, text) SELECT n, 0, 'Words number ' || n FROM k")
        raw.commit()


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("pages") / "twitter.db"
    fill(path)
    with closing(connect(path)) as opened:
        yield opened


def test_pages_give_each_draft_once_and_in_order(db: Database) -> None:
    """All pages of one bot and one status, put together, are what a single look finds, the newest first."""
    found: list[int] = []
    after = 0
    while drafts := pages.of_drafts(db, Page(70, after, ["default"]), ["pending"]):
        found += [draft.id for draft in drafts]
        after = found[-1]
    assert found == list(range(DRAFTS, 0, -10))


def test_what_comes_in_meanwhile_moves_no_page(db: Database) -> None:
    """A draft that is made between two pages neither repeats nor hides another."""
    first = pages.of_drafts(db, Page(5))
    with pytest.raises(_UndoneError), db.transaction():
        new = db.add(
            "drafts", bot="default", origin="person", status="approved", topic="", format="", platforms="[]",
            language="en", text_hash="new", normalised_hash="new", choice="{}", links="{}", created_at=to_text(START),
        )  # fmt: skip
        db.insert("parts", draft_id=new, number=0, text="New")
        second = pages.of_drafts(db, Page(5, first[-1].id))
        raise _UndoneError
    assert [draft.id for draft in second] == list(range(DRAFTS - 5, DRAFTS - 10, -1))


class _UndoneError(Exception):
    """Rolls a transaction back."""


def test_history_goes_by_the_time_of_publishing(db: Database) -> None:
    """Two pages follow each other in time, whatever the drafts' numbers, and nothing that stayed in is among them."""
    first = browsing.history(db, Search(), 50)
    second = browsing.history(db, Search(before=first[-1].id), 50)
    times = [(draft.published_at, draft.id) for draft in (*first, *second)]
    assert times == sorted(times, reverse=True)  # type: ignore[type-var]
    assert len(set(times)) == 100
    assert [draft.id for draft in first] != sorted((draft.id for draft in first), reverse=True)


def test_a_slot_that_is_used_up_is_no_draft_to_look_at(db: Database) -> None:
    """A row without a text fills a slot and is not listed."""
    with pytest.raises(_UndoneError), db.transaction():
        db.update("DELETE FROM parts WHERE draft_id = ?", DRAFTS)
        newest = pages.of_drafts(db, Page(1))
        raise _UndoneError
    assert [draft.id for draft in newest] == [DRAFTS - 1]


def test_runs_are_listed_by_their_end(tmp_path: Path) -> None:
    """Only runs of the outcome that was asked for, the newest first, page by page."""
    with closing(new_database(tmp_path / "twitter.db")) as db:
        with db.transaction():
            for number in range(6):
                run = runs.start(db, "default", "run", START, START)
                runs.finish(db, run, "failed" if number % 2 else "posted", "", START)  # type: ignore[arg-type]
        first = pages.of_runs(db, Page(2), ["failed"])
        assert [run.id for run in first] == [6, 4]
        assert [run.id for run in pages.of_runs(db, Page(2, 4, ["default"]), ["failed"])] == [2]
        assert pages.of_runs(db, Page(2, 0, ["other"])) == []


def test_figures_count_everything(db: Database) -> None:
    """Every draft is counted under its status."""
    assert figures.drafts_by_status(db) == {"pending": 1000, "posted": 3000, "skipped": 6000}
