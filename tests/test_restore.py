"""Backups and `restore`, through the real command line: a damaged file, the command that the error names, and then no
post that went out after the backup goes out again."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import tracing
from tests.commented import heard
from tests.fakes import START, FakeClock, FakePlatform
from tests.faults.world import World
from tests.home import Done, Home, x_settings
from tests.moving import MovingHome, home_with_x
from tests.pictures import opened, photo
from tests.standins.x import XStandIn
from tests.test_answering import World as Talk
from tests.test_bad_input import one_line
from tests.test_hearing import Talkative
from tests.tracing import chosen, playing
from twitter_manager.content import normalised_hash, plain
from twitter_manager.domain import Json
from twitter_manager.errors import NotSent, TextKnown, UsageError
from twitter_manager.operations import backup, restore
from twitter_manager.operations.recovery import Account
from twitter_manager.settings.records import Listen
from twitter_manager.store import comments, deliveries, drafts, events, runs, schema
from twitter_manager.store.database import connect

AFTER = ("Sent after the backup.", "Sent after it, too.")


def overwrite(path: Path, start: int, stop: int, every: int = 1) -> None:
    data = bytearray(path.read_bytes())
    for place in range(start, min(stop, len(data)), every):
        data[place : place + min(16, every)] = b"\xff" * min(16, every)
    path.write_bytes(data)


def other_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE theirs (x)")
        raw.commit()


def journal_too(path: Path) -> None:
    overwrite(path, 0, 100)
    path.with_name("twitter.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + os.urandom(5000))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "header overwritten": lambda path: overwrite(path, 0, 4096),
    "pages in the middle overwritten": lambda path: overwrite(path, 8 * 4096, 1 << 30, 4096),
    "cut in half": lambda path: os.truncate(path, path.stat().st_size // 8192 * 4096),
    "cut in a page": lambda path: os.truncate(path, 10_000),
    "cut in the header": lambda path: os.truncate(path, 60),
    "empty": lambda path: os.truncate(path, 0),
    "not a database": lambda path: path.write_text("These are not the posts you are looking for.\n" * 200),
    "another program's": other_program,
    "header overwritten, with a journal": journal_too,
    "gone": lambda path: path.unlink(),
}


@contextmanager
def at_ten_past(path: Path, **settings: str) -> Iterator[tuple[MovingHome, XStandIn]]:
    """In the middle of a slot, whatever the time of the machine."""
    with home_with_x(path, SETTLE_MINUTES="1", **settings) as (home, x):
        home.it_is(datetime(2026, 11, 21, 10, 10, tzinfo=UTC))
        yield home, x


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[MovingHome, XStandIn]]:
    with at_ten_past(tmp_path / "home", RUN_SECONDS="60") as made:
        yield made


@pytest.fixture
def home(world: tuple[MovingHome, XStandIn]) -> Home:
    return world[0]


@pytest.fixture
def x(world: tuple[MovingHome, XStandIn]) -> XStandIn:
    return world[1]


@pytest.fixture
def damaged(home: Home) -> Home:
    """One post before the backup and two after it; then the file is no database any more."""
    with_a_history(home)
    overwrite(home.database, 0, 4096)
    return home


def with_a_history(home: Home) -> None:
    assert home("run").code == 0
    assert len(backups(home)) == 1
    for text in AFTER:
        assert home("post", text, "--now").code == 0


def backups(home: Home) -> list[Path]:
    return sorted((home.path / "data" / "backups").glob("twitter-*.db"))


def copied_command(done: Done, home: Home) -> Done:
    """Do what the error line says, as a person who copies it into a shell, at this home's time."""
    found = re.search(r"with: (\S+)( -m twitter_manager restore)\b", done.err)
    assert found, done.err
    root = Path(__file__).parent.parent
    assert (root / found[1]).samefile(sys.executable), "the interpreter whose environment has the program"
    python = home.path.parent / "python"
    started = f'test "$1 $2" = "-m twitter_manager" && shift 2 && exec {shlex.join(home.program())} "$@"'
    python.write_text(f"#!/bin/sh\n{started}\n")
    python.chmod(0o755)
    words = shlex.quote(str(python)) + found[2]
    shell = subprocess.run(["sh", "-c", words], capture_output=True, text=True, cwd=root, env=home.environment())
    return Done(shell.returncode, shell.stdout, shell.stderr)


