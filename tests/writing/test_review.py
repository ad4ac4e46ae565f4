"""Best of n, with the real checks: what is chosen is final, sound and the best of those."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.budget import MoneyBudget
from twitter_manager.checks import CheckContext, Policy
from twitter_manager.content import normalised_hash
from twitter_manager.domain import Brief, Candidate, Generation, Item, Persona
from twitter_manager.writing import judge
from twitter_manager.writing.post_spec import Delivery, Material, PostSpec
from twitter_manager.writing.review import LOWEST, MOST_JUDGED, CheckedCandidate, Review, Verdict, chosen, doubted
from twitter_manager.writing.topics import Rules

TEXT = "Git stash saves the work in progress and gives back a clean tree."
ITEM = Item("notes", "k", TEXT)
BRIEF = Brief("bot", "git", "tip", (ITEM,), Persona(), max_chars=280, seed=1)
CONTEXT = CheckContext(
    platforms=("x", "bluesky"),
    policy=Policy(),
    material=(TEXT,),
    recent=(),
    used_hashes=lambda digest: False,
    secrets=(),
    written_by_model=True,
)


def delivery(**more: Any) -> Delivery:
    return Delivery(CONTEXT, timedelta(days=1), **more)


def spec(**more: Any) -> PostSpec:
    material = Material(Rules())
    return PostSpec("bot", material, BRIEF, delivery(**{"numbered": False} | more))


def generation(*candidates: Candidate) -> Generation:
    return Generation("fake", "m", "", 1, "", "", candidates)


def said(text: str, score: float = 0.0) -> Candidate:
    return Candidate((text,), score, {"fluency": score})


class Judge:
    """Gives one verdict after the other, then always the last; says what it was asked."""

    name, free = "scripted", True

    def __init__(self, *verdicts: judge.Verdict) -> None:
        self.verdicts, self.asked = verdicts, list[str]()

    def review(self, brief: Brief, parts: Sequence[str], *about: object) -> judge.Verdict:
        self.asked.append(parts[0])
        return self.verdicts[min(len(self.asked), len(self.verdicts)) - 1]


YES, NO = judge.Verdict(()), judge.Verdict(("No.",))


def judged(
    *made: Generation,
    brief: Brief = BRIEF,
    context: CheckContext = CONTEXT,
    by: Judge | None = None,
    harm: str = "",
    **more: Any,
) -> list[CheckedCandidate]:
    """Checked and judged, where nobody is named by one who says yes to everything."""
    review = Review(
        spec=spec(**more),
        brief=brief,
        made=list(made),
        writer=None,
        judge=by or Judge(YES),
        time_left=lambda: 100.0,
        progress=lambda line: None,
        money=MoneyBudget(1.0),
        harm=harm,
    )
    best = review.decide(context)
    assert best == chosen(review.checked)
    return review.checked


def texts(checked: list[CheckedCandidate]) -> tuple[str, ...]:
    """What was chosen; nothing where nothing was."""
    one = chosen(checked)
    return one.parts if one else ()


def test_the_best_that_passes_everything_is_chosen_and_all_are_kept() -> None:
    """A better score doesn't save a text with an invented number; every candidate keeps its story."""
    first = generation(said(TEXT, 1.0), said("Git stash saves the work of 97 people in progress.", 9.0))
    second = generation(said("Git stash gives back a clean tree and saves the work.", 2.0))
    result = judged(first, second)
    assert [(one.generation, one.verdict, one.score) for one in result] == [
        (first, Verdict.PASSED, 1.0),
        (first, Verdict.REJECTED, 9.0),
        (second, Verdict.CHOSEN, 2.0),
    ]
    assert chosen(result) == result[2]
    assert any("97" in violation.message for violation in result[1].violations)
    assert result[1].scores == {"fluency": 9.0}


def test_of_equally_good_ones_the_first_is_chosen() -> None:
    """A tie is no matter of chance."""
    result = judged(generation(said(TEXT), said("Git stash gives back a clean tree.")))
    assert texts(result) == (TEXT,)


def test_nothing_is_chosen_when_nothing_passes() -> None:
    """Empty, cut off, or no candidates at all: no choice, and the reasons are there."""
    result = judged(generation(said(""), said("Git stash saves the")), generation())
    assert chosen(result) is None
    assert [one.verdict for one in result] == [Verdict.REJECTED] * 2
    assert all(one.violations for one in result)
    assert judged() == []


def test_model_text_is_mended_before_it_is_judged() -> None:
    """Quotes around the whole post go; the post is what is left."""
    result = judged(generation(said(f'"{TEXT}"')))
    assert texts(result) == (TEXT,)


def test_a_single_post_never_becomes_a_thread() -> None:
    """Sound parts, but more of them than the brief allows: refused, whatever generator made them."""
    thread = generation(Candidate((TEXT, "Git stash gives back a clean tree.")))
    (refused,) = judged(thread)
    assert [violation.rule for violation in refused.violations] == ["parts"]
    assert chosen(judged(thread, brief=replace(BRIEF, max_parts=2)))


def test_checks_see_what_dressing_appended() -> None:
    """A text that fits only without its signature is refused."""
    result = judged(generation(said(TEXT)), signature="Posted by a program that belongs to " + "x" * 240)
    assert chosen(result) is None
    assert result[0].parts[0].endswith("x" * 240)
    assert {violation.platform for violation in result[0].violations} >= {"x", "bluesky"}


