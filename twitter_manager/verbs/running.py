"""The verb `run`, which cron starts, and what every verb prints that does a run."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from twitter_manager import factory, phrases, show
from twitter_manager.app import App
from twitter_manager.domain import Draft, Outcome
from twitter_manager.errors import TwitterManagerError
from twitter_manager.notify import outside, reporting
from twitter_manager.notify.notifier import Notifier, no_answer
from twitter_manager.operations import credentials, told
from twitter_manager.operations.told import Told
from twitter_manager.pipeline import select
from twitter_manager.pipeline.report import Report
from twitter_manager.pipeline.run import run_bot
from twitter_manager.reports import make_due, message
from twitter_manager.session import is_unforeseen
from twitter_manager.settings import Bot
from twitter_manager.show import BotReport
from twitter_manager.store import limits, runs
from twitter_manager.store.database import Database
from twitter_manager.telemetry import after_runs
from twitter_manager.telemetry.watch import Watch, watched
from twitter_manager.terminal import Screen
from twitter_manager.verbs.verb import JSON, Verb, Words, bot_option, opened, switch

if TYPE_CHECKING:
    from twitter_manager.checks import TextReport

log = logging.getLogger(__name__)


Did = tuple[list[BotReport], list[str]]
"""What the bots' runs came to, and a line for each that broke off."""


def run(words: Words) -> int:
    """Do one run: settle what is open, publish a post that is due, refill the pool. This is what cron starts."""
    with watched(os.environ, words.screen, is_on=not words.dry_run) as watch:
        app = watch.over(opened(words))
        if words.dry_run:
            return tell(words.screen, app, *rehearse(app, words.bot, forced=words.force), words.json)
        reports, failures = run_bots(app, words.bot, watch, forced=words.force)
        memory = told.load(app.settings.data, app.clock())
        is_seen = words.force or words.json or sys.stdout.isatty() or sys.stderr.isatty()
        exit_code = tell(words.screen, app, reports, failures, words.json, None if is_seen else memory)
        if app.session.untold:
            outside.failed(memory, app.session.untold, exit_code, os.environ)
        else:
            outside.went_through(memory, os.environ)
        return watch.ends(exit_code, [*map(_outcome, reports), *failures, *app.notes])


RUN = Verb(
    run,
    (
        JSON,
        switch("--dry-run", "show what would be posted; publish and change nothing"),
        switch("--force", "post although this slot has its post or a limit is reached"),
        bot_option(),
    ),
)


def run_bots(app: App, bot: str, watch: Watch, *, forced: bool) -> Did:
    """One run for each bot that is meant, what others are to learn of it, and the upkeep that is due."""
    began, outcomes = app.clock(), dict[str, BotReport | str]()

    def tell_of_upkeep() -> None:
        for each in bots:
            if isinstance(outcome := outcomes[each.name], BotReport):
                notifier.note(each, report=outcome.report)
        notifier.send_all(bots)

    with app.session.at_work(dry_run=False, tell=tell_of_upkeep) as db:
        _make_ready(app, db)
        bots = app.session.bots(bot)
        watch.starts()
        notifier = Notifier(app, db, _answers(app, db))
        for each in bots:
            outcome = outcomes[each.name] = _tried(app, each, lambda bot: _run(app, db, bot, watch, forced))
            _note(app, notifier, each, outcome)
            _keep_reports(app, db, each)
        notifier.send_all(bots)
        after_runs.keep_figures(db, app, watch, began)
    return _did(outcomes)


def rehearse(app: App, bot: str, *, forced: bool) -> Did:
    """The next post of each bot that is meant; nothing is published or kept."""
    with app.session.at_work(dry_run=True) as db:
        with db.transaction():
            runs.abandon_open(db, app.clock())
        bots = app.session.bots(bot)
        return _did({each.name: _tried(app, each, lambda bot: _rehearse(app, db, bot, forced)) for each in bots})


def _make_ready(app: App, db: Database) -> None:
    """What died is at its end, and what the last runs and a person did since is on record."""
    with db.transaction():
        runs.abandon_open(db, app.clock())
    after_runs.catch_up(db, app)
    credentials.note_all(db, app.settings, app.clock())


def _tried(app: App, bot: Bot, work: Callable[[Bot], BotReport]) -> BotReport | str:
    """What a bot's run came to, or why it broke off: one bot's trouble, whatever it is, doesn't touch the next."""
    app.session.log_context.bot = bot.name
    try:
        return work(bot)
    except Exception as error:
        log.error("%s", error, exc_info=is_unforeseen(error))
        return _told(app, error)


def _run(app: App, db: Database, bot: Bot, watch: Watch, forced: bool) -> BotReport:
    context = app.factory.run_context(db, bot)
    with watch.of(bot.name, context.stages, app.session.log_context):
        return BotReport(run_bot(context, forced=forced, began=app.tag))


def _note(app: App, notifier: Notifier, bot: Bot, outcome: BotReport | str) -> None:
    """Write down what a person should hear of a run."""
    if isinstance(outcome, BotReport):
        notifier.note(bot, report=outcome.report)
    elif not notifier.note(bot, failure=outcome):
        app.session.untold.append(outcome)


def _did(outcomes: Mapping[str, BotReport | str]) -> Did:
    reports = [outcome for outcome in outcomes.values() if isinstance(outcome, BotReport)]
    return reports, [f"{name}: {outcome}" for name, outcome in outcomes.items() if isinstance(outcome, str)]


