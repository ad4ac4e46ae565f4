"""`make eval`: the whole writing path with the bundled model over a fixed set of material, its figures and samples.

    python -m tests.evaluation [--json FILE] [--posts 100] [--seed 7] [--row] [--all]

Four runs: the chooser over the fixed set; a random choice among the same candidates; the same model asked freely
(HF_WRITING=write) for a part of it; and 100 posts in a row from the starter notes, with memory. Exit code 1 when the
row misses a goal that can be counted. Whether the posts are good, only a reader can tell: hence the samples.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.evaluation.desk import Made, Post
    from twitter_manager.domain import Json

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
"""Set before torch is imported: else two threads beside another busy process spin and wait for each other."""
FREE = 12
"""How many notes the model writes about freely: each takes it many times as long as a choice."""
SAMPLES = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write figures and all posts there")
    parser.add_argument("--posts", type=int, default=100, help="how many posts in a row")
    parser.add_argument("--all", action="store_true", help="show every post, not samples")
    parser.add_argument("--seed", type=int, default=7, help="another one makes another row")
    parser.add_argument("--row", action="store_true", help="the posts in a row alone")
    chosen = parser.parse_args()

    from tests.evaluation.figures import figures, goals, shown

    everything = list(_runs(chosen.posts, chosen.seed, row_only=chosen.row))
    for made in everything:
        print("\n".join(shown(figures(made))))
        print("\n".join(_samples(made.posts, len(made.posts) if chosen.all else SAMPLES)))
    row = figures(everything[-1])
    missed = [line for line, held in goals(row) if not held]
    print("\n".join(f"{'held' if held else 'MISSED'}: {line}" for line, held in goals(row)))
    if chosen.json:
        chosen.json.write_text(json.dumps([_as_json(made) for made in everything], indent=1, ensure_ascii=False) + "\n")
    return 1 if missed else 0


def _runs(posts: int, seed: int, *, row_only: bool) -> Iterator[Made]:
    from tests.evaluation.desk import RandomChoice, fixed_set, together, write
    from tests.writing.local_models import models_dir
    from twitter_manager.providers import LOCAL_CANDIDATES
    from twitter_manager.sources.notes import starter_items
    from twitter_manager.writing.generators.excerpt import Excerpt
    from twitter_manager.writing.generators.huggingface import HuggingFace

    def tell(line: str) -> None:
        print(f"… {line}", file=sys.stderr, flush=True)

    models = models_dir()
    local, last = (HuggingFace(models), LOCAL_CANDIDATES), (Excerpt(), LOCAL_CANDIDATES)
    material, threads = fixed_set()
    if not row_only:
        parts = [write("chooser", material, [local, last], len(material), progress=tell)]
        parts += [write("threads", one, [local, last], 1, formats={"thread": 1.0}, progress=tell) for one in threads]
        yield together("the bundled model as chooser", parts)
        random = (RandomChoice(), LOCAL_CANDIDATES)
        yield write("random choice", material, [random, last], len(material), progress=tell)
        free = (HuggingFace(models, writes=True), 2)
        notes = [item for item in material if item.kind == "note"][:FREE]
        yield write("the same model asked freely", notes, [free], len(notes), at_once=4, progress=tell)
    yield write("posts in a row", starter_items(), [local, last], posts, seed=seed, progress=tell)


def _samples(posts: Sequence[Post], most: int) -> Iterator[str]:
    """Posts from all over, evenly spread."""
    step = max(1, len(posts) // most) if most else 1
    for at, post in list(enumerate(posts, start=1))[::step][:most]:
        yield f"{at}. [{post.topic}, {post.format}, {post.way}]"
        yield f"   {post.text}".replace("\n", "\n   ")
    yield ""


def _as_json(made: Made) -> Json:
    from dataclasses import asdict

    from tests.evaluation.figures import figures

    return {
        "figures": figures(made).as_json(),
        "posts": [asdict(post) for post in made.posts],
        "refused": made.refused,
        "seconds": made.seconds,
    }


if __name__ == "__main__":
    sys.exit(main())
