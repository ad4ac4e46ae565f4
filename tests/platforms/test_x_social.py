"""What only X does with figures, comments and social acts: its prices, its plans, its two sets of names. What all
platforms promise is shown in `test_social_contract.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.platforms.social_x import XWorld, client
from tests.standins.service import Reply
from tests.standins.x import ANSWERS, USERNAME, XStandIn
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing
from twitter_manager.errors import NeedsPerson, NotSent, Refused, Unreadable
from twitter_manager.platforms.x_prices import COST_POST_USD, COST_POST_WITH_URL_USD
from twitter_manager.social import Figures, Kind, SocialPlatform

LONG_AGO = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def standin() -> Iterator[XStandIn]:
    with XStandIn() as running:
        yield running


@pytest.fixture(params=["tweet", "post"])
def named(request: pytest.FixtureRequest, standin: XStandIn) -> XStandIn:
    """A stand-in that takes one of the two sets of names alone."""
    standin.reset(names=request.param)
    return standin


READINGS: dict[str, Callable[[SocialPlatform, str], object]] = {
    "figures": lambda x, mine: x.figures([mine, "17"]),
    "heard": lambda x, _: x.heard("", LONG_AGO, 3),
    "timeline": lambda x, _: x.timeline(4),
    "thread": lambda x, mine: x.thread(mine),
    "author": lambda x, _: x.author("ann"),
    "the own account": lambda x, _: x.author(""),
    "nobody": lambda x, _: x.author("nobody"),
    "seen": lambda x, mine: x.seen(mine),
    "nothing seen": lambda x, _: x.seen("17"),
}


@pytest.mark.parametrize("reading", READINGS)
def test_each_reading_is_charged_as_x_bills_it(named: XStandIn, reading: str) -> None:
    """Own posts, others' and accounts each at their price, under both sets of names; what is not there is free."""
    world = XWorld(named)
    mine = world.own("What I say.")
    for number in range(4):
        world.reply(mine, f"number {number}", "ann" if number % 2 else "bob")
    booked: list[tuple[str, int, float]] = []
    READINGS[reading](client(named, lambda *charge: booked.append(charge)), mine)
    billed = sum(usd for _, usd in named.bill)
    assert sum(usd for _, _, usd in booked) == pytest.approx(billed)
    assert (billed == 0) == reading.startswith("no")
    kinds = {kind: sum(units for what, units, _ in booked if what == kind) for kind, _, _ in booked}
    assert sum(kinds.values()) == len(named.bill)


def test_acts_are_charged_too(standin: XStandIn) -> None:
    """A like and a repost, where the plan has them."""
    theirs, booked = XWorld(standin).post("Something good."), list[tuple[str, int, float]]()
    x = client(standin, lambda *charge: booked.append(charge))
    x.like(theirs)
    x.repost(theirs)
    assert sum(usd for _, _, usd in booked) == pytest.approx(sum(usd for _, usd in standin.bill)) == pytest.approx(0.03)


def test_figures_are_read_under_both_sets_of_names(named: XStandIn) -> None:
    """Reposts have another name in each; views are told; what X tells no figures of is left out."""
    world = XWorld(named)
    mine, other = world.own("What I say."), world.own("And this.")
    for act in (world.like, world.repost):
        act(mine, "ann")
    named.posts[mine].views = 1200
    assert world.platform.figures([mine, "no id"]) == {mine: Figures(1, 0, 1, 0, views=1200)}
    named.others._counts = lambda post: {"like_count": "many"} if post.id == other else {}  # type: ignore[method-assign]
    assert world.platform.figures([mine, other]) == {}


def test_what_kind_of_comment_it_is(named: XStandIn) -> None:
    """A reply to somebody else that names the account is a mention; a quote is one where it answers nothing; shares
    and the account's own posts are no comments."""
    world = XWorld(named)
    mine, theirs = world.own(f"I am @{USERNAME}."), world.post("Nothing of yours.", "bob")
    expected = [
        (Kind.REPLY, world.reply(mine, "a reply"), mine),
        (Kind.MENTION, world.reply(theirs, f"ask @{USERNAME}", "cid"), theirs),
        (Kind.QUOTE, world.quote(mine, f"see @{USERNAME}", "cid"), ""),
        (Kind.MENTION, world.mention("hello"), ""),
    ]
    heard = world.platform.heard("", LONG_AGO, 50).heard
    assert [(each.kind, each.post.receipt.remote_id, each.post.parent_id) for each in heard] == expected
    root = heard[0].post.root
    assert root is not None
    assert root.remote_id == mine
    assert heard[3].post.root is None


