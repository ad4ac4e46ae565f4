"""Bad input of every kind, through the real command line: the exit code, one line with the remedy, nothing lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Done, Home, bluesky_settings, x_settings
from tests.standins.llm import Fault, LlmServer, Status
from tests.standins.pds import Account, Pds
from tests.standins.proxy import Fault as ProxyFault
from tests.standins.proxy import FaultProxy, Reply
from tests.standins.x import XStandIn
from twitter_manager.store.database import from_text

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a tmpfs")


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer() as server:
        yield server


def one_line(done: Done, code: int, *words: str) -> None:
    """The exit code, nothing on stdout, one line on stderr that holds these words, and no traceback."""
    assert done.code == code, done.err
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    assert "Traceback" not in done.err
    for word in words:
        assert word.lower() in done.err.lower(), done.err


# -- the database --------------------------------------------------------------------------------------


def test_a_corrupt_database_is_refused_untouched(home: Home) -> None:
    home("run")
    data = bytearray(home.database.read_bytes())
    data[:4096] = os.urandom(4096)
    home.database.write_bytes(data)
    feed = home.feed()
    one_line(home("run"), 1, "damaged", "-m twitter_manager restore")
    assert home.database.read_bytes() == data
    assert home.feed() == feed
    one_line(home("status"), 1, "damaged")


def test_a_database_damaged_in_the_middle_lets_nothing_out(home: Home) -> None:
    home("run")
    data = bytearray(home.database.read_bytes())
    for page in range(8, len(data) // 4096):
        data[page * 4096 : page * 4096 + 16] = b"\xff" * 16
    home.database.write_bytes(data)
    feed = home.feed()
    one_line(home("run", "--force"), 1, "damaged")
    assert home.feed() == feed


def test_a_newer_database_is_refused_untouched(home: Home) -> None:
    home("run")
    connection = sqlite3.connect(home.database)
    connection.execute("PRAGMA user_version = 77")
    connection.close()
    before = home.database.read_bytes()
    one_line(home("run"), 1, "schema 77", "newer")
    one_line(home("history"), 1, "schema 77")
    assert home.database.read_bytes() == before


@ROOT_ONLY
def test_a_read_only_place_is_told(home: Home) -> None:
    """A read-only mount, because root may write to read-only files."""
    home("run")
    home.next_slot()
    folder = home.path / "data"
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        one_line(home("run"), 1, "data")
        assert home("status").code == 0, "looking needs no writing"
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    assert home("run").code == 0


@ROOT_ONLY
def test_a_full_disk_loses_nothing_and_doubles_nothing(small_disk: Path, x: XStandIn) -> None:
    """No request leaves unless the intent is on disk; with room again, the same post goes out once."""
    home = Home(small_disk / "home", GENERATORS="excerpt", **x_settings(x))
    assert home("post", "Written before the disk was full.").code == 0
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 1024)
        except OSError:
            pass
    done = home("run")
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "full" in done.err.lower() or "space" in done.err.lower(), done.err
    assert x.texts() == []
    filler.unlink()
    for _ in range(2):
        home("run")
    assert x.texts().count("Written before the disk was full.") == 1
    assert home.feed().count(">Written before the disk was full.</content>") == 1


def test_logs_that_can_not_be_written_are_told(home: Home) -> None:
    (home.path / "logs").write_text("a file where the folder should be")
    one_line(home("run"), 1, "logs")
    assert not home.feed_exists()


# -- settings ------------------------------------------------------------------------------------------


def test_an_env_file_that_others_may_read_is_refused(home: Home) -> None:
    (home.path / ".env").chmod(0o644)
    one_line(home("run"), 78, ".env", "chmod 600")
    assert sorted(path.name for path in home.path.iterdir()) == [".env"]


def test_all_problems_of_the_settings_come_in_one_listing(home: Home) -> None:
    home.settings(GENERATORS="huggingfase", TWITTER_API_KEY="only-one-of-four-keys", LOG_LEVL="DEBUG")
    home.bot("alpha", "scheduel = 3\n[limits]\nper_hour = -1\n")
    done = home("run")
    assert done.code == 78
    for word in ("huggingface", "TWITTER_API_SECRET", "LOG_LEVEL", "schedule", "per_hour"):
        assert word in done.err, done.err
    assert not (home.path / "data" / "twitter.db").exists()
    assert not (home.path / "logs").exists()


def test_a_base_url_without_https_is_taken_only_for_loopback(home: Home) -> None:
    home.settings(
        GENERATORS="openai,excerpt", OPENAI_BASE_URL="http://example.org/v1", OPENAI_API_KEY="sk-" + "k3" * 20
    )
    one_line(home("run"), 78, "OPENAI_BASE_URL", "https")


# -- models and providers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("config.json", '{"auto_map": {"AutoModel": "evil.py"}}', "auto_map"),
        ("config.json", '{"model_type": "llama"', "config.json"),
        ("pytorch_model.bin", "pickle", "safetensors"),
    ],
)
def test_a_hostile_or_broken_model_folder_makes_way_for_the_next_generator(
    home: Home, name: str, content: str, word: str
) -> None:
    folder = home.path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama", "architectures": ["LlamaForCausalLM"]}')
    (folder / "tokenizer.json").write_text("{}")
    (folder / name).write_text(content)
    home.settings(GENERATORS="huggingface,excerpt", HF_MODEL=str(folder))
    assert home("run").code == 0
    assert "<entry" in home.feed()
    assert word in home.log()


def test_a_missing_model_folder_alone_fails_the_run_with_a_remedy(home: Home) -> None:
    home.settings(GENERATORS="huggingface", HF_MODEL=str(home.path / "nowhere"))
    done = home("run")
    assert done.code in (1, 78)
    assert done.err.count("\n") == 1
    assert "HF_MODEL" in done.err
    assert not home.feed_exists()


@pytest.mark.parametrize(
    "step",
    [
        '{"post": "leaked JSON", "hashtags": []}',
        "As an AI, I can not write posts about 99 things that Napoleon said in 1804.",
        "x" * 100_000,
        "",
        Fault.EMPTY_BODY,
        pytest.param(Status(500, "boom"), marks=pytest.mark.slow),
        Status(401, "bad key"),
        Status(402, "no credit"),
        pytest.param(Status(429, "too fast"), marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_a_provider_that_answers_nonsense_costs_no_slot(home: Home, llm: LlmServer, step: object) -> None:
    """Whatever Claude and OpenAI answer, the material's own sentence goes out; cron's mail says that they are of no
    use, a line each."""
    llm.script = [step]  # type: ignore[list-item]
    home.settings(
        GENERATORS="claude,openai,excerpt",
        ANTHROPIC_API_KEY="sk-ant-" + "a1" * 20,
        ANTHROPIC_BASE_URL=llm.url,
        OPENAI_API_KEY="sk-" + "b2" * 20,
        OPENAI_BASE_URL=llm.openai_url,
    )
    done = home("run")
    told = [line.split(": ")[:3] for line in done.err.splitlines()]
    assert done.code == 0 and told == [["twitter_manager", "default", name] for name in ("claude", "openai")], done.err
    assert home.rows("SELECT DISTINCT generator FROM generations WHERE verdict = 'chosen'") == [("excerpt",)]
    assert "leaked JSON" not in home.feed()
    assert "Napoleon" not in home.feed()


# -- services ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        ("unauthorized", "failed", "key"),
        ("credits_depleted", "failed", "credit"),
        ("payment_required", "failed", "credit"),
        ("not_permitted", "failed", ""),
        ("oauth1_permissions", "failed", "read and write"),
        ("client_forbidden", "failed", "project"),
        ("reply_not_allowed", "failed", ""),
        ("rate_limited", "queued", ""),
        ("rate_limited_bare", "queued", ""),
        ("usage_capped", "queued", ""),  # a monthly cap: not before tomorrow
        ("error_500", "unknown", ""),
        ("html", "unknown", ""),
        ("drop", "unknown", ""),
    ],
)
def test_what_x_answers_decides_what_happens_next(home: Home, x: XStandIn, fault: str, status: str, word: str) -> None:
    """Each answer: exit 1, one line, the right state, the other platform served, and never two posts later."""
    home.settings(GENERATORS="excerpt", RUN_SECONDS="30", **x_settings(x))
    x.fault(fault, times=0, method="POST")
    done = home("post", "One text for X.", "--now")
    one_line(done, 1, word)
    assert home.rows("SELECT platform, status FROM deliveries ORDER BY platform") == [("feed", "posted"), ("x", status)]
    ((not_before,),) = home.rows("SELECT not_before FROM deliveries WHERE platform = 'x'")
    is_for_another_day = not_before is not None and from_text(not_before) > datetime.now(UTC) + timedelta(hours=2)
    x.faults.clear()
    for _ in range(2):
        home.next_slot()
        home("run")
    assert x.texts().count("One text for X.") == (0 if status == "failed" or is_for_another_day else 1)
    assert home.feed().count(">One text for X.</content>") == 1


def test_x_out_of_reach_is_tried_again_in_the_next_run(home: Home, x: XStandIn) -> None:
    home.settings(
        GENERATORS="excerpt", RUN_SECONDS="30", **(x_settings(x) | {"TWITTER_API_BASE_URL": "http://127.0.0.1:9"})
    )
    one_line(home("post", "Later.", "--now"), 1, "is waiting")
    home.settings(GENERATORS="excerpt", **x_settings(x))
    home.next_slot()
    home("run")
    assert x.texts().count("Later.") == 1


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (ProxyFault(reply=Reply(status=500)), "posted"),
        (ProxyFault(reply=Reply(status=429)), "posted"),
        (ProxyFault(forward=True), "posted"),
    ],
    ids=["500 then well", "429 then well", "cut after the commit"],
)
def test_a_passing_fault_of_bluesky_is_mended_in_the_same_run(
    home: Home, pds: Pds, account: Account, fault: ProxyFault, status: str
) -> None:
    with FaultProxy(pds.url) as proxy:
        home.settings(GENERATORS="excerpt", **(bluesky_settings(pds, account) | {"BLUESKY_SERVICE_URL": proxy.url}))
        proxy.fail("putRecord", fault)
        done = home("post", "One text for Bluesky.", "--now")
    assert (done.code, done.err) == (0, "")
    assert home.rows("SELECT status FROM deliveries WHERE platform = 'bluesky'") == [(status,)]
    assert [record["value"]["text"] for record in pds.records(account)] == ["One text for Bluesky."]


def test_a_wrong_bluesky_password_is_one_line_and_the_feed_goes_on(home: Home, pds: Pds, account: Account) -> None:
    home.settings(GENERATORS="excerpt", **(bluesky_settings(pds, account) | {"BLUESKY_PASSWORD": "not-the-password"}))
    one_line(home("run"), 1, "password")
    assert "<entry" in home.feed()


# -- a person's own words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["post", ""],
        ["post", "fine", "--platform", "x"],
        ["post", "fine", "--platform", "nowhere"],
        ["post", "nul \x07 bell"],
        ["explain", "../../etc/passwd"],
        ["explain", "9" * 400],
        ["resume", "1"],
        ["skip", "0"],
        ["history", "--limit", "-1"],
        ["check", "--platform", "nowhere"],
        ["pause", "--bot", "nobody"],
    ],
    ids=lambda words: " ".join(words)[:30],
)
def test_words_that_make_no_sense_end_in_one_line(home: Home, words: list[str]) -> None:
    done = home(*words)
    assert done.code in (1, 2)
    assert done.err.count("\n") == 1, done.err
    assert "Traceback" not in done.err


def test_the_same_text_twice_is_refused(home: Home) -> None:
    assert home("post", "Only once, please.").code == 0
    one_line(home("post", "  only ONCE, please! "), 1, "same words")


def test_a_feed_file_of_someone_else_is_left_alone(home: Home) -> None:
    (home.path / "data").mkdir()
    theirs = home.path / "data" / "feed.xml"
    theirs.write_text("<rss>mine</rss>")
    one_line(home("run"), 1, "feed.xml")
    assert theirs.read_text() == "<rss>mine</rss>"


BROKEN = (
    "import sys; from twitter_manager.store import charges; charges.by_day = lambda *_: 1 / 0\n"
    "from twitter_manager.cli import main; sys.exit(main())"
)


def test_the_log_is_named_only_where_an_unforeseen_error_stands_in_it(home: Home) -> None:
    """A verb that opens no log fails: what happened is written down once, and the line says where; where the log can't
    be written, or there is no home folder, the line does not send anybody there."""
    assert home("run").code == 0
    done = home("report", code=BROKEN)
    one_line(done, 1, "unforeseen error (ZeroDivisionError at", "The details are in logs/error.log.")
    log = home.path / "logs" / "error.log"
    assert log.read_text().count("Traceback") == log.read_text().count("\n") == 1
    log.unlink()
    log.mkdir()
    done = home("report", code=BROKEN)
    one_line(done, 1, "unforeseen error (ZeroDivisionError at")
    assert "error.log" not in done.err
    nowhere = "import sys; from twitter_manager import cli; cli.parse = lambda *_: 1 / 0; sys.exit(cli.main())"
    done = home("report", code=nowhere, TWITTER_MANAGER_HOME=str(home.path / "not" / "there"))
    one_line(done, 1, "unforeseen error (ZeroDivisionError at")
    assert "error.log" not in done.err


def test_what_a_run_did_not_foresee_is_written_down_once(home: Home) -> None:
    """A run opens its log itself."""
    broken = (
        "import sys; from twitter_manager.verbs import running; running.runs.abandon_open = lambda *_: 1 / 0\n"
        "from twitter_manager.cli import main; sys.exit(main())"
    )
    one_line(home("run", code=broken), 1, "ZeroDivisionError", "The details are in logs/error.log.")
    assert (home.path / "logs" / "error.log").read_text().count("ZeroDivisionError: ") == 1
