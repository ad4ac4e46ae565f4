"""One run for one bot, told from top to bottom in `_story`. What a step means is left to the module it calls.

A run without a post is one of two things. The material is used up for now (all of it used, resting, or no news): that
is how a bot with a quiet feed lives, so it is no failure, and only the record says it. Or something is wrong: no
generator is ready, every source fails, material was there and none of it made a post, there never was any, or none of
it has a topic of the bot's. That stays a failure each time, by its exit code; but a person is told once, not every
hour: a run that ends like the last one that had a slot to fill, numbers aside, is marked `repeated`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from twitter_manager import decisions, due
from twitter_manager.delivery import Outbox, Policy
from twitter_manager.domain import (
    Clock,
    Delivery,
    DeliveryStatus,
    Draft,
    DraftStatus,
    Outcome,
    Platform,
    Progress,
    Run,
    TimeLeft,
)
from twitter_manager.store import deliveries, drafts, events, generations, runs
from twitter_manager.store.database import Database, to_text

log = logging.getLogger(__name__)


class AtRest(str):
    """A reason for having no draft that asks for nobody: the material is used up for now."""

    __slots__ = ()


class Interrupted(BaseException):
    """A signal asks the process to end. Not an Exception: nothing on the way may swallow it."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


@dataclass(frozen=True, slots=True)
class Calendar:
    """The bot's time table, asked at a moment (UTC): the slot it falls in, the next slot, the start of the bot's day,
    and the end of the quiet hours it falls in."""

    slot_at: Callable[[datetime], datetime]
    next_slot: Callable[[datetime], datetime]
    day_start: Callable[[datetime], datetime]
    quiet_until: Callable[[datetime], datetime | None]


@dataclass(frozen=True, slots=True)
class Crew:
    """All that a run works with, put together in `app.py`. `pool`: how many drafts to keep ready; `refill` makes that
    many more and tells why it made fewer (`AtRest` where nothing is wrong); `month_usd`: the most a month may cost;
    `news` makes one draft more where there is fresh news, and loads no model for it; `recheck` looks again at drafts
    that passed older rules; `running_out` tells, once, that the material does; `notes`: what the parts found worth
    telling (sources that could not be read); `warnings`: what a person should hear of though the run goes well, where
    cron would else be silent."""

    bot: str
    db: Database
    platforms: Mapping[str, Platform]
    calendar: Calendar
    bounds: due.Bounds
    month_usd: float
    policy: Policy
    pool: int
    refill: Callable[[Crew, int, int], str]
    clock: Clock
    sleep: Callable[[float], None]
    time_left: TimeLeft
    budget: timedelta
    progress: Progress
    redact: Callable[[str], str]
    news: Callable[[Crew, int], str] = lambda crew, run_id: ""
    recheck: Callable[[Crew, int], None] = lambda crew, run_id: None
    running_out: Callable[[Crew, int], str] = lambda crew, run_id: ""
    dry_run: bool = False
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, for whoever prints it. `attention`: what a person must see to; `notes`: what else is worth
    telling (of other drafts: what went out, what is still open; platforms that were left out); `warnings`: what a
    person should hear of though all went well; `at_rest`: there was nothing to post, and nothing is wrong; `repeated`:
    the same trouble was told before."""

    bot: str
    run_id: int
    outcome: Outcome
    reason: str
    draft: Draft | None
    deliveries: tuple[Delivery, ...]
    ready: int
    next_slot: datetime
    attention: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    at_rest: bool = False
    repeated: bool = False

    @property
    def ok(self) -> bool:
        """True when nobody needs to look: posted everywhere, nothing due, nothing new to post, or a dry run."""
        well = self.at_rest or self.outcome in (Outcome.POSTED, Outcome.NOTHING_DUE, Outcome.DRY_RUN)
        return well and not self.attention


class SlotWatch:
    """The slot that this run works for. A process that was stopped for longer than its budget works for none."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._started = crew.clock()
        self.slot = crew.calendar.slot_at(self._started)

    def renew(self) -> None:
        """Writing may take a run over the hour: from here on it works for the slot that is on now."""
        self.slot = self._crew.calendar.slot_at(self._crew.clock())

    def fresh(self) -> bool:
        """True while sending is still in time."""
        now = self._crew.clock()
        slept = abs(now - self._started) > self._crew.budget + timedelta(minutes=1)
        return not slept and self._crew.calendar.slot_at(now) == self.slot


