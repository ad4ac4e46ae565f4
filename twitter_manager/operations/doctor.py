"""`doctor`: looks at everything a run needs and says what to do where it isn't right. It changes nothing."""

from __future__ import annotations

import logging
import math
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from twitter_manager import phrases, providers
from twitter_manager.domain import Clock, Json
from twitter_manager.errors import GeneratorError, PlatformError, StoreError, TwitterManagerError
from twitter_manager.extras import how_to_add_a_local_model, missing_for_a_local_model
from twitter_manager.factory import Factory, has_more_than_notes
from twitter_manager.files import FULL_DISK, exposed
from twitter_manager.operations import backup, labels, overview, pictures, second_copy
from twitter_manager.operations import machine as machines
from twitter_manager.operations.cron.install import ALL, Wishes, complaint
from twitter_manager.operations.cron.service import output
from twitter_manager.pipeline import key_ages
from twitter_manager.platforms import SPECS
from twitter_manager.settings import Settings
from twitter_manager.settings.records import NEVER
from twitter_manager.store import credentials, runs, schema
from twitter_manager.store.database import BACKUPS, connect_to_read, refuse_file

log = logging.getLogger(__name__)

LOCAL_MODEL_BYTES = 1_200_000_000
"""What the bundled model takes while it is converted, which is its peak, with room for the system."""
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
"""A clock before this is wrong: the program did not exist."""


_UNTOLD = "posts wait for your approval, and no message tells you so: set NOTIFY_URLS (docs/notifications.md)"


NOT_KNOWN = "not known now"
"""What a service says of a key that it did not look at."""


class NotQuite(Exception):
    """Not right, but a run works: the message and the remedy."""


def not_quite(words: str) -> str:
    """An examination whose finding is known beforehand. Raises NotQuite."""
    raise NotQuite(words)


Examination = tuple[str, Callable[[], str]]
"""A name and a function that gives a line when all is well, and raises NotQuite or a TwitterManagerError else."""


def examinations(settings: Settings, factory: Factory, clock: Clock) -> Iterator[Examination]:
    """What a run of these bots needs."""
    bots = [bot.name for bot in settings.bots]
    yield "settings", lambda: f"{phrases.amount(len(bots), 'bot')}: {', '.join(bots)}"
    yield from here(settings, clock)
    for bot in settings.active:
        if bot.on_material:
            yield f"{bot.name}: material", partial(not_quite, bot.on_material)
        if bot.approve != NEVER and not bot.channels.urls:
            yield f"{bot.name}: approval", partial(not_quite, _UNTOLD)
        for name, platform in factory.platforms(bot).items():
            yield f"{bot.name}: {name}", partial(labels.verified, platform)
    yield "age of keys", lambda: _ages(settings, clock())
    yield from overview.generator_examinations(settings)
    for bot in settings.active:
        for warning in providers.judge_warnings(bot.generators):
            yield f"{bot.name}: judge", partial(not_quite, warning)
        if lacking := providers.lacking_embedder(bot.generators):
            yield f"{bot.name}: embeddings", partial(not_quite, lacking)
        elif has_more_than_notes(bot) and (embedder := factory.embedder(bot)):
            yield f"{bot.name}: embeddings", embedder.verify


def here(settings: Settings, clock: Clock, most_dated: int = ALL) -> Iterator[Examination]:
    """What can be seen on this machine, and what starts the runs, for at most so many of each bot's dated posts: nobody
    else is asked."""
    yield from machine(settings, clock)
    if second := settings.upkeep.backup_copy:
        yield "second copy", lambda: _second_copy(settings.data / BACKUPS, Path(second))
    yield "cron", lambda: _cron(settings, clock(), most_dated)


def examine(examinations: Iterable[Examination], redact: Callable[[str], str], time_zone: str = "UTC") -> Json:
    """Run all of them; one's failure never stops the next. Each gives a `result`: ok, warning or failed."""
    findings = [_finding(name, work, time_zone) for name, work in examinations]
    _warn_of_shared_accounts(findings)
    return {
        "ok": all(finding["result"] != "failed" for finding in findings),
        "checks": [
            finding | {field: redact(finding.get(field, "")) for field in ("detail", "remedy")} for finding in findings
        ],
    }


