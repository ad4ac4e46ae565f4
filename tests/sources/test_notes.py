"""Notes: what a file of them may hold, what it is told when it may not, and that nothing in it can break the reader."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twitter_manager.errors import SettingsProblems
from twitter_manager.sources.notes import MAX_BYTES, read_notes

NOTE = """
[[note]]
id = "tea"
label = "Kitchen"
text = "Tea needs 4 minutes."
"""


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "notes.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems(folder: Path, content: str | bytes) -> list[tuple[str, str]]:
    """Field and message of everything that reading `content` complains of."""
    with pytest.raises(SettingsProblems) as caught:
        read_notes(write(folder, content), "mine")
    assert all(problem.where == str(folder / "notes.toml") for problem in caught.value.problems)
    assert all(problem.remedy and "\n" not in str(problem) for problem in caught.value.problems)
    return [(problem.field, problem.message) for problem in caught.value.problems]


def test_a_note_becomes_an_item(tmp_path: Path) -> None:
    """Every field arrives where the rest of the program looks for it, in the file's order."""
    content = NOTE + 'wordings = ["Give tea 4 minutes."]\nsource = "https://tea.test/brew"\nchecked = "2026-11-21"\n'
    first, second = read_notes(write(tmp_path, content + NOTE.replace("tea", "tea-2")), "mine")
    assert (first.source, first.key, first.label) == ("mine", "tea", "Kitchen")
    assert (first.text, first.wordings) == ("Tea needs 4 minutes.", ("Give tea 4 minutes.",))
    assert first.url == "https://tea.test/brew"
    assert (second.key, second.wordings, second.url) == ("tea-2", (), "")


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + NOTE,
        NOTE.replace("\n", "\r\n"),
        NOTE + "checked = 2026-11-21\n",
        'note = [{id = "a", label = "L", text = "Tea."}]',
        NOTE.replace("Tea needs", "  Tea 茶 👩‍💻 می‌شود needs"),
    ],
    ids=["byte order mark", "Windows line ends", "date without quotes", "inline table", "joiners"],
)
def test_forms_that_an_editor_or_a_person_may_choose_are_read(tmp_path: Path, content: str) -> None:
    """Harmless variety is no problem, and space around a text is not kept."""
    (item,) = read_notes(write(tmp_path, content), "mine")
    assert item.text == item.text.strip() != ""


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    """Each wrong line is named with its note and field, so one round of mending is enough."""
    content = """
        [[note]]
        id = "Tea Time"
        lable = "Kitchen"
        text = ""
        wordings = ["ok", "", 3, "ok", "split\\nline"]
        source = "http://tea.test"
        checked = "21.11.2026"
        [[note]]
        id = "cup"
        label = "Kitchen"
        text = "A cup."
        wordings = ["A cup."]
        [[note]]
        id = "cup"
        label = "Kitchen"
        text = "Another cup."
    """
    found = problems(tmp_path, content)
    assert [field for field, _ in found] == [
        "note 1 (Tea Time)",
        "note 1 (Tea Time): label",
        "note 1 (Tea Time): id",
        "note 1 (Tea Time): text",
        "note 1 (Tea Time): wordings, number 2",
        "note 1 (Tea Time): wordings, number 3",
        "note 1 (Tea Time): wordings, number 4",
        "note 1 (Tea Time): wordings, number 5",
        "note 1 (Tea Time): source",
        "note 1 (Tea Time): checked",
        "note 2 (cup): wordings, number 1",
        "note 3 (cup): id",
    ]
    assert found[-1][1] == "is the id of note 2 too."


