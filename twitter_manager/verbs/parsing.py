"""The parser of the command line, with its errors in words for people."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn

from twitter_manager import __version__
from twitter_manager.errors import UsageError
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.terminal import program
from twitter_manager.verbs.verb import Verb

_IN_OTHER_WORDS = {
    "^the following arguments are required: (.*)$": r"Say what to do: \1",
    "^unrecognized arguments: (.*)$": r"Not known here: \1",
    r"^argument VERB: invalid choice: (\S+) \(choose from (.*)\)$": r"There is no verb \1; there are \2",
    r"^argument \S+: invalid choice: (\S+) \(choose from (.*)\)$": r"\1 is none of \2",
    "^argument ": "",
}


class Parser(argparse.ArgumentParser):
    """Raises UsageError, so that a slip is one line and exit code 2, as every other error."""

    def error(self, message: str) -> NoReturn:
        """One line for a person, in other words than argparse has."""
        for pattern, words in _IN_OTHER_WORDS.items():
            message = re.sub(pattern, words, message)
        raise UsageError(f"{message}.", f"See: {self.prog} --help")


def parser(verbs: Sequence[Verb]) -> argparse.ArgumentParser:
    """The parser for these verbs."""
    places = any_of([spec.title for spec in SPECS.values()])
    top = Parser(
        prog=program(),
        description=f"Post to {places}, once an hour, exactly once. With no verb it does one run.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=__version__)
    kinds = top.add_subparsers(title="verbs", metavar="VERB", required=True, parser_class=Parser)
    for verb in verbs:
        below = kinds.add_parser(verb.name, help=verb.help, description=verb.help, allow_abbrev=False)
        below.set_defaults(verb=verb.run, json=False, all=False)
        for names, settings in verb.arguments:
            below.add_argument(*names, **settings)
    return top