def test_a_crowd_costs_no_more_than_was_asked_for(standin: XStandIn) -> None:
    """Of 150 comments a look for 20 pays for 20; the pages after it give the others once each, and then what is new."""
    world = XWorld(standin)
    mine = world.own("What I say.")
    said = [world.reply(mine, f"number {number}") for number in range(150)]
    page = world.platform.heard("", LONG_AGO, 20)
    assert [each.post.receipt.remote_id for each in page.heard] == said[-20:]
    assert sum(kind == "read" for kind, _ in standin.bill) == 20
    said.append(world.reply(mine, "meanwhile"))
    told = [each.post.receipt.remote_id for each in page.heard]
    while page.more:
        page = world.platform.heard(page.cursor, LONG_AGO, 60)
        told += [each.post.receipt.remote_id for each in page.heard]
    assert sorted(told) == said
    standin.bill.clear()
    assert world.platform.heard(page.cursor, LONG_AGO, 60).heard == []
    assert standin.bill == []


def test_a_cursor_that_is_none_begins_anew(standin: XStandIn) -> None:
    """Whatever stands in the database, nothing of it reaches X."""
    world = XWorld(standin)
    world.mention("hello")
    for cursor in ("1:2", "a:b:c", "' OR 1=1", "1:2:3:4"):
        assert len(world.platform.heard(cursor, LONG_AGO, 50).heard) == 1


def test_what_the_plan_lacks_is_said_in_x_s_own_words(standin: XStandIn) -> None:
    """Likes, reposts and conversations: one line with X's reason, nothing charged, and waiting does not help."""
    standin.reset(plan="self-serve")
    world = XWorld(standin)
    theirs = world.post("Something good.")
    booked: list[object] = []
    x = client(standin, lambda *charge: booked.append(charge))
    for act in (x.like, x.repost):
        with pytest.raises(NeedsPerson, match="You currently have access to a subset") as caught:
            act(theirs)
        assert len(caught.value.lines) == 1
        assert "\n" not in str(caught.value)
    assert booked == []
    with pytest.raises(Unreadable, match="You currently have access to a subset") as unreadable:
        x.thread(theirs)
    assert unreadable.value.forbidden


def test_what_is_done_already_is_fine_and_a_limit_is_a_limit(
    standin: XStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X may refuse a second repost in words; a limit on likes is for later."""
    x, theirs = client(standin), XWorld(standin).post("Something good.")
    already = {"detail": "You cannot retweet a Tweet that you have already retweeted.", "title": "Forbidden"}
    monkeypatch.setitem(ANSWERS, "already", Reply(403, already))
    standin.fault("already", path="/2/users/*/retweets")
    x.repost(theirs)
    standin.fault("rate_limited", path="/2/users/*/likes")
    with pytest.raises(NotSent) as caught:
        x.like(theirs)
    assert caught.value.is_limit


def test_a_post_that_may_not_be_seen_is_not_called_gone(standin: XStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a protected account X says so, and that is told."""
    problem = {
        "title": "Authorization Error",
        "detail": "Sorry, you are not authorized to see the Tweet with ids: [17].",
        "type": "https://api.twitter.com/2/problems/not-authorized-for-resource",
        "resource_id": "17",
    }
    monkeypatch.setitem(ANSWERS, "protected", Reply(200, {"errors": [problem]}))
    standin.fault("protected", method="GET", times=0)
    x = client(standin)
    with pytest.raises(Unreadable, match="not authorized to see") as caught:
        x.seen("17")
    assert caught.value.forbidden
    assert x.figures(["17"]) == {}


@pytest.mark.parametrize(
    ("text", "summoned", "usd"),
    [("Yes.", True, 0.010), ("Yes.", False, COST_POST_USD), ("See example.com", True, COST_POST_WITH_URL_USD)],
)
def test_a_summoned_reply_has_its_own_price(standin: XStandIn, text: str, summoned: bool, usd: float) -> None:
    """An answer to whom named the account is billed as it was foreseen; with a link the dear price holds."""
    world = XWorld(standin)
    parent = world.mention("what is this?") if summoned else world.post("A question.")
    seen = world.platform.seen(parent)
    assert seen is not None
    standin.bill.clear()
    outgoing = Outgoing(1, Part(text), datetime.now(UTC), reply=seen.as_parent)
    world.platform.publish(world.platform.prepare(outgoing))
    assert world.platform.price(text, summoned=summoned) == usd
    assert standin.bill == [("post", usd)]


def test_a_reply_that_nobody_asked_for_is_refused(standin: XStandIn) -> None:
    """X's own words say why; beneath whom named the account it stands."""
    standin.reset(only_summoned=True)
    world = XWorld(standin)
    for parent, allowed in ((world.post("A question."), False), (world.mention("a question"), True)):
        seen = world.platform.seen(parent)
        assert seen is not None
        request = world.platform.prepare(Outgoing(1, Part("An answer."), datetime.now(UTC), reply=seen.as_parent))
        if allowed:
            assert world.platform.publish(request).remote_id in standin.posts
        else:
            with pytest.raises(Refused, match="not been mentioned"):
                world.platform.publish(request)
