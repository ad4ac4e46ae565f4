"""What was paid, call by call. Nothing else says what a bot spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twitter_manager.domain import Json
from twitter_manager.store.database import Database, as_json, to_text


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


def add(db: Database, charge: Charge) -> None:
    """Write it down, in the transaction of what it paid for."""
    db.insert(
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


def spent(db: Database, bot: str, since: datetime, until: datetime | None = None) -> float:
    """US dollars that a bot spent from `since` on, before `until`."""
    end = "9999" if until is None else to_text(until)
    sql = "SELECT coalesce(sum(usd), 0) FROM charges WHERE bot = ? AND at >= ? AND at < ?"
    return float(db.value(sql, bot, to_text(since), end))


def by_day(db: Database, bot: str, since: datetime, until: datetime) -> list[Json]:
    """By day (UTC), service and kind: how many `calls`, `units` and `usd`, oldest first."""
    sql = (
        "SELECT substr(at, 1, 10) AS day, service, kind, count(*) AS calls, sum(units) AS units, sum(usd) AS usd"
        " FROM charges WHERE bot = ? AND at >= ? AND at < ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    return [as_json(row) for row in db.rows(sql, bot, to_text(since), to_text(until))]
