"""What every platform promises of figures, comments and social acts (`twitter_manager/social.py`), shown against a real
server or a stateful stand-in: one suite for all of them. What only one platform does is tested beside this."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from tests.platforms.social_bluesky import BlueskyWorld
from tests.platforms.social_x import XWorld
from tests.standins.pds import Account, Pds
from tests.standins.proxy import FaultProxy
from tests.standins.x import XStandIn
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing, ReplyTo
from twitter_manager.errors import Refused, Unreadable
from twitter_manager.platforms.bluesky import Bluesky
from twitter_manager.social import Figures, HeardPage, Kind, LabelledPlatform, NamingPlatform, SocialPlatform

WORLDS: tuple[str, ...] = ("bluesky", "mastodon", "x")
"""Each has a fixture NAME_world."""
TELL_OF_OWN = frozenset({"bluesky", "mastodon"})
"""Those that tell an account what it liked and reposted itself."""
LABELLED: tuple[str, ...] = ("bluesky", "mastodon")
"""Those on which a program can call its account automated."""
NEWEST_PAGE_FIRST = frozenset({"x"})
"""What is older comes by later pages there, each oldest first: reading all before any is told would cost."""
NO_ID = "../users/me"


class World(Protocol):
    """A platform, the service behind it, the bot's account there and other people's (`who`: any short name)."""

    @property
    def platform(self) -> SocialPlatform: ...

    @property
    def handle(self) -> str:
        """The bot's, without @ in front."""
        ...

    @property
    def hears(self) -> tuple[Kind, ...]:
        """What the platform lets the bot know of."""
        ...

    def own(self, text: str) -> str:
        """A post of the bot's; its remote id."""
        ...

    def post(self, text: str, who: str = "ann") -> str:
        """Another's post that has nothing to do with the bot."""
        ...

    def reply(self, remote_id: str, text: str, who: str = "ann") -> str: ...

    def mention(self, text: str, who: str = "ann") -> str:
        """Another's post that names the bot and then says `text`."""
        ...

    def quote(self, remote_id: str, text: str, who: str = "ann") -> str: ...

    def like(self, remote_id: str, who: str = "ann") -> None: ...

    def repost(self, remote_id: str, who: str = "ann") -> None: ...

    def delete(self, remote_id: str) -> None:
        """By whoever wrote it."""
        ...

    def handle_of(self, who: str) -> str:
        """Another's, without @ in front."""
        ...

    def fails(self, how: str) -> None:
        """What every reading meets from now on: `limited` (429, with a time), `forbidden` (403, with the platform's
        reason), `broken` (503) or `garbled` (200, and no JSON)."""
        ...

    def requests(self) -> int:
        """How many requests the service got so far."""
        ...


def now() -> datetime:
    return datetime.now(UTC)


LONG_AGO = now() - timedelta(days=1)


@pytest.fixture
def bluesky_world(pds: Pds, account: Account, tmp_path: Path) -> Iterator[World]:
    with FaultProxy(pds.url) as proxy:
        keys = (account.handle, account.password)
        platform = Bluesky(*keys, session_file=tmp_path / "session", service_url=proxy.url, clock=now)
        yield BlueskyWorld(pds, account, proxy, platform)
    pds.appview.reset()


@pytest.fixture
def x_world() -> Iterator[World]:
    with XStandIn() as standin:
        yield XWorld(standin)


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> World:
    chosen: World = request.getfixturevalue(f"{request.param}_world")
    return chosen


def answer(world: World, text: str, parent: ReplyTo) -> str:
    """An answer of the bot's, as the outbox publishes it; its remote id."""
    outgoing = Outgoing(1, Part(text), now(), reply=parent)
    return world.platform.publish(world.platform.prepare(outgoing)).remote_id


def figures(world: World, remote_id: str) -> Figures | None:
    return world.platform.figures([remote_id])[remote_id]


def all_heard(world: World, limit: int, cursor: str = "") -> list[HeardPage]:
    """Page after page, until the platform says that there is no more."""
    pages = [world.platform.heard(cursor, LONG_AGO, limit)]
    while pages[-1].more:
        assert len(pages) < 20, "the pages have no end"
        pages.append(world.platform.heard(pages[-1].cursor, LONG_AGO, limit))
    return pages


