"""Gathers what the rules look at, from the database and from what the run told."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from twitter_manager import phrases
from twitter_manager.domain import DeliveryStatus, Draft, DraftStatus, Json, Outcome
from twitter_manager.notify import talk
from twitter_manager.notify.proofs import went_wrong
from twitter_manager.notify.rules import About, Facts, Machine, Refusal, Useless, without_numbers
from twitter_manager.operations import told
from twitter_manager.pipeline import key_ages, outlook
from twitter_manager.pipeline.report import Report
from twitter_manager.pipeline.spending import Standing, day_of, month_of
from twitter_manager.platforms import SPECS
from twitter_manager.providers import writers
from twitter_manager.settings import Bot, Settings
from twitter_manager.store import credentials, deliveries, drafts, events, generations, notices, runs
from twitter_manager.store import sources as memory
from twitter_manager.store.database import Database, from_text, to_text

_RUNS = 5
"""So many of the newest runs are looked at: one that died before it could tell is made up for."""
_LOOKED_BACK = 100
"""The runs in which it is counted what met the same trouble before."""
_MOST_WAITING = 50
_TRIED = 20
_OUT = (DraftStatus.POSTED, DraftStatus.PARTLY_POSTED)
_RECENT = timedelta(days=2)
_NO_CREDIT, _CREDIT = 402, re.compile(r"\bcredits?\b", re.IGNORECASE)
_FAILS_LONG = timedelta(hours=2)
"""A generator that is asked each hour fails three times until then: an hour's trouble passes by itself."""
_DAYS_UNREAD = timedelta(days=2)
_MANY_ANSWERS = 10
_MOST_FAILURES = 200
_WITHOUT_A_POST = (
    Outcome.NOTHING_TO_POST,
    Outcome.FAILED,
    Outcome.UNFINISHED,
    Outcome.INTERRUPTED,
    Outcome.ABANDONED,
    Outcome.WAITING_FOR_REVIEW,
)
"""Outcomes of a run whose slot was to have a post, and got none."""


def gather(
    db: Database,
    bot: Bot,
    now: datetime,
    *,
    report: Report | None = None,
    failure: str = "",
    standing: Standing,
    machine: Settings | None = None,
) -> Facts:
    """The facts after a run: with its `report`, or with the `failure` that it ended with. `standing`: of the budget;
    `machine`: the settings, where this bot is the one to tell of the machine."""
    looked_at = runs.last(db, bot.name, _LOOKED_BACK)
    newest, older = looked_at[:_RUNS], looked_at[_RUNS:]
    run_ids = [run.id for run in newest]
    waiting, troubled = waiting_drafts(db, bot.name), _troubled(db, run_ids)
    newest_drafts = drafts.newest(db, bot.name, _TRIED)
    last_at = next((draft.published_at for draft in newest_drafts if draft.status in _OUT), None)
    drafts_told = {draft.id for draft in waiting} | {about.draft for about in troubled}
    failed = report.reason if report and report.outcome is Outcome.FAILED and report.draft is None else ""
    return Facts(
        outcome=str(report.outcome) if report else Outcome.FAILED,
        slot=phrases.clock(newest[0].slot, bot.time_zone) if newest else "",
        month=month_of(now, bot.time_zone),
        day=str(day_of(now, bot.time_zone)),
        run=next(iter(run_ids), 0),
        waiting=tuple(About(draft.id, _waits(draft, now), _edition(draft, now)) for draft in waiting[-_MOST_WAITING:]),
        talk=talk.waiting(db, bot.name),
        troubled=troubled,
        troubled_before=_troubled_before(db, troubled, [run.id for run in older]),
        knows_all=len(looked_at) < _LOOKED_BACK,
        attention=_not_told(report.attention, drafts_told) if report else (),
        failure=failure or "".join(_not_told((failed,), drafts_told)),
        refused=dict(_refusal(name, event) for name, event in notices.refusals(db, run_ids).items()),
        ending=key_ages.expiring(credentials.known(db, bot.name), now, bot.time_zone),
        failing=tuple(_failing(db, bot.name, bot.generators.usable, now)),
        unused=tuple(_unused(db, bot.name, writers(bot.generators), now)),
        unread=tuple(_unread(db, bot, now)),
        machine=_machine(machine, now) if machine else None,
        went_wrong=went_wrong(db, bot.name, now),
        spent_usd=standing.month_usd,
        month_usd=standing.budget.month_usd,
        left_usd=standing.left_of_month,
        post_usd=standing.post_usd,
        spent_today_usd=standing.today_usd,
        day_usd=standing.budget.day_usd,
        left_today_usd=standing.left_of_day,
        slots_without_post=_slots_without_post(db, bot, last_at),
        last_post=phrases.clock(last_at, bot.time_zone) if last_at else "",
        why_none=newest[0].reason if newest else "",
        material=_material(db, bot, now),
    )


