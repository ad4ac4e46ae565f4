"""Recognising one's own post in the way X shows it: never miss it, never take another for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.standins.x import CREDENTIALS, LINK_ALTERATIONS, TEXT_ALTERATIONS, XStandIn, shorten
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing, Receipt, ReplyTo
from twitter_manager.errors import OutcomeUnknown, Refused, Unreadable
from twitter_manager.platforms.x import X
from twitter_manager.platforms.x_posts import ShownPost, parse_post

LINKS = st.sampled_from(
    ["https://example.com", "https://example.com/a?b=1&c=2#d", "http://example.com/", "example.org/path",
     "https://EXAMPLE.com/Path", "https://example.com/a?b=1&lt=2", "https://de.example.org/wiki/Köln",
     "https://bücher.example/a(b)", "https://Straße.example.org", "https://例え.みんな/a", "https://xn--bcher-kva.example/",
     "https://example.com?q=1", "https://example.com:8080/a_b-c/"]
)  # fmt: skip
GLUE = st.sampled_from(
    [" ", "", "(", ")", "」", "「", "、", "。", ", ", ": ", "!", "\n\n", "日本", "\u200b", "\u0301", '"', "🙂"]
)
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("&<>;#@ \n\u200b\ufeff\u2060"), max_size=12
) | st.sampled_from(["&amp;", "&lt;", "&amp;gt;", "Å\u030a", "\u1100\u1161", "👩\u200d💻", "☎\ufe0f"])
TEXTS = (
    st.lists(st.tuples(WORDS | LINKS, GLUE), min_size=1, max_size=6)
    .map(lambda pieces: "".join(word + glue for word, glue in pieces))
    .filter(lambda text: text.strip().strip("\u200b\ufeff\u2060"))
)
ALTERATIONS = st.lists(st.sampled_from(sorted({**TEXT_ALTERATIONS, **LINK_ALTERATIONS})), unique=True)
INVISIBLE = "\xad\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067"
INVISIBLE += "\u2068\u2069\ufeff"


def shown(text: str, /, *, parent: str = "", alters: Sequence[str] = (), **more: Any) -> ShownPost:
    """The post as the API would give it."""
    for name in alters:
        text = TEXT_ALTERATIONS.get(name, str)(text)
    raw, entities = shorten(text.strip(), "1", alters)
    post: dict[str, Any] = {"id": "1", "text": raw, "entities": entities, "created_at": "2026-11-21T12:00:00.000Z"}
    if parent:
        post["referenced_tweets"] = [{"type": "replied_to", "id": parent}]
    return parse_post(post | more)


def same(first: str, second: str) -> bool:
    """Equal for a reader: canonical equivalence, space is space, and what can't be seen is nothing."""

    def seen(text: str) -> str:
        text = "".join(letter for letter in text if letter not in INVISIBLE)
        return " ".join(unicodedata.normalize("NFC", text).split())

    return seen(first) == seen(second)


@settings(max_examples=400)
@given(TEXTS, ALTERATIONS)
@example("AT&T &amp; <b> https://example.com/a?b=1&amp;c=2", [])
@example("https://t.co/abcdefghij", [])
@example("\N{NO-BREAK SPACE}a\r\n\r\nb ", [])
@example(
    "「https://bücher.example/ä」https://例え.みんな/a、https://example.com", ["punycode", "percent", "slash", "nfd"]
)
@example("https://example.com:80abc", [])
@example("e\u200b\u0301", ["drop_zero_width", "nfc"])
def test_every_text_is_recognised_as_x_shows_it(text: str, alters: list[str]) -> None:
    """Escaped, shortened, trimmed, composed, collapsed, its links written in X's way: still ours."""
    assert shown(text, alters=alters).shows(text)


