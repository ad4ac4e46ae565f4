"""What is Anthropic's alone: the request's form, prices and reasons to stop."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.standins.llm import LlmServer, Say
from twitter_manager.domain import Brief, Item, Persona
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.brief import Prompt
from twitter_manager.writing.generators.claude import Claude
from twitter_manager.writing.generators.remote import MAX_TOKENS, THOUGHTS

BRIEF = Brief("bot", "git", "tip", (Item("notes", "k", "Git stash saves work."),), Persona("Ada"), 280, 11)


def test_the_request_is_one_that_current_models_take() -> None:
    """System and task apart, a token limit, no sampling settings (Haiku 5.5 refuses them) and the key in its header."""
    with LlmServer() as server:
        list(Claude("sk-key", base_url=server.url).generate([BRIEF], 1, lambda: 60.0, print))
    (request,) = server.requests
    assert request["path"] == "/v1/messages"
    assert set(request["body"]) == {"model", "max_tokens", "system", "messages", "output_config"}
    assert request["body"]["model"] == Claude.default_model
    assert "Ada" in request["body"]["system"] and request["body"]["messages"][0]["role"] == "user"
    assert "sk-key" in str(request["headers"])


SCHEMA: dict[str, object] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def test_an_answer_in_a_form_is_held_to_its_schema() -> None:
    """The schema goes along; a model that refuses it is asked without, then and ever after; other refusals stand."""
    with LlmServer() as server:
        model = Claude("sk-key", base_url=server.url)
        model.answer(Prompt("s", "u", SCHEMA), lambda: 60.0)
        assert server.requests[0]["body"]["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}
        server.refused_fields = {"system"}
        with pytest.raises(GeneratorError, match="system"):
            model.answer(Prompt("s", "u", SCHEMA), lambda: 60.0)
        server.refused_fields = {"output_config"}
        assert [model.answer(Prompt("s", "u", SCHEMA), lambda: 60.0).raw for _ in range(2)] == ["A post."] * 2
    assert ["output_config" in one["body"] for one in server.requests] == [True, True, True, False, False]


@pytest.mark.parametrize(("effort", "sent"), [("low", ("effort", "low")), ("none", ("thinking", "disabled"))])
def test_effort_is_asked_for_and_leaves_room_for_the_answer(effort: str, sent: tuple[str, str]) -> None:
    """Each effort in the service's own words; thoughts get tokens of their own; a model that refuses is asked without,
    and its schema stays."""
    with LlmServer() as server:
        model = Claude("sk-key", base_url=server.url, effort=effort)
        model.answer(Prompt("s", "u", SCHEMA), lambda: 60.0)
        body = server.requests[0]["body"]
        told = {"effort": body["output_config"].get("effort"), "thinking": body.get("thinking", {}).get("type")}
        assert told[sent[0]] == sent[1] and body["max_tokens"] == MAX_TOKENS + THOUGHTS[effort]
        server.refused_fields = {"thinking"} if effort == "none" else set()
        if effort == "none":
            assert model.answer(Prompt("s", "u", SCHEMA), lambda: 60.0).raw == "A post."
            assert "thinking" not in server.requests[-1]["body"] and "output_config" in server.requests[-1]["body"]


def test_thoughts_are_no_text_and_no_seed_is_claimed() -> None:
    """The server sends a block of thoughts first; only the text counts. The API takes no seed: none is recorded."""
    with LlmServer() as server:
        server.script = ["The post."]
        ((_, (generation,)),) = Claude("sk-key", base_url=server.url).generate([BRIEF], 1, lambda: 60.0, print)
    assert (generation.raw, generation.seed) == ("The post.", None)


@pytest.mark.parametrize(("finish", "line"), [("length", "cut off at its token limit"), ("content_filter", "(cyber)")])
def test_an_odd_end_is_logged(finish: str, line: str, caplog: pytest.LogCaptureFixture) -> None:
    """A cut-off and a refusal with its category leave a line in the log."""
    with LlmServer() as server:
        server.script = [Say("Half a", finish=finish)]
        list(Claude("sk-key", base_url=server.url).generate([BRIEF], 1, lambda: 60.0, print))
    assert line in caplog.text


def test_importing_costs_nothing() -> None:
    """None of the writing modules pulls in an SDK, an HTTP client or the price list before it is used."""
    code = (
        "import sys; from twitter_manager.writing import brief, topics; "
        "from twitter_manager.writing.generators import claude, excerpt, openai, pricing; "
        "heavy = {'anthropic', 'openai', 'httpx2', 'httpx', 'tenacity', 'genai_prices'}; "
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
