"""The X platform against the stand-in: real HTTP, real OAuth 1.0a signatures, posts that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.standins.x import ACCESS_SECRET, ANSWERS, API_KEY, API_SECRET, CREDENTIALS, USER_ID, Reply, XStandIn
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing, Receipt, ReplyTo
from twitter_manager.errors import (
    AlreadyThere,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Unreadable,
)
from twitter_manager.platforms.spec import Charge, free
from twitter_manager.platforms.x import X, XSettings
from twitter_manager.platforms.x_prices import COST_POST_USD, COST_POST_WITH_URL_USD, cost

NONE_CLAIMED: frozenset[str] = frozenset()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def standin() -> Iterator[XStandIn]:
    with XStandIn() as running:
        yield running


def client(standin: XStandIn, *, read_timeout: float = 5, charge: Charge = free) -> X:
    timeouts = {"connect_timeout": 2, "read_timeout": read_timeout}
    return X(*CREDENTIALS, base_url=standin.url, clock=now, charge=charge, **timeouts)


def outgoing(text: str, parent: Receipt | None = None) -> Outgoing:
    return Outgoing(1, Part(text), now(), reply=ReplyTo(parent, parent) if parent else None)


def test_the_prepared_request_is_the_body_and_the_same_at_every_try(standin: XStandIn) -> None:
    """What is stored is all that is sent: no field is added or changed on the way, at the first try or the second."""
    x = client(standin)
    request = x.prepare(outgoing("same bytes"))
    standin.fault("drop", times=2)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            x.publish(request)
    assert [sent["body"] for sent in standin.requests] == [request["body"]] * 2 == [{"text": "same bytes"}] * 2


def test_a_reply_is_found_behind_the_mentions_that_x_sets_before_it(standin: XStandIn) -> None:
    """X puts the other account's mention before a reply to it; the look-up sees through that."""
    standin.users["77"] = "someone"
    theirs = standin.add_post("a question", author="77")
    x, since = client(standin), now()
    request = x.prepare(outgoing("an answer", Receipt(theirs.id, "")))
    receipt = x.publish(request)
    assert standin.posts[receipt.remote_id].text == "@someone an answer"
    assert x.look_up(request, since, NONE_CLAIMED) == receipt