@settings(max_examples=400)
@given(TEXTS, ALTERATIONS, st.data())
def test_no_text_that_differs_by_one_character_is_taken_for_it(
    text: str, alters: list[str], data: st.DataObject
) -> None:
    """One character taken out, put in or exchanged is another post, whatever the platform does to either. (A link's
    scheme left out, its host's case or spelling and a bare host's slash are the exceptions, so links are left alone
    here.)"""
    at = data.draw(st.integers(0, len(text)))
    new = data.draw(st.characters(exclude_categories=["Cs", "Cc"]) | st.just(""))
    other = text[:at] + new + text[at + data.draw(st.integers(0, 1)) :]
    assume(other.strip(INVISIBLE + " \n") and not same(text, other))
    assume(not re.search(r"https?://|\.(com|org|net|io|dev|example)", text + other, re.IGNORECASE))
    assert not shown(text, alters=alters).shows(other)
    assert not shown(other, alters=alters).shows(text)


DIFFERENT = [
    ("https://example.com/a", "https://example.com/b"),
    ("https://example.com/a", "https://example.com/A"),
    ("https://example.com/a", "https://example.com/a/"),
    ("https://example.com/a", "http://example.com/a"),
    ("https://example.com/a", "https://example.com/a?"),
    ("https://example.com/a", "https://www.example.com/a"),
    ("https://example.com", "https://example.com.evil.example"),
    ("v1.2", "v1x2"),
    ("a&amp;b", "a&b"),
    ("I can", "I can't"),
    ("1 + 1", "1 + 11"),
    ("hi", "HI"),
    ("The end", "The end."),
    ("☎ us", "☎\ufe0f us"),
    ("👩\u200d💻", "👩💻"),
    ("x²", "x2"),
    ("Dr. No", "Dr.No"),
    ("don't", "don’t"),
    ("می\u200cروم", "میروم"),
    ("https://bücher.example", "https://bucher.example"),
    ("https://example.com/%2F", "https://example.com//"),
    ("https://example.com/%20", "https://example.com/"),
    ("https://example.com/ä", "https://example.com/a"),
    ("a https://example.com", "a https://example.com."),
]


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_posts_that_differ_a_little_are_two_posts(first: str, second: str) -> None:
    """Links included: nothing in them that makes another page is overlooked."""
    assert not shown(first).shows(second)
    assert not shown(second).shows(first)
    assert shown(first).shows(first)


@pytest.mark.parametrize(
    ("sent", "expanded"),
    [
        ("example.com", "http://example.com"),
        ("example.com", "https://example.com/"),
        ("https://example.com", "https://example.com/"),
        ("HTTPS://Example.COM/Path", "https://example.com/Path"),
        ("https://example.com/ö", "https://example.com/%C3%B6"),
        ("https://example.com/?a=1&b=2", "https://example.com/?a=1&amp;b=2"),
        ("https://example.com?a=1", "https://example.com/?a=1"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://BÜCHER.example/x", "https://xn--bcher-kva.example/x"),
        ("https://bu\u0308cher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://xn--bcher-kva.example/x", "https://bücher.example/x"),
        ("bücher.example", "http://xn--bcher-kva.example"),
        ("https://straße.example", "https://strasse.example"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://例え.みんな/日", "https://xn--r8jz45g.xn--q9jyb4c/%E6%97%A5"),
        ("https://bücher.example:8080/ö%20ä", "https://xn--bcher-kva.example:8080/%C3%B6%20%C3%A4"),
        ("https://xn--.example/a", "https://xn--.example/a"),
        ("https://xn--99999999.example/a", "https://xn--99999999.example/a"),
        ("https://example.com/%FF", "https://example.com/%FF"),
    ],
)
def test_a_link_is_recognised_in_the_form_that_x_gives_it(sent: str, expanded: str) -> None:
    """X adds a scheme or a slash, lowers a host's case, writes percent signs; the link is the same."""
    urls = [{"url": "https://t.co/abcdefghij", "expanded_url": expanded}]
    post = shown("", text="See https://t.co/abcdefghij.", entities={"urls": urls})
    assert post.shows(f"See {sent}.")
    assert not post.shows(f"See {sent}x.")


@pytest.mark.parametrize(
    ("before", "after"), [("(", ")"), ("「", "」"), ("見て", "を見て"), ("", ","), ("“", "”…"), ("", "abc")]
)
def test_links_side_by_side_and_against_other_signs(before: str, after: str) -> None:
    """Several t.co addresses with no space around them; letters right behind one are not taken for a part of it."""
    urls = [
        {"url": "https://t.co/aaaaaaaaaa", "expanded_url": "https://xn--bcher-kva.example/"},
        {"url": "https://t.co/bbbbbbbbbb", "expanded_url": "https://example.com/b"},
    ]
    raw = f"{before}https://t.co/aaaaaaaaaa{after}{before}https://t.co/bbbbbbbbbb{after}"
    post = shown("", text=raw, entities={"urls": urls})
    assert post.shows(f"{before}https://bücher.example{after}{before}https://example.com/b{after}")
    assert not post.shows(f"{before}https://example.com/b{after}{before}https://bücher.example{after}")
    assert not post.shows(f"{before}https://bücher.example{after}{before}https://example.com/bb{after}")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("Tom & Jerry", "Tom &amp; Jerry"), ("hi there", "Hi there!"), ("x²", "x2"), ("don't", "don’t"),
     ("See https://example.com/a.", "see example.com/a"), ("①", "1"), ("a - b", "a — b")],
)  # fmt: skip
def test_a_text_changed_in_a_way_that_x_is_not_known_for_leaves_a_doubt(sent: str, stored: str) -> None:
    """Escaped twice, made compatible, its quotes made pretty: not taken for ours, and not for proof of absence."""
    assert not shown(stored).shows(sent)
    assert shown(stored).may_show(sent)
    assert not shown(stored + " more").may_show(sent)


