"""What waits, as a person meets it: the verb `drafts` as a process, its order as a property, material that left."""

from __future__ import annotations

import sqlite3
import sys
import tomllib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import START
from tests.fresh import new_database
from tests.home import Home
from twitter_manager.content import plain
from twitter_manager.operations import queue
from twitter_manager.operations.sources import without_table
from twitter_manager.pipeline.select import in_turn
from twitter_manager.store import drafts
from twitter_manager.store.database import Database

STARTER = '[[sources]]\nkind = "starter"\n'
FACTS = {
    "six": "Our club has six rides a week, and each of them begins at nine.",
    "ten": "A good chain lasts ten thousand kilometres when it is cleaned after rain.",
    "two": "Two lamps on a bicycle are the law wherever the streets are dark.",
    "map": "The map in the clubhouse shows every spring where bottles can be filled.",
}
NOTES = '[[note]]\nid = "{0}"\nlabel = "club"\ntext = "{1}"\n'
ALL_NOTES = "\n".join(NOTES.format(*fact) for fact in FACTS.items())
EDITOR = '#!/bin/sh\nprintf "%s" "$NEW_TEXT" > "$1.new"\ncat "$1" >> "$1.new"\nmv "$1.new" "$1"\n'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.bot("club", f'platforms = ["feed"]\npool = 4\n{STARTER}')
    return made


@pytest.fixture
def filled(home: Home) -> Home:
    """Draft 1 is out; 2 to 5 wait."""
    assert home("run").code == 0
    return home


def waiting(home: Home) -> list[int]:
    return [draft["id"] for draft in home("drafts", "--json").json["drafts"]]


def test_an_empty_queue_says_what_to_do(home: Home) -> None:
    """Before the first run and without any draft, the bare verb is no blank screen."""
    assert "Nothing waits" in home("drafts").out and home("drafts", "--json").json == {"drafts": []}


def test_the_list_is_the_order_in_which_posts_go_out(filled: Home) -> None:
    """One first, one last, one before another: the runs of the next hours publish exactly what the list said."""
    own = "We ride on Sunday at nine, and all are welcome."
    assert filled("post", own).code == 0
    listed = filled("drafts", "--json").json["drafts"]
    assert [draft["id"] for draft in listed] == [6, 2, 3, 4, 5]
    assert listed[0]["lengths"] == {"feed": [{"length": len(own), "limit": None}]}
    assert listed[0]["origin"] == "person" and listed[0]["parts"] == [own]
    for words in (("5", "--first"), ("--last", "2"), ("4", "--before", "3")):
        assert filled("drafts", "move", *words).code == 0
    foreseen = waiting(filled)
    assert foreseen == [5, 6, 4, 3, 2]
    out = []
    for _ in range(3):
        filled.next_slot()
        out.append(filled("run", "--json").json["bots"][0]["draft"]["id"])
    assert out == foreseen[:3]


def test_a_refused_move_changes_nothing_and_keeps_no_other_from_it(filled: Home) -> None:
    """What is out, what is unknown and a moment that is past are told by number; the rest is done."""
    done = filled("drafts", "move", "1", "4", "99", "--first", "--json")
    assert done.code == 2 and done.json["drafts"] == [4]
    assert sorted(error.partition(":")[0].partition(".")[0] for error in done.json["refused"]) == [
        "Draft 1 is published",
        "There is no draft 99",
    ]
    for words in (
        ("2",),
        ("2", "--first", "--last"),
        ("--first",),
        ("2", "--at", "yesterday 09:00"),
        ("2", "--before", "1"),
    ):
        assert filled("drafts", "move", *words).code == 2
    assert waiting(filled) == [4, 2, 3, 5]


