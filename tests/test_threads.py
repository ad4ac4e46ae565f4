"""Threads on X as processes: they go on at the first part that is not out, or stand half-way with a clear way on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home import Done, Home, x_settings
from tests.moving import MovingHome, home_with_x
from tests.platforms.test_x_matching import WILD
from tests.standins.x import ANSWERS, LINK_ALTERATIONS, TEXT_ALTERATIONS, Reply, XStandIn

ONE, TWO, THREE = "The first part.", "The second part.", "The third part."
World = tuple[MovingHome, XStandIn]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A bot whose pool is never written to X: the person's thread is all that its account sees."""
    with home_with_x(tmp_path / "home") as made:
        yield made


def post_thread(home: Home, *parts: str) -> Done:
    first, *rest = parts or (ONE, TWO, THREE)
    return home("post", first, *(word for part in rest for word in ("--part", part)), "--platform", "x", "--now")


def chain(x: XStandIn, *parts: str) -> list[str]:
    """The ids of the parts, each there exactly once and a reply to the one before it."""
    parent, ids = "", []
    for part in parts or (ONE, TWO, THREE):
        [found] = [post for post in x.posts.values() if post.text == part.strip()]
        assert found.reply_to == parent, part
        parent = found.id
        ids.append(parent)
    return ids


def sends(x: XStandIn, text: str) -> int:
    """How often this text was asked to be posted."""
    return sum(1 for one in x.requests if one["method"] == "POST" and (one["body"] or {}).get("text") == text)


def status_of(home: Home, draft: int = 1) -> str:
    [[status]] = home.rows(f"SELECT status FROM drafts WHERE id = {draft}")
    return str(status)


def test_a_part_refused_half_way_is_told_with_the_way_on_and_resume_completes_the_chain(
    world: World,
) -> None:
    """stderr, `status`, `history` and `explain` name the cause and both commands; no run tries by itself; once the
    cause is mended `resume` goes on at the second part, under the first."""
    home, x = world
    x.fault("unauthorized", skip=1, times=0)
    done = post_thread(home)
    assert done.code == 1
    assert re.fullmatch(
        r"twitter_manager: default: draft 1 is partly published\. x part 2 failed: .*"
        r" To go on: .* resume 1; to give it up: .* skip 1\n",
        done.err,
    )
    told = [done.err, *(home(*words).out for words in (["status"], ["history"], ["explain", "1"]))]
    for text in told:
        assert "keys" in text
        assert "resume 1" in text
        assert "skip 1" in text
        assert "part 2" in text
    assert home("history", "--json").out.count('"resume 1", "skip 1"') == 1
    assert status_of(home) == "partly_posted"

    home.runs(3)
    assert (sends(x, ONE), sends(x, TWO), sends(x, THREE)) == (1, 1, 0), "a refusal is not tried again by itself"
    assert "resume 1" in home("status").out, "it stays visible"

    x.faults.clear()
    assert home("resume", "1").code == 0
    home.later(hours=1)
    assert home("run").code == 0
    chain(x)
    assert status_of(home) == "posted"
    assert "resume 1" not in home("status").out + home("history").out + home("explain", "1").out


def test_skip_ends_a_thread_that_stands_half_way(world: World) -> None:
    """What is out stays, nothing more is sent, and neither verb has anything left to do."""
    home, x = world
    x.fault("credits_depleted", skip=1)
    post_thread(home)
    assert home("skip", "1").code == 0
    home.runs(3)
    assert (sends(x, ONE), sends(x, TWO), sends(x, THREE)) == (1, 1, 0)
    assert status_of(home) == "skipped"
    done = home("resume", "1")
    assert (done.code, done.err.count("\n"), "skipped" in done.err) == (2, 1, True)
    assert home("skip", "1", "--json").json["done"] == ["Draft 1 is skipped already."]
    assert "needs attention" not in home("status").out
    assert home("post", ONE, "--part", TWO, "--part", THREE).code == 1, "the same words are not said twice"


