"""1,500 hourly runs with the upkeep on (`tests/year.py` and its faults): what the program leaves on the disk and takes
of the memory stays within the bounds of docs/operations.md, and each backup that is kept brings the bot back."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.standins import x as standin
from tests.test_year import assert_exactly_once
from tests.year import BOT, FaultyX, Sky, Year, findings
from twitter_manager.app import App
from twitter_manager.domain import Receipt, RemotePost
from twitter_manager.operations import backup, logs, maintenance, restore
from twitter_manager.operations.recovery import Account
from twitter_manager.pipeline.report import Report
from twitter_manager.platforms.feed import Feed
from twitter_manager.platforms.x import X
from twitter_manager.store import contents, events, runs
from twitter_manager.store.database import Database
from twitter_manager.telemetry import counting

RUNS = 1_500
KEEP_DAYS, LOG_DAYS = 30, 14
LOG_FILE = 50_000
"""Bytes of one log file here: so that there are as many as in years."""
BULK = "A long prompt, with all of its material and examples. " * 200
"""10 kB, as a remote model is asked."""

HISTORY_A_RUN = 12_000
"""Bytes that a run may leave for good: its post on three platforms, with each request, try and event."""
BULK_A_RUN = 2 * len(BULK) + 4_000
"""Bytes of what is removed after KEEP_DAYS: a prompt, an answer and its candidates."""
SLACK = 4_000_000
MORE_MEMORY = 60_000_000
"""Bytes that the process may have grown by, the stand-ins' posts included."""


class ReadableSky(Sky):
    """Shows its list, as a restore reads it."""

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        posts = [(key, at) for key, at in self.at.items() if at >= since]
        newest = sorted(posts, key=lambda post: post[1], reverse=True)[:limit]
        return [
            RemotePost(Receipt(key, f"https://sky.invalid/{key}"), self.posts[key]["text"], at) for key, at in newest
        ]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the disk and the memory hold after a run."""

    database: int
    logs: int
    backups: int
    copies: int
    memory: int


class Soak(Year):
    """A year in a home folder, with the program's log and its upkeep after each run."""

    start = datetime.now(UTC).replace(minute=7, second=0, microsecond=0)

    def __init__(self, home: Path, disk: Path, seed: int) -> None:
        env = home / ".env"
        env.touch(mode=0o600)
        env.write_text(f"BACKUP_COPY={disk}\nKEEP_DAYS={KEEP_DAYS}\nLOG_DAYS={LOG_DAYS}\n")
        for folder in (home / "data", home / "logs", disk):
            folder.mkdir()
        self.settings = App.load(home, {"TWITTER_MANAGER_HOME": str(home)}, lambda line: None).settings
        super().__init__(home / "data", seed=seed, times=1)
        self.sky = ReadableSky(self)
        self.disk, self.told = disk, list[str]()
        self.sizes: list[Sizes] = []

    def _feed(self) -> Feed:
        return Feed(self.feed_path, title="b", feed_id="urn:year", author="b", keep=5000, clock=self.clock)

    def write(self, db: Database, run_id: int, wanted: int) -> str:
        written = super().write(db, run_id, wanted)
        with db.transaction():
            db.update("UPDATE generations SET prompt = ?, raw = ? WHERE run_id = ?", BULK, BULK, run_id)
        return written

    def _run(self, verb: str = "run", only: int | None = None) -> Report | None:
        folder = self.settings.logs
        with logs.set_up(folder, "INFO", (), logs.LogContext()):
            report = super()._run(verb, only)
            if report is not None:
                with closing(self._open()) as db:
                    counting.count(db, lambda bot: "UTC", {})
                    place = maintenance.Place(db, self.settings, self.clock, lambda: 600.0, lambda line: None)
                    self.told += maintenance.run_due(place)
        for path in folder.glob("*.log"):  # written by the real clock, as of the simulated one
            if path.stat().st_mtime < self.start.timestamp() + 3600 * 2:
                os.utime(path, (self.now.timestamp(),) * 2)
        self.sizes.append(self._sizes())
        return report

    def _sizes(self) -> Sizes:
        def of(folder: Path, pattern: str) -> int:
            return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file())

        return Sizes(
            self.path.stat().st_size,
            of(self.settings.logs, "*"),
            len(list((self.folder / "backups").glob("*"))),
            len(list(self.disk.glob("*"))),
            memory(),
        )

    def soak(self) -> None:
        """Live, and then restore each backup in a copy of the home folder and go on there."""
        with FaultyX(self) as self.x:
            hour = 0
            while len(self.started) < RUNS:
                self._hour(self.start + timedelta(hours=hour))
                hour += 1
            self.chance.quiet = True
            self.planned, self.until = {}, {}
            for more in range(30):
                self._hour(self.start + timedelta(hours=hour + more), counts=False)
            self.now = self.start + timedelta(hours=hour + 30)
            self.drilled = [self._drill(copy.path) for copy in backup.regular(self.folder / "backups", self.now)]
        self._read_feed()

    def _drill(self, copy: Path) -> Mapping[str, int]:
        """Bring the bot back from this backup, with all that the platforms have by now; how many new posts there are
        after three hours, by platform."""
        with self._aside(), closing(self._open()) as before:
            before_contents = contents.of(before)
            self.path.write_bytes(b"lost")
            x = X(*standin.CREDENTIALS, clock=self.clock, base_url=self.x.url, read_timeout=5)
            platforms = {"bluesky": self.sky, "feed": self._feed(), "x": x}
            restore.restore(self.path, copy, [Account(BOT, platforms, self.calendar.slot_at)], self.clock)
            had = Counter(self.sky.posts), Counter(self.x.posts)
            with closing(self._open()) as db:
                db.integrity_check()
                assert events.verify(db) == []
                assert contents.of(db)["posts"] > 0.9 * before_contents["posts"], "what went out since is known"
                with db.transaction():
                    runs.unpause(db, BOT, self.clock())
            for _ in range(3):
                self.now = self.now.replace(minute=7) + timedelta(hours=1)
                super()._run()
            self._nothing_twice()
            return {"bluesky": len(self.sky.posts) - len(had[0]), "x": len(self.x.posts) - len(had[1])}

    def _nothing_twice(self) -> None:
        for texts in (
            [post.text for post in self.x.posts.values()],
            [post["text"] for post in self.sky.posts.values()],
        ):
            assert [text for text, count in Counter(texts).items() if count > 1] == []

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """What happens within happens in a copy of the home, and the platforms forget it."""
        kept = (self.path, self.feed_path, self.now, dict(self.x.posts), dict(self.sky.posts), dict(self.sky.at))
        with tempfile.TemporaryDirectory(dir=self.folder.parent) as folder:
            shutil.copytree(self.folder, Path(folder) / "data")
            self.path, self.feed_path = Path(folder) / "data" / "twitter.db", Path(folder) / "data" / "feed.xml"
            try:
                yield
            finally:
                self.path, self.feed_path, self.now = kept[:3]
                self.x.posts, self.sky.posts, self.sky.at = kept[3:]


