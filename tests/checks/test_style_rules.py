"""Tone, length and language: each side of each rule, and texts in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.texts import PIECES
from twitter_manager.checks import CheckContext, Policy, check_draft
from twitter_manager.checks.style_rules import liking
from twitter_manager.checks.tables import table
from twitter_manager.domain import TONES


def found(text: str, *material: str, tone: str = "", most: int | None = None, language: str = "en") -> set[str]:
    """Which of the wishes a model's text breaks."""
    policy = Policy(tone=tone, max_chars=most, max_links=None)
    context = CheckContext(policy=policy, material=material, written_by_model=True, language=language)
    return {one.rule for one in check_draft((text,), context)} & {"tone", "wished_length", "language"}


def test_every_tone_does_something() -> None:
    """Each tone that the settings know bars something."""
    wishes = table("style_rules")
    assert wishes["barred"].keys() == TONES.keys() and wishes["liked"].keys() <= TONES.keys()
    assert all(wishes["barred"].values())
    assert {*wishes["expressions"], "emoji"} == {
        one for how in ("barred", "liked") for row in wishes[how].values() for one in row
    }


@pytest.mark.parametrize(
    ("tone", "sound", "barred"),
    [
        ("sober", "Git stash saves changes. It's quick, isn't it?", "Git stash saves changes!"),
        ("sober", "Use `git stash!` or a != b, and !important.", "Git stash saves changes \U0001f389."),
        ("sober", "The til file lists them; spoilers are cars' parts.", "PSA: git stash saves changes."),
        ("formal", "The cat's name is Tom; it is James' cat.", "It's quick."),
        ("formal", "It does not read them.", "It doesn't read them."),
        ("formal", "I/O is slow in the US.", "I find it slow."),
        ("formal", "Business rules.", "We like our rules."),
        ("friendly", "You can't lose it! SQLite and HTTP are fine.", "NEVER do that."),
        ("friendly", "A lazily read file.", "Obviously it is a file."),
        ("lively", "What a file! PSA: read it.", "Everyone knows what a file is."),
        ("", "PSA: NEVER do that!!! I can't \U0001f389", ""),
    ],
)
def test_tone(tone: str, sound: str, barred: str) -> None:
    """What the tone bars is found, what only looks like it is not; without a wish everything goes."""
    assert found(sound, tone=tone) == set()
    assert not barred or found(barred, tone=tone) == {"tone"}


def test_what_a_tone_likes_is_counted() -> None:
    """The share of what makes a post sound so; nothing for a tone that only bars."""
    assert liking(("You can't lose it.",), "friendly") == 1.0
    assert liking(("It is kept.",), "friendly") == 0.0
    assert liking(("Lost a branch?", "It is there."), "lively") == 1.0
    assert liking(("Anything!",), "sober") is None and liking(("Anything!",), "") is None


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("a" * 100, 100),
        ("\U0001f469‍\U0001f680" * 100, 100),
        ("e\u0301" * 100, 100),
        ("שלום " * 20, 100),
        ("漢" * 100, 100),
    ],
)
def test_length_is_what_readers_count(text: str, counted: int) -> None:
    """A family of emoji, a letter with its accent and a CJK character are one each; the wish is an upper bound."""
    assert "wished_length" not in found(text, most=counted)
    assert "wished_length" in found(text, most=counted - 1)


def test_a_persons_text_answers_to_no_wish() -> None:
    """What a person writes may be as long and as loud as they like."""
    context = CheckContext(policy=Policy(tone="sober", max_chars=60), language="de")
    assert check_draft(("PSA: the cat is on the mat and that is what it is for! " * 3,), context) == ()


GERMAN = "Der Rat hat der neuen Brücke nicht zugestimmt, und das wird auch im Mai nicht anders sein."
ENGLISH = "The council has not approved the new bridge, and that is what it will be in May from what they say."
FRENCH = "Le conseil a refusé le pont et la route, et les élus sont pour une autre solution dans le village."


@pytest.mark.parametrize(
    ("text", "language", "sound"),
    [
        (GERMAN, "de", True),
        (GERMAN, "de-AT", True),
        (GERMAN, "en", False),
        (ENGLISH, "en", True),
        (ENGLISH, "de", False),
        (ENGLISH, "fr", False),
        (ENGLISH, "ja", False),
        (ENGLISH, "sv", False),
        (ENGLISH, "cy", True),
        (FRENCH, "fr", True),
        (FRENCH, "es", False),
        ("市議会は新しい橋の計画に反対した。五月に再び審議する。", "ja", True),
        ("市議会は新しい橋の計画に反対した。五月に再び審議する。", "en", False),
        ("Совет не одобрил новый мост, и решение отложено до мая.", "ru", True),
        ("Совет не одобрил новый мост, и решение отложено до мая.", "en", False),
        ("المجلس لم يوافق على الجسر الجديد حتى شهر مايو", "ar", True),
        ("git rebase --onto main", "ja", True),
        ("SQLite 3.51, Python 3.14, GitHub Actions, Docker Compose", "de", True),
        ("`the of and is that for it with are by this from`", "de", True),
        ("", "de", True),
    ],
)
def test_language(text: str, language: str, sound: bool) -> None:
    """Another language is found; names, code and wished languages that nobody can tell are not."""
    assert ("language" not in found(text, language=language)) is sound


def test_the_materials_own_sentences_stay_in_their_language() -> None:
    """A German bot may quote its English source; what the model says in English besides is refused."""
    assert "language" not in found(ENGLISH, ENGLISH, language="de")
    assert "language" in found(
        f"{ENGLISH} It is what they have said, and that is the end of it, by and by.", ENGLISH, language="de"
    )


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=8).map(" ".join),
    st.sampled_from(["", *TONES]),
    st.sampled_from(["en", "de", "ja", "he", "xx", ""]),
)
def test_no_text_breaks_a_wish(text: str, tone: str, language: str) -> None:
    """Any text in any tone and language is judged without a crash, and may always repeat its material."""
    assert found(text, tone=tone, most=80, language=language) == found(text, tone=tone, most=80, language=language)
    assert "language" not in found(text, text, language=language)
    score = liking((text,), tone)
    assert score is None or 0 <= score <= 1


def test_strict() -> None:
    """Whole sentences of the material pass in any order, with any end mark; anything else only where not asked for."""
    material = ("Harbour 3.4", "The hall opens at 9. Dogs are not allowed!\nBring a friend.")

    def is_refused(text: str, fidelity: str) -> bool:
        context = CheckContext(material=material, policy=Policy(fidelity=fidelity), written_by_model=True)
        return "strict" in {one.rule for one in check_draft((text,), context)}

    for own in ("Dogs are not allowed.", "The hall opens at 9.\n\nBring a friend. #dogs", "Harbour 3.4"):
        assert not is_refused(own, "strict"), own
    for other in ("Dogs are allowed.", "The hall opens.", "Hello! Bring a friend."):
        assert is_refused(other, "strict") and not is_refused(other, ""), other
