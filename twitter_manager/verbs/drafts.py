"""The verb `drafts`: what waits, and what a person makes of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import chain

from twitter_manager import decisions, moments
from twitter_manager.app import App
from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Draft, DraftStatus, Json
from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.operations import editing, pictures, queue, repeating
from twitter_manager.pipeline.timetable import forecasts
from twitter_manager.show import waiting
from twitter_manager.store import drafts as stored
from twitter_manager.store import series
from twitter_manager.store.database import Database
from twitter_manager.terminal import command
from twitter_manager.verbs.deciding import Decide, Decided, decide_on, give_up, tell
from twitter_manager.verbs.naming import draft_of
from twitter_manager.verbs.verb import (
    JSON,
    LARGEST,
    NUMBERS,
    PATIENCE,
    Verb,
    Words,
    action,
    agrees,
    bot_option,
    number,
    opened,
    show,
    switch,
    word,
)


def drafts(words: Words) -> int:
    """What waits to go out, in its order: list it, show some of it, edit a text, move drafts to another time or place,
    or drop them."""
    _refuse_options_of_others(words)
    app = opened(words)
    if words.bot and words.drafts:
        _refuse_others(app, app.session.bot(words.bot).name, words.drafts)
    return _ACTIONS[words.action](app, words)


def _refuse_others(app: App, bot: str, numbers: Iterable[int]) -> None:
    with app.session.reading() as db:
        owners = {number: draft_of(db, number).bot for number in numbers}
    if others := [number for number, owner in owners.items() if owner != bot]:
        raise UsageError(f"Draft {others[0]} is of {owners[others[0]]}.", "Leave --bot out, or name that one.")


def _list(app: App, words: Words) -> int:
    bots = [app.session.bot(words.bot)] if words.bot else app.settings.bots
    with app.session.reading() as db:
        listed = [entry for bot in bots for entry in waiting.listing(db, bot, app.clock())] if db else []
    show(words, {"drafts": listed}, lambda shown: waiting.lines(shown["drafts"]))
    return 0


def _show(app: App, words: Words) -> int:
    numbers = _named(words)
    with app.session.reading() as db:
        chosen = [draft_of(db, number) for number in numbers]
        shown = [_described(app, db, draft) for draft in chosen] if db else []
    show(words, {"drafts": shown}, lambda _: chain.from_iterable(map(waiting.draft_lines, shown)))
    return 0


def _described(app: App, db: Database, draft: Draft) -> Json:
    bot = app.session.bot(draft.bot)
    lacking = pictures.lacking(draft, app.settings.data)
    described = waiting.described(db, draft, bot, forecasts(bot, db, app.clock(), [draft.id]).get(draft.id))
    return described | ({"lacking_pictures": lacking} if lacking else {})


def _edit(app: App, words: Words) -> int:
    if len(words.drafts) != 1:
        raise UsageError("drafts edit takes one draft's number.", "See the numbers with the verb drafts.")
    with app.session.reading() as db:
        seen = draft_of(db, words.drafts[0])
        if db:
            decisions.refuse_begun(db, seen)
    if words.text:
        changed = _changed(app, seen, words.text)
    elif sys.stdin.isatty() and (program := editing.editor(os.environ)):
        changed = _edit_until_good(app, words, seen, program)
    else:
        raise UsageError("There is no new text.", "Give it with --text, or set VISUAL or EDITOR and use a terminal.")
    with app.session.reading() as db:
        became = {seen.id: f"is changed, and {_now(db, draft_of(db, seen.id))}"} if changed and db else {}
    return tell(words, Decided(became), "Nothing is changed.")


def _now(db: Database, draft: Draft) -> str:
    """What comes of a draft that a person wrote anew."""
    old = stored.waits_for(db, draft)
    if old is None:
        return "goes out as you wrote it"
    if draft.status is DraftStatus.PENDING:
        return f"goes out as you wrote it once draft {old} is taken down"
    return f"goes out as you wrote it after {command(f'resume {draft.id}')}, once draft {old} is taken down"


def _edit_until_good(app: App, words: Words, seen: Draft, program: list[str]) -> bool:
    """What a person wrote is not lost to a slip: the editor opens again with it."""
    texts = seen.texts
    while True:
        texts = editing.by_editor(program, texts)
        try:
            return bool(texts) and _changed(app, seen, texts)
        except TwitterManagerError as error:
            words.screen.trouble(str(error))
            if not _edits_again(words, texts):
                return False
            with app.session.reading() as db:
                seen = draft_of(db, seen.id)  # who goes on after "was changed meanwhile" means to change that


def _edits_again(words: Words, texts: Sequence[str]) -> bool:
    """Else what they wrote is shown, so that they can copy it."""
    again = False
    try:
        again = agrees(words, "Edit it again?", by_default=True)
    finally:
        if not again:
            words.screen.lines(["You wrote:", *f"\n{editing.BETWEEN_PARTS}\n".join(texts).split("\n")])
    return again


def _changed(app: App, seen: Draft, texts: Iterable[str]) -> bool:
    """Whether these texts are others than the draft's; they stand in their place then. No run is held up before."""
    given = tuple(texts)
    if given == seen.texts:
        return False
    with app.session.at_work(dry_run=False) as db:
        bot, now = app.session.bot(seen.bot), app.clock()
        said = repeating.Words(db, bot.time_zone, now, besides=seen.id).said
        with closing(app.factory.card_maker(bot, db, TimeBudget.of(PATIENCE))) as cards:
            parts, links = editing.checked(bot, app.settings.secrets, said, cards.add_to, seen, given)
        decisions.edit(db, seen, parts, links, now)
    return True


