"""How texts are cut into passages: whole sentences, in order, nothing lost, in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.english import normalised, weight
from twitter_manager.retrieval.passages import LONGEST, SHORTEST, Passage, passages

SENTENCES = [
    "Git keeps the tip of a deleted branch in its reflog for 90 days. ",
    "SQLite 3.45 wrote e.g. 1.2 GB, i.e. a lot! ",
    "Dr. Ada asked: why? ",
    "数据库在提交之前写日志。",
    "日本語の文章はスペースを使わない、しかし句点で終わる。",
    "قاعدة البيانات تكتب السجل قبل الالتزام. ",
    "מסד הנתונים כותב יומן לפני האישור. ",
    "Emoji 👩🏽‍💻 and 🏳️‍🌈 stay whole… ",
    "x" * 700 + " ",
    "ツ" * 400,
    "\n\n",
    "\n- a line of a list\n",
    "\n# A heading\n\n",
    "\n## 標題\n",
    "\n# " + "far too long " * 30 + "\n",
    "e\u0301\u0323" * 300 + " ",
    "\u200bunseen\x00 ",
]
texts = st.lists(st.sampled_from(SENTENCES), max_size=30).map("".join) | st.text(max_size=2000)


def letters(text: str) -> str:
    return "".join(text.split())


def headed(found: tuple[Passage, ...]) -> str:
    """All that the passages hold, each heading where it begins to hold."""
    told, last = "", ""
    for one in found:
        told += one.heading * (one.heading != last) + one.text
        last = one.heading
    return letters(told)


@given(texts)
def test_nothing_is_lost_and_the_order_stays(text: str) -> None:
    """Letter by letter the passages are the text, whatever the script, without white space and marks of headings."""
    plain = text.replace("#", "")
    assert headed(passages(plain)) == letters(normalised(plain))


@given(texts)
def test_no_passage_is_longer_than_the_limit(text: str) -> None:
    """Each passage fits what the model reads, and holds something."""
    for one in passages(text, "A title" * 100):
        assert one.text.strip()
        assert len(one.heading) <= 200
        assert weight(one.text) <= LONGEST


@given(st.lists(st.integers(5, 40), min_size=1, max_size=40))
def test_sentences_stay_whole(lengths: list[int]) -> None:
    """A sentence that fits is never cut: every passage ends where a sentence ends."""
    text = " ".join(" ".join(["Word", *["word"] * count]) + "." for count in lengths)
    found = passages(text)
    assert all(one.text.endswith(".") and one.text.startswith("Word") for one in found)
    assert all(weight(one.text) >= SHORTEST for one in found[:-1])


def test_headings_stay_with_what_stands_below_them() -> None:
    """Each passage knows the nearest heading above it; a heading with nothing below is a passage by itself."""
    text = "Before.\n\n# Cache\nIt grows.\nAnd grows.\n\n## Limits\n\nFifty megabytes.\n\n# Empty"
    assert [(one.heading, one.text) for one in passages(text, "The tool")] == [
        ("The tool", "Before."),
        ("Cache", "It grows. And grows."),
        ("Limits", "Fifty megabytes."),
        ("", "Empty"),
    ]
    assert passages(text, "The tool")[1].whole == "Cache\nIt grows. And grows."


def test_short_neighbours_stand_together() -> None:
    """The lines of a list are one passage, not twenty; those below another heading are not mixed in."""
    text = "# A\n" + "\n".join(f"- Point {number} is short." for number in range(10)) + "\n# B\nAlone."
    found = passages(text)
    assert [one.heading for one in found] == ["A", "B"]
    assert found[0].text.count("\n") == 9


@pytest.mark.parametrize("piece", ["👩🏽‍💻", "e\u0301", "🏳️‍🌈"])
def test_a_cut_between_characters_leaves_them_whole(piece: str) -> None:
    """A text without a blank is cut where a new character begins."""
    found = passages(piece * 400)
    assert len(found) > 1
    assert [one.text.replace(piece, "") for one in found] == [""] * len(found)


def test_odd_texts() -> None:
    """Nothing, blanks and unseen characters alone give no passage; a huge text is cut off in bounded time."""
    assert passages("") == passages(" \n\n \t") == passages("\u200b\x00") == ()
    assert 0 < len(passages("word " * 1_000_000)) < 200
    assert 0 < len(passages("x" * 1_000_000)) < 300
