"""The generator that runs in this process, with the real bundled model in both ways of work and a tiny one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.writing.local_models import ROOT, models_dir, tiny
from twitter_manager.domain import Brief, Generation, Generator, Item, Persona
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.brief import Prompt
from twitter_manager.writing.generators.huggingface import LEAST_SECONDS, HuggingFace

ITEM = Item(
    "starter",
    "git-bisect",
    "If the script of git bisect run exits with code 125, Git skips the current revision as one that cannot be tested.",
    label="Git",
    wordings=(
        "Git skips the current revision as one that cannot be tested if the script of git bisect run exits with 125.",
    ),
)
SORT = Item(
    "starter",
    "stable-sort",
    "Python's list.sort() is guaranteed to be stable, so elements that compare equal keep their relative order.",
    label="Python",
    wordings=(
        "In Python, list.sort() is guaranteed to be stable: elements that compare equal keep their relative order.",
    ),
)


def brief(item: Item = ITEM, seed: int = 3, max_parts: int = 1) -> Brief:
    return Brief("bot", item.label, "tip", (item,), Persona(), 280, seed, (), max_parts)


def run(generator: Generator, *briefs: Brief, n: int = 4, seconds: float = 600.0) -> list[tuple[Generation, ...]]:
    given = list(generator.generate(briefs, n, lambda: seconds, lambda line: None))
    assert [one for one, _ in given] == list(briefs)
    return [made for _, made in given]


@pytest.fixture(scope="module")
def chooser() -> HuggingFace:
    return HuggingFace(models_dir())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("tiny") / "model")


def test_choosing_with_the_bundled_model(chooser: HuggingFace) -> None:
    """The real model: true posts of both notes, best first, all that a record of the generation needs."""
    for made, item in zip(run(chooser, brief(), brief(SORT, 4)), (ITEM, SORT), strict=True):
        assert len(made) == 1
        generation = made[0]
        assert (generation.generator, generation.revision, generation.cost_usd) == ("huggingface", "0.1.2", 0.0)
        assert "SmolLM2-135M-Instruct" in generation.model
        assert generation.prompt.count("\n- ") == 5
        assert generation.tokens_in > 50
        assert generation.seconds > 0
        assert 2 <= len(generation.candidates) <= 4
        assert generation.raw == generation.candidates[0].parts[0]
        scores = [one.score for one in generation.candidates]
        assert scores == sorted(scores, reverse=True)
        code = "git bisect run" if item is ITEM else "list.sort()"
        assert all(code in one.parts[0] and len(one.parts[0]) <= 280 for one in generation.candidates)


def test_the_same_brief_gives_the_same_candidates(chooser: HuggingFace) -> None:
    """Deterministic: what is recorded can be made again, by another call of the same loaded model."""
    first, second = run(chooser, brief()), run(chooser, brief())
    assert first[0][0].candidates == second[0][0].candidates


def test_posts_of_one_refill_know_each_other(chooser: HuggingFace) -> None:
    """Made in one go, the same note is not put the same way twice."""
    firsts = [made[0].candidates[0].parts[0] for made in run(chooser, *(brief(seed=seed) for seed in range(4)))]
    assert len(set(firsts)) == 4


def test_writing_with_the_bundled_model() -> None:
    """The real model writes: a generation per candidate, each with the seed, its raw text and what it took."""
    writer = HuggingFace(models_dir(), writes=True)
    for made, item, seed in zip(run(writer, brief(), brief(SORT, 40), n=2), (ITEM, SORT), (3, 40), strict=True):
        assert [one.seed for one in made] == [seed, seed]
        assert made[0].raw != made[1].raw
        for one in made:
            assert "<|im_start|>assistant" in one.prompt and item.text in one.prompt
            assert "<|im_" not in one.raw
            assert one.tokens_in > 50 and 0 < one.tokens_out <= 128 and one.seconds > 0
            assert all(candidate.parts[0] in one.raw for candidate in one.candidates)


def test_what_was_cut_off_is_no_post(folder: Path, tmp_path: Path) -> None:
    """The tiny model babbles: only where it ended before the limit is its text a candidate."""
    generator = HuggingFace(tmp_path, str(folder), writes=True)
    (made,) = run(generator, replace(brief(), max_chars=200), n=8)
    assert len(made) == 8 and any(one.tokens_out == 96 for one in made)
    assert all(one.candidates == () for one in made if one.tokens_out == 96)


def test_a_prompt_that_is_too_long_is_an_error(folder: Path, tmp_path: Path) -> None:
    """The tiny model has room for 4096 tokens; the prompt of a long article is refused by name, not cut silently."""
    generator = HuggingFace(tmp_path, str(folder), writes=True)
    with pytest.raises(GeneratorError, match="has room for 4096"):
        run(generator, brief(replace(ITEM, text="word " * 5_000)))


def test_too_little_time_loads_nothing(tmp_path: Path) -> None:
    """With the budget nearly spent the model is not even looked for (its folder is not there)."""
    generator = HuggingFace(tmp_path, "/no/such/model")
    assert list(generator.generate([brief()], 4, lambda: LEAST_SECONDS - 1, lambda line: None)) == []
    with pytest.raises(GeneratorError):
        run(generator, brief())


@pytest.mark.parametrize("writing", ["choose", "write"])
def test_the_budget_ends_between_briefs(folder: Path, tmp_path: Path, writing: str) -> None:
    """What was made before the time ran out is given, the other briefs are left to the next run."""
    generator = HuggingFace(tmp_path, str(folder), writes=writing == "write")
    small = [replace(brief(seed=seed), max_chars=120, items=(replace(ITEM, wordings=()),)) for seed in range(5)]
    given: list[Brief] = []
    for one, _ in generator.generate(small, 8, lambda: 0.0 if len(given) == 2 else 600.0, lambda line: None):
        given.append(one)
    assert given == small[:2]


def test_progress_is_told(folder: Path, tmp_path: Path) -> None:
    """A person at a terminal sees what takes time, once for loading and once for each piece of work."""
    generator = HuggingFace(tmp_path, str(folder))
    said: list[str] = []
    for _ in range(2):
        list(generator.generate([brief()], 2, lambda: 600.0, said.append))
    assert sum("loading" in line for line in said) == 1
    assert sum("choosing" in line for line in said) == 2


@pytest.mark.parametrize("model", ["/no/such/model", "org/name"])
def test_a_model_that_is_not_there_is_a_generator_error(model: str, tmp_path: Path) -> None:
    """So that the next generator is asked."""
    with pytest.raises(GeneratorError):
        run(HuggingFace(tmp_path, model), brief())


@pytest.mark.slow
def test_a_whole_process_prints_nothing_and_stays_small() -> None:
    """As cron sees it: no output, under 800 MB at the peak, and no telemetry in the environment that was set."""
    code = (
        "import os, re; from pathlib import Path; from tests.writing.test_huggingface import *;"
        "made = run(HuggingFace(models_dir()), *(brief(seed=seed) for seed in range(3)));"
        "assert os.environ['OMP_WAIT_POLICY'] == 'PASSIVE' and os.environ['HF_HUB_DISABLE_TELEMETRY'] == '1';"
        "peak = re.search(r'VmHWM:\\s+(\\d+) kB', Path('/proc/self/status').read_text());"
        "assert int(peak[1]) < 800_000, peak"
    )
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("OMP_", "HF_", "TQDM_"))}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=plain, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_verify_tells_ready_from_not_yet_and_makes_nothing(chooser: HuggingFace, tmp_path: Path) -> None:
    """What `doctor` asks: the cached model is ready, a fresh machine's is not, and asking converts nothing."""
    run(chooser, brief(), n=1)
    assert chooser.verify().endswith("is ready")
    assert "not ready yet" in HuggingFace(tmp_path / "models").verify()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_question_is_answered(folder: Path, tmp_path: Path) -> None:
    """One text without candidates, the same each time; too little time or too long a question is an error by name."""
    model = HuggingFace(tmp_path, str(folder), writes=True)
    one, two = (model.answer(Prompt("Answer.", "Is it so?"), lambda: 600.0) for _ in range(2))
    assert one.raw == two.raw and one.candidates == () and one.tokens_out > 0 and one.cost_usd == 0.0
    with pytest.raises(GeneratorError, match="no time left"):
        model.answer(Prompt("Answer.", "Is it so?"), lambda: 1.0)
    with pytest.raises(GeneratorError, match="has room for 4096"):
        model.answer(Prompt("Answer.", "so " * 5_000), lambda: 600.0)
