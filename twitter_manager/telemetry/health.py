"""Whether all is well: one decision over facts, for the verb `health`, the health file, the console and its API.

To look at one thing more: a field of `BotFacts`, and a function in `_RULES`. A failing finding is what keeps posts from
going out, or hides that they don't; a warning is what a person should see to. Nobody else is asked, and nothing heavy
is loaded: a monitor may ask each minute."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from twitter_manager import __version__, phrases
from twitter_manager.domain import Delivery, DeliveryStatus, DraftStatus, Json, Run
from twitter_manager.errors import OtherMachine, StoreError, kind_and_place
from twitter_manager.files import FULL_DISK
from twitter_manager.operations import machine as machines
from twitter_manager.operations import told
from twitter_manager.pipeline import key_ages
from twitter_manager.settings import Bot, Settings
from twitter_manager.store import browsing, credentials, deliveries, runs, schema
from twitter_manager.store.credentials import Credential
from twitter_manager.store.database import Database, connect_to_read, iso
from twitter_manager.terminal import command

if TYPE_CHECKING:
    from twitter_manager.pipeline.outlook import Outlook

log = logging.getLogger(__name__)

LONGEST_GAP = timedelta(hours=2)
"""Between two runs. What install-cron sets up starts one each hour at least; where runs are seen to come less often,
twice as long as usual is waited for one."""
_GAPS = 8
_SOON = timedelta(days=7)
"""Whether material lasts is reckoned so far ahead."""
_ON_ITS_WAY = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)
_FOR_A_PERSON = (DraftStatus.PENDING, DraftStatus.NEEDS_ATTENTION)


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, and what to do."""

    level: Level
    name: str
    words: str
    remedy: str

    def as_json(self) -> Json:
        return {"level": self.level, "name": self.name, "words": self.words, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class BotFacts:
    """What the decision on a bot looks at."""

    bot: str
    time_zone: str
    set_up: datetime | None = None
    """When its files were written last, as far as that can be seen."""
    last_run: Run | None = None
    last_success: datetime | None = None
    """When its newest run ended that came to a good end."""
    usual_gap: timedelta = timedelta()
    """Between its newest runs."""
    failures: int = 0
    """In a row."""
    unfinished: int = 0
    """Deliveries on their way, or of an unknown end."""
    held: int = 0
    """Deliveries that wait for a person."""
    failed: Mapping[str, Sequence[Delivery]] = field(default_factory=dict)
    """By platform, those that failed since its last post, the newest first."""
    ready: int = 0
    pool: int = 0
    """How many drafts it keeps ready; 0 where it writes none."""
    waiting: int = 0
    """Drafts that wait for a person."""
    paused: str | None = None
    keys: Sequence[Credential] = ()
    material: Outlook | None = None
    """How long its material lasts; None where that is not looked at, or not known yet."""


def findings(facts: BotFacts, now: datetime) -> list[Finding]:
    """What is not as it should be with a bot, the worst first."""
    found = [finding for rule in _RULES for finding in rule(facts, now)]
    return sorted(found, key=lambda finding: finding.level is not Level.FAILING)


def _runs_come(facts: BotFacts, now: datetime) -> Iterator[Finding]:
    start = command("install-cron")
    longest = max(LONGEST_GAP, 2 * facts.usual_gap)
    if facts.last_run is None:
        if facts.set_up is not None and now - facts.set_up > longest:
            words = f"no run yet, though it was set up {phrases.clock(facts.set_up, facts.time_zone)}"
            yield Finding(Level.FAILING, "runs", words, f"Let runs start by themselves: {start}")
        else:
            yield Finding(Level.WARNING, "runs", "no run yet", f"Let runs start by themselves: {start}")
        return
    age, since = now - facts.last_run.started_at, phrases.clock(facts.last_run.started_at, facts.time_zone)
    if age > longest:
        words = f"no run since {since}; what starts the runs (cron) seems to be dead"
        yield Finding(Level.FAILING, "runs", words, f"See why: {command('doctor')}; then: {start}")
    elif age < -runs.CLOCK_OFF:
        words = f"the clock is behind the last run ({since})"
        yield Finding(Level.FAILING, "clock", words, f"Set the clock, and look: {command('doctor')}")


def _runs_succeed(facts: BotFacts, now: datetime) -> Iterator[Finding]:
    if facts.failures and facts.last_run:
        last = phrases.clock(facts.last_success, facts.time_zone) if facts.last_success else "never"
        failed = "the newest run" if facts.failures == 1 else f"the newest {facts.failures} runs"
        because = f": {facts.last_run.reason}" if facts.last_run.reason else ""
        words = f"{failed} failed (last good one: {last}){because}"
        yield Finding(Level.FAILING, "failures", words, f"See why: {command(f'explain run:{facts.last_run.id}')}")


def _posts_arrive(facts: BotFacts, now: datetime) -> Iterator[Finding]:
    look = f"See which: {command('status')}"
    for platform, failed in facts.failed.items():
        posts = len({delivery.draft_id for delivery in failed})
        newest = "its newest post" if posts == 1 else f"its newest {posts} posts"
        level = Level.WARNING if posts == 1 else Level.FAILING
        words = f"{platform}: {newest} failed: {failed[0].error}"
        yield Finding(level, "posts", words, f"See why: {command(f'explain {failed[0].draft_id}')}")
    if facts.held:
        words = f"{phrases.amount(facts.held, 'delivery', 'deliveries')} held, and waiting for your word"
        yield Finding(Level.WARNING, "held", words, look)
    if facts.unfinished:
        words = f"{phrases.amount(facts.unfinished, 'delivery', 'deliveries')} not at an end"
        yield Finding(Level.WARNING, "unfinished", words, look)


def _posts_are_ready(facts: BotFacts, now: datetime) -> Iterator[Finding]:
    if facts.pool and facts.last_run and not facts.ready:
        if facts.waiting:
            words = f"no draft is ready, and {phrases.amount(facts.waiting, 'draft')} wait for your word"
            yield Finding(Level.WARNING, "pool", words, f"Look at them: {command('review')}")
        else:
            see = command(f"explain run:{facts.last_run.id}")
            yield Finding(Level.WARNING, "pool", "no draft is ready", f"See why: {see}")


def _material_lasts(facts: BotFacts, now: datetime) -> Iterator[Finding]:
    ahead = facts.material
    if facts.pool and ahead and not (ahead.lasts or ahead.renews) and (not ahead.until or ahead.until - now < _SOON):
        more = f"Add some, or post less often: {command('sources add')} PLACE"
        yield Finding(Level.WARNING, "material", f"the material runs out: {ahead.words}", more)


def _no_pause(facts: BotFacts, now: datetime) -> Iterator[Finding]:
    if facts.paused is not None:
        yield Finding(Level.WARNING, "paused", facts.paused, f"To go on: {command('pause --off')}")


def _keys_last(facts: BotFacts, now: datetime) -> Iterator[Finding]:
    for words in key_ages.expiring(facts.keys, now, facts.time_zone).values():
        yield Finding(Level.WARNING, "keys", words, f"To look at all: {command('auth check')}")


_RULES: Sequence[Callable[[BotFacts, datetime], Iterator[Finding]]] = (
    _runs_come,
    _runs_succeed,
    _posts_arrive,
    _posts_are_ready,
    _material_lasts,
    _no_pause,
    _keys_last,
)


def _another_machine(settings: Settings) -> Iterator[Finding]:
    try:
        machines.refuse_other(settings.data)
    except OtherMachine as error:
        yield Finding(Level.FAILING, "machine", error.message.rstrip("."), error.remedy)


def _disk(free: int, least: int) -> Iterator[Finding]:
    words = f"only {free / 1e6:,.0f} MB free on the disk"
    if free < FULL_DISK:
        yield Finding(Level.FAILING, "disk", words, "Free some: nothing can be written down, so nothing is posted.")
    elif free < least:
        yield Finding(Level.WARNING, "disk", words, "Free some before the disk is full.")


def _upkeep(troubles: Mapping[str, told.Broken]) -> Iterator[Finding]:
    for task, trouble in troubles.items():
        words = " ".join(trouble.error.splitlines()).rstrip(".")
        yield Finding(Level.WARNING, task, words, trouble.remedy or f"Then try it: {command('maintain')}")


@dataclass(frozen=True, slots=True)
class BotHealth:
    """A bot's facts, and what was found in them."""

    facts: BotFacts
    findings: Sequence[Finding]

    @property
    def level(self) -> Level:
        return _worst(self.findings)

    def as_json(self) -> Json:
        facts, run = self.facts, self.facts.last_run
        return {
            "bot": facts.bot,
            "level": self.level,
            "last_run": run.id if run else None,
            "last_run_at": iso(run.started_at) if run else None,
            "last_outcome": str(run.outcome) if run else None,
            "last_success_at": iso(facts.last_success),
            "failures_in_a_row": facts.failures,
            "unfinished": facts.unfinished,
            "held": facts.held,
            "ready_drafts": facts.ready,
            "pool": facts.pool,
            "waiting_drafts": facts.waiting,
            "paused": facts.paused,
            "keys": [
                {"service": key.service, "first_seen_at": iso(key.first_seen), "expires_at": iso(key.expires_at)}
                for key in facts.keys
            ],
            "material": facts.material.as_json() if facts.material else None,
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Health:
    """How the program stands over one home folder."""

    at: datetime | None = None
    bots: Sequence[BotHealth] = ()
    findings: Sequence[Finding] = ()
    """What is not about one bot."""
    disk_free: int | None = None
    """Bytes."""

    @property
    def level(self) -> Level:
        return _worst([*self.findings, *(finding for bot in self.bots for finding in bot.findings)])

    def as_json(self, run: str = "") -> Json:
        """`run`: the id of the run after which it is written."""
        return {
            "level": self.level,
            "at": iso(self.at),
            "version": __version__,
            "trace": run or None,
            "disk_free_bytes": self.disk_free,
            "findings": [finding.as_json() for finding in self.findings],
            "bots": [bot.as_json() for bot in self.bots],
        }


def _worst(found: Sequence[Finding]) -> Level:
    levels = {finding.level for finding in found}
    return next((level for level in (Level.FAILING, Level.WARNING) if level in levels), Level.OK)


def look(settings: Settings, now: datetime) -> Health:
    """How everything stands now, as far as it can be seen at once."""
    here = machine(settings)
    found = [*here.findings, *_another_machine(settings), *_upkeep(told.upkeep(settings.data, now))]
    if not settings.active:
        found.append(Finding(Level.WARNING, "bots", "no bot is switched on", "Say enabled = true in a bot's file."))
    try:
        with ExitStack() as stack:
            if db := connect_to_read(settings.database):
                stack.enter_context(closing(db))
                if schema.version(db) < len(schema.MIGRATIONS):
                    words, remedy = "the database is of an older version", "The next run brings it up to date."
                    return replace(here, at=now, findings=[*found, Finding(Level.WARNING, "database", words, remedy)])
                schema.require_current(db)
            bots = [_looked_at(db, settings, bot, now) for bot in settings.active]
    except StoreError as error:
        remedy = error.remedy or f"Put a backup in its place: {command('restore')}"
        found.append(Finding(Level.FAILING, "database", error.message.rstrip("."), remedy))
        return replace(here, at=now, findings=found)
    return replace(here, at=now, findings=found, bots=bots)


def machine(settings: Settings) -> Health:
    """How the machine stands."""
    free = shutil.disk_usage(settings.home).free
    return Health(findings=list(_disk(free, settings.least_disk)), disk_free=free)


def _looked_at(db: Database | None, settings: Settings, bot: Bot, now: datetime) -> BotHealth:
    """One bot, whose rows may hold what nobody foresaw. Raises StoreError."""
    try:
        return judged(gather(db, settings, bot, now, ahead=True), now)
    except StoreError:
        raise
    except Exception as error:  # one bot's trouble hides no other's
        log.warning("%s can't be looked at", bot.name, exc_info=True)
        words = f"it can't be looked at ({kind_and_place(error)})"
        remedy = f"See: {command('doctor')}"
        return BotHealth(BotFacts(bot.name, bot.time_zone), [Finding(Level.FAILING, "bot", words, remedy)])


def judged(facts: BotFacts, now: datetime) -> BotHealth:
    """A bot's facts with what is found in them."""
    return BotHealth(facts, findings(facts, now))


def gather(db: Database | None, settings: Settings, bot: Bot, now: datetime, *, ahead: bool) -> BotFacts:
    """The facts on a bot. `ahead`: reckon how long its material lasts too, which can take a while."""
    written = _written(settings, bot)
    if db is None:
        return BotFacts(bot.name, bot.time_zone, written)
    newest, good = runs.last(db, bot.name, _GAPS + 1), runs.last_good(db, bot.name)
    gaps = sorted(later.started_at - earlier.started_at for later, earlier in pairwise(newest))
    counted = browsing.waiting(db, bot.name)
    return BotFacts(
        bot=bot.name,
        time_zone=bot.time_zone,
        set_up=written,
        last_run=newest[0] if newest else None,
        last_success=good.ended_at if good else None,
        usual_gap=max(gaps[len(gaps) // 2], timedelta()) if gaps else timedelta(),
        failures=runs.failures_in_a_row(db, bot.name),
        unfinished=len(deliveries.with_status(db, bot.name, *_ON_ITS_WAY)),
        held=len(deliveries.with_status(db, bot.name, DeliveryStatus.HELD)),
        failed={
            name: failed for name in bot.platforms_on if (failed := deliveries.failed_in_a_row(db, bot.name, name))
        },
        ready=counted.get(DraftStatus.APPROVED, 0),
        pool=bot.pool_size if bot.sources else 0,
        waiting=sum(counted.get(status, 0) for status in _FOR_A_PERSON),
        paused=runs.paused(db, bot.name, bot.time_zone),
        keys=credentials.known(db, bot.name),
        material=_outlook(db, bot, now) if ahead else None,
    )


def _written(settings: Settings, bot: Bot) -> datetime | None:
    for path in (settings.home / "data" / "bots" / f"{bot.name}.toml", settings.home / ".env"):
        with suppress(OSError):
            return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return None


def _outlook(db: Database, bot: Bot, now: datetime) -> Outlook | None:
    from twitter_manager.pipeline.outlook import outlook

    return outlook(bot, db, now, _SOON)


def lines(told: Json) -> Iterator[str]:
    """`health` for a person."""
    for finding in told["findings"]:
        yield f"{finding['level']:8}{finding['name']}: {phrases.sentences(finding['words'])} {finding['remedy']}"
    for bot in told["bots"]:
        for finding in bot["findings"]:
            yield f"{finding['level']:8}{bot['bot']}: {phrases.sentences(finding['words'])} {finding['remedy']}"
        if not bot["findings"]:
            ready = phrases.amount(bot["ready_drafts"], "draft")
            yield f"{Level.OK:8}{bot['bot']}: run {bot['last_run']} was good, {ready} ready"
    words = {Level.OK: "All is well.", Level.WARNING: "Runs work; see the warnings.", Level.FAILING: "Not well."}
    yield words[told["level"]]
