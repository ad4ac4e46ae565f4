"""Posts written over OpenAI's Chat Completions, which OpenRouter, Ollama, vLLM and llama.cpp speak too.

Reference: https://developers.openai.com/api/docs/api-reference/chat/create
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from twitter_manager.domain import Json
from twitter_manager.writing.brief import Prompt
from twitter_manager.writing.generators.remote import (
    Answer,
    RemoteGenerator,
    ServiceError,
    blocks_text,
    count,
    mapping,
    text_of,
)

if TYPE_CHECKING:
    import httpx2


class OpenAI(RemoteGenerator):
    """Sends no sampling settings but the seed. A field that a server refuses by its name is left out from then on."""

    name = "openai"
    default_model = "gpt-6.1-terra"
    official_url = "https://api.openai.com/v1"
    settings = "OPENAI"

    _takes_seed = True
    _takes_schema = True
    _takes_effort = True

    @cached_property
    def _limits(self) -> list[str]:
        """Names of the token limit to try: OpenAI's newer models refuse `max_tokens`, Ollama knows nothing else."""
        names = ["max_completion_tokens", "max_tokens"]
        return names if self.base_url.startswith("https://api.openai.com/") else names[::-1]

    def _sdk(self) -> Any:
        import openai

        return openai

    def _open(self, key: str, http: httpx2.Client) -> Any:
        return self._sdk().OpenAI(api_key=key, base_url=self.base_url, max_retries=0, http_client=http)

    def _request(self, client: Any, prompt: Prompt, seed: int, timeout: httpx2.Timeout) -> tuple[bytes, int | None]:
        fields: Json = dict.fromkeys(self._limits[:1], self.max_tokens) | ({"seed": seed} if self._takes_seed else {})
        if prompt.schema and self._takes_schema:
            # https://developers.openai.com/api/docs/guides/structured-outputs
            form = {"name": "answer", "schema": prompt.schema, "strict": True}
            fields["response_format"] = {"type": "json_schema", "json_schema": form}
        if self._effort and self._takes_effort:
            fields["reasoning_effort"] = self._effort
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        refused: str | None
        try:
            body = self._sent(
                lambda: client.chat.completions.with_raw_response.create(
                    model=self.model, messages=messages, timeout=timeout, **fields
                ),
            )
            return body, fields.get("seed")
        except ServiceError as error:
            refused = next((name for name in fields if name in str(error)), None)
            if error.status not in (400, 422) or refused is None:
                raise
        if refused == "seed":
            self._takes_seed = False
        elif refused == "response_format":
            self._takes_schema = False
        elif refused == "reasoning_effort":
            self._takes_effort = False
        else:
            self._limits.remove(refused)
        return self._request(client, prompt, seed, timeout)

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
