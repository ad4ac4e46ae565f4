"""The labelled pairs, and the program that measures a judge with them, driven by scripted answers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.home import Done, Home
from tests.judge.pairs import Pair, load
from tests.standins.llm import Fault, LlmServer, Step
from tests.writing.verdicts import claim, verdict
from twitter_manager.checks import CheckContext, check_draft
from twitter_manager.writing.brief import material_of
from twitter_manager.writing.evidence import sentences

PAIRS = load(("pairs.toml",))


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, server: LlmServer) -> Home:
    return Home(tmp_path / "home", GENERATORS="openai", JUDGE="self", OPENAI_BASE_URL=server.openai_url)


def measure(home: Home, *words: str) -> Done:
    return home(*words, code="from tests.judge.__main__ import main; raise SystemExit(main())")


def asked(body: dict[str, Any]) -> Pair:
    """The pair that a request is about."""
    text = body["messages"][1]["content"]
    posts = re.findall(r"Post:\n<(data-\w+)>\n(.*?)\n</\1>", text, re.DOTALL)
    return next(pair for pair in PAIRS if pair.post == posts[0][1] and pair.item.text[:40] in text)


def honest(pair: Pair) -> str:
    """What a judge that errs never says: each sentence as a claim, with the whole material as its evidence."""
    quote = max(pair.item.text.split("\n"), key=len)
    word = "contradicted" if pair.fault else "supported"
    return verdict(*(claim(sentence, quote, word) for sentence in sentences(pair.post)))


def figures(out: str, name: str = "all") -> tuple[int, int, int, int]:
    (line,) = [line for line in out.splitlines() if line.startswith(f"{name} ")]
    refused, true, passed, false = map(
        int, re.findall(r"(\d+) of +(\d+)", line)[0] + re.findall(r"(\d+) of +(\d+)", line)[1]
    )
    return refused, true, passed, false


SAMPLE = ("--limit", "40")
"""The judge that is right is measured with all pairs; for the others some of them show the arithmetic."""

SCRIPTS: dict[str, tuple[Callable[[Pair], Step], tuple[int, int]]] = {
    "right": (honest, (0, 0)),
    "yes, with invented words": (lambda pair: verdict(claim(pair.post, f"It is so: {pair.post} Indeed.")), (1, 0)),
    "yes, to nothing": (lambda pair: verdict(), (1, 0)),
    "no": (lambda pair: verdict(claim(pair.post, "", "not said")), (1, 0)),
    "prose": (lambda pair: f"Verdict: {honest(pair)}", (1, 0)),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_figures_are_those_of_the_answers(home: Home, server: LlmServer, name: str) -> None:
    """A judge that is right errs nowhere; one whose answers don't count refuses every true post and passes no false."""
    answer, (refused, passed) = SCRIPTS[name]
    server.answer = lambda body: answer(asked(body))
    done = measure(home, *(() if name == "right" else SAMPLE))
    assert done.code == 0, done.err
    pairs = PAIRS if name == "right" else PAIRS[:: len(PAIRS) // int(SAMPLE[1])]
    true = sum(not pair.fault for pair in pairs)
    assert true and figures(done.out) == (refused * true, true, passed * (len(pairs) - true), len(pairs) - true)
    assert (
        re.search(r"\$\d\.\d{4}, \$\d\.\d{5} each", done.out)
        and "language: de" in done.out
        and "fault: negation" in done.out
    )


def test_wrong_answers_are_shown_and_a_dead_judge_ends_it(home: Home, server: LlmServer) -> None:
    """`--limit` spreads over all pairs, `--show` prints what went wrong, and no answer at all is exit 1."""
    server.answer = lambda body: verdict(claim(asked(body).post, "", "not said"))
    done = measure(home, "--limit", "20", "--show")
    assert done.code == 0 and "true, but refused: " in done.out and 20 <= len(server.requests) <= 24
    server.answer = lambda body: Fault.UNAUTHORIZED
    dead = measure(home)
    assert dead.code == 1 and "key is not accepted" in dead.err
    home.settings(GENERATORS="excerpt")
    assert measure(home).code == 1


def test_there_are_enough_pairs_of_every_kind() -> None:
    """At least 200 in at least five languages, of all kinds of material, with many kinds of fault, none twice."""
    assert len(PAIRS) >= 200 and len({(pair.item.text, pair.post) for pair in PAIRS}) == len(PAIRS)
    languages = Counter(pair.item.language for pair in PAIRS)
    assert len(languages) >= 5 and min(list(zip(*languages.most_common(5), strict=True))[1]) >= 25
    assert {pair.kind for pair in PAIRS} == {"feed", "document", "release", "commit", "note", "club notice"}
    assert len({pair.fault for pair in PAIRS}) >= 12
    assert len(load()) > len(PAIRS)


def test_the_hard_rules_let_nearly_all_true_posts_through() -> None:
    """What is true may be refused by the judge; the rules refuse one of twenty at most."""
    true = [pair for pair in PAIRS if not pair.fault]
    refused = {
        pair.post: [(one.rule, one.message) for one in found]
        for pair in true
        if (found := check_draft((pair.post,), _context(pair)))
    }
    assert len(refused) <= len(true) // 20, json.dumps(refused, indent=1, ensure_ascii=False)


def _context(pair: Pair) -> CheckContext:
    return CheckContext(material=(material_of(pair.brief),), written_by_model=True, language=pair.item.language)
