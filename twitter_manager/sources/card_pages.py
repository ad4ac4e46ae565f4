"""What a page says for a card that leads to it: title, description and picture, of its `og:` or Twitter data, else of
its `<title>` and meta description. https://ogp.me, https://developer.x.com/en/docs/x-for-websites/cards

It is read by the process of `bounded`; what comes out is plain text, and not yet checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from twitter_manager.domain import Json
from twitter_manager.sources import images, markup, plain
from twitter_manager.sources.charsets import to_utf8
from twitter_manager.sources.limits import within

if TYPE_CHECKING:
    from twitter_manager.sources.worker import JobContext

LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_ALT = 150, 300, 300
_TITLES = ("og:title", "twitter:title", "title")
_DESCRIPTIONS = ("og:description", "twitter:description", "description")
_PICTURES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_ALTS = ("og:image:alt", "twitter:image:alt")
_SEPARATOR = r"[|·•»:\u2013\u2014-]"
"""What divides a page's title from its site's name, which may be missing."""


def read(context: JobContext, content: bytes, charset: str, url: str) -> Json:
    """The job of reading a page that was found at `url`: what it says of itself, each "" where it says nothing."""
    with within():
        return head_of(content, charset, url)


def head_of(content: bytes, charset: str, url: str) -> Json:
    """The same without limits."""
    named = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", content[:4096], re.IGNORECASE)
    tree = markup.html_tree(to_utf8(content, (charset, named[1].decode() if named else "")))
    said = dict(reversed(list(_said(tree)))) if tree is not None else {}  # of several the first
    if re.match(r"\d+\s*[;,]\s*\S", said.get("refresh", "")):
        said = {}  # it leads elsewhere at once, and speaks of that alone
    return {
        "title": re.sub(rf"\s+{_SEPARATOR}+\Z", "", _first(said, _TITLES, LONGEST_TITLE)),
        "description": _first(said, _DESCRIPTIONS, LONGEST_DESCRIPTION),
        "picture": next(filter(None, (_address(said.get(name, ""), url) for name in _PICTURES)), ""),
        "alt": _first(said, _ALTS, LONGEST_ALT),
    }


def line(text: str, longest: int) -> str:
    """Somebody's words on one line, cut at a word; "" for what is not whole."""
    words = plain.line(plain.entities(text), longest)
    return words if plain.usable(words) else ""


def _said(tree: Any) -> Iterator[tuple[str, str]]:
    """All that the page says of itself, in its order, by lower-case name."""
    for element in tree.iter("meta", "title"):
        if element.tag == "title" and element.getparent().tag != "svg":
            yield "title", element.text_content()
        for name in {element.get("property"), element.get("name"), element.get("http-equiv")} - {None}:
            if (content := element.get("content", "").strip()) and element.tag == "meta":
                yield name.strip().lower(), content


def _first(said: dict[str, str], names: tuple[str, ...], longest: int) -> str:
    texts = (line(_without_tags(said.get(name, "")), longest) for name in names)
    return next(filter(None, texts), "")


def _without_tags(text: str) -> str:
    """Without the markup that some sites put into what they say of themselves."""
    text = plain.entities(text[:10_000])

    def instead(tag: re.Match[str]) -> str:
        return " " if tag[1].lower() in markup.BLOCKS | {"br"} else ""

    return re.sub(r"</?([A-Za-z]\w*)[^<>]{0,300}>", instead, text) if markup.is_html(text) else text


def _address(said: str, url: str) -> str:
    address = images.web_address(said, url) if said else ""
    return address if re.match(r"https?://[^/?#]+/.", address) else ""  # a site's first page is no picture
