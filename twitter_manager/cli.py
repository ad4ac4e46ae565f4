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
from typing import NoReturn, Protocol

from twitter_manager import __version__, show
from twitter_manager.app import App
from twitter_manager.domain import Json, Outcome
from twitter_manager.errors import SettingsProblems, TwitterManagerError, UsageError
from twitter_manager.pipeline.context import Interrupted
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.redaction import Redactor
from twitter_manager.settings import find_home
from twitter_manager.show import BotReport
from twitter_manager.terminal import Screen, harmless, program

MOST_CANDIDATES, MOST_PROMPT = 20, 4000
"""What `generate` takes: more candidates no person compares, and longer words are material."""

_LARGEST_MATERIAL = 1_000_000
"""Bytes that `check --material` reads."""
Words = argparse.Namespace
Verb = Callable[[Words], int]


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
        chosen = _parser().parse_args(words)
        chosen.screen = screen
        verb: Verb = chosen.verb
        exit_code = verb(chosen)
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
        line = f"unforeseen {type(error).__name__} at {where}; the whole story is in logs/error.log"
        return _failed(screen, [line], 1, as_json)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)


def _failed(screen: Screen, lines: list[str], exit_code: int, as_json: bool) -> int:
    for line in lines:
        screen.trouble(line)
    if as_json:
        screen.json({"outcome": "failed", "exit_code": exit_code, "errors": lines})
    return exit_code


