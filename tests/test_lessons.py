"""What a person's edits and skips teach: only what is clear is proposed, and nothing changes before they accept it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.home import Done, Home
from tests.review.filled import add, opened
from twitter_manager.domain import Actor, DraftStatus
from twitter_manager.learning import lessons
from twitter_manager.learning.lessons import Lesson, Now
from twitter_manager.review.actions import Actions
from twitter_manager.show.verb_shapes import json_schema
from twitter_manager.store.lessons import Decided, Edited

BOT = """# My bot: hands off.
time_zone = "Europe/Berlin" # where we live
hashtags = ["books"]

[topics]
# what we like
library = 2.0
opening = 1
"""
TEXTS = ("Books may be kept for four weeks", "The hall is closed for painting", "Guide dogs are welcome",
         "We open at ten", "The summer party is on the lawn", "New chairs stand by the window", "The lift works again",
         "Maps are on the third floor", "Returns go into the box", "The cafe has new cups")  # fmt: skip


def edits(before: str, after: str, times: int = 6, others: int = 0) -> list[Edited]:
    """So many drafts of which each was changed so, and others that stayed as they were. `{}`: a text of its own."""
    changed = [Edited(n, before.format(TEXTS[n % 10]), after.format(TEXTS[n % 10])) for n in range(times)]
    kept = (before.format(TEXTS[n % 10]) for n in range(others))
    return [*changed, *(Edited(100 + n, text, text + " ") for n, text in enumerate(kept))]


def rules(found: Sequence[Lesson]) -> list[str]:
    return [lesson.rule for lesson in found]


# -- what is found -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after", "rule", "key", "value"), [
    ("{}. #books", "{}.", "hashtags", "max_hashtags", 0),
    ("{} 🎉.", "{}.", "emoji", "persona.dont", ["use emoji"]),
    ("{}!", "{}.", "exclamation", "persona.dont", ["use exclamation marks"]),
    ("Good news: {}.", "{}.", "opener", "persona.dont", ["begin with an opening such as “Good news:”"]),
    ("We utilize this: {}", "We use this: {}", "word:utilize", "persona.dont", ["write “utilize”: write “use”"]),
    ("{} " + "and so on and on, " * 10, "{} " + "and so on, " * 4, "length", "style.max_chars", None),
])  # fmt: skip
def test_what_a_person_always_changes_becomes_a_rule(
    before: str, after: str, rule: str, key: str, value: object
) -> None:
    """From the fifth time on and in four of five cases; with the drafts that show it and the setting that does it; not
    where it is rarer, or where the setting says so already."""
    [lesson] = lessons.found(edits(before, after), [], Now())
    assert (lesson.rule, len(lesson.drafts), lesson.of) == (rule, 6, 6)
    [change] = lesson.changes
    assert change.key == key
    assert value is None or change.value == value
    assert "6 times of 6" in lesson.words
    assert rules(lessons.found(edits(before, after, 4), [], Now())) == []
    assert rules(lessons.found(edits(before, after, 8, others=2), [], Now())) == [rule]
    assert rules(lessons.found(edits(before, after, 7, others=3), [], Now())) == []
    follows = Now(max_hashtags=0, dont=tuple(value) if isinstance(value, list) else (), max_chars=60)
    assert rules(lessons.found(edits(before, after), [], follows)) == []


def test_what_a_person_does_now_and_then_is_no_rule() -> None:
    """A text written wholly anew, one that stays, and swaps of ever other words teach nothing."""
    anew = [Edited(n, f"{TEXTS[n]}.", f"{TEXTS[-n - 1]} today.") for n in range(10)]
    assert rules(lessons.found(anew, [], Now())) == []
    assert rules(lessons.found(edits("{}.", "{}."), [], Now())) == []


def test_the_length_that_is_proposed_fits_what_the_person_made_of_posts() -> None:
    """Of nine posts of ten, and within what the setting takes; addresses don't count."""
    made = [Edited(n, "x" * 200 + " https://a.example/" + "y" * 90, "x" * (70 + n)) for n in range(10)]
    [lesson] = lessons.found(made, [], Now())
    assert lesson.changes[0].value == 80
    assert rules(lessons.found(made, [], Now(max_chars=80))) == []


