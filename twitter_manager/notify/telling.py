"""Writes down what a bot's person is to be told after a run: what is due, and what is over of what was told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from twitter_manager.notify import words
from twitter_manager.notify.proofs import Place, last_good, last_time
from twitter_manager.notify.rules import CAUSES, Kind, Notice, followed, is_due, is_explained, is_over, is_past, wants
from twitter_manager.settings import Bot
from twitter_manager.settings.channels import names
from twitter_manager.store import alerts, notices
from twitter_manager.store.alerts import Alert
from twitter_manager.store.database import Database


@dataclass(frozen=True, slots=True)
class Telling:
    """One bot's look at what is wrong, in the caller's transaction. `run`: the run that was looked at; `least_disk`:
    bytes that the disk should have free."""

    db: Database
    bot: Bot
    now: datetime
    redact: Callable[[str], str]
    run: int
    least_disk: int

    def of(self, worth: Iterable[Notice]) -> None:
        """Write down what is due of this, and keep open what lasts."""
        cooldown = timedelta(hours=self.bot.notify.cooldown_hours)
        known = {(alert.kind, alert.subject): alert for alert in self._unresolved()}
        for told in worth:
            notice = replace(told, subject=self.redact(told.subject))
            good_at, before = last_good(self._place, notice.proof), last_time(self._place, notice.proof)
            alert = followed(notice, known.get((notice.kind, notice.subject)), good_at, self.now)
            alert = replace(alert, good_at=alert.good_at or before) if alert else None
            last_told = notices.last_told(self.db, self.bot.name, notice.kind, notice.subject)
            explained = is_explained(notice, notices.newest_at(self.db, self.bot.name, CAUSES), self.now, cooldown)
            idle = explained or is_past(notice, last_told, good_at)
            if is_due(notice, last_told, self.now, cooldown) and not idle:
                text = words.alert(notice, alert, before, self.bot.time_zone, self.run)
                self._add(notice.kind, notice.subject, text, notice.draft)
                alert = replace(alert, told_at=self.now) if alert else None
            if alert:
                alerts.save(self.db, self.bot.name, alert)
                known[alert.kind, alert.subject] = alert

    def that_is_over(self) -> None:
        """Take back what is over: told once, and only of what was told."""
        over: dict[str, list[Alert]] = {}
        for alert in self._unresolved():
            if is_over(alert, last_good(self._place, alert.proof)):
                alerts.close(self.db, self.bot.name, alert)
                if alert.told_at and alert.over and wants(self.bot.notify, alert.kind):
                    over.setdefault(alert.over, []).append(alert)
        for line, ended in over.items():
            since = min(alert.since for alert in ended)
            good_at = last_good(self._place, ended[0].proof)
            self._add(Kind.RECOVERED, ended[0].proof, words.over(line, since, good_at, self.bot.time_zone), None)

    @property
    def _place(self) -> Place:
        return Place(self.db, self.bot, self.now, self.least_disk)

    def _unresolved(self) -> list[Alert]:
        """What is open. What was seen in times to come was seen by a clock that was ahead: that says nothing."""
        found = alerts.unresolved(self.db, self.bot.name)
        for alert in found:
            if alert.seen_at > self.now:
                alerts.close(self.db, self.bot.name, alert)
        return [alert for alert in found if alert.seen_at <= self.now]

    def _add(self, kind: str, subject: str, text: str, draft: int | None) -> None:
        channels = names(self.bot.channels.urls)
        notices.add(self.db, self.bot.name, kind, subject, self.redact(text), draft, channels, self.now)
