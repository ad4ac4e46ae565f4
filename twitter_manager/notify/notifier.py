"""Keeps notices in the database until they are through: written down before they are sent, marked afterwards.

What could not be sent is tried again in the next run, within bounds of age and number. A message may come twice where a
process died around it, never more often: a try counts before it begins."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from twitter_manager.app import App
from twitter_manager.domain import Draft
from twitter_manager.notify import sending
from twitter_manager.notify.facts import gather, waiting_drafts
from twitter_manager.notify.rules import Kind, worth_telling
from twitter_manager.notify.sending import Answer, Message, Result
from twitter_manager.notify.telling import Telling
from twitter_manager.notify.words import Words
from twitter_manager.pipeline.report import Report
from twitter_manager.pipeline.spending import Budget, left_of_budget
from twitter_manager.settings import Bot
from twitter_manager.settings.channels import names
from twitter_manager.store import notices
from twitter_manager.store.database import Database
from twitter_manager.terminal import command

log = logging.getLogger(__name__)

OLDEST = timedelta(hours=48)
MOST_TRIES = 24
MOST_UNSURE_TRIES = 3
"""Of a message that may have arrived each time."""
_GONE = "its address is no longer set up"
_DECIDED = "the draft does not wait any more"

Way = tuple[str, notices.Waiting]
"""A bot, and a notice's way through one of its channels."""


def no_answer(draft: Draft) -> str:
    """Messages can't be answered."""
    return ""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Tells of the runs of one invocation. Its own trouble is a warning, and never a run's. `how_to_answer`: what a
    message says of how it can be answered about a draft; it is asked anew for each try, and nothing of it is kept."""

    app: App
    db: Database
    how_to_answer: Callable[[Draft], str] = no_answer
    send: Callable[[Sequence[Message]], list[Answer]] = sending.send

    def note(self, bot: Bot, *, report: Report | None = None, failure: str = "") -> bool:
        """Write down what is worth telling after a run: of its `report`, or of the `failure` that it ended with. False
        where that can't be written down."""
        if not bot.channels.urls:
            return True
        with self._harmless():
            now, platforms = self.app.clock(), self.app.factory.platforms(bot, self.db)
            standing = left_of_budget(self.db, bot.name, Budget.of(bot), platforms, now)
            machine = self.app.settings if self._tells_of_the_machine(bot) else None
            facts = gather(self.db, bot, now, report=report, failure=failure, standing=standing, machine=machine)
            with self.db.transaction():
                told = Telling(self.db, bot, now, self._redacted, facts.run, self.app.settings.least_disk)
                told.of(worth_telling(facts, bot.notify))
                told.that_is_over()
            return True
        return False

    def _tells_of_the_machine(self, bot: Bot) -> bool:
        """One of several bots does."""
        return bot.name == next(each.name for each in self.app.settings.active if each.channels.urls)

    def send_all(self, bots: Iterable[Bot]) -> None:
        """Send what waits for these bots: one message a channel, and what several bots tell there in one."""
        with self._harmless():
            by_url: defaultdict[str, list[Way]] = defaultdict(list)
            for bot in bots:
                for url, notice in self._to_send(bot):
                    by_url[url].append((bot.name, notice))
            if by_url:
                self._send(by_url)

    def _to_send(self, bot: Bot) -> Iterator[tuple[str, notices.Waiting]]:
        """What is to be sent now, with its address; what is to be sent no more is given up."""
        waiting, now = notices.waiting(self.db, bot.name), self.app.clock()
        if not waiting:
            return
        addresses = names(bot.channels.urls)
        undecided = {draft.id for draft in waiting_drafts(self.db, bot.name)}
        for notice in waiting:
            if why := _why_give_up(notice, addresses, undecided, now):
                self._end([notice], "dropped", why)
            else:
                yield addresses[notice.channel], notice

    def _send(self, by_url: Mapping[str, Sequence[Way]]) -> None:
        words = Words(self.db, self.app.redactor.redact, _remembered(self.how_to_answer))
        messages = [Message(url, *words.message(_by_bot(ways))) for url, ways in by_url.items()]
        with self.db.transaction():
            ids = [notice.id for ways in by_url.values() for _, notice in ways]
            notices.begin_try(self.db, ids, self.app.clock())
        for ways, answer in zip(by_url.values(), self.send(messages), strict=True):
            for bot, waiting in _by_bot(ways).items():
                self._settle(bot, waiting, answer)

    def _settle(self, bot: str, waiting: Sequence[notices.Waiting], answer: Answer) -> None:
        """Write down what became of a message, and tell where a channel begins to fail."""
        channel = waiting[0].channel
        if answer.result is Result.SENT:
            self._end(waiting, "sent", "")
        else:
            limit = MOST_UNSURE_TRIES if answer.result is Result.UNSURE else MOST_TRIES
            self._end([notice for notice in waiting if notice.tries + 1 >= limit], "dropped", answer.why)
            self._end([notice for notice in waiting if notice.tries + 1 < limit], "waiting", answer.why)
        with self.db.transaction():
            begins = notices.set_trouble(self.db, bot, channel, answer.why, self.app.clock())
        if answer.why:
            log.warning("%s: %s does not take messages: %s", bot, channel, answer.why)
        if begins:
            self.app.notes.append(f"{bot}: {channel} does not take messages: {answer.why}. See: {command('notify')}")

    def _end(self, waiting: Sequence[notices.Waiting], status: str, why: str) -> None:
        if waiting:
            with self.db.transaction():
                notices.end_try(self.db, [notice.id for notice in waiting], status, why)
            if status == "dropped":
                log.warning("%d notices to %s are given up: %s", len(waiting), waiting[0].channel, why)

    def _redacted(self, text: str) -> str:
        return self.app.factory.redacted(text)

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # whatever it is, the run went as it went
            log.exception("notifications")
            self.app.notes.append(f"notifications: {type(error).__name__}; the details are in logs/error.log")


def _why_give_up(notice: notices.Waiting, addresses: Mapping[str, str], undecided: set[int], now: datetime) -> str:
    if notice.channel not in addresses:
        return _GONE
    if notice.kind == Kind.DRAFT_READY and notice.draft_id not in undecided:
        return _DECIDED
    if now - notice.created_at > OLDEST:
        return f"it is older than {OLDEST.days} days{f'; {notice.error}' if notice.error else ''}"
    return ""


def _by_bot(ways: Sequence[Way]) -> dict[str, list[notices.Waiting]]:
    by_bot: defaultdict[str, list[notices.Waiting]] = defaultdict(list)
    for bot, notice in ways:
        by_bot[bot].append(notice)
    return by_bot


def _remembered(how_to_answer: Callable[[Draft], str]) -> Callable[[Draft], str]:
    """The same words for a draft in every channel."""
    known: dict[int, str] = {}

    def remembered(draft: Draft) -> str:
        if draft.id not in known:
            known[draft.id] = how_to_answer(draft)
        return known[draft.id]

    return remembered
