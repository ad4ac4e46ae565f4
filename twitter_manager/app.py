"""What the verbs of the command line do, each a method. What they work with is made by `factory` and opened by
`session`; what they print is left to `cli` and `show`."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager import decisions, factory, providers, settings, show
from twitter_manager.budget import TimeBudget
from twitter_manager.content import plain
from twitter_manager.domain import Draft, Json, Outcome, Progress, Run, Violation
from twitter_manager.errors import SettingsProblems, TwitterManagerError, UsageError
from twitter_manager.factory import Factory
from twitter_manager.operations import overview
from twitter_manager.operations.lock import locked
from twitter_manager.pipeline import outlook, select
from twitter_manager.pipeline.context import Calendar
from twitter_manager.pipeline.report import Report
from twitter_manager.pipeline.run import run_bot
from twitter_manager.redaction import Redactor
from twitter_manager.session import Session, is_unforeseen
from twitter_manager.settings import Bot, Settings
from twitter_manager.show import BotReport
from twitter_manager.sources import NOTES
from twitter_manager.store import drafts, events, runs
from twitter_manager.store.database import BACKUPS, Database, iso
from twitter_manager.terminal import command

if TYPE_CHECKING:
    from twitter_manager.checks import TextReport
    from twitter_manager.operations.sources import Found
    from twitter_manager.operations.trial import Wish

log = logging.getLogger(__name__)


PATIENCE = 900.0
"""Seconds that a person waits for sources."""


def utc_now() -> datetime:
    """The clock of the real program."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """The verbs of the command line, over one home folder."""

    session: Session
    factory: Factory
    redactor: Redactor

    @classmethod
    def load(cls, home: Path, environ: Mapping[str, str], progress: Progress) -> App:
        """Read the settings (SettingsProblems when anything is wrong with them). Nothing is written."""
        bad_templates = factory.template_problems(home)
        try:
            loaded = settings.load(home, environ)
        except SettingsProblems as found:
            raise SettingsProblems([*found.problems, *bad_templates]) from None
        if bad_templates:
            raise SettingsProblems(bad_templates)
        loaded.hand_on(os.environ)
        session, redactor = Session(loaded, progress, utc_now), Redactor(loaded.secrets)
        return cls(session, Factory(loaded, progress, redactor, utc_now, session.notes.append), redactor)

    @property
    def settings(self) -> Settings:
        """What the home folder's files say."""
        return self.session.settings

    @property
    def notes(self) -> list[str]:
        """What a person should hear beside the outcome."""
        return self.session.notes

    # -- verbs that write ----------------------------------------------------------------------------

    def run(self, bot: str, *, dry_run: bool, forced: bool) -> tuple[list[BotReport], list[str]]:
        """One run for each bot that is meant; one's failure is a line and doesn't touch the next."""
        reports: list[BotReport] = []
        failures: list[str] = []
        with self.session.at_work(dry_run) as db:
            with db.transaction():
                runs.abandon_open(db, utc_now())
            for one in self.session.bots(bot):
                self.session.log_context.bot = one.name
                try:
                    if dry_run:
                        reports.append(self._rehearse(db, one, forced))
                    else:
                        context = self.factory.run_context(db, one)
                        reports.append(BotReport(run_bot(context, forced=forced, began=self._tag)))
                except Exception as error:  # one bot's trouble, whatever it is, doesn't touch the next
                    log.error("%s", error, exc_info=is_unforeseen(error))
                    if not isinstance(error, TwitterManagerError):
                        error = TwitterManagerError(
                            f"unforeseen error ({type(error).__name__}).", "The details are in logs/error.log."
                        )
                    failures.append(f"{one.name}: {self.redactor.redact('; '.join(str(error).splitlines()))}")
        return reports, failures

    def _rehearse(self, db: Database, bot: Bot, forced: bool) -> BotReport:
        """The next post, whether or not it is due now, with how each platform would show it."""
        context = self.factory.rehearsal(db, bot)
        waiting = len(show.unfinished(db, bot.name))
        slot = context.calendar.slot_at(context.clock())
        not_due = None if forced else select.why_not_due(context, slot, forced=False)
        report = run_bot(context, forced=True)
        if not_due and (report.draft or report.outcome is Outcome.NOTHING_TO_POST):
            line = f"Not due now: {not_due}. This is what the next slot would get."
            report = replace(report, notes=(line, *report.notes))
        return BotReport(report, self._previews(bot, report), waiting)

    def _previews(self, bot: Bot, report: Report) -> tuple[TextReport, ...]:
        if report.draft is None:
            return ()
        from twitter_manager.checks import check_text
        from twitter_manager.platforms import SPECS

        context = factory.check_context(bot, self.settings.secrets, lambda _: False)
        links = report.draft.links
        return tuple(
            check_text(
                SPECS[delivery.platform].shown(delivery.text, links.get(delivery.platform, "")),
                delivery.platform,
                context,
            )
            for delivery in report.deliveries
        )

    def post(self, bot: str, parts: Sequence[str], platforms: Sequence[str]) -> Json:
        """Queue a person's own text after the checks; it goes out before any generated draft."""
        chosen = self.session.bot(bot)
        with self.session.logged(), closing(self.session.open_store()) as db:
            draft = self._add(db, chosen, parts, platforms)
            return {"draft": show.draft_as_json(draft), "next_slot": iso(Calendar.of(chosen).next_slot(utc_now()))}

    def post_now(self, bot: str, parts: Sequence[str], platforms: Sequence[str]) -> BotReport:
        """Queue it and publish it in this command, by the path of every other post."""
        chosen = self.session.bot(bot)
        with self.session.at_work(dry_run=False) as db:
            draft = self._add(db, chosen, parts, platforms)
            self.session.log_context.bot = chosen.name
            context = self.factory.run_context(db, chosen)
            return BotReport(run_bot(context, "post", only=draft.id, began=self._tag))

    def _add(self, db: Database, bot: Bot, parts: Sequence[str], platforms: Sequence[str]) -> Draft:
        names = tuple(dict.fromkeys(platforms)) or bot.platforms_on
        off = [name for name in names if name not in bot.platforms_on]
        if off:
            on = ", ".join(bot.platforms_on)
            raise UsageError(f"{', '.join(off)}: not set up for {bot.name}.", f"Set up: {on or 'none'}.")

        def known(digest: str) -> bool:
            return drafts.text_known(db, digest)

        context = factory.check_context(bot, self.settings.secrets, known, platforms=names)
        from twitter_manager.checks import check_post

        content = plain(parts)
        violations = check_post(content, context)
        if violations:
            found = "; ".join(dict.fromkeys(_violation_words(one, len(parts)) for one in violations))
            raise TwitterManagerError(f"Not queued: {found}", "Change the text and try again.")
        new = drafts.NewDraft(
            bot=bot.name,
            origin="person",
            parts=content,
            platforms=names,
            lifetime=timedelta(hours=bot.draft_ttl_hours),
            language=bot.persona.language,
        )
        with db.transaction():
            draft_id = drafts.add(db, new, utc_now())
        return _draft(db, draft_id)

    def pause(self, bot: str, reason: str, *, off: bool) -> str:
        """Set or take back the pause switch of one bot, or of all."""
        name = self.session.bot(bot).name if bot else runs.ALL_BOTS
        whom, which = bot or "every bot", f" --bot {bot}" if bot else ""
        with self.session.logged(), closing(self.session.open_store()) as db, db.transaction():
            if not off:
                runs.pause(db, name, self.redactor.redact(reason), utc_now())
                return f"Paused {whom}. End it with: {command(f'pause --off{which}')}"
            return f"Running again: {whom}." if runs.unpause(db, name, utc_now()) else "There was no pause to end."

    def resume(self, numbers: Sequence[int]) -> tuple[list[str], list[UsageError]]:
        """See `decisions.resume`. Gives lines on what was done, and what was refused."""

        def go_on(db: Database, draft: Draft) -> None:
            lifetime = timedelta(hours=self.session.bot(draft.bot).draft_ttl_hours)
            decisions.resume(db, draft, lifetime, utc_now())

        return self._decide(numbers, go_on, "goes on with the next run")

    def skip(self, numbers: Sequence[int]) -> tuple[list[str], list[UsageError]]:
        """See `decisions.skip`. No numbers: every draft that waits for a person."""
        return self._decide(numbers, lambda db, draft: decisions.skip(db, draft, utc_now()), "is skipped")

    def _decide(
        self, numbers: Sequence[int], decide: Callable[[Database, Draft], None], done: str
    ) -> tuple[list[str], list[UsageError]]:
        lines, refused = [], []
        with self.session.at_work(dry_run=False) as db:
            waiting = [draft.id for bot in self.settings.bots for draft in decisions.waiting(db, bot.name)]
            for number in dict.fromkeys(numbers or waiting):
                try:
                    decide(db, _draft(db, number))
                    lines.append(f"Draft {number} {done}.")
                except UsageError as error:
                    refused.append(error)
        return lines if lines or refused else ["No draft needs attention."], refused

    def restore(self, given: Path | None) -> list[str]:
        """See `operations.restore`."""
        from twitter_manager.operations import restore

        with locked(self.settings.lock), self.session.logged():
            accounts = [
                restore.Account(
                    bot.name,
                    self.factory.platforms(bot),
                    Calendar.of(bot).slot_at,
                )
                for bot in self.settings.bots
            ]
            lines = restore.restore(self.settings.database, given, accounts, utc_now)
        return [self.redactor.redact(line) for line in lines]

    def update_sources(self, bot: str, name: str) -> list[Json]:
        """Look at the sources now, those that are not due too, and store what they give."""
        from twitter_manager.operations import sources

        meant = [self.session.bot_of_source(bot, name)] if name else self.session.bots(bot)
        with self.session.at_work(dry_run=False) as db:
            made: list[Json] = []
            for one in meant:
                self.session.log_context.bot = one.name
                looks = self.factory.collector(one, db, TimeBudget.of(PATIENCE)).collect(name, due_only=False)
                made += [sources.looked_as_json(one.name, looked) for looked in looks]
                self._index(one, db)
            return made

    def _index(self, bot: Bot, db: Database) -> None:
        """Index what is new. One that costs is left to the runs, which keep the budget."""
        retrieval = self.factory.retrieval(bot, db)
        if retrieval is None or not retrieval.embedder.free:
            return
        left, trouble = self.factory.indexer(retrieval, TimeBudget.of(PATIENCE)).update()
        lines = trouble or [f"the index lacks {left} pieces yet; the next run goes on with it"] * bool(left)
        self.notes.extend(f"{bot.name}: {line}" for line in lines)

    def add_source(self, found: Found, bot: str) -> str:
        """Write a source that `find_source` gave into the bot's file."""
        from twitter_manager.operations import sources

        with locked(self.settings.lock), self.session.logged():
            return sources.write(found, self.session.bot(bot).name, self.settings.home)

    # -- verbs that look -----------------------------------------------------------------------------

    def backups(self) -> list[str]:
        """A line for each backup of the database."""
        from twitter_manager.operations import restore

        return restore.listing(self.settings.data / BACKUPS, utc_now())

    def sources(self, bot: str) -> list[Json]:
        """The sources of the bots that are meant, and how the last look at each went."""
        from twitter_manager.operations import sources

        bots = [self.session.bot(bot)] if bot else self.settings.bots
        with self.session.reading() as db:
            return [line for one in bots for line in sources.listing(db, one)]

    def test_source(self, bot: str, name: str) -> Found:
        """Look at a source as if for the first time; nothing is stored."""
        from twitter_manager.operations import sources

        source = next(one for one in self.session.bot_of_source(bot, name).sources if one.name == name)
        left = TimeBudget.of(PATIENCE)
        with self.session.logged(), closing(factory.fetcher(left)) as fetcher:
            return sources.look_only(source, fetcher, utc_now(), left)

    def find_source(self, bot: str, place: str, name: str, label: str) -> Found:
        """Find out what a web address or a path is, and look at it; nothing is stored."""
        from twitter_manager.operations import sources

        taken, left = [one.name for one in self.session.bot(bot).sources], TimeBudget.of(PATIENCE)
        with self.session.logged(), closing(factory.fetcher(left)) as fetcher:
            return sources.guess(place, taken, fetcher, utc_now(), left, name, label)

    def status(self) -> Json:
        """What every bot did last, does next, and is set up to do."""
        now = utc_now()
        with self.session.reading() as db:
            return {
                "home": str(self.settings.home),
                "bots": [
                    {"bot": bot.name, "enabled": bot.enabled}
                    | show.bot_status(db, bot.name, now)
                    | show.upcoming(db, bot, Calendar.of(bot), now)
                    | {"material": outlook.outlook(bot, db, now).as_json() if db else None}
                    | overview.describe(bot, self.settings)
                    | {"answers": show.answers(db, bot.name, providers.writers(bot.generators), now)}
                    for bot in self.settings.bots
                ],
            }

    def history(self, bot: str, limit: int) -> list[Json]:
        """The newest posts."""
        with self.session.reading() as db:
            return show.history_as_json(db, self.session.bot(bot).name if bot else None, limit) if db else []

    def explain(self, what: str) -> Json:
        """The story of a draft (its number) or of a run (`run:` and its number), and what material gives no post."""
        from twitter_manager.operations import sources

        with self.session.reading() as db:
            db, found = _named(db, what)
            story = show.explain_draft(db, found) if isinstance(found, Draft) else show.explain_run(db, found)
            bot = next((bot for bot in self.settings.bots if bot.name == found.bot), None)
            if bot is None:
                return story
            told = show.answers(db, bot.name, providers.writers(bot.generators), utc_now())
            return story | {"answers": told, "no_post": sources.no_posts(db, bot)}

    def replay(self, what: str) -> Json:
        """Make the choice of a draft, or of all that a run chose, again; see `operations.replay`."""
        from twitter_manager.operations import replay

        with self.session.reading() as db:
            db, found = _named(db, what)
            return replay.replay(db, found)

    def preview(self, bot: str, count: int, seed: int | None) -> Json:
        """What the next runs would do; see `operations.preview`. Nothing is written, nothing is asked."""
        import random

        now = utc_now()
        drawn_with = random.SystemRandom().randrange(2**31) if seed is None else seed
        with closing(self.session.scratch()) as db:
            with db.transaction():
                runs.abandon_open(db, now)
            bots = [
                {"bot": one.name, "runs": self._previewed(db, one, now, count, drawn_with)}
                for one in self.session.bots(bot)
            ]
        return {"now": iso(now), "seed": drawn_with, "bots": bots}

    def _previewed(self, db: Database, bot: Bot, now: datetime, count: int, seed: int) -> list[Json]:
        from twitter_manager.operations import preview
        from twitter_manager.pipeline.pool_writer import has_fast_news

        context = self.factory.rehearsal(db, bot)
        collector = self.factory.collector(bot, db, context.time_left)
        for source in bot.sources:
            if source.kind in NOTES:  # they are at hand, and a new bot has nothing else yet
                collector.collect(source.name, due_only=False)
        retrieval = self.factory.retrieval(bot, db)
        spec = factory.post_spec(bot, self.settings.secrets, db, retrieval=retrieval)
        return preview.preview(context, spec, now, count, seed, has_fast_news=has_fast_news(bot))

    def generate(self, bot: str, wish: Wish, n: int) -> Json:
        """Candidates for one post; nothing of it is kept. `n`: how many, 0 for as many as a run makes."""
        from twitter_manager.operations import trial

        one = self.session.bot(bot)
        chosen = providers.that_write(one.generators) if wish.prompt else one.generators
        with self.session.logged(), closing(self.session.scratch()) as db:
            self.session.log_context.bot = one.name
            with db.transaction():
                run_id = runs.start(db, one.name, "generate", utc_now(), utc_now())
            left = TimeBudget.of(self.settings.run_seconds)
            filler = self.factory.pool_filler(db, one, chosen, left, [], run_id)
            filler.generators = [(generator, n or usual) for generator, usual in filler.generators]
            return trial.make(filler, wish)

    def style(self, bot: str) -> Json:
        """How the bot's person writes, learned from their own posts."""
        from twitter_manager.writing.style import learn

        one = self.session.bot(bot)
        if one.style.learn_from is None:
            remedy = f'Put learn_from = "posts.txt" under [style] in data/bots/{one.name}.toml.'
            raise UsageError(f"{one.name} has no posts to learn from.", remedy)
        learned = learn(one.style.learn_from)
        return {"bot": one.name, "file": str(one.style.learn_from)} | learned.as_json() | {"told": learned.told()}

    def audit(self) -> tuple[list[Json], list[str]]:
        """The whole audit trail, and what is wrong with it."""
        with self.session.reading() as db:
            return (list(events.everything(db)), events.verify(db)) if db else ([], [])

    def check(self, bot: str, text: str, platform: str, material: tuple[str, ...] | None = None) -> TextReport:
        """How a platform counts a person's text, and what is wrong with it; given material, a model's text."""
        from twitter_manager.checks import check_text

        chosen = self.session.bot(bot)
        context = factory.check_context(
            chosen, self.settings.secrets, lambda _: False, platforms=(platform,), material=material
        )
        return check_text(text, platform, context)

    def rules(self, bot: str) -> list[Json]:
        """Every rule of the checks, with the bot's settings that it obeys."""
        return overview.rules(self.session.bot(bot))

    def doctor(self) -> Json:
        """Look at everything a run needs."""
        from twitter_manager.operations import doctor

        with self.session.logged():
            return doctor.examine(doctor.examinations(self.settings, self.factory, utc_now), self.redactor.redact)

    def hints(self, made: BotReport) -> list[str]:
        """What a person may want to do next."""
        bot = self.session.bot(made.report.bot)
        return list(show.hints(made.report, bot, self.settings.feed(bot.name)))

    def _tag(self, run_id: int) -> None:
        self.session.log_context.run_id = run_id


def _draft(db: Database, draft_id: int) -> Draft:
    found = drafts.get(db, draft_id)
    if found is None:
        raise UsageError(f"There is no draft {draft_id}.", "The verbs history and status show the numbers.")
    return found


def _named(db: Database | None, what: str) -> tuple[Database, Draft | Run]:
    """The draft (its number) or the run (`run:` and its number) that a person names; a bare number may be either."""
    kind, _, number = what.rpartition(":")
    if kind not in ("", "draft", "run") or not number.isascii() or not number.isdigit() or len(number) > 18:
        raise UsageError(f"{what!r} names no draft or run.", "Give a draft's number, or run:NUMBER.")
    if db and kind != "run" and (draft := drafts.get(db, int(number))):
        return db, draft
    if db and kind != "draft" and (run := runs.get(db, int(number))):
        return db, run
    raise UsageError(
        f"There is no {kind or 'draft or run'} {number}.", "The verbs history and status show the numbers."
    )


def _violation_words(violation: Violation, parts: int) -> str:
    return f"part {violation.part + 1}: {violation.message}" if parts > 1 else violation.message
