"""The command line: which words each verb takes. A verb's help is its function's docstring."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from twitter_manager import __version__
from twitter_manager.errors import UsageError
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.terminal import program

Verb = Callable[[argparse.Namespace], int]
Argument = tuple[tuple[str, ...], dict[str, Any]]

MOST_CANDIDATES, MOST_RUNS = 20, 1000
_LARGEST = 10**9
_IN_OTHER_WORDS = {
    "^the following arguments are required: (.*)$": r"Say what to do: \1",
    "^unrecognized arguments: (.*)$": r"Not known here: \1",
    r"^argument VERB: invalid choice: (\S+) \(choose from (.*)\)$": r"There is no verb \1; there are \2",
    r"^argument \S+: invalid choice: (\S+) \(choose from (.*)\)$": r"\1 is none of \2",
    "^argument ": "",
}
_FIRST, *_ = SPECS


class Parser(argparse.ArgumentParser):
    """Raises UsageError, so that a slip is one line and exit code 2, as every other error."""

    def error(self, message: str) -> NoReturn:
        """One line for a person, in other words than argparse has."""
        for pattern, words in _IN_OTHER_WORDS.items():
            message = re.sub(pattern, words, message)
        raise UsageError(f"{message}.", f"See: {self.prog} --help")


def number(most: int) -> Callable[[str], int]:
    """A whole number from 1 to `most`."""

    def read(word: str) -> int:
        if not word.isascii() or not word.isdigit() or not 0 < int(word[:18]) <= most or len(word) > 18:
            raise argparse.ArgumentTypeError(f"{word[:40]!r} is not a number from 1 to {most}")
        return int(word)

    return read


def _word(*names: str, **settings: Any) -> Argument:
    return names, settings


def _switch(name: str, help: str) -> Argument:
    return _word(name, action="store_true", help=help)


def _action(*actions: str, help: str) -> Argument:
    return _word("action", choices=actions, metavar="|".join(actions), help=help)


def _bot(which: str = "only this bot (default: every bot)") -> Argument:
    return _word("--bot", default="", metavar="NAME", help=which)


_JSON = _switch("--json", "print one JSON object on standard output")
_STORY = _word("what", metavar="DRAFT_OR_RUN", help="a draft's number, or run:NUMBER")
_DRAFTS = _word("drafts", nargs="*", type=number(_LARGEST), metavar="DRAFT", help="a draft's number; may be several")

ARGUMENTS: Mapping[str, Sequence[Argument]] = {
    "run": (
        _JSON,
        _switch("--dry-run", "show what would be posted; publish and change nothing"),
        _switch("--force", "post although this slot has its post or a limit is reached"),
        _bot(),
    ),
    "post": (
        _JSON,
        _word("text", metavar="TEXT", help="the text; - reads it from standard input"),
        _word("--part", action="append", default=[], metavar="TEXT", help="one more part: makes it a thread"),
        _word("--platform", action="append", default=[], help=f"only there: {any_of(tuple(SPECS))}; may be repeated"),
        _switch("--now", "publish in this command instead of at the next slot"),
        _bot("which bot posts it (needed with several)"),
    ),
    "status": (_JSON,),
    "history": (
        _JSON,
        _word("--limit", type=number(_LARGEST), default=10, metavar="N", help="how many posts (default: 10)"),
        _bot(),
    ),
    "explain": (_JSON, _STORY),
    "generate": (
        _JSON,
        _word("--topic", default="", help="on this topic"),
        _word("--format", default="", help="in this form: tip, news, question, …"),
        _word("--source", default="", metavar="ITEM", help="from this item: its number or key, as in explain"),
        _word("--prompt", default="", metavar="TEXT", help="to these words of yours instead of material"),
        _word("-n", type=number(MOST_CANDIDATES), default=0, metavar="N", help="how many candidates, 20 at most"),
        _bot("which bot (needed with several)"),
    ),
    "replay": (_JSON, _STORY),
    "preview": (
        _JSON,
        _word("--runs", type=number(MOST_RUNS), default=24, metavar="N", help="how many runs (default: 24)"),
        _word("--seed", type=number(_LARGEST), metavar="N", help="draw as the preview did that told this seed"),
        _bot(),
    ),
    "style": (_JSON, _action("show", help="show what was learned"), _bot("which bot (needed with several)")),
    "check": (
        _JSON,
        _word("--platform", default=_FIRST, help=f"{any_of(tuple(SPECS))} (default: {_FIRST})"),
        _switch("--lines", "read one JSON string a line, print one object a line"),
        _word("--material", default="", metavar="FILE", help="check it as a text that a model made from FILE"),
        _switch("--rules", "read no text; list all rules, why, and their settings"),
        _bot("by whose settings (needed with several)"),
    ),
    "sources": (
        _JSON,
        _action("list", "update", "test", "add", help="what to do"),
        _word("what", nargs="?", default="", metavar="NAME_OR_PLACE", help="a source's name; for add a place"),
        _word("--name", default="", help="with add: what to call it"),
        _word("--label", default="", help="with add: the topic of its items"),
        _switch("--yes", "with add: write it into the bot file without asking"),
        _bot(),
    ),
    "pause": (
        _word("reason", nargs="?", default="", metavar="REASON", help="why; shown in status"),
        _switch("--off", "end the pause"),
        _bot(),
    ),
    "resume": (_DRAFTS,),
    "skip": (_DRAFTS, _switch("--all", "every draft that needs attention")),
    "audit": (_action("verify", "export", help="look for changes, or print it as JSON lines"),),
    "restore": (
        _word("file", nargs="?", metavar="FILE", help="this backup (default: the newest good one)"),
        _switch("--list", "only show which backups there are"),
    ),
    "doctor": (_JSON,),
    "init": (),
    "schema": (_word("what", choices=("bot",), metavar="bot", help="of a bot's file"),),
}


def parser(verbs: Sequence[Verb]) -> argparse.ArgumentParser:
    """The parser for these verbs, each a function whose name is the verb."""
    places = any_of([spec.title for spec in SPECS.values()])
    top = Parser(
        prog=program(),
        description=f"Post to {places}, once an hour, exactly once. With no verb it does one run.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=__version__)
    kinds = top.add_subparsers(title="verbs", metavar="VERB", required=True, parser_class=Parser)
    for verb in verbs:
        text = " ".join((verb.__doc__ or "").split())
        below = kinds.add_parser(verb.__name__, help=text, description=text, allow_abbrev=False)
        below.set_defaults(verb=verb, json=False, all=False)
        for names, settings in ARGUMENTS[verb.__name__]:
            below.add_argument(*names, **settings)
    return top
