"""Answers of a capable model, written by hand, played through the whole path: service, checks, judge, choice."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.home import Home
from tests.standins.llm import LlmServer, Step
from tests.writing.verdicts import claim, verdict

CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent.parent / "data" / "recorded_answers.toml").read_text()
)["case"]
SERVICES = ("openai", "claude")
PLAYED = [("openai", case) for case in CASES]
PLAYED += [("claude", case) for case in CASES if "again" in case]
"""All by one service, and some by the other."""
BOT = '[formats]\n"{format}" = 1\n[[sources]]\nkind = "notes"\npath = "notes.toml"\n'


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        yield running


def asked_for(body: dict[str, Any]) -> str:
    """What a request wants: `posts`, `again` or `claims`, by the schema that both services are given."""
    openai, claude = body.get("response_format"), body.get("output_config")
    schema = openai["json_schema"]["schema"] if openai else claude["format"]["schema"]
    return {"claims": "claims", "parts": "again"}.get(schema["required"][0], "posts")


def played(home: Home, server: LlmServer, case: dict[str, Any], service: str) -> dict[str, Any]:
    """`generate` for the case's notes, the service answering as recorded; the last answer of a kind stays."""
    notes = [
        f'[[note]]\nid = "n{at}"\nlabel = "git"\ntext = {json.dumps(text)}\n' for at, text in enumerate(case["notes"])
    ]
    (home.path / "notes.toml").write_text("\n".join(notes))
    home.bot("default", BOT.format(format=case["format"]))
    settings = {"openai": {"OPENAI_BASE_URL": server.openai_url, "JUDGE": "self"}}.get(
        service, {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-0123456789abcdef"}
    )
    home.settings(GENERATORS=f"{service},excerpt", **settings)
    left = {kind: list(case.get(kind, [])) for kind in ("posts", "again")}
    left["claims"] = [verdict(*(claim(*one) for one in claims)) for claims in case.get("claims", [])]

    def answer(body: dict[str, Any]) -> Step:
        some = left[asked_for(body)]
        return str(some.pop(0) if len(some) > 1 else some[0])

    server.answer = answer
    return home("generate", "--json").json


@pytest.mark.parametrize(("service", "case"), PLAYED, ids=lambda value: value if value in SERVICES else value["name"])
def test_what_comes_of_an_answer(tmp_path: Path, server: LlmServer, service: str, case: dict[str, Any]) -> None:
    """What is sound goes out as the service's own, what is not is turned down by the rule that is named, and the
    material's own words stand in."""
    made = played(Home(tmp_path / "home"), server, case, service)
    by = [
        one["generator"]
        for one in made["generations"]
        if any(each["verdict"] == "chosen" for each in one["candidates"])
    ]
    assert by == ([{"service": service}.get(case["by"], case["by"])] if case["by"] else [])
    assert made["chosen"] == case["chosen"] if "chosen" in case else (made["chosen"] is None) is (not case["by"])
    broken = {
        found["rule"]
        for one in made["generations"]
        if service in one["generator"]
        for each in one["candidates"]
        for found in each["violations"]
    }
    assert broken >= set(case["rules"]) and bool(broken) is bool(case["rules"])
    asked = {one["generator"].removesuffix(service).strip() for one in made["generations"]} & {"judge", ""}
    assert asked == ({"", "judge"} if "claims" in case else {""})


def test_every_outcome_is_among_them() -> None:
    """Taken, turned down by rules and by a judge, as post and as thread; and the file says who wrote it."""
    kinds = {(case["format"] == "thread", case["by"], "judge" in case["rules"]) for case in CASES}
    assert {(True, "service", False), (False, "excerpt", True), (False, "service", True)} <= kinds
    assert {(False, "service", False), (False, "excerpt", False)} <= kinds
    assert "WRITTEN BY HAND" in (Path(__file__).parent.parent / "data" / "recorded_answers.toml").read_text()
