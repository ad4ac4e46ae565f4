"""Posts written over OpenAI's Chat Completions, which OpenRouter, Ollama, vLLM and llama.cpp speak too.

Reference: https://developers.openai.com/api/docs/api-reference/chat/create
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from twitter_manager.domain import Json
from twitter_manager.writing.brief import Prompt
from twitter_manager.writing.generators.remote import RemoteGenerator


class OpenAI(RemoteGenerator):
    """Sends no sampling settings but the seed."""

    name = "openai"
    default_model = "gpt-6.1-terra"
    official_url = "https://api.openai.com/v1"
    settings = "OPENAI"
    at: ClassVar[Mapping[str, Sequence[str | int]]] = {
        "text": ["choices", 0, "message", "content"],
        "reason": ["choices", 0, "message", "refusal"],
        "finish": ["choices", 0, "finish_reason"],
        "in": ["usage", "prompt_tokens"],
        "out": ["usage", "completion_tokens"],
    }
    cut_off, refused = "length", "content_filter"

    def _open(self, **more: Any) -> Any:
        import openai

        return openai.OpenAI(**more)

    def _extras(self, prompt: Prompt, seed: int) -> Json:
        # https://developers.openai.com/api/docs/guides/structured-outputs
        form = {"name": "answer", "schema": prompt.schema, "strict": True}
        return {
            self._limit(): self.max_tokens,
            "seed": seed,
            "response_format": {"type": "json_schema", "json_schema": form} if prompt.schema else None,
            "reasoning_effort": self._effort,
        }

    def _limit(self) -> str:
        """How the token limit is called: OpenAI's newer models refuse `max_tokens`, Ollama knows nothing else."""
        names = ["max_completion_tokens", "max_tokens"]
        names = names if self.base_url.startswith("https://api.openai.com/") else names[::-1]
        return names[names[0] in self._left_out]

    def _create(self, client: Any, prompt: Prompt, extras: Json, timeout: Any) -> Any:
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        return client.chat.completions.with_streaming_response.create(
            model=self.model, messages=messages, timeout=timeout, **extras
        )
