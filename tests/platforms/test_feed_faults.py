"""The local feed when things go wrong: broken files, no room, no permission, a process killed at any step."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.platforms.test_feed import FEED_ID, LONG_AGO, make, outgoing, put, texts
from twitter_manager.errors import NeedsPerson, NotSent, OutcomeUnknown, Unreadable
from twitter_manager.platforms.feed import MAX_FILE_BYTES

# -- a file that is not ours, or not sound ---------------------------------------------------------

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "'
    + "x" * 1000
    + '">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">' for n in range(8))
    + ']><feed xmlns="http://www.w3.org/2005/Atom"><id>&i;</id></feed>'
)


def sound(folder: Path) -> bytes:
    """The bytes of a feed with two posts; the folder is empty again."""
    feed = make(folder)
    put(feed, 1)
    put(feed, 2)
    data = (folder / "feed.xml").read_bytes()
    for path in folder.iterdir():
        path.unlink()
    return data


def broken_files(good: bytes) -> dict[str, bytes]:
    entry = good[good.index(b"<entry>") : good.index(b"</entry>") + 9]
    return {
        "empty": b"",
        "cut off": good[: len(good) // 2],
        "zeros": b"\0" * 4096,
        "not XML": b"hello\n",
        "a page": b"<!doctype html><p>hello",
        "RSS": b'<rss version="2.0"><channel><title>x</title></channel></rss>',
        "no feed id": good.replace(FEED_ID.encode(), b""),
        "another program's feed": good.replace(b">twitter_manager<", b">another<"),
        "entity bomb": BOMB.encode(),
        "bomb in UTF-16": BOMB.replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"),
        "external entity": b'<!DOCTYPE f [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + good.partition(b"\n")[2],
        "not UTF-8": good.replace(b"post 1", b"post \xff"),
        "a control": good.replace(b"post 1", b"post &#0;"),
        "the same entry twice": good.replace(entry, entry * 2),
        "a person's own entry": good.replace(b"<tm:delivery>1</tm:delivery>\n", b""),
        "a person's own element": good.replace(b"<entry>", b"<subtitle>mine</subtitle><entry>", 1),
        "markup in a post": good.replace(b"post 1</content>", b"post <b xmlns=''>1</b></content>"),
        "HTML in a post": good.replace(b'<content type="text"', b'<content type="html"', 1),
        "an id of another kind": good.replace(b"<id>urn:uuid:", b"<id>tag:"),
        "a wrong time": good.replace(b"<published>2026-11", b"<published>2026-13", 1),
        "a wrong number": good.replace(b"<tm:delivery>1<", b"<tm:delivery>one<"),
        "nested deeply": b"<a>" * 200_000 + b"</a>" * 200_000,
        "huge": b" " * (MAX_FILE_BYTES + 1),
    }


KINDS = list(broken_files(b"<entry></entry>"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_feed_is_left_as_it_is(tmp_path: Path, kind: str) -> None:
    """Whatever stands there and isn't ours: no byte changes, every verb says so in one line, with file and remedy."""
    good = sound(tmp_path)
    data = broken_files(good)[kind]
    assert data != good
    path = tmp_path / "feed.xml"
    path.write_bytes(data)
    feed = make(tmp_path)
    request = feed.prepare(outgoing(3))
    for verb, error in (
        (lambda: feed.publish(request), NeedsPerson),
        (lambda: feed.delete(request["entry_id"]), NeedsPerson),
        (lambda: feed.look_up(request, LONG_AGO, frozenset()), Unreadable),
        (lambda: feed.recent(LONG_AGO), Unreadable),
        (lambda: feed.verify(), Unreadable),
    ):
        with pytest.raises(error, match=re.escape(str(path))) as caught:
            verb()
        assert caught.value.remedy
        assert "\n" not in str(caught.value)
    assert path.read_bytes() == data
    assert [entry.name for entry in tmp_path.iterdir()] == ["feed.xml"]


