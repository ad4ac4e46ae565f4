"""A language model in this process: how likely it finds texts, and what it writes. Knows no posts and no briefs.

Which files may be loaded is decided in `model_files`; transformers is shown a folder that holds nothing else.
"""

from __future__ import annotations

import copy
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twitter_manager.domain import TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.libraries import quiet, short
from twitter_manager.writing.model_files import ModelFiles

if TYPE_CHECKING:
    import torch

TOP_P = 0.95
TOP_K = 200
"""Sampling takes the likeliest tokens that together have this probability, and at most so many."""
MOST_THREADS = 4
"""More do not help a small model, and the machine is not ours alone."""

_REMEDY = "Download it again, or choose another model."

log = logging.getLogger(__name__)


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
    """A text that the model wrote; `mean_logprob` is per token, at the temperature it was sampled with; `whole`: it
    ended by itself, and not at the limit."""

    text: str
    tokens_in: int
    tokens_out: int
    mean_logprob: float
    whole: bool = True


class LocalModel:
    """One loaded model. Loading takes about 7 s for the bundled one, nearly all of it imports.

    Its methods raise GeneratorError when the model fails at its work.
    """

    def __init__(self, files: ModelFiles, threads: int | None = None) -> None:
        """Raises GeneratorError when the files do not make a whole model that writes text."""
        self.name = files.name
        self.revision = files.revision
        with quiet():
            self._tokenizer, self._model = _load(files)
            set_threads(threads)
        self._stop_ids = files.stop_ids or tuple(filter(None, [self._tokenizer.eos_token_id]))
        self._read: tuple[str, Any, torch.Tensor] | None = None
        self.room = int(getattr(self._model.config, "max_position_embeddings", 0) or 2048)

    def count(self, text: str) -> int:
        """How many tokens the text has."""
        return len(self._tokenizer(text)["input_ids"])

    def likelihoods(self, prompt: str, texts: Sequence[tuple[str, int]]) -> list[Likelihood]:
        """How likely each text is after `prompt`; of a text the first so many characters are read but not counted.

        The prompt is read once and kept for later calls with the same. All texts go through the model together: with
        the bundled one 8 take 0.1 GB.
        """
        with self._working():
            state, first = self._after(prompt)
            cache = copy.deepcopy(state)
            cache.batch_repeat_interleave(len(texts))
            return self._scored(cache, first, texts)

    def write(
        self,
        prompts: Sequence[str],
        seeds: Sequence[int],
        max_tokens: int,
        temperature: float,
        time_left: TimeLeft,
    ) -> list[Written]:
        """One text for each prompt, all in one batch, each with a random stream of its own. Stops when time is up."""
        with self._working():
            import torch
            from transformers import GenerationConfig

            special = self._tokenizer.chat_template is None
            batch = self._tokenizer(
                list(prompts), return_tensors="pt", padding=True, padding_side="left", add_special_tokens=special
            )
            sampler = _Sampler(seeds, temperature)
            with torch.inference_mode():
                out = self._model.generate(
                    input_ids=batch["input_ids"],
                    attention_mask=batch["attention_mask"],
                    generation_config=GenerationConfig(
                        max_new_tokens=max_tokens,
                        do_sample=False,
                        eos_token_id=list(self._stop_ids) or None,
                        pad_token_id=self._tokenizer.pad_token_id,
                    ),
                    logits_processor=[sampler],
                    stopping_criteria=[_out_of_time(time_left)],
                )
        start = batch["input_ids"].shape[1]
        return [
            self._written(row[start:].tolist(), int(mask.sum()), logprobs)
            for row, mask, logprobs in zip(out, batch["attention_mask"], sampler.logprobs, strict=True)
        ]

    def chat(self, system: str, user: str) -> str:
        """The prompt in the model's own chat format; plain text for a model without one."""
        if not self._tokenizer.chat_template:
            return f"{system}\n\n{user}\n\nPost:"
        both = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        merged = [{"role": "user", "content": f"{system}\n\n{user}"}]
        try:
            return self._rendered(both)
        except Exception:  # noqa: BLE001 - a template is a program of the model's author; some refuse a system role
            log.debug("%s takes no system role", self.name)
        try:
            return self._rendered(merged)
        except Exception as error:  # as above
            raise GeneratorError(f"The chat template of {self.name} is broken.", "Choose another model.") from error

    @property
    def chats(self) -> bool:
        """Whether it has a chat format."""
        return bool(self._tokenizer.chat_template)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Nothing is printed, and what torch raises becomes an error that the caller knows."""
        with quiet():
            try:
                yield
            except (RuntimeError, IndexError, MemoryError) as error:
                remedy = "Choose a smaller model, or another one."
                raise GeneratorError(f"The model {self.name} failed ({short(error)}).", remedy) from error

    def _rendered(self, messages: list[dict[str, str]]) -> str:
        with quiet():
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

    def _scored(self, cache: Any, first: torch.Tensor, texts: Sequence[tuple[str, int]]) -> list[Likelihood]:
        import torch

        batch = self._tokenizer(
            [text for text, _ in texts],
            return_tensors="pt",
            padding=True,
            padding_side="right",
            pad_to_multiple_of=16,
            add_special_tokens=False,
            return_offsets_mapping=True,
        )
        ids, counted = batch["input_ids"], batch["attention_mask"] == 1
        found = []
        with torch.inference_mode():
            logits = self._model(ids, past_key_values=cache, use_cache=True).logits
            for row, (_, skip) in enumerate(texts):
                mine = counted[row] & (batch["offset_mapping"][row, :, 0] >= skip)
                guesses = torch.cat([first, logits[row, :-1]])[mine].float()  # one row at a time: 10 MB, not 80
                chances = torch.log_softmax(guesses, dim=-1).gather(1, ids[row][mine].unsqueeze(1))
                found.append(Likelihood(float(chances.sum()), int(mine.sum())))
        return found

    def _written(self, ids: list[int], tokens_in: int, logprobs: Sequence[float]) -> Written:
        end = next((at for at, one in enumerate(ids) if one in self._stop_ids), len(ids))
        counted = min(end + 1, len(ids))
        return Written(
            text=self._tokenizer.decode(ids[:end], skip_special_tokens=True),
            tokens_in=tokens_in,
            tokens_out=counted,
            mean_logprob=sum(logprobs[:counted]) / max(1, counted),
            whole=end < len(ids),
        )


class _Sampler:
    """Picks each row's next token from that row's own random stream, so that a text does not hang on its neighbours.

    Handed to a greedy search: what it picked gets the highest score. Adding Gumbel noise to the logits and taking the
    best is the same as sampling. `logprobs` are those of the model at the temperature, of what was picked.
    """

    def __init__(self, seeds: Sequence[int], temperature: float) -> None:
        import torch

        self._temperature = max(temperature, 0.01)
        self._streams = [torch.Generator().manual_seed(seed % 2**63) for seed in seeds]
        self.logprobs: list[list[float]] = [[] for _ in seeds]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        import torch

        chances = torch.log_softmax(scores.float() / self._temperature, dim=-1)
        likely, ids = chances.topk(min(TOP_K, chances.shape[-1]), dim=-1)
        before = likely.exp().cumsum(dim=-1) - likely.exp()
        picked = torch.full_like(chances, -torch.inf)
        for row, stream in enumerate(self._streams):
            kept = likely[row][before[row] < TOP_P]
            noise = -torch.log(-torch.log(torch.rand(len(kept), generator=stream).clamp(1e-20, 1 - 1e-7)))
            best = int((kept + noise).argmax())
            picked[row, ids[row, best]] = 0.0
            self.logprobs[row].append(float(kept[best]))
        return picked


def _load(files: ModelFiles) -> tuple[Any, Any]:
    """Tokenizer and model (bf16, on the CPU)."""
    import torch
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, PreTrainedTokenizerFast

    model = load_weights(files, MODEL_FOR_CAUSAL_LM_MAPPING, torch.bfloat16, "writes text")
    try:
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(files.folder / "tokenizer.json"), **_special_tokens(files.tokenizer_config)
        )
    except Exception as error:  # a broken file makes the library stumble over anything
        raise GeneratorError(f"The model in {files.folder} can't be loaded ({short(error)}).", _REMEDY) from error
    tokenizer.chat_template = files.chat_template or None
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    return tokenizer, model


def load_weights(files: ModelFiles, kinds: Any, dtype: torch.dtype, purpose: str, spare: str = "-") -> Any:
    """The model of one of the `kinds` (a mapping of transformers) with its weights, on the CPU. `purpose`: what such a
    model does, for the message; `spare`: how the weights that may be missing begin. Raises GeneratorError."""
    from transformers import CONFIG_MAPPING, GenerationConfig

    kind = str(files.config.get("model_type"))
    if kind not in CONFIG_MAPPING or CONFIG_MAPPING[kind] not in kinds:
        raise GeneratorError(f"{files.folder / 'config.json'}: {kind!r} is no kind of model that {purpose}.", _REMEDY)
    try:
        with tempfile.TemporaryDirectory() as stage:
            for weight in files.weights:
                (Path(stage) / weight.name).symlink_to(weight.resolve())
            if len(files.weights) > 1 or files.weights[0].name != "model.safetensors":
                index = "model.safetensors.index.json"
                (Path(stage) / index).symlink_to((files.folder / index).resolve())
            config = CONFIG_MAPPING[kind].from_dict(files.config)
            model, report = kinds[type(config)].from_pretrained(
                stage,
                config=config,
                dtype=dtype,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                generation_config=GenerationConfig(),
                output_loading_info=True,
            )
    except Exception as error:  # a broken folder makes the libraries stumble over anything
        raise GeneratorError(f"The model in {files.folder} can't be loaded ({short(error)}).", _REMEDY) from error
    missing = [name for name in map(str, report["missing_keys"]) if not name.startswith(spare)]
    if lacking := sorted([*missing, *map(str, report["mismatched_keys"])]):
        raise GeneratorError(f"The weights in {files.folder} don't fit its config.json: {lacking[0]}.", _REMEDY)
    return model


def set_threads(threads: int | None) -> None:
    import torch

    torch.set_num_threads(threads or min(MOST_THREADS, torch.get_num_threads()))


def _special_tokens(tokenizer_config: Mapping[str, Any]) -> dict[str, str]:
    """The four special tokens that matter here; nothing else of that file reaches the tokenizer."""
    found = {}
    for name in ("bos_token", "eos_token", "unk_token", "pad_token"):
        value = tokenizer_config.get(name)
        value = value.get("content") if isinstance(value, dict) else value
        if isinstance(value, str) and value:
            found[name] = value
    return found


def _out_of_time(time_left: TimeLeft) -> Callable[..., torch.Tensor]:
    def stop(input_ids: torch.Tensor, scores: torch.Tensor, **_: Any) -> torch.Tensor:
        import torch

        return torch.full((len(input_ids),), time_left() <= 0)

    return stop
