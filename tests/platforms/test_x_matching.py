"""Recognising one's own post in the way X shows it: never miss it, never take another for it."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.standins.x import shorten
from twitter_manager.errors import Unreadable
from twitter_manager.platforms.x_posts import ShownPost, parse_post

LINKS = st.sampled_from(
    ["https://example.com", "https://example.com/a?b=1&c=2#d", "http://example.com/", "example.org/path",
     "https://EXAMPLE.com/Path", "https://example.com/a?b=1&lt=2", "https://de.example.org/wiki/Köln"]
)  # fmt: skip
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("&<>;#@ \n"), max_size=12
) | st.sampled_from(["&amp;", "&lt;", "&amp;gt;"])
TEXTS = st.lists(WORDS | LINKS, min_size=1, max_size=6).map(" ".join).filter(lambda text: text.strip())


def shown(text: str, /, *, parent: str = "", **more: Any) -> ShownPost:
    """The post as the API would give it."""
    raw, entities = shorten(text.strip(), "1")
    post: dict[str, Any] = {"id": "1", "text": raw, "entities": entities, "created_at": "2026-11-21T12:00:00.000Z"}
    if parent:
        post["referenced_tweets"] = [{"type": "replied_to", "id": parent}]
    return parse_post(post | more)


def same(first: str, second: str) -> bool:
    """Equal for a reader: canonical equivalence, and space is space."""
    first, second = (" ".join(unicodedata.normalize("NFC", text).split()) for text in (first, second))
    return first == second


@given(TEXTS)
@example("AT&T &amp; <b> https://example.com/a?b=1&amp;c=2")
@example("https://t.co/abcdefghij")
@example("\N{NO-BREAK SPACE}a\r\n\r\nb ")
def test_every_text_is_recognised_as_x_shows_it(text: str) -> None:
    """Escaped, shortened, trimmed: still ours."""
    assert shown(text).shows(text)


@given(TEXTS, st.data())
def test_no_text_that_differs_by_one_character_is_taken_for_it(text: str, data: st.DataObject) -> None:
    """One character taken out, put in or exchanged is another post. (Space, a link's scheme left out, its host's case
    and a bare host's slash are the exceptions, so links are left alone here.)"""
    assume("example." not in text.lower())
    at = data.draw(st.integers(0, len(text)))
    new = data.draw(st.characters(exclude_categories=["Cs", "Cc"]) | st.just(""))
    other = text[:at] + new + text[at + data.draw(st.integers(0, 1)) :]
    assume(other.strip() and not same(text, other))
    assume(not re.search(r"https?://|[a-z]\.(com|org|net|io|dev)", text + other))
    assert not shown(text).shows(other)
    assert not shown(other).shows(text)


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
    ],
)
def test_a_link_is_recognised_in_the_form_that_x_gives_it(sent: str, expanded: str) -> None:
    """X adds a scheme or a slash, lowers a host's case, writes percent signs; the link is the same."""
    urls = [{"url": "https://t.co/abcdefghij", "expanded_url": expanded}]
    post = shown("", text="See https://t.co/abcdefghij.", entities={"urls": urls})
    assert post.shows(f"See {sent}.")
    assert not post.shows(f"See {sent}x.")


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
     {"id": "1", "text": "x", "created_at": "2026-11-21T12:00:00"}],
)  # fmt: skip
def test_what_is_no_post_is_said_to_be_unreadable(post: object) -> None:
    """Never a KeyError or a TypeError from deep inside, never a time without a zone."""
    with pytest.raises(Unreadable):
        parse_post(post)
