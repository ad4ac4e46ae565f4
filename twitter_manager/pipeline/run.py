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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from twitter_manager import moments, phrases
from twitter_manager.delivery import Outbox
from twitter_manager.domain import Draft, DraftStatus, Outcome, PagePlatform, Run
from twitter_manager.errors import Changed, Interrupted
from twitter_manager.pipeline import answering, listening, recurring, select
from twitter_manager.pipeline.context import AtRest, RunContext, SlotWatch
from twitter_manager.pipeline.report import Report, published, report
from twitter_manager.platforms import exact
from twitter_manager.settings.records import NO_ANSWERS
from twitter_manager.store import comments, drafts, events, limits, runs
from twitter_manager.store.database import to_text
from twitter_manager.store.limits import Limit

log = logging.getLogger(__name__)

LATE = timedelta(minutes=65)
"""What cron starts once an hour, and what takes a few minutes, is not late."""
_MOST_ATTEMPTS = 4
"""So often a run writes for a slot, where what it wrote needs a person's yes."""
_MOST_REASONS = 3
"""So many say why a post is late."""
_MOST_DEAD = 20
"""So many runs that died one after the other are made up for."""
_MOST_CHOICES = 5
"""So often a run chooses anew where a person changed what it chose."""
_TOLD_ONCE = (Outcome.NOTHING_TO_POST, Outcome.UNFINISHED)
_WITH_MATERIAL = (Outcome.POSTED, Outcome.PARTLY_POSTED, Outcome.NOTHING_TO_POST)


def run_bot(
    context: RunContext,
    verb: str = "run",
    *,
    forced: bool = False,
    only: int | None = None,
    began: Callable[[int], None] = lambda run_id: None,
) -> Report:
    """Do one run and close it with one outcome. `only`: publish this draft and no other (a person's `post --now`);
    `began` is told the run's id, for the log."""
    watch = SlotWatch(context)
    before = runs.last(context.db, context.bot)
    with context.db.transaction():
        run_id = runs.start(context.db, context.bot, verb, watch.slot, context.clock())
        _record_gap(context, run_id, before, watch.slot)
    began(run_id)
    _tell_clock_went_back(context, before)
    try:
        done = _story(context, run_id, watch, forced=forced, only=only)
    except (Interrupted, KeyboardInterrupt):
        _finish(context, run_id, Outcome.INTERRUPTED, "a signal ended it")
        raise
    except Exception as error:
        _finish(context, run_id, Outcome.FAILED, f"{type(error).__name__}: {error}")
        raise
    done = _with_what_is_told_once(context, run_id, done, asked=forced or only is not None)
    for platform in context.platforms.values():
        if isinstance(platform, PagePlatform):
            platform.redraw()
    reason = phrases.sentences(*done.attention, done.reason) if done.attention else done.reason
    _finish(context, run_id, done.outcome, reason, is_good=done.ok)
    return _with_what_came_back(context, run_id, done) if only is None else done


def _with_what_came_back(context: RunContext, run_id: int, done: Report) -> Report:
    """The run is on record as it ended: whatever stops the reading takes nothing from that."""
    told = len(context.warnings)
    listening.follow_up(context, run_id)
    _draft_answers(context, run_id)
    return replace(done, warnings=(*done.warnings, *map(context.redact, context.warnings[told:])))


def _story(context: RunContext, run_id: int, watch: SlotWatch, *, forced: bool, only: int | None) -> Report:
    outbox = _outbox(context, run_id, watch)
    with context.stages("settle"):
        outbox.settle()
    quiet = context.calendar.quiet_until(context.clock()) is not None
    awake = runs.paused(context.db, context.bot) is None and (forced or not quiet)
    if awake:
        with context.stages("resume"):
            outbox.resume()
    _drop_stale(context, run_id, outbox)
    if awake and only is None:
        watch.move_to_current_slot()  # answers take no slot: the hour may turn before they go out
        with context.stages("answer"):
            answering.publish(context, run_id, outbox)
    _make_occurrences(context, run_id)
    if line := context.writer.conclude(run_id):
        context.warnings.append(line)

    if runs.paused(context.db, context.bot) is None:
        _tell_what_is_not_replaced(context, outbox, only)
    for _ in range(_MOST_CHOICES):
        try:
            return _post(context, run_id, watch, outbox, forced=forced, only=only)
        except Changed as error:  # a person was quicker: what they made of it holds
            log.info("chosen again: %s", error)
    return _nothing_goes_out(context, run_id, outbox, "the drafts were changed while this run chose", only)