def _finding(name: str, work: Callable[[], str], time_zone: str) -> Json:
    try:
        return {"name": name, "result": "ok", "detail": work()}
    except NotQuite as warning:
        return {"name": name, "result": "warning", "detail": str(warning)}
    except TwitterManagerError as error:
        if isinstance(error, (PlatformError, GeneratorError)) and error.is_limit:
            detail, remedy = f"{NOT_KNOWN}: {error.message}", _when_again(error, time_zone)
            return {"name": name, "result": "warning", "detail": detail, "remedy": remedy}
        return {"name": name, "result": "failed", "detail": error.message, "remedy": error.remedy}
    except Exception as error:  # a check that breaks is a finding, not the end of the others
        log.exception("doctor: %s", name)
        detail = f"unforeseen {type(error).__name__}"
        return {"name": name, "result": "failed", "detail": detail, "remedy": "See logs/error.log."}


def _when_again(error: PlatformError | GeneratorError, time_zone: str) -> str:
    """When a service that was asked too often may be asked again."""
    if isinstance(error, PlatformError) and error.retry_at:
        return f"Try again after {phrases.clock(error.retry_at, time_zone)}."
    if isinstance(error, GeneratorError) and error.wait:
        return f"Try again in {phrases.amount(math.ceil(error.wait), 'second')}."
    return "Try again later."


def _warn_of_shared_accounts(findings: Sequence[Json]) -> None:
    """Settings can't tell whose a token is, or that two handles are one account: the platforms just told."""
    owners: dict[tuple[str, str], str] = {}
    for finding in findings:
        bot, _, platform = finding["name"].rpartition(": ")
        if finding["result"] == "ok" and platform in SPECS and SPECS[platform].public:
            owner = owners.setdefault((platform, finding["detail"]), bot)
            if owner != bot:
                finding["result"] = "warning"
                finding["detail"] += f": the bot {owner} posts to the same account; give each its own"


def machine(settings: Settings, clock: Clock) -> Iterator[Examination]:
    """What is about this machine and its files."""
    zone = next((bot.time_zone for bot in settings.active), "UTC")
    yield "machine", _machine
    yield "disk", lambda: _disk(settings)
    yield "folders", lambda: _folders(settings.home, settings.data, settings.logs)
    yield "database", lambda: _database(settings.database)
    yield "backups", lambda: _backups(settings.database, clock())
    yield "pictures", lambda: _pictures(settings.database, settings.data)
    yield "clock", lambda: _clock(clock(), settings.database, zone)


def _machine() -> str:
    """What the machine is fit for: the local model is the only part that asks for much."""
    memory = _memory()
    words = f"{phrases.amount(os.cpu_count() or 1, 'core')}, {memory / 1e9:.1f} GB of memory"
    model = f"the local model, which takes {LOCAL_MODEL_BYTES / 1e9:.1f} GB"
    fit = memory >= LOCAL_MODEL_BYTES
    if missing_for_a_local_model():
        remedy = f"There is room for {model}. {how_to_add_a_local_model()}" if fit else f"Too little for {model}."
        return f"{words}; only the local model is not installed. {remedy}"
    if not fit:
        raise NotQuite(f"{words}: too little for {model}; leave it out with make install LIGHT=1, all else works")
    return f"{words}: enough for {model}"


