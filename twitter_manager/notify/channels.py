"""A person's look at the channels: whether a message gets through, and what was told lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from functools import partial

from twitter_manager import phrases
from twitter_manager.app import App
from twitter_manager.domain import Json
from twitter_manager.errors import OtherMachine, TwitterManagerError, UsageError
from twitter_manager.notify import sending
from twitter_manager.notify.sending import Message, Result
from twitter_manager.operations.doctor import Examination, NotQuite
from twitter_manager.settings import Bot
from twitter_manager.settings.channels import VARIABLE, names
from twitter_manager.store import notices
from twitter_manager.store.database import Database, from_text, iso
from twitter_manager.terminal import command

HOW = "docs/notifications.md shows how."
_TITLE = "{bots}: a test"
_BODY = "This is a test message. When something needs you, it is told here: äöü, Grüße, 日本語, 🚲."


def test(app: App, bots: Sequence[Bot]) -> list[Json]:
    """Send a message to each channel of these bots, one where they share it; gives how each went. Raises UsageError."""
    owners: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for bot in bots:
        for channel, url in names(bot.channels.urls).items():
            owners[url][bot.name] = channel
    if not owners:
        raise UsageError("No channel is set up.", f"Set {VARIABLE} in .env: {HOW}")
    messages = [Message(url, _TITLE.format(bots=", ".join(told)), _BODY) for url, told in owners.items()]
    answers = sending.send(messages)
    sound = [told for told, answer in zip(owners.values(), answers, strict=True) if answer.result is Result.SENT]
    _works_again(app, [way for told in sound for way in told.items()])
    return [
        {
            "bots": list(told),
            "channel": next(iter(told.values())),
            "sent": answer.result is Result.SENT,
            "error": answer.why,
        }
        for told, answer in zip(owners.values(), answers, strict=True)
    ]


def _works_again(app: App, ways: Sequence[tuple[str, str]]) -> None:
    """What was wrong with these channels (each with its bot) is over."""
    with app.session.reading() as db:
        over = [(bot, channel) for bot, channel in ways if db and channel in notices.in_trouble(db, bot)]
    if over:
        with suppress(OtherMachine), closing(app.session.open_store()) as db, db.transaction():
            for bot, channel in over:
                notices.set_trouble(db, bot, channel, "", app.clock())


def recent(db: Database, bot: str, limit: int) -> list[Json]:
    """The newest notices, as `notify list` shows them."""
    return [
        {
            "id": notice["id"],
            "bot": notice["bot"],
            "kind": notice["kind"],
            "text": notice["text"],
            "draft": notice["draft_id"],
            "at": iso(from_text(notice["created_at"])),
            "channels": [
                way | {"tried_at": iso(from_text(way["tried_at"])) if way["tried_at"] else None}
                for way in notice["channels"]
            ],
        }
        for notice in notices.recent(db, bot, limit)
    ]


def troubles(db: Database, bots: Sequence[Bot]) -> list[Json]:
    """The channels that take no messages."""
    return [
        {"bot": bot.name, "channel": channel, "since": iso(since), "error": why}
        for bot in bots
        for channel, (since, why) in notices.in_trouble(db, bot.name).items()
        if channel in names(bot.channels.urls)
    ]


def examinations(app: App) -> Iterator[Examination]:
    """For `doctor`: whether each address is one that the library knows, and whether its channel works."""
    for bot in app.settings.active:
        for channel, url in names(bot.channels.urls).items():
            yield f"{bot.name}: notify by {channel}", partial(_examined, app, bot, channel, url)


def _examined(app: App, bot: Bot, channel: str, url: str) -> str:
    [answer] = sending.send([Message(url)])
    if answer.result is not Result.SENT:
        raise TwitterManagerError(f"{VARIABLE}: {answer.why}.", f"Mend its address: {HOW}")
    with app.session.reading() as db:
        since, why = (notices.in_trouble(db, bot.name) if db else {}).get(channel, (None, ""))
    if since:
        at = phrases.clock(since, bot.time_zone)
        raise NotQuite(f"takes no messages since {at}: {why}; try it with: {command('notify test')}")
    return f"its address is sound; to try it: {command('notify test')}"
