"""Publishing to Bluesky against the reference server, through a proxy that fails on purpose."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.platforms.conftest import NOW, Make
from tests.standins.pds import Account, Pds
from tests.standins.proxy import Fault, FaultProxy, Reply
from twitter_manager.content import Part
from twitter_manager.domain import Json, Outgoing, Platform, Receipt, ReplyTo, ThreadPlatform
from twitter_manager.errors import (
    AlreadyThere,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Unreadable,
)
from twitter_manager.platforms.bluesky import Bluesky
from twitter_manager.platforms.bluesky_records import TidMaker
from twitter_manager.platforms.bluesky_session import NO_SERVER, SessionFile, Tokens
from twitter_manager.platforms.facets import Facet, linked

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NOBODY: frozenset[str] = frozenset()
PUT, GET = "repo.putRecord", "repo.getRecord"
RATE_LIMITED = {"ratelimit-limit": "30", "ratelimit-remaining": "0", "ratelimit-policy": "30;w=300"}


@dataclass(frozen=True)
class Span:
    byte_start: int
    byte_end: int
    kind: str
    value: str


def outgoing(text: str = "Git keeps every version.", **more: object) -> Outgoing:
    return Outgoing(delivery_id=1, part=Part(text), created_at=NOW, **more)  # type: ignore[arg-type]


def found(text: str, unattended: bool) -> tuple[Facet, ...]:
    return linked(text, unattended=unattended)


def cut_out(record: Json) -> list[tuple[str, str]]:
    """The words that a record marks as links, and where they lead."""
    raw = record["text"].encode()
    return [
        (raw[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(), one["features"][0]["uri"])
        for one in record.get("facets", ())
    ]


def xrpc(status: int, code: str, message: str = "", **headers: str) -> Fault:
    return Fault(reply=Reply(status, json.dumps({"error": code, "message": message}).encode(), headers=headers))


@pytest.fixture(scope="module")
def one_account(pds: Pds) -> Account:
    return pds.create_account()


@pytest.fixture
def account(one_account: Account, pds: Pds, proxy: FaultProxy, session_file: Path) -> Account:
    """The same account for every test here, its posts wiped, with a session kept from an earlier run."""
    pds.wipe(one_account)
    tokens = Tokens(one_account.did, one_account.handle, one_account.access, one_account.refresh)
    SessionFile(session_file, proxy.url, one_account.handle).save(tokens)
    return one_account


# Publishing


def test_a_post_arrives_as_it_was_prepared(bluesky: Bluesky, pds: Pds, account: Account) -> None:
    """The stored request is the record on the server, word for word, and the receipt names it."""
    platform: Platform = bluesky
    request = platform.prepare(outgoing("Grüße, 世界 👩‍👩‍👧!", language="de"))
    receipt = platform.publish(request)
    [stored] = pds.records(account)
    assert stored["value"] == {
        "$type": "app.bsky.feed.post",
        "text": "Grüße, 世界 👩‍👩‍👧!",
        "createdAt": "2026-11-21T12:30:15.123Z",
        "langs": ["de"],
    }
    assert receipt == Receipt(
        stored["uri"],
        f"https://bsky.app/profile/{account.did}/post/{request['rkey']}",
        {"uri": stored["uri"], "cid": stored["cid"]},
    )
    assert (platform.name, platform.account, platform.definite) == ("bluesky", account.handle, True)


def test_two_posts_of_the_same_text_are_two_posts(bluesky: Bluesky, pds: Pds, account: Account) -> None:
    """The key, not the text, is the post's identity: even within one microsecond."""
    for _ in range(2):
        bluesky.publish(bluesky.prepare(outgoing()))
    assert len(pds.records(account)) == 2


