"""What only Mastodon does: keys that last an hour, HTML, edits, limits of the instance, tokens that name nobody.

What every platform promises is tested in `test_contract.py`."""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.platforms.test_x_errors import answer, server
from tests.standins import mastodon as service
from tests.standins.mastodon import OTHER, RENEWED, SOMEONE, TOKEN, MastodonStandIn
from tests.standins.mastodon_media import MIME_TYPES
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing, Receipt
from twitter_manager.errors import Doubtful, NeedsPerson, NotSent, OutcomeUnknown, PlatformError, Refused, Unreadable
from twitter_manager.platforms.mastodon import SPEC, Mastodon
from twitter_manager.platforms.mastodon_posts import count, folded
from twitter_manager.platforms.mastodon_server import Known, Limits, kept_of
from twitter_manager.platforms.matching import html_text

NONE_CLAIMED: frozenset[str] = frozenset()
START = datetime(2026, 3, 1, 10, 7, tzinfo=UTC)


class World:
    """The server and the program, on one clock."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.file = folder / "sessions" / "mastodon-default"
        self.server = MastodonStandIn(now=lambda: self.now.timestamp())

    def client(self, token: str = TOKEN, **more: Any) -> Mastodon:
        how = {"installation": "here", "state_file": self.file, "clock": lambda: self.now, "read_timeout": 2}
        return Mastodon(self.server.url, token, **(how | more))

    def outgoing(self, text: str = "Hello, world.", **more: Any) -> Outgoing:
        return Outgoing(**({"delivery_id": 1, "part": Part(text), "created_at": self.now} | more))

    def limits(self) -> Limits | None:
        """As they are kept."""
        known = kept_of(self.file, self.client().account)
        return known.limits if known else None

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    with made.server:
        yield made


# -- exactly once ----------------------------------------------------------------------------------

UNCLEAR = ["drop", "reset", "hang", "truncate", "html", "empty_200", "json_list", "no_id", "bad_id", "html_403",
           "html_422", "redirect", "request_timeout", "error_500", "error_502_html", "error_503",
           "error_504_html"]  # fmt: skip


@pytest.mark.parametrize("effect", UNCLEAR)
def test_an_unclear_answer_is_unknown_then_found_and_sent_again_it_is_the_same_post(world: World, effect: str) -> None:
    """However the answer is lost after the post was stored; a proxy's page is no word of Mastodon's."""
    mastodon = world.client(read_timeout=0.3)
    request = mastodon.prepare(world.outgoing("Read https://example.com/a?b=1&c=2 & more, @bob@a.example"))
    world.server.fault(f"store_then_{effect}", seconds=1)
    with pytest.raises(OutcomeUnknown):
        mastodon.publish(request)
    found = mastodon.look_up(request, world.now, NONE_CLAIMED)
    assert found is not None
    assert mastodon.publish(request) == found
    assert len(world.server.posts) == 1


def test_the_key_holds_for_an_hour_and_the_look_up_for_ever(world: World) -> None:
    """The stand-in forgets keys as Mastodon does: this is why nothing is sent again unless it was looked for."""
    mastodon = world.client()
    request = mastodon.prepare(world.outgoing())
    first = mastodon.publish(request)
    world.later(minutes=59)
    assert mastodon.publish(request) == first
    world.later(minutes=2)
    assert mastodon.look_up(request, START, NONE_CLAIMED) == first
    assert mastodon.publish(request) != first


def test_a_server_that_lost_the_key_is_found_out_by_the_look_up(world: World) -> None:
    """Stored, and dead before it stored the key."""
    world.server.settings.keeps_keys = False
    mastodon = world.client()
    request = mastodon.prepare(world.outgoing())
    world.server.fault("store_then_error_504_html")
    with pytest.raises(OutcomeUnknown):
        mastodon.publish(request)
    assert mastodon.look_up(request, world.now, NONE_CLAIMED) is not None


def test_keys_differ_wherever_the_posts_do(world: World) -> None:
    """Two installations, two deliveries, and a delivery's number that came back with an older database."""
    keys = [
        world.client(installation=installation).prepare(post)["key"]
        for installation in ("here", "there")
        for post in (
            world.outgoing(),
            world.outgoing(delivery_id=2),
            world.outgoing("Other words."),
            world.outgoing(created_at=START + timedelta(milliseconds=1)),
            world.outgoing(reply=None, language="de"),
        )
    ]
    assert len(set(keys)) == len(keys)
    assert world.client().prepare(world.outgoing())["key"] == keys[0]


