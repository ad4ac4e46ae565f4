"""The dead-man's switch: what each end of a run reports, and that a monitor at fault is no run's trouble."""

from __future__ import annotations

import json
import signal
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.home import Home
from tests.talking import Person
from tests.telemetry.monitors import KEY, Monitor, monitor
from tests.test_first_hour import END, WHEN, about
from twitter_manager.operations.lock import locked
from twitter_manager.telemetry import ping, tracing

RUN = "0123456789abcdef0123456789abcdef"
SECRET = "ghp_" + "a1B2" * 9


@pytest.fixture
def watcher() -> Iterator[Monitor]:
    with monitor() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, watcher: Monitor) -> Home:
    return Home(tmp_path / "home", PING_URL=watcher.url)


def health(home: Home) -> dict[str, object]:
    told: dict[str, object] = json.loads((home.path / "data" / "health.json").read_text())
    return told


def test_a_good_run_reports_its_start_and_its_success(home: Home, watcher: Monitor) -> None:
    """Both with the run's id, which stands on each line of the log and in the health file; a run with nothing due and
    a paused one are successes too; nothing is printed."""
    done = home("run")
    assert (done.code, done.out, done.err) == (0, "", "")
    start, success = watcher.pings
    assert (start.signal, success.signal) == ("start", "")
    assert start.run == success.run
    trace = UUID(start.run).hex
    assert {json.loads(line)["trace"] for line in home.log().splitlines()} <= {trace}
    assert health(home)["trace"] == trace
    assert success.words.startswith("exit code 0\ndefault: published")
    assert "(run 1)" in success.words
    assert home("run").code == 0
    assert home("pause", "a holiday").code == 0
    assert home("run").code == 0
    assert watcher.signals == ["start", ""] * 3


def test_what_is_no_run_reports_nothing(home: Home, watcher: Monitor) -> None:
    """A dry run, other verbs and a slip of the command are none of the monitor's business."""
    for words in (["run", "--dry-run"], ["status"], ["health"], ["post", "We meet on Sunday."], ["run", "--bot", "no"]):
        home(*words)
    assert watcher.pings == []


def test_another_run_at_work_is_only_told(home: Home, watcher: Monitor) -> None:
    """Exit code 75: the monitor hears of it, and neither of a start nor of a failure."""
    assert home("run").code == 0
    before = health(home)
    with locked(home.path / "data" / "twitter.lock"):
        assert home("run").code == 75
    assert watcher.signals == ["start", "", "log"]
    assert "Another run is at work" in watcher.pings[-1].words
    assert health(home) == before


def test_settings_that_are_wrong(home: Home, watcher: Monitor) -> None:
    """A failure with what is wrong, and with no secret of the same file."""
    assert home("run").code == 0
    with (home.path / ".env").open("a") as env:
        env.write(f"RUN_SECONDS=soon\nANTHROPIC_API_KEY={SECRET}\nNONSENSE\n")
    assert home("run").code == 78
    failure = watcher.pings[-1]
    assert failure.signal == "78"
    assert "RUN_SECONDS" in failure.words
    assert SECRET not in failure.words
    assert health(home)["level"] == "failing"
    assert "RUN_SECONDS" in str(health(home)["findings"])


def test_a_damaged_database(home: Home, watcher: Monitor) -> None:
    """A failure, though nothing could be written down; and the health file says so."""
    assert home("run").code == 0
    home.database.write_bytes(b"no database" * 1000)
    assert home("run").code == 1
    assert watcher.pings[-1].signal == "1"
    assert "twitter.db" in watcher.pings[-1].words
    assert "database" in str(health(home)["findings"])


