"""The program as a process, killed by the kernel at its k-th system call of one kind (strace's injection).

Which calls there are is found out beforehand by a run that is only watched; then each case begins in a fresh copy of
the same home, is killed at its call, and the next runs, an hour apart, go on until nothing is open.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests import tracing
from tests.home import Home, x_settings
from tests.standins.x import XStandIn
from tests.tracing import CASE, KILL, chosen, gone_wrong, own_calls, playing, spread, was_killed
from twitter_manager.store import events
from twitter_manager.store.database import connect_to_read

needs_strace = pytest.mark.skipif(bool(tracing.missing()), reason=tracing.missing() or "-")

POST = ("Exactly one of these, whatever dies.",)
THREAD = ("One of these, whatever dies.", "One of the second part.", "One of the third part.")
CALLS = {
    "fdatasync": 60, "fsync": 20, "rename": 20, "link": 5, "unlink": 30, "connect": 5, "sendto": 10, "recvfrom": 10,
    "write": 20, "pwrite64": 28, "openat": 16, "read": 12, "ftruncate": 5,
}  # fmt: skip
"""The system calls, and at how many of their uses the program is killed at most."""
SHARES = 4


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


@needs_strace
@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_a_kill_at_any_system_call_leaves_exactly_one_post(folder: Path, x: XStandIn, share: int) -> None:
    """SIGKILL at each chosen call of a run that posts to X and the feed and makes a backup: one post on both, told."""
    home = begin(folder, x)
    found = own_calls(home, words_of(POST), list(CALLS), lambda: again(home, x))
    assert all(found[call] for call in ("fdatasync", "fsync", "rename", "unlink", "sendto", "recvfrom", "openat"))
    cases = [(call, number) for call, most in CALLS.items() for number in spread(found[call], most)]
    assert len(cases) > 100
    for case in chosen(cases[share::SHARES]):
        with playing(case):
            again(home, x)
            assert was_killed(gone_wrong(home, words_of(POST), *case, KILL))
            until_quiet(home)
            assert_exactly_once(home, x, POST)


@needs_strace
@pytest.mark.slow
@pytest.mark.parametrize("call", ["fdatasync", "sendto"])
def test_a_kill_in_a_thread_leaves_each_part_once_in_one_chain(folder: Path, x: XStandIn, call: str) -> None:
    """Three parts, killed around their commits and requests: each part once, each answering the one before."""
    home = begin(folder, x)
    found = own_calls(home, words_of(THREAD), [call], lambda: again(home, x))[call]
    for case in chosen((call, number) for number in spread(found, 14)):
        with playing(case):
            again(home, x)
            assert was_killed(gone_wrong(home, words_of(THREAD), *case, KILL))
            until_quiet(home)
            assert_exactly_once(home, x, THREAD)
            mine = {post.text: post for post in x.posts.values() if post.text in THREAD}
            chain = [mine[text] for text in THREAD if text in mine]
            assert [post.reply_to for post in chain[1:]] == [post.id for post in chain[:-1]]


def test_what_fails_names_the_command_that_plays_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The note at the failure, and the variable that it sets, mean the same case; one that is not there is told."""
    cases = [("fsync", 3), ("fsync", 4)]
    with pytest.raises(AssertionError) as caught, playing(cases[1]):
        assert cases == []
    [note] = caught.value.__notes__
    assert f"{CASE}=fsync-4 pytest" in note
    assert "tests/test_kill.py::test_what_fails_names_the_command" in note
    monkeypatch.setenv(CASE, "fsync-4")
    assert chosen(cases) == [("fsync", 4)]
    monkeypatch.setenv(CASE, "fsync-5")
    with pytest.raises(AssertionError, match="there is no case fsync-5"):
        chosen(cases)