def test_a_post_that_was_deleted_since_is_not_said_to_be_out(world: World) -> None:
    """The key is known and the post gone: Mastodon says that there is none."""
    mastodon = world.client()
    request = mastodon.prepare(world.outgoing())
    mastodon.delete(mastodon.publish(request).remote_id)
    with pytest.raises(Refused):
        mastodon.publish(request)


# -- the look-up -----------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "https://example.com/a?b=1&c=2#d",
        "https://example.com/" + "x" * 40,
        "http://www.a.example",
        "@bob@a.example",
        "@eve",
        "#tag",
        "&amp; <b>",
        "\n",
        "\n\n",
        "“naïve”",
        "日本語",
        "\U0001f469\u200d\U0001f4bb",
        "  ",
        ".",
        "e\u0301",
    ]
)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
TEXTS = st.lists(PIECES | WORDS, min_size=1).map(" ".join)


@settings(max_examples=300)
@given(TEXTS)
@example("&lt;p&gt; is how <p> is written")
def test_every_text_is_recognised_as_mastodon_shows_it(text: str) -> None:
    """HTML, links cut for the eye, mentions without their host."""
    assert folded(html_text(service.render(text.strip()))) == folded(text)


@settings(max_examples=200)
@given(TEXTS, TEXTS)
def test_other_texts_are_other_posts(first: str, second: str) -> None:
    """Only white space, mentions' hosts and what nobody sees may differ."""
    differ = unicodedata.normalize("NFC", "".join(first.split())) != unicodedata.normalize(
        "NFC", "".join(second.split())
    )
    if differ and "@" not in first + second:
        shown = folded(html_text(service.render(first.strip())))
        assert shown != folded(second) or not (first + second).isprintable()


def test_a_post_that_a_person_edited_is_found_by_its_first_version(world: World) -> None:
    """It keeps its id; the history shows what it was."""
    mastodon = world.client()
    request = mastodon.prepare(world.outgoing())
    receipt = mastodon.publish(request)
    world.server.edit(receipt.remote_id, "Quite another thing.")
    assert mastodon.look_up(request, world.now, NONE_CLAIMED) == receipt
    world.server.fault("error_500", method="GET", path="*/history")
    with pytest.raises(Unreadable):
        mastodon.look_up(request, world.now, NONE_CLAIMED)


def test_the_same_words_in_other_clothes_leave_a_doubt(world: World) -> None:
    """By hand or by a fork that writes it otherwise: a person decides."""
    mastodon = world.client()
    request = mastodon.prepare(world.outgoing("Hello, world."))
    world.server.add_post("HELLO world")
    with pytest.raises(Doubtful):
        mastodon.look_up(request, world.now, NONE_CLAIMED)


def test_older_posts_and_those_of_others_are_not_taken_for_it(world: World) -> None:
    """The same words an hour ago, or by somebody else, are another post; two minutes are a clock's error."""
    mastodon = world.client()
    world.server.add_post("Hello, world.")
    world.later(hours=1)
    world.server.add_post("Hello, world.", author=SOMEONE)
    request = mastodon.prepare(world.outgoing())
    assert mastodon.look_up(request, world.now, NONE_CLAIMED) is None
    assert mastodon.look_up(request, world.now - timedelta(minutes=58), NONE_CLAIMED) is not None


def test_it_is_found_on_the_third_page_and_absence_is_claimed_only_at_the_end(world: World) -> None:
    """Forty posts a page; more than four hundred since then are too many to say that it isn't there."""
    mastodon = world.client()
    request = mastodon.prepare(world.outgoing())
    receipt = mastodon.publish(request)
    for number in range(90):
        world.server.add_post(f"Number {number}.")
    assert mastodon.look_up(request, world.now, NONE_CLAIMED) == receipt
    for number in range(400):
        world.server.add_post(f"Another {number}.")
    with pytest.raises(Unreadable, match="too many"):
        mastodon.look_up(request, world.now, frozenset({receipt.remote_id}))


