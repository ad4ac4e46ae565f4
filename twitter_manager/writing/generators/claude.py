"""Posts written by Anthropic's Claude, over the Messages API (https://platform.claude.com/docs/en/api/messages)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

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


class Claude(RemoteGenerator):
    """Sends no sampling settings: current models refuse them. The API takes no seed."""

    name = "claude"
    default_model = "claude-sonnet-5-5"
    official_url = "https://api.anthropic.com"
    settings = "ANTHROPIC"

    # A message may name the whole of output_config: the effort goes first, then the schema.
    called: ClassVar[Mapping[str, str]] = {
        "effort": "output_config|effort|thinking",
        "schema": "output_config|output_format|schema",
    }

    def _sdk(self) -> Any:
        import anthropic

        return anthropic

    def _open(self, key: str, http: httpx2.Client) -> Any:
        return self._sdk().Anthropic(api_key=key, base_url=self.base_url, max_retries=0, http_client=http)

    def _extras(self, prompt: Prompt, seed: int) -> Json:
        return {"effort": self._effort, "schema": prompt.schema}

    def _create(self, client: Any, prompt: Prompt, extras: Json, timeout: httpx2.Timeout) -> Any:
        config: Json = {}
        fields: Json = {}
        if "schema" in extras:
            # https://platform.claude.com/docs/en/build-with-claude/structured-outputs
            config["format"] = {"type": "json_schema", "schema": extras["schema"]}
        if extras.get("effort") == "none":
            fields["thinking"] = {"type": "disabled"}
        elif "effort" in extras:
            # https://platform.claude.com/docs/en/build-with-claude/effort
            config["effort"] = extras["effort"]
        return client.messages.with_raw_response.create(
            model=self.model,
            max_tokens=self.max_tokens,
            system=prompt.system,
            messages=[{"role": "user", "content": prompt.user}],
            timeout=timeout,
            **fields | ({"output_config": config} if config else {}),
        )

    def _read(self, body: Json) -> Answer:
        usage = mapping(body.get("usage"))
        refusal = ""
        if body.get("stop_reason") == "refusal":
            category = text_of(mapping(body.get("stop_details")).get("category"))
            refusal = f"refused{' (' + category + ')' if category else ''}"
        return Answer(
            text=blocks_text(body.get("content")),
            model=text_of(body.get("model")),
            tokens_in=count(usage.get("input_tokens")),
            tokens_out=count(usage.get("output_tokens")),
            refusal=refusal,
            cut=body.get("stop_reason") == "max_tokens",
        )
