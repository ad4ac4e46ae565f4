"""The shapes of what the verbs for the installation itself print with `--json`, and of what it needs of the machine."""

from __future__ import annotations

from twitter_manager.show.shapes import Shape


class Step(Shape):
    """Something to do."""

    what: str
    how: str
    why: str


class Farewell(Shape):
    """What to take away, in this order."""

    steps: list[Step]
    problems: list[str]
    """What is wrong with the settings, so that steps may be missing."""


class Trail(Shape):
    """`audit verify`."""

    events: int
    whole: bool


class Backup(Shape):
    """A backup of the database."""

    at: str
    path: str
    bytes: int
    state: str


class Backups(Shape):
    """`backup list`, `restore --list`: those in `data/backups` and in the folder BACKUP_COPY."""

    backups: list[Backup]


class UpkeepTask(Shape):
    """What one piece of the upkeep came to."""

    task: str
    done: str
    """What it did, or why it did nothing."""
    trouble: list[str]
    finished: bool
    """False: a run goes on with it."""
    rows: int
    """Of the database, emptied or removed."""
    bytes: int
    """Freed on the disk."""


class UpkeepDone(Shape):
    """`backup now`, `maintain`."""

    tasks: list[UpkeepTask]


class Invocation(Shape):
    """What a start of the program for the bots' runs needed of the machine."""

    began: str
    seconds: float
    cpu_seconds: float
    memory_bytes: int
    """The most that it held at once."""
    database_bytes: int
    disk_free_bytes: int


class DayOfInvocations(Shape):
    """The same of all invocations of a day (UTC): means, the highest (`most_`, memory), the lowest (disk)."""

    day: str
    invocations: int
    mean_seconds: float
    most_seconds: float
    mean_cpu_seconds: float
    most_cpu_seconds: float
    memory_bytes: int
    database_bytes: int
    disk_free_bytes: int


class Crossed(Shape):
    """A threshold that the last invocation crossed."""

    name: str
    """disk, memory or time."""
    text: str
    remedy: str


class StandingTrouble(Shape):
    """What does not work beside the runs, since when: what can't be written or reached, or a piece of the upkeep."""

    name: str
    since: str
    error: str


class Machine(Shape):
    """What the program needs of the machine."""

    last: Invocation | None
    crossed: list[Crossed]
    troubles: list[StandingTrouble]
    invocations: list[Invocation]
    """Of the last 24 hours."""
    days: list[DayOfInvocations]
    """Of the last year."""


class CronLine(Shape):
    """`install-cron`."""

    kind: str
    """`cron` or `systemd`."""
    line: str
    """The crontab's line, or the unit files."""
    minutes: list[int]
    changed: bool
    replaced: bool
    """Something else that started this home was taken away."""
    meets: list[str]
    """The bots' times and dated posts that asked for these minutes."""
    notes: list[str]


class CronLineGone(Shape):
    """`uninstall-cron`."""

    removed: list[str]
    notes: list[str]
