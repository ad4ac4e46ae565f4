"""Several at once, stopped, ended and woken late, under clocks that jump: one post a slot, and nothing stale."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.home import Home, Process, bluesky_settings, x_settings
from tests.moving import MovingHome, home_with_x
from tests.standins.llm import Fault, LlmServer
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from twitter_manager import app
from twitter_manager.telemetry.watch import Watch
from twitter_manager.verbs.running import run_bots

TEXT = "Once, and in time."
PARTS = (TEXT, "And the second part.", "And the third.")
World = tuple[MovingHome, XStandIn]
X_ONLY = ("--platform", "x", "--now")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with home_with_x(tmp_path / "home") as made:
        yield made


def wait_for(what: Callable[[], object]) -> None:
    """Until it is so. The test's own timeout ends it when it never is."""
    while not what():
        time.sleep(0.01)


def slots(home: Home, bot: str = "default") -> list[datetime]:
    found = home.rows(f"SELECT slot FROM drafts WHERE bot = '{bot}' AND slot IS NOT NULL ORDER BY slot")
    return [datetime.fromisoformat(slot) for (slot,) in found]


def entries(home: Home, bot: str = "") -> int:
    feed = home.path / "data" / f"feed{bot and f'-{bot}'}.xml"
    return feed.read_text().count("<entry")


def outcomes(home: Home) -> list[str]:
    return [str(outcome) for (outcome,) in home.rows("SELECT outcome FROM runs ORDER BY id")]


# -- together ------------------------------------------------------------------------------------------


def test_eight_started_together_one_runs_and_seven_exit_75(home: Home, x: XStandIn) -> None:
    """The one that runs is kept in its request until the seven have ended: those that come first say why in a line, the
    others know that it was said, and one posts."""
    home.settings(GENERATORS="excerpt", **x_settings(x))
    x.fault("gate")
    started = [home.start("run") for _ in range(8)]
    wait_for(lambda: sum(process.poll() is not None for process in started) == 7)
    [at_work] = [process for process in started if process.poll() is None]
    ended = [process.communicate() for process in started if process is not at_work]
    assert [process.returncode for process in started if process is not at_work] == [75] * 7
    said = [err for _, err in ended if err]
    assert said and all(err.count("\n") == 1 and "Another run is at work" in err for err in said)
    x.gate.set()
    assert at_work.communicate() == ("", "")
    assert at_work.returncode == 0
    assert len(x.texts()) == 1
    assert entries(home) == 1
    assert outcomes(home) == ["posted"]


def test_what_looks_needs_no_lock_and_what_writes_respects_it(home: Home, x: XStandIn) -> None:
    """While a run is at work `status` and `history` answer, `post` queues, `resume`, `skip` and `post --now` wait."""
    home.settings(GENERATORS="excerpt", **x_settings(x))
    x.fault("gate")
    at_work = home.start("post", TEXT, *X_ONLY)
    wait_for(x.at_gate.is_set)
    assert [home(*words).code for words in (["status"], ["history"], ["post", "Queued meanwhile."])] == [0, 0, 0]
    assert [home(*words).code for words in (["resume", "1"], ["skip", "1"], ["post", "x", "--now"])] == [75] * 3
    x.gate.set()
    assert at_work.wait() == 0
    assert x.texts() == [TEXT]


# -- stopped, and woken past the slot ------------------------------------------------------------------

