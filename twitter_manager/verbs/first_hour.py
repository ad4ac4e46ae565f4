"""The verb `init`: a new bot, from the first question to the first post as it would go out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from twitter_manager import show
from twitter_manager.app import App, utc_now
from twitter_manager.errors import Interrupted, UsageError
from twitter_manager.operations.init import NOTHING_WRITTEN, PLATFORMS, Given, Made, takes_a_value
from twitter_manager.operations.init import init as ask_and_write
from twitter_manager.operations.init.accounts import required_of
from twitter_manager.operations.init.questions import ABOUT, WHEN
from twitter_manager.platforms.spec import PlatformSpec
from twitter_manager.settings import find_home
from twitter_manager.settings.env import at_hand
from twitter_manager.settings.variables import variables_of
from twitter_manager.terminal import Screen, command, fitted, harmless
from twitter_manager.verbs.running import rehearse
from twitter_manager.verbs.verb import Argument, Verb, Words, bot_option, switch, word

_SWITCH = (
    "  when all stops:      a dead-man's switch writes to you, once its address is PING_URL in .env; docs/operations.md"
    " says how to get one, free, in three steps"
)
LARGEST = 64 * 1024
"""Characters of keys that are read from standard input."""


def init(words: Words) -> int:
    """Set up a bot, the first one or another: ask what it is about, where its material is, when it posts and where;
    try all at once, write its files, and show the first post. With the name of a bot that is there it adds accounts to
    that one. With options and --yes nothing is asked. Keys are never given on the command line: they come with
    --keys-stdin, or, for the first bot, from environment variables named as in .env. PING_URL there is a dead-man's
    switch: somebody outside writes to you when this machine stops (docs/operations.md)."""
    if given := os.environ.get("TWITTER_MANAGER_HOME"):
        Path(given).expanduser().mkdir(mode=0o700, parents=True, exist_ok=True)
    if not words.yes and not sys.stdin.isatty():
        remedy = f"Give the answers by options, with --yes: {command('init --help')}"
        raise UsageError("init asks its questions at a terminal, and there is none.", remedy)
    home, screen = find_home(os.environ, new=True), words.screen
    if words.keys_stdin and not words.yes:
        raise UsageError("--keys-stdin needs --yes.", "Standard input can't answer questions too.")
    keys = sys.stdin.read(LARGEST) if words.keys_stdin else ""
    asker = None if words.yes else ask
    try:
        made = ask_and_write(
            home,
            os.environ,
            Given(_answers(words), words.source, words.note, keys),
            asker,
            lambda text: screen.lines(text.split("\n")),
            utc_now,
        )
    except Interrupted as stop:
        if sys.stdin.isatty():
            screen.lines([""])  # the terminal's ^C stands behind the question
        screen.trouble(NOTHING_WRITTEN)
        return 128 + stop.signal_number
    is_empty = not words.no_dry_run and not _show_the_first_post(home, made, screen)
    watched = bool(at_hand(home, os.environ, "PING_URL").get("PING_URL"))
    screen.lines(_next_steps(made, is_empty=is_empty, watched=watched))
    return 0


def _platform_option(spec: PlatformSpec) -> Argument:
    """What a new platform brings to the command line by itself."""
    first, *others = required_of(spec)
    names = ", ".join(variable.name for variable in (first, *others) if variable.secret)
    if takes_a_value(spec):
        return word(f"--{spec.name}", metavar="ACCOUNT", help=f"{spec.title}: {first.asked}; with {names} set")
    return word(f"--{spec.name}", action="store_const", const="", help=f"{spec.title}; with {names} set")


INIT = Verb(
    init,
    (
        bot_option("its short name (default: default for the first bot), or that of a bot to add accounts to"),
        *map(_platform_option, PLATFORMS),
        word("--source", action="append", default=[], metavar="PLACE", help="its material: a web address, a folder, a"
             " git repository, notes, programming (the bundled notes) or none; may be repeated"),
        word("--note", action="append", default=[], metavar="TEXT", help="a first note of its own; may be repeated"),
        *(word(f"--{asked.option}", metavar="WORDS", help=asked.help) for asked in (*ABOUT, *WHEN)),
        switch("--keys-stdin", "read keys from standard input, NAME=value on each line"),
        switch("--no-dry-run", "don't show the first post at the end"),
        switch("--yes", "ask nothing: what is not given has its default"),
    ),
)  # fmt: skip


def ask(question: str, secret: bool, default: str) -> str:
    """See `interview.Ask`: at the terminal, a secret without echo."""
    from getpass import getpass

    text = f"{question} [{default}]: " if default else f"{question}: "
    *above, last = (part for line in text.split("\n") for part in fitted(line, "  ").split("\n"))
    for line in above:
        sys.stdout.write(harmless(line) + "\n")
    shown = harmless(last.rstrip()) + " "
    return (getpass(shown) if secret and sys.stdin.isatty() else input(shown)) or default


def _answers(words: Words) -> dict[str, str]:
    """What the options say, by option."""
    options = ["bot", *(spec.name for spec in PLATFORMS), *(asked.option for asked in (*ABOUT, *WHEN))]
    given = {option: getattr(words, option.replace("-", "_")) for option in options}
    return {option: value for option, value in given.items() if value is not None and (option, value) != ("bot", "")}


def _show_the_first_post(home: Path, made: Made, screen: Screen) -> bool:
    """By the ordinary path; whether there is one. The keys of a script's environment are in the files now, and hold for
    this bot alone."""
    own = {variable.name for spec in PLATFORMS if spec.settings for variable in variables_of(spec.settings).values()}
    environ = {name: value for name, value in os.environ.items() if name not in own}
    screen.lines(["", f"The {'first' if made.is_new else 'next'} post, as it would go out:"])
    app = App.load(home, environ, screen.progress)
    screen.redact = app.redactor.redact
    reports, failures = rehearse(app, made.bot, forced=True)
    for bot_report in reports:
        screen.lines(show.run_lines(bot_report))
    for line in (*failures, *app.notes):
        screen.trouble(line)
    return any(bot_report.report.draft for bot_report in reports)


def _next_steps(made: Made, *, is_empty: bool, watched: bool) -> list[str]:
    run = command(f"run --force --bot {made.bot}")
    first = [f"  the first drafts:    {run}", f"  approve them:        {command('review')}"]
    real = first if made.approves else [f"  one real post:       {run}"]
    own = [f'  a post of your own:  {command("post")} "Your words" --now --bot {made.bot}']
    return [
        "",
        "Next:",
        *(own if is_empty else real),
        f"  posts by themselves: {command('install-cron')}",
        f"  how things stand:    {command('status')}",
        *[_SWITCH] * (not watched),
    ]
