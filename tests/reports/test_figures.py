"""The figures of a week that real runs with outages left, against an independent count; and odd weeks."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.commented import heard, keep
from tests.fakes import START
from tests.outbox import World
from tests.reports.weeks import Weeks, count
from twitter_manager import due, phrases, show
from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.errors import NotSent
from twitter_manager.reports import slots
from twitter_manager.reports.figures import Subject, percentile
from twitter_manager.reports.keeping import report_of
from twitter_manager.reports.periods import MONTH, WEEK, Period
from twitter_manager.reports.receipt import looked_at
from twitter_manager.review.console.past import post_of
from twitter_manager.store import charges, drafts, runs, schema, tallies
from twitter_manager.store.comments import Whose
from twitter_manager.store.database import Database, connect, to_text


def _opened(folder: Path) -> closing[Database]:
    return closing(connect(folder / "twitter.db"))


def test_the_figures_are_what_an_independent_count_gives(weeks: Weeks, tmp_path: Path) -> None:
    """A week with a change of the clocks, two outages, a platform that was down and a pause: posts, slots with their
    reasons, deliveries and hours."""
    with weeks.opened(tmp_path) as db:
        report, counted = weeks.report(db), count(weeks, db)
    reasons = {each["reason"]: each["slots"] for each in report["slots"]["reasons"]}
    assert report["posts"] == counted.posts > 10
    assert report["slots"]["filled"] == counted.slots["filled"] > 10
    assert report["slots"]["all"] == counted.slots.total() == 28
    assert reasons["no_run"] == counted.slots[""] > 2
    paused = [ended for ended in counted.slots if "nothing_due paused" in ended and "nothing_to" not in ended]
    assert reasons["paused"] == sum(counted.slots[ended] for ended in paused) > 1
    assert report["slots"]["missed"] + report["slots"]["filled"] == report["slots"]["due"]
    assert {each["platform"]: each["posted"] for each in report["platforms"]} == counted.out
    days = {each["day"]: (each["hours"], each["hours_with_a_run"]) for each in report["days"]}
    assert days == counted.hours
    assert sum(hours for hours, _ in days.values()) == (167 if "Berlin" in weeks.zone else 169)
    assert report["receipt"]["out"] == counted.out.total()
    assert (report["receipt"]["sent_twice"], report["receipt"]["trail"]["whole"]) == (0, True)
    assert report["dated"]["late"] > 0, "outages make posts late"
    assert report["before"]["posts"] > 0


def test_each_way_to_send_twice_is_counted(berlin: Weeks, tmp_path: Path) -> None:
    """A second yes to one delivery; another's words within a day. What was taken down before counts no more, and the
    same thanks to two people are no post sent twice."""
    with berlin.opened(tmp_path) as db:
        first, second = db.rows(
            "SELECT * FROM deliveries WHERE platform = 'feed' AND posted_at > ? ORDER BY posted_at LIMIT 2",
            to_text(datetime.combine(berlin.monday, datetime.min.time(), UTC)),
        )
        with db.transaction():
            db.update("UPDATE deliveries SET text = ? WHERE id = ?", first["text"], second["id"])
        assert berlin.report(db)["receipt"]["sent_twice"] == 1
        comment = keep(db, Whose(berlin.bot.name, "feed", ""), heard(), berlin.now)
        with db.transaction():
            db.update("UPDATE drafts SET comment_id = ? WHERE id = ?", comment, second["draft_id"])
        assert berlin.report(db)["receipt"]["sent_twice"] == 0
        with db.transaction():
            db.update("UPDATE drafts SET comment_id = NULL WHERE id = ?", second["draft_id"])
            db.update("UPDATE deliveries SET removed_at = posted_at WHERE id = ?", first["id"])
        assert berlin.report(db)["receipt"]["sent_twice"] == 0
        run_id = db.value("SELECT max(id) FROM runs")
        with db.transaction():
            at = second["posted_at"]
            send = {"kind": "send", "started_at": at, "ended_at": at, "outcome": "posted"}
            db.insert("attempts", delivery_id=second["id"], run_id=run_id, **send)
        assert berlin.report(db)["receipt"]["sent_twice"] == 1


def test_a_post_is_named_as_it_was_corrected_last(berlin: Weeks, tmp_path: Path) -> None:
    """Two corrections that were made, and one that was refused."""
    with berlin.opened(tmp_path) as db:
        draft = berlin.report(db)["published"][0]["draft"]
        [delivery, *_] = db.rows("SELECT id FROM deliveries WHERE draft_id = ?", draft)
        with db.transaction():
            for text, status in (("first", "done"), ("second", "done"), ("third", "refused")):
                words = {"kind": "edit", "status": status, "origin": "person", "text": text, "before": ""}
                at = to_text(START)
                db.insert("amendments", delivery_id=delivery["id"], **words, created_at=at, ended_at=at)
        assert berlin.report(db)["published"][0]["text"] == "second"


def test_a_post_that_was_held_back_is_told_by_when_it_was_out(tmp_path: Path) -> None:
    """Begun in time, and kept back by rate limits for eleven hours: report, history, story and console tell when the
    first platform had it, and a post with a date is late by that."""
    world = World(tmp_path / "twitter.db")
    for platform in world.platforms.values():
        platform.faults = [NotSent("429", retry_at=START + timedelta(hours=11))]
    number = world.draft("We meet at ten.")
    with world.db.transaction():
        world.db.update("UPDATE drafts SET due_at = ?", to_text(START))
    world.run(number)
    draft = drafts.get(world.db, number)
    assert draft is not None and draft.published_at == START
    assert show.sent(world.db, draft, "UTC")["published_at"] == "2026-03-01T10:07:00Z", "when it was begun"
    world.later(hours=11)
    world.run()
    draft, now = drafts.get(world.db, number), world.clock()
    assert draft is not None and (draft.status, draft.published_at) == (DraftStatus.POSTED, START)
    report = report_of(world.db, Subject("b", None), WEEK, START.date(), now, looked_at(world.db, now))
    assert report["dated"] == {"posts": 1, "late": 1, "worst_minutes": 660}
    run = runs.last(world.db, "b")[0]
    assert {
        report["published"][0]["at"][:16],
        show.history_as_json(world.db, "b", 1)[0]["published_at"][:16],
        show.explain_draft(world.db, draft)["draft"]["published_at"][:16],
        show.explain_run(world.db, run)["posts"][0]["published_at"][:16],
    } == {"2026-03-01T21:07"}
    assert post_of(world.db, draft, "UTC").at.startswith("2026-03-01 21:07")


def test_a_changed_trail_shows_in_the_receipt(berlin: Weeks, tmp_path: Path) -> None:
    """An event that was changed behind the program's back."""
    with berlin.opened(tmp_path) as db:
        with db.transaction():
            db.update("DROP TRIGGER events_stay")
            db.update("UPDATE events SET data = '{}' WHERE id = 100")
        trail = berlin.report(db)["receipt"]["trail"]
    assert (trail["whole"], trail["wrong"]) == (False, ["event 100 was changed"])