STOP_ONCE = """
import os, signal
def stop_at(owner, name, after=False):
    original, times = getattr(owner, name), []
    def stopped(*args, **kwargs):
        times.append(1)
        result = original(*args, **kwargs) if after else None
        if len(times) == 1:
            os.kill(os.getpid(), signal.SIGSTOP)
        return result if after else original(*args, **kwargs)
    setattr(owner, name, stopped)
"""
SENDING_IS_ON_DISK = "from twitter_manager.pipeline.context import SlotWatch; stop_at(SlotWatch, 'fresh')"
BEFORE_THE_REQUEST = {
    "before the draft is taken": "from twitter_manager.pipeline import select; stop_at(select, 'next_draft')",
    "before the draft is claimed": "from twitter_manager.store import drafts; stop_at(drafts, 'claim')",
    "when `sending` is on disk": SENDING_IS_ON_DISK,
    "while the client is made": "import tweepy; stop_at(tweepy.Client, '__init__')",
    "while connecting": "import urllib3.util.connection as c; stop_at(c, 'create_connection')",
    "when connected": "import urllib3.util.connection as c; stop_at(c, 'create_connection', after=True)",
    "between headers and body": "import http.client as c; stop_at(c.HTTPConnection, 'send', after=True)",
}
BEFORE_IT_REACHES_BLUESKY = {
    "when `sending` is on disk": SENDING_IS_ON_DISK,
    "while connecting": "from httpcore._backends.sync import SyncBackend as b; stop_at(b, 'connect_tcp')",
    "when connected": "from httpcore._backends.sync import SyncBackend as b; stop_at(b, 'connect_tcp', after=True)",
    "between headers and body": "from httpcore._backends.sync import SyncStream as s; stop_at(s, 'write', after=True)",
}
BEFORE_IT_IS_IN_THE_FEED = {
    "when `sending` is on disk": SENDING_IS_ON_DISK,
    "while the file is written": "from twitter_manager.platforms import feed; stop_at(feed, '_write_flushed')",
    "when it is flushed": "from twitter_manager.platforms import feed; stop_at(feed, '_write_flushed', after=True)",
}


def stopped(process: Process) -> None:
    """Wait until it stands still; a process that ended instead fails the test."""
    state = Path(f"/proc/{process.pid}/stat")
    wait_for(lambda: process.poll() is not None or state.read_text().rpartition(")")[2].split()[0] == "T")
    assert process.returncode is None


@pytest.mark.parametrize("point", BEFORE_THE_REQUEST)
def test_a_process_stopped_before_the_request_sends_nothing_stale(world: World, point: str) -> None:
    """SIGSTOP on the way to the request, three hours, SIGCONT: nothing leaves; the next run sends it, once."""
    home, x = world
    process = home.start("post", TEXT, *X_ONLY, more=STOP_ONCE + BEFORE_THE_REQUEST[point])
    stopped(process)
    home.later(hours=3)
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate()
    assert [one for one in x.requests if one["method"] == "POST" and one["body"]] == []
    assert process.returncode == 1
    assert err.count("\n") == 1
    home.runs(2)
    assert x.texts().count(TEXT) == 1
    assert home.rows("SELECT status FROM drafts WHERE id = 1") == [("posted",)]
    assert len(slots(home)) == len(set(slots(home)))


@pytest.mark.parametrize("point", BEFORE_IT_REACHES_BLUESKY)
def test_a_process_stopped_before_bluesky_hears_of_it_sends_nothing_stale(
    tmp_path: Path, pds: Pds, account: Account, point: str
) -> None:
    """The same with a session that was kept: the record is not there when the process has ended; then it is, once."""
    home = MovingHome(tmp_path / "home", **bluesky_settings(pds, account))
    home.bot("default", 'platforms = ["bluesky"]\n')
    assert home("post", "It logs in.", "--now").code == 0
    process = home.start("post", TEXT, "--now", more=STOP_ONCE + BEFORE_IT_REACHES_BLUESKY[point])
    stopped(process)
    home.later(hours=3)
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate()
    assert [one["value"]["text"] for one in pds.records(account)] == ["It logs in."]
    assert process.returncode == 1
    assert "this process" in err
    home.runs(1)
    assert [one["value"]["text"] for one in pds.records(account)].count(TEXT) == 1
    assert home.rows("SELECT status FROM drafts WHERE id = 2") == [("posted",)]


@pytest.mark.parametrize("point", BEFORE_IT_IS_IN_THE_FEED)
def test_a_process_stopped_before_the_feed_is_replaced_publishes_nothing_stale(tmp_path: Path, point: str) -> None:
    """The file is not there when the process has ended, nor what was to become it; then the post is in it, once."""
    home = MovingHome(tmp_path / "home")
    process = home.start("post", TEXT, "--now", more=STOP_ONCE + BEFORE_IT_IS_IN_THE_FEED[point])
    stopped(process)
    home.later(hours=3)
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate()
    assert list((home.path / "data").glob("*feed*")) == []
    assert process.returncode == 1
    assert "this process" in err
    home.runs(1)
    assert home.feed().count(f">{TEXT}</content>") == 1
    assert home.rows("SELECT status FROM drafts WHERE id = 1") == [("posted",)]