def _post(
    context: RunContext, run_id: int, watch: SlotWatch, outbox: Outbox, *, forced: bool, only: int | None
) -> Report:
    """Publish what is due, and write where nothing is there for it. Raises Changed before anything was sent."""
    draft = select.next_dated(context) if only is None else None  # what has a date goes first
    reason = select.why_not_due(context, watch.slot, forced=forced or only is not None, dated=draft)
    if reason is not None:
        _tell_limits_once(context, reason, select.in_the_way(context))
        return _nothing_goes_out(context, run_id, outbox, reason, only)
    _tell_what_nobody_takes(context, outbox)
    with context.stages("recheck"):
        context.writer.recheck(run_id)
    draft = draft or select.next_draft(context, only)
    written = False
    if draft is None and only is None:
        with context.stages("refill"):
            draft, shortage = _write(context, run_id)
        written = True
        watch.move_to_current_slot()
        reason = select.why_not_due(context, watch.slot, forced=forced)
        waiting = _what_it_waits_for(context, shortage) if draft is None else ()
        if waiting:
            return _waits_for_review(context, run_id, outbox, waiting, shortage)
        if isinstance(shortage, select.HeldUp):
            _tell_limits_once(context, shortage, select.limits_that_hold_up(context, select.held_up(context)))
            return _nothing_goes_out(context, run_id, outbox, shortage, only)
        if draft is None:
            nothing = report(context, run_id, outbox, Outcome.NOTHING_TO_POST, shortage)
            return replace(nothing, at_rest=isinstance(shortage, AtRest))
        if reason is not None:
            return report(context, run_id, outbox, Outcome.NOTHING_DUE, reason)
    if draft is None:
        return _nothing_goes_out(context, run_id, outbox, _why_nobody_takes_it(context, only), only)

    takers = select.takers(context, draft)
    _tell_left_out(context, draft, takers, outbox)
    _tell_late(context, run_id, draft)
    watch.move_to_current_slot()  # a run that began a moment before the hour works for the hour that is on now
    fills = draft.due_at is None and drafts.slot_filled(context.db, context.bot, watch.slot) is None
    with context.stages("publish"):
        outbox.publish(draft, watch.slot if fills else None, takers)
    with context.stages("refill"):
        _follow_up(context, run_id, low=written or _runs_low(context, draft))
    return published(context, run_id, outbox, draft)


def _write(context: RunContext, run_id: int) -> tuple[Draft | None, str]:
    """Write for the slot, until a draft is there that can go out, or until enough wait for a person's yes, for the end
    of a limit or for money; gives the draft, or why there is none."""
    shortage = ""
    for attempt in range(_MOST_ATTEMPTS):
        before = len(select.awaiting(context))
        if select.enough_wait(context.db, context.bot, context.approval, context.pool, context.clock()):
            break
        if len(select.held_up(context)) >= context.pool:
            break
        lacking = context.pool - select.in_pool(context) if attempt else 1
        shortage = context.writer.top_up(run_id, lacking) if lacking > 1 else context.writer.write(run_id)
        draft = select.next_draft(context, None)
        if draft or shortage or len(select.awaiting(context)) == before:
            return draft, shortage or ("" if draft else select.why_held_up(context))
    return None, shortage or select.why_held_up(context)


