"""Puts the parts together: settings -> store, platforms, generators, clock, lock. Nothing opens at import.

Each verb of the command line that needs more than a look is one method here; what it prints is left to `cli.py`.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager import decisions, due, settings, show, wiring
from twitter_manager.budget import TimeBudget
from twitter_manager.delivery import Policy as DeliveryPolicy
from twitter_manager.domain import (
    Clock,
    Draft,
    Generator,
    Json,
    Progress,
    Run,
    Violation,
)
from twitter_manager.errors import (
    SettingsProblems,
    StoreConflict,
    TwitterManagerError,
    UsageError,
)
from twitter_manager.operations import backup, logs
from twitter_manager.operations.folders import exposed, make_folder, refuse_planted_in
from twitter_manager.operations.lock import locked
from twitter_manager.redaction import Redactor
from twitter_manager.run import AtRest, Crew, run_bot, spent
from twitter_manager.settings import Bot, Embeddings, Generators, Provider, Settings
from twitter_manager.show import BotReport
from twitter_manager.sources import NOTES
from twitter_manager.store import drafts, events, runs, schema
from twitter_manager.store.database import BACKUPS, Database, connect, connect_to_read, iso, scratch_copy

if TYPE_CHECKING:
    from twitter_manager.checks import TextReport
    from twitter_manager.operations.sources import Found
    from twitter_manager.retrieval.embedder import Embedder
    from twitter_manager.retrieval.retrieval import Retrieval
    from twitter_manager.writing.judge import Judge
    from twitter_manager.writing.refill import Refill
    from twitter_manager.writing.trial import Wish

log = logging.getLogger(__name__)


PATIENCE = 900.0
"""Seconds that a person waits for sources."""
NO_INSTALLATION = "0" * 32
"""Stands for the installation's UUID where nothing is published."""


def utc_now() -> datetime:
    """The clock of the real program."""
    return datetime.now(UTC)


