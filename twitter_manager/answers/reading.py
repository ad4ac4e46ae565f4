"""Reads what people replied to notices since the last run, carries it out, and tells them what became of it.

All of it is bounded in time, and its trouble is a warning that is told once: whatever is wrong here, the run goes on.
How far a channel is read is kept after each reply was carried out: a process that died does the last one again
(which does nothing) and loses none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from twitter_manager import phrases
from twitter_manager.answers import deciding, mail
from twitter_manager.answers.deciding import Decider, Told
from twitter_manager.answers.incoming import Incoming
from twitter_manager.answers.telegram import Telegram, TelegramBot, bots_of
from twitter_manager.app import App
from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Actor, Draft, TimeLeft
from twitter_manager.errors import AnswersUnreadable, StoreError, TwitterManagerError
from twitter_manager.notify import sending
from twitter_manager.notify.sending import Message
from twitter_manager.operations.doctor import Examination, not_quite
from twitter_manager.settings import Bot, Settings
from twitter_manager.settings.mailbox import Mailbox
from twitter_manager.store import answer_channels
from twitter_manager.store.database import Database

log = logging.getLogger(__name__)

SECONDS = 20.0
"""For all channels together."""
_LOOK = 10.0
"""For the look of `doctor` at one."""
_UNFORESEEN = "Nothing was done: the program failed at it. Its log says why (logs/error.log)."


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the answers for one invocation. `send`: how those who wrote mails are told."""

    app: App
    db: Database
    time_left: TimeLeft = field(default_factory=partial(TimeBudget.of, SECONDS))
    send: Callable[[Sequence[Message]], object] = sending.send

    def read(self) -> None:
        """Read and carry out all that is there, as far as the time goes."""
        for bot, owners in telegram_bots(self.app.settings).items():
            with self._harmless(bot.name):
                self._read_telegram(bot, owners)
        if box := self.app.settings.mailbox:
            with self._harmless(_name(box)):
                self._read_mail(box)

    def _read_telegram(self, bot: TelegramBot, owners: Mapping[int, frozenset[str]]) -> None:
        there = Telegram(bot, self.app.settings.telegram_url, self.time_left)
        known = answer_channels.position(self.db, bot.name)
        after, read_at = (known.text, known.read_at) if known else ("", None)
        incoming, end = there.unread(after, read_at, self.app.clock())
        for message in self._in_time(incoming):
            told = self._carry_out(bot.name, message, Actor(message.sender, "telegram"), owners[int(message.sender)])
            with suppress(AnswersUnreadable):  # it was carried out all the same; `drafts` shows how it stands
                there.say(message, told.words)
        self._arrive(bot.name, end, incoming[-1].position if incoming else after)

    def _read_mail(self, box: Mailbox) -> None:
        replies: list[str] = []
        known = answer_channels.position(self.db, _name(box))
        after = known.text if known else ""
        try:
            with mail.opened(box, self.time_left) as there:
                incoming, end = there.unread(after, self.app.clock())
                bots = frozenset(bot.name for bot in self.app.settings.active)
                for message in self._in_time(incoming):
                    told = self._carry_out(_name(box), message, Actor(message.sender, "mail"), bots)
                    replies.append(told.words)
                    if told.was_done:
                        with suppress(AnswersUnreadable):  # a mark for the person, no more
                            there.mark_as_read(message)
                self._arrive(_name(box), end, incoming[-1].position if incoming else after)
        finally:
            self._reply_by_mail(replies)

    def _in_time(self, incoming: Iterable[Incoming]) -> Iterator[Incoming]:
        """As many as there is time for; the rest stays for the next run."""
        for message in incoming:
            if self.time_left() <= 0:
                raise AnswersUnreadable("Not all answers could be read in time.", "The next run goes on.")
            yield message

    def _carry_out(self, channel: str, message: Incoming, by: Actor, bots: frozenset[str]) -> Told:
        try:
            if message.refused:
                told = Told(f"Nothing was done: {message.refused}.")
            else:
                told = Decider(self.app, self.db, by, bots).carry_out(message.text)
        except StoreError:
            raise
        except Exception:  # a reply that breaks the program must not come again for ever
            log.exception("an answer by %s", by.via)
            told = Told(_UNFORESEEN)
        log.info("an answer by %s: %s", by.via, told.words)
        with self.db.transaction():
            answer_channels.advance(self.db, channel, message.position, self.app.clock())
        return told

    def _arrive(self, channel: str, end: str, before: str) -> None:
        """What was passed over behind the last answer needs no look any more. Where nothing came, the position stays
        as old as it is: Telegram's are of no use after a while."""
        if end != before:
            with self.db.transaction():
                answer_channels.advance(self.db, channel, end, self.app.clock())

    def _reply_by_mail(self, replies: Sequence[str]) -> None:
        """Tell who wrote mails, by the channels of mail among those of the notices, or by all where there is none."""
        urls = dict.fromkeys(url for bot in self.app.settings.active for url in bot.channels.urls)
        by_mail = [url for url in urls if url.lower().startswith("mailto")]
        if replies and urls:
            body = self.app.redactor.redact("\n\n".join(replies))
            self.send([Message(url, "Your answers", body) for url in by_mail or urls])

    @contextmanager
    def _harmless(self, channel: str) -> Iterator[None]:
        """Trouble with one channel is written down, told once, and touches nothing else. It is the same as long as its
        remedy is: a service that is down now takes too long, now refuses."""
        trouble, what = "", ""
        try:
            yield
        except TwitterManagerError as error:
            log.warning("%s: %s", channel, error)
            trouble, what = str(error), error.remedy or error.message
        except Exception as error:  # whatever it is, the run goes on
            log.exception("%s", channel)
            trouble = what = f"{type(error).__name__}; the details are in logs/error.log."
        with suppress(StoreError), self.db.transaction():
            if answer_channels.is_news(self.db, channel, what, self.app.clock()):
                self.app.notes.append(self.app.redactor.redact(f"answers by {channel}: {trouble}"))


