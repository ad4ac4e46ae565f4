"""Migrations as processes that are killed: at each statement and commit, and at system calls, from every old schema.

Afterwards the file has one schema, whole: the old one, the new one or a step between. The next start goes on to the
end, nothing that was stored is lost, and before the first step a complete backup lies beside it.
"""

from __future__ import annotations

import functools
import re
import signal
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests import tracing
from tests.fakes import START
from tests.forked import Forked, Start, plain_environment, server
from tests.home import Home
from tests.store.later import TARGET
from tests.tracing import NONE, PREFIX, Tracer, spread
from twitter_manager.errors import StoreError
from twitter_manager.store import events
from twitter_manager.store.database import connect
from twitter_manager.store.dialect import APPLICATION_ID
from twitter_manager.store.schema import migrate

SCRIPT = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from tests.store.later import TARGET
from twitter_manager.store import database, schema

path, where, die_at, target = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), TARGET[:int(sys.argv[4])]
if where == "traced":
    os.kill(os.getpid(), signal.SIGSTOP)
steps = 0
execute = database.Database._execute

def dying(self, sql, parameters):
    global steps
    steps += 1
    if where == "before" and steps == die_at:
        os.kill(os.getpid(), signal.SIGKILL)
    found = execute(self, sql, parameters)
    if where == "after" and steps == die_at:
        os.kill(os.getpid(), signal.SIGKILL)
    return found

database.Database._execute = dying
schema.migrate(database.connect(path), datetime.now(UTC), path.parent / "backups", target)
print(steps)
"""


@pytest.fixture
def home() -> Iterator[Home]:
    with tracing.fast_folder() as made:
        yield Home(made / "home")


WITHOUT_PID = 9
"""The schema since which a run's process is no longer stored."""


def make(path: Path, schema: int) -> None:
    """A database of that schema with something in it; 0: none."""
    for other in path.parent.rglob("*"):
        if other.is_file():
            other.unlink()
    if schema:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(filled(schema))


@functools.cache
def filled(schema: int) -> bytes:
    """The file of such a database."""
    with TemporaryDirectory() as folder, closing(connect(Path(folder) / "twitter.db")) as db:
        migrate(db, START, None, TARGET[:schema])
        with db.transaction():
            for number in range(300):
                row = {
                    "bot": f"bot {number % 7}",
                    "reason": "why " * 20,
                    **({"pid": 1} if schema < WITHOUT_PID else {}),
                }
                db.insert("runs", verb="run", slot="", started_at="", outcome="posted", **row)
                events.record(db, START, "something", number=number)
        db.close()
        return (Path(folder) / "twitter.db").read_bytes()


def looks(path: Path) -> tuple[int, int, frozenset[str]]:
    """The schema: its number, whose it is, and every statement of it but the views, which only the newest has."""
    with closing(sqlite3.connect(path)) as raw:
        sql = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE type <> 'view'"
        names = raw.execute(sql).fetchall()
        version, application = (
            raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id")
        )
        return version, application, frozenset(row[0] for row in names)


def views(path: Path) -> list[str]:
    """The names of the views."""
    with closing(sqlite3.connect(path)) as raw:
        return [row[0] for row in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[int, int, frozenset[str]]]:
    """How each schema looks when it is whole."""
    found = {0: (0, 0, frozenset[str]())}
    for number in range(1, len(TARGET) + 1):
        path = tmp_path_factory.mktemp("known") / "twitter.db"
        make(path, number)
        found[number] = looks(path)
    return found


def assert_whole(path: Path, start: int, known: dict[int, tuple[int, int, frozenset[str]]], case: object) -> None:
    """One whole schema, all the rows, and a backup of the old one if it isn't the old one any more."""
    if not path.exists():
        assert start == 0, case
        return
    found = looks(path)  # plays back what the dead process left half written
    assert found == known[found[0]], case
    assert start <= found[0] <= len(TARGET), case
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)], case
        if found[0]:
            assert raw.execute("SELECT count(*) FROM runs").fetchone() == (300 if start else 0,), case
        if found[0] == len(TARGET):
            assert raw.execute("SELECT count(*) FROM runs WHERE later_id IS NULL").fetchone() == (0,), case
            assert raw.execute("SELECT count(*) FROM events WHERE kind = 'schema_changed'").fetchone() == (1,), case
    backups = [backup for backup in path.parent.glob("backups/*") if not backup.name.startswith(".")]
    for backup in backups:
        number = int(re.fullmatch(r"twitter-schema(\d+)-\d{8}T\d{6}Z\.db", backup.name)[1])  # type: ignore[index]
        assert looks(backup) == known[number], case
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600, case
        with closing(sqlite3.connect(backup)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)], case
            assert raw.execute("SELECT count(*) FROM runs").fetchone() == (300 if start else 0,), case
    assert backups or not start or found[0] == start, case


def assert_completes(path: Path, start: int, known: dict[int, tuple[int, int, frozenset[str]]], case: object) -> None:
    """The next start brings it to the newest schema, with the trail whole."""
    with closing(connect(path)) as db:
        migrate(db, START, path.parent / "backups", TARGET)
        assert events.verify(db) == [], case
    assert looks(path)[0] == len(TARGET), case
    assert views(path) == ["bot_stats", "costs", "posts", "topics"], case
    assert_whole(path, start, known, case)


def start_script(path: Path, where: str, die_at: int, target: int = len(TARGET)) -> Forked:
    return server().start(Start([str(path), where, str(die_at), str(target)], plain_environment(), SCRIPT))


