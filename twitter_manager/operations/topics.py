"""The verb `topics`: what does well, with which weight it is chosen and why; and a new weight into the bot's file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from twitter_manager import phrases
from twitter_manager.domain import FORMATS, DraftStatus, Json
from twitter_manager.errors import UsageError
from twitter_manager.learning.scores import TRAITS, Score, Scores, traits
from twitter_manager.operations import tuning
from twitter_manager.operations.weights import label_weights, topic_weights
from twitter_manager.pipeline.learned import learned, scored
from twitter_manager.settings import Bot
from twitter_manager.settings.records import ADVISE, OFF, ON
from twitter_manager.store import outcomes
from twitter_manager.store.database import Database
from twitter_manager.validation import did_you_mean
from twitter_manager.writing.learned import times
from twitter_manager.writing.sampling import sound

MOST_USES = 1000
"""Of so many of the newest drafts it is told what became of them."""
_OUT = (DraftStatus.POSTED, DraftStatus.PARTLY_POSTED)
_OVER = (*_OUT, DraftStatus.FAILED, DraftStatus.SKIPPED, DraftStatus.EXPIRED)
_ADVISED = ("hour", "generator")
"""What figures are told of, and which stays the person's choice."""


# -- what is there -------------------------------------------------------------------------------------


def listing(db: Database | None, bot: Bot, now: datetime) -> Json:
    """By trait, what the bot's values came to, and their weights."""
    used = outcomes.uses(db, bot.name, MOST_USES) if db else []
    known = scored(db, bot, now) if db else dict.fromkeys(TRAITS, Scores({}))
    weights = {"topic": topic_weights(db, bot), "format": dict(bot.formats)}
    values: list[Json] = []
    for trait, column in traits(used, bot.time_zone).items():
        became = defaultdict[str, list[str]](list)
        for name, use in zip(column, used, strict=True):
            became[name].append(use.status)
        values += _rows(bot, trait, became, known[trait], weights.get(trait, {}))
    return {"bot": bot.name, "mode": bot.learn.mode, "values": values}


def _rows(
    bot: Bot, trait: str, became: Mapping[str, Sequence[str]], known: Scores, weights: Mapping[str, float]
) -> list[Json]:
    """The values of one trait. `became`: by value, the status of each draft."""
    multiplied = times(sound(weights), learned(known, bot.learn.explore)) if known.values else {}
    rows = []
    for name in dict.fromkeys([*weights, *became, *known.values]):
        if not name or not (weights.get(name) or name in became or name in known.values):
            continue
        score, weight, drafts = known.values.get(name), weights.get(name), became.get(name, ())
        over, out = (sum(status in which for status in drafts) for which in (_OVER, _OUT))
        factor = multiplied.get(name, 1.0) if weight and bot.learn.mode != OFF else None
        weighs = round(weight * factor, 2) if weight and factor is not None and bot.learn.mode == ON else weight
        rows.append(
            {
                "trait": trait,
                "name": name,
                "uses": len(drafts),
                "success_rate": round(out / over, 4) if over else None,
                "measured": score.posts if score else 0,
                "average_engagement": score.engagement if score else None,
                "weight": weight,
                "learned": factor,
                "present_weight": weighs,
                "why": _why(score),
            }
        )
    return sorted(rows, key=lambda row: (-(row["present_weight"] or 0.0), -row["uses"], row["name"]))


def _why(score: Score | None) -> str:
    """What a score says, in words."""
    if score is None:
        return "no figures yet"
    posts = phrases.amount(score.posts, "post")
    sure = abs(score.mean) / score.sd if score.sd else 0.0
    if sure < 1:
        return f"about as usual in {posts}"
    return f"{'clearly ' if sure > 2 else ''}{'better' if score.mean > 0 else 'worse'} than usual in {posts}"


_MODES = {
    OFF: "learning is off; weights are yours",
    ADVISE: "learning advises; weights are yours",
    ON: "topics and formats are chosen by learned weights",
}
_HEADS = {"topic": "Topics", "format": "Formats", "hour": "Hours", "generator": "Generators"}


def lines(shown: Json) -> Iterator[str]:
    """The same for a person."""
    for bot in shown["bots"]:
        yield f"{bot['bot']}: {_MODES[bot['mode']]}"
        for trait, head in _HEADS.items():
            rows = [row for row in bot["values"] if row["trait"] == trait]
            if rows:
                yield f"  {head}{' (told only: they are yours to choose)' * (trait in _ADVISED)}"
            yield from (f"    {row['name']}: {_told(row, bot['mode'])}" for row in rows)


def _told(row: Json, mode: str) -> str:
    told = [phrases.amount(row["uses"], "draft")]
    if row["success_rate"] is not None:
        told.append(f"of those that are done {row['success_rate']:.0%} went out")
    if row["average_engagement"] is not None:
        told.append(f"{row['average_engagement']:.1f} likes, replies and shares a post")
    told.append(row["why"])
    if row["weight"] is None:
        return "; ".join(told)
    weighs = f"weight {row['weight']:g}"
    if row["learned"] is not None and row["measured"]:
        weighs += f", learned x{row['learned']:.2g}" + (", not used" if mode != ON else "")
    return "; ".join([*told, weighs])


# -- a new weight --------------------------------------------------------------------------------------


def set_weight(db: Database | None, bot: Bot, home: Path, name: str, weight: float) -> list[str]:
    """Write a topic's or a format's weight into the bot's file. Gives what `tune` gives, and raises what it raises."""
    key = _meant(db, bot, name)
    value = int(weight) if weight.is_integer() else weight
    return tuning.tune(db, bot, home, {key: value})


def _meant(db: Database | None, bot: Bot, name: str) -> str:
    """The key of the bot's file that is meant. Raises UsageError."""
    from twitter_manager.writing.scoring import fold

    topics = [*bot.topics, *(label_weights(db, bot.name) if db else ())]
    for table, names in (("topics", topics), ("formats", FORMATS)):
        if found := next((known for known in names if fold(known) == fold(name)), None):
            return f"{table}.{found}"
    every = [*topics, *FORMATS]
    remedy = did_you_mean(name, every) or f"There are: {', '.join(every[:30])}."
    raise UsageError(f"There is no topic and no format {name[:60]!r}.", remedy)
