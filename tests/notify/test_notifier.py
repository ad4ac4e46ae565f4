"""Notices over simulated days: whatever a channel does, each notice ends, none is sent more often than the bounds say,
and nothing is told twice that is told once."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import START, FakeClock
from tests.home import Home
from tests.store.test_long_history import GROWING
from tests.year import Counting
from twitter_manager.app import App
from twitter_manager.content import plain
from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.notify.notifier import MOST_TRIES, MOST_UNSURE_TRIES, Notifier
from twitter_manager.notify.rules import Kind
from twitter_manager.notify.sending import Answer, Message, Result
from twitter_manager.notify.words import MOST_IN_FULL
from twitter_manager.operations import told
from twitter_manager.settings import Bot
from twitter_manager.settings.channels import names
from twitter_manager.settings.records import OpenAI
from twitter_manager.store import charges, drafts, events, notices, sources, upkeep, usage
from twitter_manager.store.charges import Charge
from twitter_manager.store.database import Database, connect, from_text
from twitter_manager.store.drafts import NewDraft

_HELD = DraftStatus.NEEDS_ATTENTION
URL = "json://localhost:9/"


class World:
    """A bot's database, a clock, and a channel that answers as it is told."""

    def __init__(self, home: Home, clock: FakeClock) -> None:
        app = App.load(home.path, {"TWITTER_MANAGER_HOME": str(home.path)}, lambda line: None)
        self.clock = clock
        session = replace(app.session, clock=clock)
        self.app = App(session, replace(app.factory, clock=clock), app.redactor)
        self.db: Database = self.app.session.open_store()
        self.bot: Bot = self.app.settings.active[0]
        self.answers: list[Answer] = []
        self.messages: list[Message] = []
        self.codes: list[int] = []

    def send(self, messages: Sequence[Message]) -> list[Answer]:
        self.messages += messages
        return [self.answers.pop(0) if self.answers else Answer(Result.SENT) for _ in messages]

    def code(self, draft: Draft) -> str:
        """A one-time code, new each time it is asked for."""
        self.codes.append(draft.id)
        return f"Answer with: ok c0de{len(self.codes)}"

    def hour(self) -> None:
        self.clock.now += timedelta(hours=1)
        notifier = Notifier(self.app, self.db, self.code, self.send)
        notifier.note(self.bot)
        notifier.send_all([self.bot])

    def held(self, text: str = "We ride at nine.") -> int:
        """A draft that waits for a person."""
        with self.db.transaction():
            new = NewDraft(
                "default", "generator", plain([text]), ("feed",), timedelta(hours=72), status=_HELD, reason="a doubt"
            )
            return drafts.add(self.db, new, self.clock())

    def draft(self, number: int) -> Draft:
        found = drafts.get(self.db, number)
        assert found is not None
        return found

    def ways(self) -> list[tuple[str, int, str]]:
        sql = "SELECT status, tries, error FROM notice_deliveries ORDER BY id"
        return [(row["status"], row["tries"], row["error"]) for row in self.db.rows(sql)]


@contextmanager
def opened(path: Path) -> Iterator[World]:
    home = Home(path, NOTIFY_URLS=URL)
    home.bot("default")
    world = World(home, FakeClock(START))
    with closing(world.db):
        yield world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with opened(tmp_path) as made:
        yield made


_answers = st.lists(
    st.sampled_from([Answer(Result.SENT), Answer(Result.FAILED, "no connection"), Answer(Result.UNSURE, "hangs")]),
    max_size=80,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_answers, st.lists(st.integers(0, 40), max_size=6))
