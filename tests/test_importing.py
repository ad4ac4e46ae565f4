"""`post --file`: files of posts as people write them, by the program as a process."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.home import Home
from tests.moving import MovingHome
from tests.pictures import photo
from twitter_manager.app import App
from twitter_manager.operations import importing, post_files
from twitter_manager.operations.importing import Importer
from twitter_manager.operations.own_posts import OwnPosts
from twitter_manager.operations.post_files import Row
from twitter_manager.show.verb_shapes import json_schema

CSV = """Text,At,Platform,Image,Alt,part 1,part 2
"We ride at nine,
from the bridge.",2027-06-04 09:00,feed,a.jpg,A flag.,,
First of all.,,,,,Then this.,And that.

Training.,2027-06-07 18:00,,,,,
"""
JSONL = "\n".join(
    json.dumps(row)
    for row in (
        {"text": "We ride at nine,\nfrom the bridge.", "at": "2027-06-04 09:00", "platform": ["feed"]}
        | {"image": "a.jpg", "alt": ["A flag."], "until": None},
        {"text": "First of all.", "platform": "Feed", "part": ["Then this.", "And that."], "no_alt": False},
        {"text": "Training.", "at": "2027-06-07 18:00"},
    )
)
MARKDOWN = """at: 2027-06-04 09:00
platform: feed
image: a.jpg
alt: A flag.

We ride at nine,
from the bridge.
---

First of all.
***
Then this.
***
And that.

