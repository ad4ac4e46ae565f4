"""What a person must approve: the rules, every step of a draft's table, and runs of the program as processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import START
from tests.fresh import new_database
from tests.home import Home
from tests.standins.llm import LlmServer
from tests.writing.test_judge import FALSE, NO, NOTE, again, posts
from tests.writing.verdicts import verdict
from twitter_manager.content import Card, Media, Part, plain
from twitter_manager.domain import DRAFT_TRANSITIONS, RULES_EDITION, DraftStatus, Item
from twitter_manager.pipeline.approval import Approval, Written
from twitter_manager.settings import load
from twitter_manager.settings.records import ALWAYS, NEVER, WHEN, ApproveWhen
from twitter_manager.store import drafts, events
from twitter_manager.store.database import Database

PICTURE = Media("d", "image/png", 10, 4, 4, "A bridge")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    db = new_database(tmp_path / "t.db")
    yield db
    db.close()


# -- the table -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), list(product(DraftStatus, DraftStatus)), ids=str)
def test_a_draft_takes_the_steps_of_the_table_and_no_other(
    db: Database, before: DraftStatus, after: DraftStatus
) -> None:
    """An allowed step is made and on record; any other raises and leaves the draft as it was."""
    with db.transaction():
        number = drafts.add(db, drafts.NewDraft("b", "generator", plain(["x"]), ("feed",), timedelta(days=1)), START)
        db.update_one("UPDATE drafts SET status = ? WHERE id = ?", before, number)
    draft = drafts.get(db, number)
    assert draft is not None
    if after not in DRAFT_TRANSITIONS[before]:
        with pytest.raises(AssertionError, match="is not allowed"), db.transaction():
            drafts.move(db, draft, after, START)
        assert db.value("SELECT status FROM drafts WHERE id = ?", number) == before
        return
    with db.transaction():
        drafts.move(db, draft, after, START, reason="a test")
    assert db.value("SELECT status FROM drafts WHERE id = ?", number) == after
    assert events.of_draft(db, number)[-1]["kind"] == f"draft_{after}"
    approved = db.value("SELECT approved_hash FROM drafts WHERE id = ?", number)
    assert (approved is None) == (after is DraftStatus.PENDING)


# -- the rules -------------------------------------------------------------------------------------


WHENS = st.builds(
    ApproveWhen.model_construct,
    first=st.integers(0, 20),
    score_below=st.none() | st.floats(0, 1),
    doubts=st.booleans(),
    threads=st.booleans(),
    images=st.booleans(),
    topics=st.lists(st.sampled_from(["git", "lay-off", "Größe", "安全"]), unique=True).map(tuple),
)
PARTS = st.lists(
    st.builds(
        Part,
        st.sampled_from(["Git stashes.", "No lay-offs here", "die GRÖSSE", "注意安全。", "nothing"]),
        st.sampled_from([(), (PICTURE,)]),
        st.sampled_from([None, Card("https://a.example", "A card"), Card("https://a.example", "A", thumb=PICTURE)]),
    ),
    min_size=1,
    max_size=3,
)
WRITTENS = st.builds(
    Written,
    PARTS,
    st.sampled_from(["git", "css"]),
    st.sampled_from([(), (Item("s", "k", "Of git and more."),)]),
    st.none() | st.floats(0, 1),
    st.integers(0, 30),
)


@given(when=WHENS, written=WRITTENS)
def test_never_asks_for_nothing_and_always_for_everything(when: ApproveWhen, written: Written) -> None:
    """Whatever the draft is."""
    assert Approval(NEVER, when).why(written) == ""
    assert Approval(ALWAYS, when).why(written) == "you approve every post"


@given(when=WHENS, written=WRITTENS)
def test_each_rule_asks_for_what_it_names_and_no_rule_hides_another(when: ApproveWhen, written: Written) -> None:
    """The reasons are exactly those of the rules, one by one; a rule that is added takes no reason away."""
    why = Approval(WHEN, when).why(written)
    assert ("it is a thread" in why) == (when.threads and len(written.parts) > 1)
    assert ("has a picture" in why) == (when.images and any(part.pictures for part in written.parts))
    assert (f"it is one of the bot's first {when.first} posts" in why) == (written.posts < when.first)
    is_low = when.score_below is not None and written.score is not None and written.score < when.score_below
    assert (" is below " in why) == is_low
    nothing = ApproveWhen()
    for name in ("first", "score_below", "threads", "images", "topics"):
        alone = Approval(WHEN, nothing.model_copy(update={name: getattr(when, name)})).why(written)
        assert alone in why


@pytest.mark.parametrize(
    ("topic", "parts", "material", "reason"),
    [
        ("Git", ["x"], "", "it is on Git"),
        ("lay-offs", ["No Lay-Offs this year"], "", "it says “lay-offs”"),
        ("lay-off", ["No Lay-Offs this year"], "", ""),
        ("security hole", ["x"], "A security\nhole was closed.", "its material says “security hole”"),
        ("größe", ["Die GRÖßE zählt"], "", "it says “größe”"),
        ("安全", ["请注意安全。"], "", "it says “安全”"),
        ("bridge", ["x"], "", "it says “bridge”"),
        ("hit", ["A white dog"], "", ""),
    ],
)
def test_a_topic_is_a_topics_name_or_a_whole_word(topic: str, parts: list[str], material: str, reason: str) -> None:
    """In any case and spacing, in the text, its alt texts or its material; not as a piece of another word."""
    shown = (Part(parts[0], (PICTURE,)),)
    written = Written(shown, "git", (Item("s", "k", material),))
    assert Approval(WHEN, ApproveWhen(topics=(topic,))).why(written) == reason


def test_how_many_may_wait() -> None:
    """The pool where every draft waits; more where some go out by themselves; any number where none waits."""
    ten = ApproveWhen(first=10, threads=True)
    assert [Approval(mode, ten).most_waiting(8, 0) for mode in (NEVER, ALWAYS, WHEN)] == [None, 8, 8]
    assert Approval(WHEN, ten).most_waiting(8, 10) == 16 and Approval(WHEN, ten).most_waiting(1, 10) == 4


# -- processes -------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def bot(home: Home, text: str, pool: int = 3) -> None:
    home.bot("default", f'platforms = ["feed"]\npool = {pool}\n{text}')


def outcome(home: Home) -> str:
    done = home("run", "--json")
    assert done.code == 0, done.err
    return str(done.json["bots"][0]["outcome"])


def statuses(home: Home) -> list[str]:
    return [status for (status,) in home.rows("SELECT status FROM drafts ORDER BY id")]


def test_nothing_goes_out_before_a_person_approved_it(home: Home) -> None:
    """The pool is written and waits; cron hears nothing; what is approved goes out, and nothing else."""
    bot(home, 'approve = "always"')
    done = home("run")
    assert (done.code, done.out, done.err, home.feed_exists()) == (0, "", "", False)
    assert statuses(home) == ["pending"] * 3
    assert outcome(home) == "waiting_for_review" and statuses(home) == ["pending"] * 3
    shown = home("status").out
    assert "waiting for review (3 drafts wait for your approval)" in shown
    assert "draft 2 waits for your approval since " in shown and "(you approve every post)" in shown
    assert "once you approve a draft" in shown and ", expires " in shown
    listed = home("drafts").out
    assert "default: Waits for your approval:" in listed and "Waits for you:" not in listed
    assert listed.count("goes out once you approve it") == 3
    for told in (shown, listed):  # once for all of them
        assert told.count("drafts approve N") == told.count("drafts edit N") == told.count("drafts drop N") == 1
        assert "drafts approve 2" not in told and " review\n" in told
    assert "drafts approve 2" in home("drafts", "show", "2").out
    assert home("drafts", "approve", "2").code == 0
    assert outcome(home) == "posted"
    assert home.rows("SELECT id FROM drafts WHERE status = 'posted'") == [(2,)]
    home.next_slot()
    assert outcome(home) == "waiting_for_review"


def test_a_run_with_enough_waiting_loads_no_model_and_writes_nothing(home: Home) -> None:
    """As little work as a run in a slot that has its post: nothing that writes is even imported."""
    bot(home, 'approve = "always"')
    assert home("run").code == 0
    code = (
        "import sys; from twitter_manager.cli import main; code = main(sys.argv[1:]);"
        "writing = ('twitter_manager.pipeline.fill', 'twitter_manager.writing.generators', 'torch', 'transformers');"
        "print([name for name in sys.modules if name.startswith(writing)]); sys.exit(code)"
    )
    done = home("run", code=code)
    assert (done.code, done.out.strip().splitlines()[-1], done.err) == (0, "[]", "")
    assert statuses(home) == ["pending"] * 3


def test_what_waits_too_long_expires_and_the_pool_is_filled_anew(home: Home) -> None:
    """After approval_hours, with a note and no alarm; the material may be written about again."""
    bot(home, 'approve = "always"\napproval_hours = 2')
    assert home("run").code == 0
    with closing(sqlite3.connect(home.database)) as raw, raw:
        raw.execute("UPDATE drafts SET expires_at = '2026-01-01T00:00:00.000000Z' WHERE id < 3")
    done = home("run", "--json")
    assert done.code == 0 and done.err == ""
    assert "draft 1 expired: nobody approved it in time" in done.json["bots"][0]["notes"]
    assert statuses(home) == ["expired", "expired", "pending", "pending", "pending"]
    hours = "SELECT round((julianday(expires_at) - julianday(created_at)) * 24, 3) FROM drafts WHERE id > 3"
    assert home.rows(hours) == [(2.0,), (2.0,)]


def test_what_a_person_approved_does_not_expire_without_a_word(home: Home) -> None:
    """Somebody counts on it; of what nobody looked at, that its time ran out is on record alone."""
    bot(home, 'approve = "always"')
    assert home("run").code == 0
    assert home("drafts", "approve", "1").code == 0
    with closing(sqlite3.connect(home.database)) as raw, raw:
        raw.execute("UPDATE drafts SET expires_at = '2026-01-01T00:00:00.000000Z' WHERE id = 1")
    done = home("run")
    assert (done.code, "draft 1 that you approved expired unsent" in done.err) == (1, True), done


def test_a_run_that_dies_takes_no_word_with_it(home: Home) -> None:
    """What it let expire and could not tell any more, the next run tells."""
    bot(home, 'approve = "always"')
    assert home("run").code == 0
    assert home("drafts", "approve", "1").code == 0
    with closing(sqlite3.connect(home.database)) as raw, raw:
        raw.execute("UPDATE drafts SET expires_at = '2026-01-01T00:00:00.000000Z' WHERE id = 1")
    dying = (
        "import os; from twitter_manager.pipeline import recurring; recurring.Maker.make_all = lambda *_: os._exit(9);"
        "from twitter_manager.cli import main; main(['run'])"
    )
    for _ in range(2):
        assert home("run", code=dying).code == 9
    assert home.rows("SELECT status FROM drafts WHERE id = 1") == [("expired",)]
    done = home("run")
    assert (done.code, "draft 1 that you approved expired unsent" in done.err) == (1, True), done


def test_what_needs_nobody_goes_out_beside_what_waits(home: Home) -> None:
    """A topic that a person wants to see first waits; the other goes on, each hour."""
    bot(home, 'approve = "when"\n[approve_when]\ntopics = ["git"]\n[topics]\ngit = 1\npython = 1')
    for _ in range(6):
        assert outcome(home) == "posted"
        home.next_slot()
    assert home.rows("SELECT DISTINCT topic FROM drafts WHERE status = 'posted'") == [("python",)]
    waiting = home.rows("SELECT DISTINCT topic, reason FROM drafts WHERE status = 'pending'")
    assert waiting == [("git", "it is on git")] and statuses(home).count("pending") <= 6


def test_the_first_posts_are_counted_by_those_that_went_out(home: Home) -> None:
    """A person's own posts don't count; once two of the bot's are out, new ones need nobody."""
    bot(home, 'approve = "when"\n[approve_when]\nfirst = 2', pool=1)
    assert home("post", "My own words.", "--now").code == 0
    home.next_slot()
    for number in (1, 2):
        assert outcome(home) == "waiting_for_review"
        ((waiting, reason),) = home.rows("SELECT id, reason FROM drafts WHERE status = 'pending'")
        assert reason == "it is one of the bot's first 2 posts", number
        assert home("drafts", "approve", str(waiting)).code == 0
        assert outcome(home) == "posted"
        home.next_slot()
    if "pending" in statuses(home):  # it was written before the second went out, and waits for the person still
        assert home("drafts", "drop", str(statuses(home).index("pending") + 1)).code == 0
    assert outcome(home) == "posted" and "pending" not in statuses(home)


