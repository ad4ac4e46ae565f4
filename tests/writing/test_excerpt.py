"""The last generator posts whole sentences of the material, word for word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.domain import Brief, Item, Persona
from twitter_manager.english import normalised
from twitter_manager.writing.brief import POST_CHARS
from twitter_manager.writing.generators.excerpt import Excerpt
from twitter_manager.writing.generators.excerpt import excerpts as said

ARTICLE = """SQLite 3.51.3 fixes a corruption bug in WAL mode. It affects all versions since 3.7.0. The bug needs two \
connections, e.g. a reader and a writer.

This is why you should update. See Figure 3 for details. PostgreSQL is not affected (it has its own log.
"""


def excerpts(wanted: Brief) -> list[str]:
    return [one.text for one in said(wanted)]


def brief(text: str, *wordings: str, max_chars: int = 280, seed: int = 0, recent: tuple[str, ...] = ()) -> Brief:
    item = Item("notes", "k", text, title="SQLite", wordings=wordings, kind="note" if wordings else "document")
    return Brief("bot", "git", "tip", (item,), Persona(), max_chars, seed, recent)


def test_a_note_is_posted_in_one_of_its_wordings_and_they_take_turns() -> None:
    """Each seed begins with another wording, and every wording is among the candidates."""
    wordings = ("Stash saves work.", "Work is saved by stash.", "To save work, stash it.")
    firsts = [excerpts(brief(*wordings, seed=seed)) for seed in range(3)]
    assert {texts[0] for texts in firsts} == set(wordings)
    assert all(set(texts) == set(wordings) for texts in firsts)


def test_a_wording_posted_lately_comes_last() -> None:
    """Recognised though it went out with an opener, other marks and a hashtag."""
    recent = ("Quick one: To save work, run `git stash`! #git",)
    texts = excerpts(brief("Stash saves your work.", "To save work, run git stash.", seed=1, recent=recent))
    assert texts == ["Stash saves your work.", "To save work, run git stash."]


def test_an_article_gives_what_stands_alone_and_fits() -> None:
    """Its one sentence that needs no other; nothing where the limit is too small for it."""
    assert excerpts(brief(ARTICLE)) == [
        "SQLite 3.51.3 fixes a corruption bug in WAL mode. It affects all versions since 3.7.0."
    ]
    assert excerpts(brief(ARTICLE, max_chars=40)) == []


def test_a_post_says_whether_it_can_be_understood_without_its_address() -> None:
    """A title alone can't; only platforms that carry the link may get it."""
    item = Item("feed", "k", "", title="Kiln learns to cool slowly", url="https://k.example/", kind="entry")
    wanted = replace(brief(""), items=(item,), linked=True)
    (_, (generation,)) = next(Excerpt().generate([wanted], 3, lambda: 1.0, print))
    assert [(one.parts, one.frame, one.alone) for one in generation.candidates] == [((item.title,), "title", False)]


def test_notes_of_one_label_make_a_thread() -> None:
    """A first part from their label and number, then one note a part; alone, and in another language, no thread."""
    notes = tuple(Item("n", str(at), f"Git does thing number {at}.", label="Git") for at in range(3))
    wanted = replace(brief("x"), items=notes, format="thread", max_parts=8)
    assert said(wanted)[0].parts == ("Git: three things worth knowing.", *(note.text for note in notes))
    assert {len(one.parts) for one in said(replace(wanted, items=notes[:1]))} == {1}
    assert {len(one.parts) for one in said(replace(wanted, max_parts=3))} == {1}
    assert {len(one.parts) for one in said(replace(wanted, persona=Persona(language="de")))} == {1}


def test_no_excerpt_hangs_on_a_neighbour() -> None:
    """Sentences that open with a pronoun or 'the bug', point at figures or have an open bracket are not used alone."""
    texts = excerpts(brief(ARTICLE))
    for opening in ("It ", "The bug", "This ", "Then ", "See ", "PostgreSQL", "- "):
        assert not any(text.startswith(opening) for text in texts)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "no capital and no stop", "Too short.", "x" * 50_000, "This depends on that, which came before.",
     "As shown above, indexes help a lot.", 'He said "it is done and left the room.', "Is it faster than before?"],
)  # fmt: skip
def test_material_without_a_sound_sentence_gives_no_candidate(text: str) -> None:
    """The generation is still recorded, with nothing to post."""
    (_, (generation,)) = next(Excerpt().generate([brief(text)], 3, lambda: 1.0, print))
    assert generation.candidates == ()


def test_it_costs_nothing_and_says_what_it_did() -> None:
    """One generation a brief, at most n candidates, best first, no cost; every brief is served whatever the time."""
    briefs = [brief("Stash saves work.", "Work is saved by stash."), brief("")]
    served = list(Excerpt().generate(briefs, 1, lambda: 0.0, print))
    assert [asked for asked, _ in served] == briefs
    (generation,) = served[0][1]
    assert (generation.generator, generation.cost_usd, generation.tokens_out) == ("excerpt", 0.0, 0)
    assert [candidate.parts for candidate in generation.candidates] == [("Stash saves work.",)]


def test_without_a_limit_an_article_is_not_posted_whole() -> None:
    """A platform without a limit still gets a post."""
    assert (
        max(map(len, excerpts(brief("SQLite 3 indexes help with many reads of a database. " * 500, max_chars=10**9))))
        <= POST_CHARS
    )


SENTENCES = st.lists(
    st.sampled_from(
        [
            "Git keeps objects by hash.",
            "It is fast.",
            "Use 3.7.0 (or later).",
            'He said "no."',
            "e.g. this one",
            "一番目の文。",
        ]
    ),
    max_size=12,
)


@given(SENTENCES, st.sampled_from([" ", "\n\n", "\n- "]), st.integers(0, 120))
def test_an_excerpt_is_always_a_stretch_of_the_material(sentences: list[str], gap: str, limit: int) -> None:
    """Whatever the text, what is posted stands in it character by character (line breaks aside) and fits."""
    text = gap.join(sentences)
    for found in excerpts(brief(text, max_chars=limit)):
        assert found in normalised(text)
        assert len(found) <= limit


@given(st.text(max_size=400), st.lists(st.text(max_size=60), max_size=3), st.integers(-5, 300), st.integers())
def test_no_text_makes_it_fail(text: str, wordings: list[str], limit: int, seed: int) -> None:
    """Hostile text, odd limits and any seed give candidates or none, never an error."""
    for found in excerpts(replace(brief(text, *wordings, max_chars=limit, seed=seed))):
        assert found.strip() == found != ""
