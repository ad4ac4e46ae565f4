"""Scores for what a model wrote: readable counts from 0 to 1, and the best of those that pass wins by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.writing.test_review import judged
from twitter_manager.checks import CheckContext
from twitter_manager.domain import Brief, Candidate, Generation, Item, Persona
from twitter_manager.writing.review import CheckedCandidate, chosen
from twitter_manager.writing.text_scoring import WEIGHTS, rate, whole

ITEM = Item("notes", "k", "Git stash saves uncommitted changes on a stack.", label="git")
BRIEF = Brief("bot", "git", "tip", (ITEM,), Persona("Ada"), 280, 7)
PLAIN, FAR = "Git stash saves uncommitted changes.", "Kittens adore warm windowsills in spring."


@given(st.lists(st.text(max_size=120), max_size=4), st.lists(st.text(max_size=80), max_size=3), st.text(max_size=8))
def test_every_score_is_a_share(parts: list[str], recent: list[str], language: str) -> None:
    """Whatever the text, the recent posts and the language: each score and the whole lie between 0 and 1."""
    persona = replace(BRIEF.persona, language=language)
    found = rate(parts, replace(BRIEF, recent=tuple(recent), persona=persona))
    assert found.keys() < WEIGHTS.keys() and all(0 <= score <= 1 for score in found.values())
    assert 0 <= whole(found) <= 1


def judge(brief: Brief, made: Sequence[Generation]) -> list[CheckedCandidate]:
    return judged(*made, brief=brief, context=CheckContext(material=(ITEM.text, "git"), written_by_model=True))


def test_words_of_the_material_count_in_any_form() -> None:
    """Closeness is the share of content words that the material has, whatever the ending of a long one."""
    assert rate([PLAIN], BRIEF)["closeness"] == 1 > rate([FAR], BRIEF)["closeness"]
    assert rate(["Uncommitting a stash saves."], BRIEF)["closeness"] == 1
    assert "closeness" not in rate([PLAIN], replace(BRIEF, items=(), task="Say hello."))


def test_what_was_said_lately_is_not_new() -> None:
    """The nearest of the recent posts decides; the same words give 0, none in common 1."""
    assert rate([PLAIN], BRIEF)["novelty"] == rate([PLAIN], replace(BRIEF, recent=(FAR,)))["novelty"] == 1
    assert rate([PLAIN], replace(BRIEF, recent=(FAR, PLAIN)))["novelty"] == 0


def test_the_best_that_passes_wins_by_its_scores() -> None:
    """Of two sound answers the one that says more that is new wins, and its scores stand beside it."""
    other = ITEM.text
    generations = [Generation("openai", "m", "", 1, "p", t, (Candidate((t,)),)) for t in (PLAIN, other)]
    brief = replace(BRIEF, recent=("Git stash saves changes.",))
    found = judge(brief, generations)
    assert [one.violations for one in found] == [(), ()]
    best = chosen(found)
    assert best and best.parts == (other,) and set(best.scores) < set(WEIGHTS)
    assert found[0].score < found[1].score


def test_a_high_score_overrides_no_check() -> None:
    """The highest score with a violation loses to a lower one without."""
    loud = "Git stash saves uncommitted changes on 120 stacks."
    generations = [Generation("openai", "m", "", 1, "p", t, (Candidate((t,)),)) for t in (loud, PLAIN)]
    found = judge(BRIEF, generations)
    best = chosen(found)
    assert best and best.parts == (PLAIN,) and found[0].violations


def test_a_choosers_own_scores_stay() -> None:
    """What is true by construction keeps the score of the model that chose it; what a model wrote is rated."""
    framed = Candidate((PLAIN,), -3.5, {"body": -3.5}, "wording")
    wrote = Candidate((PLAIN,))
    one, two = (judge(BRIEF, [Generation("h", "m", "", 1, "p", "", (c,))])[0] for c in (framed, wrote))
    assert (one.score, one.scores) == (-3.5, {"body": -3.5})
    assert two.score > 0 and two.scores["closeness"] == 1