def words(*pages: HeardPage) -> list[str]:
    """The last word of each comment, oldest first: platforms may put names in front."""
    return [heard.post.text.split()[-1] for page in pages for heard in page.heard]


def test_figures_are_what_people_did(world: World) -> None:
    """Likes, replies, reposts and quotes are counted for the post that they are about, and for no other."""
    busy, quiet = world.own("A busy post."), world.own("A quiet post.")
    for who in ("ann", "bob"):
        world.like(busy, who)
    world.reply(busy, "I see.")
    world.repost(busy)
    world.quote(busy, "Look at this.")
    told = world.platform.figures([busy, quiet])
    assert told.keys() == {busy, quiet}
    counted, none = told[busy], told[quiet]
    assert counted is not None
    assert none is not None
    assert (counted.likes, counted.replies, counted.reposts, counted.quotes) == (2, 1, 1, 1)
    assert none.engagement == 0


def test_what_the_account_does_itself(world: World) -> None:
    """Its own like and repost are no success and left out where the platform tells of them. A reply counts for the post
    right above it, the account's own too: the next part of a thread for the one before. What is kept is without those
    (`store.engagement`)."""
    first = world.own("The first part.")
    above = world.platform.seen(first)
    assert above is not None
    second = answer(world, "The second part.", above.as_parent)
    beneath = world.platform.seen(second)
    assert beneath is not None
    answer(world, "The third part.", ReplyTo(above.receipt, beneath.receipt))
    world.like(first)
    world.platform.like(first)
    world.platform.repost(first)
    own = 0 if world.platform.name in TELL_OF_OWN else 1
    counted, beneath_it = figures(world, first), figures(world, second)
    assert counted is not None
    assert beneath_it is not None
    assert (counted.likes, counted.replies, counted.reposts) == (1 + own, 1, own)
    assert (beneath_it.likes, beneath_it.replies, beneath_it.reposts) == (0, 1, 0)


def test_a_post_that_is_gone_has_none(world: World) -> None:
    """Deleted by its person on the web: None, and the figures of the others come all the same."""
    gone, kept = world.own("Soon gone."), world.own("It stays.")
    world.like(kept)
    world.delete(gone)
    told = world.platform.figures([gone, kept])
    there = told[kept]
    assert told[gone] is None
    assert there is not None
    assert there.likes == 1


def test_figures_take_one_request_for_each_page(world: World) -> None:
    """As many posts as fit a page are one request, one more post is one request more, none is none."""
    size = world.platform.figures_at_once
    remote_ids = [world.own(f"Post number {number}.") for number in range(size + 1)]
    spent = []
    for asked in (remote_ids[:size], remote_ids, []):
        before = world.requests()
        assert world.platform.figures(asked).keys() == set(asked)
        spent.append(world.requests() - before)
    assert spent == [1, 2, 0]


def test_what_others_say_is_heard_oldest_first(world: World) -> None:
    """Replies, mentions and quotes, each as what it is, with who said it and what it answers; neither likes nor reposts
    nor what the account says itself, nor what others say to one another."""
    mine = world.own("What I say.")
    said = {Kind.REPLY: world.reply(mine, "A < B & C", "ann"), Kind.MENTION: world.mention("hello", "bob")}
    if Kind.QUOTE in world.hears:
        said[Kind.QUOTE] = world.quote(mine, "indeed", "cid")
    world.like(mine)
    world.repost(mine)
    world.reply(world.post("Nothing of yours.", "ann"), "Nor this.", "bob")
    page = world.platform.heard("", LONG_AGO, 50)
    answer(world, "My own answer.", page.heard[0].post.as_parent)
    page = world.platform.heard("", LONG_AGO, 50)
    assert [(heard.kind, heard.post.receipt.remote_id) for heard in page.heard] == list(said.items())
    assert not page.more
    reply = page.heard[0].post
    assert reply.text.endswith("A < B & C")
    assert (reply.author, reply.parent_id) == (world.handle_of("ann"), mine)
    assert reply.author_id not in ("", reply.parent_author_id)
    assert abs(reply.created_at - now()) < timedelta(minutes=1)
    assert reply.receipt.url.startswith("http")
    assert page.heard[1].post.author == world.handle_of("bob")


