"""The verb `post`: a person's own text, which goes out before any generated draft."""

from __future__ import annotations

import sys
from contextlib import closing
from functools import partial
from pathlib import Path

from twitter_manager import show
from twitter_manager.app import App
from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Json
from twitter_manager.errors import UsageError
from twitter_manager.notify.notifier import Notifier
from twitter_manager.operations import importing, own_pictures, post_files, repeating
from twitter_manager.operations.importing import Importer
from twitter_manager.operations.own_posts import OwnPost, OwnPosts, keep
from twitter_manager.pipeline.context import Calendar
from twitter_manager.pipeline.run import run_bot
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.review.actions import Actions
from twitter_manager.show import BotReport
from twitter_manager.store.database import iso
from twitter_manager.terminal import command
from twitter_manager.verbs import picturing
from twitter_manager.verbs.deciding import acting, at_the_shell
from twitter_manager.verbs.running import tell
from twitter_manager.verbs.verb import (
    JSON,
    PATIENCE,
    Verb,
    Words,
    ask_for_text,
    bot_option,
    opened,
    platform_name,
    switch,
    word,
)


def post(words: Words) -> int:
    """Queue your own text, a post or a thread, after the checks."""
    if words.file:
        return _post_file(words)
    if words.text is None:
        raise UsageError("post needs TEXT (the text; - reads it from standard input), or --file.", _SEE)
    app = opened(words)
    own = said(words)
    if words.now:
        if own.at or own.every:
            raise UsageError(
                f"--now and {'--at' if own.at else '--every'} contradict each other.", "Leave one of them out."
            )
        return tell(words.screen, app, [post_now(app, words.bot, own)], [], words.json)
    queued = queue(app, words.bot, own)
    if words.json:
        words.screen.json(queued)
    elif sys.stdout.isatty():
        words.screen.lines([f"Queued as draft {queued['draft']['id']}: it {queued['goes_out']}.", *queued["notes"]])
    return 0


POST = Verb(
    post,
    (
        JSON,
        word("text", nargs="?", metavar="TEXT", help="the text; - reads it from standard input"),
        word("--part", action="append", default=[], metavar="TEXT", help="one more part: makes it a thread"),
        word(
            "--platform",
            action="append",
            type=platform_name,
            default=[],
            help=f"only there: {any_of(tuple(SPECS))}; may be repeated",
        ),
        word("--at", default="", metavar="WHEN", help='when it goes out: "Fri 09:00", "in 2 hours", 2026-12-01T09:00'),
        word("--expires", default="", metavar="WHEN", help="from when on it is too late (default: never)"),
        word("--every", default="", metavar="RULE", help='it comes again: week (from --at), "Mon 09:00", "1st 09:00"'),
        word("--until", default="", metavar="WHEN", help="the last moment at which it comes again"),
        word("--variant", action="append", default=[], metavar="TEXT", help="another text, in turn; may be repeated"),
        *picturing.OPTIONS,
        word("--file", default="", metavar="FILE", help="many posts with their dates: a file .csv, .jsonl or .md"),
        switch("--now", "publish in this command instead of at the next slot"),
        bot_option("which bot posts it (needed with several)"),
    ),
)
_SEE = f"See: {command('post --help')}"


def said(words: Words) -> OwnPost:
    """The post as the command line says it."""
    if words.text == "-":
        ask_for_text(words)
    return OwnPost(
        texts=(sys.stdin.read().strip() if words.text == "-" else words.text, *words.part),
        platforms=tuple(words.platform),
        at=words.at,
        expires=words.expires,
        every=words.every,
        until=words.until,
        variants=tuple(words.variant),
        pictures=tuple(picturing.given(words)),
    )


def _post_file(words: Words) -> int:
    """Queue the posts of a file, all or none."""
    if words.text is not None or any(vars(words)[name] for name in _SAID_IN_A_FILE):
        raise UsageError("--file goes with --bot and --json alone.", "Say all else in the file, for each post.")
    queued = queue_file(opened(words), words.bot, Path(words.file))
    if words.json:
        words.screen.json(queued)
    elif sys.stdout.isatty():
        words.screen.lines(show.imported_lines(queued))
    return 0


_SAID_IN_A_FILE = (*set(post_files.FIELDS) - {"text"}, "focus", "now")


def queue_file(app: App, bot: str, file: Path) -> Json:
    """Queue the posts of a file after the checks, all or none."""
    chosen, now = app.session.bot(bot), app.clock()
    with app.session.logged(), closing(app.session.open_store()) as db:
        time_left = TimeBudget.of(PATIENCE)
        with closing(app.factory.card_maker(chosen, db, time_left)) as cards:
            checks = partial(OwnPosts, chosen, app.settings.secrets, now)
            said = repeating.Words(db, chosen.name, chosen.time_zone, now).said
            batch = Importer(checks, said, cards, time_left, app.session.progress).checked(file)
        own_pictures.keep(batch.pictures, app.settings.data)
        with db.transaction():
            saved, forecasts = importing.keep(db, chosen, batch, file, now, at_the_shell())
        posts = [show.imported_as_json(row.line, draft, forecasts[draft.id]) for row, draft in saved]
        return {"file": str(file), "posts": posts, "notes": list(batch.notes)}


def queue(app: App, bot: str, post: OwnPost) -> Json:
    """Queue a person's own post after the checks."""
    with acting(app) as actions:
        queued = actions.post(bot, post)
        chosen = app.session.bot(bot)
        return {
            "draft": show.draft_as_json(queued.draft),
            "next_slot": iso(Calendar.of(chosen).next_slot(app.clock())),
            "goes_out_at": iso(queued.forecast.at),
            "goes_out": queued.forecast.words,
            "notes": list(queued.notes),
        }


def post_now(app: App, bot: str, post: OwnPost) -> BotReport:
    """Queue it and publish it in this command, by the path of every other post."""
    chosen = app.session.bot(bot)
    with app.session.at_work(dry_run=False) as db:
        actions = Actions(app, db, at_the_shell())
        checked = actions.checked(chosen, post)
        with db.transaction():
            draft = keep(db, checked, app.clock(), actions.by)
        for note in checked.notes:
            app.session.progress(note)
        app.session.log_context.bot = chosen.name
        notifier, context = Notifier(app, db), app.factory.run_context(db, chosen)
        report = run_bot(context, "post", only=draft.id, began=app.tag)
        notifier.note(chosen, report=report)
        notifier.send_all([chosen])
        return BotReport(report)
