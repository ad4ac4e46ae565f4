"""The program opened over one home folder: what the verbs of the command line work with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from twitter_manager import factory, settings
from twitter_manager.domain import Progress
from twitter_manager.errors import SettingsProblems
from twitter_manager.factory import Factory
from twitter_manager.redaction import Redactor, redactor_of
from twitter_manager.session import Session
from twitter_manager.settings import Settings


def utc_now() -> datetime:
    """The clock of the real program."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """A home folder with its settings, and what makes the parts of the program from them."""

    session: Session
    factory: Factory
    redactor: Redactor

    @classmethod
    def load(cls, home: Path, environ: Mapping[str, str], progress: Progress) -> App:
        """Read the settings (SettingsProblems when anything is wrong with them). Nothing is written."""
        bad_templates = factory.template_problems(home)
        try:
            loaded = settings.load(home, environ)
        except SettingsProblems as found:
            raise SettingsProblems([*found.problems, *bad_templates]) from None
        if bad_templates:
            raise SettingsProblems(bad_templates)
        loaded.hand_on(os.environ)
        session, redactor = Session(loaded, progress, utc_now), redactor_of(tuple(loaded.secrets))
        return cls(session, Factory(loaded, progress, redactor, utc_now, session.notes.append), redactor)

    def reloaded(self) -> App:
        """The program over the same home as its files are now, for what stays open while a person changes them.
        Raises SettingsProblems."""
        return App.load(self.settings.home, os.environ, self.session.progress)

    @property
    def settings(self) -> Settings:
        """What the home folder's files say."""
        return self.session.settings

    @property
    def notes(self) -> list[str]:
        """What a person should hear beside the outcome."""
        return self.session.notes

    def clock(self) -> datetime:
        """The time now, in UTC."""
        return self.session.clock()

    def tag(self, run_id: int) -> None:
        """From here on log lines are about this run."""
        self.session.log_context.run_id = run_id
