"""Posts written by Anthropic's Claude, over the Messages API (https://platform.claude.com/docs/en/api/messages)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from twitter_manager.domain import Json
from twitter_manager.writing.brief import Prompt
from twitter_manager.writing.generators.remote import RemoteGenerator


class Claude(RemoteGenerator):
    """Sends no sampling settings: current models refuse them. The API takes no seed."""

    name = "claude"
    default_model = "claude-sonnet-5-5"
    official_url = "https://api.anthropic.com"
    settings = "ANTHROPIC"
    at: ClassVar[Mapping[str, Sequence[str | int]]] = {
        "text": ["content"],
        "reason": ["stop_details", "category"],
        "finish": ["stop_reason"],
        "in": ["usage", "input_tokens"],
        "out": ["usage", "output_tokens"],
    }
    cut_off, refused = "max_tokens", "refusal"
    # A message may name the whole of output_config: the effort goes first, then the schema.
    called: ClassVar[Mapping[str, str]] = {
        "effort": "output_config|effort|thinking",
        "schema": "output_config|output_format|schema",
    }

    def _open(self, **more: Any) -> Any:
        import anthropic

        return anthropic.Anthropic(**more)

    def _extras(self, prompt: Prompt, seed: int) -> Json:
        return {"effort": self._effort, "schema": prompt.schema}

    def _create(self, client: Any, prompt: Prompt, extras: Json, timeout: Any) -> Any:
        effort, fields, config = extras.get("effort"), dict[str, Any](), dict[str, Any]()
        if "schema" in extras:
            # https://platform.claude.com/docs/en/build-with-claude/structured-outputs
            config["format"] = {"type": "json_schema", "schema": extras["schema"]}
        if effort == "none":
            fields["thinking"] = {"type": "disabled"}
        elif effort:
            # https://platform.claude.com/docs/en/build-with-claude/effort
            config["effort"] = effort
        if config:
            fields["output_config"] = config
        return client.messages.with_streaming_response.create(
            model=self.model,
            max_tokens=self.max_tokens,
            system=prompt.system,
            messages=[{"role": "user", "content": prompt.user}],
            timeout=timeout,
            **fields,
        )