def _what_it_waits_for(context: RunContext, shortage: str) -> Sequence[Draft]:
    """The drafts of which one could have taken the slot, had its person approved it. Where posts need no approval, that
    none could be written is trouble all the same."""
    if shortage and not (context.approval.asks or isinstance(shortage, AtRest)):
        return ()
    return [draft for draft in select.awaiting(context) if draft.due_at is None]


def _waits_for_review(
    context: RunContext, run_id: int, outbox: Outbox, waiting: Sequence[Draft], shortage: str
) -> Report:
    """Nothing is approved, so nothing goes out; that is for its person to change, and no failure."""
    if shortage:
        log.warning("pool: %s", shortage)
    reason = f"{phrases.amount(len(waiting), 'draft waits', 'drafts wait')} for your approval"
    return report(context, run_id, outbox, Outcome.WAITING_FOR_REVIEW, reason, waiting[0])


def _outbox(context: RunContext, run_id: int, watch: SlotWatch) -> Outbox:
    return context.outbox(
        db=context.db,
        bot=context.bot,
        run_id=run_id,
        platforms=context.platforms,
        policy=context.policy,
        clock=context.clock,
        sleep=context.sleep,
        time_left=context.time_left,
        fresh=watch.fresh,
        time_zone=context.calendar.time_zone,
        progress=context.progress,
        redact=context.redact,
        pictures=context.pictures,
        stages=context.stages,
        standing=partial(select.standing, context),
    )


def _drop_stale(context: RunContext, run_id: int, outbox: Outbox) -> None:
    """Let go of drafts that are too old, whose material left, or that were changed after their approval."""
    outbox.notes += context.writer.let_go(run_id)
    context.writer.hold(run_id)
    now = context.clock()
    with context.db.transaction():
        expired = drafts.expire_old(context.db, context.bot, now, run_id)
        changed = drafts.set_changed_aside(context.db, context.bot, now, run_id, exact.hashes)
    unseen = [draft.id for draft in expired if draft.status is DraftStatus.PENDING]
    outbox.notes += [f"draft {number} expired: nobody approved it in time" for number in unseen]
    expired = [*_expired_in_dead_runs(context, run_id), *expired]
    mine = [draft for draft in expired if draft.id not in unseen and drafts.is_vouched_for(context.db, draft)]
    whose = {draft.id: "of yours" if draft.is_persons else "that you approved" for draft in mine}
    outbox.attention += [(number, f"draft {number} {words} expired unsent") for number, words in whose.items()]
    outbox.attention += [(draft.id, f"draft {draft.id} was changed {_since(draft)}") for draft in changed]


def _expired_in_dead_runs(context: RunContext, run_id: int) -> list[Draft]:
    """What the runs right before this one let expire that died before they could tell it."""
    before = [run for run in runs.last(context.db, context.bot, _MOST_DEAD) if run.id != run_id]
    dead = takewhile(lambda run: run.outcome in (Outcome.ABANDONED, Outcome.INTERRUPTED), before)
    return [draft for run in dead for draft in drafts.expired_in(context.db, run.id)]


def _since(draft: Draft) -> str:
    return "while it waited for approval" if draft.status is DraftStatus.PENDING else "after it was approved"


def _make_occurrences(context: RunContext, run_id: int) -> None:
    """The next date of each recurring post stands as a draft."""
    maker = recurring.Maker(context.db, context.calendar.time_zone, context.clock(), run_id)
    for line in maker.make_all(context.bot):
        log.warning("%s", line)
        context.warnings.append(line)


def _draft_answers(context: RunContext, run_id: int) -> None:
    """Answers to what was heard; what they need is imported only where something was."""
    wanted = context.filler is not None and context.answers.mode != NO_ANSWERS
    if wanted and comments.in_status(context.db, context.bot, (comments.Status.NEW,), 1):
        from twitter_manager.pipeline import answer_drafts

        answer_drafts.follow_up(context, run_id)


def _nothing_goes_out(context: RunContext, run_id: int, outbox: Outbox, reason: str, only: int | None) -> Report:
    """Nothing goes out. That is all right for cron, and a failure for a person who said `--now`."""
    if only is None:
        return report(context, run_id, outbox, Outcome.NOTHING_DUE, reason)
    failure = f"draft {only} is queued but not posted now: {reason}"
    return report(context, run_id, outbox, Outcome.FAILED, failure)