def _memory() -> int:
    """Bytes that this process may use: the machine's, or the limit of its container (Linux control groups, 1 and 2)."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # not there; "max"
            limits.append(int(Path(path).read_text()))
    return min(limits)


def _disk(settings: Settings) -> str:
    free = shutil.disk_usage(settings.home).free
    few = f"only {free / 1e6:,.0f} MB are free"
    if free < FULL_DISK:
        raise TwitterManagerError(f"{few}, so nothing can be written down or posted.", "Free some space.")
    if free < settings.least_disk:
        raise NotQuite(f"{few}; free some before the disk is full")
    return f"{free / 1e9:.1f} GB free"


def _folders(home: Path, data_dir: Path, log_dir: Path) -> str:
    for folder in (data_dir, log_dir):
        place = folder if folder.exists() else folder.parent
        if not os.access(place, os.W_OK | os.X_OK):
            raise TwitterManagerError(f"{place} is not writable.", "Give this user write access to it.")
    machines.refuse_other(data_dir)
    if kind := machines.network_file_system(data_dir if data_dir.exists() else home):
        raise NotQuite(
            f"{data_dir} is on a network file system ({kind}), where databases get damaged: {machines.LOCAL}"
        )
    if open_to_others := list(exposed(home, data_dir, data_dir / "bots", log_dir)):
        raise NotQuite("; ".join(open_to_others))
    return "writable, by this user alone"


def _database(path: Path) -> str:
    db = connect_to_read(path)
    if db is None:
        return "none yet; the first run makes it"
    try:
        db.quick_check()
        schema.require_current(db)
        return f"sound, {path.stat().st_size / 1e6:.1f} MB, schema {schema.version(db)}"
    finally:
        db.close()


def _backups(database: Path, now: datetime) -> str:
    refuse_file(database.parent / BACKUPS)
    copies = backup.regular(database.parent / BACKUPS, now)
    if not copies:
        if database.exists():
            raise NotQuite("none yet; the next run makes one")
        return "none needed yet"
    age = now - copies[0].at
    words = f"the newest of {len(copies)} is {phrases.amount(round(age / timedelta(hours=1)), 'hour')} old"
    if abs(age) > 2 * backup.EVERY:
        raise NotQuite(f"{words}; a run makes one each day: look into logs/error.log, and whether cron starts it")
    return words


def _second_copy(folder: Path, target: Path) -> str:
    second_copy.refuse_unfit(folder, target)
    return phrases.amount(len(list(target.glob("twitter-*.db"))), "backup") + f" in {target}"


def _pictures(database: Path, data_dir: Path) -> str:
    """Those that posts wait with."""
    with suppress(StoreError):  # the look at the database tells
        if db := connect_to_read(database):
            with closing(db):
                schema.require_current(db)
                if lack := pictures.who_lacks(db, data_dir):
                    remedy = "drafts show N names it; put it back, or drop the draft and post anew"
                    raise NotQuite(f"a picture of {', '.join(lack)} is gone or damaged, so it can't go out: {remedy}")
    return "all that posts wait with are there"


def _ages(settings: Settings, now: datetime) -> str:
    """Of the keys, as far as runs have noted them."""
    with suppress(StoreError):  # the look at the database tells
        if db := connect_to_read(settings.database):
            with closing(db):
                schema.require_current(db)
                for bot in settings.active:
                    known = credentials.known(db, bot.name)
                    if told := [*key_ages.expiring(known, now, bot.time_zone).values(), *key_ages.old(known, now)]:
                        raise NotQuite("; ".join(told))
    return "none is known to be over a year old, none ends soon"


def _clock(now: datetime, database: Path, time_zone: str) -> str:
    if now < RELEASED:
        raise TwitterManagerError(f"The clock says {now:%Y-%m-%d}.", "Set it, or switch on time synchronisation.")
    try:
        db = connect_to_read(database)
    except StoreError:
        db = None  # told by the database's own line
    if db is not None:
        try:
            last = runs.newest_start(db)
        finally:
            db.close()
        if last is not None and last > now:
            raise TwitterManagerError(
                f"The clock is behind the last run ({phrases.clock(last, time_zone)}).", "Set it."
            )
    if output(["timedatectl", "show", "--property=NTPSynchronized", "--value"]) == "no":
        raise NotQuite("time synchronisation is off; X refuses requests from a clock that is minutes off")
    return phrases.clock(now, time_zone)


def _cron(settings: Settings, now: datetime, most_dated: int) -> str:
    wishes = Wishes.of(settings.home, settings.active, None, now)
    with suppress(StoreError):  # the look at the database tells
        if db := connect_to_read(settings.database):
            with closing(db):
                schema.require_current(db)
                wishes = Wishes.of(settings.home, settings.active, db, now, most_dated)
    if words := complaint(wishes):
        raise NotQuite(words)
    return "runs are started at the times that the bots need"
