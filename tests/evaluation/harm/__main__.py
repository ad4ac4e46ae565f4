"""Learns the weights of `checks.likeness`: `python -m tests.evaluation.harm` writes `checks/likeness.bin`.

`hostile*.txt` and `benign*.txt` hold patterns, a line each: `{a|b}` is a choice, `$name` a list defined by a line
`$name = a|b`, `# kind` says what follows. From each some sentences are made; those of `tests/checks/harm*.toml` join
them, but `harm_fresh.toml`, which is kept to measure. The score from which a sentence is held is the one that at most
`FALSE` of the benign sentences reach that were left out of the training (whole patterns at a time).
"""

from __future__ import annotations

import ast
import random
import re
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np

from twitter_manager import checks
from twitter_manager.checks import harm, likeness

HERE = Path(__file__).parent
SETS = ("harm", "harm_second", "harm_third", "harm_fourth")
FALSE, FOLDS = 0.015, 4
MOST = {True: 10, False: 20}
"""Sentences made of a pattern, hostile and benign."""
SET_WEIGHT, DECAY, STEPS = 3.0, 2e-5, 250


@dataclass(frozen=True, slots=True)
class Sentence:
    """`pattern`: what it was made from; sentences of one pattern are left out together."""

    text: str
    hostile: bool
    pattern: str
    weight: float


def patterns(path: Path, rng: random.Random, most: int) -> Iterator[tuple[str, str]]:
    """Pattern and sentence, at most `most` of a pattern."""
    lists: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, path.read_text("utf-8").splitlines())):
        if defined := re.fullmatch(r"\$(\w+) = (.*)", line):
            lists[defined[1]] = defined[2].split("|")
        elif not line.startswith("# "):
            yield from ((line, one) for one in sorted({_made(line, lists, rng) for _ in range(most)}))


def prose() -> list[str]:
    """Harmless sentences in plenty: the repository's own, from README, sample notes and docstrings."""
    root = HERE.parents[2]
    texts = [path.read_text("utf-8") for path in (root / "README.md", *sorted((root / "data").rglob("*.md")))]
    for path in (*sorted((root / "twitter_manager").rglob("*.py")), *sorted((root / "tests").rglob("*.py"))):
        if "harm" not in path.name and "likeness" not in path.name:
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
            documented = [one for one in nodes if isinstance(one, (ast.Module, ast.ClassDef, ast.FunctionDef))]
            texts += filter(None, (ast.get_docstring(one) for one in documented))
    parted = (re.split(r"(?<=[.!?])\s+|\n\s*\n", text) for text in texts)
    found = {re.sub(r"\s+", " ", one).strip(" -*#>") for parts in parted for one in parts}
    return sorted(one for one in found if 30 < len(one) < 250 and not re.search(r"[`|<>{}\[\]=]", one))


def _made(text: str, lists: dict[str, list[str]], rng: random.Random) -> str:
    while True:
        named = re.sub(r"\$([A-Za-z]+)", lambda one: rng.choice(lists.get(one[1], [one[0]])), text)
        chosen = re.sub(r"\{([^{}]*\|[^{}]*)\}", lambda one: rng.choice(one[1].split("|")), named)
        if chosen == text:
            return re.sub(r"\s+", " ", chosen).strip()
        text = chosen


def sentences() -> list[Sentence]:
    """All labelled sentences but the fresh ones."""
    rng = random.Random(1)
    listed = []
    for hostile in (True, False):
        side = "hostile" if hostile else "benign"
        for path in sorted(HERE.glob(f"{side}*.txt")):
            listed += [Sentence(one, hostile, line, 1.0) for line, one in patterns(path, rng, MOST[hostile])]
        for name in SETS:
            content = tomllib.loads((HERE.parents[1] / "checks" / f"{name}.toml").read_text("utf-8"))
            lines = [line for kind in content[side].values() for line in kind.strip().splitlines()]
            listed += [Sentence(line, hostile, line, SET_WEIGHT) for line in lines]
    return listed + [Sentence(line, False, line, 1.0) for line in prose()]


def features(text: str) -> list[int]:
    """As `harm` asks the classifier about one sentence."""
    return sorted(likeness.features(text, harm.classes(text), harm.kinds(text, "known")))


class Rows:
    """Sentences as rows of features, each row scaled by its length."""

    def __init__(self, rows: list[list[int]]) -> None:
        lengths = [len(row) for row in rows]
        self.columns = np.array([one for row in rows for one in row])
        self.rows = np.repeat(np.arange(len(rows)), lengths)
        self.values = np.repeat([(length + 1) ** -0.5 for length in lengths], lengths)
        self.count = len(rows)

    def scores(self, weights: np.ndarray) -> np.ndarray:
        added = np.bincount(self.rows, weights[self.columns] * self.values, minlength=self.count)
        return np.asarray(added + weights[-1])


def learned(rows: Rows, hostile: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Logistic regression, by Adam; the bias is the last weight."""
    weights = np.zeros(2**likeness.BITS + 1)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    importance = importance / importance.sum()
    for step in range(1, STEPS + 1):
        error = (1 / (1 + np.exp(-rows.scores(weights))) - hostile) * importance
        slope = np.bincount(rows.columns, error[rows.rows] * rows.values, minlength=len(weights)) + DECAY * weights
        slope[-1] = error.sum()
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
        rate = 0.3 * (1 - 0.9 * step / STEPS)
        weights -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return weights


def _left_out(listed: list[Sentence], rows: list[list[int]], hostile: np.ndarray, weight: np.ndarray) -> np.ndarray:
    fold = np.array([zlib.crc32(one.pattern.encode()) % FOLDS for one in listed])
    scores = np.zeros(len(listed))
    for number in range(FOLDS):
        keep, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        weights = learned(Rows([rows[i] for i in keep]), hostile[keep], weight[keep])
        scores[test] = Rows([rows[i] for i in test]).scores(weights)
    return scores


def main() -> None:
    listed = sentences()
    with Pool(2) as pool:
        rows = pool.map(features, [one.text for one in listed], chunksize=200)
    hostile = np.array([float(one.hostile) for one in listed])
    weight = np.array([one.weight for one in listed])
    weight[hostile == 1] *= (weight @ (1 - hostile)) / (weight @ hostile)
    scores = _left_out(listed, rows, hostile, weight)
    benign = np.sort(scores[hostile == 0])[::-1]
    print(f"{len(listed)} sentences, {int(hostile.sum())} hostile")
    for share in (0.005, 0.01, 0.015, 0.02, 0.03):
        least = float(benign[int(share * len(benign))])
        print(
            f"left out, {share:.1%} of the benign: {np.mean(scores[hostile == 1] > least):.1%} held, from {least:.2f}"
        )
    least = float(benign[int(FALSE * len(benign))])
    weights = learned(Rows(rows), hostile, weight)
    unit = float(np.abs(weights[:-1]).max() / 127)
    content = likeness.HEADER.pack(unit, weights[-1], least) + np.rint(weights[:-1] / unit).astype(np.int8).tobytes()
    (Path(checks.__file__).parent / "likeness.bin").write_bytes(zlib.compress(content, 9))


if __name__ == "__main__":
    main()
