"""The generator that runs in this process: the bundled small model, or any that the person names.

Two ways of work. `choose`: among wordings that are true by construction (the note, its human wordings, variants by
rule) it takes the most natural ones; the model writes nothing. `write`: the model writes from the brief.
A small model can only be trusted to choose. Rules live in `wordings`, the model in `local_model`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from twitter_manager.domain import Brief, Candidate, Generation, Progress, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.answers import split_parts
from twitter_manager.writing.brief import Prompt, render
from twitter_manager.writing.chooser import Chooser

if TYPE_CHECKING:
    from twitter_manager.writing.local_model import LocalModel, Written

Writing = Literal["choose", "write"]

LEAST_SECONDS = 15.0
"""With less than this left no model is loaded: that alone takes most of it."""
CHARS_PER_TOKEN = 2.5
MOST_TOKENS, ANSWER_TOKENS = 1_024, 1_500
"""How long a post or thread may be, and the answer to a question about one."""

BASE_MODEL = (
    "it is a base model, which goes on with a text and follows no instructions; choose the one of its kind that is "
    "named instruct or chat"
)

log = logging.getLogger(__name__)


class HuggingFace:
    """See `domain.Generator`. The model is loaded at the first call and kept for later ones."""

    name = "huggingface"
    free = True

    def __init__(
        self,
        models_dir: Path,
        model: str = "",
        revision: str = "",
        writing: Writing = "choose",
        *,
        threads: int | None = None,
        temperature: float = 0.7,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`model`: "" is the bundled one; else a hub name (with `revision`, 40 hexadecimal digits), a folder or a
        .gguf file. `models_dir` keeps what was converted or downloaded."""
        self._models_dir = models_dir
        self._source = (model, revision)
        self._writing = writing
        self._threads = threads
        self._temperature = temperature
        self._clock = clock
        self._loaded: LocalModel | None = None

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        """See `domain.Generator`. `choose` gives one generation with up to `n` candidates, `write` gives `n`."""
        if not briefs or n < 1 or time_left() < LEAST_SECONDS:
            return
        model = self._model(progress)
        work = self._choose if self._writing == "choose" else self._write
        yield from work(model, briefs, n, time_left, progress)

    def answer(self, prompt: Prompt, time_left: TimeLeft) -> Generation:
        """The answer to one prompt that asks for no post: a generation without candidates. Raises GeneratorError."""
        if time_left() < LEAST_SECONDS:
            raise GeneratorError("There is no time left for the local model.", "Raise RUN_SECONDS if it is often so.")
        model = self._model(lambda line: None)
        asked = model.chat(prompt.system, prompt.user)
        if model.count(asked) + ANSWER_TOKENS > model.room:
            raise GeneratorError(f"The question is too long for {model.name}.", "Choose a model with more room.")
        begin = self._clock()
        (text,) = model.write([asked], [0], ANSWER_TOKENS, 0.0, time_left)
        # An answer that was cut off is none.
        return Generation(
            generator=self.name,
            model=model.name,
            revision=model.revision,
            seed=0,
            prompt=asked,
            raw=text.text if text.whole else "",
            candidates=(),
            tokens_in=text.tokens_in,
            tokens_out=text.tokens_out,
            seconds=self._clock() - begin,
        )

    def verify(self) -> str:
        """See `domain.Generator`: looks the model's files through, and stops where they would have to be made first."""
        from twitter_manager.writing.model_files import NotYet, at_hand

        try:
            files = at_hand(*self._source, self._models_dir)
        except NotYet as work:
            return f"not ready yet; the first use begins with: {work}"
        if self._writing == "write" and not files.chat_template:
            return f"{files.name} is ready, but has no chat template: {BASE_MODEL}"
        return f"{files.name} is ready"

    def _model(self, progress: Progress) -> LocalModel:
        if self._loaded is None:
            from twitter_manager.writing.local_model import LocalModel
            from twitter_manager.writing.model_files import find

            begin = self._clock()
            files = find(*self._source, self._models_dir, progress)
            progress(f"Local model: loading {files.name}")
            self._loaded = LocalModel(files, self._threads)
            log.info("local model %s loaded in %.1f s", files.name, self._clock() - begin)
        return self._loaded

    def _choose(
        self, model: LocalModel, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        made: list[str] = []
        for at, brief in enumerate(briefs, 1):
            if time_left() <= 0:
                return
            progress(f"Local model: choosing words, {at} of {len(briefs)}")
            begin = self._clock()
            chooser = Chooser(model, replace(brief, recent=(*made, *brief.recent)), time_left)
            candidates = chooser.candidates(n)
            made[:0] = [part for one in candidates[:1] for part in one.parts]
            generation = Generation(
                generator=self.name,
                model=model.name,
                revision=model.revision,
                seed=brief.seed,
                prompt=chooser.prompt,
                raw="\n\n".join(candidates[0].parts) if candidates else "",
                candidates=candidates,
                tokens_in=chooser.tokens,
                seconds=self._clock() - begin,
            )
            yield brief, (generation,)

    def _write(
        self, model: LocalModel, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        for at, brief in enumerate(briefs, 1):
            if time_left() <= 0:
                return
            progress(f"Local model: writing, {at} of {len(briefs)}")
            begin = self._clock()
            prompt, seeds = _prompt(model, brief), [brief.seed + number for number in range(n)]
            texts = model.write([prompt] * n, seeds, _max_tokens(brief), self._temperature, time_left)
            share = (self._clock() - begin) / n
            made = zip(seeds, texts, strict=True)
            yield brief, tuple(self._generation(model, brief, prompt, seed, text, share) for seed, text in made)

    def _generation(
        self, model: LocalModel, brief: Brief, prompt: str, seed: int, text: Written, seconds: float
    ) -> Generation:
        # A model without a chat format does not stop after its post.
        first, more, _ = text.text.strip().partition("\n\n")
        answer = text.text if model.chats or brief.max_parts > 1 else first
        whole = text.whole or (answer == first and bool(more))  # what was cut off at the limit is no post
        parts = split_parts(answer, brief.max_parts) if whole else ()
        scores = {"mean_logprob": round(text.mean_logprob, 3)}
        return Generation(
            generator=self.name,
            model=model.name,
            revision=model.revision,
            seed=seed,
            prompt=prompt,
            raw=text.text,
            candidates=(Candidate(parts, text.mean_logprob, scores),) if parts else (),
            tokens_in=text.tokens_in,
            tokens_out=text.tokens_out,
            seconds=seconds,
        )


def _prompt(model: LocalModel, brief: Brief) -> str:
    """The brief in the model's own chat format. Raises GeneratorError: it is too long."""
    rendered = render(brief)
    prompt = model.chat(rendered.system, rendered.user)
    size = model.count(prompt) + _max_tokens(brief)
    if size > model.room:
        remedy = "Choose a model with more room, or shorter material."
        raise GeneratorError(f"The brief takes {size} tokens and {model.name} has room for {model.room}.", remedy)
    return prompt


def _max_tokens(brief: Brief) -> int:
    """Room for an answer of the length allowed and its end, so that a sound one is not cut."""
    return min(MOST_TOKENS, int(brief.max_chars * brief.max_parts / CHARS_PER_TOKEN) + 16)