def test_only_success_is_a_yes(standin: XStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A status just past 2xx with the body of a success is neither a post nor a deletion."""
    said = {"data": {"id": "4711", "text": "a", "deleted": True}}
    monkeypatch.setitem(ANSWERS, "choices", Reply(300, said))
    x = client(standin)
    standin.fault("choices")
    with pytest.raises(PlatformError):
        x.publish(x.prepare(outgoing("a")))
    standin.fault("choices", method="DELETE", path="*")
    with pytest.raises(PlatformError):
        x.delete("4711")


LINES_CUT = ["drop", "reset", "hang", "truncate", "html", "empty_201", "json_list", "no_data", "bad_id",
             "error_500", "error_502_html", "error_503", "request_timeout", "redirect", "html_403"]  # fmt: skip


@pytest.mark.parametrize("effect", LINES_CUT)
def test_a_post_that_was_stored_while_the_answer_went_wrong_is_unknown_and_then_found(
    standin: XStandIn, effect: str
) -> None:
    """However the answer is lost after X took the post, nobody is told that it failed, and the look-up adopts it."""
    x, since = client(standin, read_timeout=0.3), now()
    request = x.prepare(outgoing(f"Read https://example.com/{effect}?a=1&b=2 & more"))
    standin.fault(f"store_then_{effect}", seconds=2)
    with pytest.raises(OutcomeUnknown):
        x.publish(request)
    assert len(standin.posts) == 1
    found = x.look_up(request, since, NONE_CLAIMED)
    assert found is not None
    assert found.remote_id in standin.posts


@pytest.mark.parametrize("effect", ["drop", "reset", "error_500", "html"])
def test_a_post_that_was_not_stored_is_unknown_too_and_its_absence_is_seen(standin: XStandIn, effect: str) -> None:
    """From outside this looks like the case above; only the look-up tells them apart."""
    x, since = client(standin), now()
    standin.add_post("another post")
    standin.fault(effect)
    request = x.prepare(outgoing("lost on the way"))
    with pytest.raises(OutcomeUnknown):
        x.publish(request)
    assert x.look_up(request, since, NONE_CLAIMED) is None


REFUSALS: list[tuple[str, type[PlatformError], int, str]] = [
    ("unauthorized", NeedsPerson, 401, "keys"),
    ("credits_depleted", NeedsPerson, 402, "Top it up"),
    ("payment_required", NeedsPerson, 402, "Top it up"),
    ("oauth1_permissions", NeedsPerson, 403, "Read and write"),
    ("client_forbidden", NeedsPerson, 403, "project"),
    ("account_locked", NeedsPerson, 403, "Log in"),
    ("duplicate", AlreadyThere, 403, "already"),
    ("not_permitted", Refused, 403, "not permitted"),
    ("reply_not_allowed", Refused, 403, "not allowed"),
    ("rate_limited", NotSent, 429, "rate limit"),
    ("rate_limited_bare", NotSent, 429, "rate limit"),
    ("usage_capped", NotSent, 429, "monthly cap"),
    ("error_503", OutcomeUnknown, 503, "503"),
    ("error_list_500", OutcomeUnknown, 500, "500"),
    ("errors_null_403", OutcomeUnknown, 403, "403"),
    ("html_403", OutcomeUnknown, 403, "403"),
]


@pytest.mark.parametrize(("fault", "kind", "status", "word"), REFUSALS)
def test_each_kind_of_refusal_says_what_to_do_next(
    standin: XStandIn, fault: str, kind: type[PlatformError], status: int, word: str
) -> None:
    """Every body seen from X ends in the error that fits, with its status and one line a person understands."""
    standin.fault(fault)
    x = client(standin)
    with pytest.raises(PlatformError) as caught:
        x.publish(x.prepare(outgoing("hello")))
    assert (type(caught.value), caught.value.status) == (kind, status)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    assert standin.posts == {}
    assert not any(secret in str(caught.value) for secret in CREDENTIALS)


def test_a_rate_limit_names_the_time_it_ends_or_none(standin: XStandIn) -> None:
    """The reset header is the time to come back; with no header no time is made up; the monthly cap is not today."""
    x = client(standin)
    waits: dict[str, datetime | None] = {}
    for fault in ("rate_limited", "rate_limited_bare", "usage_capped"):
        standin.fault(fault)
        with pytest.raises(NotSent) as caught:
            x.publish(x.prepare(outgoing("hello")))
        waits[fault] = caught.value.retry_at
    assert waits["rate_limited"] is not None
    assert timedelta(seconds=890) < waits["rate_limited"] - now() <= timedelta(seconds=901)
    assert waits["rate_limited_bare"] is None
    capped = waits["usage_capped"]
    assert capped is not None
    assert (capped.hour, capped.minute, capped.second) == (0, 0, 0)
    assert timedelta() < capped - now() <= timedelta(days=1, seconds=1)


def test_sending_again_what_is_there_is_refused_by_x_and_found(standin: XStandIn) -> None:
    """The second net: X's own duplicate refusal leads to the first post, and there is still one."""
    x, since = client(standin), now()
    request = x.prepare(outgoing("twice"))
    first = x.publish(request)
    with pytest.raises(AlreadyThere):
        x.publish(request)
    assert x.look_up(request, since, NONE_CLAIMED) == first
    assert standin.texts() == ["twice"]


def test_posts_from_well_before_the_attempt_are_not_taken_for_it() -> None:
    """The same words posted an hour earlier are another post; a clock that is two minutes off does no harm."""
    at = [now() - timedelta(hours=1)]
    with XStandIn(now=lambda: at[0].timestamp()) as standin:
        standin.add_post("good morning")
        at[0] = now()
        x = client(standin)
        request = x.prepare(outgoing("good morning"))
        assert x.look_up(request, now(), NONE_CLAIMED) is None
        at[0] = now() - timedelta(minutes=2)
        later = standin.add_post("good morning")
        at[0] = now()
        found = x.look_up(request, now(), NONE_CLAIMED)
        assert found is not None
        assert found.remote_id == later.id


def test_a_post_is_found_on_the_third_page(standin: XStandIn) -> None:
    """A busy account's newer posts do not hide ours."""
    x, since = client(standin), now()
    request = x.prepare(outgoing("needle"))
    receipt = x.publish(request)
    for number in range(230):
        standin.add_post(f"hay {number}")
    assert x.look_up(request, since, NONE_CLAIMED) == receipt


@pytest.mark.parametrize(("newer", "pages", "shown"), [(0, 1, 1), (4, 1, 5), (5, 2, 6), (30, 3, 31), (200, 6, 201)])
def test_a_look_up_reads_and_books_no_more_than_it_needs(standin: XStandIn, newer: int, pages: int, shown: int) -> None:
    """It stops at the post, on pages that grow; what is booked is what X bills, at a tenth of a cent a post."""
    booked: list[tuple[str, int, float]] = []
    x, since = client(standin, charge=lambda *charge: booked.append(charge)), now()
    for number in range(40):
        standin.add_post(f"older hay {number}")
    request = x.prepare(outgoing("needle"))
    receipt = x.publish(request)
    for number in range(newer):
        standin.add_post(f"hay {number}")
    del standin.bill[:]
    assert x.look_up(request, since, NONE_CLAIMED) == receipt
    assert len(booked) == pages
    assert shown <= sum(units for _, units, _ in booked) <= 3 * shown + 5
    assert sum(usd for *_, usd in booked) == pytest.approx(sum(usd for _, usd in standin.bill))


def test_every_other_read_is_booked_as_x_bills_it(standin: XStandIn) -> None:
    """Whose keys these are, whether a post is there, the newest posts; what X refuses or loses costs nothing."""
    booked: list[tuple[str, int, float]] = []
    x = client(standin, charge=lambda *charge: booked.append(charge))
    post = x.publish(x.prepare(outgoing("Hello.")))
    del standin.bill[:]
    x.verify()
    assert x.is_there(post.remote_id)
    assert not x.is_there("1")
    assert len(x.recent(now() - timedelta(hours=1))) == 1
    standin.fault("drop", method="GET", path="*", times=0)
    with pytest.raises(Unreadable):
        x.recent(now() - timedelta(hours=1))
    assert [charge for charge in booked if charge[2]] == [
        ("user_read", 1, 0.01),
        ("read", 1, 0.001),
        ("read", 1, 0.001),
    ]
    assert sum(usd for *_, usd in booked) == pytest.approx(sum(usd for _, usd in standin.bill))


def test_absence_is_not_claimed_when_there_is_more_than_we_read(standin: XStandIn) -> None:
    """After a thousand posts we stop, and say so instead of 'it is not there'."""
    x, since = client(standin), now()
    for number in range(1001):
        standin.add_post(f"hay {number}")
    with pytest.raises(Unreadable):
        x.look_up(x.prepare(outgoing("needle")), since, NONE_CLAIMED)


def test_a_post_edited_by_a_person_is_still_ours_under_its_first_id(standin: XStandIn) -> None:
    """The timeline shows only the edit; the look-up reads the original, and a claim on the original holds for both."""
    x, since = client(standin), now()
    request = x.prepare(outgoing("Teh text"))
    receipt = x.publish(request)
    standin.edit(receipt.remote_id, "The text")
    assert x.look_up(request, since, NONE_CLAIMED) == receipt
    assert x.look_up(x.prepare(outgoing("The text")), since, NONE_CLAIMED) == receipt
    assert x.look_up(x.prepare(outgoing("The text")), since, frozenset({receipt.remote_id})) is None


def test_what_is_not_shown_yet_is_found_once_it_is(standin: XStandIn) -> None:
    """An index that lags: absent first, there later. Hence `definite` is False."""
    x, since = client(standin), now()
    request = x.prepare(outgoing("slow index"))
    standin.fault("store_then_drop", hide=-1)
    with pytest.raises(OutcomeUnknown):
        x.publish(request)
    assert x.look_up(request, since, NONE_CLAIMED) is None
    (post,) = standin.posts.values()
    post.visible_from = 0
    found = x.look_up(request, since, NONE_CLAIMED)
    assert found is not None
    assert found.remote_id == post.id
    assert x.definite is False


@pytest.mark.parametrize(
    ("fault", "forbidden"),
    [("unauthorized", True), ("client_forbidden", True), ("credits_depleted", True), ("html_403", False),
     ("rate_limited", False), ("usage_capped", False), ("error_503", False), ("drop", False), ("html", False),
     ("json_list", False), ("empty_201", False), ("truncate", False), ("redirect", False)],
)  # fmt: skip
def test_a_timeline_that_cannot_be_read_is_never_taken_for_an_empty_one(
    standin: XStandIn, fault: str, forbidden: bool
) -> None:
    """Every failure to read raises; it says whether waiting can help."""
    x = client(standin)
    standin.fault(fault, method="GET", path="/2/users/*", times=0)
    with pytest.raises(Unreadable) as caught:
        x.look_up(x.prepare(outgoing("hello")), now(), NONE_CLAIMED)
    assert caught.value.forbidden is forbidden


@pytest.mark.parametrize("ignore", [False, True])
def test_the_newest_names_of_the_fields_are_understood_too(ignore: bool) -> None:
    """Where X knows only its newest field names, refusing or ignoring the others, threads and edits are still seen."""
    with XStandIn(names="post", ignore_unknown_parameters=ignore) as standin:
        x, since = client(standin), now()
        root = x.publish(x.prepare(outgoing("root https://example.com/x")))
        part = x.prepare(outgoing("part & more", root))
        receipt = x.publish(part)
        assert x.look_up(part, since, NONE_CLAIMED) == receipt
        assert x.look_up(x.prepare(outgoing("part & more")), since, NONE_CLAIMED) is None
        standin.edit(receipt.remote_id, "edited")
        assert x.look_up(part, since, NONE_CLAIMED) == receipt


def test_recent_posts_come_newest_first_as_a_person_wrote_them(standin: XStandIn) -> None:
    """Links are expanded, entities resolved, the parent is named, and the limit holds without a request too many."""
    x, since = client(standin), now()
    first = x.publish(x.prepare(outgoing("One & only: https://example.com/a?b=1&lt=2")))
    x.publish(x.prepare(outgoing("Two", first)))
    posts = x.recent(since)
    assert [post.text for post in posts] == ["Two", "One & only: https://example.com/a?b=1&lt=2"]
    assert [post.reply_to for post in posts] == [first.remote_id, ""]
    assert abs(posts[0].created_at - now()) < timedelta(seconds=10)
    for number in range(10):
        standin.add_post(f"more {number}")
    standin.requests.clear()
    assert len(x.recent(since, limit=5)) == 5
    assert len(standin.requests) == 1


def test_verify_names_the_account_and_tells_keys_that_may_only_read(standin: XStandIn) -> None:
    """`doctor` learns who posts before anything is posted, and that the keys can't."""
    assert client(standin).verify() == "@standin_bot, asked for $0.010"
    standin.settings.access_level = "read"
    with pytest.raises(NeedsPerson, match="Read and write"):
        client(standin).verify()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("unauthorized", NeedsPerson), ("client_forbidden", NeedsPerson), ("rate_limited", Unreadable),
     ("error_503", Unreadable), ("html", Unreadable), ("drop", Unreadable)],
)  # fmt: skip
def test_verify_tells_bad_keys_from_bad_weather(standin: XStandIn, fault: str, kind: type[PlatformError]) -> None:
    """Only what a person must mend is said to need one."""
    standin.fault(fault, method="GET", path="/2/users/me")
    with pytest.raises(kind):
        client(standin).verify()


