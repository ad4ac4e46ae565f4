"""The verbs: reads the command line, prints, and turns every error into one line and an exit code, here and only here.

Exit codes: 0 done or nothing due, 1 the run failed, 2 usage, 75 another run holds the lock, 78 settings; 128 + n when
signal n ended it. With no terminal success prints nothing; what a verb was asked for (`--json`, `status`, …) is always
printed.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from twitter_manager import __version__
from twitter_manager.app import App
from twitter_manager.domain import Json
from twitter_manager.errors import SettingsProblems, TwitterManagerError, UsageError
from twitter_manager.run import Interrupted
from twitter_manager.settings import find_home
from twitter_manager.show import BotReport

cli = typer.Typer(
    name="twitter_manager",
    help="Post to X, Bluesky and a local feed, once an hour, exactly once. With no verb it does one run.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

BotOption = Annotated[str, typer.Option("--bot", help="Only this bot (default: every bot).", metavar="NAME")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; gives the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "run")
    as_json = "--json" in words
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a lone surrogate can't be printed
    logging.getLogger(__package__).addHandler(logging.NullHandler())  # else what precedes the log goes to stderr
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        result = cli(words, standalone_mode=False, prog_name="python -m twitter_manager")
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except typer.Exit as stop:
        return stop.exit_code
    except SettingsProblems as problems:
        return _failed([str(problem) for problem in problems.problems], problems.exit_code, as_json)
    except TwitterManagerError as error:
        return _failed([str(error)], error.exit_code, as_json)
    except Interrupted as stop:
        return _failed([f"ended by signal {stop.signal_number}"], 128 + stop.signal_number, as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 (the last line of defence: no traceback reaches a user)
        return _unforeseen(error, as_json)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)


def _unforeseen(error: Exception, as_json: bool) -> int:
    """Usage errors of the command line come from typer's own click; anything else is a bug, told in the log."""
    exit_code = getattr(error, "exit_code", None)
    if exit_code == 2 and hasattr(error, "format_message"):
        return _failed([f"{error.format_message()} (see --help)"], 2, as_json)
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    return _failed([f"unforeseen {type(error).__name__} at {where}; the whole story is in logs/error.log"], 1, as_json)


def _failed(lines: list[str], exit_code: int, as_json: bool) -> int:
    for line in lines:
        print(f"twitter_manager: {line}", file=sys.stderr)
    if as_json:
        print(json.dumps({"outcome": "failed", "exit_code": exit_code, "errors": lines}, ensure_ascii=False))
    return exit_code


def _print_json(found: object) -> None:
    print(json.dumps(found, ensure_ascii=False, default=str))


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _app() -> App:
    return App.load(find_home(os.environ), os.environ, _progress)


def _progress(line: str) -> None:
    """One line for a person who waits; cron sees nothing."""
    if sys.stderr.isatty():
        print(f"  … {line}", file=sys.stderr, flush=True)


@cli.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(__version__)
        raise typer.Exit(0)


@cli.command()
def run(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be posted; publish nothing, change nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Post although this slot has its post, or the limits are reached.")
    ] = False,
    bot: BotOption = "",
    as_json: JsonOption = False,
) -> int:
    """Do one run: settle what is open, publish a post that is due, refill the pool. This is what cron starts."""
    app = _app()
    reports, failures = app.run(bot, dry_run=dry_run, forced=force)
    return _tell(app, reports, failures, as_json)


@cli.command()
def post(
    text: Annotated[str, typer.Argument(help="The text; - reads it from standard input.")],
    part: Annotated[list[str] | None, typer.Option("--part", help="One more part: makes it a thread.")] = None,
    platform: Annotated[list[str] | None, typer.Option("--platform", help="Only there: x, bluesky or feed.")] = None,
    now: Annotated[bool, typer.Option("--now", help="Publish in this command instead of at the next slot.")] = False,
    bot: Annotated[str, typer.Option("--bot", help="Which bot posts it (needed with several).")] = "",
    as_json: JsonOption = False,
) -> int:
    """Queue your own text, a post or a thread, after the checks."""
    app = _app()
    parts = (sys.stdin.read().strip() if text == "-" else text, *(part or []))
    if now:
        return _tell(app, [app.post_now(bot, parts, platform or [])], [], as_json)
    queued = app.post(bot, parts, platform or [])
    if as_json:
        _print_json(queued)
    elif sys.stdout.isatty():
        print(f"Queued as draft {queued['draft']['id']}; it goes out at the next slot, {queued['next_slot']}.")
    return 0