def test_no_flood_and_no_loss(
    tmp_path_factory: pytest.TempPathFactory, answers: list[Answer], hours: list[int]
) -> None:
    """Drafts come to wait at these hours, and the channel answers like this: in the end each notice was sent, or is
    given up with a reason; each message that may have arrived counts."""
    with opened(tmp_path_factory.mktemp("home")) as world:
        world.answers = list(answers)
        for hour in range(100):
            for number in range(hours.count(hour)):
                world.held(f"Ride number {number} of hour {hour}.")
            world.hour()
        ways = world.ways()
        assert len(ways) == len(hours)
        for status, tries, error in ways:
            assert status in ("sent", "dropped") and bool(error) == (status == "dropped") and tries <= MOST_TRIES
        assert len(world.messages) <= len(hours) + sum(answer.result is not Result.SENT for answer in answers)


def test_a_message_that_may_have_arrived_is_sent_three_times_at_most(world: World) -> None:
    world.held()
    world.answers = [Answer(Result.UNSURE, "hangs")] * 99
    for _ in range(10):
        world.hour()
    assert len(world.messages) == MOST_UNSURE_TRIES and world.ways() == [("dropped", MOST_UNSURE_TRIES, "hangs")]


def test_a_channel_that_is_down_for_long(world: World) -> None:
    """The notice is tried for a day, then given up, and what the trouble was is kept; a person hears of it once."""
    world.held()
    world.answers = [Answer(Result.FAILED, "no connection")] * 99
    for _ in range(60):
        world.hour()
    assert world.ways() == [("dropped", MOST_TRIES, "no connection")]
    assert len(world.app.notes) == 1 and "no connection" in world.app.notes[0]


def test_how_to_answer_is_in_the_message_and_nowhere_else(world: World) -> None:
    """A code is asked for once a draft and message, anew for another try, and the database never has it."""
    number = world.held()
    world.answers = [Answer(Result.FAILED, "no connection")]
    world.hour()
    world.hour()
    assert ["c0de1" in message.body for message in world.messages] == [True, False]
    assert "c0de2" in world.messages[1].body and "drafts edit" not in world.messages[1].body
    assert world.codes == [number] * 2
    for table in ("notices", "notice_deliveries", "events"):
        assert "c0de" not in repr([tuple(row) for row in world.db.rows(f"SELECT * FROM {table}")])


def test_a_reminder_that_can_be_answered_shows_the_whole_post(world: World) -> None:
    """Who approves by it saw all that goes out, also where they switched off the notice of each draft."""
    number = world.held("We ride at nine, to the mill and back. " * 9 + "The end.")
    now, text = world.clock(), "nothing is approved"
    with world.db.transaction():
        notices.add(world.db, "default", Kind.REMINDER, "", text, None, names(world.bot.channels.urls), now)
    wishes = world.bot.notify.model_copy(update={"draft_ready": False})
    world.bot = world.bot.model_copy(update={"notify": wishes})
    world.hour()
    [message] = world.messages
    assert world.codes == [number]
    assert "c0de1" in message.body and "The end." in message.body


def test_a_date_that_passes_while_a_draft_waits_is_told(world: World) -> None:
    """Once: its person meant it for then, and may have forgotten that it waits for them."""
    number, due = world.held(), world.clock() + timedelta(hours=30)
    with world.db.transaction():
        drafts.date(world.db, world.draft(number), due, None)
    for _ in range(60):
        world.hour()
    first, second = (message.body for message in world.messages)
    assert "date" not in first
    assert f"Draft {number} waits for your word" in second and "its date is past" in second.lower()


def test_many_drafts_make_one_bounded_message(world: World) -> None:
    """The first ones in full, the others by their numbers."""
    numbers = [world.held(f"Ride number {number} goes to the mill.") for number in range(60)]
    world.hour()
    [message] = world.messages
    assert message.body.count("goes to the mill") == MOST_IN_FULL and len(message.body) < 12_000
    assert f"Draft {numbers[-30]} waits" in message.body and "There is more" in message.body