COMMITTED = {
    "cut": Fault(forward=True),
    "hang": Fault(forward=True, hang=30),
    "500": Fault(forward=True, reply=Reply(500, b'{"error":"InternalServerError","message":"Internal Server Error"}')),
    "502 of a gateway": Fault(forward=True, reply=Reply(502, b"<html>Bad gateway</html>", "text/html")),
    "503 as a JSON list": Fault(forward=True, reply=Reply(503, b"[]")),
    "504 without a body": Fault(forward=True, reply=Reply(504)),
    "409": Fault(forward=True, reply=Reply(409)),
    "200 with HTML": Fault(forward=True, reply=Reply(200, b"<html></html>", "text/html")),
    "200 with broken JSON": Fault(forward=True, reply=Reply(200, b'{"uri": "at://')),
    "200 with nothing": Fault(forward=True, reply=Reply(200)),
    "200 with a JSON list": Fault(forward=True, reply=Reply(200, b"[1]")),
    "200 with another post": Fault(forward=True, reply=Reply(200, b'{"uri":"at://did:plc:x/y/z","cid":"bafy"}')),
    "200 cut in the middle": Fault(forward=True, reply=Reply(200, b'{"uri"', headers={"content-length": "500"})),
    "200 too deep": Fault(forward=True, reply=Reply(200, b"[" * 100_000)),
    "200 too large": Fault(forward=True, reply=Reply(200, b'"' + b"x" * 5 * 2**20 + b'"')),
    "200 too slow": Fault(forward=True, reply=Reply(200, b" " * 100, drip=0.3)),
    "200 compressed unasked": Fault(forward=True, reply=Reply(200, b"\x1f\x8b", headers={"content-encoding": "gzip"})),
}


@pytest.mark.parametrize("fault", COMMITTED.values(), ids=COMMITTED.keys())
def test_a_lost_answer_is_unknown_then_found_and_never_doubled(
    fault: Fault, make: Make, pds: Pds, account: Account, proxy: FaultProxy
) -> None:
    """Whatever happens after the server committed: unknown at first, found by the next process, one post after all."""
    bluesky = make(timeout=2)
    request = bluesky.prepare(outgoing())
    proxy.fail(PUT, fault)
    with pytest.raises(OutcomeUnknown):
        bluesky.publish(request)
    [stored] = pds.records(account)
    found = make().look_up(request, LONG_AGO, NOBODY)
    assert found is not None
    assert found.extra == {"uri": stored["uri"], "cid": stored["cid"]}
    assert make().publish(request) == found
    assert [record["uri"] for record in pds.records(account)] == [stored["uri"]]


NOT_TAKEN: dict[str, tuple[Fault, type[PlatformError]]] = {
    "limit reached": (xrpc(429, "RateLimitExceeded", **RATE_LIMITED), NotSent),
    "limit reached, bare": (Fault(reply=Reply(429, b"slow down", "text/plain")), NotSent),
    "redirect": (Fault(reply=Reply(307, headers={"location": "http://127.0.0.1:9/elsewhere"})), NotSent),
    "4xx of a gateway": (Fault(reply=Reply(400, b"<html>plain HTTP on a TLS port</html>", "text/html")), NotSent),
    "invalid": (xrpc(400, "InvalidRequest", "Record/text must not be longer than 300 graphemes"), Refused),
    "too large": (xrpc(413, "PayloadTooLarge"), Refused),
    "unauthorised": (xrpc(401, "AuthenticationRequired"), NeedsPerson),
    "taken down": (xrpc(401, "AccountTakedown"), NeedsPerson),
    "unauthorised by a gateway": (Fault(reply=Reply(401, b"<html></html>", "text/html")), NotSent),
    "no such method": (xrpc(404, "XRPCNotSupported"), NeedsPerson),
    "forbidden, with more fields": (Fault(reply=Reply(403, b'{"error":"Forbidden","more":1}')), NeedsPerson),
    "key in use": (xrpc(400, "InvalidSwap"), AlreadyThere),
    "key in use, no message": (Fault(reply=Reply(400, b'{"error":"InvalidSwap"}')), AlreadyThere),
}