def _tell(app: App, reports: list[BotReport], failures: list[str], as_json: bool) -> int:
    """Print what runs did; gives the exit code."""
    from twitter_manager import show

    exit_code = 0 if not failures and all(made.report.ok for made in reports) else 1
    if as_json:
        bots = [show.run_as_json(made) for made in reports]
        _print_json({"exit_code": exit_code, "bots": bots, "errors": failures})
    elif sys.stdout.isatty() or any(made.report.outcome == "dry_run" for made in reports):
        for made in reports:
            _print_lines(show.run_lines(made, hints=app.hints(made) if sys.stdout.isatty() else ()))
    for made in reports:
        if not made.report.ok and not sys.stdout.isatty():
            reason = made.report.reason or "; ".join(made.report.attention)
            print(f"twitter_manager: {made.report.bot}: {made.report.outcome}: {reason}", file=sys.stderr)
    for line in (*failures, *app.notes):
        print(f"twitter_manager: {line}", file=sys.stderr)
    return exit_code


@cli.command()
def status(as_json: JsonOption = False) -> int:
    """The last run, the next slot, the pool, what is unfinished, and what platforms and generators are set up to do."""
    from twitter_manager import show

    found = _app().status()
    _print_json(found) if as_json else _print_lines(show.status_lines(found))
    return 0


@cli.command()
def history(
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many posts.")] = 10,
    bot: BotOption = "",
    as_json: JsonOption = False,
) -> int:
    """The newest posts and where they went."""
    from twitter_manager import show

    found = _app().history(bot, limit)
    _print_json(found) if as_json else _print_lines(show.history_lines(found))
    return 0


@cli.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="DRAFT_OR_RUN", help="A draft's number, or run:NUMBER.")],
    as_json: JsonOption = False,
) -> int:
    """The whole story of a draft or a run: why this topic, which material, every candidate, every try."""
    from twitter_manager import show

    story = _app().explain(what)
    _print_json(story) if as_json else _print_lines(show.explain_lines(story))
    return 0


@cli.command()
def check(
    platform: Annotated[str, typer.Option("--platform", help="x, bluesky or feed.")] = "x",
    lines: Annotated[
        bool, typer.Option("--lines", help="Read one JSON string a line; print one object a line.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Read a text on standard input; tell its length as the platform counts it, and what is wrong with it."""
    app = _app()
    raw = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    texts = [raw.removesuffix("\n")]
    if lines:
        texts = [_json_string(line, number) for number, line in enumerate(raw.split("\n"), 1) if line.strip()]
    ok = True
    for text in texts:
        report = app.check(text, platform)
        ok = ok and report.ok
        if as_json or lines:
            sys.stdout.write(json.dumps(report.as_json()) + "\n")
        else:
            _print_lines(_check_lines(report.as_json()))
    return 0 if ok else 1


def _json_string(line: str, number: int) -> str:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, str):
        raise UsageError(f"Line {number} of standard input is not a JSON string.", 'Give lines like "some text".')
    return found


def _check_lines(report: Json) -> Iterable[str]:
    limit = f" of {report['limit']}" if report["limit"] is not None else ""
    yield f"{report['platform']}: {report['length']}{limit} characters, {'ok' if report['ok'] else 'not ok'}"
    for violation in report["violations"]:
        yield f"  {violation['rule']}: {violation['message']}"


@cli.command()
def pause(
    reason: Annotated[str, typer.Argument(help="Why; shown in status.")] = "",
    off: Annotated[bool, typer.Option("--off", help="Take the pause back.")] = False,
    bot: BotOption = "",
) -> int:
    """Stand still: runs settle what is open and post nothing until `pause --off`."""
    line = _app().pause(bot, reason, off=off)
    if sys.stdout.isatty():
        print(line)
    return 0


@cli.command()
def resume(draft: Annotated[int, typer.Argument(help="A draft's number.")]) -> int:
    """Go on with a draft that failed or is held: what is not out is queued again (held posts are looked up first)."""
    line = _app().resume(draft)
    if sys.stdout.isatty():
        print(line)
    return 0


@cli.command()
def skip(draft: Annotated[int, typer.Argument(help="A draft's number.")]) -> int:
    """Give a draft up: nothing more of it goes out."""
    line = _app().skip(draft)
    if sys.stdout.isatty():
        print(line)
    return 0


@cli.command()
def doctor(as_json: JsonOption = False) -> int:
    """Check settings, credentials (one read-only call each), model, disk, clock, permissions and the cron line."""
    found = _app().doctor()
    if as_json:
        _print_json(found)
    else:
        for one in found["checks"]:
            print(f"{one['result']:7} {one['name']}: {one['detail']}" + (f" {one['remedy']}" if one["remedy"] else ""))
    return 0 if found["ok"] else 1


@cli.command()
def init() -> int:
    """Ask a few questions; write `.env` and a commented bot file. Nothing that is there is overwritten."""
    from twitter_manager.operations.init import init as ask_and_write

    def ask(question: str, secret: bool, default: str) -> str:
        try:
            return str(typer.prompt(question, default=default, hide_input=secret, show_default=bool(default)))
        except typer.Abort as end:
            raise EOFError from end

    _print_lines(ask_and_write(find_home(os.environ), ask))
    return 0
