"""`tune` changes one key of a bot's file, and nothing else in it."""

from __future__ import annotations

import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from tests.home import Home
from twitter_manager.domain import FORMATS
from twitter_manager.errors import UsageError
from twitter_manager.operations.tuning import changed, value_of
from twitter_manager.operations.weights import topic_weights, tunable_weights
from twitter_manager.settings import load, sample_bot_file
from twitter_manager.store.database import connect

FILE = """# My bot.
enabled = true  # yes
blocked_terms = [
  "a",  # one
  "b",
]

[topics]
git = 2 # often
"node.js" = 1

[limits]
per_day = 3
[[sources]]
kind = "starter"
"""


@pytest.mark.parametrize(
    ("table", "name", "value", "was", "becomes"),
    [
        ("topics", "git", 4, "git = 2 # often", "git = 4 # often"),
        ("topics", "node.js", 0.5, '"node.js" = 1', '"node.js" = 0.5'),
        ("topics", "big ideas", 1, "[topics]\n", '[topics]\n"big ideas" = 1\n'),
        ("limits", "quiet_hours", "22:00-07:00", "[limits]\n", '[limits]\nquiet_hours = "22:00-07:00"\n'),
        ("", "enabled", False, "enabled = true  # yes", "enabled = false  # yes"),
        ("", "time_zone", "Europe/Berlin", "# My bot.\n", 'time_zone = "Europe/Berlin"\n# My bot.\n'),
        ("learn", "mode", "on", 'kind = "starter"\n', 'kind = "starter"\n\n[learn]\nmode = "on"\n'),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_one_line_changes(table: str, name: str, value: object, was: str, becomes: str, newline: str) -> None:
    """All else stays to the byte, comments and line ends too."""
    expected = FILE.replace(was, becomes, 1) if table or name == "enabled" else becomes + FILE.removeprefix(was)
    assert changed(FILE.replace("\n", newline), table, name, value) == expected.replace("\n", newline)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[topics]\ngit = 1\n"a b" = 3\n'),
        ("[topics]", '[topics]\ngit = 1\n"a b" = 3\n'),
        ("[topics]\r\n'a b' = 1\r\n[learn]\r\n", "[topics]\r\n'a b' = 3\r\n[learn]\r\n"),
        ("\ufeff[topics]\nx = 1", '\ufeff[topics]\n"a b" = 3\nx = 1'),
        ('[topics]\n"a b" = 1_0.5e0#c\n', '[topics]\n"a b" = 3#c\n'),
        ('[topics]\n"a b" = 1 # "mine", don\'t touch # it\n', '[topics]\n"a b" = 3 # "mine", don\'t touch # it\n'),
        ('s = """\n[topics]\n"""\n', None),
        ("topics = [1]\n[x]\n", None),
        ('topics."a b" = 1\n', None),
    ],
)
def test_weights_of_topics(before: str, after: str | None) -> None:
    """Topics without weights get those that hold; line ends, marks, quotes and every comment stay; what is not
    understood is left to the person."""
    assert changed(before, "topics", "a b", 3, {"git": 1.0}) == after


def test_a_sign_in_a_text_begins_no_comment() -> None:
    assert changed('[a]\nb = "x # y" # z\n', "a", "b", "c") == '[a]\nb = "c" # z\n'


def test_what_cannot_be_changed_for_sure_is_left() -> None:
    """A list over several lines, an inline table, a dotted key: the person is told to do it by hand."""
    assert changed(FILE, "", "blocked_terms", ["c"]) is None
    assert changed("limits = { per_day = 3 }\n", "limits", "per_day", 4) is None
    assert changed("limits.per_day = 3\n", "limits", "per_day", 4) is None
    assert changed('a = """\n[topics]\ngit = 2\n"""\n[topics]\ngit = 1\n', "topics", "git", 3) is None


def test_formats_hold_as_a_whole_and_topics_are_named_by_their_person() -> None:
    """One format's weight leaves the others theirs; one topic alone would silence all others, so that is refused."""
    text = changed("enabled = true\n", "formats", "tip", 3)
    assert text is not None
    formats = tomllib.loads(text)["formats"]
    assert formats["tip"] == 3 and len(formats) > 3
    for empty in ("enabled = true\n", sample_bot_file()):
        with pytest.raises(UsageError, match="names no topics"):
            changed(empty, "topics", "git", 3)