def test_a_process_stopped_in_its_first_request_sends_no_second_one_late(world: World) -> None:
    """The first part's answer comes three hours late: taken for what it is; the rest of the thread waits for a run
    that is in time."""
    home, x = world
    x.fault("gate")
    words = (word for part in PARTS[1:] for word in ("--part", part))
    process = home.start("post", PARTS[0], *words, *X_ONLY)
    wait_for(x.at_gate.is_set)
    process.send_signal(signal.SIGSTOP)
    home.later(hours=3)
    x.gate.set()
    process.send_signal(signal.SIGCONT)
    process.communicate()
    assert x.texts() == [PARTS[0]]
    home.runs(1)
    posts = [post for post in x.posts.values() if post.text in PARTS]
    assert [post.text for post in posts] == list(PARTS)
    assert [post.reply_to for post in posts] == ["", posts[0].id, posts[1].id]


def test_a_process_stopped_while_a_model_writes_sends_nothing_stale(tmp_path: Path) -> None:
    """The service's answer waits, the process is stopped, three hours pass: what it wrote goes out with a run that is
    awake, one post a slot."""
    with home_with_x(tmp_path / "home") as (home, x), LlmServer() as llm:
        key = "sk-" + "d4" * 20
        settings = {"OPENAI_API_KEY": key, "OPENAI_BASE_URL": llm.openai_url, **x_settings(x)}
        home.settings(GENERATORS="openai,excerpt", **settings)
        llm.script = [Fault.SLOW]
        process = home.start("run")
        wait_for(lambda: llm.requests)
        process.send_signal(signal.SIGSTOP)
        home.later(hours=3)
        llm.over.set()
        process.send_signal(signal.SIGCONT)
        process.communicate()
        assert x.texts() == []
        home.settings(GENERATORS="excerpt", **x_settings(x))
        home.runs(3)
        assert len(x.texts()) == len(slots(home)) == len(set(slots(home))) >= 3
        assert max(Counter(x.texts()).values()) == 1


# -- asked to end --------------------------------------------------------------------------------------


def ended_by_sigterm(process: Process) -> None:
    process.terminate()
    out, err = process.communicate()
    assert (process.returncode, out) == (143, "")
    assert err == "twitter_manager: ended by signal 15\n"


@pytest.mark.parametrize(
    ("fault", "stored"), [("gate", True), ("hang", False), ("store_then_hang", True)], ids=["gate", "lost", "stored"]
)
def test_sigterm_in_a_request_leaves_a_row_that_the_next_run_resolves(world: World, fault: str, stored: bool) -> None:
    """Exit 143, the lock is free at once, and the post is there exactly once, whether it had arrived or not."""
    home, x = world
    x.fault(fault, seconds=60)
    process = home.start("post", TEXT, *X_ONLY)
    wait_for(lambda: any(one["method"] == "POST" for one in x.requests))
    ended_by_sigterm(process)
    assert outcomes(home) == ["interrupted"]
    assert (TEXT in x.texts()) is stored
    assert home.rows("SELECT status FROM deliveries WHERE draft_id = 1") == [("sending",)]
    assert home("run").code != 75
    home.runs(2)
    assert x.texts().count(TEXT) == 1
    assert home.rows("SELECT status FROM drafts WHERE id = 1") == [("posted",)]


def test_sigterm_in_a_look_up_leaves_the_row_unknown_and_resolvable(world: World) -> None:
    home, x = world
    x.fault("store_then_drop")
    x.fault("gate", method="GET", path="/2/users/*")
    process = home.start("post", TEXT, *X_ONLY)
    wait_for(x.at_gate.is_set)
    ended_by_sigterm(process)
    assert home.rows("SELECT status FROM deliveries WHERE draft_id = 1") == [("unknown",)]
    home.runs(1)
    assert x.texts().count(TEXT) == 1
    assert home.rows("SELECT status FROM drafts WHERE id = 1") == [("posted",)]