def _machine(settings: Settings, now: datetime) -> Machine:
    return Machine(
        home=str(settings.home),
        data=str(settings.data),
        free_bytes=shutil.disk_usage(settings.home).free,
        least_bytes=settings.least_disk,
        upkeep=told.upkeep(settings.data, now),
    )


def waiting_drafts(db: Database, bot: str) -> list[Draft]:
    """What waits for a person's word, oldest first; not what goes out by itself in the place of another. Answers are
    told with their comments."""
    by_themselves = {draft.id for draft, _ in drafts.replacements(db, bot)}
    waiting = drafts.in_status(db, bot, DraftStatus.NEEDS_ATTENTION, DraftStatus.PENDING)
    return [draft for draft in waiting if draft.id not in by_themselves and not draft.comment_id]


def _waits(draft: Draft, now: datetime) -> str:
    waits = f"Draft {draft.id} waits for your word{f': {draft.reason}' if draft.reason else ''}"
    return phrases.sentences(waits, *["its date is past"] * _is_late(draft, now))


def _edition(draft: Draft, now: datetime) -> str:
    """Changes when a person gives it other words, which wait for a yes of their own, and when its date has come."""
    edited = to_text(draft.edited_at) if draft.edited_at else ""
    return f"{edited}:late:{to_text(draft.due_at)}" if draft.due_at and _is_late(draft, now) else edited


def _is_late(draft: Draft, now: datetime) -> bool:
    return draft.due_at is not None and draft.due_at <= now


def _troubled(db: Database, run_ids: list[int]) -> tuple[About, ...]:
    found = [(drafts.get(db, number), at) for number, at in notices.troubled_drafts(db, run_ids).items()]
    return tuple(_about(db, draft, at) for draft, at in found if draft)


def _troubled_before(db: Database, troubled: Iterable[About], run_ids: list[int]) -> Mapping[str, int]:
    """By cause of what is in trouble now: how many other drafts met the same in these older runs."""
    causes, known = {about.cause for about in troubled if about.cause}, {about.draft for about in troubled}
    before = _troubled(db, run_ids) if causes else ()
    return Counter(about.cause for about in before if about.cause in causes and about.draft not in known)


def _about(db: Database, draft: Draft, at: datetime) -> About:
    stuck = [each for each in deliveries.of_draft(db, draft.id) if each.status in deliveries.STUCK]
    reasons = [phrases.delivery(delivery, len(draft.parts)) for delivery in stuck] or [draft.reason]
    words = phrases.sentences(phrases.draft(draft.id, draft.status).capitalize(), *reasons)
    state = f"{draft.status}:{','.join(f'{each.platform}.{each.part}={each.status}' for each in stuck)}"
    if draft.is_persons:
        return About(draft.id, words, state, at, proof=f"draft:{draft.id}")
    failed = [each.platform for each in stuck if each.status is DeliveryStatus.FAILED]
    proof = f"platform:{failed[0]}" if failed else ""
    return About(draft.id, words, state, at, without_numbers(f"{state}:{' '.join(reasons)}"), proof)


