"""Models in this process: one that writes, and says how likely it finds texts; one that reads texts or pairs of them.

They know no posts and no briefs: what a reader's answer means is left to `nli` and `retrieval.local`. Which files may
be loaded is decided in `model_files`; transformers is shown a folder that holds nothing else.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twitter_manager.domain import TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.libraries import quiet, working
from twitter_manager.writing.model_files import ModelFiles

if TYPE_CHECKING:
    import torch

TOP_P = 0.95
TOP_K = 200
"""Sampling takes the likeliest tokens that together have this probability, and at most so many."""
MOST_READ = 512
"""Tokens that are read of a text at most, where the model does not ask for less."""
MOST_THREADS = 4
"""More do not help a small model, and the machine is not ours alone."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Log-probability of a text's `tokens` together, natural logarithm."""

    total: float
    tokens: int

    @property
    def mean(self) -> float:
        return self.total / max(1, self.tokens)


@dataclass(frozen=True, slots=True)
class Written:
    """A text that the model wrote; `whole`: it ended by itself, and not at the limit."""

    text: str
    tokens_in: int
    tokens_out: int
    whole: bool


class LocalModel:
    """One loaded model. Loading takes about 7 s for the bundled one, nearly all of it imports.

    Its methods raise GeneratorError when the model fails at its work.
    """

    def __init__(self, files: ModelFiles, threads: int | None = None) -> None:
        """Raises GeneratorError when the files do not make a whole model that writes text."""
        self.name = files.name
        self.revision = files.revision
        self._tokenizer, self._model = load(files, "AutoModelForCausalLM", threads)
        stops = self._model.generation_config.eos_token_id
        stops = self._tokenizer.eos_token_id if stops is None else stops
        self._model.generation_config = type(self._model.generation_config)()  # its settings would mix into ours
        self._stops = [stop for stop in (stops if isinstance(stops, list) else [stops]) if stop is not None]
        self._read: tuple[str, Any, torch.Tensor] | None = None
        self.room = int(getattr(self._model.config, "max_position_embeddings", 0) or 2048)

    def count(self, text: str) -> int:
        """How many tokens the text has."""
        return len(self._tokenizer(text)["input_ids"])

    def likelihoods(self, prompt: str, texts: Sequence[str]) -> list[Likelihood]:
        """How likely each text is after `prompt`, which is read once and kept for later calls with the same. All texts
        go through the model together: with the bundled one 8 take 0.1 GB."""
        with self._working():
            state, first = self._after(prompt)
            cache = copy.deepcopy(state)
            cache.batch_repeat_interleave(len(texts))
            return self._scored(cache, first, texts)

    def write(
        self, prompt: str, number: int, seed: int, max_tokens: int, temperature: float, time_left: TimeLeft
    ) -> list[Written]:
        """So many texts after `prompt`, in one batch; without a temperature the likeliest. Stops when time is up."""
        with self._working():
            import torch
            from transformers import GenerationConfig

            batch = self._tokenizer(prompt, return_tensors="pt", add_special_tokens=False, return_token_type_ids=False)
            sampling = {"temperature": temperature, "top_p": TOP_P, "top_k": TOP_K} if temperature else {}
            asked = GenerationConfig(
                max_new_tokens=max_tokens,
                max_time=time_left(),
                num_return_sequences=number,
                do_sample=bool(temperature),
                eos_token_id=self._stops or None,
                pad_token_id=self._tokenizer.pad_token_id,
                **sampling,
            )
            torch.manual_seed(seed % 2**63)
            with torch.inference_mode():
                rows = self._model.generate(**batch, generation_config=asked)[:, batch["input_ids"].shape[1] :]
        return [self._written(row.tolist(), batch["input_ids"].shape[1]) for row in rows]

    def chat(self, system: str, user: str) -> str:
        """The prompt in the model's own chat format. Raises GeneratorError: it has none, or one that is broken."""
        if not self._tokenizer.chat_template:
            raise GeneratorError(f"{self.name} has no chat template: {BASE_MODEL}.", "Choose another model.")
        apart = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        try:
            with quiet():
                return self._rendered(apart)
        except Exception:  # noqa: BLE001 - a template is a program of the model's author; some refuse a system role
            with working(f"The chat template of {self.name} is broken", "Choose another model."):
                return self._rendered([{"role": "user", "content": f"{system}\n\n{user}"}])

    def _working(self) -> Any:
        return working(f"The model {self.name} failed", "Choose a smaller model, or another one.")

    def _rendered(self, messages: list[dict[str, str]]) -> str:
        return str(self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

    def _after(self, prompt: str) -> tuple[Any, torch.Tensor]:
        """The model's state after the prompt, and its guess (logits) for the next token."""
        if self._read is None or self._read[0] != prompt:
            import torch

            ids = self._tokenizer(prompt, return_tensors="pt")["input_ids"]
            with torch.inference_mode():
                out = self._model(ids, use_cache=True, logits_to_keep=1)
            self._read = (prompt, out.past_key_values, out.logits[0, -1:])
        return self._read[1:]

    def _scored(self, cache: Any, first: torch.Tensor, texts: Sequence[str]) -> list[Likelihood]:
        import torch

        batch = self._tokenizer(
            list(texts), return_tensors="pt", padding=True, pad_to_multiple_of=16, add_special_tokens=False
        )
        likelihoods = []
        with torch.inference_mode():
            logits = self._model(batch["input_ids"], past_key_values=cache, use_cache=True).logits
            for ids, mask, row in zip(batch["input_ids"], batch["attention_mask"] == 1, logits, strict=True):
                guesses = torch.cat([first, row[:-1]])[mask].float()  # one row at a time: 10 MB, not 80
                chances = torch.log_softmax(guesses, dim=-1).gather(1, ids[mask].unsqueeze(1))
                likelihoods.append(Likelihood(float(chances.sum()), int(mask.sum())))
        return likelihoods

    def _written(self, ids: list[int], tokens_in: int) -> Written:
        end = next((at for at, token in enumerate(ids) if token in self._stops), len(ids))
        text = self._tokenizer.decode(ids[:end], skip_special_tokens=True)
        return Written(text, tokens_in, min(end + 1, len(ids)), end < len(ids))


@dataclass(frozen=True, slots=True)
class Reader:
    """A loaded model that reads whole texts, or pairs of them; `room`: how many tokens at most."""

    name: str
    room: int
    model: Any
    tokenizer: Any

    @classmethod
    def load(cls, files: ModelFiles, kind: str, threads: int | None, most: int = MOST_READ) -> Reader:
        """`kind`: see `load`; `most`: tokens that the model asks for. Raises GeneratorError."""
        tokenizer, model = load(files, kind, threads)
        positions = files.config.get("max_position_embeddings")
        # RoBERTa's kind counts positions from behind the padding: two fewer are for tokens.
        room = positions - 2 if type(positions) is int and positions > 16 else MOST_READ
        return cls(files.name, min(most, MOST_READ, room), model.eval(), tokenizer)

    def count(self, text: str) -> int:
        """How many tokens the text has."""
        return len(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def read(self, texts: Sequence[str], beside: Sequence[str] | None = None) -> tuple[Any, Any]:
        """What the model makes of all the texts (with those beside them) together, and which of the tokens were
        theirs. Raises GeneratorError: it fails."""
        with working(f"The model {self.name} failed", "Name another model."):
            import torch

            given = self.tokenizer(
                list(texts),
                beside,
                padding=True,
                truncation="longest_first",
                max_length=self.room,
                return_token_type_ids=(getattr(self.model.config, "type_vocab_size", 0) or 0) > 1,
                return_tensors="pt",
            )
            with torch.inference_mode():
                return self.model(**given), given["attention_mask"]

    def gives_no_numbers(self) -> GeneratorError:
        return GeneratorError(f"The model {self.name} gives no numbers.", "Name another model.")


BASE_MODEL = (
    "it is a base model, which goes on with a text and follows no instructions; choose the one of its kind that is "
    "named instruct or chat"
)


def load(files: ModelFiles, kind: str, threads: int | None) -> tuple[Any, Any]:
    """Tokenizer and model, on the CPU. `kind`: the class of transformers that is to load it; a language model is loaded
    as bf16. Raises GeneratorError."""
    remedy = f"Choose another model. If the program made {files.folder} itself, remove it: it is made anew."
    trouble = f"The model in {files.folder} can't be loaded"
    with working(trouble, remedy), tempfile.TemporaryDirectory() as stage:
        import torch
        import transformers

        for path in files.paths:
            (Path(stage) / path.name).symlink_to(path.resolve())
        tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(
            stage, local_files_only=True, padding_side="right"
        )
        model, report = getattr(transformers, kind).from_pretrained(
            stage,
            dtype=torch.bfloat16 if kind == "AutoModelForCausalLM" else torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
        torch.set_num_threads(threads or min(MOST_THREADS, torch.get_num_threads()))
    # Embeddings are made without the pooler; a classifier's verdict comes through it.
    spare = "pooler." if kind == "AutoModel" else "-"
    missing = [name for name in report["missing_keys"] if not name.startswith(spare)]
    if lacking := sorted(map(str, [*missing, *report["mismatched_keys"]])):
        raise GeneratorError(f"{trouble}: its weights don't fit its config.json ({lacking[0]}).", remedy)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    return tokenizer, model
