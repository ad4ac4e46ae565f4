"""The verb `health`: what it finds, its exit code, and how little it costs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home, x_settings
from tests.standins.x import XStandIn
from twitter_manager.content import plain
from twitter_manager.domain import Delivery, DeliveryStatus, Outcome, Run
from twitter_manager.pipeline.outlook import Outlook
from twitter_manager.store.credentials import Credential
from twitter_manager.store.schema import MIGRATIONS
from twitter_manager.telemetry.health import BotFacts, Level, findings

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
RUN = Run(7, "default", "run", NOW, NOW - timedelta(minutes=59), NOW, Outcome.POSTED, "")
WELL = BotFacts(
    "default", "UTC", NOW - timedelta(days=9), RUN, RUN.ended_at, timedelta(hours=1), ready=8, pool=8,
    material=Outlook(0, None, True, False, "enough"),
)  # fmt: skip
FAILED = Delivery(
    5, 3, "default", "x", 0, "a", DeliveryStatus.FAILED, plain("text"), None, None, None, "no", NOW, None
)  # fmt: skip
CASES = {
    "": {},
    "warning runs": {"last_run": None, "set_up": NOW},
    "failing runs": {"last_run": replace(RUN, started_at=NOW - timedelta(hours=2, minutes=1))},
    "failing runs ": {"last_run": None},
    "failing clock": {"last_run": replace(RUN, started_at=NOW + timedelta(hours=1))},
    "failing failures": {"failures": 3},
    "warning held": {"held": 1},
    "warning posts": {"failed": {"x": [FAILED]}},
    "failing posts": {"failed": {"x": [replace(FAILED, draft_id=4), FAILED]}},
    "warning unfinished": {"unfinished": 2},
    "warning pool": {"ready": 0},
    "warning paused": {"paused": "paused since yesterday"},
    "warning material": {"material": Outlook(3, NOW + timedelta(days=2), False, False, "3 posts left")},
    " ": {"material": Outlook(3, NOW + timedelta(days=2), False, True, "3 posts left, unless its sources bring more")},
    "  ": {"last_run": replace(RUN, started_at=NOW - timedelta(hours=9)), "usual_gap": timedelta(hours=6)},
    "   ": {"ready": 0, "pool": 0},
    "warning keys": {"keys": [Credential("default", "bluesky", "f", "", NOW, NOW + timedelta(days=9))]},
    "    ": {"keys": [Credential("default", "bluesky", "f", "", NOW - timedelta(days=300), NOW + timedelta(days=99))]},
}


def changed(home: Home, sql: str) -> None:
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize("expected", CASES)
def test_each_fact_has_its_level(expected: str) -> None:
    """One thing that is off gives one finding, with a remedy; where runs are seen to come every six hours, nine are no
    alarm, and what has no material of its own needs no draft."""
    found = findings(replace(WELL, **CASES[expected]), NOW)  # type: ignore[arg-type]
    assert [f"{finding.level} {finding.name}" for finding in found] == [expected.strip()] * bool(expected.strip())
    assert all(finding.words and finding.remedy for finding in found)


def test_the_worst_comes_first() -> None:
    """What fails stands before what is worth a look."""
    found = findings(replace(WELL, held=1, failures=1), NOW)
    assert [finding.level for finding in found] == [Level.FAILING, Level.WARNING]


def test_upkeep_that_does_not_get_through_is_seen(tmp_path: Path) -> None:
    """`health` and `status` say each time what cron's mail told once: here that the second copy has no folder."""
    home = Home(tmp_path / "home", BACKUP_COPY=str(tmp_path / "gone"))
    assert "is not there" in home("run").err
    health = home("health")
    assert health.code == 0 and "warning second copy: " in health.out and "maintain" in health.out
    status = home("status").out
    assert f"{tmp_path / 'gone'} is not there" in status and ".," not in status and ".." not in status
    assert [each["name"] for each in home("status", "--json").json["machine"]["troubles"]] == ["upkeep: second copy"]
    (tmp_path / "gone").mkdir()
    assert home("maintain").code == 0
    assert home("health").out.endswith("All is well.\n")


def test_a_home_as_the_verb_sees_it(tmp_path: Path) -> None:
    """Before the first run a warning, after it all is well; a run that failed, and a damaged database, give exit code 1
    with the command to run."""
    home = Home(tmp_path / "home")
    fresh = home("health", "--json")
    assert (fresh.code, fresh.json["level"]) == (0, "warning")
    assert home("run").code == 0
    good = home("health", "--json")
    assert (good.code, good.json["level"], good.json["bots"][0]["last_run"]) == (0, "ok", 1), good.json
    assert home("health").out.endswith("All is well.\n")
    for _ in range(3):
        home.next_slot()
    silent = home("health")
    assert silent.code == 1
    assert "no run since" in silent.out
    assert "install-cron" in silent.out
    home.database.write_bytes(b"no database" * 1000)
    damaged = home("health", "--json")
    assert (damaged.code, damaged.json["findings"][0]["name"]) == (1, "database")
    assert "restore" in damaged.json["findings"][0]["remedy"]


def test_a_failed_run_names_the_command_that_explains_it(tmp_path: Path) -> None:
    """Its number is in the remedy."""
    home = Home(tmp_path / "home")
    assert home("run").code == 0
    changed(home, "UPDATE runs SET outcome = 'failed', is_good = 0, reason = 'X refuses the keys'")
    done = home("health")
    assert done.code == 1
    assert "the newest run failed (last good one: never): X refuses the keys. See why:" in done.out
    assert "explain run:1" in done.out


def test_an_older_schema_is_no_alarm(tmp_path: Path) -> None:
    """After an update the next run brings the database up to date."""
    home = Home(tmp_path / "home")
    assert home("run").code == 0
    changed(home, f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    done = home("health")
    assert done.code == 0, done
    assert "The next run brings it up to date" in done.out


def test_a_platform_that_refuses_the_keys_is_no_good_run(tmp_path: Path) -> None:
    """The feed gets its posts, X none: the runs end with 1, and `health` says so too, also between the slots, until X
    has a post again or the person gave those up."""
    with XStandIn() as x:
        home = Home(tmp_path / "home", **x_settings(x))
        x.fault("unauthorized", times=0)
        for _ in range(2):
            assert home("run").code == 1
            home.next_slot()
        health = home("health")
        assert health.code == 1 and "the newest 2 runs failed (last good one: never)" in health.out, health
        assert "failing default: x: its newest 2 posts failed: " in health.out
        [bot] = home("health", "--json").json["bots"]
        assert (bot["failures_in_a_row"], bot["last_success_at"]) == (2, None)
        x.faults.clear()
        drafts = [str(number) for [number] in home.rows("SELECT id FROM drafts WHERE status = 'partly_posted'")]
        assert home("skip", *drafts).code == 0
        assert home("run").code == 0
        assert home("health").out.endswith("All is well.\n")
