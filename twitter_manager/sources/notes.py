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

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from twitter_manager.domain import Item
from twitter_manager.errors import Problem, SettingsProblems, SourceError
from twitter_manager.sources.material import Collected, Look

STARTER = "starter"
MAX_BYTES = 500_000
MAX_CHARACTERS = 230
"""Of a text or a wording, in code points: leaves 50 of X's 280 for an opener and hashtags."""
MAX_WORDINGS = 10
_MAX_DOTS_IN_LINE = 100
_MAX_PROBLEMS = 50

_KEYS = ("id", "label", "text", "wordings", "source", "checked")
_REQUIRED = ("id", "label", "text")
_JOINERS = "\u200c\u200d"  # format characters that some scripts and emoji sequences need


def collect(look: Look) -> Collected:
    """The notes of a source: a person's, or those that come with us. Raises SourceError."""
    source = look.source
    try:
        items = starter_items() if source.path is None else read_notes(source.path, source.name)
    except SettingsProblems as problems:
        others = f" ({len(problems.problems) - 1} more problems)" if len(problems.problems) > 1 else ""
        raise SourceError(f"{problems.problems[0]}{others}") from None
    return Collected(tuple(replace(item, source=source.name) for item in items), complete=True)


def read_notes(path: Path, source: str) -> tuple[Item, ...]:
    """The notes of a person's file as items of `source`, in the file's order.

    Raises SettingsProblems with everything that is wrong in the file."""
    try:
        if not path.is_file():  # also keeps us from waiting on a pipe or reading a device
            raise FileNotFoundError("there is no such file, or not a plain one")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        remedy = "Give the path of a TOML file that this user may read."
        raise SettingsProblems([Problem(_shown(str(path)), "", f"can't be read: {reason}.", remedy)]) from error
    return _items(data, _shown(str(path)), source)


def starter_items() -> tuple[Item, ...]:
    """The bundled notes, each looked up in the source it names. Their `source` is "starter"."""
    from importlib import resources

    file = resources.files(__package__).joinpath("starter_notes.toml")
    return _items(file.read_bytes(), file.name, STARTER)


def _items(data: bytes, where: str, source: str) -> tuple[Item, ...]:
    problems: list[Problem] = []
    items: list[Item] = []
    first_at: dict[str, int] = {}
    for number, table in enumerate(_tables(data, where), start=1):
        note = _Note(where, number, table)
        item = note.item(source)
        if item.key and first_at.setdefault(item.key, number) != number:
            note.add("id", f"is the id of note {first_at[item.key]} too.", "Give each note its own.")
        items.append(item)
        problems += note.problems
    _refuse(problems)
    return tuple(items)


def _tables(data: bytes, where: str) -> list[Mapping[str, object]]:
    """The file's `[[note]]` tables, nothing in them looked at yet."""
    import tomllib

    if len(data) > MAX_BYTES:
        _refuse([Problem(where, "", f"is larger than {MAX_BYTES:,} bytes.", "Split it into several files.")])
    # A key of many dotted parts costs tomllib time and memory by the square: 400,000 parts took all there was.
    if any(line.count(b".") > _MAX_DOTS_IN_LINE for line in data.splitlines()):
        _refuse([Problem(where, "", f"has a line with more than {_MAX_DOTS_IN_LINE} dots.", "Break the line up.")])
    try:
        content = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SettingsProblems(
            [Problem(where, "", f"is not UTF-8 (byte {error.start}).", "Save it as UTF-8.")]
        ) from error
    except (ValueError, RecursionError) as error:  # ValueError: TOML's own error, or a number of too many digits
        message = f"is not valid TOML: {_shown(str(error))}."
        raise SettingsProblems([Problem(where, "", message, "Mend that place.")]) from error
    tables: list[Mapping[str, object]] = content.pop("note", [])
    problems = [_unknown(where, "", key, ("note",)) for key in content]
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(Problem(where, "note", "is not a list of tables.", "Begin each note with [[note]]."))
    elif not tables and not problems:
        problems.append(Problem(where, "", "has no notes.", "Begin each note with [[note]]."))
    _refuse(problems)
    return tables