def assert_nothing_twice(home: Home, x: XStandIn) -> None:
    """On X and in the feed each text stands once; the database knows every post of both; the trail is whole."""
    contents = re.findall(r"<content[^>]*>([^<]*)</content>", home.feed())
    for texts in (x.texts(), contents):
        assert [text for text, times in Counter(texts).items() if times > 1] == []
    posted = home.rows("SELECT remote_id FROM deliveries WHERE platform = 'x' AND status = 'posted'")
    assert sorted(row[0] for row in posted) == sorted(x.posts)
    assert home.rows("SELECT count(*) FROM deliveries WHERE platform = 'feed' AND status = 'posted'") == [
        (len(contents),)
    ]
    assert home.rows("PRAGMA integrity_check") == [("ok",)]
    assert home.rows("SELECT count(*) FROM events WHERE kind = 'restored'")[0][0] >= 1
    assert home("audit", "verify").code == 0


History = tuple[Path, XStandIn, list[str]]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """A home with one post before the backup and two after it, and the service that has all three."""
    with at_ten_past(tmp_path_factory.mktemp("history") / "home", RUN_SECONDS="60") as (home, x):
        with_a_history(home)
        yield home.path, x, x.texts()


@pytest.mark.slow
@pytest.mark.parametrize("kind", DAMAGES)
def test_a_lost_database_names_the_command_that_brings_it_back(tmp_path: Path, history: History, kind: str) -> None:
    """Refused in one line with nothing touched; the command as it stands restores; the slot that is on counts as
    used. Nothing of this asks X for a post."""
    whole, x, sent = history
    home = MovingHome(tmp_path / "home")
    home.it_is(datetime(2026, 11, 21, 10, 12, tzinfo=UTC))
    shutil.copytree(whole, home.path, dirs_exist_ok=True)
    feed = home.feed()
    DAMAGES[kind](home.database)
    left = home.database.read_bytes() if home.database.exists() else None
    requests = len(x.requests)
    refused = home("run")
    one_line(refused, 1, str(home.database), "-m twitter_manager restore")
    assert (home.database.read_bytes() if home.database.exists() else None) == left
    assert len(x.requests) == requests
    assert home.feed() == feed

    restored = copied_command(refused, home)
    assert (restored.code, restored.err) == (0, "")
    assert "read back: 4" in restored.out, "two posts on two platforms"
    kept = list((home.path / "data" / "backups").glob("damaged-*.db"))
    assert [path.read_bytes() for path in kept] == ([] if left is None else [left])
    assert not home.database.with_name("twitter.db-journal").exists()
    assert home("run", "--json").json["bots"][0]["outcome"] == "nothing_due"
    assert x.texts() == sent
    assert_nothing_twice(home, x)


@pytest.mark.slow
def test_with_a_lost_database_no_verb_does_anything_and_after_the_restore_new_things_go_out(
    damaged: Home, x: XStandIn
) -> None:
    """Whatever is asked for is refused in the same line; restored, runs post new things only."""
    sent, left = x.texts(), damaged.database.read_bytes()
    for words in (["run", "--force"], ["post", "Something new.", "--now"], ["status"], ["pause"]):
        refused = damaged(*words)
        one_line(refused, 1, str(damaged.database), "-m twitter_manager restore")
        assert damaged.database.read_bytes() == left, words
    assert damaged("restore").code == 0
    one_line(damaged("post", AFTER[0]), 1, "same words")
    for _ in range(2):
        damaged.next_slot()
        done = damaged("run")
        assert (done.code, done.err) == (0, "")
    assert len(x.texts()) == len(sent) + 2
    assert_nothing_twice(damaged, x)


