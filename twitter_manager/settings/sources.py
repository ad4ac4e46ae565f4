"""The `[[sources]]` of a bot file: a model for each kind, and the `Source` that it comes to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from twitter_manager.sources import Source
from twitter_manager.validation import (
    FLAG,
    InvalidValue,
    Rule,
    by,
    by_context,
    checked_text,
    choice,
    entries,
    text,
    web_address,
    whole,
)

TRUST = ("own", "known", "open")
"""Whose words a source gives: the person's own, those of somebody they chose, or anybody's."""
_TRUST = choice(*TRUST)
_ADDRESS = by(web_address)


def existing_path(*, resolved: bool = True, optional: bool = False) -> Rule:
    """The path of a file that is there; as it was given where not `resolved`. `optional`: an empty one is none."""

    def check(value: Any, info: ValidationInfo) -> Path | str | None:
        if optional and value == "":
            return None
        path = _placed(_place(value, info), info)
        if not _is_file(path):
            raise _no_file()
        return path if resolved else str(value)

    return by_context(check)


def _place(value: Any, info: ValidationInfo) -> str:
    """A path that may come and go (a look tells)."""
    place = checked_text(value, 1000)
    if not place:
        raise InvalidValue("is missing", "A source of this kind needs it.")
    _placed(place, info)
    return place


def _base_url(value: Any) -> str:
    """An address with placeholders for the path of a document (`sources/addresses.py`)."""
    from twitter_manager.sources.addresses import PLACEHOLDERS, unknown

    address = checked_text(value, 1000)
    if names := unknown(address):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise InvalidValue(f"holds {{{names[0][:40]}}}, which is no placeholder", f"There are {known}.")
    filled = re.sub(r"\{\w+\}", "x", address)
    web_address(filled)
    if "{" in filled or "}" in filled:
        raise InvalidValue("holds a lone brace", "Write a placeholder as {path}.")
    if "{" in address.partition("://")[2].partition("/")[0]:
        raise InvalidValue("has a placeholder for its host", "Put placeholders into the path only.")
    return address


class Table(BaseModel):
    """Built when a file is first checked, since that costs more than the rest of a run that finds nothing due."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class _Named(Table):
    name: Annotated[str, text(80)] = ""
    trust: Annotated[str, _TRUST] = "known"


class _Labelled(_Named):
    label: Annotated[str, text(40)] = ""
    link: Annotated[bool, FLAG] = True


class _Pictured(_Labelled):
    images: Annotated[bool, FLAG] = False


class Starter(Table):
    """The notes that come with the program."""

    kind: Literal["starter"] = "starter"


class Notes(_Named):
    """A file of the person's own notes."""

    kind: Literal["notes"]
    path: Annotated[str, existing_path(resolved=False)]
    trust: Annotated[str, _TRUST] = "own"


class Rss(_Pictured):
    """A feed."""

    kind: Literal["rss"]
    url: Annotated[str, _ADDRESS]
    max_items: Annotated[int, whole(0, 100)] = 10
    max_age_days: Annotated[int, whole(1, 3650)] = 14
    backfill: Annotated[int, whole(0, 100)] = 1
    every_minutes: Annotated[int, whole(5, 43200)] = 60


class Web(_Pictured):
    """Web pages."""

    kind: Literal["web"]
    urls: Annotated[tuple[Annotated[str, _ADDRESS], ...], entries(100, least=1)]
    every_minutes: Annotated[int, whole(5, 43200)] = 1440


class Files(_Pictured):
    """A folder of documents, or one."""

    kind: Literal["files"]
    path: Annotated[str, by_context(_place)]
    patterns: Annotated[tuple[Annotated[str, text(200)], ...], entries(50, least=1)] = ()
    base_url: Annotated[str, by(_base_url)] = ""
    max_age_days: Annotated[int, whole(1, 3650)] = 365
    trust: Annotated[str, _TRUST] = "own"


class Git(_Labelled):
    """A local repository."""

    kind: Literal["git"]
    path: Annotated[str, by_context(_place)]
    commits: Annotated[bool, FLAG] = False
    max_items: Annotated[int, whole(0, 100)] = 10
    max_age_days: Annotated[int, whole(1, 3650)] = 14
    backfill: Annotated[int, whole(0, 100)] = 1
    trust: Annotated[str, _TRUST] = "own"


SourceTable = Annotated[Starter | Notes | Rss | Web | Files | Git, Field(discriminator="kind")]
KINDS: dict[str, type[Table]] = {
    "starter": Starter,
    "notes": Notes,
    "rss": Rss,
    "web": Web,
    "files": Files,
    "git": Git,
}
EVERY_MINUTES = {"rss": 60, "web": 1440}
"""How often a source is asked where the file doesn't say. What lies on this machine is looked at each time."""


BUNDLED = Source(trust="own")
"""The notes on programming that come with the program."""


def serving(named: Sequence[Source], *, on_trial: bool) -> tuple[Source, ...]:
    """The sources that a bot posts from: its own. The bundled notes serve a bot that names nothing else, and one that
    is `on_trial`: without a file and without an account."""
    own = tuple(source for source in named if source.kind != BUNDLED.kind)
    return own or tuple(named) or (BUNDLED,) * on_trial


def keys_of_kinds() -> dict[str, list[str]]:
    """By key: the kinds of sources that may have it."""
    names = dict.fromkeys(name for model in KINDS.values() for name in model.model_fields)
    return {name: [kind for kind, model in KINDS.items() if name in model.model_fields] for name in names}


class FromTable:
    """A `Source`, written as one of the tables above; paths count from the `home` of the validation's context."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(_source, handler.generate_schema(SourceTable))


def _source(table: Table, info: ValidationInfo) -> Source:
    values = table.model_dump()
    if isinstance(table, Starter):
        return BUNDLED
    name = values.pop("name")
    if given := values.get("path", ""):
        values["path"] = _placed(given, info)
        name = name or (f"notes:{values['path']}" if isinstance(table, Notes) else given)
    if "url" in values:
        values["urls"] = (values.pop("url"),)
    return Source(name=name or values["urls"][0].partition("://")[2].rstrip("/")[:80], **values)


def _placed(given: str, info: ValidationInfo) -> Path:
    """The absolute path. Raises InvalidValue."""
    home: Path = (info.context or {}).get("home", Path())
    try:
        return home / Path(given).expanduser()
    except (OSError, RuntimeError):
        raise _no_file() from None


def _no_file() -> InvalidValue:
    return InvalidValue("is no file that is there", "It counts from the folder that holds .env.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that can't be one is not there
        return False
