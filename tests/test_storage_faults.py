"""Storage that fails: no space and input/output errors at each write, a disk that is full to any degree.

No request leaves before `sending` is durable, the person reads one line, and with the fault gone exactly one post is
out. The faults are injected by strace into the real program; the full disk is a real one, of a megabyte, in memory.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import tracing
from tests.home import Done, Home, x_settings
from tests.standins.x import XStandIn
from tests.test_kill import POST, again, assert_exactly_once, begin, until_quiet, words_of
from tests.tracing import CASE, chosen, gone_wrong, own_calls, playing, spread
from twitter_manager.store.database import connect_to_read

needs_strace = pytest.mark.skipif(bool(tracing.missing()), reason=tracing.missing() or "-")
FAULTS = {
    "pwrite64": {"ENOSPC": 24, "EIO": 12}, "fdatasync": {"EIO": 30, "ENOSPC": 8}, "fsync": {"EIO": 8},
    "openat": {"ENOSPC": 12, "EIO": 6}, "write": {"ENOSPC": 8, "EIO": 4}, "rename": {"ENOSPC": 4, "EIO": 4},
    "unlink": {"EIO": 10}, "read": {"EIO": 6},
}  # fmt: skip
"""The system calls, how they fail, and at how many of their uses at most."""
SHARES = 4
DISK = ("disk", "space", "full", "writ", "open", "read", "log lines", "backup")
TEXT = POST[0]


@pytest.fixture
def folder() -> Iterator[Path]:
    with tracing.fast_folder() as made:
        yield made


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
@pytest.mark.parametrize("share", range(SHARES))
def test_a_write_that_fails_sends_nothing_unrecorded_and_loses_nothing(folder: Path, x: XStandIn, share: int) -> None:
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
    assert len(cases) > 100
    for case in chosen(cases[share::SHARES]):
        call, number, error, last = case
        with playing(case):
            again(home, x)
            done = gone_wrong(home, words_of(POST), call, number, f"error={error}", last=last)
            if call not in ("openat", "read", "write") or not last:  # else what is printed or imported fails as well
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
@pytest.mark.parametrize(("call", "place"), [("openat", -3), ("pwrite64", -2), ("pwrite64", -20), ("fsync", -2)])
def test_a_backup_that_fails_is_a_note_and_never_the_end_of_the_run(
    folder: Path, x: XStandIn, call: str, place: int
) -> None:
    """No space for the copy: the run is a success, says so in one line, leaves no half copy, and makes it next time."""
    home = begin(folder, x)
    found = own_calls(home, words_of(POST), [call], lambda: again(home, x))
    again(home, x)
    # The backup is the last thing that a run does.
    done = gone_wrong(home, words_of(POST), call, found[call][place], "error=ENOSPC", last="+")
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
