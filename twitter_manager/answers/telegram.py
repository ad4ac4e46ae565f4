"""The Bot API of Telegram, as far as answers need it: what was written to a bot, and a short reply.

https://core.telegram.org/bots/api. Only what the person of a configured chat wrote to the bot themselves, alone with
it, counts: no group, channel, forwarded or edited message, and nothing that a bot wrote. Telegram keeps a message for a
day, unless a later one is asked for by its number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from twitter_manager.answers.incoming import Incoming
from twitter_manager.domain import Json, TimeLeft
from twitter_manager.errors import AnswersUnreadable

if TYPE_CHECKING:
    import httpx

MOST = 50
"""Messages that are read at once; the rest stays there for the next run."""
MOST_LOOKS = 20
"""So often a run asks where none of them counts: anybody may write to a bot, and must not bury what its person says."""
MOST_BYTES = 2 * 1024 * 1024
SECONDS = 8.0
"""For one request."""
KEPT_THERE = timedelta(hours=24)
"""For so long Telegram keeps a message."""
LONGEST_REPLY = 1_000
_ADDRESS = re.compile(r"tgram://(?:[^/@\s]{1,100}@)?(?:bot)?(\d{1,20}:[\w-]{20,100})/(\S{1,500})", re.IGNORECASE)
_ASK_BOTFATHER = "Look at the tgram:// address in NOTIFY_URLS; @BotFather shows the bot's token."


@dataclass(frozen=True, slots=True)
class TelegramBot:
    """A bot by its token, and the people who may write to it."""

    token: str
    chats: frozenset[int]

    def __repr__(self) -> str:
        return f"<{self.name}>"

    @property
    def name(self) -> str:
        """What it is called in the database: no secret."""
        return f"telegram {self.token.partition(':')[0]}"


def bots_of(addresses: Collection[str]) -> tuple[TelegramBot, ...]:
    """The bots in apprise's addresses of channels (tgram://TOKEN/CHAT/CHAT), with the chats that are one person's."""
    chats: dict[str, set[int]] = {}
    for address in addresses:
        if found := _ADDRESS.match(unquote(address)):
            targets = re.split("[/,]", found[2].partition("?")[0])
            people = {int(target.partition(":")[0]) for target in targets if re.fullmatch(r"\d{1,18}(?::\d+)?", target)}
            chats.setdefault(found[1], set()).update(people)
    return tuple(TelegramBot(token, frozenset(people)) for token, people in chats.items())


@dataclass(frozen=True, slots=True)
class Telegram:
    """One bot at the Bot API. Every request is bounded in time and size, and raises AnswersUnreadable."""

    bot: TelegramBot
    base_url: str
    time_left: TimeLeft

    def unread(self, after: str, read_at: datetime | None, now: datetime) -> tuple[list[Incoming], str]:
        """What came since the position `after` that was saved at `read_at`, oldest first, and where to go on once all
        of it is carried out.

        A position older than what Telegram keeps is of no use, and may do harm: after a week of silence the numbers
        begin anew, anywhere."""
        position = after if after and read_at and abs(now - read_at) < KEPT_THERE else ""
        incoming, most = list[Incoming](), MOST
        for _ in range(MOST_LOOKS):
            try:
                updates = self._updates(position, most)
            except _TooLong:
                if most == 1:
                    raise
                most = max(1, most // 10)
                continue
            for number, update in updates:
                position = str(number + 1)
                if message := _persons(update.get("message"), self.bot.chats):
                    chat, text = message["chat"]["id"], message["text"]
                    incoming.append(Incoming(text, str(chat), position, _whole(message.get("message_id"))))
            if incoming or len(updates) < most:
                break
        return incoming, position or after

    def _updates(self, position: str, most: int) -> list[tuple[int, Mapping[str, Any]]]:
        """What comes at this position and after it, each with its number."""
        wanted: Json = {"timeout": 0, "limit": most, "allowed_updates": ["message"]}
        updates = self._ask("getUpdates", wanted | ({"offset": int(position)} if position else {}))
        numbered = list[tuple[int, Mapping[str, Any]]]()
        for update in updates if isinstance(updates, list) else [None]:
            told = _as_dict(update)
            number = told.get("update_id")
            if not isinstance(number, int) or not 0 <= number < 2**53:
                raise self._unreadable("its answer is not what was asked for")
            numbered.append((number, told))
        return numbered

    def say(self, to: Incoming, words: str) -> None:
        """Reply to a message."""
        reply = {"message_id": to.key, "allow_sending_without_reply": True}
        text = words if len(words) <= LONGEST_REPLY else words[: LONGEST_REPLY - 1] + "…"
        options = {"reply_parameters": reply, "link_preview_options": {"is_disabled": True}}
        self._ask("sendMessage", {"chat_id": int(to.sender), "text": text, **options})

    def verify(self) -> str:
        """Who the bot is, where answers can be read. Reads and changes nothing else."""
        name = _as_dict(self._ask("getMe", {})).get("username")
        if _as_dict(self._ask("getWebhookInfo", {})).get("url"):
            raise _webhook()
        return f"@{name}" if isinstance(name, str) and re.fullmatch(r"\w{1,64}", name) else "the bot"

    def _ask(self, method: str, parameters: Json) -> Any:
        """The result of one request."""
        import httpcore
        import httpx

        try:
            with closing(_client(min(SECONDS, self.time_left()))) as client:
                url = f"{self.base_url}/bot{self.bot.token}/{method}"
                with client.stream("POST", url, json=parameters) as response:
                    status, content = response.status_code, response.read()
        except (httpx.HTTPError, httpcore.NetworkError, httpcore.TimeoutException, httpx.InvalidURL, OSError) as error:
            raise self._unreadable(_reason(error)) from None  # httpx's messages may hold the address, and so the token
        try:
            answer = _as_dict(json.loads(content))
        except (ValueError, RecursionError):
            answer = {}
        if status == 200 and answer.get("ok") is True:
            return answer.get("result")
        raise self._refusal(status, answer)

    def _refusal(self, status: int, answer: Mapping[str, Any]) -> AnswersUnreadable:
        if status in (401, 404) and answer.get("ok") is False:
            return AnswersUnreadable("Telegram does not know the bot's token.", _ASK_BOTFATHER)
        if status == 409:
            return _webhook()
        if status == 429:
            seconds = _whole(_as_dict(answer.get("parameters")).get("retry_after"))
            wait = f"; it wants {seconds:,} seconds of rest" if seconds else ""
            return self._unreadable(f"it was asked too often{wait}")
        return self._unreadable(f"its answer is {status}" if answer else f"its answer {status} can't be read")

    def _unreadable(self, why: str) -> AnswersUnreadable:
        return AnswersUnreadable(f"Telegram gave no answers: {why}.", "The next run reads them.")


class _TooLong(AnswersUnreadable):
    """Its answer is longer than is read."""


def _webhook() -> AnswersUnreadable:
    message = "Another program takes the messages of the Telegram bot (it has a webhook, or is read elsewhere too)."
    return AnswersUnreadable(message, "Make a bot for answers alone, with @BotFather.")


def _persons(message: object, chats: Collection[int]) -> Mapping[str, Any] | None:
    """The message, where it counts: text that one of these people wrote to the bot, alone with it."""
    told = _as_dict(message)
    chat, sender = _as_dict(told.get("chat")), _as_dict(told.get("from"))
    by_others = told.keys() & {
        "forward_origin", "forward_from", "forward_from_chat", "forward_date", "via_bot", "sender_chat", "edit_date",
        "is_automatic_forward", "sender_business_bot",
    }  # fmt: skip
    counts = (
        chat.get("type") == "private"
        and _whole(chat.get("id")) in chats
        and sender.get("id") == chat.get("id")
        and sender.get("is_bot") is False
        and isinstance(told.get("text"), str)
    )
    return told if counts and not by_others else None


def _client(seconds: float) -> httpx.Client:
    """A client for one request that is over, whatever comes, in so many seconds."""
    import time

    import httpcore
    import httpx

    from twitter_manager.sources.watching import watched

    deadline, left = time.monotonic() + seconds, [MOST_BYTES]

    def seconds_left() -> float:
        if (rest := deadline - time.monotonic()) <= 0:
            raise TimeoutError("no answer in time")
        return rest

    def spend(count: int) -> None:
        left[0] -= count
        if left[0] < 0:
            raise _TooLong("Telegram gave no answers: its answer is too long.", "The next run reads them.")

    class Backend(httpcore.SyncBackend):
        def connect_tcp(
            self, host: str, port: int, timeout: float | None = None, *rest: Any, **more: Any
        ) -> httpcore.NetworkStream:
            return watched(super().connect_tcp(host, port, seconds_left(), *rest, **more), seconds_left, spend)

    client = httpx.Client(headers={"Accept-Encoding": "identity"}, follow_redirects=False, timeout=seconds)
    for transport in (client._transport, *client._mounts.values()):  # the latter: of proxies
        if isinstance(transport, httpx.HTTPTransport):
            transport._pool._network_backend = Backend()
    return client


def _reason(error: Exception) -> str:
    is_late = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
    return "it did not answer in time" if is_late else f"it could not be reached ({type(error).__name__})"


def _as_dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53 else 0
