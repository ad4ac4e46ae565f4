"""The verb `topics`: what does well, and the weights that a person gives."""

from __future__ import annotations

import math

from twitter_manager.errors import UsageError
from twitter_manager.operations import topics as known
from twitter_manager.verbs.verb import JSON, Verb, Words, bot_option, opened, say, show, word


def topics(words: Words) -> int:
    """What does well: topics, formats, hours and generators with their uses, success, figures and weights, and why.
    --set gives a topic or a format another weight."""
    app = opened(words)
    if words.set:
        name, given = words.set
        weight, bot = _weight(given), app.session.bot(words.bot)
        with app.session.alone(), app.session.logged(), app.session.reading() as db:
            return say(words, *known.set_weight(db, bot, app.settings.home, name, weight))
    with app.session.reading() as db:
        listed = [known.listing(db, bot, app.clock()) for bot in app.session.bots(words.bot)]
    show(words, {"bots": listed}, known.lines)
    return 0


def _weight(given: str) -> float:
    """A weight that a person typed. Raises UsageError."""
    try:
        weight = float(given)
    except ValueError:
        weight = math.nan
    if not 0 <= weight <= 1000:
        raise UsageError(f"{given[:40]!r} is no weight.", "Give a number from 0 (never) to 1000.")
    return weight


TOPICS = Verb(
    topics,
    (
        JSON,
        word("--set", nargs=2, default=None, metavar=("NAME", "WEIGHT"), help="write this weight into the bot's file"),
        bot_option(),
    ),
)