def _move(app: App, words: Words) -> int:
    if sum(map(bool, (words.at, words.first, words.last, words.before))) != 1:
        raise UsageError("Where to?", "Say one of --at WHEN, --first, --last, --before DRAFT.")

    def put(app: App, db: Database, draft: Draft) -> str:
        bot, now = app.session.bot(draft.bot), app.clock()
        due_at = moments.understand(words.at, now, bot.time_zone, bot.persona.language) if words.at else None
        queue.move(db, draft, queue.Place(due_at, words.first, words.last, words.before), now)
        if due_at is not None:
            return forecasts(bot, db, now, [draft.id])[draft.id].words
        place = "first" if words.first else "last" if words.last else f"before draft {words.before}"
        return f"comes {place}" + (", and has no date any more" if draft.due_at else "")

    numbers = _named(words)[:: -1 if words.first else 1]
    return tell(words, decide_on(app, lambda db: numbers, put), "")


def _drop(app: App, words: Words) -> int:
    if words.all_generated == bool(words.drafts):
        raise UsageError("Which drafts?", "Give their numbers, as the verb drafts shows them, or --all-generated.")
    bots = [app.session.bot(words.bot)] if words.bot else app.settings.bots

    def generated(db: Database) -> list[int]:
        return [draft.id for bot in bots for draft in stored.generated(db, bot.name)]

    choose = generated if words.all_generated else lambda db: words.drafts
    return tell(
        words,
        decide_on(app, choose, _end_series if words.series else _drop_one(again=words.all_generated)),
        "No generated draft waits.",
    )


def _drop_one(*, again: bool) -> Decide:
    """Of a recurring post only the one occurrence; how to end all of it is told."""

    def drop(app: App, db: Database, draft: Draft) -> str:
        became = give_up("is dropped", again=again)(app, db, draft)
        return became + (f", this time only: drafts drop {draft.id} --series ends it" if _running(db, draft) else "")

    return drop


def _end_series(app: App, db: Database, draft: Draft) -> str:
    if not (ending := _running(db, draft)):
        raise UsageError(f"Draft {draft.id} is of no post that comes again.", "Leave --series out.")
    with db.transaction():
        series.end(db, ending, "its person ended it", app.clock())
    return "is dropped, and does not come again"


def _running(db: Database, draft: Draft) -> series.Series | None:
    """The recurring post that the draft is an occurrence of, while it has not ended."""
    found = series.get(db, draft.series_id) if draft.series_id else None
    return found if found and found.ended_at is None else None


_OPTIONS = {
    "edit": ("text",),
    "move": ("at", "first", "last", "before"),
    "drop": ("all_generated", "series"),
}
"""What only one of the actions takes."""


def _refuse_options_of_others(words: Words) -> None:
    for owner, options in _OPTIONS.items():
        given = [f"--{option.replace('_', '-')}" for option in options if getattr(words, option)]
        if given and owner != words.action:
            raise UsageError(f"{given[0]} goes with drafts {owner}, not with drafts {words.action}.")
    if words.action == "list" and words.drafts:
        raise UsageError("drafts list takes no number.", f"See it: {command(f'drafts show {words.drafts[0]}')}")


def _named(words: Words) -> list[int]:
    if not words.drafts:
        raise UsageError("Which drafts?", "Give their numbers, as the verb drafts shows them.")
    return list(dict.fromkeys(words.drafts))


_ACTIONS = {"list": _list, "show": _show, "edit": _edit, "move": _move, "drop": _drop}
DRAFTS = Verb(
    drafts,
    (
        JSON,
        action(*_ACTIONS, help="what to do (default: list)"),
        NUMBERS,
        word(
            "--text",
            action="append",
            default=[],
            metavar="TEXT",
            help="with edit: the new text, once for each part of a thread; without it your editor opens",
        ),
        word("--at", default="", metavar="WHEN", help='with move: to this time: "Fri 09:00", "in 2 hours"'),
        switch("--first", "with move: before all others"),
        switch("--last", "with move: after all others"),
        word("--before", type=number(LARGEST), default=0, metavar="DRAFT", help="with move: just before this one"),
        switch("--all-generated", "with drop: all that the bot wrote and you did not edit or date; it writes anew"),
        switch("--series", "with drop: the recurring post that it belongs to, for ever"),
        bot_option(),
    ),
)
