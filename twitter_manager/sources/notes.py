"""Notes: short facts that a person wrote and checked, read from a TOML file, and the starter notes that come with us.

A file holds any number of tables of this form; `id`, `label` and `text` are required:

    [[note]]
    id = "git-bisect-run"                                          # small letters, digits and hyphens
    label = "Git"                                                  # the topic, as it may stand in an opener
    text = "With git bisect run, Git tests each step itself."
    wordings = ["Git tests each step itself in git bisect run."]   # each says exactly the same as `text`
    source = "https://git-scm.com/docs/git-bisect"
    checked = "2026-11-21"                                         # the day somebody last compared it with the source

Whether a note is true, and whether its wordings say the same, only a person can tell. This module holds the form.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import ErrorDetails

from twitter_manager import phrases
from twitter_manager.domain import Item
from twitter_manager.errors import SourceError
from twitter_manager.sources import plain
from twitter_manager.sources.material import Collected, Look
from twitter_manager.validation import InvalidValue, Rule, by, did_you_mean, entries, matching

MAX_BYTES = 500_000
MAX_CHARACTERS = 230
"""Of a text or a wording, in code points: leaves 50 of X's 280 for an opener and hashtags."""
_MAX_DOTS_IN_LINE = 100
_WORDINGS = 'Write wordings = ["…", "…"].'
_BEGIN = "Begin each note with [[note]]."
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
_JOINERS = "\u200c\u200d"  # format characters that some scripts and emoji sequences need


def _plain(value: Any, longest: int) -> str:
    """One line of text without characters that nobody sees."""
    if not isinstance(value, str):
        raise InvalidValue("is not text", "Put it in double quotes.")
    line = value.strip()
    if not line:
        raise InvalidValue("is empty", "Fill it in, or take it out.")
    if len(line) > longest:
        raise InvalidValue(f"has {len(line)} characters, and {longest} are the limit", "Shorten it.")
    if unseen := next((c for c in line if unicodedata.category(c) in _UNSEEN and c not in _JOINERS), ""):
        message = f"has an invisible or control character (U+{ord(unseen):04X})"
        raise InvalidValue(message, "Write it in one plain line.")
    return line


def _line(longest: int) -> Rule:
    return by(lambda value: _plain(value, longest))


def _address(value: Any) -> str:
    line = _plain(value, 2000)
    if not re.fullmatch(r"https://[^\s/?#@:]+\.[^\s/?#@:]+([/?#]\S*)?", line):
        raise InvalidValue("is not an https:// address", "Give the page that proves the fact.")
    return line


def _day(value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)  # TOML has dates of its own
    except (ValueError, TypeError):
        raise InvalidValue("is no date", 'Write it as checked = "2026-11-21".') from None


_NAME = matching(r"[a-z0-9][a-z0-9-]{0,63}", "is not a name", "Use up to 64 small letters, digits and hyphens.")
_Text = Annotated[str, _line(MAX_CHARACTERS)]


class _Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, _NAME]
    label: Annotated[str, _line(40)]
    text: _Text
    wordings: Annotated[tuple[_Text, ...], entries(10, words="is not a list of at most 10", remedy=_WORDINGS)] = ()
    source: Annotated[str, by(_address)] = ""
    checked: Annotated[date | None, by(_day)] = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: list[_Note]

    @field_validator("note")
    @classmethod
    def _differ(cls, notes: list[_Note]) -> list[_Note]:
        numbers: dict[str, int] = {}
        for number, note in enumerate(notes, start=1):
            if numbers.setdefault(note.id, number) != number:
                raise InvalidValue(f"{number} has the id of note {numbers[note.id]}", "Give each its own.")
            if note.text in note.wordings:
                raise InvalidValue(f"{number} ({note.id}) has its text among its wordings", "Take it out there.")
        return notes


def checked_note(value: Any) -> str:
    """The text of a note. Raises InvalidValue."""
    return _plain(value, MAX_CHARACTERS)


def note_file(texts: Sequence[str], label: str) -> str:
    """The text of a file with these notes, and an example that is not posted."""
    import json

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

    lines = list(_NOTE_FILE_HEAD)
    for number, text in enumerate(texts, start=1):
        lines += ["", "[[note]]", f'id = "note-{number}"', f"label = {quoted(label)}", f"text = {quoted(text)}"]
    return "\n".join(lines) + "\n"


