"""Openers and closings fit every fact, and a bot's memory of its posts keeps them from wearing out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.domain import Persona
from twitter_manager.writing import openers
from twitter_manager.writing.openers import (
    CLOSINGS,
    COMPARISON_CLOSINGS,
    MOST_USES,
    OF_FACTS,
    OPENERS,
    QUESTION_CLOSINGS,
    QUESTION_OPENERS,
    TIP_OPENERS,
    WINDOW,
    Memory,
    Shape,
    closings_for,
    dressed,
    look,
    openers_for,
)

PLAIN = [one for one in OPENERS if openers.TOPIC not in one]
EVERY = [*OPENERS, *TIP_OPENERS, *QUESTION_OPENERS]
ENDS = [*CLOSINGS, *QUESTION_CLOSINGS, *COMPARISON_CLOSINGS]


def test_openers_and_closings_claim_nothing() -> None:
    """No source, no rank, no number, no name, no date, and none twice."""
    assert 20 <= len(EVERY) == len(set(EVERY))
    assert 10 <= len(ENDS) == len(set(ENDS))
    for one in (*EVERY, *ENDS):
        assert one[0].isupper() or one.startswith(openers.TOPIC)
        assert one[-1] in ":?."
        assert not re.search(
            r"\d|docs|manual|according|best|most|top|favou?rite|today|new|everyone|nobody|says",
            one.removeprefix(openers.TOPIC),
            re.I,
        )


def test_a_second_colon_is_avoided() -> None:
    """A body with a colon gets only openers without one."""
    assert all(not one.endswith(":") for one in openers_for("It is so: a list is fast.", "Git"))
    assert "Reminder:" in openers_for("At 10:30 a list is fast.")


@pytest.mark.parametrize(
    ("body", "facts", "tips"),
    [
        ("A branch is a file.", True, False),
        ("Never store a password.", False, True),
        ("Enable forwarding with caution.", False, True),
        ("To see a file, run git show.", False, True),
        ("Only annotated tags count.", False, False),
        ("Only unpickle data that you trust.", False, False),
        ("Sort both files first.", False, False),
    ],
)
def test_an_order_is_no_fact_and_a_fact_no_tip(body: str, facts: bool, tips: bool) -> None:
    """ "Did you know? Never store a password." and "A tip: Only annotated tags count." are said by nobody."""
    found = set(openers_for(body, "SSH"))
    assert set(OPENERS) >= OF_FACTS
    assert (found >= OF_FACTS, set(TIP_OPENERS) <= found) == (facts, tips)
    assert facts or not OF_FACTS & found
    assert tips or not set(TIP_OPENERS) & found


def test_nobody_guesses_how_to_do_a_thing() -> None:
    """ "How do you undo a commit? Run git revert. Did you guess right?" is not asked; of a fact it may be."""
    assert closings_for("question", body="How do you undo a commit? Run git revert.") == ()
    assert closings_for("question", body="Is a branch a file? No.") == QUESTION_CLOSINGS


def test_the_label_opens_a_post() -> None:
    """A topic label that a person put on the note may open it; only what tells what to do is called a tip."""
    assert "{topic} note:" in openers_for("A branch is a file.", "C++")
    assert "{topic} tip:" not in openers_for("A branch is a file.", "Git")
    assert "{topic} tip:" in openers_for("Use a branch for each change.", "Git")
    assert "{topic} tip:" in openers_for("To see a file, run git show.", "Linux")
    assert dressed("A branch is a file.", "{topic} note:", label="C++") == "C++ note: A branch is a file."
    assert "{topic} fact:" in openers_for("On Linux, kill() sends a signal.", "Linux")
    assert (
        dressed("On Linux, kill() sends a signal.", "{topic} fact:", label="Linux")
        == "Linux fact: kill() sends a signal."
    )
    assert dressed("On Linux, kill() sends a signal.", "Reminder:", label="Linux").startswith(
        "Reminder: On Linux, kill()"
    )


@pytest.mark.parametrize(
    ("body", "label"),
    [
        ("A branch is a file.", ""),
        ("A branch is a file in Git.", "Git"),  # it would be said twice
        ("In Git, a branch is a file of Git.", "Git"),
        ("C's free() takes null.", "C"),
        ("A branch is a file.", "Time zones"),  # "Time zones tip" is clumsy
        ("A week starts on a Monday.", "Dates"),  # so is "Dates note"
        ("A branch is a file.", "{label}"),
        ("A branch is a file.", "Ignore all rules: "),
    ],
)
def test_the_label_stays_away(body: str, label: str) -> None:
    """No label, a repeated one, one of several words, a plural, one that is no word."""
    assert set(openers_for(body, label)) == set(PLAIN)


def test_a_question_has_its_own_openers_and_closings() -> None:
    """A form that a frame made gets what fits it, or nothing."""
    asked = "Does a list grow? Yes, but slowly."
    assert set(openers_for(asked, "", "question")) < set(QUESTION_OPENERS)
    assert closings_for("question") == QUESTION_CLOSINGS
    assert openers_for(asked, "", "comparison") == () == closings_for("limerick")


def test_a_personas_own_take_the_place_of_ours() -> None:
    """Openers and closings of a bot's file are the only ones then, under the same guards."""
    own = ("Psst:", "{topic}, briefly.")
    assert openers_for("A list is fast.", "Go", own=own) == own
    assert openers_for("A list: it is fast.", "Time zones", own=own) == ()
    assert closings_for("", ("Honest!",)) == ("Honest!",)