def test_one_bot_of_several_fails(home: Home, watcher: Monitor) -> None:
    """The whole is a failure, which says which bot it was and how the other went; what the log has of it goes along,
    without the secret that was in the error."""
    home.bot("good")
    home.bot("bad")
    broken = (
        "import sys; from twitter_manager.verbs import running; real = running.run_bot\n"
        "def broken(context, **more):\n"
        "    report = real(context, **more)\n"
        f"    if context.bot == 'bad': raise RuntimeError('kaputt {SECRET}')\n"
        "    return report\n"
        "running.run_bot = broken\n"
        "from twitter_manager.cli import main; sys.exit(main())"
    )
    assert home("run", code=broken).code == 1
    failure = watcher.pings[-1]
    assert failure.signal == "1"
    assert "bad: unforeseen error" in failure.words
    assert "explain run:1\n" in failure.words
    assert "good: published" in failure.words
    assert "kaputt [redacted]" in failure.words
    assert SECRET not in failure.words + json.dumps(health(home))


def test_an_unforeseen_error_and_a_signal(home: Home, watcher: Monitor) -> None:
    """A fault of the program, and SIGTERM in the middle of a run, are failures with their exit codes."""
    start = "from twitter_manager.verbs import running\nimport sys, time\n"
    end = "\nfrom twitter_manager.cli import main; sys.exit(main())"
    assert home("run", code=f"{start}running.runs.abandon_open = lambda *_: 1 / 0{end}").code == 1
    assert watcher.signals == ["1"]
    assert "ZeroDivisionError" in watcher.pings[-1].words
    slow = (
        f"{start}def slow(context, **more):\n    print('on', flush=True); time.sleep(60)\nrunning.run_bot = slow{end}"
    )
    process = home.start("run", code=slow)
    assert process.stdout is not None
    assert process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert watcher.signals[1:] == ["start", "143"]
    assert "ended by signal 15" in watcher.pings[-1].words


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("hang", "gave no answer"),
        ("trickle", "gave no answer"),
        ("500", "answered with HTTP status 500"),
        ("redirect", "answered with HTTP status 302"),
        ("unknown", "does not know this address"),
    ],
)
def test_a_monitor_at_fault_costs_a_line_once(home: Home, watcher: Monitor, fault: str, words: str) -> None:
    """The run goes well, doesn't wait for its end, and says so once; nothing follows a redirect."""
    assert home("run").code == 0
    watcher.fault = fault
    first = home("run")
    assert first.code == 0
    assert first.err.count("\n") == 1
    assert f"The ping {words}" in first.err
    assert KEY not in first.err
    if fault not in ("hang", "trickle"):
        assert home("run").err == ""
        watcher.fault = ""
        assert home("run").err == ""
        watcher.fault = fault
        assert words in home("run").err, "it worked again in between"
        assert "GET" not in watcher.signals
    assert "elsewhere" not in watcher.signals


def test_hosts_that_are_not_there() -> None:
    """A closed port, a name that nobody has, and a server that speaks no TLS: a reason each, without the address."""
    with monitor() as plain:
        for url in ("http://127.0.0.1:9/x1", "https://no.such.host.invalid/x1", plain.url.replace("http:", "https:")):
            why = ping.send(url, "start", RUN, "", 5)
            assert why
            assert "x1" not in why


