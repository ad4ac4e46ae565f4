"""Traces of the runs for a collector of OpenTelemetry: a span for the program, one for each bot, one for each stage.

They are made from what was measured, after the runs, and sent over HTTP. The packages are an extra: where they are not
installed, that is told. Nothing here raises, and nothing waits longer than `SECONDS`, whatever the collector does: the
exporter's own time limits leave out looking up a host, and its repeated tries would hold up an exit for a minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from twitter_manager import __version__
from twitter_manager.stages import Stages
from twitter_manager.telemetry.bounded import within

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

SECONDS = 3.0
"""For all of it, loading the packages included."""
PACKAGES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
HOW_TO_ADD = "pip install 'twitter_manager[tracing]'"
_SERVICE = "twitter_manager"
_PATH = "/v1/traces"


@dataclass(frozen=True, slots=True)
class BotRun:
    """A bot's run, as it went."""

    bot: str
    run_id: int | None
    began: float
    """Seconds since 1970."""
    ended: float
    error: str
    """The kind of error that ended it; "" where none did."""
    stages: Stages


@dataclass(frozen=True, slots=True)
class Trace:
    """What one start of the program did."""

    id: str
    """32 hex digits."""
    began: float
    ended: float
    exit_code: int
    runs: Sequence[BotRun]


def are_missing() -> bool:
    """Whether the packages are not installed. None of them is imported."""
    try:
        return any(find_spec(package) is None for package in PACKAGES)
    except ModuleNotFoundError:  # of a package that holds one of them
        return True


def export(trace: Trace, endpoint: str, headers: str, redact: Callable[[str], str]) -> str:
    """Send a trace, with secrets blacked out; gives why it did not arrive, "" where it did."""
    if are_missing():
        return f"can't be sent: the packages for them are not installed. Add them with {HOW_TO_ADD}"
    work = partial(_sent, spans(trace, redact), endpoint.rstrip("/") + _PATH, _headers(headers))
    return within(SECONDS, work, f"were not taken by the collector within {SECONDS:.0f} seconds")


def _headers(given: str) -> Mapping[str, str]:
    """As the standard writes them: `name=value,name=value`, percent-encoded."""
    pairs = (header.partition("=") for header in given.split(","))
    return {unquote(name.strip()).lower(): unquote(value.strip()) for name, sign, value in pairs if sign}


def _sent(found: Iterator[ReadableSpan], endpoint: str, headers: Mapping[str, str]) -> str:
    import logging

    logging.getLogger("opentelemetry").addHandler(logging.NullHandler())  # else its words go to stderr
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import SpanExportResult
    from requests import Session

    session = Session()
    session.stream = True  # what the collector answers is not read: it may have no end
    exporter = OTLPSpanExporter(endpoint=endpoint, headers=dict(headers), timeout=SECONDS, session=session)
    arrived = exporter.export(list(found)) is SpanExportResult.SUCCESS
    return "" if arrived else "were refused by the collector, or it can't be reached"


def spans(trace: Trace, redact: Callable[[str], str]) -> Iterator[ReadableSpan]:
    """The trace as spans, each parent before its children."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

    resource = Resource({"service.name": _SERVICE, "service.version": __version__})
    numbers = iter(range(1, 1_000_000))
    low = int(trace.id[16:], 16)

    def span(
        name: str, parent: SpanContext | None, began: float, ended: float, error: str, about: Mapping[str, Any]
    ) -> ReadableSpan:
        number = (low + next(numbers)) % 2**64 or 2**63  # as random as the trace's own
        return ReadableSpan(
            name,
            context=SpanContext(int(trace.id, 16), number, is_remote=False, trace_flags=TraceFlags(1)),
            parent=parent,
            resource=resource,
            attributes={
                key: redact(value) if isinstance(value, str) else value
                for key, value in about.items()
                if value is not None
            },
            kind=SpanKind.INTERNAL,
            instrumentation_scope=InstrumentationScope(_SERVICE, __version__),
            status=Status(StatusCode.ERROR, redact(error)) if error else Status(StatusCode.UNSET),
            start_time=int(began * 1e9),
            end_time=int(max(began, ended) * 1e9),
        )

    failed = f"exit code {trace.exit_code}" if trace.exit_code else ""
    root = span("run", None, trace.began, trace.ended, failed, {"exit_code": trace.exit_code})
    yield root
    for run in trace.runs:
        about = {"bot": run.bot, "run_id": run.run_id}
        whole = span("bot", root.context, run.began, run.ended, run.error, about)
        yield whole
        made = dict[int | None, ReadableSpan]({None: whole})
        for stage in sorted(run.stages.done, key=lambda stage: stage.number):
            parent = made.get(stage.parent, whole).context
            ended = stage.began + stage.seconds
            made[stage.number] = span(stage.name, parent, stage.began, ended, stage.error, about | stage.about)
            yield made[stage.number]
