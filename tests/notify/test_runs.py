"""What runs tell, hour by hour, and what never comes twice: the program as cron starts it, with real receivers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home import Home, x_settings
from tests.notify.receivers import Hook, Mailbox, free_port, hook_server, mail_server
from tests.standins.llm import Fault, LlmServer
from tests.standins.x import XStandIn

POOL = "pool = 4\n"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as server:
        yield server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


def change(home: Home, sql: str, *values: object) -> None:
    connection = sqlite3.connect(home.database)
    connection.execute(sql, values)
    connection.commit()
    connection.close()


def set_aside(home: Home, many: int, status: str = "needs_attention", bot: str = "default") -> list[tuple[int, str]]:
    """So many ready drafts wait for a person from now on; gives their numbers and texts."""
    ready = home.rows(f"SELECT id FROM drafts WHERE status = 'approved' AND bot = '{bot}' ORDER BY id LIMIT {many}")
    for (number,) in ready:
        change(home, "UPDATE drafts SET status = ?, reason = 'who says so?' WHERE id = ?", status, number)
    numbers = ", ".join(str(number) for (number,) in ready)
    return home.rows(f"SELECT draft_id, text FROM parts WHERE draft_id IN ({numbers}) ORDER BY draft_id")


def kinds(home: Home) -> list[str]:
    return [kind for (kind,) in home.rows("SELECT kind FROM notices ORDER BY id")]


def told(home: Home) -> list[tuple[str, int, str]]:
    return home.rows("SELECT status, tries, error FROM notice_deliveries ORDER BY id")


def test_drafts_that_wait_are_told_in_full_and_once(home: Home, hook: Hook, mailbox: Mailbox) -> None:
    """All of one run in one message a channel, each with its whole text and the commands; the next hours are silent,
    and a post that goes out well is no news."""
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=f"{hook.url} {mailbox.url()}")
    home.bot("default", POOL)
    assert home("run").code == 0 and hook.got == [] and kinds(home) == []
    waiting = [*set_aside(home, 1), *set_aside(home, 1, "pending")]
    for _ in range(3):
        home.next_slot()
        done = home("run")
        assert (done.code, done.out, done.err) == (0, "", "")
    [body], [mail] = hook.bodies, mailbox.texts
    assert body["title"] == "default: a draft waits for your word"
    for (number, text), lets_go in zip(waiting, ("resume", "drafts approve"), strict=True):
        for message in (body["message"], mail):
            assert text in message and f"Draft {number} waits for your word: who says so?" in message
            assert f"{lets_go} {number}" in message and f"skip {number}" in message
    assert kinds(home) == ["draft_ready", "draft_ready"] and told(home) == [("sent", 1, "")] * 4
    listed = home("notify", "--json").json["notices"]
    assert {(each["kind"], each["channels"][0]["status"]) for each in listed} == {("draft_ready", "sent")}


def test_bots_share_a_message_where_they_share_a_channel(home: Home, hook: Hook) -> None:
    """A bot with channels of its own tells it there, and nowhere else."""
    own = hook.url + "/own"
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
    for name, more in {"ada": "", "ben": "", "cleo": own}.items():
        home.bot(name, POOL, **({"NOTIFY_URLS": more} if more else {}))
    home("run")
    expected = {name: set_aside(home, 1, bot=name)[0][1] for name in ("ada", "ben", "cleo")}
    home.next_slot()
    assert home("run").code == 0
    messages = dict(hook.got)
    assert len(hook.got) == 2 and messages["/"]["title"] == "ada and ben: a draft waits for your word"
    shared, alone = messages["/"]["message"], messages["/own"]["message"]
    assert expected["ada"] in shared and expected["ben"] in shared and "== ben ==" in shared
    assert expected["cleo"] in alone and expected["cleo"] not in shared and expected["ada"] not in alone


def test_what_is_switched_off_is_not_told(home: Home, hook: Hook) -> None:
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
    home.bot("default", f"{POOL}[notify]\ndraft_ready = false\n")
    home("run")
    set_aside(home, 1)
    home.next_slot()
    home("run")
    assert hook.got == [] and kinds(home) == []


def test_a_dry_run_sends_nothing(home: Home, hook: Hook) -> None:
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
    home.bot("default", POOL)
    home("run")
    set_aside(home, 1)
    assert home("run", "--dry-run").code == 0
    assert hook.got == [] and kinds(home) == []


def test_refused_keys_and_the_post_that_failed(home: Home, x: XStandIn, hook: Hook) -> None:
    """One message says that X does not take the keys and which post did not get out, with the command to go on; another
    post that fails for the same is no news."""
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url, **(x_settings(x) | {"TWITTER_API_SECRET": "f" * 50}))
    home.bot("default", 'platforms = ["x"]\n[limits]\nusd_per_month = 100\n')
    assert home("run").code == 1
    [body] = hook.bodies
    assert body["title"] == "default: things to know"
    assert "X does not accept the keys" in body["message"] and "Draft 1 failed" in body["message"]
    assert "resume 1" in body["message"]
    assert kinds(home) == ["failed", "credentials"]
    home.next_slot()
    assert home("run").code == 1
    assert kinds(home)[2:] == [] and len(hook.got) == 1


def test_post_now_tells_too(home: Home, x: XStandIn, hook: Hook) -> None:
    """A person's own post that failed."""
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url, **(x_settings(x) | {"TWITTER_API_SECRET": "f" * 50}))
    home.bot("default", 'platforms = ["x"]\n')
    assert home("post", "We ride at nine.", "--now").code == 1
    assert "failed" in hook.bodies[0]["message"] and "credentials" in kinds(home)


