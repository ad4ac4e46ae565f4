"""Reports are kept by runs once their time is over, once; what is kept stays, and is told where that is wanted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home
from tests.notify.receivers import hook_server
from tests.reports.weeks import DAY, Weeks
from twitter_manager.reports import make_due, text, words
from twitter_manager.reports.keeping import kept_as_json
from twitter_manager.reports.receipt import MOST_EVENTS, looked_at
from twitter_manager.store import events, reports


def plain(words: str) -> str:
    return words


def test_a_report_is_kept_once_its_time_is_over(berlin: Weeks, tmp_path: Path) -> None:
    """Not a minute before; once; and what it took to see that there is none to make is next to nothing."""
    over = datetime(2026, 3, 29, 22, tzinfo=UTC)
    with berlin.opened(tmp_path) as db:
        before = make_due(db, berlin.bot, over - timedelta(minutes=1), plain)
        assert [(each["kind"], each["first"]) for each in before] == [("week", "2026-03-16")]
        made = make_due(db, berlin.bot, over + timedelta(minutes=7), plain)
        assert [(each["kind"], each["first"]) for each in made] == [("week", "2026-03-23")]
        assert make_due(db, berlin.bot, over + timedelta(hours=1), plain) == []
        month_over = datetime(2026, 4, 30, 22, 7, tzinfo=UTC)
        [week, _] = make_due(db, berlin.bot, month_over, plain)
        assert (week["kind"], week["first"]) == ("week", "2026-04-20")
        assert [(each["kind"], each["first"]) for each in kept_as_json(db, ["b"], month_over)] == [
            ("week", "2026-04-20"),
            ("month", "2026-04-01"),
            ("week", "2026-03-23"),
            ("week", "2026-03-16"),
        ]


def test_no_secret_is_kept(berlin: Weeks, tmp_path: Path) -> None:
    """What is written into the database went through the redactor."""
    with berlin.opened(tmp_path) as db:
        make_due(db, berlin.bot, berlin.now, lambda words: words.replace("own words", "***"))
        [kept, *_] = reports.of_bot(db, "b")
    assert [each["name"] for each in kept.figures["sources"]] == ["***"]


def test_what_was_kept_holds_when_settings_and_rows_are_others(berlin: Weeks, tmp_path: Path) -> None:
    """Slots, days and checks are those of then, in the zone of then, though the runs' rows are gone; posts are told
    anew."""
    over = datetime(2026, 3, 29, 22, 7, tzinfo=UTC)
    with berlin.opened(tmp_path) as db:
        [made] = make_due(db, berlin.bot, over, plain)
        with db.transaction():
            db.update("UPDATE runs SET bot = 'gone'")
            db.update("UPDATE runs SET bot = 'b' WHERE id = 1")
        moved = berlin.bot.model_copy(update={"time_zone": "Asia/Tokyo"})
        later = Weeks(berlin.zone, berlin.path, moved, berlin.now).report(db)
    assert later["kept_at"] == "2026-03-29T22:07:00Z" and later["time_zone"] == "Europe/Berlin"
    for name in ("slots", "days", "drafts", "checks", "stages", "posts", "published"):
        assert later[name] == made[name], name
    assert later["receipt"]["slots_due"] == made["receipt"]["slots_due"]


def test_a_report_of_a_clock_that_was_ahead_is_made_anew(berlin: Weeks, tmp_path: Path) -> None:
    """Made on a Friday for the week of that Friday: it is not shown while the week is on, and made once more when that
    is over, however near the wrong clock came to that. A clock that is behind takes nothing away."""
    friday, over = datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 3, 29, 22, 7, tzinfo=UTC)
    with berlin.opened(tmp_path) as db:
        [early] = make_due(db, berlin.bot, over, plain)
        assert early["first"] == "2026-03-23"
        with db.transaction():
            events.record(db, friday, "by the right clock", bot="b")
        assert berlin.report(db, now=friday)["kept_at"] is None
        make_due(db, berlin.bot, friday, plain)
        [made] = make_due(db, berlin.bot, over + timedelta(hours=1), plain)
        assert (
            made["first"] == "2026-03-23" and made["receipt"]["trail"]["events"] > early["receipt"]["trail"]["events"]
        )
        later = over + timedelta(hours=2)
        assert make_due(db, berlin.bot, later, plain) == []
        make_due(db, berlin.bot, over.replace(year=2001), plain)
        assert [each["first"] for each in kept_as_json(db, ["b"], later)] == ["2026-03-23", "2026-03-16"]
        # One that a clock made which was ahead of today stands in no list either.
        make_due(db, berlin.bot, later + timedelta(days=90), plain)
        assert [each["first"] for each in kept_as_json(db, ["b"], later)] == ["2026-03-23", "2026-03-16"]


DAMAGE = {
    "no figures": "figures = '{}'",
    "no object": "figures = '[7]'",
    "no JSON": "figures = '{\"bot'",
    "a part is missing": "figures = json_remove(figures, '$.slots.reasons')",
    "a part is another": "figures = json_set(figures, '$.receipt.trail.events', 'many')",
    "no zone": "figures = json_set(figures, '$.time_zone', 'Nowhere/At_All')",
    "no day": "figures = json_set(figures, '$.last', 'Sunday')",
    "another bot's": "figures = json_set(figures, '$.bot', 'c')",
    "no moment": "made_at = 'then'",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_kept_report_that_is_damaged_is_as_if_there_were_none(berlin: Weeks, tmp_path: Path, damage: str) -> None:
    """Whatever a hand made of its row: its week is reckoned anew, the list leaves it out, and the next run keeps it
    once more."""
    over = datetime(2026, 3, 29, 22, 7, tzinfo=UTC)
    with berlin.opened(tmp_path) as db:
        [made] = make_due(db, berlin.bot, over, plain)
        with db.transaction():
            db.update(f"UPDATE reports SET {DAMAGE[damage]}")
        report = berlin.report(db, now=over + timedelta(hours=1))
        assert (report["kept_at"], report["posts"], report["slots"]) == (None, made["posts"], made["slots"])
        assert kept_as_json(db, ["b"], over + timedelta(hours=1)) == []
        assert [each["first"] for each in make_due(db, berlin.bot, over + timedelta(hours=1), plain)] == ["2026-03-23"]
        assert berlin.report(db, now=over + timedelta(hours=2))["kept_at"] == "2026-03-29T23:07:00Z"


def test_reports_vouch_for_the_events_that_they_looked_at(
    berlin: Weeks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what came since the last report is looked at anew; where that event was changed with the hashes after it,
    it shows."""
    over = datetime(2026, 3, 29, 22, 7, tzinfo=UTC)
    with berlin.opened(tmp_path) as db:
        number, _ = events.head(db)
        make_due(db, berlin.bot, over, plain)
        with db.transaction():
            events.record(db, over, "more", bot="b")
        trail = looked_at(db, over + DAY)
        assert (trail["events"], trail["first"], trail["from_start"], trail["whole"]) == (number + 1,) * 2 + (True,) * 2
        assert trail["vouched_at"] == "2026-03-29T22:07:00Z"
        with db.transaction():
            db.update("DROP TRIGGER events_stay")
            db.update("UPDATE events SET hash = 'forged' WHERE id = ?", number)
        trail = looked_at(db, over + DAY)
        assert not trail["whole"]
        assert trail["wrong"][0] == f"event {number} is not what it was when an earlier report looked at it"
    with berlin.opened(tmp_path) as db:
        monkeypatch.setattr("twitter_manager.reports.receipt.MOST_EVENTS", 50)
        trail = looked_at(db, over)
        assert (trail["first"], trail["from_start"], trail["whole"]) == (number - 49, False, True)
    assert MOST_EVENTS > 1000


