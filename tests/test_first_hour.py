"""The first hour, at a terminal and by options: from an empty folder to posts on a real Bluesky server."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.forked import plain_environment
from tests.home import Done, mastodon_settings, x_settings
from tests.sources.test_feeds import RSS, rss
from tests.sources.test_repositories import Repository
from tests.sources.web import serve
from tests.standins.mastodon import MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.test_sources import ALLOWED, feed_entry
from twitter_manager.operations.init.files import UNFINISHED

Exchange = tuple[str, str]
"""The end of a prompt, and what is typed there."""
NOTE = "The club house in Kassel is open every Saturday from 10 to 14."
MORE = ("New riders meet at the fountain at nine on Sundays.", "A spare tube and a pump belong into every saddle bag.")


def environment(home: Path, **more: str) -> dict[str, str]:
    settings = {"TWITTER_MANAGER_HOME": str(home), "GENERATORS": "excerpt", "EMBEDDINGS": "off", "HF_HUB_OFFLINE": "1"}
    return {**plain_environment(), **settings, "COLUMNS": "70", "LANG": "C.UTF-8", "TZ": "Europe/Berlin", **more}


def program(home: Path, *words: str, stdin: str = "", **more: str) -> Done:
    command = [sys.executable, "-m", "twitter_manager", *words]
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, env=environment(home, **more), timeout=120, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def talk(home: Path, exchanges: Sequence[Exchange], *words: str, **more: str) -> Done:
    """Run the program at a terminal; each prompt must come, in this order, and gets its answer."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "twitter_manager", *words]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(home, **more), start_new_session=True
    )
    os.close(theirs)
    seen, read_to, left = "", 0, list(exchanges)
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        seen += piece.decode().replace("\r\n", "\n")
        if left and seen[read_to:].endswith(left[0][0]):
            read_to = len(seen)
            time.sleep(0.1)  # getpass drops what was typed before it asks
            os.write(ours, left.pop(0)[1].encode())
    os.close(ours)
    code = process.wait(60)
    assert not left, f"never asked {left[0][0]!r}: {seen[-800:]}"
    return Done(code, seen, "")


CLUB: Sequence[Exchange] = (
    ("in Kassel): ", "rides of a cycling club in Kassel\n"),
    ("as readers see it: ", "Radsport Kassel\n"),
    ("Its material: ", "notes\n"),
    ("Another place (Enter: no more): ", "\n"),
    ("(Enter: no more): ", f"{NOTE}\n"),
    ("(Enter: no more): ", f"{MORE[0]}\n"),
    ("(Enter: no more): ", f"{MORE[1]}\n"),
    ("(Enter: no more): ", "\n"),
    ("or any [en]: ", "\n"),
    ("[Europe/Berlin]: ", "\n"),
    ("[09:00, 17:30]: ", "25:00\n"),
    ("[09:00, 17:30]: ", "\n"),
    ("[22:00-07:00]: ", "\n"),
    ("(Enter: no X): ", "\n"),
)


