"""Facets: what is found, where in UTF-8, and what is not. The breadth is in test_official.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.texts import PIECES
from twitter_manager.platforms.facets import facets, linked


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


FILES = ("update.zip", "README.md", "file.py", "main.rs", "run.sh", "node.js", "httpd.conf", "clip.mov", "libfoo.so")


@pytest.mark.parametrize("unattended", [True, False])
@pytest.mark.parametrize("name", FILES)
def test_a_files_name_is_no_link(name: str, unattended: bool) -> None:
    """Neither alone, nor in brackets, nor at a sentence's end: the address that it would lead to nobody wrote."""
    assert linked(f"It unpacks {name} ({name}), and then reads {name}.", unattended=unattended) == ()


@pytest.mark.parametrize(
    ("text", "by_nobody", "by_a_person"),
    [
        ("Read example.org now", [], ["https://example.org"]),
        ("docs.rs/tokio and docs.rs", [], ["https://docs.rs/tokio"]),
        ("https://update.zip is real", ["https://update.zip"], ["https://update.zip"]),
        ("See http://a.com/readme.md.", ["http://a.com/readme.md"], ["http://a.com/readme.md"]),
        ("example.org/readme.md", [], ["https://example.org/readme.md"]),
    ],
)
def test_only_a_person_links_a_bare_name(text: str, by_nobody: list[str], by_a_person: list[str]) -> None:
    """An address with its scheme always is a link; a name without one is one where a person wrote it."""
    assert [one.value for one in linked(text, unattended=True)] == by_nobody
    assert [one.value for one in linked(text, unattended=False)] == by_a_person


@given(st.lists(st.sampled_from([*PIECES, *FILES]) | st.text(max_size=8)).map(" ".join), st.booleans())
def test_what_is_linked_is_a_part_of_what_the_client_links(text: str, unattended: bool) -> None:
    """In order and unchanged, mentions and tags all of them; every link's address has its scheme."""
    kept = linked(text, unattended=unattended)
    assert list(kept) == [one for one in facets(text) if one in kept]
    assert [one for one in kept if one.kind != "link"] == [one for one in facets(text) if one.kind != "link"]
    assert all(one.value.startswith(("http://", "https://")) for one in kept if one.kind == "link")


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8)).map(" ".join))
def test_spans_are_sound(text: str) -> None:
    """Every span lies in the text, begins and ends at characters, and holds the handle, tag or address."""
    raw = text.encode("utf-8", "surrogatepass")
    for facet in facets(text):
        span = raw[facet.byte_start : facet.byte_end].decode("utf-8", "surrogatepass")
        assert 0 <= facet.byte_start < facet.byte_end <= len(raw)
        assert facet.value.upper().endswith(span.lstrip("@#＃").upper())