def decided(topic: str, skipped: int, approved: int, start: int = 0, **more: object) -> list[Decided]:
    made = Decided(0, True, topic, "news", "house", False)
    return [
        replace(made, draft=start + n, skipped=n < skipped, **more)  # type: ignore[arg-type] # fields of it
        for n in range(skipped + approved)
    ]


def test_a_topic_that_is_skipped_weighs_less_and_only_beside_others_that_are_not() -> None:
    """Who skips everything means no topic; who skips one among several is asked about that one."""
    both = [*decided("opening", 9, 1), *decided("closing", 2, 8, 50)]
    [lesson] = lessons.found([], both, Now(weights={"topics.opening": 2.0, "topics.closing": 1.0}))
    assert (lesson.rule, lesson.words) == ("topic:opening", "You skipped posts on opening 9 times of 10")
    assert [(change.key, change.value) for change in lesson.changes] == [("topics.opening", 0.5)]
    assert lessons.found([], decided("opening", 10, 0), Now()) == []
    assert lessons.found([], [*decided("opening", 10, 0), *decided("closing", 9, 1, 50)], Now()) == []


def test_formats_sources_and_pictures_are_told_apart() -> None:
    """A format has a weight; of a source and of pictures the person is told what to do themselves."""
    kept = decided("library", 0, 10, 50)
    found = lessons.found(
        [], [*kept, *decided("library", 6, 0, format="question")], Now(weights={"formats.question": 1.0})
    )
    assert [(lesson.rule, lesson.changes[0].key) for lesson in found] == [("format:question", "formats.question")]
    [source] = lessons.found([], [*kept, *decided("library", 6, 0, source="gossip")], Now())
    assert (source.rule, [*source.changes], "sources remove gossip" in source.by_hand) == ("source:gossip", [], True)
    [pictures] = lessons.found([], [*kept, *decided("library", 6, 0, pictured=True)], Now())
    assert (pictures.rule, "images = false" in pictures.by_hand) == ("pictures:a picture", True)


# -- the verb ------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A person took the hashtags out of six drafts, and skipped six posts on opening, but none on the library."""
    made = Home(tmp_path / "home")
    made.bot("library", BOT)
    for text in TEXTS[:6]:
        edit(made, add(made, f"{text}. #books", platforms=["feed"]), f"{text}.")
    with opened(made) as (app, db), db.transaction():
        db.update("UPDATE drafts SET topic = 'library'")
    numbers = [add(made, f"{text}, from nine.", platforms=["feed"]) for text in TEXTS[:6]]
    with opened(made) as (app, db):
        with db.transaction():
            db.update(f"UPDATE drafts SET topic = 'opening' WHERE id >= {numbers[0]}")
        for number in numbers:
            Actions(app, db, Actor("anna", "console")).skip(number)
    return made


def edit(home: Home, number: int, text: str, by: Actor = Actor("anna", "console")) -> None:  # noqa: B008
    with opened(home) as (app, db):
        Actions(app, db, by).edit(number, [text], approve=True)


def fits(done: Done) -> Done:
    Draft202012Validator(json_schema("lessons")).validate(json.loads(done.out))
    return done


def file(home: Home) -> str:
    return (home.path / "data" / "bots" / "library.toml").read_text()


def test_lessons_are_shown_with_the_posts_that_show_them(home: Home) -> None:
    """In words, with counts, with what accepting would set; and nothing is changed by looking."""
    before = file(home)
    told = home("lessons").out
    assert "1. library: You removed the hashtags 6 times of 6" in told
    assert "Accepting it sets hashtags = []; max_hashtags = 0" in told
    assert "#books" in told
    assert "became: " in told
    assert "2. library: You skipped posts on opening 6 times of 6" in told
    assert "Accepting it sets topics.opening = 0.25" in told
    listed = fits(home("lessons", "--json")).json["lessons"]
    assert [(lesson["id"], lesson["rule"], len(lesson["drafts"])) for lesson in listed] == [
        (1, "hashtags", 6), (2, "topic:opening", 6)
    ]  # fmt: skip
    assert file(home) == before
    assert home.rows("SELECT count(*) FROM events WHERE kind LIKE 'lesson_%'") == [(0,)]


