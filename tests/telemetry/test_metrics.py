"""The figures for Prometheus: what its own tool says of them, what a run writes, and what never stands in them."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.engaged import out, read
from tests.fakes import START, FakeClock, FakePlatform
from tests.fresh import new_database
from tests.home import Home
from tests.store.test_long_history import add_history, ten_runs
from twitter_manager.platforms import SPECS
from twitter_manager.social import Figures
from twitter_manager.store import amendments, runs, tallies
from twitter_manager.store.database import Database, connect
from twitter_manager.telemetry import counting, metrics

PROMTOOL = shutil.which("promtool")
HOSTILE = (
    'a"b', "back\\slash", "two\nlines", "two words", "a{b=\"c\"} 1", "# HELP x", "", "数据 🙂", "\u2028", "é" * 500,
    'x"} 1\ntwitter_manager_runs_total{bot="forged"',
)  # fmt: skip
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool (Debian: prometheus) is not installed")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database(tmp_path / "twitter.db")) as db:
        yield db


def written(db: Database, *bots: str) -> str:
    figures = metrics.read(db, dict.fromkeys(bots, "UTC"), START)
    return metrics.exposition(metrics.registry(figures, lambda text: text)).decode()


def samples(text: str) -> dict[str, float]:
    pairs = (line.rsplit(" ", 1) for line in text.split("\n") if line and not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def linted(text: str) -> str:
    """What promtool has to say."""
    done = subprocess.run(
        [PROMTOOL or "", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


@needs_promtool
def test_promtool_finds_nothing_in_hostile_names_on_all_platforms(db: Database) -> None:
    """Bots, rules, outcomes and generators of any text: each stands in its label, and no line is forged."""
    names = [name for family in metrics.FAMILIES for name in family.tallies or {}]
    with db.transaction():
        for bot in HOSTILE:
            for name in names:
                suffixes = ("_seconds", "_count") if name in ("platform", "stage") else ("",)
                for text in (*HOSTILE, *(f"{platform} send posted" for platform in SPECS)):
                    for suffix in suffixes:
                        tallies.add(db, bot, START.date(), name + suffix, text, 1.5)
        for bot in HOSTILE:
            runs.finish(db, runs.start(db, bot, "run", START, START), "posted", "", START)  # type: ignore[arg-type]
    text = written(db, *HOSTILE)
    assert linted(text) == ""
    assert {line.split("{")[0].split(" ")[0] for line in text.split("\n") if line and not line.startswith("#")} <= {
        family.sample + suffix for family in metrics.FAMILIES for suffix in ("", "_bucket", "_count", "_sum")
    }
    assert not any(line.startswith('twitter_manager_runs_total{bot="forged"') for line in text.split("\n"))


def test_labels_that_are_alike_once_redacted_are_one(db: Database) -> None:
    """Prometheus refuses a file with one series twice, so they are summed up."""
    with db.transaction():
        for rule in ("a secret", "a token"):
            tallies.add(db, "b", START.date(), "refusals", rule)
            tallies.add(db, "b", START.date(), "stage_seconds", rule)
    figures = metrics.read(db, {"b": "UTC"}, START)
    text = metrics.exposition(metrics.registry(figures, lambda label: label.replace("secret", "token"))).decode()
    [line] = [line for line in text.split("\n") if line.startswith("twitter_manager_refusals_total{")]
    assert line == 'twitter_manager_refusals_total{bot="b",rule="a token"} 2.0'
    assert text.count('twitter_manager_stage_duration_seconds_sum{bot="b",stage="a token"}') == 1


def test_a_histogram_rises_and_sums_up(db: Database) -> None:
    """Buckets hold all up to their bound, the last is the count, and the sum is that of the durations."""
    growth = counting._Growth(lambda bot: "UTC")
    durations = [0.05, 0.1, 0.3, 4.9, 5.0, 5.1, 10_000.0]
    for seconds in durations:
        growth.time("b", "2026-03-01T10:07:00.000000Z", "platform", "x", seconds)
    with db.transaction():
        growth.save(db)
    found = samples(written(db, "b"))
    name = 'twitter_manager_send_duration_seconds_bucket{bot="b",le="%s",platform="x"}'
    for bound in counting.BOUNDS:
        assert found[name % bound] == sum(seconds <= float(bound) for seconds in durations), bound
    assert found['twitter_manager_send_duration_seconds_count{bot="b",platform="x"}'] == len(durations)
    assert found['twitter_manager_send_duration_seconds_sum{bot="b",platform="x"}'] == pytest.approx(sum(durations))


def test_the_last_success_is_only_ever_one(db: Database) -> None:
    """A run that failed moves the last run, never the last success; without any success there is none to tell."""
    later = datetime(2026, 3, 1, 11, 7, tzinfo=UTC)
    success = 'twitter_manager_last_success_timestamp_seconds{bot="b"}'
    with db.transaction():
        runs.finish(db, runs.start(db, "b", "run", START, START), "failed", "", START)  # type: ignore[arg-type]
    assert success not in samples(written(db, "b"))
    with db.transaction():
        runs.finish(db, runs.start(db, "b", "run", START, START), "posted", "", START)  # type: ignore[arg-type]
        runs.finish(db, runs.start(db, "b", "run", later, later), "failed", "", later)  # type: ignore[arg-type]
    found = samples(written(db, "b"))
    assert found[success] == START.timestamp()
    assert found['twitter_manager_last_run_timestamp_seconds{bot="b"}'] == later.timestamp()


def test_engagement_is_of_the_weeks_posts_as_they_were_read_last(db: Database) -> None:
    """The newest reading of each post counts once; a post of eight days and one that is gone count no more."""
    sky, x = (FakePlatform(name, FakeClock()) for name in ("bluesky", "x"))
    read(db, out(db, sky, timedelta(days=2)), Figures(1, 0, 0, 0), Figures(3, 1, 0, 0))
    read(db, out(db, x, timedelta(days=1)), Figures(2, 0, 0, 0, views=50))
    read(db, out(db, sky, timedelta(days=8)), Figures(100, 0, 0, 0))
    gone = out(db, sky, timedelta(days=1))
    read(db, gone, Figures(100, 0, 0, 0))
    with db.transaction():
        amendments.notice_gone(db, "bluesky", gone, START)
    text = written(db, "b")
    told = {name: value for name, value in samples(text).items() if "engagement" in name and value}
    assert told == {
        'twitter_manager_engagement{bot="b",kind="likes",platform="bluesky"}': 3,
        'twitter_manager_engagement{bot="b",kind="replies",platform="bluesky"}': 1,
        'twitter_manager_engagement{bot="b",kind="likes",platform="x"}': 2,
        'twitter_manager_engagement{bot="b",kind="views",platform="x"}': 50,
    }
    assert PROMTOOL is None or linted(text) == ""


def test_each_run_writes_the_file_and_counters_never_fall(home: Home) -> None:
    """The program as cron starts it: a file that all may read, nothing beside it, and no counter lower than before."""
    file = home.path / "metrics" / "bot.prom"
    file.parent.mkdir()
    home.settings(GENERATORS="excerpt", METRICS_FILE="metrics/bot.prom")
    before: dict[str, float] = {}
    for _ in range(3):
        done = home("run")
        assert (done.code, done.out, done.err) == (0, "", "")
        now = samples(file.read_text())
        counters = [name for name in before if "_total" in name or "_bucket" in name or "_count" in name]
        assert all(now[name] >= before[name] for name in counters)
        before = now
        home.next_slot()
    assert now['twitter_manager_runs_total{bot="default",outcome="posted"}'] == 3
    assert now['twitter_manager_posts_total{bot="default",platform="feed"}'] == 3
    assert now['twitter_manager_last_success_timestamp_seconds{bot="default"}'] > 1e9
    assert now["twitter_manager_last_invocation_memory_bytes"] > 1e7
    assert now["twitter_manager_last_invocation_cpu_seconds"] > 0
    assert now["twitter_manager_database_bytes"] == home.database.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(file.parent.iterdir()) == [file]


def take_folder(file: Path) -> None:
    shutil.rmtree(file.parent)


def be_a_folder(file: Path) -> None:
    file.unlink()
    (file / "within").mkdir(parents=True)


@pytest.mark.parametrize("spoil", [take_folder, be_a_folder])
def test_a_file_that_cant_be_written_is_told_once(home: Home, spoil: object) -> None:
    """Its folder is gone, or a folder stands in its place: the run succeeds, the first one says so, the next are quiet,
    and when it works again the next trouble is told again."""
    file = home.path / "metrics" / "bot.prom"
    file.parent.mkdir()
    home.settings(GENERATORS="excerpt", METRICS_FILE=str(file))
    assert home("run").code == 0
    for _ in range(2):
        assert callable(spoil)
        spoil(file)
        done = [home("run") for _ in range(2)]
        assert [each.code for each in done] == [0, 0]
        assert done[0].err.count("METRICS_FILE") == 1
        assert str(file) in done[0].err
        assert done[1].err == ""
        shutil.rmtree(file.parent, ignore_errors=True)
        file.parent.mkdir()
        assert (home("run").err, file.exists()) == ("", True)


@pytest.mark.parametrize("value", ["metrics.txt", "folder/", ".prom", "data/.prom"])
def test_a_file_of_another_kind_is_refused(home: Home, value: str) -> None:
    """node_exporter reads only what ends in .prom."""
    home.settings(METRICS_FILE=value)
    done = home("run")
    assert (done.code, "METRICS_FILE" in done.err, ".prom" in done.err) == (78, True, True)


def test_no_secret_stands_in_the_file(home: Home) -> None:
    """A key that a bot's title, an error and a rule repeat is in none of its lines."""
    key = "sk-ant-api03-Rk2v9XwQ7LmN4bTz8YcP1dGh"
    home.settings(GENERATORS="excerpt", METRICS_FILE="bot.prom", ANTHROPIC_API_KEY=key)
    home.bot("default", f'[persona]\nname = "{key}"\n')
    home("run")
    with closing(connect(home.database)) as db, db.transaction():
        tallies.add(db, "default", START.date(), "refusals", f"rule {key}")
        runs.finish(db, runs.start(db, "default", "run", START, START), "failed", key, START)  # type: ignore[arg-type]
    assert home("run").code == 0
    text = (home.path / "bot.prom").read_text()
    assert "twitter_manager_refusals_total" in text
    assert key not in text


