"""The choice among true wordings: what is offered, how it is scored, and that the model adds no word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.domain import Brief, Item, Persona
from twitter_manager.writing.chooser import CHUNK, OPENER_COST, Chooser, prompt
from twitter_manager.writing.clauses import Spelling
from twitter_manager.writing.local_model import Likelihood
from twitter_manager.writing.openers import MOST_USES, Shape, look
from twitter_manager.writing.wordings import variants

NOTE = "Git keeps a commit that no branch reaches for two weeks, so a lost branch can be found again."
OTHER = "A lost branch can be found again in Git: a commit that no branch reaches is kept for two weeks."

FAIR = {", so ": 3.0, "That is why": 9.0}


@dataclass
class Words:
    """A language model that likes every word equally, apart from `liked` texts (a bonus for each found); `FAIR` makes
    up for the words that rules add."""

    liked: dict[str, float] = field(default_factory=dict)
    calls: list[int] = field(default_factory=list)

    def likelihoods(self, prompt: str, texts: Sequence[tuple[str, int]]) -> list[Likelihood]:
        self.calls.append(len(texts))
        assert prompt.endswith("\n-")
        found = []
        for text, skip in texts:
            assert text.startswith(" ")
            words = text[skip:].split()
            seen = text if skip < 30 else text[skip:]  # before a closing stands a body that is not counted
            bonus = sum(more for part, more in {**FAIR, **self.liked}.items() if part in seen)
            found.append(Likelihood(bonus - 3.0 * len(words), len(words)))
        return found


def brief(
    *items: Item, recent: tuple[str, ...] = (), max_chars: int = 280, seed: int = 1, language: str = "en"
) -> Brief:
    persona = Persona(language=language)
    return Brief("bot", "Git", "tip", items or (note(),), persona, max_chars, seed, recent)


def note(text: str = NOTE, *wordings: str, label: str = "Git") -> Item:
    return Item("starter", "k", text, label=label, wordings=wordings or (OTHER,))


def choose(model: Words, wanted: Brief, n: int = 8) -> list[str]:
    return [one.parts[0] for one in Chooser(model, wanted, lambda: 100.0).candidates(n)]


def test_every_candidate_is_true_by_construction() -> None:
    """Each is one of the human wordings or a variant by rule, alone or between an opener and a closing by people."""
    allowed = {one.text for text in (NOTE, OTHER) for one in variants(text, Spelling.of([], "Git"))}
    found = choose(Words(), brief(), 50)
    assert len(found) > 12
    assert {look(text).body for text in found} <= allowed
    assert any(look(text).opener for text in found) and any(look(text).closing for text in found)


def test_the_scores_add_up_and_the_best_comes_first() -> None:
    """`explain` can show why: each score is the sum of its named parts."""
    found = Chooser(Words(), brief(recent=("Reminder: " + NOTE,)), lambda: 100.0).candidates(8)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        assert one.score == pytest.approx(sum(one.scores.values()), abs=0.01)
        assert {"naturalness", "novelty", "shape"} <= set(one.scores)
        assert set(one.scores) <= {"naturalness", "novelty", "shape", "opener", "closing", "use"}


def test_the_model_has_a_say() -> None:
    """A wording or an opener that the model finds more natural wins."""
    assert choose(Words({"is kept for": 20.0}), brief())[0].endswith(OTHER)
    assert choose(Words({"Git keeps": 20.0}), brief())[0].endswith(NOTE)
    opener = choose(Words(), brief())[1].split(" ", 1)[0]
    assert choose(Words({f"{opener} ": OPENER_COST + 5}), brief())[0].startswith(opener)


def test_a_clumsy_variant_is_left_out() -> None:
    """What a rule made and the model finds far less natural than its original is not offered."""
    assert any("That is why" in text for text in choose(Words(), brief(), 50))
    sour = Words({"That is why": FAIR["That is why"] - 5})
    assert not any("That is why" in text for text in choose(sour, brief(), 50))


def test_a_human_wording_is_never_clumsy() -> None:
    """A person's wording stays on offer whatever the model thinks, and length alone is no fault."""
    longer = OTHER.replace("for two weeks", "for two weeks by default, counted from the day when it was last reached")
    assert any(text.endswith(longer) for text in choose(Words({"counted": -50.0}), brief(note(NOTE, longer)), 50))
    scores = Chooser(Words(), brief(note(OTHER, longer)), lambda: 100.0).candidates(50)
    assert {one.scores["naturalness"] for one in scores if one.parts[0].endswith(longer)} == {0.0}


