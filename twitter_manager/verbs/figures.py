"""The verb by which a person sees what posts came to: `figures`."""

from __future__ import annotations

import sys

from twitter_manager.errors import UsageError
from twitter_manager.show import counted
from twitter_manager.show.charts import charts
from twitter_manager.show.figures import figures_lines
from twitter_manager.store.database import iso
from twitter_manager.verbs.verb import JSON, Verb, Words, bot_option, number, opened, platform_name, show, word

_MOST = 1000


def figures(words: Words) -> int:
    """What the newest posts came to, by age: likes, replies, reposts, quotes, and views where a platform tells."""
    platforms = _platforms(words.platform)
    app = opened(words)
    bots, now = app.session.bots(words.bot), app.clock()
    with app.session.reading() as db:
        told = [counted.of_bot(db, bot, platforms, words.limit, now) for bot in bots]
    look = charts(sys.stdout.encoding)
    show(words, {"now": iso(now), "bots": told}, lambda shown: figures_lines(shown, look))
    return 0


def _platforms(given: str) -> tuple[str, ...]:
    """Raises UsageError."""
    if not given:
        return counted.PUBLIC
    if platform_name(given) not in counted.PUBLIC:
        raise UsageError(f"Nobody can answer a post on {given}.", f"There are: {', '.join(counted.PUBLIC)}.")
    return (given,)


FIGURES = Verb(
    figures,
    (
        JSON,
        word("--limit", type=number(_MOST), default=10, metavar="N", help="how many posts of a bot (default: 10)"),
        word("--platform", default="", metavar="NAME", help="only on this platform"),
        bot_option(),
    ),
)
