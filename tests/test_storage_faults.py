"""Storage that fails where the fault driver does not reach: while the program starts, for good at one file, on a disk
that is full to any degree. What fails in SQLite's commits and the feed's file is the driver's group `storage`.

No request leaves before `sending` is durable, the person reads one line, and with the fault gone exactly one post is
out. The faults are injected by strace into the real program; the full disk is a real one, of a megabyte, in memory.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests import tracing
from tests.home import Done, Home, x_settings
from tests.standins.x import XStandIn
from tests.tracing import CASE, chosen, gone_wrong, own_calls, playing, spread
from twitter_manager.store import events
from twitter_manager.store.database import connect_to_read

needs_strace = pytest.mark.skipif(bool(tracing.missing()), reason=tracing.missing() or "-")
FAULTS = {
    "openat": {"ENOSPC": 6, "EIO": 4},
    "write": {"ENOSPC": 8, "EIO": 4},
    "read": {"EIO": 6},
}
"""The system calls, how they fail, and at how many of their uses at most."""
POST = ("Exactly one of these, whatever dies.",)
DISK = ("disk", "space", "full", "writ", "open", "read", "log lines", "backup")
TEXT = POST[0]


@pytest.fixture
def folder() -> Iterator[Path]:
    with tracing.fast_folder() as made:
        yield made


def begin(folder: Path, x: XStandIn) -> Home:
    """A home with a database; `again` gives it back as it was."""
    home = Home(folder / "home", GENERATORS="excerpt", SETTLE_MINUTES="1", **x_settings(x))
    assert home("pause").code == home("pause", "--off").code == 0
    shutil.copytree(home.path, folder / "kept")
    return home


def again(home: Home, x: XStandIn) -> None:
    x.reset()
    shutil.rmtree(home.path)
    shutil.copytree(home.path.parent / "kept", home.path)


def until_quiet(home: Home) -> None:
    """Runs, an hour apart, until no delivery and no draft of a person's is on its way; three must do."""
    for _ in range(3):
        home.next_slot()
        home("run")
        if home.rows(
            "SELECT (SELECT count(*) FROM deliveries WHERE status NOT IN ('posted', 'failed', 'held')) +"
            " (SELECT count(*) FROM drafts WHERE status = 'publishing' OR status = 'approved' AND origin = 'person')"
        ) == [(0,)]:
            return
    raise AssertionError(f"not quiet after three runs: {home.rows('SELECT * FROM deliveries')}")


def assert_exactly_once(home: Home, x: XStandIn, texts: Sequence[str]) -> None:
    """Each text is there once where its draft was stored, else nowhere; and the database tells the same."""
    [[stored]] = home.rows("SELECT count(*) FROM drafts WHERE origin = 'person'")
    for text in texts:
        assert x.texts().count(text) == stored
        assert home.feed().count(f">{text}</content>") == stored
    posted = home.rows("SELECT remote_id FROM deliveries WHERE platform = 'x' AND status = 'posted'")
    assert sorted(row[0] for row in posted) == sorted(x.posts)
    assert home.rows("SELECT DISTINCT status FROM drafts WHERE origin = 'person'") == [("posted",)] * stored
    assert home.rows("PRAGMA integrity_check") == [("ok",)]
    db = connect_to_read(home.database)
    assert db is not None
    with closing(db):
        assert events.verify(db) == []


def words_of(texts: Sequence[str]) -> list[str]:
    return ["post", texts[0], *(word for text in texts[1:] for word in ("--part", text)), "--now"]


def assert_told(done: Done) -> None:
    """Success, or an exit code and a line that names the trouble; never a traceback."""
    assert done.code in (0, 1, 78), done  # 78: it was .env that could not be read
    assert "Traceback" not in done.err
    assert done.code == 0 or done.err
    for line in done.err.splitlines():
        assert line.startswith("twitter_manager: ")
        assert "unforeseen" not in line
        assert any(word in line.lower() for word in DISK)


def assert_written_before_sent(home: Home, x: XStandIn) -> None:
    """Every request that reached X is in the database with a try of its own, whatever became of the run."""
    sent = [request["body"] for request in x.requests if request["method"] == "POST"]
    db = connect_to_read(home.database)
    assert db is not None
    with closing(db):
        rows = db.rows(
            "SELECT d.request FROM attempts a JOIN deliveries d ON d.id = a.delivery_id"
            " WHERE a.kind = 'send' AND d.platform = 'x'"
        )
    tried = [json.loads(row["request"])["body"] for row in rows]
    for body in sent:
        assert body in tried
        tried.remove(body)


