"""The upkeep: what is removed by age and what never is, when tasks are done, and that their trouble is theirs alone."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes import START
from tests.home import Home, x_settings
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.test_bad_input import one_line
from twitter_manager.app import App, utc_now
from twitter_manager.content import plain
from twitter_manager.errors import StoreError
from twitter_manager.operations import log_archive, maintenance
from twitter_manager.operations.maintenance import rows
from twitter_manager.operations.maintenance.task import Done, Place, Task, every
from twitter_manager.platforms.http_errors import log_request
from twitter_manager.store import database, drafts, notices, pruning, upkeep
from twitter_manager.store.database import connect, to_text

KEPT = (
    *("drafts", "parts", "deliveries", "attempts", "amendments", "events", "audit_head", "approvals", "charges"),
    *("runs", "series", "tallies"),
)


def app_of(home: Home) -> App:
    return App.load(home.path, {"TWITTER_MANAGER_HOME": str(home.path)}, lambda line: None)


def later(home: Home, days: float, *tasks: Task, left: float = 600.0) -> list[str]:
    """What a person hears of the upkeep that is done after so many days."""
    app = app_of(home)
    with closing(app.session.open_store()) as db:
        place = Place(db, app.settings, lambda: utc_now() + timedelta(days=days), lambda: left, lambda line: None)
        return maintenance.run_due(place, tasks or maintenance.TASKS)


def contents(home: Home, table: str) -> str:
    return hashlib.sha256(repr(home.rows(f"SELECT * FROM {table}")).encode()).hexdigest()


# -- what is removed -----------------------------------------------------------------------------------


def test_every_table_is_decided_upon(home: Home) -> None:
    """A new table must be named in `store/pruning.py`, with what becomes of it."""
    home("run")
    tables = {name for (name,) in home.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert {name for name in tables if f"`{name}`" not in (pruning.__doc__ or "")} == set()


def test_after_ninety_days_the_bulk_is_gone_and_the_history_is_whole(home: Home) -> None:
    """Prompts, answers and candidates of what is over; not of drafts that wait, and no row of what was posted."""
    for _ in range(2):
        assert home("run", "--force").code == 0
    assert home("drafts", "skip", "5").code == 0
    before = {table: contents(home, table) for table in KEPT}
    over = "(SELECT id FROM generations WHERE draft_id IN (1, 2, 5))"
    assert home.rows(f"SELECT count(*) FROM candidates WHERE generation_id IN {over}")[0][0] > 0
    assert later(home, 89) == []
    assert home.rows("SELECT count(*) FROM generations WHERE pruned_at IS NOT NULL") == [(0,)]
    assert later(home, 91) == []
    assert home.rows("SELECT draft_id FROM generations WHERE pruned_at IS NOT NULL") == [(1,), (2,), (5,)]
    assert home.rows(f"SELECT count(*) FROM candidates WHERE generation_id IN {over}") == [(0,)]
    assert home.rows(f"SELECT DISTINCT prompt, raw FROM generations WHERE id IN {over}") == [("", "")]
    assert home.rows(f"SELECT count(*) FROM candidates WHERE generation_id NOT IN {over}")[0][0] > 0
    assert {table: contents(home, table) for table in KEPT} == before
    assert home("audit").code == 0


def test_what_is_not_counted_yet_is_not_removed(home: Home) -> None:
    """In a database of years that was just brought up to date: first its candidates are counted for the figures."""
    assert home("run").code == 0
    with closing(connect(home.database)) as db, db.transaction():
        counted = db.value("SELECT max(id) FROM generations") - 1
        db.update("UPDATE counted SET id = ? WHERE name = 'generations'", counted)
        db.update("UPDATE drafts SET status = 'skipped'")
    assert later(home, 91) == []
    assert home.rows(f"SELECT count(*) FROM generations WHERE pruned_at IS NOT NULL AND id <= {counted}") == [
        (counted,)
    ]
    assert home.rows(f"SELECT count(*) FROM generations WHERE pruned_at IS NOT NULL AND id > {counted}") == [(0,)]


def test_an_old_draft_tells_that_its_candidates_were_removed(home: Home) -> None:
    """`explain` in short and in full, for the draft and its run, and `replay`, which claims no difference."""
    assert home("run").code == 0
    later(home, 91)
    for words in (("1",), ("1", "--full"), ("run:1",), ("run:1", "--full")):
        done = home("explain", *words)
        assert done.code == 0 and "its candidates were removed after 91 days" in done.out, (words, done)
    replayed = home("replay", "1")
    assert replayed.code == 0 and "the same" in replayed.out, replayed
    assert "its candidates were removed after 91 days" in replayed.out
    assert home("explain", "2").out.count("candidate") >= 1 and "removed" not in home("explain", "2").out


def test_material_that_is_gone_loses_its_text_unless_a_draft_names_it(tmp_path: Path) -> None:
    """It comes back with its text when its source has it again; `replay` of a draft that was chosen beside it claims no
    difference."""
    notes = [
        f'[[note]]\nid = "n{number}"\nlabel = "Git"\ntext = "Git bisect number {number} finds the commit."\n'
        f'wordings = ["Git bisect number {number} finds the commit that broke a test."]\n'
        for number in range(6)
    ]
    home = Home(tmp_path / "home")
    home.bot("default", 'platforms = ["feed"]\npool = 1\n[[sources]]\nkind = "notes"\npath = "notes.toml"\n')
    (home.path / "notes.toml").write_text("\n".join(notes))
    assert home("run").code == 0
    used = {number for (number,) in home.rows("SELECT DISTINCT item_id FROM drafts WHERE item_id IS NOT NULL")}
    (home.path / "notes.toml").write_text('[[note]]\nid = "other"\nlabel = "Git"\ntext = "Git has tags."\n')
    assert home("sources", "update").code == 0
    assert later(home, 91) == []
    emptied = {number for (number,) in home.rows("SELECT id FROM items WHERE text = '' AND pruned_at IS NOT NULL")}
    retired = {number for (number,) in home.rows("SELECT id FROM items WHERE retired_at IS NOT NULL")}
    assert emptied == retired - used and len(emptied) >= 3
    replayed = home("replay", "1", "--json")
    assert (replayed.code, replayed.json["same"]) == (0, True), replayed
    assert any("its text was removed" in line for line in replayed.json["choices"][0]["removed"])
    (home.path / "notes.toml").write_text("\n".join(notes))
    assert home("sources", "update").code == 0
    assert home.rows("SELECT count(*) FROM items WHERE text = '' OR pruned_at IS NOT NULL") == [(0,)]
    assert home("run", "--force").code == 0


def test_old_notices_go_but_not_those_that_wait_or_are_about_a_draft_that_does(home: Home) -> None:
    home("run")
    home("pause")
    with closing(connect(home.database)) as db, db.transaction():
        old = utc_now() - timedelta(days=100)
        waits = drafts.add(db, drafts.NewDraft("default", "person", plain(["Wait."]), ("feed",), None), old)
        notices.add(db, "default", "posted", "over", "told", 1, ["mail"], old)
        notices.add(db, "default", "draft", "waits", "told", waits, ["mail"], old)
        notices.add(db, "default", "posted", "on its way", "not told", None, ["mail", "chat"], old)
        notices.add(db, "default", "posted", "young", "told", None, ["mail"], utc_now())
        db.update("UPDATE notice_deliveries SET status = 'sent' WHERE id <> 4")
    later(home, 1)
    assert [subject for (subject,) in home.rows("SELECT subject FROM notices")] == ["waits", "on its way", "young"]


def test_vectors_go_only_where_no_new_post_is_compared_with_them(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old, and not among the newest."""
    home("run")
    monkeypatch.setattr("twitter_manager.retrieval.indexing.OLD_POSTS", 3)
    with closing(connect(home.database)) as db, db.transaction():
        db.update("DELETE FROM post_vectors")
        for row in db.rows("SELECT id FROM drafts ORDER BY id"):
            vector = {"model": "m", "dimensions": 1, "vector": b"1234"}
            db.insert("post_vectors", draft_id=row["id"], **vector)
            db.update("UPDATE drafts SET created_at = ? WHERE id = ?", to_text(START), row["id"])
    newest = [number for (number,) in home.rows("SELECT id FROM drafts ORDER BY id DESC LIMIT 3")]
    with closing(connect(home.database)) as db, db.transaction():
        for number in newest:
            db.update("UPDATE drafts SET created_at = ? WHERE id = ?", to_text(START + timedelta(hours=1)), number)
    later(home, 1)
    assert sorted(number for (number,) in home.rows("SELECT draft_id FROM post_vectors")) == sorted(newest)


