"""Answers as a run reads them: from Telegram and from a mailbox, in order, once, bounded, and told."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.answers.world import TEXTS, Desk
from tests.home import Home
from tests.notify.receivers import Mailbox as SmtpServer
from tests.notify.receivers import mail_server
from tests.standins.dovecot import PASSWORD, USER, Dovecot, dovecot
from tests.standins.telegram import ANNA, BOB, TOKEN, TelegramStandIn
from twitter_manager.answers import reading
from twitter_manager.answers.reading import Reader, how_to_answer
from twitter_manager.notify.sending import Message
from twitter_manager.store import answer_channels, events

KINDS = ("draft_ready", "reminder", "failed", "credentials", "budget", "nothing_posted", "material_low")
QUIET = 'approve = "always"\npool = 1\n[notify]\n' + "".join(f"{kind} = false\n" for kind in KINDS)
"""A bot that tells nobody: there is no Telegram here to tell."""
CODE = r"[0-9A-Z]{4}-[0-9A-Z]{4}"


@pytest.fixture
def service() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as standin:
        yield standin


def telegram_settings(service: TelegramStandIn, *chats: int) -> dict[str, str]:
    where = "/".join(map(str, chats or (ANNA,)))
    return {"NOTIFY_URLS": f"tgram://{TOKEN}/{where}", "ANSWER_TELEGRAM": "on", "TELEGRAM_API_URL": service.url}


@pytest.fixture
def desk(tmp_path: Path, service: TelegramStandIn) -> Iterator[Desk]:
    made = Desk.at(tmp_path / "home", QUIET, **telegram_settings(service))
    yield made
    made.db.close()


def feed(home: Home) -> str:
    path = home.path / "data" / "feed-tea.xml"
    return path.read_text() if path.exists() else ""


def read(desk: Desk, seconds: float = 20.0) -> None:
    Reader(desk.app, desk.db, lambda: seconds).read()


def test_a_run_carries_out_what_was_written(tmp_path: Path, service: TelegramStandIn) -> None:
    """The program as cron starts it reads the answer, tells the person, and publishes what they approved."""
    desk = Desk.at(tmp_path / "home", QUIET, **telegram_settings(service))
    number = desk.draft()
    service.write(f"ok {desk.code(number)}")
    desk.db.close()
    done = desk.home("run")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert TEXTS[0] in feed(desk.home)
    (reply,) = service.replies()
    assert re.fullmatch(rf"Draft {number} is approved, and goes out .*\.", reply)
    assert TOKEN[-10:] not in desk.home.log()


def test_a_dry_run_reads_nothing(tmp_path: Path, service: TelegramStandIn) -> None:
    """Looking ahead takes no answer away."""
    desk = Desk.at(tmp_path / "home", QUIET, **telegram_settings(service))
    service.write(f"ok {desk.code(desk.draft())}")
    desk.db.close()
    assert desk.home("run", "--dry-run").code == 0
    assert service.requests == [] and len(service.updates) == 1


@pytest.mark.parametrize("words", ["status", "run"])
def test_without_answers_nothing_of_them_is_imported(tmp_path: Path, words: str) -> None:
    """Who answers in another way pays nothing."""
    home = Home(tmp_path / "home")
    code = (
        "import sys; from twitter_manager.cli import main; main(sys.argv[1:]); names = ('answers', 'authres');"
        "print('READ', [name for name in sys.modules if name.removeprefix('twitter_manager.').startswith(names)])"
    )
    assert home(words, code=code).out.strip().endswith("READ []")


def test_of_two_answers_in_one_poll_the_first_wins(desk: Desk, service: TelegramStandIn) -> None:
    """Approve then skip: the draft is approved, and the second is told why nothing came of it."""
    number = desk.draft()
    code = desk.code(number)
    service.write(f"approve {code}")
    service.write(f"skip {code}")
    read(desk)
    assert desk.status(number) == "approved"
    first, second = service.replies()
    assert "is approved" in first and "used already" in second


def test_a_message_of_a_stranger_does_nothing_and_hears_nothing(desk: Desk, service: TelegramStandIn) -> None:
    """Even with a right code."""
    number = desk.draft()
    service.write(f"approve {desk.code(number)}", BOB)
    read(desk)
    assert desk.status(number) == "pending" and service.replies() == []


def test_a_chat_decides_on_the_drafts_of_its_own_bots(tmp_path: Path, service: TelegramStandIn) -> None:
    """Two bots may tell two people by one Telegram bot: each decides on what they are told of."""
    desk = Desk.at(tmp_path / "home", QUIET, **telegram_settings(service))
    desk.home.bot("coffee", QUIET, NOTIFY_URLS=f"tgram://{TOKEN}/{BOB}")
    desk.db.close()
    desk = Desk.over(desk.home)
    tea, coffee = desk.draft(), desk.draft(TEXTS[1], bot="coffee")
    service.write(f"approve {desk.code(tea)}", BOB)
    service.write(f"approve {desk.code(coffee)}", BOB)
    read(desk)
    assert (desk.status(tea), desk.status(coffee)) == ("pending", "approved")
    assert len([request for request in service.requests if "getUpdates" in request["target"]]) == 1
    desk.db.close()


KILLED = """
import os, signal, sys
from twitter_manager.cli import main
from twitter_manager.store import answer_channels
answer_channels.advance = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
main(sys.argv[1:])
"""


def test_a_replayed_update_does_nothing(tmp_path: Path, service: TelegramStandIn) -> None:
    """Killed after the action and before its place was kept, the program reads the message again: to the same end."""
    desk = Desk.at(tmp_path / "home", QUIET, **telegram_settings(service))
    number = desk.draft()
    service.write(f"skip {desk.code(number)}")
    assert desk.home("run", code=KILLED).code == -9
    assert desk.status(number) == "skipped" and answer_channels.position(desk.db, "telegram 1234567890") is None
    trail = events.of_draft(desk.db, number)
    assert desk.home("run").code == 0
    assert "used already" in service.replies()[-1] and events.of_draft(desk.db, number) == trail
    read(desk)
    assert len(service.replies()) == 1 and service.updates == []
    desk.db.close()


def test_numbers_that_begin_anew_after_a_quiet_week(desk: Desk, service: TelegramStandIn) -> None:
    """Runs that found nothing keep no old position alive, which would throw the first answer after it away."""
    service.write("hello")
    for _ in range(10):
        read(desk)
        desk.clock.now += timedelta(hours=18)
    number = desk.draft()
    service.next_update = 3
    service.write(f"approve {desk.code(number)}")
    read(desk)
    assert desk.status(number) == "approved"


@pytest.mark.parametrize("fault", ["unauthorized", "conflict", "rate_limited", "hang", "malformed"])
def test_trouble_is_a_warning_that_is_told_once(desk: Desk, service: TelegramStandIn, fault: str) -> None:
    """It is news the first time, and again after it was well; no answer is lost by it."""
    number = desk.draft()
    service.write(f"approve {desk.code(number)}")
    service.fault(fault, times=2)
    for _ in range(2):
        read(desk, seconds=0.5)
    assert len(desk.app.notes) == 1 and TOKEN[-10:] not in desk.app.notes[0]
    assert desk.status(number) == "pending"
    service.faults.clear()  # on a busy machine half a second may have been over before one was met
    read(desk)
    assert desk.status(number) == "approved"
    service.fault(fault)
    read(desk, seconds=0.5)
    assert len(desk.app.notes) == 2


def test_a_service_that_is_down_is_one_trouble(desk: Desk, service: TelegramStandIn) -> None:
    """However it fails from hour to hour, it is told once; a trouble with another remedy is news."""
    for fault in ("hang", "error_500", "drop", "rate_limited", "unauthorized", "conflict"):
        service.fault(fault)
        read(desk, seconds=0.5)
        service.faults.clear()
    assert ["gave no answers" in desk.app.notes[0], len(desk.app.notes)] == [True, 3]


def test_a_reply_that_can_not_be_sent_costs_nothing(desk: Desk, service: TelegramStandIn) -> None:
    """The action counts, although the person does not hear of it at once."""
    number = desk.draft()
    service.write(f"approve {desk.code(number)}")
    service.fault("error_500", path="*/sendMessage")
    read(desk)
    assert desk.status(number) == "approved" and desk.app.notes == []
    assert service.replies() == []


def test_the_time_is_bounded(desk: Desk, service: TelegramStandIn) -> None:
    """What there is no time for is read by the next run."""
    first, second = desk.draft(), desk.draft(TEXTS[1])
    for number in (first, second):
        service.write(f"approve {desk.code(number)}")
    left = iter([20.0, 20.0, 20.0])
    Reader(desk.app, desk.db, lambda: next(left, 0.0)).read()
    assert (desk.status(first), desk.status(second)) == ("approved", "pending")
    read(desk)
    assert desk.status(second) == "approved"


def test_a_reply_that_breaks_the_program_comes_once(
    desk: Desk, service: TelegramStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours is told and logged, and the next answers are read all the same."""
    number = desk.draft()
    service.write("approve 0000-0001")
    service.write(f"skip {desk.code(number)}")
    found = reading.Decider._find
    monkeypatch.setattr(
        reading.Decider, "_find", lambda self, code: 1 // 0 if code == "00000001" else found(self, code)
    )
    read(desk)
    assert "the program failed" in service.replies()[0] and desk.status(number) == "skipped"


