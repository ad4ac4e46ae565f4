"""The pages beside the queue on a database with 10,000 drafts and as many posts behind them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.home import Home
from tests.review import filled
from tests.review.seat import console
from tests.year import STEPS
from twitter_manager import session
from twitter_manager.store.database import Database, connect_to_read

PAGES = (
    "/calendar",
    "/history",
    "/history?words=absent",
    "/history?only=trouble",
    "/runs",
    "/health",
)
MOST = 1_000_000
"""Steps of SQLite: less than a tenth of a second."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    home = filled.set_up(Home(tmp_path_factory.mktemp("lists") / "home"))
    filled.many(home, 10_000, "pending")
    long_past(home.database, 10_000)
    return TestClient(console(home), base_url="http://127.0.0.1")


def long_past(path: Path, hours: int) -> None:
    """A third of what waits is approved, and a third of that has a date; a post and a run for each hour before."""
    at = "strftime('%Y-%m-%dT%H:%M:00.000000Z', 'now', '-' || n || ' hours')"
    rows = f"WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < {hours})"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE drafts SET status = 'approved', approved_hash = text_hash WHERE id % 3 = 0")
        raw.execute(
            "UPDATE drafts SET expires_at = NULL, due_at = strftime('%Y-%m-%dT%H:%M:00.000000Z', 'now', '+' || id ||"
            " ' hours') WHERE id % 9 = 0"
        )
        raw.execute(
            f"{rows} INSERT INTO runs (id, bot, verb, slot, started_at, ended_at, outcome)"
            f" SELECT {hours} - n + 1, 'library', 'run', {at}, {at}, {at}, 'posted' FROM k"
        )
        columns = (
            "id, bot, run_id, origin, status, topic, format, platforms, language, choice, created_at, published_at"
        )
        raw.execute(
            f"{rows} INSERT INTO drafts ({columns}, text_hash, normalised_hash)"
            f" SELECT 200000 - n, 'library', {hours} - n + 1, 'generator', 'posted', '', '', '[\"feed\"]', 'en',"
            f" '{{}}', {at}, {at}, 'h' || n, 'past' || n FROM k"
        )
        raw.execute(f"{rows} INSERT INTO parts (draft_id, number, text) SELECT 200000 - n, 0, 'Past ' || n FROM k")
        raw.commit()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_quick_whatever_lies_behind_it(page: TestClient, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """What the store does for it is bounded."""
    steps = []

    def counted(database: Path) -> Database | None:
        if db := connect_to_read(database):
            db._connection.set_progress_handler(lambda: steps.append(STEPS), STEPS)
        return db

    monkeypatch.setattr(session, "connect_to_read", counted)
    assert page.get(path).status_code == 200
    assert 0 < sum(steps) < MOST


def test_the_whole_history_can_be_leafed_through(page: TestClient) -> None:
    """Each page leads to the next older one, with the search that was typed."""
    shown = page.get("/history?words=past").text
    assert 'id="post-199999"' in shown
    for newest in (199979, 199959):
        older = shown.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        assert "words=past" in older
        shown = page.get(older).text
        assert f'id="post-{newest}"' in shown
