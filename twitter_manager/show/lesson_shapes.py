"""The shapes of lessons, as the verb `lessons` prints them with `--json`."""

from __future__ import annotations

from typing import Any

from twitter_manager.show.shapes import Shape


class LessonEdit(Shape):
    """What a person made of a draft."""

    draft: int
    before: str
    after: str


class LessonChange(Shape):
    """What accepting a lesson sets."""

    key: str
    """Of the bot's file, as `tune` takes it."""
    value: Any


class Lesson(Shape):
    """A rule that a person's edits or skips show clearly."""

    id: int
    """By which it is accepted or dropped; it stays."""
    bot: str
    rule: str
    """Its name: `hashtags`, `word:utilize`, `topic:git`."""
    words: str
    cases: int
    """So often it held,"""
    of: int
    """of so many times that it could have."""
    drafts: list[int]
    """The drafts that show it, the newest first."""
    edits: list[LessonEdit]
    """Of those that were edited: what became of them."""
    changes: list[LessonChange]
    by_hand: str
    """What a person does themselves, where no setting does it."""


class Lessons(Shape):
    """`lessons`."""

    lessons: list[Lesson]
