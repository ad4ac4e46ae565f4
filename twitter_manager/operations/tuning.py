"""Changes one key of a bot's file, all else stays to the byte: what `tune` does, and what a report suggests."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path

from twitter_manager.domain import FORMATS
from twitter_manager.errors import SettingsProblems, TwitterManagerError, UsageError
from twitter_manager.files import replace_file
from twitter_manager.settings import sample_bot_file
from twitter_manager.settings.botfile import LARGEST, as_toml, parse
from twitter_manager.settings.files import Problems

_BARE = r"[A-Za-z0-9_-]+"


def tune(bot: str, home: Path, key: str, given: str) -> str:
    """Set a key (`limits.quiet_hours`) of the bot's file to a value, as TOML writes it or as plain words. Gives a line
    for a person. Raises TwitterManagerError, SettingsProblems (the file is as it was then)."""
    path = (home / "data" / "bots" / f"{bot}.toml").resolve()
    table, name = _parts(key)
    value = value_of(given)
    try:
        before = _read(path) if path.exists() else sample_bot_file()
        text = changed(before, table, name, value)
        if text is None:
            raise TwitterManagerError(
                f"{path} is written in a way that is not changed by itself.", _by_hand(key, value)
            )
        if len(text.encode()) > LARGEST:
            raise TwitterManagerError(f"{path} would be larger than {LARGEST // 1024} kB.", "Make it shorter.")
        _refuse_unsound(text, path, home)
        replace_file(path, text, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise TwitterManagerError(f"{path} can't be changed ({why}).", _by_hand(key, value)) from None
    return f"{key} is {as_toml(value)} from now on ({_before(before, table, name)}), in {path}."


def value_of(given: str) -> object:
    """What a person typed: a value of TOML, else a text."""
    try:
        value: object = tomllib.loads(f"value = {given}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return given
    return value if isinstance(value, bool | int | float | str | list) else given


def changed(text: str, table: str, name: str, value: object) -> str | None:
    """A bot file with this key set; None where it can't be done for sure. Raises UsageError, TOMLDecodeError."""
    bom = "\ufeff" * text.startswith("\ufeff")
    body = text.removeprefix(bom)
    wanted = _loads(body)
    # What a file leaves out of [formats] or [topics] has no weight: each holds as a whole.
    entries = wanted.setdefault(table, dict(FORMATS) if table == "formats" else {}) if table else wanted
    if not isinstance(entries, dict):
        return None
    if table == "topics" and not entries:
        remedy = "Name them all in [topics] first, each with its weight."
        raise UsageError(f"The bot's file names no topics, so all count alike; {name} would be the only one.", remedy)
    entries[name] = value
    for candidate in (_replaced(body, table, name, value), _added(body, table, name, entries)):
        try:
            if candidate is not None and tomllib.loads(candidate) == wanted:
                return bom + candidate
        except tomllib.TOMLDecodeError:
            continue
    return None


def _loads(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TwitterManagerError(f"The bot's file is no TOML ({error}).", "Mend it first.") from None


def _replaced(text: str, table: str, name: str, value: object) -> str | None:
    """The line of the key with another value; what stands behind it stays."""
    start, end = _span(text, table)
    if start < 0:
        return None
    line = re.compile(
        rf"^([ \t]*(?:{re.escape(name)}|{re.escape(as_toml(name))})[ \t]*=[ \t]*)([^\r\n]*)", re.MULTILINE
    )
    for match in line.finditer(text, start, end):
        comment = re.search(r"""[ \t]+#[^"'\r\n]*$""", match[2])
        return f"{text[: match.start()]}{match[1]}{as_toml(value)}{comment[0] if comment else ''}{text[match.end() :]}"
    return None


def _added(text: str, table: str, name: str, entries: dict[str, object]) -> str:
    """The key where there is none of it: at the head of its table, or in a new one at the end."""
    newline = "\r\n" if "\r\n" in text else "\n"
    start, _ = _span(text, table)
    if start < 0:
        lines = [f"[{table}]", *(f"{_key(each)} = {as_toml(entries[each])}" for each in entries)]
        return f"{text.rstrip()}{newline * 2}{newline.join(lines)}{newline}"
    return f"{text[:start]}{_key(name)} = {as_toml(entries[name])}{newline}{text[start:]}"


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
    if not name or (dot and not re.fullmatch(_BARE, table)) or not name.isprintable():
        raise UsageError(f"{key[:60]!r} is no key of a bot's file.", "Write it as limits.quiet_hours.")
    return table, name


def _key(name: str) -> str:
    return name if re.fullmatch(_BARE, name) else as_toml(name)


def _before(text: str, table: str, name: str) -> str:
    entries = tomllib.loads(text.removeprefix("\ufeff"))
    stood = (entries.get(table, {}) if table else entries).get(name)
    return "it was not set" if stood is None else f"it was {as_toml(stood)}"


def _by_hand(key: str, value: object) -> str:
    return f"Set {key} = {as_toml(value)} by hand."


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _refuse_unsound(text: str, path: Path, home: Path) -> None:
    problems = Problems()
    if parse(text.removeprefix("\ufeff"), f"data/bots/{path.name}", home, problems) is None:
        raise SettingsProblems(problems)
