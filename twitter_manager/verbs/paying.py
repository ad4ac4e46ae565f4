"""The verb by which a person sees what is paid: `costs`."""

from __future__ import annotations

from twitter_manager import show as views
from twitter_manager.app import App
from twitter_manager.domain import Json
from twitter_manager.errors import UsageError
from twitter_manager.pipeline.spending import day_of
from twitter_manager.store.database import iso
from twitter_manager.verbs.verb import JSON, Verb, Words, bot_option, number, opened, show, word

_DAYS = 30


def costs(words: Words) -> int:
    """What was paid, for what and by day, what is left of the budgets, and what the month may come to."""
    if words.days and words.month:
        raise UsageError("--days and --month don't go together.", "Leave one of them out.")
    show(words, paid(opened(words), words.bot, words.days or _DAYS, words.month), views.costs_lines)
    return 0


COSTS = Verb(
    costs,
    (
        JSON,
        word("--days", type=number(366), default=0, metavar="N", help=f"the last N days (default: {_DAYS})"),
        word("--month", default="", metavar="YYYY-MM", help="this month"),
        bot_option(),
    ),
)


def paid(app: App, bot: str, days: int, month: str) -> Json:
    """See `operations.costs`. Before the first run nothing was paid."""
    from twitter_manager.operations import costs as looks

    now = app.clock()
    bots = app.session.bots(bot)
    for each in bots:
        looks.span(day_of(now, each.time_zone), days, month)  # a slip is told before there is anything to see
    with app.session.reading() as db:
        found = [looks.of_bot(db, each, app.factory.platforms(each), now, days, month) for each in bots if db]
    return {"now": iso(now), "bots": found}