# -- the command line --------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and exit code 2, as for every other error."""
        raise UsageError(f"{message}.", f"See: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    places = any_of([spec.title for spec in SPECS.values()])
    parser = _Parser(
        prog=program(),
        description=f"Post to {places}, once an hour, exactly once. With no verb it does one run.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True, parser_class=_Parser)

    def add(work: Verb, *, json_too: bool = True) -> argparse.ArgumentParser:
        text = " ".join((work.__doc__ or "").split())
        made = verbs.add_parser(work.__name__, help=text, description=text, allow_abbrev=False)
        made.set_defaults(verb=work)
        if json_too:
            made.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        return made

    _words_of_posting(add)
    _words_of_looking(add)
    _words_of_writing(add)
    _words_of_keeping(add)
    return parser


class _Add(Protocol):
    def __call__(self, work: Verb, *, json_too: bool = True) -> argparse.ArgumentParser: ...


def _add_bot(made: argparse.ArgumentParser, which: str = "only this bot (default: every bot)") -> None:
    made.add_argument("--bot", default="", metavar="NAME", help=which)


def _words_of_posting(add: _Add) -> None:
    made = add(run)
    made.add_argument("--dry-run", action="store_true", help="show what would be posted; publish and change nothing")
    made.add_argument("--force", action="store_true", help="post although this slot has its post or a limit is reached")
    _add_bot(made)
    made = add(post)
    made.add_argument("text", metavar="TEXT", help="the text; - reads it from standard input")
    made.add_argument("--part", action="append", default=[], metavar="TEXT", help="one more part: makes it a thread")
    made.add_argument(
        "--platform", action="append", default=[], help=f"only there: {any_of(tuple(SPECS))}; may be repeated"
    )
    made.add_argument("--now", action="store_true", help="publish in this command instead of at the next slot")
    _add_bot(made, "which bot posts it (needed with several)")


def _words_of_looking(add: _Add) -> None:
    add(status)
    made = add(history)
    made.add_argument("--limit", type=_count, default=10, metavar="N", help="how many posts (default: 10)")
    _add_bot(made)
    add(explain).add_argument("what", metavar="DRAFT_OR_RUN", help="a draft's number, or run:NUMBER")


def _words_of_writing(add: _Add) -> None:
    made = add(generate)
    made.add_argument("--topic", default="", help="on this topic")
    made.add_argument("--format", default="", help="in this form: tip, news, question, …")
    made.add_argument("--source", default="", metavar="ITEM", help="from this item: its number or key, as in explain")
    made.add_argument("--prompt", default="", metavar="TEXT", help="to these words of yours instead of material")
    made.add_argument("-n", type=_count, default=0, metavar="N", help="how many candidates, 20 at most")
    _add_bot(made, "which bot (needed with several)")
    add(replay).add_argument("what", metavar="DRAFT_OR_RUN", help="a draft's number, or run:NUMBER")
    made = add(preview)
    made.add_argument("--runs", type=_runs, default=24, metavar="N", help="how many runs, 1 to 1000 (default: 24)")
    made.add_argument("--seed", type=_count, metavar="N", help="draw as the preview did that told this seed")
    _add_bot(made)
    made = add(style)
    made.add_argument("action", choices=("show",), help="show what was learned")
    _add_bot(made, "which bot (needed with several)")
    made = add(check)
    first, *_ = SPECS
    made.add_argument("--platform", default=first, help=f"{any_of(tuple(SPECS))} (default: {first})")
    made.add_argument("--lines", action="store_true", help="read one JSON string a line, print one object a line")
    made.add_argument("--material", default="", metavar="FILE", help="check it as a text that a model made from FILE")
    made.add_argument("--rules", action="store_true", help="read no text; list all rules, why, and their settings")
    _add_bot(made, "by whose settings (needed with several)")
    made = add(sources)
    made.add_argument("action", choices=("list", "update", "test", "add"), help="what to do")
    made.add_argument("what", nargs="?", default="", metavar="NAME_OR_PLACE", help="a source's name; for add a place")
    made.add_argument("--name", default="", help="with add: what to call it")
    made.add_argument("--label", default="", help="with add: the topic of its items")
    made.add_argument("--yes", action="store_true", help="with add: write it into the bot file without asking")
    _add_bot(made)


def _words_of_keeping(add: _Add) -> None:
    made = add(pause, json_too=False)
    made.add_argument("reason", nargs="?", default="", metavar="REASON", help="why; shown in status")
    made.add_argument("--off", action="store_true", help="take the pause back")
    _add_bot(made)
    for work in (resume, skip):
        made = add(work, json_too=False)
        made.add_argument("drafts", nargs="*", type=_count, metavar="DRAFT", help="a draft's number; may be several")
        made.set_defaults(all=False)
    made.add_argument("--all", action="store_true", help="every draft that waits for you")
    made = add(audit, json_too=False)
    made.add_argument("action", choices=("verify", "export"), help="look for changes, or print it as JSON lines")
    made = add(restore, json_too=False)
    made.add_argument("file", nargs="?", metavar="FILE", help="this backup (default: the newest good one)")
    made.add_argument("--list", action="store_true", help="only show which backups there are")
    add(doctor)
    add(init, json_too=False)
    add(schema, json_too=False).add_argument("what", choices=("bot",), help="of a bot's file")


def _count(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not 0 < int(word[:18]) <= 10**9 or len(word) > 18:
        raise argparse.ArgumentTypeError(f"{word[:40]!r} is not a number from 1 to 1000000000")
    return int(word)


def _runs(word: str) -> int:
    if (count := _count(word)) > 1000:
        raise argparse.ArgumentTypeError(f"{count} are more than 1000")
    return count


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
        words.screen.lines(
            [f"Queued as draft {queued['draft']['id']}; it goes out at the next slot, {queued['next_slot']}."]
        )
    return 0


def status(words: Words) -> int:
    """The last run, the next slot, the pool, what is unfinished, and what platforms and generators are set up to do."""
    found = _app(words).status()
    words.screen.json(found) if words.json else words.screen.lines(show.status_lines(found))
    return 0


def history(words: Words) -> int:
    """The newest posts and where they went."""
    found = _app(words).history(words.bot, words.limit)
    words.screen.json(found) if words.json else words.screen.lines(show.history_lines(found))
    return 0


def explain(words: Words) -> int:
    """The whole story of a draft or a run: why this topic, which material, every candidate, every try."""
    story = _app(words).explain(words.what)
    words.screen.json(story) if words.json else words.screen.lines(show.explain_lines(story))
    return 0


def generate(words: Words) -> int:
    """Write candidates for one post and show them with their scores and what the checks found; nothing is saved."""
    from twitter_manager.operations.trial import Wish

    if words.n > MOST_CANDIDATES:
        raise UsageError(f"-n {words.n}: at most {MOST_CANDIDATES} candidates.")
    if words.prompt and (words.topic or words.format or words.source):
        raise UsageError("--prompt stands alone.", "Leave out --topic, --format and --source; say it in the prompt.")
    if len(words.prompt) > MOST_PROMPT:
        raise UsageError(f"The prompt is longer than {MOST_PROMPT} characters.")
    wish = Wish(words.topic, words.format, words.source, words.prompt.strip())
    app = _app(words)
    if app.redactor.find(wish.prompt):
        raise UsageError("The prompt holds a secret, and a service would read it.", "Leave it out.")
    made = app.generate(words.bot, wish, words.n)
    words.screen.json(made) if words.json else words.screen.lines(show.trial_lines(made))
    return 0 if made["chosen"] else 1


def replay(words: Words) -> int:
    """Make the choice of a draft, or all that a run chose, again, and tell whether it is the same."""
    from twitter_manager.operations import replay as views

    made = _app(words).replay(words.what)
    words.screen.json(made) if words.json else words.screen.lines(views.lines(made))
    return 0 if made["same"] else 1


def preview(words: Words) -> int:
    """Show what the next runs would do, without doing it: when a post is due, which one, where, and what it costs."""
    from twitter_manager.operations import preview as views

    found = _app(words).preview(words.bot, words.runs, words.seed)
    words.screen.json(found) if words.json else words.screen.lines(views.lines(found))
    return 0


def style(words: Words) -> int:
    """How you write, learned from your own past posts: lengths, openings, punctuation, emoji, hashtags, vocabulary."""
    found = _app(words).style(words.bot)
    words.screen.json(found) if words.json else words.screen.lines(show.style_lines(found))
    return 0


def check(words: Words) -> int:
    """Read a text on standard input; tell its length as the platform counts it, and what is wrong with it."""
    app = _app(words)
    if words.rules:
        rules = app.rules(words.bot)
        words.screen.json({"rules": rules}) if words.json else words.screen.lines(show.rules_lines(rules))
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
        tested = app.test_source(words.bot, words.what).as_json()
        words.screen.json(tested) if words.json else words.screen.lines(views.found_lines(tested))
        return 0
    if words.action == "list":
        listed = app.sources(words.bot)
        words.screen.json({"sources": listed}) if words.json else words.screen.lines(views.listing_lines(listed))
        return 0
    made = app.update_sources(words.bot, words.what)
    if words.json:
        words.screen.json({"sources": made})
    elif sys.stdout.isatty():
        words.screen.lines(views.looked_lines(made))
    for line in app.notes:
        words.screen.trouble(line)
    troubles = [f"{one['name']}: {one['error']}" for one in made if one["error"]]
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
    found = _app(words).doctor()
    words.screen.json(found) if words.json else words.screen.lines(show.doctor_lines(found))
    return 0 if found["ok"] else 1


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


# -- what they print ---------------------------------------------------------------------------------


def _app(words: Words) -> App:
    """The program over its home folder. From here on the screen knows the secrets."""
    app = App.load(find_home(os.environ), os.environ, words.screen.progress)
    words.screen.redact = app.redactor.redact
    return app


def _tell(screen: Screen, app: App, reports: list[BotReport], failures: list[str], as_json: bool) -> int:
    """Print what runs did; gives the exit code."""
    exit_code = 0 if not failures and all(made.report.ok for made in reports) else 1
    at_terminal = sys.stdout.isatty()
    if as_json:
        bots = [show.run_as_json(made) for made in reports]
        screen.json({"exit_code": exit_code, "bots": bots, "errors": failures})
    else:
        for made in reports:
            if at_terminal or made.report.outcome is Outcome.DRY_RUN:
                screen.lines(show.run_lines(made, hints=app.hints(made) if at_terminal else ()))
    bad = [show.trouble(made.report) for made in reports if not made.report.ok and not made.report.repeated]
    warnings = [f"{made.report.bot}: {line}" for made in reports for line in made.report.warnings]
    for line in (*([] if at_terminal else [*bad, *warnings]), *failures, *app.notes):
        screen.trouble(line)
    return exit_code


def _say(screen: Screen, *lines: str) -> int:
    if sys.stdout.isatty():
        screen.lines(lines)
    return 0


def _json_string(line: str) -> str | None:
    """The string that a line holds, or None when it holds none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, str) else None


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
