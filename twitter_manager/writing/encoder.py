"""A transformer in this process that reads whole texts, or pairs of them: its files, its tokenizer, its errors.

What its answer means is left to `nli` and `retrieval.local`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twitter_manager.errors import GeneratorError
from twitter_manager.writing.libraries import working
from twitter_manager.writing.local_model import load as load_files
from twitter_manager.writing.model_files import ModelFiles

MOST_TOKENS = 512
"""What a model reads of a text at most, where it does not ask for less."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """`room`: how many tokens it reads."""

    name: str
    room: int
    model: Any
    tokenizer: Any

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

    def failed(self, what: str) -> GeneratorError:
        return GeneratorError(f"The model {self.name} {what}.", "Name another model.")


def load(files: ModelFiles, kind: str, threads: int | None, *, most: int = MOST_TOKENS) -> Encoder:
    """The model of these files. `kind`: see `local_model.load`; `most`: tokens that it is to read. Raises
    GeneratorError."""
    tokenizer, model = load_files(files, kind, threads)
    positions = files.config.get("max_position_embeddings")
    # RoBERTa's kind counts positions from behind the padding: two fewer are for tokens.
    room = min(most, MOST_TOKENS, positions - 2 if type(positions) is int and positions > 16 else MOST_TOKENS)
    return Encoder(files.name, room, model.eval(), tokenizer)