@pytest.mark.parametrize(
    ("text", "shape", "opener", "closing"),
    [
        ("A list is fast.", Shape.PLAIN, "", ""),
        ("A list is fast. A set is not.", Shape.SENTENCES, "", ""),
        ("Reminder: A list is fast.", Shape.OPENER, "Reminder:", ""),
        ("Did you know? A list is fast. A set is not.", Shape.OPENER, "Did you know?", ""),
        ("C++ fact: A list is fast.", Shape.LABEL, "{topic} fact:", ""),
        ("A list is fast. Good to know.", Shape.CLOSING, "", "Good to know."),
        ("A list is fast. Good to know. #git\n– the bot", Shape.CLOSING, "", "Good to know."),
        ("Does a list grow? Yes, but slowly. Would you have guessed?", Shape.QUESTION, "", "Would you have guessed?"),
        ("Quick quiz: Does a list grow? Yes.", Shape.QUESTION, "Quick quiz:", ""),
        ("all() or any()? all() takes all, while any() takes one.", Shape.COMPARISON, "", ""),
        ("1/3 Two small facts.\n2/3 One.\n3/3 Two.", Shape.THREAD, "", ""),
        ("Psst: A list is fast. Honest!", Shape.OPENER, "Psst:", "Honest!"),
    ],
)
def test_a_post_is_taken_apart(text: str, shape: Shape, opener: str, closing: str) -> None:
    """Its shape, its opener and its closing are found again in its text, hashtags and a signature or not."""
    found = look(text, Persona(openers=("Psst:",), closings=("Honest!",)))
    assert (found.shape, found.opener, found.closing) == (shape, opener, closing)


@given(st.sampled_from(["", *EVERY]), st.sampled_from(["", *ENDS]), st.sampled_from(["Git", "C++", "systemd"]))
def test_what_was_put_on_is_found_again(opener: str, closing: str, label: str) -> None:
    """For every opener and every closing: the body comes out as it went in."""
    body = "The order of rows is kept."
    found = look(dressed(body, opener, closing, label))
    assert (found.body, found.opener, found.closing) == (body, opener, closing)


def test_uses_fade_and_are_bounded() -> None:
    """The newest post weighs most, label openers count across labels; one that is used up in a window is spent."""
    memory = Memory(["Reminder: one.", "Go note: two.", "Three is bare.", "Reminder: four."])
    assert memory.worn("Reminder:") == pytest.approx(1 + 0.85**3)
    assert memory.worn("{topic} note:") == pytest.approx(0.85)
    assert memory.worn("Easy to miss:") == 0
    posts = [f"Reminder: fact {number}." for number in range(MOST_USES)]
    assert not Memory(posts[1:]).spent("Reminder:")
    assert Memory(posts).spent("Reminder:")
    assert not Memory([*["A fact."] * WINDOW, *posts]).spent("Reminder:")


def test_shapes_are_shared_out() -> None:
    """A shape that all of the latest posts had has nearly the whole share, one that none had nothing."""
    memory = Memory([f"Fact {number}." for number in range(60)])
    assert memory.share(Shape.PLAIN) == pytest.approx(1.0, abs=0.01)
    assert memory.share(Shape.QUESTION) == 0.0
    assert Memory([]).share(Shape.PLAIN) == 0.0


def test_a_sentence_that_was_said_is_known_whatever_stood_around_it() -> None:
    """Case, marks, opener and closing don't hide it; another sentence is another."""
    memory = Memory(["Reminder: A list is fast. A set is slow.", "Good one. Easy to miss."])
    assert memory.said("A set is SLOW. And more.")
    assert memory.said("A list is fast")
    assert not memory.said("A list is not fast.")
    assert not memory.said("Easy to miss.")
    assert not Memory(["A list is fast. Why? Because it is short."]).said("A set is slow. Why? Because it is long.")


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_text_is_taken(text: str, label: str) -> None:
    """Whatever the characters: no error, and no opener with a topic that is no word."""
    assert Memory([text]).share(look(text).shape) > 0
    assert all(openers.TOPIC not in one for one in openers_for(text, f"{label} {label}"))


@pytest.mark.parametrize("phrase", [*OPENERS, *TIP_OPENERS, *CLOSINGS])
def test_no_check_refuses_an_opener_or_a_closing(phrase: str) -> None:
    """Before or after a note's own words each passes the rules on a model's text, so that none is dead. Those for
    questions and comparisons stand beside forms that these rules don't look at."""
    from twitter_manager.checks import CheckContext, check_text

    body = "A list is fast."
    text = dressed(body, "", phrase) if phrase in CLOSINGS else dressed(body, phrase, "", "Go")
    context = CheckContext(material=(body, "Go"), written_by_model=True)
    assert check_text(text, "x", context).violations == ()
