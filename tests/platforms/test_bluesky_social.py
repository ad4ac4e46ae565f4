"""Figures, comments and social acts on Bluesky, where it does what no other platform does: questions that the server
passes on to an AppView, which hears of things late; likes and profiles that are records; notifications of whole
threads. What all platforms promise is in `test_social_contract.py`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.platforms.social_bluesky import LIKE, POST, REPOST, BlueskyWorld, stamp
from tests.standins.pds import Account, Pds
from tests.standins.proxy import Fault, FaultProxy, Reply, Seen
from twitter_manager.domain import Json
from twitter_manager.errors import NotSent, Unreadable
from twitter_manager.platforms.bluesky import Bluesky
from twitter_manager.platforms.bluesky_social import BlueskySocial
from twitter_manager.platforms.bluesky_views import (
    LATE,
    Mark,
    author_of,
    heard_of,
    is_bot,
    labelled,
    seen_post,
    thread_posts,
)
from twitter_manager.social import Kind

PROFILE = "app.bsky.actor.profile"
LONG_AGO = datetime.now(UTC) - timedelta(days=2)


class Watched(FaultProxy):
    """Lets something happen on the server just before a request is passed on."""

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self.before: dict[str, Callable[[], object]] = {}

    def _pass_on(self, request: Seen) -> Reply:
        for part in [part for part in self.before if part in request.path]:
            self.before.pop(part)()
        return super()._pass_on(request)


@pytest.fixture
def gate(pds: Pds) -> Iterator[Watched]:
    with Watched(pds.url) as proxy:
        yield proxy


@pytest.fixture
def world(pds: Pds, account: Account, gate: Watched, tmp_path: Path) -> Iterator[BlueskyWorld]:
    keys = (account.handle, account.password)
    clock = lambda: datetime.now(UTC)  # noqa: E731
    yield BlueskyWorld(
        pds, account, gate, Bluesky(*keys, session_file=tmp_path / "session", service_url=gate.url, clock=clock)
    )
    pds.appview.reset()


def heard(world: BlueskyWorld, cursor: str = "", limit: int = 50) -> list[tuple[Kind, str]]:
    return [(each.kind, each.post.text) for each in world.platform.heard(cursor, LONG_AGO, limit).heard]


def records(world: BlueskyWorld, collection: str) -> list[str]:
    listed = world.pds.call("com.atproto.repo.listRecords", repo=world.bot.did, collection=collection)
    return [record["uri"] for record in listed["records"]]


def test_a_reply_that_names_the_account_is_a_reply(world: BlueskyWorld) -> None:
    """Bluesky tells of it as a mention, and once."""
    mine = world.own("What I say.")
    here = {"uri": mine, "cid": world.stored(mine)["cid"]}
    feature = {"$type": "app.bsky.richtext.facet#mention", "did": world.bot.did}
    facets = [{"index": {"byteStart": 0, "byteEnd": 3}, "features": [feature]}]
    world.post("you there", reply={"root": here, "parent": here}, facets=facets)
    assert heard(world) == [(Kind.REPLY, "you there")]


def test_what_others_say_to_one_another_is_no_word_to_the_account(world: BlueskyWorld) -> None:
    """Bluesky tells the author of a thread of every reply in it; only one that names or answers the account counts."""
    theirs = world.reply(world.own("What I say."), "To you.", "ann")
    world.reply(theirs, "To Ann.", "bob")
    assert {each["reason"] for each in world.notifications("")} == {"reply"}
    assert len(world.notifications("")) == 2
    assert heard(world) == [(Kind.REPLY, "To you.")]


def test_nothing_is_marked_as_read(world: BlueskyWorld) -> None:
    """Its person still sees what is new: the program only asks, and for replies, mentions and quotes alone."""
    world.reply(world.own("What I say."), "To you.")
    before = len(world.proxy.seen)
    assert heard(world)
    [request] = world.proxy.seen[before:]
    assert request.method == "GET"
    assert "reasons=reply&reasons=mention&reasons=quote" in request.path


def test_questions_go_to_the_appview_and_records_to_the_server(world: BlueskyWorld) -> None:
    """A server that knows no AppView of its own is told which one; what it stores itself it is asked itself."""
    world.platform.like(world.post("Something good."))
    world.platform.label()
    for request in world.proxy.seen:
        proxied = {name.lower(): value for name, value in request.headers.items()}.get("atproto-proxy")
        assert proxied == ("did:web:api.bsky.app#bsky_appview" if "/app.bsky." in request.path else None), request.path


def test_every_page_of_the_notifications_is_read(world: BlueskyWorld) -> None:
    """Two at a time on the server's side, all of them on ours, and no page twice."""
    mine = world.own("What I say.")
    for number in range(5):
        world.reply(mine, f"number {number}")
    world.pds.appview.page = 2
    assert [text for _, text in heard(world)] == [f"number {number}" for number in range(5)]
    assert world.proxy.count("listNotifications") == 3


