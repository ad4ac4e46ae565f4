"""What a bot learned of its posts' figures, as a choice takes it."""

from __future__ import annotations

from datetime import datetime, timedelta

from twitter_manager.learning.scores import MOST, Scores, scores
from twitter_manager.settings import Bot
from twitter_manager.settings.records import ON
from twitter_manager.store import outcomes
from twitter_manager.store.database import Database
from twitter_manager.writing.learned import Learned

MEMORIES = 4
"""Posts count until they are so many times as old as `memory_days` says: a sixteenth then."""


def scored(db: Database, bot: Bot, now: datetime) -> dict[str, Scores]:
    """By trait (topic, format, hour, generator), what its values do."""
    memory = timedelta(days=bot.learn.memory_days)
    posts = outcomes.measured(db, bot.name, now - MEMORIES * memory, MOST)
    return scores(posts, memory, now, bot.time_zone)


def learned(scores: Scores, explore: float) -> Learned:
    """One trait's scores, to be drawn from."""
    known = {value: (score.mean, score.sd, score.posts) for value, score in scores.values.items()}
    return Learned(known, scores.unknown, explore)


def for_choosing(db: Database, bot: Bot, now: datetime) -> dict[str, Learned]:
    """What the bot's choices are weighed by: topics and formats, where its person switched that on."""
    if bot.learn.mode != ON:
        return {}
    known = scored(db, bot, now)
    return {step: learned(known[step], bot.learn.explore) for step in ("topic", "format") if known[step].values}
