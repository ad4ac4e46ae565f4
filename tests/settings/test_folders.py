"""What the program keeps is its user's alone: pipes, planted links and a deleted lock file do no harm."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.home import ROOT, Home
from twitter_manager.errors import LockHeld, TwitterManagerError
from twitter_manager.files import exposed, make_folder, open_own, others_may_write
from twitter_manager.operations.lock import locked


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["logs/twitter_manager.log", "logs/error.log", "data/twitter.lock"])
def test_a_pipe_in_a_files_place_is_told_and_hangs_nothing(tmp_path: Path, name: str) -> None:
    """With nobody at its other end, and with a reader that would let it fill."""
    home = Home(tmp_path / "home")
    home.bot("ada", 'platforms = ["feed"]\n')
    (home.path / name).parent.mkdir(exist_ok=True)
    os.mkfifo(home.path / name)
    for reads in (False, True):
        end = os.open(home.path / name, os.O_RDONLY | os.O_NONBLOCK) if reads else -1
        (home.path / "data" / "told.json").unlink(missing_ok=True)  # else the same is not printed again
        done = home("run")
        assert done.code == 1 and name in done.err and done.err.count("\n") == 1, done
        if reads:
            os.close(end)


def test_a_deleted_lock_file_lets_no_second_run_in(tmp_path: Path) -> None:
    """Whoever deletes it while a run is at work, the next run is told that it waits, and both end well."""
    path = tmp_path / "data" / "twitter.lock"
    again = "import sys; from pathlib import Path; from twitter_manager.operations import lock\n"
    again += "with lock.locked(Path(sys.argv[1])): pass"
    with locked(path):
        path.unlink()
        done = subprocess.run([sys.executable, "-c", again, str(path)], capture_output=True, text=True, cwd=ROOT)
        assert "LockHeld" in done.stderr
    with locked(path), pytest.raises(LockHeld), locked(path):
        pass


def test_where_a_folder_cannot_be_locked_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a network file system that gives such locks to files only."""
    real = fcntl.flock

    def flock(handle: int, how: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(9, "Bad file descriptor")
        real(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with locked(tmp_path / "lock"), pytest.raises(LockHeld), locked(tmp_path / "lock"):
        pass


def test_folders_are_made_for_their_user_alone(tmp_path: Path) -> None:
    """Under any umask; one that is there keeps what its user gave it."""
    before = os.umask(0)
    try:
        make_folder(tmp_path / "data")
        (tmp_path / "logs").mkdir(0o755)
        make_folder(tmp_path / "logs")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o755


@pytest.mark.parametrize(
    "name", ["logs", "data", "data/twitter.db", "data/bots", "logs/error.log", "data/bots/ada.env"]
)
def test_a_link_where_others_may_write_is_refused(tmp_path: Path, name: str) -> None:
    """In a home that everybody may write: nothing is written where it points, and it is named with what to do."""
    home = Home(tmp_path / "home")
    path, elsewhere = home.path / name, tmp_path / "elsewhere"
    elsewhere.mkdir()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o777)
    path.symlink_to(elsewhere / "precious" if "." in name else elsewhere)
    done = home("run")
    assert done.code != 0 and not list(elsewhere.iterdir())
    if name != "data/bots/ada.env":  # the settings refuse it first
        assert str(path) in done.err and "chmod go-w" in done.err, done.err


def test_a_link_of_ones_own_in_a_private_home_is_followed(tmp_path: Path) -> None:
    """Who keeps `data` on another disk may go on doing so; another user's link is refused there too."""
    home = Home(tmp_path / "home")
    (tmp_path / "disk").mkdir()
    (home.path / "data").symlink_to(tmp_path / "disk")
    assert home("run").code == 0 and (tmp_path / "disk" / "feed.xml").exists()
    if os.geteuid() == 0:
        os.chown(home.path / "data", 65534, 65534, follow_symlinks=False)
        assert "another user" in home("run", "--force").err


@pytest.mark.parametrize("name", ["", "data", "logs", "data/bots"])
def test_a_folder_that_others_may_write_is_told(tmp_path: Path, name: str) -> None:
    """By doctor as a warning, at a terminal and in the log of every run; cron's mail stays quiet."""
    home = Home(tmp_path / "home")
    for folder in ("data/bots", "logs"):
        (home.path / folder).mkdir(parents=True)
    assert "folders: writable, by this user alone" in home("doctor").out
    (home.path / name).chmod(0o757)
    [line] = [line for line in home("doctor").out.splitlines() if "folders:" in line]
    assert line.startswith("warning") and f"chmod go-w {home.path / name}" in line
    done = home("run")
    assert (done.code, done.err) == (0, "") and "chmod go-w" in home.log()
    assert "chmod go-w" in home.at_terminal("run").out


def test_a_users_own_group_is_nobody_else(tmp_path: Path) -> None:
    """Where each user has a group of the same name, its right to write opens nothing; any other group's does."""
    tmp_path.chmod(0o770)
    assert not others_may_write(tmp_path) and not list(exposed(tmp_path, tmp_path / "nothing"))
    if os.geteuid() == 0:
        os.chown(tmp_path, -1, 4)
        assert others_may_write(tmp_path)


def test_opening_makes_a_private_file(tmp_path: Path) -> None:
    """Mode 0600, and a planted link is no file of ours."""
    os.close(open_own(tmp_path / "file", os.O_WRONLY | os.O_CREAT))
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    (tmp_path / "link").symlink_to("file")
    tmp_path.chmod(0o777)
    with pytest.raises(TwitterManagerError, match="link"):
        open_own(tmp_path / "link", os.O_WRONLY)
