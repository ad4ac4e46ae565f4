"""A judge in this process: a cross-encoder that was trained to tell whether one sentence follows from others (NLI).

Each sentence of the post is compared with every stretch of up to three sentences of the material. It is supported where
one stretch entails it clearly and none contradicts it more strongly. Any model of the MNLI kind will do, whatever the
order of its labels. Which files may be loaded is decided in `model_files`.

It sees no omission, no tone and no harm, and it is no better than the model that is named.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from twitter_manager.domain import Brief, Generation, Json, Progress, TimeLeft
from twitter_manager.english import shown, words
from twitter_manager.errors import GeneratorError
from twitter_manager.writing import encoder, model_files
from twitter_manager.writing.brief import material_of
from twitter_manager.writing.evidence import GREETING_WORDS, MOST_REASONS, is_remark, sentences
from twitter_manager.writing.judge import Verdict
from twitter_manager.writing.model_files import ModelFiles

LEAST_ENTAILED = 0.8
"""How probable it must be to the model that a sentence follows."""
JOINED = 3
"""Sentences of the material that are read together at most."""
MOST_STRETCHES = 300
"""More of one material are not compared: what a post says stands near the beginning of them."""
BATCH = 16
LEAST_SECONDS = 15.0
"""With less than this left no model is loaded: that alone takes most of it."""
ENTAILMENT, CONTRADICTION, NEUTRAL, NOT_ENTAILED = "entailment", "contradiction", "neutral", "not entailment"
LABELS = (frozenset({ENTAILMENT, CONTRADICTION, NEUTRAL}), frozenset({ENTAILMENT, NOT_ENTAILED}))


class Entailment:
    """See `judge.Judge`. The model is loaded at the first post and kept for later ones."""

    name = "nli"
    free = True

    def __init__(
        self,
        models_dir: Path,
        model: str,
        revision: str = "",
        *,
        threads: int | None = None,
        progress: Progress = lambda line: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`model`: a hub name (with `revision`, 40 hexadecimal digits) or a folder."""
        self._models_dir = models_dir
        self._source = (model, revision)
        self._threads = threads
        self._progress = progress
        self._clock = clock
        self._loaded: encoder.Encoder | None = None
        self._labels: tuple[str, ...] = ()

    def review(
        self, brief: Brief, parts: Sequence[str], points: Sequence[str], time_left: TimeLeft, usd_left: float = math.inf
    ) -> Verdict:
        """See `judge.Judge`. It can be told no points."""
        begin = self._clock()
        try:
            if self._loaded is None:
                if time_left() < LEAST_SECONDS:
                    raise _no_time()
                files = model_files.find(*self._source, self._models_dir, self._progress, "JUDGE")
                self._progress(f"Judge: loading {files.name}")
                self._labels = labels_of(files)
                kinds, purpose = "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING", "says what follows from a text"
                self._loaded = encoder.load(files, kinds, purpose, "JUDGE", self._threads)
            said = [sentence for part in parts for sentence in sentences(part) if words(sentence)]
            material = material_of(brief)
            scored = [_scored(self._loaded, self._labels, material, sentence, time_left) for sentence in said]
        except GeneratorError as error:
            return Verdict((f"The judge {self.name} did not answer: {error}",), unusable=True, failed=True)
        reasons = [reason for one in scored if (reason := one.reason)]
        told = [{"sentence": one.sentence, "entailed": one.entailed, "against": one.against} for one in scored]
        made = Generation(
            generator=f"judge {self.name}",
            model=self._loaded.name,
            revision=self._source[1],
            seed=None,
            prompt="\n---\n".join(parts),
            raw=json.dumps(told, ensure_ascii=False),
            candidates=(),
            seconds=self._clock() - begin,
        )
        return Verdict(tuple(reasons[:MOST_REASONS]), (made,))

    def verify(self) -> str:
        """A line for a person. Looks the model's files and labels through. Raises GeneratorError."""
        try:
            files = model_files.at_hand(*self._source, self._models_dir, "JUDGE")
        except model_files.NotYet as work:
            return f"not ready yet; the first use begins with: {work}"
        labels_of(files)
        return f"{files.name} is ready; it sees no omission, no tone and no harm"


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence of a post: how probable it is that the material entails it, and that it contradicts it."""

    sentence: str
    entailed: float
    against: float

    @property
    def reason(self) -> str:
        """What is against it; "" where it is supported, or is a call that says nothing."""
        about = f"“{shown(self.sentence, 200)}”"
        if self.against > max(self.entailed, 0.5):
            return f"The material says otherwise than {about}"
        if self.entailed >= LEAST_ENTAILED or is_remark(self.sentence, GREETING_WORDS, called=True):
            return ""
        return f"The material does not say {about}"


def labels_of(files: ModelFiles) -> tuple[str, ...]:
    """The model's labels in the order of its outputs, as they are called here. Raises GeneratorError: unknown ones."""
    found = files.config.get("id2label")
    names = sorted(found.items(), key=lambda pair: int(pair[0])) if isinstance(found, dict) and _numbered(found) else []
    known = tuple(_label(str(name)) for _, name in names)
    if frozenset(known) not in LABELS or len(set(known)) != len(known):
        told = ", ".join(str(name)[:30] for _, name in names[:5]) or "none"
        raise GeneratorError(
            f"{files.folder / 'config.json'}: its labels are {told!a}; an NLI model has entailment, neutral and "
            "contradiction, or entailment and not_entailment.",
            "Name another JUDGE_MODEL.",
        )
    return known


