"""The second look, by a critic or by the model that wrote: a veto counts, praise overrides nothing, silence stops
nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.home import Home
from tests.standins.llm import Fault, LlmServer, Step
from twitter_manager.writing.critic import read_claims, read_verdict

NOTE = "Git stash saves uncommitted changes on a stack."
SHORTER = "Git stash saves uncommitted changes."
OK = json.dumps({"verdict": "ok", "reasons": []})
VETO = json.dumps({"verdict": "veto", "reasons": ["It is dull."]})


def claims(*follows: bool) -> str:
    return json.dumps({"claims": [{"claim": f"claim {at}", "follows": one} for at, one in enumerate(follows)]})


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
def test_only_the_form_asked_for_is_a_verdict(raw: str, reasons: tuple[str, ...] | None) -> None:
    """Verdict and reasons, no more and no less; a veto without a reason is no answer."""
    assert read_verdict(raw) == reasons


@pytest.mark.parametrize(
    ("raw", "reasons"),
    [
        (claims(True, True), ()),
        (claims(True, False), ("The material does not say: “claim 1”",)),
        (f"```\n{claims(False)}\n```", ("The material does not say: “claim 0”",)),
        (claims(), None),
        ('{"claims": [{"claim": "a", "follows": "no"}]}', None),
        ('{"claims": [{"claim": "", "follows": false}]}', None),
        ('{"claims": [{"claim": "a", "follows": true, "why": "b"}]}', None),
        ('{"claims": [true]}', None),
        ('{"claims": {"claim": "a", "follows": true}}', None),
        (f"Yes. {claims(True)}", None),
        (OK, None),
        ("", None),
    ],
)
def test_only_the_form_asked_for_is_a_list_of_claims(raw: str, reasons: tuple[str, ...] | None) -> None:
    """Each claim with a plain yes or no; one no is a veto that quotes the claim."""
    assert read_claims(raw) == reasons


@given(st.text(max_size=200))
def test_whatever_comes_is_read_without_a_crash(raw: str) -> None:
    """Any text is an answer or none, and reasons are short single lines."""
    for read in (read_verdict, read_claims):
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
    server.script = [NOTE, SHORTER, VETO, OK]
    assert home("run").code == 0
    parts = home("history", "--json").json[0]["parts"]
    vetoed = home.rows("SELECT parts FROM candidates WHERE violations LIKE '%It is dull.%' AND verdict = 'rejected'")
    assert len(vetoed) == 1 and json.loads(vetoed[0][0]) != parts
    assert home.rows("SELECT count(*) FROM generations WHERE generator = 'critic openai'") == [(2,)]
    asked = server.requests[2]["body"]["messages"]
    assert "Veto it if" in asked[0]["content"] and NOTE in asked[1]["content"] and "Post:" in asked[1]["content"]
    assert server.requests[2]["body"]["response_format"]["json_schema"]["schema"]["required"] == ["verdict", "reasons"]


def test_praise_overrides_no_check(home: Home, server: LlmServer) -> None:
    """A made-up post never reaches the critic; the material's own words go out instead, unasked."""
    server.script = ["Git stash was invented in 1984.", "Git stash needs 32 GB of memory.", OK]
    assert home("run").code == 0
    assert len(server.requests) == 2 and NOTE in home.feed()


def test_with_all_vetoed_the_next_generator_is_asked(home: Home, server: LlmServer) -> None:
    """Vetoes turn every answer of the model down; what is true by construction needs no second look."""
    server.script = [NOTE, SHORTER, VETO]
    assert home("run").code == 0
    assert home.rows("SELECT DISTINCT generator FROM generations WHERE verdict = 'chosen'") == [("excerpt",)]


@pytest.mark.parametrize("silence", [["Fine by me."], [Fault.UNAUTHORIZED], [Fault.HTML]], ids=["form", "key", "html"])
def test_a_critic_that_does_not_answer_stops_nothing(home: Home, server: LlmServer, silence: list[Step]) -> None:
    """Answers of another form (asked twice) and errors leave the decision to the checks, and the log tells."""
    server.script = [NOTE, NOTE, *silence]
    assert home("run").code == 0
    assert NOTE in home.feed() and "the checks alone decide" in home.log()
    assert home.rows("SELECT generator FROM generations WHERE verdict = 'chosen'") == [("openai",)]


def test_the_model_that_wrote_looks_again_by_itself(home: Home, server: LlmServer) -> None:
    """Without a word about it in the settings, a claim that the writer itself says no to turns its post down."""
    home.settings(GENERATORS="openai,excerpt", OPENAI_BASE_URL=server.openai_url)
    server.script = [NOTE, SHORTER, claims(True, False), claims(True)]
    assert home("run").code == 0
    kept = home.rows("SELECT violations FROM candidates WHERE verdict = 'rejected'")
    assert [found["rule"] for (row,) in kept for found in json.loads(row)] == ["second look"]
    assert home.rows("SELECT count(*) FROM generations WHERE generator = 'second look openai'") == [(2,)]
    asked = server.requests[2]["body"]
    assert "Take the post apart into its claims" in asked["messages"][0]["content"]
    assert asked["response_format"]["json_schema"]["schema"]["required"] == ["claims"]


def test_off_nobody_is_asked(home: Home, server: LlmServer) -> None:
    """CRITIC=off saves the further answer: two candidates are two requests."""
    home.settings(GENERATORS="openai", CRITIC="off", OPENAI_BASE_URL=server.openai_url)
    server.script = [NOTE, NOTE, claims(False)]
    assert home("generate", "--json").json["chosen"] == [NOTE]
    assert len(server.requests) == 2


def test_a_critic_without_a_key_is_seen(home: Home, server: LlmServer) -> None:
    """Posts come about, and the log, `status` and `doctor` each have one line that names the key; no failure."""
    home.settings(GENERATORS="openai", CRITIC="claude", OPENAI_BASE_URL=server.openai_url)
    server.script = [NOTE]
    assert home("generate", "--json").json["chosen"] == [NOTE]
    assert len(server.requests) == 2 and "CRITIC=claude, but no ANTHROPIC_API_KEY" in home.log()
    assert "  second look: claude off (no ANTHROPIC_API_KEY)\n" in home("status").out
    checks = home("doctor", "--json").json["checks"]
    (line,) = [one for one in checks if one["name"] == "default: critic"]
    assert line["result"] == "warning" and "set the key, or CRITIC=self" in line["detail"]


def test_who_looks_again_is_told(home: Home, server: LlmServer) -> None:
    """`status` names the writer or the critic, is silent where no able model writes, and `doctor` asks the critic."""
    home.settings(GENERATORS="openai", OPENAI_BASE_URL=server.openai_url)
    assert "  second look: self on (openai)\n" in home("status").out
    home.settings(GENERATORS="excerpt", CRITIC="openai", OPENAI_BASE_URL=server.openai_url)
    assert "  second look: openai on\n" in home("status").out
    assert {"critic openai": "ok"}.items() <= {
        one["name"]: one["result"] for one in home("doctor", "--json").json["checks"]
    }.items()
    for settings in ({"GENERATORS": "excerpt"}, {"GENERATORS": "huggingface", "HF_WRITING": "write"}):
        home.settings(**settings)
        assert "second look" not in home("status").out
