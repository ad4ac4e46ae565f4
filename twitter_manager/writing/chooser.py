"""Chooses among wordings of a note that are true by construction, by how natural a language model finds them.

The score of a candidate is a sum: `naturalness` of the body against the note's own words, `novelty` against recent
posts, `stiffness` of its style, `shape`, what it lost because the latest posts looked alike, `opener` or `closing` (how
well the body and it go together, less its cost) and `use`, what that lost by recent use; for designs of other
material `material`, how good they are for it. All are natural logarithms, or weighed like them. The model only
measures; it adds no word.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from twitter_manager.domain import Brief, Candidate, Item, Persona, TimeLeft
from twitter_manager.english import weight
from twitter_manager.writing import frames, openers, wordings
from twitter_manager.writing.clauses import Spelling
from twitter_manager.writing.generators.excerpt import excerpts, in_english, is_note

LEAST_NATURAL = -4.0
"""How much less likely than its original a variant by rule may be before it counts as clumsy."""
NOVELTY = 12.0
"""What it is worth that all pairs of words are new against the recent posts."""
MATERIAL = 10.0
"""What a place among the designs of its material counts (see `designs`)."""
STIFF = 5.0
"""What each of the ways in `wordings.STIFF` costs."""
WORN = 1.5
"""What the use of an opener or a closing in the newest post costs it."""
SHAPE_WORN = 8.0
"""What it costs a shape that all of the latest posts had it."""
OPENER_COST, CLOSING_COST = 2.0, 4.0
"""What an opener, or a closing, must earn, so that not every post has one."""
MOST_WRITTEN = 6
MOST_BODIES = 10
BEST_BODIES = 3
"""How many wordings by people are taken of an item, how many bodies are measured, how many are tried with openers."""
OPENERS_TRIED, CLOSINGS_TRIED = 4, 2
"""How many are tried with one body."""
CHUNK = 4
"""Texts measured together. 8 were no faster and took 60 MB more at the peak, 25 took 1.5 GB."""

HUMAN_POSTS = (
    "Spent an hour on a bug that was a trailing space in a config file. Print your strings with quotes around them.",
    "If two programs have to agree on a number, write it down in one place and let both read it from there.",
    "The best time to write down why you did something odd is right after you did it.",
    "A backup that was never restored is a hope. Try one this week.",
    "Names are the cheapest documentation. When a function is hard to name, it probably does two things.",
    "Read the error message twice before you search for it. The second reading often has the answer.",
)
"""What posts by people read like: the scale that wordings are measured on. A persona's samples take their places."""


class Measured(Protocol):
    """Log-probability of a text, in total and for one token."""

    @property
    def total(self) -> float: ...
    @property
    def tokens(self) -> int: ...
    @property
    def mean(self) -> float: ...


class Measure(Protocol):
    """A language model as far as it is needed here."""

    def likelihoods(self, prompt: str, texts: Sequence[tuple[str, int]]) -> Sequence[Measured]: ...


@dataclass(frozen=True, slots=True)
class _Body:
    """A wording without opener; `original` is what a person wrote, of the note `item`. `parts`: of a thread."""

    text: str
    original: str
    item: Item
    frame: str = "wording"
    parts: tuple[str, ...] = ()
    material: float = 0.0
    alone: bool = True

    @property
    def form(self) -> str:
        """Which format its frame makes, "" for the note's own form."""
        return frames.FRAMES[self.frame].format if self.frame in frames.FRAMES else ""