@dataclass(slots=True)
class App:
    """One invocation of the program over one home folder."""

    settings: Settings
    progress: Progress
    redactor: Redactor
    context: logs.RunContext
    generators: dict[Generators, list[tuple[Generator, int]]]
    notes: list[str]
    """What a person should hear beside the outcome: log lines that were lost."""
    embedders: dict[tuple[Embeddings, Provider | None], Embedder | None] = field(default_factory=dict)
    """What compares texts in meaning, by the settings that it was made from: a model is loaded once."""
    judges: dict[Generators, Callable[[Generator], Judge | None]] = field(default_factory=dict)
    """Who judges what a generator's model wrote, kept for the same reason."""

    @classmethod
    def load(cls, home: Path, environ: Mapping[str, str], progress: Progress) -> App:
        """Read the settings (SettingsProblems when anything is wrong with them). Nothing is written."""
        bad_templates = wiring.template_problems(home)
        try:
            loaded = settings.load(home, environ)
        except SettingsProblems as found:
            raise SettingsProblems([*found.problems, *bad_templates]) from None
        if bad_templates:
            raise SettingsProblems(bad_templates)
        loaded.hand_on(os.environ)
        return cls(loaded, progress, Redactor(loaded.secrets), logs.RunContext(), {}, [])

    # -- verbs that write ----------------------------------------------------------------------------

    def run(self, bot: str, *, dry_run: bool, forced: bool) -> tuple[list[BotReport], list[str]]:
        """One run for each bot that is meant; one's failure is a line and doesn't touch the next."""
        reports: list[BotReport] = []
        failures: list[str] = []
        with self._at_work(dry_run) as db:
            with db.transaction():
                runs.abandon_open(db, utc_now())
            for one in self._meant(bot):
                try:
                    reports.append(self._run_one(db, one, dry_run=dry_run, forced=forced))
                except Exception as error:  # one bot's trouble, whatever it is, doesn't touch the next
                    log.error("%s", error, exc_info=_is_unforeseen(error))
                    if not isinstance(error, TwitterManagerError):
                        error = TwitterManagerError(
                            f"unforeseen error ({type(error).__name__}).", "The details are in logs/error.log."
                        )
                    failures.append(f"{one.name}: {self.redactor.redact('; '.join(str(error).splitlines()))}")
        return reports, failures

    def _run_one(self, db: Database, bot: Bot, *, dry_run: bool, forced: bool) -> BotReport:
        crew = self._crew(db, bot, dry_run)
        self.context.bot = bot.name
        waiting = len(show.unfinished(db, bot.name)) if dry_run else 0
        report = run_bot(crew, forced=forced, began=(lambda run_id: None) if dry_run else self._tag)
        if not dry_run or report.draft is None:
            return BotReport(report, (), waiting)
        from twitter_manager.checks import check_text
        from twitter_manager.platforms import SPECS

        context = wiring.check_context(bot, self.settings.secrets, lambda _: False)
        previews = []
        for one in report.deliveries:
            link = report.draft.links.get(one.platform, "")
            previews.append(check_text(SPECS[one.platform].shown(one.text, link), one.platform, context))
        return BotReport(report, tuple(previews), waiting)

    def post(self, bot: str, parts: Sequence[str], platforms: Sequence[str]) -> Json:
        """Queue a person's own text after the checks; it goes out before any generated draft."""
        chosen = self._one_bot(bot)
        with self._logged(), closing(self._store()) as db:
            draft = self._add(db, chosen, parts, platforms)
            return {"draft": show.draft_as_json(draft), "next_slot": iso(wiring.calendar(chosen).next_slot(utc_now()))}

    def post_now(self, bot: str, parts: Sequence[str], platforms: Sequence[str]) -> BotReport:
        """Queue it and publish it in this command, by the path of every other post."""
        chosen = self._one_bot(bot)
        with self._at_work(dry_run=False) as db:
            draft = self._add(db, chosen, parts, platforms)
            self.context.bot = chosen.name
            crew = self._crew(db, chosen, dry_run=False)
            return BotReport(run_bot(crew, "post", only=draft.id, began=self._tag))

    def _add(self, db: Database, bot: Bot, parts: Sequence[str], platforms: Sequence[str]) -> Draft:
        names = tuple(dict.fromkeys(platforms)) or bot.platforms_on
        off = [name for name in names if name not in bot.platforms_on]
        if off:
            on = ", ".join(bot.platforms_on)
            raise UsageError(f"{', '.join(off)}: not set up for {bot.name}.", f"Set up: {on or 'none'}.")

        def known(digest: str) -> bool:
            return drafts.text_known(db, digest)

        context = wiring.check_context(bot, self.settings.secrets, known, platforms=names)
        from twitter_manager.checks import check_draft

        violations = check_draft(parts, context)
        if violations:
            found = "; ".join(dict.fromkeys(_violation_words(one, len(parts)) for one in violations))
            raise TwitterManagerError(f"Not queued: {found}", "Change the text and try again.")
        new = drafts.NewDraft(
            bot=bot.name,
            origin="person",
            parts=tuple(parts),
            platforms=names,
            lifetime=timedelta(hours=bot.draft_ttl_hours),
            language=bot.persona.language,
        )
        with db.transaction():
            draft_id = drafts.add(db, new, utc_now())
        return _draft(db, draft_id)

    def pause(self, bot: str, reason: str, *, off: bool) -> str:
        """Set or take back the pause switch of one bot, or of all."""
        name = self._one_bot(bot).name if bot else runs.ALL_BOTS
        whom = bot or "every bot"
        with self._logged(), closing(self._store()) as db, db.transaction():
            if not off:
                runs.pause(db, name, self.redactor.redact(reason), utc_now())
                return f"Paused {whom}. End it with: pause --off{f' --bot {bot}' if bot else ''}"
            return f"Running again: {whom}." if runs.unpause(db, name, utc_now()) else "There was no pause to end."

    def resume(self, numbers: Sequence[int]) -> tuple[list[str], list[UsageError]]:
        """See `decisions.resume`. Gives lines on what was done, and what was refused."""

        def go_on(db: Database, draft: Draft) -> None:
            lifetime = timedelta(hours=self._one_bot(draft.bot).draft_ttl_hours)
            decisions.resume(db, draft, lifetime, utc_now())

        return self._decide(numbers, go_on, "goes on with the next run")

    def skip(self, numbers: Sequence[int]) -> tuple[list[str], list[UsageError]]:
        """See `decisions.skip`. No numbers: every draft that waits for a person."""
        return self._decide(numbers, lambda db, draft: decisions.skip(db, draft, utc_now()), "is skipped")

    def _decide(
        self, numbers: Sequence[int], decide: Callable[[Database, Draft], None], done: str
    ) -> tuple[list[str], list[UsageError]]:
        lines, refused = [], []
        with self._at_work(dry_run=False) as db:
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

        with locked(self.settings.lock), self._logged():
            accounts = [
                restore.Account(
                    bot.name,
                    wiring.platforms(bot, self.settings, NO_INSTALLATION, utc_now),
                    wiring.calendar(bot).slot_at,
                )
                for bot in self.settings.bots
            ]
            lines = restore.restore(self.settings.database, given, accounts, utc_now)
        return [self.redactor.redact(line) for line in lines]

    def update_sources(self, bot: str, name: str) -> list[Json]:
        """Look at the sources now, those that are not due too, and store what they give."""
        from twitter_manager.operations import sources

        meant = [self._bot_of_source(bot, name)] if name else self._meant(bot)
        with self._at_work(dry_run=False) as db:
            made: list[Json] = []
            for one in meant:
                self.context.bot = one.name
                looks = wiring.collecting(
                    one, db, utc_now, TimeBudget.of(PATIENCE), self.progress, self.redactor.redact
                )
                made += [sources.looked_as_json(one.name, looked) for looked in looks.collect(name, due_only=False)]
                self._index(one, db)
            return made

    def _index(self, bot: Bot, db: Database) -> None:
        """Index what is new. One that costs is left to the runs, which keep the budget."""
        retrieval = self._retrieval(bot, db)
        if retrieval is None or not retrieval.embedder.free:
            return
        left, trouble = wiring.update_index(
            lambda: retrieval.update(self.progress, TimeBudget.of(PATIENCE)).left, self.redactor.redact
        )
        lines = trouble or [f"the index lacks {left} pieces yet; the next run goes on with it"] * bool(left)
        self.notes += [f"{bot.name}: {line}" for line in lines]

    def add_source(self, found: Found, bot: str) -> str:
        """Write a source that `find_source` gave into the bot's file."""
        from twitter_manager.operations import sources

        with locked(self.settings.lock), self._logged():
            return sources.write(found, self._one_bot(bot).name, self.settings.home)

    # -- verbs that look -----------------------------------------------------------------------------

    def backups(self) -> list[str]:
        """A line for each backup of the database."""
        from twitter_manager.operations import restore

        return restore.listing(self.settings.data / BACKUPS, utc_now())

    def sources(self, bot: str) -> list[Json]:
        """The sources of the bots that are meant, and how the last look at each went."""
        from twitter_manager.operations import sources

        bots = [self._one_bot(bot)] if bot else self.settings.bots
        with self._reading() as db:
            return [line for one in bots for line in sources.listing(db, one)]

    def test_source(self, bot: str, name: str) -> Found:
        """Look at a source as if for the first time; nothing is stored."""
        from twitter_manager.operations import sources

        source = next(one for one in self._bot_of_source(bot, name).sources if one.name == name)
        left = TimeBudget.of(PATIENCE)
        with self._logged(), closing(wiring.fetcher(left)) as fetcher:
            return sources.look_only(source, fetcher, utc_now(), left)

    def find_source(self, bot: str, place: str, name: str, label: str) -> Found:
        """Find out what a web address or a path is, and look at it; nothing is stored."""
        from twitter_manager.operations import sources

        taken, left = [one.name for one in self._one_bot(bot).sources], TimeBudget.of(PATIENCE)
        with self._logged(), closing(wiring.fetcher(left)) as fetcher:
            return sources.guess(place, taken, fetcher, utc_now(), left, name, label)

    def status(self) -> Json:
        """What every bot did last, does next, and is set up to do."""
        now = utc_now()
        with self._reading() as db:
            return {
                "home": str(self.settings.home),
                "bots": [
                    {"bot": bot.name, "enabled": bot.enabled}
                    | show.bot_status(db, bot.name, now)
                    | show.upcoming(db, bot, wiring.calendar(bot), now)
                    | {"material": wiring.outlook(bot, db, now).as_json() if db else None}
                    | wiring.describe(bot, self.settings)
                    | {"answers": show.answers(db, bot.name, wiring.writers(bot.generators), now)}
                    for bot in self.settings.bots
                ],
            }

    def history(self, bot: str, limit: int) -> list[Json]:
        """The newest posts."""
        with self._reading() as db:
            return show.history_as_json(db, self._one_bot(bot).name if bot else None, limit) if db else []

    def explain(self, what: str) -> Json:
        """The story of a draft (its number) or of a run (`run:` and its number), and what material gives no post."""
        from twitter_manager.operations import sources

        with self._reading() as db:
            db, found = _named(db, what)
            story = show.explain_draft(db, found) if isinstance(found, Draft) else show.explain_run(db, found)
            bot = next((bot for bot in self.settings.bots if bot.name == found.bot), None)
            if bot is None:
                return story
            told = show.answers(db, bot.name, wiring.writers(bot.generators), utc_now())
            return story | {"answers": told, "no_post": sources.no_posts(db, bot)}

    def replay(self, what: str) -> Json:
        """Make the choice of a draft, or of all that a run chose, again; see `operations.replay`."""
        from twitter_manager.operations import replay

        with self._reading() as db:
            db, found = _named(db, what)
            return replay.replay(db, found)

    def preview(self, bot: str, count: int, seed: int | None) -> Json:
        """What the next runs would do; see `operations.preview`. Nothing is written, nothing is asked."""
        import random

        now = utc_now()
        drawn_with = random.SystemRandom().randrange(2**31) if seed is None else seed
        with closing(self._scratch()) as db:
            with db.transaction():
                runs.abandon_open(db, now)
            bots = [
                {"bot": one.name, "runs": self._previewed(db, one, now, count, drawn_with)} for one in self._meant(bot)
            ]
        return {"now": iso(now), "seed": drawn_with, "bots": bots}

    def _previewed(self, db: Database, bot: Bot, now: datetime, count: int, seed: int) -> list[Json]:
        from twitter_manager.operations import preview
        from twitter_manager.writing import briefing
        from twitter_manager.writing.topics import Choice

        crew = replace(self._crew(db, bot, dry_run=True), dry_run=False, running_out=lambda crew, run_id: "")
        collecting = wiring.collecting(bot, db, lambda: now, crew.time_left, crew.progress, crew.redact)
        for source in bot.sources:
            if source.kind in NOTES:  # they are at hand, and a new bot has nothing else yet
                collecting.collect(source.name, due_only=False)
        recipe = wiring.recipe(bot, self.settings.secrets, db, retrieval=self._retrieval(bot, db))

        def choose(stage: Database, wanted: int, clock: Clock, drawn: int, news_only: bool) -> tuple[list[Choice], str]:
            if news_only and not wiring.has_fast_news(bot):
                return [], ""
            return briefing.choices(stage, recipe, wanted, seed + drawn, clock(), news_only=news_only)

        delivery = recipe.delivery
        return preview.preview(crew, now, count, choose, delivery.lifetime, delivery.links)

    def generate(self, bot: str, wish: Wish, n: int) -> Json:
        """Candidates for one post; nothing of it is kept. `n`: how many, 0 for as many as a run makes."""
        from twitter_manager.writing import trial

        one = self._one_bot(bot)
        chosen = wiring.that_write(one.generators) if wish.prompt else one.generators
        with self._logged(), closing(self._scratch()) as db:
            self.context.bot = one.name
            crew = self._crew(db, one, dry_run=True)
            with db.transaction():
                run_id = runs.start(db, one.name, "generate", utc_now(), utc_now())
            refill = self._refill_with(chosen, one, crew, run_id)
            refill.generators = [(generator, n or usual) for generator, usual in refill.generators]
            return trial.make(refill, wish)

    def style(self, bot: str) -> Json:
        """How the bot's person writes, learned from their own posts."""
        from twitter_manager.writing.style import learn

        one = self._one_bot(bot)
        if one.style.learn_from is None:
            remedy = f'Put learn_from = "posts.txt" under [style] in data/bots/{one.name}.toml.'
            raise UsageError(f"{one.name} has no posts to learn from.", remedy)
        learned = learn(one.style.learn_from)
        return {"bot": one.name, "file": str(one.style.learn_from)} | learned.as_json() | {"told": learned.told()}

    def audit(self) -> tuple[list[Json], list[str]]:
        """The whole audit trail, and what is wrong with it."""
        with self._reading() as db:
            return (list(events.everything(db)), events.verify(db)) if db else ([], [])

    def check(self, bot: str, text: str, platform: str, material: tuple[str, ...] | None = None) -> TextReport:
        """How a platform counts a person's text, and what is wrong with it; given material, a model's text."""
        from twitter_manager.checks import check_text

        chosen = self._one_bot(bot)
        context = wiring.check_context(
            chosen, self.settings.secrets, lambda _: False, platforms=(platform,), material=material
        )
        return check_text(text, platform, context)

    def rules(self, bot: str) -> list[Json]:
        """Every rule of the checks, with the bot's settings that it obeys."""
        from operator import attrgetter

        from twitter_manager.checks import RULES

        chosen = self._one_bot(bot)

        def setting(name: str) -> object:
            table, _, key = name.rpartition(".")
            if table == "sources":
                return {source.name: getattr(source, key) for source in chosen.sources}
            return attrgetter(name)(chosen)

        return [
            {
                "name": rule.name,
                "why": rule.why,
                "applies_to": str(rule.applies_to),
                "settings": {name: setting(name) for name in filter(None, rule.setting.split(", "))},
            }
            for rule in RULES
        ]

    def doctor(self) -> Json:
        """Look at everything a run needs."""
        from functools import partial

        from twitter_manager.operations import doctor

        loaded = self.settings

        def examinations() -> Iterator[doctor.Examination]:
            yield "settings", lambda: f"{len(loaded.bots)} bot(s): {', '.join(bot.name for bot in loaded.bots)}"
            yield from doctor.machine(loaded.home, loaded.database, loaded.data, loaded.logs, utc_now)
            for bot in loaded.active:
                platforms = wiring.platforms(bot, loaded, NO_INSTALLATION, utc_now)
                for name, platform in platforms.items():
                    yield f"{bot.name}: {name}", platform.verify
            yield from wiring.generator_examinations(loaded)
            for bot in loaded.active:
                for warning in wiring.judge_warnings(bot.generators):
                    yield f"{bot.name}: judge", partial(doctor.not_quite, warning)
                if lacking := wiring.lacking_embedder(bot.generators):
                    yield f"{bot.name}: embeddings", partial(doctor.not_quite, lacking)
                elif wiring.has_more_than_notes(bot) and (made := self._embedder(bot)):
                    yield f"{bot.name}: embeddings", made.verify

        with self._logged():
            return doctor.examine(examinations(), self.redactor.redact)

    def hints(self, made: BotReport) -> list[str]:
        """What a person may want to do next."""
        bot = self._one_bot(made.report.bot)
        return list(show.hints(made.report, bot, self.settings.feed(bot.name)))

    # -- parts ---------------------------------------------------------------------------------------

    def _meant(self, name: str) -> Sequence[Bot]:
        return [self._one_bot(name)] if name else self.settings.active

    def _one_bot(self, name: str) -> Bot:
        bots = self.settings.bots
        found = [bot for bot in bots if bot.name == name] if name else list(self.settings.active)
        if len(found) != 1:
            names = ", ".join(bot.name for bot in bots)
            raise UsageError(f"There is no bot {name!r}." if name else "Say which bot, with --bot.", f"Bots: {names}.")
        return found[0]

    def _bot_of_source(self, bot: str, name: str) -> Bot:
        bots = [self._one_bot(bot)] if bot else self.settings.bots
        found = [one for one in bots if any(source.name == name for source in one.sources)]
        if len(found) != 1:
            names = ", ".join(source.name for one in bots for source in one.sources)
            fault = "Several bots have a" if found else "There is no"
            raise UsageError(f"{fault} source {name!r}.", "Say which bot, with --bot." if found else f"Known: {names}.")
        return found[0]

    @contextmanager
    def _at_work(self, dry_run: bool) -> Iterator[Database]:
        """The lock, the log and the store, for verbs that publish or write much; then the backup, if due."""
        with ExitStack() as stack:
            stack.enter_context(locked(self.settings.lock))
            stack.enter_context(self._logged())
            db = stack.enter_context(closing(self._scratch() if dry_run else self._store()))
            yield db
            if not dry_run:
                trouble = backup.make_if_due(db, self.settings.data / BACKUPS, utc_now())
                self.notes += [trouble] if trouble else []

    @contextmanager
    def _logged(self) -> Iterator[None]:
        loaded = self.settings
        kept_in = (loaded.home, loaded.data, loaded.data / "bots", loaded.logs)
        refuse_planted_in(*kept_in)
        make_folder(loaded.logs)
        with logs.set_up(loaded.logs, loaded.log_level, loaded.secrets, self.context) as kept:
            for line in exposed(*kept_in):
                log.warning("%s", line)
                self.progress(line)
            try:
                yield
            except UsageError:
                raise  # a slip of the person's, told at once
            except Exception as error:
                log.error("%s", error, exc_info=_is_unforeseen(error))
                raise
        self.notes += [kept.note] if kept.note else []

    @contextmanager
    def _reading(self) -> Iterator[Database | None]:
        db = connect_to_read(self.settings.database)
        if db is None:
            yield None
            return
        with closing(db):
            schema.require_current(db)
            yield db

    def _store(self) -> Database:
        make_folder(self.settings.data)
        db = connect(self.settings.database)
        try:
            runs.check_file(db, utc_now())  # before anything is written or sent
            schema.migrate(db, utc_now(), self.settings.data / BACKUPS)
        except BaseException:
            db.close()
            raise
        return db

    def _scratch(self) -> Database:
        db = scratch_copy(self.settings.database)
        schema.migrate(db, utc_now(), None)
        return db

    def _crew(self, db: Database, bot: Bot, dry_run: bool) -> Crew:
        loaded = self.settings
        on = wiring.platforms(bot, loaded, schema.installation_id(db), utc_now)
        return Crew(
            bot=bot.name,
            db=db,
            platforms={name: wiring.ShowOnly(one) for name, one in on.items()} if dry_run else on,
            calendar=wiring.calendar(bot),
            bounds=due.Bounds(bot.limits.per_hour, bot.limits.per_day),
            month_usd=bot.limits.usd_per_month,
            policy=DeliveryPolicy(
                settle=timedelta(minutes=loaded.settle_minutes), hold_when_unsure=loaded.unsure == "hold"
            ),
            pool=bot.pool_size,
            refill=lambda crew, run_id, wanted: self._refill(bot, crew, run_id, wanted),
            news=lambda crew, run_id: self._refill(bot, crew, run_id, 1, news_only=True),
            recheck=lambda crew, run_id: self._recheck(bot, crew, run_id),
            running_out=lambda crew, run_id: wiring.running_out(bot, crew, run_id),
            clock=utc_now,
            sleep=time.sleep,
            time_left=TimeBudget.of(loaded.run_seconds),
            budget=timedelta(seconds=loaded.run_seconds),
            progress=self.progress,
            redact=self._storable,
            dry_run=dry_run,
        )

    def _storable(self, text: str) -> str:
        """Without secrets, and without half characters, which services may send and the database can't keep."""
        return self.redactor.redact(text).encode("utf-8", "replace").decode()

    def _refill(self, bot: Bot, crew: Crew, run_id: int, wanted: int, *, news_only: bool = False) -> str:
        """Make drafts. `news_only`: of fresh news, by a generator that loads no model; nothing is looked at where there
        is none, or no source of news."""
        if news_only and not wiring.has_fast_news(bot):
            return ""
        made = self._refill_with(bot.generators, bot, crew, run_id)
        if news_only:
            made.generators = [one for one in made.generators if one[0].name not in wiring.LOADS_A_MODEL]
        shortage = made.fill(1 if crew.dry_run else wanted, news_only=news_only)
        if news_only or not shortage:
            return ""
        wrong = not made.generators or made.turned_down or not wiring.is_used_up(bot, crew.db)
        return shortage if wrong else AtRest(shortage)

    def _recheck(self, bot: Bot, crew: Crew, run_id: int) -> None:
        """See `writing.recheck`; nothing is loaded where no draft passed older rules."""
        from twitter_manager.writing.review import RULES_EDITION

        if not drafts.of_older_rules(crew.db, bot.name, RULES_EDITION):
            return
        from twitter_manager.writing.recheck import recheck

        recheck(crew.db, wiring.recipe(bot, self.settings.secrets, crew.db), run_id, crew.clock(), crew.redact)

    def _refill_with(self, chosen: Generators, bot: Bot, crew: Crew, run_id: int) -> Refill:
        """The refill of a bot by these generators, those left out that cost when the budget is used up."""
        import random

        from twitter_manager.writing.refill import Refill

        if chosen not in self.generators:
            self.generators[chosen] = wiring.generators(chosen, self.settings.models)
        left_out = [name for name in chosen.order if name not in chosen.usable]
        if left_out:
            log.info("generators without a key or their packages are left out: %s", ", ".join(left_out))
        usd_left = crew.month_usd - spent(crew)
        templates = wiring.templates(bot.name, self.settings.home)
        retrieval = self._retrieval(bot, crew.db)
        done = drafts.slot_filled(crew.db, bot.name, crew.calendar.slot_at(crew.clock())) is not None
        index = 0.0 if crew.dry_run else wiring.INDEXING if done else wiring.WHILE_A_POST_WAITS
        if chosen not in self.judges:
            self.judges[chosen] = wiring.judges(chosen, self.settings.models, self.progress)
        judge = self.judges[chosen]
        recipe = wiring.recipe(bot, self.settings.secrets, crew.db, templates, retrieval, index=index, judge=judge)
        return Refill(
            db=crew.db,
            recipe=recipe,
            generators=[one for one in self.generators[chosen] if one[0].free or usd_left > 0],
            run_id=run_id,
            seed=random.SystemRandom().randrange(2**31),
            clock=crew.clock,
            time_left=crew.time_left,
            progress=crew.progress,
            redact=crew.redact,
            notes=crew.notes,
            usd_left=usd_left,
            tell=(lambda line: None) if crew.dry_run else self.notes.append,
        )

    def _retrieval(self, bot: Bot, db: Database) -> Retrieval | None:
        return wiring.retrieval(bot, db, self._embedder(bot))

    def _embedder(self, bot: Bot) -> Embedder | None:
        chosen = bot.generators
        made_from = (chosen.embeddings, chosen.openai if chosen.embeddings.kind == "openai" else None)
        if made_from not in self.embedders:
            self.embedders[made_from] = wiring.embedder(chosen, self.settings.models, self.progress)
        return self.embedders[made_from]

    def _tag(self, run_id: int) -> None:
        self.context.run_id = run_id


def _is_unforeseen(error: Exception) -> bool:
    """Whether the log needs to know where it came from."""
    return isinstance(error, StoreConflict) or not isinstance(error, TwitterManagerError)


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