def test_mentions_before_a_reply_may_be_x_s_or_ours() -> None:
    """Only in a reply, only at its beginning."""
    reply = shown("@alice @bob_1 thanks @carol", parent="7")
    assert reply.shows("thanks @carol")
    assert reply.shows("@bob_1 thanks @carol")
    assert reply.shows("@alice @bob_1 thanks @carol")
    assert not reply.shows("thanks")
    assert not shown("@alice thanks").shows("thanks")


def test_the_two_ways_to_write_an_accent_are_one() -> None:
    """X composes what was sent decomposed."""
    assert shown("caf\u00e9").shows("cafe\u0301")
    assert shown("cafe\u0301").shows("caf\u00e9")


def test_a_long_post_is_compared_in_full() -> None:
    """X cuts `text` at 280 and gives the whole in `note_tweet`, with its own entities."""
    whole, entities = shorten("long " * 80 + "https://example.com/end", "1")
    for name in ("note_tweet", "note_post"):
        more: dict[str, Any] = {name: {"text": whole, "entities": entities}}
        post = shown("long " * 55 + "…", **more)
        assert post.shows("long " * 80 + "https://example.com/end")
        assert not post.shows("long " * 80 + "https://example.com/other")


def test_shown_text_is_what_a_person_wrote() -> None:
    """What `recent` hands on: expanded first link form, one level of escaping undone, entities in links untouched."""
    assert shown("a &amp; b <c> https://example.com/?x=1&lt=2").text == "a &amp; b <c> https://example.com/?x=1&lt=2"


def test_many_links_and_odd_pieces_do_not_make_the_comparison_slow() -> None:
    """The pattern is built from what X shows; a hostile one must not hang the run (the test's timeout would tell)."""
    raw = "https://t.co/a-" * 300 + "!"
    urls = [{"url": "https://t.co/a", "expanded_url": "https://example.com/" + "a-" * 50}]
    sent = "https://example.com/" + "a-" * 5000
    assert not shown("", text=raw, entities={"urls": urls}).shows(sent)
    assert not shown("", text="x " + "https://t.co/a https://t.co/b " * 50, entities={}).may_show(sent)


