"""The Bot API against our stand-in: whose words count, how far they are read, and what goes wrong."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, repeat
from typing import Any

import pytest

from tests.fakes import START
from tests.standins.telegram import ANNA, BOB, TOKEN, TelegramStandIn
from twitter_manager.answers.telegram import MOST, Telegram, TelegramBot, bots_of
from twitter_manager.errors import AnswersUnreadable

BOT = TelegramBot(TOKEN, frozenset({ANNA}))


@pytest.fixture
def service() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as standin:
        yield standin


def client(service: TelegramStandIn, seconds: float = 5.0, bot: TelegramBot = BOT) -> Telegram:
    return Telegram(bot, service.url, lambda: seconds)


def texts(service: TelegramStandIn, after: str = "") -> list[str]:
    return [message.text for message in client(service).unread(after, START, START)[0]]


def test_what_the_person_wrote_is_read_in_order(service: TelegramStandIn) -> None:
    """Each message comes with who wrote it and where to go on behind it; what is carried out is not read again."""
    first = service.write("one")
    service.write("two")
    (one, two), end = client(service).unread("", None, START)
    assert (one.text, one.sender, one.position) == ("one", str(ANNA), str(first + 1))
    assert (two.text, end) == ("two", two.position)
    assert texts(service, one.position) == ["two"]
    assert texts(service, end) == []


STRANGE: dict[str, dict[str, Any]] = {
    "another person": {"sender": BOB},
    "edited": {"kind": "edited_message"},
    "an edited message's new form": {"edit_date": 1},
    "a channel's post": {"kind": "channel_post"},
    "a business message": {"kind": "business_message"},
    "forwarded": {"forward_origin": {"type": "user"}, "forward_date": 1},
    "forwarded, as it was told before": {"forward_from": {"id": ANNA}},
    "by way of a bot": {"via_bot": {"id": 9, "is_bot": True}},
    "in a group": {"chat": {"id": -100123, "type": "supergroup"}},
    "in a group with the person's number": {"chat": {"id": ANNA, "type": "group"}},
    "by another in the person's chat": {"from": {"id": BOB, "is_bot": False}},
    "by a bot": {"from": {"id": ANNA, "is_bot": True}},
    "by nobody": {"from": None},
    "in no chat": {"chat": "private"},
    "a number as its text": {"text": 7},
    "by a chat": {"sender_chat": {"id": ANNA}},
}


@pytest.mark.parametrize("what", STRANGE)
def test_what_does_not_count_is_passed_over(service: TelegramStandIn, what: str) -> None:
    """Only the person's own message, alone with the bot, counts; the rest moves the position and nothing else."""
    number = service.write(**{"text": "approve K7QF-2M9A", **STRANGE[what]})
    service.write(None)
    incoming, position = client(service).unread("", None, START)
    assert incoming == [] and position == str(number + 2)


def test_a_position_that_telegram_has_forgotten_is_not_used(service: TelegramStandIn) -> None:
    """After a week without messages their numbers begin anew: an old position must not throw new ones away."""
    service.next_update = 12
    service.write("after the holidays")
    told = client(service)
    assert [m.text for m in told.unread("999999", START - timedelta(days=8), START)[0]] == ["after the holidays"]
    assert "offset" not in service.requests[-1]["body"]
    assert told.unread("12", START - timedelta(hours=1), START)[0][0].text == "after the holidays"
    assert service.requests[-1]["body"]["offset"] == 12


def test_no_more_than_so_many_are_read_at_once(service: TelegramStandIn) -> None:
    """A flood is read in pieces, and none of it is lost."""
    for number in range(MOST + 3):
        service.write(f"{number}")
    first, position = client(service).unread("", None, START)
    assert len(first) == MOST
    assert texts(service, position) == [f"{number}" for number in range(MOST, MOST + 3)]


def test_a_flood_of_strangers_buries_nothing(service: TelegramStandIn) -> None:
    """Anybody may write to a bot, and Telegram keeps what is written for a day only: one run reads past them."""
    for _ in range(10 * MOST):
        service.write("approve AAAA-1111", sender=BOB)
    service.write("skip K7QF-2M9A")
    assert texts(service) == ["skip K7QF-2M9A"]


def test_messages_that_are_too_long_together_are_read_one_by_one(service: TelegramStandIn) -> None:
    """A stranger who fills a page with long messages does not end the answers."""
    for _ in range(MOST):
        service.write("x", sender=BOB, reply_to_message={"text": "x" * 70_000})
    service.write("skip K7QF-2M9A")
    after, read = "", list[str]()
    for _ in range(3):
        incoming, after = client(service).unread(after, START, START)
        read += [message.text for message in incoming]
    assert read == ["skip K7QF-2M9A"]


