"""Chooses among wordings of a note that are true by construction, by how natural a language model finds them.

The score of a candidate is a sum: `naturalness` against the note's own words, `novelty` against recent posts, for
designs of other material `material`, how good they are for it, and `turn` where an opener or a closing of the person's
own is due. The model only measures; it adds no word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from twitter_manager.domain import Brief, Candidate, Item, Persona, TimeLeft
from twitter_manager.english import weight
from twitter_manager.writing import openers, wordings
from twitter_manager.writing.formats import told
from twitter_manager.writing.generators.excerpt import WORDING, Said, excerpts, in_english, is_note

if TYPE_CHECKING:
    from twitter_manager.writing.local_model import Likelihood, LocalModel

LEAST_NATURAL = -4.0
"""How much less likely than its original a variant by rule may be before it counts as clumsy."""
NOVELTY = 12.0
"""What it is worth that all pairs of words are new against the recent posts."""
MATERIAL = 10.0
"""What a place among the designs of its material counts (see `designs`)."""
TURN = 1.0
"""What it counts that a person's own opener or closing is due, so that it comes before the same text alone."""
MOST_WRITTEN = 6
MOST_BODIES = 10
"""How many wordings by people are taken of an item, and how many texts are measured."""
CHUNK = 4
"""Texts measured together. 8 were no faster and took 60 MB more at the peak, 25 took 1.5 GB."""


@dataclass(frozen=True, slots=True)
class _Body:
    """A text that may be posted; `original` is what a person wrote, of the item `item`."""

    said: Said
    original: str
    item: Item


class Chooser:
    """Works on one brief. `tokens` counts what was measured."""

    def __init__(self, model: LocalModel, brief: Brief, time_left: TimeLeft) -> None:
        self._model = model
        self._brief = brief
        self._time_left = time_left
        self._said = openers.said(brief.recent)
        self.prompt = prompt(brief.persona)
        self.tokens = 0

    def candidates(self, n: int) -> tuple[Candidate, ...]:
        """Up to `n`, best first; fewer when time runs out, none for a brief whose material has nothing that fits."""
        bodies = self._bodies()
        likely = self._measure([body.said.text for body in bodies])
        scored = [(body, scores) for body in bodies if (scores := self._scores(body, likely)) is not None]
        scored.sort(key=lambda pair: -sum(pair[1].values()))
        candidates = [_candidate(body.said, scores) for body, scores in scored]
        in_turn = self._in_turn(*scored[0]) if scored else None
        return tuple([in_turn, *candidates][:n] if in_turn else candidates[:n])

    def _bodies(self) -> list[_Body]:
        """What may be said: threads and designs of other material, where there are some; else people's wordings first,
        then what the rules make of them. Nothing that was said already."""
        items = self._brief.items
        bodies = [
            _Body(excerpt, excerpt.text, items[0]) for excerpt in excerpts(self._brief) if excerpt.frame != WORDING
        ]
        new = self._new(bodies) or self._new([wording for item in items for wording in self._wordings(item)])
        return new[:MOST_BODIES]

    def _new(self, bodies: Sequence[_Body]) -> list[_Body]:
        return [body for body in bodies if not any(openers.said_before(part, self._said) for part in body.said.parts)]

    def _wordings(self, item: Item) -> list[_Body]:
        excerpts_of_item = excerpts(replace(self._brief, items=(item,)))
        written = [excerpt.text for excerpt in excerpts_of_item if excerpt.frame == WORDING][:MOST_WRITTEN]
        originals = {text: text for text in written}
        for text in written if in_english(self._brief) else ():
            for variant in wordings.variants(text)[1:]:
                if self._fits(variant):
                    originals.setdefault(variant, text)
        return [_Body(Said((text,), WORDING), original, item) for text, original in originals.items()]

    def _scores(self, body: _Body, likely: Mapping[str, Likelihood]) -> dict[str, float] | None:
        """Naturalness (0 for the note's own words) and novelty (NOVELTY when all is new); None for a clumsy variant.

        Between people's wordings the mean over tokens counts, for a longer one is not a worse one; between a variant
        and its original the whole counts, for nothing was added.
        """
        text = body.said.text
        if text not in likely:
            return None
        own, original = likely[text], likely.get(body.original, likely[text])
        note = likely.get(body.item.text, original)
        change = own.total - original.total
        if change < LEAST_NATURAL:
            return None
        natural = max(-4.0, min(4.0, (original.mean - note.mean) * note.tokens)) + min(change, -LEAST_NATURAL)
        scores = {"naturalness": natural, "novelty": NOVELTY * wordings.new_share(text, self._brief.recent)}
        return scores | ({"material": MATERIAL * body.said.score} if body.said.score else {})

    def _in_turn(self, body: _Body, scores: dict[str, float]) -> Candidate | None:
        """The body with the opener or the closing whose turn it is, where one is due."""
        if not is_note(body.item) or body.said.parts[1:] or self._brief.persona.language == "any":
            return None
        texts = openers.dressed(body.said.text, body.item.label, self._brief.persona, self._brief.recent)
        text = next(filter(self._fits, texts), "")
        return _candidate(replace(body.said, parts=(text,)), {**scores, "turn": TURN}) if text else None

    def _measure(self, texts: Sequence[str]) -> dict[str, Likelihood]:
        """How likely each text is as the next post; fewer when time runs out."""
        likelihoods: dict[str, Likelihood] = {}
        for start in range(0, len(texts), CHUNK):
            if self._time_left() <= 0:
                break
            chunk = texts[start : start + CHUNK]
            measured = self._model.likelihoods(self.prompt, [f" {text}" for text in chunk])
            likelihoods |= dict(zip(chunk, measured, strict=True))
        self.tokens += sum(likelihood.tokens for likelihood in likelihoods.values())
        return likelihoods

    def _fits(self, text: str) -> bool:
        return weight(text) <= self._brief.max_chars


def _candidate(said: Said, scores: Mapping[str, float]) -> Candidate:
    rounded = {name: round(value, 3) for name, value in scores.items()}
    return Candidate(said.parts, round(sum(scores.values()), 3), rounded, said.frame, said.alone)


def prompt(persona: Persona) -> str:
    """Six posts by people, the persona's own before ours, and the beginning of a seventh: the scale that wordings are
    measured on."""
    own = [" ".join(sample.split())[:300] for sample in persona.samples if sample.strip()]
    ours = told()["chooser"]["posts"]
    posts = [*own, *ours][: len(ours)]
    return "".join(f"- {post}\n" for post in posts) + "-"