def traced(path: Path, point: str) -> list[str]:
    """Migrate under strace; gives the points that were passed, or the one where it was killed."""
    tracer = Tracer(point, path.parent.parent / "calls")
    process = start_script(path, "traced", 0)
    tracer.attach(process.pid)
    process.communicate(timeout=60)
    assert process.returncode == (0 if point == NONE else -signal.SIGKILL), point
    return tracer.finish(killed=point != NONE)


def _steps(path: Path, start: int, target: int) -> int:
    make(path, start)
    out, err = start_script(path, "never", 0, target).communicate(timeout=60)
    assert out, err
    return int(out)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(len(TARGET)))
def test_a_kill_at_any_statement_leaves_one_whole_schema(
    home: Home, start: int, known: dict[int, tuple[int, int, frozenset[str]]]
) -> None:
    """SIGKILL before and after each BEGIN, statement and COMMIT of the step to the next schema, and at some of the way
    from there to the next release's, whose every statement is killed at from its own start."""
    path = home.database
    path.parent.mkdir(exist_ok=True)
    first, steps = (_steps(path, start, target) for target in (start + 1, len(TARGET)))
    assert first > 6
    numbers = [*range(1, first + 1), *spread(range(first + 1, steps + 1), 8)]
    for where in ("before", "after"):
        for number in numbers:
            make(path, start)
            process = start_script(path, where, number)
            process.communicate(timeout=60)
            assert process.returncode == -signal.SIGKILL, (where, number)
            assert_whole(path, start, known, (where, number))
            assert_completes(path, start, known, (where, number))


@pytest.mark.slow
@pytest.mark.skipif(bool(tracing.missing()), reason=tracing.missing() or "-")
@pytest.mark.parametrize("start", range(len(TARGET)))
def test_a_kill_at_any_system_call_leaves_one_whole_schema(
    home: Home, start: int, known: dict[int, tuple[int, int, frozenset[str]]]
) -> None:
    """The same at the calls that make the backup and the new schema durable."""
    path = home.database
    path.parent.mkdir(exist_ok=True)
    make(path, start)
    most = {"fdatasync": 20, "fsync": 10, "unlink": 20, "rename": 5, "openat": 15, "pwrite64": 20}
    passed = traced(path, NONE)
    found = {call: [int(point.split("-")[2]) for point in passed if f"-{call}-" in point] for call in most}
    assert found["fdatasync"]
    assert found["unlink"]
    assert bool(found["rename"]) is (start > 0), "a backup is made where there is something to lose"
    for call, cases in most.items():
        for number in spread(found[call], cases):
            make(path, start)
            traced(path, f"{PREFIX}{call}-{number}")
            assert_whole(path, start, known, (call, number))
            assert_completes(path, start, known, (call, number))


@pytest.mark.parametrize("content", [b"", None], ids=["empty", "none"])
def test_an_empty_file_is_a_database_to_be(tmp_path: Path, content: bytes | None) -> None:
    """A first start that died before its first commit has left no more than this."""
    path = tmp_path / "twitter.db"
    if content is not None:
        path.write_bytes(content)
    with closing(connect(path)) as db:
        migrate(db, START, tmp_path / "backups", TARGET)
    assert looks(path)[:2] == (len(TARGET), APPLICATION_ID)
    assert not (tmp_path / "backups").exists(), "nothing to lose, nothing to back up"


@pytest.mark.parametrize("start", range(1, len(TARGET)))
def test_a_damaged_database_is_not_migrated(tmp_path: Path, start: int) -> None:
    """The copy that comes first is checked; where it isn't sound, nothing is changed and no backup is left."""
    path = tmp_path / "twitter.db"
    make(path, start)
    data = bytearray(path.read_bytes())
    for page in range(len(data) // 4096 - 5, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(data)
    with closing(connect(path)) as db, pytest.raises(StoreError, match="damaged"):
        migrate(db, START, tmp_path / "backups", TARGET)
    assert path.read_bytes() == data
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_backup_that_can_not_be_made_stops_the_migration(tmp_path: Path) -> None:
    path = tmp_path / "twitter.db"
    make(path, len(TARGET) - 1)
    (tmp_path / "backups").write_text("a file where the folder should be")
    before = path.read_bytes()
    with closing(connect(path)) as db, pytest.raises(StoreError, match="backup"):
        migrate(db, START, tmp_path / "backups", TARGET)
    assert path.read_bytes() == before


def test_a_downgrade_is_refused_with_the_backup_to_use(tmp_path: Path) -> None:
    """An older program names the newest backup that it knows, made before the upgrade, and that backup serves it."""
    path, backups = tmp_path / "data" / "twitter.db", tmp_path / "data" / "backups"
    path.parent.mkdir()
    older = TARGET[:-1]
    make(path, len(older) - 1)
    with closing(connect(path)) as db:
        migrate(db, START, backups, older)
        migrate(db, START + timedelta(days=1), backups, TARGET)
        with pytest.raises(StoreError) as refused:
            migrate(db, START, backups, older)
    named = re.search(r"restore (\S+\.db)", str(refused.value))
    assert named and f"schema{len(older)}-" in named[1]
    with closing(connect(Path(named[1]))) as db:
        migrate(db, START, backups, older)
    for copy in backups.iterdir():
        copy.unlink()
    with closing(connect(path)) as db, pytest.raises(StoreError, match="restore --list"):
        migrate(db, START, backups, older)
