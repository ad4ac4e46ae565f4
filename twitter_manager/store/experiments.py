"""Experiments, and which variant each of their posts was written in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from twitter_manager.domain import Actor, DraftStatus, Json
from twitter_manager.errors import UsageError
from twitter_manager.store import events
from twitter_manager.store.database import Database, from_text, optional_time, to_text
from twitter_manager.store.dialect import Row
from twitter_manager.store.drafts import POST
from twitter_manager.store.engagement import BANDS

HOUR = "hour"
"""The one thing that a post gets from its slot, not when it is written."""
UNREAD = timedelta(days=2)
"""So long after its age a post that was not read is read no more."""
_DEAD = (DraftStatus.SKIPPED, DraftStatus.EXPIRED, DraftStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is written down before the first post. `settings`: a digest of each part of the settings that shapes posts,
    by its name."""

    bot: str
    thing: str
    variants: tuple[str, str]
    per_variant: int
    band: str
    days: int
    seed: int
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Experiment:
    """A plan that runs, or ran. `ending`: of `learning.experiments.Ending`, "" while it runs; `result`: the verdict's
    numbers."""

    id: int
    plan: Plan
    started_at: datetime
    ended_at: datetime | None
    ending: str
    reason: str
    result: Json

    @property
    def last_day(self) -> datetime:
        """When it ends, however many posts were read."""
        return self.started_at + timedelta(days=self.plan.days)


class Stands(StrEnum):
    """Where a post of an experiment stands. `LEFT_OUT`: it never went out, was edited, or could not be read."""

    WAITS = "waits"
    OUT = "out"
    READ = "read"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Tried:
    """A post of an experiment. `engaged`: by platform, what it came to at the age of the plan."""

    draft_id: int
    variant: int
    stands: Stands
    engaged: Mapping[str, int]


def start(db: Database, plan: Plan, now: datetime, by: Actor) -> int:
    """Write a plan down, in the caller's transaction; gives its number. Raises UsageError where one runs already."""
    if (other := running(db, plan.bot)) is not None:
        raise UsageError(
            f"Experiment {other.id} of {plan.bot} still runs.", "One at a time: wait for it, or say experiment stop."
        )
    number = db.add(
        "experiments",
        bot=plan.bot,
        thing=plan.thing,
        variants=json.dumps(plan.variants, ensure_ascii=False),
        per_variant=plan.per_variant,
        band=plan.band,
        days=plan.days,
        seed=plan.seed,
        settings=json.dumps(dict(plan.settings)),
        started_at=to_text(now),
        ending="",
        reason="",
        result="{}",
    )
    events.record(
        db,
        now,
        "experiment_started",
        bot=plan.bot,
        experiment=number,
        thing=plan.thing,
        variants=list(plan.variants),
        **by.on_record,
    )
    return number


def end(
    db: Database,
    experiment: Experiment,
    ending: str,
    now: datetime,
    *,
    reason: str = "",
    result: Json | None = None,
    by: Actor | None = None,
) -> None:
    """It is over, in the caller's transaction."""
    db.update_one(
        "UPDATE experiments SET ended_at = ?, ending = ?, reason = ?, result = ? WHERE id = ? AND ended_at IS NULL",
        *(to_text(now), ending, reason, json.dumps(result or {}), experiment.id),
    )
    told = by.on_record if by else {}
    bot, number = experiment.plan.bot, experiment.id
    events.record(db, now, "experiment_ended", bot=bot, experiment=number, ending=ending, reason=reason, **told)


def running(db: Database, bot: str) -> Experiment | None:
    """The one that runs for a bot."""
    row = db.row("SELECT * FROM experiments WHERE bot = ? AND ended_at IS NULL", bot)
    return _experiment(row) if row else None


def get(db: Database, number: int) -> Experiment | None:
    """One of them."""
    row = db.row("SELECT * FROM experiments WHERE id = ?", number)
    return _experiment(row) if row else None


def newest(db: Database, bot: str, most: int) -> list[Experiment]:
    """A bot's, newest first."""
    rows = db.rows("SELECT * FROM experiments WHERE bot = ? ORDER BY id DESC LIMIT ?", bot, most)
    return [_experiment(row) for row in rows]


