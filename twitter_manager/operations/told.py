"""What a person heard of trouble, in `data/told.json` beside the database, which may be what fails.

Of runs that fail the same trouble, numbers and times aside, is said again only after `COOLDOWN`. What does not work
beside them (`begins`) is told once, until it works again. The file has a fixed size, so that it can be written over in
place where the disk is full; where it can't be written, or is damaged, nothing is remembered.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from twitter_manager.errors import TwitterManagerError
from twitter_manager.files import UnfitFile, is_folder, open_own, parsed, read_small, replace_bytes

COOLDOWN = timedelta(hours=24)
NAME = "told.json"
UPKEEP = "upkeep: "
"""Begins the names of what does not work of the upkeep."""
_SIZE = 32 * 1024
"""Bytes of the file, always."""
_MOST, _LONGEST, _LONGEST_ERROR = 40, 300, 1000
"""Troubles that are remembered, and characters of each; and of why something does not work."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line for cron's mail. `same`: what it has in common with others that tell the same."""

    scope: str
    """Of what it tells: a bot, or all of them ("")."""
    text: str
    same: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble, with times as stored: since when, when it was last seen and how often, when it was last printed and
    last sent as a message (`told`: since it began this time)."""

    scope: str
    same: str
    since: str
    seen_at: str
    times: int = 0
    printed_at: str = ""
    told_at: str = ""
    told: bool = False
    tries: int = 0
    over: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """Something beside the runs that does not work: since when, why as it was last seen, and when that was told."""

    since: str
    error: str
    told_at: str
    remedy: str = ""
    """With the command that mends it: whole, however long."""

    @property
    def words(self) -> str:
        """Why, and what to do about it."""
        return f"{self.error} {self.remedy}".rstrip()


@dataclass(slots=True)
class Told:
    """What is remembered at `path`. `good_at`: when a run last went through; `broken`: by name."""

    path: Path
    now: datetime
    good_at: str = ""
    troubles: list[Trouble] = field(default_factory=list)
    broken: dict[str, Broken] = field(default_factory=dict)

    def seen(self, line: Line) -> Trouble:
        """Count that trouble was met; gives what is known of it."""
        at, known = self.now.isoformat(), self._known(line)
        if known is None:
            trouble = Trouble(line.scope, line.same[:_LONGEST], at, at, 1)
        elif known.over:
            trouble = replace(known, since=at, seen_at=at, times=1, told=False, tries=0, over=False, printed_at="")
        else:
            trouble = replace(known, seen_at=at, times=known.times + 1)
        return self.put(trouble)

    def put(self, trouble: Trouble) -> Trouble:
        """Keep this in the place of what was known of the trouble."""
        others = [each for each in self.troubles if (each.scope, each.same) != (trouble.scope, trouble.same)]
        self.troubles = [*others, trouble]
        return trouble

    def to_print(self, lines: Iterable[Line]) -> list[str]:
        """Those of the lines that were not printed of late, each once."""
        news: list[str] = []
        for line in lines:
            trouble = self.seen(line)
            if self.is_due(trouble.printed_at):
                news.append(line.text)
                self.put(replace(trouble, printed_at=self.now.isoformat()))
        return news

    def is_due(self, last: str) -> bool:
        """Whether what was last said then is to be said again."""
        return not last or abs(self.now - datetime.fromisoformat(last)) >= COOLDOWN

    def forget(self, scope: str, but: Iterable[Line] = ()) -> None:
        """What was the matter there is over, all but this."""
        stands = {line.same[:_LONGEST] for line in but}
        self.troubles = [each for each in self.troubles if each.scope != scope or each.same in stands]

    def save(self) -> bool:
        """Keep it for the next run; False where that can't be. No folder is made for it."""
        if not is_folder(self.path.parent):
            return False
        fresh = [each for each in self.troubles if not self.is_due(each.seen_at)]
        newest = sorted(fresh, key=lambda each: each.seen_at)[-_MOST:]
        broken = {name: asdict(each) for name, each in self.broken.items()}
        kept = {"good_at": self.good_at, "troubles": [asdict(each) for each in newest], "broken": broken}
        content = json.dumps(kept).encode()
        content = content.ljust(_SIZE) if len(content) <= _SIZE else b"{}".ljust(_SIZE)
        with suppress(OSError):
            replace_bytes(self.path, content)
            return True
        with suppress(OSError, TwitterManagerError):
            handle = open_own(self.path, os.O_WRONLY)
            try:
                return os.write(handle, content) == _SIZE
            finally:
                os.close(handle)
        return False

    def _known(self, line: Line) -> Trouble | None:
        same = line.same[:_LONGEST]
        return next((each for each in self.troubles if (each.scope, each.same) == (line.scope, same)), None)