def test_a_new_setting_holds_what_the_program_let_through_and_not_what_a_person_did(home: Home) -> None:
    """never to always: the pool waits for approval, but for what a person approved, edited, dated or wrote."""
    bot(home, "", pool=6)
    assert outcome(home) == "posted" and statuses(home)[1:] == ["approved"] * 6
    assert home("drafts", "edit", "3", "--text", "Edited by hand, and quite another text.").code == 0
    assert home("drafts", "move", "4", "--at", "in 72 hours").code == 0
    assert home("post", "My own words.").code == 0
    bot(home, 'approve = "always"', pool=6)
    assert outcome(home) == "nothing_due"  # held to the setting in the first run, whether or not a post is due
    assert statuses(home) == ["posted", "pending", "approved", "approved", "pending", "pending", "pending", "approved"]
    assert home.rows("SELECT DISTINCT approved_hash FROM drafts WHERE status = 'pending'") == [(None,)]
    assert home("drafts", "approve", "2").code == 0
    assert home("run").code == 0 and statuses(home)[1] == "approved"  # a person's yes is not taken back
    bot(home, "", pool=6)
    assert home("run").code == 0
    assert statuses(home)[4:7] == ["pending"] * 3  # what was to be looked at is not let out behind a person's back


def test_a_bot_that_waits_and_tells_nobody_is_warned_of(home: Home) -> None:
    """Runs are silent and well while nothing is approved: without a channel nobody would ever hear of it."""
    for text, said in (('approve = "always"', True), ("", False)):
        bot(home, text)
        assert ("posts wait for your approval" in home("doctor").out) is said
    bot(home, 'approve = "always"')
    assert "posts wait for your approval" not in home("doctor", NOTIFY_URLS="json://localhost:9/").out