def test_a_comment_that_turns_up_late_is_heard(world: BlueskyWorld) -> None:
    """The list is in the order of what comments say of their own time: one of an hour ago that another server told of
    only now stands below those that were heard already."""
    mine = world.own("What I say.")
    here = {"uri": mine, "cid": world.stored(mine)["cid"]}
    world.reply(mine, "now")
    page = world.platform.heard("", LONG_AGO, 50)
    early = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="milliseconds")
    world.post("late", reply={"root": here, "parent": here}, createdAt=early.replace("+00:00", "Z"))
    page = world.platform.heard(page.cursor, LONG_AGO, 50)
    assert [each.post.text for each in page.heard] == ["late"]
    assert world.platform.heard(page.cursor, LONG_AGO, 50).heard == []


def test_the_cursor_stays_short() -> None:
    """It remembers what was heard within the time in which something may turn up late, and nothing before."""
    began, cursor = datetime(2026, 3, 1, tzinfo=UTC), ""
    for hour in range(72):
        at = began + timedelta(hours=hour)
        assert Mark.read(cursor, began).is_new(f"at://a/{hour}", at)
        cursor = Mark.read(cursor, began).after([(at, f"at://a/{hour}")], at)
        assert not Mark.read(cursor, began).is_new(f"at://a/{hour}", at)
    mark = Mark.read(cursor, began)
    assert mark.since == began + timedelta(hours=71) - LATE
    assert len(mark.heard) == 25
    assert not mark.is_new("at://a/0", began)


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"since": 1, "heard": {}}', '{"since": "x", "heard": {}}',
                                    '{"since": "2026-03-01", "heard": {"a": null}}'])  # fmt: skip
def test_a_cursor_that_cannot_be_read_begins_anew(cursor: str) -> None:
    """What was heard is known by its id all the same; nothing is lost, and no run fails."""
    first = datetime(2026, 3, 1, tzinfo=UTC)
    assert Mark.read(cursor, first) == Mark(first)


def test_what_the_appview_has_not_heard_of_yet_is_not_gone(world: BlueskyWorld) -> None:
    """The account's own server still has it: nothing is said of it, and it is asked for again."""
    late, gone = world.own("It is late."), world.own("It is gone.")
    world.pds.appview.hidden.add(late)
    world.delete(gone)
    assert world.platform.figures([late, gone, "no id"]) == {gone: None}


def test_figures_of_500_posts_take_20_requests(world: BlueskyWorld) -> None:
    """One for each 25."""
    create = {"$type": "com.atproto.repo.applyWrites#create", "collection": POST}
    keys = [f"3kaaaaaa{number:05}".translate(str.maketrans("01789", "abcde")) for number in range(500)]
    for start in range(0, 500, 100):
        writes = [
            create | {"rkey": key, "value": {"$type": POST, "text": key, "createdAt": stamp()}}
            for key in keys[start : start + 100]
        ]
        world.pds.call("com.atproto.repo.applyWrites", {"repo": world.bot.did, "writes": writes}, world.bot.access)
    ids = [f"at://{world.bot.did}/{POST}/{key}" for key in keys]
    world.platform.figures(ids[:1])  # the stand-in reads the posts
    before = world.requests()
    told = world.platform.figures(ids)
    assert world.requests() - before == 20
    assert all(told[remote_id] is not None for remote_id in ids)