def test_the_notice_says_how_it_is_answered(desk: Desk) -> None:
    """Each answer that it offers works as it stands there; of an edited draft it says that the old code is void."""
    number = desk.draft()
    told = how_to_answer(desk.app, desk.db)(desk.get(number))
    assert "Telegram" in told and "mail" not in told and "void" not in told
    edit = re.search(rf"^edit {CODE}$", told, re.MULTILINE)
    assert edit and desk.answer(f"{edit[0]}\nGreen tea takes three minutes.").was_done
    told = how_to_answer(desk.app, desk.db)(desk.get(number))
    assert "void" not in told  # the answer used it up, and was told
    desk.code(number)
    desk.answer(re.search(rf"^edit {CODE}$", told, re.MULTILINE)[0] + "\nOther words.")  # type: ignore[index]
    approve = re.search(rf"^approve {CODE}$", how_to_answer(desk.app, desk.db)(desk.get(number)), re.MULTILINE)
    assert approve and desk.answer(approve[0]).was_done


def test_doctor_says_whether_answers_can_be_read(tmp_path: Path, service: TelegramStandIn) -> None:
    """It names the bot where it is well, and what to do where it is not; it takes no message away."""
    home = Desk.at(tmp_path / "home", QUIET, **telegram_settings(service)).home
    service.write("hello")

    def look() -> dict[str, str]:
        checks = home("doctor", "--json").json["checks"]
        return next(check for check in checks if check["name"] == "answers by telegram")

    assert look()["detail"] == "@standin_bot, for 1 chat"
    service.webhook = "https://example.org"
    assert look()["result"] == "failed" and "@BotFather" in look()["remedy"]
    assert len(service.updates) == 1
    home.settings(GENERATORS="excerpt", ANSWER_TELEGRAM="on")
    assert look()["result"] == "warning"