-----
At: 2027-06-07 18:00
Training.
"""
FILES = {
    "a.csv": CSV,
    "semicolons.csv": "\ufeff" + CSV.replace("nine,", "nine;").replace(",", ";").replace("nine;", "nine,"),
    "tabs.csv": "sep=\t\r\n" + CSV.replace("nine,", "nine;").replace(",", "\t").replace("nine;", "nine,"),
    "windows.csv": CSV.replace("\n", "\r\n"),
    "a.jsonl": "\ufeff" + JSONL,
    "a.md": MARKDOWN,
    "WINDOWS.MD": MARKDOWN.replace("\n", "\r\n"),
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "a.jpg").write_bytes(photo())
    home = MovingHome(tmp_path / "home")
    home.it_is(datetime(2026, 12, 1, 12, tzinfo=UTC))
    return home


def queue(home: Home, name: str, content: str | bytes, *words: str):  # type: ignore[no-untyped-def]
    path = home.path.parent / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return home("post", "--file", str(path), *words)


@pytest.mark.parametrize("name", FILES)
def test_each_format_queues_the_same_posts(home: Home, name: str) -> None:
    """With BOM, semicolons, tabs, quoted line breaks and either line end: dates, parts, pictures, platforms."""
    done = queue(home, name, FILES[name], "--json")
    assert done.code == 0, done.err
    assert [post["draft"] for post in done.json["posts"]] == [1, 2, 3]
    Draft202012Validator(json_schema("post")).validate(done.json)
    drafts = home.rows("SELECT due_at, platforms FROM drafts ORDER BY id")
    assert [due_at and due_at[:16] for due_at, _ in drafts] == ["2027-06-04T09:00", None, "2027-06-07T18:00"]
    assert home.rows("SELECT draft_id, text, attached LIKE '%A flag.%' FROM parts ORDER BY draft_id, number") == [
        (1, "We ride at nine,\nfrom the bridge.", 1),
        (2, "First of all.", 0),
        (2, "Then this.", 0),
        (2, "And that.", 0),
        (3, "Training.", 0),
    ]


def test_a_person_sees_when_the_first_and_the_last_go_out(home: Home) -> None:
    """With how many, and each note once; a pipe sees nothing."""
    rows = "text,at,every\n" + "".join(f"Ride {day},2027-06-{day:02} 09:00,\n" for day in range(1, 4))
    path = home.path.parent / "a.csv"
    path.write_text(rows + "Tea.,,Mon 09:00\nCake.,,Mon 09:00\nLater.,,\n")
    said = home.at_terminal("post", "--file", str(path)).out
    assert "Queued 6 posts of" in said and "as drafts 1 to 6." in said
    assert "Draft 6 goes out in the next run." in said and "Draft 3 goes out Thursday 3 June 2027, 09:00" in said
    assert "Lines 5, 6: It comes every Monday at 09:00." in said
    assert queue(home, "b.csv", "text\nWe are open.\n").out == ""


BAD = [
    ("maybe.csv", "text,at\nOne.,2027-06-04 09:00\n\nTwo.,Fri maybe\n", "line 4: at: “", 'at: "Fri maybe" is not'),
    ("past.csv", "text,at\nOne.,2020-06-04 09:00\n", "line 2: at: ", "is past"),
    ("twice.csv", 'text\nOne is one.\nTwo is two.\n"one, is ONE"\n', "line 4: text: The same words", "Line 2 says"),
    ("none.csv", "text,at\n,2027-06-04 09:00\n", "line 2: text: there is none.", ""),
    ("cells.csv", "text,at\nWe ride, at nine,2027-06-04 09:00\n", "line 2: it has 3 columns", "quotes"),
    ("quote.csv", 'text,at\nOne.,\n"Two.,\n', "line 3: it can't be read", ""),
    ("field.csv", "text,att\nOne.,\n", "line 1: “att” is no column", "Did you mean at?"),
    ("header.csv", "We ride at nine.,2027-06-04\n", "line 1: it has no header", "text,at"),
    ("text.csv", "at\n2027-06-04\n", "line 1: it has no column text", ""),
    ("image.csv", "text,image\nOne.,gone.jpg\n", "line 2: alt: ", "gone.jpg has no alt text"),
    ("gone.csv", "text,image,no-alt\nOne.,gone.jpg,yes\n", "line 2: image: ", "does not exist"),
    ("alt.csv", "text,image1,alt1,image2,alt2\nOne.,,A dog.,a.jpg,A flag.\n", "line 2: alt: “A dog.” has no", ""),
    ("yes.csv", "text,image,no_alt\nOne.,a.jpg,perhaps\n", "line 2: no_alt: “perhaps” is neither", ""),
    ("where.csv", "text,platform\nOne.,mastadon\n", "line 2: platform: mastadon", ""),
    ("long.md", "x" * 20_001, "line 1: text: has more than 20,000 characters", ""),
    ("ends.csv", "text,at,expires\nOne.,2027-06-04 09:00,2027-06-03 09:00\n", "line 2: expires: it expires", ""),
    ("every.csv", "text,every\nOne.,week\n", "line 2: every: ", "with at, or write every"),
    ("empty.csv", "", "has no posts", "docs/commands.md"),
    ("only.csv", "text,at\n", "has no posts", ""),
    ("a.txt", "One.", "is no file of posts", ".csv, .jsonl, .md"),
    ("latin.csv", "text\nOne.\nCafé.\n".encode("latin-1"), "latin.csv, line 3: it is not UTF-8", "CSV UTF-8"),
    ("wide.csv", "text\nOne.\n".encode("utf-16"), "is UTF-16", "CSV UTF-8"),
    ("nul.csv", "text\nO\0ne.\n", "line 2: it is no text", ""),
    ("nojson.jsonl", '{"text": "One."}\n{text: Two.}\n', "line 2: it is no JSON", ""),
    ("deep.jsonl", '{"text": ' + "[" * 100_000, "line 1: it is no JSON", ""),
    ("list.jsonl", '["One."]\n', "line 1: it is no object", ""),
    ("number.jsonl", '{"text": 1}\n', "line 1: text: it must be a text", ""),
    ("both.jsonl", '{"text": "a", "text": "b"}\n', "line 1: text: is said twice", ""),
    ("key.jsonl", '{"text": "a", "when": "b"}\n', "line 1: when: there is no such field", ""),
    ("key.md", "One.\n---\n\ndate: Fri 09:00\nTwo.\n", "line 4: date: there is no such key", "capital letter"),
    ("keys.md", "---\nat: 2027-06-04 09:00\n---\nOne.\n", "line 2: text: there is none", ""),
]


@pytest.mark.parametrize(("name", "content", "line", "says"), BAD, ids=[name for name, *_ in BAD])
def test_one_bad_row_queues_nothing(home: Home, name: str, content: str | bytes, line: str, says: str) -> None:
    """It is named with file, line, field and remedy; exit code 2, nothing is kept, no traceback."""
    done = queue(home, name, content)
    assert done.code == 2 and name in done.err, done.err
    assert line.rstrip("“") in done.err and says in done.err, done.err
    assert not home.database.exists() or home.rows("SELECT count(*) FROM drafts") == [(0,)]


def test_a_post_may_begin_like_a_key(home: Home) -> None:
    """A capital letter says so."""
    assert queue(home, "a.md", "at: 2027-06-04 09:00\nNote: bring a lamp.\n").code == 0
    assert home.rows("SELECT text FROM parts") == [("Note: bring a lamp.",)]


def test_all_bad_rows_are_told_up_to_twenty(home: Home) -> None:
    """And how many more there are; a file that was queued before has only such."""
    rows = "text\n" + "".join(f"This is number {number}.\n" for number in range(30))
    assert queue(home, "a.csv", rows).code == 0
    done = queue(home, "a.csv", rows)
    assert done.code == 2 and "a.csv, line 21: " in done.err and "line 22" not in done.err
    assert "… and 10 more." in done.err and "Nothing is queued: 30 of 30 posts are not right." in done.err
    assert home.rows("SELECT count(*) FROM drafts") == [(30,)]


def test_a_bad_picture_is_read_once_for_all_its_posts(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each post that shows it is named; beyond the most pictures none is read."""
    read: list[Path] = []

    def prepared(path: Path) -> tuple[object, bytes]:
        read.append(path)
        raise importing.MediaError(f"{path.name} is no picture.", "Give another.")

    monkeypatch.setattr(importing, "prepared", prepared)
    monkeypatch.setattr(importing, "MOST_PICTURES", 2)
    album = importing._Album(print)
    for name in ("a.jpg", "a.jpg", "b.jpg", "c.jpg", "a.jpg"):
        with pytest.raises(importing.MediaError, match="too many" if name == "c.jpg" else f"{name} is no picture"):
            album.prepared(Path(name), "")
    assert read == [Path("a.jpg"), Path("b.jpg")]