def test_links_are_whole_in_what_others_say(world: BlueskyWorld) -> None:
    """Clients show them short; what is read and answered is what they say."""
    text, address = "Read example.com/a/long... please", "https://example.com/a/long/way/to/go?x=1"
    link = {"$type": "app.bsky.richtext.facet#link", "uri": address}
    facet = {"index": {"byteStart": 5, "byteEnd": 26}, "features": [link]}
    uri = world.post(text, facets=[facet], langs=["en", "de"])
    seen = world.platform.seen(uri)
    assert seen is not None
    assert seen.text == f"Read {address} please"
    assert seen.language == "en"


def test_the_home_shows_what_followed_accounts_say_and_repost(world: BlueskyWorld) -> None:
    """And nothing of others; page after page on the server's side, as many as asked for on ours."""
    follow = {"$type": "app.bsky.graph.follow", "subject": world.who("dora").did, "createdAt": stamp()}
    world.pds.add_record(world.bot, follow)
    shared = world.post("Shared.", "bob")
    world.post("Not followed.", "bob")
    said = world.post("Said.", "dora")
    world.repost(shared, "dora")
    world.pds.appview.page = 1
    shown = world.platform.timeline(5)
    assert [(post.receipt.remote_id, post.author) for post in shown] == [
        (shared, world.handle_of("bob")),
        (said, world.handle_of("dora")),
    ]
    assert len(world.platform.timeline(1)) == 1


def test_a_long_conversation_is_shown_around_the_post(world: BlueskyWorld) -> None:
    """What lies deeper below the first post than is read from there is read around the post that was asked for."""
    chain = [world.own("The first post.")]
    for number in range(25):
        chain.append(world.reply(chain[-1], f"number {number}"))
    assert [post.receipt.remote_id for post in world.platform.thread(chain[23])] == chain
    assert [post.receipt.remote_id for post in world.platform.thread(chain[0])] == chain[:21]


def test_a_like_made_elsewhere_is_not_made_again(world: BlueskyWorld) -> None:
    """In the app, under another key: it is seen, and nothing is written."""
    theirs = world.post("Something good.")
    subject = {"uri": theirs, "cid": world.stored(theirs)["cid"]}
    for collection in (LIKE, REPOST):
        world.pds.add_record(world.bot, {"$type": collection, "subject": subject, "createdAt": stamp()})
    world.platform.like(theirs)
    world.platform.repost(theirs)
    assert world.proxy.count("putRecord") == 0


@pytest.mark.parametrize("fault", [Fault(forward=True), Fault()], ids=["answer lost", "request lost"])
def test_a_like_is_one_record_whatever_the_appview_knows(world: BlueskyWorld, fault: Fault) -> None:
    """The line is cut and the AppView has heard of no like: done again, it is one all the same."""
    theirs = world.post("Something good.")
    world.proxy.fail("putRecord", fault)
    with pytest.raises(Exception, match="No clear answer"):
        world.platform.like(theirs)
    world.pds.appview.hidden |= set(records(world, LIKE))
    world.platform.like(theirs)
    [uri] = records(world, LIKE)
    world.pds.appview.hidden.add(uri)
    world.platform.like(theirs)
    assert records(world, LIKE) == [uri]


def test_the_label_leaves_the_rest_of_the_profile_alone(world: BlueskyWorld) -> None:
    """Names, other labels and what no version of ours knows: as they were."""
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
    pinned = {"uri": world.own("Pinned."), "cid": "bafyreia7ifbjkx3m4dyvmy7ayjnqkbgzkkv6dczkmmhvdpv6aqoeo5ltsq"}
    record = {"$type": PROFILE, "displayName": "Facts", "labels": labels, "pinnedPost": pinned, "ofTomorrow": [1]}
    world.pds.put_record(world.bot, "self", record, PROFILE)
    world.platform.label()
    after = profile(world)
    assert after.pop("labels") == labels | {"values": [{"val": "!no-unauthenticated"}, {"val": "bot"}]}
    assert after == {name: value for name, value in record.items() if name != "labels"}


