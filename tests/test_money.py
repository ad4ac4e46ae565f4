"""What is paid is booked, and the budget holds: by the program as a process, against stand-ins that write a bill."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.home import Home, x_settings
from tests.standins.x import XStandIn

QUIET = 'platforms = ["x", "feed"]\n[topics]\nnothing-has-this-label = 1\n'


@pytest.fixture
def home(tmp_path: Path, x: XStandIn) -> Home:
    """A bot on X and the feed that writes nothing by itself."""
    made = Home(tmp_path / "home", **x_settings(x))
    made.bot("default", QUIET)
    return made


def pay(home: Home, usd: float) -> None:
    """Something else was paid just now."""
    with closing(sqlite3.connect(home.database)) as raw, raw:
        raw.execute(
            "INSERT INTO charges (at, bot, service, kind, units, usd)"
            " VALUES (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'), 'default', 'claude', 'writing', 9, ?)",
            (usd,),
        )


def booked(home: Home) -> float:
    return float(home.rows("SELECT coalesce(sum(usd), 0) FROM charges WHERE service = 'x'")[0][0])


def bill(x: XStandIn) -> float:
    return sum(usd for _, usd in x.bill)


def test_at_the_budget_an_unknown_post_waits_unread_is_told_once_and_found_when_there_is_some_again(
    home: Home, x: XStandIn
) -> None:
    """Nothing is asked of X meanwhile; the way on is told; the post is out once and paid for once."""
    x.fault("store_then_drop")
    x.fault("drop", method="GET", path="*", times=0)
    assert home("post", "We meet at ten.", "--now").code == 1
    x.faults.clear()
    pay(home, 15.0)
    asked = len(x.requests)
    home.next_slot()
    told = home("run")
    assert told.code == 1
    assert "this month's budget is used up" in told.err and "usd_per_month" in told.err, told
    home.next_slot()
    assert "looked up later" not in home("run").err
    assert len(x.requests) == asked
    assert home.rows("SELECT status FROM deliveries WHERE platform = 'x'") == [("unknown",)]
    home.bot("default", QUIET + "[limits]\nusd_per_month = 20\n")
    home.next_slot()
    home("run")
    assert x.texts() == ["We meet at ten."]
    assert home.rows("SELECT kind, draft_id FROM charges WHERE service = 'x' ORDER BY id") == [("read", 1), ("post", 1)]
    assert booked(home) == pytest.approx(bill(x))


def test_the_budget_of_the_day_holds_x_back_and_the_feed_goes_on(home: Home, x: XStandIn) -> None:
    """A second post goes to the feed alone, and says which budget it was."""
    home.bot("default", QUIET + "[limits]\nusd_per_day = 0.02\n")
    assert home("post", "We meet at ten.", "--now").code == 0
    home.next_slot()
    second = home("post", "Bring a lamp.", "--now")
    if len(x.texts()) == 2:
        pytest.skip("midnight came between")
    assert "today's budget is used up ($0.01 of $0.02)" in second.out + second.err, second
    assert "usd_per_day" in second.out + second.err
    assert (x.texts(), home.feed().count("<entry")) == (["We meet at ten."], 2)


def test_what_x_bills_for_looks_is_booked_by_the_verbs_that_look(home: Home, x: XStandIn) -> None:
    """`doctor`, with a database and without one, and `history --check`, which at the budget asks nothing."""
    assert home("doctor").code in (0, 1)
    assert not home.database.exists()
    del x.bill[:]
    assert home("post", "We meet at ten.", "--now").code == 0
    home("doctor")
    home.next_slot()
    assert home("history", "--check", "x").code == 0
    assert [kind for kind, _ in x.bill] == ["post", "user read", "read"]
    assert booked(home) == pytest.approx(bill(x))
    pay(home, 15.0)
    refused = home("history", "--check", "x")
    assert refused.code == 1 and "budget is used up" in refused.err, refused
    assert len(x.bill) == 3


def test_costs_says_what_was_paid_for_what_and_what_is_left(home: Home, x: XStandIn) -> None:
    """Before anything, in words; then by kind, what a post cost in all, both budgets, the forecast, the dearest."""
    home.bot("default", QUIET + "[limits]\nusd_per_day = 1\n")
    assert home("costs").out == "Nothing was paid yet: there was no run.\n"
    assert home("post", "We meet at ten.", "--now").code == 0
    home.next_slot()
    pay(home, 0.15)
    told = home("costs").out
    assert "x posts" in told and "claude writing" in told and "in all $0.165; 1 post went out" in told, told
    assert "this month: $0.165 of $15.00" in told and "today: $0.165 of $1.00" in told, told
    assert "month's end: about $" in told and "dearest: draft 1 $0.015" in told, told
    [bot] = home("costs", "--json").json["bots"]
    assert bot["total_usd"] == pytest.approx(0.165)
    assert sum(day["usd"] for day in bot["days"]) == pytest.approx(0.165)
    assert bot["month"]["left_usd"] == pytest.approx(15 - 0.165)
    assert "cost $0.015: posts $0.015" in home("explain", "1").out
    assert "spent: $0.165 of $15.00 this month, $0.165 of $1.00 today; see: " in home("status").out
    assert "Nothing was paid in this time." in home("costs", "--month", "2024-02").out
    pay(home, 0.7)
    assert "nearly used up" in home("status").out
    for wrong in (("--month", "2024-13"), ("--days", "0"), ("--days", "3", "--month", "2024-02")):
        assert home("costs", *wrong).code == 2