def test_what_was_said_lately_is_said_differently() -> None:
    """The note's words were posted: another wording comes first."""
    even = Words({"is kept for": 3.0})
    assert choose(even, brief())[0].endswith(NOTE)
    assert choose(even, brief(recent=(NOTE,)))[0].endswith(OTHER)


def test_a_post_is_never_offered_again() -> None:
    """What stands among the recent posts word for word is left out, with its opener or without."""
    said = choose(Words(), brief(), 50)[:3]
    assert not set(said) & set(choose(Words(), brief(recent=tuple(said)), 50))


def test_a_worn_opener_gives_way() -> None:
    """An opener that the model loves is not used every time."""
    loved = Words({"Reminder: ": OPENER_COST + 4.0})
    seeds = [seed for seed in range(40) if choose(loved, brief(seed=seed))[0].startswith("Reminder:")]
    assert seeds
    recent = tuple(f"Reminder: fact {number} about trees." for number in range(8))
    assert not choose(loved, brief(seed=seeds[0], recent=recent))[0].startswith("Reminder:")


def test_an_opener_is_used_up() -> None:
    """However much the model loves it, an opener that stands in so many of the last posts is not offered."""
    persona = Persona(openers=("Reminder:",))
    rest = tuple(f"Fact {number} about trees." for number in range(60))
    used = tuple(f"Reminder: fact {number}." for number in range(MOST_USES))
    for recent, offered in (((*rest, *used[1:]), True), ((*rest, *used), False)):
        wanted = replace(brief(recent=recent), persona=persona)
        assert any(text.startswith("Reminder:") for text in choose(Words(), wanted, 50)) is offered


def test_no_sentence_is_said_twice() -> None:
    """One sentence of two that stood in a post keeps the wording from being offered, whatever is put before it."""
    two = "Git keeps a commit for two weeks. A lost branch can be found again."
    found = choose(Words(), brief(note(NOTE, two), recent=("Reminder: A lost branch can be found again.",)), 50)
    assert found and not any(two in text for text in found)


def test_a_personas_own_openers_and_closings() -> None:
    """They take the place of ours, and none is invented."""
    persona = Persona(openers=("Psst:", "{topic}, briefly:"), closings=("So there.",))
    found = choose(Words(), replace(brief(note(NOTE.replace("Git ", "It "), OTHER)), persona=persona), 50)
    taken = [look(text, persona) for text in found]
    assert {one.opener for one in taken} == {"", "Psst:", "{topic}, briefly:"}
    assert {one.closing for one in taken} == {"", "So there."}
    assert any(text.startswith("Git, briefly: It keeps") for text in found)


def test_posts_that_look_alike_make_way_for_another_shape() -> None:
    """After a row of plain posts comes another shape, and after a row with openers one without."""
    plain = tuple(f"Fact {number} about trees." for number in range(30))
    opened = tuple(f"Good to know: {one}" for one in plain)
    assert look(choose(Words({": ": OPENER_COST - 3.0}), brief(recent=plain))[0]).shape != Shape.PLAIN
    assert look(choose(Words({": ": OPENER_COST + 3.0}), brief(recent=opened))[0]).shape != Shape.OPENER


def test_several_bodies_are_among_few_candidates() -> None:
    """One wording with many openers can't take all places: when it fails a check, another is there."""
    found = choose(Words({"Git keeps": 30.0}), brief(), 6)
    assert any(OTHER[:20] in text for text in found)
    assert len(found) == len(set(found)) == 6


def test_the_same_brief_gives_the_same_choice() -> None:
    """Deterministic for a brief and its seed; another seed tries other openers."""
    assert choose(Words(), brief(seed=5)) == choose(Words(), brief(seed=5))
    assert len({tuple(choose(Words(), brief(seed=seed))) for seed in range(8)}) > 1


@pytest.mark.parametrize("limit", [len(NOTE) - 1, len(NOTE), len(NOTE) + 3, len(NOTE) + 12, 280])
def test_the_limit_is_respected(limit: int) -> None:
    """No candidate is longer than the brief allows; nothing fits, nothing is offered."""
    found = choose(Words(), brief(note(NOTE, NOTE), max_chars=limit), 50)
    assert all(len(text) <= limit for text in found)
    assert bool(found) == (limit >= len(NOTE))


def test_texts_are_measured_in_small_chunks() -> None:
    """The memory for one call is bounded."""
    model = Words()
    choose(model, brief(note(NOTE, OTHER, "Two weeks.", "For two weeks, a commit is kept in Git.")))
    assert max(model.calls) <= CHUNK


def test_many_wordings_are_no_trouble() -> None:
    """Twenty wordings and several items: the first of each are measured, a duplicate once."""
    many = [NOTE.replace("two", f"{number}") for number in range(20)]
    found = choose(Words(), brief(note(many[0], *many, *many), note(OTHER, *many)), 50)
    assert len(found) == len(set(found)) > 6


