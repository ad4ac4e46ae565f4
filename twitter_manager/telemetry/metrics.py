"""The figures of all bots as Prometheus reads them: from the tallies, and from what stands in the database now. One
source for the metrics file, the push gateway and the review console.

What a family means stands in FAMILIES, from which its documentation is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from twitter_manager import __version__, files
from twitter_manager.domain import Run
from twitter_manager.pipeline.spending import this_month
from twitter_manager.store import drafts, engagement, figures, runs, tallies, usage
from twitter_manager.store.database import Database
from twitter_manager.store.tallies import Tally
from twitter_manager.store.usage import Usage
from twitter_manager.telemetry.counting import BOUNDS

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

PREFIX = "twitter_manager_"
TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
"""https://prometheus.io/docs/instrumenting/exposition_formats/"""


@dataclass(frozen=True, slots=True)
class BotFigures:
    """How a bot stands. `drafts`: how many wait or are on their way, by status; `pool`: those that are ready or wait
    for an approval; `spent_usd`: this month; `engagement`: by platform and kind
    (`likes`), what the posts of the last seven days came to."""

    bot: str
    drafts: Mapping[str, int]
    pool: int
    spent_usd: float
    last_run: Run | None
    last_success: Run | None
    last_post: datetime | None
    engagement: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Figures:
    """All that there is to tell. `usage`: of the last invocation."""

    tallies: Sequence[Tally]
    bots: Sequence[BotFigures]
    usage: Usage | None

    def total(self, name: str) -> dict[str, int]:
        """A tally of all bots by its label."""
        found: dict[str, int] = {}
        for tally in self.tallies:
            if tally.name == name:
                found[tally.label] = found.get(tally.label, 0) + int(tally.value)
        return dict(sorted(found.items()))


def read(db: Database, zones: Mapping[str, str], now: datetime) -> Figures:
    """What the database says. `zones`: by bot whose state is told, its time zone; counters are of all that there ever
    were."""
    return Figures(tallies.totals(db), [_of_bot(db, bot, zone, now) for bot, zone in zones.items()], usage.newest(db))


def _of_bot(db: Database, bot: str, time_zone: str, now: datetime) -> BotFigures:
    newest = drafts.newest(db, bot, 1)
    return BotFigures(
        bot=bot,
        drafts=figures.open_drafts(db, bot),
        pool=drafts.in_pool(db, bot, now),
        spent_usd=this_month(db, bot, time_zone, now),
        last_run=next(iter(runs.last(db, bot)), None),
        last_success=runs.last_good(db, bot),
        last_post=newest[0].published_at if newest else None,
        engagement=engagement.newest_sums(db, bot, now - _ENGAGED),
    )


# -- what there is -----------------------------------------------------------------------------------------

_ENGAGED = timedelta(days=7)
Labels = tuple[str, ...]
Gauges = Callable[[Figures], Iterator[tuple[Labels, float | None]]]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric. `tallies`: what a counter or a histogram is made of, each with the label that it gets besides;
    `gauge`: the values of one, by its labels."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: Labels
    help: str
    tallies: Mapping[str, Labels] | None = None
    gauge: Gauges | None = None

    @property
    def sample(self) -> str:
        """Its name as queries have it."""
        return f"{PREFIX}{self.name}{'_total' if self.kind == 'counter' else ''}"


def _counter(name: str, labels: Labels, help: str, tally: str = "") -> Family:
    return Family(name, "counter", ("bot", *labels), help, {tally or name: ()})


def _histogram(name: str, label: str, help: str, tally: str) -> Family:
    return Family(name, "histogram", ("bot", label), help, {tally: ()})


def _of_bots(name: str, help: str, value: Callable[[BotFigures], float | None]) -> Family:
    return Family(
        name, "gauge", ("bot",), help, gauge=lambda figures: (((each.bot,), value(each)) for each in figures.bots)
    )


def _of_usage(name: str, help: str, value: Callable[[Usage], float]) -> Family:
    def gauge(figures: Figures) -> Iterator[tuple[Labels, float | None]]:
        yield (), value(figures.usage) if figures.usage else None

    return Family(name, "gauge", (), help, gauge=gauge)


def _drafts(figures: Figures) -> Iterator[tuple[Labels, float | None]]:
    return (((each.bot, status), number) for each in figures.bots for status, number in each.drafts.items())


def _engagement(figures: Figures) -> Iterator[tuple[Labels, float | None]]:
    return (((each.bot, *which), number) for each in figures.bots for which, number in each.engagement.items())


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _lasted(run: Run | None) -> float | None:
    return (run.ended_at - run.started_at).total_seconds() if run and run.ended_at else None