def test_a_part_that_surely_did_not_arrive_is_sent_by_the_next_run(world: World) -> None:
    """A rate limit in mid-thread ends by itself; the second part hangs under the first."""
    home, x = world
    x.fault("rate_limited", skip=1, times=1)
    done = post_thread(home)
    assert done.code == 1
    assert status_of(home) == "publishing"
    assert home("skip", "99").code == 2
    home.runs(1)
    chain(x)
    assert status_of(home) == "posted"


def test_a_wild_thread_whose_every_answer_is_lost_is_there_once(tmp_path: Path) -> None:
    """X composes, collapses and strips the texts and writes their links in punycode: each part is still adopted."""
    wild = WILD.replace("\ufeff", "")  # which the checks don't let through
    parts = (f"1 {wild}", f"2 {wild}", f"3 {wild}")
    with home_with_x(tmp_path / "home") as (home, x):
        x.settings.alters = (*TEXT_ALTERATIONS, *LINK_ALTERATIONS)
        x.settings.refuse_duplicates = False
        x.fault("store_then_reset", times=3)
        done = post_thread(home, *parts)
        assert done.err == ""
        chain(x, *parts)
        home.runs(2)
        chain(x, *parts)
        assert status_of(home) == "posted"


def test_a_thread_whose_last_part_a_person_deleted_ends_visible_and_never_loops(world: World) -> None:
    """The part that the next one replies to is gone: told with its cause, and a person can only give the rest up."""
    home, x = world
    x.fault("rate_limited_bare", skip=1, times=4)
    post_thread(home)
    [first] = chain(x, ONE)
    del x.posts[first]
    home.later(hours=1)
    done = home("run")
    assert done.code == 1
    assert re.search(r"deleted or not visible.*skip 1\b", done.err) and "resume" not in done.err
    assert status_of(home) == "partly_posted"
    assert "deleted or not visible" in home("status").out
    tries = sends(x, TWO)
    assert all(run.code == 0 for run in home.runs(3))
    assert sends(x, TWO) == tries, "nobody tries by himself what can't work"

    assert home("resume", "1").code == 2
    assert home("skip", "1").code == 0
    assert all(run.code == 0 for run in home.runs(2))
    assert (sends(x, TWO), sends(x, THREE), status_of(home)) == (tries, 0, "skipped")


def test_a_part_deleted_further_up_does_not_stop_the_thread(world: World) -> None:
    home, x = world
    x.fault("credits_depleted", skip=2)
    post_thread(home)
    first, second = chain(x, ONE, TWO)
    del x.posts[first]
    home("resume", "1")
    home.runs(1)
    [third] = [post for post in x.posts.values() if post.text == THREE]
    assert third.reply_to == second
    assert status_of(home) == "posted"
    assert ONE not in x.texts(), "what a person deleted is not made again"


def test_resume_of_what_may_be_out_looks_before_it_sends(world: World) -> None:
    """Hidden for longer than the settling time, then refused: `resume` finds the post that X shows by now, also
    where X no longer refuses the duplicate."""
    home, x = world
    x.settings.refuse_duplicates = False
    x.fault("store_then_drop", hide=-1)
    x.fault("unauthorized")
    home("post", ONE, "--platform", "x", "--now")
    home.runs(1)
    assert (sends(x, ONE), status_of(home)) == (2, "failed")
    for post in x.posts.values():
        post.visible_from = 0
    assert home("resume", "1").code == 0
    home.runs(2)
    assert x.texts().count(ONE) == 1
    assert (sends(x, ONE), status_of(home)) == (2, "posted")


def test_what_may_be_out_can_not_be_skipped_before_its_fate_is_known(world: World) -> None:
    """A person is told to wait for the next run instead of losing track of a post."""
    home, x = world
    x.fault("drop", times=1)
    home("post", ONE, "--platform", "x", "--now")
    done = home("skip", "1")
    assert done.code == 2
    assert "next run" in done.err


def test_what_a_person_posted_by_hand_meanwhile_is_adopted_and_the_thread_goes_on_under_it(world: World) -> None:
    """The first request never arrived, the person helped himself; X would refuse the duplicate, and there is one."""
    home, x = world
    x.fault("drop", times=1)
    post_thread(home)
    by_hand = x.add_post(ONE)
    home.runs(1)
    assert chain(x)[0] == by_hand.id
    assert sends(x, ONE) == 1
    assert status_of(home) == "posted"