def test_a_draft_without_a_score_is_not_taken_for_a_good_one(home: Home) -> None:
    """An older program kept none: where a low score needs a yes, such a draft waits for it."""
    bot(home, "")
    assert home("run").code == 0
    with closing(sqlite3.connect(home.database)) as raw, raw:
        raw.execute("UPDATE drafts SET choice = json_remove(choice, '$.score') WHERE id = 2")
    bot(home, 'approve = "when"\n[approve_when]\nscore_below = 0.01')
    home.next_slot()
    assert home("run").code == 0
    held = "SELECT id, reason FROM drafts WHERE status = 'pending'"
    assert home.rows(held) == [(2, "its score is not known")]


def test_a_setting_that_is_taken_back_lets_the_bot_post_again(home: Home) -> None:
    """always to never: what waits goes on waiting, and the bot writes and posts beside it."""
    bot(home, 'approve = "always"')
    assert outcome(home) == "waiting_for_review"
    bot(home, "")
    assert outcome(home) == "posted" and statuses(home)[:3] == ["pending"] * 3


def test_what_waits_is_let_go_with_its_source(home: Home) -> None:
    """A draft of material that a person took away is not left for them to approve."""
    (home.path / "n.toml").write_text(f'[[note]]\nid = "n"\nlabel = "git"\ntext = "{NOTE}"\n')
    notes = '\n[[sources]]\nkind = "notes"\nname = "n"\npath = "n.toml"\n'
    bot(home, f'approve = "always"{notes}', pool=1)
    assert outcome(home) == "waiting_for_review" and statuses(home) == ["pending"]
    bot(home, 'approve = "always"', pool=1)
    assert outcome(home) == "waiting_for_review"
    assert statuses(home) == ["skipped", "pending"]