class Chooser:
    """Works on one brief. `tokens` counts what was measured."""

    def __init__(self, model: Measure, brief: Brief, time_left: TimeLeft) -> None:
        self._model = model
        self._brief = brief
        self._time_left = time_left
        self._memory = openers.Memory(brief.recent, brief.persona)
        self.prompt = prompt(brief.persona)
        self.tokens = 0

    def candidates(self, n: int) -> tuple[Candidate, ...]:
        """Up to `n`, best first, of several bodies where there are several; fewer when time runs out, none for a
        brief whose material has nothing that fits."""
        bodies = self._bodies()
        measured = self._measure([(body.text, 0) for body in bodies])
        likely = {body.text: one for body, one in zip(bodies, measured, strict=False)}
        scored = [(body, scores) for body in bodies if (scores := self._body_scores(body, likely)) is not None]
        scored.sort(key=lambda one: -sum(one[1].values()))
        families = [
            self._opened(body, scores, likely, not at) for at, (body, scores) in enumerate(scored[:BEST_BODIES])
        ]
        families += [[self._candidate(body, scores)] for body, scores in scored[BEST_BODIES:]]
        # In turns, so that one body can't fill all places.
        turns = itertools.chain.from_iterable(itertools.zip_longest(*families))
        taken = list(itertools.islice(filter(None, turns), n))
        return tuple(sorted(taken, key=lambda one: -one.score))

    def _bodies(self) -> list[_Body]:
        """What may be said: in the brief's form, or of other material, where there is that; else people's wordings
        first, then what the rules make of them. Nothing that was said already."""
        said = excerpts(self._brief)
        made = [one for one in said if one.frame != "wording" and not any(map(self._memory.said, one.parts))]
        if made:
            item = self._brief.items[0]
            bodies = [_Body(one.text, one.text, item, one.frame, one.parts, one.score, one.alone) for one in made]
            return bodies[:MOST_BODIES]
        written: dict[str, _Body] = {}
        ruled: dict[str, _Body] = {}
        for item in self._brief.items:
            spelling = Spelling.of((item.text, *item.wordings), item.label)
            for one in excerpts(replace(self._brief, items=(item,)))[:MOST_WRITTEN]:
                text = one.text
                written.setdefault(text, _Body(text, text, item))
                if in_english(self._brief):
                    variants = wordings.variants(text, spelling)[1:]
                    ruled |= {new.text: _Body(new.text, text, item) for new in variants if self._fits(new.text)}
        every = [*written.values(), *(body for text, body in ruled.items() if text not in written)]
        return [body for body in every if not self._memory.said(body.text)][:MOST_BODIES]

    def _body_scores(self, body: _Body, likely: dict[str, Measured]) -> dict[str, float] | None:
        """Naturalness (0 for the note's own words) and novelty (NOVELTY when all is new); None for a clumsy variant.

        Between people's wordings the mean over tokens counts, for a longer one is not a worse one; between a variant
        and its original the whole counts, for nothing was added.
        """
        if body.text not in likely:
            return None
        own, original = likely[body.text], likely.get(body.original, likely[body.text])
        note = likely.get(body.item.text, original)
        change = own.total - original.total
        if change < LEAST_NATURAL:
            return None
        natural = max(-4.0, min(4.0, (original.mean - note.mean) * note.tokens)) + min(change, -LEAST_NATURAL)
        scores = {"naturalness": natural, "novelty": NOVELTY * wordings.new_share(body.text, self._brief.recent)}
        if stiff := wordings.stiffness(body.text):
            scores["stiffness"] = -STIFF * stiff
        return scores | ({"material": MATERIAL * body.material} if body.material else {})

    def _opened(
        self, body: _Body, scores: dict[str, float], likely: dict[str, Measured], is_best: bool
    ) -> list[Candidate]:
        """The body alone, with the openers and, the best one, with the closings that suit it; best first."""
        found = [self._candidate(body, scores)]
        if body.parts[1:] or not is_note(body.item) or not in_english(self._brief):
            return found
        label, persona = body.item.label, self._brief.persona
        fitting = openers.openers_for(body.text, label, body.form, persona.openers)
        tried = self._tried(fitting, OPENERS_TRIED, lambda one: openers.dressed(body.text, one, label=label))
        bare = likely[body.text]
        whole = [
            (openers.dressed(body.text, one, label=label), len(one.replace(openers.TOPIC, label))) for one in tried
        ]
        for opener, one in zip(tried, self._measure(whole), strict=False):
            # Two words may have been left out: what is compared are the means.
            more = {"opener": (one.mean - bare.mean) * bare.tokens - OPENER_COST}
            found.append(self._candidate(body, {**scores, **more}, opener=opener))
        fitting = openers.closings_for(body.form, persona.closings, body.text) if is_best else ()
        tried = self._tried(fitting, CLOSINGS_TRIED, lambda one: openers.dressed(body.text, closing=one))
        closed = self._measure([(f"{body.text} {one}", len(body.text)) for one in tried])
        alone = self._measure([(one, 0) for one in tried])
        for closing, one, by_itself in zip(tried, closed, alone, strict=False):
            more = {"closing": one.total - by_itself.total - CLOSING_COST}
            found.append(self._candidate(body, {**scores, **more}, closing=closing))
        return sorted(found, key=lambda one: -one.score)

    def _tried(self, fitting: Sequence[str], most: int, whole: Callable[[str], str]) -> list[str]:
        """Those to try, least used first, equally used ones in an order that hangs on the seed."""
        left = [one for one in fitting if self._fits(whole(one)) and not self._memory.spent(one)]
        random.Random(self._brief.seed).shuffle(left)  # noqa: S311 - no secret hangs on it
        return sorted(left, key=self._memory.worn)[:most]

    def _candidate(self, body: _Body, scores: dict[str, float], opener: str = "", closing: str = "") -> Candidate:
        text = openers.dressed(body.text, opener, closing, body.item.label)
        parts = body.parts or (text,)
        if opener or closing:
            parts = (text,)
            scores = {**scores, "use": -WORN * self._memory.worn(opener or closing)}
        shape = openers.look("1/2 " if body.parts[1:] else text, self._brief.persona).shape
        scores = {**scores, "shape": -SHAPE_WORN * self._memory.share(shape)}
        rounded = {name: round(value, 3) for name, value in scores.items()}
        return Candidate(parts, round(sum(scores.values()), 3), rounded, body.frame, body.alone)

    def _measure(self, texts: Sequence[tuple[str, int]]) -> list[Measured]:
        """How likely each text is as the next post; fewer when time runs out."""
        found: list[Measured] = []
        for start in range(0, len(texts), CHUNK):
            if self._time_left() <= 0:
                break
            chunk = [(f" {text}", skip + 1 if skip else 0) for text, skip in texts[start : start + CHUNK]]
            found += self._model.likelihoods(self.prompt, chunk)
        self.tokens += sum(one.tokens for one in found)
        return found

    def _fits(self, text: str) -> bool:
        return weight(text) <= self._brief.max_chars


def prompt(persona: Persona) -> str:
    """Six posts by people, the persona's own before ours, and the beginning of a seventh."""
    own = [" ".join(sample.split())[:300] for sample in persona.samples if sample.strip()]
    posts = [*own, *HUMAN_POSTS][: len(HUMAN_POSTS)]
    return "".join(f"- {post}\n" for post in posts) + "-"