def test_what_waited_at_the_time_of_the_backup_goes_out_only_if_it_did_not(home: Home, x: XStandIn) -> None:
    """One's own posts: what went out since is recognised; what did not waits for `resume` or `skip`, and then goes."""
    for text in ("First.", "Second.", "Third.", "Fourth."):
        assert home("post", text).code == 0
    assert home("run").code == 0
    assert home("run", "--force").code == 0
    assert x.texts() == ["First.", "Second."]
    overwrite(home.database, 0, 4096)
    done = home("restore")
    assert done.code == 0
    assert "if it went out, skip 3; if not, resume 3" in done.out
    assert "skip 2" not in done.out, "it was read back"
    assert re.search(r"draft 3 needs attention .*\n.*resume 3\n.*edit 3\n.*skip 3\n", home("status").out)
    home.next_slot()
    home("run")
    assert "Third." not in x.texts()
    assert home("resume", "2").code == 2
    assert home("resume", "3").code == 0
    assert home("skip", "4").code == 0
    for _ in range(2):
        home.next_slot()
        assert home("run").code == 0
    assert x.texts().count("Second.") == x.texts().count("Third.") == 1
    assert "Fourth." not in x.texts()
    assert_nothing_twice(home, x)


def test_a_thread_that_was_half_out_is_recognised_part_by_part(home: Home, x: XStandIn) -> None:
    """At the backup one part was out and two were queued; they went out since."""
    x.fault("rate_limited_bare", skip=1, times=0)
    assert home("post", "Part one.", "--part", "Part two.", "--part", "Part three.", "--now").code == 1
    assert x.texts() == ["Part one."]
    x.faults.clear()
    home.next_slot()
    home("run")
    assert x.texts()[:3] == ["Part one.", "Part two.", "Part three."]
    overwrite(home.database, 0, 4096)
    assert home("restore").code == 0
    assert home.rows("SELECT status FROM drafts WHERE id = 1") == [("posted",)]
    for _ in range(2):
        home.next_slot()
        home("run")
    assert_nothing_twice(home, x)


def test_a_thread_that_was_half_out_and_stayed_so_is_held(home: Home, x: XStandIn) -> None:
    x.fault("rate_limited_bare", skip=1, times=0)
    home("post", "Part one.", "--part", "Part two.", "--now")
    overwrite(home.database, 0, 4096)
    assert "resume 1" in home("restore").out
    x.faults.clear()
    home.next_slot()
    home("run")
    assert "Part two." not in x.texts()
    assert home("resume", "1").code == 0
    home.next_slot()
    home("run")
    [first, second] = [post for post in x.posts.values() if post.text.startswith("Part")]
    assert second.reply_to == first.id
    assert_nothing_twice(home, x)


@pytest.mark.parametrize("fault", ["store_then_error_500", "error_500"])
def test_a_post_whose_fate_was_open_at_the_backup_is_found_or_held(home: Home, x: XStandIn, fault: str) -> None:
    """Not to be there proves nothing: it may have been found since, and taken down. A person's word sends it once."""
    x.fault(fault, hide=3600.0)
    assert home("post", "Is it out?", "--now").code == 1
    assert home.rows("SELECT status FROM deliveries WHERE platform = 'x'") == [("unknown",)]
    for post in x.posts.values():
        post.visible_from = 0.0
    overwrite(home.database, 0, 4096)
    assert home("restore").code == 0
    for _ in range(3):
        home.next_slot()
        home("run")
    assert x.texts().count("Is it out?") == (1 if fault.startswith("store") else 0)
    if not fault.startswith("store"):
        assert home("resume", "1").code == 0
        home("run")
    assert x.texts().count("Is it out?") == 1
    assert_nothing_twice(home, x)


@pytest.mark.parametrize("fault", ["unauthorized", "error_503", "html"])
def test_a_bot_whose_posts_can_not_be_read_back_stands_still_until_a_person_looked(
    damaged: Home, x: XStandIn, fault: str
) -> None:
    x.fault(fault, method="GET", path="*", times=0)
    done = damaged("restore")
    assert done.code == 0
    assert "x could not be read back" in done.out
    assert "pause --off --bot default" in done.out
    x.faults.clear()
    sent = x.texts()
    damaged.next_slot()
    assert damaged("run").code == 0
    assert x.texts() == sent
    assert "could not be read back" in damaged("status").out
    assert damaged("pause", "--off", "--bot", "default").code == 0
    damaged.next_slot()
    assert damaged("run").code == 0
    assert len(x.texts()) == len(set(x.texts())) == len(sent) + 1


