"""The verbs by which a person steers: `pause`, and `resume` and `skip` for drafts that did not get out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta

from twitter_manager import decisions
from twitter_manager.app import App
from twitter_manager.domain import Draft
from twitter_manager.errors import UsageError
from twitter_manager.store import runs
from twitter_manager.store.database import Database
from twitter_manager.terminal import command
from twitter_manager.verbs.naming import draft_of
from twitter_manager.verbs.verb import DRAFTS, JSON, Verb, Words, bot_option, failed, opened, say, switch, word


def pause(words: Words) -> int:
    """Stand still: runs settle what is open and post nothing until `pause --off`."""
    return say(words, set_pause(opened(words), words.bot, words.reason, off=words.off))


def resume(words: Words) -> int:
    """Go on with drafts that failed or are held: what is not out is queued again (held posts are looked up first)."""

    def go_on(app: App, db: Database, draft: Draft) -> None:
        lifetime = timedelta(hours=app.session.bot(draft.bot).draft_ttl_hours)
        decisions.resume(db, draft, lifetime, app.clock())

    return _decided(words, "Give the drafts' numbers, as status shows them.", go_on, "goes on with the next run")


def skip(words: Words) -> int:
    """Give drafts up: nothing more of them goes out."""

    def give_up(app: App, db: Database, draft: Draft) -> None:
        decisions.skip(db, draft, app.clock())

    return _decided(words, "Give the drafts' numbers, as status shows them, or --all.", give_up, "is skipped")


PAUSE = Verb(
    pause,
    (
        JSON,
        word("reason", nargs="?", default="", metavar="REASON", help="why; shown in status"),
        switch("--off", "end the pause"),
        bot_option(),
    ),
)
RESUME = Verb(resume, (JSON, DRAFTS))
SKIP = Verb(skip, (JSON, DRAFTS, switch("--all", "every draft that needs attention")))


def set_pause(app: App, bot: str, reason: str, *, off: bool) -> str:
    """Set or take back the pause switch of one bot, or of all."""
    name = app.session.bot(bot).name if bot else runs.ALL_BOTS
    whom, which = bot or "every bot", f" --bot {bot}" if bot else ""
    with app.session.logged(), closing(app.session.open_store()) as db, db.transaction():
        if not off:
            runs.pause(db, name, app.redactor.redact(reason), app.clock())
            return f"Paused {whom}. End it with: {command(f'pause --off{which}')}"
        return f"Running again: {whom}." if runs.unpause(db, name, app.clock()) else "There was no pause to end."


Decide = Callable[[App, Database, Draft], None]


def _decided(words: Words, ways: str, decide: Decide, done: str) -> int:
    """What was done is told before what was refused."""
    if words.all == bool(words.drafts):
        raise UsageError("Which drafts?", ways)
    lines, refused = decide_on(opened(words), words.drafts, decide, done)
    if not refused:
        return say(words, *lines)
    if words.json:
        words.screen.json({"done": lines, "refused": [error.message for error in refused]})
    else:
        say(words, *lines)
    told = UsageError(" ".join(error.message for error in refused), refused[0].remedy)
    return failed(words.screen, [str(told)], told.exit_code, as_json=False)


def decide_on(app: App, numbers: Sequence[int], decide: Decide, done: str) -> tuple[list[str], list[UsageError]]:
    """Gives lines on what was `done`, and what was refused. No numbers: every draft that waits for a person."""
    lines, refused = [], []
    with app.session.at_work(dry_run=False) as db:
        waiting = [draft.id for bot in app.settings.bots for draft in decisions.waiting(db, bot.name)]
        for number in dict.fromkeys(numbers or waiting):
            try:
                decide(app, db, draft_of(db, number))
                lines.append(f"Draft {number} {done}.")
            except UsageError as error:
                refused.append(error)
    return lines if lines or refused else ["No draft needs attention."], refused