def test_accepting_writes_the_settings_and_leaves_all_else(home: Home) -> None:
    """Comments and other keys stay; it is on record; what was accepted is not proposed again, nor is what was
    dropped."""
    assert home("lessons").code == 0
    assert fits(home("lessons", "accept", "1", "--json")).json["done"][1].startswith("max_hashtags is 0 from now on")
    assert home("lessons", "accept", "2").code == 0
    written = tomllib.loads(file(home))
    assert (written["hashtags"], written["max_hashtags"], written["topics"]) == (
        [],
        0,
        {"library": 2.0, "opening": 0.25},
    )
    for kept in ("# My bot: hands off.", "# where we live", "# what we like", "library = 2.0"):
        assert kept in file(home)
    assert fits(home("lessons", "--json")).json == {"lessons": []}
    again = home("lessons", "accept", "1")
    assert (again.code, "was accepted already" in again.err) == (2, True)
    assert home.rows("SELECT kind FROM events WHERE kind LIKE 'lesson_%'") == [("lesson_accepted",)] * 2
    assert home("audit", "verify").code == 0


def test_a_skipped_topic_counts_less_where_the_file_names_none(home: Home) -> None:
    """As in most bots: it gets a quarter of what it counts now, and the others are left theirs."""
    labels = {"opening": 6, "library": 4}
    (home.path / "notes.toml").write_text(
        "".join(
            f'[[note]]\nid = "{label}{number}"\nlabel = "{label}"\ntext = "{TEXTS[number]}: the {label} says so."\n'
            for label, notes in labels.items()
            for number in range(notes)
        )
    )
    home.bot("library", '[[sources]]\nkind = "notes"\npath = "notes.toml"\n')
    assert home("lessons").out.count("name all topics in [topics]") == 1, "no material is known yet"
    assert home("sources", "update").code == 0
    [lesson] = [each for each in home("lessons", "--json").json["lessons"] if each["rule"] == "topic:opening"]
    assert lesson["changes"] == [{"key": "topics.opening", "value": 1.5}]
    assert home("lessons", "accept", str(lesson["id"])).code == 0
    assert tomllib.loads(file(home))["topics"] == {"opening": 1.5, "library": 4}


def test_what_was_dropped_never_comes_again(home: Home) -> None:
    """However many more cases there are; the file stays as it was."""
    before = file(home)
    assert home("lessons").code == 0
    assert fits(home("lessons", "drop", "1", "--json")).json["done"] == [
        "Lesson 1 is dropped, and is not proposed again."
    ]
    edit(home, add(home, f"{TEXTS[8]}. #books", platforms=["feed"]), f"{TEXTS[8]}.")
    assert [lesson["rule"] for lesson in home("lessons", "--json").json["lessons"]] == ["topic:opening"]
    assert file(home) == before


@pytest.mark.parametrize("words", [
    ("accept",), ("accept", "99"), ("accept", "1", "2"), ("drop", "x"), ("list", "1"),
    ("drop", "1", "--bot", "library"),
])  # fmt: skip
def test_slips_are_told_in_one_line(home: Home, words: tuple[str, ...]) -> None:
    """Exit code 2, and the file stays."""
    before = file(home)
    home("lessons")
    done = home("lessons", *words)
    assert (done.code, done.err.count("\n") >= 1, file(home)) == (2, True, before)


def test_what_programs_and_runs_did_teaches_nothing(tmp_path: Path) -> None:
    """An assistant's edits are not the person's, nor is a person's own post a draft that they mended; without a
    database there is nothing to learn from."""
    home = Home(tmp_path / "home")
    home.bot("library", BOT)
    assert fits(home("lessons", "--json")).json == {"lessons": []}
    for text in TEXTS[:6]:
        number = add(home, f"{text}. #books", platforms=["feed"])
        with opened(home) as (app, db):
            Actions(app, db, Actor("assistant", "mcp")).edit(number, [f"{text}."])
        edit(home, add(home, f"{text} now. #books", platforms=["feed"], origin="person"), f"{text} now.")
    with opened(home) as (_, db):
        assert db.value("SELECT count(*) FROM drafts WHERE status = ?", DraftStatus.PENDING) == 6
        assert db.value("SELECT count(*) FROM events WHERE kind = 'draft_edited'") == 12
    assert home("lessons", "--json").json == {"lessons": []}
