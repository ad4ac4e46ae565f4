"""The verb `sources`: where a bot's material comes from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from twitter_manager import factory, phrases
from twitter_manager.app import App
from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Json
from twitter_manager.errors import UsageError
from twitter_manager.operations import sources as places
from twitter_manager.pipeline.leaving import let_go
from twitter_manager.settings import Bot
from twitter_manager.settings.sources import BUNDLED
from twitter_manager.sources import Source
from twitter_manager.store.database import Database
from twitter_manager.verbs.verb import JSON, Verb, Words, action, agrees, bot_option, failed, opened, show, switch, word

_PATIENCE = 900.0
"""Seconds that a person waits for sources."""


def sources(words: Words) -> int:
    """Where material comes from: list the sources, update them now, test one (nothing is stored), add a web address, a
    folder, a file or a git repository, or remove one."""
    app = opened(words)
    if words.action in ("test", "add", "remove") and not words.what:
        raise UsageError(f"sources {words.action} needs a {'place' if words.action == 'add' else 'name'}.")
    return _ACTIONS[words.action](app, words)


def _list(app: App, words: Words) -> int:
    bots = [app.session.bot(words.bot)] if words.bot else app.settings.bots
    with app.session.reading() as db:
        listed = [line for bot in bots for line in places.listing(db, bot)]
    show(words, {"sources": listed}, lambda shown: places.listing_lines(shown["sources"]))
    return 0


def _test(app: App, words: Words) -> int:
    """Look at a source as if for the first time; nothing is stored."""
    bot, left = app.session.bot_of_source(words.bot, words.what), TimeBudget.of(_PATIENCE)
    source = next(source for source in bot.sources if source.name == words.what)
    with app.session.logged(), closing(factory.fetcher(left)) as fetcher:
        found = places.look_only(source, fetcher, app.clock(), left)
    show(words, found.as_json(), places.found_lines)
    return 0


def _add(app: App, words: Words) -> int:
    """Find out what a web address or a path is, look at it, and write it into the bot's file."""
    bot, left = app.session.bot(words.bot), TimeBudget.of(_PATIENCE)
    with app.session.logged(), closing(factory.fetcher(left)) as fetcher:
        found = places.guess(words.what, bot.sources, fetcher, app.clock(), left, words.name, words.label)
    shown = found.as_json()
    if not words.json and (sys.stdout.isatty() or not words.yes):
        words.screen.lines(places.found_lines(shown))
    return _written(
        app, words, "Write it into the bot file?", shown, bot, lambda home: places.write(found, bot.name, home)
    )


def _remove(app: App, words: Words) -> int:
    """Take a source out of the bot's file."""
    name = words.what
    is_bundled = name == BUNDLED.name  # which may stand in the file and not serve
    bot = app.session.bot(words.bot) if is_bundled else app.session.bot_of_source(words.bot, name)
    question = f"Take {name} out of the bot file?"
    return _written(app, words, question, {"name": name}, bot, lambda home: places.remove(name, bot.name, home))


def _written(
    app: App, words: Words, question: str, shown: Json, bot: Bot, write: Callable[[Path], tuple[str, Sequence[Source]]]
) -> int:
    """Change the bot's file where the person agrees; drafts whose material left make way at once."""
    agreed = words.yes
    if not agreed and not words.json and sys.stdin.isatty():
        agreed = agrees(words, question)
    lines = ["Nothing is written; with --yes it is."]
    if agreed:
        with app.session.alone(), app.session.logged():
            line, serving = write(app.settings.home)
            lines = [line, *_let_go(app, bot, serving)]
    if words.json:
        words.screen.json(shown | {"written": agreed})
    elif sys.stdout.isatty() or not words.yes:
        words.screen.lines(lines)
    return 0


def _let_go(app: App, bot: Bot, serving: Sequence[Source]) -> list[str]:
    if not app.settings.database.exists():
        return []
    with closing(app.session.open_store()) as db:
        return [f"{line[:1].upper()}{line[1:]}." for line in let_go(db, bot.name, serving, app.clock())]


def _update(app: App, words: Words) -> int:
    looks = updated(app, words.bot, words.what)
    if words.json or sys.stdout.isatty():
        show(words, {"sources": looks}, lambda shown: places.looked_lines(shown["sources"]))
    for line in app.notes:
        words.screen.trouble(line)
    troubles = [f"{look['name']}: {look['error']}" for look in looks if look["error"]]
    return failed(words.screen, troubles, 1, as_json=False) if troubles else 0


_ACTIONS = {"list": _list, "update": _update, "test": _test, "add": _add, "remove": _remove}
SOURCES = Verb(
    sources,
    (
        JSON,
        action(*_ACTIONS, help="what to do"),
        word("what", nargs="?", default="", metavar="NAME_OR_PLACE", help="a source's name; for add a place"),
        word("--name", default="", help="with add: what to call it"),
        word("--label", default="", help="with add: the topic of its items"),
        switch("--yes", "with add and remove: write it into the bot file without asking"),
        bot_option(),
    ),
)


def updated(app: App, bot: str, name: str) -> list[Json]:
    """Look at the sources now, those that are not due too, and store what they give."""
    meant = [app.session.bot_of_source(bot, name)] if name else app.session.bots(bot)
    with app.session.at_work(dry_run=False) as db:
        lines: list[Json] = []
        for each in meant:
            app.session.log_context.bot = each.name
            looks = app.factory.collector(each, db, TimeBudget.of(_PATIENCE)).collect(name, due_only=False)
            lines += [places.looked_as_json(each.name, look) for look in looks]
            _index(app, each, db)
        return lines


def _index(app: App, bot: Bot, db: Database) -> None:
    """Index what is new. One that costs is left to the runs, which keep the budget."""
    retrieval = app.factory.retrieval(bot, db)
    if retrieval is None or not retrieval.embedder.free:
        return
    left, trouble = app.factory.indexer(retrieval, TimeBudget.of(_PATIENCE)).update()
    lacks = f"the index lacks {phrases.amount(left, 'piece')} yet; the next run goes on with it"
    lines = trouble or [lacks] * bool(left)
    app.notes.extend(f"{bot.name}: {line}" for line in lines)
