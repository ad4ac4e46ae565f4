"""Sentence embeddings by a service that speaks OpenAI's Embeddings API, as OpenRouter, Ollama, vLLM and llama.cpp do.

Reference: https://developers.openai.com/api/docs/api-reference/embeddings/create
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from twitter_manager.domain import Json, Price, TimeLeft
from twitter_manager.retrieval.embedder import Embedded, Vectors, normalised
from twitter_manager.writing.generators.openai import OpenAI
from twitter_manager.writing.generators.pricing import FREE, estimated
from twitter_manager.writing.generators.remote import Ask, ServiceError, count, dig


class OpenAIEmbedder:
    """See `Embedder`. One request for all the texts of a call. Vectors of several services or models never mix: both
    names stand in `model`."""

    def __init__(self, api_key: str, model: str = "", base_url: str = "", price: Price | None = None) -> None:
        """`price`: what the service takes for writing. It tells whether it is free, no more."""
        self._service = _Service(api_key, model, base_url, price)
        self.free = self._service.free
        self.model = f"{self._service.model} at {self._service.host}"
        self.name, self.account = self._service.name, self._service.account

    def embed(self, texts: Sequence[str], time_left: TimeLeft) -> Embedded:
        """See `Embedder`."""
        return self._service.embed(texts, time_left)

    def verify(self) -> str:
        """See `Embedder`."""
        return self._service.reached()


class _Service(OpenAI):
    """The client that the generator has too: its key, its limits, its errors and its retries."""

    name = "embeddings"
    default_model = "text-embedding-3-small"
    model_setting = "EMBEDDINGS_MODEL"
    most_bytes = 32_000_000
    """128 vectors of 3,072 numbers take 9 MB as JSON."""
    assumed = (0.2, 0.0)
    """No embedding model of the price list is dearer."""

    def __init__(self, api_key: str, model: str, base_url: str, price: Price | None) -> None:
        super().__init__(api_key, model, base_url, price)
        self._price = FREE if self.free else None

    def embed(self, texts: Sequence[str], time_left: TimeLeft) -> Embedded:
        begun = time.monotonic()
        ask: Ask = lambda client, timeout: client.embeddings.with_streaming_response.create(  # noqa: E731
            model=self.model, input=list(texts), encoding_format="float", timeout=timeout
        )
        expected = sum(map(estimated, texts))
        body, lost = self.billed(lambda: self.sent(ask, time_left()), expected, time_left)
        tokens = lost + (count(dig(body, "usage", "prompt_tokens")) or expected)
        cost = self.cost(self.model, tokens, 0)
        try:
            vectors = self._table(body, len(texts))
        except ServiceError as error:
            error.tokens, error.cost_usd = tokens, cost
            raise
        return Embedded(vectors, tokens, cost, time.monotonic() - begun)

    def _table(self, body: Json, size: int) -> Vectors:
        """The vectors in the order of the texts. Raises ServiceError."""
        data = body.get("data")
        try:
            rows = {entry["index"]: entry["embedding"] for entry in data}  # type: ignore[union-attr]
            if sorted(rows) == list(range(size)):
                return normalised([rows[at] for at in range(size)])
        except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
            pass  # told below: whatever came, it is not what was asked for
        raise ServiceError(f"{self.host} gave no vectors for the texts.", "Check OPENAI_BASE_URL.")