def run_bot(
    crew: Crew,
    verb: str = "run",
    *,
    forced: bool = False,
    only: int | None = None,
    began: Callable[[int], None] = lambda run_id: None,
) -> Report:
    """Do one run and close it with one outcome. `only`: publish this draft and no other (a person's `post --now`);
    `began` is told the run's id, for the log."""
    watch = SlotWatch(crew)
    before = runs.last(crew.db, crew.bot)
    with crew.db.transaction():
        run_id = runs.start(crew.db, crew.bot, verb, watch.slot, crew.clock())
        _record_gap(crew, run_id, before, watch.slot)
    began(run_id)
    try:
        report = _story(crew, run_id, watch, forced=forced, only=only)
    except (Interrupted, KeyboardInterrupt):
        _finish(crew, run_id, Outcome.INTERRUPTED, "a signal ended it")
        raise
    except Exception as error:
        _finish(crew, run_id, Outcome.FAILED, f"{type(error).__name__}: {error}")
        raise
    report = _with_the_rest(crew, run_id, report, asked=forced or only is not None)
    _finish(crew, run_id, report.outcome, report.reason)
    return report


_TOLD_ONCE = (Outcome.NOTHING_TO_POST, Outcome.UNFINISHED)
_WITH_MATERIAL = (Outcome.POSTED, Outcome.PARTLY_POSTED, Outcome.NOTHING_TO_POST)


def _with_the_rest(crew: Crew, run_id: int, report: Report, *, asked: bool) -> Report:
    """The report with what is told once: that the material runs out, and trouble that goes on. `asked`: a person wants
    an answer now."""
    if report.outcome in _WITH_MATERIAL and (line := crew.running_out(crew, run_id)):
        crew.warnings.append(line)
    repeated = not asked and not report.attention and report.outcome in _TOLD_ONCE and _same_again(crew, run_id, report)
    return replace(report, warnings=tuple(map(crew.redact, crew.warnings)), repeated=repeated)


def _same_again(crew: Crew, run_id: int, report: Report) -> bool:
    last = runs.last_with_a_slot(crew.db, crew.bot, run_id)
    return last is not None and (last.outcome, _wording(last.reason)) == (report.outcome, _wording(report.reason))


def _wording(reason: str) -> str:
    return re.sub(r"\d+", "0", reason)


def _record_gap(crew: Crew, run_id: int, before: Sequence[Run], slot: datetime) -> None:
    """A slot in which no run began has its reason on record too: the machine was off, cron stood still, another run
    held the lock, or the process died before it could write a line."""
    first = crew.calendar.next_slot(before[0].slot) if before else slot
    if first < slot:
        what = "slots_without_a_run"
        until = to_text(slot)
        events.record(crew.db, crew.clock(), what, bot=crew.bot, run_id=run_id, first=to_text(first), until=until)


def _story(crew: Crew, run_id: int, watch: SlotWatch, *, forced: bool, only: int | None) -> Report:
    outbox = _outbox(crew, run_id, watch)
    if not crew.dry_run:
        outbox.settle()
        quiet = crew.calendar.quiet_until(crew.clock()) is not None
        if runs.paused(crew.db, crew.bot) is None and (forced or not quiet):
            outbox.resume()
    with crew.db.transaction():
        expired = drafts.expire_old(crew.db, crew.bot, crew.clock(), run_id)
        outbox.attention += [
            (one.id, f"draft {one.id} of yours expired unsent") for one in expired if one.origin == "person"
        ]
        changed = drafts.set_changed_aside(crew.db, crew.bot, crew.clock(), run_id)
        outbox.attention += [(one.id, f"draft {one.id} was changed after it was approved") for one in changed]

    reason = _why_not_due(crew, watch, forced=forced or only is not None)
    if reason is not None and crew.dry_run and _why_not_due(crew, watch, forced=True) is None:
        outbox.notes.append(f"Not due now: {reason}. This is what the next slot would get.")
        forced, reason = True, None
    if reason is not None:
        return _not_now(crew, run_id, outbox, reason, only)
    _tell_stuck(crew, outbox)
    crew.recheck(crew, run_id)
    draft = _take(crew, only)
    written = False
    if draft is None and only is None:
        shortage = crew.refill(crew, run_id, 1)
        written, draft = True, _take(crew, None)
        watch.renew()
        reason = _why_not_due(crew, watch, forced=forced)
        if draft is None or reason is not None:
            if draft is not None:
                return _report(crew, run_id, outbox, Outcome.NOTHING_DUE, reason or "")
            made = _report(crew, run_id, outbox, Outcome.NOTHING_TO_POST, shortage)
            return replace(made, at_rest=isinstance(shortage, AtRest))
    if draft is None:
        return _not_now(crew, run_id, outbox, "no platform may take it (is the month's budget used up?)", only)

    names = _names(crew, draft)
    _tell_left_out(crew, draft, names, outbox)
    watch.renew()  # a run that began a moment before the hour works for the hour that is on now
    free = drafts.slot_filled(crew.db, crew.bot, watch.slot) is None
    outbox.publish(draft, watch.slot if free else None, names)
    if not crew.dry_run:
        _refill_after(crew, run_id, low=written or _runs_low(crew, draft))
    return _report(crew, run_id, outbox, *_outcome(crew, draft), draft=draft)


