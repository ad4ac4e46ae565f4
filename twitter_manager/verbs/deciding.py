"""The verbs by which a person steers: `pause`, and `resume` and `skip` for drafts that did not get out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

from twitter_manager import decisions
from twitter_manager.app import App
from twitter_manager.domain import Draft
from twitter_manager.errors import UsageError
from twitter_manager.store import deliveries, drafts, runs
from twitter_manager.store.database import Database
from twitter_manager.terminal import command
from twitter_manager.verbs.naming import draft_of
from twitter_manager.verbs.verb import JSON, NUMBERS, Verb, Words, bot_option, failed, opened, say, switch, word


def pause(words: Words) -> int:
    """Stand still: runs settle what is open and post nothing until `pause --off`."""
    return say(words, set_pause(opened(words), words.bot, words.reason, off=words.off))


def resume(words: Words) -> int:
    """Go on with drafts that failed, are held or wait for your word: what is not out is queued again (held posts are
    looked up first)."""

    def go_on(app: App, db: Database, draft: Draft) -> str:
        lifetime = timedelta(hours=app.session.bot(draft.bot).draft_ttl_hours)
        decisions.resume(db, draft, lifetime, app.clock())
        return "goes on with the next run"

    return _decided(words, "Give the drafts' numbers, as status shows them.", go_on)


def skip(words: Words) -> int:
    """Give drafts up: nothing more of them goes out."""
    return _decided(words, "Give the drafts' numbers, as status shows them, or --all.", give_up("is skipped"))


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
            runs.pause(db, name, app.redactor.redact(reason), app.clock())
            return f"Paused {whom}. End it with: {command(f'pause --off{which}')}"
        was_paused = runs.unpause(db, name, app.clock())
        if bot and runs.paused(db, bot):
            return f"{bot} still rests: every bot is paused; to end that: {command('pause --off')}"
        return f"Running again: {whom}." if was_paused else "There was no pause to end."


Decide = Callable[[App, Database, Draft], str]
"""Decides on one draft, and gives in words what became of it. Raises UsageError."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of the drafts that were named."""

    done: dict[int, str] = field(default_factory=dict)
    refused: list[UsageError] = field(default_factory=list)


def give_up(became: str, *, again: bool = False) -> Decide:
    """See `decisions.skip`."""

    def skipped(app: App, db: Database, draft: Draft) -> str:
        old = drafts.waits_for(db, draft)
        decisions.skip(db, draft, app.clock(), again=again)
        if old:
            return f"{became}; draft {old}, in whose place it was to come, is taken down all the same"
        stays = f"; what is out stays there, until {command(f'delete {draft.id}')}"
        return became + stays * deliveries.is_there(db, draft.id)

    return skipped


def _decided(words: Words, ways: str, decide: Decide) -> int:
    if words.all == bool(words.drafts):
        raise UsageError("Which drafts?", ways)
    app = opened(words)

    def waiting(db: Database) -> list[int]:
        return [draft.id for bot in app.settings.bots for draft in decisions.waiting(db, bot.name)]

    decided = decide_on(app, waiting if words.all else lambda db: words.drafts, decide)
    return tell(words, decided, "No draft needs attention.")


def decide_on(app: App, choose: Callable[[Database], Sequence[int]], decide: Decide) -> Decided:
    """Decide on the drafts that are chosen, each by itself: what is refused keeps no other from it."""
    decided = Decided()
    with app.session.at_work(dry_run=False) as db:
        for number in dict.fromkeys(choose(db)):
            try:
                decided.done[number] = decide(app, db, draft_of(db, number))
            except UsageError as error:
                decided.refused.append(error)
    return decided


def tell(words: Words, decided: Decided, nothing: str) -> int:
    """What was done is told before what was refused; gives the exit code. `nothing`: where there was nothing to do."""
    lines = [f"Draft {number} {became}." for number, became in decided.done.items()]
    if words.json:
        refusals = [str(error) for error in decided.refused]
        words.screen.json({"done": lines, "drafts": list(decided.done), "refused": refusals})
    elif lines or not decided.refused:
        say(words, *(lines or [nothing]))
    if not decided.refused:
        return 0
    message = " ".join(dict.fromkeys(error.message for error in decided.refused))
    told = UsageError(message, decided.refused[0].remedy)
    return failed(words.screen, [str(told)], told.exit_code, as_json=False)