def test_pruning_goes_on_where_the_time_ended(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """In steps, each a transaction of its own; what is left is due in the next run already."""
    home("run")
    monkeypatch.setattr(pruning, "_AT_ONCE", 1)
    assert home("drafts", "drop", "--all-generated").code == 0
    app, seconds = app_of(home), iter([9.0, 9.0, 9.0])
    with closing(app.session.open_store()) as db:
        ahead = utc_now() + timedelta(days=91)
        place = Place(db, app.settings, lambda: ahead, lambda: next(seconds, 0.0), lambda line: None)
        done = rows.prune(place)
        assert not done.is_finished and "no time was left" in done.words
        assert 0 < db.value("SELECT count(*) FROM generations WHERE pruned_at IS NOT NULL") <= 3
    assert later(home, 91) == []
    assert home.rows("SELECT count(*) FROM generations WHERE pruned_at IS NULL") == [(0,)]


# -- the smaller file ------------------------------------------------------------------------------------


def with_free_pages(home: Home, megabytes: int) -> int:
    """A file of that which was freed, beside what it had."""
    with closing(sqlite3.connect(home.database)) as raw:
        for start, stop in ((0, 3_000_000), (3_000_000, megabytes * 1_000_000)):
            raw.execute(
                "INSERT INTO generations (generator, model, revision, prompt, raw, tokens_in, tokens_out, seconds,"
                " verdict, created_at) VALUES ('g', 'm', '', '', hex(zeroblob(?)), 0, 0, 0, 'rejected', '2026')",
                ((stop - start) // 2,),
            )
        raw.execute("UPDATE generations SET raw = '' WHERE generator = 'g' AND length(raw) > 6000000")
        raw.execute("UPDATE counted SET id = (SELECT max(id) FROM generations) WHERE name = 'generations'")
        raw.commit()
    return home.database.stat().st_size


def test_a_file_with_much_free_space_is_made_smaller_once_a_week(home: Home) -> None:
    """Not for little, and not again before the week is over."""
    home("run")
    small = with_free_pages(home, 12)
    later(home, 0)
    assert home.database.stat().st_size >= small, "9 MB are not worth it"
    big = with_free_pages(home, 20)
    later(home, 1)
    assert home.database.stat().st_size < big - 15_000_000
    with_free_pages(home, 20)
    later(home, 7)
    assert home.database.stat().st_size > 15_000_000
    later(home, 8.1)
    assert home.database.stat().st_size < big - 15_000_000
    with closing(sqlite3.connect(home.database)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_that_another_program_reads_is_left_as_it_is(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """No trouble: the next run tries again."""
    monkeypatch.setattr("twitter_manager.store.dialect.BUSY_SECONDS", 0.1)
    home("run")
    big = with_free_pages(home, 20)
    with closing(sqlite3.connect(home.database)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM events").fetchone()
        assert later(home, 0, *[task for task in maintenance.TASKS if task.name == rows.VACUUM]) == []
        assert home.database.stat().st_size == big
    assert later(home, 0, *[task for task in maintenance.TASKS if task.name == rows.VACUUM]) == []
    assert home.database.stat().st_size < big


def test_without_room_on_the_disk_the_file_is_not_written_anew(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home("run")
    big = with_free_pages(home, 20)
    monkeypatch.setattr(rows.shutil, "disk_usage", lambda path: type("Facts", (), {"free": 2 * big}))  # type: ignore[attr-defined]
    app = app_of(home)
    with closing(app.session.open_store()) as db:
        place = Place(db, app.settings, utc_now, lambda: 600.0, lambda line: None, by_hand=True)
        assert "the disk has less than" in rows.vacuum(place).words
    assert home.database.stat().st_size == big


# -- when tasks are done -----------------------------------------------------------------------------------


def task(work: Callable[[Place], Done], name: str = "task") -> Task:
    return Task(name, every(name, maintenance.A_DAY), work)


def test_one_tasks_failure_stops_no_other_and_is_told_once_a_week(home: Home) -> None:
    """Whatever it is; when it works again and fails anew, it is news again."""
    home("run")
    done: list[datetime] = []

    def broken(place: Place) -> Done:
        raise ZeroDivisionError("secret words")

    def works(place: Place) -> Done:
        done.append(place.clock())
        return Done("did it")

    tasks = (task(broken, "first"), task(works, "second"))
    told = [line for hour in range(24 * 8) for line in later(home, hour / 24, *tasks)]
    assert len(told) == 2 and all("(ZeroDivisionError); see logs/error.log" in line for line in told)
    assert "secret" not in str(told) and 8 <= len(done) <= 10
    assert later(home, 8.5, task(works, "first")) == []
    assert len(later(home, 10, *tasks)) == 1


def test_a_clock_that_was_ahead_delays_no_task(home: Home) -> None:
    """Done in a year that has not come, it is due at once when the clock is right."""
    home("run")
    counted: list[int] = []
    counting = task(lambda place: counted.append(1) or Done("did it"))  # type: ignore[func-returns-value]
    for day in (3650.0, 0.0, 0.1, 1.0):
        later(home, day, counting)
    assert len(counted) == 3


def test_without_time_a_task_waits_but_not_for_ever(home: Home) -> None:
    """Runs that always take all of their time: after three days it is done all the same."""
    home("run")
    counted: list[float] = []
    counting = task(lambda place: counted.append(place.left()) or Done("did it"))  # type: ignore[func-returns-value]
    later(home, 0, counting)
    for hour in range(24, 24 * 3):
        later(home, hour / 24, counting, left=1.0)
    assert len(counted) == 1
    later(home, 3.1, counting, left=1.0)
    assert len(counted) == 2 and counted[1] > 30


def test_busy_is_no_trouble(home: Home) -> None:
    """A database that another program holds is tried again in the next run."""
    from twitter_manager.errors import StoreBusy

    home("run")
    tries: list[int] = []

    def busy(place: Place) -> Done:
        tries.append(1)
        raise StoreBusy("in use", "")

    for hour in range(3):
        assert later(home, hour / 24, task(busy)) == []
    assert len(tries) == 3


def test_trouble_with_the_record_of_the_upkeep_stops_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then what a task has to tell is told."""
    home("run")

    def unwritable(*_: object, **__: object) -> bool:
        raise StoreError("read-only", "")

    monkeypatch.setattr(upkeep, "end", unwritable)
    assert later(home, 0, task(lambda place: Done("", "Trouble."))) == ["Trouble."]


# -- logs ------------------------------------------------------------------------------------------------


def log_file(folder: Path, name: str, days: float, content: bytes = b"x" * 5000) -> Path:
    """A file that was last written so many days ago."""
    path = folder / name
    path.write_bytes(content)
    written = (utc_now() - timedelta(days=days)).timestamp()
    os.utime(path, (written, written))
    return path


def test_what_is_no_file_is_no_log(tmp_path: Path) -> None:
    """Old pipes, links and folders under a log's name: nothing is waited for, and they stay."""
    os.mkfifo(tmp_path / "console.log")
    os.mkfifo(tmp_path / "error-20250101T000000Z.log")
    (tmp_path / "error-20250102T000000Z.log").symlink_to(tmp_path / "nowhere")
    (tmp_path / "error-20250103T000000Z.log").mkdir()
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0), follow_symlinks=False)
    assert archived(tmp_path).is_finished
    assert len(list(tmp_path.iterdir())) == 4


def archived(folder: Path, days: int = 30, left: float = 60.0) -> log_archive.Archived:
    return log_archive.archive(folder, utc_now(), lambda: left, days)


def test_old_log_files_are_compressed_and_deleted_when_they_are_too_old(tmp_path: Path) -> None:
    """Those that the program wrote, of its console too, and as older versions named them; what is written to still, and
    what a person put there, stay."""
    for name, days in {
        "twitter_manager-20260101T000000Z.log": 2,
        "console-2-20260101T000000Z.log": 2,
        "error.log.1": 2,
        "error-20260102T000000Z.log.gz": 31,
        "mcp-20260102T000000Z.log": 31,
        "twitter_manager-20260103T000000Z.log": 0,
        "console.log": 31,
        "twitter_manager.log": 31,
        "cron.log": 100,
        "cron-20260101T000000Z.log": 100,
    }.items():
        log_file(tmp_path, name, days, name.encode() * 100)
    done = archived(tmp_path)
    assert (done.compressed, done.deleted, done.is_finished) == (4, 3, True)
    assert done.bytes > 5000
    left = {path.name for path in tmp_path.iterdir()}
    [numbered] = [name for name in left if re.fullmatch(r"error-\d{8}T\d{6}Z-1\.log\.gz", name)]
    assert left == {
        *("twitter_manager-20260101T000000Z.log.gz", "console-2-20260101T000000Z.log.gz", numbered),
        *("twitter_manager-20260103T000000Z.log", "twitter_manager.log", "cron.log", "cron-20260101T000000Z.log"),
    }
    packed = tmp_path / "twitter_manager-20260101T000000Z.log.gz"
    assert gzip.decompress(packed.read_bytes()) == b"twitter_manager-20260101T000000Z.log" * 100
    assert packed.stat().st_mode & 0o777 == 0o600
    again = archived(tmp_path)
    assert (again.compressed, again.deleted) == (0, 0)
    assert archived(tmp_path, days=1).deleted == 3, "a compressed file is as old as its last line"


def test_the_old_log_files_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go first."""
    monkeypatch.setattr(log_archive, "MOST_BYTES", 12_000)
    for day in range(1, 6):
        log_file(tmp_path, f"error-2026010{day}T000000Z.log.gz", 10 - day)
    archived(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"error-2026010{day}T000000Z.log.gz" for day in (4, 5)]


def test_the_log_of_a_console_that_is_open_is_not_deleted(tmp_path: Path) -> None:
    path = log_file(tmp_path, "console.log", 40)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert archived(tmp_path).deleted == 0
    assert archived(tmp_path).deleted == 1


def test_logs_that_were_half_compressed_are_compressed_again(tmp_path: Path) -> None:
    """What a killed process left is cleared away; without time nothing begins."""
    path = log_file(tmp_path, "error-20260101T000000Z.log", 2)
    (tmp_path / ".error-20260101T000000Z.log.gz.tmp").write_bytes(b"half")
    (tmp_path / "error-20260101T000000Z.log.gz").write_bytes(b"half")
    assert not archived(tmp_path, left=0.0).is_finished
    assert archived(tmp_path).compressed == 1
    [packed] = tmp_path.iterdir()
    assert gzip.decompress(packed.read_bytes()) == b"x" * 5000 and not path.exists()


def test_the_level_of_a_component_stands_in_env(tmp_path: Path) -> None:
    """A run with the database's level at DEBUG and all else at ERROR logs of the database alone; a wrong one is
    refused."""
    home = Home(tmp_path / "home", LOG_LEVEL="ERROR", LOG_LEVEL_DATABASE="INFO")
    assert home("run").code == 0
    loggers = {json.loads(line)["logger"] for line in home.log().splitlines()}
    assert loggers and all(name.split(".")[1] in ("operations", "store") for name in loggers)
    home.settings(LOG_LEVEL_SOCIAL="loud")
    one_line(home("run"), 78, "LOG_LEVEL_SOCIAL")


def test_debug_tells_how_each_part_went_and_no_text(tmp_path: Path, x: XStandIn, pds: Pds, account: Account) -> None:
    """Each component's level brings its own lines: requests with their time, the slot's facts, tokens and verdicts,
    transactions; nobody's words are in them."""
    bluesky = {
        "BLUESKY_SERVICE_URL": pds.url,
        "BLUESKY_IDENTIFIER": account.handle,
        "BLUESKY_PASSWORD": account.password,
    }
    levels = {f"LOG_LEVEL_{part}": "DEBUG" for part in ("CONTENT", "SOCIAL", "SCHEDULE", "DATABASE")}
    home = Home(tmp_path / "home", LOG_LEVEL="ERROR", **levels, **x_settings(x), **bluesky)
    home.bot("default", 'platforms = ["x", "bluesky"]\n')
    assert home("run").code == 0
    lines = [line for line in map(json.loads, home.log().splitlines()) if line["level"] == "DEBUG"]
    told = "\n".join(line["message"] for line in lines)
    for words in (
        r"POST /2/tweets: 201 in \d+\.\d\d s",
        r"POST /xrpc/com.atproto.server.createSession: 200 in \d+\.\d\d s",
        r"slot 20\S+ \S+: a post is due; posts this hour 0 of \d+, .* platforms x, bluesky",
        r"excerpt: chosen; 0 tokens in, 0 out",
        r"excerpt: a candidate is chosen, score -?\d+\.\d\d: sound",
        r"transaction: \d+\.\d\d\d s",
    ):
        assert re.search(words, told), words
    assert {line["logger"].split(".")[1] for line in lines} == {"pipeline", "platforms", "store"}
    for (text,) in home.rows("SELECT text FROM parts"):
        assert text[:30] not in told


def test_a_request_in_the_log_has_no_query_and_of_headers_only_limits(caplog: pytest.LogCaptureFixture) -> None:
    """Their numbers and times; what a server echoes under such a name is left out."""
    headers = {
        "X-Rate-Limit-Remaining": "7",
        "Retry-After": "Wed, 21 Oct",
        "RateLimit-Policy": "our secret",
        "Auth": "1",
    }
    with caplog.at_level("DEBUG"):
        log_request("GET", "/2/users?key=secret", 429, headers, seconds=1.234)
    assert caplog.messages == ["GET /2/users: 429 in 1.23 s {'x-rate-limit-remaining': '7'}"]


def test_a_slow_statement_is_named_without_its_values(
    home: Home, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its seconds; a quick one is not."""
    home("run")
    with closing(connect(home.database)) as db, caplog.at_level("DEBUG"):
        db.value("SELECT ?", "a person's words")
        assert caplog.messages == []
        monkeypatch.setattr(database, "_SLOW", 0.0)
        db.value("SELECT ?", "a person's words")
    assert re.fullmatch(r"0\.\d{3} s: SELECT \?", caplog.messages[0])


# -- the verb --------------------------------------------------------------------------------------------


def test_maintain_does_all_of_it_and_says_what_each_task_did(home: Home) -> None:
    """With progress at a terminal; a task that has nothing to do says why."""
    home("run")
    log_file(home.path / "logs", "error.log.1", 2)
    with_free_pages(home, 20)
    done = home("maintain", "--json")
    told = {task["task"]: task for task in done.json["tasks"]}
    assert done.code == 0 and set(told) == {task.name for task in maintenance.TASKS}
    assert told["smaller file"]["bytes"] > 15_000_000
    assert "1 file compressed" in told["logs"]["done"] and told["logs"]["bytes"] > 0
    assert told["second copy"]["done"] == "BACKUP_COPY names no folder"
    assert all(task["finished"] and not task["trouble"] for task in told.values())
    unseen = home("maintain")
    assert (unseen.code, unseen.err) == (0, "") and "old rows: nothing is older than 90 days" in unseen.out
    seen = home.at_terminal("maintain").out
    assert "Upkeep: old rows" in seen and "smaller file: not worth it" in seen
    assert "old rows: nothing is older than 90 days" in seen


def test_maintain_tells_trouble_each_time_and_does_the_rest(home: Home) -> None:
    """Exit code 1; the trouble of a run is told once."""
    home("run")
    shutil.rmtree(home.path / "data" / "backups")
    (home.path / "data" / "backups").touch()
    for _ in range(2):
        done = home("maintain")
        assert done.code == 1 and "backup: made none" in done.out and "Today's backup failed" in done.err, done
        assert len(done.err.splitlines()) == 1
    (home.path / "data" / "backups").unlink()
    assert home("maintain").code == 0


def test_a_backup_folder_in_the_way_is_told_once_and_fails_no_run(home: Home) -> None:
    """A file stands there, or nobody may write to it; when that is over, the next run makes the day's backup."""
    folder = home.path / "data" / "backups"
    folder.parent.mkdir()
    folder.touch()
    first, second = home("run"), home("run")
    assert first.code == second.code == 0
    assert "Today's backup failed" in first.err and len(first.err.splitlines()) == 1
    assert second.err == ""
    folder.unlink()
    assert home("run").err == "" and len(list(folder.glob("twitter-*.db"))) == 1


def test_another_time_zone_makes_no_backup_twice(home: Home) -> None:
    """Days are UTC's."""
    assert home("run").code == 0
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        home.bot("default", f'time_zone = "{zone}"\n')
        assert home("run", TZ=zone).code == 0
    assert len(list((home.path / "data" / "backups").glob("twitter-*.db"))) == 1
