"""What becomes of the pictures that posts show: kept as long as anything needs them, and no longer."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from tests.fakes import START
from tests.home import Home
from tests.pictures import photo, saved
from tests.store.test_long_history import GROWING
from tests.year import Counting
from twitter_manager.content import Card, Media, Part
from twitter_manager.media import MediaStore, prepared
from twitter_manager.operations import backup, picture_backups
from twitter_manager.show.verb_shapes import json_schema
from twitter_manager.store import drafts, schema
from twitter_manager.store import pictures as stored
from twitter_manager.store.database import connect

DAY = 86_400


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose bot publishes to the feed alone."""
    return Home(tmp_path)


def picture(home: Home, name: str, shade: int) -> str:
    """A picture like no other; gives its path."""
    path = home.path / f"{name}.png"
    path.write_bytes(saved(Image.new("RGB", (20, 20), (shade, shade, shade)), "PNG"))
    return str(path)


def media(home: Home) -> Path:
    return home.path / "data" / "media"


def digest(path: str) -> str:
    return prepared(Path(path))[0].digest


def age(home: Home, days: float, *names: str) -> None:
    """Let the kept pictures be so old."""
    for path in [media(home) / name for name in names] or media(home).iterdir():
        os.utime(path, (time.time() - days * DAY,) * 2)


def changed(home: Home, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(home.database)) as raw:
        raw.execute(sql, values)
        raw.commit()


def test_pictures_stay_while_a_post_can_need_them_and_go_after_it(home: Home) -> None:
    """Of a post with a date, of one that failed, of one that comes again, of one that went out lately, of a cached
    card; one that was queued just now and a file of somebody's own. Not of what was dropped or is long out, and no file
    of a killed process."""
    names = ("dated", "failed", "series", "lately", "dropped", "long")
    paths = {name: picture(home, name, shade) for shade, name in enumerate(names)}
    options = {"dated": ("--at", "in 7000 hours"), "series": ("--every", "month", "--at", "in 400 hours")}
    for name in names:
        assert home("post", f"A {name} one.", "--image", paths[name], "--no-alt", *options.get(name, ())).code == 0
    numbers = {text.split()[1]: str(number) for text, number in home.rows("SELECT text, draft_id FROM parts")}
    assert home("drafts", "drop", numbers["dropped"]).code == 0
    assert home("drafts", "drop", numbers["series"]).code == 0, "only one occurrence: the series goes on"
    long_ago, lately = (f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H:%M:%S.000000Z}" for days in (31, 29))
    changed(home, "UPDATE drafts SET status = 'failed' WHERE id = ?", numbers["failed"])
    for name, moment in (("long", long_ago), ("lately", lately)):
        changed(home, "UPDATE drafts SET status = 'posted', published_at = ? WHERE id = ?", moment, numbers[name])
    kept = {name: f"{digest(paths[name])}.png" for name in names}
    fresh, card, orphan = (f"{letter * 64}.jpg" for letter in "abc")
    mine, killed = "README", f".{orphan}-x8f_2k"
    thumb = f'{{"url": "u", "title": "t", "thumb": {{"digest": "{card[:64]}"}}}}'
    changed(home, "INSERT INTO cards VALUES ('u', ?, ?)", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000000Z}", thumb)
    for name in (fresh, card, orphan, mine, killed):
        (media(home) / name).write_bytes(b"x")
    age(home, 2)
    age(home, 0, fresh)
    assert home("run").code == 0
    left = {path.name for path in media(home).iterdir()}
    assert left == {*(kept[name] for name in ("dated", "failed", "series", "lately")), fresh, card, mine}
    assert "4 files that nothing needs were removed" in home.log()


def test_a_rehearsal_removes_nothing(home: Home) -> None:
    """`--dry-run` leaves no trace."""
    assert home("run").code == 0
    media(home).mkdir()
    (media(home) / f"{'a' * 64}.jpg").write_bytes(b"x")
    age(home, 2)
    assert home("run", "--dry-run").code == 0
    assert len(list(media(home).iterdir())) == 1


def test_a_picture_that_comes_anew_while_it_is_removed_stays(tmp_path: Path) -> None:
    """A person queues the same picture at the moment in which an old copy of it goes."""
    store = MediaStore(tmp_path / "media")
    flag, content = prepared(photo())
    store.save(flag, content)
    [path] = store.folder.iterdir()
    os.utime(path, (1, 1))

    def queued_meanwhile() -> set[str]:
        store.save(flag, content)
        return set()

    assert store.remove_all_but(queued_meanwhile, START, 10) == 0
    assert store.read(flag) == content and list(store.folder.iterdir()) == [path]


