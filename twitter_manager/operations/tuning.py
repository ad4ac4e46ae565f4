"""Changes one key of a bot's file, all else stays to the byte: what `tune`, `topics --set` and `lessons accept` do."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from twitter_manager.domain import FORMATS
from twitter_manager.errors import SettingsProblems, TwitterManagerError, UsageError
from twitter_manager.files import replace_file
from twitter_manager.operations.sources import bot_file, read_exactly, why_unreadable
from twitter_manager.operations.sources import table as source_table
from twitter_manager.operations.weights import topic_weights
from twitter_manager.settings import Bot, sample_bot_file
from twitter_manager.settings.botfile import LARGEST, TABLES, as_toml, keys, parse
from twitter_manager.settings.files import Problems
from twitter_manager.settings.records import MOST_TOPICS
from twitter_manager.store.database import Database

_BARE = r"[A-Za-z0-9_-]+"


def tune(db: Database | None, bot: Bot, home: Path, changes: Mapping[str, object]) -> list[str]:
    """Set keys (`limits.quiet_hours`) of the bot's file, all or none. Gives a line for each, for a person. Raises
    TwitterManagerError, SettingsProblems (the file is as it was then)."""
    weights = topic_weights(db, bot)
    path = bot_file(bot.name, home)
    by_hand = f"Set by hand: {'; '.join(f'{key} = {as_toml(value)}' for key, value in changes.items())}"
    lines = []
    try:
        # Without a file the bot posts the notes that come with the program: with one it must name them.
        sources = "\n".join(source_table(source, home) for source in bot.sources)
        text = read_exactly(path) if path.exists() else sample_bot_file(tables=sources)
        for key, value in changes.items():
            part, name, before = _meant(text, key, weights)
            new = changed(text, part, name, value, weights)
            if new is None:
                raise TwitterManagerError(f"{path} is written in a way that is not changed by itself.", by_hand)
            is_first = part == "topics" and not _loads(text).get(part)
            whole = " All labels there are now stand there; a new one needs a line." * is_first
            spelt = f"{part}.{name}" if part else name
            lines.append(f"{spelt} is {as_toml(value)} from now on ({before}), in {path}.{whole}")
            text = new
        if len(text.encode()) > LARGEST:
            raise TwitterManagerError(f"{path} would be larger than {LARGEST // 1024} kB.", "Make it shorter.")
        _refuse_unsound(text, path, home)
        replace_file(path, text, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
    except (OSError, UnicodeDecodeError) as error:
        raise TwitterManagerError(f"{path} can't be changed ({why_unreadable(error)}).", by_hand) from None
    return lines


def value_of(given: str) -> object:
    """What a person typed: a value of TOML, else a text."""
    try:
        value: object = tomllib.loads(f"value = {given}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return given
    return value if isinstance(value, bool | int | float | str | list) else given


def changed(
    text: str, table: str, name: str, value: object, weights: Mapping[str, float] = MappingProxyType({})
) -> str | None:
    """A bot file with this key set; None where it can't be done for sure. `weights`: those that topics have where the
    file names none. Raises UsageError, TwitterManagerError."""
    bom = "\ufeff" * text.startswith("\ufeff")
    body = text.removeprefix(bom)
    wanted = _loads(body)
    there = wanted.get(table, {}) if table else wanted
    if not isinstance(there, dict):
        return None
    entries = {**_entries(there, table, weights), name: value}
    if table == "topics" and len(entries) == 1 and not there:
        remedy = "Name them all in [topics] first, each with its weight."
        raise UsageError(f"The bot's file names no topics, so all count alike; {name} would be the only one.", remedy)
    if table == "topics" and len(entries) > MOST_TOPICS:
        remedy = "Write those that you want into [topics], each with its weight: what is not named there is not chosen."
        raise UsageError(f"The bot has {len(entries):,} topics, and its file names {MOST_TOPICS} at most.", remedy)
    wanted = wanted | {table: entries} if table else entries
    new = {key: entry for key, entry in entries.items() if key not in there}
    for candidate in (_replaced(body, table, name, value), _added(body, table, new)):
        try:
            if candidate is not None and tomllib.loads(candidate) == wanted:
                return bom + candidate
        except tomllib.TOMLDecodeError:
            continue
    return None


def _entries(there: Mapping[str, object], table: str, weights: Mapping[str, float]) -> Mapping[str, object]:
    """What a table of the file says, or the weights that hold where it says nothing: [formats] and [topics] hold as a
    whole, and what they leave out has no weight."""
    standing = {"formats": FORMATS, "topics": weights}.get(table, {})
    return there or {name: int(weight) if weight == int(weight) else weight for name, weight in standing.items()}


def _loads(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise TwitterManagerError(f"The bot's file is no TOML ({error}).", "Mend it first.") from None


def _replaced(text: str, table: str, name: str, value: object) -> str | None:
    """The line of the key with another value; what stands behind it stays."""
    start, end = _span(text, table)
    if start < 0:
        return None
    spellings = "|".join(map(re.escape, (name, as_toml(name), f"'{name}'")))
    line = re.compile(rf"^([ \t]*(?:{spellings})[ \t]*=[ \t]*)([^\r\n]*)", re.MULTILINE)
    for match in line.finditer(text, start, end):
        return f"{text[: match.start()]}{match[1]}{as_toml(value)}{_comment(match[2])}{text[match.end() :]}"
    return None


def _comment(behind: str) -> str:
    """What stands behind the value on its line, with the blanks before it: a # in a text begins none."""
    for mark in re.finditer("#", behind):
        try:
            tomllib.loads(f"value = {behind[: mark.start()]}")
        except tomllib.TOMLDecodeError:
            continue
        return behind[len(behind[: mark.start()].rstrip()) :]
    return ""