@pytest.mark.parametrize("words", [("One.",), ("--at", "Fri 09:00"), ("--now",), ("--no-alt",)])
def test_a_file_says_it_all(home: Home, words: tuple[str, ...]) -> None:
    """Words beside it contradict it; without either, post says what it needs."""
    assert "--file goes with --bot and --json alone" in queue(home, "a.csv", "text\nOne.\n", *words).err
    assert "post needs TEXT" in home("post").err


def test_a_file_has_ten_thousand_rows_at_most(home: Home) -> None:
    """As many as a file may have are queued in one command; one more is too many."""
    start = datetime(2026, 12, 3, tzinfo=UTC)
    rows = io.StringIO()
    table = csv.writer(rows)
    table.writerow(["text", "at"])
    for number in range(post_files.MOST_POSTS):
        at = start + timedelta(minutes=90 * number)
        table.writerow([f"We ride number {number} up the hill, see a.example/{number}", f"{at:%Y-%m-%d %H:%M}"])
    done = queue(home, "a.csv", rows.getvalue(), "--json")
    assert done.code == 0, done.err
    assert home.rows("SELECT count(*) FROM drafts") == [(post_files.MOST_POSTS,)]
    table.writerow(["One more.", ""])
    done = queue(home, "b.csv", rows.getvalue())
    assert done.code == 2 and "more than 10,000 posts" in done.err


def test_a_file_is_read_up_to_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger and a folder are refused and not read."""
    monkeypatch.setattr(post_files, "MOST_BYTES", 100)
    path = tmp_path / "a.csv"
    path.write_text("text\nOne.\n")
    assert post_files.read(path)[0] == Row(2, {**dict.fromkeys(post_files.FIELDS, ()), "text": ("One.",)})
    path.write_text("text\n" + "x" * 100)
    with pytest.raises(post_files.UsageError, match="larger"):
        post_files.read(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(post_files.UsageError, match="directory"):
        post_files.read(path)


def test_pages_of_cards_are_read_within_one_time_for_all(home: Home) -> None:
    """From when it is up no page is asked; the posts go without their cards, which is told once."""
    home.settings(BLUESKY_IDENTIFIER="a.example", BLUESKY_PASSWORD="abcd-efgh-ijkl-mnop")
    path = home.path.parent / "a.csv"
    path.write_text("text,at\n" + "".join(f"See https://a.example/{number}\n" for number in range(5)))
    app, left, asked = App.load(home.path, {}, print), [100.0], []

    class Cards:
        why_not = "the page is gone."

        def add_to(self, parts, platforms):  # type: ignore[no-untyped-def]
            asked.append(parts)
            left[0] -= 50
            return tuple(parts)

    checks = partial(OwnPosts, app.session.bot(""), (), app.clock())
    batch = Importer(checks, lambda *words: "", Cards(), lambda: left[0], print).checked(path)  # type: ignore[arg-type]
    assert len(asked) == 2 and len(batch.posts) == 5
    assert batch.notes == ["No card goes along with 5 of the posts: the time for reading pages was up."]
