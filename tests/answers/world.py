"""A home with drafts that wait for a person's word, and the program over it, in this process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from tests.fakes import FakeClock
from tests.home import Home
from twitter_manager.answers.deciding import Decider, Told, issue
from twitter_manager.app import App, utc_now
from twitter_manager.content import plain
from twitter_manager.domain import RULES_EDITION, Actor, Draft, DraftStatus
from twitter_manager.store import drafts
from twitter_manager.store.database import Database

ANNA = Actor("4711", "telegram")
TEXTS = ("Green tea takes two minutes.", "Black tea takes four minutes.", "White tea takes five minutes.")


@dataclass
class Desk:
    """The program over a home, with a clock that the test moves."""

    home: Home
    app: App
    db: Database
    clock: FakeClock

    @classmethod
    def at(cls, path: Path, bot: str = 'approve = "always"\n', **settings: str) -> Desk:
        home = Home(path, **settings)
        home.bot("tea", bot)
        return cls.over(home)

    @classmethod
    def over(cls, home: Home) -> Desk:
        clock = FakeClock(utc_now())
        app = App.load(home.path, home.environment(), lambda line: None)
        app = replace(app, session=replace(app.session, clock=clock), factory=replace(app.factory, clock=clock))
        return cls(home, app, app.session.open_store(), clock)

    def draft(self, *texts: str, bot: str = "tea", status: DraftStatus = DraftStatus.PENDING) -> int:
        """One that a generator wrote, which waits for an approval."""
        how = {"rules": RULES_EDITION, "status": status, "reason": "you asked"}
        parts = plain(texts or TEXTS[:1])
        new = drafts.NewDraft(bot, "generator", parts, ("feed",), timedelta(hours=48), **how)
        with self.db.transaction():
            return drafts.add(self.db, new, self.clock())

    def code(self, number: int, longest: timedelta = timedelta(hours=72)) -> str:
        """What a notice on this draft says."""
        return issue(self.db, self.get(number), longest, self.clock())[0]

    def get(self, number: int) -> Draft:
        draft = drafts.get(self.db, number)
        assert draft is not None
        return draft

    def status(self, number: int) -> str:
        return str(self.get(number).status)

    def answer(self, text: str, by: Actor = ANNA, bots: tuple[str, ...] = ("tea",)) -> Told:
        return Decider(self.app, self.db, by, bots).carry_out(text)
