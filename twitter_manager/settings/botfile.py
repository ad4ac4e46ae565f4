"""The bot file `data/bots/NAME.toml`: read, checked, and written as a commented sample or a JSON Schema.

What it may hold stands in the models alone (`records.BotFile` and its tables, `sources.py`): rules, defaults and help.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from twitter_manager.domain import FORMATS, Persona
from twitter_manager.schedule import Schedule
from twitter_manager.settings.files import Problems, read_text
from twitter_manager.settings.records import (
    WHEN,
    Answers,
    ApproveWhen,
    BotFile,
    Learn,
    Limits,
    Listen,
    Mcp,
    Notify,
    Style,
    Threads,
)
from twitter_manager.settings.sources import KINDS, keys_of_kinds
from twitter_manager.validation import InvalidValue, did_you_mean

LARGEST = 256 * 1024
"""Bytes of a bot file."""
_MAX_DOTS_IN_LINE = 1000
TABLES: Mapping[str, type] = {
    "": BotFile,
    "approve_when": ApproveWhen,
    "schedule": Schedule,
    "limits": Limits,
    "persona": Persona,
    "threads": Threads,
    "style": Style,
    "mcp": Mcp,
    "notify": Notify,
    "listen": Listen,
    "learn": Learn,
    "answers": Answers,
}
_TABLE_NAMES = (*TABLES, "sources", "topics", "formats")
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
"""What pydantic calls a key that a model, or a dataclass, does not know."""
_POST, _LEAST_TEXT = 280, 40
"""Characters of a post on the tightest platform, and what must be left of them beside what is appended to each."""


def keys(table: str) -> dict[str, FieldInfo]:
    """The keys of a table with their help and example."""
    model = TABLES[table]
    if issubclass(model, BaseModel):
        fields = model.model_fields.items()
        return {name: info for name, info in fields if table or name not in _TABLE_NAMES}
    hints = get_type_hints(model, include_extras=True)
    return {name: info for name, hint in hints.items() for info in hint.__metadata__ if isinstance(info, FieldInfo)}


def check_key(path: str, value: object) -> None:
    """Raises InvalidValue where a key (`persona.name`) can't have that value."""
    table, _, name = path.rpartition(".")
    try:
        BotFile.model_validate({table: {name: value}} if table else {name: value})
    except ValidationError as error:
        raise next(invalid for _, invalid in _invalid(error)) from None


def read(path: Path, where: str, home: Path, problems: Problems) -> BotFile | None:
    """The bot file, or None where it has problems (all are noted)."""
    try:
        content = read_text(path, LARGEST, private=False)
    except FileNotFoundError:
        gone = InvalidValue("is not there", "It was removed in this moment, or its link leads nowhere.")
        problems.note(where, "", gone)
    except InvalidValue as invalid:
        problems.note(where, "", invalid)
    else:
        return parse(content, where, home, problems)
    return None


def parse(content: str, where: str, home: Path, problems: Problems) -> BotFile | None:
    """The same for the text of one."""
    try:
        document = _parsed(content)
    except InvalidValue as invalid:
        problems.note(where, "", invalid)
        return None
    return from_document(document, where, home, problems)


def _parsed(content: str) -> dict[str, Any]:
    import tomllib

    # A key of many dotted parts costs tomllib time and memory by the square: 30,000 parts took 14 s and 3.5 GB.
    if any(line.count(".") > _MAX_DOTS_IN_LINE for line in content.splitlines()):
        raise InvalidValue(f"has a line with more than {_MAX_DOTS_IN_LINE} dots", "Break the line up.")
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise InvalidValue(f"is not TOML: {str(error)[:200]}", "Mend that line.") from None
    except (ValueError, RecursionError):
        raise InvalidValue("is not TOML: a number or a nesting beyond measure") from None


def from_document(document: Mapping[str, Any], where: str, home: Path, problems: Problems) -> BotFile | None:
    """The parsed file as a record, or None where it has problems (all are noted, each with its path)."""
    try:
        bot = BotFile.model_validate(document, context={"home": home})
    except ValidationError as error:
        faults = list(_invalid(error))
    else:
        faults = list(_misfits(bot, document))
        if not faults:
            return bot
    for field, invalid in faults:
        problems.note(where, field[:100], invalid)
    return None


def _misfits(bot: BotFile, document: Mapping[str, Any]) -> Iterator[tuple[str, InvalidValue]]:
    """Values that are sound alone and don't go together."""
    if {"every_hours", "times"} <= document.get("schedule", {}).keys():
        yield "schedule", InvalidValue("has both every_hours and times", "Remove one of them.")
    if len(bot.hashtags) > bot.max_hashtags:
        remedy = "Raise it, or leave some out."
        yield "hashtags", InvalidValue("has more entries than max_hashtags allows", remedy)
    appended = sum(len(tag) + 2 for tag in bot.hashtags) + len(bot.signature) + 1
    if (left := (bot.style.max_chars or _POST) - appended) < _LEAST_TEXT:
        remedy = f"Shorten hashtags and signature: they take {appended} characters of each post."
        field = "style.max_chars" if bot.style.max_chars else "signature"
        yield field, InvalidValue(f"leaves {max(0, left)} characters to the text", remedy)
    if (bot.approve == WHEN) != (bot.approve_when != ApproveWhen()):
        if bot.approve == WHEN:
            remedy = 'Say in [approve_when] which posts you want to see, or write approve = "always".'
            yield "approve", InvalidValue('is "when", and [approve_when] names no post', remedy)
        else:
            remedy = 'Write approve = "when", or take the table out.'
            yield "approve_when", InvalidValue(f'says nothing where approve is "{bot.approve}"', remedy)
    names = [source.name for source in bot.sources]
    for at, name in enumerate(names):
        if name in names[:at]:
            again = InvalidValue("is the name of another source too", "Give each its own name.")
            yield f"sources[{at}].name", again


