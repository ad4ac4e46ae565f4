"""The verbs for the installation itself: `audit`, `backup`, `maintain`, `restore`, `doctor`, `schema`."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

from twitter_manager import phrases
from twitter_manager import show as views
from twitter_manager.app import App
from twitter_manager.errors import StoreError, TwitterManagerError, UsageError
from twitter_manager.operations import maintenance
from twitter_manager.pipeline.context import Calendar
from twitter_manager.store import events
from twitter_manager.store.database import BACKUPS, refuse_file
from twitter_manager.validation import did_you_mean
from twitter_manager.verbs.verb import JSON, Verb, Words, action, opened, say, show, switch, word


def audit(words: Words) -> int:
    """The append-only trail of all that happened: look whether anyone changed it, or print it."""
    with opened(words).session.reading() as db:
        trail, wrong = (list(events.everything(db)), events.verify(db)) if db else ([], [])
    if words.action == "export":
        for event in trail:
            words.screen.record(event)
        return 0
    if wrong:
        raise TwitterManagerError("The audit trail was tampered with: " + "; ".join(wrong[:20]) + ".")
    if words.json:
        words.screen.json({"events": len(trail), "whole": True})
        return 0
    return say(words, f"The trail of {phrases.amount(len(trail), 'event')} is whole.")


def backup(words: Words) -> int:
    """The copies of the database: show which there are, or make one now (a run makes one a day)."""
    app = opened(words)
    if words.action == "list":
        return _show_backups(words, app)
    return _upkeep(words, app, maintenance.BACKING_UP)


def _show_backups(words: Words, app: App) -> int:
    from twitter_manager.operations import restore as backups

    second = app.settings.upkeep.backup_copy
    folders = [app.settings.data / BACKUPS, *([Path(second)] if second else [])]
    listed = backups.listing(folders, app.clock())
    troubles = list(_in_the_way(folders))
    if listed or words.json or not troubles:
        show(words, {"backups": listed}, lambda shown: backups.listing_lines(shown["backups"]))
    for line in troubles:
        words.screen.trouble(line)
    return 1 if troubles else 0


def _in_the_way(folders: Sequence[Path]) -> Iterator[str]:
    for folder in folders:
        try:
            refuse_file(folder)
        except StoreError as error:
            yield str(error)


def _upkeep(words: Words, app: App, tasks: Sequence[maintenance.Task]) -> int:
    """Do these tasks by hand, and print what each came to."""
    with app.session.at_work(dry_run=False) as db:
        place = maintenance.Place(db, app.settings, app.clock, lambda: math.inf, app.session.progress)
        results = list(maintenance.run_all(place, tasks))
    if words.json:
        words.screen.json({"tasks": [result.as_json() for result in results]})
    else:  # cron never calls these: who does wants to see it
        words.screen.lines(result.line for result in results)
    for result in results:
        for line in result.done.lines:
            words.screen.trouble(line)
    return 0 if all(result.done.is_finished for result in results) else 1


def maintain(words: Words) -> int:
    """Do all of the upkeep now that runs do when it is due: backups, old rows, pictures, logs, a smaller file."""
    return _upkeep(words, opened(words), maintenance.TASKS)


def restore(words: Words) -> int:
    """Put a backup in the place of a damaged database, so that nothing that went out since goes out again."""
    app = opened(words)
    if words.list:
        return _show_backups(words, app)
    lines = restored(app, Path(words.file) if words.file else None)
    show(words, {"done": lines}, lambda shown: shown["done"])
    return 0


def doctor(words: Words) -> int:
    """Check settings, credentials (one read-only call each), model, disk, clock, permissions and the cron line."""
    from twitter_manager.notify import channels
    from twitter_manager.operations import doctor as looks
    from twitter_manager.telemetry import examining

    app = opened(words)
    with app.session.logged():
        zone = next((bot.time_zone for bot in app.settings.active), "UTC")
        of_settings = looks.examinations(app.settings, app.factory, app.clock)
        examinations = chain(of_settings, channels.examinations(app), examining.examinations(app))
        if app.settings.takes_answers:
            from twitter_manager.answers import reading

            examinations = chain(examinations, reading.examinations(app))
        report = looks.examine(examinations, app.redactor.redact, zone)
        _book_reads(app)
    show(words, report, views.doctor_lines)
    return 0 if report["ok"] else 1


def schema(words: Words) -> int:
    """Print a JSON Schema: of a bot's file, by which an editor completes and checks it, or of what a verb prints with
    --json."""
    from twitter_manager.settings.botfile import json_schema
    from twitter_manager.show import verb_shapes

    if words.what != "bot" and words.what not in verb_shapes.SHAPES:
        remedy = did_you_mean(words.what, verb_shapes.SHAPES) or f"Say bot, or one of {', '.join(verb_shapes.SHAPES)}."
        raise UsageError(f"There is no schema of {words.what[:40]!r}.", remedy)
    found = json_schema() if words.what == "bot" else verb_shapes.json_schema(words.what)
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    return 0


AUDIT = Verb(
    audit,
    (
        JSON,
        action("verify", "export", help="look for changes, or print it as JSON lines"),
    ),
)
BACKUP = Verb(backup, (JSON, action("list", "now", help="which there are (the default), or make one")))
MAINTAIN = Verb(maintain, (JSON,))
RESTORE = Verb(
    restore,
    (
        JSON,
        word("file", nargs="?", metavar="FILE", help="this backup (default: the newest good one)"),
        switch("--list", "only show which backups there are"),
    ),
)
DOCTOR = Verb(doctor, (JSON,))
SCHEMA = Verb(schema, (word("what", metavar="bot|VERB", help="of a bot's file, or of a verb's answer"),))


def _book_reads(app: App) -> None:
    """Write down what X charged for what was read, where there is a database that can be written to."""
    if app.settings.database.exists():
        with suppress(StoreError):  # its own trouble is told elsewhere
            app.session.keep(app.factory.unbooked)


def restored(app: App, given: Path | None) -> list[str]:
    """See `operations.restore`."""
    from twitter_manager.operations import restore as backups
    from twitter_manager.operations.recovery import Account

    with app.session.alone(), app.session.logged():
        accounts = [
            Account(bot.name, app.factory.platforms(bot), Calendar.of(bot).slot_at) for bot in app.settings.bots
        ]
        try:
            lines = backups.restore(app.settings.database, given, accounts, app.clock)
        finally:
            _book_reads(app)
    return [app.redactor.redact(line) for line in lines]
