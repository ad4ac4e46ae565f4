"""The verbs for what starts the runs and where: `install-cron`, `uninstall-cron`, `adopt`, `uninstall`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from twitter_manager.errors import SettingsProblems
from twitter_manager.operations.lock import locked
from twitter_manager.redaction import Redactor
from twitter_manager.settings import as_far_as_known, find_home
from twitter_manager.verbs.verb import JSON, Verb, Words, opened, say, show, switch, word


def install_cron(words: Words) -> int:
    """Put a line into your crontab that starts the runs, at the minutes that the bots' times need; show it. Other lines
    stay as they are, and a line that was there is brought up to date."""
    from twitter_manager.operations.cron import install

    app = opened(words)
    with app.session.reading() as db:
        wishes = install.Wishes.of(app.settings.home, app.settings.active, db, app.clock())
    show(words, install.install(wishes, words.at_minute, os.environ, by_systemd=words.systemd), install.install_lines)
    return 0


def uninstall_cron(words: Words) -> int:
    """Take out the line, or the systemd timer, that install-cron made for this home."""
    from twitter_manager.operations.cron import install

    show(words, install.uninstall(find_home(os.environ)), install.uninstall_lines)
    return 0


def adopt(words: Words) -> int:
    """Let this machine run the bots of this folder, after it moved here from another one. Two machines that run the
    same bots post everything twice: stop the other one first."""
    from twitter_manager.operations import machine

    app = opened(words)
    with locked(app.settings.lock):
        machine.adopt(app.settings.data)
    return say(words, f"This machine runs the bots of {app.settings.home} from now on.")


def uninstall(words: Words) -> int:
    """Tell what to take away, and where, when you stop using the program. Nothing is taken away."""
    from twitter_manager.operations import uninstall as farewell

    problems: Sequence[str] = ()
    try:
        settings = opened(words).settings
    except SettingsProblems as found:
        settings, problems = as_far_as_known(find_home(os.environ), os.environ), found.lines
        words.screen.redact = Redactor(settings.secrets).redact
    show(words, {"steps": farewell.steps(settings), "problems": list(problems)}, farewell.lines)
    return 0


def _minute(given: str) -> int:
    if not given.isascii() or not given.isdigit() or len(given) > 2 or int(given) > 59:
        raise argparse.ArgumentTypeError(f"{given[:40]!r} is no minute of an hour: give 0 to 59")
    return int(given)


INSTALL_CRON = Verb(
    install_cron,
    (
        JSON,
        word("--at-minute", type=_minute, metavar="M", help="start at this minute of each hour too, 0 to 59"),
        switch("--systemd", "make a timer of systemd instead of a line in the crontab"),
    ),
)
UNINSTALL_CRON = Verb(uninstall_cron, (JSON,))
ADOPT = Verb(adopt, (JSON,))
UNINSTALL = Verb(uninstall, (JSON,))
