"""Whatever the description of the API allows, and what it does not, is answered as the description says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode

from tests.home import Home
from tests.review.conftest import open_console
from tests.review.talk import draft_answer, hear
from twitter_manager.review.api.endpoint import Endpoint
from twitter_manager.review.api.table import ENDPOINTS

PAST_A_SCHEMA = [schemathesis.checks.positive_data_acceptance]
"""Not looked at: whether a text is good, a moment is to come and a draft is there, no schema says."""

TOO_LARGE = 413
"""Refuses what does not fit before it is read, which schemathesis does not count as a refusal."""


@dataclass(frozen=True)
class Described:
    """The description that the console gives, and what lets one in."""

    schema: Any
    headers: dict[str, str]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """Of a real console, over a home in which something waits and something went out."""
    home = Home(tmp_path_factory.mktemp("api") / "home")
    headers = {"Authorization": f"Bearer {home('review', 'token', 'ci').out.strip()}"}
    with open_console(home) as console, console.visitor() as program:
        program.headers.update(headers)
        for number in range(1, 4):
            made = program.post("/api/drafts", json={"text": f"Words number {number}.", "pending": number > 1})
            assert made.is_success, made.text
        assert home("run").code == 0
        draft_answer(home, hear(home, bot="default", platform="feed"))
        hear(home, bot="default", platform="feed")
        yield Described(schemathesis.openapi.from_url(f"{console.address}/api/openapi.json", headers=headers), headers)


@pytest.mark.slow
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_every_answer_is_described(described: Described, endpoint: Endpoint, mode: GenerationMode) -> None:
    """Its status is named, its body fits its shape, what does not fit is refused, without the token nothing is told,
    and nothing ends in an error of the program."""
    if mode is GenerationMode.NEGATIVE and endpoint.is_open and not endpoint.body:
        pytest.skip("nothing that could be wrong is said to it")
    operation = described.schema[f"/api{endpoint.path}"][endpoint.method]

    @hypothesis.settings(
        max_examples=12, derandomize=True, database=None, suppress_health_check=list(hypothesis.HealthCheck)
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def answered(case: schemathesis.Case) -> None:
        answer = case.call(headers=described.headers)
        refused = [schemathesis.checks.negative_data_rejection] if answer.status_code == TOO_LARGE else []
        case.validate_response(answer, headers=described.headers, excluded_checks=[*PAST_A_SCHEMA, *refused])

    answered()