def test_a_long_thread_comes_whole(world: World) -> None:
    """A person decides on all of it."""
    texts = [f"Part {number}: " + "word " * 50 for number in range(20)]
    with world.db.transaction():
        new = NewDraft(
            "default", "generator", plain(texts), ("feed",), timedelta(hours=72), status=_HELD, reason="a doubt"
        )
        drafts.add(world.db, new, world.clock())
    world.hour()
    assert all(text.strip() in world.messages[0].body for text in texts)


def test_nobody_is_called_by_a_draft(world: World) -> None:
    """What others wrote can't ring everybody's telephone, nor turn the text around."""
    world.held("Hello @everyone and @here, <!channel> \u202egnp.exe")
    world.hour()
    body = world.messages[0].body
    assert not any(call in body for call in ("@everyone", "@here", "<!channel", "\u202e")) and "\\u202e" in body


def test_trouble_of_its_own_is_a_warning(world: World) -> None:
    """A bug in it, or a full disk, is no bug of the run."""
    world.held()
    Notifier(world.app, world.db, world.code, lambda messages: [][0]).note(world.bot)
    Notifier(world.app, world.db, world.code, lambda messages: [][0]).send_all([world.bot])
    assert world.app.notes == ["notifications: IndexError; the details are in logs/error.log"]
    assert world.ways() == [("waiting", 1, "")]


def test_an_address_that_was_taken_away(world: World) -> None:
    """What waited for it is given up with that reason."""
    world.held()
    world.answers = [Answer(Result.FAILED, "no connection")]
    world.hour()
    world.bot = world.bot.model_copy(update={"channels": world.bot.channels.model_copy(update={"urls": ()})})
    world.hour()
    assert world.ways() == [("dropped", 1, "its address is no longer set up")]


def test_the_month_s_budget(world: World) -> None:
    """Near its end and at it, once each, whatever the hours; the next month anew."""
    world.bot = world.bot.model_copy(update={"limits": world.bot.limits.model_copy(update={"usd_per_month": 1.0})})
    for spent in (0.5, 0.35, 0.2):
        with world.db.transaction():
            charges.add(world.db, Charge(world.clock(), "default", "claude", "writing", 1000, spent))
        world.hour()
        world.hour()
    told = [(row["kind"], row["subject"]) for row in world.db.rows("SELECT kind, subject FROM notices")]
    assert Counter(told) == {("budget", "2026-03:near"): 1, ("budget", "2026-03:used"): 1}
    assert "$0.850 of $1.00" in world.messages[0].body


def test_a_service_that_refuses_the_key(world: World) -> None:
    """What the refill recorded of it."""
    with world.db.transaction():
        run = world.db.add("runs", bot="default", verb="run", slot="2026-03-01T10:00:00.000000Z",
                           started_at="2026-03-01T10:00:00.000000Z", outcome="posted")  # fmt: skip
        about = {"bot": "default", "run_id": run}
        events.record(world.db, START, "generator_failed", **about, generator="claude", error="No key.", status=401)
        events.record(world.db, START, "generator_failed", **about, generator="openai", error="Late.", status=500)
    world.hour()
    [message] = world.messages
    assert message.title == "default: keys are refused" and "claude does not let the bot in: No key." in message.body
    assert "openai" not in message.body


def _ran(world: World, outcome: str = "nothing_due") -> int:
    """A run that ended like this; gives its number."""
    now = world.clock().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with world.db.transaction():
        return world.db.add("runs", bot="default", verb="run", slot=now, started_at=now, ended_at=now, outcome=outcome)


def _fails(world: World, why: str, status: int) -> None:
    """A service could not be asked."""
    run = _ran(world)
    with world.db.transaction():
        about = {"generator": "claude", "error": why, "status": status}
        events.record(world.db, world.clock(), "generator_failed", bot="default", run_id=run, **about)


