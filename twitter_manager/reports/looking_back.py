"""What worked and what did not in a week or a month, by what people did with its posts, and what its person may try.

A post stands out where it came to more or less than chance makes of the usual (two standard deviations of a count). A
topic, a format or a part of the day does so where its posts beat the usual, or fell short of it, more often than a coin
does, as sure as a hundred reports that compare nothing but chance are wrong five times (a sign test, made stricter by
the number of what is compared). Of few posts nothing is told.

What a report suggested is not suggested again for 90 days, done or not: by then other posts tell."""

from __future__ import annotations

import math
import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from twitter_manager import phrases, schedule
from twitter_manager.domain import Json
from twitter_manager.operations.weights import tunable_weights
from twitter_manager.reports.periods import Period
from twitter_manager.settings import Bot
from twitter_manager.settings.records import ON
from twitter_manager.show.counted import FEWEST, PUBLIC, USUAL_DAYS, Usual, reading_as_json, usual_of
from twitter_manager.store import between, engagement, reports
from twitter_manager.store.database import Database, from_text, iso
from twitter_manager.store.dialect import Row
from twitter_manager.store.engagement import Reading

MOST = 3
"""So many posts worked, did not, and so much is suggested."""
_TEXT = 280
"""Characters of a post that are shown."""
_DEVIATIONS = 2.0
_CHANCE = 0.05
_READ_USD = 0.006
"""What six readings of a post cost on X."""
_LEARN, _READ, _QUIET = "learn.mode", "listen.figures", "limits.quiet_hours"
"""Keys of a bot's file."""
_PARTS_OF_DAY = {"at night": 0, "in the morning": 6, "in the afternoon": 12, "in the evening": 18}
"""By the hour at which each begins; each has six hours."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A post with its newest readings. `usual`: what posts come to on those platforms at those ages."""

    post: Row
    readings: tuple[Reading, ...]
    usual: float

    @property
    def engagement(self) -> int:
        return sum(reading.figures.engagement for reading in self.readings)

    @property
    def stands_out(self) -> bool:
        return abs(self.engagement - self.usual) > _DEVIATIONS * math.sqrt(max(self.usual, 1.0))

    def as_json(self) -> Json:
        """For `--json`."""
        return {
            "draft": self.post["id"],
            "at": iso(from_text(self.post["published_at"])),
            "text": phrases.in_a_line(self.post["text"] or "", _TEXT),
            "topic": self.post["topic"],
            "format": self.post["format"],
            "engagement": self.engagement,
            "usual": self.usual,
            "figures": [{"platform": each.platform} | reading_as_json(each) for each in self.readings],
        }


def look_back(
    db: Database, bot: str, period: Period, now: datetime, settings: Bot | None, mine: Sequence[Row], out: Sequence[Row]
) -> Json | None:
    """Of the period's posts `mine` with their deliveries `out`; None where nothing stands where people can answer it.
    Nothing is suggested for a bot without `settings`, nor of a time long past."""
    until = min(period.until, now)
    since = until - timedelta(days=USUAL_DAYS)
    readings = [each for each in engagement.since(db, bot, since) if each.removed_at is None and each.posted_at < until]
    if not readings and not any(row["platform"] in PUBLIC for row in out):
        return None
    usual = usual_of(readings)
    newest = {each.delivery_id: each for each in readings}
    lately = _looked(between.sent(db, bot, since, until), newest.values(), usual)
    numbers = {post["id"] for post in mine}
    posts = [each for each in lately if each.post["id"] in numbers]
    apart = [each for each in posts if each.stands_out] if len(posts) >= FEWEST else []
    best_first = sorted(apart, key=lambda each: (each.engagement + 1) / (each.usual + 1), reverse=True)
    is_lately = now < period.until + (period.until - period.since)
    suggestions = _suggestions(db, settings, period, lately, out) if settings and is_lately else ()
    return {
        "counted": len(numbers & {each.draft_id for each in newest.values()}),
        "enough": len(posts) >= FEWEST,
        "platforms": _platforms([each for each in newest.values() if each.draft_id in numbers]),
        "best": [each.as_json() for each in best_first if each.engagement > each.usual][:MOST],
        "weakest": [each.as_json() for each in best_first[::-1] if each.engagement < each.usual][:MOST],
        "suggestions": list(suggestions)[:MOST],
    }


def _looked(posts: Sequence[Row], newest: Iterable[Reading], usual: Usual) -> list[Looked]:
    """The posts of which something is known, and with which to compare it."""
    by_draft = defaultdict[int, list[Reading]](list)
    for reading in newest:
        if (reading.platform, reading.band) in usual:
            by_draft[reading.draft_id].append(reading)
    return [
        Looked(post, tuple(some), sum(usual[each.platform, each.band] for each in some))
        for post in posts
        if (some := by_draft.get(post["id"]))
    ]


