"""Files of posts, one a row: CSV, JSON Lines or Markdown, in the words of the options of `post`.

Only the form is read here. A row that is off stands as a Problem in its place; what a row says is checked by
`importing`. What is no file of posts at all raises UsageError."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

from twitter_manager.errors import Problem, UsageError
from twitter_manager.files import UnfitFile, read_small
from twitter_manager.validation import did_you_mean

MOST_BYTES, MOST_POSTS, MOST_CHARACTERS = 20 * 2**20, 10_000, 20_000
"""Of one file, and the characters of one of its values."""
_ONE = ("text", "at", "expires", "every", "until", "no_alt")
_SEVERAL = ("part", "variant", "platform", "image", "alt")
FIELDS = (*_ONE, *_SEVERAL)
_HEADER = 'Its first line names the columns: text, and those you need of at, image, alt and so on ("text,at").'


@dataclass(frozen=True, slots=True)
class Row:
    """What a file says of one post, by field."""

    line: int
    """Where it begins, from 1."""
    said: Mapping[str, tuple[str, ...]]
    """Nothing empty, but for an image's alt text."""

    def one(self, field: str) -> str:
        """The value of a field that has one; "" where nothing was said."""
        return next(iter(self.said.get(field, ())), "")


class _Off(Exception):
    """A row that is off: the field, what is wrong, and what to do."""

    def __init__(self, field: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.field, self.message, self.remedy = field, message, remedy

    def at(self, where: str) -> Problem:
        return Problem(where, self.field, self.message, self.remedy)


_Post = tuple[int, list[tuple[str, str]] | _Off]
"""The line where it begins, and each field with its value in the order in which they stand, or what is wrong."""


def read(path: Path) -> list[Row | Problem]:
    """The rows of a file, or what is wrong with one. Raises UsageError."""
    reader = _FORMATS.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path} is no file of posts.", f"Its name ends in {', '.join(_FORMATS)}.")
    posts = list(islice(reader(_text(path), path), MOST_POSTS + 1))
    if len(posts) > MOST_POSTS:
        raise UsageError(f"{path} has more than {MOST_POSTS:,} posts.", "Split it.")
    if not posts:
        raise UsageError(f"{path} has no posts.", "See docs/commands.md for how to write one.")
    return [_row(line, said, place(path, line)) for line, said in posts]


def place(path: Path, line: int) -> str:
    """Where something stands, for a person."""
    return f"{path}, line {line}"


def _row(line: int, said: list[tuple[str, str]] | _Off, where: str) -> Row | Problem:
    try:
        if isinstance(said, _Off):
            raise said
        return Row(line, _by_field(said))
    except _Off as off:
        return off.at(where)


