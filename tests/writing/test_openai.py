"""What is the OpenAI SDK's alone: the request's form, and servers that take fewer fields."""

from __future__ import annotations

import pytest

from tests.standins.llm import LlmServer, Status
from twitter_manager.domain import Brief, Generation, Item, Persona
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.brief import Prompt
from twitter_manager.writing.generators.openai import OpenAI

BRIEF = Brief("bot", "git", "tip", (Item("notes", "k", "Git stash saves work."),), Persona("Ada"), 280, 2**40 + 11)


def ask(server: LlmServer, n: int = 1) -> tuple[Generation, ...]:
    ((_, made),) = OpenAI("sk-key", base_url=server.openai_url).generate([BRIEF], n, lambda: 60.0, print)
    return made


def test_the_request_is_one_that_compatible_servers_take() -> None:
    """System and user message, the limit under the name Ollama knows, a form and a seed, all in one request."""
    with LlmServer() as server:
        made = ask(server, 2)
    body = server.requests[0]["body"]
    assert server.requests[0]["path"] == "/v1/chat/completions"
    assert set(body) == {"model", "messages", "max_tokens", "seed", "response_format"}
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    sent = [request["body"]["seed"] for request in server.requests]
    assert sent == [generation.seed for generation in made] == [11]


def test_the_official_service_gets_the_limit_under_its_new_name() -> None:
    """OpenAI refuses `max_tokens` for its newer models."""
    assert OpenAI("sk-key")._limit() == "max_completion_tokens"


@pytest.mark.parametrize(
    ("refused", "last"),
    [
        ({"seed"}, {"max_tokens", "response_format", "reasoning_effort"}),
        ({"max_tokens"}, {"max_completion_tokens", "seed", "response_format", "reasoning_effort"}),
        ({"response_format", "reasoning_effort"}, {"max_tokens", "seed"}),
        ({"max_tokens", "max_completion_tokens", "seed", "response_format", "reasoning_effort"}, set()),
    ],
)
def test_a_field_that_is_refused_by_name_is_left_out(refused: set[str], last: set[str]) -> None:
    """The request is sent again without it, later ones never have it, and no seed is recorded that was not sent."""
    with LlmServer() as server:
        server.refused_fields = refused
        model = OpenAI("sk-key", base_url=server.openai_url, effort="low")
        made = [made for _, (made,) in model.generate([BRIEF, BRIEF], 2, lambda: 60.0, print)]
    assert [generation.raw for generation in made] == ["A post.", "A post."]
    assert set(server.requests[-1]["body"]) - {"model", "messages"} == last
    assert len(server.requests) == 2 + len(refused)
    assert all((generation.seed is not None) == ("seed" in last) for generation in made)


SCHEMA: dict[str, object] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def test_an_answer_in_a_form_is_held_to_its_schema() -> None:
    """The schema goes along strictly; a server that refuses it by name is asked without, then and ever after."""
    with LlmServer() as server:
        model = OpenAI("sk-key", base_url=server.openai_url)
        model.answer(Prompt("s", "u", SCHEMA), lambda: 60.0)
        form = server.requests[0]["body"]["response_format"]
        assert (
            form["type"] == "json_schema" and form["json_schema"]["schema"] == SCHEMA and form["json_schema"]["strict"]
        )
        server.refused_fields = {"response_format"}
        assert [model.answer(Prompt("s", "u", SCHEMA), lambda: 60.0).raw for _ in range(2)] == ["A post."] * 2
    assert ["response_format" in one["body"] for one in server.requests] == [True, True, False, False]


def test_a_refusal_that_names_no_field_is_not_repeated() -> None:
    """A plain 400 ends the matter after one request."""
    with LlmServer() as server:
        server.script = [Status(400, "the model is on holiday")]
        with pytest.raises(GeneratorError, match="holiday"):
            ask(server)
    assert len(server.requests) == 1