def test_what_is_off_is_not_imported(home: Home) -> None:
    """A run without a metrics file knows no library of Prometheus."""
    code = (
        "import sys; from twitter_manager.cli import main; main(['run']);"
        "print([name for name in sys.modules if 'prometheus' in name])"
    )
    assert home(code=code).out.splitlines()[-1] == "[]"


def test_figures_that_cant_be_kept_dont_fail_the_run(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in counting is for the log: the post is out, and the run succeeds."""
    code = (
        "import sys; from twitter_manager.telemetry import counting; counting.count = lambda *a: 1 / 0;"
        "from twitter_manager.cli import main; sys.exit(main(['run']))"
    )
    done = home(code=code)
    assert (done.code, home.feed_exists()) == (0, True)
    assert "the figures are not kept" in home.log()


def test_figures_are_read_as_fast_after_ten_years(home: Home) -> None:
    """What is written each hour: no statement takes more steps with the years."""
    home.database.parent.mkdir(exist_ok=True)
    new_database(home.database).close()
    steps, x = [], FakePlatform("x", FakeClock())
    for history in ((), (1, 50), (51, 500)):
        if history:
            add_history(home.database, *history)
        with closing(ten_runs(home.database, home, x)) as db:
            counting.count(db, lambda bot: "UTC", {})
            before = db.by_statement.copy()
            metrics.read(db, {"default": "UTC"}, START)
            steps.append({sql: many - before[sql] for sql, many in db.by_statement.items()})
    _, young, old = steps
    assert {sql: many for sql, many in old.items() if many > 1.5 * young.get(sql, 0) + 2000} == {}


@needs_promtool
def test_promtool_takes_the_alert_rules_of_the_docs(tmp_path: Path) -> None:
    """Each is sound, and asks for metrics that there are."""
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    [rules] = re.findall(r"```yaml\n(groups:.*?)```", page, re.DOTALL)
    file = tmp_path / "rules.yml"
    file.write_text(rules)
    done = subprocess.run([PROMTOOL or "", "check", "rules", file], capture_output=True, text=True, check=False)
    assert (done.returncode, "SUCCESS: 3 rules found" in done.stdout) == (0, True), done.stdout + done.stderr
    asked = set(re.findall(r"twitter_manager_\w+", "".join(re.findall("expr: .*", rules))))
    assert asked <= {family.sample for family in metrics.FAMILIES}


@needs_promtool
def test_promtool_takes_what_a_run_wrote(home: Home) -> None:
    """The file of a real run, each metric of the table within it by name."""
    home.settings(GENERATORS="excerpt", METRICS_FILE="bot.prom")
    assert home("run").code == 0
    text = (home.path / "bot.prom").read_text()
    assert linted(text) == ""
    assert set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) == {family.sample for family in metrics.FAMILIES}
