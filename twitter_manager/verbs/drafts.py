"""The verb `drafts`: what waits, and what a person makes of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from itertools import chain

from twitter_manager import decisions
from twitter_manager.app import App
from twitter_manager.decisions import draft_of
from twitter_manager.domain import Draft, Json
from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.operations import editing, pictures
from twitter_manager.pipeline.timetable import forecasts
from twitter_manager.platforms import exact
from twitter_manager.review.actions import Actions
from twitter_manager.show import waiting
from twitter_manager.store import drafts as stored
from twitter_manager.store import series
from twitter_manager.store.database import Database
from twitter_manager.terminal import command
from twitter_manager.verbs.deciding import Decided, acting, decide_on, tell
from twitter_manager.verbs.verb import (
    JSON,
    LARGEST,
    NUMBERS,
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
    """What waits to go out, in its order: list it, show some of it, approve what waits for that, edit a text, have one
    written anew, move drafts to another time or place, or drop them."""
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
        became = _changed(app, seen, words.text, approve=words.approve)
    elif sys.stdin.isatty() and (program := editing.editor(os.environ)):
        became = _edit_until_good(app, words, seen, program)
    else:
        raise UsageError("There is no new text.", "Give it with --text, or set VISUAL or EDITOR and use a terminal.")
    return tell(words, Decided({seen.id: became} if became else {}), "Nothing is changed.")


def _edit_until_good(app: App, words: Words, seen: Draft, program: list[str]) -> str:
    """What a person wrote is not lost to a slip: the editor opens again with it."""
    texts = seen.texts
    while True:
        texts = editing.by_editor(program, texts)
        try:
            return _changed(app, seen, texts, approve=words.approve) if texts else ""
        except TwitterManagerError as error:
            words.screen.trouble(str(error))
            if not _edits_again(words, texts):
                return ""
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


def _changed(app: App, seen: Draft, texts: Iterable[str], *, approve: bool) -> str:
    """What becomes of a draft with these texts in place of its own; "" where they are the same."""
    given = tuple(texts)
    if given == seen.texts and not approve:
        return ""
    with acting(app) as actions:
        return actions.edit(seen.id, given, seen=exact.content_hash(seen), approve=approve)


def _approve(app: App, words: Words) -> int:
    return tell(words, decide_on(app, lambda db: _named(words), Actions.approve), "")


def _regenerate(app: App, words: Words) -> int:
    def write_again(actions: Actions, number: int) -> str:
        return f"makes way for draft {actions.regenerate(number).id}, which was written in its place"

    return tell(words, decide_on(app, lambda db: _named(words), write_again), "")


def _move(app: App, words: Words) -> int:
    if sum(map(bool, (words.at, words.first, words.last, words.before))) != 1:
        raise UsageError("Where to?", "Say one of --at WHEN, --first, --last, --before DRAFT.")

    def put(actions: Actions, number: int) -> str:
        return actions.move(number, at=words.at, first=words.first, last=words.last, before=words.before)

    numbers = _named(words)[:: -1 if words.first else 1]
    return tell(words, decide_on(app, lambda db: numbers, put), "")


def _drop(app: App, words: Words) -> int:
    if words.all_generated == bool(words.drafts):
        raise UsageError("Which drafts?", "Give their numbers, as the verb drafts shows them, or --all-generated.")
    bots = [app.session.bot(words.bot)] if words.bot else app.settings.bots

    def generated(db: Database) -> list[int]:
        return [draft.id for bot in bots for draft in stored.generated(db, bot.name)]

    choose = generated if words.all_generated else lambda db: words.drafts

    def drop(actions: Actions, number: int) -> str:
        return _end_series(actions, number) if words.series else _drop_one(actions, number, again=words.all_generated)

    return tell(words, decide_on(app, choose, drop), "No generated draft waits.")


def _drop_one(actions: Actions, number: int, *, again: bool) -> str:
    """Of a recurring post only the one occurrence; how to end all of it is told."""
    running = _running(actions.db, draft_of(actions.db, number))
    became = actions.skip(number, again=again)
    return became + (f", this time only: drafts drop {number} --series ends it" if running else "")


def _end_series(actions: Actions, number: int) -> str:
    db, draft = actions.db, draft_of(actions.db, number)
    if not (ending := _running(db, draft)):
        raise UsageError(f"Draft {draft.id} is of no post that comes again.", "Leave --series out.")
    with db.transaction():
        series.end(db, ending, "its person ended it", actions.app.clock(), by=actions.by)
    return "is dropped, and does not come again"


def _running(db: Database, draft: Draft) -> series.Series | None:
    """The recurring post that the draft is an occurrence of, while it has not ended."""
    found = series.get(db, draft.series_id) if draft.series_id else None
    return found if found and found.ended_at is None else None


_OPTIONS = {
    "edit": ("text", "approve"),
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


_ACTIONS = {
    "list": _list,
    "show": _show,
    "approve": _approve,
    "edit": _edit,
    "regenerate": _regenerate,
    "move": _move,
    "skip": _drop,
    "drop": _drop,
}
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
        switch("--approve", "with edit: the new text may go out"),
        word("--at", default="", metavar="WHEN", help='with move: to this time: "Fri 09:00", "in 2 hours"'),
        switch("--first", "with move: before all others"),
        switch("--last", "with move: after all others"),
        word("--before", type=number(LARGEST), default=0, metavar="DRAFT", help="with move: just before this one"),
        switch("--all-generated", "with drop: all that the bot wrote and you did not edit or date; it writes anew"),
        switch("--series", "with drop: the recurring post that it belongs to, for ever"),
        bot_option(),
    ),
)
