"""Real messages to a real mail server and web hooks: what arrives, and what a person is told where it doesn't."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home import Home, RealHome
from tests.notify.receivers import Hook, Mailbox, free_port, hook_server, mail_server, silent_server
from twitter_manager.notify.sending import SECONDS, Message, Result, send

TEXT = "Grüße aus Köln: Straße, naïve café, 日本語 🚲 & <b>no tags</b> *stars* _lines_\n\nA second paragraph."


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as server:
        yield server


def test_a_mail_arrives_readable(mailbox: Mailbox) -> None:
    """Subject and text with umlauts, other scripts, an emoji and marks of HTML read as they were written."""
    [answer] = send([Message(mailbox.url(), "Fahrräder: ein Entwurf wartet 🚲", TEXT)])
    assert answer.result is Result.SENT, answer
    [mail] = mailbox.mails
    assert mail["subject"] == "Fahrräder: ein Entwurf wartet 🚲" and "anna@example.org" in mail["to"]
    assert mailbox.texts == [TEXT] and mail.get_content_type() == "text/plain"


def test_web_hooks_get_it_too(hook: Hook) -> None:
    """As JSON, and as Slack's own format (which Mattermost and others take)."""
    slack = hook.url.replace("json://", "mmost://") + "/abcdefgh12345678abcdefgh"
    assert [each.result for each in send([Message(hook.url, "A", TEXT), Message(slack, "B", TEXT)])] == ["sent"] * 2
    told = dict(hook.got)
    assert told["/"]["message"] == TEXT and told["/"]["title"] == "A"
    assert "Grüße aus Köln" in told["/hooks/abcdefgh12345678abcdefgh"]["text"]


def test_what_goes_wrong_is_told_in_our_words(mailbox: Mailbox, hook: Hook) -> None:
    """A refused login, a refused connection, an unknown host, statuses: short, exact, and without the address."""
    hook.status = 403
    secret = "wr0ng-Pa55-w0rd"
    port = free_port()
    messages = [
        (mailbox.url(password=secret), Result.FAILED, "it refuses the login"),
        (f"mailto://bot:{secret}@127.0.0.1:{port}?from=a@b.de&to=c@d.de", Result.FAILED, "no connection to it"),
        (f"json://bot:{secret}@127.0.0.1:{port}/{secret}", Result.FAILED, "no connection to it"),
        (f"json://no-such-host.invalid/{secret}", Result.FAILED, "its host is not known"),
        (f"{hook.url}/{secret}", Result.FAILED, "it refuses the login, the key or the address"),
        (f"nosuch://{secret}", Result.FAILED, "the library apprise does not know such an address"),
    ]
    answers = send([Message(url, "T", "B") for url, _, _ in messages])
    assert [(answer.result, answer.why) for answer in answers] == [(result, why) for _, result, why in messages]
    assert mailbox.mails == []


def test_a_server_that_hangs_holds_nothing_up(hook: Hook, mailbox: Mailbox) -> None:
    """Neither a silent mail server nor a silent web hook keeps a message elsewhere from its way, nor is waited for
    without end; and both may have taken theirs."""
    hook.hangs = True
    with silent_server() as port:
        silent = Message(f"mailto://a:b@127.0.0.1:{port}?from=a@b.de&to=c@d.de", "T", "B")
        answers = send([silent, Message(f"{hook.url}?rto=600", "T", "B"), Message(mailbox.url(), "T", "B")], seconds=6)
    assert [answer.result for answer in answers] == [Result.UNSURE, Result.UNSURE, Result.SENT]
    assert all("6 seconds" in answer.why for answer in answers[:2]) and len(mailbox.mails) == 1


def test_an_answer_without_end_takes_no_memory(hook: Hook) -> None:
    """The process that sends has a limit; the program's own memory is not touched."""
    hook.endless = True
    code = (
        "import resource, sys; from twitter_manager.notify.sending import Message, send\n"
        "[answer] = send([Message(sys.argv[1], 'T', 'B')], seconds=15)\n"
        "print(answer.result, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )  # in a process of its own, whose children have used no memory yet
    done = subprocess.run([sys.executable, "-c", code, hook.url], capture_output=True, text=True, check=True)
    result, kilobytes = done.stdout.split()
    assert result != "sent" and int(kilobytes) < 1.2 * 2**20


def test_the_library_leaves_nothing_behind(hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its caches and keys would land in the user's home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert send([Message(hook.url, "T", "B"), Message("nosuch://a", "T", "B")])[0].result is Result.SENT
    assert list(tmp_path.rglob("*")) == []


def test_the_limit_is_what_the_documentation_says() -> None:
    assert SECONDS == 20


def test_notify_test_tells_how_each_channel_fared(home: Home, hook: Hook, mailbox: Mailbox) -> None:
    """One message each, and exit code 1 where one did not get through; two bots with one channel share a message."""
    dead = f"json://127.0.0.1:{free_port()}/t0ken-Of-The-Hook"
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=f"{hook.url} {mailbox.url()}")
    home.bot("ada")
    home.bot("ben", "", NOTIFY_URLS=f'"{hook.url}\n{dead}"')
    done = home("notify", "test", "--json")
    assert done.code == 1, done
    answers = {(*each["bots"], each["channel"]): (each["sent"], each["error"]) for each in done.json["channels"]}
    assert answers == {
        ("ada", "ben", "json"): (True, ""),
        ("ada", "mailto"): (True, ""),
        ("ben", "json 2"): (False, "no connection to it"),
    }
    assert len(hook.got) == len(mailbox.mails) == 1 and "Grüße" in mailbox.texts[0]
    assert home("notify", "test", "--bot", "ada").code == 0
    assert not home.database.exists(), "a test is no notice"


def test_without_a_channel_there_is_nothing_to_test(home: Home) -> None:
    done = home("notify", "test")
    assert done.code == 2 and "NOTIFY_URLS" in done.err
    assert home("notify").code == 0


def test_doctor_examines_addresses_without_sending(home: Home, hook: Hook) -> None:
    """One that the library does not know is a failure that names the variable; nothing is sent."""
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=f"{hook.url} nosuch://s3cret-T0ken-abcdef")
    report = home("doctor", "--json").json
    found = {each["name"]: each for each in report["checks"] if "notify" in each["name"]}
    assert {name: each["result"] for name, each in found.items()} == {
        "default: notify by json": "ok",
        "default: notify by nosuch": "failed",
    }
    assert "NOTIFY_URLS" in found["default: notify by nosuch"]["detail"] and hook.got == []


@pytest.mark.parametrize("words", [["run"], ["status"], ["notify"]], ids=" ".join)
def test_what_sends_nothing_does_not_import_the_library(tmp_path: Path, words: list[str]) -> None:
    """Nor does a run that sends: that is done by another process."""
    home = RealHome(tmp_path, NOTIFY_URLS="json://localhost:9/")
    home.bot("default")
    code = (
        "import sys; from twitter_manager.cli import main; main(sys.argv[1:]);"
        "print([name for name in sys.modules if name.split('.')[0] == 'apprise'])"
    )
    assert home(*words, code=code).out.strip().endswith("[]")
