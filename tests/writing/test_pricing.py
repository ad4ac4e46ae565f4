"""Prices come from a person or from the bundled list; where neither knows one, a high one is assumed and told."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from twitter_manager.writing.generators.claude import Claude
from twitter_manager.writing.generators.openai import OpenAI
from twitter_manager.writing.generators.pricing import ASSUMED, token_cost


@pytest.mark.parametrize("service", [Claude, OpenAI])
def test_the_default_models_have_a_price(service: type[Claude | OpenAI]) -> None:
    """Both defaults are in the list, a thousand tokens cost a cent at most, and output costs more than input."""
    read = token_cost(service.official_url, service.default_model, 1000, 0)
    written = token_cost(service.official_url, service.default_model, 0, 1000)
    assert read is not None and written is not None
    assert 0 < read < written <= 0.01


def test_the_address_tells_the_provider() -> None:
    """OpenRouter's names are known at its address."""
    assert token_cost("https://api.openai.com/v1", "gpt-5.4-mini", 1_000_000, 0) == 0.75
    assert token_cost("https://openrouter.ai/api/v1", "anthropic/claude-haiku-4.5", 1000, 1000)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("https://api.openai.com/v1", "nobody-knows-1"),
        ("https://nowhere.example", "gpt-5.4-mini"),
        ("http://127.0.0.1:11434/v1", "llama3.2"),
        ("", ""),
    ],
)
def test_an_unknown_price_is_none(provider: str, model: str) -> None:
    """Local servers, unknown models and odd providers have no price rather than a wrong one."""
    assert token_cost(provider, model, 10, 10) is None


URL = "https://llm.example/v1"
HERE = "http://127.0.0.1:4000/v1"


@pytest.mark.parametrize(
    ("model", "address", "price", "free", "cost"),
    [
        ("gpt-5.4-mini", OpenAI.official_url, None, False, 0.75),
        ("gpt-5.4-mini", OpenAI.official_url, (2.0, 8.0), False, 2.0),
        ("gpt-99", OpenAI.official_url, None, False, 15.0),
        ("llama", URL, None, False, 15.0),
        ("llama", URL, (0.0, 0.0), True, 0.0),
        ("llama", HERE, None, True, 0.0),
        ("llama", HERE, (0.5, 2.0), False, 0.5),
    ],
)
def test_what_a_million_tokens_cost(
    model: str, address: str, price: tuple[float, float] | None, free: bool, cost: float
) -> None:
    """A person's price holds, over the list and for a server here that passes on; an unknown one counts, and high."""
    service = OpenAI("", model, address, price)
    assert (service.free, service.cost(model, 1_000_000, 0)) == (free, cost)


def test_a_gateways_own_name_for_a_model_costs_what_the_model_costs() -> None:
    """The name in an answer may be anything; the one that was asked for is in the list."""
    assert OpenAI("k", "gpt-5.4-mini").cost("served", 1_000_000, 0) == 0.75


def test_few_models_are_dearer_than_assumed() -> None:
    """The list's models: at most one in fifty costs more than what counts for an unknown one."""
    from genai_prices import Usage, calc_price
    from genai_prices.data import providers

    def price(model: str, provider: str, *tokens: int) -> float:
        return float(
            calc_price(Usage(input_tokens=tokens[0], output_tokens=tokens[1]), model, provider_id=provider).total_price
        )

    prices = []
    for one in providers:
        for model in one.models:
            with suppress(LookupError, ValueError):
                prices.append([price(model.id, one.id, *tokens) for tokens in ((1_000_000, 0), (0, 1_000_000))])
    dearer = [each for each in prices if each[0] > ASSUMED[0] or each[1] > ASSUMED[1]]
    assert len(prices) > 1000
    assert len(dearer) <= len(prices) / 50


def test_no_request_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is bundled: with sockets forbidden a price is still found."""

    def refuse(*args: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert token_cost("https://api.anthropic.com", "claude-haiku-4-5", 1_000_000, 1_000_000) == 6.0