def test_what_waits_is_checked_by_newer_rules_and_set_aside_where_its_text_changed(home: Home) -> None:
    """Before a person is asked: by the rules of today, and in the words that were saved."""
    bot(home, 'approve = "always"')
    assert home("run").code == 0
    with closing(sqlite3.connect(home.database)) as raw, raw:
        raw.execute("UPDATE drafts SET rules = 1")
        raw.execute("UPDATE parts SET text = 'Other words.' WHERE draft_id = 1")
    done = home("run")
    assert done.code == 1 and "draft 1 was changed while it waited for approval" in done.err
    assert home.rows("SELECT status, rules FROM drafts ORDER BY id")[1:3] == [("pending", RULES_EDITION)] * 2
    assert statuses(home)[0] == "needs_attention"


def test_a_dry_run_and_a_preview_show_what_would_wait(home: Home) -> None:
    """With the reason, in words and as an object; they leave no trace."""
    bot(home, 'approve = "always"')
    done = home("run", "--dry-run")
    assert done.code == 0 and "This waits for your approval (you approve every post)" in done.out
    found = home("run", "--dry-run", "--json").json["bots"][0]
    assert found["outcome"] == "dry_run" and "waits for your approval" in found["notes"][0] and found["draft"]["parts"]
    runs = home("preview", "--json").json["bots"][0]["runs"]
    assert {(run["does"], run["reason"]) for run in runs} == {("waits", "3 drafts wait for your approval")}
    assert not home.database.exists() or statuses(home) == []