def test_the_work_of_one_run_is_bounded_and_the_next_goes_on(tmp_path: Path) -> None:
    """Ten thousand files hold no run up."""
    store = MediaStore(tmp_path / "media")
    store.folder.mkdir()
    for number in range(7):
        (store.folder / f"{number:064x}.jpg").write_bytes(b"x")
        os.utime(store.folder / f"{number:064x}.jpg", (1, 1))
    assert [store.remove_all_but(set, START, 3) for _ in range(4)] == [3, 3, 1, 0]


def test_no_question_about_pictures_goes_through_a_table_that_grows(tmp_path: Path) -> None:
    """It is asked each day, in the tenth year too."""
    with closing(Counting(connect(tmp_path / "twitter.db")._connection, "twitter.db")) as db:
        schema.migrate(db, START, None)
        before = set(db.by_statement)
        needed, useful = stored.needed(db), stored.useful(db, START)
        assert (needed, useful) == ({}, set())
        asked = set(db.by_statement) - before
        plans = [
            (row["detail"], sql)
            for sql in asked
            for row in db.rows(f"EXPLAIN QUERY PLAN {sql}", *[None] * sql.count("?"))
        ]
    scans = [plan for plan, sql in plans if (scan := re.match(r"SCAN (\w+)", plan)) and scan[1] in ("d", "p", *GROWING)]
    assert len(asked) == 6 and scans == []


# -- backups ---------------------------------------------------------------------------------------------


@pytest.fixture
def shown_and_waiting(home: Home) -> Home:
    """One picture in the feed and one of a post that waits, at the day's backup."""
    for name, shade in (("shown", 1), ("waiting", 2)):
        assert home("post", f"A {name} one.", "--image", picture(home, name, shade), "--alt", f"{name}").code == 0
    assert home("run").code == 0
    return home


def shown_in_the_feed(home: Home) -> dict[str, int]:
    folder = home.path / "data" / "feed-pictures"
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} if folder.exists() else {}


def lose(home: Home, *more: str) -> None:
    """The database is damaged, and the folders of the pictures are gone."""
    home.database.write_bytes(b"no database")
    for name in ("media", "feed-pictures", *more):
        shutil.rmtree(home.path / "data" / name)


def test_a_restore_brings_the_pictures_back_that_posts_and_the_feed_need(shown_and_waiting: Home) -> None:
    """Byte for byte, in their places; the post that waited goes out with its picture."""
    home = shown_and_waiting
    feed, kept = shown_in_the_feed(home), {path.name: path.read_bytes() for path in media(home).iterdir()}
    lose(home)
    restored = home("restore")
    assert (restored.code, restored.err) == (0, ""), restored
    assert "no backup has it" not in restored.out
    assert shown_in_the_feed(home) == feed and len(feed) == 1
    [path] = media(home).iterdir()
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (kept[path.name], 0o600)
    home.next_slot()
    assert home("resume", "2").code == 0
    assert home("run", "--force").code == 0
    assert shown_in_the_feed(home).keys() == kept.keys()


def test_a_backup_without_a_picture_says_so(shown_and_waiting: Home) -> None:
    """When it is made, in the list of backups, and when it takes the database's place; it does that all the same."""
    home = shown_and_waiting
    [made] = (home.path / "data" / "backups").glob("twitter-*.db")
    made.unlink()
    lost = digest(str(home.path / "waiting.png"))
    for folder in (media(home), home.path / "data" / "backups" / "pictures"):
        (folder / f"{lost}.png").write_bytes(b"damaged")
    assert "Today's backup is without a picture of draft 2: it is gone or damaged." in home("run").err
    assert [copy["state"] for copy in home("restore", "--list", "--json").json["backups"]] == [
        "good, but without 1 of its pictures"
    ]
    lose(home, "backups/pictures")
    restored = home("restore")
    assert restored.code == 0
    assert f"A picture of draft 2 is gone, and no backup has it: {lost}" in restored.out
    assert f"A picture that the feed shows is gone, and no backup has it: {home.path}" in restored.out


def test_a_picture_leaves_the_backups_with_the_last_one_that_needs_it(home: Home) -> None:
    """One that is damaged there is mended while the original is sound; no database is copied before its pictures."""
    assert home("post", "A dated one.", "--image", picture(home, "a", 1), "--no-alt", "--at", "in 7000 hours").code == 0
    folder, kept = home.path / "data" / "backups", home.path / "data" / "backups" / "pictures"
    with closing(connect(home.database)) as db:
        assert backup.make(db, folder, START).trouble == ""
        [copy] = kept.iterdir()
        copy.write_bytes(b"damaged")
        assert backup.make(db, folder, START + timedelta(days=1)).trouble == ""
        assert hashlib.sha256(copy.read_bytes()).hexdigest() == copy.stem
        with db.transaction():
            db.update("UPDATE drafts SET status = 'skipped'")
        for day in range(2, 7 * (backup.WEEKS + 2)):
            assert copy.exists() or not {"20260301T100700Z", "20260302T100700Z"} & {
                path.stem.removeprefix("twitter-") for path in folder.glob("*.db")
            }
            assert backup.make(db, folder, START + timedelta(days=day)).trouble == ""
    assert not copy.exists()


