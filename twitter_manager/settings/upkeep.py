"""The settings of the upkeep: backups, what is removed by age, and the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from twitter_manager.settings.sources import Table
from twitter_manager.validation import InvalidValue, by, checked_text, choice, shared, whole


def _folder(value: str) -> str:
    """A folder that may come and go: a run tells where it is not there."""
    try:
        path = Path(checked_text(value, 1000)).expanduser()
    except RuntimeError:
        raise InvalidValue("begins with the home folder of nobody", "Write the whole path.") from None
    if not path.is_absolute():
        raise InvalidValue("is no whole path", "Begin it with / or ~/, say: /mnt/disk/twitter-backups")
    return str(path)


_Level = Annotated[str, choice("DEBUG", "INFO", "WARNING", "ERROR")]


class Upkeep(Table):
    """What is kept, and for how long."""

    backup_copy: Annotated[str, by(_folder)] = shared(
        "BACKUP_COPY",
        "A folder on another disk that gets a copy of each backup; you make it. Empty: none.",
        "",
    )
    keep_days: Annotated[int, whole(30, 3650, strict=False)] = shared(
        "KEEP_DAYS",
        "After how many days prompts, refused candidates, material that is gone and old notices are removed from the"
        " database. Posts, deliveries and events stay for good.",
        90,
    )
    log_days: Annotated[int, whole(1, 3650, strict=False)] = shared(
        "LOG_DAYS", "After how many days old log files are deleted.", 30
    )
    log_content: _Level = shared("LOG_LEVEL_CONTENT", "Of reading, writing and checking. Empty: LOG_LEVEL.", "")
    log_social: _Level = shared("LOG_LEVEL_SOCIAL", "Of platforms, deliveries and notices. Empty: LOG_LEVEL.", "")
    log_schedule: _Level = shared("LOG_LEVEL_SCHEDULE", "Of runs and their times. Empty: LOG_LEVEL.", "")
    log_database: _Level = shared("LOG_LEVEL_DATABASE", "Of the database and its backups. Empty: LOG_LEVEL.", "")

    @property
    def log_levels(self) -> dict[str, str]:
        """By component, where it has one of its own."""
        levels = {
            "content": self.log_content,
            "social": self.log_social,
            "schedule": self.log_schedule,
            "database": self.log_database,
        }
        return {name: level for name, level in levels.items() if level}
