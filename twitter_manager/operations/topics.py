"""The verb `topics`: what does well, with which weight it is chosen and why; and a new weight into the bot's file."""

from __future__ import annotations

import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from twitter_manager import phrases
from twitter_manager.domain import FORMATS, DraftStatus, Json
from twitter_manager.errors import SettingsProblems, TwitterManagerError, UsageError
from twitter_manager.files import replace_file
from twitter_manager.learning.scores import TRAITS, Score, Scores
from twitter_manager.operations.sources import bot_file, read_exactly, why_unreadable
from twitter_manager.pipeline.learned import learned, scored
from twitter_manager.settings import Bot, sample_bot_file
from twitter_manager.settings.botfile import LARGEST, as_toml, parse
from twitter_manager.settings.files import Problems
from twitter_manager.store import items, outcomes
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
    columns = {
        "topic": [use.topic for use in used],
        "format": [use.format for use in used],
        "hour": [_hour(use, bot.time_zone) for use in used],
        "generator": [use.generator for use in used],
    }
    over = [use.status in _OVER for use in used]
    out = [use.status in _OUT for use in used]
    return {
        "bot": bot.name,
        "mode": bot.learn.mode,
        "values": [
            row
            for trait in TRAITS
            for row in _rows(bot, trait, columns[trait], (over, out), known[trait], weights.get(trait, {}))
        ],
    }


def _hour(use: outcomes.Use, time_zone: str) -> str:
    return phrases.clock(use.published_at, time_zone)[11:13] if use.published_at else ""


def topic_weights(db: Database | None, bot: Bot) -> dict[str, float]:
    """The weights that topics have now: those of the bot's file, else each label's, by what is there of it."""
    if bot.topics or db is None:
        return dict(bot.topics)
    from twitter_manager.writing.scoring import UNLABELLED, fold, label_of
    from twitter_manager.writing.topics import LABEL_WEIGHT

    labels = [label_of(item) or UNLABELLED for _, item in items.available(db, bot.name)]
    names = {fold(label): label for label in reversed(labels)}
    counted = Counter(map(fold, labels))
    return {name: float(min(counted[folded], LABEL_WEIGHT)) for folded, name in names.items()}