FAMILIES = (
    _counter("runs", ("outcome",), "Runs that ended."),
    _counter("posts", ("platform",), "Posts that went out; a thread is one."),
    _counter("deliveries", ("platform", "outcome"), "Parts of posts that ended posted, failed or held."),
    _counter("attempts", ("platform", "kind", "outcome"), "Tries to prepare, send or look up."),
    _counter("retries", ("platform",), "Tries to send what was tried before."),
    _histogram("send_duration_seconds", "platform", "How long sending took.", "platform"),
    _histogram("stage_duration_seconds", "stage", "How long the stages of runs took; run: all of it.", "stage"),
    _counter("generations", ("generator",), "Answers of generators and judges."),
    Family(
        "tokens", "counter", ("bot", "generator", "direction"), "Tokens of models.",
        {"tokens_in": ("in",), "tokens_out": ("out",)},
    ),
    _counter("candidates", ("generator",), "Texts that generators made."),
    _counter("refusals", ("rule",), "Candidates that a rule refused or doubted."),
    _counter("judge_refusals", ("judge",), "Candidates that a judge refused or doubted."),
    _counter("paid_calls", ("service", "kind"), "Calls that cost money.", "charges"),
    _counter("cost_usd", ("service", "kind"), "US dollars that calls cost.", "usd"),
    _of_bots("spent_this_month_usd", "US dollars spent this month.", lambda each: each.spent_usd),
    Family("drafts", "gauge", ("bot", "status"), "Drafts that wait or are on their way.", gauge=_drafts),
    Family(
        "engagement", "gauge", ("bot", "platform", "kind"),
        "Likes, replies, reposts, quotes and views of the last 7 days' posts, as they were read last.",
        gauge=_engagement,
    ),
    _of_bots("pool_drafts", "Drafts that are ready or wait for approval.", lambda each: each.pool),
    _of_bots(
        "last_success_timestamp_seconds", "When the newest run ended whose exit code was 0.",
        lambda each: _seconds(each.last_success.ended_at if each.last_success else None),
    ),
    _of_bots("last_post_timestamp_seconds", "When the newest post went out.", lambda each: _seconds(each.last_post)),
    _of_bots(
        "last_run_timestamp_seconds", "When the newest run began.",
        lambda each: _seconds(each.last_run.started_at if each.last_run else None),
    ),
    _of_bots("last_run_duration_seconds", "How long the newest run took.", lambda each: _lasted(each.last_run)),
    _of_usage(
        "last_invocation_timestamp_seconds", "When cron's newest start began.", lambda each: each.began.timestamp()
    ),
    _of_usage("last_invocation_duration_seconds", "How long it took for all bots.", lambda each: each.seconds),
    _of_usage("last_invocation_cpu_seconds", "Seconds of processors that it took.", lambda each: each.cpu_seconds),
    _of_usage("last_invocation_memory_bytes", "The most memory that it held.", lambda each: each.memory_bytes),
    _of_usage("database_bytes", "The size of the database.", lambda each: each.database_bytes),
    _of_usage("disk_free_bytes", "What is free on the disk of the database.", lambda each: each.disk_free_bytes),
    Family(
        "build_info", "gauge", ("version",), "Always 1; the version of the program.",
        gauge=lambda figures: iter([((__version__,), 1.0)]),
    ),
)  # fmt: skip


# -- how it is written ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Collector:
    """A registry keeps it by what it is, not by what it holds. Labels that are alike once they are redacted are one:
    Prometheus refuses a file in which one stands twice."""

    figures: Figures
    redact: Callable[[str], str]

    def collect(self) -> Iterator[Metric]:
        for family in FAMILIES:
            if family.kind == "histogram":
                yield self._histogram(family)
            else:
                yield self._plain(family)

    def _plain(self, family: Family) -> Metric:
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        make = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
        metric = make(PREFIX + family.name, family.help, labels=family.labels)
        values = family.gauge(self.figures) if family.gauge else self._counted(family)
        sums: dict[Labels, float] = {}
        for labels, value in values:
            if value is not None:
                clean = self._clean(labels)
                sums[clean] = sums.get(clean, 0) + value
        for clean, value in sums.items():
            metric.add_metric(clean, value)
        return metric

    def _counted(self, family: Family) -> Iterator[tuple[Labels, float | None]]:
        for tally in self.figures.tallies:
            if (more := (family.tallies or {}).get(tally.name)) is not None:
                number = len(family.labels) - 1 - len(more)
                yield (tally.bot, *_pieces(tally.label, number), *more), tally.value

    def _histogram(self, family: Family) -> Metric:
        from prometheus_client.metrics_core import HistogramMetricFamily

        [tally] = family.tallies or {}
        metric = HistogramMetricFamily(PREFIX + family.name, family.help, labels=family.labels)
        seconds, buckets = defaultdict[Labels, float](float), defaultdict[tuple[Labels, str], float](float)
        for each in self.figures.tallies:
            if each.name == f"{tally}_seconds":
                seconds[self._clean((each.bot, each.label))] += each.value
            elif each.name == f"{tally}_bucket":
                label, bound = _pieces(each.label, 2)
                buckets[self._clean((each.bot, label)), bound] += each.value
        for labels, lasted in seconds.items():
            rising = accumulate(buckets[labels, bound] for bound in BOUNDS)
            metric.add_metric(labels, buckets=list(zip(BOUNDS, rising, strict=True)), sum_value=lasted)
        return metric

    def _clean(self, labels: Labels) -> Labels:
        return tuple(self.redact(label) for label in labels)


def _pieces(label: str, number: int) -> Labels:
    """A tally's label as so many; only the first may hold blanks."""
    pieces = label.rsplit(" ", number - 1) if number > 1 else [label]
    return (*pieces, *[""] * (number - len(pieces)))


def registry(figures: Figures, redact: Callable[[str], str]) -> CollectorRegistry:
    """The figures for the library's own functions."""
    from prometheus_client import CollectorRegistry

    made = CollectorRegistry(auto_describe=False)
    made.register(_Collector(figures, redact))
    return made


def exposition(registry: CollectorRegistry) -> bytes:
    """The text that Prometheus reads."""
    from prometheus_client import generate_latest

    return generate_latest(registry)


def write(path: Path, content: bytes) -> str:
    """Replace the file in one step, for all to read; gives why that can't be done, or "". Its folder is not made: one
    that is gone may be a disk that is not there now."""
    try:
        if not path.parent.is_dir():
            return f"{path} can't be written (its folder is not there)"
        files.replace_bytes(path, content, 0o644)
    except OSError as error:
        return f"{path} can't be written ({error.strerror})"
    return ""
