"""Reads the command line, runs one verb, and turns every error into one line and an exit code, here and only here.

Exit codes: 0 done, nothing due or nothing new, 1 the run failed, 2 usage, 75 another run holds the lock, 78 settings;
128 + n when signal n ended it. With no terminal a run that goes well prints nothing but, once, a warning; trouble that
goes on is told once too, and keeps its exit code. What a verb was asked for (`--json`, `status`, …) is always printed.
argparse, because it is the one parser that starts fast enough for a run that finds nothing due.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

from twitter_manager import app
from twitter_manager.errors import Interrupted, TwitterManagerError, UsageError, ending, is_logged
from twitter_manager.redaction import redact
from twitter_manager.settings import find_home, secrets_at_hand
from twitter_manager.terminal import Screen
from twitter_manager.verbs import meant
from twitter_manager.verbs.parsing import parse
from twitter_manager.verbs.verb import failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; gives the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "run")
    as_json = "--json" in words
    screen = Screen(_redacted)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a lone surrogate can't be printed
    logging.getLogger(__package__).addHandler(logging.NullHandler())  # else what precedes the log goes to stderr
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        if any("\udc80" <= character <= "\udcff" for character in "".join(words)):
            raise UsageError("The words of the command are not UTF-8.", "Check the terminal's encoding.")
        parsed = parse(words, meant(words))
        parsed.screen = screen
        exit_code: int = parsed.verb(parsed)
        sys.stdout.flush()
        return exit_code
    except SystemExit as end:  # argparse, after --help and --version
        return int(end.code or 0)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Interrupted as stop:
        return failed(screen, *ending(stop), as_json)
    except Exception as error:  # noqa: BLE001 (the last line of defence: no traceback reaches a user)
        _write_down(error)
        return _failed(screen, words, *ending(error))


def _write_down(error: Exception) -> None:
    """What nobody foresaw is in the log, whichever verb it ended, where there is a home whose log can be written."""
    if isinstance(error, TwitterManagerError | OSError) or is_logged(error):
        return
    with suppress(Exception, Interrupted):
        loaded = app.App.load(find_home(os.environ), os.environ, lambda line: None)
        with loaded.session.logged():
            raise error


def _failed(screen: Screen, words: Sequence[str], lines: Sequence[str], exit_code: int) -> int:
    """What went wrong. A run that nobody watches tells its person by message too, and cron's mail once a day."""
    as_json = "--json" in words
    is_by_hand = "--dry-run" in words or "--force" in words
    if words[0] == "run" and not is_by_hand and not (sys.stdout.isatty() or sys.stderr.isatty()):
        from twitter_manager.notify import outside
        from twitter_manager.operations import told

        with suppress(TwitterManagerError):  # no home folder: nowhere to remember anything
            memory = told.load(find_home(os.environ) / "data", app.utc_now())
            news = outside.failed(memory, [screen.redact(line) for line in lines], exit_code, os.environ)
            lines = lines if as_json else news
    return failed(screen, lines, exit_code, as_json)


def _redacted(text: str) -> str:
    """A line that is printed before a verb read the settings, such as what is wrong with the command's words."""
    return redact(text, secrets_at_hand(os.environ))


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)