def test_every_bot_takes_in_its_own_posts(home: Home, x: XStandIn) -> None:
    """Two bots with feeds of their own, one of them on X too."""
    home.bot("alpha")
    home.bot("beta", 'platforms = ["feed"]\n')
    assert home("run").code == 0
    for bot in ("alpha", "beta"):
        assert home("post", f"Of {bot} alone.", "--now", "--bot", bot).code == 0
    overwrite(home.database, 0, 4096)
    assert "read back: 3" in home("restore").out
    home.next_slot()
    assert home("run").code == 0
    assert len(x.texts()) == len(set(x.texts())) == 3
    for bot in ("alpha", "beta"):
        feed = (home.path / "data" / f"feed-{bot}.xml").read_text()
        assert feed.count("<entry") == 3
        assert feed.count(f">Of {bot} alone.</content>") == 1
        known = home.rows(f"SELECT count(*) FROM drafts WHERE bot = '{bot}' AND status = 'posted'")
        assert known == [(3,)]


def test_a_sound_database_is_not_replaced_unless_a_backup_is_named(home: Home, x: XStandIn) -> None:
    with_a_history(home)
    before = home.database.read_bytes()
    one_line(home("restore"), 2, "sound", "--list")
    assert home.database.read_bytes() == before
    [newest] = backups(home)
    listed = home("restore", "--list")
    assert listed.out.count("\n") == 1
    assert str(newest) in listed.out
    assert "good" in listed.out
    assert home("restore", str(newest)).code == 0
    home.next_slot()
    assert home("run").code == 0
    assert_nothing_twice(home, x)


def test_a_sound_database_of_an_older_program_is_not_replaced(tmp_path: Path) -> None:
    """Before its first run after an update it has the old schema, and all of its posts."""
    for path in (tmp_path / "twitter.db", tmp_path / "backups" / "twitter-20260101T000000Z.db"):
        path.parent.mkdir(exist_ok=True)
        with closing(connect(path)) as db:
            schema.migrate(db, START, None, schema.MIGRATIONS[:1])
    with pytest.raises(UsageError, match="sound"):
        restore.restore(tmp_path / "twitter.db", None, [], FakeClock())


def test_a_backup_that_is_damaged_itself_makes_way_for_an_older_one(damaged: Home, x: XStandIn) -> None:
    [good] = backups(damaged)
    newer = good.with_name("twitter-20261120T000000Z.db")
    good.rename(good.with_name("twitter-20260101T000000Z.db"))
    newer.write_bytes(b"SQLite format 3\0" + os.urandom(9000))
    listed = damaged("restore", "--list").out.splitlines()
    assert "damaged" in listed[0]
    assert listed[1].endswith("good")
    done = damaged("restore")
    assert done.code == 0
    assert "twitter-20260101T000000Z.db" in done.out
    assert_nothing_twice(damaged, x)


@pytest.mark.parametrize("words", [[], ["nowhere.db"], ["FOREIGN"]], ids=["all damaged", "no file", "no database"])
def test_without_a_good_backup_nothing_is_touched(damaged: Home, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "foreign.db").write_text("no database")
    if not words:
        for path in backups(damaged):
            overwrite(path, 0, 4096)
    before = damaged.database.read_bytes()
    words = [word.replace("FOREIGN", str(tmp_path / "foreign.db")) for word in words]
    one_line(damaged("restore", *words), 1, "No good backup", ".recover")
    assert damaged.database.read_bytes() == before
    assert not list((damaged.path / "data" / "backups").glob("damaged-*"))
    assert not list((damaged.path / "data").glob("*.restored*"))


def test_a_database_of_a_newer_program_can_go_back_to_the_backup_before_it(home: Home, x: XStandIn) -> None:
    with_a_history(home)
    with closing(sqlite3.connect(home.database)) as raw:
        raw.execute("PRAGMA user_version = 77")
    before = home.database.read_bytes()
    refused = home("run")
    one_line(refused, 1, "schema 77", "-m twitter_manager restore")
    assert home.database.read_bytes() == before
    assert home("restore").code == 0
    (kept,) = (home.path / "data" / "backups").glob("replaced-*.db")  # sound, so it is not called damaged
    assert kept.read_bytes() == before
    home.next_slot()
    assert home("run").code == 0
    assert_nothing_twice(home, x)