def memory() -> int:
    """Bytes of this process in memory."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


@pytest.fixture
def soak(monkeypatch: pytest.MonkeyPatch) -> Iterator[Soak]:
    monkeypatch.setattr(logs, "LARGEST", LOG_FILE)
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        (Path(folder) / "home").mkdir()
        yield Soak(Path(folder) / "home", Path(folder) / "disk", seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1200)  # a minute on a core of its own; a busy machine is no failure
def test_fifteen_hundred_runs_stay_within_bounds_and_each_backup_brings_the_bot_back(soak: Soak) -> None:
    """The database grows by its history alone; logs, backups and memory stop growing; nothing is posted twice, in the
    soak nor after a restore."""
    soak.soak()
    sizes, middle = soak.sizes, soak.sizes[RUNS // 2]
    said = f"{[sizes[number] for number in range(0, len(sizes), 200)]} {sizes[-1]} {soak.drilled} {soak.told}"
    print(said)
    last = sizes[-1]
    assert last.database - middle.database < RUNS // 2 * HISTORY_A_RUN + SLACK, said
    assert max(each.database for each in sizes) < RUNS * HISTORY_A_RUN + KEEP_DAYS * 24 * BULK_A_RUN + SLACK, said
    assert max(each.logs for each in sizes) < 4 * (logs.KEPT + 1) * LOG_FILE, said
    assert max(each.backups for each in sizes[200:]) <= 12 and max(each.copies for each in sizes[200:]) <= 12, said
    assert last.memory - sizes[RUNS // 4].memory < MORE_MEMORY, said
    assert len(soak.drilled) == backup.DAYS + backup.WEEKS, said
    assert all(posts["x"] > 0 and posts["bluesky"] > 0 for posts in soak.drilled), said
    assert soak.told == [], said
    assert_exactly_once(findings(soak))
