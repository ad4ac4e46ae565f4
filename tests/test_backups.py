"""Backups: which are kept, what a shrunken one does, the copy on a second disk, and the verb `backup`."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import tracing
from tests.fakes import START
from tests.faults.world import World
from tests.fresh import new_database
from tests.home import Done, Home, RealHome
from tests.pictures import photo
from tests.test_bad_input import one_line
from tests.test_restore import overwrite
from tests.tracing import chosen, playing
from twitter_manager.content import plain
from twitter_manager.operations import backup, second_copy
from twitter_manager.store import drafts, events, schema
from twitter_manager.store.database import Database, connect_to_read


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database(tmp_path / "twitter.db")) as db:
        yield db


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*"))


def hourly(db: Database, folder: Path, hours: range) -> list[str]:
    """What runs at these hours say of backups."""
    told = []
    for now in (START + timedelta(hours=hour) for hour in hours):
        if backup.is_due(folder, now):
            made = backup.make(db, folder, now)
            told.append(f"{made.trouble} {made.remedy}".strip())
    return list(filter(None, told))


# -- which are kept ------------------------------------------------------------------------------------

DAYS = st.sets(st.integers(0, 400), min_size=1, max_size=60)
"""On which a backup was made; the machine was off on the others."""
MOMENTS = st.sets(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), max_size=40)


def at(day: int) -> datetime:
    return datetime(2026, 1, 1, 10, 7, tzinfo=UTC) + timedelta(days=day)


@given(DAYS)
def test_to_prune_day_by_day_keeps_what_pruning_once_keeps(days: set[int]) -> None:
    """Whatever days are missing: no backup that is wanted later was removed before."""
    left = set[datetime]()
    for day in sorted(days):
        left = backup.kept({*left, at(day)}, at(day))
    assert left == backup.kept(map(at, days), at(max(days)))


@given(MOMENTS, st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_a_week_of_days_and_four_weeks_before_are_kept_and_no_more(times: set[datetime], now: datetime) -> None:
    """Of each day and week its newest; no day older than those kept is without reason; the future pushes none out."""
    kept = sorted(backup.kept(times, now), reverse=True)
    past = sorted((time for time in times if time <= now), reverse=True)
    assert set(kept) <= times
    old = [time for time in kept if time <= now]
    days = list(dict.fromkeys(time.date() for time in past))[: backup.DAYS]
    daily, weekly = old[: len(days)], old[len(days) :]
    assert daily == [max(time for time in past if time.date() == day) for day in days]
    earlier = [time for time in past if daily and time.isocalendar()[:2] < daily[-1].isocalendar()[:2]]
    weeks = list(dict.fromkeys(time.isocalendar()[:2] for time in earlier))[: backup.WEEKS]
    assert weekly == [max(time for time in earlier if time.isocalendar()[:2] == week) for week in weeks]
    assert (set(kept) - set(old)) in ([set()] if len(days) == backup.DAYS else [times - set(past)])


def test_a_season_of_daily_backups_leaves_a_week_and_four_sundays() -> None:
    """The plain case, in dates."""
    left = backup.kept(map(at, range(120)), at(119))
    assert [f"{time:%a %d %b}" for time in sorted(left)] == [
        *("Sun 29 Mar", "Sun 05 Apr", "Sun 12 Apr", "Sun 19 Apr"),
        *("Fri 24 Apr", "Sat 25 Apr", "Sun 26 Apr", "Mon 27 Apr", "Tue 28 Apr", "Wed 29 Apr", "Thu 30 Apr"),
    ]


def test_hourly_runs_make_one_a_day(db: Database, tmp_path: Path) -> None:
    """Two months of hours; a copy made before a schema change and a file that was moved aside stay."""
    folder = tmp_path / "backups"
    folder.mkdir()
    others = ["damaged-20260101T000000Z.db", "twitter-schema1-20260101T000000Z.db", "twitter-mine.db"]
    for name in others:
        (folder / name).write_text("kept")
    assert hourly(db, folder, range(24 * 60)) == []
    last = START + timedelta(days=59)
    wanted = backup.kept((START + timedelta(days=day) for day in range(60)), last)
    made = [f"twitter-{time:%Y%m%dT%H%M%SZ}.db" for time in wanted]
    assert len(made) == backup.DAYS + backup.WEEKS
    assert names(folder) == sorted([*others, *made])
    assert {(folder / name).stat().st_mode & 0o777 for name in made} == {0o600}


def test_a_backup_is_whole_and_later_changes_are_not_in_it(db: Database, tmp_path: Path) -> None:
    with db.transaction():
        events.record(db, START, "before")
    backup.make(db, tmp_path / "backups", START)
    with db.transaction():
        events.record(db, START, "after")
    [made] = (tmp_path / "backups").iterdir()
    copy = connect_to_read(made)
    assert copy is not None
    with closing(copy):
        copy.integrity_check()
        assert [event["kind"] for event in events.everything(copy)] == ["before"]
        assert schema.installation_id(copy) == schema.installation_id(db)


def test_a_clock_that_was_ahead_stops_no_backups(db: Database, tmp_path: Path) -> None:
    """A copy dated next year is neither taken for the newest nor does it push the real ones out."""
    folder = tmp_path / "backups"
    backup.make(db, folder, START + timedelta(days=365))
    assert hourly(db, folder, range(24 * 5)) == []
    assert len(names(folder)) == 6, "nothing is removed before there is enough"
    assert hourly(db, folder, range(24 * 5, 24 * 10)) == []
    now = START + timedelta(days=9)
    found = backup.backups(folder, now)
    assert found[0].at == now.replace(microsecond=0)
    assert found[-1].at < now and len(found) >= backup.DAYS


def test_a_clock_that_is_set_back_keeps_the_backups_of_the_true_time(db: Database, tmp_path: Path) -> None:
    """Set back by ten years for two days: the day's backup is made, and what was there before stays."""
    folder = tmp_path / "backups"
    assert hourly(db, folder, range(24 * 30)) == []
    before = names(folder)
    back = range(-24 * 3650, -24 * 3648)
    assert hourly(db, folder, back) == []
    assert len(names(folder)) == len(before) + 2 and set(before) < set(names(folder))