def test_what_a_person_posted_by_hand_before_is_looked_up_after_the_duplicate_refusal(world: World) -> None:
    """Minutes before: adopted. Hours before: it can't be told from an old post, so a person is asked; never two."""
    home, x = world
    x.add_post(ONE)
    home.later(minutes=2)
    post_thread(home)
    chain(x)
    x.add_post("Old words.")
    home.later(hours=5)
    home("post", "Old words.", "--platform", "x", "--now")
    home.runs(4)
    assert x.texts().count("Old words.") == 1
    [[status, reason]] = home.rows("SELECT status, reason FROM drafts WHERE id = (SELECT max(id) FROM drafts WHERE"
                                   " origin = 'person')")  # fmt: skip
    assert status == "failed"
    assert "duplicate" in reason
    assert "skip" in home("status").out


def test_a_nearly_equal_post_by_hand_is_a_question_for_a_person(world: World) -> None:
    """Same words, other signs, and ours is not to be seen: neither adopted nor sent again on a guess."""
    home, x = world
    x.fault("drop", times=1)
    home("post", ONE, "--platform", "x", "--now")
    near = x.add_post(ONE.upper())
    home.runs(4)
    assert x.texts().count(ONE) == 0
    assert sends(x, ONE) == 1
    status = home("status").out
    assert near.id in status
    assert re.search(r"To go on: .*resume 1\n +To give it up: .*skip 1\n", status)
    del x.posts[near.id]
    home("resume", "1")
    home.runs(2)
    assert x.texts().count(ONE) == 1
    assert status_of(home) == "posted"


def test_a_terminal_names_the_whole_commands(home: Home, x: XStandIn) -> None:
    home.settings(GENERATORS="excerpt", **x_settings(x))
    x.fault("credits_depleted", skip=1)
    seen = home.at_terminal("post", ONE, "--part", TWO, "--platform", "x", "--now").out
    assert "-m twitter_manager resume 1" in seen
    assert "-m twitter_manager skip 1" in seen


def test_what_waits_after_it_was_not_found_is_looked_up_once_more(world: World) -> None:
    """Not shown for longer than the settling time, then a rate limit: by the time it may be sent again, X shows it."""
    home, x = world
    x.settings.refuse_duplicates = False
    x.fault("store_then_drop", hide=90 * 60)
    x.fault("rate_limited_bare", times=4)
    home("post", ONE, "--platform", "x", "--now")
    home.runs(1)
    assert home.rows("SELECT status FROM deliveries WHERE draft_id = 1") == [("queued",)]
    home.runs(2)
    assert x.texts().count(ONE) == 1
    assert status_of(home) == "posted"


def test_one_doubtful_post_keeps_no_other_from_being_found(world: World) -> None:
    """Two whose answers were lost: the first may be one that a person wrote, the second is plainly there."""
    home, x = world
    x.fault("drop", times=1)
    home("post", ONE, "--platform", "x", "--now")
    x.add_post(ONE.upper())
    x.fault("store_then_drop", times=1, hide=30 * 60)
    home("post", TWO, "--platform", "x", "--now")
    home.runs(1)
    assert status_of(home, 2) == "posted"
    assert x.texts().count(TWO) == 1


def test_a_refusal_in_words_that_can_not_be_stored_is_a_refusal_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a character, a terminal's escape and line ends in X's answer: one line for a person, and no second try."""
    home, x = world
    said = {"title": "Forbidden", "detail": "odd \ud800 \x1b[2J \x00 \u2028 words\nend", "type": "about:blank"}
    monkeypatch.setitem(ANSWERS, "odd_words", Reply(403, said))
    x.fault("odd_words")
    done = home("post", ONE, "--platform", "x", "--now")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "words end" in done.err
    assert done.err.rstrip("\n").isprintable()
    home.runs(2)
    assert (sends(x, ONE), status_of(home)) == (1, "failed")
