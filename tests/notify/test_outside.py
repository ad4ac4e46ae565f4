"""A run that can't take place, time after time as cron starts it: its person hears of it once by message and by mail,
and once that it is over."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from tests.home import Done
from tests.moving import MovingHome, home_with_x
from tests.notify.receivers import Hook, free_port, hook_server

SECRET = "sk-ant-api03-" + "a1B2" * 20
DAY = 12
"""So many runs, one in two hours."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, hook: Hook) -> MovingHome:
    """A bot that posted once, whose person reads clocks in Berlin."""
    home = MovingHome(tmp_path / "home", NOTIFY_URLS=hook.url, ANTHROPIC_API_KEY=SECRET)
    home.bot("default", 'time_zone = "Europe/Berlin"\n[limits]\nper_day = 100\n')
    assert home.runs(1)[0].err == ""
    return home


@contextmanager
def wrong_settings(home: MovingHome) -> Iterator[None]:
    path = home.path / "data" / "bots" / "default.toml"
    sound = path.read_text()
    path.write_text(f'{sound}\nworng = "{SECRET}"\n')
    yield
    path.write_text(sound)


@contextmanager
def damaged_database(home: MovingHome) -> Iterator[None]:
    shutil.copy(home.database, home.path / "kept")
    home.database.write_bytes(b"SQLite format 3\0" + b"\xff" * 40_000)
    yield
    shutil.copy(home.path / "kept", home.database)


@contextmanager
def held_lock(home: MovingHome) -> Iterator[None]:
    folder = os.open(home.path / "data", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    yield
    os.close(folder)


def a_day(home: MovingHome) -> list[Done]:
    """A run in every other hour."""
    done = []
    for _ in range(DAY):
        home.later(hours=1)
        done += home.runs(1)
    return done


def messages(hook: Hook) -> list[str]:
    return [body["message"] for body in hook.bodies]


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("trouble", "exit_code", "says"),
    [
        (wrong_settings, 78, "worng"),
        (damaged_database, 1, "damaged"),
        (held_lock, 75, "could not begin"),
    ],
)
def test_a_day_without_runs_is_one_message_one_line_and_its_end(
    home: MovingHome,
    hook: Hook,
    trouble: Callable[[MovingHome], AbstractContextManager[None]],
    exit_code: int,
    says: str,
) -> None:
    """The exit code stays the same each time; the message has the cause, the last good time and the command."""
    with trouble(home):
        done = a_day(home)
        assert {each.code for each in done} == {exit_code}
        assert [bool(each.err) for each in done] == [True] + [False] * (DAY - 1)
        [message] = messages(hook)
        assert says in message and "No run takes place since 20" in message and "The last run that took" in message
        assert "doctor" in message or "ps -ef" in message
    done = home.runs(2)
    assert [each.code for each in done] == [0, 0] and not done[0].err
    assert hook.bodies[1]["title"] == "twitter_manager: trouble is over" and len(hook.got) == 2
    assert messages(hook)[1].startswith("It is over: runs take place again. The trouble began at 20")
    kept = (home.path / "data" / "told.json").read_text()
    assert SECRET not in kept + json.dumps(hook.bodies) + "".join(each.err + each.out for each in done)


@pytest.mark.timeout(240)
def test_a_full_disk_is_one_message_and_one_line(tmp_path: Path, small_disk: Path, hook: Hook) -> None:
    """A real one, on which not one byte more has room: what was told is written over in place."""
    (tmp_path / "home").symlink_to(small_disk)
    home = MovingHome(tmp_path / "home", NOTIFY_URLS=hook.url)
    home.bot("default", "[notify]\nmachine = false\n[limits]\nper_day = 100\n")
    assert home.runs(1)[0].code == 0 and not hook.got
    with suppress(OSError), (small_disk / "filling").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    done = a_day(home)
    assert {each.code for each in done} == {1} and "disk is full" in done[0].err
    later = "".join(each.err for each in done[1:])
    assert "disk is full" not in later and later.count("twitter_manager: ") <= 1  # the day's backup has no room either
    [message] = messages(hook)
    assert "disk is full" in message
    (small_disk / "filling").unlink()
    assert home.runs(1)[0].code == 0 and len(hook.got) == 2


def test_a_lock_is_told_where_it_is_held_for_hours(home: MovingHome, hook: Hook) -> None:
    """A run that overlaps another is an everyday thing: one line, and no message. The fourth hour is told."""
    with held_lock(home):
        home.runs(3)
        assert hook.got == []
        home.runs(1)
        assert len(hook.got) == 1


def test_another_trouble_is_told_at_once_and_what_comes_back_on_the_same_day_is_not(
    home: MovingHome, hook: Hook
) -> None:
    """Cron's mail has it again after a run that went well; messages wait for the next day."""
    with wrong_settings(home):
        home.runs(2)
        with damaged_database(home):  # the settings are what is seen
            assert home.runs(1)[0].err == ""
    with damaged_database(home):
        assert "damaged" in home.runs(1)[0].err
    assert len(hook.got) == 2
    home.runs(1)
    assert len(hook.got) == 4  # each of the two is over
    with wrong_settings(home):
        assert "worng" in home.runs(1)[0].err and home.runs(1)[0].err == ""
    home.runs(1)
    assert len(hook.got) == 4


def test_what_can_not_be_sent_is_tried_again(home: MovingHome, hook: Hook) -> None:
    """Until it is through, once; a damaged memory is none, and a person at a terminal reads it each time."""
    with wrong_settings(home):
        env = (home.path / ".env").read_text()
        (home.path / ".env").write_text(env.replace(hook.url, f"json://127.0.0.1:{free_port()}"))
        home.runs(2)
        (home.path / ".env").write_text(env)
        home.runs(3)
        assert len(hook.got) == 1
        for _ in range(2):
            assert "worng" in home.at_terminal("run").out
        (home.path / "data" / "told.json").write_text('{"troubles": [{"scope": 1}]}')
        assert home.runs(1)[0].code == 78
    assert home.runs(1)[0].code == 0


def test_a_day_of_posts_that_fail_is_one_line(tmp_path: Path) -> None:
    """Each hour another draft fails for the same reason, with its exit code; after a post it is said anew."""
    with home_with_x(tmp_path / "home") as (home, x):
        home.bot("default", 'platforms = ["x"]\n[limits]\nusd_per_month = 100\n')
        x.fault("payment_required", times=0, method="POST")
        done = home.runs(6)
        assert {each.code for each in done} == {1} and [each.err for each in done[1:]] == [""] * 5
        x.faults.clear()
        assert home.runs(1)[0].code == 0
        x.fault("payment_required", times=0, method="POST")
        assert [bool(each.err) for each in home.runs(3)] == [True, False, False]
