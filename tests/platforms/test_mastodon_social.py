"""What only Mastodon does when it tells what comes back: ids in batches of twenty, older servers and relatives, scopes,
private messages, names in front of an answer. What every platform promises is in `test_social_contract.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.platforms.social_mastodon import MastodonWorld
from tests.standins.mastodon import ACCOUNT
from tests.standins.service import Json, Reply
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing, ReplyTo
from twitter_manager.errors import NeedsPerson, PlatformError, Refused, Unreadable
from twitter_manager.platforms.mastodon_posts import age_order
from twitter_manager.social import Figures, Heard, Kind

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NO_FIGURES = Figures(0, 0, 0, 0)


def posts(world: MastodonWorld, count: int) -> list[str]:
    return [world.server.add_post(f"Post number {number}.").id for number in range(count)]


def asked(world: MastodonWorld, ending: str) -> int:
    return sum(request["target"].split("?")[0].endswith(ending) for request in world.server.requests)


def heard(world: MastodonWorld) -> list[Heard]:
    return list(world.platform.heard("", LONG_AGO, 50).heard)


def answered(world: MastodonWorld, text: str, parent: ReplyTo, visibility: str = "public") -> Json:
    """An answer as the server got it."""
    platform = world.client(visibility=visibility)
    post = Outgoing(7, Part(text), datetime.fromtimestamp(world.server.now(), UTC), reply=parent)
    return world.server.posts[platform.publish(platform.prepare(post)).remote_id].body


# -- figures -------------------------------------------------------------------------------------------------------


def test_five_hundred_posts_take_twenty_five_requests(mastodon_world: MastodonWorld) -> None:
    """The bound that the program promises."""
    remote_ids = posts(mastodon_world, 500)
    told = mastodon_world.platform.figures(remote_ids)
    assert (told.keys(), mastodon_world.requests()) == (set(remote_ids), 25)


@pytest.mark.parametrize(
    ("shows", "counted"),
    [
        ({"quotes_count": None}, Figures(1, 1, 1, 0)),
        ({"favourites_count": None, "replies_count": None, "reblogs_count": None, "quotes_count": None}, NO_FIGURES),
        ({"favourites_count": "many", "replies_count": -1, "reblogs_count": True, "quotes_count": 2.5}, NO_FIGURES),
    ],
    ids=["before 4.5", "none at all", "nonsense"],
)
def test_counts_that_are_not_there_are_none(mastodon_world: MastodonWorld, shows: Json, counted: Figures) -> None:
    """What a relative leaves out, or says in its own way, costs that figure only."""
    mine = mastodon_world.own("A post.")
    mastodon_world.like(mine)
    mastodon_world.repost(mine)
    mastodon_world.reply(mine, "Oh.")
    mastodon_world.quote(mine, "Look.")
    mastodon_world.server.settings.shows = shows
    assert mastodon_world.platform.figures([mine]) == {mine: counted}
    assert counted.views is None


def test_an_older_server_is_asked_for_its_pages(mastodon_world: MastodonWorld) -> None:
    """Before 4.3: in pages of forty that begin at what is asked for, and what is gone is asked for by itself."""
    mastodon_world.server.settings.by_id = False
    oldest, *_ = posts(mastodon_world, 100)
    *_, gone, newest = wanted = [oldest, *posts(mastodon_world, 42)]
    posts(mastodon_world, 100)
    mastodon_world.like(oldest)
    mastodon_world.delete(gone)
    told = mastodon_world.platform.figures([*reversed(wanted), "0"])
    assert told == dict.fromkeys(wanted, NO_FIGURES) | {oldest: Figures(1, 0, 0, 0), gone: None, "0": None}
    assert (asked(mastodon_world, f"{ACCOUNT}/statuses"), asked(mastodon_world, gone)) == (4, 1)
    before = mastodon_world.requests()
    mastodon_world.platform.figures([newest])
    assert mastodon_world.requests() == before + 1, "it is not asked again for what it does not know"


def test_ids_of_relatives_sort_by_age_too() -> None:
    """Numbers by their value; words of one length as they are."""
    assert sorted(["100", "99", "1000"], key=age_order) == ["99", "100", "1000"]
    assert sorted(["01JX9B", "01JX9A"], key=age_order) == ["01JX9A", "01JX9B"]


def test_a_relative_whose_ids_are_words_is_read_page_by_page(
    mastodon_world: MastodonWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a number to begin at, from the newest on; what is never met is left out, and not said to be gone."""
    server = mastodon_world.server
    server.settings.by_id = False
    mine = [
        server.show(server.posts[each]) | {"id": f"01W{number:03}"}
        for number, each in enumerate(posts(mastodon_world, 90))
    ]

    def statuses(author: str, query: dict[str, str]) -> Reply:
        older = [status for status in reversed(mine) if status["id"] < query.get("max_id", "~")]
        return Reply(200, older[:40])

    monkeypatch.setattr(server, "_statuses", statuses)
    assert mastodon_world.platform.figures(["01W089", "01W003"]).keys() == {"01W089", "01W003"}
    assert asked(mastodon_world, f"{ACCOUNT}/statuses") == 3
    monkeypatch.setattr(server, "_statuses", lambda author, query: Reply(200, mine[-40:]))
    assert mastodon_world.platform.figures(["01W003"]) == {}, "the server gave one page again and again"