@pytest.mark.parametrize(("fault", "error"), NOT_TAKEN.values(), ids=NOT_TAKEN.keys())
def test_each_definite_answer_says_what_to_do_next(
    fault: Fault, error: type[PlatformError], bluesky: Bluesky, pds: Pds, account: Account, proxy: FaultProxy
) -> None:
    """A clear no is sorted by what the caller does next, keeps its status and names a remedy in one line."""
    request = bluesky.prepare(outgoing())
    proxy.fail(PUT, fault)
    with pytest.raises(error) as caught:
        bluesky.publish(request)
    assert fault.reply is not None
    assert type(caught.value) is error
    assert caught.value.status == fault.reply.status
    assert caught.value.remedy
    assert (caught.value.remedy == NO_SERVER) is (fault.reply.status == 404)
    assert "\n" not in str(caught.value)
    assert pds.records(account) == []


def test_the_server_itself_refuses_a_post_that_is_too_long(bluesky: Bluesky, pds: Pds, account: Account) -> None:
    """The server checks the record though we don't ask it to, and its reason reaches the person."""
    with pytest.raises(Refused, match="grapheme too big") as caught:
        bluesky.publish(bluesky.prepare(outgoing("x" * 301)))
    assert type(caught.value) is Refused
    assert pds.records(account) == []


def test_an_odd_language_is_left_out(bluesky: Bluesky) -> None:
    """The server would refuse a post over a language tag it can't read."""
    assert "langs" not in bluesky.prepare(outgoing(language="English please"))["record"]


def test_a_request_of_another_account_is_refused(bluesky: Bluesky, make: Make, pds: Pds, proxy: FaultProxy) -> None:
    """After the person changes the account, a post prepared for the old one goes nowhere."""
    request = bluesky.prepare(outgoing())
    other = pds.create_account()
    with pytest.raises(Refused, match="another account"):
        make(identifier=other.handle, password=other.password).publish(request)
    assert proxy.count(PUT) == 0


@pytest.mark.parametrize("request_", [{}, {"repo": "x", "rkey": "y"}, {"repo": 1, "rkey": "y", "record": {}}])
def test_a_damaged_request_is_refused(request_: Json, bluesky: Bluesky, proxy: FaultProxy) -> None:
    """What is not a request of ours leaves no trace and no KeyError."""
    with pytest.raises(Refused, match="damaged"):
        bluesky.publish(request_)
    with pytest.raises(Unreadable, match="damaged"):
        bluesky.look_up(request_, LONG_AGO, NOBODY)
    assert proxy.seen == []


# Looking up


def test_another_post_under_the_key_is_never_overwritten(bluesky: Bluesky, pds: Pds, account: Account) -> None:
    """A taken key is AlreadyThere; the look-up sees a stranger and leaves it to a person."""
    request = bluesky.prepare(outgoing("Mine."))
    stranger = request["record"] | {"text": "Not mine.", "createdAt": "2020-01-01T00:00:00.000Z"}
    pds.put_record(account, request["rkey"], stranger)
    with pytest.raises(AlreadyThere):
        bluesky.publish(request)
    with pytest.raises(Unreadable) as caught:
        bluesky.look_up(request, LONG_AGO, NOBODY)
    assert caught.value.forbidden
    assert [record["value"]["text"] for record in pds.records(account)] == ["Not mine."]


