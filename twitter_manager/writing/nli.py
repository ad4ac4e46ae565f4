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
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from twitter_manager.domain import Brief, Generation, Progress, TimeLeft
from twitter_manager.english import shown, words
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.brief import material_of
from twitter_manager.writing.evidence import GREETING_WORDS, MOST_REASONS, is_remark, sentences
from twitter_manager.writing.judge import Verdict
from twitter_manager.writing.local_model import Reader
from twitter_manager.writing.model_files import ModelFiles, find, readiness

LEAST_ENTAILED = 0.8
"""How probable it must be to the model that a sentence follows."""
JOINED = 3
"""Sentences of the material that are read together at most."""
MOST_STRETCHES = 300
"""More of one material are not compared: what a post says stands near the beginning of them."""
BATCH = 16
LEAST_SECONDS = 15.0
"""With less than this left no model is loaded: that alone takes most of it."""
KINDS = ("entail", "contradict", "neutral", "not", "non")
"""How the names of a model's labels begin."""


class Entailment:
    """See `judge.Judge`. The model is loaded at the first post and kept for later ones."""

    name = "nli"
    free = True

    def __init__(self, models_dir: Path, model: str, revision: str, threads: int | None, progress: Progress) -> None:
        """`model`: a hub name (with `revision`, 40 hexadecimal digits) or a folder."""
        self._source, self._threads, self._progress = (model, revision, models_dir), threads, progress
        self._loaded: tuple[Reader, Sequence[str]] | None = None

    def review(
        self, brief: Brief, parts: Sequence[str], points: Sequence[str], time_left: TimeLeft, usd_left: float = math.inf
    ) -> Verdict:
        """See `judge.Judge`. It can be told no points."""
        begin = time.monotonic()
        said = [sentence for part in parts for sentence in sentences(part) if words(sentence)]
        try:
            model, labels = self._model(time_left)
            scored = [_scored(model, labels, material_of(brief), sentence, time_left) for sentence in said]
        except GeneratorError as error:
            return Verdict((f"The judge {self.name} did not answer: {error}",), unusable=True, failed=True)
        generation = Generation(
            generator=f"judge {self.name}",
            model=model.name,
            revision=self._source[1],
            prompt="\n---\n".join(parts),
            raw=json.dumps([asdict(score) for score in scored], ensure_ascii=False),
            seconds=time.monotonic() - begin,
        )
        reasons = [reason for score in scored if (reason := score.reason)]
        return Verdict(tuple(reasons[:MOST_REASONS]), (generation,))

    def verify(self) -> str:
        """A line for a person. Looks the model's files and labels through. Raises GeneratorError."""
        blind = "; it sees no omission, no tone and no harm"
        return readiness(*self._source, "JUDGE", lambda files: blind if labels_of(files) else "")

    def _model(self, time_left: TimeLeft) -> tuple[Reader, Sequence[str]]:
        if self._loaded is None:
            if time_left() < LEAST_SECONDS:
                raise _no_time()
            files = find(*self._source, self._progress, "JUDGE")
            self._progress(f"Judge: loading {files.name}")
            labels = labels_of(files)
            self._loaded = Reader.load(files, "AutoModelForSequenceClassification", self._threads), labels
        return self._loaded


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


def labels_of(files: ModelFiles) -> Sequence[str]:
    """Which of KINDS each of the model's outputs is. Raises GeneratorError: they are not those of an NLI model."""
    names = files.config.get("id2label")
    numbers = sorted(names, key=lambda number: (len(number), number)) if isinstance(names, dict) else []
    labels = [str(names[number])[:30].casefold() for number in numbers] if names else []
    kinds = [next((kind for kind in KINDS if label.startswith(kind)), "") for label in labels]
    if "" in kinds or kinds.count("entail") != 1 or len(kinds) < 2:
        raise GeneratorError(
            f"{files.folder / 'config.json'}: its labels are {', '.join(labels[:5]) or 'none'!a}; an NLI model has "
            "entailment, neutral and contradiction, or entailment and not_entailment.",
            "Name another JUDGE_MODEL.",
        )
    return kinds


def _scored(model: Reader, labels: Sequence[str], material: str, sentence: str, time_left: TimeLeft) -> Scored:
    """A sentence against all of the material. Raises GeneratorError: the time is up, the model fails."""
    import torch

    stretches = list(islice(_stretches(model, material, model.count(sentence)), MOST_STRETCHES))
    best = dict.fromkeys(KINDS, 0.0)
    for start in range(0, len(stretches), BATCH):
        if time_left() <= 0:
            raise _no_time()
        some = stretches[start : start + BATCH]
        answer, _ = model.read(some, [sentence] * len(some))
        chances = torch.softmax(answer.logits.float(), dim=-1).amax(dim=0).tolist()
        if any(chance != chance for chance in chances):
            raise model.gives_no_numbers()
        best |= {kind: max(best[kind], chance) for kind, chance in zip(labels, chances, strict=True)}
    return Scored(sentence, round(best["entail"], 4), round(best["contradict"], 4))


def _stretches(model: Reader, material: str, taken: int) -> Iterator[str]:
    """Up to three sentences of one paragraph together, as far as the model has room beside the post's sentence."""
    for paragraph in material.split("\n\n"):
        said = sentences(paragraph)
        sizes = [model.count(sentence) for sentence in said]
        for start in range(len(said)):
            for end in range(start + 1, min(start + JOINED, len(said)) + 1):
                if end > start + 1 and sum(sizes[start:end]) + taken + 4 > model.room:
                    break
                yield " ".join(said[start:end])


def _no_time() -> GeneratorError:
    return GeneratorError("There is no time left for the judge.", "Raise RUN_SECONDS if it is often so.")