def test_a_folder_a_link_and_a_pipe_in_its_place_are_left_alone(tmp_path: Path) -> None:
    """None of them is written through, replaced or waited for."""
    path = tmp_path / "feed.xml"
    elsewhere = tmp_path / "elsewhere.xml"
    feed = make(tmp_path)
    request = feed.prepare(outgoing(1))
    for place in (path.mkdir, lambda: path.symlink_to(elsewhere), lambda: os.mkfifo(path)):
        place()
        with pytest.raises(NeedsPerson, match=re.escape(str(path))):
            feed.publish(request)
        assert [entry.name for entry in tmp_path.iterdir()] == ["feed.xml"]
        path.rmdir() if path.is_dir() else path.unlink()
    feed.publish(request)
    assert texts(tmp_path) == ["post 1"]


# -- a page that is not ours, or can't be written --------------------------------------------------


def test_someone_elses_page_is_left_alone_and_the_post_is_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A page that this program did not write stays; the feed is the truth, so it is a success with a warning."""
    page = tmp_path / "feed.html"
    page.write_text("<p>my own page</p>")
    put(make(tmp_path), 1)
    assert page.read_text() == "<p>my own page</p>"
    assert texts(tmp_path) == ["post 1"]
    assert str(page) in caplog.text


def test_a_page_that_cannot_be_written_is_made_up_for_later(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A folder stands in the page's place: a warning now, the page with the next look-up."""
    (tmp_path / "feed.html").mkdir()
    feed = make(tmp_path)
    request = feed.prepare(outgoing(1))
    receipt = feed.publish(request)
    assert "feed.html" in caplog.text
    (tmp_path / "feed.html").rmdir()
    assert feed.look_up(request, LONG_AGO, frozenset()) == receipt
    assert "post 1" in (tmp_path / "feed.html").read_text()


@pytest.mark.parametrize("damage", ["missing", "empty", "cut off", "of an older feed"])
def test_a_damaged_page_is_mended(tmp_path: Path, damage: str) -> None:
    """Publishing the same request again changes nothing in the feed and puts the page right."""
    feed = make(tmp_path)
    page = tmp_path / "feed.html"
    put(feed, 1)
    older = page.read_bytes()
    put(feed, 2)
    right = page.read_bytes()
    if damage == "missing":
        page.unlink()
    else:
        page.write_bytes({"empty": b"", "cut off": right[:-40], "of an older feed": older}[damage])
    put(feed, 2)
    assert page.read_bytes() == right


# -- no permission, no room ------------------------------------------------------------------------


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder and a process (this one, for the moment) that permissions hold for, also when root runs the tests."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if root:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_folder_that_may_not_be_written_is_not_sent(tmp_path: Path) -> None:
    """Nothing was changed, so it is NotSent; `verify` says it beforehand; afterwards the same request goes out."""
    with unprivileged() as folder:
        feed = make(folder)
        put(feed, 1)
        before = (folder / "feed.xml").read_bytes()
        folder.chmod(0o555)
        request = feed.prepare(outgoing(2))
        with pytest.raises(NotSent, match=re.escape(str(folder))) as caught:
            feed.publish(request)
        assert "Permission denied" in str(caught.value)
        assert "permissions" in caught.value.remedy
        with pytest.raises(NeedsPerson, match=re.escape(str(folder))):
            feed.verify()
        assert (folder / "feed.xml").read_bytes() == before
        folder.chmod(0o755)
        feed.publish(request)
        assert texts(folder) == ["post 2", "post 1"]


def test_a_feed_that_may_not_be_read_is_not_sent(tmp_path: Path) -> None:
    """A file that can't be read is never taken for an empty feed."""
    with unprivileged() as folder:
        feed = make(folder)
        put(feed, 1)
        (folder / "feed.xml").chmod(0)
        with pytest.raises(NotSent):
            put(feed, 2)
        with pytest.raises(Unreadable):
            feed.recent(LONG_AGO)
        (folder / "feed.xml").chmod(0o644)
        assert texts(folder) == ["post 1"]