def test_the_cursor_gives_nothing_twice_and_loses_nothing(world: World) -> None:
    """Two at a time, another one said meanwhile: each once, in their order; and from there on only what is new."""
    mine = world.own("What I say.")
    for number in range(5):
        world.reply(mine, f"number {number}")
    first = world.platform.heard("", LONG_AGO, 2)
    assert (len(words(first)), first.more) == (2, True)
    world.reply(mine, "number 5", "bob")
    rest = all_heard(world, 2, first.cursor)
    told = words(first, *rest)
    assert (told if NEWEST_PAGE_FIRST.isdisjoint([world.platform.name]) else sorted(told)) == list("012345")
    nothing = world.platform.heard(rest[-1].cursor, LONG_AGO, 2)
    assert (words(nothing), nothing.more) == ([], False)
    world.reply(mine, "number 6")
    assert words(world.platform.heard(nothing.cursor, LONG_AGO, 2)) == ["6"]


def test_a_first_look_goes_back_to_a_time(world: World) -> None:
    """What was said before is old: a bot that starts to listen answers no posts of last year."""
    world.reply(world.own("What I say."), "too early")
    page = world.platform.heard("", now() + timedelta(hours=1), 50)
    assert (words(page), page.more) == ([], False)


def test_an_answer_hangs_where_it_belongs(world: World) -> None:
    """Beneath the comment, in the conversation of the first post, two levels deep; and the conversation reads so from
    each of its posts."""
    mine = world.own("The first post.")
    comment = world.reply(mine, "A question?")
    [first] = world.platform.heard("", LONG_AGO, 50).heard
    mine_too = answer(world, "An answer.", first.post.as_parent)
    again = world.reply(mine_too, "And now?")
    second = world.platform.heard("", LONG_AGO, 50).heard[-1]
    assert (second.post.parent_id, second.post.receipt.remote_id) == (mine_too, again)
    last = answer(world, "So it is.", second.post.as_parent)
    chain = [mine, comment, mine_too, again, last]
    for each in (mine, again, last):
        told = world.platform.thread(each)
        assert [post.receipt.remote_id for post in told] == chain
        assert [post.parent_id for post in told] == ["", *chain[:-1]]


def test_whom_a_comment_answers_is_told(world: World) -> None:
    """The author of what it answers is the account, by the same id that the account's own posts have."""
    mine = world.own("The first post.")
    world.reply(mine, "A question?")
    own, comment = world.platform.seen(mine), world.platform.heard("", LONG_AGO, 50).heard[0].post
    assert own is not None
    assert own.author == world.handle
    assert comment.parent_author_id in ("", own.author_id)
    seen = world.platform.seen(comment.receipt.remote_id)
    assert seen is not None
    assert seen.as_parent == comment.as_parent


def test_a_post_that_is_gone_is_not_seen(world: World) -> None:
    """Neither alone nor as a conversation; and of a conversation that lost a post the others are still shown."""
    mine = world.own("The first post.")
    comment = world.reply(mine, "Soon gone.")
    world.delete(comment)
    assert world.platform.seen(comment) is None
    assert world.platform.thread(comment) == []
    assert [post.receipt.remote_id for post in world.platform.thread(mine)] == [mine]


def test_the_home_shows_what_is_new_first(world: World) -> None:
    """Up to as many as asked for."""
    for number in range(3):
        world.own(f"number {number}")
    assert [post.text for post in world.platform.timeline(2)] == ["number 2", "number 1"]


def test_accounts_are_told_of(world: World) -> None:
    """The own one without a name, another's by its handle, with or without @; none for a name that nobody has."""
    world.own("A post.")
    mine, other = world.platform.author(""), world.platform.author(world.handle_of("ann"))
    assert mine is not None
    assert other is not None
    assert (mine.handle, other.handle) == (world.handle, world.handle_of("ann"))
    assert mine.posts in (1, None)
    assert mine.url.startswith("http")
    assert world.platform.author(f"@{world.handle_of('ann')}") == other
    assert world.platform.author("nobody0.test") is None
    assert world.platform.author("no such: name/") is None