def test_an_edited_post_counts_as_posted(
    bluesky: Bluesky, pds: Pds, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody mended the text after it was sent: it is found, told, and a resend does not undo the edit."""
    request = bluesky.prepare(outgoing("With a tpyo."))
    bluesky.publish(request)
    assert bluesky.look_up(request, LONG_AGO, NOBODY) is not None
    assert caplog.text == ""
    pds.put_record(account, request["rkey"], request["record"] | {"text": "With a typo."})
    with pytest.raises(AlreadyThere):
        bluesky.publish(request)
    found = bluesky.look_up(request, LONG_AGO, NOBODY)
    assert found is not None
    assert "was edited after it was sent" in caplog.text
    assert found.extra["cid"] == pds.records(account)[0]["cid"]
    assert [record["value"]["text"] for record in pds.records(account)] == ["With a typo."]


UNREADABLE = {
    "cut": Fault(),
    "500": Fault(reply=Reply(500)),
    "404 of a gateway": Fault(reply=Reply(404, b"<html></html>", "text/html")),
    "400 of another kind": xrpc(400, "InvalidRequest", "Could not find repo"),
    "429": xrpc(429, "RateLimitExceeded"),
    "200 with HTML": Fault(reply=Reply(200, b"<html></html>", "text/html")),
    "200 with other JSON": Fault(reply=Reply(200, b'{"value": 3}')),
    "200 with an empty record": Fault(reply=Reply(200, b'{"uri": "at://a/b/c", "value": {}}')),
}


@pytest.mark.parametrize("fault", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_only_the_servers_own_word_proves_absence(fault: Fault, bluesky: Bluesky, proxy: FaultProxy) -> None:
    """No failed look-up passes for 'nothing there', which would send the post again."""
    request = bluesky.prepare(outgoing())
    proxy.fail(GET, fault)
    with pytest.raises(Unreadable):
        bluesky.look_up(request, LONG_AGO, NOBODY)


# Facets, replies, reading, deleting


def test_facets_cover_their_words_after_emoji_and_cjk(make: Make, pds: Pds, account: Account) -> None:
    """The stored byte ranges cut out exactly the link, the tag and the mention, and the mention names the DID."""
    friend = pds.create_account()
    text = f"世界 👩‍👩‍👧 see https://example.com/ü #日本語 @{friend.handle} ok"
    bluesky = make(facets=found)
    bluesky.publish(bluesky.prepare(outgoing(text)))
    [stored] = pds.records(account)
    raw = stored["value"]["text"].encode()
    cut = [raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in stored["value"]["facets"]]
    assert cut == ["https://example.com/ü", "#日本語", f"@{friend.handle}"]
    assert [f["features"] for f in stored["value"]["facets"]] == [
        [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.com/ü"}],
        [{"$type": "app.bsky.richtext.facet#tag", "tag": "日本語"}],
        [{"$type": "app.bsky.richtext.facet#mention", "did": friend.did}],
    ]


LONG = "https://example.org/2026/11/a-long-path-to-an-article-on-the-old-mill.html?from=feed"
SHORT = "example.org/2026/11/a-long-pat…"


def test_a_long_address_is_shown_short_and_leads_to_the_whole(make: Make, pds: Pds, account: Account) -> None:
    """What goes along is cut in the text, after emoji too, and whole in the facet; read back it is whole again."""
    words, bluesky = "Grüße 👩‍👩‍👧 from the mill.", make(facets=found)
    request = bluesky.prepare(outgoing(f"{words}\n{LONG}", link=LONG, unattended=True))
    receipt = bluesky.publish(json.loads(json.dumps(request)))
    [stored] = pds.records(account)
    assert stored["value"]["text"] == f"{words}\n{SHORT}"
    assert cut_out(stored["value"]) == [(SHORT, LONG)]
    assert bluesky.look_up(request, LONG_AGO, NOBODY) == receipt == bluesky.publish(request)
    assert [post.text for post in bluesky.recent(LONG_AGO)] == [f"{words}\n{LONG}"]


def test_a_request_of_before_links_were_cut_is_sent_as_it_was_stored(make: Make, pds: Pds, account: Account) -> None:
    """The bytes that an older version stored stay those bytes: sent twice it is one post, with the address whole."""
    bluesky = make(facets=found)
    old = bluesky.prepare(outgoing(f"From the mill.\n{LONG}"))
    assert bluesky.publish(old) == bluesky.publish(old) == bluesky.look_up(old, LONG_AGO, NOBODY)
    [stored] = pds.records(account)
    assert cut_out(stored["value"]) == [(LONG, LONG)]
    assert [post.text for post in bluesky.recent(LONG_AGO)] == [f"From the mill.\n{LONG}"]


def test_the_address_that_goes_along_is_a_link_whatever_it_looks_like(make: Make, account: Account) -> None:
    """The client's rules would leave out its closing dot; a name with a file's ending in the text becomes no link."""
    link = "https://example.org/a."
    record = make(facets=found).prepare(outgoing(f"It unpacks update.zip.\n{link}", link=link, unattended=True))[
        "record"
    ]
    assert cut_out(record) == [(link, link)]


@pytest.mark.parametrize(
    ("shown", "address", "text"),
    [
        ("example.org/a-pa…", "https://example.org/a-path", "https://example.org/a-path"),
        ("example.org/a-pa...", "http://example.org/a-path", "http://example.org/a-path"),
        ("here", "https://here.example.org/", "here"),
        ("bank.example/login", "https://evil.example/login", "bank.example/login"),
        ("exam…", "https://example.org/a-path", "exam…"),
    ],
)
def test_only_a_cut_address_is_read_back_whole(
    bluesky: Bluesky, pds: Pds, account: Account, shown: str, address: str, text: str
) -> None:
    """Other clients' short forms too; words that somebody made a link of stay their words."""
    facet = {"index": {"byteStart": 5, "byteEnd": 5 + len(shown.encode())}, "features": [link_to(address)]}
    record = {"$type": "app.bsky.feed.post", "text": f"See: {shown}.", "createdAt": "2026-11-26T12:00:00Z"}
    pds.put_record(account, "3aaaaaaaaaaaa", record | {"facets": [facet]})
    assert [post.text for post in bluesky.recent(LONG_AGO)] == [f"See: {text}."]


def link_to(address: str) -> Json:
    return {"$type": "app.bsky.richtext.facet#link", "uri": address}


@pytest.mark.parametrize("handle", ["not a handle", "x" * 300, "a..test", "-a.test", "a_b.test", "a.7", "é.test", "a"])
def test_what_is_no_handle_stays_plain_text(handle: str, make: Make, proxy: FaultProxy) -> None:
    """The server would answer 500, which is no proof of anything: it isn't asked."""
    record = make(facets=lambda text, unattended: [Span(0, 1, "mention", handle)]).prepare(outgoing())["record"]
    assert "facets" not in record
    assert proxy.count("resolveHandle") == 0


@pytest.mark.parametrize("handle", ["nobody-here.test", "NoBody.test", f"{'x' * 63}.{'y' * 63}.test"])
def test_a_mention_of_nobody_stays_plain_text(handle: str, make: Make, proxy: FaultProxy) -> None:
    """A handle that the server does not know costs the facet, not the post; no password goes with the question."""
    record = make(facets=lambda text, unattended: [Span(0, 1, "mention", handle)]).prepare(outgoing())["record"]
    assert "facets" not in record
    [asked] = [seen for seen in proxy.seen if "resolveHandle" in seen.path]
    assert "authorization" not in {name.lower() for name in asked.headers}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(),
        xrpc(429, "RateLimitExceeded"),
        xrpc(502, "UpstreamFailure"),
        Fault(reply=Reply(502, b"<html>Bad gateway</html>", "text/html")),
        Fault(reply=Reply(404, b"<html>Not found</html>", "text/html")),
        Fault(reply=Reply(200, b"<html></html>", "text/html")),
    ],
)
def test_a_mention_waits_for_a_server_that_is_away(make: Make, proxy: FaultProxy, fault: Fault) -> None:
    """A lost mention can't be mended later: whatever is not the server's own no is a reason to try again."""
    proxy.fail("resolveHandle", fault)
    with pytest.raises(NotSent):
        make(facets=lambda text, unattended: [Span(0, 1, "mention", "someone.test")]).prepare(outgoing())


