"""Posts written by Anthropic's Claude, over the Messages API (https://platform.claude.com/docs/en/api/messages)."""

from __future__ import annotations

import re
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


class Claude(RemoteGenerator):
    """Sends no sampling settings: current models refuse them. The API takes no seed. A model that refuses a schema or
    an effort is asked without from then on: the words of the prompt ask for the same form."""

    name = "claude"
    default_model = "claude-sonnet-5-5"
    official_url = "https://api.anthropic.com"
    settings = "ANTHROPIC"

    _takes_schema = True
    _takes_effort = True

    def _sdk(self) -> Any:
        import anthropic

        return anthropic

    def _open(self, key: str, http: httpx2.Client) -> Any:
        return self._sdk().Anthropic(api_key=key, base_url=self.base_url, max_retries=0, http_client=http)

    def _request(self, client: Any, prompt: Prompt, seed: int, timeout: httpx2.Timeout) -> tuple[bytes, int | None]:
        config: Json = {}
        if prompt.schema and self._takes_schema:
            # https://platform.claude.com/docs/en/build-with-claude/structured-outputs
            config["format"] = {"type": "json_schema", "schema": prompt.schema}
        fields: Json = {}
        if self._effort and self._takes_effort:
            # https://platform.claude.com/docs/en/build-with-claude/effort
            if self._effort == "none":
                fields["thinking"] = {"type": "disabled"}
            else:
                config["effort"] = self._effort
        fields |= {"output_config": config} if config else {}
        try:
            body = self._sent(
                lambda: client.messages.with_raw_response.create(
                    model=self.model,
                    max_tokens=self.max_tokens,
                    system=prompt.system,
                    messages=[{"role": "user", "content": prompt.user}],
                    timeout=timeout,
                    **fields,
                ),
            )
        except ServiceError as error:
            if error.status != 400 or not self._left_out(fields, str(error)):
                raise
            return self._request(client, prompt, seed, timeout)
        return body, None

    def _left_out(self, fields: Json, told: str) -> bool:
        """Leave out from now on what the service refuses by its name; False where that is none of the extras. A message
        may name the whole of output_config: the effort goes first, then the schema."""
        config = mapping(fields.get("output_config"))
        if ("effort" in config or "thinking" in fields) and re.search("output_config|effort|thinking", told):
            self._takes_effort = False
        elif "format" in config and re.search("output_config|output_format|schema", told):
            self._takes_schema = False
        else:
            return False
        return True

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