def load(data: Path, now: datetime) -> Told:
    """What is remembered in this data folder; nothing where the file is damaged."""
    told = Told(data / NAME, now)
    if not is_folder(data):
        return told
    with suppress(OSError, UnfitFile, ValueError, TypeError, AttributeError, KeyError):
        stored = parsed(read_small(told.path, _SIZE, own=True))
        troubles = [_checked(Trouble(**each)) for each in stored.get("troubles", [])][:_MOST]
        broken = {str(name): _checked(Broken(**each)) for name, each in stored.get("broken", {}).items()}
        moments = [moment for each in troubles for moment in (each.since, each.seen_at, each.printed_at, each.told_at)]
        for moment in filter(None, [*moments, *(each.told_at for each in broken.values())]):
            _ = now - datetime.fromisoformat(moment)
        told.good_at = str(datetime.fromisoformat(stored["good_at"]).astimezone(UTC)) if stored.get("good_at") else ""
        told.troubles, told.broken = troubles, broken
    return told


_Record = TypeVar("_Record", Trouble, Broken)


def _checked(record: _Record) -> _Record:
    """The record, which a file gave. Raises TypeError where a value is of another type."""
    for each in fields(record):
        if type(getattr(record, each.name)).__name__ != each.type:
            raise TypeError(each.name)
    return record


def begins(
    data: Path, name: str, error: str, now: datetime, *, remedy: str = "", again: timedelta = timedelta.max
) -> bool:
    """Remember why something does not work, or with "" that it does. True where a person is to hear of it: when that
    begins, and when it goes on for so long; where nothing can be remembered, each time."""
    told = load(data, now)
    known = told.broken.pop(name, None)
    at, is_news = now.isoformat(), bool(error)
    if known and error:
        is_news = abs(now - datetime.fromisoformat(known.told_at)) >= again
        told.broken[name] = Broken(known.since, error[:_LONGEST_ERROR], at if is_news else known.told_at, remedy)
    elif error:
        told.broken[name] = Broken(at, error[:_LONGEST_ERROR], at, remedy)
    if told.broken.get(name) != known:
        told.save()
    return is_news


def upkeep(data: Path, now: datetime) -> dict[str, Broken]:
    """By task of the upkeep with trouble: what it is, as it was last seen."""
    broken = load(data, now).broken.items()
    return {name.removeprefix(UPKEEP): each for name, each in broken if name.startswith(UPKEEP)}


def forget_drafts(data: Path, now: datetime) -> None:
    """A person acted: what becomes of their bots' posts from now on is news."""
    memory = load(data, now)
    kept = [trouble for trouble in memory.troubles if not trouble.scope]
    if kept != memory.troubles:
        memory.troubles = kept
        memory.save()


def line(scope: str, text: str, *, of_a_draft: bool = False) -> Line:
    """A line, which tells the same with other times and amounts; `of_a_draft`: with another draft's number too."""
    pattern = r"\d[\d.,:-]*" if of_a_draft else r"(?<!draft )\b\d[\d.,:-]*"
    return Line(scope, text, re.sub(pattern, "0", text))