def test_a_damaged_database_does_not_push_out_the_good_backups(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with db.transaction():
        for number in range(500):
            events.record(db, START, "something", number=number)
    for day in range(7):
        assert backup.make(db, folder, START + timedelta(days=day)).trouble == ""
    before = names(folder)
    overwrite(tmp_path / "twitter.db", 40 * 4096, 1 << 30, 4096)
    with closing(sqlite3.connect(tmp_path / "twitter.db")) as raw:
        again = Database(raw, str(tmp_path / "twitter.db"))
        for day in range(7, 20):
            assert "failed" in backup.make(again, folder, START + timedelta(days=day)).trouble
    assert names(folder) == before


def test_what_a_killed_backup_left_is_cleared_away_later(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    stale, fresh = folder / ".twitter-20200101T000000Z.db.1.tmp", folder / ".twitter-20260301T000000Z.db.2.tmp"
    for path, age in ((stale, 3), (fresh, 0)):
        path.touch()
        os.utime(path, ((START - timedelta(days=age)).timestamp(),) * 2)
    backup.make(db, folder, START)
    assert not stale.exists()
    assert fresh.exists(), "somebody may be at it"


# -- a database that lost something ----------------------------------------------------------------------


def with_posts(db: Database, first: int, last: int) -> None:
    """Posts that are out, as far as a backup can tell."""
    with db.transaction():
        for number in range(first, last):
            new = drafts.NewDraft("b", "person", plain([f"Number {number}."]), ("x",), timedelta(hours=5))
            drafts.add(db, new, START)
        db.update("UPDATE drafts SET published_at = created_at")


def test_a_database_that_lost_its_history_pushes_out_no_backup(db: Database, tmp_path: Path) -> None:
    """Told as long as it is so, with the command; three months later each copy that holds more is there, and the new
    ones are pruned among themselves."""
    folder = tmp_path / "backups"
    with_posts(db, 0, 40)
    assert hourly(db, folder, range(0, 24 * 40, 6)) == []
    rich = names(folder)
    (tmp_path / "other").mkdir()
    with closing(new_database(tmp_path / "other" / "twitter.db")) as shrunken:
        with_posts(shrunken, 0, 3)
        told, *again = hourly(shrunken, folder, range(24 * 40, 24 * 130, 6))
        assert len(again) == 89 and all(f"restore {folder / rich[-1]}" in each for each in again), "until it is mended"
        assert "3 posts, 40 before" in told and "deliveries" not in told
        assert f"restore {folder / rich[-1]}" in told
        assert set(rich) < set(names(folder))
        assert len(names(folder)) <= len(rich) + backup.DAYS + backup.WEEKS
        with_posts(shrunken, 3, 60)
        assert hourly(shrunken, folder, range(24 * 130, 24 * 180, 6)) == []
    assert len(names(folder)) == backup.DAYS + backup.WEEKS, "it has more than they by now"


def test_texts_that_are_gone_are_a_loss_too(db: Database, tmp_path: Path) -> None:
    """As many rows, emptied."""
    folder = tmp_path / "backups"
    with_posts(db, 0, 40)
    assert backup.make(db, folder, START).trouble == ""
    with db.transaction():
        db.update("UPDATE parts SET text = '' WHERE draft_id > 9")
    assert "characters of posts" in backup.make(db, folder, START + timedelta(days=1)).trouble


def shrunken_home(path: Path) -> tuple[Home, Path]:
    """A home whose posts were deleted by hand, and its backup that has them."""
    home = Home(path)
    for number in range(3):
        assert home("post", f"Number {number}.", "--now").code == 0
    assert home("backup", "now").code == 0
    [made] = copies(home.path / "data" / "backups")
    full = made.rename(made.with_name("twitter-20260101T000000Z.db"))
    lose_posts(home)
    return home, full


def lose_posts(home: Home) -> None:
    with closing(sqlite3.connect(home.database)) as raw, raw:
        raw.execute("UPDATE drafts SET published_at = NULL WHERE id > 1")


def test_a_shrunken_database_names_the_command_wherever_it_is_told(tmp_path: Path) -> None:
    """Whole, to be copied into a shell, in cron's mail, `maintain`, `health` and `status`, however long the path."""
    home, full = shrunken_home(tmp_path.joinpath(*["a folder with a long name"] * 8))
    command = f"-m twitter_manager restore '{full}'"
    assert command in home("run").err
    for words in ("health", "status", "maintain"):
        done = home(words)
        assert command in done.out + done.err, (words, done)
    health = home("health").out
    assert "maintain" not in next(line for line in health.splitlines() if "backup" in line)


def test_a_shrunken_database_is_told_until_a_person_acts(tmp_path: Path) -> None:
    """New backups, those of `backup now` and `maintain` too, change nothing; the fuller one in place, or gone, does."""
    home, full = shrunken_home(tmp_path / "home")
    assert "holds less" in home("run").err
    for words in (("backup", "now"), ("maintain",)):
        assert f"restore {full}" in home(*words).err, words
        assert f"restore {full}" in home("health").out, words
    moved = full.rename(full.with_name("elsewhere.db"))
    assert home("backup", "now").err == "" and "holds less" not in home("health").out
    moved.rename(full)
    assert "holds less" in home("backup", "now").err
    assert home("restore", str(full)).code == 0
    assert "holds less" not in home("health").out + home("backup", "now").err


def test_a_backup_that_a_person_put_in_place_is_what_is_meant(tmp_path: Path) -> None:
    """Who names the smaller one is not told each week that another holds more; what is lost after that is told."""
    home, full = shrunken_home(tmp_path / "home")
    home("backup", "now")
    assert home("restore", str(max(copies(full.parent)))).code == 0
    time.sleep(1)  # the names of backups have seconds
    assert home("backup", "now").err == ""
    time.sleep(1)
    with closing(sqlite3.connect(home.database)) as raw, raw:
        raw.execute("UPDATE drafts SET published_at = NULL")
    assert "0 posts, 1 before" in home("backup", "now").err


def test_the_listing_says_which_backup_holds_less_and_restore_lets_a_person_choose(tmp_path: Path) -> None:
    """Without a name neither is taken silently: the line has both commands."""
    home, full = shrunken_home(tmp_path / "home")
    home("backup", "now")
    newest = max(copies(full.parent))
    states = {copy["path"]: copy["state"] for copy in home("backup", "list", "--json").json["backups"]}
    assert states[str(full)] == "good"
    assert re.fullmatch(rf"good, but holds less than {full.name} \(1 posts, 3 before.*\)", states[str(newest)])
    overwrite(home.database, 0, 4096)
    before = home.database.read_bytes()
    one_line(home("restore"), 2, f"restore {full} for", f"restore {newest} for")
    assert home.database.read_bytes() == before
    overwrite(full, 4096, 1 << 30, 4096)
    assert f"Restored: {newest}" in home("restore").out, "a damaged one is no choice"


# -- the verb ------------------------------------------------------------------------------------------


def test_backup_now_makes_one_and_backup_list_checks_them(home: Home) -> None:
    """It says what it did, with no terminal too; `list` says of each whether it is whole, as `restore --list` does."""
    assert home("run").code == 0
    [first] = copies(home.path / "data" / "backups")
    first.rename(first.with_name("twitter-20260101T000000Z.db"))
    done = home("backup", "now")
    assert (done.code, done.err) == (0, "")
    assert "backup: made " in done.out and "second copy: BACKUP_COPY names no folder" in done.out
    told = home.at_terminal("backup", "now")
    assert told.code == 0 and "backup: made " in told.out and "second copy: BACKUP_COPY names no folder" in told.out
    newest = max(copies(home.path / "data" / "backups"))
    overwrite(newest, 4096, 1 << 30, 4096)
    listed = home("backup", "list", "--json").json["backups"]
    assert [copy["state"] == "good" for copy in listed][:1] == [False] and listed[-1]["state"] == "good"
    assert home("restore", "--list", "--json").json == {"backups": listed} == home("backup", "--json").json


def test_a_file_in_the_place_of_the_folder_is_named(home: Home) -> None:
    """By each verb that looks there, with what to do; that it is full or empty is said by none."""
    folder = home.path / "data" / "backups"
    (home.path / "a.jpg").write_bytes(photo())
    assert home("post", "A flag.", "--image", str(home.path / "a.jpg"), "--no-alt", "--at", "in 700 hours").code == 0
    folder.touch()
    told = f"{folder} is not a folder. Move it away"
    for words in (("backup", "list"), ("restore", "--list")):
        one_line(home(*words), 1, told)
    done = home("backup", "now")
    assert done.code == 1 and told in done.err and len(done.err.splitlines()) == 1
    assert any(str(folder) in line and "failed" in line for line in home("doctor").out.splitlines())
    overwrite(home.database, 0, 4096)
    one_line(home("restore"), 1, told)
    one_line(home("restore", str(home.path / "no.db")), 1, told)


def test_backup_now_while_a_run_goes_on_is_refused(home: Home) -> None:
    """Exit 75, and nothing is made."""
    import fcntl

    home("run")
    before = copies(home.path / "data" / "backups")
    with (home.path / "data" / "twitter.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert home("backup", "now").code == 75
    assert copies(home.path / "data" / "backups") == before


def no_second_copy(done: Done, why: str) -> None:
    """The backup was made and its copy was not, which is said in one line on stderr."""
    assert "second copy: made none" in done.out
    one_line(replace(done, out=""), 1, why)


def copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("twitter-*.db"))


# -- the second folder -----------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk" / "backups"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def copied(tmp_path: Path, disk: Path) -> Home:
    """A home with a post that waits with its picture, and a second folder."""
    home = Home(tmp_path / "home", BACKUP_COPY=str(disk))
    (home.path / "a.jpg").write_bytes(photo())
    waits = ("--image", str(home.path / "a.jpg"), "--no-alt", "--at", "in 7000 hours")
    assert home("post", "A flag.", *waits).code == 0
    return home


def test_each_backup_is_copied_to_the_second_folder_with_its_pictures(copied: Home, disk: Path) -> None:
    """It can be restored from there when all of `data/` is lost; what cannot be known then, a person decides."""
    done = copied("run")
    assert (done.code, done.err) == (0, "")
    [here], [there] = copies(copied.path / "data" / "backups"), copies(disk)
    assert (here.name, here.read_bytes()) == (there.name, there.read_bytes())
    assert there.stat().st_mode & 0o777 == 0o600
    assert len(list((disk / "pictures").iterdir())) == 1
    assert {Path(copy["path"]).parent for copy in copied("backup", "list", "--json").json["backups"]} == {
        here.parent,
        disk,
    }
    assert re.search(r"ok +second copy: 1 backup in ", copied("doctor").out)
    shutil.rmtree(copied.path / "data")
    assert copied("restore", str(there)).code == 0
    assert "It may have gone out".lower() in copied("drafts", "show", "1").out.lower(), "the feed that tells is lost"
    assert len(list((copied.path / "data" / "media").iterdir())) == 1
    assert copied("resume", "1").code == 0


def _gone(disk: Path) -> None:
    shutil.rmtree(disk)


def _unmounted(disk: Path) -> None:
    """An empty folder stands where the disk was."""
    shutil.rmtree(disk)
    disk.mkdir()


def _a_file(disk: Path) -> None:
    shutil.rmtree(disk)
    disk.touch()


def _a_link_in_the_hands_of_others(disk: Path) -> None:
    disk.rename(disk.with_name("real"))
    disk.parent.chmod(0o777)
    disk.symlink_to(disk.with_name("real"))


def _a_folder_in_the_way(disk: Path) -> None:
    """Where the copy's pictures go."""
    shutil.rmtree(disk / "pictures")
    (disk / "pictures").touch()


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        (_gone, "is not there"),
        (_unmounted, "has none of the copies"),
        (_a_file, "is not a folder"),
        (_a_link_in_the_hands_of_others, "a link that another user may have put there"),
        (_a_folder_in_the_way, "was not copied"),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_a_second_folder_in_trouble_is_told_once_and_fails_no_run(copied: Home, disk: Path, breaks, said: str) -> None:  # type: ignore[no-untyped-def]
    """The runs go on, quietly; nothing is written where the folder should be; when it is back, so are the copies."""
    assert copied("run").code == 0
    for folder in (copied.path / "data" / "backups", disk):
        [made] = copies(folder)
        made.rename(made.with_name("twitter-20260101T000000Z.db"))
    kept = disk.with_name("kept")
    shutil.copytree(disk, kept)
    breaks(disk)
    before = sorted(path.name for path in disk.iterdir()) if disk.is_dir() else []
    if breaks in (_gone, _a_file, _a_link_in_the_hands_of_others):
        assert said in next(line for line in copied("doctor").out.splitlines() if "second copy:" in line)
    first = copied("run")
    assert first.code == 0 and said in first.err and len(first.err.splitlines()) == 1, first
    if breaks is not _a_folder_in_the_way:
        assert (sorted(path.name for path in disk.iterdir()) if disk.is_dir() else []) == before
    again = copied("run")
    assert (again.code, again.err) == (0, "")
    disk.unlink() if disk.is_symlink() or disk.is_file() else shutil.rmtree(disk, ignore_errors=True)
    disk.parent.chmod(0o755)
    kept.rename(disk)
    assert copied("run").err == ""
    assert max(copies(disk)).name == max(copies(copied.path / "data" / "backups")).name


def test_a_full_second_folder_is_told(copied: Home, disk: Path) -> None:
    """With nothing left of it there."""
    code = (
        "import shutil, sys; from types import SimpleNamespace as Facts; usage = shutil.disk_usage;"
        "shutil.disk_usage = lambda path: Facts(free=9) if 'disk' in str(path) else usage(path);"
        "from twitter_manager.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = copied("run", code=code)
    assert done.code == 0 and "only 0.0 MB are free" in done.err, done
    assert [path for path in disk.rglob("*") if path.is_file()] == []


def test_backup_now_fails_where_the_copy_does_and_takes_an_emptied_folder(copied: Home, disk: Path) -> None:
    """A person who asks is told each time, with exit code 1; a folder that they emptied is used again."""
    assert copied("run").code == 0
    _unmounted(disk)
    assert copied("backup", "now").code == 0
    assert len(copies(disk)) == 1
    _gone(disk)
    for _ in range(2):
        no_second_copy(copied("backup", "now"), "is not there")


def test_a_copy_without_time_is_left_to_the_next_run(tmp_path: Path, db: Database, disk: Path) -> None:
    """Nothing half made lies there."""
    folder = tmp_path / "data" / "backups"
    folder.parent.mkdir()
    backup.make(db, folder, START)
    assert not second_copy.copy_newest(db, tmp_path, folder, disk, START, lambda: -1.0, is_known=False)
    assert copies(disk) == [] and list(disk.glob(".*")) == []
    assert second_copy.is_lacking(folder, disk, START)


def test_what_is_no_file_is_no_backup(tmp_path: Path, disk: Path) -> None:
    """A pipe and a link to nowhere under a backup's name stop neither the list nor the upkeep; the folder of the
    backups is closed to others whatever the umask."""
    home = RealHome(tmp_path / "home", BACKUP_COPY=str(disk))
    before = os.umask(0)
    try:
        assert home("run").code == 0
    finally:
        os.umask(before)
    folder = home.path / "data" / "backups"
    assert folder.stat().st_mode & 0o777 == 0o700
    os.mkfifo(folder / "twitter-20260101T000000Z.db")
    os.mkfifo(disk / "twitter-20260101T000000Z.db")
    (disk / "twitter-20260102T000000Z.db").symlink_to(disk / "nowhere")
    for verb in (["backup", "list"], ["maintain"], ["run", "--force"], ["restore"]):
        done = home(*verb)
        assert done.code == (0 if verb != ["restore"] else done.code) and "Traceback" not in done.err, done
        assert "20260101T" not in done.out and "20260102T" not in done.out


def test_a_link_in_the_second_folder_is_not_followed(tmp_path: Path, db: Database, disk: Path) -> None:
    """One that lies in the place of a copy, or of one that is being written, leads nowhere."""
    folder, outside = tmp_path / "data" / "backups", tmp_path / "outside"
    outside.write_text("mine")
    folder.parent.mkdir()
    name = backup.make(db, folder, START).path
    assert name is not None
    (disk / f".{name.name}.{os.getpid()}.tmp").symlink_to(outside)
    (disk / "twitter-20250101T000000Z.db").symlink_to(outside)
    assert second_copy.copy_newest(db, tmp_path, folder, disk, START, lambda: 60.0, is_known=False)
    assert outside.read_text() == "mine"
    assert (disk / name.name).read_bytes() == name.read_bytes()


@pytest.mark.parametrize("place", ["data", "data/backups", "data/second"])
def test_a_second_folder_within_the_first_ones_home_is_refused(tmp_path: Path, place: str) -> None:
    """What takes the data folder takes such a copy with it."""
    home = Home(tmp_path / "home", BACKUP_COPY=str(tmp_path / "home" / place))
    (home.path / place).mkdir(parents=True)
    assert home("run").code == 0
    no_second_copy(home("backup", "now"), "is lost with")
    assert list((home.path / "data" / "second").glob("*")) == []


@pytest.mark.parametrize("value", ["backups", "~nobody-of-this-name/x"])
def test_a_second_folder_that_is_no_whole_path_is_refused(tmp_path: Path, value: str) -> None:
    """Exit 78, with the setting's name."""
    one_line(Home(tmp_path / "home", BACKUP_COPY=value)("run"), 78, "BACKUP_COPY")


KILLED_AT = ("pwrite64", "fsync", "rename", "unlink")


@pytest.mark.skipif(bool(tracing.missing()), reason=tracing.missing() or "-")
def test_a_backup_that_is_killed_leaves_no_half_copy_under_a_final_name(request: pytest.FixtureRequest) -> None:
    """SIGKILL at its system calls, here and in the second folder: each copy that has its name is whole, and done again
    it succeeds."""
    with World(lambda: request.getfixturevalue("pds")) as world:
        disk = world.folder / "disk"
        disk.mkdir()
        home = Home(world.folder / "killed", BACKUP_COPY=str(disk))
        folders = (home.path / "data" / "backups", disk)
        assert home("run").code == 0
        passed = world.run(home, "backup", "now", kill=tracing.NONE).passed
        points = [point for point in passed if point.split("-")[1] in KILLED_AT]
        assert len(points) > 20, passed
        killed = 0
        for (point,) in chosen((point,) for point in points):
            with playing((point,)):
                killed += world.run(home, "backup", "now", kill=point).killed
                for path in (path for folder in folders for path in copies(folder)):
                    with closing(sqlite3.connect(path)) as raw:
                        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",), path
        assert killed, "the last of the calls don't come each time"
        assert home("backup", "now").code == 0
        assert home("run").code == 0