def _runs_low(crew: Crew, draft: Draft) -> bool:
    """Half of the pool is kept in reserve for a model's bad hours; a person's own post takes nothing from it."""
    return draft.origin == "generator" and _in_pool(crew) < max(1, crew.pool // 2)


def _tell_stuck(crew: Crew, outbox: Outbox) -> None:
    """A person's post that no platform can take would wait without a word."""
    for draft in _ready(crew):
        if draft.origin == "person" and not _names(crew, draft):
            wanted = ", ".join(draft.platforms)
            outbox.attention.append(
                (draft.id, f"draft {draft.id} waits: {wanted} can't take it (budget, or not set up)")
            )


def _tell_left_out(crew: Crew, draft: Draft, names: Sequence[str], outbox: Outbox) -> None:
    left_out = sorted((set(draft.platforms) & set(crew.platforms)) - set(names))
    if left_out:
        budget = f"${spent(crew):.2f} of ${crew.month_usd:.2f}"
        line = f"{', '.join(left_out)}: left out, this month's budget is used up ({budget})"
        log.warning("%s", line)
        outbox.attention.append((0, line)) if draft.origin == "person" else outbox.notes.append(line)


def _not_now(crew: Crew, run_id: int, outbox: Outbox, reason: str, only: int | None) -> Report:
    """Nothing goes out. That is all right for cron, and a failure for a person who said `--now`."""
    if only is None:
        return _report(crew, run_id, outbox, Outcome.NOTHING_DUE, reason)
    return _report(crew, run_id, outbox, Outcome.FAILED, f"draft {only} is queued but not posted now: {reason}")


def _outbox(crew: Crew, run_id: int, watch: SlotWatch) -> Outbox:
    return Outbox(
        db=crew.db,
        bot=crew.bot,
        run_id=run_id,
        platforms=crew.platforms,
        policy=crew.policy,
        clock=crew.clock,
        sleep=crew.sleep,
        time_left=crew.time_left,
        fresh=watch.fresh,
        progress=crew.progress,
        redact=crew.redact,
    )


def _why_not_due(crew: Crew, watch: SlotWatch, *, forced: bool) -> str | None:
    now, db, bot = crew.clock(), crew.db, crew.bot
    filled = drafts.slot_filled(db, bot, watch.slot)
    hour = now.replace(minute=0, second=0, microsecond=0)
    # A day of 25 hours holds as many posts in any 24 of them as another day.
    day = max(crew.calendar.day_start(now), hour - timedelta(hours=23))
    quiet = crew.calendar.quiet_until(now)
    cost = spent(crew)
    facts = due.Facts(
        paused=runs.paused(db, bot),
        used_by=filled.id if filled else None,
        posts_this_hour=drafts.published_since(db, bot, hour, now),
        posts_today=drafts.published_since(db, bot, day, now),
        quiet_until=f"{quiet:%Y-%m-%d %H:%M} UTC" if quiet else None,
        platforms=_affordable(crew, lambda name: ("",), cost),
        spent_usd=cost,
    )
    return due.why_not(facts, crew.bounds, forced=forced)


def spent(crew: Crew) -> float:
    """USD that this bot's posts and generations cost since the month began (UTC)."""
    month = crew.clock().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return deliveries.cost_since(crew.db, crew.bot, month) + generations.cost_since(crew.db, crew.bot, month)


def _affordable(crew: Crew, texts_on: Callable[[str], Sequence[str]], cost: float) -> tuple[str, ...]:
    """The platforms on which these parts are free, or stay within what `cost` leaves of the month's budget."""
    left = crew.month_usd - cost
    prices = {name: sum(map(platform.price, texts_on(name))) for name, platform in crew.platforms.items()}
    return tuple(name for name, price in prices.items() if price == 0 or price <= left)


def _take(crew: Crew, only: int | None) -> Draft | None:
    """The draft to publish: the one that was asked for, else the first in turn that some platform can take."""
    wanted = [draft for draft in _ready(crew) if only is None or draft.id == only]
    last = drafts.newest(crew.db, crew.bot, 1)
    topic = last[0].topic if last else ""
    # A person's own come first, then fresh news, unless the last post was on the same topic; then the oldest.
    wanted.sort(key=lambda draft: draft.origin != "person" and (not _is_news(draft) or draft.topic == topic))
    return next((draft for draft in wanted if _names(crew, draft)), None)


def _is_news(draft: Draft) -> bool:
    return draft.choice.get("lane") == "news"


def _names(crew: Crew, draft: Draft) -> list[str]:
    return [name for name in _affordable(crew, draft.texts_on, spent(crew)) if name in draft.platforms]


def _ready(crew: Crew) -> list[Draft]:
    return drafts.ready(crew.db, crew.bot, crew.clock())


def _in_pool(crew: Crew) -> int:
    return drafts.in_pool(crew.db, crew.bot, crew.clock())


def _refill_after(crew: Crew, run_id: int, *, low: bool) -> None:
    """The post is out: trouble in writing the next ones is told in the log, and the next run tries again."""
    try:
        reason = crew.refill(crew, run_id, crew.pool - _in_pool(crew)) if low else _news(crew, run_id)
    except (OSError, RuntimeError, ValueError) as error:
        log.exception("the pool could not be refilled")
        reason = f"{type(error).__name__}: {error}"
    if reason:
        log.warning("pool: %s", reason)


def _news(crew: Crew, run_id: int) -> str:
    """What is fresh doesn't wait until the pool runs low: one draft of it may wait for the next slot."""
    return "" if any(map(_is_news, _ready(crew))) else crew.news(crew, run_id)


def _outcome(crew: Crew, draft: Draft) -> tuple[Outcome, str]:
    mine = deliveries.of_draft(crew.db, draft.id)
    bad = [one for one in mine if one.status is not DeliveryStatus.POSTED]
    thread = len(draft.parts) > 1
    reason = "; ".join(
        f"{one.platform}{f' part {one.part + 1}' if thread else ''}: {one.status}: {one.error}" for one in bad
    )
    if crew.dry_run:
        return Outcome.DRY_RUN, reason
    if not bad:
        return Outcome.POSTED, ""
    if any(one.status not in (DeliveryStatus.FAILED, DeliveryStatus.HELD) for one in bad):
        return Outcome.UNFINISHED, reason
    return (Outcome.PARTLY_POSTED if len(bad) < len(mine) else Outcome.FAILED), reason


def _report(
    crew: Crew, run_id: int, outbox: Outbox, outcome: Outcome, reason: str, draft: Draft | None = None
) -> Report:
    others = [(about, line) for about, line in outbox.attention if draft is None or about != draft.id]
    waits = [one for one in drafts.made_in_run(crew.db, run_id) if one.status is DraftStatus.NEEDS_ATTENTION]
    others += [(one.id, f"draft {one.id} waits for you: {one.reason}") for one in waits]
    attention = [line for _, line in others]
    if attention:
        attention[-1] += _way_on(crew, dict.fromkeys(about for about, _ in others))
    if attention and outcome is Outcome.NOTHING_DUE:
        outcome, reason, attention = Outcome.FAILED, "; ".join([*attention, f"nothing due: {reason}"]), []
    mine = draft.id if draft else None
    still_open = [
        f"{one.platform}: draft {one.draft_id} is {one.status}: {one.error}"
        for one in deliveries.with_status(crew.db, crew.bot, DeliveryStatus.UNKNOWN, DeliveryStatus.QUEUED)
        if one.draft_id != mine
    ]
    notes = [line for about, line in outbox.posted if about != mine]
    if draft and reason and not crew.dry_run:
        reason += _way_on(crew, [draft.id])
    return Report(
        bot=crew.bot,
        run_id=run_id,
        outcome=outcome,
        reason=crew.redact(reason),
        draft=drafts.get(crew.db, draft.id) if draft else None,
        deliveries=tuple(deliveries.of_draft(crew.db, draft.id)) if draft else (),
        ready=len(_ready(crew)),
        next_slot=crew.calendar.next_slot(crew.clock()),
        attention=tuple(attention),
        notes=(*outbox.notes, *crew.notes, *notes, *still_open),
    )


def _way_on(crew: Crew, ids: Iterable[int]) -> str:
    """The commands by which a person lets these drafts go on, or gives them up, as the end of a line."""
    found = (drafts.get(crew.db, draft_id) for draft_id in ids)
    ways = [" or ".join(decisions.ways_on(crew.db, draft)) for draft in found if draft]
    return "".join(f"; then: {way}" for way in ways if way)


def _finish(crew: Crew, run_id: int, outcome: Outcome, reason: str) -> None:
    with crew.db.transaction():
        runs.finish(crew.db, run_id, outcome, crew.redact(reason), crew.clock())
    log.info("run ended: %s%s", outcome, f": {reason}" if reason else "")
