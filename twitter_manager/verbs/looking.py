"""The verbs by which a person looks at what happened and why: `status`, `history`, `explain`, `replay`."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

from twitter_manager import providers
from twitter_manager import show as views
from twitter_manager.app import App
from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Draft, Json
from twitter_manager.operations import machine, overview
from twitter_manager.operations.costs import budget_of
from twitter_manager.operations.presence import Look
from twitter_manager.pipeline import outlook
from twitter_manager.pipeline.context import Calendar
from twitter_manager.pipeline.spending import Budget, left_of_budget
from twitter_manager.settings import Bot
from twitter_manager.store import drafts
from twitter_manager.store.database import Database
from twitter_manager.telemetry import usage
from twitter_manager.verbs.naming import draft_or_run
from twitter_manager.verbs.verb import (
    JSON,
    LARGEST,
    PATIENCE,
    Verb,
    Words,
    bot_option,
    number,
    opened,
    platform_name,
    show,
    switch,
    word,
)


def status(words: Words) -> int:
    """The last run, the next slot, the pool, what is unfinished, and what platforms and generators are set up to do."""
    show(words, status_of(opened(words)), views.status_lines)
    return 0


def history(words: Words) -> int:
    """The newest posts and where they went."""
    app = opened(words)
    trouble = [] if words.check is None else _looked(app, words)
    with app.session.reading() as db:
        name = app.session.bot(words.bot).name if words.bot else None
        posts = views.history_as_json(db, name, words.limit, app.session.time_zone) if db else []
    show(words, posts, views.history_lines)
    for line in trouble:
        words.screen.trouble(line)
    return 1 if trouble else 0


def _looked(app: App, words: Words) -> list[str]:
    """Ask the platforms whether the posts are still there; gives what could not be seen."""
    only = platform_name(words.check) if words.check else ""
    with app.session.logged(), closing(app.session.open_store()) as db:
        platforms = {bot.name: app.factory.platforms(bot, db) for bot in app.settings.bots}
        settle = timedelta(minutes=app.settings.settle_minutes)
        look = Look(db, app.clock, TimeBudget.of(PATIENCE), settle, only)
        posts = drafts.newest(db, words.bot or None, words.limit)
        stands = {
            bot.name: left_of_budget(db, bot.name, Budget.of(bot), platforms[bot.name], app.clock())
            for bot in app.settings.bots
        }
        used_up = {name: standing.words for name, standing in stands.items() if standing.left <= 0}
        for name in dict.fromkeys(draft.bot for draft in posts):
            look.at([draft for draft in posts if draft.bot == name], platforms.get(name, {}), used_up.get(name, ""))
    notes = look.notes or [f"None of these posts is out on {only or 'a platform that can be asked'}."]
    if words.json:  # a look may cost, which is told in any case, and the list of posts has no place for it
        for note in notes:
            words.screen.trouble(note)
    else:
        words.screen.lines(notes)
    return [app.redactor.redact(line) for line in look.trouble]


def explain(words: Words) -> int:
    """Why a draft or a run came out as it did: its material, its candidates, its tries. In short; --full tells all."""
    show(words, explained(opened(words), words.what), views.full_lines if words.full else views.summary_lines)
    return 0


def replay(words: Words) -> int:
    """Make the choice of a draft, or all that a run chose, again, and tell whether it is the same."""
    from twitter_manager.operations import replay as choices

    with opened(words).session.reading() as db:
        again = choices.replay(*draft_or_run(db, words.what))
    show(words, again, choices.lines)
    return 0 if again["same"] else 1


_STORY = word("what", metavar="DRAFT_OR_RUN", help="a draft's number, or run:NUMBER")

STATUS = Verb(status, (JSON,))
HISTORY = Verb(
    history,
    (
        JSON,
        word("--limit", type=number(LARGEST), default=10, metavar="N", help="how many posts (default: 10)"),
        word(
            "--check",
            nargs="?",
            const="",
            default=None,
            metavar="PLATFORM",
            help="look first whether they are still there or were deleted by hand (x: only where named, for it costs)",
        ),
        bot_option(),
    ),
)
EXPLAIN = Verb(explain, (JSON, _STORY, switch("--full", "the whole story, with every candidate, try and event")))
REPLAY = Verb(replay, (JSON, _STORY))


def status_of(app: App) -> Json:
    """What every bot did last, does next, and is set up to do."""
    now = app.clock()
    with app.session.reading() as db:
        return {
            "home": str(app.settings.home),
            "refused": machine.refusal(app.settings.data),
            "bots": [
                {"bot": bot.name, "enabled": bot.enabled}
                | views.bot_status(db, bot.name, now)
                | views.upcoming(db, bot, Calendar.of(bot), now)
                | {"material": ahead.as_json() if (ahead := outlook.outlook(bot, db, now)) else None}
                | {"budget": _budget(app, db, bot)}
                | overview.describe(bot, app.settings)
                | {"limits": views.limits_as_json(db, bot.name, providers.services(bot.generators), now)}
                | {"answers": views.answers(db, bot.name, providers.writers(bot.generators), now)}
                for bot in app.settings.bots
            ],
            "machine": usage.standing(db, app.settings, app.clock()) if db else None,
        }


def _budget(app: App, db: Database | None, bot: Bot) -> Json | None:
    """How the bot's budget stands; None before its first run."""
    if db is None:
        return None
    now = app.clock()
    return budget_of(left_of_budget(db, bot.name, Budget.of(bot), app.factory.platforms(bot), now), now)


def explained(app: App, what: str) -> Json:
    """The story of a draft (its number) or of a run (`run:` and its number), and what material gives no post."""
    from twitter_manager.operations import sources

    with app.session.reading() as db:
        db, subject = draft_or_run(db, what)
        story = views.explain_draft(db, subject) if isinstance(subject, Draft) else views.explain_run(db, subject)
        story["time_zone"] = app.session.time_zone(subject.bot)
        bot = next((bot for bot in app.settings.bots if bot.name == subject.bot), None)
        if bot is None:
            return story
        told = views.answers(db, bot.name, providers.writers(bot.generators), app.clock())
        return story | {"answers": told, "no_post": sources.no_posts(db, bot)}
