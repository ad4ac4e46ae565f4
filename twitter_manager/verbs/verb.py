"""What a verb of the command line is, and what all verbs share: how their words are read and their answers shown."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twitter_manager.errors import Interrupted, UsageError
from twitter_manager.platforms import SPECS
from twitter_manager.settings import find_home
from twitter_manager.terminal import Screen, harmless
from twitter_manager.validation import did_you_mean

if TYPE_CHECKING:
    from twitter_manager.app import App

Words = argparse.Namespace
"""The words of one command, parsed: `words.screen` and what the verb's arguments are called."""
Argument = tuple[tuple[str, ...], dict[str, Any]]
"""What `add_argument` takes."""

LARGEST = 10**9
UNCHANGED = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb. Its name is that of the function, with hyphens; its help is the function's docstring."""

    run: Callable[[Words], int]
    """Does it and prints; gives the exit code."""
    arguments: Sequence[Argument] = ()

    @property
    def name(self) -> str:
        return self.run.__name__.replace("_", "-")

    @property
    def options(self) -> list[str]:
        return [name for names, _ in self.arguments for name in names if name.startswith("-")]

    @property
    def help(self) -> str:
        return " ".join((self.run.__doc__ or "").split())


def word(*names: str, **settings: Any) -> Argument:
    """A positional word or an option, as `add_argument` takes it."""
    return names, settings


def switch(name: str, help: str) -> Argument:
    """An option without a value."""
    return word(name, action="store_true", help=help)


def action(*actions: str, help: str) -> Argument:
    """The verb's first word: what to do. Without it the first is meant."""
    return word("action", nargs="?", default=actions[0], choices=actions, metavar="|".join(actions), help=help)


def bot_option(which: str = "only this bot (default: every bot)") -> Argument:
    """The option that names a bot."""
    return word("--bot", default="", metavar="NAME", help=which)


def number(most: int) -> Callable[[str], int]:
    """A whole number from 1 to `most`."""

    def read(given: str) -> int:
        if not given.isascii() or not given.isdigit() or not 0 < int(given[:18]) <= most or len(given) > 18:
            raise argparse.ArgumentTypeError(f"{given[:40]!r} is not a number from 1 to {most}")
        return int(given)

    return read


def platform_name(given: str) -> str:
    """The name of a platform. Raises UsageError."""
    if given not in SPECS:
        remedy = did_you_mean(given, SPECS) or f"There are: {', '.join(SPECS)}."
        raise UsageError(f"There is no platform {given[:40]!r}.", remedy)
    return given


PATIENCE = 60.0
"""Seconds that a person waits for a platform or a page; what takes longer the next run does, or is left out."""
JSON = switch("--json", "print one JSON object on standard output")
ONE_BOT = bot_option("which bot (needed with several)")
NUMBERS = word("drafts", nargs="*", type=number(LARGEST), metavar="DRAFT", help="a draft's number; may be several")


def opened(words: Words) -> App:
    """The program over its home folder. From here on the screen knows the secrets."""
    from twitter_manager.app import App

    app = App.load(find_home(os.environ), os.environ, words.screen.progress)
    words.screen.redact = app.redactor.redact
    return app


def show(words: Words, value: Any, lines: Callable[[Any], Iterable[str]]) -> None:
    """What a verb was asked for: one JSON object, or lines for a person."""
    words.screen.json(value) if words.json else words.screen.lines(lines(value))


def say(words: Words, *lines: str) -> int:
    """What a verb did, as one JSON object, or for a person who watches; gives exit code 0."""
    if words.json:
        words.screen.json({"done": list(lines)})
    elif sys.stdout.isatty():
        words.screen.lines(lines)
    return 0


def ask_for_text(words: Words) -> None:
    """Who sits at a terminal is told that standard input is waited for."""
    if sys.stdin.isatty():
        words.screen.progress("type the text, then Ctrl-D on a line of its own")


def agrees(words: Words, question: str, *, by_default: bool = False) -> bool:
    """Whether the person at the terminal says yes. Raises UsageError where they end the question with Ctrl-D."""
    try:
        shown = harmless(words.screen.redact(question))
        answer = input(f"{shown} [{'Y/n' if by_default else 'y/N'}] ").strip().lower()
    except (EOFError, Interrupted) as end:
        words.screen.lines([""])  # what follows is a line of its own
        if isinstance(end, Interrupted):
            raise
        raise UsageError(UNCHANGED) from None
    return answer in ("y", "yes") or (by_default and not answer)


def failed(screen: Screen, lines: Sequence[str], exit_code: int, as_json: bool) -> int:
    """What went wrong; gives the exit code."""
    for line in lines:
        screen.trouble(line)
    if as_json:
        screen.json({"outcome": "failed", "exit_code": exit_code, "errors": list(lines)})
    return exit_code