def test_wrong_keys_are_found_out_by_their_signature(standin: XStandIn) -> None:
    """The stand-in checks signatures for real, so the tests above prove that ours hold."""
    for wrong in [(API_KEY, API_SECRET, CREDENTIALS[2], "wrong"), ("wrong", *CREDENTIALS[1:])]:
        x = X(*wrong, base_url=standin.url, clock=now)
        with pytest.raises(NeedsPerson) as caught:
            x.publish(x.prepare(outgoing("hello")))
        assert caught.value.status == 401


def test_the_account_is_read_off_the_token_and_asked_for_once_where_it_is_not_there(standin: XStandIn) -> None:
    """An OAuth 1.0a token begins with its user's id; another kind costs one more request, not one each time."""
    x = client(standin)
    assert x.account == f"user {USER_ID}"
    assert x.recent(now()) == []
    assert len(standin.requests) == 1
    bare = X(API_KEY, API_SECRET, "opaque", ACCESS_SECRET, base_url=standin.url, clock=now)
    assert bare.account == "the access token's user"
    standin.fault("unauthorized", method="GET", path="/2/users/me")
    with pytest.raises(Unreadable):
        bare.recent(now())
    assert standin.requests[-1]["target"] == "/2/users/me"


def test_the_account_stays_the_same_when_its_id_is_learnt_later(standin: XStandIn) -> None:
    """A delivery goes by its account's name: were it to change within a run, the rest of a thread would be held."""
    standin.reset(access_token="opaque")
    bare = X(API_KEY, API_SECRET, "opaque", ACCESS_SECRET, base_url=standin.url, clock=now)
    before = bare.account
    assert bare.recent(now()) == []
    assert standin.requests[0]["target"] == "/2/users/me"
    assert bare.account == before