def profile(world: BlueskyWorld) -> dict[str, object]:
    value: dict[str, object] = world.stored(f"at://{world.bot.did}/{PROFILE}/self")["value"]
    return value


@pytest.mark.parametrize("first", [{}, {"displayName": "Facts"}], ids=["no profile yet", "a profile"])
def test_a_change_of_the_profile_meanwhile_is_not_lost(
    world: BlueskyWorld, gate: Watched, first: dict[str, str]
) -> None:
    """Its person saves another name between the program's look and its write: both are there."""
    if first:
        world.pds.put_record(world.bot, "self", {"$type": PROFILE, **first}, PROFILE)
    gate.before["putRecord"] = lambda: world.pds.put_record(
        world.bot, "self", {"$type": PROFILE, "displayName": "New"}, PROFILE
    )
    world.platform.label()
    assert profile(world)["displayName"] == "New"
    assert is_bot(profile(world))
    assert gate.count("putRecord") == 2


def test_a_profile_that_changes_all_the_time_is_left(world: BlueskyWorld) -> None:
    """After three tries the person hears of it, and may try again."""
    refusal = json.dumps({"error": "InvalidSwap", "message": "Record was at another"}).encode()
    world.proxy.fail("putRecord", *[Fault(reply=Reply(400, refusal))] * 3)
    with pytest.raises(NotSent):
        world.platform.label()
    assert not world.platform.is_labelled()


def test_answers_of_another_shape_are_unreadable(world: BlueskyWorld) -> None:
    """JSON with the right names and other things in them: said so, for each reading."""
    mine = world.own("A post.")
    world.pds.appview.fault("odd", method="GET", times=0)
    readings: list[Callable[[], object]] = [
        lambda: world.platform.figures([mine]),
        lambda: world.platform.heard("", LONG_AGO, 10),
        lambda: world.platform.timeline(10),
        lambda: world.platform.author(""),
        lambda: world.platform.seen(mine),
    ]
    for read in readings:
        with pytest.raises(Unreadable, match="not what its API promises"):
            read()


names = st.sampled_from(
    ["uri", "cid", "author", "record", "did", "handle", "text", "createdAt", "reply", "parent", "root", "facets",
     "index", "features", "byteStart", "byteEnd", "langs", "labels", "values", "val", "likeCount", "replies", "post"]
)  # fmt: skip
odd = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.just("at://did:plc:a/app.bsky.feed.post/3k"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=100)
@given(odd)
def test_nothing_that_a_server_says_is_an_error(view: object) -> None:
    """Whatever stands in the place of a post, a thread or a profile: it is read, or it is left out."""
    whole = {
        "uri": "at://did:plc:a/app.bsky.feed.post/3k",
        "cid": "bafy",
        "author": {"did": "did:plc:a", "handle": "a.test", "displayName": view},
        "record": {"text": "x", "createdAt": "2026", "reply": view, "facets": view, "langs": view},
        "likeCount": view,
    }
    assert seen_post(whole) is not None
    seen_post(view)
    if isinstance(view, dict):
        heard_of(view, "did:plc:b")
        author_of(view)
        assert is_bot(labelled({"labels": view}))
    list(thread_posts({"post": whole, "parent": view, "replies": [view, {"post": view}]}))


def test_a_slow_server_holds_no_run_for_long() -> None:
    """A list without end of a server that takes its time is left after a minute, not after twenty pages."""

    class Slow(BlueskySocial):
        def __init__(self) -> None:
            self.now, self.asked = datetime(2026, 3, 1, tzinfo=UTC), 0
            self._clock = lambda: self.now

        def _ask(self, method: str, **params: Any) -> Json:
            self.asked, self.now = self.asked + 1, self.now + timedelta(seconds=20)
            return {"feed": [], "cursor": str(self.asked)}

    slow = Slow()
    assert (slow.timeline(10), slow.asked) == ([], 4)