def test_a_terminal_is_told_what_waits_first_and_how_to_go_on(home: Home) -> None:
    """A person who starts a run sees the post that waits, and the command for it."""
    bot(home, 'approve = "always"')
    shown = home.at_terminal("run").out
    assert "default: waiting for review: 3 drafts wait for your approval" in shown
    assert "draft" in shown and " 1\n" in shown.split("To go on")[-1] + "\n"


@pytest.mark.parametrize(
    ("answer", "said", "mode", "first"),
    [
        ((), "", "never", 0),
        (("--approve", "no"), "", "never", 0),
        (("--approve", "YES"), "No post goes out before you approve it: the verb", "always", 0),
        (("--approve", "3"), "before you approve it for the first 3:", "when", 3),
    ],
)
def test_init_asks_whether_a_person_wants_to_see_posts(
    home: Home, answer: tuple[str, ...], said: str, mode: str, first: int
) -> None:
    """With no terminal the default is never; the bot file says what was answered, and the next steps follow it: a run
    of such a bot makes no post."""
    done = home("init", "--yes", "--source", "programming", "--no-dry-run", *answer)
    assert done.code == 0 and said in done.out
    assert ("one real post:" in done.out) == (mode == "never")
    assert ("approve them:" in done.out) == (mode != "never")
    (made,) = load(home.path, {}).bots
    assert (made.approve, made.approve_when) == (mode, ApproveWhen(first=first))


@pytest.mark.parametrize("answer", ["perhaps", "0", "-1", "1.5"])
def test_init_refuses_what_says_neither(home: Home, answer: str) -> None:
    """With the remedy, and nothing is written."""
    done = home("init", "--yes", "--source", "programming", f"--approve={answer}")
    assert done.code == 2 and "Write 10 to see the first ten" in done.err and not (home.path / "data/bots").exists()


# -- a judge's doubt -------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        yield running


def doubtful(home: Home, server: LlmServer, when: str) -> None:
    """A bot whose model alone writes, and judges itself."""
    home.settings(GENERATORS="openai", JUDGE="self", OPENAI_BASE_URL=server.openai_url)
    (home.path / "notes.toml").write_text(f'[[note]]\nid = "stash"\nlabel = "git"\ntext = "{NOTE}"\n')
    source = '[[sources]]\nkind = "notes"\npath = "notes.toml"\n'
    bot(home, f'approve = "when"\n[approve_when]\n{when}\n[formats]\ntip = 1\n{source}', pool=1)


def test_what_only_a_judge_refused_waits_with_its_reasons(home: Home, server: LlmServer) -> None:
    """It needs attention, says why, and goes out only once a person says so."""
    doubtful(home, server, "doubts = true")
    server.script = [posts(FALSE), NO, again(FALSE.replace("with them", "too")), NO]
    assert home("run").code == 1  # nothing else could be made of the material
    ((status, reason),) = home.rows("SELECT status, reason FROM drafts")
    assert status == "needs_attention" and "The material says otherwise than" in reason
    home.next_slot()
    assert home("run").code == 0 and not home.feed_exists()
    assert home("resume", "1").code == 0 and outcome(home) == "posted" and "untracked files" in home.feed()


@pytest.mark.parametrize(
    ("when", "script"),
    [
        ("threads = true", [posts(FALSE), NO, again(FALSE.replace("with them", "too")), NO]),
        ("doubts = true", [posts(FALSE), "no answer that counts", "nor this"]),
        ("doubts = true", [posts("Git stash saves 97 changes."), again("Git stash saves 98 changes.")]),
        ("doubts = true", [posts(FALSE), verdict(harmful="accuses a person")]),
    ],
    ids=["not wanted", "the judge gave no answer", "the rules refused it", "the judge warned"],
)
def test_what_else_is_refused_is_thrown_away(home: Home, server: LlmServer, when: str, script: list[str]) -> None:
    """A person is not asked to weigh what no judge gave reasons for, what broke a rule, or what may do harm."""
    doubtful(home, server, when)
    server.script = list(script)
    assert home("run").code == 1
    assert home.rows("SELECT reason FROM drafts WHERE status = 'needs_attention'") == []


def test_a_doubt_is_for_nothing_where_the_materials_own_words_serve(home: Home, server: LlmServer) -> None:
    """The next generator's post goes out, and nobody is asked about the refused one."""
    doubtful(home, server, "doubts = true")
    home.settings(GENERATORS="openai,excerpt", JUDGE="self", OPENAI_BASE_URL=server.openai_url)
    server.script = [posts(FALSE), NO, again(FALSE.replace("with them", "too")), NO]
    assert outcome(home) == "posted" and NOTE in home.feed() and statuses(home) == ["posted"]
