"""What topics and formats of a bot weigh now, before anything is learned."""

from __future__ import annotations

from collections import Counter

from twitter_manager.settings import Bot
from twitter_manager.settings.records import MOST_TOPICS
from twitter_manager.store import items
from twitter_manager.store.database import Database


def topic_weights(db: Database | None, bot: Bot) -> dict[str, float]:
    """Those of the bot's file; where it names none, those of its labels."""
    return dict(bot.topics) if bot.topics or db is None else label_weights(db, bot.name)


def label_weights(db: Database, bot: str) -> dict[str, float]:
    """What each label of the bot's material weighs, by how much there is of it."""
    from twitter_manager.writing.scoring import UNLABELLED, fold, label_of
    from twitter_manager.writing.topics import LABEL_WEIGHT

    labels = [label_of(item) or UNLABELLED for _, item in items.available(db, bot)]
    names = {fold(label): label for label in reversed(labels)}
    counted = Counter(map(fold, labels))
    return {name: float(min(counted[folded], LABEL_WEIGHT)) for folded, name in names.items()}


def tunable_weights(db: Database, bot: Bot) -> dict[str, float]:
    """By its key of the bot's file, what each topic and format weighs now; no topics where there are more than a file
    names."""
    topics = topic_weights(db, bot)
    tables = {"topics": topics if len(topics) <= MOST_TOPICS else {}, "formats": bot.formats}
    return {f"{table}.{name}": weight for table, weights in tables.items() for name, weight in weights.items()}
