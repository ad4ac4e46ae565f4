"""A home folder at work: its bots by name, its lock, its log and its database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field

from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Clock, Progress
from twitter_manager.errors import LOGGED, OtherMachine, StoreConflict, TwitterManagerError, UsageError
from twitter_manager.files import exposed, make_folder, refuse_planted_in
from twitter_manager.operations import logs, machine, maintenance
from twitter_manager.operations.lock import locked
from twitter_manager.settings import Bot, Settings
from twitter_manager.store import charges, runs, schema
from twitter_manager.store.database import BACKUPS, Database, connect, connect_to_read, scratch_copy

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """One invocation of the program over one home folder. Nothing opens before it is asked for."""

    settings: Settings
    progress: Progress
    clock: Clock
    log_context: logs.LogContext = field(default_factory=logs.LogContext)
    """The bot and the run that log lines are about."""
    notes: list[str] = field(default_factory=list)
    """What a person should hear beside the outcome: log lines that were lost, a backup that failed."""
    untold: list[str] = field(default_factory=list)
    """The failures that could not be written down for a message."""

    def bots(self, name: str) -> Sequence[Bot]:
        """The bot of this name; for "" all that are switched on."""
        return [self.bot(name)] if name else self.settings.active

    def bot(self, name: str) -> Bot:
        """The bot of this name; for "" the only one. Raises UsageError."""
        bots = self.settings.bots
        matching = [bot for bot in bots if bot.name == name] if name else list(self.settings.active)
        if len(matching) != 1:
            names = ", ".join(bot.name for bot in bots)
            raise UsageError(f"There is no bot {name!r}." if name else "Say which bot, with --bot.", f"Bots: {names}.")
        return matching[0]

    def time_zone(self, bot: str) -> str:
        """The zone in which people read this bot's times; UTC for one that is no longer set up."""
        return next((known.time_zone for known in self.settings.bots if known.name == bot), "UTC")

    def bot_of_source(self, bot: str, name: str) -> Bot:
        """The bot that has the source of this name. Raises UsageError."""
        bots = [self.bot(bot)] if bot else self.settings.bots
        owners = [each for each in bots if any(source.name == name for source in each.sources)]
        if len(owners) != 1:
            names = ", ".join(source.name for each in bots for source in each.sources)
            fault = "Several bots have a" if owners else "There is no"
            remedy = "Say which bot, with --bot." if owners else f"Known: {names}."
            raise UsageError(f"{fault} source {name!r}.", remedy)
        return owners[0]

    @contextmanager
    def at_work(self, dry_run: bool, tell: Callable[[], None] | None = None) -> Iterator[Database]:
        """The lock, the log and the store, for verbs that publish or write much; then the upkeep that is due, within
        the time that is left of a run. `tell`: is called, the store still open, where that met trouble that is news."""
        left = TimeBudget.of(self.settings.run_seconds)
        with ExitStack() as stack:
            stack.enter_context(locked(self.settings.lock))
            stack.enter_context(self.logged())
            if not dry_run:
                machine.require_own(self.settings.data)
            db = stack.enter_context(self.scratch() if dry_run else closing(self.open_store()))
            yield db
            if not dry_run:
                place = maintenance.Place(db, self.settings, self.clock, left, self.progress)
                trouble = maintenance.run_due(place)
                self.notes.extend(trouble)
                if trouble and tell:
                    tell()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """The lock, for what changes files. Raises OtherMachine where they are of another machine, LockHeld."""
        machine.refuse_other(self.settings.data)
        with locked(self.settings.lock):
            yield

    @contextmanager
    def logged(self, name: str = "") -> Iterator[None]:
        """The log is open, in folders that nobody else writes to. `name`: see `logs.set_up`."""
        loaded = self.settings
        kept_in = (loaded.home, loaded.data, loaded.data / "bots", loaded.logs)
        refuse_planted_in(*kept_in)
        make_folder(loaded.logs)
        levels = loaded.upkeep.log_levels
        with logs.set_up(loaded.logs, loaded.log_level, loaded.secrets, self.log_context, name, levels) as kept:
            for line in exposed(*kept_in):
                log.warning("%s", line)
                self.progress(line)
            try:
                yield
            except UsageError:
                raise  # a slip of the person's, told at once
            except Exception as error:
                log.error("%s", error, exc_info=is_unforeseen(error))
                if not name and not kept.note:
                    error.add_note(LOGGED)
                raise
        self.notes.extend([kept.note] if kept.note else [])

    @contextmanager
    def reading(self) -> Iterator[Database | None]:
        """The store for a look; None where there is none yet."""
        db = connect_to_read(self.settings.database)
        if db is None:
            yield None
            return
        with closing(db):
            schema.require_current(db)
            yield db

    def open_store(self) -> Database:
        """The store for writing, brought up to date. Raises OtherMachine."""
        machine.refuse_other(self.settings.data)
        make_folder(self.settings.data)
        db = connect(self.settings.database)
        try:
            runs.check_file(db, self.clock())  # before anything is written or sent
            schema.migrate(db, self.clock(), self.settings.data / BACKUPS)
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def scratch(self) -> Iterator[Database]:
        """A copy of the store in memory, which is thrown away. What models' answers cost meanwhile is kept; posts
        only seem to go out of it."""
        with closing(scratch_copy(self.settings.database)) as db:
            schema.migrate(db, self.clock(), None)
            before = charges.newest_id(db)
            try:
                yield db
            finally:
                self.keep(charges.answers_since(db, before))

    def keep(self, paid: Sequence[charges.Charge]) -> None:
        """Write down what was paid where the store was only looked at; not into another machine's."""
        if not paid:
            return
        try:
            with closing(self.open_store()) as db, db.transaction():
                for charge in paid:
                    charges.add(db, charge)
        except OtherMachine as error:
            log.warning("what was paid is not kept: %s", error)


def is_unforeseen(error: Exception) -> bool:
    """Whether the log needs to know where it came from."""
    return isinstance(error, StoreConflict) or not isinstance(error, TwitterManagerError)