def add_post(db: Database, number: int, draft_id: int, variant: int) -> None:
    """A draft was written in this variant, in the caller's transaction."""
    db.insert("experiment_posts", experiment_id=number, draft_id=draft_id, variant=variant)


def unassigned(db: Database, experiment: Experiment) -> list[tuple[int, datetime, datetime]]:
    """The generated posts that took a slot since its start and have no variant yet, the oldest first, each with its
    slot and when it began to go out."""
    rows = db.rows(
        "SELECT d.id, d.slot, d.published_at FROM drafts d WHERE d.bot = ? AND d.published_at >= ? AND d.slot >= ?"
        f" AND d.origin = 'generator' AND {POST} AND NOT EXISTS"
        " (SELECT 1 FROM experiment_posts p WHERE p.experiment_id = ? AND p.draft_id = d.id) ORDER BY d.slot",
        *(experiment.plan.bot, to_text(experiment.started_at), to_text(experiment.started_at), experiment.id),
    )
    return [(row["id"], from_text(row["slot"]), from_text(row["published_at"])) for row in rows]


def by_slot(db: Database, draft_id: int) -> Json:
    """The experiment that a post came into by its slot, as choices tell of one; {} where there is none."""
    row = db.row(
        "SELECT e.*, p.variant FROM experiment_posts p JOIN experiments e ON e.id = p.experiment_id"
        " WHERE p.draft_id = ? AND e.thing = ?",
        *(draft_id, HOUR),
    )
    if row is None:
        return {}
    experiment, arm = _experiment(row), row["variant"]
    told = {"id": experiment.id, "of": HOUR, "variant": experiment.plan.variants[arm], "arm": arm}
    return {"experiment": told}


def posts(db: Database, experiment: Experiment, now: datetime) -> list[Tried]:
    """An experiment's posts in the order in which they were made."""
    engaged: dict[int, dict[str, int]] = {}
    for row in db.rows(
        "SELECT d.draft_id, d.platform, e.likes + e.replies + e.reposts + e.quotes AS engaged FROM experiment_posts p"
        " JOIN deliveries d ON d.draft_id = p.draft_id JOIN engagement e ON e.delivery_id = d.id AND e.band = ?"
        " WHERE p.experiment_id = ?",
        experiment.plan.band,
        experiment.id,
    ):
        engaged.setdefault(row["draft_id"], {})[row["platform"]] = row["engaged"]
    rows = db.rows(
        "SELECT p.draft_id, p.variant, d.status, d.edited_at, d.published_at FROM experiment_posts p"
        " JOIN drafts d ON d.id = p.draft_id WHERE p.experiment_id = ? ORDER BY p.draft_id",
        experiment.id,
    )
    until = BANDS[experiment.plan.band] + UNREAD
    return [
        Tried(row["draft_id"], row["variant"], _stands(row, row["draft_id"] in engaged, until, now), engaged_there)
        for row in rows
        for engaged_there in (engaged.get(row["draft_id"], {}),)
    ]


def _stands(row: Row, is_read: bool, until: timedelta, now: datetime) -> Stands:
    published = optional_time(row["published_at"])
    if row["edited_at"] or row["status"] in _DEAD:
        return Stands.LEFT_OUT
    if is_read:
        return Stands.READ
    if published is None:
        return Stands.WAITS
    return Stands.OUT if now <= published + until else Stands.LEFT_OUT


def _experiment(row: Row) -> Experiment:
    first, second = json.loads(row["variants"])
    plan = Plan(
        bot=row["bot"],
        thing=row["thing"],
        variants=(first, second),
        per_variant=row["per_variant"],
        band=row["band"],
        days=row["days"],
        seed=row["seed"],
        settings=json.loads(row["settings"]),
    )
    started, ended = from_text(row["started_at"]), optional_time(row["ended_at"])
    return Experiment(row["id"], plan, started, ended, row["ending"], row["reason"], json.loads(row["result"]))