class _Note:
    """One table on its way to an item; collects its problems instead of stopping at the first."""

    def __init__(self, where: str, number: int, table: Mapping[str, object]) -> None:
        self._where = where
        self._table = table
        key = table.get("id")
        self._name = f"note {number}" + (f" ({_shown(key)})" if isinstance(key, str) and key else "")
        self.problems: list[Problem] = []

    def item(self, source: str) -> Item:
        """The item, of use only when there are no problems."""
        self.problems += [_unknown(self._where, self._name, key, _KEYS) for key in self._table if key not in _KEYS]
        for key in _REQUIRED:
            if key not in self._table:
                self.add(key, "is missing.", f'Write {key} = "…".')
        key = self._id()
        label = self._line("label", 40)
        text = self._line("text", MAX_CHARACTERS)
        wordings = self._wordings(text)
        url = self._line("source", 2000)
        if url and not re.fullmatch(r"https://[^\s/?#@:]+\.[^\s/?#@:]+([/?#]\S*)?", url):
            self.add("source", "is not an https:// address.", "Give the page that the fact was checked against.")
        self._check_date()
        return Item(source=source, key=key, text=text, url=url, label=label, wordings=wordings)

    def add(self, key: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(self._where, f"{self._name}: {key}", message, remedy))

    def _line(self, key: str, longest: int) -> str:
        return self._clean(key, self._table[key], longest) if key in self._table else ""

    def _clean(self, key: str, value: object, longest: int) -> str:
        """`value` as one plain line of text; a problem under `key` when it is none."""
        if not isinstance(value, str):
            self.add(key, "is not text.", "Put it in double quotes.")
            return ""
        line = value.strip()
        if not line:
            self.add(key, "is empty.", "Write it." if key in _REQUIRED else "Take it out.")
        if len(line) > longest:
            self.add(key, f"has {len(line)} characters, and {longest} are the limit.", "Shorten it.")
        bad = None if line.isprintable() else next(filter(_unprintable, line), None)  # asking each takes long
        if bad:
            self.add(key, f"has an invisible or control character (U+{ord(bad):04X}).", "Write it in one plain line.")
        return line

    def _id(self) -> str:
        value = self._table.get("id", "")
        if isinstance(value, str) and re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", value):
            return value
        if "id" in self._table:
            self.add("id", "is not a name.", "Use up to 64 small letters, digits and hyphens.")
        return ""

    def _wordings(self, text: str) -> tuple[str, ...]:
        value = self._table.get("wordings", [])
        if not isinstance(value, list) or len(value) > MAX_WORDINGS:
            self.add("wordings", f"is not a list of at most {MAX_WORDINGS}.", 'Write wordings = ["…", "…"].')
            return ()
        wordings: list[str] = []
        for number, entry in enumerate(value, start=1):
            key = f"wordings, number {number}"
            wording = self._clean(key, entry, MAX_CHARACTERS)
            if wording and wording in (text, *wordings):
                self.add(key, "is the same as another.", "Word it differently, or take it out.")
            wordings.append(wording)
        return tuple(wordings)

    def _check_date(self) -> None:
        value = self._table.get("checked", date.min)
        try:
            if not isinstance(value, date):  # TOML has dates of its own, which need no quotes
                date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            self.add("checked", "is not a date.", 'Write it as checked = "2026-11-21".')


def _unknown(where: str, field: str, key: str, known: tuple[str, ...]) -> Problem:
    import difflib

    near = difflib.get_close_matches(key[:64], known, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
    return Problem(where, field, f"the key {_shown(key)} is unknown.", remedy)


def _refuse(problems: list[Problem]) -> None:
    """Raise SettingsProblems if there are any; of very many, a listing that a terminal can hold."""
    if len(problems) > _MAX_PROBLEMS:
        more = Problem(
            problems[0].where, "", f"{len(problems) - _MAX_PROBLEMS} more problems.", "Mend the others first."
        )
        problems = [*problems[:_MAX_PROBLEMS], more]
    if problems:
        raise SettingsProblems(problems)


def _unprintable(character: str) -> bool:
    """True for what a reader can't see and a post must not carry: controls, line breaks, direction overrides."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and character not in _JOINERS


def _shown(value: str, longest: int = 200) -> str:
    """`value` fit for a message of one line, whatever is in it."""
    clean = "".join("?" if _unprintable(c) else c for c in value[:longest])
    return clean if len(value) <= longest else clean + "…"