def test_a_draft_gets_a_date_and_loses_it(filled: Home) -> None:
    """It goes out at its date, and does not expire before; `--last` takes the date back."""
    assert filled("drafts", "move", "3", "--at", "in 200 hours").code == 0
    [dated] = [draft for draft in filled("drafts", "--json").json["drafts"] if draft["id"] == 3]
    due = datetime.fromisoformat(dated["due_at"])
    assert timedelta(days=8) < due - datetime.now(UTC) < timedelta(days=10) and dated["expires_at"] is None
    assert dated["waits"] == "dated"
    assert filled("drafts", "move", "3", "--last").code == 0 and waiting(filled) == [2, 4, 5, 3]


def test_an_edit_is_the_persons_word(filled: Home) -> None:
    """It is checked as a post of theirs is, keeps origin and place, goes out as it was written, and both texts are in
    the trail, which stays whole."""
    before = filled("drafts", "show", "2", "--json").json["drafts"][0]["parts"]
    mine = "damn: 7 rides, write to me@club.example!!!"
    assert filled("drafts", "edit", "--text", mine, "2").code == 0
    assert filled.rows("SELECT origin, status, expires_at, text_hash = approved_hash FROM drafts WHERE id = 2") == [
        ("generator", "approved", None, 1)
    ]
    [edited] = [event for event in filled("explain", "2", "--json").json["events"] if event["kind"] == "draft_edited"]
    assert (edited["before"], edited["after"]) == (before, [mine])
    filled.next_slot()
    assert filled("run", "--json").json["bots"][0]["draft"]["parts"] == [mine]
    assert filled("audit", "verify").code == 0
    refused = filled("drafts", "edit", "2", "--text", "Too late.")
    assert refused.code == 2 and "Draft 2 is published" in refused.err


@pytest.mark.parametrize("text", ["", "Same words."])
def test_an_edit_that_the_checks_refuse_changes_nothing(filled: Home, text: str) -> None:
    """Empty, said already: exit code, one line, the draft as it was."""
    assert filled("post", "Same words.").code == 0
    before = filled("drafts", "--json").json
    done = filled("drafts", "edit", "3", "--text", text)
    assert done.code in (1, 2) and len(done.err.splitlines()) == 1, done
    assert filled("drafts", "--json").json == before


def test_an_edit_makes_a_thread_of_a_post_and_a_post_of_a_thread(filled: Home) -> None:
    """Each `--text` is a part."""
    assert filled("drafts", "edit", "3", "--text", "The first part.", "--text", "The second part.").code == 0
    assert filled("drafts", "show", "3", "--json").json["drafts"][0]["parts"] == ["The first part.", "The second part."]
    assert filled("drafts", "edit", "3", "--text", "One alone.").code == 0
    assert filled.rows("SELECT number, text FROM parts WHERE draft_id = 3") == [(0, "One alone.")]


def test_an_editor_is_opened_at_a_terminal(filled: Home, tmp_path: Path) -> None:
    """What it leaves above the guide is the text; without a change, an editor or a terminal nothing happens."""
    editor = tmp_path / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    new = {"VISUAL": str(editor), "NEW_TEXT": "Written in an editor. "}
    assert "is changed" in filled.at_terminal("drafts", "edit", "3", **new).out
    [part] = filled("drafts", "show", "3", "--json").json["drafts"][0]["parts"]
    assert part.startswith("Written in an editor. ") and "nothing from this line" not in part
    assert "Nothing is changed" in filled.at_terminal("drafts", "edit", "4", VISUAL="true").out
    assert "did not work" in filled.at_terminal("drafts", "edit", "4", VISUAL="false").out
    assert filled("drafts", "edit", "4").code == 2 and "--text" in filled("drafts", "edit", "4").err


def test_two_terminals_edit_the_same_draft(filled: Home, tmp_path: Path) -> None:
    """Who comes second is told, and may go on with their text in the editor: it is not lost, and nothing loops."""
    script = tmp_path / "slow"
    other = f"{sys.executable} -m twitter_manager drafts edit 3 --text 'Quick words.'"
    script.write_text(
        f'#!/bin/sh\n[ -e {tmp_path}/seen ] || {other}\ntouch {tmp_path}/seen\nprintf "Slow words." > "$1"\n'
    )
    script.chmod(0o755)
    shown = filled.at_terminal("drafts", "edit", "3", typed="y\n", VISUAL=str(script)).out
    assert "was changed meanwhile" in shown
    assert "Draft 3 is changed" in shown
    assert filled("drafts", "show", "3", "--json").json["drafts"][0]["parts"] == ["Slow words."]