def test_the_receipt_says_no_more_than_was_looked_at(berlin: Weeks, tmp_path: Path) -> None:
    """An event that an earlier report looked at was deleted since, which the newest ones don't show: it is told as
    missing. Where none is, the receipt claims nothing of what it did not look at."""
    over = datetime(2026, 3, 29, 22, 7, tzinfo=UTC)
    with berlin.opened(tmp_path) as db:
        number, _ = events.head(db)
        make_due(db, berlin.bot, over, plain)
        trail = looked_at(db, over + DAY)
        assert (trail["first"], trail["events"], trail["from_start"]) == (number, number, True), "the last one always"
        with db.transaction():
            events.record(db, over, "more", bot="b")
        report = berlin.report(db, now=over + DAY)
        assert " ".join(words.trail(report)).startswith(
            f"Looked at now: the newest 1 of {number + 1:,} events of the audit trail. Each follows on the one before,"
            " and none of the earlier ones is missing. What the earlier ones say was looked at by 2026-03-30."
        )
        with db.transaction():
            db.update("DROP TRIGGER events_remain")
            db.update("DELETE FROM events WHERE id = 40")
        report = berlin.report(db, now=over + DAY)
        assert not report["receipt"]["trail"]["whole"] and not report["receipt"]["trail"]["from_start"]
        told = f"THE AUDIT TRAIL WAS CHANGED: of the first {number:,} events 1 is missing."
        assert next(words.trail(report)) == told and told in text.message(report)