def _why_nobody_takes_it(context: RunContext, only: int | None) -> str:
    draft = drafts.get(context.db, only) if only else None
    affordable = select.affordable_for(context, draft) if draft else ()
    if draft and not affordable:
        return _cannot_take(context, draft)
    limited = select.limits_on(context, draft, affordable) if draft else {}
    return select.told(context, limited) or "it is not ready"


def _tell_limits_once(context: RunContext, reason: str, in_the_way: Mapping[str, Limit]) -> None:
    """A person hears once of a limit that lets nothing out."""
    for name, limit in in_the_way.items():
        line = select.told(context, {name: limit})
        if line in reason and not limit.told:
            context.warnings.append(line)
            with context.db.transaction():
                limits.mark_told(context.db, limit)


def _tell_what_is_not_replaced(context: RunContext, outbox: Outbox, only: int | None) -> None:
    """What is taken down stands nowhere while no platform takes what comes in its place."""
    for draft, old in select.replacements(context):
        if draft.id != only and not select.affordable_for(context, draft):
            line = f"draft {draft.id} waits in the place of draft {old}, which is taken down"
            outbox.attention.append((draft.id, f"{line}: {_cannot_take(context, draft)}"))


def _tell_what_nobody_takes(context: RunContext, outbox: Outbox) -> None:
    """A person's post that no platform can take would wait without a word."""
    told = {draft.id for draft, _ in select.replacements(context)}
    for draft in (*select.with_date_come(context), *select.ready(context)):
        if draft.id not in told and draft.origin == "person" and not select.affordable_for(context, draft):
            outbox.attention.append((draft.id, f"draft {draft.id} waits: {_cannot_take(context, draft)}"))


def _cannot_take(context: RunContext, draft: Draft) -> str:
    """That none of its platforms takes a draft, and why, where no limit is in the way."""
    reasons = [f"{name} is not set up" for name in draft.platforms if name not in context.platforms]
    if len(reasons) < len(draft.platforms):
        reasons.append(select.standing(context, draft).words)
    return f"{', '.join(draft.platforms)} can't take it ({'; '.join(reasons)})"


def _tell_left_out(context: RunContext, draft: Draft, takers: Sequence[str], outbox: Outbox) -> None:
    left_out = set(draft.platforms) & set(context.platforms) - set(takers)
    limited = select.limits_on(context, draft, sorted(left_out & set(select.affordable_for(context, draft))))
    for name, limit in limited.items():
        line = f"left out: {select.told(context, {name: limit})}"
        log.warning("%s", line)
        outbox.notes.append(line)
    if left_out := left_out - limited.keys():
        line = f"{', '.join(sorted(left_out))}: left out, {select.standing(context, draft).words}"
        log.warning("%s", line)
        outbox.attention.append((0, line)) if draft.origin == "person" else outbox.notes.append(line)


def _tell_late(context: RunContext, run_id: int, draft: Draft) -> None:
    """A post with a date that missed the runs of an hour and more is told as late, and why."""
    now = context.clock()
    late = now - draft.due_at if draft.due_at else timedelta()
    if draft.due_at is None or late <= LATE:
        return
    lasting, why = moments.lasting(late), _what_kept_it(context, run_id, draft.due_at)
    with context.db.transaction():
        events.record(
            context.db, now, "late", bot=context.bot, run_id=run_id, draft_id=draft.id, lasting=lasting, reason=why
        )
    context.warnings.append(f"draft {draft.id} goes out {lasting} late: {why}")


def _what_kept_it(context: RunContext, run_id: int, due_at: datetime) -> str:
    """Why what is due since then goes out in this run only, as far as runs have it on record."""
    began = runs.since(context.db, context.bot, due_at)
    reasons = [_what_came_of(run) for run in began if run.id != run_id]
    if began and began[0].started_at - due_at > LATE:
        reasons.insert(0, f"no run took place before {phrases.clock(began[0].started_at, context.calendar.time_zone)}")
    return "; ".join(list(dict.fromkeys(reasons))[:_MOST_REASONS])