def test_the_week_that_is_on_counts_no_slot_before_its_end(berlin: Weeks, tmp_path: Path) -> None:
    """On Monday at ten: the slot that is on has no post yet, and none is missed by that."""
    with berlin.opened(tmp_path) as db:
        slot = datetime.combine(berlin.monday, datetime.min.time(), UTC).replace(hour=9)
        with db.transaction():
            db.update("UPDATE drafts SET slot = NULL WHERE slot = ?", to_text(slot))
        report = berlin.report(db, now=slot + timedelta(minutes=5))
        later = berlin.report(db, now=slot + timedelta(hours=5))
    assert (report["over"], report["slots"]["missed"], report["slots"]["all"]) == (False, 0, 1)
    assert later["slots"]["all"] == 3


def test_a_bot_that_is_gone_has_its_report(berlin: Weeks, tmp_path: Path) -> None:
    """Without its settings: days in UTC, and the slots in which a run began."""
    with berlin.opened(tmp_path) as db:
        gone = report_of(db, Subject("b", None), WEEK, berlin.monday, berlin.now, looked_at(db, berlin.now))
        report = berlin.report(db)
    assert gone["gone"] and gone["time_zone"] == "UTC"
    assert gone["slots"]["filled"] == report["slots"]["filled"]
    assert abs(gone["posts"] - report["posts"]) <= 2, "days begin at other moments"


def test_a_week_without_anything(tmp_path: Path) -> None:
    """A database in which nothing happened, and one with a single run before: no figure fails."""
    with _opened(tmp_path) as db:
        schema.migrate(db, START, None)
        now = START + timedelta(days=30)
        never = report_of(db, Subject("b", None), WEEK, None, now, looked_at(db, now))
        assert (never["ever_ran"], never["posts"], never["slots"]["all"]) == (False, 0, 0)
        with db.transaction():
            run_id = runs.start(db, "b", "run", START, START)
            runs.finish(db, run_id, Outcome.NOTHING_DUE, "", START)
        empty = report_of(db, Subject("b", None), MONTH, None, now, looked_at(db, now))
        assert (empty["ever_ran"], empty["posts"], empty["success_rate"]) == (True, 0, None)
        assert empty["before"] is None


def test_money_and_checks_of_the_days_are_summed(tmp_path: Path) -> None:
    """Charges by the moments of the week, tallies by its days; what lies around them does not count."""
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    with _opened(tmp_path) as db:
        schema.migrate(db, START, None)
        with db.transaction():
            run_id = runs.start(db, "b", "run", monday, monday)
            runs.finish(db, run_id, Outcome.NOTHING_DUE, "", monday)
            for day in range(-1, 8):
                at = monday + timedelta(days=day)
                charges.add(db, charges.Charge(at, "b", "x", "post", 1, 0.015))
                charges.add(db, charges.Charge(at, "b", "claude", "writing", 1000, 0.002))
                for name, label, value in (
                    ("candidates", "claude", 3),
                    ("refusals", "too_long", 2),
                    ("judge_refusals", "nli", 1),
                    ("stage_seconds", "collect", 4.5),
                    ("stage_count", "collect", 3),
                ):
                    tallies.add(db, "b", at.date(), name, label, value)
        now = monday + timedelta(days=9)
        report = report_of(db, Subject("b", None), WEEK, monday.date(), now, looked_at(db, now))
    assert report["cost"]["usd"] == pytest.approx(7 * 0.017)
    assert [(each["kind"], each["calls"], each["units"]) for each in report["cost"]["by_kind"]] == [
        ("post", 7, 7),
        ("writing", 7, 7000),
    ]
    assert report["checks"] == {
        "candidates": 21,
        "rules": [{"name": "too_long", "times": 14}],
        "judges": [{"name": "nli", "times": 7}],
    }
    assert report["stages"] == [{"stage": "collect", "times": 21, "seconds": 1.5}]


