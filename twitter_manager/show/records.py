"""Reports and stored rows as objects for `--json`. Their keys and values stay as they are from version to version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from twitter_manager import decisions, phrases
from twitter_manager.domain import Delivery, DeliveryStatus, Draft, DraftStatus, Json, Run
from twitter_manager.pipeline import key_ages, select, timetable
from twitter_manager.pipeline.approval import Approval
from twitter_manager.pipeline.context import Calendar
from twitter_manager.settings import Bot
from twitter_manager.show import counted
from twitter_manager.store import (
    amendments,
    charges,
    comments,
    credentials,
    deliveries,
    drafts,
    events,
    experiments,
    generations,
    items,
    limits,
    runs,
)
from twitter_manager.store.comments import Comment
from twitter_manager.store.database import Database, iso

_NOT_AT_ITS_END = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN, DeliveryStatus.HELD)


def draft_as_json(draft: Draft, out_at: datetime | None = None) -> Json:
    """A draft as an object; `attached` only where something goes along with a text. `out_at`: when the first of its
    posts was out, which may be long after it was begun."""
    attached = [part.attached for part in draft.parts]
    return {
        "id": draft.id,
        "bot": draft.bot,
        "origin": draft.origin,
        "status": str(draft.status),
        "topic": draft.topic,
        "format": draft.format,
        "parts": list(draft.texts),
        "links": dict(draft.links),
        "platforms": list(draft.platforms),
        "slot": iso(draft.slot),
        "due_at": iso(draft.due_at),
        "series": draft.series_id,
        "created_at": iso(draft.created_at),
        "expires_at": iso(draft.expires_at),
        "published_at": iso(out_at or draft.published_at),
        "reason": draft.reason,
        **({"comment": draft.comment_id} if draft.comment_id else {}),
    } | ({"attached": attached} if any(attached) else {})


def answered_by(db: Database, draft: Draft) -> Json:
    """`answers`: the comment that a draft answers, in short; nothing where it is a post."""
    comment = comments.get(db, draft.comment_id) if draft.comment_id else None
    return {"answers": said_as_json(comment)} if comment else {}


def said_as_json(comment: Comment) -> Json:
    """A comment in short."""
    return {
        "id": comment.id,
        "platform": comment.platform,
        "author": comment.author,
        "text": comment.text,
        "url": comment.receipt.url,
        "status": str(comment.status),
    }


def delivery_as_json(delivery: Delivery) -> Json:
    """A delivery as an object."""
    receipt = delivery.receipt
    return {
        "id": delivery.id,
        "draft": delivery.draft_id,
        "platform": delivery.platform,
        "part": delivery.part,
        "account": delivery.account,
        "status": str(delivery.status),
        "text": delivery.text,
        "remote_id": receipt.remote_id if receipt else None,
        "url": receipt.url if receipt else None,
        "not_before": iso(delivery.not_before),
        "error": delivery.error,
        "removed_at": iso(delivery.removed_at),
    }


def amendments_of(db: Database, draft_id: int) -> list[Json]:
    """What was done to a draft's posts after they were out, oldest first."""
    return [
        {
            "kind": str(each.kind),
            "status": str(each.status),
            "origin": each.origin,
            "platform": each.platform,
            "part": each.part,
            "text": each.text,
            "before": each.before,
            "error": each.error,
            "created_at": iso(each.created_at),
            "ended_at": iso(each.ended_at),
        }
        for each in amendments.of_draft(db, draft_id)
    ]


def run_record(run: Run) -> Json:
    """A stored run as an object."""
    return {
        "id": run.id,
        "bot": run.bot,
        "verb": run.verb,
        "slot": iso(run.slot),
        "started_at": iso(run.started_at),
        "ended_at": iso(run.ended_at),
        "outcome": str(run.outcome),
        "reason": run.reason,
    }


def history_as_json(
    db: Database, bot: str | None, limit: int, zone_of: Callable[[str], str] = lambda bot: "UTC"
) -> list[Json]:
    """The newest posts, newest first, with where they went. `zone_of`: a bot's time zone, for whoever reads it."""
    return [sent(db, draft, zone_of(draft.bot)) for draft in drafts.newest(db, bot, limit)]


def sent(db: Database, draft: Draft, time_zone: str) -> Json:
    """A draft with where it went and what became of it there."""
    return _with_ways_on(db, draft) | {
        "deliveries": _deliveries_of(db, draft),
        "amendments": amendments_of(db, draft.id),
        "figures": counted.newest(db, draft.id),
        "time_zone": time_zone,
    }


def explain_draft(db: Database, draft: Draft) -> Json:
    """The whole story of one draft."""
    item = items.get(db, draft.item_id) if draft.item_id else None
    return {
        "draft": _with_ways_on(db, draft),
        "why": draft.choice | experiments.by_slot(db, draft.id),
        "material": {"source": item.source, "key": item.key, "text": item.text, "url": item.url} if item else None,
        "generations": generations.of_draft(db, draft.id),
        "charges": charges.of_draft(db, draft.id),
        "deliveries": _deliveries_of(db, draft),
        "amendments": amendments_of(db, draft.id),
        "figures": counted.newest(db, draft.id),
        "attempts": deliveries.attempts_of_draft(db, draft.id),
        "events": events.of_draft(db, draft.id),
    }


