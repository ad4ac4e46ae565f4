"""Posts are put to another day in the calendar: what that does, and what is refused in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.home import BUNDLED, Home
from tests.review.filled import opened
from tests.review.seat import console
from twitter_manager.content import plain
from twitter_manager.domain import DraftStatus
from twitter_manager.store import drafts

DUE = datetime(2027, 3, 20, 9, 15, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Draft 1 has a date, draft 2 waits for an approval, draft 3 is out, draft 4 waits for its turn."""
    home = Home(tmp_path / "home")
    home.bot("garden", f'time_zone = "Europe/Berlin"\n{BUNDLED}')
    now = datetime.now(UTC)
    with opened(home) as (_, db), db.transaction():
        for text, more in (
            ("dated", {"due_at": DUE}),
            ("pending", {"status": DraftStatus.PENDING}),
        ):
            drafts.add(db, drafts.NewDraft("garden", "person", plain([text]), ("feed",), None, **more), now)  # type: ignore[arg-type]
        drafts.adopt(db, drafts.NewDraft("garden", "person", plain(["out"]), ("feed",), None), None, now, now)
        drafts.add(db, drafts.NewDraft("garden", "generator", plain(["turn"]), ("feed",), timedelta(days=3)), now)
    return home


@pytest.fixture
def page(home: Home) -> TestClient:
    return TestClient(console(home), base_url="http://127.0.0.1")


def move(page: TestClient, draft: str = "1", day: str = "2027-03-22", time: str = "10:15") -> str:
    """Send the form; gives what the next page says."""
    form = {"csrf": "token", "draft": draft, "day": day, "time": time, "month": "2027-03"}
    answer = page.post("/calendar/move", data=form)
    assert answer.status_code == 200
    return unescape(answer.text.split('id="told">')[1].split("</div>")[0])


def due(home: Home, draft: int = 1) -> str | None:
    [(moment,)] = home.rows(f"SELECT due_at FROM drafts WHERE id = {draft}")
    return moment[:16] if moment else None


def test_a_post_goes_to_the_day_and_time_on_the_bots_clock(home: Home, page: TestClient) -> None:
    """10:15 in Berlin is 09:15 in winter and 08:15 in summer: the clock's time stays."""
    assert "Monday 22 March 2027, 10:15 (Europe/Berlin)" in move(page)
    assert due(home) == "2027-03-22T09:15"
    move(page, day="2027-03-29")
    assert due(home) == "2027-03-29T08:15"


def test_what_waits_for_its_turn_gets_a_date_of_its_own(home: Home, page: TestClient) -> None:
    """And who did it is on record."""
    move(page, draft="4")
    assert due(home, 4) == "2027-03-22T09:15"
    [(data,)] = home.rows("SELECT data FROM events WHERE kind = 'draft_moved'")
    assert '"by": "anna"' in data
    assert '"via": "console"' in data


def test_what_waits_for_an_approval_can_be_given_a_date(home: Home, page: TestClient) -> None:
    """It goes on waiting, and stands in the calendar on that day."""
    assert "waits for an approval" in move(page, draft="2")
    assert due(home, 2) == "2027-03-22T09:15"
    day = page.get("/calendar?month=2027-03").text.split('data-day="2027-03-22"')[1].split('data-day="')[0]
    assert 'id="draft-2" draggable="true"' in day
    assert "waiting for approval" in day


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"day": "2027-03-28", "time": "02:30"}, "doesn't exist in Europe/Berlin"),
        ({"day": "2027-10-31", "time": "02:30"}, "comes twice in Europe/Berlin"),
        ({"day": "2020-01-01"}, "is past"),
        ({"day": "2039-01-01"}, "more than five years ahead"),
        ({"day": "someday"}, "The day is missing"),
        ({"time": "25:00"}, "The time of day is missing"),
        ({"draft": "3"}, "it can't be changed any more"),
        ({"draft": "99"}, "99"),
        ({"draft": "1 OR 1"}, "No draft is named"),
    ],
)
def test_what_can_not_be_is_refused_in_words(home: Home, page: TestClient, said: dict[str, str], words: str) -> None:
    """The page says why, and the date stays as it was."""
    told = move(page, **said)
    assert "Not moved: " in told
    assert words in told
    assert due(home) == f"{DUE:%Y-%m-%dT%H:%M}"
