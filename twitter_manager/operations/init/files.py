"""Writes the files of a new bot: all of them or none, none over what is there, each for its owner alone.

A process that dies in between leaves nothing by which other verbs fail: a bot's own `.env` is written while its bot
file says that the bot rests (`UNFINISHED`), and that file `init` finishes when it is run again.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from twitter_manager.errors import TwitterManagerError
from twitter_manager.files import make_folder, replace_file
from twitter_manager.operations.init.material import Material
from twitter_manager.operations.sources import table
from twitter_manager.platforms import SPECS
from twitter_manager.settings import sample_bot_file, sample_env
from twitter_manager.settings.botfile import as_toml
from twitter_manager.settings.env import bot_env, with_values
from twitter_manager.sources.notes import note_file

UNFINISHED = (
    "# init was cut off before this bot was finished: run init with the same name once more.\nenabled = false\n"
)
_MODE = 0o600
Check = Callable[[Mapping[str, str]], None]
"""Says, by raising, that a run could not read what is written; takes the keys that were."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new bot is to be."""

    bot: str
    traits: Mapping[str, object]
    """Keys of its file, by path."""
    material: Material
    keys: Mapping[str, str]
    """Values for its own `.env`, or for the first one."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What a bot that is there is to have besides."""

    bot: str
    platforms: tuple[str, ...]
    before: tuple[str, ...]
    """Where its file lets it post now."""
    keys: Mapping[str, str]
    standing: Mapping[str, Path] = field(default_factory=dict)
    """The file of each key that is there already."""

    def by_file(self, home: Path) -> Mapping[Path, Mapping[str, str]]:
        """The keys by the file that is to hold them."""
        own, files = keys_of(home, self.bot), dict[Path, dict[str, str]]()
        for name, value in self.keys.items():
            files.setdefault(self.standing.get(name, own), {})[name] = value
        return files


def bot_file(home: Path, bot: str) -> Path:
    """The file that says what the bot does."""
    return home / "data" / "bots" / f"{bot}.toml"


def key_file(home: Path, bot: str) -> Path:
    """Where the bot's keys go: `.env` where there is none yet, else a file of its own."""
    return bot_file(home, bot).with_suffix(".env") if os.path.lexists(home / ".env") else home / ".env"


def keys_of(home: Path, bot: str) -> Path:
    """Where the keys of a bot that is there are: in a file of its own, or in `.env`."""
    own = bot_file(home, bot).with_suffix(".env")
    return own if os.path.lexists(own) else home / ".env"


def is_unfinished(path: Path) -> bool:
    """Whether an earlier `init` was cut off before it finished this bot file."""
    try:
        return path.read_text("utf-8") == UNFINISHED
    except (OSError, UnicodeDecodeError):
        return False


def is_taken(home: Path, bot: str) -> bool:
    """Whether there is a bot of that name."""
    path = bot_file(home, bot)
    return os.path.lexists(path) and not is_unfinished(path)


def write(home: Path, plan: Plan, check: Check) -> list[Path]:
    """Write the files; gives them. Raises TwitterManagerError, and what `check` raises: there is none of them then."""
    toml, own, material = bot_file(home, plan.bot), key_file(home, plan.bot), plan.material
    folders = [folder for folder in (home / "data", home / "data" / "bots") if not os.path.lexists(folder)]
    for folder in (home / "data", home / "data" / "bots"):
        make_folder(folder)
    with _all_or_none(folders) as written:
        if material.note_file:
            label = str(plan.traits.get("persona.name") or "Notes")[:40]
            _create(material.note_file, note_file(material.notes, label), written)
        if own.parent == home:
            _create(own, sample_env(plan.keys), written)
        elif plan.keys:
            if is_unfinished(toml):
                own.unlink(missing_ok=True)
            else:
                _create(toml, UNFINISHED, written)
            _create(own, bot_env(plan.bot, plan.keys), written)
        tables = "\n".join(table(source, home) for source in material.sources)
        content = sample_bot_file(plan.traits, tables)
        if is_unfinished(toml):
            replace_file(toml, content, _MODE)
            written.append(toml)
        else:
            _create(toml, content, written)
        check(plan.keys)
    return sorted(set(written))


def add(home: Path, addition: Addition, check: Check) -> list[Path]:
    """Add the keys, and the platforms where the bot's file names some; gives the files. Raises TwitterManagerError, and
    what `check` raises: all is as it was then."""
    toml, by_file = bot_file(home, addition.bot), addition.by_file(home)
    wanted = [name for name in SPECS if name in {*addition.before, *addition.platforms}]
    before: dict[Path, str] = {}
    try:
        for path, keys in by_file.items():
            if path.exists():
                before[path] = path.read_bytes().decode()
                replace_file(path, with_values(before[path], keys), _MODE)
            else:
                with _all_or_none() as written:
                    text = sample_env(keys) if path.parent == home else bot_env(addition.bot, keys)
                    _create(path, text, written)
        if set(wanted) != set(addition.before):
            before[toml] = toml.read_text("utf-8")
            replace_file(toml, _with_platforms(before[toml], toml, wanted), stat.S_IMODE(toml.stat().st_mode))
        check(addition.keys)
    except BaseException as error:
        for path in by_file.keys() - before.keys():
            path.unlink(missing_ok=True)
        for changed, text in before.items():
            replace_file(changed, text, stat.S_IMODE(changed.stat().st_mode))
        if isinstance(error, OSError):
            message = f"{error.filename} can't be written ({error.strerror})."
            raise TwitterManagerError(message, "Mend that, then do it again.") from None
        raise
    return sorted({*by_file, *before})


def _with_platforms(text: str, path: Path, platforms: Sequence[str]) -> str:
    """A bot file that posts there. Raises TwitterManagerError where it is not written as `init` writes it."""
    line = f"platforms = {as_toml(list(platforms))}"
    changed, count = re.subn(r"^platforms[ \t]*=[ \t]*\[[^\]\n]*\]", line, text, flags=re.MULTILINE)
    if count != 1:
        raise TwitterManagerError(f"{path} says in its own way where the bot posts.", f"Write into it: {line}")
    return changed


@contextmanager
def _all_or_none(folders: Sequence[Path] = ()) -> Iterator[list[Path]]:
    """Takes away what was written, and the new folders, where anything fails."""
    written: list[Path] = []
    try:
        yield written
    except BaseException as error:
        for path in reversed(written):
            with suppress(OSError):
                path.unlink()
        for folder in reversed(folders):
            with suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            message = f"{error.filename} can't be written ({error.strerror})."
            raise TwitterManagerError(message, "Mend that, then run init again.") from None
        raise


def _create(path: Path, content: str, written: list[Path]) -> None:
    """A new file, whole or not at all. Raises OSError, FileExistsError where something is there."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if os.path.lexists(path):
                raise FileExistsError(0, "it is there", str(path)) from None
            Path(temporary).rename(path)
        written.append(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
