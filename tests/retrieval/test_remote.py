"""Embeddings of a service, over real HTTP on this machine: what is sent, what it costs, and how it can go wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.retrieval.fake import FakeEmbedder
from tests.retrieval.service import Json, Service, serve
from twitter_manager.errors import GeneratorError
from twitter_manager.retrieval.remote import OpenAIEmbedder
from twitter_manager.writing.generators.pricing import token_cost

KEY = "sk-not-a-real-key-0123456789"


@pytest.fixture
def service() -> Iterator[Service]:
    with serve() as made:
        yield made


def left() -> float:
    return 30.0


def test_the_vectors_of_a_service(service: Service) -> None:
    """One request for all texts; the vectors come in the texts' order whatever order the service gives them in."""
    texts = ["git keeps a log", "the cache is full", "an oak in the forest"]
    made = OpenAIEmbedder(KEY, "some-model", service.url).embed(texts, left)
    assert made.vectors == pytest.approx(FakeEmbedder(size=16).embed(texts, left).vectors)
    assert made.vectors.dtype == np.float32
    assert made.tokens == 3000
    assert service.requests == [{"model": "some-model", "input": texts, "encoding_format": "float"}]


def test_what_it_is_called_and_costs(service: Service) -> None:
    """A server on this machine is free, and needs no key; OpenAI's own has its price; the name tells both apart."""
    here = OpenAIEmbedder("", "m", service.url)
    assert here.free
    assert here.embed(["git"], left).vectors.shape == (1, 16)
    assert "takes the key" in here.verify()
    there = OpenAIEmbedder(KEY)
    assert not there.free
    assert there.model == "text-embedding-3-small at api.openai.com"
    assert here.model.startswith("m at 127.0.0.1")
    behind = OpenAIEmbedder(KEY, "m", service.url, (1.0, 5.0))
    assert not behind.free, "a price for writing: it passes on what it is asked"
    assert behind.embed(["git"], left).cost_usd == 1000 * 0.2 / 1_000_000
    assert OpenAIEmbedder(KEY, "m", "https://llm.example/v1", (0.0, 0.0)).free
    assert token_cost("https://api.openai.com/v1", "text-embedding-3-small", 1_000_000, 0) == pytest.approx(0.02)


def no_data(sound: Json) -> object:
    return {"usage": sound["usage"]}


def too_few(sound: Json) -> object:
    return sound | {"data": sound["data"][1:]}


def twice(sound: Json) -> object:
    return sound | {"data": [*sound["data"], sound["data"][0]]}


def words(sound: Json) -> object:
    return sound | {"data": [one | {"embedding": ["a"]} for one in sound["data"]]}


def ragged(sound: Json) -> object:
    return sound | {"data": [one | {"embedding": [1.0] * (one["index"] + 1)} for one in sound["data"]]}


def not_numbers(sound: Json) -> object:
    return sound | {"data": [one | {"embedding": [1e300, float("inf")]} for one in sound["data"]]}


def without_end(sound: Json) -> object:
    return sound | {"data": [one | {"embedding": [10**400]} for one in sound["data"]]}


def a_list(sound: Json) -> object:
    return [sound]


def an_error(sound: Json) -> object:
    return {"error": {"message": f"no credit for {KEY}", "code": 402}}


@pytest.mark.parametrize(
    "answer",
    [no_data, too_few, words, ragged, not_numbers, without_end, a_list, an_error, lambda sound: None, 401, 404, 400],
)
def test_answers_that_are_none(service: Service, answer: object) -> None:
    """Whatever comes instead of vectors is one line with something to do, without the key, and asked for once."""
    service.answers = [answer]  # type: ignore[list-item]
    with pytest.raises(GeneratorError) as caught:
        OpenAIEmbedder(KEY, "m", service.url).embed(["git", "log"], left)
    assert caught.value.remedy
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(service.requests) == 1


def test_the_same_vector_twice_is_taken_once(service: Service) -> None:
    """A service that repeats itself does no harm."""
    service.answers = [twice]
    assert OpenAIEmbedder(KEY, "m", service.url).embed(["git", "log"], left).vectors.shape == (2, 16)


def test_a_busy_service_is_asked_again(service: Service) -> None:
    """A 503 is tried again as the generators do; an answer then is as good as the first."""
    service.answers = [503]
    assert OpenAIEmbedder(KEY, "m", service.url).embed(["git"], lambda: 60.0).vectors.shape == (1, 16)
    assert len(service.requests) == 2


def test_nobody_there() -> None:
    """A closed port is told with what to check."""
    with pytest.raises(GeneratorError, match="OPENAI_BASE_URL"):
        OpenAIEmbedder(KEY, "m", "http://127.0.0.1:9/v1").embed(["git"], left)