def _refusal(name: str, event: Json) -> tuple[str, Refusal]:
    is_platform = event["kind"] == "account_refused"
    who = SPECS[name].title if is_platform and name in SPECS else name
    proof = f"{'platform' if is_platform else 'service'}:{name}"
    no_credit = event.get("status") == _NO_CREDIT or _CREDIT.search(event["error"]) is not None
    return who, Refusal(event["error"], from_text(event["at"]), proof, no_credit)


def _failing(db: Database, bot: str, generators: Sequence[str], now: datetime) -> Iterator[Useless]:
    """What could not be asked for hours, and was tried of late. That its key is refused is told of its own."""
    from twitter_manager.writing import trouble

    for name in generators:
        failed = trouble.failing(db, bot, name)
        if failed and failed["status"] not in notices.KEY_REFUSED:
            since, at = from_text(failed["since"]), from_text(failed["at"])
            if at - since >= _FAILS_LONG and now - at < _RECENT:
                yield Useless(name, failed["error"], since, at)


def _unused(db: Database, bot: str, generators: Sequence[str], now: datetime) -> Iterator[Useless]:
    """What answered many times, of late too, and was refused each time."""
    from twitter_manager.writing import trouble

    for name in generators:
        answers = generations.recent(db, bot, name, trouble.LOOKED_AT)
        if len(answers) >= _MANY_ANSWERS and not any(answer["used"] for answer in answers):
            at, since = from_text(answers[0]["at"]), from_text(answers[-1]["at"])
            rules = Counter(rule for answer in answers for rule in answer["refused_by"]).most_common(3)
            why = f"its last {len(answers)} answers were refused"
            why += f", most often by: {', '.join(rule for rule, _ in rules)}." if rules else "."
            if now - at < _RECENT:
                yield Useless(name, why, since, at)


def _unread(db: Database, bot: Bot, now: datetime) -> Iterator[Useless]:
    """The sources that failed at every look for days."""
    known = memory.remembered(db, bot.name)
    failing = [source.name for source in bot.sources if source.name in known and known[source.name].error]
    failures = events.newest(db, bot.name, "source_failed", _MOST_FAILURES) if failing else []
    for name in failing:
        looked = known[name]
        first = next((from_text(event["at"]) for event in reversed(failures) if event["source"] == name), now)
        since = looked.succeeded_at or first
        if looked.looked_at - since >= _DAYS_UNREAD:
            yield Useless(name, looked.error, since, looked.looked_at)


def _not_told(lines: Iterable[str], told: set[int]) -> tuple[str, ...]:
    """What a person must see to that is not told as a draft's."""
    return tuple(line for line in lines if line and not any(f"draft {number} " in line for number in told))


def _slots_without_post(db: Database, bot: Bot, last_at: datetime | None) -> int:
    """Slots that were to have a post since the last one, and got none, as far as a few hundred runs tell."""
    newest = runs.last(db, bot.name, min(500, 4 * bot.notify.slots + 24))
    missed = {run.slot for run in newest if run.outcome in _WITHOUT_A_POST}
    return len({slot for slot in missed if last_at is None or slot > last_at})


def _material(db: Database, bot: Bot, now: datetime) -> tuple[str, str]:
    """What the runs found out of late, and told once, on the material's end."""
    if words := bot.on_material:
        return f"words:{words}", phrases.sentences(words[:1].upper() + words[1:])
    event = next(iter(events.newest(db, bot.name, outlook.TOLD, 1)), None)
    if event is None or now - from_text(event["at"]) > _RECENT:
        return "", ""
    until = phrases.clock(event["until"], bot.time_zone) if event["until"] else ""
    left = phrases.amount(event["posts"], "post") + (f" left, until {until}" if until else " left")
    return f"item:{event['newest_item']}", f"The material runs out: {left}. Add some, or post less often."