@needs_strace
@pytest.mark.slow
def test_a_file_that_fails_sends_nothing_unrecorded_and_loses_nothing(folder: Path, x: XStandIn) -> None:
    """One call fails, or that one and all later ones; then all is well again: one post on X, one in the feed."""
    home = begin(folder, x)
    found = own_calls(home, words_of(POST), list(FAULTS), lambda: again(home, x))
    cases = [
        (call, number, error, last)
        for call, errors in FAULTS.items()
        for error, most in errors.items()
        for place, number in enumerate(spread(found[call], most))
        for last in ("+" if place % 2 else "",)
    ]
    assert len(cases) > 20
    for case in chosen(cases):
        call, number, error, last = case
        with playing(case):
            again(home, x)
            done = gone_wrong(home, words_of(POST), call, number, f"error={error}", last=last)
            if not last:  # else what is printed or imported fails as well
                assert_told(done)
            assert_written_before_sent(home, x)
            until_quiet(home)
            assert_exactly_once(home, x, POST)


@needs_strace
@pytest.mark.parametrize("name", ["twitter_manager.log", "error.log"])
def test_a_log_that_can_not_be_written_costs_no_post(folder: Path, x: XStandIn, name: str) -> None:
    """Each line to that file fails: the post is out, once, and the person hears of the lines that are lost."""
    home = begin(folder, x)
    x.fault("store_then_error_500", method="POST")  # something to warn of
    paths = [home.path / "logs" / name]
    done = gone_wrong(home, words_of(POST), "write", 1, "error=ENOSPC", last="+", paths=paths)
    assert "log lines could not be written (No space left on device)" in done.err
    assert done.code == 0
    assert_exactly_once(home, x, POST)


@needs_strace
@pytest.mark.parametrize(("call", "error"), [("write", "ENOSPC"), ("fsync", "EIO"), ("rename", "EROFS")])
def test_a_feed_that_can_not_be_written_waits_and_x_gets_its_post(
    folder: Path, x: XStandIn, call: str, error: str
) -> None:
    home = begin(folder, x)
    paths = [home.path / "data" / ".feed.xml.tmp"]
    done = gone_wrong(home, words_of(POST), call, 1, f"error={error}", last="+", paths=paths)
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "feed" in done.err
    assert x.texts() == [TEXT]
    assert not home.feed_exists()
    until_quiet(home)
    assert_exactly_once(home, x, POST)


@needs_strace
@pytest.mark.parametrize(
    ("call", "place", "last"), [("openat", 0, ""), ("pwrite64", -2, "+"), ("pwrite64", -20, "+"), ("fsync", 0, "+")]
)
def test_a_backup_that_fails_is_a_note_and_never_the_end_of_the_run(
    folder: Path, x: XStandIn, call: str, place: int, last: str
) -> None:
    """No space for the copy: the run is a success, says so in one line, leaves no half copy, and makes it next time."""
    home = begin(folder, x)
    found = own_calls(home, words_of(POST), [call], lambda: again(home, x), about="/backups/.twitter-")
    again(home, x)
    done = gone_wrong(home, words_of(POST), call, found[call][place], "error=ENOSPC", last=last)
    assert done.code == 0, done
    assert "backup failed" in done.err
    assert done.err.count("\n") == 1
    assert home.feed().count("<entry") == 1
    assert not list((home.path / "data").glob("backups/*"))
    assert not list((home.path / "data").glob("backups/.*"))
    assert home("run").code == 0
    [made] = (home.path / "data" / "backups").iterdir()
    assert made.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_a_disk_that_is_full_to_any_degree_doubles_nothing_and_loses_nothing(small_disk: Path, x: XStandIn) -> None:
    """From no byte free to plenty, page by page: what reached X was recorded first; with room again, one post."""
    home = Home(small_disk / "home", GENERATORS="excerpt", SETTLE_MINUTES="1", **x_settings(x))
    filler = small_disk / "filler"
    codes = set()
    for case in chosen(("pages", free) for free in (*range(0, 12), 14, 17, 20, 24, 28, 34, 40, 50, 60, 70)):
        with playing(case):
            for path in (home.path / "data", home.path / "logs"):
                shutil.rmtree(path, ignore_errors=True)
            home.bot("default")
            x.reset()
            assert home("post", TEXT).code == 0
            status = shutil.disk_usage(small_disk)
            filler.write_bytes(b"x" * max(0, status.free - case[1] * 4096))
            done = home("run")
            filler.unlink()
            codes.add(done.code)
            assert_told(done)
            assert_written_before_sent(home, x)
            until_quiet(home)
            assert_exactly_once(home, x, POST)
    assert codes == {0, 1} or CASE in os.environ, "from too full to just enough"


def test_what_fails_names_the_command_that_plays_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The note at the failure, and the variable that it sets, mean the same case; one that is not there is told."""
    cases = [("fsync", 3), ("fsync", 4)]
    with pytest.raises(AssertionError) as caught, playing(cases[1]):
        assert cases == []
    [note] = caught.value.__notes__
    assert f"{CASE}=fsync-4 pytest" in note
    assert "tests/test_storage_faults.py::test_what_fails_names_the_command" in note
    monkeypatch.setenv(CASE, "fsync-4")
    assert chosen(cases) == [("fsync", 4)]
    monkeypatch.setenv(CASE, "fsync-5")
    with pytest.raises(AssertionError, match="there is no case fsync-5"):
        chosen(cases)
