"""The verbs: reads the command line, prints, and turns every error into one line and an exit code, here and only here.

Exit codes: 0 done, nothing due or nothing new, 1 the run failed, 2 usage, 75 another run holds the lock, 78 settings;
128 + n when signal n ended it. With no terminal a run that goes well prints nothing but, once, a warning; trouble that
goes on is told once too, and keeps its exit code. What a verb was asked for (`--json`, `status`, …) is always printed.
argparse, because it is the one parser that starts fast enough for a run that finds nothing due.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from twitter_manager import phrases, show
from twitter_manager.app import App
from twitter_manager.arguments import parser
from twitter_manager.domain import Json, Outcome
from twitter_manager.errors import SettingsProblems, TwitterManagerError, UsageError
from twitter_manager.pipeline.context import Interrupted
from twitter_manager.redaction import Redactor
from twitter_manager.settings import find_home
from twitter_manager.show import BotReport
from twitter_manager.terminal import Screen, harmless

_LONGEST_PROMPT = 4000
"""Characters that `generate` takes: longer words are material."""
_LARGEST_MATERIAL = 1_000_000
"""Bytes that `check --material` reads."""
Words = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; gives the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "run")
    as_json = "--json" in words
    screen = Screen(Redactor(()).redact)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a lone surrogate can't be printed
    logging.getLogger(__package__).addHandler(logging.NullHandler())  # else what precedes the log goes to stderr
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        if any("\udc80" <= character <= "\udcff" for character in "".join(words)):
            raise UsageError("The words of the command are not UTF-8.", "Check the terminal's encoding.")
        parsed = parser(VERBS).parse_args(words)
        parsed.screen = screen
        exit_code: int = parsed.verb(parsed)
        sys.stdout.flush()
        return exit_code
    except SystemExit as end:  # argparse, after --help and --version
        return int(end.code or 0)
    except SettingsProblems as problems:
        return _failed(screen, [str(problem) for problem in problems.problems], problems.exit_code, as_json)
    except TwitterManagerError as error:
        return _failed(screen, [str(error)], error.exit_code, as_json)
    except Interrupted as stop:
        return _failed(screen, [f"ended by signal {stop.signal_number}"], 128 + stop.signal_number, as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 (the last line of defence: no traceback reaches a user)
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        line = f"unforeseen error ({type(error).__name__} at {where}). The details are in logs/error.log."
        return _failed(screen, [line], 1, as_json)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)


def _failed(screen: Screen, lines: list[str], exit_code: int, as_json: bool) -> int:
    for line in lines:
        screen.trouble(line)
    if as_json:
        screen.json({"outcome": "failed", "exit_code": exit_code, "errors": lines})
    return exit_code


# -- the verbs ---------------------------------------------------------------------------------------


def run(words: Words) -> int:
    """Do one run: settle what is open, publish a post that is due, refill the pool. This is what cron starts."""
    app = _app(words)
    reports, failures = app.run(words.bot, dry_run=words.dry_run, forced=words.force)
    return _tell(words.screen, app, reports, failures, words.json)


def post(words: Words) -> int:
    """Queue your own text, a post or a thread, after the checks."""
    app = _app(words)
    parts = (sys.stdin.read().strip() if words.text == "-" else words.text, *words.part)
    if words.now:
        return _tell(words.screen, app, [app.post_now(words.bot, parts, words.platform)], [], words.json)
    queued = app.post(words.bot, parts, words.platform)
    if words.json:
        words.screen.json(queued)
    elif sys.stdout.isatty():
        slot = phrases.clock(queued["next_slot"])
        words.screen.lines([f"Queued as draft {queued['draft']['id']}. It is published at the next slot, {slot}."])
    return 0


def status(words: Words) -> int:
    """The last run, the next slot, the pool, what is unfinished, and what platforms and generators are set up to do."""
    _show(words, _app(words).status(), show.status_lines)
    return 0


def history(words: Words) -> int:
    """The newest posts and where they went."""
    _show(words, _app(words).history(words.bot, words.limit), show.history_lines)
    return 0


def explain(words: Words) -> int:
    """The whole story of a draft or a run: why this topic, which material, every candidate, every try."""
    _show(words, _app(words).explain(words.what), show.explain_lines)
    return 0


def generate(words: Words) -> int:
    """Write candidates for one post and show them with their scores and what the checks found; nothing is saved."""
    from twitter_manager.operations.trial import Wish

    if words.prompt and (words.topic or words.format or words.source):
        raise UsageError("--prompt stands alone.", "Leave out --topic, --format and --source; say it in the prompt.")
    if len(words.prompt) > _LONGEST_PROMPT:
        raise UsageError(f"The prompt is longer than {_LONGEST_PROMPT} characters.")
    wish = Wish(words.topic, words.format, words.source, words.prompt.strip())
    app = _app(words)
    if app.redactor.find(wish.prompt):
        raise UsageError("The prompt holds a secret, and a service would read it.", "Leave it out.")
    trial = app.generate(words.bot, wish, words.n)
    _show(words, trial, show.trial_lines)
    return 0 if trial["chosen"] else 1


def replay(words: Words) -> int:
    """Make the choice of a draft, or all that a run chose, again, and tell whether it is the same."""
    from twitter_manager.operations import replay as views

    again = _app(words).replay(words.what)
    _show(words, again, views.lines)
    return 0 if again["same"] else 1


def preview(words: Words) -> int:
    """Show what the next runs would do, without doing it: when a post is due, which one, where, and what it costs."""
    from twitter_manager.operations import preview as views

    _show(words, _app(words).preview(words.bot, words.runs, words.seed), views.lines)
    return 0


def style(words: Words) -> int:
    """How you write, learned from your own past posts: lengths, openings, punctuation, emoji, hashtags, vocabulary."""
    _show(words, _app(words).style(words.bot), show.style_lines)
    return 0


def check(words: Words) -> int:
    """Read a text on standard input; tell its length as the platform counts it, and what is wrong with it."""
    app = _app(words)
    if words.rules:
        _show(words, {"rules": app.rules(words.bot)}, show.rules_lines)
        return 0
    material = (_read(Path(words.material)),) if words.material else None
    raw = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    lines: Iterable[str | None] = [raw.removesuffix("\n")]
    if words.lines:
        lines = map(_json_string, raw.removesuffix("\n").split("\n") if raw else [])
    ok = True
    for text in lines:
        report = (
            _no_string(words.platform)
            if text is None
            else app.check(words.bot, text, words.platform, material).as_json()
        )
        ok = ok and report["ok"]
        if words.json or words.lines:
            words.screen.json(report)
        else:
            words.screen.lines(show.check_lines(report))
    return 0 if ok else 1


def sources(words: Words) -> int:
    """Where material comes from: list the sources, update them now, test one (nothing is stored), or add a web address,
    a folder, a file or a git repository."""
    from twitter_manager.operations import sources as views

    app = _app(words)
    if words.action in ("test", "add") and not words.what:
        raise UsageError(f"sources {words.action} needs a {'name' if words.action == 'test' else 'place'}.")
    if words.action == "add":
        return _add_source(app, words)
    if words.action == "test":
        _show(words, app.test_source(words.bot, words.what).as_json(), views.found_lines)
        return 0
    if words.action == "list":
        listed = app.sources(words.bot)
        _show(words, {"sources": listed}, lambda shown: views.listing_lines(shown["sources"]))
        return 0
    looks = app.update_sources(words.bot, words.what)
    if words.json or sys.stdout.isatty():
        _show(words, {"sources": looks}, lambda shown: views.looked_lines(shown["sources"]))
    for line in app.notes:
        words.screen.trouble(line)
    troubles = [f"{look['name']}: {look['error']}" for look in looks if look["error"]]
    return _failed(words.screen, troubles, 1, as_json=False) if troubles else 0


def _add_source(app: App, words: Words) -> int:
    from twitter_manager.operations import sources as views

    found = app.find_source(words.bot, words.what, words.name, words.label)
    shown = found.as_json()
    if not words.json:
        words.screen.lines(views.found_lines(shown))
    agreed = words.yes
    if not agreed and not words.json and sys.stdin.isatty():
        agreed = input("Write it into the bot file? [y/N] ").strip().lower() in ("y", "yes")
    line = app.add_source(found, words.bot) if agreed else "Nothing is written; with --yes it is."
    words.screen.json(shown | {"written": agreed}) if words.json else words.screen.lines([line])
    return 0


def pause(words: Words) -> int:
    """Stand still: runs settle what is open and post nothing until `pause --off`."""
    return _say(words.screen, _app(words).pause(words.bot, words.reason, off=words.off))


def resume(words: Words) -> int:
    """Go on with drafts that failed or are held: what is not out is queued again (held posts are looked up first)."""
    return _decided(words, "Give the drafts' numbers, as status shows them.", _app(words).resume)


def skip(words: Words) -> int:
    """Give drafts up: nothing more of them goes out."""
    return _decided(words, "Give the drafts' numbers, as status shows them, or --all.", _app(words).skip)


def _decided(words: Words, ways: str, decide: Callable[[Sequence[int]], tuple[list[str], list[UsageError]]]) -> int:
    """What was done is told before what was refused."""
    if words.all == bool(words.drafts):
        raise UsageError("Which drafts?", ways)
    lines, refused = decide(words.drafts)
    _say(words.screen, *lines)
    if refused:
        raise UsageError(" ".join(error.message for error in refused), refused[0].remedy)
    return 0


def audit(words: Words) -> int:
    """The append-only trail of all that happened: look whether anyone changed it, or print it."""
    trail, wrong = _app(words).audit()
    if words.action == "export":
        for event in trail:
            words.screen.record(event)
        return 0
    if wrong:
        raise TwitterManagerError("The audit trail was tampered with: " + "; ".join(wrong[:20]) + ".")
    return _say(words.screen, f"The trail of {len(trail)} events is whole.")


def restore(words: Words) -> int:
    """Put a backup in the place of a damaged database, so that nothing that went out since goes out again."""
    app = _app(words)
    words.screen.lines(app.backups() if words.list else app.restore(Path(words.file) if words.file else None))
    return 0


def doctor(words: Words) -> int:
    """Check settings, credentials (one read-only call each), model, disk, clock, permissions and the cron line."""
    report = _app(words).doctor()
    _show(words, report, show.doctor_lines)
    return 0 if report["ok"] else 1


def init(words: Words) -> int:
    """Ask a few questions; write `.env` and a commented bot file. Nothing that is there is overwritten."""
    from getpass import getpass

    from twitter_manager.operations.init import init as ask_and_write

    def ask(question: str, secret: bool, default: str) -> str:
        shown = harmless(f"{question} [{default}]: " if default else f"{question}: ")
        return (getpass(shown) if secret and sys.stdin.isatty() else input(shown)) or default

    if given := os.environ.get("TWITTER_MANAGER_HOME"):
        Path(given).expanduser().mkdir(mode=0o700, parents=True, exist_ok=True)
    words.screen.lines(ask_and_write(find_home(os.environ, new=True), ask))
    return 0


def schema(words: Words) -> int:
    """Print the JSON Schema of a bot's file, by which an editor completes and checks it."""
    from twitter_manager.settings.botfile import json_schema

    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return 0