def test_material_that_is_no_note_is_quoted_as_it_is() -> None:
    """A fetched article gets no opener and no rule: its designs alone are chosen from, the best one first."""
    article = "Git 2.50 shows a warning before it changes the default branch. Read on before you update."
    item = Item(
        "feed", "k", article, title="Git 2.50 warns of a new branch name", url="https://g.example/", kind="entry"
    )
    assert choose(Words(), replace(brief(item), linked=True), 50) == [
        f"{item.title}\n\n{article.partition(' Read')[0]}",
        item.title,
    ]


def test_other_languages_get_no_english() -> None:
    """Rules and openers are English, so a note in another language is posted in its person's words."""
    text, other = "Der Index ist klein, but das gilt nicht immer.", "Klein ist der Index, but das gilt nicht immer."
    assert sorted(choose(Words(), brief(note(text, other), language="de-AT"), 50)) == sorted([text, other])


@pytest.mark.parametrize("calls", [0, 1, 2, 3])
def test_time_runs_out(calls: int) -> None:
    """Whenever it does, what is offered was measured, and the rest is left."""
    left = iter([100.0] * calls)
    model = Words()
    found = Chooser(model, brief(), lambda: next(left, 0.0)).candidates(50)
    assert len(model.calls) == calls
    assert bool(found) == (calls > 0)


def test_a_brief_without_material() -> None:
    """No item, or an empty one: no candidate and no error."""
    assert choose(Words(), replace(brief(), items=())) == []
    assert choose(Words(), brief(Item("s", "k", ""))) == []


def test_the_personas_own_posts_set_the_tone() -> None:
    """A person's samples stand in the prompt before ours, one line each, six in all."""
    mine = prompt(Persona(samples=("My own\nvoice.", "   ", "x" * 1000)))
    assert mine.startswith("- My own voice.\n- xxx")
    assert mine.count("\n") == prompt(Persona()).count("\n") == 6
    assert len(mine) < 2_000


@given(st.text(max_size=200), st.text(max_size=20), st.lists(st.text(max_size=80), max_size=3), st.integers(0, 400))
def test_no_material_breaks_it(text: str, label: str, recent: list[str], limit: int) -> None:
    """Any characters in any place: candidates within the limit, or none."""
    item = Item("s", "k", text, label=label, wordings=(text[::-1],))
    wanted = Brief("b", "t", "tip", (item,), Persona(), limit, 3, tuple(recent))
    assert all(len(one) <= limit for one in choose(Words(), wanted))


WHY = "A lost branch can be found again in Git, because a commit that no branch reaches is kept for two weeks."


def test_a_question_is_asked_where_one_is_wanted() -> None:
    """The brief's form is kept to: no plain wording, no opener; where the note has no such form it is said plainly."""
    wanted = replace(brief(note(WHY, OTHER)), format="question")
    found = Chooser(Words(), wanted, lambda: 100.0).candidates(8)
    assert {one.frame for one in found} == {"why"}
    assert all(look(one.parts[0]).body.startswith("Why can a lost branch be found again in") for one in found)
    plain = Chooser(Words(), replace(wanted, items=(note(NOTE, OTHER),)), lambda: 100.0).candidates(8)
    assert plain and {one.frame for one in plain} == {"wording"}
    assert {look(one.parts[0]).opener for one in found} > {"", "Quick question:"}
    said = replace(wanted, recent=tuple(one.parts[0] for one in found))
    assert {one.frame for one in Chooser(Words(), said, lambda: 100.0).candidates(8)} == {"wording"}


def test_notes_of_one_label_become_a_thread() -> None:
    """Each note stays whole in a part of its own behind a first part."""
    wanted = replace(brief(note(NOTE), note(WHY)), format="thread", max_parts=8)
    found = Chooser(Words(), wanted, lambda: 100.0).candidates(3)
    assert found and {one.frame for one in found} == {"thread"}
    assert all(len(one.parts) == 3 and "two" in one.parts[0].casefold() for one in found)


def test_of_other_material_the_sentence_that_carries_the_news_wins() -> None:
    """How well a sentence carries its text's news counts, and `explain` can show it."""
    text = "SQLite 3.60 checks foreign keys by default. Foreign keys of SQLite were off before. Rust 1.99 is older."
    item = Item("feed", "k", text, title="SQLite 3.60 checks foreign keys by default", kind="entry")
    found = Chooser(Words(), brief(item), lambda: 100.0).candidates(8)
    assert found[0].parts[0].startswith("SQLite 3.60 checks") and found[0].scores["material"] > 0
