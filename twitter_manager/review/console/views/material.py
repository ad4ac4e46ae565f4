"""What a draft stands on: its material with the words marked that support each claim, and what the judge said.

The marks are the judge's quotations that the program found in the material. What is true by construction no judge has
seen: there the marks are the sentences that its words come from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from twitter_manager import english
from twitter_manager.domain import Draft, Item, Json
from twitter_manager.store import items
from twitter_manager.store.database import Database
from twitter_manager.writing import evidence
from twitter_manager.writing.brief import told_material

JUDGE = "judge "
"""How the names of those begin that judged, among generators."""
COMES_FROM = 0.5
"""The share of a sentence's content words that the sentence of the material must have."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marked:
    """A piece of the material, with the numbers of the claims that it supports."""

    text: str
    claims: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that the draft says, and how the material bears it."""

    number: int
    text: str
    verdict: str
    """In words; "" where nobody judged."""
    quote: str
    """The words that support it, as the judge quotes them or as the material has them."""
    is_borne: bool
    """The words stand in the material."""
    is_refused: bool
    """The judge says no."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One answer of a judge. `against`: its reasons; `scores`: sentence by sentence, where it gives numbers."""

    judge: str
    model: str
    at: str
    against: tuple[str, ...]
    unusable: str
    alone: bool
    scores: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Material:
    """What a draft stands on. `address`: where it is to be read, an http(s) address or ""."""

    place: str
    title: str
    address: str
    pieces: tuple[Marked, ...]
    claims: tuple[Claim, ...]
    is_judged: bool
    """The claims are a judge's; else the draft's sentences, with those that they come from."""


def of_draft(db: Database, draft: Draft, generations: Sequence[Json]) -> Material | None:
    """The material of a draft; None for what a person wrote."""
    item = items.get(db, draft.item_id) if draft.item_id else None
    if item is None:
        return None
    text = told_material([item, *_others(db, draft)])
    answers = [answer["raw"] for answer in generations if answer["generator"].startswith(JUDGE)]
    judged = next((found for raw in reversed(answers) if (found := evidence.claims(raw, text))), ())
    claims, spans = _judged(judged) if judged else _constructed(draft.texts, text)
    is_web = item.url.startswith(("https://", "http://"))
    return Material(
        place=f"{item.source}/{item.key}",
        title=item.title,
        address=item.url if is_web else "",
        pieces=tuple(_marked(text, spans)),
        claims=claims,
        is_judged=bool(judged),
    )


def judgements(draft: Draft, generations: Sequence[Json], material: str) -> tuple[Judgement, ...]:
    """What judges said of it, the newest first."""
    asked = [answer for answer in generations if answer["generator"].startswith(JUDGE)]
    return tuple(_judgement(answer, draft.texts, material) for answer in reversed(asked))


def whole(material: Material | None) -> str:
    """The material's text."""
    return "".join(piece.text for piece in material.pieces) if material else ""


def _others(db: Database, draft: Draft) -> list[Item]:
    """What a thread is made of besides."""
    also = draft.choice.get("also", ())
    numbers = [number for number in also if isinstance(number, int)] if isinstance(also, list | tuple) else []
    return [item for number in numbers if (item := items.get(db, number))]


def _judgement(answer: Json, texts: Sequence[str], material: str) -> Judgement:
    scores = tuple(_scores(answer["raw"]))
    reading = evidence.Reading() if scores else evidence.read(answer["raw"], texts, material)
    harm = (f"It warns: {reading.harm}",) if reading.harm else ()
    return Judgement(
        judge=answer["generator"].removeprefix(JUDGE),
        model=answer["model"],
        at=answer["created_at"],
        against=(*reading.reasons, *harm),
        unusable="" if scores else evidence.fault(answer["raw"]),
        alone=reading.alone,
        scores=scores,
    )


def _scores(raw: str) -> Iterator[tuple[str, float, float]]:
    """Those of a judge that compares sentences (`writing.nli`)."""
    try:
        rows = json.loads(raw)
    except ValueError:
        return
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.keys() == {"sentence", "entailed", "against"}:
            yield str(row["sentence"]), float(row["entailed"]), float(row["against"])


def _judged(claims: Sequence[evidence.Claim]) -> tuple[tuple[Claim, ...], list[tuple[int, Span]]]:
    told = tuple(
        Claim(
            number=number,
            text=claim.claim,
            verdict=_told_verdict(claim),
            quote=claim.quote,
            is_borne=bool(claim.spans),
            is_refused=claim.verdict in (evidence.CONTRADICTED, evidence.NOT_SAID),
        )
        for number, claim in enumerate(claims, start=1)
    )
    return told, [(number, span) for number, claim in enumerate(claims, start=1) for span in claim.spans]


def _told_verdict(claim: evidence.Claim) -> str:
    if claim.verdict == evidence.SUPPORTED and not claim.spans:
        return "supported, says the judge, but the material has no such words now"
    told = {
        evidence.SUPPORTED: "supported",
        evidence.CONTRADICTED: "the material says otherwise",
        evidence.NOT_SAID: "the material does not say so",
        evidence.NO_CLAIM: "no claim",
    }
    return told[claim.verdict]


def _constructed(texts: Sequence[str], material: str) -> tuple[tuple[Claim, ...], list[tuple[int, Span]]]:
    """The sentences of a draft that is true by construction, and where they come from."""
    known = list(_sentences(material))
    claims: list[Claim] = []
    spans: list[tuple[int, Span]] = []
    said = [sentence for text in texts for sentence in english.sentences(text) if english.words(sentence)]
    for number, sentence in enumerate(said, start=1):
        origin = _origin(sentence, known, material)
        quote = material[slice(*origin)] if origin else ""
        claims.append(Claim(number, sentence, "", quote, origin is not None, False))
        spans += [(number, origin)] if origin else []
    return tuple(claims), spans


def _sentences(material: str) -> Iterator[Span]:
    begin = 0
    for line in material.split("\n"):
        yield from ((begin + start, begin + end) for start, end in english.spans(line) if line[start:end].strip())
        begin += len(line) + 1


def _origin(sentence: str, known: Sequence[Span], material: str) -> Span | None:
    """The sentence of the material that has most of these words; of equals the shortest."""
    shares = [(english.share(sentence, material[start:end]), start - end, (start, end)) for start, end in known]
    best = max(shares, default=None)
    return best[2] if best and best[0] >= COMES_FROM else None


def _marked(text: str, spans: Sequence[tuple[int, Span]]) -> Iterator[Marked]:
    """The text in pieces, cut where a mark begins or ends."""
    edges = sorted({0, len(text), *(edge for _, span in spans for edge in span)})
    for start, end in pairwise(edges):
        numbers = {number for number, (begin, stop) in spans if begin <= start and end <= stop}
        yield Marked(text[start:end], tuple(sorted(numbers)))