def test_the_message_is_short_and_plain(berlin: Weeks, tmp_path: Path) -> None:
    """At most 1,500 characters, whatever the names."""
    with berlin.opened(tmp_path) as db:
        report = berlin.report(db)
    report["topics"] = [{"name": "A very long name of a topic " * 20, "times": 3} for _ in range(5)]
    told = text.message(report)
    assert len(told) <= 1500 and "Posts: " in told and "0 sent twice" in told
    report["receipt"]["trail"] |= {"whole": False, "wrong": ["event 7 was changed " * 20] * 5}
    assert len(text.message(report)) <= 1500


def test_a_run_keeps_and_tells_it_once(home: Home) -> None:
    """The program as cron starts it, with a bot that has run since before last week: the report is kept by the next
    run, and sent where the bot's file says so, once; a bot that wants none is told nothing."""
    with hook_server() as hook:
        home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
        home.bot("ada", '[notify]\nreport = "weekly"\n')
        home.bot("ben")
        assert home("run").code == 0 and hook.got == []
        for _ in range(2):
            _weeks_pass(home)
            done = home("run")
            assert (done.code, done.out, done.err) == (0, "", "")
        [body] = hook.bodies
    assert body["title"] == "ada: the report"
    assert "Posts: " in body["message"] and "report --weekly --bot ada --of" in body["message"]
    kept = home("report", "--list", "--json").json["kept"]
    assert sorted({(each["bot"], each["kind"]) for each in kept}) >= [("ada", "week"), ("ben", "week")]
    assert home.rows("SELECT kind, count(*) FROM notices GROUP BY kind") == [("report", 1)]
    figures = json.loads(home.rows("SELECT figures FROM reports WHERE bot = 'ada' AND kind = 'week'")[0][0])
    assert "published" not in figures and figures["bot"] == "ada"


def _weeks_pass(home: Home) -> None:
    """What happened, happened nine days earlier; once."""
    import sqlite3

    connection = sqlite3.connect(home.database)
    if not connection.execute("SELECT 1 FROM reports").fetchall():
        for table, columns in {
            "drafts": ("slot", "published_at", "created_at"),
            "runs": ("slot", "started_at", "ended_at"),
            "deliveries": ("created_at", "posted_at"),
        }.items():
            for column in columns:
                earlier = f"strftime('%Y-%m-%dT%H:%M:', {column}, '-9 days') || substr({column}, 18)"
                connection.execute(f"UPDATE {table} SET {column} = {earlier} WHERE {column} IS NOT NULL")
    connection.commit()
    connection.close()


def test_a_bot_that_is_set_up_no_more_is_asked_for_by_name(berlin: Weeks, home: Home) -> None:
    """Its file is gone, its rows are there: in the verb's answer, and not among those of all bots."""
    home.bot("other")
    home.database.write_bytes(berlin.path.read_bytes())
    home.database.chmod(0o600)
    done = home("report", "--bot", "b", "--of", "2026-03-25")
    assert done.code == 0 and done.out.startswith("b: 23 to 29 March 2026 (UTC)"), done
    assert "the bot is set up no more" in done.out
    assert home("report", "--of", "2026-03-25").out == "other: 23 to 29 March 2026 (UTC)\n  It has not run yet.\n"


def test_trouble_with_a_report_is_no_runs(home: Home) -> None:
    """Its table is gone: the run goes well, with a line on standard error."""
    assert home("run").code == 0
    import sqlite3

    connection = sqlite3.connect(home.database)
    connection.execute("DROP TABLE reports")
    connection.commit()
    connection.close()
    done = home("run")
    assert done.code == 0 and "its report could not be made" in done.err


def test_reports_of_bots_that_were_never_kept_are_none(berlin: Weeks, tmp_path: Path) -> None:
    with berlin.opened(tmp_path) as db:
        assert reports.of_bot(db, "b") == [] and reports.newest(db, berlin.now) is None
        assert list(text.kept_lines([])) == ["No report was kept yet: a run does it once a week or a month is over."]
