"""Posts written by Anthropic's Claude, over the Messages API (https://platform.claude.com/docs/en/api/messages)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from twitter_manager.domain import Json
from twitter_manager.writing.brief import Prompt
from twitter_manager.writing.generators.remote import Answer, RemoteGenerator, blocks_text, count, mapping, text_of


class Claude(RemoteGenerator):
    """Sends no sampling settings: current models refuse them. The API takes no seed."""

    name = "claude"
    default_model = "claude-sonnet-5-5"
    official_url = "https://api.anthropic.com"
    path, models_path = "/v1/messages", "/v1/models"
    settings = "ANTHROPIC"

    # A message may name the whole of output_config: the effort goes first, then the schema.
    called: ClassVar[Mapping[str, str]] = {
        "effort": "output_config|effort|thinking",
        "schema": "output_config|output_format|schema",
    }

    def _headers(self, key: str) -> dict[str, str]:
        return {"x-api-key": key, "anthropic-version": "2023-06-01"}

    def _extras(self, prompt: Prompt, seed: int) -> Json:
        return {"effort": self._effort, "schema": prompt.schema}

    def _body(self, prompt: Prompt, extras: Json) -> Json:
        config: Json = {}
        body: Json = {"model": self.model, "max_tokens": self.max_tokens, "system": prompt.system}
        if "schema" in extras:
            # https://platform.claude.com/docs/en/build-with-claude/structured-outputs
            config["format"] = {"type": "json_schema", "schema": extras["schema"]}
        if extras.get("effort") == "none":
            body["thinking"] = {"type": "disabled"}
        elif "effort" in extras:
            # https://platform.claude.com/docs/en/build-with-claude/effort
            config["effort"] = extras["effort"]
        if config:
            body["output_config"] = config
        return body | {"messages": [{"role": "user", "content": prompt.user}]}

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