def test_a_reply_goes_to_who_wrote(service: TelegramStandIn) -> None:
    """It names the message that it answers, and is cut to a size that Telegram takes."""
    service.write("hello")
    (message,), _ = client(service).unread("", None, START)
    client(service).say(message, "x" * 9000)
    assert service.said[0]["chat_id"] == ANNA
    assert service.said[0]["reply_parameters"]["message_id"] == message.key
    assert len(service.replies()[0]) <= 4096


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unauthorized", "does not know the bot's token"),
        ("not_found", "does not know the bot's token"),
        ("conflict", "Another program takes the messages"),
        ("rate_limited", "35 seconds"),
        ("error_500", "answer is 500"),
        ("html_502", "answer 502 can't be read"),
        ("malformed", "answer 200 can't be read"),
        ("no_list", "not what was asked for"),
        ("bad_update", "not what was asked for"),
        ("deep", "can't be read"),
        ("long", "too long"),
        ("redirect", "can't be read"),
        ("drop", "could not be reached"),
        ("reset", "could not be reached"),
        ("truncate", "could not be reached"),
        ("hang", "did not answer in time"),
    ],
)
def test_trouble_is_told_in_words_without_the_token(service: TelegramStandIn, fault: str, words: str) -> None:
    """Whatever goes wrong is one error with a remedy, in bounded time, and nothing of the token is in it."""
    service.write("approve K7QF-2M9A")
    service.fault(fault, times=3 if fault == "long" else 1)
    with pytest.raises(AnswersUnreadable, match=words) as told:
        client(service, seconds=1.5).unread("", None, START)
    assert TOKEN[-10:] not in str(told.value) and told.value.remedy
    assert told.value.__cause__ is None
    assert texts(service) == ["approve K7QF-2M9A"]


def test_a_webhook_is_seen(service: TelegramStandIn) -> None:
    """Where another program has the messages, both reading and the look of `doctor` say so."""
    assert client(service).verify() == "@standin_bot"
    service.webhook = "https://example.org/hook"
    for look in (client(service).verify, lambda: client(service).unread("", None, START)):
        with pytest.raises(AnswersUnreadable, match="Another program"):
            look()


def test_an_answer_that_drips_ends_in_time() -> None:
    """A byte now and then keeps no run waiting, although no single wait is long."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                for byte in chain(b"HTTP/1.1 200 OK\r\nX-Long: ", repeat(ord("x"))):
                    connection.sendall(bytes([byte]))
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        with pytest.raises(AnswersUnreadable, match="did not answer in time"):
            Telegram(BOT, f"http://127.0.0.1:{server.getsockname()[1]}", lambda: 1.0).unread("", None, START)


def test_nobody_there() -> None:
    """A port where nobody listens is told as such."""
    with pytest.raises(AnswersUnreadable, match="could not be reached"):
        Telegram(BOT, "http://127.0.0.1:9", lambda: 2.0).unread("", None, START)


@pytest.mark.parametrize(
    ("address", "chats"),
    [
        (f"tgram://{TOKEN}/4711", {ANNA}),
        (f"tgram://{TOKEN}/4711/", {ANNA}),
        (f"tgram://bot{TOKEN}/4711/4712/?format=markdown", {ANNA, BOB}),
        (f"tgram://{TOKEN}/4711:9/-100123/@channel", {ANNA}),
        (f"TGRAM://{TOKEN.replace(':', '%3A')}/4711", {ANNA}),
        (f"tgram://{TOKEN}/-100123", set()),
    ],
)
def test_the_bot_is_the_one_that_notices_come_from(address: str, chats: set[int]) -> None:
    """A person gives token and chat once, in the address of their channel; groups are left out."""
    (bot,) = bots_of(["mailtos://anna:x@example.org", address])
    assert (bot.token, bot.chats) == (TOKEN, chats)
    assert TOKEN[-10:] not in f"{bot!r} {bot.name}"


def test_several_addresses_of_one_bot_are_one() -> None:
    """Its messages are read once, whoever of several people wrote them."""
    assert bots_of([f"tgram://{TOKEN}/{ANNA}", f"tgram://{TOKEN}/{BOB}", "slack://x"]) == (
        TelegramBot(TOKEN, frozenset({ANNA, BOB})),
    )
