"""The log files: their form, what is kept out of them, and what happens when they can't be written."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from twitter_manager.errors import TwitterManagerError
from twitter_manager.operations import logs
from twitter_manager.operations.logs import LogContext, set_up

PASSWORD = "correct-horse-battery"
TOKEN = "ghp_" + "a1B2" * 9
log = logging.getLogger("twitter_manager.tests")


def lines(folder: Path, name: str = "twitter_manager.log") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def test_every_line_is_json_with_time_run_and_bot(tmp_path: Path) -> None:
    """Run and bot follow the context as it changes; the time is UTC; extra fields stand beside the message."""
    context = LogContext()
    with set_up(tmp_path / "logs", "INFO", (), context):
        log.info("starting")
        context.run_id, context.bot = 7, "default"
        log.info("posted %s of %d", "one", 2, extra={"draft": 3, "parts": ["a", {"b": None}], "ratio": 0.5})
        log.debug("too quiet to be heard")
    first, second = lines(tmp_path / "logs")
    assert first["trace"] == second["trace"] == context.trace
    assert len(context.trace) == 32
    assert (first["run"], first["bot"], first["level"]) == (None, "", "INFO")
    assert (second["run"], second["bot"], second["message"]) == (7, "default", "posted one of 2")
    assert (second["draft"], second["parts"], second["ratio"]) == (3, ["a", {"b": None}], 0.5)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(first["time"])).total_seconds()) < 60
    assert first["time"].endswith("+00:00")


def test_warnings_go_to_the_error_log_too(tmp_path: Path) -> None:
    """`error.log` holds warnings and worse, and nothing else."""
    with set_up(tmp_path, "DEBUG", (), LogContext()):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
            log.log(level, "at %d", level)
    assert [line["message"] for line in lines(tmp_path)] == ["at 10", "at 20", "at 30", "at 40"]
    assert [line["message"] for line in lines(tmp_path, "error.log")] == ["at 30", "at 40"]


def test_a_program_that_stays_open_has_a_file_of_its_own(tmp_path: Path) -> None:
    """Beside a run it writes its own file, and the second of its kind another one: no two processes rotate one file."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from twitter_manager.operations.logs import LogContext, set_up\n"
        "with set_up(Path(sys.argv[1]), 'INFO', (), LogContext(), 'desk'):\n"
        "    print(flush=True)\n"
        "    sys.stdin.read()\n"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert first.stdout and first.stdin and first.stdout.readline()
    with set_up(tmp_path, "INFO", (), LogContext(), "desk"):
        log.warning("the second")
    first.stdin.close()
    assert first.wait() == 0
    with set_up(tmp_path, "INFO", (), LogContext(), "desk"):
        log.warning("alone")
    assert [line["message"] for line in lines(tmp_path, "desk-2.log")] == ["the second"]
    assert [line["message"] for line in lines(tmp_path, "desk.log")] == ["alone"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["desk-2.log", "desk.log"]


class Spiteful:
    """Its text holds a secret."""

    def __str__(self) -> str:
        return f"<{PASSWORD}>"

    __repr__ = __str__


def chained() -> None:
    try:
        try:
            raise ValueError(f"password {PASSWORD}")
        except ValueError as error:
            raise RuntimeError(f"Authorization: Bearer {TOKEN}") from error
    except RuntimeError:
        log.exception("it failed with %s", PASSWORD, stack_info=True)


LEAKS: list[Callable[[], None]] = [
    lambda: log.info(f"in the message {PASSWORD} {TOKEN}"),
    lambda: log.info("in an argument %s, %r", PASSWORD, {"k": [TOKEN]}),
    lambda: log.info("in a named one %(k)s", {"k": PASSWORD}),
    lambda: log.info("in extra", extra={"a": PASSWORD, "b": {TOKEN: [PASSWORD, (TOKEN,)]}, "c": Spiteful()}),
    lambda: log.info("too deep", extra={"a": [[[[[[[[PASSWORD]]]]]]]]}),
    lambda: log.info("in a name", extra={TOKEN: 1}),
    lambda: log.info("arguments that don't fit %d %s", PASSWORD),
    lambda: log.info(Spiteful()),
    lambda: log.info("cut: " + "x" * (logs.LONGEST - 10) + PASSWORD),
    lambda: warnings.warn(f"a library's warning {PASSWORD}", stacklevel=1),
    lambda: logging.getLogger("httpx").warning("https://me:%s@host/", PASSWORD),
    chained,
]


@pytest.mark.parametrize("leak", LEAKS)
def test_no_secret_reaches_a_file(tmp_path: Path, leak: Callable[[], None]) -> None:
    """By value and by shape, in messages, arguments, extra fields, tracebacks and whole exception chains."""
    with set_up(tmp_path, "DEBUG", (PASSWORD,), LogContext()) as opened:
        leak()
    written = (tmp_path / "twitter_manager.log").read_text() + (tmp_path / "error.log").read_text()
    assert lines(tmp_path) and not opened.note
    assert PASSWORD not in written and TOKEN not in written and PASSWORD[:12] not in written
    assert "[reda" in written


def test_a_chain_of_exceptions_is_kept_in_one_line(tmp_path: Path) -> None:
    """Both errors of a chain and the way between them can be read afterwards."""
    with set_up(tmp_path, "INFO", (), LogContext()):
        chained()
    (line,) = lines(tmp_path)
    assert "ValueError" in line["exception"] and "direct cause" in line["exception"] and "stack" in line


def test_hostile_text_stays_within_its_line(tmp_path: Path) -> None:
    """Line breaks, terminal codes, bidi marks and lone surrogates neither forge a line nor reach a terminal."""
    hostile = 'a\n{"level": "INFO"}\r\x1b[2J\u202e\u2028\x9b\ud800\x00'
    with set_up(tmp_path, "INFO", (), LogContext()):
        log.info("%s", hostile, extra={"bad": hostile, "nan": float("nan"), "huge": "y" * 1_000_000})
    raw = (tmp_path / "twitter_manager.log").read_bytes()
    assert raw.count(b"\n") == 1 and all(32 <= byte < 127 for byte in raw[:-1]) and len(raw) < 2 * logs.LONGEST
    (line,) = lines(tmp_path)
    assert line["message"] == line["bad"] == hostile and line["nan"] == "nan"


def test_extra_fields_cannot_pose_as_ours(tmp_path: Path) -> None:
    """An extra field named like one of the line's own does not replace it."""
    with set_up(tmp_path, "INFO", (), LogContext(5, "mine")):
        log.info("said", extra={"run": 99, "bot": "other", "level": "DEBUG"})
    (line,) = lines(tmp_path)
    assert (line["run"], line["bot"], line["level"]) == (5, "mine", "INFO")


def test_libraries_are_heard_from_warning_on(tmp_path: Path) -> None:
    """Even when the program logs at DEBUG: libraries log headers and bodies at that level."""
    with set_up(tmp_path, "DEBUG", (), LogContext()):
        for name in ("httpx", "urllib3.connectionpool", "tweepy.client", "oauthlib", "atproto"):
            logging.getLogger(name).info("chatter")
            logging.getLogger(name).warning("trouble")
    assert {line["message"] for line in lines(tmp_path)} == {"trouble"}


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """0600 from the start under any umask, also for a file that was open to others, and after rotation."""
    (tmp_path / "error.log").touch(0o666)
    (tmp_path / "error.log").chmod(0o666)
    before = os.umask(0)
    try:
        with set_up(tmp_path, "INFO", (), LogContext()):
            for _ in range(5):
                log.warning("x", extra={f"f{n}": "y" * 15_000 for n in range(200)})
    finally:
        os.umask(before)
    names = {path.name for path in tmp_path.iterdir()}
    [old] = tmp_path.glob("twitter_manager-*.log")
    assert {"twitter_manager.log", "error.log"} <= names and list(tmp_path.glob("error-*.log"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert old.stat().st_size <= logs.LARGEST


def test_a_flood_keeps_a_few_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until somebody compresses them, the newest five and the one that is written."""
    monkeypatch.setattr(logs, "LARGEST", 10_000)
    with set_up(tmp_path, "INFO", (), LogContext()):
        for number in range(200):
            log.info("%d %s", number, "x" * 1000)
    old = list(tmp_path.glob("twitter_manager-*.log"))
    assert len(old) == logs.KEPT
    last = json.loads((tmp_path / "twitter_manager.log").read_text().splitlines()[-1])
    assert last["message"].startswith("199 ")
    assert sum(path.read_text().count("\n") for path in old) > 30


def test_a_file_that_began_a_week_ago_is_gone_on_with_no_more(tmp_path: Path) -> None:
    """Nothing of it is lost; one that is younger, or that no program wrote, goes on."""
    old, young = (datetime.now(UTC) - timedelta(days=days) for days in (8, 6))
    (tmp_path / "twitter_manager.log").write_text(json.dumps({"time": old.isoformat()}) + "\n")
    (tmp_path / "error.log").write_text(json.dumps({"time": young.isoformat()}) + "\n")
    (tmp_path / "desk.log").write_text("somebody's\n")
    for name in ("", "desk"):
        with set_up(tmp_path, "INFO", (), LogContext(), name):
            log.warning("anew")
    [kept] = tmp_path.glob("twitter_manager-*.log")
    assert lines(tmp_path, kept.name) == [{"time": old.isoformat()}]
    assert [line.get("message") for line in lines(tmp_path)] == ["anew"]
    assert [line.get("message") for line in lines(tmp_path, "error.log")] == [None, "anew"]
    assert (tmp_path / "desk.log").read_text().startswith("somebody's\n")


def test_each_component_has_its_level(tmp_path: Path) -> None:
    """The longest name that fits counts; what has none of its own takes LOG_LEVEL; and all is as before afterwards."""
    said = ("pipeline.run", "pipeline.fill", "writing.review", "store.database", "verbs.running", "delivery.outbox")
    with set_up(tmp_path, "WARNING", (), LogContext(), levels={"content": "DEBUG", "schedule": "ERROR"}):
        for name in said:
            for level in (logging.DEBUG, logging.WARNING, logging.ERROR):
                logging.getLogger(f"twitter_manager.{name}").log(level, "%s %d", name, level)
    heard = Counter(line["logger"].removeprefix("twitter_manager.") for line in lines(tmp_path))
    assert [heard[name] for name in said] == [1, 3, 3, 2, 2, 2]
    assert {logging.getLogger(f"twitter_manager.{name}").level for name in said} == {logging.NOTSET}


def test_every_module_that_logs_is_of_one_component_or_of_none_on_purpose() -> None:
    """A new module that logs must be given its place in `logs.COMPONENTS`, and a name there stands for something."""
    package = Path(logs.__file__).parent.parent
    loud = {
        ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__")
        for path in package.rglob("*.py")
        if "getLogger(__name__)" in path.read_text()
    }
    named = [module for modules in logs.COMPONENTS.values() for module in modules]
    assert len(named) == len(set(named))
    for module in named:
        place = package / module.replace(".", "/")
        assert place.is_dir() or place.with_suffix(".py").exists(), module
    others = {name for name in loud if not any(name == each or name.startswith(f"{each}.") for each in named)}
    general = ("session", "factory", "operations.doctor", "verbs.", "review.")
    assert {name for name in others if not name.startswith(general)} == set()


def test_an_unwritable_folder_is_one_clear_error(tmp_path: Path) -> None:
    """A file in the folder's place, and a folder in the file's: an error with a remedy, and nothing left open."""
    (tmp_path / "file").touch()
    (tmp_path / "folder" / "error.log").mkdir(parents=True)
    for place in (tmp_path / "file", tmp_path / "folder"):
        with pytest.raises(TwitterManagerError) as caught, set_up(place, "INFO", (), LogContext()):
            pass
        assert caught.value.exit_code == 1 and caught.value.remedy and "\n" not in str(caught.value)
    assert str(tmp_path) not in "".join(str(handler) for handler in logging.getLogger().handlers)


def test_a_full_disk_never_stops_the_run(tmp_path: Path) -> None:
    """/dev/full refuses every write, as a full disk does: the work goes on and one note tells of the lost lines."""
    (tmp_path / "twitter_manager.log").symlink_to("/dev/full")
    with set_up(tmp_path, "INFO", (), LogContext()) as opened:
        for _ in range(300):
            log.info("x" * 1000)
        log.warning("still here")
    assert opened.lost == 301 and "301" in opened.note and "No space left" in opened.note
    assert [line["message"] for line in lines(tmp_path, "error.log")] == ["still here"]


def test_logging_is_left_as_it_was(tmp_path: Path) -> None:
    """Nothing of the set-up outlives its block, so that two runs in one process don't write each other's files."""
    root, ours = logging.getLogger(), logging.getLogger("twitter_manager")
    before = (root.handlers[:], root.level, ours.level, logging.raiseExceptions)
    for name in ("one", "two"):
        with set_up(tmp_path / name, "DEBUG", (), LogContext()):
            log.info(name)
    assert (root.handlers[:], root.level, ours.level, logging.raiseExceptions) == before
    assert [line["message"] for line in lines(tmp_path / "one") + lines(tmp_path / "two")] == ["one", "two"]


def test_nothing_goes_to_stderr(tmp_path: Path) -> None:
    """In a process of its own: errors, warnings of libraries, bad arguments and lost lines print nothing."""
    (tmp_path / "error.log").symlink_to("/dev/full")
    code = (
        "import logging, warnings, sys; from pathlib import Path; from twitter_manager.operations.logs import *\n"
        "with set_up(Path(sys.argv[1]), 'INFO', (), LogContext()):\n"
        "    logging.getLogger('twitter_manager').error('bad %d', 'x'); warnings.warn('old'); logging.error('root')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(lines(tmp_path)) == 3


def test_it_starts_light() -> None:
    """Opening the log is part of every run's start: nothing but the standard library and our own base is imported."""
    code = "import sys; import twitter_manager.operations.logs; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "twitter_manager.redaction" in done.stdout.split()
    assert not {"pydantic", "httpx", "rich", "requests", "dotenv"} & set(done.stdout.split())
