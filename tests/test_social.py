"""The verb `social` as a process: a person reads, likes, reposts, replies and deletes on a bot's account."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.home import Done, Home, bluesky_settings, mastodon_settings, x_settings
from tests.standins.mastodon import SOMEONE, MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.x import CREDENTIALS, USERNAME, XStandIn
from twitter_manager.show.verb_shapes import json_schema

HOSTILE = "Look\x1b[2J\x1b]0;owned\x07 at\nthis"


@pytest.fixture
def x() -> Iterator[XStandIn]:
    with XStandIn() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, x: XStandIn) -> Home:
    home = Home(tmp_path / "home", **x_settings(x))
    home.bot("default", 'platforms = ["x"]\n[limits]\nusd_per_month = 5\n')
    return home


def fits(done: Done) -> Done:
    assert done.code == 0, done.err
    Draft202012Validator(json_schema("social")).validate(json.loads(done.out))
    return done


def paid(home: Home) -> float:
    [[usd]] = home.rows("SELECT coalesce(sum(usd), 0) FROM charges")
    return float(usd)


def test_the_home_a_conversation_and_accounts_are_shown(home: Home, x: XStandIn) -> None:
    """By a post's name there or its address; what others wrote can't reach the terminal; X's bill is in the ledger."""
    mine = x.add_post("What I say.")
    theirs = x.others.say("ann", HOSTILE, reply_to=mine.id)
    x.posts[mine.id].likes.add("7")
    told = home("social").out
    assert "\x1b" not in told
    assert "Ann @ann, 20" in told
    assert told.index("Look") < told.index("What I say.")
    assert "  1 like, 1 reply" in told
    posts = fits(home("social", "thread", f"https://x.com/ann/status/{theirs.id}", "--json")).json["posts"]
    assert [post["id"] for post in posts] == [mine.id, theirs.id]
    assert posts[1]["parent"] == mine.id
    assert fits(home("social", "timeline", "-n", "1", "--json")).json["posts"][0]["text"] == f"@{USERNAME} {HOSTILE}"
    assert fits(home("social", "author", "@ann", "--json")).json["posts"] == 1
    assert f"@{USERNAME}" in home("social", "author").out
    assert paid(home) == pytest.approx(sum(usd for _, usd in x.bill))


def test_a_like_and_a_repost_are_on_record(home: Home, x: XStandIn) -> None:
    """Done once, told only to who watches, with who did it in the trail; and in the ledger."""
    theirs = x.others.say("ann", "Something good.")
    for what in ("like", "repost"):
        done = home("social", what, theirs.id)
        assert (done.code, done.out, done.err) == (0, "", "")
    assert (len(theirs.likes), len(theirs.reposts)) == (1, 1)
    rows = home.rows("SELECT kind, data FROM events WHERE kind LIKE 'social%' ORDER BY id")
    assert [kind for kind, _ in rows] == ["social_like", "social_repost"]
    told = json.loads(rows[0][1])
    assert (told["post"], told["platform"], told["via"]) == (theirs.id, "x", "command line")
    assert paid(home) == pytest.approx(0.03)
    fits(home("social", "like", theirs.id, "--json"))


def test_what_the_plan_or_x_does_not_allow_is_one_line(home: Home, x: XStandIn) -> None:
    """In X's own words, with exit code 1, and nothing on record or charged."""
    x.reset(plan="self-serve")
    theirs = x.others.say("ann", "Something good.")
    for what in ("like", "repost"):
        done = home("social", what, theirs.id)
        assert (done.code, done.out) == (1, "")
        [line] = done.err.splitlines()
        assert "You currently have access to a subset" in line
    assert home.rows("SELECT * FROM events WHERE kind LIKE 'social%'") == []
    assert paid(home) == 0
    done = home("social", "reply", theirs.id, "I see.")
    assert done.code == 2
    assert "lets a program answer only those who mentioned" in done.err
    assert home.rows("SELECT * FROM comments") == []


