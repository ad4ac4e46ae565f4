"""Runs and the pause switch."""

from __future__ import annotations

from datetime import datetime, timedelta

from twitter_manager import phrases
from twitter_manager.domain import GOOD_OUTCOMES, Actor, Outcome, Run
from twitter_manager.store import events
from twitter_manager.store.database import Database, from_text, optional_time, to_text
from twitter_manager.store.dialect import Row

ALL_BOTS = "*"
CLOCK_OFF = timedelta(minutes=5)
"""Clocks are put back by so much now and then."""
CHEAP_TO_CHECK = 4 * 2**20
"""Bytes. Checking so much takes about a hundredth of a second."""


def check_file(db: Database, now: datetime) -> None:
    """Raise StoreError when the file is damaged. To read all of a large one takes longer each year: that is done in a
    day's first run (UTC) and after a run that died. Each page that a run uses SQLite itself looks at, every time."""
    if db.size() > CHEAP_TO_CHECK:
        newest = db.row("SELECT started_at, outcome FROM runs ORDER BY id DESC LIMIT 1")
        if newest and newest["outcome"] != "running" and newest["started_at"][:10] == to_text(now)[:10]:
            return
    db.quick_check()


def start(db: Database, bot: str, verb: str, slot: datetime, now: datetime) -> int:
    """Open a run; gives its id."""
    times = {"slot": to_text(slot), "started_at": to_text(now)}
    run_id = db.add("runs", bot=bot, verb=verb, **times, outcome=Outcome.RUNNING)
    events.record(db, now, "run_started", bot=bot, run_id=run_id, verb=verb, slot=to_text(slot))
    return run_id


def finish(
    db: Database, run_id: int, outcome: Outcome, reason: str, now: datetime, *, is_good: bool | None = None
) -> None:
    """Close a run that is still open, with its one outcome. `is_good`: what its exit code says; None: as the outcome
    says."""
    is_good = outcome in GOOD_OUTCOMES if is_good is None else is_good
    db.update_one(
        "UPDATE runs SET ended_at = ?, outcome = ?, reason = ?, is_good = ? WHERE id = ? AND outcome = 'running'",
        to_text(now),
        outcome,
        reason,
        int(is_good),
        run_id,
    )
    bot = db.value("SELECT bot FROM runs WHERE id = ?", run_id)
    events.record(db, now, "run_ended", bot=bot, run_id=run_id, outcome=outcome, reason=reason)


def abandon_open(db: Database, now: datetime) -> int:
    """Mark every run left `running` as abandoned: we hold the lock, so their processes are dead."""
    left = db.rows("SELECT id FROM runs WHERE outcome = 'running' ORDER BY id")
    for row in left:
        finish(db, row["id"], Outcome.ABANDONED, "its process ended without closing it", now)
    return len(left)


def last(db: Database, bot: str, limit: int = 1) -> list[Run]:
    """The bot's newest runs first."""
    return [_run(row) for row in db.rows("SELECT * FROM runs WHERE bot = ? ORDER BY id DESC LIMIT ?", bot, limit)]


def since(db: Database, bot: str, moment: datetime, limit: int = 500) -> list[Run]:
    """The bot's runs that began since then, the oldest first; of many the newest."""
    newest = last(db, bot, limit)
    return [run for run in reversed(newest) if run.started_at >= moment]


def last_with_a_slot(db: Database, bot: str, before: int) -> Run | None:
    """The bot's newest run before this one that had a post to make and came to an end by itself."""
    row = db.row(
        "SELECT * FROM runs WHERE bot = ? AND id < ? AND outcome NOT IN ('nothing_due', 'running', 'interrupted',"
        " 'abandoned') ORDER BY id DESC LIMIT 1",
        bot,
        before,
    )
    return None if row is None else _run(row)


def newest_start(db: Database) -> datetime | None:
    """When the newest run of any bot began."""
    return optional_time(db.value("SELECT started_at FROM runs ORDER BY id DESC LIMIT 1"))


def get(db: Database, run_id: int) -> Run | None:
    """One run, or None."""
    row = db.row("SELECT * FROM runs WHERE id = ?", run_id)
    return None if row is None else _run(row)


_LAST_GOOD = "SELECT max(id) FROM runs WHERE bot = ? AND is_good = 1"


def failures_in_a_row(db: Database, bot: str) -> int:
    """How many of the newest ended runs were not good, without a good one between."""
    sql = f"SELECT count(*) FROM runs WHERE bot = ? AND is_good = 0 AND id > coalesce(({_LAST_GOOD}), 0)"
    return int(db.value(sql, bot, bot))


def last_good(db: Database, bot: str) -> Run | None:
    """The bot's newest run with which all was well, as its exit code said."""
    row = db.row(f"SELECT * FROM runs WHERE id = ({_LAST_GOOD})", bot)
    return None if row is None else _run(row)


def pause(db: Database, bot: str, reason: str, now: datetime, by: Actor | None = None) -> None:
    """Stand still until `unpause`. `bot` may be ALL_BOTS."""
    db.update("DELETE FROM pauses WHERE bot = ?", bot)
    db.insert("pauses", bot=bot, reason=reason, paused_at=to_text(now))
    events.record(db, now, "paused", bot=bot, reason=reason, **(by.on_record if by else {}))


def unpause(db: Database, bot: str, now: datetime, by: Actor | None = None) -> bool:
    """Take a pause back (ALL_BOTS: every pause); False when there was none."""
    where, values = ("", ()) if bot == ALL_BOTS else (" WHERE bot = ?", (bot,))
    was_paused = db.update(f"DELETE FROM pauses{where}", *values) > 0
    if was_paused:
        events.record(db, now, "unpaused", bot=bot, **(by.on_record if by else {}))
    return was_paused


PAUSED, ALL_PAUSED = "paused since", "every bot is paused since"
"""How `paused` begins: where the bot's own pause holds, and where that of all does."""


def paused(db: Database, bot: str, time_zone: str = "UTC") -> str | None:
    """Why the bot stands still, or None. Of two pauses that of all bots, whose end is the end of both."""
    newest = "SELECT bot, reason, paused_at FROM pauses WHERE bot IN (?, ?) ORDER BY bot = ? DESC LIMIT 1"
    row = db.row(newest, bot, ALL_BOTS, ALL_BOTS)
    if row is None:
        return None
    since = f"{ALL_PAUSED if row['bot'] == ALL_BOTS else PAUSED} {phrases.clock(row['paused_at'], time_zone)}"
    return f"{since}: {row['reason']}" if row["reason"] else since


def _run(row: Row) -> Run:
    return Run(
        id=row["id"],
        bot=row["bot"],
        verb=row["verb"],
        slot=from_text(row["slot"]),
        started_at=from_text(row["started_at"]),
        ended_at=optional_time(row["ended_at"]),
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
    )