@pytest.mark.parametrize(
    ("given", "value"),
    [("2", 2), ("0.5", 0.5), ("true", True), ('["x"]', ["x"]), ("22:00-07:00", "22:00-07:00"), ("on", "on"),
     ("2026-01-01", "2026-01-01"), ('"2"', "2"), ("a = 1\nb = 2", "a = 1\nb = 2"), ("[" * 5000, "[" * 5000)],
)  # fmt: skip
def test_a_value_is_read_as_toml_or_as_words(given: str, value: object) -> None:
    assert value_of(given) == value


def test_tune_sets_a_key_of_the_bots_file(home: Home) -> None:
    """The settings are read anew with it; a second time it says what stood there."""
    home.bot("default", "[limits]\nper_day = 3\n")
    assert home("tune", "limits.quiet_hours", "22:00-07:00").code == 0
    assert str(home("tune", "limits.per_day", "5", "--json").json["done"]).count("it was 3") == 1
    [bot] = load(home.path, {}).bots
    assert bot.limits.per_day == 5 and bot.limits.quiet_hours is not None


@pytest.mark.parametrize("words", [("tune", "learn.mode", "on"), ("topics", "--set", "tip", "2")])
def test_a_bot_without_a_file_keeps_its_material(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A newcomer's bot posts the notes that come with the program: the file that it gets names them, so that it posts
    on."""
    home = Home(tmp_path / "new")
    assert home(*words).code == 0
    [bot] = load(home.path, {}).bots
    assert [source.kind for source in bot.sources] == ["starter"]
    assert home().code == 0 and home.feed_exists()


def test_a_topic_and_a_format_are_the_same_in_large_letters(home: Home) -> None:
    """No second line for one topic, which would leave its weight to chance."""
    home.bot("default", '[topics]\n"Git bisect" = 2\n')
    assert home("tune", "topics.git  BISECT", "4").code == home("tune", "formats.Tip", "1").code == 0
    [bot] = load(home.path, {}).bots
    assert dict(bot.topics) == {"Git bisect": 4} and bot.formats["tip"] == 1


def test_tune_gives_the_first_topic_its_weight_as_topics_does(tmp_path: Path) -> None:
    """Both write all labels' weights, so that one topic doesn't silence the others, and say so."""
    files = []
    for name, *words in (("a", "tune", "topics.git", "4"), ("b", "topics", "--set", "git", "4")):
        home = Home(tmp_path / name)
        assert home().code == 0
        told = home(*words, "--json").json["done"][0]
        assert "topics.Git is 4 from now on" in told and "All labels there are now stand there" in told
        [bot] = load(home.path, {}).bots
        files.append(dict(bot.topics))
    assert files[0] == files[1] and files[0]["Git"] == 4 and len(files[0]) > 10


def test_more_topics_than_a_file_names_are_left_to_their_person(home: Home) -> None:
    """It says how many there are and what to do, and nobody is offered a command, or a lesson, that could not be
    carried out."""
    notes = [f'[[note]]\nid = "n{number}"\nlabel = "Topic {number}"\ntext = "Note {number}."' for number in range(201)]
    (home.path / "notes.toml").write_text("\n".join(notes))
    home.bot("default", '[[sources]]\nkind = "notes"\npath = "notes.toml"\n')
    assert home("sources", "update").code == 0
    for words in (("topics", "--set", "Topic 7", "3"), ("tune", "topics.Topic 7", "3")):
        done = home(*words)
        assert done.code == 2
        assert "The bot has 201 topics, and its file names 200 at most. Write those that you want" in done.err
    [bot] = load(home.path, {}).bots
    with closing(connect(home.database)) as db:
        assert (len(topic_weights(db, bot)), tunable_weights(db, bot).keys()) == (
            201,
            {f"formats.{name}" for name in FORMATS},
        )
    assert home("topics", "--set", "tip", "3").code == 0, "a format has nothing to do with it"


@pytest.mark.parametrize(
    ("key", "value", "code", "line"),
    [
        ("limits.per_dya", "5", 78, "per_dya"),
        ("limits.per_day", "many", 78, "per_day"),
        ("learn.mode", "loud", 78, "mode"),
        ("enabled.x", "1", 1, "by hand"),
        ("learn", "on", 2, "Name a key of it: learn.mode."),
        (".x", "1", 2, "is no key"),
        ("a]\n[b.c", "1", 2, "is no key"),
    ],
)
def test_a_slip_changes_nothing(home: Home, key: str, value: str, code: int, line: str) -> None:
    home.bot("default", "enabled = true\n[limits]\nper_day = 3\n")
    file = Path(home.path / "data" / "bots" / "default.toml")
    before = file.read_bytes()
    done = home("tune", key, value)
    assert (done.code, line in done.err, "Traceback" in done.err) == (code, True, False), done.err
    assert file.read_bytes() == before