@pytest.mark.parametrize(
    "odd",
    [
        7,
        {"id": "1"},
        {"id": "a/b", "content": "x", "created_at": "2026-03-01T10:07:00Z"},
        {"id": "1", "content": "x", "created_at": "yesterday"},
        {"id": "1", "content": "x", "created_at": "2026-03-01T10:07:00"},
    ],
)
def test_a_post_that_can_not_be_read_is_no_proof_of_absence(
    world: World, odd: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be this one; the others are looked at all the same."""
    mastodon = world.client()
    request = mastodon.prepare(world.outgoing())
    world.server.add_post("Another.")
    real = world.server._statuses
    monkeypatch.setattr(
        world.server,
        "_statuses",
        lambda *asked: replace(page := real(*asked), body=[*page.body, *[odd] * bool(page.body)]),
    )
    with pytest.raises(Unreadable):
        mastodon.look_up(request, world.now, NONE_CLAIMED)
    receipt = mastodon.publish(request)
    assert mastodon.look_up(request, world.now, NONE_CLAIMED) == receipt


# -- answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "kind", "word"),
    [
        ("unauthorized", NeedsPerson, "access token"),
        ("scopes", NeedsPerson, "authorized scopes"),
        ("disabled", NeedsPerson, "disabled"),
        ("invalid", Refused, "character limit"),
        ("no_parent", Refused, "reply"),
        ("bad_request", Refused, "missing"),
        ("rate_limited", NotSent, "rate limit"),
        ("rate_limited_bare", NotSent, "rate limit"),
    ],
)
def test_each_clear_no_says_what_to_do_next(world: World, effect: str, kind: type[PlatformError], word: str) -> None:
    """Sorted by what comes next, in one line, with the server's own reason."""
    mastodon = world.client()
    request = mastodon.prepare(world.outgoing())
    world.server.fault(effect)
    with pytest.raises(PlatformError) as caught:
        mastodon.publish(request)
    assert (type(caught.value), caught.value.status) == (kind, service.ANSWERS[effect].status)
    assert word in str(caught.value)
    assert world.server.posts == {}


@pytest.mark.parametrize("how", ["plain", "gzip", "brotli"])
def test_an_endless_or_oddly_packed_answer_is_cut_off(tmp_path: Path, how: str) -> None:
    """Sixty-four megabytes of blanks behind a yes are not unpacked."""
    content, head = b'{"id": "5"}' + b" " * (64 * 1024 * 1024), "HTTP/1.1 200 OK\nConnection: close"
    if how != "plain":
        content, head = gzip.compress(content), f"{head}\nContent-Encoding: {how.replace('brotli', 'br')}"
    with server(answer(head, content)) as port:
        request = {"account": f"1@127.0.0.1:{port}", "key": "k", "form": {"status": "hello", "visibility": "public"}}
        state = tmp_path / "state"
        mastodon = Mastodon(f"http://127.0.0.1:{port}", TOKEN, installation="i", state_file=state, clock=lambda: START)
        mastodon._known = Known("1", "@a@b", Limits(), START)
        with pytest.raises(OutcomeUnknown):
            mastodon.publish(request)


# -- the account and its server --------------------------------------------------------------------


def test_the_server_is_asked_once_a_day(world: World) -> None:
    """Whose token it is and what the instance takes are kept in a file that only its owner reads."""
    world.server.settings.max_characters = 5000
    assert world.limits() is None
    world.client().prepare(world.outgoing())
    assert world.limits() == Limits(max_characters=5000, mime_types=MIME_TYPES)
    assert world.file.stat().st_mode & 0o777 == 0o600
    assert TOKEN not in world.file.read_text()
    keys = SimpleNamespace(base_url=world.server.url, access_token=TOKEN, content_warning="Ships")
    assert SPEC.limit_there(keys, world.file.parent.parent, "default") == 4995
    assert SPEC.limit_there(keys, world.file.parent.parent, "another") == 495
    asked = len(world.server.requests)
    world.client().prepare(world.outgoing("x" * 5000))
    assert len(world.server.requests) == asked == 2
    world.server.settings.max_characters = 100
    world.later(hours=25)
    with pytest.raises(Refused, match="takes 100"):
        world.client().prepare(world.outgoing("x" * 101))
    world.later(hours=25)
    world.server.fault("error_503", method="GET", path="*", times=0)
    world.client().prepare(world.outgoing("The server is away: what it last said holds."))


def test_a_server_that_does_not_describe_itself_takes_what_is_usual(world: World) -> None:
    """Older ones, and some relatives."""
    world.server.fault("no_parent", method="GET", path="/api/v2/instance*")
    world.client().prepare(world.outgoing("x" * 500))
    assert world.limits() == Limits()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"account": 1}', "\ud800"])