def _numbered(labels: Json) -> bool:
    return all(str(key).isdecimal() and len(str(key)) < 5 for key in labels)


def _label(name: str) -> str:
    plain = name.casefold().replace("_", " ").replace("-", " ").strip()
    if plain in ("not entailment", "non entailment", "not entailed"):
        return NOT_ENTAILED
    starts = {"entail": ENTAILMENT, "contradict": CONTRADICTION, "neutral": NEUTRAL}
    return next((label for start, label in starts.items() if plain.startswith(start)), plain)


def _scored(model: encoder.Encoder, labels: Sequence[str], material: str, sentence: str, time_left: TimeLeft) -> Scored:
    """A sentence against all of the material. Raises GeneratorError: the time is up, the model fails."""
    stretches = list(islice(_stretches(model, material, model.count(sentence)), MOST_STRETCHES))
    entailed = against = 0.0
    for start in range(0, len(stretches), BATCH):
        if time_left() <= 0:
            raise _no_time()
        for chances in _chances(model, [(one, sentence) for one in stretches[start : start + BATCH]]):
            by_label = dict(zip(labels, chances, strict=True))
            entailed = max(entailed, by_label[ENTAILMENT])
            against = max(against, by_label.get(CONTRADICTION, 0.0))
    return Scored(sentence, round(entailed, 4), round(against, 4))


def _stretches(model: encoder.Encoder, material: str, taken: int) -> Iterator[str]:
    """Up to three sentences of one paragraph together, as far as the model has room beside the post's sentence."""
    for paragraph in material.split("\n\n"):
        said = sentences(paragraph)
        sizes = [model.count(sentence) for sentence in said]
        for start in range(len(said)):
            for end in range(start + 1, min(start + JOINED, len(said)) + 1):
                if end > start + 1 and sum(sizes[start:end]) + taken + 4 > model.room:
                    break
                yield " ".join(said[start:end])


def _chances(model: encoder.Encoder, pairs: Sequence[tuple[str, str]]) -> list[list[float]]:
    import torch

    answer, _ = model.read(pairs)
    chances: list[list[float]] = torch.softmax(answer.logits.float(), dim=-1).tolist()
    if any(chance != chance for row in chances for chance in row):
        raise model.failed("gives no numbers")
    return chances


def _no_time() -> GeneratorError:
    return GeneratorError("There is no time left for the judge.", "Raise RUN_SECONDS if it is often so.")
