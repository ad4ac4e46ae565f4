"""What was paid, call by call. Nothing else says what a bot spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import schedule
from twitter_manager.domain import Delivery, Json
from twitter_manager.store.database import Database, as_json, from_text, to_text

KINDS_OF_MODELS = ("writing", "judging", "comparing")
"""What models' answers cost; all else goes to platforms."""
KINDS_OF_READS = ("read", "user_read")
"""What platforms charge for showing posts and people."""
OF_MODELS = f"kind IN {KINDS_OF_MODELS}"


@dataclass(frozen=True, slots=True)
class Charge:
    """A paid call. `kind` and `units`: see the table `charges`; `usd`: US dollars."""

    at: datetime
    bot: str
    service: str
    kind: str
    units: int
    usd: float
    run_id: int | None = None
    draft_id: int | None = None


def add(db: Database, charge: Charge) -> int | None:
    """Write it down, in the transaction of what it paid for; gives its number. What was free leaves no row."""
    if charge.usd <= 0:
        return None
    return db.add(
        "charges",
        at=to_text(charge.at),
        bot=charge.bot,
        run_id=charge.run_id,
        draft_id=charge.draft_id,
        service=charge.service,
        kind=charge.kind,
        units=charge.units,
        usd=charge.usd,
    )


def assign(db: Database, numbers: Sequence[int], draft_id: int) -> None:
    """What was paid before there was a draft was paid for this one."""
    for number in numbers:
        db.update_one("UPDATE charges SET draft_id = ? WHERE id = ?", draft_id, number)


def assign_reads(db: Database, after: int, delivery: Delivery, run_id: int | None) -> float:
    """The platform's reads with a higher number than `after` were made for this delivery; gives what they cost."""
    sql = "id > ? AND bot = ? AND service = ? AND draft_id IS NULL"
    which = (after, delivery.bot, delivery.platform)
    cost = db.value(f"SELECT coalesce(sum(usd), 0) FROM charges WHERE {sql}", *which)
    db.update(f"UPDATE charges SET draft_id = ?, run_id = ? WHERE {sql}", delivery.draft_id, run_id, *which)
    return float(cost)


def assign_reads_to_run(db: Database, after: int, bot: str, service: str, run_id: int) -> None:
    """Reads with a higher number than `after` were made by this run, for no post of their own."""
    sql = "UPDATE charges SET run_id = ? WHERE id > ? AND bot = ? AND service = ? AND draft_id IS NULL"
    db.update(sql, run_id, after, bot, service)


def spent_on_reads(db: Database, bot: str, service: str, since: datetime) -> float:
    """US dollars that a bot paid a platform from `since` on for what it shows."""
    sql = "SELECT coalesce(sum(usd), 0) FROM charges WHERE bot = ? AND at >= ? AND service = ? AND kind IN (?, ?)"
    return float(db.value(sql, bot, to_text(since), service, *KINDS_OF_READS))


def newest_id(db: Database) -> int:
    """The highest number that a charge has; 0 without any."""
    return int(db.value("SELECT coalesce(max(id), 0) FROM charges"))


def answers_since(db: Database, number: int) -> list[Charge]:
    """Those of models' answers with a higher number, without the run and the draft that they refer to."""
    sql = f"SELECT at, bot, service, kind, units, usd FROM charges WHERE id > ? AND {OF_MODELS} ORDER BY id"
    rows = db.rows(sql, number)
    return [
        Charge(from_text(row["at"]), row["bot"], row["service"], row["kind"], row["units"], row["usd"]) for row in rows
    ]


def spent(db: Database, bot: str, since: datetime, until: datetime | None = None) -> float:
    """US dollars that a bot spent from `since` on, before `until`."""
    end = "9999" if until is None else to_text(until)
    sql = "SELECT coalesce(sum(usd), 0) FROM charges WHERE bot = ? AND at >= ? AND at < ?"
    return float(db.value(sql, bot, to_text(since), end))


def first_at(db: Database, bot: str) -> datetime | None:
    """When a bot paid for the first time."""
    first = db.value("SELECT min(at) FROM charges WHERE bot = ?", bot)
    return from_text(first) if first else None


def of_draft(db: Database, draft_id: int) -> list[Json]:
    """What was paid for one draft, oldest first."""
    sql = "SELECT at, service, kind, units, usd FROM charges WHERE draft_id = ? ORDER BY id"
    return [as_json(row) for row in db.rows(sql, draft_id)]


def dearest(db: Database, bot: str, since: datetime, until: datetime, limit: int) -> list[Json]:
    """The drafts for which most was paid in that time, each with its number and US dollars."""
    sql = (
        "SELECT draft_id AS draft, round(CAST(sum(usd) AS NUMERIC), 6) AS usd FROM charges WHERE bot = ? AND at >= ?"
        " AND at < ? AND draft_id IS NOT NULL GROUP BY draft_id ORDER BY sum(usd) DESC, draft_id DESC LIMIT ?"
    )
    return [as_json(row) for row in db.rows(sql, bot, to_text(since), to_text(until), limit)]


def by_day(db: Database, bot: str, since: datetime, until: datetime, time_zone: str = "UTC") -> list[Json]:
    """By day, service and kind: how many `calls`, `units` and `usd`, oldest first."""
    sql = (
        "SELECT substr(at, 1, 16) AS minute, service, kind, count(*) AS calls, sum(units) AS units, sum(usd) AS usd"
        " FROM charges WHERE bot = ? AND at >= ? AND at < ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    local, days = schedule.zone(time_zone), dict[tuple[str, str, str], Json]()
    for row in db.rows(sql, bot, to_text(since), to_text(until)):
        day = str(datetime.fromisoformat(f"{row['minute']}+00:00").astimezone(local).date())
        entry = days.setdefault(
            (day, row["service"], row["kind"]),
            {"day": day, "service": row["service"], "kind": row["kind"], "calls": 0, "units": 0, "usd": 0.0},
        )
        for name in ("calls", "units", "usd"):
            entry[name] += row[name]
    return [days[key] for key in sorted(days)]