def test_a_thread_hangs_together(bluesky: Bluesky, pds: Pds, account: Account) -> None:
    """Three parts: each replies to the one before it, all to the first, and the listing says so, newest first."""
    root = parent = bluesky.publish(bluesky.prepare(outgoing("One.")))
    for text in ("Two.", "Three."):
        parent = bluesky.publish(bluesky.prepare(outgoing(text, reply=ReplyTo(root, parent))))
    third, second, first = pds.records(account)
    ref = {record["value"]["text"]: {"uri": record["uri"], "cid": record["cid"]} for record in (first, second, third)}
    assert second["value"]["reply"] == {"root": ref["One."], "parent": ref["One."]}
    assert third["value"]["reply"] == {"root": ref["One."], "parent": ref["Two."]}
    recent = bluesky.recent(LONG_AGO)
    assert [(post.text, post.reply_to) for post in recent] == [
        ("Three.", second["uri"]),
        ("Two.", first["uri"]),
        ("One.", ""),
    ]
    assert recent[0].receipt == parent
    assert recent[0].created_at == NOW.replace(microsecond=123000)


def thread(bluesky: Bluesky, *texts: str) -> list[Json]:
    """The requests of a thread that goes at once."""
    requests: list[Json] = []
    reply: ReplyTo | None = None
    for text in texts:
        requests.append(bluesky.prepare(outgoing(text, reply=reply)))
        foreseen = bluesky.foresee(requests[-1])
        reply = ReplyTo(reply.root if reply else foreseen, foreseen)
    return requests