def _added(text: str, table: str, new: Mapping[str, object]) -> str:
    """The keys where there is none of them: at the head of their table, or in a new one at the end."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = "".join(f"{_key(each)} = {as_toml(entry)}{newline}" for each, entry in new.items())
    start, _ = _span(text, table)
    if start < 0:
        before = f"{text.rstrip()}{newline * 2}" if text.strip() else ""
        return f"{before}[{table}]{newline}{lines}"
    head = text[:start]
    return f"{head}{newline * (bool(head) and not head.endswith(newline))}{lines}{text[start:]}"


def _span(text: str, table: str) -> tuple[int, int]:
    """Where a table's keys begin and end; (-1, -1) where there is none. "" is what stands before all tables."""
    heads = list(re.finditer(r"^[ \t]*\[.*(?:\n|\Z)", text, re.MULTILINE))
    if not table:
        return 0, heads[0].start() if heads else len(text)
    for number, head in enumerate(heads):
        if re.match(rf"""[ \t]*\[[ \t]*["']?{re.escape(table)}["']?[ \t]*\][ \t]*(#.*)?$""", head[0].rstrip("\r\n")):
            return head.end(), heads[number + 1].start() if number + 1 < len(heads) else len(text)
    return -1, -1


def _parts(key: str) -> tuple[str, str]:
    table, dot, name = key.partition(".")
    table, name = (table, name) if dot else ("", table)
    if key in TABLES and key:
        raise UsageError(f"{key} is a table of a bot's file.", f"Name a key of it: {key}.{next(iter(keys(key)))}.")
    if not name or (dot and not re.fullmatch(_BARE, table)) or not name.isprintable():
        raise UsageError(f"{key[:60]!r} is no key of a bot's file.", "Write it as limits.quiet_hours.")
    return table, name


def _key(name: str) -> str:
    return name if re.fullmatch(_BARE, name) else as_toml(name)


def _meant(text: str, key: str, weights: Mapping[str, float]) -> tuple[str, str, str]:
    """The table and the name that a key means, as they are spelt in the file, and what stood there, in words. Topics
    and formats are the same in large and small letters. Raises UsageError, TwitterManagerError."""
    from twitter_manager.writing.scoring import fold

    table, name = _parts(key)
    file = _loads(text)
    there = file.get(table, {}) if table else file
    entries = _entries(there, table, weights) if isinstance(there, dict) else {}
    if table in ("topics", "formats"):
        name = next((known for known in entries if fold(known) == fold(name)), name)
    stood = entries.get(name)
    return table, name, "it was not set" if stood is None else f"it was {as_toml(stood)}"


def _refuse_unsound(text: str, path: Path, home: Path) -> None:
    problems = Problems()
    if parse(text.removeprefix("\ufeff"), f"data/bots/{path.name}", home, problems) is None:
        raise SettingsProblems(problems)
