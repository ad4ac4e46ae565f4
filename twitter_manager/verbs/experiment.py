"""The verb `experiment`: compares two variants of one thing over a bot's posts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import timedelta

from twitter_manager import phrases
from twitter_manager.app import App
from twitter_manager.errors import UsageError
from twitter_manager.factory import bot_folder
from twitter_manager.learning.experiments import LEAST, MOST, Ending
from twitter_manager.pipeline import experimenting
from twitter_manager.show import experiments as shown
from twitter_manager.store import experiments
from twitter_manager.store.engagement import BANDS
from twitter_manager.store.experiments import Plan
from twitter_manager.verbs.deciding import at_the_shell
from twitter_manager.verbs.verb import (
    JSON,
    UNCHANGED,
    Verb,
    Words,
    action,
    bot_option,
    number,
    opened,
    say,
    show,
    word,
)

_LISTED = 1000


def experiment(words: Words) -> int:
    """Compare two variants of one thing (opener, format, tone, prompt, hour) over the next posts, by a plan that is
    fixed at the start; says which did better, or that no difference was seen."""
    if words.action != "start" and (words.compared or words.posts or words.age or words.days):
        raise UsageError(f"experiment {words.action} takes no plan.", "Begin one with experiment start.")
    return _ACTIONS[words.action](opened(words), words)


def _start(app: App, words: Words) -> int:
    thing, *variants = words.compared or [""]
    if thing not in experimenting.THINGS or len(variants) != 2:
        raise UsageError(
            f"Say what is compared ({', '.join(experimenting.THINGS)}), and its two variants.",
            "As in: experiment start tone sober lively.",
        )
    posts, age, days = words.posts or 20, words.age or "24h", words.days or 90
    if BANDS[age] >= timedelta(days=days):
        raise UsageError(
            f"No post is {age} old within {phrases.amount(days, 'day')}.", "Say more --days, or another --age."
        )
    if posts < LEAST:
        raise UsageError(f"Fewer than {LEAST} posts of each variant show nothing.", f"Say --posts {LEAST} or more.")
    bot = app.session.bot(words.bot)
    folder = bot_folder(bot.name, app.settings.home)
    with app.session.logged(), closing(app.session.open_store()) as db, db.transaction():
        experimenting.refuse_impossible(bot, db, folder, thing, variants, app.clock())
        plan = Plan(
            bot=bot.name,
            thing=thing,
            variants=(variants[0], variants[1]),
            per_variant=posts,
            band=age,
            days=days,
            seed=random.SystemRandom().randrange(2**31),
            settings=experimenting.settings_of(bot, folder, thing, variants),
        )
        started = experiments.start(db, plan, app.clock(), at_the_shell())
    return say(words, f"Experiment {started} of {bot.name} runs: {posts} posts of each, read at {age}.")


def _stop(app: App, words: Words) -> int:
    bot = app.session.bot(words.bot)
    with app.session.logged(), closing(app.session.open_store()) as db, db.transaction():
        running = experiments.running(db, bot.name)
        if running is None:
            raise UsageError(f"No experiment of {bot.name} runs.", UNCHANGED)
        experiments.end(db, running, Ending.STOPPED, app.clock(), by=at_the_shell())
    return say(words, f"Experiment {running.id} of {bot.name} is stopped: posts are written as the settings say.")


def _status(app: App, words: Words) -> int:
    return _show(app, words, 1)


def _list(app: App, words: Words) -> int:
    return _show(app, words, _LISTED)


def _show(app: App, words: Words, most: int) -> int:
    bots = [app.session.bot(words.bot)] if words.bot else app.settings.bots
    with app.session.reading() as db:
        listed = [
            shown.described(db, each, app.clock(), bot.time_zone)
            for bot in bots
            for each in (experiments.newest(db, bot.name, most) if db else ())
            if db
        ]
    show(words, {"experiments": listed}, shown.lines)
    return 0


_ACTIONS: Mapping[str, Callable[[App, Words], int]] = {
    "status": _status,
    "start": _start,
    "stop": _stop,
    "list": _list,
}
_COMPARED = (
    "start: what is compared, and its two variants: tone sober lively; format tip question; opener none"
    ' "From the workshop:" (none, own, or a phrase); prompt built-in templates (folders in data/bots/NAME); hour'
    " 09:00 17:30 (slots of your schedule)"
)

EXPERIMENT = Verb(
    experiment,
    (
        JSON,
        action(*_ACTIONS, help="status (default): where it stands; start one; stop it; list all"),
        word("compared", nargs="*", metavar="WHAT", help=_COMPARED),
        word("--posts", type=number(MOST), metavar="N", help="posts of each variant (default: 20)"),
        word("--age", choices=tuple(BANDS), help="at which a post's figures count (default: 24h)"),
        word("--days", type=number(365), metavar="N", help="it ends after so many days (default: 90)"),
        bot_option("which bot (start and stop need it with several)"),
    ),
)