@pytest.mark.parametrize("words", [("show",), ("edit", "--text", "Mine."), ("move", "--first"), ("drop",)])
def test_a_draft_of_another_bot_than_the_named_one_is_left_alone(filled: Home, words: tuple[str, ...]) -> None:
    """`drafts drop 3 --bot second` drops nothing of the first."""
    filled.bot("second", f'platforms = ["feed"]\n{STARTER}')
    before = waiting(filled)
    refused = filled("drafts", *words, "3", "--bot", "second")
    assert (refused.code, "Draft 3 is of club" in refused.err) == (2, True)
    assert waiting(filled) == before
    assert filled("drafts", "show", "3", "--bot", "club").code == 0


def test_what_the_checks_have_against_a_text_is_told_in_sentences(filled: Home) -> None:
    """One full stop each."""
    filled.bot("club", f'platforms = ["feed"]\nblocked_terms = ["lamp", "red"]\n{STARTER}')
    refused = filled("drafts", "edit", "3", "--text", "A lamp is red.").err
    assert ".;" not in refused
    assert refused.count(". ") >= 2


def test_an_edit_waits_for_no_run(filled: Home) -> None:
    """What was not begun is decided on while a run holds the lock; what was begun leaves with 75 and is left alone."""
    import fcntl

    with (filled.path / "data" / "twitter.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for words in (("edit", "3", "--text", "Mine."), ("move", "3", "--first"), ("drop", "2")):
            assert filled("drafts", *words).code == 0
        with closing(sqlite3.connect(filled.database)) as db, db:
            db.execute("UPDATE drafts SET status = 'failed' WHERE id = 4")
        assert filled("skip", "4").code == 75
        assert filled("resume", "4").code == 75


def test_what_is_dropped_does_not_come_again(filled: Home) -> None:
    """A dropped draft's material rests; with `--all-generated` the bot writes anew, and the person's own stay."""
    assert (
        filled("post", "My own words stay.").code == 0
        and filled("drafts", "edit", "3", "--text", "So do these.").code == 0
    )
    dropped = filled("drafts", "show", "2", "--json").json["drafts"][0]["parts"]
    assert filled("drafts", "drop", "2").code == 0
    assert filled("drafts", "drop", "--all-generated", "--json").json["drafts"] == [4, 5]
    assert waiting(filled) == [6, 3]
    assert filled("drafts", "drop").code == 2 and filled("drafts", "drop", "3", "--all-generated").code == 2
    item = "SELECT item_id FROM drafts WHERE id = 2"
    assert filled.rows(f"SELECT held <> '' FROM drafts WHERE item_id = ({item})") == [(1,)] and dropped


# -- the order ---------------------------------------------------------------------------------------------


def _database(path: Path) -> Database:
    path.unlink(missing_ok=True)
    db = new_database(path)
    return db


_MOVES = st.lists(
    st.tuples(st.sampled_from(["first", "last", "before", "at", "new"]), st.integers(1, 6), st.integers(1, 6))
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=_MOVES)
def test_moving_never_loses_or_doubles_a_draft(tmp_path: Path, moves: list[tuple[str, int, int]]) -> None:
    """Whatever is moved where, by any number of moves and with new posts between them: each draft waits once, the moved
    one is where it was put, and the others keep their order."""
    db, count = _database(tmp_path / "t.db"), 0

    def add() -> None:
        nonlocal count
        count += 1
        origin = "person" if count % 3 == 0 else "generator"
        why = {"lane": "news"} if count % 4 == 0 else {}
        new = drafts.NewDraft("b", origin, plain([f"post {count}"]), ("feed",), None, topic="t", choice=why)
        with db.transaction():
            drafts.add(db, new, START)

    for _ in range(6):
        add()
    for kind, number, other in moves:
        before = [draft.id for _, draft in in_turn(db, "b", START)]
        if kind == "new":
            add()
            assert [i for _, d in in_turn(db, "b", START) if (i := d.id) != count] == before
            continue
        if kind == "before" and (number == other or other not in before):
            continue
        place = {
            "first": queue.Place(first=True),
            "last": queue.Place(last=True),
            "before": queue.Place(before=other),
            "at": queue.Place(due_at=START + timedelta(days=1)),
        }[kind]
        draft = drafts.get(db, number)
        assert draft is not None
        queue.move(db, draft, place, START)
        order = [draft.id for _, draft in in_turn(db, "b", START)]
        dated = [draft.id for draft in drafts.dated(db, "b", START)]
        assert sorted([*order, *dated]) == list(range(1, count + 1))
        assert [each for each in order if each != number] == [each for each in before if each != number]
        if kind == "at":
            assert number in dated
        elif kind == "before":
            assert order[order.index(number) + 1] == other
        else:
            assert order[0 if kind == "first" else -1] == number
    db.close()


# -- material that left ------------------------------------------------------------------------------------


def test_the_bundled_notes_leave_with_the_clubs_own(tmp_path: Path) -> None:
    """A club tries the program, then adds its notes by `sources add`: not one programming note goes out afterwards; the
    person's own posts and edits stay, and each draft says why it left."""
    home = Home(tmp_path / "home")
    assert home("run").code == 0
    assert (
        home("post", "We ride on Sunday.").code == 0 and home("drafts", "edit", "3", "--text", "Kept by me.").code == 0
    )
    generated = set(waiting(home)) - {3, max(waiting(home))}
    (home.path / "notes.toml").write_text(ALL_NOTES)
    added = home.at_terminal("sources", "add", str(home.path / "notes.toml"), "--yes")
    assert added.code == 0 and "left the pool: the source starter is no longer used" in added.out
    assert not generated & set(waiting(home))
    reasons = home.rows("SELECT DISTINCT status, reason FROM drafts WHERE status = 'skipped'")
    assert reasons == [("skipped", "the source starter is no longer used")]
    out = []
    for _ in range(4):
        home.next_slot()
        out += home("run", "--json").json["bots"][0]["draft"]["parts"]
    assert {*out[:2]} == {"We ride on Sunday.", "Kept by me."} and set(out[2:]) <= set(FACTS.values())


def test_a_run_sees_that_a_source_is_another_place(tmp_path: Path) -> None:
    """The file is changed by hand, under the same name: the next run, though it has nothing due, lets the drafts go,
    and what the old place gave is not posted even where the new place can't be read."""
    home = Home(tmp_path / "home")
    table = 'platforms = ["feed"]\npool = 3\n[[sources]]\nkind = "files"\nname = "club"\npath = "{}"\n'
    (home.path / "old").mkdir()
    for name, fact in FACTS.items():
        (home.path / "old" / f"{name}.md").write_text(f"# The {name}\n\n{fact}\n")
    home.bot("club", table.format("old"))
    assert home("run").code == 0
    assert waiting(home)
    home.bot("club", table.format("gone"))
    assert any("another place" in note for note in home("run", "--json").json["bots"][0]["notes"])
    assert not waiting(home)
    home.next_slot()
    again = home("run", "--json").json["bots"][0]
    assert again["draft"] is None and not waiting(home)


def test_a_generated_draft_with_a_date_is_the_persons(tmp_path: Path) -> None:
    """It stays when its source is removed and when all generated ones are dropped; without its date it leaves again."""
    home = Home(tmp_path / "home")
    assert home("run").code == 0
    assert home("drafts", "move", "3", "4", "--at", "in 72 hours").code == 0
    (home.path / "notes.toml").write_text(ALL_NOTES)
    assert home("sources", "add", str(home.path / "notes.toml"), "--yes").code == 0
    assert {3, 4} <= set(waiting(home))
    assert home("drafts", "move", "4", "--last").code == 0
    assert home("drafts", "drop", "--all-generated").code == 0
    assert waiting(home) == [3]


# -- sources remove ----------------------------------------------------------------------------------------

FILE = """# Mine. [[sources]] in a comment.\r
pool = 3 # three
blocked_terms = ['''
[[sources]]
kind = "no"
''']

# the notes
[[sources]]
kind = "notes"  # my own
path = "a.toml"
name = "notes"
# the docs
[[sources]] # here
kind = "files"
name = "docs"
patterns = [
  "**/*.md",
]
path = "docs"

[topics]
club = 1
"""


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_table_is_taken_out_and_all_else_stays(number: int, bom: str) -> None:
    """What a file means without that source, with every other line as it was, comments, line ends and a BOM too."""
    after = without_table(bom + FILE, number)
    assert after is not None
    wanted = tomllib.loads(FILE)
    del wanted["sources"][number]
    assert tomllib.loads(after.removeprefix("\ufeff")) == wanted
    removed = set(FILE.splitlines(keepends=True)) - set(after.removeprefix("\ufeff").splitlines(keepends=True))
    names = ("kind", "path", "name", "patterns", '  "**', "]", "[[sources]]")
    assert removed and all(line.startswith(names) for line in removed)
    assert after.startswith(bom) and "# the docs\n" in after and "# the notes\n" in after


def test_sources_remove_asks_and_lets_the_drafts_go(tmp_path: Path) -> None:
    """Without a yes nothing is written; with it the table and its drafts are gone, and an unknown name is told."""
    home = Home(tmp_path / "home")
    (home.path / "a.toml").write_text(ALL_NOTES)
    home.bot(
        "club",
        f'platforms = ["feed"]\npool = 2\n[[sources]]\nkind = "notes"\nname = "mine"\npath = "a.toml"\n{STARTER}',
    )
    assert home("run").code == 0 and waiting(home)
    assert "Nothing is written" in home("sources", "remove", "mine").out and waiting(home)
    assert home("sources", "remove", "nine", "--yes").code == 2
    done = home.at_terminal("sources", "remove", "--yes", "mine")
    assert done.code == 0 and "left the pool" in done.out and "Sources now: starter" in done.out, done
    assert not waiting(home) and (home.path / "data/bots/club.toml").read_text().endswith(STARTER)
    home.bot("club", 'sources = [{kind = "notes", name = "mine", path = "a.toml"}]\n')
    assert home("sources", "remove", "mine", "--yes").code == 1


def test_a_place_is_added_once(tmp_path: Path) -> None:
    """The same folder, by whatever path, is refused with the name of the source that has it."""
    home = Home(tmp_path / "home")
    (home.path / "docs").mkdir()
    (home.path / "docs" / "a.md").write_text("# Slate\n\nSlate keeps answers in its cache for a day, and never more.\n")
    (home.path / "link").symlink_to("docs")
    assert home("sources", "add", "--name", "papers", str(home.path / "docs"), "--yes").code == 0
    for path in ("docs", "docs/", "link", "docs/../docs"):
        done = home("sources", "add", f"{home.path}/{path}", "--yes")
        assert done.code == 2 and "is a source already: papers" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("drop", "1", "--at", "Fri 09:00"), "--at goes with drafts move, not with drafts drop"),
        (("show", "1", "--text", "x"), "--text goes with drafts edit"),
        (("--all-generated",), "--all-generated goes with drafts drop, not with drafts list"),
        (("list", "1"), "drafts list takes no number"),
    ],
)
def test_an_option_of_another_action_changes_nothing(home: Home, words: tuple[str, ...], told: str) -> None:
    """It is told with the action that it goes with, and not left out of account."""
    home("post", "We ride.")
    done = home("drafts", *words)
    assert done.code == 2 and told in done.err
    assert home.rows("SELECT status FROM drafts WHERE id = 1") == [("approved",)]
