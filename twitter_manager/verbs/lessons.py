"""The verb `lessons`: what the bot could learn from a person's edits and skips."""

from __future__ import annotations

from contextlib import closing

from twitter_manager.app import App
from twitter_manager.errors import UsageError
from twitter_manager.operations import lessons as learnt
from twitter_manager.terminal import command
from twitter_manager.verbs.deciding import at_the_shell
from twitter_manager.verbs.verb import (
    JSON,
    LARGEST,
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


def lessons(words: Words) -> int:
    """Rules that your edits and skips show, with the posts that show them: accept one, and it is written into the bot's
    file; drop one, and it never comes again. Nothing is learnt silently."""
    app = opened(words)
    if words.action == "list":
        return _list(app, words)
    if len(words.lesson) != 1 or words.bot:
        raise UsageError(f"lessons {words.action} takes one lesson's number alone.", f"See: {command('lessons')}")
    return _decide(app, words, words.lesson[0])


def _list(app: App, words: Words) -> int:
    if words.lesson:
        raise UsageError("lessons list takes no number.", f"See: {command('lessons')}")
    bots = app.session.bots(words.bot)
    found = []
    if app.settings.database.exists():
        with app.session.logged(), closing(app.session.open_store()) as db:
            found = [lesson for bot in bots for lesson in learnt.proposed(db, bot, app.clock())]
    show(words, {"lessons": found}, lambda shown: learnt.lines(shown["lessons"]))
    return 0


def _decide(app: App, words: Words, lesson: int) -> int:
    """Under the run's lock: a run reads the file."""
    now, by = app.clock(), at_the_shell()
    with app.session.alone(), app.session.logged(), closing(app.session.open_store()) as db:
        kept = learnt.waiting(db, lesson)
        if words.action == "drop":
            return say(words, learnt.drop(db, kept, now, by))
        return say(words, *learnt.accept(db, app.session.bot(kept.bot), kept, app.settings.home, now, by))


LESSONS = Verb(
    lessons,
    (
        JSON,
        action("list", "accept", "drop", help="what to do (default: list)"),
        word("lesson", nargs="*", type=number(LARGEST), metavar="LESSON", help="a lesson's number"),
        bot_option(),
    ),
)
