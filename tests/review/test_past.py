"""What was posted, as the history tells it: where it is, what was tried in vain, what became of it since."""

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
from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.review.console import past
from twitter_manager.store import drafts, runs
from twitter_manager.store.database import to_text

NOW = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Draft 1 went out at the second try on X and was taken down on the feed; draft 2 failed for good."""
    home = Home(tmp_path / "home")
    home.bot("garden", f'time_zone = "Europe/Berlin"\n{BUNDLED}')
    with opened(home) as (_, db), db.transaction():
        run = runs.start(db, "garden", "run", NOW, NOW)
        for number, text in enumerate(("Tomatoes want sun.", "Weeds come by themselves.")):
            new = drafts.NewDraft("garden", "person", plain([text]), ("x", "feed"), None)
            draft = drafts.get(db, drafts.add(db, new, NOW))
            assert draft is not None
            drafts.claim(db, draft, None, NOW + timedelta(hours=number), run)
        posted = {"remote_id": "17", "extra": "{}", "posted_at": to_text(NOW)}
        sent = {"bot": "garden", "part": 0, "account": "me", "text": "…", "created_at": to_text(NOW)}
        there, gone = "https://x.example/me/17", "javascript:alert(1)"
        x = db.add("deliveries", draft_id=1, platform="x", status="posted", url=there, **sent, **posted)
        db.add(
            "deliveries",
            draft_id=1,
            platform="feed",
            status="posted",
            url=gone,
            removed_at=to_text(NOW),
            **sent,
            **posted,
        )
        db.add("deliveries", draft_id=2, platform="x", status="failed", error="not permitted <b>", **sent)
        db.add(
            "deliveries",
            draft_id=2,
            platform="feed",
            status="posted",
            url=gone,
            **sent,
            **(posted | {"remote_id": "18"}),
        )
        tried = {"delivery_id": x, "run_id": run, "kind": "send", "started_at": to_text(NOW), "ended_at": to_text(NOW)}
        db.insert("attempts", **tried, outcome="not_sent", http_status=503, detail="overloaded")
        db.insert("attempts", **tried, outcome="posted")
        for number, status in ((1, DraftStatus.POSTED), (2, DraftStatus.FAILED)):
            draft = drafts.get(db, number)
            assert draft is not None
            drafts.move(db, draft, status, NOW, reason="" if number == 1 else "x refused it")
        runs.finish(db, run, Outcome.PARTLY_POSTED, "x refused it", NOW)
    return home


@pytest.fixture
def page(home: Home) -> TestClient:
    return TestClient(console(home), base_url="http://127.0.0.1")


def told(page: TestClient, path: str, draft: int) -> str:
    """What the history says of a draft."""
    shown = page.get(path).text
    return shown.split(f'aria-labelledby="post-{draft}"')[1].split("</article>")[0]


def test_each_post_says_where_it_is_and_what_was_tried_in_vain(page: TestClient) -> None:
    """With a link where there is one, the clock of the bot, and the first try that came to nothing."""
    shown = told(page, "/history", 1)
    assert '<a href="https://x.example/me/17" rel="noopener noreferrer nofollow">X</a>' in shown
    assert "2026-11-20 10:15 CET" in shown
    assert "1 try in vain" in shown
    assert "x: did not arrive, HTTP 503 (overloaded)" in shown
    assert "taken down" in shown


def test_a_failure_says_why_and_what_is_no_web_address_is_no_link(page: TestClient) -> None:
    """The platform's words are escaped, and an address that is not http(s) leads nowhere."""
    shown = told(page, "/history", 2)
    assert "failed: not permitted &lt;b&gt;" in shown
    assert "x refused it" in shown
    assert "javascript:" not in page.get("/history").text


def test_only_what_went_wrong_can_be_asked_for(page: TestClient) -> None:
    """A post that went out at the second try is among it; a word leaves the other out."""
    both = page.get("/history?only=trouble").text
    assert 'id="post-1"' in both
    assert 'id="post-2"' in both
    weeds = page.get("/history?only=trouble&words=WEEDS").text
    assert 'id="post-2"' in weeds
    assert 'id="post-1"' not in weeds


def test_a_run_tells_its_story_with_ways_to_its_drafts(page: TestClient) -> None:
    """As `explain run:1 --full` does: the tries, the events, each draft a link."""
    shown = unescape(page.get("/runs/1").text)
    assert "partly published: x refused it" in shown
    assert "x part 1 send: did not arrive, HTTP 503 (overloaded)" in shown
    assert '<a href="/draft/1">Draft 1</a>: published' in shown
    assert "Run 1" in page.get("/runs?only=trouble").text


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://x.example/1", True),
        ("http://localhost/1", True),
        ("javascript:alert(1)", False),
        ("https://x.example/ onclick=alert(1)", False),
        ("//x.example", False),
        (" https://x.example", False),
        ("https://x.example\n", False),
    ],
)
def test_only_web_addresses_become_links(url: str, kept: bool) -> None:
    """Whatever a platform gave back."""
    assert past.web_address(url) == (url if kept else "")