def test_an_unknown_key_is_refused_with_the_near_one(tmp_path: Path) -> None:
    """A slip of the pen is told from a key that means nothing, at both levels of the file."""
    with pytest.raises(SettingsProblems) as caught:
        read_notes(write(tmp_path, NOTE + 'wording = ["x"]\nzzz = 1\n'), "mine")
    assert [problem.remedy for problem in caught.value.problems] == [
        "Did you mean wordings?",
        "Known: id, label, text, wordings, source, checked.",
    ]
    assert problems(tmp_path, "[[notes]]\nid = 1") == [("", "the key notes is unknown.")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f'text = "{"a" * 231}"', "has 231 characters, and 230 are the limit."),
        ('text = "a\\u0000b"', "has an invisible or control character (U+0000)."),
        ('text = "a\\u202eb"', "has an invisible or control character (U+202E)."),
        ('text = """a\nb"""', "has an invisible or control character (U+000A)."),
        ('text = "a\\u200bb"', "has an invisible or control character (U+200B)."),
        ('text = " "', "is empty."),
        ("text = 7", "is not text."),
        ("text = {a = 1}", "is not text."),
    ],
)
def test_a_text_that_could_not_be_posted_is_refused(tmp_path: Path, line: str, message: str) -> None:
    """Over length, empty, not text, or with characters that no reader sees."""
    content = NOTE.replace('text = "Tea needs 4 minutes."', line)
    assert problems(tmp_path, content) == [("note 1 (tea): text", message)]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('wordings = "one"', "wordings"),
        (f"wordings = {json.dumps([str(n) for n in range(11)])}", "wordings"),
        (f'wordings = ["{"a" * 231}"]', "wordings, number 1"),
        ('source = "ftp://tea.test"', "source"),
        ('source = "https://user:word@tea.test/"', "source"),
        ('source = "https://tea"', "source"),
        ('source = "https://tea.test/a b"', "source"),
        ('checked = "2026-02-30"', "checked"),
        ("checked = 12:00:00", "checked"),
        ("checked = []", "checked"),
    ],
)
def test_a_wrong_optional_field_is_refused(tmp_path: Path, line: str, field: str) -> None:
    """What may be left out must still be right when it is there."""
    assert [found for found, _ in problems(tmp_path, NOTE + line)] == [f"note 1 (tea): {field}"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no notes."),
        (b"\xff\xfe[\x00", "is not UTF-8 (byte 0)."),
        (b"[[note]]\nid =", "is not valid TOML: "),
        (b"a = " + b"9" * 5000, "is not valid TOML: "),
        (b"a = " + b"[" * 100_000, "is not valid TOML: "),
        (b"note = 1", "is not a list of tables."),
        (b"note = [1]", "is not a list of tables."),
        (b"[note]\nid = 'a'", "is not a list of tables."),
        (b"#" * (MAX_BYTES + 1), "is larger than "),
        (b".".join([b"a"] * 200_000) + b" = 1", "has a line with more than "),
    ],
    ids=["empty", "utf-16", "broken", "digits", "deep", "number", "numbers", "one table", "huge", "dots"],
)
@pytest.mark.timeout(60)
def test_a_file_that_holds_no_notes_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """Bytes meant to exhaust the parser are answered like any other mistake."""
    ((_, found),) = problems(tmp_path, content)
    assert found.startswith(message)


def test_a_listing_of_very_many_problems_stays_readable(tmp_path: Path) -> None:
    """A wrong file of the allowed size can't print a hundred thousand lines."""
    found = problems(tmp_path, "[[note]]\n" * 20_000)
    assert len(found) == 51
    assert found[-1][1] == "59950 more problems."


def test_what_is_echoed_can_not_write_to_the_terminal(tmp_path: Path) -> None:
    """Keys and ids with line breaks or escape sequences come back without them, and not at full length."""
    key = json.dumps("\u001b[2J\n\u202e" + "k" * 5000)
    found = problems(tmp_path, NOTE + f"{key} = 1\n" + f"[[note]]\nid = {key}\n")
    assert len(found) > 1
    for _, message in found:
        assert message.isprintable()
        assert len(message) < 300


def test_a_path_without_a_readable_file_is_a_problem_too(tmp_path: Path) -> None:
    """Missing, a folder, a pipe that nobody writes to, a name that no system takes: named, and never waited for."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing.toml", tmp_path, tmp_path / "pipe", Path("a\0b"), Path("/dev/zero")):
        with pytest.raises(SettingsProblems, match="can't be read"):
            read_notes(path, "mine")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: (NOTE + text).encode("utf-8", "replace")))
)
def test_no_bytes_raise_anything_else(tmp_path: Path, content: bytes) -> None:
    """Whatever the file holds, the answer is items or SettingsProblems."""
    try:
        items = read_notes(write(tmp_path, content), "mine")
    except SettingsProblems as error:
        assert error.problems
    else:
        assert items


VALUES = st.recursive(
    st.one_of(st.text(max_size=20), st.integers(), st.booleans(), st.dates(min_value=date(1000, 1, 1))),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


def toml(value: object) -> str:
    """`value` in TOML; JSON's strings, numbers and booleans are TOML's too."""
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value).replace("\x7f", "\\u007f")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["id", "label", "text", "wordings", "source", "checked", "x"]), VALUES))
def test_no_value_in_a_field_raises_anything_else(tmp_path: Path, note: dict[str, object]) -> None:
    """Every field with a value of every type: an item that keeps the rules, or SettingsProblems."""
    content = "[[note]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in note.items())
    try:
        (item,) = read_notes(write(tmp_path, content), "mine")
    except SettingsProblems:
        return
    assert item.key == note["id"]
    assert all(0 < len(text) <= 230 and text.isprintable() for text in (item.text, *item.wordings))