def _by_field(said: list[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    values: dict[str, list[str]] = {field: [] for field in FIELDS}
    for field, value in said:
        values[field].append(value.replace("\r\n", "\n").replace("\r", "\n").strip())
    pictures = [pair for pair in zip_longest(values.pop("image"), values.pop("alt"), fillvalue="") if any(pair)]
    if bare := [alt for image, alt in pictures if not image]:
        raise _Off("alt", f"“{bare[0][:60]}” has no image.", "Give an image its alt in the same order.")
    if long := [field for field, given in values.items() if any(len(value) > MOST_CHARACTERS for value in given)]:
        raise _Off(
            long[0], f"has more than {MOST_CHARACTERS:,} characters.", "Is a quote missing, or a line between posts?"
        )
    named = {field: tuple(filter(None, given)) for field, given in values.items()}
    named["platform"] = tuple(re.split(r"[\s,;]+", " ".join(named["platform"]).casefold())) if named["platform"] else ()
    if twice := [field for field in _ONE if len(named[field]) > 1]:
        raise _Off(twice[0], "is said twice.", "Leave one of them out.")
    alts = tuple(alt for _, alt in pictures)
    return named | {"image": tuple(image for image, _ in pictures), "alt": alts if any(alts) else ()}


def _field(name: str) -> str:
    """The field that a column or key names, whichever way it is written: "No alt", "image 2"."""
    written = re.sub(r"[\s_-]+", "_", name.strip().casefold())
    numbered = re.sub(r"_?\d{1,3}\Z", "", written)
    return numbered if numbered in _SEVERAL else written


def _unknown(name: str, fields: Iterable[str] = FIELDS) -> str:
    return did_you_mean(_field(name), fields) or f"There are: {', '.join(fields)}."


# -- bytes to text ---------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    """The file's text. Raises UsageError."""
    try:
        content = read_small(path, MOST_BYTES)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist.", "Give the file's path.") from None
    except UnfitFile as error:
        raise UsageError(f"{path} {error.message}.", error.remedy) from None
    remedy = 'Save it as UTF-8 (in a spreadsheet: "CSV UTF-8").'
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UsageError(f"{path} is UTF-16.", remedy)
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{place(path, line)}: it is not UTF-8.", remedy) from None
    if "\0" in text:
        raise UsageError(f"{place(path, text.count(chr(10), 0, text.index(chr(0))) + 1)}: it is no text.", remedy)
    return text


# -- the formats -----------------------------------------------------------------------------------------


def _csv(text: str, path: Path) -> Iterator[_Post]:
    """A column a field; a field of several values takes as many columns."""
    told, _, after = text.partition("\n")
    skipped = told.strip().casefold().startswith("sep=")  # which some spreadsheets write
    reader = csv.reader(io.StringIO(after if skipped else text, newline=""), delimiter=_delimiter(text), strict=True)
    header: list[str] = []
    began = 1
    try:
        for cells in reader:
            line, began = began + skipped, reader.line_num + 1
            if not any(map(str.strip, cells)):
                continue
            if header:
                yield line, _cells(header, cells)
            else:
                header = _columns(cells, place(path, line))
    except csv.Error as error:
        if not header:
            raise UsageError(f"{path} has no header ({error}).", _HEADER) from None
        quotes = 'A text with a quote in it stands in quotes, and the quote in it twice: "so ""called"" here".'
        yield began + skipped, _Off("", f"it can't be read: {error}.", quotes)


def _delimiter(text: str) -> str:
    """What stands between the columns' names."""
    header = next((line for line in text.splitlines()[:50] if line.strip() and not line.startswith("sep=")), "")
    return max(",;\t", key=lambda mark: sum(_field(name.strip('"')) in FIELDS for name in header.split(mark)))


def _columns(cells: list[str], where: str) -> list[str]:
    """The fields that the header names. Raises UsageError."""
    fields = list(map(_field, cells))
    if not set(fields) & set(FIELDS):
        raise UsageError(f"{where}: it has no header.", _HEADER)
    for name, field in zip(cells, fields, strict=True):
        if field and field not in FIELDS:
            raise UsageError(f"{where}: “{name.strip()[:40]}” is no column of posts.", _unknown(name))
    if "text" not in fields:
        raise UsageError(f"{where}: it has no column text.", _HEADER)
    return fields


def _cells(header: list[str], cells: list[str]) -> list[tuple[str, str]] | _Off:
    said = [(field, cell) for field, cell in zip_longest(header, cells, fillvalue="") if cell.strip() or field]
    if any(not field for field, _ in said):
        remedy = "A text with the mark that separates columns stands in quotes."
        return _Off("", f"it has {len(cells)} columns, and the header names {len(header)}.", remedy)
    return said


def _json_lines(text: str, path: Path) -> Iterator[_Post]:
    """An object a line; a field of several values takes a list."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, _keys(json.loads(line, object_pairs_hook=list))
            except _Off as off:
                yield number, off
            except (ValueError, RecursionError):
                yield number, _Off("", "it is no JSON.", 'Write an object a line: {"text": "…", "at": "Fri 09:00"}')


def _keys(entry: object) -> list[tuple[str, str]]:
    """The fields of one object, which was read as a list of pairs. Raises _Off."""
    if not isinstance(entry, list) or not all(isinstance(pair, tuple) for pair in entry):
        raise _Off("", "it is no object.", 'Write {"text": "…"}.')
    said: list[tuple[str, str]] = []
    for key, value in entry:
        field = _field(key)
        if field not in FIELDS:
            raise _Off(key[:40], "there is no such field.", _unknown(key))
        if isinstance(value, bool) and field == "no_alt":
            value = "yes" if value else ""
        values = value if isinstance(value, list) and field in _SEVERAL else [value]
        if not all(each is None or isinstance(each, str) for each in values):
            raise _Off(field, "it must be a text in quotes.", 'Write "…".')
        said += [(field, each or "") for each in values]
    return said


_KEY = re.compile(r"\s{0,3}([A-Za-z][A-Za-z_ -]{0,15}\d{0,3})\s*:(?:\s+(.*))?")
_BETWEEN_POSTS, _BETWEEN_PARTS = re.compile(r"-{3,}\s*"), re.compile(r"\*{3}\s*")
_KEYS = tuple(field for field in FIELDS if field != "text")


def _markdown(text: str, path: Path) -> Iterator[_Post]:
    """Posts with `---` between them, each with `key: value` lines first; `***` stands between a thread's parts."""
    lines: list[str] = []
    for number, line in enumerate([*text.split("\n"), "---"], start=1):
        if not _BETWEEN_POSTS.fullmatch(line):
            lines.append(line)
            continue
        blank = next((at for at, each in enumerate(lines) if each.strip()), len(lines))
        if blank < len(lines):
            try:
                yield number - len(lines) + blank, _section(lines[blank:])
            except _Off as off:
                yield number - len(lines) + blank, off
        lines = []


def _section(lines: list[str]) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    while lines and (key := _KEY.fullmatch(lines[0].rstrip())):
        field = _field(key[1])
        if field not in _KEYS:
            if not key[1].islower():  # "Note: bring a lamp" is how a post begins
                break
            remedy = f"{_unknown(field, _KEYS)} If the post begins so, write a capital letter."
            raise _Off(key[1], "there is no such key.", remedy)
        said.append((field, key[2] or ""))
        lines = lines[1:]
    texts: list[list[str]] = [[]]
    for line in lines:
        if _BETWEEN_PARTS.fullmatch(line):
            texts.append([])
        else:
            texts[-1].append(line)
    first, *others = ("\n".join(part) for part in texts)
    return [*said, ("text", first), *(("part", other) for other in others)]


_FORMATS: Mapping[str, Callable[[str, Path], Iterator[_Post]]] = {
    ".csv": _csv,
    ".jsonl": _json_lines,
    ".md": _markdown,
}