@pytest.mark.parametrize(
    "post",
    [None, [], {}, {"id": "1"}, {"id": "1", "text": "x"}, {"id": 1, "text": "x", "created_at": "2026-11-21T12:00:00Z"},
     {"id": "1", "text": None, "created_at": "2026-11-21T12:00:00Z"}, {"id": "1", "text": "x", "created_at": 5},
     {"id": "1", "text": "x", "created_at": "2026-11-21T12:00:00"},
     {"id": "one", "text": "x", "created_at": "2026-11-21T12:00:00Z"},
     {"id": "1" * 20, "text": "x", "created_at": "2026-11-21T12:00:00Z"},
     {"id": "١", "text": "x", "created_at": "2026-11-21T12:00:00Z"},
     {"id": "1", "text": "x", "created_at": "2026-11-21T12:00:00Z", "referenced_tweets": [{"type": "replied_to"}]},
     {"id": "1", "text": "x", "created_at": "2026-11-21T12:00:00Z",
      "referenced_tweets": [{"type": "replied_to", "id": "../1"}]}],
)  # fmt: skip
def test_what_is_no_post_is_said_to_be_unreadable(post: object) -> None:
    """Never a KeyError or a TypeError from deep inside, never a time without a zone."""
    with pytest.raises(Unreadable):
        parse_post(post)


# Over HTTP: what a look-up makes of such lists


class OddX(XStandIn):
    """Changes its list of own posts on the way out."""

    change: Callable[[dict[str, Any]], None] = staticmethod(lambda body: None)

    def _timeline(self, user: str, query: dict[str, str]) -> Any:
        reply = super()._timeline(user, query)
        self.change(reply.body)
        return reply


@pytest.fixture
def standin() -> Iterator[OddX]:
    running = OddX(refuse_duplicates=False)
    with running:
        yield running


def client(standin: XStandIn) -> X:
    return X(*CREDENTIALS, base_url=standin.url, clock=lambda: datetime.now(UTC), connect_timeout=2, read_timeout=5)


def request(text: str, parent: str = "") -> dict[str, Any]:
    body: dict[str, Any] = {"text": text}
    return {"body": body | ({"reply": {"in_reply_to_tweet_id": parent}} if parent else {})}


def find(standin: XStandIn, text: str, parent: str = "", claimed: Sequence[str] = ()) -> str:
    """The id that the look-up adopts; empty for none."""
    since = datetime.now(UTC) - timedelta(minutes=1)
    found = client(standin).look_up(request(text, parent), since, frozenset(claimed))
    return found.remote_id if found else ""


@pytest.mark.parametrize(
    "bad_id", ["not-a-number", "", None, 17, "1" * 20, "../users/me", "１２３", ["1"], {"id": "1"}]
)
def test_a_post_with_an_odd_id_hides_no_other_and_is_no_proof_of_absence(standin: OddX, bad_id: object) -> None:
    """Ours beside it is adopted; without ours the list settles nothing."""
    standin.add_post("something else")

    def change(body: dict[str, Any]) -> None:
        body["data"][-1]["id"] = bad_id

    standin.change = change
    with pytest.raises(Unreadable) as caught:
        find(standin, "ours")
    assert not caught.value.forbidden
    ours = standin.add_post("ours")
    assert find(standin, "ours") == ours.id


@pytest.mark.parametrize("token", [7, ["x"], {"a": 1}, [], 0, False, "not a token of X's"])
def test_a_next_page_that_can_not_be_asked_for_is_no_end_of_the_list(standin: OddX, token: object) -> None:
    standin.add_post("something else")
    standin.change = lambda body: body["meta"].update(next_token=token)
    with pytest.raises(Unreadable):
        find(standin, "ours")
    ours = standin.add_post("ours")
    assert find(standin, "ours") == ours.id


def test_a_list_without_its_meta_is_no_whole_list(standin: OddX) -> None:
    standin.add_post("something else")
    standin.change = lambda body: body.pop("meta")
    with pytest.raises(Unreadable):
        find(standin, "ours")


@pytest.mark.parametrize("history", [["x"], [None, {}], [7], ["9" * 25]])
def test_a_history_of_edits_with_odd_ids_leaves_a_doubt(standin: OddX, history: list[object]) -> None:
    """What the post said before it was edited is not known then."""
    post = standin.add_post("edited since")

    def change(body: dict[str, Any]) -> None:
        body["data"][0]["edit_history_tweet_ids"] = [*history, post.id]

    standin.change = change
    with pytest.raises(Unreadable):
        find(standin, "as it was")
    assert find(standin, "edited since") in standin.posts


def test_an_edited_post_whose_first_version_is_gone_leaves_a_doubt(standin: OddX) -> None:
    first = standin.add_post("as it was")
    standin.edit(first.id, "edited")
    assert find(standin, "as it was") == first.id
    del standin.posts[first.id]
    with pytest.raises(Unreadable, match=first.id):
        find(standin, "as it was")