@pytest.mark.parametrize("summoned", [True, False])
def test_a_reply_goes_out_once_beneath_its_post(home: Home, x: XStandIn, summoned: bool) -> None:
    """By the outbox of the next run; a second is refused, and no run sends it twice. What it answers may hold half a
    character and a secret of ours, of which nothing is kept."""
    parent = x.others.say("ann", f"What do you think, @{USERNAME}?") if summoned else x.add_post("My own.")
    mine = "My own words."
    if not summoned:
        parent = x.others.say("ann", f"Half \ud800, and {CREDENTIALS[3]}?", reply_to=parent.id)
    done = fits(home("social", "reply", parent.id, mine, "--json")).json
    assert home.rows(f"SELECT status FROM drafts WHERE id = {done['draft']}") == [("approved",)]
    again = home("social", "reply", parent.id, "Another.")
    assert again.code == 2
    assert "has an answer already" in again.err
    for _ in range(2):
        home("run")
    replies = [post for post in x.posts.values() if post.reply_to == parent.id]
    assert [post.text for post in replies] == [f"@ann {mine}"]
    [(status, text)] = home.rows("SELECT status, text FROM comments")
    assert status == "answered"
    assert "\ud800" not in text and CREDENTIALS[3] not in text


def test_a_post_is_deleted_by_the_way_that_fits(home: Home, x: XStandIn) -> None:
    """One of the program's is known to be gone then; one that came about otherwise is taken down, for X's price; not
    without a yes."""
    assert home("post", "--now", "Of the program.").code == 0
    [post] = x.posts.values()
    other = x.add_post("By hand.")
    for wanted in (post.id, other.id):
        assert home("social", "delete", wanted).code == 2
    assert len(x.posts) == 2
    before = paid(home)
    assert fits(home("social", "delete", post.id, "--yes", "--json")).json["amendments"][0]["status"] == "done"
    fits(home("social", "delete", other.id, "--yes", "--json"))
    assert x.posts == {}
    assert paid(home) - before == pytest.approx(0.02)
    assert home.rows("SELECT count(*) FROM deliveries WHERE removed_at IS NOT NULL") == [(1,)]
    assert len(home.rows("SELECT * FROM events WHERE kind = 'social_delete'")) == 1


def test_slips_are_told_in_one_line(home: Home, x: XStandIn) -> None:
    """Too many words, too few, options of others, what is no post; nothing is asked of X."""
    slips = [
        ("like",), ("timeline", "x"), ("like", "1", "-n", "3"), ("like", "1", "--yes"), ("reply", "1"),
        ("like", "https://example.org/1"), ("like", "1", "--platform", "nowhere"),
        ("like", "1", "--platform", "bluesky"),
    ]  # fmt: skip
    for slip in slips:
        done = home("social", *slip)
        assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1), slip
        assert "See: social" not in done.err and "remote id" not in done.err, done.err
    done = home("social", "like", "../users/me")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert x.requests == []
    assert home("social", "author", "nobody").code == 1


def test_nothing_is_read_once_the_budget_is_used_up(tmp_path: Path, x: XStandIn) -> None:
    """X charges for each look, so a budget of nothing lets none through."""
    home = Home(tmp_path / "poor", **x_settings(x))
    home.bot("default", 'platforms = ["x"]\n[limits]\nusd_per_month = 0\n')
    done = home("social", "timeline")
    assert done.code == 1
    assert "X charges for this" in done.err
    assert x.requests == []


def test_with_several_accounts_the_address_says_which(tmp_path: Path, x: XStandIn) -> None:
    """A post's address is of one platform; its bare name is not, and neither is a home."""
    with MastodonStandIn() as mastodon:
        home = Home(tmp_path / "both", **x_settings(x), **mastodon_settings(mastodon))
        theirs = x.others.say("ann", "Something good.")
        done = home("social", "like", f"https://x.com/ann/status/{theirs.id}")
        assert (done.code, done.err) == (0, "")
        assert len(theirs.likes) == 1
        for words in (("timeline",), ("like", theirs.id)):
            done = home("social", *words)
            assert done.code == 2
            assert "say which" in done.err
        fits(home("social", "timeline", "--platform", "mastodon", "--json"))


