"""What posts came to, as objects for `--json`."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from twitter_manager.domain import Json
from twitter_manager.platforms import SPECS
from twitter_manager.settings import Bot
from twitter_manager.store import drafts, engagement
from twitter_manager.store.database import Database, iso
from twitter_manager.store.engagement import Counted, Reading

PUBLIC = tuple(name for name, spec in SPECS.items() if spec.public)
"""The platforms on which people can do something with a post."""
USUAL_DAYS = 90
"""What is usual is taken from the posts of so many days."""
FEWEST = 5
"""Of fewer posts nothing is called usual."""

Usual = Mapping[tuple[str, str], float]
"""By platform and band: the median of what posts came to."""


def of_bot(db: Database | None, bot: Bot, platforms: Sequence[str], limit: int, now: datetime) -> Json:
    """The newest posts of a bot on these platforms with all their readings, newest first."""
    posts = []
    if db is not None:
        usual = usual_of(engagement.since(db, bot.name, now - timedelta(days=USUAL_DAYS)))
        posts = [_post(db, number, platforms, usual) for number in engagement.newest(db, bot.name, platforms, limit)]
    return {"bot": bot.name, "time_zone": bot.time_zone, "reads": list(bot.listen.figures), "posts": posts}


def usual_of(readings: Sequence[Reading]) -> Usual:
    """Of posts that are still there."""
    values = defaultdict[tuple[str, str], list[int]](list)
    for reading in readings:
        if reading.removed_at is None:
            values[reading.platform, reading.band].append(reading.figures.engagement)
    return {which: statistics.median(some) for which, some in values.items() if len(some) >= FEWEST}


def _post(db: Database, draft_id: int, platforms: Sequence[str], usual: Usual) -> Json:
    draft = drafts.get(db, draft_id)
    assert draft is not None, "a delivery has its draft"
    there = [post for post in engagement.counted(db, draft_id) if post.platform in platforms]
    return {
        "draft": draft.id,
        "text": draft.texts[0] if draft.parts else "",
        "topic": draft.topic,
        "format": draft.format,
        "platforms": [_counted(post, usual) for post in there],
    }


def _counted(post: Counted, usual: Usual) -> Json:
    newest = post.readings[-1] if post.readings else None
    return {
        "platform": post.platform,
        "url": post.url,
        "posted_at": iso(post.posted_at),
        "removed_at": iso(post.removed_at),
        "newest": reading_as_json(newest) if newest else None,
        "usual": usual.get((newest.platform, newest.band)) if newest else None,
        "readings": [reading_as_json(reading) for reading in post.readings],
    }


def newest(db: Database, draft_id: int) -> list[Json]:
    """What a post came to by its newest readings, platform by platform."""
    found = [(post.platform, post.readings[-1]) for post in engagement.counted(db, draft_id) if post.readings]
    return [{"platform": platform} | reading_as_json(reading) for platform, reading in found]


def reading_as_json(reading: Reading) -> Json:
    """A reading as an object."""
    figures = reading.figures
    rate = {"engagement": figures.engagement, "engagement_rate": figures.engagement_rate}
    return {"band": reading.band, "at": iso(reading.at), **asdict(figures), **rate}