def _invalid(error: ValidationError) -> Iterator[tuple[str, InvalidValue]]:
    """What pydantic found, with the path in the file and in a person's words."""
    faults = [(tuple(_steps(fault["loc"])), fault) for fault in error.errors(include_url=False)]
    unknown = {steps[:-1] for steps, fault in faults if fault["type"] in _UNKNOWN}
    for steps, fault in faults:
        if fault["type"] == "missing" and steps[:-1] in unknown:
            continue  # the key is there under a misspelt name
        context = fault.get("ctx", {})
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
        if fault["type"].startswith("union_tag"):
            path += ".kind"
        yield path, _words(fault["type"], fault["msg"], context, steps, fault["input"])


def _steps(location: tuple[int | str, ...]) -> Iterator[int | str]:
    """The path in the file: without what pydantic says of a table's kind, or of a key's name."""
    for at, step in enumerate(location):
        if step != "[key]" and not (at == 2 and location[0] == "sources"):
            yield step


def _words(kind: str, message: str, context: Any, steps: tuple[int | str, ...], value: Any) -> InvalidValue:
    if isinstance(invalid := context.get("error"), InvalidValue):
        return invalid
    name = str(steps[-1]) if steps else ""
    if kind == "worded":
        return InvalidValue(message, context["remedy"])
    if kind == "missing":
        return InvalidValue("is missing", "A source of this kind needs it.")
    if kind in _UNKNOWN:
        return _unknown_key(steps, name)
    if kind.startswith("union_tag"):
        kinds = ", ".join(KINDS)
        if kind == "union_tag_not_found":
            return InvalidValue("is missing", f'Say kind = "rss", or one of {kinds}.')
        given = value.get("kind") if isinstance(value, dict) else None
        return InvalidValue(f"must be one of {kinds}", did_you_mean(given, KINDS) if isinstance(given, str) else "")
    table = "[[sources]]" if steps[:1] == ("sources",) else f"[{name}]"
    return InvalidValue("must be a table", f"Write it as {table}.")


def _unknown_key(steps: tuple[int | str, ...], name: str) -> InvalidValue:
    """A key that is no setting there, with what may have been meant: one of this table, or where it belongs."""
    table = str(steps[0]) if steps[1:] else ""
    if table == "sources":
        by_key = keys_of_kinds()
        if name in by_key:
            return InvalidValue(f"is only for {', '.join(by_key[name])}", "Remove it, or mend kind.")
        return InvalidValue("is no setting of a bot", did_you_mean(name, by_key))
    homes = [other for other in TABLES if name in keys(other)]
    known = [*keys(table), *(_TABLE_NAMES if not table else ())]
    remedy = did_you_mean(name, filter(None, known))
    if homes:
        remedy = f"It belongs into [{homes[0]}]." if homes[0] else "It belongs to the top, before any [table]."
    return InvalidValue("is no setting of a bot", remedy)


def json_schema() -> dict[str, Any]:
    """What a bot file may hold, as editors read it."""
    schema = BotFile.model_json_schema() | {"title": "A bot of twitter_manager"}
    shown: dict[str, Any] = _without_empty_defaults(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | shown


def _without_empty_defaults(part: Any) -> Any:
    """TOML has no null, and an editor would offer it."""
    if isinstance(part, list):
        return [_without_empty_defaults(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    return {name: _without_empty_defaults(entry) for name, entry in part.items() if (name, entry) != ("default", None)}


def sample_bot_file(changes: Mapping[str, object] | None = None, tables: str = "") -> str:
    """The text of a bot file in which every key stands with its default. `changes`: other values, by path
    (`persona.name`), None takes a key out; `tables`: those of its sources."""
    changes = changes or {}
    lines = list(_HEAD)
    for table, model in TABLES.items():
        lines += ["", f"[{table}]"] if table else []
        defaults = model()
        for name, info in keys(table).items():
            path = f"{table}.{name}" if table else name
            lines += [f"# {info.description}"] if info.description else []
            if info.examples and path not in changes:
                lines.append(f"# {name} = {as_toml(info.examples[0])}")
            else:
                value = changes.get(path, default := getattr(defaults, name))
                lines.append(f"# {name} = {as_toml(default)}" if value is None else f"{name} = {as_toml(value)}")
    sources = resources.files(__package__).joinpath("sample_sources.toml").read_text("utf-8")
    return "\n".join([*lines, *_WEIGHTS, sources, tables] if tables else [*lines, *_WEIGHTS, sources])


def as_toml(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {as_toml(entry)}' for name, entry in value.items())} }}"
    return str(value).lower() if isinstance(value, bool) else str(value)


_HEAD = (
    "#:schema ./bot.schema.json",
    "# A bot. Every line can be left out; what stands here are the defaults. An editor that knows TOML helps while you",
    "# type, once this is done here: python -m twitter_manager schema bot > bot.schema.json",
)
_WEIGHTS = (
    "",
    "# What to write about: labels of the material, with weights. None: every label there is.",
    "[topics]",
    "# git = 2",
    "# python = 1",
    "",
    f"# In which form, with weights: {', '.join(FORMATS)}.",
    "# Of those that suit the material one is drawn; where none does, the post plainly says what the material says.",
    "# A question and a comparison need a model that writes.",
    "[formats]",
    *(f"{as_toml(name)} = {weight:g}" if " " in name else f"{name} = {weight:g}" for name, weight in FORMATS.items()),
    "",
)