def _rows(
    bot: Bot,
    trait: str,
    column: Sequence[str],
    became: tuple[Sequence[bool], Sequence[bool]],
    known: Scores,
    weights: Mapping[str, float],
) -> list[Json]:
    over, out = (Counter(name for name, yes in zip(column, which, strict=True) if yes) for which in became)
    uses = Counter(column)
    multiplied = times(sound(weights), learned(known, bot.learn.explore)) if known.values else {}
    rows = []
    for name in dict.fromkeys([*weights, *uses, *known.values]):
        if not name or not (weights.get(name) or uses[name] or name in known.values):
            continue
        score, weight = known.values.get(name), weights.get(name)
        factor = multiplied.get(name, 1.0) if weight and bot.learn.mode != "off" else None
        weighs = weight if weight is None or factor is None or bot.learn.mode != "on" else round(weight * factor, 2)
        rows.append(
            {
                "trait": trait,
                "name": name,
                "uses": uses[name],
                "success_rate": round(out[name] / over[name], 4) if over[name] else None,
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
        return f"no difference seen in {posts}"
    return f"{'clearly ' if sure > 2 else ''}{'better' if score.mean > 0 else 'worse'} than usual in {posts}"


_MODES = {
    "off": "learning is off; weights are yours",
    "advise": "learning advises; weights are yours",
    "on": "topics and formats are chosen by learned weights",
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
        told.append(f"{row['success_rate']:.0%} went out")
    if row["average_engagement"] is not None:
        told.append(f"{row['average_engagement']:.1f} likes, replies and shares a post")
    told.append(row["why"])
    if row["weight"] is None:
        return "; ".join(told)
    weighs = f"weight {row['weight']:g}"
    if row["learned"] is not None and row["measured"]:
        weighs += f", learned x{row['learned']:.2g}" + (", not used" if mode != "on" else "")
    return "; ".join([*told, weighs])


# -- a new weight --------------------------------------------------------------------------------------


def set_weight(db: Database | None, bot: Bot, home: Path, name: str, weight: float) -> str:
    """Write a topic's or a format's weight into the bot's file; all else in it stays. Gives a line for a person.

    Raises UsageError, TwitterManagerError, SettingsProblems (the file is as it was then)."""
    table, name, weights = _meant(db, bot, name)
    path = bot_file(bot.name, home)
    line = f"{_key(name)} = {weight:g}"
    remedy = f"Write it by hand, under [{table}]: {line}"
    try:
        before = read_exactly(path) if path.exists() else sample_bot_file()
        text = with_weight(before, table, name, weight, weights)
        if text is None or len(text.encode()) > LARGEST:
            raise TwitterManagerError(f"{path} has no table [{table}] that can be changed here.", remedy)
        problems = Problems()
        if parse(text.removeprefix("\ufeff"), f"data/bots/{path.name}", home, problems) is None:
            raise SettingsProblems(problems)
        replace_file(path, text, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
    except (OSError, UnicodeDecodeError) as error:
        raise TwitterManagerError(f"{path} can't be written ({why_unreadable(error)}).", remedy) from None
    whole = "" if table == "formats" or bot.topics else " All labels there are now stand there; a new one needs a line."
    return f"{name} has weight {weight:g} in [{table}] of {path}.{whole}"


def _meant(db: Database | None, bot: Bot, name: str) -> tuple[str, str, Mapping[str, float]]:
    """The table of the bot's file that is meant, the name as it is written there, and the weights it has now. Raises
    UsageError."""
    from twitter_manager.writing.scoring import fold

    topics = topic_weights(db, bot)
    labels = {} if db is None else topic_weights(db, bot.model_copy(update={"topics": {}}))
    for table, names, weights in (("topics", [*topics, *labels], topics), ("formats", [*FORMATS], bot.formats)):
        if found := next((known for known in names if fold(known) == fold(name)), None):
            return table, found, weights
    every = [*topics, *labels, *FORMATS]
    remedy = did_you_mean(name, every) or f"There are: {', '.join(every[:30])}."
    raise UsageError(f"There is no topic and no format {name[:60]!r}.", remedy)


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else as_toml(name)


def with_weight(text: str, table: str, name: str, weight: float, weights: Mapping[str, float]) -> str | None:
    """A bot file with this weight in this table; comments and all else stay. A table that says nothing gets all the
    `weights` that held without it. None where that can't be done."""
    import tomllib

    wanted = tomllib.loads(text.removeprefix("\ufeff"))
    there = wanted.get(table, {})
    if not isinstance(there, dict):
        return None
    new = {**(there or weights), name: weight}
    missing = {key: value for key, value in new.items() if key not in there}
    end = "\r\n" if "\r\n" in text else "\n"
    kept = text.splitlines(keepends=True)
    first, last = _span(kept, table)
    if first is None:
        kept += ["" if not kept or kept[-1].endswith("\n") else end, end, f"[{table}]{end}"]
        first = last = len(kept)
    place = first
    for at in range(first, last):
        match = re.fullmatch(r"(?s)([ \t]*(\S.*?)[ \t]*=[ \t]*)[-+.\w]+([ \t]*(?:#.*)?)", kept[at].rstrip("\r\n"))
        if match and _holds_only(kept[at], name) and name not in missing:
            kept[at] = f"{match[1]}{weight:g}{match[3]}{end}"
        if kept[at].strip() and not kept[at].lstrip().startswith("#"):
            place = at + 1
    if missing:
        kept[place - 1 : place] = [kept[place - 1].rstrip("\r\n") + end] if place else []
        kept[place:place] = [f"{_key(key)} = {value:g}{end}" for key, value in missing.items()]
    made = "".join(kept)
    try:
        return made if tomllib.loads(made.removeprefix("\ufeff")) == {**wanted, table: new} else None
    except tomllib.TOMLDecodeError:
        return None


def _span(lines: Sequence[str], table: str) -> tuple[int | None, int]:
    """Between which lines a table's entries stand; None where there is no such table."""
    head = re.compile(rf"""\ufeff?[ \t]*\[[ \t]*["']?{table}["']?[ \t]*\][ \t]*(?:#.*)?""")
    first = next((at + 1 for at, line in enumerate(lines) if head.fullmatch(line.rstrip("\r\n"))), None)
    after = range(first or 0, len(lines))
    return first, next((at for at in after if lines[at].lstrip().startswith("[")), len(lines))


def _holds_only(line: str, name: str) -> bool:
    import tomllib

    try:
        return list(tomllib.loads(line)) == [name]
    except tomllib.TOMLDecodeError:
        return False