def test_a_dead_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up the host counts too, which no time limit of a socket holds: neither a ping nor traces wait for it."""
    over = threading.Event()

    def dead(*_: object, **__: object) -> None:
        over.wait()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", dead)
    assert ping.send("https://a.example/x1", "start", RUN, "", 1) == "gave no answer within 1 seconds"
    assert "3 seconds" in tracing.export(tracing.Trace(RUN, 1, 2, 0, []), "https://a.example", "", str)
    over.set()


def test_what_is_told_is_bounded() -> None:
    """Of a long text the end."""
    with monitor() as watcher:
        assert ping.send(watcher.url, "1", RUN, "ä" * 20_000 + "end", 5) == ""
    assert len(watcher.pings[0].words.encode()) <= ping.LARGEST
    assert watcher.pings[0].words.endswith("ääend")


def test_an_address_with_a_query() -> None:
    """What stands behind ? stays behind it."""
    assert ping.address("https://a.example/p/?k=1", "start", RUN) == (
        "https://a.example/p/start?k=1&rid=01234567-89ab-cdef-0123-456789abcdef"
    )


@pytest.mark.parametrize(
    "url", ["http://hc-ping.com/abc", "ftp://a.example/x", "https://me:pw@a.example/x", "nonsense"]
)
def test_an_address_that_is_not_taken(tmp_path: Path, url: str) -> None:
    """http goes to this machine and private networks only; no message repeats the address."""
    done = Home(tmp_path / "home", PING_URL=url)("status")
    assert done.code == 78
    assert "PING_URL" in done.err
    assert url not in done.err


def test_the_health_file(tmp_path: Path) -> None:
    """After each run, for its owner alone, where the setting says; one that can't be written is told once, and one
    whose folder is not there, which may be a disk that is gone, makes no folder."""
    home = Home(tmp_path / "home", HEALTH_FILE="monitor/state.json")
    done, path = home("run"), home.path / "monitor" / "state.json"
    assert (done.code, path.parent.exists()) == (0, False)
    assert done.err.startswith("twitter_manager: The health file can't be written (its folder is not there)")
    assert home("run").err == ""
    path.parent.mkdir()
    assert home("run").code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.loads(path.read_text())
    assert told["level"] == "ok"
    assert told | {"trace": None, "at": "", "disk_free_bytes": 0} == home("health", "--json").json | {
        "at": "", "disk_free_bytes": 0,
    }  # fmt: skip
    home.settings(GENERATORS="excerpt", HEALTH_FILE=".env/health.json")
    first = home("run")
    assert first.code == 0
    assert first.err.startswith("twitter_manager: The health file can't be written (")
    assert home("run").err == ""


def test_init_asks_for_it_and_doctor_looks(tmp_path: Path, watcher: Monitor) -> None:
    """At the end of the questions, in plain words; a wrong address is asked again, the right one is not shown, the
    runs report there, and doctor says whether reports arrive without being taken for a run."""
    person = Person(tmp_path / "home")
    talked = person.at_terminal(
        "init",
        "--no-dry-run",
        says=(
            *about("rides of a cycling club", "Radsport Kassel"),
            ("Its material:", "none\n"),
            *WHEN,
            ("(Enter: no X):", "\n"),
            ("(Enter: no Bluesky):", "\n"),
            ("(Enter: no Mastodon):", "\n"),
            *END[:2],
            ("Dead-man's switch: address (Enter: none):", "hc-ping.com\n"),
            ("Dead-man's switch: address (Enter: none):", f"{watcher.url}\n"),
            END[-1],
        ),
    )
    assert talked.code == 0, talked.out
    assert "That is not an address" in talked.out
    assert KEY not in talked.out
    assert f"PING_URL={watcher.url}\n" in (person.home / ".env").read_text()
    assert watcher.pings == []
    assert "ok      dead-man's switch: reports arrive" in person.in_script("doctor").out
    assert watcher.signals == ["log"]
    assert person.in_script("post", "We meet on Sunday.").code == 0
    assert person.in_script("run").code == 0
    assert watcher.signals == ["log", "start", ""]
    watcher.fault = "unknown"
    assert "dead-man's switch: it does not know this address; look at PING_URL" in person.in_script("doctor").out
    env = (person.home / ".env").read_text()
    (person.home / ".env").write_text(env.replace(watcher.url, ""))
    assert "dead-man's switch: none is set up" in person.in_script("doctor").out


def test_the_health_file_replaces_nothing_else(tmp_path: Path) -> None:
    """A name that is that of the database, or of the keys, is refused."""
    for name in ("data/twitter.db", ".env"):
        done = Home(tmp_path / "home", HEALTH_FILE=name)("run")
        assert done.code == 78
        assert "HEALTH_FILE: is not the name of a .json file" in done.err