def test_a_whole_thread_goes_out_in_one_request_as_it_was_foreseen(
    make: Make, pds: Pds, account: Account, proxy: FaultProxy
) -> None:
    """The keys and CIDs computed beforehand are the server's, with emoji, facets, languages and replies in them."""
    bluesky = make(facets=found)
    assert isinstance(bluesky, ThreadPlatform)
    requests = thread(
        bluesky, "Grüße 👩‍👩‍👧 https://example.com/ü #日本語", "世界", "e\u0301 is not é \u0000 \u2028 end"
    )
    receipts = bluesky.publish_thread(json.loads(json.dumps(requests)))
    assert receipts == [bluesky.foresee(request) for request in requests]
    third, second, first = pds.records(account)
    assert [one["value"] for one in (first, second, third)] == [request["record"] for request in requests]
    ref = [{"uri": one["uri"], "cid": one["cid"]} for one in (first, second, third)]
    assert [dict(receipt.extra) for receipt in receipts] == ref
    assert second["value"]["reply"] == {"root": ref[0], "parent": ref[0]}
    assert third["value"]["reply"] == {"root": ref[0], "parent": ref[1]}
    assert (proxy.count("applyWrites"), proxy.count(PUT)) == (1, 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80), min_size=2, max_size=8))
def test_any_text_gets_the_cid_that_was_foreseen(bluesky: Bluesky, account: Account, texts: list[str]) -> None:
    """Whatever characters it holds: the server's hash is ours, so that every reply hangs where it should."""
    requests = thread(bluesky, *texts)
    assert bluesky.publish_thread(requests) == [bluesky.foresee(request) for request in requests]


@pytest.mark.parametrize("fault", COMMITTED.values(), ids=COMMITTED.keys())
def test_a_lost_answer_to_a_whole_thread_is_unknown_then_found_and_never_doubled(
    fault: Fault, make: Make, pds: Pds, account: Account, proxy: FaultProxy
) -> None:
    """The next process finds each part; sending all again changes nothing, and is not taken for a yes."""
    bluesky = make(timeout=2)
    requests = thread(bluesky, "One.", "Two.", "Three.")
    proxy.fail("applyWrites", fault)
    with pytest.raises(OutcomeUnknown):
        bluesky.publish_thread(requests)
    found = [make().look_up(request, LONG_AGO, NOBODY) for request in requests]
    assert found == [bluesky.foresee(request) for request in requests]
    with pytest.raises(OutcomeUnknown):
        make().publish_thread(requests)
    assert len(pds.records(account)) == 3
    assert [make().publish(request) for request in requests] == found, "part by part, it is a yes"


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_a_key_in_use_keeps_the_whole_thread_out(taken: int, bluesky: Bluesky, pds: Pds, account: Account) -> None:
    """Neither the other parts go out nor is the post under the key overwritten."""
    requests = thread(bluesky, "One.", "Two.", "Three.")
    pds.put_record(account, requests[taken]["rkey"], requests[taken]["record"] | {"text": "Not mine."})
    with pytest.raises(OutcomeUnknown):
        bluesky.publish_thread(requests)
    assert [record["value"]["text"] for record in pds.records(account)] == ["Not mine."]


