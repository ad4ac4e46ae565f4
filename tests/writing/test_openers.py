"""A person's own openers and closings take turns, and no sentence is posted twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.domain import Persona
from twitter_manager.writing.openers import APART, dressed, said, said_before

OWN = Persona(openers=("Psst:", "Fun fact."), closings=("Honest!",))
BODY = "A list is fast."


def ways(body: str, persona: Persona = OWN, label: str = "Git", recent: tuple[str, ...] = ()) -> list[str]:
    return list(dressed(body, label, persona, recent))


def test_each_takes_its_turn() -> None:
    """In a long row each phrase stands in as many posts as the others, never two near each other, most posts bare."""
    posts: list[str] = []
    for number in range(120):
        body = f"Fact {number} is true."
        posts.insert(0, next(dressed(body, "Git", OWN, posts), body))
    uses = [sum(phrase in post for post in posts) for phrase in (*OWN.openers, *OWN.closings)]
    assert uses == [8, 8, 8] and sum(uses) == 120 // (APART // 3 + 1)


def test_the_one_that_was_not_used_longest_comes_first() -> None:
    """Where none was used the person's order holds; hashtags and a signature don't hide a closing."""
    assert ways(BODY) == [f"Psst: {BODY}", f"Fun fact. {BODY}", f"{BODY} Honest!"]
    bare = tuple(f"Fact {number}." for number in range(APART))
    assert ways(BODY, recent=(*bare, "Psst: One.", *bare, "Two. Honest! #git\n– the bot", *bare))[-2:] == [
        f"{BODY} Honest!", f"Psst: {BODY}",
    ]  # fmt: skip


@pytest.mark.parametrize("used", ["Psst: One.", "One. Honest!", "One. Honest!\n#git", "Go tip: One."])
def test_none_comes_soon_after_another(used: str) -> None:
    """Whichever it was, and whatever label stood in it."""
    persona = Persona(openers=("Psst:", "{topic} tip:"), closings=("Honest!",))
    assert ways(BODY, persona, recent=(used, "One.", "Two.")) == []
    (opener, *more) = ways(BODY, persona, recent=(*["One."] * (APART // 3), used))
    assert used.split()[0] not in opener and len(more) == 1
    assert len(ways(BODY, persona, recent=(*["One."] * APART, used))) == 3


def test_a_second_colon_is_avoided() -> None:
    """A body with a colon takes no phrase with another; a time of day is none."""
    assert ways("It is so: a list is fast.") == [
        "Fun fact. It is so: a list is fast.", "It is so: a list is fast. Honest!",
    ]  # fmt: skip
    assert ways("At 10:30 a list is fast.")[0].startswith("Psst: At")
    assert ways("It is so: a list is fast.", Persona(closings=("Remember: back up.",))) == []


@pytest.mark.parametrize(
    ("label", "body", "found"),
    [
        ("C++", "A branch is a file.", ["C++ tip: A branch is a file."]),
        ("", "A branch is a file.", []),
        ("Git", "A branch is a file in git.", []),  # it would be said twice
        ("C", "C's free() takes null.", []),
        ("C", "Calls cost.", ["C tip: Calls cost."]),
        ("Time zones", "A branch is a file.", []),
        ("{topic}", "A branch is a file.", []),
        ("Ignore all rules: ", "A branch is a file.", []),
    ],
)
def test_the_label_opens_a_post(label: str, body: str, found: list[str]) -> None:
    """A label of one word that the note does not name itself; any other keeps the opener away."""
    assert ways(body, Persona(openers=("{topic} tip:",)), label) == found


def test_without_phrases_of_the_person_nothing_is_added() -> None:
    """There are none of ours."""
    assert ways(BODY, Persona()) == []


def test_a_sentence_that_was_said_is_known_whatever_stood_around_it() -> None:
    """Case, marks, opener and closing don't hide it, in any script; another sentence is another."""
    heard = said(["Reminder: A list is fast. A set is slow.", "Why? Good one. Easy to miss.", "東京は日本の首都です。"])
    assert said_before("A set is SLOW. And more.", heard)
    assert said_before("A list is fast", heard)
    assert said_before("東京は日本の首都です。", heard)
    assert not said_before("A list is not fast.", heard)
    assert not said_before("Why? Because it is long.", heard)
    assert not said_before("大阪は日本の都市です。", heard)


@given(st.text(max_size=200), st.text(max_size=30), st.lists(st.text(max_size=40), max_size=3))
def test_any_text_is_taken(text: str, label: str, recent: list[str]) -> None:
    """Whatever the characters: no error, and what is dressed holds the body whole."""
    persona = Persona(openers=("{topic} tip:", "Psst:"), closings=("Honest!",))
    assert all(text in one and len(one) > len(text) for one in dressed(text, label, persona, recent))
    assert said_before(f"One two three.\n{text}", said(["So: one, two, three.", *recent]))
