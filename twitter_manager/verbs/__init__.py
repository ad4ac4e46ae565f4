"""The verbs of the command line. To add one: a function with its `Verb` in a module here, and its line in `VERBS`.

A module holds what its verbs take, what they do with the program that `App` opened, and what they print; how a record
becomes lines is left to `show`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twitter_manager.verbs.verb import Verb

VERBS: Mapping[str, str] = {
    "run": "running.RUN",
    "post": "posting.POST",
    "drafts": "drafts.DRAFTS",
    "review": "reviewing.REVIEW",
    "inbox": "inbox.INBOX",
    "social": "social.SOCIAL",
    "lessons": "lessons.LESSONS",
    "status": "looking.STATUS",
    "health": "health.HEALTH",
    "history": "looking.HISTORY",
    "figures": "figures.FIGURES",
    "report": "reporting.REPORT",
    "explain": "looking.EXPLAIN",
    "generate": "writing.GENERATE",
    "replay": "looking.REPLAY",
    "preview": "writing.PREVIEW",
    "experiment": "experiment.EXPERIMENT",
    "style": "writing.STYLE",
    "check": "checking.CHECK",
    "sources": "sources.SOURCES",
    "tune": "tuning.TUNE",
    "topics": "topics.TOPICS",
    "costs": "paying.COSTS",
    "pause": "deciding.PAUSE",
    "resume": "deciding.RESUME",
    "skip": "deciding.SKIP",
    "delete": "amending.DELETE",
    "correct": "amending.CORRECT",
    "notify": "notifying.NOTIFY",
    "audit": "upkeep.AUDIT",
    "backup": "upkeep.BACKUP",
    "restore": "upkeep.RESTORE",
    "maintain": "upkeep.MAINTAIN",
    "doctor": "upkeep.DOCTOR",
    "auth": "authorising.AUTH",
    "models": "modelling.MODELS",
    "init": "first_hour.INIT",
    "install-cron": "starting.INSTALL_CRON",
    "uninstall-cron": "starting.UNINSTALL_CRON",
    "adopt": "starting.ADOPT",
    "uninstall": "starting.UNINSTALL",
    "mcp": "mcp.MCP",
    "schema": "upkeep.SCHEMA",
}
"""By name, in the order of the help: the module here, and what it calls the verb. Only the module of the verb that is
meant is loaded: others take a tenth of a second together, which a monitor that asks each minute waits for."""


def load(name: str) -> Verb:
    """The verb of this name."""
    module, _, constant = VERBS[name].partition(".")
    found: Verb = getattr(import_module(f"{__name__}.{module}"), constant)
    return found


def meant(words: Sequence[str]) -> list[Verb]:
    """The verb that the words begin with; all of them where they begin with none."""
    return [load(name) for name in (words[:1] if words[:1] and words[0] in VERBS else VERBS)]
