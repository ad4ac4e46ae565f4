"""A ten-line embedder: texts with the same words are alike."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from twitter_manager.domain import TimeLeft
from twitter_manager.english import function_words, words
from twitter_manager.retrieval.embedder import Embedded, normalised


@dataclass
class FakeEmbedder:
    """A count of words, folded into so many numbers. `fail_at`: the call (from 0) that raises `error`."""

    model: str = "fake 1"
    free: bool = True
    size: int = 256
    fail_at: int = -1
    error: BaseException = field(default_factory=lambda: RuntimeError("killed"))
    asked: list[list[str]] = field(default_factory=list)

    def embed(self, texts: Sequence[str], time_left: TimeLeft) -> Embedded:
        self.asked.append(list(texts))
        if len(self.asked) - 1 == self.fail_at:
            raise self.error
        table = np.zeros((len(texts), self.size))
        for row, text in zip(table, texts, strict=True):
            for word in words(text):
                row[zlib.crc32(word.encode()) % self.size] += word not in function_words()
        return Embedded(normalised(table), tokens=10 * len(texts), cost_usd=0.0 if self.free else 0.25)

    def verify(self) -> str:
        return "fake"
