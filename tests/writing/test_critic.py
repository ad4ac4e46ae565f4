"""The critic: its veto counts, its praise overrides nothing, and its silence stops nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.home import Home
from tests.standins.llm import Fault, LlmServer, Step
from twitter_manager.writing.critic import read

NOTE = "Git stash saves uncommitted changes on a stack."
OK = json.dumps({"verdict": "ok", "reasons": []})
VETO = json.dumps({"verdict": "veto", "reasons": ["It is dull."]})


@pytest.mark.parametrize(
    ("raw", "reasons"),
    [
        (OK, ()),
        (VETO, ("It is dull.",)),
        (f"```json\n{VETO}\n```", ("It is dull.",)),
        (f"<think>ok?</think>{VETO}", ("It is dull.",)),
        ('{"verdict": "ok", "reasons": ["It is fine."]}', ()),
        ('{"verdict": "veto", "reasons": []}', None),
        ('{"verdict": "veto", "reasons": [7]}', None),
        ('{"verdict": "OK", "reasons": []}', None),
        ('{"verdict": "ok"}', None),
        ('{"verdict": "ok", "reasons": [], "edit": "Better."}', None),
        (f"Sure! {OK}", None),
        ("[" * 100_000, None),
        ("", None),
    ],
)
def test_only_the_form_asked_for_is_an_answer(raw: str, reasons: tuple[str, ...] | None) -> None:
    """Verdict and reasons, no more and no less; a veto without a reason is no answer."""
    assert read(raw) == reasons


@given(st.text(max_size=200))
def test_whatever_comes_is_read_without_a_crash(raw: str) -> None:
    """Any text is an answer or none, and reasons are short single lines."""
    assert all("\n" not in reason and reason for reason in read(raw) or ())


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, server: LlmServer) -> Home:
    made = Home(tmp_path / "home", GENERATORS="openai,excerpt", CRITIC="openai", OPENAI_BASE_URL=server.openai_url)
    (made.path / "notes.toml").write_text(
        f'[[note]]\nid = "stash"\nlabel = "git"\ntext = "{NOTE}"\nsource = "https://git-scm.com/docs/git-stash"\n'
    )
    made.bot("default", 'pool = 1\n[formats]\ntip = 1\n[[sources]]\nkind = "notes"\npath = "notes.toml"\n')
    return made


def test_a_veto_gives_the_next_best_its_turn(home: Home, server: LlmServer) -> None:
    """The vetoed post stands with its reasons, the other goes out, and both opinions are kept with their costs."""
    server.script = [NOTE, "Git stash saves uncommitted changes.", VETO, OK]
    assert home("run").code == 0
    parts = home("history", "--json").json[0]["parts"]
    vetoed = home.rows("SELECT parts FROM candidates WHERE violations LIKE '%It is dull.%' AND verdict = 'rejected'")
    assert len(vetoed) == 1 and json.loads(vetoed[0][0]) != parts
    assert home.rows("SELECT count(*) FROM generations WHERE generator = 'critic openai'") == [(2,)]
    asked = server.requests[2]["body"]["messages"]
    assert "Veto it if" in asked[0]["content"] and NOTE in asked[1]["content"] and "Post:" in asked[1]["content"]


def test_praise_overrides_no_check(home: Home, server: LlmServer) -> None:
    """A made-up post never reaches the critic; the material's own words go out instead, unasked."""
    server.script = ["Git stash was invented in 1984.", "Git stash needs 32 GB of memory.", OK]
    assert home("run").code == 0
    assert len(server.requests) == 2 and NOTE in home.feed()


def test_with_all_vetoed_the_next_generator_is_asked(home: Home, server: LlmServer) -> None:
    """Vetoes turn every answer of the model down; what is true by construction needs no second look."""
    server.script = [NOTE, "Git stash saves uncommitted changes.", VETO]
    assert home("run").code == 0
    assert home.rows("SELECT DISTINCT generator FROM generations WHERE verdict = 'chosen'") == [("excerpt",)]


@pytest.mark.parametrize("silence", [["Fine by me."], [Fault.UNAUTHORIZED], [Fault.HTML]], ids=["form", "key", "html"])
def test_a_critic_that_does_not_answer_stops_nothing(home: Home, server: LlmServer, silence: list[Step]) -> None:
    """Answers of another form (asked twice) and errors leave the decision to the checks, and the log tells."""
    server.script = [NOTE, NOTE, *silence]
    assert home("run").code == 0
    assert NOTE in home.feed() and "the checks alone decide" in home.log()
    assert home.rows("SELECT generator FROM generations WHERE verdict = 'chosen'") == [("openai",)]


def test_off_and_without_a_key_nobody_is_asked(home: Home, server: LlmServer) -> None:
    """Off is the default; a critic without a key is told in the log and posts come about."""
    server.script = [NOTE, NOTE, VETO]
    for critic in ("off", "claude"):
        home.settings(GENERATORS="openai", CRITIC=critic, OPENAI_BASE_URL=server.openai_url)
        assert home("generate", "--json").json["chosen"] == [NOTE]
        server.script = [NOTE, NOTE, VETO]
    assert "CRITIC=claude has no key" in home.log()
