"""What is paid is booked, and the budget holds: by the program as a process, against stand-ins that write a bill."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home, Json, x_settings
from tests.standins.llm import Fault, LlmServer, Say, Step
from tests.standins.x import XStandIn
from twitter_manager.app import App
from twitter_manager.operations.costs import of_bot
from twitter_manager.show.costs import costs_lines
from twitter_manager.store.database import to_text

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
    assert "today's budget is used up ($0.015 of $0.020)" in second.out + second.err, second
    assert "usd_per_day" in second.out + second.err
    assert (x.texts(), home.feed().count("<entry")) == (["We meet at ten."], 2)


def test_a_budget_that_no_post_fits_into_is_called_so(home: Home, x: XStandIn) -> None:
    """Nothing was spent, so it is not used up, and tomorrow changes nothing; a person is told by message, once."""
    home.bot("default", QUIET + "[limits]\nusd_per_day = 0.01\n", NOTIFY_URLS="json://127.0.0.1:9/")
    seen = home("post", "We meet at ten.", "--now")
    told = seen.out + seen.err
    assert "today's budget is too small for it ($0.010); raise usd_per_day" in told and "used up" not in told, seen
    for _ in range(2):
        home.next_slot()
        home("run")
    [[text]] = home.rows("SELECT text FROM notices WHERE kind = 'budget'")
    words = (
        "Today's budget ($0.010) is less than a post costs ($0.015), so none goes where it costs. Raise usd_per_day."
    )
    assert text.startswith(f"{words}\nTo look into it: ") and text.endswith(" costs")
    assert x.texts() == []


def test_what_x_bills_for_looks_is_booked_by_the_verbs_that_look(home: Home, x: XStandIn) -> None:
    """`doctor`, with a database and without one, `auth check`, and `history --check`, which at the budget asks nothing;
    each tells what it cost, to a program too."""
    assert "x: @standin_bot, asked for $0.010\n" in home("doctor").out
    assert not home.database.exists()
    del x.bill[:]
    assert home("post", "We meet at ten.", "--now").code == 0
    home("doctor")
    home.next_slot()
    assert "x: 1 post looked at ($0.001), 0 gone." in home("history", "--check", "x").out
    as_json = home("history", "--check", "x", "--json")
    assert "x: 1 post looked at ($0.001), 0 gone." in as_json.err and len(as_json.json) == 1, as_json
    assert "@standin_bot, asked for $0.010" in home("auth", "check").out
    assert [kind for kind, _ in x.bill] == ["post", "user read", "read", "read", "user read"]
    assert booked(home) == pytest.approx(bill(x))
    pay(home, 15.0)
    refused = home("history", "--check", "x")
    assert refused.code == 1 and "budget is used up" in refused.err, refused
    assert len(x.bill) == 5


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
    assert "nearly used up: the rest is kept for posts" in home("status").out
    [line] = [line for line in home("costs").out.splitlines() if "today: " in line]
    assert line.endswith("left, kept for posts")
    for wrong in (("--month", "2024-13"), ("--days", "0"), ("--days", "3", "--month", "2024-02")):
        assert home("costs", *wrong).code == 2
    to_come = home("costs", "--month", "2099-05")
    assert (to_come.code, to_come.out) == (2, "") and "2099-05 is still to come" in to_come.err, to_come


NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def forecast(home: Home, paid: Mapping[datetime, float], limits: str) -> tuple[Json, str]:
    """What `costs` would say at NOW of a bot that paid so much at these moments: in JSON, and its line."""
    home.bot("default", f"{QUIET}[limits]\n{limits}\n")
    assert home("post", "We meet at ten.").code == 0
    with closing(sqlite3.connect(home.database)) as raw, raw:
        raw.execute("DELETE FROM charges")
        for at, usd in paid.items():
            row = (to_text(at), usd)
            raw.execute(
                "INSERT INTO charges (at, bot, service, kind, units, usd) VALUES (?, 'default', 'x', 'post', 1, ?)", row
            )
    app = App.load(home.path, home.environment(), lambda line: None)
    with app.session.reading() as db:
        assert db is not None
        [bot] = app.settings.bots
        told = of_bot(db, bot, app.factory.platforms(bot), NOW, 30)
    [line] = [line for line in costs_lines({"bots": [told]}) if "month's end" in line]
    return told["forecast"], line


@pytest.mark.parametrize(
    ("ago", "per_day", "words"),
    [(1, 1.4, "the last day"), (20, 1.4, "the last day"), (84, 0.4, "the last 4 days"), (480, 0.2, "the last 7 days")],
)
def test_the_forecast_goes_by_the_days_since_the_first_charge(
    home: Home, x: XStandIn, ago: float, per_day: float, words: str
) -> None:
    """A bot of a few hours counts as one of a day, one of weeks by the last seven days; the line says by which."""
    first = NOW - timedelta(hours=ago)
    seen, line = forecast(
        home, {first: 1.39, NOW - timedelta(minutes=5): 0.01} | ({NOW: 1.39} if ago > 168 else {}), ""
    )
    assert seen["usd_per_day"] == pytest.approx(per_day)
    assert f"a day, as in {words}" in line


@pytest.mark.parametrize(
    ("limits", "most", "words"),
    [
        ("usd_per_day = 0.01", 0.4 + 10 * 0.01, "; $0.010 a day (usd_per_day) end it at $0.500"),
        ("usd_per_day = 0.3", 0.4 + 0.1 + 10 * 0.3, ""),
        ("usd_per_month = 1\nusd_per_day = 0.5", 1.0, "; the budget ends it at $1.00"),
        ("usd_per_month = 1", 1.0, "; the budget ends it at $1.00"),
        ("usd_per_month = 0.1", 0.4, "month's end: about $0.400; this month's budget is used up: what costs waits"),
        ("usd_per_month = 0", 0.4, "month's end: about $0.400; this month's budget is used up: what costs waits"),
    ],
)
def test_the_forecast_says_which_budget_ends_it_and_at_how_much(
    home: Home, x: XStandIn, limits: str, most: float, words: str
) -> None:
    """The month's, the day's on each day that is left, or none; never an amount that is passed already."""
    seen, line = forecast(home, {NOW - timedelta(days=2): 0.2, NOW - timedelta(hours=1): 0.2}, limits)
    assert seen["most_usd"] == pytest.approx(most)
    assert words in line
    assert bool(words) == ("end it" in line or "ends it" in line or "used up" in line), line


PRICE = (10.0, 100.0)
"""US dollars for a million tokens, in and out."""
DEAREST_ANSWER = 0.02
SAYS: tuple[Step, ...] = (
    Say("Nothing that the material says.", tokens=(1000, 100)),
    Say("Cut o", finish="length", tokens=(1000, 100)),
    Say("", finish="content_filter", tokens=(500, 0)),
    Fault.CUT,
    Fault.RESET,
    Fault.RATE_LIMITED,
    Fault.ERROR_IN_200,
    Fault.HTML,
)
DOES: tuple[tuple[str, ...], ...] = (
    ("run", "--force"), ("run", "--force"), ("run", "--force"), ("generate",), ("generate", "--prompt", "Say hello."),
    ("drafts", "regenerate", "{ready}"), ("history", "--check", "x"), ("doctor",), ("--dry-run", "--force"),
)  # fmt: skip
ON_X = ("", "", "store_then_drop", "store_then_reset", "drop", "rate_limited", "overloaded_get")


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 13))])
def test_what_is_booked_is_what_is_billed_whatever_goes_wrong(tmp_path: Path, x: XStandIn, seed: int) -> None:
    """Runs and verbs in any order, with faults of X and of the service that writes: the charges are both bills, and
    neither passes the budget by more than an answer and the post that is not found yet."""
    draw, budget = random.Random(seed), 0.3
    with LlmServer() as llm:
        llm.answer = lambda body: draw.choice(SAYS)
        home = Home(tmp_path / "home", **x_settings(x))
        home.bot("default", f'platforms = ["x", "feed"]\n[limits]\nusd_per_month = {budget}\n')
        home.settings(
            **x_settings(x), GENERATORS="openai,excerpt", OPENAI_BASE_URL=llm.openai_url, OPENAI_MODEL="m",
            OPENAI_PRICE=f"{PRICE[0]:g} {PRICE[1]:g}",
        )  # fmt: skip
        assert home("run").code in (0, 1)
        for _ in range(14):
            x.faults.clear()
            if fault := draw.choice(ON_X):
                x.fault("drop", method="GET", path="*", times=0) if fault == "overloaded_get" else x.fault(fault)
            ready = home.rows("SELECT id FROM drafts WHERE status = 'approved'") or [(0,)]
            home(*(word.format(ready=ready[0][0]) for word in draw.choice(DOES)))
            assert bills(x, llm) <= budget + DEAREST_ANSWER + 0.015 + 0.01
            home.next_slot()
        x.faults.clear()
        home.bot("default", 'platforms = ["x", "feed"]\n[topics]\nnothing-has-this-label = 1\n')
        home("run")
        home.next_slot()
        home("run")
        assert home.rows("SELECT count(*) FROM deliveries WHERE status IN ('unknown', 'sending')") == [(0,)]
        assert booked(home) == pytest.approx(bill(x))
        written = home.rows("SELECT coalesce(sum(usd), 0) FROM charges WHERE service = 'openai'")[0][0]
        assert written == pytest.approx(bills(x, llm) - bill(x), rel=0.01)
        assert len(x.bill) > 1 and len(llm.bill) > 1


def test_a_budget_that_ends_in_the_middle_of_a_run_is_its_reason_and_that_of_the_next(tmp_path: Path) -> None:
    """In the run's own words, in `explain`, and where a person asks for candidates; nobody is told of a lacking key."""
    with LlmServer() as llm:
        llm.answer = lambda body: Say("Nothing that the material says.", tokens=(1000, 100))
        home = Home(tmp_path / "home")
        home.bot("default", 'platforms = ["feed"]\n[limits]\nusd_per_month = 0.03\n')
        home.settings(GENERATORS="openai", OPENAI_BASE_URL=llm.openai_url, OPENAI_MODEL="m", OPENAI_PRICE="10 100")
        why = "this month's budget is used up ($0.040 of $0.030); it goes on next month, or raise usd_per_month"
        ran = home("run", "--force")
        assert ran.code == 1 and f"openai: no candidate passed the checks; {why}" in ran.err, ran
        assert why in home("explain", "run:1").out
        assert len(llm.bill) == 2
        for words in (("run", "--force"), ("generate",), ("generate", "--prompt", "Say hello.")):
            home.next_slot()
            later = home(*words)
            assert why[1:] in later.out + later.err and "key" not in later.out + later.err, later
        assert len(llm.bill) == 2


def bills(x: XStandIn, llm: LlmServer) -> float:
    return bill(x) + sum((PRICE[0] * taken + PRICE[1] * given) / 1e6 for taken, given in llm.bill)


def test_an_answer_is_booked_before_anything_else_is_done_with_it(tmp_path: Path) -> None:
    """The process is killed while it waits for the next answer: what the first took is written down, once."""
    with LlmServer() as llm:
        llm.answer = lambda body: Say("A post.", tokens=(1000, 100)) if len(llm.requests) == 1 else Fault.SLOW
        home = Home(tmp_path / "home")
        home.bot("default", 'platforms = ["feed"]\n')
        home.settings(GENERATORS="openai", OPENAI_BASE_URL=llm.openai_url, OPENAI_MODEL="m", OPENAI_PRICE="10 100")
        running = home.start("run", "--force")
        deadline = time.monotonic() + 60
        while len(llm.requests) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        running.kill()
        running.wait()
        assert len(llm.requests) == 2
        assert home.rows("SELECT service, kind, units, round(usd, 6) FROM charges") == [
            ("openai", "writing", 1100, 0.02)
        ]
