"""Posts that are out, and what people did with them, written straight into a database."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

from tests.fakes import START
from tests.home import Home, mastodon_settings
from tests.standins.mastodon import MastodonStandIn
from twitter_manager.app import App
from twitter_manager.content import plain
from twitter_manager.domain import DeliveryStatus, Outcome, Platform, Receipt
from twitter_manager.social import Figures
from twitter_manager.store import deliveries, drafts, engagement, runs
from twitter_manager.store.database import Database, to_text


def out(
    db: Database,
    platform: Platform,
    age: timedelta,
    *,
    now: datetime = START,
    parts: int = 1,
    bot: str = "b",
    topic: str = "",
    text: str = "",
    remote_id: str = "",
    comment: int | None = None,
) -> str:
    """A post that went out so long before `now`, or an answer to the `comment`; gives the remote id of its first
    part."""
    at = now - age
    count = db.value("SELECT count(*) FROM drafts")
    texts = [text or f"post {count} part {part}" for part in range(parts)]
    with db.transaction():
        lasts = timedelta(days=30)
        new = drafts.NewDraft(bot, "generator", plain(texts), (platform.name,), lasts, topic=topic, comment_id=comment)
        draft = drafts.get(db, drafts.add(db, new, at))
        assert draft is not None
        deliveries.enqueue(db, draft, {platform.name: platform.account}, {platform.name: draft.parts}, at)
        run = runs.start(db, bot, "run", at, at)
        for delivery in deliveries.of_draft(db, draft.id):
            deliveries.begin_attempt(db, delivery, run, at, request={})
            sending = deliveries.get(db, delivery.id)
            receipt = Receipt(remote_id or f"r{delivery.id}", f"https://{platform.name}.example/{delivery.id}")
            deliveries.move(db, sending, DeliveryStatus.POSTED, at, run_id=run, receipt=receipt)
        db.update("UPDATE drafts SET status = 'posted', published_at = ? WHERE id = ?", to_text(at), draft.id)
        runs.finish(db, run, Outcome.POSTED, "", at, is_good=True)
    first = deliveries.of_draft(db, draft.id)[0].receipt
    assert first is not None
    return first.remote_id


def on_mastodon(home: Home, server: MastodonStandIn, posts: int, *, every: timedelta = timedelta(minutes=1)) -> None:
    """So many posts of the bot's stand there, each with a like; the newest is an hour old, each `every` older than the
    next."""
    home.settings(GENERATORS="excerpt", **mastodon_settings(server))
    app = App.load(home.path, {"TWITTER_MANAGER_HOME": str(home.path)}, lambda line: None)
    [bot] = app.settings.active
    platform = app.factory.platforms(bot)["mastodon"]
    with closing(app.session.open_store()) as db:
        for number in range(posts):
            there = server.add_post(f"Number {number} is there.").id
            server.people.like(there, server.people.account("ann"))
            age = timedelta(hours=1) + number * every
            out(db, platform, age, now=datetime.now(UTC), bot=bot.name, remote_id=there)


def read(db: Database, remote_id: str, *figures: Figures) -> None:
    """The post was read at so many ages, the youngest first."""
    row = db.row("SELECT id, posted_at FROM deliveries WHERE remote_id = ?", remote_id)
    assert row is not None
    with db.transaction():
        for (band, age), some in zip(engagement.BANDS.items(), figures, strict=False):
            engagement.add(db, row["id"], band, some, datetime.fromisoformat(row["posted_at"]) + age)