def test_slots_without_a_post(home: Home, hook: Hook) -> None:
    """After as many as are set, with the last run's reason; told once a day."""
    notes = home.path / "notes"
    notes.mkdir()
    (notes / "tea.md").write_text("# Tea\n\nTea is served in the hut on every ride of the club.\n")
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
    source = f'[[sources]]\nkind = "files"\npath = "{notes}"\n'
    home.bot("default", f"[notify]\nslots = 3\nmaterial_low = false\n{source}")
    assert home("run").code == 0
    for _ in range(5):
        home.next_slot()
        home("run")
    assert kinds(home) == ["nothing_posted"]
    [body] = hook.bodies
    assert body["title"] == "default: no posts go out" and "3 slots got none" in body["message"]


def test_material_that_runs_out(home: Home, hook: Hook) -> None:
    """What the run tells once by mail of cron, it tells here too."""
    notes = home.path / "notes"
    notes.mkdir()
    for number in range(2):
        (notes / f"{number}.md").write_text(f"# Ride {number}\n\nRide number {number} goes to the mill on the hill.\n")
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
    home.bot("default", f'[[sources]]\nkind = "files"\npath = "{notes}"\n')
    assert "runs out" in home("run").err
    home.next_slot()
    home("run")
    assert kinds(home) == ["material_low"] and "The material runs out" in hook.bodies[0]["message"]


def test_a_dead_channel_is_a_warning_once_and_loses_nothing(home: Home, hook: Hook) -> None:
    """The run goes well; cron hears of the channel once, hour after hour no more; what waited comes as one message when
    it works again."""
    port = free_port()
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=f"json://127.0.0.1:{port}/")
    home.bot("default", POOL)
    home("run")
    heard = []
    for _ in range(2):
        set_aside(home, 1)
        home.next_slot()
        done = home("run")
        assert done.code == 0
        heard.append(done.err)
    assert "json does not take messages: no connection to it" in heard[0] and heard[1] == ""
    assert told(home) == [("waiting", 2, "no connection to it"), ("waiting", 1, "no connection to it")]
    assert "no connection to it" in home("notify").out
    [troubled] = [each for each in home("doctor", "--json").json["checks"] if "notify" in each["name"]]
    assert troubled["result"] == "warning" and "no connection to it" in troubled["detail"]
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
    assert home("notify", "test").code == 0 and home.rows("SELECT * FROM notice_troubles") == []
    home.next_slot()
    assert home("run").err == "" and len(hook.got) == 2
    assert [status for status, _, _ in told(home)] == ["sent", "sent"]
    assert home.rows("SELECT * FROM notice_troubles") == []