def test_one_part_that_the_server_refuses_keeps_the_whole_thread_out(
    bluesky: Bluesky, pds: Pds, account: Account
) -> None:
    """All or none, by the server's own check, and the reason reaches the person."""
    with pytest.raises(Refused, match="grapheme too big"):
        bluesky.publish_thread(thread(bluesky, "One.", "x" * 301, "Three."))
    assert pds.records(account) == []


@pytest.mark.parametrize(("fault", "error"), NOT_TAKEN.values(), ids=NOT_TAKEN.keys())
def test_each_definite_answer_to_a_whole_thread_means_the_same(
    fault: Fault, error: type[PlatformError], bluesky: Bluesky, proxy: FaultProxy
) -> None:
    """Sorted as for one post."""
    requests = thread(bluesky, "One.", "Two.")
    proxy.fail("applyWrites", fault)
    with pytest.raises(error) as caught:
        bluesky.publish_thread(requests)
    assert type(caught.value) is error


@pytest.mark.parametrize("results", [None, [], [{}], [{}, {}], [{"uri": "at://x", "cid": "bafy"}] * 2, "two", [7, 7]])
def test_an_answer_that_does_not_name_each_part_is_no_yes(results: object, bluesky: Bluesky, proxy: FaultProxy) -> None:
    """Fewer parts, other parts, or nonsense: unknown, to be looked up."""
    requests = thread(bluesky, "One.", "Two.")
    proxy.fail("applyWrites", Fault(reply=Reply(200, json.dumps({"commit": {}, "results": results}).encode())))
    with pytest.raises(OutcomeUnknown):
        bluesky.publish_thread(requests)


def test_a_thread_of_another_account_or_damaged_is_refused(
    bluesky: Bluesky, make: Make, pds: Pds, proxy: FaultProxy
) -> None:
    """One odd part is enough; nothing leaves."""
    requests = thread(bluesky, "One.", "Two.")
    other = pds.create_account()
    with pytest.raises(Refused, match="another account"):
        make(identifier=other.handle, password=other.password).publish_thread(requests)
    with pytest.raises(Refused, match="damaged"):
        bluesky.publish_thread([requests[0], {}])
    with pytest.raises(Refused, match="damaged"):
        bluesky.foresee({})
    assert proxy.count("applyWrites") == 0


def test_a_reply_without_its_parents_address_is_refused(bluesky: Bluesky) -> None:
    """A receipt of another platform can't be replied to here."""
    elsewhere = Receipt("1", "https://example.com/1")
    with pytest.raises(Refused):
        bluesky.prepare(outgoing(reply=ReplyTo(elsewhere, elsewhere)))


def test_recent_keeps_to_since_and_limit_over_several_pages(bluesky: Bluesky, pds: Pds, account: Account) -> None:
    """105 posts an hour apart: pages are joined, `since` and `limit` hold, and a post of another client that fits no
    model is read all the same."""
    new_key = TidMaker(lambda: NOW - timedelta(days=10))
    writes = []
    for hour in range(105):
        created = (NOW - timedelta(hours=105 - hour)).isoformat()
        record = {"$type": "app.bsky.feed.post", "text": f"post {hour}", "createdAt": created, "via": "other"}
        write = {"$type": "com.atproto.repo.applyWrites#create", "collection": "app.bsky.feed.post"}
        writes.append(write | {"rkey": new_key(), "value": record})
    pds.call("com.atproto.repo.applyWrites", {"repo": account.did, "writes": writes}, account.access)
    assert [post.text for post in bluesky.recent(LONG_AGO, 103)] == [f"post {n}" for n in range(104, 1, -1)]
    assert [post.text for post in bluesky.recent(NOW - timedelta(hours=3, minutes=1))] == [
        "post 104",
        "post 103",
        "post 102",
    ]


