"""Notes: what a file of them may hold, what it is told when it may not, and that nothing in it can break the reader."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twitter_manager.errors import SourceError
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


def problem(folder: Path, content: str | bytes) -> str:
    """What reading `content` complains of, on one line, without the file's name."""
    with pytest.raises(SourceError) as caught:
        read_notes(write(folder, content), "mine")
    words = str(caught.value)
    assert words.startswith(str(folder / "notes.toml"))
    assert words.isprintable()
    assert len(words) < 600
    return words.removeprefix(f"{folder / 'notes.toml'}: ")


def test_a_note_becomes_an_item(tmp_path: Path) -> None:
    """Every field arrives where the rest of the program looks for it, in the file's order."""
    content = NOTE + 'wordings = ["Give tea 4 minutes."]\nsource = " https://tea.test/brew "\nchecked = "2026-11-21"\n'
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


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('id = "Tea Time"', "note 1 (Tea Time): id is not a name."),
        ("id = 7", "note 1: id is not a name."),
        (f'text = "{"a" * 231}"', "note 1 (tea): text has 231 characters, and 230 are the limit. Shorten it."),
        ('text = "a\\u0000b"', "note 1 (tea): text has an invisible or control character (U+0000)."),
        ('text = "a\\u202eb"', "note 1 (tea): text has an invisible or control character (U+202E)."),
        ('text = """a\nb"""', "note 1 (tea): text has an invisible or control character (U+000A)."),
        ('text = "a\\u200bb"', "note 1 (tea): text has an invisible or control character (U+200B)."),
        ('text = " "', "note 1 (tea): text is empty."),
        ("text = {a = 1}", "note 1 (tea): text is not text. Put it in double quotes."),
        ('wordings = "one"', "note 1 (tea): wordings is not a list of at most 10."),
        (
            f"wordings = {json.dumps([str(n) for n in range(11)])}",
            "note 1 (tea): wordings is not a list of at most 10.",
        ),
        ('wordings = ["ok", ""]', "note 1 (tea): wordings 2 is empty."),
        ('wordings = ["ok", "ok"]', "note 1 (tea): wordings names the same thing twice."),
        ('wordings = ["Tea needs 4 minutes."]', "note 1 (tea) has its text among its wordings."),
        ('source = "http://tea.test"', "note 1 (tea): source is not an https:// address."),
        ('source = "https://user:word@tea.test/"', "note 1 (tea): source is not an https:// address."),
        ('source = "https://tea.test/a b"', "note 1 (tea): source is not an https:// address."),
        (r'source = "https://tea.test/\u202e"', "note 1 (tea): source has an invisible or control character (U+202E)."),
        (
            f'source = "https://tea.test/{"a" * 2000}"',
            "note 1 (tea): source has 2017 characters, and 2000 are the limit.",
        ),
        ('checked = "2026-02-30"', "note 1 (tea): checked is no date."),
        ("checked = 12:00:00", "note 1 (tea): checked is no date."),
        ('wording = ["x"]', "note 1 (tea): the key wording is unknown. Did you mean wordings?"),
        ("zzz = 1", "note 1 (tea): the key zzz is unknown. Known: id, label, text, wordings, source, checked."),
        ('[[note]]\nid = "b"\ntext = "B."', "note 2 (b): label is missing."),
        (NOTE, "note 2 has the id of note 1."),
        ("[[note]]\n[[note]]", "note 2: id is missing."),
        ('[zzz]\na = "b"', "the key zzz is unknown. Known: note."),
        ('[[note]]\nid = "\\u001b[2J\\n\\u202ekk"', "note 2 ([2J kk): id is not a name."),
        ('"\\u001b[2J\\n\\u202ekk" = 1', "note 1 (tea): the key [2J kk is unknown."),
    ],
)
def test_a_wrong_note_is_refused_by_name(tmp_path: Path, line: str, message: str) -> None:
    """Note, field and what is wrong are named, what is echoed can't write to the terminal, and the rest is counted."""
    key = line.partition(" = ")[0]
    whole = "".join(f"{row}\n" for row in NOTE.splitlines() if not row.startswith(f"{key} = "))
    assert problem(tmp_path, f"{whole}{line}\n").startswith(message)


def test_other_problems_are_counted(tmp_path: Path) -> None:
    """A wrong file of the allowed size can't print a hundred thousand lines."""
    assert problem(tmp_path, "[[note]]\n" * 20_000).endswith("(59,999 more problems)")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no notes."),
        (b"\xff\xfe[\x00", "is not UTF-8 (byte 0)."),
        (b"[[note]]\nid =", "is not valid TOML: "),
        (b"a = " + b"9" * 5000, "is not valid TOML: "),
        (b"a = " + b"[" * 100_000, "is not valid TOML: "),
        (b"note = 1", "note is not a list of tables."),
        (b"note = [1]", "note is not a list of tables."),
        (b"[note]\nid = 'a'", "note is not a list of tables."),
        (b"#" * (MAX_BYTES + 1), "is larger than "),
        (b".".join([b"a"] * 200_000) + b" = 1", "has a line with more than "),
    ],
    ids=["empty", "utf-16", "broken", "digits", "deep", "number", "numbers", "one table", "huge", "dots"],
)
@pytest.mark.timeout(60)
def test_a_file_that_holds_no_notes_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """Bytes meant to exhaust the parser are answered like any other mistake."""
    assert problem(tmp_path, content).startswith(message)


def test_a_path_without_a_readable_file_is_a_problem_too(tmp_path: Path) -> None:
    """Missing, a folder, a pipe that nobody writes to, a name that no system takes: named, and never waited for."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing.toml", tmp_path, tmp_path / "pipe", Path("a\0b"), Path("/dev/zero")):
        with pytest.raises(SourceError, match="can't be read"):
            read_notes(path, "mine")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: (NOTE + text).encode("utf-8", "replace")))
)
def test_no_bytes_raise_anything_else(tmp_path: Path, content: bytes) -> None:
    """Whatever the file holds, the answer is items or SourceError."""
    with suppress(SourceError):
        assert read_notes(write(tmp_path, content), "mine")


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
    """Every field with a value of every type: an item that keeps the rules, or SourceError."""
    content = "[[note]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in note.items())
    try:
        (item,) = read_notes(write(tmp_path, content), "mine")
    except SourceError:
        return
    assert item.key == note["id"]
    assert all(0 < len(text) <= 230 and text.isprintable() for text in (item.text, *item.wordings))