def telegram_bots(settings: Settings) -> dict[TelegramBot, dict[int, frozenset[str]]]:
    """The Telegram bots that people may answer to, each with the bots of ours of whose drafts a chat is told."""
    if settings.answer_telegram != "on":
        return {}
    bots = bots_of([url for each in settings.active for url in each.channels.urls])
    return {bot: {chat: _told_in(settings.active, bot.token, chat) for chat in bot.chats} for bot in bots if bot.chats}


def _told_in(bots: Iterable[Bot], token: str, chat: int) -> frozenset[str]:
    return frozenset(
        bot.name
        for bot in bots
        if any(each.token == token and chat in each.chats for each in bots_of(bot.channels.urls))
    )


def _name(box: Mailbox) -> str:
    """What a mailbox's folder is called in the database."""
    return f"mail {box.user}@{box.host}/{box.folder}"


# -- how to answer -----------------------------------------------------------------------------------


def how_to_answer(app: App, db: Database) -> Callable[[Draft], str]:
    """What a notice on a draft says of how it is answered, with a new code; "" where answers aren't read."""
    settings = app.settings
    by_telegram = frozenset[str]().union(
        *(names for chats in telegram_bots(settings).values() for names in chats.values())
    )

    def words(draft: Draft) -> str:
        ways = ["in this chat, if it is your Telegram chat"] * (draft.bot in by_telegram)
        if box := settings.mailbox:
            ways.append(f"by mail to {box.user}" if "@" in box.user else "by mail")
        if not ways:
            return ""
        code, is_void = deciding.issue(db, draft, timedelta(hours=settings.answer_hours), app.clock())
        changed = f"Draft {draft.id} was changed since an earlier notice: the code in that is void.\n" * is_void
        return (
            f"{changed}You can answer {', or '.join(ways)}, with one of these as the first line:\n"
            f"approve {code}\nskip {code}\nedit {code}\n"
            "Behind edit the new text follows on the lines below, with a line of --- between the parts of a thread. "
            "The code is good once."
        )

    return words


# -- a look -----------------------------------------------------------------------------------------


def examinations(app: App) -> Iterator[Examination]:
    """Whether answers can be read, for `doctor`; changes nothing."""
    settings = app.settings
    bots = telegram_bots(settings)
    if settings.answer_telegram == "on" and not bots:
        why = "ANSWER_TELEGRAM is on, and NOTIFY_URLS holds no tgram:// address with the chat of one person"
        yield "answers by telegram", partial(not_quite, why)
    for bot in bots:
        yield "answers by telegram", partial(_look_at_telegram, settings, bot)
    if box := settings.mailbox:
        yield "answers by mail", lambda: mail.verify(box, TimeBudget.of(_LOOK))


def _look_at_telegram(settings: Settings, bot: TelegramBot) -> str:
    name = Telegram(bot, settings.telegram_url, TimeBudget.of(_LOOK)).verify()
    return f"{name}, for {phrases.amount(len(bot.chats), 'chat')}"
