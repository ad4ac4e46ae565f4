"""The generator that runs in this process: the bundled small model, or any that the person names.

Two ways of work: among wordings that are true by construction (the note, its human wordings, variants by rule) it
chooses the most natural ones; or the model `writes` from the brief.
A small model can only be trusted to choose. Rules live in `wordings`, the model in `local_model`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager.domain import Brief, Candidate, Generation, Progress, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.answers import split_parts
from twitter_manager.writing.brief import Prompt, render
from twitter_manager.writing.chooser import Chooser

if TYPE_CHECKING:
    from twitter_manager.writing.local_model import LocalModel

LEAST_SECONDS = 15.0
"""With less than this left no model is loaded: that alone takes most of it."""
CHARS_PER_TOKEN = 2.5
MOST_TOKENS, ANSWER_TOKENS = 1_024, 1_500
"""How long a post or thread may be, and the answer to a question about one."""
TEMPERATURE = 0.7

log = logging.getLogger(__name__)


class HuggingFace:
    """See `domain.Generator`. The model is loaded at the first call and kept for later ones."""

    name = "huggingface"
    free = True

    def __init__(
        self, models_dir: Path, model: str = "", revision: str = "", *, writes: bool = False, threads: int | None = None
    ) -> None:
        """`model`: "" is the bundled one; else a hub name (with `revision`, 40 hexadecimal digits), a folder or a
        .gguf file. `models_dir` keeps what was converted or downloaded."""
        self._source = (model, revision, models_dir)
        self._writes = writes
        self._threads = threads
        self._loaded: LocalModel | None = None

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        """See `domain.Generator`. One generation with up to `n` candidates; `n` where the model writes."""
        if time_left() < LEAST_SECONDS:
            return
        model = self._model(progress)
        doing = "writing" if self._writes else "choosing words"
        latest: list[str] = []
        for at, brief in enumerate(briefs, 1):
            if time_left() <= 0:
                return
            progress(f"Local model: {doing}, {at} of {len(briefs)}")
            begin = time.monotonic()
            if self._writes:
                generations = self._write(model, brief, n, time_left)
            else:
                generations = [self._choose(model, replace(brief, recent=(*latest, *brief.recent)), n, time_left)]
                latest[:0] = [part for candidate in generations[0].candidates[:1] for part in candidate.parts]
            seconds = (time.monotonic() - begin) / len(generations)
            yield brief, tuple(replace(generation, seconds=seconds) for generation in generations)

    def answer(self, prompt: Prompt, time_left: TimeLeft) -> Generation:
        """The answer to one prompt that asks for no post: a generation without candidates. Raises GeneratorError."""
        if time_left() < LEAST_SECONDS:
            raise GeneratorError("There is no time left for the local model.", "Raise RUN_SECONDS if it is often so.")
        begin, model = time.monotonic(), self._model(lambda line: None)
        asked = _asked(model, prompt, ANSWER_TOKENS)
        (text,) = model.write(asked, 1, 0, ANSWER_TOKENS, 0.0, time_left)
        raw = text.text if text.whole else ""  # an answer that was cut off is none
        generation = self._generation(model, asked, 0, raw, text.tokens_in, text.tokens_out)
        return replace(generation, seconds=time.monotonic() - begin)

    def verify(self) -> str:
        """See `domain.Generator`: looks the model's files through, and stops where they would have to be made first."""
        from twitter_manager.writing.local_model import BASE_MODEL
        from twitter_manager.writing.model_files import readiness

        mute = f", but has no chat template: {BASE_MODEL}"
        return readiness(*self._source, "HF", lambda files: mute if self._writes and not files.chats else "")

    def _model(self, progress: Progress) -> LocalModel:
        if self._loaded is None:
            from twitter_manager.writing.local_model import LocalModel
            from twitter_manager.writing.model_files import find

            begin = time.monotonic()
            files = find(*self._source, progress)
            progress(f"Local model: loading {files.name}")
            self._loaded = LocalModel(files, self._threads)
            log.info("local model %s loaded in %.1f s", files.name, time.monotonic() - begin)
        return self._loaded

    def _choose(self, model: LocalModel, brief: Brief, n: int, time_left: TimeLeft) -> Generation:
        chooser = Chooser(model, brief, time_left)
        candidates = chooser.candidates(n)
        raw = "\n\n".join(candidates[0].parts) if candidates else ""
        generation = self._generation(model, chooser.prompt, brief.seed, raw, chooser.tokens)
        return replace(generation, candidates=candidates)

    def _write(self, model: LocalModel, brief: Brief, n: int, time_left: TimeLeft) -> list[Generation]:
        most = min(MOST_TOKENS, int(brief.max_chars * brief.max_parts / CHARS_PER_TOKEN) + 16)
        asked = _asked(model, render(brief), most)
        generations = []
        for written in model.write(asked, n, brief.seed, most, TEMPERATURE, time_left):
            parts = split_parts(written.text, brief.max_parts) if written.whole else ()  # what was cut off is no post
            answer = self._generation(model, asked, brief.seed, written.text, written.tokens_in, written.tokens_out)
            generations.append(replace(answer, candidates=(Candidate(parts),) if parts else ()))
        return generations

    def _generation(self, model: LocalModel, prompt: str, seed: int, raw: str, *tokens: int) -> Generation:
        return Generation(self.name, model.name, model.revision, seed, prompt, raw, (), *tokens)


def _asked(model: LocalModel, prompt: Prompt, answer: int) -> str:
    """The prompt in the model's own chat format. Raises GeneratorError: it leaves no room for the answer."""
    asked = model.chat(prompt.system, prompt.user)
    if (size := model.count(asked) + answer) > model.room:
        message = f"The request and its answer take {size} tokens, and {model.name} has room for {model.room}."
        raise GeneratorError(message, "Choose a model with more room, or shorter material.")
    return asked
