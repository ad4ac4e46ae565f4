"""The verb `report`: what a week or a month of each bot came to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from twitter_manager.app import App
from twitter_manager.domain import Json
from twitter_manager.errors import UsageError
from twitter_manager.reports import keeping, text
from twitter_manager.reports.figures import Subject
from twitter_manager.reports.periods import MONTH, WEEK, today
from twitter_manager.reports.receipt import looked_at
from twitter_manager.show.charts import charts
from twitter_manager.store import drafts, reports
from twitter_manager.store.database import Database
from twitter_manager.verbs.verb import JSON, Verb, Words, bot_option, opened, show, switch, word

_FIRST_YEAR = 2000


def report(words: Words) -> int:
    """What a week or a month came to: posts, slots that were missed and why, cost, and a receipt to check it by."""
    _refuse_what_does_not_fit(words)
    day = _day(words.of)
    app = opened(words)
    with app.session.reading() as db:
        if db is None:
            raise UsageError("There is nothing to report yet.", "The first run begins the record.")
        if words.list:
            names = [subject.bot for subject in _subjects(app, db, words.bot)]
            kept = keeping.kept_as_json(db, names if words.bot else sorted({*names, *reports.bots(db)}), app.clock())
            show(words, {"kept": kept}, lambda shown: text.kept_lines(shown["kept"]))
            return 0
        told = _reports(app, db, words, day)
    file = _written(app, words.html, told) if words.html else None
    if file is None or words.json:
        show(words, {"reports": told, "file": file}, _lines)
    elif sys.stdout.isatty():
        words.screen.lines([f"The report stands in {file}."])
    return 0


def _written(app: App, given: str, told: list[Json]) -> str:
    """Write the page; gives where it stands. Raises UsageError."""
    from twitter_manager.reports import page

    path = Path(given).expanduser()
    page.write(path, page.html(told, app.clock(), app.redactor.redact))
    return str(path)


def _refuse_what_does_not_fit(words: Words) -> None:
    if words.weekly and words.monthly:
        raise UsageError("A report is of a week or of a month.", "Say --weekly or --monthly, not both.")
    if words.html == "":
        raise UsageError("--html names no file.", "Say which file to write.")
    of_one = {"--weekly": words.weekly, "--monthly": words.monthly, "--of": words.of, "--html": words.html}
    if words.list and (besides := [name for name, given in of_one.items() if given not in (None, False)]):
        raise UsageError(f"--list and {besides[0]} don't go together.", "Leave one of them out.")


def _reports(app: App, db: Database, words: Words, day: date | None) -> list[Json]:
    now = app.clock()
    subjects = _subjects(app, db, words.bot)
    for subject in subjects:
        if day and day > today(now, subject.time_zone):
            raise UsageError(f"{day} is in the future.", "Say a day that is past, or today.")
    trail = looked_at(db, now)
    kind = MONTH if words.monthly else WEEK
    return [keeping.report_of(db, subject, kind, day, now, trail) for subject in subjects]


def _subjects(app: App, db: Database, name: str) -> list[Subject]:
    """The bot of this name, which may be set up no more; for "" all that are switched on. Raises UsageError."""
    known = {bot.name for bot in app.settings.bots}
    if name and name not in known and name in drafts.bots(db):
        return [Subject(name, None)]
    return [keeping.subject_of(bot) for bot in app.session.bots(name)]


def _day(given: str | None) -> date | None:
    if given is None:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"{given[:40]!r} is not a day.", "Write it as 2026-11-30.") from None
    if day.year < _FIRST_YEAR:
        raise UsageError(f"{day} is too long ago.", f"Say a day from {_FIRST_YEAR} on.")
    return day


def _lines(told: Json) -> Iterator[str]:
    look = charts(sys.stdout.encoding)
    for number, each in enumerate(told["reports"]):
        yield from [""] * bool(number)
        yield from text.lines(each, look)


REPORT = Verb(
    report,
    (
        JSON,
        switch("--weekly", "of a week, Monday to Sunday (the default)"),
        switch("--monthly", "of a calendar month"),
        word("--of", metavar="DATE", help="the one that this day is in (default: the last that is over)"),
        word("--html", metavar="FILE", help="write it as a page to this file, to read, print or send"),
        switch("--list", "only show which reports were kept, in short"),
        bot_option(),
    ),
)