@pytest.mark.parametrize("number", range(3))
def test_one_copy_that_cannot_be_written_takes_no_other_from_the_backups(home: Home, number: int) -> None:
    """Whichever it is, the others have the time of the newest backup, and so stay as long as it does."""
    for shade in range(3):
        path = picture(home, f"p{shade}", shade)
        assert home("post", f"Number {shade}.", "--image", path, "--no-alt", "--at", "in 7000 hours").code == 0
    folder, kept = home.path / "data" / "backups", home.path / "data" / "backups" / "pictures"
    with closing(connect(home.database)) as db:
        assert backup.make(db, folder, START).trouble == ""
        blocked, *others = [
            next(kept.glob(f"{digest(str(home.path / f'p{(number + n) % 3}.png'))}.*")) for n in range(3)
        ]
        blocked.unlink()
        blocked.mkdir()
        later = START + timedelta(days=1)
        assert "without some pictures" in backup.make(db, folder, later).trouble
    assert {copy.stat().st_mtime for copy in others} == {later.timestamp()}


def test_a_disk_without_room_for_pictures_still_gets_the_database(
    shown_and_waiting: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and the next day's backup tries again."""
    folder = shown_and_waiting.path / "data" / "backups"
    shutil.rmtree(folder)
    monkeypatch.setattr(picture_backups, "LEFT_FREE", 2**62)
    with closing(connect(shown_and_waiting.database)) as db:
        assert "without some pictures: only" in backup.make(db, folder, START).trouble
    assert len(list(folder.glob("twitter-*.db"))) == 1


# -- a picture that is lost --------------------------------------------------------------------------------


def test_a_lost_picture_of_a_waiting_post_is_named_and_back_in_its_place_all_is_well(home: Home) -> None:
    """By doctor, and by `drafts show` with the file; of a card's thumbnail nothing is said, for no post needs it. The
    run that comes to it refuses it by name, and with the picture back it goes on."""
    assert home("post", "A flag.", "--image", picture(home, "flag", 1), "--alt", "A flag.").code == 0
    card = Card("https://example.org", "A page", thumb=Media("a" * 64, "image/jpeg", 1, 1, 1))
    with closing(connect(home.database)) as db, db.transaction():
        new = drafts.NewDraft("default", "person", (Part("A card.", card=card),), ("feed",), None)
        assert drafts.add(db, new, START) == 2

    def doctor() -> str:
        return next(line for line in home("doctor").out.splitlines() if " pictures: " in line)

    assert re.match("ok +pictures: all that posts wait with are there", doctor())
    assert "lacking_pictures" not in home("drafts", "show", "1", "--json").json["drafts"][0]
    [path] = media(home).iterdir()
    content = path.read_bytes()
    for left, wrong in ((content + b" ", "was changed after it was added"), (None, "is gone")):
        path.unlink()
        if left:
            path.write_bytes(left)
        assert re.match("warning +pictures: a picture of draft 1 is gone or damaged", doctor())
        assert f"The picture {path} {wrong}." in home("drafts", "show", "1").out
        answer = home("drafts", "show", "1", "--json").json
        assert wrong in answer["drafts"][0]["lacking_pictures"][0]
        Draft202012Validator(json_schema("drafts")).validate(answer)
    assert home("drafts", "drop", "2").code == 0
    run = home("run")
    assert (run.code, f"The picture {path} is gone" in run.err) == (1, True), run
    path.write_bytes(content)
    assert home("resume", "1").code == 0
    assert home("run", "--force").code == 0
    assert "A flag." in home.feed()


def test_a_post_whose_picture_is_lost_is_not_taken_down_to_be_corrected(home: Home) -> None:
    """The new one could not go out; with the picture back it is corrected."""
    assert home("post", "A flug.", "--image", picture(home, "flag", 1), "--no-alt", "--now").code == 0
    [path] = media(home).iterdir()
    content, feed = path.read_bytes(), home.feed()
    path.unlink()
    refused = home("correct", "1", "A flag.", "--yes")
    assert (refused.code, f"nothing was taken down. The picture {path} is gone" in refused.err) == (1, True), refused
    assert home.feed() == feed and home.rows("SELECT count(*) FROM amendments") == [(0,)]
    path.write_bytes(content)
    assert home("correct", "1", "A flag.", "--yes").code == 0
    assert "A flag." in home.feed() and "A flug." not in home.feed()