def test_a_damaged_file_is_asked_anew(world: World, content: str) -> None:
    """As if it were not there."""
    world.client().verify()
    world.file.write_text(content, errors="surrogatepass")
    assert world.limits() is None
    world.client().prepare(world.outgoing())
    assert world.client().verify() == f"@standin_bot@127.0.0.1:{world.server.port}, posts up to 500 characters"


def test_whose_posts_they_are_a_few_show(world: World) -> None:
    """A new token is asked for no thousand posts, one by one, before an answer goes out."""
    for number in range(12):
        world.client().publish(world.client().prepare(world.outgoing(f"Post {number}.", delivery_id=number + 1)))
    ids = [post.receipt.remote_id for post in world.client().recent(world.now - timedelta(hours=1))]
    before, renewed = len(world.server.requests), world.client(RENEWED)
    assert len(ids) == 12 and renewed.is_mine(None, ids)
    assert sum("/statuses/" in request["target"] for request in world.server.requests[before:]) == 5


def test_a_new_token_is_the_same_account_and_another_account_s_is_not(world: World) -> None:
    """What was made for one account never goes out on another, and is found again under a new token."""
    request = world.client().prepare(world.outgoing())
    renewed, other = world.client(RENEWED), world.client(OTHER)
    assert len({world.client().account, renewed.account, other.account}) == 3
    assert renewed.is_mine(request, ())
    assert not other.is_mine(request, ())
    assert not renewed.is_mine(None, ("1",)) and not renewed.is_mine(None, ())
    with pytest.raises(Refused, match="another account"):
        other.publish(request)
    renewed.publish(request)
    assert world.server.texts() == ["Hello, world."]
    out = world.client().look_up(request, world.now - timedelta(hours=1), frozenset())
    assert out is not None and renewed.is_mine(None, (out.remote_id,)) and not other.is_mine(None, (out.remote_id,))
    moved = {**request, "account": str(request["account"]).replace("127.0.0.1", "elsewhere.example")}
    assert not renewed.is_mine(moved, ())


def test_the_account_s_settings_go_with_each_post(world: World) -> None:
    """Visibility, content warning (which counts) and language."""
    mastodon = world.client(visibility="unlisted", content_warning="Statistics")
    root = mastodon.publish(mastodon.prepare(world.outgoing(language="pt-BR")))
    body = world.server.posts[root.remote_id].body
    assert (body["visibility"], body["spoiler_text"], body["language"]) == ("unlisted", "Statistics", "pt")
    mastodon.prepare(world.outgoing("x" * 490))
    with pytest.raises(Refused, match="501 characters"):
        mastodon.prepare(world.outgoing("x" * 491))


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_it_never_counts_less_than_mastodon(text: str) -> None:
    """An address is 23 characters, a mention has no host, a family is one: what passes here is taken there."""
    assert count(text) >= service.length(text)


@pytest.mark.parametrize(
    ("text", "length"),
    [("a" * 500, 500), ("https://example.com/" + "x" * 200, 23), ("@alice@" + "b" * 30 + ".com hi", 9),
     ("👩‍💻", 1), ("example.com", 11), ("see http://a.com.", 28)],
)  # fmt: skip
def test_the_length_is_mastodon_s(text: str, length: int) -> None:
    """As its own specification counts."""
    assert count(text) == service.length(text) == length


def test_a_receipt_without_an_address_gets_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forks may leave it out; and what is no web address is never shown as one."""
    mastodon = world.client()
    request = mastodon.prepare(world.outgoing())
    real = world.server.show
    monkeypatch.setattr(world.server, "show", lambda post: real(post) | {"url": "javascript:alert(1)"})
    receipt = mastodon.publish(request)
    assert receipt == Receipt(receipt.remote_id, f"{world.server.url}/web/statuses/{receipt.remote_id}")