def test_a_draft_whose_text_a_hand_deleted_stops_no_restore(home: Home) -> None:
    """It is given up, with one line; one that a run found and that waits for a person stays theirs, and is shown."""
    for text in ("Found by a run.", "Found by nobody."):
        assert home("post", text, "--at", "in 700 hours").code == 0
    with closing(sqlite3.connect(home.database)) as raw, raw:
        raw.execute("DELETE FROM parts")
        raw.execute("UPDATE drafts SET status = 'needs_attention' WHERE id = 1")
    assert home("drafts").code == home("drafts", "show", "2").code == 0
    assert home("backup", "now").code == 0
    overwrite(home.database, 0, 4096)
    done = home("restore")
    assert done.code == 0 and "because the backup has lost their text: 2.\n" in done.out
    assert home.rows("SELECT status FROM drafts WHERE id < 3 ORDER BY id") == [("needs_attention",), ("skipped",)]


def test_an_old_backup_is_brought_up_to_date_on_the_way(damaged: Home, x: XStandIn) -> None:
    """A copy that was made before a schema change."""
    old = damaged.path / "data" / "backups" / "twitter-schema1-20260101T000000Z.db"
    for path in backups(damaged):
        path.unlink()
    with closing(connect(old)) as db:
        schema.migrate(db, START, None, schema.MIGRATIONS[:1])
    assert damaged("restore").code == 0
    assert damaged.rows("PRAGMA user_version") == [(len(schema.MIGRATIONS),)]
    assert_nothing_twice(damaged, x)