def test_a_file_where_the_folder_should_be_is_not_sent(tmp_path: Path) -> None:
    """A path that can't be made is an error of the platform's own kind."""
    (tmp_path / "data").write_text("")
    feed = make(tmp_path / "data")
    with pytest.raises(NotSent):
        put(feed, 1)
    with pytest.raises(Unreadable):
        feed.verify()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or not mount:
        pytest.skip("a small file system can be mounted by root only")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_loses_nothing(tiny_disk: Path) -> None:
    """When the disk fills up: NotSent, the feed as it was, no debris; with room again the same request goes out."""
    feed = make(tiny_disk)
    out = 0
    with pytest.raises(NotSent, match="No space left on device") as caught:
        while out < 100:
            put(feed, out + 1, f"{out + 1} " + "x" * 3000)
            out += 1
    assert "Free space" in caught.value.remedy
    assert 5 < out < 60
    assert len(texts(tiny_disk)) == out
    assert sorted(path.name for path in tiny_disk.iterdir()) == ["feed.html", "feed.xml"]
    subprocess.run(["mount", "-o", "remount,size=1m", tiny_disk], check=True)
    put(feed, out + 1, "there is room")
    assert len(texts(tiny_disk)) == out + 1
    assert "there is room" in (tiny_disk / "feed.html").read_text()


# -- killed at any step ----------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.platforms.test_feed import make, outgoing, put

steps, last = 0, int(sys.argv[2])

def dying(call):
    def step(*args, **more):
        global steps
        for moment in ("before", "after"):
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)
            steps += 1
            if moment == "before":
                result = call(*args, **more)
        return result
    return step

os.fsync, os.replace = dying(os.fsync), dying(os.replace)
put(make(Path(sys.argv[1])), 2)
"""
STEPS = 12  # for each of the two files: flush it, replace it, flush the folder; before and after each


@pytest.mark.parametrize("step", range(STEPS + 1))
def test_a_kill_at_any_step_leaves_one_post_or_none(tmp_path: Path, step: int) -> None:
    """The feed is always sound; a look-up tells whether the post is in and mends the page; again makes it one."""
    feed = make(tmp_path)
    put(feed, 1)
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(step)], check=False)
    assert done.returncode == (-signal.SIGKILL if step < STEPS else 0)
    there = "post 2" in texts(tmp_path)
    assert there == (step > 2)
    request = feed.prepare(outgoing(2))
    receipt = feed.look_up(request, LONG_AGO, frozenset())
    assert (receipt is not None) == there
    if there:
        assert "post 2" in (tmp_path / "feed.html").read_text()
    assert feed.publish(request).remote_id == request["entry_id"]
    assert texts(tmp_path) == ["post 2", "post 1"]
    put(feed, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feed.html", "feed.xml"]


def test_a_folder_that_cannot_be_flushed_leaves_the_outcome_open(tmp_path: Path) -> None:
    """Replaced but perhaps not durable is neither sent nor not sent: the caller looks it up, and finds it."""
    fail = KILLED.replace("os.kill(os.getpid(), signal.SIGKILL)", "raise OSError(5, 'Input/output error')")
    done = subprocess.run([sys.executable, "-c", fail, str(tmp_path), "4"], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].startswith(f"twitter_manager.errors.{OutcomeUnknown.__name__}: ")
    feed = make(tmp_path)
    assert feed.look_up(feed.prepare(outgoing(2)), LONG_AGO, frozenset()) is not None


def test_a_failing_disk_before_the_replacement_is_not_sent(tmp_path: Path) -> None:
    """A flush that fails before the file is replaced is NotSent, and leaves neither file nor debris."""
    fail = KILLED.replace("os.kill(os.getpid(), signal.SIGKILL)", "raise OSError(5, 'Input/output error')")
    for step in ("0", "2"):
        done = subprocess.run(
            [sys.executable, "-c", fail, str(tmp_path), step], capture_output=True, text=True, check=False
        )
        assert done.stderr.splitlines()[-1].startswith(f"twitter_manager.errors.{NotSent.__name__}: ")
        assert not any(tmp_path.iterdir())