def _answers_as(world: World, verdict: str) -> None:
    """A service answered, which was chosen or refused."""
    run, now = _ran(world), world.clock().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    row = dict.fromkeys(("model", "revision", "prompt", "raw"), "")
    with world.db.transaction():
        world.db.insert("generations", run_id=run, generator="claude", tokens_in=0, tokens_out=0, seconds=0.0,
                        created_at=now, verdict=verdict, **row)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["refuses", "answers", "not asked"]), max_size=100))
def test_trouble_that_comes_and_goes_is_told_once_a_day_with_its_end(
    tmp_path_factory: pytest.TempPathFactory, hours: list[str]
) -> None:
    """However it goes: what is told ended was told to have begun, and an answer that came last ends it."""
    with opened(tmp_path_factory.mktemp("home")) as world:
        for how in hours:
            if how == "refuses":
                _fails(world, "No key.", 401)
            elif how == "answers":
                _answers_as(world, "refused")
            world.hour()
        rows = world.db.rows("SELECT kind, created_at FROM notices ORDER BY id")
        told = [(row["kind"], from_text(row["created_at"])) for row in rows]
        for number, (kind, at) in enumerate(told):
            assert kind != Kind.RECOVERED or told[number - 1][0] == Kind.CREDENTIALS
            begins_anew = (later - at for again, later in told[number + 1 :] if again == kind == Kind.CREDENTIALS)
            assert all(after >= timedelta(hours=24) for after in begins_anew)
        last = next((how for how in reversed(hours) if how != "not asked"), "answers")
        assert (world.db.value("SELECT count(*) FROM alerts") == 1) == (last == "refuses")
        assert bool(told) == ("refuses" in hours)


def _with_claude(world: World) -> None:
    claude = OpenAI.model_construct(api_key="sk-none", model="m", base_url="http://127.0.0.1:9")
    chosen = world.bot.generators.model_copy(update={"order": ("claude", "excerpt"), "claude": claude})
    world.bot = world.bot.model_copy(update={"generators": chosen})


def test_a_service_that_fails_for_hours(world: World) -> None:
    """One hour's trouble passes by itself; from the third hour on it is told, and that it answers again."""
    _with_claude(world)
    for hour in range(4):
        _fails(world, "The model can't be loaded.", 0)
        world.hour()
        assert len(world.messages) == (hour >= 2)
    assert world.messages[0].title == "default: a service is of no use"
    assert "claude can't write: The model can't be loaded." in world.messages[0].body
    _answers_as(world, "refused")
    world.hour()
    assert "It is over: claude answers again" in world.messages[1].body


def test_a_service_of_which_every_answer_is_refused(world: World) -> None:
    """From ten on; one that is chosen ends it."""
    _with_claude(world)
    for number in range(1, 13):
        _answers_as(world, "refused")
        world.hour()
        assert len(world.messages) == (number >= 10)
    assert "No text of claude can be used: its last 10 answers were refused" in world.messages[0].body
    _answers_as(world, "chosen")
    world.hour()
    assert "It is over: texts of claude can be used again" in world.messages[1].body


def test_a_source_that_fails_for_days(world: World) -> None:
    """Not for a bad hour; after two days each day, with when it was last read; and that it can be read again."""
    [source] = world.bot.sources
    with world.db.transaction():
        sources.succeeded(world.db, "default", source.name, source.signature, {}, world.clock())
    for _ in range(60):
        with world.db.transaction():
            sources.failed(world.db, "default", source.name, "It answers 404.", world.clock())
        world.hour()
    [message] = world.messages
    assert f"The source {source.name} can't be read any more: It answers 404." in message.body
    assert "It was last read at 2026-03-01" in message.body
    with world.db.transaction():
        sources.succeeded(world.db, "default", source.name, source.signature, {}, world.clock())
    world.hour()
    assert f"It is over: the source {source.name} can be read again" in world.messages[1].body