def test_a_list_that_hides_posts_does_not_make_them_gone(mastodon_world: MastodonWorld) -> None:
    """Each that the list leaves out is asked for by itself, twenty at a time; of the others nothing is said."""
    remote_ids = posts(mastodon_world, 25)
    mastodon_world.server.fault("nothing", method="GET", path="/api/v1/statuses", times=0)
    told = mastodon_world.platform.figures(remote_ids)
    assert len(told) == 20
    assert None not in told.values()


# -- what is said ----------------------------------------------------------------------------------------------------


def test_a_first_look_reads_pages_until_it_is_far_enough_back(mastodon_world: MastodonWorld) -> None:
    """An older server gives thirty at a time: all are there, the oldest first, and the next look goes on from there."""
    mastodon_world.server.settings.most_notices = 30
    for number in range(70):
        mastodon_world.mention(f"number {number}")
    page = mastodon_world.platform.heard("", LONG_AGO, 50)
    assert [comment.post.text.split()[-1] for comment in page.heard] == [str(number) for number in range(50)]
    assert page.more
    rest = mastodon_world.platform.heard(page.cursor, LONG_AGO, 50)
    assert [comment.post.text.split()[-1] for comment in rest.heard] == [str(number) for number in range(50, 70)]


def test_a_first_look_that_hears_nothing_fresh_still_moves_on(mastodon_world: MastodonWorld) -> None:
    """What is too old at the first look is not read at the second."""
    mastodon_world.mention("long ago")
    later = datetime.fromtimestamp(mastodon_world.server.now(), UTC) + timedelta(hours=1)
    page = mastodon_world.platform.heard("", later, 50)
    assert not page.heard
    mastodon_world.mention("just now")
    assert [comment.post.text for comment in mastodon_world.platform.heard(page.cursor, LONG_AGO, 50).heard] == [
        "@standin_bot just now"
    ]


def test_a_relative_that_refuses_quotes_is_asked_for_mentions(mastodon_world: MastodonWorld) -> None:
    """It refuses a type that it does not know; the mentions come all the same."""
    mastodon_world.server.settings.knows_quotes = False
    mastodon_world.mention("hello")
    assert [comment.kind for comment in heard(mastodon_world)] == [Kind.MENTION]


@pytest.mark.parametrize("odd", [{"id": None}, {"content": None}, {"created_at": "yesterday"}, {"account": 7}])
def test_an_odd_notification_is_passed_over(mastodon_world: MastodonWorld, odd: Json) -> None:
    """It takes nothing of the others along, and is not met again."""
    mastodon_world.server.settings.shows = odd
    mastodon_world.mention("odd")
    page = mastodon_world.platform.heard("", LONG_AGO, 50)
    assert not page.heard
    mastodon_world.server.settings.shows = {}
    mastodon_world.mention("sound")
    rest = mastodon_world.platform.heard(page.cursor, LONG_AGO, 50)
    assert [comment.post.text for comment in rest.heard] == ["@standin_bot sound"]


def test_a_reply_to_somebody_else_that_names_the_account_is_a_mention(mastodon_world: MastodonWorld) -> None:
    """A reply is one to a post of the account's own."""
    mine, theirs = mastodon_world.own("Mine."), mastodon_world.post("Theirs.")
    mastodon_world.reply(theirs, "what does @standin_bot say?", "bob")
    mastodon_world.reply(mine, "I see.", "bob")
    kinds = [(comment.kind, comment.post.parent_author_id == ACCOUNT) for comment in heard(mastodon_world)]
    assert kinds == [(Kind.MENTION, False), (Kind.REPLY, True)]


def test_text_is_plain(mastodon_world: MastodonWorld) -> None:
    """No HTML, the address that stands for a quote left out, the content warning above."""
    html = '<p class="quote-inline">RE: <a href="https://a.example/1">a</a></p><p>One<br />two &lt;3</p>'
    mastodon_world.server.settings.shows = {"content": html, "spoiler_text": "Cats\nand dogs", "language": "pt-BR"}
    post = mastodon_world.platform.seen(mastodon_world.post("x"))
    assert post is not None
    assert (post.text, post.language) == ("Cats and dogs\n\nOne\ntwo <3", "pt-BR")


# -- answers ---------------------------------------------------------------------------------------------------------