def test_a_club_gets_from_an_empty_folder_to_its_third_post(tmp_path: Path, pds: Pds, account: Account) -> None:
    """Own notes and a real Bluesky server; a wrong password first keeps the handle; no secret is shown, lines fit the
    terminal, files are for their owner alone, and two commands make a real post."""
    talked = talk(
        tmp_path,
        (
            *CLUB,
            ("(Enter: no Bluesky): ", f"{account.handle}\n"),
            ("app password: ", "not-the-password\n"),
            (f"[{account.handle}]: ", "\n"),
            ("(Enter keeps what you typed): ", f"{account.password}\n"),
            ("(Enter: no Mastodon): ", "\n"),
            ("Claude: API key (Enter: none): ", "\n"),
            ("OpenAI: API key (Enter: none): ", "\n"),
            ("Write this [yes]: ", "\n"),
        ),
        "init",
        BLUESKY_SERVICE_URL=pds.url,
    )
    assert talked.code == 0, talked.out
    assert f"as {account.handle}" in talked.out and "must be a time of day" in talked.out
    assert account.password not in talked.out and "not-the-password" not in talked.out
    assert "dry run; nothing was published" in " ".join(talked.out.split())
    assert "run --force" in talked.out and "status" in talked.out
    files = [tmp_path / name for name in (".env", "data/bots/default.toml", "data/notes.toml")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert pds.records(account) == []
    for _ in range(3):
        assert program(tmp_path, "run", "--force").code == 0
        with_hours = tmp_path / "data/bots/default.toml"
        with_hours.write_text(with_hours.read_text().replace("per_hour = 1", "per_hour = 9"))
    assert {record["value"]["text"] for record in pds.records(account)} == {NOTE, *MORE}


@pytest.mark.parametrize("answers", [0, 6, len(CLUB)])
def test_end_of_input_leaves_nothing(tmp_path: Path, answers: int) -> None:
    """Ctrl-D at whatever question: exit code 2, how to go on, and not one file."""
    following = [*CLUB, ("(Enter: no Bluesky): ", "\x04")]
    talked = talk(tmp_path, [*CLUB[:answers], (following[answers][0], "\x04")], "init")
    assert talked.code == 2 and "Nothing was written. To go on, run init again." in " ".join(talked.out.split())
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C: ended by the signal, and how to go on."""
    process = subprocess.Popen(
        [sys.executable, "-m", "twitter_manager", "init"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(tmp_path),
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.5)
    process.send_signal(2)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "To go on, run init again" in err
    assert list(tmp_path.iterdir()) == []


def test_options_make_two_bots_and_other_verbs_go_on(tmp_path: Path, pds: Pds, account: Account) -> None:
    """A second bot has keys of its own, the same account twice is refused, and `status` always works."""
    other = pds.create_account()
    server = {"BLUESKY_SERVICE_URL": pds.url}
    first = ("init", "--yes", "--no-dry-run", "--note", NOTE, "--bluesky")
    keys = f"BLUESKY_PASSWORD={account.password}\n"
    assert program(tmp_path, *first, account.handle, "--keys-stdin", stdin=keys, **server).code == 0
    again = program(tmp_path, *first, account.handle, "--bot", "two", BLUESKY_PASSWORD=account.password, **server)
    assert again.code == 2 and "default posts to this account already" in again.err
    done = program(tmp_path, *first, other.handle, "--bot", "two", BLUESKY_PASSWORD=other.password, **server)
    assert done.code == 0, done
    assert other.password in (tmp_path / "data/bots/two.env").read_text()
    assert program(tmp_path, "status").code == 0
    taken = program(tmp_path, *first, other.handle, "--bot", "two", BLUESKY_PASSWORD=other.password, **server)
    assert taken.code == 2 and "is the name of a bot that is there" in taken.err


def test_bad_options_are_told_at_once(tmp_path: Path) -> None:
    """One line with all of them, exit code 2, nothing written."""
    bad = (
        "--bot",
        "No!",
        "--time-zone",
        "Berlin",
        "--times",
        "25:00",
        "--language",
        "!",
        "--x",
        "--source",
        "/nowhere",
    )
    bad = (*bad, "--source", "programming", "--source", "notes")
    done = program(tmp_path, "init", "--yes", *bad)
    assert done.code == 2 and done.err.count("\n") == 1
    assert "stands alone" in done.err
    for option in ("bot", "time-zone", "times", "language", "x", "source"):
        assert f"--{option}: " in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_maintainer_posts_from_a_repository_to_x_and_mastodon(tmp_path: Path) -> None:
    """A git repository looked at on the spot, both logins tried, and a post on each; what the environment said of the
    services is kept for cron."""
    project = Repository(tmp_path / "project")
    project.commit("Start")
    project.tag("v1.0.0", "First words\n\nThe project reads dates of any calendar that has months and years.")
    home = tmp_path / "home"
    with XStandIn() as x, MastodonStandIn() as server:
        keys = {**x_settings(x), "MASTODON_ACCESS_TOKEN": mastodon_settings(server)["MASTODON_ACCESS_TOKEN"]}
        words = ("--x", "--mastodon", server.url, "--source", str(project.path))
        done = program(home, "init", "--yes", *words, **keys)
        assert done.code == 0 and "1 release" in done.out and "@standin_bot" in done.out, done
        assert not [value for value in x_settings(x).values() if value in done.out and value != x.url]
        assert program(home, "post", "The project reads dates of any calendar now.", "--now").code == 0
        assert len(x.posts) == len(server.posts) == 1


def test_a_bot_that_was_cut_off_rests_and_is_finished_later(tmp_path: Path, pds: Pds, account: Account) -> None:
    """A kill between two files of a second bot: `status` works, and the same command finishes it."""
    assert program(tmp_path, "init", "--yes", "--no-dry-run", "--note", NOTE).code == 0
    unfinished = tmp_path / "data/bots/two.toml"
    unfinished.write_text(UNFINISHED)
    unfinished.with_suffix(".env").write_text(f"BLUESKY_IDENTIFIER={account.handle}\nBLUESKY_PASSWORD=old\n")
    unfinished.with_suffix(".env").chmod(0o600)
    assert program(tmp_path, "status").code == 0
    words = ("init", "--yes", "--no-dry-run", "--bot", "two", "--source", "programming", "--bluesky", account.handle)
    done = program(tmp_path, *words, BLUESKY_PASSWORD=account.password, BLUESKY_SERVICE_URL=pds.url)
    assert done.code == 0, done
    assert program(tmp_path, "run", "--bot", "two", "--force").code == 0
    assert len(pds.records(account)) == 1


def test_a_blog_is_looked_at_on_the_spot(tmp_path: Path) -> None:
    """A page's feed is found and counted, its newest entry shown first, and the dry run posts it with its address."""
    with serve() as site:
        entries = (feed_entry(number, number) for number in range(1, 13))
        feed = site.put("/feed", rss(*entries), content_type=RSS)
        words = ("init", "--yes", "--source", feed)
        command = [sys.executable, "-c", ALLOWED.format(port=site.port), *words]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment(tmp_path), timeout=120, check=False
        )
    assert done.returncode == 0, done
    assert "12 entries" in " ".join(done.stdout.split()) and "nothing was published" in done.stdout
