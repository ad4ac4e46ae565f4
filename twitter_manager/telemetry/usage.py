"""What an invocation needs of the machine, and whether that is near what it has. Kept by `store.usage`."""

from __future__ import annotations

import resource
import shutil
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from twitter_manager.domain import Json
from twitter_manager.operations import told
from twitter_manager.settings import Settings
from twitter_manager.store import usage as kept
from twitter_manager.store.database import Database, iso
from twitter_manager.store.usage import Usage

_KILOBYTE = 1 if sys.platform == "darwin" else 1024
"""In this unit the system tells memory."""
_MEGABYTE = 10**6
NEAR = 0.9
"""A run that takes more than this of RUN_SECONDS is near its end."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """A threshold that an invocation crossed: which (`disk`, `memory`, `time`), what happened, and what to do."""

    name: str
    text: str
    remedy: str


def measured(db: Database, folder: Path, began: datetime, seconds: float) -> Usage:
    """This process until now; `folder`: where the disk is looked at."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Usage(
        began=began,
        seconds=seconds,
        cpu_seconds=own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
        memory_bytes=max(own.ru_maxrss, children.ru_maxrss) * _KILOBYTE,
        database_bytes=db.size(),
        disk_free_bytes=shutil.disk_usage(folder).free,
    )


def crossed(usage: Usage, settings: Settings) -> list[Crossed]:
    """The thresholds of the settings that an invocation crossed. Pure."""
    free, memory = usage.disk_free_bytes // _MEGABYTE, usage.memory_bytes // _MEGABYTE
    found = list[Crossed]()
    if usage.disk_free_bytes < settings.least_disk:
        text = f"{free:,} MB of the disk are free, less than {settings.least_disk_mb:,}"
        found.append(Crossed("disk", text, f"Free some space beside {settings.data}, or set LEAST_DISK_MB."))
    if 0 < settings.most_memory_mb < memory:
        text = f"a run needed {memory:,} MB of memory, more than {settings.most_memory_mb:,}"
        found.append(Crossed("memory", text, "Take a smaller local model, or set MOST_MEMORY_MB."))
    if usage.seconds > NEAR * settings.run_seconds:
        text = f"a run took {usage.seconds:.0f} of its {settings.run_seconds} seconds"
        found.append(Crossed("time", text, "See in logs/ what is slow, or raise RUN_SECONDS."))
    return found


def standing(db: Database, settings: Settings, now: datetime) -> Json:
    """For `status`: the last invocation, what it crossed, what does not work beside the runs, the days of a year."""
    last, broken = kept.newest(db), told.load(settings.data, now).broken
    return {
        "last": asdict(last) | {"began": iso(last.began)} if last else None,
        "crossed": [asdict(each) for each in crossed(last, settings)] if last else [],
        "troubles": [{"name": name, "since": each.since, "error": each.words} for name, each in broken.items()],
        "invocations": [asdict(each) | {"began": iso(each.began)} for each in kept.invocations(db)],
        "days": kept.days(db),
    }
