"""The parser of the command line, with its errors in words for people."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Sequence
from typing import NoReturn

from twitter_manager import __version__
from twitter_manager.errors import UsageError
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.terminal import command, program
from twitter_manager.validation import did_you_mean
from twitter_manager.verbs.verb import Verb

_IN_OTHER_WORDS = {
    r"^argument \S+: invalid choice: (\S+) \(choose from (.*)\)$": r"\1 is none of \2",
    "^argument ": "",
}
_MISSING = "^the following arguments are required: (.*)$"
_NO_VERB = r"^argument VERB: invalid choice: '(.*)' \(choose from (.*)\)$"


class Parser(argparse.ArgumentParser):
    """Raises UsageError, so that a slip is one line and exit code 2, as every other error."""

    def error(self, message: str) -> NoReturn:
        """One line for a person, in other words than argparse has."""
        if missing := re.match(_MISSING, message):
            needs = ", ".join(map(self._explained, missing[1].split(", ")))
            raise UsageError(f"{self.prog.rpartition(' ')[2]} needs {needs}.", self._see)
        if no_verb := re.match(_NO_VERB, message, re.DOTALL):
            verbs = no_verb[2].replace("'", "").split(", ")
            meant = did_you_mean(no_verb[1], verbs)
            raise UsageError(f"There is no verb {no_verb[1][:40]!r}.", f"{meant} {self._see}".lstrip())
        for pattern, words in _IN_OTHER_WORDS.items():
            message = re.sub(pattern, words, message)
        raise UsageError(f"{message}.", self._see)

    @property
    def _see(self) -> str:
        return f"See: {command(f'{self.prog} --help'.removeprefix(f'{program()} '))}"

    def _explained(self, name: str) -> str:
        meant = [action.help for action in self._actions if name in (action.metavar, *action.option_strings)]
        return f"{name} ({meant[0]})" if meant and meant[0] else name


def parse(words: Sequence[str], verbs: Sequence[Verb]) -> argparse.Namespace:
    """The words of one command. Raises UsageError, and SystemExit after `--help` and `--version`."""
    parsed, unknown = parser(verbs).parse_known_args(_with_negative_places(words))
    if not unknown:
        return parsed
    text = getattr(parsed, "text", None)
    if isinstance(text, str) and not any(word.startswith("-") for word in unknown):
        whole = " ".join((text, *unknown))
        number = [str(parsed.draft)] if hasattr(parsed, "draft") else []  # stands before the text
        meant = " ".join((words[0], *number, _quoted(whole)))
        raise UsageError("A text of several words needs quotes around it.", f"Write: {command(meant)}")
    known = next(verb for verb in verbs if verb.run == parsed.verb).options
    remedy = did_you_mean(unknown[0], known) or f"See: {command(f'{words[0]} --help')}"
    raise UsageError(f"{words[0]} does not know {' '.join(unknown)}.", remedy)


def _with_negative_places(words: Sequence[str]) -> list[str]:
    """`--focus -0.5,0.3` is an option with its value, where argparse would see two options."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--focus" and re.match(r"-[\d.]", word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _quoted(text: str) -> str:
    """As a person types it in a shell."""
    return f'"{text}"' if not re.search(r'["$`\\!]', text) else shlex.quote(text)


class VerbParser(Parser):
    """Takes options between a verb's words too: `drafts edit --text "New words" 5`."""

    _is_mixed = False

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        if self._is_mixed:
            return super().parse_known_args(args, namespace)
        self._is_mixed = True
        return self.parse_known_intermixed_args(args, namespace)


def parser(verbs: Sequence[Verb]) -> argparse.ArgumentParser:
    """The parser for these verbs."""
    places = any_of([spec.title for spec in SPECS.values()])
    top = Parser(
        prog=program(),
        description=f"Post to {places}, once an hour, exactly once. With no verb it does one run.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=__version__)
    kinds = top.add_subparsers(title="verbs", metavar="VERB", required=True, parser_class=VerbParser)
    for verb in verbs:
        below = kinds.add_parser(verb.name, help=verb.help, description=verb.help, allow_abbrev=False)
        below.set_defaults(verb=verb.run, json=False, all=False)
        for names, settings in verb.arguments:
            below.add_argument(*names, **settings)
    return top