def _what_came_of(run: Run) -> str:
    if run.outcome in (Outcome.POSTED, Outcome.PARTLY_POSTED, Outcome.UNFINISHED):
        return "another post went out first"
    return run.reason if run.outcome is Outcome.NOTHING_DUE else f"a run ended: {phrases.OUTCOME[run.outcome]}"


def _runs_low(context: RunContext, draft: Draft) -> bool:
    """Half of the pool is kept in reserve for a model's bad hours; a person's own post takes nothing from it."""
    return draft.origin == "generator" and select.in_pool(context) < max(1, context.pool // 2)


def _follow_up(context: RunContext, run_id: int, *, low: bool) -> None:
    """The post is out: trouble in writing the next ones is told in the log, and the next run tries again.

    What is fresh doesn't wait until the pool runs low: one draft of it may wait for the next slot."""
    try:
        if low:
            lacking = context.pool - select.in_pool(context)
            reason = context.writer.top_up(run_id, lacking) if lacking > 0 else ""
        elif any(map(select.is_news, (*select.ready(context), *select.awaiting(context)))):
            reason = ""
        else:
            reason = context.writer.write_news(run_id)
        context.writer.offer_again(run_id)
    except (OSError, RuntimeError, ValueError) as error:
        log.exception("the pool could not be refilled")
        reason = f"{type(error).__name__}: {error}"
    if reason:
        log.warning("pool: %s", reason)


def _with_what_is_told_once(context: RunContext, run_id: int, done: Report, *, asked: bool) -> Report:
    """The report with its warnings, and marked where the same trouble was told before. `asked`: a person wants an
    answer now."""
    if done.outcome in _WITH_MATERIAL and (line := context.writer.running_out(run_id)):
        context.warnings.append(line)
    repeated = not asked and not done.attention and done.outcome in _TOLD_ONCE and _same_again(context, run_id, done)
    return replace(done, warnings=tuple(map(context.redact, context.warnings)), repeated=repeated)


def _same_again(context: RunContext, run_id: int, done: Report) -> bool:
    last = runs.last_with_a_slot(context.db, context.bot, run_id)
    return last is not None and (last.outcome, _without_numbers(last.reason)) == (
        done.outcome,
        _without_numbers(done.reason),
    )


def _without_numbers(reason: str) -> str:
    return re.sub(r"\d+", "0", reason)


def _record_gap(context: RunContext, run_id: int, before: Sequence[Run], slot: datetime) -> None:
    """A slot in which no run began has its reason on record too: the machine was off, cron stood still, another run
    held the lock, or the process died before it could write a line."""
    first = context.calendar.next_slot(before[0].slot) if before else slot
    if first < slot:
        what = "slots_without_a_run"
        until = to_text(slot)
        now = context.clock()
        events.record(context.db, now, what, bot=context.bot, run_id=run_id, first=to_text(first), until=until)


def _tell_clock_went_back(context: RunContext, before: Sequence[Run]) -> None:
    now = context.clock()
    if before and before[0].started_at - now > runs.CLOCK_OFF:
        zone = context.calendar.time_zone
        last, here = phrases.clock(before[0].started_at, zone), phrases.clock(now, zone)
        context.warnings.append(
            f"the clock of this machine went back: the last run began {last}, and now it says {here}. If that is wrong,"
            " set it, or switch on time synchronisation: posts go out by this clock"
        )


def _finish(context: RunContext, run_id: int, outcome: Outcome, reason: str, *, is_good: bool = False) -> None:
    with context.db.transaction():
        runs.finish(context.db, run_id, outcome, context.redact(reason), context.clock(), is_good=is_good)
    log.info("run ended: %s%s", phrases.OUTCOME[outcome], f": {reason}" if reason else "")
