"""What a page says of itself, in any encoding and however it says it."""

from __future__ import annotations

import pytest

from twitter_manager.domain import Json
from twitter_manager.sources.card_pages import LONGEST_DESCRIPTION, LONGEST_TITLE, head_of

URL = "https://club.example/rides/sunday"


def head(markup: str | bytes, charset: str = "") -> Json:
    return head_of(markup.encode() if isinstance(markup, str) else markup, charset, URL)


def page(*lines: str, title: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title>{''.join(lines)}</head><body><p>Text.</p></body></html>"


def meta(name: str, content: str, key: str = "property") -> str:
    return f'<meta {key}="{name}" content="{content}">'


@pytest.mark.parametrize(
    ("markup", "title", "description"),
    [
        (page(meta("og:title", "A ride"), meta("og:description", "On Sunday."), title="x"), "A ride", "On Sunday."),
        (page(meta("twitter:title", "A", "name"), meta("description", "On Sunday.", "name")), "A", "On Sunday."),
        (page(title="A ride &amp; a picnic"), "A ride & a picnic", ""),
        (page(meta("og:title", "The 1st"), meta("og:title", "The 2nd")), "The 1st", ""),
        (page(meta("OG:Title", "  A\n ride ")), "A ride", ""),
        (page(meta("og:title", ""), title="A ride"), "A ride", ""),
        (page(meta("og:title", "It&amp;#8217;s on")), "It’s on", ""),
        (page(meta("og:description", "&lt;p&gt;On &lt;b&gt;Sun&lt;/b&gt;.&lt;/p&gt;"), title="A"), "A", "On Sun."),
        (page("<svg><title>Logo</title></svg>"), "", ""),
        (page(meta("og:title", "A\u202eride\u200b")), "Aride", ""),
        (page(meta("og:title", "A \ufffd ride"), title="A ride"), "A ride", ""),
        (page(title="A ride |"), "A ride", ""),
        (page(title="A ride \u2013 "), "A ride", ""),
        (page(title="A ride - the long way"), "A ride - the long way", ""),
        (page(meta("refresh", "0; url=/there", "http-equiv"), title="Redirecting…"), "", ""),
        (page(meta("refresh", "600", "http-equiv"), title="A ride"), "A ride", ""),
        ("", "", ""),
        ("Just words.", "", ""),
        ('<meta property=og:title content="A > B">', "A > B", ""),
    ],
)  # fmt: skip
def test_title_and_description(markup: str, title: str, description: str) -> None:
    """The `og:` data, else Twitter's, else the page's own; the first of several; entities read, markup and what nobody
    sees left out."""
    assert (head(markup)["title"], head(markup)["description"]) == (title, description)


@pytest.mark.parametrize(
    ("charset", "declared"),
    [("iso-8859-1", ""), ("utf-16", ""), ("shift_jis", "shift_jis"), ("windows-1251", "windows-1251"), ("utf-8", "")],
)
def test_other_encodings(charset: str, declared: str) -> None:
    """Declared by the page, by the server, or by a byte order mark."""
    words = {"shift_jis": "日本語の庭", "windows-1251": "Велосипед"}.get(charset, "Grüße aus Köln")
    markup = page(f'<meta charset="{charset}">' if not declared else "", title=words)
    assert head(markup.encode(charset), declared)["title"] == words


def test_long_words_are_cut_at_a_word() -> None:
    """Title and description have sane lengths."""
    said = head(page(meta("og:title", "word " * 200), meta("og:description", "word " * 400)))
    assert said["title"] == ("word " * (LONGEST_TITLE // 5)).strip()[: LONGEST_TITLE - 2].rsplit(" ", 1)[0] + "…"
    assert len(said["description"]) <= LONGEST_DESCRIPTION and said["description"].endswith("word…")


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("/a.jpg", "https://club.example/a.jpg"),
        ("https://cdn.example/a.jpg?w=1&amp;h=2", "https://cdn.example/a.jpg?w=1&h=2"),
        ("data:image/png;base64,AAAA", ""),
        ("file:///etc/passwd", ""),
        ("http://[", ""),
        (f"/{2000 * 'a'}.jpg", ""),
    ],
)
def test_the_picture_is_a_web_address(said: str, address: str) -> None:
    """Read from where the page was found; whether it may be fetched is for the fetcher."""
    assert head(page(meta("og:image", said)))["picture"] == address


def test_of_several_pictures_the_first_with_a_web_address_is_taken() -> None:
    """A site's first page, where a template had nothing to name, is none."""
    empty, good = meta("og:image", "https://club.example/"), meta("twitter:image", "/b.jpg", "name")
    assert head(page(empty, good))["picture"] == "https://club.example/b.jpg"
    assert head(page(empty))["picture"] == ""
