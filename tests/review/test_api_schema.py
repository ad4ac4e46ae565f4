"""Whatever the description of the API allows, and what it does not, is answered as the description says."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode

from tests.home import Home
from tests.review import calling
from twitter_manager.review.api.table import ENDPOINTS

PAST_A_SCHEMA = [schemathesis.checks.positive_data_acceptance, schemathesis.checks.ignored_auth]
"""Not looked at: whether a text is good, a moment is to come and a draft is there, no schema says."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The description, over a home in which something waits and something went out."""
    home = Home(tmp_path_factory.mktemp("api") / "home")
    with calling.client(home) as api:
        for number in range(1, 4):
            assert api.post("/api/drafts", json={"text": f"Words number {number}.", "pending": number > 1}).is_success
        assert home("run").code == 0
    _, web = calling.application(home)
    return schemathesis.openapi.from_asgi("/api/openapi.json", web)


@pytest.mark.slow
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_every_answer_is_described(described: Any, endpoint: Any, mode: GenerationMode) -> None:
    """Its status is named, its body fits its shape, what does not fit is refused, nothing ends in an error of the
    program."""
    if mode is GenerationMode.NEGATIVE and endpoint.is_open:
        pytest.skip("nothing that could be wrong is said to it")
    operation = described[f"/api{endpoint.path}"][endpoint.method]

    @hypothesis.settings(
        max_examples=15, derandomize=True, database=None, suppress_health_check=list(hypothesis.HealthCheck)
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def answered(case: schemathesis.Case) -> None:
        case.call_and_validate(excluded_checks=PAST_A_SCHEMA)

    answered()