# -- by mail -----------------------------------------------------------------------------------------


@pytest.fixture
def imap() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with mail_server() as server:
        yield server


def mail_settings(imap: Dovecot, smtp: SmtpServer) -> dict[str, str]:
    return {
        "NOTIFY_URLS": smtp.url(),
        "IMAP_HOST": "localhost",
        "IMAP_PORT": str(imap.tls),
        "IMAP_USER": USER,
        "IMAP_PASSWORD": PASSWORD,
        "ANSWERS_FROM": "anna@example.org",
        "SSL_CERT_FILE": str(imap.certificate),
    }


def reply(text: str, to: str, **headers: str) -> bytes:
    """A person's mail that quotes the notice, as a mail program writes it."""
    message = EmailMessage()
    message["From"], message["Subject"] = "Anna <anna@example.org>", "Re: tea: a draft waits"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    quoted = "\n".join(f"> {line}" for line in to.split("\n"))
    message.set_content(f"{text}\n\nOn Fri, 27 Nov 2026 at 15:04, Poster <bot@example.org> wrote:\n\n{quoted}\n")
    return bytes(message)


def test_a_notice_is_answered_by_mail(tmp_path: Path, imap: Dovecot, smtp: SmtpServer) -> None:
    """From the run that writes a draft to the one that publishes it: an edit, another notice with another code, a yes.
    A reply that only quotes the code does nothing in between, and neither does the notice itself."""
    home = Home(tmp_path / "home", **mail_settings(imap, smtp))
    home.bot("tea", 'approve = "always"\npool = 1\n')
    assert home("run").err == ""
    (first,) = smtp.texts
    imap.deliver(reply("", first))
    imap.deliver(bytes(smtp.mails[0]))
    assert home("run").err == "" and feed(home) == ""
    assert any("has no words of its own" in text for text in smtp.texts) and len(smtp.texts) <= 3
    edit = re.search(rf"^edit {CODE}$", first, re.MULTILINE)
    assert edit
    imap.deliver(reply(f"{edit[0]}\nTea is older than coffee.\n\n-- \nAnna", first))
    assert home("run").err == "" and feed(home) == ""
    assert imap.seen() == imap.all()[-1:]
    second = next(text for text in reversed(smtp.texts) if "Tea is older than coffee." in text and "approve" in text)
    yes = re.search(rf"^approve {CODE}$", second, re.MULTILINE)
    assert yes and yes[0].split()[1] != edit[0].split()[1]
    imap.deliver(reply(yes[0], second))
    assert home("run", "--force").err == ""
    assert "Tea is older than coffee." in feed(home) and "Anna" not in feed(home)
    assert PASSWORD not in home.log() and len(imap.all()) == 4