def test_sigterm_while_a_service_writes(tmp_path: Path) -> None:
    """Nothing was posted, the run is closed as interrupted, and the next one fills the slot."""
    with home_with_x(tmp_path / "home") as (home, x), LlmServer() as llm:
        key = "sk-" + "e5" * 20
        home.settings(GENERATORS="openai", OPENAI_API_KEY=key, OPENAI_BASE_URL=llm.openai_url, **x_settings(x))
        llm.script = [Fault.SLOW]
        process = home.start("run")
        wait_for(lambda: llm.requests)
        ended_by_sigterm(process)
        assert (outcomes(home), x.texts()) == (["interrupted"], [])
        home.settings(GENERATORS="excerpt", **x_settings(x))
        assert home("run").code == 0
        assert (len(x.texts()), len(slots(home))) == (1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["load", "_working"])
def test_sigterm_while_the_local_model_is_loaded_or_works(tmp_path: Path, moment: str) -> None:
    """The real bundled model, deep in its own code when the signal comes."""
    home = MovingHome(tmp_path / "home", GENERATORS="huggingface")
    home.share_models()
    owner = "m" if moment == "load" else "m.LocalModel"
    mark = f"""
import twitter_manager.writing.local_model as m
def marked(original):
    def work(*args, **kwargs):
        open({str(tmp_path / "mark")!r}, "w").close()
        return original(*args, **kwargs)
    return work
{owner}.{moment} = marked({owner}.{moment})
"""
    process = home.start("run", more=mark)
    wait_for(lambda: (tmp_path / "mark").exists() or process.poll() is not None)
    time.sleep(0.1)  # after 0.5 it has sometimes posted already
    ended_by_sigterm(process)
    assert outcomes(home) == ["interrupted"]
    assert not home.feed_exists()
    home.settings(GENERATORS="excerpt")
    assert home("run").code == 0
    assert entries(home) == 1


# -- clocks that jump ----------------------------------------------------------------------------------


def test_a_clock_put_back_two_hours_doubles_no_slot_and_stalls_nothing(world: World) -> None:
    """Each hour that the clock shows for the first time gets its post; those it shows again have theirs."""
    home, x = world
    home.it_is(datetime(2026, 11, 21, 10, 5, tzinfo=UTC))
    home("run")
    home.runs(2)
    home.later(hours=-2, minutes=1)
    codes = [home("run").code] + [done.code for done in home.runs(4)]
    assert codes == [0] * 5
    assert [slot.hour for slot in slots(home)] == [10, 11, 12, 13, 14]
    assert entries(home) == 5
    assert len(set(x.texts())) == len(x.texts()) == 5


def test_a_clock_a_day_ahead_and_back_doubles_no_slot_and_stalls_nothing(tmp_path: Path) -> None:
    """The hour of tomorrow that it showed too early is filled; every other hour gets its own post."""
    home = MovingHome(tmp_path / "home")
    home.it_is(datetime(2026, 11, 21, 10, 5, tzinfo=UTC))
    home("run")
    home.later(days=1)
    assert home("run").code == 0
    home.later(days=-1)
    assert [done.code for done in home.runs(3)] == [0] * 3
    home.it_is(datetime(2026, 11, 22, 8, 5, tzinfo=UTC))
    assert [done.code for done in home.runs(3)] == [0] * 3
    hours = [(slot.day, slot.hour) for slot in slots(home)]
    assert hours == [(21, 10), (21, 11), (21, 12), (21, 13), (22, 9), (22, 10), (22, 11)]
    assert entries(home) == 7


def test_a_wrong_clock_posts_nothing_to_x_and_is_named(world: World) -> None:
    """X refuses signatures that are hours off: told, with the clock as one of the causes, and `resume` helps."""
    home, x = world
    true = home.clock.time
    x._signed_now = lambda: true() - 6 * 3600
    done = home("post", TEXT, *X_ONLY)
    assert done.code == 1
    assert "clock" in done.err
    assert "resume 1" in done.err
    assert x.texts() == []
    x._signed_now = true
    home("resume", "1")
    home.runs(1)
    assert x.texts().count(TEXT) == 1


