"""Trouble that lasts, over simulated days: told when it begins, told once that it is over, and never hour by hour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home import x_settings
from tests.moving import MovingHome, home_with_x
from tests.notify.receivers import Hook, hook_server
from tests.notify.test_outside import DAY, a_day
from tests.standins.llm import Fault, LlmServer
from tests.standins.x import XStandIn

BOT = 'platforms = ["x"]\ntime_zone = "Europe/Berlin"\n[limits]\nusd_per_month = 100\n'


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as server:
        yield server


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[MovingHome, XStandIn]]:
    with home_with_x(tmp_path / "home") as (home, x):
        yield home, x


def keys(home: MovingHome, x: XStandIn, hook: Hook, *, sound: bool) -> None:
    wrong = {} if sound else {"TWITTER_API_SECRET": "f" * 50}
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url, **(x_settings(x) | wrong))


def messages(hook: Hook) -> list[str]:
    return [body["message"] for body in hook.bodies]


@pytest.mark.timeout(240)
def test_a_day_of_refused_keys_is_one_message_and_its_end_another(
    world: tuple[MovingHome, XStandIn], hook: Hook
) -> None:
    """A day of posts fail, and the person reads of it once, with the last good time on their clock, and a day later
    of how many; a pause proves nothing, a post that is out does, and is told once; the trouble that comes back on the
    same day is not."""
    home, x = world
    home.bot("default", BOT)
    keys(home, x, hook, sound=True)
    assert home.runs(1)[0].code == 0
    keys(home, x, hook, sound=False)
    assert {done.code for done in a_day(home)} == {1}
    [begins] = messages(hook)
    assert "X does not let the bot in" in begins and "The last post there went out at 20" in begins
    assert "CE" in begins and "explain run:2" in begins and " doctor" in begins
    home.later(hours=1)
    home.runs(1)
    assert len(messages(hook)) == 2 and "It has been so since 20" in messages(hook)[1]  # the next day
    failed = {number for (number,) in home.rows("SELECT id FROM drafts WHERE status = 'failed'")}
    told = re.search(r"Draft (\d+) failed.* to: draft ([\d, ]+), and to (\d+) drafts before\.", messages(hook)[1])
    assert told and len(failed) == DAY + 1
    named = {int(told[1]), *map(int, told[2].split(", "))}
    assert named < failed and int(told[3]) == len(failed - named) == DAY - 4
    home("pause")
    home.runs(2)
    home("pause", "--off")
    assert len(messages(hook)) == 2
    keys(home, x, hook, sound=True)
    home.runs(3)
    [_, _, over] = messages(hook)
    assert hook.bodies[2]["title"] == "default: trouble is over"
    assert over.startswith("It is over: X takes posts again, since 20") and over.count("X takes posts") == 1
    assert home.rows("SELECT * FROM alerts") == []
    for sound in (False, True) * 4:
        keys(home, x, hook, sound=sound)
        home.runs(1)
    assert len(messages(hook)) == 3


def test_credit_that_is_used_up_is_told_with_where_to_top_up(world: tuple[MovingHome, XStandIn], hook: Hook) -> None:
    """X's credit and a service's, each by its name, and not as keys that are refused."""
    home, x = world
    home.bot("default", BOT)
    with LlmServer() as server:
        server.script = [Fault.NO_CREDIT]
        service = {"ANTHROPIC_API_KEY": "sk-ant-api03-" + "a1B2" * 20, "ANTHROPIC_BASE_URL": server.url}
        home.settings(GENERATORS="claude,excerpt", NOTIFY_URLS=hook.url, **x_settings(x), **service)
        x.fault("payment_required", times=0, method="POST")
        home.runs(3)
    [message] = messages(hook)
    assert "X takes nothing more, for its credit is used up" in message and "https://console.x.com" in message
    assert "claude takes nothing more" in message and "console.anthropic.com" in message
    assert "does not let the bot in" not in message
    x.faults.clear()
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url, **x_settings(x))
    home.runs(2)
    assert [text.split(",")[0] for text in messages(hook)[1:]] == ["It is over: X takes posts again"]
