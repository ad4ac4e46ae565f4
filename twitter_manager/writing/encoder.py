"""A transformer in this process that reads whole texts, or pairs of them: its files, its tokenizer, its errors.

What its answer means is left to `nli` and `retrieval.local`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twitter_manager.errors import GeneratorError
from twitter_manager.writing.libraries import quiet, short
from twitter_manager.writing.local_model import load_weights, set_threads
from twitter_manager.writing.model_files import ModelFiles

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MOST_TOKENS = 512
"""What a model reads of a text at most, where it does not ask for less."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """`setting`: what the setting that names the model begins with, for remedies; `room`: how many tokens it reads."""

    name: str
    setting: str
    room: int
    model: Any
    tokenizer: Tokenizer

    def count(self, text: str) -> int:
        """How many tokens the text has, `room` at most."""
        return len(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def read(self, texts: Sequence[str] | Sequence[tuple[str, str]]) -> tuple[Any, Any]:
        """What the model makes of all the texts together, and which of the tokens were theirs. Raises GeneratorError:
        it fails."""
        import torch

        encoded = self.tokenizer.encode_batch(list(texts))
        mask = torch.tensor([one.attention_mask for one in encoded])
        given = {"input_ids": torch.tensor([one.ids for one in encoded]), "attention_mask": mask}
        if (getattr(self.model.config, "type_vocab_size", 0) or 0) > 1:
            given["token_type_ids"] = torch.tensor([one.type_ids for one in encoded])
        with quiet(), torch.inference_mode():
            try:
                return self.model(**given), mask
            except (RuntimeError, IndexError, MemoryError, TypeError) as error:
                raise self.failed(f"failed ({short(error)})") from error

    def failed(self, what: str) -> GeneratorError:
        return GeneratorError(f"The model {self.name} {what}.", f"Name another {self.setting}_MODEL.")


def load(
    files: ModelFiles, kinds: str, purpose: str, setting: str, threads: int | None, *, most: int = MOST_TOKENS
) -> Encoder:
    """The model of these files. `kinds`: the mapping of transformers that it must be in; `purpose`: see `load_weights`;
    `most`: tokens that it is to read. Raises GeneratorError."""
    with quiet():
        import torch
        import transformers

        spare = "pooler." if kinds == "MODEL_MAPPING" else "-"
        model = load_weights(files, getattr(transformers, kinds), torch.float32, purpose, spare).eval()
        set_threads(threads)
    positions = files.config.get("max_position_embeddings")
    # RoBERTa's kind counts positions from behind the padding: two fewer are for tokens.
    room = min(most, MOST_TOKENS, positions - 2 if type(positions) is int and positions > 16 else MOST_TOKENS)
    return Encoder(files.name, setting, room, model, _tokenizer(files, room))


def _tokenizer(files: ModelFiles, room: int) -> Tokenizer:
    """It cuts at `room` tokens and fills rows up."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(files.folder / "tokenizer.json"))
    except Exception as error:  # the library raises plain Exception
        raise GeneratorError(f"{files.folder}: its tokenizer.json is broken.", "Download it again.") from error
    pad = files.config.get("pad_token_id")
    tokenizer.enable_padding(pad_id=pad if type(pad) is int else 0)
    tokenizer.enable_truncation(room, strategy="longest_first")
    return tokenizer
