"""The verb `post`: a person's own text, which goes out before any generated draft."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from twitter_manager import factory, phrases, show
from twitter_manager.app import App
from twitter_manager.content import plain
from twitter_manager.domain import Draft, Json, Violation
from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.pipeline.context import Calendar
from twitter_manager.pipeline.run import run_bot
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.settings import Bot
from twitter_manager.show import BotReport
from twitter_manager.store import drafts
from twitter_manager.store.database import Database, iso
from twitter_manager.verbs import picturing
from twitter_manager.verbs.naming import draft_of
from twitter_manager.verbs.running import tell
from twitter_manager.verbs.verb import JSON, Verb, Words, bot_option, opened, platform_name, switch, word


def post(words: Words) -> int:
    """Queue your own text, a post or a thread, after the checks."""
    app = opened(words)
    parts = (sys.stdin.read().strip() if words.text == "-" else words.text, *words.part)
    pictures = picturing.given(words)
    if words.now:
        return tell(words.screen, app, [post_now(app, words.bot, parts, words.platform, pictures)], [], words.json)
    queued = queue(app, words.bot, parts, words.platform, pictures)
    if words.json:
        words.screen.json(queued)
    elif sys.stdout.isatty():
        slot = phrases.clock(queued["next_slot"], app.session.time_zone(queued["draft"]["bot"]))
        words.screen.lines([f"Queued as draft {queued['draft']['id']}. It is published at the next slot, {slot}."])
    return 0


POST = Verb(
    post,
    (
        JSON,
        word("text", metavar="TEXT", help="the text; - reads it from standard input"),
        word("--part", action="append", default=[], metavar="TEXT", help="one more part: makes it a thread"),
        word(
            "--platform",
            action="append",
            type=platform_name,
            default=[],
            help=f"only there: {any_of(tuple(SPECS))}; may be repeated",
        ),
        *picturing.OPTIONS,
        switch("--now", "publish in this command instead of at the next slot"),
        bot_option("which bot posts it (needed with several)"),
    ),
)


def queue(
    app: App, bot: str, parts: Sequence[str], platforms: Sequence[str], pictures: picturing.Pictures = ()
) -> Json:
    """Queue a person's own text after the checks."""
    chosen = app.session.bot(bot)
    with app.session.logged(), closing(app.session.open_store()) as db:
        draft = _add(app, db, chosen, parts, platforms, pictures)
        return {"draft": show.draft_as_json(draft), "next_slot": iso(Calendar.of(chosen).next_slot(app.clock()))}


def post_now(
    app: App, bot: str, parts: Sequence[str], platforms: Sequence[str], pictures: picturing.Pictures = ()
) -> BotReport:
    """Queue it and publish it in this command, by the path of every other post."""
    chosen = app.session.bot(bot)
    with app.session.at_work(dry_run=False) as db:
        draft = _add(app, db, chosen, parts, platforms, pictures)
        app.session.log_context.bot = chosen.name
        context = app.factory.run_context(db, chosen)
        return BotReport(run_bot(context, "post", only=draft.id, began=app.tag))


def _add(
    app: App, db: Database, bot: Bot, parts: Sequence[str], platforms: Sequence[str], pictures: picturing.Pictures
) -> Draft:
    names = tuple(dict.fromkeys(platforms)) or bot.platforms_on
    off = [name for name in names if name not in bot.platforms_on]
    if off:
        on = ", ".join(bot.platforms_on)
        raise UsageError(f"{', '.join(off)}: not set up for {bot.name}.", f"Set up: {on or 'none'}.")

    def known(digest: str) -> bool:
        return drafts.text_known(db, digest)

    context = factory.check_context(bot, app.settings.secrets, known, platforms=names)
    from twitter_manager.checks import check_post

    first, *others = plain(parts)
    content = (replace(first, media=tuple(media for media, _ in pictures)), *others)
    violations = check_post(content, context)
    if violations:
        problems = "; ".join(dict.fromkeys(_violation_words(violation, len(parts)) for violation in violations))
        raise TwitterManagerError(f"Not queued: {problems}", "Change the text and try again.")
    new = drafts.NewDraft(
        bot=bot.name,
        origin="person",
        parts=content,
        platforms=names,
        lifetime=timedelta(hours=bot.draft_ttl_hours),
        language=bot.persona.language,
    )
    picturing.keep(pictures, app.settings.data)
    with db.transaction():
        draft_id = drafts.add(db, new, app.clock())
    return draft_of(db, draft_id)


def _violation_words(violation: Violation, parts: int) -> str:
    return f"part {violation.part + 1}: {violation.message}" if parts > 1 else violation.message