ODD_LISTINGS = {
    "no date": {"text": "x"},
    "no text": {"createdAt": "2026-01-01T00:00:00Z"},
    "odd date": {"text": "x", "createdAt": "yesterday"},
    "date before time": {"text": "x", "createdAt": "0001-01-01T00:00:00+14:00"},
    "odd reply": {"text": "x", "createdAt": "2026-01-01T00:00:00", "reply": 7},
    "a number": 5,
    "nothing": None,
}


@pytest.mark.parametrize("value", ODD_LISTINGS.values(), ids=ODD_LISTINGS.keys())
def test_a_nonsense_record_in_the_listing_breaks_nothing(value: object, bluesky: Bluesky, proxy: FaultProxy) -> None:
    """A listing with a record that fits no model is read as far as it can be, or called unreadable."""
    body = {"records": [{"uri": "at://x", "cid": "bafy", "value": value}], "cursor": None}
    proxy.fail("listRecords", Fault(reply=Reply(200, json.dumps(body).encode())))
    try:
        posts = bluesky.recent(LONG_AGO)
    except Unreadable:
        return
    assert all(post.created_at >= LONG_AGO for post in posts)


@pytest.mark.parametrize(
    "remote_id",
    [
        "",
        "123",
        "at://did:plc:someoneelse/app.bsky.feed.post/3kabc",
        "at://{did}/app.bsky.graph.follow/3kabc",
        "at://{did}/app.bsky.feed.post/../x",
    ],
)
def test_delete_touches_only_the_accounts_own_posts(
    remote_id: str, bluesky: Bluesky, account: Account, proxy: FaultProxy
) -> None:
    """Other people's posts, other kinds of records and nonsense are refused without a request."""
    with pytest.raises(Refused):
        bluesky.delete(remote_id.format(did=account.did))
    assert proxy.count("deleteRecord") == 0


def test_a_lost_answer_to_a_delete_is_unknown(bluesky: Bluesky, proxy: FaultProxy) -> None:
    """Deleting is sorted as publishing is."""
    receipt = bluesky.publish(bluesky.prepare(outgoing()))
    proxy.fail("deleteRecord", Fault(forward=True))
    with pytest.raises(OutcomeUnknown):
        bluesky.delete(receipt.remote_id)


def test_verify_names_the_account(bluesky: Bluesky, account: Account, proxy: FaultProxy) -> None:
    """The line for a person says who posts and where."""
    assert bluesky.verify() == f"{account.handle} ({account.did}) at {proxy.url}"
    proxy.fail("getSession", Fault(reply=Reply(500)))
    with pytest.raises(Unreadable):
        bluesky.verify()


# Keys


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=50), st.integers(0, 1023))
def test_keys_are_valid_unique_and_in_order(steps: list[int], clock_id: int) -> None:
    """Whatever the clock does (stands still, goes back), keys are TIDs of the specification, rising, never repeated."""
    times = itertools.accumulate(steps, lambda now, step: now + timedelta(microseconds=step), initial=NOW)
    new_key = TidMaker(lambda: next(times), clock_id)
    keys = [new_key() for _ in steps]
    assert all(re.fullmatch("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", key) for key in keys)
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("now", [datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_a_clock_that_is_far_off_still_posts(now: datetime, make: Make, pds: Pds, account: Account) -> None:
    """A machine with a dead clock battery, or one set ages ahead, makes keys and dates that the server takes."""
    bluesky = make(clock=lambda: now)
    request = bluesky.prepare(Outgoing(1, Part("What year is it?"), now))
    receipt = bluesky.publish(request)
    assert bluesky.look_up(request, now, NOBODY) == receipt
    assert len(pds.records(account)) == 1


def test_a_key_is_the_one_of_the_specification() -> None:
    """The value was computed by the reference implementation (@atproto/common-web TID.fromTime)."""
    assert TidMaker(lambda: NOW, 7)() == "3n2t44x63k22b"


# Cost