VERBS: Sequence[Callable[[Words], int]] = (
    run, post, status, history, explain, generate, replay, preview, style, check, sources,
    pause, resume, skip, audit, restore, doctor, init, schema,
)  # fmt: skip
"""In the order of the help."""


# -- what they print ---------------------------------------------------------------------------------


def _app(words: Words) -> App:
    """The program over its home folder. From here on the screen knows the secrets."""
    app = App.load(find_home(os.environ), os.environ, words.screen.progress)
    words.screen.redact = app.redactor.redact
    return app


def _tell(screen: Screen, app: App, reports: list[BotReport], failures: list[str], as_json: bool) -> int:
    """Print what runs did; gives the exit code."""
    exit_code = 0 if not failures and all(bot_report.report.ok for bot_report in reports) else 1
    at_terminal = sys.stdout.isatty()
    if as_json:
        bots = [show.run_as_json(bot_report) for bot_report in reports]
        screen.json({"exit_code": exit_code, "bots": bots, "errors": failures})
    else:
        for bot_report in reports:
            if at_terminal or bot_report.report.outcome is Outcome.DRY_RUN:
                screen.lines(show.run_lines(bot_report, hints=app.hints(bot_report) if at_terminal else ()))
    lines = [] if at_terminal else [line for bot_report in reports for line in show.cron_lines(bot_report.report)]
    for line in (*lines, *failures, *app.notes):
        screen.trouble(line)
    return exit_code


def _show(words: Words, value: Any, lines: Callable[[Any], Iterable[str]]) -> None:
    """What a verb was asked for: one JSON object, or lines for a person."""
    words.screen.json(value) if words.json else words.screen.lines(lines(value))


def _say(screen: Screen, *lines: str) -> int:
    if sys.stdout.isatty():
        screen.lines(lines)
    return 0


def _json_string(line: str) -> str | None:
    """The string that a line holds, or None when it holds none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, str) else None


def _no_string(platform: str) -> Json:
    """What `check --lines` prints for a line that is no JSON string: one object a line, whatever comes."""
    violation = {"rule": "input", "message": 'The line is not a JSON string, such as "some text".'}
    return {"platform": platform, "length": 0, "limit": None, "ok": False, "violations": [violation], "facets": []}


def _read(path: Path) -> str:
    try:
        return path.read_bytes()[:_LARGEST_MATERIAL].decode("utf-8", "replace")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} can't be read: {reason}.", "Give a text file.") from None