def test_what_was_posted_before_is_not_chosen_again() -> None:
    """The context's history reaches the checks with the final text."""
    known = normalised_hash((TEXT,))
    result = judged(generation(said(TEXT)), context=replace(CONTEXT, used_hashes=lambda digest: digest == known))
    assert chosen(result) is None


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_loses(score: float) -> None:
    """It can be stored, and any other sound candidate wins."""
    result = judged(generation(said(TEXT, score), said("Git stash gives back a clean tree.", -50.0)))
    assert [one.score for one in result] == [LOWEST, -50.0]
    assert chosen(result) == result[1]


def test_hashtags_and_signature_go_to_the_last_part() -> None:
    """In this order, each hashtag once, and not those the text holds already in any case; #github is not #git."""
    signed = delivery(hashtags=("git", "#python", " #python", ""), signature="-- a bot")
    assert signed.dress(("One.", "Use #Git. ")) == ("One.", "Use #Git. #python\n-- a bot")
    assert delivery(hashtags=("git",)).dress(("On #github.",)) == ("On #github. #git",)


def test_a_hashtag_without_room_is_left_out_but_never_the_signature() -> None:
    """Room is kept for the signature; shorter tags still come in."""
    tagged = delivery(hashtags=("toolongtag", "ab"), signature="me")
    assert tagged.dress(("x" * 273,)) == ("x" * 273 + " #ab\nme",)
    assert tagged.dress(("x" * 280,)) == ("x" * 280 + "\nme",)


def test_nothing_to_append_changes_nothing() -> None:
    """No parts, or no tags and no signature."""
    assert delivery(hashtags=("git",), signature="me").dress(()) == ()
    assert delivery().dress(("One.",)) == ("One.",)


def test_parts_are_numbered() -> None:
    """A single post carries no number, nor do threads where a person wants none."""
    assert delivery().number(("a", "b", "c")) == ("1/3 a", "2/3 b", "3/3 c")
    assert delivery().number(("a",)) == ("a",) and delivery(numbered=False).number(("a", "b")) == ("a", "b")


def test_without_a_yes_a_models_text_is_never_chosen() -> None:
    """The best is judged first, after a no the next, a few in all; a useless answer or a warning of harm ends it; what
    is true by construction needs no judge."""
    texts_, scores = (TEXT, "Git stash gives back a clean tree.", "Git stash saves work."), (3.0, 2.0, 1.0)
    three = generation(*map(said, texts_, scores))
    second = judged(three, by=(one := Judge(NO, YES)))
    assert one.asked == list(texts_[:2]) and texts(second) == (texts_[1],)
    assert [one.verdict for one in second] == [Verdict.REJECTED, Verdict.CHOSEN, Verdict.PASSED]
    never = judged(three, by=(one := Judge(NO)))
    assert not chosen(never) and len(one.asked) == MOST_JUDGED and never[0].violations[0].message == "No."
    for last in (replace(NO, unusable=True), judge.Verdict((), harm="It may harm.")):
        stopped = judged(three, by=(one := Judge(last)))
        assert not chosen(stopped) and len(one.asked) == 1 and not doubted(stopped)
    framed = judged(generation(replace(said(TEXT), frame="wording")), by=(one := Judge(NO)))
    assert texts(framed) == (TEXT,) and not one.asked


def test_what_is_only_doubted_waits_for_a_person() -> None:
    """Of what is true by construction the best doubted one is offered; a model's needs a yes first."""
    found = judged(generation(replace(said(TEXT), frame="title")), harm="It may harm.")
    best = doubted(found)
    assert not chosen(found) and best and best.held == "the judge warns: It may harm."
    assert doubted(judged(generation(said(TEXT)), harm="It may harm.")) is None


@given(
    st.lists(st.text(max_size=40), min_size=1, max_size=4),
    st.lists(st.text(max_size=12), max_size=4),
    st.text(max_size=12),
    st.integers(0, 280),
)
def test_dressing_twice_is_dressing_once(parts: list[str], tags: list[str], signature: str, filler: int) -> None:
    """Text that comes back dressed is not dressed again, other parts are never touched, and the limit holds wherever
    it held before the hashtags."""
    tags = [tag for tag in tags if not any(c.isspace() or c == "#" for c in tag)]
    signed = delivery(signature=signature)
    parts[-1] += "x" * filler
    once = delivery(hashtags=tuple(tags), signature=signature).dress(tuple(parts))
    assert once[:-1] == tuple(parts[:-1])
    assert signed.dress(once) == once
    if signed._fits(signed.dress(tuple(parts))[-1]):
        assert signed._fits(once[-1])


def test_a_model_must_keep_to_the_format() -> None:
    """A question without a question mark is none; what was made without a model was made to fit."""
    wanted = replace(BRIEF, format="question")
    (found,) = judged(generation(said(TEXT)), brief=wanted)
    assert [violation.rule for violation in found.violations] == ["format"]
    assert chosen(judged(generation(replace(said(TEXT), frame="wording")), brief=wanted))


def test_the_numbers_of_a_thread_are_no_claims_but_take_room() -> None:
    """Numbers are put in front after the checks, and a part that has no room for its own is refused."""
    wanted = replace(BRIEF, format="thread", max_parts=2)
    thread = Candidate(("Git stash saves the work in progress.", "Git stash gives back a clean tree."))
    result = judged(generation(thread), brief=wanted, numbered=True)
    assert [part[:4] for part in texts(result)] == ["1/2 ", "2/2 "]
    long = " ".join(["Git stash saves the work in progress."] * 8)[:279].rstrip() + "."
    full = replace(thread, parts=(thread.parts[0], long), frame="thread")
    context = replace(CONTEXT, material=(*thread.parts, long))
    assert not judged(generation(full), brief=wanted, context=context)[0].violations
    (refused,) = judged(generation(full), brief=wanted, context=context, numbered=True)
    assert {violation.rule for violation in refused.violations} == {"length"}