def test_a_base_url_with_a_path_works() -> None:
    """A gateway that serves X under a path: the path is added, and the signature still holds for X's own address."""
    with XStandIn(prefix="/gateway/x") as standin:
        x, since = client(standin), now()
        request = x.prepare(outgoing("through the gateway"))
        receipt = x.publish(request)
        assert x.look_up(request, since, NONE_CLAIMED) == receipt
        assert all(sent["target"].startswith("/gateway/x/2/") for sent in standin.requests)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("Nothing but words, e.g. these, at 10.30", COST_POST_USD),
        ("Node.js and main.c, a@b.com", COST_POST_USD),
        ("See https://example.com", COST_POST_WITH_URL_USD),
        ("See HTTP://EXAMPLE.COM", COST_POST_WITH_URL_USD),
        ("See example.com/x", COST_POST_WITH_URL_USD),
        ("(docs.python.org)", COST_POST_WITH_URL_USD),
    ],
)
def test_a_link_makes_a_post_thirteen_times_dearer(text: str, price: float) -> None:
    """The budget counts what X will charge; file names and abbreviations are no links."""
    assert cost(text) == price


def test_swapped_keys_are_not_told() -> None:
    """`status` says whose keys they are, also where the token and its secret stand in each other's place."""
    keys = XSettings(api_key="a", api_secret="b", access_token="s3cret-or-not", access_secret="4242-token")
    assert keys.described == "as the access token's user at https://api.twitter.com"