def test_a_disk_that_is_nearly_full(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told once a day; that it has room again is told where there is more than a little."""
    free = 100_000_000
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    usage.keep(world.db, usage.Usage(world.clock(), 1.0, 1.0, 1, 1, 600_000_000), world.clock())
    for _ in range(24):
        world.hour()
    assert len(world.messages) == 1 and "100 MB are left" in world.messages[0].body
    assert "The disk last had room enough at 2026-03-01 10:07" in world.messages[0].body
    free = 501_000_000
    world.hour()
    assert len(world.messages) == 1
    free = 1_000_000_000
    world.hour()
    assert "It is over: the disk has room again" in world.messages[1].body


def test_a_disk_that_a_person_finds_large_enough(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who follows the advice and sets LEAST_DISK_MB lower is told that it is over; who sets it higher is not."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=400_000_000))
    for least in (500, 600, 390):
        lowered = world.app.settings.model_copy(update={"least_disk_mb": least})
        world.app = replace(world.app, session=replace(world.app.session, settings=lowered))
        world.hour()
        world.hour()
        assert len(world.messages) == (2 if least == 390 else 1)
    assert "It is over: the disk has room again" in world.messages[1].body


def test_runs_that_often_go_wrong(world: World) -> None:
    """More than half of them, whatever goes wrong; runs with nothing to do don't count, and good ones end it."""
    outcomes = ["posted", "nothing_due", "partly_posted", "abandoned"] * 8 + ["posted"] * 18
    for outcome in outcomes:
        _ran(world, outcome)
        world.hour()
    first, *_, last = (message.body for message in world.messages)
    assert "5 of the last 8 runs that had something to do did not go well." in first
    assert "The last run that went well ended at 2026-03-0" in first
    assert "It is over: most runs go well again" in last and len(world.messages) <= 4


def test_no_statement_goes_through_a_table_that_grows(world: World) -> None:
    """Telling takes as long in the tenth year: every statement, as SQLite plans it."""
    path = world.app.settings.database
    counting = Counting(connect(path)._connection, str(path))
    world.db.close()
    world.db = counting
    world.held()
    world.answers = [Answer(Result.FAILED, "no connection")]
    _with_claude(world)
    for _ in range(3):
        _fails(world, "No key.", 401)
        world.hour()
    _answers_as(world, "refused")
    world.hour()
    statements = [sql for sql in counting.by_statement if re.match("SELECT|UPDATE|DELETE", sql)]
    assert len(statements) > 10
    scans = []
    for sql in statements:
        values = (None,) * (1 if "?1" in sql else sql.count("?"))
        plans = counting._connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        growing = (*GROWING, "notices", "notice_deliveries")
        scans += [(sql, plan[3]) for plan in plans for name in growing if re.match(rf"SCAN {name}\b", plan[3])]
    assert scans == [], scans


def test_upkeep_that_does_not_get_through(world: World) -> None:
    """Told once a day with what to do, not only by cron's mail; and once when it works again."""
    trouble = "Today's backup failed: the disk is full. Free some space."
    data = world.app.settings.data
    with world.db.transaction():
        upkeep.end(world.db, "backup", world.clock() - timedelta(days=1))
    told.begins(data, "upkeep: backup", trouble, world.clock())
    for _ in range(24):
        world.hour()
    [message] = world.messages
    assert trouble in message.body and "maintain" in message.body
    assert "It last got to its end at 2026-02-28" in message.body
    told.begins(data, "upkeep: backup", "", world.clock())
    world.hour()
    assert "It is over: the upkeep (backup) gets to its end again" in world.messages[1].body


def test_a_remedy_is_sent_whole(world: World) -> None:
    """However long the path and the words: the message ends with the command that mends it, and names no other."""
    remedy = f"Put it back: python -m twitter_manager restore /{'a/' * 400}twitter-20261127T000000Z.db"
    told.begins(world.app.settings.data, "upkeep: backup", "It holds less. " * 100, world.clock(), remedy=remedy)
    world.hour()
    [message] = world.messages
    assert remedy in message.body and "maintain" not in message.body