# -- the pure parts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "kind", "day", "first", "last", "hours"),
    [
        ("Europe/Berlin", WEEK, date(2026, 3, 29), date(2026, 3, 23), date(2026, 3, 29), 167),
        ("Europe/Berlin", WEEK, date(2026, 10, 19), date(2026, 10, 19), date(2026, 10, 25), 169),
        ("America/New_York", WEEK, date(2026, 11, 1), date(2026, 10, 26), date(2026, 11, 1), 169),
        ("America/New_York", MONTH, date(2026, 3, 31), date(2026, 3, 1), date(2026, 3, 31), 31 * 24 - 1),
        ("UTC", MONTH, date(2028, 2, 10), date(2028, 2, 1), date(2028, 2, 29), 29 * 24),
        ("Asia/Kolkata", WEEK, date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3), 168),
    ],
)
def test_periods(zone: str, kind: str, day: date, first: date, last: date, hours: int) -> None:
    """Weeks from Monday to Sunday, months as the calendar has them, as long as the zone's clocks make them; the one
    before ends where it begins."""
    period = Period.around(kind, day, zone)
    assert (period.first, period.last) == (first, last)
    assert period.until - period.since == timedelta(hours=hours)
    assert period.before.until == period.since
    assert [begin for _, begin, _ in period.days][1:] == [end for _, _, end in period.days][:-1]
    assert Period.last_over(kind, period.until, zone) == period
    assert Period.last_over(kind, period.until - timedelta(seconds=1), zone) == period.before


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"paused": "paused since 2026-03-01 10:00 UTC: a holiday"}, "paused"),
        ({"paused": "every bot is paused since 2026-03-01 10:00 UTC"}, "paused"),
        ({"platforms": ()}, "budget"),
        ({"posts_this_hour": 1}, "limit"),
        ({"posts_today": 24}, "limit"),
        ({"quiet_until": "2026-03-01 10:00 UTC"}, "quiet"),
        ({"limited": phrases.limited("bluesky", "login", START, "Europe/Berlin")}, "limited"),
        ({"apart_until": "2026-03-01 10:00 UTC"}, "apart"),
    ],
)
def test_the_reasons_of_runs_are_understood(facts: dict[str, object], reason: str) -> None:
    """Each reason that `due.why_not` gives for having nothing due."""
    usual: dict[str, object] = {
        "paused": None,
        "used_by": None,
        "posts_this_hour": 0,
        "posts_today": 0,
        "quiet_until": None,
        "platforms": ("feed",),
        "budget": "spent today: $1.00 of $1.00",
    }
    words = due.why_not(due.Facts(**(usual | facts)), due.Bounds(1, 24, 30), forced=False)  # type: ignore[arg-type]
    assert words is not None
    assert slots.why(slots.Tried(START, Outcome.NOTHING_DUE, words)) == reason


def test_slots_of_another_schedule_are_told_by_their_time() -> None:
    """A bot that posted at eight posts at nine since: what went out at eight fills the slot that eight is in."""
    nine = [START.replace(hour=9, minute=0) + timedelta(days=number) for number in range(3)]
    eight = [slots.Taken(slot + timedelta(hours=23), DraftStatus.POSTED) for slot in nine[:2]]
    told = slots.told(
        nine,
        eight,
        [slots.Tried(nine[2] + timedelta(hours=1), Outcome.FAILED, "")],
        now=nine[2] + timedelta(days=2),
        next_slot=lambda slot: slot + timedelta(days=1),
        quiet_until=lambda slot: None,
    )
    assert (told["filled"], told["missed"], told["reasons"][0]["reason"]) == (2, 1, "failed")


def test_a_slot_in_quiet_hours_is_not_missed_while_the_machine_is_off() -> None:
    hours = [START + timedelta(hours=number) for number in range(2)]
    quiet = {hours[0]: hours[0] + timedelta(hours=1)}
    told = slots.told(
        hours,
        (),
        (),
        now=START + timedelta(days=1),
        next_slot=lambda slot: slot + timedelta(hours=1),
        quiet_until=quiet.get,
    )
    assert {each["reason"]: each["slots"] for each in told["reasons"]} == {"quiet": 1, "no_run": 1}


def test_percentiles() -> None:
    assert [percentile(range(1, 101), 0.95), percentile([7.0], 0.95), percentile([1, 2], 0.95)] == [95, 7, 2]