def test_an_answer_names_whom_it_answers_once(mastodon_world: MastodonWorld) -> None:
    """Mastodon tells those alone who are named; a name that the text has already is not put there again."""
    mastodon_world.reply(mastodon_world.own("What I say."), "Why?", "bob")
    [comment] = heard(mastodon_world)
    assert answered(mastodon_world, "Because.", comment.post.as_parent)["status"] == "@bob Because."
    assert answered(mastodon_world, "So it is, @Bob.", comment.post.as_parent)["status"] == "So it is, @Bob."
    assert answered(mastodon_world, "As @bobby said.", comment.post.as_parent)["status"] == "@bob As @bobby said."
    own = mastodon_world.platform.seen(mastodon_world.own("Another."))
    assert own is not None
    assert answered(mastodon_world, "And more.", own.as_parent)["status"] == "And more."


def test_a_corrected_answer_still_names_whom_it_answers(mastodon_world: MastodonWorld) -> None:
    """Other words in place of an answer's: the name in front is no part of them. A thread names nobody."""
    mastodon_world.reply(mastodon_world.own("What I say."), "Why?", "bob")
    [comment] = heard(mastodon_world)
    answered(mastodon_world, "Becuase.", comment.post.as_parent)
    *_, sent = mastodon_world.server.posts
    mastodon_world.platform.edit(sent, "Because.")
    assert mastodon_world.server.posts[sent].text == "@bob Because."
    root = mastodon_world.platform.seen(mastodon_world.own("One."))
    assert root is not None
    answered(mastodon_world, "Tow.", root.as_parent)
    *_, sent = mastodon_world.server.posts
    mastodon_world.platform.edit(sent, "Two.")
    assert mastodon_world.server.posts[sent].text == "Two."


@pytest.mark.parametrize(
    ("theirs", "ours", "sent"),
    [
        ("public", "public", "public"),
        ("public", "unlisted", "unlisted"),
        ("unlisted", "public", "unlisted"),
        ("private", "public", "private"),
        ("direct", "public", "direct"),
        ("direct", "private", "direct"),
        ("circle", "public", "direct"),
    ],
)
def test_a_private_message_is_never_answered_in_public(
    mastodon_world: MastodonWorld, theirs: str, ours: str, sent: str
) -> None:
    """An answer is seen by no more people than what it answers; a relative's own kind counts as private."""
    mastodon_world.server.settings.shows = {"visibility": theirs}
    mastodon_world.mention("a word with you")
    [comment] = heard(mastodon_world)
    assert answered(mastodon_world, "Yes?", comment.post.as_parent, ours)["visibility"] == sent


# -- scopes ----------------------------------------------------------------------------------------------------------

NEEDED: dict[str, Callable[[MastodonWorld, str], object]] = {
    "read:statuses": lambda world, post: world.platform.figures([post]),
    "read:notifications": lambda world, _: world.platform.heard("", LONG_AGO, 5),
    "read:accounts": lambda world, _: world.platform.author("ann"),
    "write:favourites": lambda world, post: world.platform.like(post),
    "write:statuses": lambda world, post: world.platform.repost(post),
    "write:accounts": lambda world, _: world.platform.label(),
}


@pytest.mark.parametrize("scope", NEEDED)
def test_a_lacking_scope_is_named_with_the_server_s_words(mastodon_world: MastodonWorld, scope: str) -> None:
    """What a token may not do is told in one line with what to tick; with that scope alone added it works."""
    mine = mastodon_world.own("A post.")
    every = {"profile", *NEEDED}
    mastodon_world.server.settings.scopes = tuple(every - {scope})
    with pytest.raises(PlatformError) as caught:
        NEEDED[scope](mastodon_world, mine)
    told = str(caught.value)
    assert "This action is outside the authorized scopes" in told
    assert f"Give it the scope {scope}:" in told
    assert "\n" not in told
    reads = scope.startswith("read:")
    assert isinstance(caught.value, Unreadable if reads else NeedsPerson)
    assert not reads or caught.value.forbidden  # type: ignore[attr-defined]
    mastodon_world.server.settings.scopes = tuple(every)
    NEEDED[scope](mastodon_world, mine)


def test_a_no_for_another_reason_names_no_scope(mastodon_world: MastodonWorld) -> None:
    """A login that is disabled is not mended by a scope."""
    mastodon_world.server.fault("disabled", method="GET", path="*", times=0)
    with pytest.raises(Unreadable, match="currently disabled") as caught:
        mastodon_world.platform.timeline(5)
    assert "Give it the scope" not in str(caught.value)


def test_a_server_that_keeps_the_flag_to_itself_is_found_out(mastodon_world: MastodonWorld) -> None:
    """A yes that changes nothing is no yes."""
    mastodon_world.server.fault("unlabelled", method="PATCH", path="*")
    with pytest.raises(Refused, match="did not mark"):
        mastodon_world.platform.label()


def test_boosts_are_shown_as_what_they_boost(mastodon_world: MastodonWorld) -> None:
    """In the home timeline, over more than one page."""
    theirs = mastodon_world.post("Something good.", "bob")
    posts(mastodon_world, 44)
    mastodon_world.repost(theirs, "ann")
    told = mastodon_world.platform.timeline(60)
    assert [told[0].author, told[0].text, len(told)] == ["bob", "Something good.", 46]