def _platforms(newest: Sequence[Reading]) -> list[Json]:
    """What the posts came to on each platform, all together."""
    sums, posts = engagement.sums(newest), Counter(each.platform for each in newest)
    return [
        {"platform": name, "posts": number}
        | {kind: sums[name, kind] for kind in engagement.KINDS}
        | {"views": sums.get((name, "views"))}
        for name, number in sorted(posts.items())
    ]


# -- what to try ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compared:
    """How often posts of one kind came to more, or to less, than is usual."""

    kind: str
    """`topics`, `formats` or `hours`."""
    name: str
    better: int
    worse: int

    @property
    def key(self) -> str:
        """Of the bot's file, which changes how often there are such posts."""
        return _QUIET if self.kind == "hours" else f"{self.kind}.{self.name}"

    @property
    def chance(self) -> float:
        """How often a coin does at least as unevenly: a two-sided sign test."""
        number, fewer = self.better + self.worse, min(self.better, self.worse)
        if not number:
            return 1.0
        return min(1.0, 2 * sum(math.comb(number, count) for count in range(fewer + 1)) / float(2**number))

    @property
    def words(self) -> str:
        """For a person."""
        did = "better" if self.better > self.worse else "worse"
        which = {"topics": f"on {self.name}", "formats": f"in the form “{self.name}”"}.get(self.kind, self.name)
        times = max(self.better, self.worse)
        return f"posts {which} did {did} than is usual {times} of {self.better + self.worse} times in {USUAL_DAYS} days"


def _suggested(db: Database, bot: str, period: Period) -> set[str]:
    """The keys that reports before this one suggested to set, of those in which the same posts may count."""
    keys: set[str] = set()
    for kept in reports.between(db, bot, period.kind, period.first - timedelta(days=USUAL_DAYS), period.first):
        match kept.figures.get("look_back"):
            case {"suggestions": list(made)}:
                keys |= {str(each["key"]) for each in made if isinstance(each, dict) and "key" in each}
    return keys


def _suggestions(
    db: Database, settings: Bot, period: Period, lately: Sequence[Looked], out: Sequence[Row]
) -> Iterator[Json]:
    """The surest first; then what makes the next reports know more."""
    suggested = _suggested(db, settings.name, period)
    sure = _sure(lately, settings.time_zone)
    weights = tunable_weights(db, settings) if sure else {}
    for each in sure:
        if each.key not in suggested and (value := _value(settings, weights, each)):
            yield _suggestion(settings, each.words, each.key, value)
    if sure and settings.learn.mode != ON and _LEARN not in suggested:
        why = f"{sure[0].words}: the bot can choose more often by itself what does well"
        yield _suggestion(settings, why, _LEARN, ON)
    if _READ not in suggested:
        yield from _to_read(settings, out)


def _sure(lately: Sequence[Looked], time_zone: str) -> list[Compared]:
    zone = schedule.zone(time_zone)
    counts = defaultdict[tuple[str, str], list[int]](lambda: [0, 0])
    for each in lately:
        hour = from_text(each.post["published_at"]).astimezone(zone).hour
        part = [name for name, begins in _PARTS_OF_DAY.items() if begins <= hour][-1]
        for which in (("topics", each.post["topic"]), ("formats", each.post["format"]), ("hours", part)):
            if which[1] and each.engagement != each.usual:
                counts[which][each.engagement < each.usual] += 1
    compared = [Compared(kind, name, better, worse) for (kind, name), (better, worse) in counts.items()]
    return sorted((each for each in compared if each.chance * len(compared) <= _CHANCE), key=lambda each: each.chance)


def _value(settings: Bot, weights: Mapping[str, float], compared: Compared) -> str:
    """What its key is to be set to; "" where one key does not do it."""
    is_better = compared.better > compared.worse
    if compared.kind == "hours":
        begins = _PARTS_OF_DAY[compared.name]
        free = not is_better and settings.limits.quiet_hours is None
        return f"{begins:02}:00-{(begins + 6) % 24:02}:00" if free else ""
    weight = weights.get(compared.key, 0.0)
    new = min(weight * 2, 1000.0) if is_better else weight / 2
    return f"{new:g}" if weight else ""


def _to_read(settings: Bot, out: Sequence[Row]) -> Iterator[Json]:
    """Platforms whose figures are not read."""
    read = settings.listen.figures
    for name in PUBLIC:
        posts = sum(row["platform"] == name and row["part"] == 0 and bool(row["posted_at"]) for row in out)
        if posts and name not in read:
            value = ", ".join(f'"{each}"' for each in (*read, name))
            cost = f"; to read as many costs {phrases.usd(posts * _READ_USD)}" if name == "x" else ""
            why = f"nothing is known of {phrases.amount(posts, 'post')} on {name}{cost}"
            yield _suggestion(settings, why, _READ, f"[{value}]")


def _suggestion(settings: Bot, why: str, key: str, value: str) -> Json:
    words = shlex.join(["tune", key, value, "--bot", settings.name])
    return {"key": key, "why": why, "command": words}
