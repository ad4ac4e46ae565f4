"""Comments as a platform brings them, in a home for the pages and verbs that show them."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.home import Home
from tests.review.filled import opened
from twitter_manager.content import plain
from twitter_manager.domain import DeliveryStatus, DraftStatus, Receipt
from twitter_manager.social import Heard, Kind, SeenPost
from twitter_manager.store import comments, deliveries, drafts, runs
from twitter_manager.store.comments import Status, Whose

ACCOUNT = "@library@mastodon.example"


def hear(
    home: Home,
    text: str = "When do you open?",
    *,
    author: str = "mia@books.example",
    name: str = "Mia",
    status: Status = Status.NEW,
    reason: str = "",
    platform: str = "mastodon",
    parent_id: str = "",
    bot: str = "library",
    url: str = "https://books.example/@mia/1",
    visibility: str = "",
) -> int:
    """Keep a comment as if it had been read; gives its number."""
    with opened(home) as (app, db), db.transaction():
        now: datetime = app.clock()
        number = db.value("SELECT count(*) FROM comments")
        receipt = Receipt(f"1{number:05}", url, {"visibility": visibility} if visibility else {})
        posted_at = now - timedelta(minutes=5)
        post = SeenPost(receipt, author, f"id of {author}", name, text, posted_at, language="en", parent_id=parent_id)
        added = comments.add(db, Whose(bot, platform, ACCOUNT), Heard(Kind.REPLY, post), now)
        assert added is not None
        comment = comments.get(db, added)
        assert comment is not None
        if status is not Status.NEW:
            comments.move(db, comment, status, reason)
        return added


def draft_answer(home: Home, comment: int, text: str = "At ten o'clock, except on Mondays.") -> int:
    """An answer that a model drafted and that waits for a person; gives its draft's number."""
    with opened(home) as (app, db), db.transaction():
        known = comments.get(db, comment)
        assert known is not None
        new = drafts.NewDraft(
            known.bot,
            "generator",
            plain([text]),
            (known.platform,),
            timedelta(hours=72),
            status=DraftStatus.PENDING,
            reason="answers wait for you",
            comment_id=comment,
        )
        draft = drafts.add(db, new, app.clock())
        comments.move(db, known, Status.DRAFTED)
        return draft


def publish(home: Home, number: int, remote_id: str) -> int:
    """Let an approved draft stand on Mastodon as if a run had published it; gives its number."""
    with opened(home) as (app, db), db.transaction():
        now = app.clock()
        run = runs.start(db, "library", "run", now, now)
        drafts.claim(db, drafts.get(db, number), None, now, run)  # type: ignore[arg-type] # it is there
        draft = drafts.get(db, number)
        assert draft is not None
        deliveries.enqueue(db, draft, {"mastodon": ACCOUNT}, {"mastodon": draft.parts}, now)
        [delivery] = deliveries.of_draft(db, number)
        deliveries.move(db, delivery, DeliveryStatus.SENDING, now, run_id=run, request={})
        [delivery] = deliveries.of_draft(db, number)
        receipt = Receipt(remote_id, f"https://mastodon.example/{remote_id}", {})
        deliveries.move(db, delivery, DeliveryStatus.POSTED, now, run_id=run, receipt=receipt)
        drafts.move(db, draft, DraftStatus.POSTED, now, run_id=run)
    return number