def explain_run(db: Database, run: Run) -> Json:
    """The whole story of one run."""
    return {
        "run": run_record(run),
        "posts": [
            draft_as_json(draft, deliveries.first_posted(db, draft.id)) for draft in drafts.tried_in_run(db, run.id)
        ],
        "chosen": [draft_as_json(draft) | {"why": draft.choice} for draft in drafts.made_in_run(db, run.id)],
        "attempts": deliveries.attempts_of_run(db, run.id),
        "generations": generations.of_run(db, run.id),
        "events": events.of_run(db, run.id),
    }


def _with_ways_on(db: Database, draft: Draft) -> Json:
    told = draft_as_json(draft, deliveries.first_posted(db, draft.id)) | {"commands": decisions.ways_on(db, draft)}
    return told | answered_by(db, draft)


def _deliveries_of(db: Database, draft: Draft) -> list[Json]:
    return [delivery_as_json(delivery) for delivery in deliveries.of_draft(db, draft.id)]


def unfinished(db: Database, bot: str) -> list[Delivery]:
    """Deliveries that are not at their end, those that wait for a person included."""
    return deliveries.with_status(db, bot, *_NOT_AT_ITS_END)


def limits_as_json(db: Database | None, bot: str, services: Sequence[str], now: datetime) -> list[Json]:
    """The rate limits that hold for a bot. `services`: see `store.limits.holding`."""
    return [
        {
            "service": limit.service,
            "account": limit.account,
            "operation": limit.operation,
            "until": iso(limit.until),
            "hits": limit.hits,
            "seen_at": iso(limit.seen_at),
            "why": limit.why,
        }
        for limit in (limits.holding(db, bot, services, now) if db else ())
    ]


def bot_status(db: Database | None, bot: str, now: datetime) -> Json:
    """What the store knows of one bot. `db` None: nothing yet."""
    if db is None:
        return {
            "last_run": None,
            "ready_drafts": 0,
            "own_posts": [],
            "needs_attention": [],
            "waits_for_approval": [],
            "unfinished": [],
            "amendments": [],
            "comments": {},
            "failures_in_a_row": 0,
            "keys": [],
            "paused": None,
        }
    ready = drafts.ready(db, bot, now)
    last = runs.last(db, bot)
    return {
        "last_run": run_record(last[0]) if last else None,
        "ready_drafts": len(ready),
        "own_posts": [draft.id for draft in ready if draft.origin == "person"],
        "needs_attention": [
            _waiting(db, draft) for draft in decisions.waiting(db, bot) if draft.status is not DraftStatus.PENDING
        ],
        "waits_for_approval": [
            _waiting(db, draft) | {"since": iso(drafts.pending_since(db, draft)), "expires_at": iso(draft.expires_at)}
            for draft in drafts.awaiting(db, bot, now)
        ],
        "unfinished": [delivery_as_json(delivery) for delivery in unfinished(db, bot)],
        "amendments": [
            {"draft": each.draft_id, "platform": each.platform, "part": each.part}
            | {"kind": str(each.kind), "error": each.error}
            for each in amendments.waiting(db, bot)
        ],
        "comments": {str(status): number for status, number in comments.waiting(db, bot).items()},
        "failures_in_a_row": runs.failures_in_a_row(db, bot),
        "keys": key_ages.old(credentials.known(db, bot), now),
        "paused": runs.paused(db, bot),
    }


def _waiting(db: Database, draft: Draft) -> Json:
    standing = {"draft": draft.id, "status": str(draft.status), "reason": draft.reason}
    return standing | {"commands": decisions.ways_on(db, draft)}


def answers(db: Database | None, bot: str, names: Sequence[str], now: datetime) -> list[Json]:
    """How the newest answers of generators whose model writes fared."""
    if db is None:
        return []
    from twitter_manager.writing import trouble

    return [summary for name in names if (summary := trouble.summary(db, bot, name, now)) is not None]


def upcoming(db: Database | None, bot: Bot, calendar: Calendar, now: datetime) -> Json:
    """When the next slot begins, and when the bot posts next."""
    return {
        "time_zone": bot.time_zone,
        "next_slot": iso(calendar.next_slot(now)),
        "next_post": next_post(db, bot, calendar, now),
        "dated_posts": _dated_posts(db, bot, now) if db else [],
    }


def _dated_posts(db: Database, bot: Bot, now: datetime) -> list[Json]:
    waiting = drafts.dated(db, bot.name, now)
    told = timetable.forecasts(bot, db, now, {draft.id for draft in waiting}) if waiting else {}
    return [
        {"draft": draft.id, "due_at": iso(draft.due_at)}
        | {"goes_out_at": iso(told[draft.id].at), "goes_out": told[draft.id].words}
        for draft in waiting
    ]


def next_post(db: Database | None, bot: Bot, calendar: Calendar, now: datetime) -> str:
    """When the bot posts next, for a person."""
    if not bot.enabled:
        return "at rest (enabled = false)"
    if db is not None and (paused := runs.paused(db, bot.name, bot.time_zone)):
        return paused
    start = timetable.next_post(db, bot, now) if db is not None else calendar.quiet_until(now) or now
    told = "due now" if start == now else phrases.clock(start, bot.time_zone) if start else "not soon"
    hangs = start is not None and db is not None and _hangs_on_approval(db, bot, now)
    return f"{told}, once you approve a draft" if hangs else told


def _hangs_on_approval(db: Database, bot: Bot, now: datetime) -> bool:
    """Whether all that could go out waits for a person, and no more is written before."""
    approved = drafts.ready(db, bot.name, now) or drafts.dated(db, bot.name, now)
    return not approved and select.enough_wait(db, bot.name, Approval.of(bot), bot.pool_size, now)
