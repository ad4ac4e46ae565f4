"""Traces: the tree of spans that a collector gets, and that a collector at fault keeps no run waiting."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.home import Home, RealHome
from tests.telemetry.collectors import Collector, collector
from twitter_manager import __version__
from twitter_manager.stages import Stages
from twitter_manager.telemetry import tracing
from twitter_manager.telemetry.tracing import BotRun, Trace

ID = "0123456789abcdef0123456789abcdef"
TOKEN = "ghp_" + "a1B2" * 9


@pytest.fixture
def taker() -> Iterator[Collector]:
    with collector() as found:
        yield found


def attributes(span: Any) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_a_run_is_a_tree_of_spans(tmp_path: Path, taker: Collector) -> None:
    """One for the program, one for each bot, one for each stage below what it is part of, each within its parent's
    times; the trace's id is that of the log; no text of a post and no header's secret is in it."""
    home = Home(
        tmp_path / "home",
        OTEL_EXPORTER_OTLP_ENDPOINT=taker.url,
        OTEL_EXPORTER_OTLP_HEADERS=f"authorization=Bearer%20{TOKEN}",
    )
    home.bot("one")
    home.bot("two")
    done = home("run", "--json")
    assert (done.code, done.err) == (0, "")
    assert taker.resource == {"service.name": "twitter_manager", "service.version": __version__}
    assert taker.headers["authorization"] == f"Bearer {TOKEN}"
    by_id = {span.span_id: span for span in taker.spans}
    assert len(by_id) == len(taker.spans)
    [root] = [span for span in taker.spans if not span.parent_span_id]
    assert root.name == "run"
    bots = [span for span in taker.spans if span.parent_span_id == root.span_id]
    assert [(span.name, attributes(span)["bot"], attributes(span)["run_id"]) for span in bots] == [
        ("bot", "one", 1),
        ("bot", "two", 2),
    ]
    for span in taker.spans:
        if parent := by_id.get(span.parent_span_id):
            assert parent.start_time_unix_nano - 10**7 <= span.start_time_unix_nano
            assert span.end_time_unix_nano <= parent.end_time_unix_nano + 10**7
    names = {span.name for span in taker.spans if attributes(span).get("bot") == "one"}
    assert {"settle", "publish", "send", "refill", "collect", "write"} <= names, names
    [sent] = [span for span in taker.spans if span.name == "send" and attributes(span)["bot"] == "one"]
    assert attributes(sent)["platform"] == "feed"
    assert by_id[sent.parent_span_id].name == "publish"
    health = json.loads((home.path / "data" / "health.json").read_text())
    assert {span.trace_id.hex() for span in taker.spans} == {health["trace"]}
    assert done.json["bots"][0]["draft"]["parts"][0].encode() not in taker.raw
    assert TOKEN.encode() not in taker.raw


@pytest.mark.parametrize("fault", ["hang", "trickle", "400"])
def test_a_collector_at_fault_keeps_no_run_waiting(tmp_path: Path, taker: Collector, fault: str) -> None:
    """One that accepts and never answers, one that answers a letter at a time, one that refuses: exit code 0, a
    line once, and the process ends, a real one too."""
    taker.fault = fault
    home = Home(tmp_path / "home")
    assert home("run").code == 0
    kind = RealHome if fault == "hang" else Home
    first = kind(home.path, OTEL_EXPORTER_OTLP_ENDPOINT=taker.url)("run")
    assert first.code == 0
    assert first.err.startswith("twitter_manager: The traces were ")
    assert first.err.count("\n") == 1, first.err
    assert home("run").err == ""
    assert "traces: those of the last run were " in home("doctor").out


def test_all_of_it_is_bounded(taker: Collector) -> None:
    """Neither a hanging collector nor a closed port is waited for without end."""
    taker.fault = "hang"
    trace = Trace(ID, time.time(), time.time(), 0, [])
    for endpoint in (taker.url, "http://127.0.0.1:9"):
        assert tracing.export(trace, endpoint, "", str)


def test_an_answer_without_end_is_not_read(taker: Collector) -> None:
    """The collector said yes: what it says besides costs neither time nor memory."""
    taker.fault = "endless"
    assert tracing.export(Trace(ID, time.time(), time.time(), 0, []), taker.url, "", str) == ""


def test_missing_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the command that adds them."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    why = tracing.export(Trace(ID, 1, 2, 0, []), "http://127.0.0.1:9", "", str)
    assert "pip install 'twitter_manager[tracing]'" in why


def test_a_stage_that_failed_is_marked() -> None:
    """By the kind of its error; the bot's run and the whole are marked by how they ended."""
    stages = Stages()
    with pytest.raises(ValueError, match="words"), stages("publish"), stages("send", platform="x"):
        raise ValueError("words of a post")
    spans = list(tracing.spans(Trace(ID, 1.0, 9.0, 1, [BotRun("club", 7, 2.0, 8.0, "ValueError", stages)]), str))
    assert [(span.name, span.status.description) for span in spans] == [
        ("run", "exit code 1"),
        ("bot", "ValueError"),
        ("publish", "ValueError"),
        ("send", "ValueError"),
    ]
    assert "words" not in "".join(span.to_json() for span in spans)


def test_a_run_without_it_loads_nothing_of_it(tmp_path: Path) -> None:
    """With neither traces nor a switch set up, no package of theirs is imported."""
    code = (
        "import sys; from twitter_manager.cli import main; main(['run']);"
        "print([name for name in sys.modules if name.split('.')[0] == 'opentelemetry' or name == 'urllib.request'])"
    )
    assert RealHome(tmp_path / "home")(code=code).out == "[]\n"
