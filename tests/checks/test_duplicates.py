"""Duplicates: the same post again is refused, and nothing that posts have in common can jam a bot."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.checks import CheckContext, check_draft
from twitter_manager.content import normalised_hash

NOTE = "Git keeps up to three versions of a file in the index while a merge is not finished."


def near(text: str, *recent: str) -> bool:
    found = check_draft((text,), CheckContext(material=(text,), recent=recent))
    return "near_duplicate" in [violation.rule for violation in found]


@pytest.mark.parametrize("again", [NOTE, NOTE.upper(), f"  {NOTE}!! 🎉", NOTE.replace(" ", "\n")])
def test_exact_duplicate(again: str) -> None:
    """The same words in other clothes are the same post, for a person too; other words aren't."""
    context = CheckContext(used_hashes={normalised_hash([NOTE])}.__contains__)
    assert [violation.rule for violation in check_draft((again,), context)] == ["duplicate"]
    assert check_draft((NOTE + " Usually.",), context) == ()


def test_thread_that_repeats_itself() -> None:
    """Two equal parts of a thread: X would refuse the second. The violation names the part."""
    (violation,) = check_draft(("One.", "Two.", "one"), CheckContext())
    assert (violation.rule, violation.part) == ("duplicate", 2)


@pytest.mark.parametrize(
    "again",
    [
        f"Did you know that {NOTE[0].lower()}{NOTE[1:]}",
        f"{NOTE} #git https://git-scm.com/docs/git-merge",
        "While a merge is not finished, Git keeps up to three versions of a file in the index.",
        "Git keeps up to three versions of a file in the index while a merge is still not done.",
    ],
)
def test_near_duplicate(again: str) -> None:
    """Another opener, a link more, clauses turned round, a word changed: the same post still."""
    assert near(again, "Something else entirely.", NOTE)


@pytest.mark.parametrize(
    ("text", "recent"),
    [
        ("https://example.com/a/b/c/d/e/f", "https://example.com/a/b/c/d/e/g"),
        ("Good morning!", "Good morning!"),
        (
            "Read the release notes before you upgrade: the old flag is gone, and cron lines fail.",
            "Read the release notes before you upgrade",
        ),
        (
            "Version 1.2.4 of foo is out. Upgrade with pip as always.",
            "Version 1.2.3 of foo is out. Upgrade with pip as always.",
        ),
        ("Bash gives 127 for a command that it can't find.", NOTE),
        ("", NOTE),
    ],
)
def test_not_near(text: str, recent: str) -> None:
    """Links, stock phrases, openers and other figures don't make a duplicate."""
    assert not near(text, recent)


def test_a_name_in_front_is_not_what_is_said() -> None:
    """Two chapters of one book are two posts; what two branches of a project tell word for word is one."""
    book = "Handbook of the Old Pottery Guild: "
    assert not near(f"{book}The kiln of the guild", f"{book}The guild's clay")
    assert near(f"{book}The kiln of the guild", f"{book}Kiln of the guild")
    assert near("tool 5.1.10: Fixed a crash on big pots.", "tool 3.3.12: Fixed a crash on big pots.")
    assert not near("tool 5.1.10: Fixed a crash on big pots.", "tool 3.3.12: Fixed a crash on big bowls.")


def test_same_figures_are_no_excuse() -> None:
    """A figure left out doesn't make a new post."""
    assert near(
        "Version 1.2.3 of foo is out, so upgrade with pip.", "Version 1.2.3 of foo is out (2026): upgrade with pip."
    )


def test_unspaced_scripts() -> None:
    """Japanese is compared as well as English."""
    text = "ギットは、マージが終わるまでインデックスにファイルを三つの版まで保持します。"
    assert near(text.replace("保持します", "持ちます"), text)
    assert not near("今日は天気がいいので、公園まで散歩に行って、パンを食べました。", text)


WORD = st.text(string.ascii_lowercase, min_size=3, max_size=9)


@given(
    st.lists(WORD, max_size=12), st.lists(WORD, max_size=6), st.sets(WORD, min_size=24, max_size=24), st.integers(1, 40)
)
def test_common_opener_and_signature_never_jam(
    opener: list[str], signature: list[str], bodies: set[str], posts: int
) -> None:
    """Whatever a bot puts before and after, and however often it did, a body of eight words of its own passes."""
    fresh = sorted(bodies - {*opener, *signature})
    body, others = fresh[:8], fresh[8:]
    if len(body) < 8 or len(others) < 3:
        return
    recent = [" ".join([*opener, *others[n % len(others) :], *signature]) for n in range(posts)]
    assert not near(" ".join([*opener, *body, *signature]), *recent)


@given(
    st.lists(st.sampled_from(["https://a.com/x", "Good morning", "Did you know?", "New post:", "🎉", ""])),
    st.sets(WORD, min_size=7),
)
def test_short_and_bare_posts_block_nothing(recent: list[str], body: set[str]) -> None:
    """However many bare links and stock phrases were posted, they never stop a post with words of its own."""
    for stock in [*recent, ""]:
        assert not near(f"{stock} {' '.join(sorted(body))}", *recent)


@given(st.lists(WORD, min_size=8, max_size=40, unique=True), st.integers(1, 2))
def test_the_same_again_is_always_found(body: list[str], times: int) -> None:
    """A post that was made once or twice is never let through again."""
    if len(set(body)) >= 8:
        assert near(" ".join(body), *[" ".join(body)] * times)


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        (("Cats sleep all day.", "Dogs bark all night."), []),
        (("Cats sleep all day.", "Dogs bark. Cats sleep all day!"), [1]),
        (("The cache is emptied every single night.", "Every single night the cache is emptied."), [1]),
        (("Read it twice.", "Why? Read it.", "Yes. No. Read it twice."), [2]),
        (("Version 3 drops the old parser.", "Version 4 drops the old parser."), []),
        (("猫は一日中眠る。犬は吠える。", "鳥は歌う。猫は一日中眠る。"), [1]),
        (("Why? Because.", "Why? Because."), []),
        (("It is so. It is so.",), [0]),
    ],
)
def test_a_thread_says_nothing_twice(parts: tuple[str, ...], wrong: list[int]) -> None:
    """A sentence of an earlier part is found again, its words in another order too; other numbers and short asides are
    none."""
    found = check_draft(parts, CheckContext(material=parts, written_by_model=True))
    assert [one.part for one in found if one.rule == "repetition"] == wrong
