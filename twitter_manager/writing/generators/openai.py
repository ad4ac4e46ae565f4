"""Posts written over OpenAI's Chat Completions, which OpenRouter, Ollama, vLLM and llama.cpp speak too.

Reference: https://developers.openai.com/api/docs/api-reference/chat/create
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twitter_manager.domain import Json
from twitter_manager.writing.brief import Prompt
from twitter_manager.writing.generators.remote import (
    Answer,
    RemoteGenerator,
    blocks_text,
    count,
    mapping,
    text_of,
)

if TYPE_CHECKING:
    import httpx2


class OpenAI(RemoteGenerator):
    """Sends no sampling settings but the seed."""

    name = "openai"
    default_model = "gpt-6.1-terra"
    official_url = "https://api.openai.com/v1"
    settings = "OPENAI"

    def _sdk(self) -> Any:
        import openai

        return openai

    def _open(self, key: str, http: httpx2.Client) -> Any:
        return self._sdk().OpenAI(api_key=key, base_url=self.base_url, max_retries=0, http_client=http)

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
        return names[names[0] in self._refused_extras]

    def _create(self, client: Any, prompt: Prompt, extras: Json, timeout: httpx2.Timeout) -> Any:
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        return client.chat.completions.with_raw_response.create(
            model=self.model, messages=messages, timeout=timeout, **extras
        )

    def _read(self, body: Json) -> Answer:
        choices = body.get("choices")
        choice = mapping(choices[0]) if isinstance(choices, list) and choices else {}
        message = mapping(choice.get("message"))
        content, usage = message.get("content"), mapping(body.get("usage"))
        refusal = text_of(message.get("refusal"))
        if choice.get("finish_reason") == "content_filter":
            refusal = refusal or "stopped by the content filter"
        return Answer(
            text=text_of(content) or blocks_text(content),
            model=text_of(body.get("model")),
            tokens_in=count(usage.get("prompt_tokens")),
            tokens_out=count(usage.get("completion_tokens")),
            refusal=refusal[:200],
            cut=choice.get("finish_reason") == "length",
        )