def test_a_like_and_a_repost_count_once(world: World) -> None:
    """Done twice, by one process or by the next, they are one each."""
    theirs = world.post("Something good.")
    for _ in range(2):
        world.platform.like(theirs)
        world.platform.repost(theirs)
    seen = world.platform.seen(theirs)
    assert seen is not None
    assert seen.figures is not None
    assert (seen.figures.likes, seen.figures.reposts) == (1, 1)


@pytest.mark.parametrize("act", ["like", "repost"])
def test_what_is_gone_can_neither_be_liked_nor_reposted(world: World, act: str) -> None:
    """A definite no in one line, with no advice on how to write posts."""
    theirs = world.post("Something good.")
    world.delete(theirs)
    with pytest.raises(Refused) as caught:
        getattr(world.platform, act)(theirs)
    assert "\n" not in str(caught.value) and "length" not in str(caught.value)


def test_what_is_no_id_is_never_sent(world: World) -> None:
    """Neither for reading nor for acting: no request leaves."""
    before = world.requests()
    for read in (world.platform.thread, world.platform.seen):
        with pytest.raises(Unreadable, match=NO_ID):
            read(NO_ID)
    for act in (world.platform.like, world.platform.repost):
        with pytest.raises(Refused, match=NO_ID):
            act(NO_ID)
    assert world.requests() == before


def test_a_post_is_named_by_the_address_of_its_page(world: World) -> None:
    """What a person copies from the browser; another page is no post's."""
    mine = world.own("What I say.")
    seen = world.platform.seen(mine)
    assert seen is not None
    assert isinstance(world.platform, NamingPlatform)
    assert world.platform.id_at(seen.receipt.url) == mine
    assert world.platform.id_at("https://example.org/@ann/17") == ""


def test_a_bluesky_page_may_name_the_handle(bluesky_world: World) -> None:
    """As the web client writes it; who has the handle their server says."""
    mine, name = bluesky_world.own("What I say."), bluesky_world.handle
    assert isinstance(bluesky_world.platform, NamingPlatform)
    assert bluesky_world.platform.id_at(f"https://bsky.app/profile/{name}/post/{mine.rpartition('/')[2]}") == mine


READINGS: dict[str, Callable[[World, str], object]] = {
    "figures": lambda world, remote_id: world.platform.figures([remote_id]),
    "heard": lambda world, _: world.platform.heard("", LONG_AGO, 10),
    "timeline": lambda world, _: world.platform.timeline(10),
    "thread": lambda world, remote_id: world.platform.thread(remote_id),
    "author": lambda world, _: world.platform.author(""),
    "seen": lambda world, remote_id: world.platform.seen(remote_id),
}


@pytest.mark.parametrize("how", ["limited", "forbidden", "broken", "garbled"])
def test_what_cannot_be_read_says_why(world: World, how: str) -> None:
    """Too often: until when; not allowed: so, and nobody waits for it; else it may be tried again. Each reading."""
    mine = world.own("A post.")
    world.fails(how)
    for name, read in READINGS.items():
        with pytest.raises(Unreadable) as caught:
            read(world, mine)
        error = caught.value
        assert "\n" not in str(error), name
        assert (error.forbidden, error.is_limit) == (how == "forbidden", how == "limited"), name
        if how == "limited":
            assert error.retry_at is not None, name
            assert error.retry_at > now(), name


@pytest.mark.parametrize("world", LABELLED, indirect=True)
def test_an_account_calls_itself_automated(world: World) -> None:
    """Not before it is asked to, then for all to see, and all else of the profile stays; a second time as well."""
    assert isinstance(world.platform, LabelledPlatform)
    before = world.platform.author("")
    assert before is not None
    assert before.bot is False
    assert not world.platform.is_labelled()
    for _ in range(2):
        world.platform.label()
        assert world.platform.is_labelled()
        after = world.platform.author("")
        assert after is not None
        assert after.bot is True
        assert (after.name, after.about) == (before.name, before.about)
