"""The verb `social`: what a person does on a bot's account besides posting."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from twitter_manager.amendments import ChargingPlatform
from twitter_manager.app import App
from twitter_manager.errors import UsageError
from twitter_manager.operations.social import Account, account
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.review import asking
from twitter_manager.review.actions import Actions
from twitter_manager.show import social as shown
from twitter_manager.social import SeenPost
from twitter_manager.store import deliveries
from twitter_manager.terminal import command
from twitter_manager.verbs import amending
from twitter_manager.verbs.deciding import acting
from twitter_manager.verbs.verb import (
    JSON,
    UNCHANGED,
    Verb,
    Words,
    action,
    agrees,
    ask_for_text,
    bot_option,
    number,
    opened,
    platform_name,
    show,
    switch,
    word,
)

_MOST, _USUAL = 100, 20


def social(words: Words) -> int:
    """See and use a bot's account: its home, the conversation around a post, an account; like, repost, reply (it goes
    out with the next run) and delete. X charges for each."""
    takes, do = _ACTIONS[words.action]
    _refuse_options_of_others(words)
    if len(words.what) != len(takes) and not (words.action == "author" and not words.what):
        wanted = " and ".join(takes) or "nothing more"
        raise UsageError(f"social {words.action} takes {wanted}.", f"See: {command('social --help')}")
    return do(opened(words), words)


def _timeline(app: App, words: Words) -> int:
    with _account(app, words) as mine:
        return _show_posts(words, mine, mine.timeline(words.n or _USUAL))


def _thread(app: App, words: Words) -> int:
    with _account(app, words) as mine:
        return _show_posts(words, mine, mine.thread(mine.post_id(words.what[0])))


def _show_posts(words: Words, mine: Account, posts: Sequence[SeenPost]) -> int:
    shown_posts = [*map(shown.post_as_json, posts)]
    answer = {"bot": mine.bot.name, "platform": mine.platform.name, "posts": shown_posts}
    show(words, answer, shown.posts_lines(mine.bot.time_zone))
    return 0


def _author(app: App, words: Words) -> int:
    with _account(app, words) as mine:
        told = shown.author_as_json(mine.author("".join(words.what)))
        show(words, {"platform": mine.platform.name, **told, "bot": mine.bot.name}, shown.author_lines)
    return 0


def _like(app: App, words: Words) -> int:
    with _account(app, words) as mine:
        mine.like(post := mine.post_id(words.what[0]))
        return _say(words, mine, post, f"{mine.platform.name}: liked.")


def _repost(app: App, words: Words) -> int:
    with _account(app, words) as mine:
        mine.repost(post := mine.post_id(words.what[0]))
        return _say(words, mine, post, f"{mine.platform.name}: reposted.")


def _reply(app: App, words: Words) -> int:
    text = words.what[1]
    if text == "-":
        ask_for_text(words)
        text = sys.stdin.read().strip()
    with _account(app, words) as mine:
        draft = asking.reply(Actions(app, mine.db, mine.by), mine, post := mine.post_id(words.what[0]), text)
        did = f"{mine.platform.name}: the reply is draft {draft.id}, which goes out with one of the next runs."
        return _say(words, mine, post, did, draft=draft.id, comment=draft.comment_id)


def _delete(app: App, words: Words) -> int:
    """A post that the program made goes by the way of `delete`, so that it is known to be gone."""
    with _account(app, words) as mine:
        post = mine.post_id(words.what[0])
        draft = deliveries.draft_at(mine.db, mine.platform.name, post)
        if draft is None:
            _refuse_others(mine, post)
            if not words.yes and not _agreed(words, mine, post):
                words.screen.lines([UNCHANGED])
                return 0
            mine.delete(post)
            return _say(words, mine, post, f"{mine.platform.name}: taken down.")
    words.draft, words.platform = draft, [mine.platform.name]
    return amending.delete(words)


def _refuse_others(mine: Account, post: str) -> None:
    """A platform's yes to a deletion may mean that the account has no such post. X charges for a look."""
    if isinstance(mine.platform, ChargingPlatform):
        return
    author, own = mine.seen(post).author, mine.author("").handle
    if author.casefold() != own.casefold():
        raise UsageError(f"The post {post[:100]} is by @{author}, not by @{own}.", UNCHANGED)


def _agreed(words: Words, mine: Account, post: str) -> bool:
    if words.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"{UNCHANGED[:-1]}: nobody could be asked.", "Say --yes.")
    words.screen.lines(shown.posts_lines(mine.bot.time_zone)({"posts": [shown.post_as_json(mine.seen(post))]}))
    return agrees(words, "Take it down? This can't be undone.")


def _say(words: Words, mine: Account, post: str, did: str, **more: int | None) -> int:
    if words.json:
        words.screen.json({"done": [did], "platform": mine.platform.name, "post": post, **more})
    elif sys.stdout.isatty():
        words.screen.lines([did])
    return 0


@contextmanager
def _account(app: App, words: Words) -> Iterator[Account]:
    bot = app.session.bot(words.bot)
    name = platform_name(words.platform) if words.platform else ""
    with acting(app) as actions:
        platforms = app.factory.platforms(bot, actions.db)
        platform = account(bot, platforms, name, words.what[0] if words.what else "")
        yield Account(actions.db, bot, platforms, platform, app.clock, app.factory.redacted, actions.by)


def _refuse_options_of_others(words: Words) -> None:
    """An option that would do nothing is a slip."""
    if words.n and words.action != "timeline":
        raise UsageError("-n is for social timeline.")
    if words.yes and words.action != "delete":
        raise UsageError("--yes is for social delete.")


_POST = "a post (its name there, or its address)"
_ACTIONS: Mapping[str, tuple[tuple[str, ...], Callable[[App, Words], int]]] = {
    "timeline": ((), _timeline),
    "thread": ((_POST,), _thread),
    "author": (("an account's name",), _author),
    "like": ((_POST,), _like),
    "reply": ((_POST, "one text"), _reply),
    "repost": ((_POST,), _repost),
    "delete": ((_POST,), _delete),
}

SOCIAL = Verb(
    social,
    (
        JSON,
        action(*_ACTIONS, help="what to do (default: timeline)"),
        word("what", nargs="*", metavar="POST|NAME", help=f"{_POST}, or an account's name; of a reply also the text"),
        word("-n", type=number(_MOST), default=0, metavar="N", help=f"how many posts of the home (default: {_USUAL})"),
        word("--platform", default="", metavar="NAME", help=f"on which account: {any_of(tuple(SPECS)[:3])}"),
        bot_option("whose account (needed with several bots)"),
        switch("--yes", "don't ask before deleting"),
    ),
)
