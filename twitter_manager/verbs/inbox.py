"""The verb `inbox`: what people said to the bots, and what their person makes of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial

from twitter_manager.app import App
from twitter_manager.domain import Json
from twitter_manager.errors import UsageError
from twitter_manager.review import answering
from twitter_manager.settings import Bot
from twitter_manager.show import inbox as shown
from twitter_manager.store import comments
from twitter_manager.store.comments import Comment
from twitter_manager.store.database import Database
from twitter_manager.terminal import command
from twitter_manager.verbs.deciding import Decide, acting, decide_on, tell
from twitter_manager.verbs.verb import (
    JSON,
    LARGEST,
    Verb,
    Words,
    action,
    ask_for_text,
    bot_option,
    number,
    opened,
    say,
    show,
    switch,
    word,
)

_MOST = 1000


def inbox(words: Words) -> int:
    """What people said to you and your bots: list what waits, show one with its conversation, answer it in your own
    words, approve the answer that was drafted, dismiss what needs none, or take that back."""
    _refuse_options_of_others(words)
    return _ACTIONS[words.action](opened(words), words)


def _list(app: App, words: Words) -> int:
    if words.comment:
        raise UsageError("inbox list takes no number.", f"See it: {command(f'inbox show {words.comment[0]}')}")
    listed: list[Json] = []
    unread: list[str] = []
    is_cut = False
    with app.session.reading() as db:
        if db:
            for bot in app.session.bots(words.bot):
                found = _of_bot(db, bot.name, words.n + 1, over_too=words.all)
                listed += [shown.comment_as_json(db, comment, bot.time_zone) for comment in found[: words.n]]
                is_cut |= len(found) > words.n
                unread += _unread(db, bot)
    more = f"inbox{' --all' * words.all} -n {min(10 * words.n, _MOST)}" if is_cut and words.n < _MOST else ""
    show(words, {"comments": listed}, partial(shown.lines, more=more, unread=unread))
    return 0


def _unread(db: Database, bot: Bot) -> list[str]:
    """Where comments to the bot should be read and can't be, and why."""
    refused = comments.refused(db, bot.name)
    names = [name for name in bot.listen.comments if name in bot.platforms_on and name in refused]
    return [f"{bot.name}: {name} is not read: {refused[name]}" for name in names]


def _of_bot(db: Database, bot: str, most: int, *, over_too: bool) -> list[Comment]:
    return comments.newest(db, bot, most) if over_too else comments.in_status(db, bot, comments.OPEN, most)


def _show(app: App, words: Words) -> int:
    with app.session.reading() as db:
        chosen = [answering.comment_of(db, each) for each in _numbers(words)]
        told = [shown.whole(db, comment, app.session.time_zone(comment.bot)) for comment in chosen] if db else []
    show(words, {"comments": told}, shown.in_full)
    return 0


def _answer(app: App, words: Words) -> int:
    if len(words.comment) != 2:
        example = command('inbox answer 3 "Your words"')
        raise UsageError("inbox answer takes a comment's number and one text.", f"For example: {example}")
    [numbered], text = _numbers_of(words.comment[:1]), words.comment[1]
    if text == "-":
        ask_for_text(words)
        text = sys.stdin.read().strip()
    with acting(app) as actions:
        draft = answering.answer(actions, numbered, text)
    became = f"Comment {numbered} is answered by draft {draft.id}, which goes out with one of the next runs."
    if words.json:
        words.screen.json({"done": [became], "comments": [numbered], "drafts": [draft.id], "refused": []})
        return 0
    return say(words, became)


def _decide(decide: Decide, app: App, words: Words) -> int:
    numbers = _numbers(words)
    return tell(words, decide_on(app, lambda db: numbers, decide), "", "comment")


def _numbers(words: Words) -> list[int]:
    if not words.comment:
        raise UsageError("Which comments?", f"Give their numbers, as {command('inbox')} shows them.")
    return _numbers_of(words.comment)


def _numbers_of(given: Sequence[str]) -> list[int]:
    """Each once. Raises UsageError."""
    for each in given:
        if not each.isascii() or not each.isdigit() or not 0 < int(each[:18]) <= LARGEST:
            raise UsageError(f"{each[:40]!r} is no comment's number.", f"The numbers: {command('inbox')}")
    return list(dict.fromkeys(map(int, given)))


def _refuse_options_of_others(words: Words) -> None:
    if words.action != "list" and (words.all or words.bot):
        option = "--all" if words.all else "--bot"
        raise UsageError(f"{option} goes with inbox list, not with inbox {words.action}.")


_ACTIONS: dict[str, Callable[[App, Words], int]] = {
    "list": _list,
    "show": _show,
    "answer": _answer,
    "approve": partial(_decide, answering.approve),
    "dismiss": partial(_decide, answering.dismiss),
    "reopen": partial(_decide, answering.reopen),
}
INBOX = Verb(
    inbox,
    (
        JSON,
        action(*_ACTIONS, help="what to do (default: list)"),
        word(
            "comment",
            nargs="*",
            metavar="COMMENT",
            help="a comment's number; may be several, but with answer: one, and your words (-: from standard input)",
        ),
        switch("--all", "list all, the newest first, not only what waits"),
        word("-n", type=number(_MOST), default=50, metavar="N", help="how many are listed of each bot (default: 50)"),
        bot_option(),
    ),
)