def test_killed_before_and_after_the_message_left(home: Home, hook: Hook) -> None:
    """A run that dies between the commit and the message: the next sends it. One that dies after the message: it comes
    once more, and no more than that."""
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
    home.bot("default", POOL)
    home("run")
    set_aside(home, 1)
    patched = """
import os, sys
from twitter_manager.verbs import running
from twitter_manager.notify import sending
from twitter_manager.cli import main
def dying(messages):
    if {after}: sending.send(messages)
    os._exit(9)
real = running.Notifier
running.Notifier = lambda *words: real(*words, send=dying)
sys.exit(main(sys.argv[1:]))
"""
    home.next_slot()
    assert home("run", code=patched.format(after=False)).code == 9
    assert hook.got == [] and told(home) == [("waiting", 1, "")]
    home.next_slot()
    assert home("run", code=patched.format(after=True)).code == 9
    assert len(hook.got) == 1
    for _ in range(3):
        home.next_slot()
        assert home("run").code == 0
    assert len(hook.got) == 2 and told(home) == [("sent", 3, "")]


def test_a_draft_that_was_decided_on_is_not_told_any_more(home: Home, hook: Hook) -> None:
    """The message could not be sent, and the person saw it in `status`."""
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=f"json://127.0.0.1:{free_port()}/")
    home.bot("default", POOL)
    home("run")
    [(number, _)] = set_aside(home, 1)
    home.next_slot()
    home("run")
    assert home("skip", str(number)).code == 0
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
    home.next_slot()
    home("run")
    assert hook.got == [] and told(home) == [("dropped", 1, "the draft does not wait any more")]


@pytest.mark.slow
def test_a_channel_that_hangs_is_given_up_after_twenty_seconds(tmp_path: Path, hook: Hook) -> None:
    """And the run is none the worse."""
    hook.hangs = True
    home = Home(tmp_path, NOTIFY_URLS=f"{hook.url}?rto=900&cto=900")
    home.bot("default", POOL)
    home("run")
    set_aside(home, 1)
    home.next_slot()
    done = home("run")
    assert done.code == 0 and "did not answer within 20 seconds" in done.err


def test_a_bot_whose_drafts_are_all_approved_by_a_person(home: Home, hook: Hook) -> None:
    """The first hour tells the drafts and that the slot got no post, in one message; the next is silent; what is
    approved goes out; a person who does nothing is reminded a day later."""
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
    home.bot("default", 'pool = 2\napprove = "always"\n')
    done = home("run")
    assert (done.code, done.err) == (0, "")
    [body] = hook.bodies
    waiting = home.rows("SELECT id, text FROM drafts JOIN parts ON draft_id = id WHERE status = 'pending'")
    assert kinds(home) == ["draft_ready"] * len(waiting) + ["reminder"] and waiting
    for number, text in waiting:
        assert text in body["message"] and f"drafts approve {number}" in body["message"]
    home.next_slot()
    assert home("run").code == 0 and len(hook.got) == 1
    assert home("drafts", "approve", str(waiting[0][0])).code == 0
    home.next_slot()
    assert home("run").code == 0
    assert home.rows("SELECT count(*) FROM drafts WHERE status = 'posted'") == [(1,)]
    known = len(kinds(home))
    change(home, "UPDATE notices SET created_at = '2020-01-01T00:00:00.000000Z'")
    home.next_slot()
    assert home("run").code == 0
    assert "reminder" in kinds(home)[known:] and "nothing is approved" in hook.bodies[-1]["message"]


def test_a_service_that_refuses_the_key_is_told(home: Home, hook: Hook) -> None:
    """The posts go on from the material's own words, so nobody else would hear of it."""
    with LlmServer() as server:
        server.script = [Fault.UNAUTHORIZED]
        keys = {"ANTHROPIC_API_KEY": "sk-ant-api03-" + "a1B2" * 20, "ANTHROPIC_BASE_URL": server.url}
        home.settings(GENERATORS="claude,excerpt", NOTIFY_URLS=hook.url, **keys)
        home.bot("default")
        assert home("run").code == 0
    [body] = hook.bodies
    assert body["title"] == "default: keys are refused" and "claude does not let the bot in" in body["message"]
    assert kinds(home) == ["credentials"]


def test_upkeep_that_fails_is_told_in_the_same_run(home: Home, hook: Hook) -> None:
    """After the messages of the runs, once, and it fails no run."""
    home.settings(GENERATORS="excerpt", NOTIFY_URLS=hook.url)
    home.bot("default", POOL)
    (home.path / "data").mkdir(exist_ok=True)
    (home.path / "data" / "backups").write_text("in the way")
    assert home("run").code == 0
    [body] = hook.bodies
    assert body["title"] == "default: the machine needs you" and "backup" in body["message"]
    home.next_slot()
    assert home("run").code == 0 and len(hook.got) == 1