def test_a_post_edited_twice_and_back_is_found_once(standin: OddX) -> None:
    """Under the first of its ids, and a claim on that one holds for all."""
    first = standin.add_post("as it was")
    again = standin.edit(standin.edit(first.id, "edited").id, "as it was")
    assert find(standin, "as it was") == first.id
    for version in again.versions:
        assert find(standin, "as it was", claimed=[version]) == ""


NEAR = ["Ours", "ours.", "ours!", "o urs", "ours ours", "ours \N{SNOWMAN}\ufe0f", "ours https://example.com", "@a ours"]


@pytest.mark.parametrize("near", NEAR)
def test_the_right_one_of_two_that_differ_by_one_character(standin: OddX, near: str) -> None:
    """Whichever came first; and with ours missing, the other is never adopted."""
    before = standin.add_post(near)
    ours = standin.add_post("ours")
    after = standin.add_post(near)
    assert find(standin, "ours") == ours.id
    assert find(standin, near) == after.id
    assert find(standin, near, claimed=[after.id]) == before.id
    del standin.posts[ours.id]
    try:
        assert find(standin, "ours") == ""
    except Unreadable as doubt:
        assert "may be this post" in doubt.message


def test_the_same_text_under_another_parent_is_another_post(standin: OddX) -> None:
    """By hand as a reply, as a single post, as a reply to one's own other post: none is taken for the part."""
    root, other = standin.add_post("root"), standin.add_post("other root")
    single = standin.add_post("part")
    standin.add_post("part", reply_to=other.id)
    assert find(standin, "part", parent=root.id) == ""
    assert find(standin, "part") == single.id
    ours = standin.add_post("part", reply_to=root.id)
    standin.add_post("part", reply_to=other.id)
    assert find(standin, "part", parent=root.id) == ours.id


def test_what_a_person_posted_by_hand_in_the_unknown_window_is_adopted(standin: OddX) -> None:
    """The text is out; sending it once more would make two. X itself refuses it as well."""
    by_hand = standin.add_post("same words")
    assert find(standin, "same words") == by_hand.id
    assert find(standin, "same words", claimed=[by_hand.id]) == ""


WILD = "「Tom & Jerry」  cafe\u0301 &amp;\n\n\nhttps://bücher.example/ö?a=1&b=2。https://例え.みんな <b>\u200b!\ufeff "


def test_every_part_of_a_wild_thread_is_found_again_whatever_x_does_to_it() -> None:
    """The answers are lost, the texts composed, collapsed and stripped, the links in punycode and percent signs."""
    with XStandIn(alters=(*TEXT_ALTERATIONS, *LINK_ALTERATIONS)) as standin:
        x, parent, since = client(standin), None, datetime.now(UTC)
        claimed: set[str] = set()
        for part in (WILD, f"{WILD} 2", f"@someone {WILD}"):
            sent = x.prepare(Outgoing(1, Part(part), since, reply=ReplyTo(parent, parent) if parent else None))
            standin.fault("store_then_reset")
            with pytest.raises(OutcomeUnknown):
                x.publish(sent)
            standin.faults.clear()
            found = x.look_up(sent, since, frozenset(claimed))
            assert isinstance(found, Receipt)
            claimed.add(found.remote_id)
            parent = found
        assert claimed == set(standin.posts)


def test_an_answer_with_an_odd_id_is_looked_up(standin: OddX) -> None:
    """201, stored, and an id that is no number: unknown, then found under its real one."""
    standin.fault("store_then_bad_id")
    x = client(standin)
    with pytest.raises(OutcomeUnknown):
        x.publish(request("odd answer"))
    assert find(standin, "odd answer") in standin.posts


def test_a_reply_to_an_odd_id_is_never_sent(standin: OddX) -> None:
    odd = Receipt("1; drop", "")
    with pytest.raises(Refused):
        client(standin).prepare(Outgoing(1, Part("x"), datetime.now(UTC), reply=ReplyTo(odd, odd)))
    assert standin.requests == []
