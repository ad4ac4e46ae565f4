"""The verb `init`: asks a few questions, and writes `.env` and a commented bot file. Never touches what is there.

How a question reaches a person is left to the caller. An answer that `settings.load` would refuse is asked for again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from twitter_manager.errors import SettingsProblems, TwitterManagerError, UsageError
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.spec import PlatformSettings
from twitter_manager.settings import BOT_NAME, load, sample_bot_file, sample_env
from twitter_manager.settings.botfile import check_key
from twitter_manager.settings.env import checked
from twitter_manager.settings.variables import variables_of
from twitter_manager.terminal import program
from twitter_manager.validation import InvalidValue

TRIES = 5


class Ask(Protocol):
    """Puts a question to a person and gives the answer, `default` where it is empty. Raises EOFError without one."""

    def __call__(self, question: str, secret: bool, default: str) -> str: ...


class Question(NamedTuple):
    """A question to a person."""

    name: str
    """The setting that the answer fills."""
    words: str
    secret: bool = False
    default: str = ""


def _of_platform(title: str, settings: type[PlatformSettings]) -> Iterator[Question]:
    """What has no default; an empty first answer is the way out."""
    required = [variable for variable in variables_of(settings).values() if variable.is_required]
    for variable in required:
        way_out = f" (empty: no {title})" if variable is required[0] else ""
        yield Question(variable.name, f"{title}: {variable.asked}{way_out}", variable.secret)


ACCOUNTS: Sequence[Sequence[Question]] = (
    *(tuple(_of_platform(spec.title, spec.settings)) for spec in SPECS.values() if spec.settings),
    (Question("ANTHROPIC_API_KEY", "Claude: API key (empty: without)", secret=True),),
    (Question("OPENAI_API_KEY", "OpenAI: API key (empty: without)", secret=True),),
)
"""Groups of settings that go together: an empty first answer leaves the group out."""
BOT: Sequence[Question] = (
    Question("persona.name", "The bot's name, as readers see it (may stay empty)"),
    Question("persona.voice", "How it sounds", default="plain, friendly and exact"),
    Question("persona.audience", "Whom it writes for", default="people who write programs"),
    Question("schedule.every_hours", "A post every so many hours (1, 2, 3, 4, 6, 8, 12 or 24)", default="1"),
    Question("time_zone", "Time zone, such as Europe/Berlin", default="UTC"),
)


def init(home: Path, ask: Ask) -> list[str]:
    """Ask, then write what is not there yet. Gives lines for a person: what was written, and what to do next.

    Raises UsageError where nobody answers, TwitterManagerError where a file can't be written."""
    env_file = home / ".env"
    values: dict[str, str] = {}
    try:
        for group in () if os.path.lexists(env_file) else ACCOUNTS:
            values |= _group(ask, group)
        name = _answer(ask, Question("", "A short name for the bot's file", default="default"), _bot_name)
        bot_file = home / "data" / "bots" / f"{name}.toml"
        changes = (
            {} if os.path.lexists(bot_file) else {q.name: _answer(ask, q, partial(_bot_value, q.name)) for q in BOT}
        )
    except EOFError:
        remedy = "Run it in a terminal, or copy .env.example to .env and fill it in."
        raise UsageError("init asks questions, and nobody answers.", remedy) from None
    lines = [_create(env_file, sample_env(values), 0o600), _create(bot_file, sample_bot_file(changes), 0o644)]
    return lines + _next(home)


def _group(ask: Ask, group: Sequence[Question]) -> dict[str, str]:
    values: dict[str, str] = {}
    for question in group:
        answer = _answer(ask, question, partial(_setting, question.name, bool(values)))
        if not answer:
            break
        values[question.name] = answer
    return values


def _answer(ask: Ask, question: Question, rule: Callable[[str], Any]) -> Any:
    complaint = ""
    for _ in range(TRIES):
        answer = ask(complaint + question.words, question.secret, question.default).strip()
        try:
            return rule(answer)
        except InvalidValue as invalid:
            complaint = f"That {invalid.message}. {invalid.remedy}".rstrip() + "\n"
    raise UsageError(f"No usable answer to {question.words!r} in {TRIES} tries.", "Nothing was written.")


def _setting(name: str, required: bool, answer: str) -> str:
    if answer:
        checked(name, answer)
        sample_env({name: answer})
    elif required:
        raise InvalidValue("is needed too, since the one before is given")
    return answer


def _bot_name(answer: str) -> str:
    if not re.fullmatch(BOT_NAME, answer):
        raise InvalidValue("can't be a bot's name", "Use small letters, digits, - and _, at most 40.")
    return answer


def _bot_value(path: str, answer: str) -> object:
    value = int(answer) if path == "schedule.every_hours" and re.fullmatch("[0-9]{1,4}", answer) else answer
    check_key(path, value)
    return value


def _create(path: Path, text: str, mode: int) -> str:
    """Write a new file, with its mode from the first byte on; one that is there stays as it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    except FileExistsError:
        return f"{path} was there and is as it was."
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        path.unlink()
        raise _unwritable(path, error) from None
    return f"{path} is written."


def _unwritable(path: Path, error: OSError) -> TwitterManagerError:
    return TwitterManagerError(f"{path} can't be written ({error.strerror}).", "Mend that, then run init again.")


def _next(home: Path) -> list[str]:
    try:
        load(home, {})
    except SettingsProblems as problems:
        return ["Still to mend:", *map(str, problems.problems)]
    return [
        f"Next: look the bot file over, and see a post without sending it: {program()} run --dry-run",
        "Then let cron start it every hour: crontab.example shows the line.",
    ]
