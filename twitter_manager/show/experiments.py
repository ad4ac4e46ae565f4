"""Experiments as objects for `--json`, and in lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from twitter_manager import phrases
from twitter_manager.domain import Json
from twitter_manager.pipeline.experimenting import told
from twitter_manager.store import experiments
from twitter_manager.store.database import Database, iso
from twitter_manager.store.experiments import Experiment
from twitter_manager.terminal import command


def described(db: Database, experiment: Experiment, now: datetime, time_zone: str) -> Json:
    """An experiment as an object. While it runs nothing is told of who is ahead."""
    plan, result = experiment.plan, experiment.result
    posts = experiments.posts(db, experiment, now)
    stands = [Counter(str(post.stands) for post in posts if post.variant == arm) for arm in (0, 1)]
    better = result.get("better")
    return {
        "id": experiment.id,
        "bot": plan.bot,
        "compares": plan.thing,
        "variants": [
            {"name": name} | {kind: stands[arm][kind] for kind in experiments.Stands}
            for arm, name in enumerate(plan.variants)
        ],
        "posts": plan.per_variant,
        "age": plan.band,
        "started_at": iso(experiment.started_at),
        "ends_at": iso(experiment.last_day),
        "ended_at": iso(experiment.ended_at),
        "ending": experiment.ending,
        "better": None if better is None else plan.variants[better],
        **{name: result.get(name) for name in ("times", "low", "high")},
        "words": told(experiment) if experiment.ended_at else _runs(experiment, time_zone),
    }


def _runs(experiment: Experiment, time_zone: str) -> str:
    (first, second), plan = experiment.plan.variants, experiment.plan
    until = phrases.clock(experiment.last_day, time_zone)
    when = f"the answer comes when {plan.per_variant} posts of each are read at {plan.band}, or on {until}"
    return f"{plan.thing}, “{first}” against “{second}”: runs; {when}"


def lines(shown: Json) -> Iterator[str]:
    """Experiments for a person."""
    for each in shown["experiments"]:
        yield f"Experiment {each['id']} of {each['bot']}: {each['words']}."
        for variant in each["variants"]:
            counted = (f"{variant[kind]} {words}" for kind, words in _STANDS.items() if variant[kind])
            yield f"  “{variant['name']}”: {', '.join(counted) or 'no post yet'}"
    if not shown["experiments"]:
        example = command("experiment start opener none")  # which needs no model that writes
        yield f'No experiment runs. Begin one: {example} "Worth knowing:"'


_STANDS = {"read": "read", "out": "out and not read yet", "waits": "written", "left_out": "left out"}
