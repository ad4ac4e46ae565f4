"""The verbs that show how the bot writes, without keeping anything: `generate`, `preview`, `style`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from twitter_manager import factory, providers
from twitter_manager import show as views
from twitter_manager.app import App
from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Json
from twitter_manager.errors import UsageError
from twitter_manager.settings import Bot
from twitter_manager.sources import NOTES
from twitter_manager.store import runs
from twitter_manager.store.database import Database, iso
from twitter_manager.verbs.verb import (
    JSON,
    LARGEST,
    ONE_BOT,
    Verb,
    Words,
    action,
    bot_option,
    number,
    opened,
    show,
    word,
)

if TYPE_CHECKING:
    from twitter_manager.operations.trial import Wish

_LONGEST_PROMPT = 4000
"""Characters that `generate` takes: longer words are material."""
_MOST_CANDIDATES, _MOST_RUNS = 20, 1000


def generate(words: Words) -> int:
    """Write candidates for one post and show them with their scores and what the checks found; nothing is saved."""
    from twitter_manager.operations.trial import Wish

    if words.prompt and (words.topic or words.format or words.source):
        raise UsageError("--prompt stands alone.", "Leave out --topic, --format and --source; say it in the prompt.")
    if len(words.prompt) > _LONGEST_PROMPT:
        raise UsageError(f"The prompt is longer than {_LONGEST_PROMPT} characters.")
    wish = Wish(words.topic, words.format, words.source, words.prompt.strip())
    app = opened(words)
    if app.redactor.find(wish.prompt):
        raise UsageError("The prompt holds a secret, and a service would read it.", "Leave it out.")
    trial = candidates(app, words.bot, wish, words.n)
    show(words, trial, views.trial_lines)
    return 0 if trial["chosen"] else 1


def preview(words: Words) -> int:
    """Show what the next runs would do, without doing it: when a post is due, which one, where, and what it costs."""
    from twitter_manager.operations import preview as forecast

    show(words, previewed(opened(words), words.bot, words.runs, words.seed), forecast.lines)
    return 0


def style(words: Words) -> int:
    """How you write, learned from your own past posts: lengths, openings, punctuation, emoji, hashtags, vocabulary."""
    show(words, learned(opened(words), words.bot), views.style_lines)
    return 0


GENERATE = Verb(
    generate,
    (
        JSON,
        word("--topic", default="", help="on this topic"),
        word("--format", default="", help="in this form: tip, news, question, …"),
        word("--source", default="", metavar="ITEM", help="from this item: its number or key, as in explain"),
        word("--prompt", default="", metavar="TEXT", help="to these words of yours instead of material"),
        word("-n", type=number(_MOST_CANDIDATES), default=0, metavar="N", help="how many candidates, 20 at most"),
        ONE_BOT,
    ),
)
PREVIEW = Verb(
    preview,
    (
        JSON,
        word("--runs", type=number(_MOST_RUNS), default=24, metavar="N", help="how many runs (default: 24)"),
        word("--seed", type=number(LARGEST), metavar="N", help="draw as the preview did that told this seed"),
        bot_option(),
    ),
)
STYLE = Verb(style, (JSON, action("show", help="show what was learned"), ONE_BOT))


def candidates(app: App, bot: str, wish: Wish, n: int) -> Json:
    """Candidates for one post; nothing of it is kept. `n`: how many, 0 for as many as a run makes."""
    from twitter_manager.operations import trial

    chosen = app.session.bot(bot)
    writers = providers.that_write(chosen.generators) if wish.prompt else chosen.generators
    with app.session.logged(), app.session.scratch() as db:
        app.session.log_context.bot = chosen.name
        with db.transaction():
            run_id = runs.start(db, chosen.name, "generate", app.clock(), app.clock())
        left = TimeBudget.of(app.settings.run_seconds)
        filler = app.factory.pool_filler(db, chosen, writers, left, [], run_id)
        filler.generators = [(generator, n or usual) for generator, usual in filler.generators]
        return trial.make(filler, wish)


def previewed(app: App, bot: str, count: int, seed: int | None) -> Json:
    """What the next runs would do; see `operations.preview`. Nothing is written, nothing is asked."""
    import random

    now = app.clock()
    drawn_with = random.SystemRandom().randrange(2**31) if seed is None else seed
    with app.session.scratch() as db:
        with db.transaction():
            runs.abandon_open(db, now)
        bots = [
            {"bot": each.name, "time_zone": each.time_zone, "runs": _next_runs(app, db, each, now, count, drawn_with)}
            for each in app.session.bots(bot)
        ]
    return {"now": iso(now), "seed": drawn_with, "bots": bots}


def _next_runs(app: App, db: Database, bot: Bot, now: datetime, count: int, seed: int) -> list[Json]:
    from twitter_manager.operations import preview as forecast
    from twitter_manager.operations.cron.install import Wishes, likely_minutes
    from twitter_manager.pipeline.learned import for_choosing
    from twitter_manager.pipeline.pool_writer import has_fast_news

    context = app.factory.rehearsal(db, bot)
    collector = app.factory.collector(bot, db, context.time_left)
    for source in bot.sources:
        if source.kind in NOTES:  # they are at hand, and a new bot has nothing else yet
            collector.collect(source.name, due_only=False)
    retrieval = app.factory.retrieval(bot, db)
    learned = for_choosing(db, bot, now)
    spec = factory.post_spec(bot, app.settings.secrets, db, retrieval=retrieval, learned=learned)
    minutes = likely_minutes(Wishes.of(app.settings.home, [bot], db, now))
    return forecast.preview(context, spec, now, count, seed, minutes=minutes, has_fast_news=has_fast_news(bot))


def learned(app: App, bot: str) -> Json:
    """How the bot's person writes, learned from their own posts."""
    from twitter_manager.writing.style import learn

    chosen = app.session.bot(bot)
    if chosen.style.learn_from is None:
        remedy = f'Put learn_from = "posts.txt" under [style] in data/bots/{chosen.name}.toml.'
        raise UsageError(f"{chosen.name} has no posts to learn from.", remedy)
    habits = learn(chosen.style.learn_from)
    return {"bot": chosen.name, "file": str(chosen.style.learn_from)} | habits.as_json() | {"told": habits.told()}