@pytest.mark.parametrize("queued", [False, True], ids=["all sent", "one waits"])
def test_after_an_outage_of_72_hours_one_slot_is_caught_up(world: World, queued: bool) -> None:
    """One post by the first run, one an hour after it; what waited in the queue makes way, and is told."""
    home, x = world
    home.it_is(datetime(2026, 11, 21, 10, 5, tzinfo=UTC))
    if queued:
        x.fault("rate_limited_bare", times=4)
    home("run")
    assert len(x.texts()) == (0 if queued else 1)
    home.later(hours=72)
    home("run")
    assert len(x.texts()) == (1 if queued else 2)
    assert home("run").code == 0
    home.runs(2)
    assert len(x.texts()) == (3 if queued else 4)
    assert [(slot.day, slot.hour) for slot in slots(home)] == [(21, 10), (24, 10), (24, 11), (24, 12)]
    assert home.rows("SELECT count(*) FROM deliveries WHERE status NOT IN ('posted', 'failed')") == [(0,)]


# -- summer time ---------------------------------------------------------------------------------------

BOTS = {
    "berlin-hours": ("Europe/Berlin", ""),
    "berlin-quiet": ("Europe/Berlin", '[limits]\nquiet_hours = "22:30-02:30"\n'),
    "berlin-times": ("Europe/Berlin", '[schedule]\ntimes = ["01:30", "02:30", "14:00"]\n[limits]\nper_hour = 3\n'),
    "york-quiet": ("America/New_York", '[limits]\nquiet_hours = "01:15-03:15"\n'),
    "york-times": ("America/New_York", '[schedule]\ntimes = ["01:00", "02:30", "23:30"]\n[limits]\nper_hour = 3\n'),
}
QUIET = {"berlin-quiet": ("22:30", "02:30"), "york-quiet": ("01:15", "03:15")}
TIMES = {"berlin-times": ("01:30", "02:30", "14:00"), "york-times": ("01:00", "02:30", "23:30")}
CHANGES = {
    "Berlin forward": date(2026, 3, 29),
    "Berlin back": date(2026, 10, 25),
    "York forward": date(2026, 3, 8),
    "York back": date(2026, 11, 1),
}


def is_quiet(bot: str, moment: datetime) -> bool:
    if bot not in QUIET:
        return False
    (start, end), shown = QUIET[bot], f"{moment.astimezone(ZoneInfo(BOTS[bot][0])):%H:%M}"
    return start <= shown < end if start < end else shown >= start or shown < end


def due_times(bot: str, first: datetime, last: datetime) -> set[datetime]:
    """Each local day's times, in UTC: the first 02:30 of two; the missing 02:30 an hour later by the wall clock."""
    zone = ZoneInfo(BOTS[bot][0])
    days = [first.astimezone(zone).date() + timedelta(days=number) for number in range(-1, 4)]
    clocks = map(clock_time.fromisoformat, TIMES[bot])
    found = {datetime.combine(day, clock, zone).astimezone(UTC) for clock in clocks for day in days}
    return {moment for moment in found if first <= moment <= last}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_when_the_clocks_change_each_slot_has_its_post_and_none_has_two(
    home: Home, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """The zone's bots, a run every half hour from the evening before to the morning after: every hour of UTC outside of
    the quiet hours, every local time of each day, once. The day of 25 hours has 25 posts."""
    bots = [name for name in BOTS if name.split("-")[0] == change.split()[0].lower()]
    for name, (zone, text) in ((name, BOTS[name]) for name in bots):
        home.bot(name, f'time_zone = "{zone}"\n{text}')
    first = datetime.combine(CHANGES[change], clock_time(0, 5), UTC) - timedelta(hours=6)
    ticks = [first + timedelta(minutes=30 * number) for number in range(73)]
    for now in ticks:
        monkeypatch.setattr(app, "utc_now", lambda now=now: now)
        _, failures = run_bots(app.App.load(home.path, {}, lambda line: None), "", Watch(), forced=False)
        assert failures == []
    for bot in bots:
        found = [slot for slot in slots(home, bot) if slot >= first.replace(minute=0)]
        if bot in TIMES:
            assert set(found) == due_times(bot, first.replace(minute=0), ticks[-1]), bot
        else:
            open_hours = {now.replace(minute=0) for now in ticks if not is_quiet(bot, now)}
            assert found == sorted(open_hours), bot
        assert len(set(found)) == len(found)
        assert entries(home, bot) == len(slots(home, bot))
    sent = home.rows("SELECT draft_id, count(*) FROM deliveries WHERE status = 'posted' GROUP BY draft_id")
    assert {count for _, count in sent} == {1}