def test_while_a_run_is_at_work_nothing_is_restored(damaged: Home) -> None:
    import fcntl

    with (damaged.path / "data" / "twitter.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        one_line(damaged("restore"), 75, "another run")


class DrivenHome(Home):
    """A home whose program the fault driver starts, at the driver's time and with a point at which it is killed."""

    def __init__(self, world: World) -> None:
        super().__init__(world.folder / "home", GENERATORS="excerpt", SETTLE_MINUTES="1", **x_settings(world.x))
        self.world = world

    def __call__(self, *words: str, stdin: str = "", code: str = "", **more: str) -> Done:
        ended = self.world.run(self, *words)
        return Done(ended.code, ended.out, ended.err)

    def next_slot(self) -> None:
        self.world.later(hours=1)


KILLED_AT = ("openat", "pwrite64", "fdatasync", "fsync", "rename", "link", "unlink")


@pytest.mark.slow
@pytest.mark.skipif(bool(tracing.missing()), reason=tracing.missing() or "-")
def test_a_restore_that_is_killed_leaves_the_old_file_or_the_whole_new_one(request: pytest.FixtureRequest) -> None:
    """SIGKILL at its system calls: there is always a database, never half of one, and it has the picture of the post
    that waits; done again, it succeeds."""
    with World(lambda: request.getfixturevalue("pds")) as world:
        home, x = DrivenHome(world), world.x
        (home.path / "a.jpg").write_bytes(photo())
        waits = ("--image", str(home.path / "a.jpg"), "--no-alt", "--at", "in 7000 hours")
        assert home("post", "A flag.", *waits).code == 0
        with_a_history(home)
        shutil.rmtree(home.path / "data" / "media")
        journal_too(home.database)
        sent = x.texts()
        shutil.copytree(home.path, world.folder / "kept")
        old = home.database.read_bytes()

        def afresh() -> None:
            shutil.rmtree(home.path)
            shutil.copytree(world.folder / "kept", home.path)

        points = [
            point for point in world.run(home, "restore", kill=tracing.NONE).passed if point.split("-")[1] in KILLED_AT
        ]
        assert {point.split("-")[1] for point in points} == {*KILLED_AT} and len(points) > 60
        for (point,) in chosen((point,) for point in points):
            with playing((point,)):
                afresh()
                assert world.run(home, "restore", kill=point).killed
                if home.database.read_bytes() == old:
                    one_line(home("run"), 1, "-m twitter_manager restore")
                    assert home("restore").code == 0
                assert home("run", "--json").json["bots"][0]["outcome"] == "nothing_due"
                assert x.texts() == sent
                assert_nothing_twice(home, x)
                assert opened(next((home.path / "data" / "media").glob("*.jpg")).read_bytes())
                left = list((home.path / "data").glob("*.restored*"))
                assert not left or point.split("-")[1] in ("unlink", "openat")
        home.next_slot()
        assert home("run").code == 0
        assert_nothing_twice(home, x)


def test_a_clock_that_was_a_day_ahead_at_the_backup_hides_no_post(tmp_path: Path) -> None:
    """The backup calls itself newer than posts that went out after it; they are read back all the same."""
    path, clock = tmp_path / "twitter.db", FakeClock(START + timedelta(hours=24))
    with closing(connect(path)) as db:
        schema.migrate(db, clock(), None)
        with db.transaction():
            events.record(db, clock(), "something")
        assert backup.make(db, tmp_path / "backups", clock()).trouble == ""
    overwrite(path, 0, 4096)
    platform = FakePlatform("x", clock)
    platform.posts.append({"key": "k", "text": "Unknown here.", "reply": "", "at": START + timedelta(hours=2)})
    clock.now = START + timedelta(hours=3)
    account = Account("b", {"x": platform}, lambda now: now.replace(minute=0))
    assert "read back: 1." in restore.restore(path, None, [account], clock)[1]
    with closing(connect(path)) as db:
        assert drafts.text_known(db, normalised_hash(["Unknown here."]))
        assert drafts.slot_filled(db, "b", clock().replace(minute=0)) is not None
        assert events.verify(db) == []


@pytest.fixture
def backed_up(tmp_path: Path) -> Path:
    """A backup in which one post of a person's is on its way to X; the database itself is lost."""
    path, link = tmp_path / "twitter.db", "https://example.org/mine"
    with closing(connect(path)) as db:
        schema.migrate(db, START, None)
        with db.transaction():
            new = drafts.NewDraft("b", "person", plain([f"Read this.\n{link}"]), ("x",), timedelta(hours=5))
            draft = drafts.get(db, drafts.add(db, new, START))
            assert draft is not None
            run = runs.start(db, "b", "run", START, START)
            drafts.claim(db, draft, None, START, run)
            deliveries.enqueue(db, draft, {"x": "me@x"}, {"x": draft.parts}, START)
        assert backup.make(db, tmp_path / "backups", START).trouble == ""
    overwrite(path, 0, 4096)
    return path


def restored(path: Path, *texts: str) -> tuple[FakeClock, Account]:
    """Restore at a time when X shows these texts."""
    clock = FakeClock(START + timedelta(hours=1))
    platform = FakePlatform("x", clock)
    platform.posts += [{"key": text, "text": text, "reply": "", "at": START + timedelta(minutes=9)} for text in texts]
    account = Account("b", {"x": platform}, lambda now: now.replace(minute=0))
    restore.restore(path, None, [account], clock)
    return clock, account


@pytest.mark.parametrize(("end", "status"), [("example.org/mine", "posted"), ("https://example.org/other", "held")])
def test_the_same_words_with_another_link_are_another_post(backed_up: Path, end: str, status: str) -> None:
    """What was on its way counts as out where X shows its own link, however X writes it, and else a person decides."""
    restored(backed_up, f"Read this.\n{end}")
    with closing(connect(backed_up)) as db:
        assert [row["status"] for row in db.rows("SELECT status FROM deliveries WHERE draft_id = 1")] == [status]


class Renamed(FakePlatform):
    """An account with a new name, which the platform can't tell of just now."""

    def is_mine(self, request: Json | None, posts: Collection[str]) -> bool:
        raise NotSent("down")


def test_whose_a_waiting_post_is_matters_only_where_its_words_are_out(backed_up: Path) -> None:
    """A platform that can't be asked for it stops no restore."""
    clock = FakeClock(START + timedelta(hours=1))
    platform = Renamed("x", clock)
    platform.account = "renamed@x"
    platform.posts.append({"key": "k", "text": "Other words.", "reply": "", "at": START + timedelta(minutes=9)})
    account = Account("b", {"x": platform}, lambda now: now.replace(minute=0))
    assert "read back: 1." in restore.restore(backed_up, None, [account], clock)[1]


def test_more_posts_than_are_read_back_stop_the_bot(backed_up: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest are taken in; since older ones are not known, nothing goes out before a person looked."""
    monkeypatch.setattr("twitter_manager.operations.recovery.MOST_READ", 3)
    restored(backed_up, *(f"Number {number}." for number in range(5)))
    with closing(connect(backed_up)) as db:
        assert "x could not be read back" in (runs.paused(db, "b") or "")
        assert drafts.text_known(db, normalised_hash(["Number 4."]))


def test_a_text_that_was_read_back_with_a_link_is_known_with_it(backed_up: Path) -> None:
    """A person who queues it again, as the restore asks, or a bot whose link goes along, is told that it is out."""
    text, link = "Only after the backup.", "https://example.org/new"
    clock, _ = restored(backed_up, f"{text}\n{link}")
    with closing(connect(backed_up)) as db:
        for parts, links in (((f"{text}\n{link}",), {}), ((text,), {"x": link})):
            new = drafts.NewDraft("b", "person", plain(parts), ("x",), timedelta(hours=1), links=links)
            with pytest.raises(TextKnown), db.transaction():
                drafts.add(db, new, clock())


@pytest.mark.parametrize("known", [True, False], ids=["heard before the backup", "heard after it"])
def test_what_was_answered_after_the_backup_gets_no_second_answer(tmp_path: Path, known: bool) -> None:
    """The answer is read back with what it hangs beneath; a comment that the backup does not know is left to its
    person alone when it is heard again, and what is said after the restore is as always."""
    world = Talk(tmp_path / "t.db")
    x = Talkative("x", world.clock)
    world.platforms, world.listen = {"x": x}, Listen(figures=(), comments=("x",))
    before = heard("How?", "900", at=world.clock())
    with world.db.transaction():
        drafts.use_up(world.db, "b", START, "nothing", START)  # it is a bot that was at work
    if known:
        world.said("x", "900")
    assert backup.make(world.db, tmp_path / "backups", world.clock()).trouble == ""
    world.db.close()
    overwrite(world.path, 0, 4096)
    x.posts.append({"key": "k", "text": "So.", "reply": "900", "at": START + timedelta(minutes=9)})
    world.later(hours=1)
    restore.restore(world.path, None, [Account("b", {"x": x}, lambda now: now.replace(minute=0))], world.clock)
    world.db = connect(world.path)
    x.said = [before, heard("And you?", "901", at=world.clock() + timedelta(minutes=1))]
    world.later(hours=1)
    world.run()
    then, now = comments.newest(world.db, "b", 5)[::-1]
    assert (then.status, now.status) == ("answered" if known else "flagged", "new")


def test_doctor_tells_how_old_the_newest_backup_is(home: Home) -> None:
    def line() -> str:
        return next(one for one in home("doctor").out.splitlines() if "backups:" in one)

    assert "none needed yet" in line()
    home("run")
    assert re.match(r"ok +backups: the newest of 1 is 0 hours old", line())
    [made] = backups(home)
    made.rename(made.with_name("twitter-20260101T000000Z.db"))
    assert re.match(r"warning +backups: the newest of 1 is [\d,]+ hours old; .*logs/error.log", line())
    made.with_name("twitter-20260101T000000Z.db").unlink()
    assert re.match(r"warning +backups: none yet", line())


def test_a_post_that_was_taken_down_after_the_backup_does_not_come_back(home: Home, x: XStandIn) -> None:
    """It is not there to be read back, and what went out before the backup is known: neither is posted again."""
    assert home("run").code == 0
    assert len(backups(home)) == 1
    assert home("post", AFTER[0], "--now").code == 0
    numbers = [str(row[0]) for row in home.rows("SELECT id FROM drafts WHERE status = 'posted'")]
    assert [home("delete", number, "--yes").code for number in numbers] == [0, 0]
    overwrite(home.database, 0, 4096)
    assert home("restore").code == 0
    home.next_slot()
    gone = [row[0] for row in home.rows("SELECT text FROM parts WHERE draft_id = 1")] + [AFTER[0]]
    home("run")
    assert not set(gone) & set(x.texts())