def test_an_at_address_says_by_itself_that_it_is_blueskys(
    pds: Pds, account: Account, tmp_path: Path, x: XStandIn
) -> None:
    """Each verb shows a post's name on Bluesky, and with several accounts takes it back as it stands."""
    record = {"$type": "app.bsky.feed.post", "text": "What do you read?", "createdAt": "2026-11-01T10:00:00.000Z"}
    theirs = pds.add_record(pds.person("ann"), record)["uri"]
    home = Home(tmp_path / "both", **x_settings(x), **bluesky_settings(pds, account))
    assert home("social", "like", theirs) == Done(0, "", "")
    [post] = fits(home("social", "thread", theirs, "--json")).json["posts"]
    assert (post["id"], post["figures"]["likes"]) == (theirs, 1)
    assert x.requests == []
    pds.appview.reset()


def test_on_mastodon_a_reply_names_whom_it_answers(tmp_path: Path) -> None:
    """A post that nobody said to the account is answered beneath it, once; a like and a boost count."""
    with MastodonStandIn() as server:
        home = Home(tmp_path / "fedi", **mastodon_settings(server))
        theirs = server.add_post("What do you read?", author=server.people.account("ann"))
        for what in ("like", "repost"):
            assert home("social", what, theirs.id).code == 0
        assert fits(home("social", "thread", theirs.id, "--json")).json["posts"][0]["figures"]["likes"] == 1
        assert home("social", "reply", theirs.id, "A novel.").code == 0
        for _ in range(2):
            assert home("run").code == 0
        replies = [post.text for post in server.posts.values() if post.reply_to == theirs.id]
        assert replies == [f"@{server.names[theirs.author]} A novel."]
        assert home.rows("SELECT kind, status FROM comments") == [("asked", "answered")]


def test_on_mastodon_what_is_not_ones_own_is_not_deleted(tmp_path: Path) -> None:
    """Nobody is told that somebody else's post, or one that is gone, was taken down."""
    with MastodonStandIn() as server:
        home = Home(tmp_path, **mastodon_settings(server))
        theirs, own = server.add_post("Not yours.", author=SOMEONE), server.add_post("By hand.")
        refused = home("social", "delete", theirs.id, "--yes")
        assert (refused.code, "is by @someone, not by @standin_bot" in refused.err) == (2, True)
        assert home("social", "delete", own.id, "--yes").code == 0
        assert home("social", "delete", own.id, "--yes").code == 1
        assert list(server.posts) == [theirs.id]


def test_on_bluesky_the_same_by_the_address_of_the_page(pds: Pds, account: Account, tmp_path: Path) -> None:
    """Against the reference server: like, reply by the next run, thread, and the reply is taken down again."""
    ann = pds.create_account()
    record = {"$type": "app.bsky.feed.post", "text": "What do you read?", "createdAt": "2026-11-01T10:00:00.000Z"}
    made = pds.call(
        "com.atproto.repo.createRecord",
        {"repo": ann.did, "collection": "app.bsky.feed.post", "record": record},
        ann.access,
    )
    page = f"https://bsky.app/profile/{ann.handle}/post/{made['uri'].rpartition('/')[2]}"
    home = Home(tmp_path / "sky", **bluesky_settings(pds, account))
    assert home("social", "like", page).code == 0
    assert home("social", "reply", page, "A novel.").code == 0
    for _ in range(2):
        assert home("run").code == 0
    thread = fits(home("social", "thread", page, "--json")).json["posts"]
    assert [(post["author"], post["text"]) for post in thread] == [
        (ann.handle, "What do you read?"),
        (account.handle, "A novel."),
    ]
    assert thread[0]["figures"]["likes"] == 1
    assert home("social", "delete", thread[1]["id"], "--yes").code == 0
    assert len(fits(home("social", "thread", page, "--json")).json["posts"]) == 1
    pds.appview.reset()


def near_its_end(left: int) -> dict[str, str]:
    """What X says with an answer after which so many of a hundred are left."""
    reset = str(int(time.time()) + 900)
    return {"x-rate-limit-limit": "100", "x-rate-limit-remaining": str(left), "x-rate-limit-reset": reset}


