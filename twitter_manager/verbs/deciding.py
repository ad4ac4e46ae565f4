"""The verbs by which a person steers: `pause`, and `resume` and `skip` for drafts that did not get out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from twitter_manager import decisions
from twitter_manager.app import App
from twitter_manager.domain import Actor
from twitter_manager.errors import StoreError, TwitterManagerError, UsageError
from twitter_manager.operations import told
from twitter_manager.review.actions import Actions
from twitter_manager.store import runs
from twitter_manager.store.database import Database
from twitter_manager.terminal import command
from twitter_manager.verbs.verb import JSON, NUMBERS, Verb, Words, bot_option, failed, opened, say, switch, word


def pause(words: Words) -> int:
    """Stand still: runs settle what is open and post nothing until `pause --off`."""
    return say(words, set_pause(opened(words), words.bot, words.reason, off=words.off))


def resume(words: Words) -> int:
    """Go on with drafts that failed, are held or wait for your word: what is not out is queued again (held posts are
    looked up first)."""
    return _decided(words, "Give the drafts' numbers, as status shows them.", Actions.resume)


def skip(words: Words) -> int:
    """Give drafts up: nothing more of them goes out."""
    return _decided(words, "Give the drafts' numbers, as status shows them, or --all.", Actions.skip)


PAUSE = Verb(
    pause,
    (
        JSON,
        word("reason", nargs="?", default="", metavar="REASON", help="why; shown in status"),
        switch("--off", "end the pause"),
        bot_option(),
    ),
)
RESUME = Verb(resume, (JSON, NUMBERS))
SKIP = Verb(skip, (JSON, NUMBERS, switch("--all", "every draft that needs attention")))


def set_pause(app: App, bot: str, reason: str, *, off: bool) -> str:
    """Set or take back the pause switch of one bot, or of all."""
    name = app.session.bot(bot).name if bot else runs.ALL_BOTS
    whom, which = bot or "every bot", f" --bot {bot}" if bot else ""
    with app.session.logged(), closing(app.session.open_store()) as db, db.transaction():
        if not off:
            runs.pause(db, name, app.redactor.redact(reason), app.clock(), at_the_shell())
            return f"Paused {whom}. End it with: {command(f'pause --off{which}')}"
        was_paused = runs.unpause(db, name, app.clock(), at_the_shell())
        if bot and runs.paused(db, bot):
            return f"{bot} still rests: every bot is paused; to end that: {command('pause --off')}"
        return f"Running again: {whom}." if was_paused else "There was no pause to end."


Decide = Callable[[Actions, int], str]
"""Decides on one draft or comment, and gives in words what became of it. Raises TwitterManagerError."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of those that were named."""

    done: dict[int, str] = field(default_factory=dict)
    refused: list[TwitterManagerError] = field(default_factory=list)


def _decided(words: Words, ways: str, decide: Decide) -> int:
    if words.all == bool(words.drafts):
        raise UsageError("Which drafts?", ways)
    app = opened(words)

    def waiting(db: Database) -> list[int]:
        return [draft.id for bot in app.settings.bots for draft in decisions.waiting(db, bot.name)]

    decided = decide_on(app, waiting if words.all else lambda db: words.drafts, decide)
    return tell(words, decided, "No draft needs attention.")


@contextmanager
def acting(app: App) -> Iterator[Actions]:
    """What the person at the shell may do."""
    with app.session.logged(), closing(app.session.open_store()) as db:
        yield Actions(app, db, at_the_shell())


def at_the_shell() -> Actor:
    """Who sits there."""
    import getpass

    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a user without a name
        name = str(os.getuid())
    return Actor(name, "command line")


def decide_on(app: App, choose: Callable[[Database], Sequence[int]], decide: Decide) -> Decided:
    """Decide on those that are chosen, each by itself: what is refused keeps no other from it."""
    decided = Decided()
    with acting(app) as actions:
        for number in dict.fromkeys(choose(actions.db)):
            try:
                decided.done[number] = decide(actions, number)
            except StoreError:
                raise
            except TwitterManagerError as error:
                decided.refused.append(error)
    told.forget_drafts(app.settings.data, app.clock())
    return decided


def tell(words: Words, decided: Decided, nothing: str, what: str = "draft") -> int:
    """What was done is told before what was refused; gives the exit code. `nothing`: where there was nothing to do;
    `what`: was decided on."""
    lines = [f"{what.capitalize()} {number} {became}." for number, became in decided.done.items()]
    if words.json:
        refusals = [str(error) for error in decided.refused]
        words.screen.json({"done": lines, f"{what}s": list(decided.done), "refused": refusals})
    elif lines or not decided.refused:
        say(words, *(lines or [nothing]))
    if not decided.refused:
        return 0
    message = " ".join(dict.fromkeys(error.message for error in decided.refused))
    first = decided.refused[0]
    return failed(words.screen, [f"{message} {first.remedy}".rstrip()], first.exit_code, as_json=False)
