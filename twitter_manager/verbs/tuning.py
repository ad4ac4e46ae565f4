"""The verb that changes a setting of a bot: `tune`."""

from __future__ import annotations

from twitter_manager.operations import tuning
from twitter_manager.verbs.verb import JSON, ONE_BOT, Verb, Words, opened, say, word


def tune(words: Words) -> int:
    """Set one key of a bot's file, as a report suggests it: limits.quiet_hours 22:00-07:00. All else stays as it is."""
    app = opened(words)
    bot = app.session.bot(words.bot)
    with app.session.alone(), app.session.logged(), app.session.reading() as db:
        value = tuning.value_of(words.value)
        return say(words, *tuning.tune(db, bot, app.settings.home, {words.key: value}))


TUNE = Verb(
    tune,
    (
        JSON,
        word("key", metavar="KEY", help="as docs/settings.md names it: learn.mode, topics.git, time_zone"),
        word("value", metavar="VALUE", help="what it is set to"),
        ONE_BOT,
    ),
)
