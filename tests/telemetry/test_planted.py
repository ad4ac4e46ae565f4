"""Secrets planted where a run can pick them up: none is in what goes to the outside or stays on the disk."""

from __future__ import annotations

import json
from pathlib import Path

from tests.home import Home
from tests.telemetry.collectors import collector
from tests.telemetry.monitors import KEY, monitor

HEADER = "Zk4Q9" + "b7Xw2" * 6
CLAUDE = "sk-ant-api03-" + "q8Rt5Lm2" * 8


def test_no_secret_leaves_the_run(tmp_path: Path) -> None:
    """The switch's own address, a collector's header and a key, in the words and the kind of an error, in a run's
    reason and in what a stage deals with: not in a ping, a trace, the health file, the log or on the screen."""
    with monitor() as watcher, collector() as taker:
        home = Home(
            tmp_path / "home",
            GENERATORS="excerpt",
            PING_URL=watcher.url,
            OTEL_EXPORTER_OTLP_ENDPOINT=taker.url,
            OTEL_EXPORTER_OTLP_HEADERS=f"x-key={HEADER}",
            ANTHROPIC_API_KEY=CLAUDE,
        )
        planted = f"{KEY} {HEADER} {CLAUDE} {watcher.url}"
        code = (
            "import sys; from twitter_manager.verbs import running; real = running.run_bot\n"
            "def broken(context, **more):\n"
            f"    with context.stages('publish', platform={planted!r}): report = real(context, **more)\n"
            "    with context.db.transaction():\n"
            f"        sql = 'UPDATE runs SET reason = ?, outcome = \\'failed\\', is_good = 0'\n"
            f"        context.db.update(sql, {planted!r})\n"
            f"    raise type({HEADER!r}, (RuntimeError,), {{}})({planted!r})\n"
            "running.run_bot = broken\n"
            "from twitter_manager.cli import main; sys.exit(main())"
        )
        done = home("run", code=code)
        assert done.code == 1
        assert watcher.signals == ["start", "1"]
        assert taker.spans
    data = home.path / "data"
    told = {
        "pings": "".join(ping.words for ping in watcher.pings),
        "traces": taker.raw.decode("latin-1"),
        "health": (data / "health.json").read_text() + home("health").out + home("health", "--json").out,
        "log": home.log(),
        "screen": done.out + done.err,
    }
    for name, words in told.items():
        assert words or name == "screen"
        for secret in (KEY, HEADER, CLAUDE):
            assert secret not in words, name
    assert "[redacted]" in told["pings"]
    assert json.loads((data / "health.json").read_text())["level"] == "failing"
