"""What a run works with. `factory.py` puts it together from the settings, and tests from fakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from twitter_manager import schedule
from twitter_manager.delivery import Outbox, Pictures, Policy
from twitter_manager.domain import Clock, Platform, Progress, TimeLeft
from twitter_manager.due import Bounds
from twitter_manager.pipeline.approval import Approval
from twitter_manager.pipeline.spending import Budget
from twitter_manager.settings import Bot
from twitter_manager.settings.records import Answers, Listen
from twitter_manager.stages import Stages
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    from twitter_manager.pipeline.fill import PoolFiller

READS_NOTHING = Listen(figures=(), comments=())
"""Of what comes back."""


class AtRest(str):
    """A reason for having no draft that asks for nobody: the material is used up for now."""

    __slots__ = ()


class Writer(Protocol):
    """Makes drafts for one bot. What it gives is why there are fewer than were asked for: "" where there are as many,
    AtRest where nothing is wrong."""

    def write(self, run_id: int) -> str:
        """Make a draft for the slot that is due."""

    def top_up(self, run_id: int, wanted: int) -> str:
        """Make up to so many drafts for later slots."""

    def write_news(self, run_id: int) -> str:
        """Make one draft more where there is fresh news. Loads no model for it."""

    def let_go(self, run_id: int) -> list[str]:
        """Take drafts out of the pool whose material left; gives lines on it."""

    def hold(self, run_id: int) -> None:
        """Let what needs a person's yes by now wait for it."""

    def recheck(self, run_id: int) -> None:
        """Look again at drafts that passed older rules."""

    def running_out(self, run_id: int) -> str:
        """A line, once, where the material does."""

    def offer_again(self, run_id: int) -> None:
        """Offer a post that did well to the person again, in other words, where one has rested."""

    def conclude(self, run_id: int) -> str:
        """End the experiment that is over; gives a line on it, or ""."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The bot's time table. Each is asked at a moment (UTC)."""

    slot_at: Callable[[datetime], datetime]
    """The slot that the moment falls in."""
    next_slot: Callable[[datetime], datetime]
    day_start: Callable[[datetime], datetime]
    """When the bot's day began."""
    quiet_until: Callable[[datetime], datetime | None]
    """The end of the quiet hours that the moment falls in."""
    time_zone: str = "UTC"
    """In which a person reads and sets times."""

    @classmethod
    def of(cls, bot: Bot) -> Calendar:
        """As the bot's settings say it."""
        zone, quiet = bot.time_zone, bot.limits.quiet_hours
        return cls(
            slot_at=lambda now: schedule.slot_at(now, bot.schedule, zone),
            next_slot=lambda now: schedule.next_slot(now, bot.schedule, zone),
            day_start=lambda now: schedule.local_day_start(now, zone),
            quiet_until=lambda now: schedule.quiet_ends(now, quiet, zone),
            time_zone=zone,
        )


def bounds_of(bot: Bot) -> Bounds:
    """The bot's limits."""
    return Bounds(bot.limits.per_hour, bot.limits.per_day, bot.limits.minutes_apart)


@dataclass(frozen=True, slots=True)
class RunContext:
    """All that a run works with."""

    bot: str
    db: Database
    platforms: Mapping[str, Platform]
    calendar: Calendar
    bounds: Bounds
    budget: Budget
    policy: Policy
    pool: int
    """How many drafts to keep ready."""
    writer: Writer
    clock: Clock
    sleep: Callable[[float], None]
    time_left: TimeLeft
    run_time: timedelta
    """What the run may take in all."""
    progress: Progress
    redact: Callable[[str], str]
    pictures: Pictures
    approval: Approval = field(default_factory=Approval)
    """Which drafts a person wants to see."""
    answers: Answers = field(default_factory=Answers.model_construct)
    """How comments are answered."""
    listen: Listen = READS_NOTHING
    """What is read of what comes back."""
    filler: Callable[[int], PoolFiller] | None = None
    """Puts together who writes in this run; None where nothing is written but posts."""
    outbox: type[Outbox] = Outbox
    notes: list[str] = field(default_factory=list)
    """What the stages found worth telling: sources that could not be read."""
    warnings: list[str] = field(default_factory=list)
    """What a person should hear of though the run goes well, where cron would else be silent."""
    stages: Stages = field(default_factory=Stages)
    """Measures the run's steps."""


class SlotWatch:
    """The slot that this run works for. A process that was stopped for longer than its run time works for none."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._started = context.clock()
        self.slot = context.calendar.slot_at(self._started)

    def move_to_current_slot(self) -> None:
        """Writing may take a run over the hour: from here on it works for the slot that is on now."""
        self.slot = self._context.calendar.slot_at(self._context.clock())

    def fresh(self) -> bool:
        """True while sending is still in time."""
        now = self._context.clock()
        slept = abs(now - self._started) > self._context.run_time + timedelta(minutes=1)
        return not slept and self._context.calendar.slot_at(now) == self.slot