_NOTE_FILE_HEAD = (
    "# Your notes: short facts, each posted in its turn. To add one, copy the five lines of the example to the end of",
    "# this file, take the # in front of each away, and write your own words between the quotes.",
    "#",
    "# [[note]]",
    '# id = "opening-hours"              # a name of its own: small letters, digits and hyphens',
    '# label = "Club"                    # its topic',
    '# text = "The workshop is open on Saturdays from 10 to 14."     # as it is posted, up to 230 characters',
    '# wordings = ["On Saturdays the workshop is open from 10 to 14."]    # the same in other words; may be left out',
)


def collect(look: Look) -> Collected:
    """The notes of a source: a person's, or those that come with us. Raises SourceError."""
    source = look.source
    items = starter_items(source.name) if source.path is None else read_notes(source.path, source.name)
    return Collected(items, complete=True)


def read_notes(path: Path, source: str) -> tuple[Item, ...]:
    """The notes of a person's file as items of `source`, in the file's order.

    Raises SourceError, which names the first problem and how many others there are."""
    where = plain.line(str(path))
    try:
        if not path.is_file():  # also keeps us from waiting on a pipe or reading a device
            raise FileNotFoundError("there is no such file, or not a plain one")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{where} can't be read: {reason}.", "Give the path of a TOML file.") from None
    return _items(content, where, source)


@functools.cache  # a run looks at them before it publishes and as it fills the pool again
def starter_items(source: str = "starter") -> tuple[Item, ...]:
    """The bundled notes, each looked up in the source it names."""
    from importlib import resources

    file = resources.files(__package__).joinpath("starter_notes.toml")
    return _items(file.read_bytes(), file.name, source)


def _items(content: bytes, where: str, source: str) -> tuple[Item, ...]:
    table = _table(content, where)
    try:
        notes = _File.model_validate(table).note
    except ValidationError as error:
        problems = error.errors(include_url=False)
        others = f" ({phrases.amount(len(problems) - 1, 'more problem')})" if len(problems) > 1 else ""
        raise SourceError(f"{where}: {_complaint(problems[0], table)}{others}") from None
    if not notes:
        raise SourceError(f"{where}: has no notes.", _BEGIN)
    return tuple(
        Item(source=source, key=note.id, text=note.text, url=note.source, label=note.label, wordings=note.wordings)
        for note in notes
    )


def _table(content: bytes, where: str) -> dict[str, Any]:
    """The file as TOML has it, nothing in it looked at yet. Raises SourceError."""
    import tomllib

    if len(content) > MAX_BYTES:
        raise SourceError(f"{where}: is larger than {MAX_BYTES:,} bytes.", "Split it into several files.")
    # A key of many dotted parts costs tomllib time and memory by the square: 400,000 parts took all there was.
    if any(line.count(b".") > _MAX_DOTS_IN_LINE for line in content.splitlines()):
        raise SourceError(f"{where}: has a line with more than {_MAX_DOTS_IN_LINE} dots.", "Break the line up.")
    try:
        return {"note": []} | tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SourceError(f"{where}: is not UTF-8 (byte {error.start}).", "Save it as UTF-8.") from None
    except (ValueError, RecursionError) as error:  # ValueError: TOML's own error, or a number of too many digits
        raise SourceError(f"{where}: is not valid TOML: {plain.line(str(error))}.", "Mend that place.") from None


def _complaint(problem: ErrorDetails, table: dict[str, Any]) -> str:
    """A problem in a person's words: which note, which field, what, and what to do."""
    place: Sequence[int | str] = problem["loc"]
    known = _Note.model_fields if len(place) > 1 else _File.model_fields
    error = problem.get("ctx", {}).get("error")
    names = [plain.line(str(step), 64) if isinstance(step, str) else f"{step + 1}" for step in place]
    if len(place) > 2:
        key = table["note"][place[1]].get("id")
        names[1] += f" ({plain.line(key, 64)}):" if isinstance(key, str) and key else ":"
    if isinstance(error, InvalidValue):
        return f"{' '.join(names)} {error.message}. {error.remedy}".rstrip()
    if problem["type"] == "extra_forbidden":
        remedy = did_you_mean(str(place[-1]), known) or f"Known: {', '.join(known)}."
        return f"{' '.join(names[:-1])} the key {names[-1]} is unknown. {remedy}".lstrip()
    if problem["type"] == "missing":
        return f'{" ".join(names)} is missing. Write {names[-1]} = "…".'
    return f"note is not a list of tables. {_BEGIN}"
