"""The verb `lessons`: what a person's edits and skips teach is proposed, and applied once they accept it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from twitter_manager import phrases
from twitter_manager.domain import Actor, Json
from twitter_manager.errors import UsageError
from twitter_manager.learning import lessons as learning
from twitter_manager.learning.lessons import Lesson, Now
from twitter_manager.operations import tuning
from twitter_manager.operations.weights import tunable_weights
from twitter_manager.settings import Bot
from twitter_manager.settings.botfile import as_toml
from twitter_manager.store import lessons as stored
from twitter_manager.store.database import Database
from twitter_manager.store.lessons import Edited, Kept
from twitter_manager.terminal import command

MOST_SHOWN = 3
"""Posts that are shown as evidence; `--json` names all."""
_LONGEST = 200
"""Characters of each that are shown."""


def found(db: Database, bot: Bot) -> list[Lesson]:
    """The rules that hold clearly for the bot and that its settings don't follow yet."""
    return learning.found(stored.edits(db, bot.name), stored.decisions(db, bot.name), _now(db, bot))


def _now(db: Database, bot: Bot) -> Now:
    return Now(
        hashtags=tuple(bot.hashtags),
        max_hashtags=bot.max_hashtags,
        max_chars=bot.style.max_chars,
        dont=tuple(bot.persona.dont),
        openers=tuple(bot.persona.openers),
        weights=tunable_weights(db, bot),
    )


def proposed(db: Database, bot: Bot, now: datetime) -> list[Json]:
    """What is proposed now; each gets a number that stays. What was accepted or dropped never comes again."""
    lessons = found(db, bot)
    with db.transaction():
        kept = stored.propose(db, bot.name, [lesson.rule for lesson in lessons], now)
    return [_as_json(kept[lesson.rule], lesson) for lesson in lessons if kept[lesson.rule].status == stored.PROPOSED]


def _as_json(kept: Kept, lesson: Lesson) -> Json:
    return {
        "id": kept.id,
        "bot": kept.bot,
        "rule": lesson.rule,
        "words": lesson.words,
        "cases": len(lesson.shown),
        "of": lesson.of,
        "drafts": lesson.drafts,
        "edits": [asdict(shown) for shown in lesson.shown if isinstance(shown, Edited)],
        "changes": [asdict(change) for change in lesson.changes],
        "by_hand": lesson.by_hand,
    }


def lines(lessons: list[Json]) -> Iterator[str]:
    """The same for a person."""
    if not lessons:
        yield "Your edits and skips show no rule that is clear and new. It takes 5 cases of one kind, and 4 of 5 alike."
    for lesson in lessons:
        yield f"{lesson['id']}. {lesson['bot']}: {lesson['words']}"
        changes = "; ".join(f"{change['key']} = {as_toml(change['value'])}" for change in lesson["changes"])
        yield f"  Accepting it sets {changes}" if changes else f"  {lesson['by_hand']}"
        by_draft = {edit["draft"]: edit for edit in lesson["edits"]}
        for draft in lesson["drafts"][:MOST_SHOWN]:
            edit = by_draft.get(draft)
            yield (
                f"  draft {draft}: {phrases.in_a_line(edit['before'], _LONGEST)}"
                if edit
                else f"  draft {draft}: {command(f'explain {draft}')}"
            )
            yield from [f"    became: {phrases.in_a_line(edit['after'], _LONGEST)}"] if edit else []
        if more := len(lesson["drafts"][MOST_SHOWN:]):
            yield f"  and {more} more; see: {command('lessons --json')}"
    if any(lesson["changes"] for lesson in lessons):
        yield f"To let one hold: {command('lessons accept N')}"
    if lessons:
        yield f"To hear no more of one: {command('lessons drop N')}"


def waiting(db: Database, number: int) -> Kept:
    """A lesson that is neither accepted nor dropped yet. Raises UsageError."""
    kept = stored.get(db, number)
    if kept is None:
        raise UsageError(f"There is no lesson {number}.", f"See: {command('lessons')}")
    if kept.status != stored.PROPOSED:
        raise UsageError(f"Lesson {number} was {kept.status} already.", f"See: {command('lessons')}")
    return kept


def accept(db: Database, bot: Bot, kept: Kept, home: Path, now: datetime, by: Actor) -> list[str]:
    """Write what the lesson says into the bot's file; gives a line for each key. Raises UsageError where it no longer
    holds, or where no setting does it."""
    lesson = next((lesson for lesson in found(db, bot) if lesson.rule == kept.rule), None)
    if lesson is None:
        raise UsageError(f"Lesson {kept.id} does not hold any more.", f"See: {command('lessons')}")
    if not lesson.changes:
        remedy = f"Or: {command(f'lessons drop {kept.id}')}"
        raise UsageError(f"No setting does what lesson {kept.id} says. {lesson.by_hand}", remedy)
    done = tuning.tune(db, bot, home, {change.key: change.value for change in lesson.changes})
    with db.transaction():
        stored.decide(db, kept, stored.ACCEPTED, now, by, lesson.words)
    return done


def drop(db: Database, kept: Kept, now: datetime, by: Actor) -> str:
    """Never propose it again."""
    with db.transaction():
        stored.decide(db, kept, stored.DROPPED, now, by, "")
    return f"Lesson {kept.id} is dropped, and is not proposed again."
