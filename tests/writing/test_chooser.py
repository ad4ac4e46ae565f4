"""The choice among true wordings: what is offered, how it is scored, and that the model adds no word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.domain import Brief, Item, Persona
from twitter_manager.writing.chooser import CHUNK, Chooser, prompt
from twitter_manager.writing.local_model import Likelihood
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

    def likelihoods(self, prompt: str, texts: Sequence[str]) -> list[Likelihood]:
        self.calls.append(len(texts))
        assert prompt.endswith("\n-")
        found = []
        for text in texts:
            assert text.startswith(" ")
            words = text.split()
            bonus = sum(more for part, more in {**FAIR, **self.liked}.items() if part in text)
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
    """Each is one of the human wordings or a variant by rule, and nothing else."""
    allowed = {one for text in (NOTE, OTHER) for one in variants(text)}
    found = choose(Words(), brief(), 50)
    assert len(found) > 2 and set(found) <= allowed


def test_the_scores_add_up_and_the_best_comes_first() -> None:
    """`explain` can show why: each score is the sum of its named parts."""
    found = Chooser(Words(), brief(recent=("Reminder: " + NOTE,)), lambda: 100.0).candidates(8)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        assert one.score == pytest.approx(sum(one.scores.values()), abs=0.01)
        assert set(one.scores) == {"naturalness", "novelty"}


def test_the_model_has_a_say() -> None:
    """A wording that the model finds more natural wins."""
    assert choose(Words({"is kept for": 20.0}), brief())[0] == OTHER
    assert choose(Words({"Git keeps": 20.0}), brief())[0] == NOTE


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


def test_no_sentence_is_said_twice() -> None:
    """One sentence of two that stood in a post keeps the wording from being offered, whatever is put before it."""
    two = "Git keeps a commit for two weeks. A lost branch can be found again."
    found = choose(Words(), brief(note(NOTE, two), recent=("Reminder: A lost branch can be found again.",)), 50)
    assert found and not any(two in text for text in found)


OWN = Persona(openers=("Psst:",), closings=("So there.",))


def test_a_personas_own_opener_comes_when_it_is_due() -> None:
    """Before the best text, which also stays on offer alone; soon after another post with one there is none."""
    found = Chooser(Words(), replace(brief(), persona=OWN), lambda: 100.0).candidates(50)
    assert found[0].parts == (f"Psst: {found[1].parts[0]}",) and found[0].scores["turn"] > 0
    assert sum("turn" in one.scores for one in found) == 1
    for used in ("Psst: Trees grow.", "Trees grow. So there."):
        later = choose(Words(), replace(brief(recent=(used,)), persona=OWN), 50)
        assert later and not any("Psst" in text or "So there" in text for text in later)


def test_the_next_phrase_comes_where_one_has_no_room() -> None:
    """A closing that fits goes before an opener that does not; with room for neither the text stays alone."""
    persona = Persona(openers=("A long opener it is:",), closings=("So.",))
    for room, wanted in ((4, f"{NOTE} So."), (3, NOTE)):
        one = replace(brief(note(NOTE, NOTE), max_chars=len(NOTE) + room), persona=persona)
        assert choose(Words({"Git keeps": 20.0}), one)[0] == wanted


def test_own_phrases_are_for_notes_in_the_personas_language() -> None:
    """Not beside fetched material, nor where each post may be in another language; a German bot has German ones."""
    german = Persona(language="de", openers=("Merke:",))
    text = "Der Index ist klein."
    assert choose(Words(), replace(brief(note(text, text)), persona=german)) == [f"Merke: {text}", text]
    mixed = replace(german, language="any")
    assert choose(Words(), replace(brief(note(text, text)), persona=mixed)) == [text]
    entry = Item("feed", "k", "", title="Git 2.50 warns of a new branch name", url="https://g.example/", kind="entry")
    assert choose(Words(), replace(brief(entry), persona=OWN, linked=True)) == [entry.title]


def test_the_same_brief_gives_the_same_choice() -> None:
    """Deterministic for a brief and its seed."""
    assert choose(Words(), brief(seed=5)) == choose(Words(), brief(seed=5))


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
    """A fetched article meets no rule: its designs alone are chosen from, the best one first."""
    article = "Git 2.50 shows a warning before it changes the default branch. Read on before you update."
    item = Item(
        "feed", "k", article, title="Git 2.50 warns of a new branch name", url="https://g.example/", kind="entry"
    )
    assert choose(Words(), replace(brief(item), linked=True), 50) == [
        f"{item.title}\n\n{article.partition(' Read')[0]}",
        item.title,
    ]


def test_other_languages_get_no_english() -> None:
    """The rules are English, so a note in another language is posted in its person's words."""
    text, other = "Der Index ist klein, but das gilt nicht immer.", "Klein ist der Index, but das gilt nicht immer."
    assert sorted(choose(Words(), brief(note(text, other), language="de-AT"), 50)) == sorted([text, other])


@pytest.mark.parametrize("calls", [0, 1, 2, 3])
def test_time_runs_out(calls: int) -> None:
    """Whenever it does, what is offered was measured, and the rest is left."""
    left = iter([100.0] * calls)
    model = Words()
    many = note(*(NOTE.replace("two", f"{number}") for number in range(6)))
    found = Chooser(model, brief(many), lambda: next(left, 0.0)).candidates(50)
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