def _answers(app: App, db: Database) -> Callable[[Draft], str]:
    """Carry out what people answered since the last run; gives what notices say of how they are answered."""
    if not app.settings.takes_answers:
        return no_answer
    from twitter_manager.answers import reading

    reading.Reader(app, db).read()
    return reading.how_to_answer(app, db)


def _keep_reports(app: App, db: Database, bot: Bot) -> None:
    """Keep what the last week and month came to, and tell it where that is wanted. Trouble with it is no run's."""
    now, redact = app.clock(), app.redactor.redact
    try:
        for made in make_due(db, bot, now, redact):
            reporting.note(db, bot, made["kind"], made["first"], message(made), now, redact)
    except Exception as error:  # whatever it is, the run went as it went
        log.exception("the report of %s", bot.name)
        app.notes.append(f"{bot.name}: its report could not be made ({type(error).__name__}); see logs/error.log")


def _told(app: App, error: Exception) -> str:
    if not isinstance(error, TwitterManagerError):
        error = TwitterManagerError(f"unforeseen error ({type(error).__name__}).", "The details are in logs/error.log.")
    return app.redactor.redact("; ".join(str(error).splitlines()))


def _rehearse(app: App, db: Database, bot: Bot, forced: bool) -> BotReport:
    """The next post, whether or not it is due now, with how each platform would show it."""
    context = app.factory.rehearsal(db, bot)
    waiting = len(show.unfinished(db, bot.name))
    slot = context.calendar.slot_at(context.clock())
    not_due = None if forced else select.why_not_due(context, slot, forced=False)
    with db.transaction():
        limits.lift_all(db)  # it shows what comes then
    report = run_bot(context, forced=True)
    if report.draft and report.outcome is Outcome.WAITING_FOR_REVIEW:
        line = f"This waits for your approval ({report.draft.reason}), and nothing goes out before."
        report = replace(report, outcome=Outcome.DRY_RUN, reason="", notes=(line, *report.notes), ways_on=())
    if not_due and (report.draft or report.outcome is Outcome.NOTHING_TO_POST):
        line = f"Not due now: {not_due}. This is what the next slot would get."
        report = replace(report, notes=(line, *report.notes))
    return BotReport(report, _previews(app, bot, report), waiting)


def _previews(app: App, bot: Bot, report: Report) -> tuple[TextReport, ...]:
    if report.draft is None:
        return ()
    from twitter_manager.checks import check_text
    from twitter_manager.platforms import SPECS

    context = factory.check_context(bot, app.settings.secrets)
    links = report.draft.links
    return tuple(
        check_text(
            SPECS[delivery.platform].shown(delivery.text, links.get(delivery.platform, "")),
            delivery.platform,
            context,
        )
        for delivery in report.deliveries
    )


def _outcome(bot_report: BotReport) -> str:
    """A bot's run on one line, for whoever watches from outside."""
    report = bot_report.report
    words = phrases.sentences(phrases.OUTCOME[report.outcome], report.reason, *report.attention)
    return f"{report.bot}: {words} (run {report.run_id})"


def tell(
    screen: Screen,
    app: App,
    reports: list[BotReport],
    failures: list[str],
    as_json: bool,
    memory: Told | None = None,
) -> int:
    """Print what runs did; gives the exit code. `memory`: what cron's mail had before, and is not to have again."""
    exit_code = 0 if not failures and all(bot_report.report.ok for bot_report in reports) else 1
    at_terminal = sys.stdout.isatty()
    if as_json:
        bots = [show.run_as_json(bot_report) for bot_report in reports]
        screen.json({"exit_code": exit_code, "bots": bots, "errors": failures})
    else:
        for bot_report in reports:
            if at_terminal or bot_report.report.outcome is Outcome.DRY_RUN:
                screen.lines(show.run_lines(bot_report, hints=_hints(app, bot_report) if at_terminal else ()))
    lines = [] if at_terminal else [line for bot_report in reports for line in _lines(bot_report.report)]
    lines += [told.line(line.partition(":")[0], line) for line in failures]
    notes = [told.line("*", note) for note in app.notes]
    if memory:
        memory.forget("*", but=notes)
    lines += notes
    for text in memory.to_print(lines) if memory else [line.text for line in lines]:
        screen.trouble(text)
    for report in (bot_report.report for bot_report in reports):
        if memory and report.ok and report.outcome is not Outcome.NOTHING_DUE:
            memory.forget(report.bot)
    return exit_code


def _lines(report: Report) -> Iterator[told.Line]:
    """What cron's mail is to have of a run. Another draft that fails for the same reason is no news, a person's is; a
    warning is a fact of its own."""
    of_any = report.draft is not None and not report.draft.is_persons and not report.attention
    for text in show.cron_lines(replace(report, warnings=())):
        yield told.line(report.bot, text, of_a_draft=of_any)
    for warning in report.warnings:
        text = f"{report.bot}: {warning}"
        yield told.Line(f"{report.bot} warns", text, text)


def _hints(app: App, bot_report: BotReport) -> list[str]:
    """What a person may want to do next."""
    bot = app.session.bot(bot_report.report.bot)
    return list(show.hints(bot_report.report, bot, app.settings.feed(bot.name)))