def test_a_forged_mail_does_nothing_and_is_told(tmp_path: Path, imap: Dovecot, smtp: SmtpServer) -> None:
    """Even with a right code: the receiving server says that it is not the person's."""
    desk = Desk.at(tmp_path / "home", QUIET, **mail_settings(imap, smtp))
    number = desk.draft()
    forged = "mx.example.org; dmarc=fail header.from=example.org"
    imap.deliver(reply(f"approve {desk.code(number)}", "x", Authentication_Results=forged))
    sent: list[Message] = []
    desk.app.settings.hand_on(env := {})
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SSL_CERT_FILE", env["SSL_CERT_FILE"])
        replace(Reader(desk.app, desk.db), send=lambda messages: sent.extend(messages)).read()
    assert desk.status(number) == "pending" and imap.seen() == []
    assert "dmarc failed" in sent[0].body
    desk.db.close()


def test_a_mailbox_that_hangs_keeps_no_run_waiting(tmp_path: Path, smtp: SmtpServer) -> None:
    """The run goes on after its time, with one line on what is wrong and none of the password."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        settings = {"IMAP_HOST": "127.0.0.1", "IMAP_PORT": port, "IMAP_USER": USER, "IMAP_PASSWORD": "geheim 123"}
        desk = Desk.at(tmp_path / "home", QUIET, ANSWERS_FROM="anna@example.org", **settings)
        read(desk, seconds=1.0)
        (note,) = desk.app.notes
        assert "took too long" in note and "geheim" not in note
        desk.db.close()