@pytest.mark.parametrize("how", ["rate_limited", "scarce"])
def test_listening_is_never_in_the_way_of_posting(home: Home, x: XStandIn, how: str) -> None:
    """A home that may be read no more, or of which a tenth is left, waits by itself: a post goes out, one whose fate is
    open is looked up and adopted, and a like is let through."""
    if how == "scarce":
        x.fault("normal", method="GET", path="*reverse_chronological", headers=near_its_end(10))
        assert home("social", "timeline").code == 0
    else:
        x.fault("rate_limited", method="GET", path="*reverse_chronological")
        assert home("social", "timeline").code == 1
    asked = len(x.requests)
    held = home("social", "timeline")
    assert (held.code, len(x.requests)) == (1, asked)
    assert "X is read again at " in held.err
    assert home("post", "--now", "It goes out.").code == 0
    x.fault("store_then_drop")
    home("post", "--now", "Nobody knows whether it is out.")
    assert home.rows("SELECT DISTINCT status FROM deliveries") == [("posted",)]
    assert len(x.posts) == 2
    assert home("social", "like", next(iter(x.posts))).code == 0


def test_a_tenth_is_kept_and_no_more(home: Home, x: XStandIn) -> None:
    """With more than that left the home is read again."""
    x.fault("normal", method="GET", path="*reverse_chronological", headers=near_its_end(11))
    assert [home("social", "timeline").code for _ in range(2)] == [0, 0]


def test_nothing_is_read_besides_while_posts_are_limited(home: Home, x: XStandIn) -> None:
    """What a platform allows again belongs to the post that waits."""
    x.fault("rate_limited")
    home("post", "--now", "It waits.")
    asked = len(x.requests)
    held = home("social", "timeline")
    assert (held.code, len(x.requests)) == (1, asked)
    assert "X takes posts again at " in held.err


def test_many_likes_are_in_the_way_of_likes_alone(home: Home, x: XStandIn) -> None:
    """X limits likes: nothing else waits for that."""
    theirs = x.others.say("ann", "Something good.")
    x.fault("rate_limited", path="*/likes")
    assert home("social", "like", theirs.id).code == 1
    held = home("social", "like", theirs.id)
    assert "X takes likes and reposts again at " in held.err
    assert home("social", "timeline").code == 0
    assert home("post", "--now", "It goes out.").code == 0


def test_what_is_said_on_x_is_heard_answered_and_paid_for(home: Home, x: XStandIn) -> None:
    """A mention and a reply are read by a run, an answer to each goes out once in its conversation, and the ledger says
    to the cent what X bills: the comments, their authors, the summoned replies. The inbox tells of one that is deleted.
    """
    home.bot("default", 'platforms = ["x"]\n[listen]\ncomments = ["x"]\n[limits]\nusd_per_month = 5\n')
    assert home("post", "--now", "The library opens at ten.").code == 0
    [mine] = x.posts.values()
    said = [x.others.say("ann", "On Sundays too?", reply_to=mine.id), x.others.say("bob", f"Hello @{USERNAME}!")]
    home("run")
    comments = home("inbox", "--json").json["comments"]
    assert [(each["kind"], each["author"]) for each in comments] == [("reply", "ann"), ("mention", "bob")]
    for each, words in zip(comments, ("Not on Sundays.", "Hello to you."), strict=True):
        assert home("inbox", "answer", str(each["id"]), words).code == 0
    for _ in range(2):
        home("run")
    answers = {post.reply_to: post.text for post in x.posts.values() if post.reply_to and post.author == mine.author}
    assert answers == {said[0].id: "@ann Not on Sundays.", said[1].id: "@bob Hello to you."}
    assert home.rows("SELECT DISTINCT status FROM comments") == [("answered",)]
    assert ("post", 0.01) in x.bill
    assert paid(home) == pytest.approx(sum(usd for _, usd in x.bill))
    [[answer]] = home.rows("SELECT max(id) FROM drafts")
    assert home("delete", str(answer), "--yes").code == 0
    assert "is answered (its answer was deleted)" in home("inbox", "--all").out
