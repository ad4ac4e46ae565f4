"""Facets: what is found, where in UTF-8, and what is not. The breadth is in test_official.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.texts import PIECES
from twitter_manager.checks import facets


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("日本 https://a.com.", [("https://a.com", "link", "https://a.com")]),
        ("“example.com”", []),
        ("see (example.com/x)", [("example.com/x", "link", "https://example.com/x")]),
        ("https://en.wikipedia.org/wiki/A_(b)", [("https://en.wikipedia.org/wiki/A_(b)", "link", None)]),
        ("Example.COM is no link, httpnope.org/x is", [("httpnope.org/x", "link", "httpnope.org/x")]),
        ("👋 @alice.bsky.social!", [("@alice.bsky.social", "mention", "alice.bsky.social")]),
        ("@alice is no handle, @bob.test is", [("@bob.test", "mention", "bob.test")]),
        ("＃全角, #two!! #123 #3d", [("＃全角", "tag", "全角"), ("#two", "tag", "two"), ("#3d", "tag", "3d")]),
        ("$aapl", [("$aapl", "tag", "$AAPL")]),
        ("#" + "x" * 65, []),
    ],
)
def test_found(text: str, found: list[tuple[str, str, str | None]]) -> None:
    """The span, read back out of the UTF-8 bytes, is what a reader would see marked."""
    raw = text.encode()
    seen = [(raw[one.byte_start : one.byte_end].decode(), one.kind, one.value) for one in facets(text)]
    assert seen == [(span, kind, value or span) for span, kind, value in found]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8)).map(" ".join))
def test_spans_are_sound(text: str) -> None:
    """Every span lies in the text, begins and ends at characters, and holds the handle, tag or address."""
    raw = text.encode("utf-8", "surrogatepass")
    for facet in facets(text):
        span = raw[facet.byte_start : facet.byte_end].decode("utf-8", "surrogatepass")
        assert 0 <= facet.byte_start < facet.byte_end <= len(raw)
        assert facet.value.upper().endswith(span.lstrip("@#＃").upper())
