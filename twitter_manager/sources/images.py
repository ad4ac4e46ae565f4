"""Which picture a text shows first, and what its author says that it shows.

Icons, counters, badges and what stands in a site's furniture are none. An alt text that says nothing (a file's name,
"image", the title once more) counts as none: then the picture is known, and is not used.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from twitter_manager.sources import markup, plain, words
from twitter_manager.sources.limits import LEAST_SIDE

LONGEST_ALT = 1000
"""Characters; X takes no more."""
LEAST_SAID = 8
"""Letters of an alt text; half of it in a script without spaces."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
MOST_WIDE = 2400
"""Pixels of a picture that is taken where there are several sizes."""
MOST_BESIDE_TITLE = 30
"""Letters that a template puts beside a title, to have an alt text."""
MOST = 50
"""Pictures of one text that are looked at."""
_LONGEST_NAME = 300
"""Characters of a file's name; no system has longer ones."""
_AWAY = "nav footer aside blockquote button form noscript template"
"""Where a site's own pictures stand, and those of others."""
_ICON = re.compile(
    r"gravatar\.com|/avatars?[/-]|emoji|smil(?:ey|ies)|badge|shields\.io|\bpixel\b|feedburner|feedsportal|doubleclick"
    r"|[<>{}\"]|[?&/._-](?:logo|icon|favicon|spacer|blank|placeholder|default-user-image)s?\b|stats\.wordpress|\.svg(?:[?#]|\Z)"
    r"|\A(?:data|blob|cid|javascript|about):",
    re.IGNORECASE,
)
_NAME_OF_A_FILE = re.compile(
    r".*\.(?:jpe?g|png|gif|webp|svg|avif|heic|bmp|tiff?)|[A-Z0-9.()%+_-]*[\d_-][A-Z0-9.()%+_-]*|[\W\d_]*", re.I
)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as a text shows it."""

    place: str
    """Its address, or its path as the text has it."""
    alt: str = ""
    """As its author wrote it."""


def lead(named: Sequence[Image], shown: Sequence[Image], title: str) -> Image | None:
    """The picture that a text leads with: what it names apart, else the first that it shows. Its alt text is its own or
    that of the same file in the text; "" where that says nothing beside the `title`."""
    named = [image for image in named if is_picture(image.place)]
    for image in named[:1]:
        alts = (image.alt, *(other.alt for other in (*named, *shown) if _file(other.place) == _file(image.place)))
        if alt := next(filter(None, (said(alt, title, image.place) for alt in alts)), ""):
            return replace(image, alt=alt)
    for image in shown[:1]:
        if (alt := said(image.alt, title, image.place)) or not named:
            return replace(image, alt=alt)
    return replace(named[0], alt="") if named else None


def said(alt: str, title: str, place: str = "") -> str:
    """An alt text on one line, "" where it does not say what the picture shows."""
    alt = plain.line(plain.entities(alt), LONGEST_ALT)
    if _says_little(alt) or not plain.usable(alt) or _NAME_OF_A_FILE.fullmatch(alt) or re.search(r"://|[<>{}]", alt):
        return ""
    if words.fits("images.nameless", alt) or _letters(alt) == _letters(_file(place)) or _repeats(alt, title):
        return ""
    return alt


def _says_little(alt: str) -> bool:
    """Whether an alt text is a single word, or as short as one."""
    is_spaced = alt.isascii() or not _UNSPACED.search(alt)
    return len(_letters(alt)) < (LEAST_SAID if is_spaced else LEAST_SAID // 2) or (is_spaced and " " not in alt)


def _repeats(alt: str, title: str) -> bool:
    """Whether an alt text says what the title says, or little more ("Featured image of post …")."""
    said, known = (set(re.findall(r"\w+", text.casefold())) for text in (alt, title))
    whole = _letters(title)
    more = len(_letters(alt)) - len(whole)
    return said <= known or (len(whole) > 7 and whole in _letters(alt) and more <= MOST_BESIDE_TITLE)


def of_html(html: str, base: str = "") -> list[Image]:
    """The pictures that this HTML shows, in its order, escaped as it may be."""
    html = html if re.search(r"<img\b", html, re.I) else plain.entities(html)
    if not re.search(r"<img\b", html, re.I):
        return []
    tree = markup.html_tree(f"<div>{plain.unframed(html)}</div>")
    return [] if tree is None else of_tree(tree, base)


def of_tree(tree: Any, base: str = "") -> list[Image]:
    """The same of a tree that was read."""
    return list(islice(_shown(tree, base), MOST))


def of_page(tree: Any, base: str = "") -> list[Image]:
    """The pictures in the main part of a page."""
    for path in ("//article", "//main", "//*[@role='main']", "//*[@itemprop='articleBody']"):
        if parts := tree.xpath(path):  # of several the first: the others are other texts
            return of_tree(parts[0], base)
    for element in tree.xpath("//header"):
        element.drop_tree()
    return of_tree(tree, base)


def is_picture(place: str) -> bool:
    """Whether a picture that stands there may be more than an icon, a counter or a badge."""
    return bool(re.search(r"[^/]\Z", re.split(r"[?#]", place, maxsplit=1)[0])) and not _ICON.search(place)


def web_address(place: str, base: str) -> str:
    """Where a page's or an entry's picture stands on the web; "" where that is no web address."""
    try:
        address = urljoin(base, place.strip())
    except ValueError:
        return ""
    return address if re.match(r"https?://[^/?#]", address) and len(address) <= 2000 else ""


def within_folder(place: str, document: str) -> str:
    """Where the picture of a document in a folder stands: its web address, or its path within the folder, with a / in
    front where it counts from the site's top; "" for what leads out of the folder."""
    if re.match(r"https?://|//", place):
        return web_address(place, "https://x/")
    path = unquote(re.split(r"[?#]", place, maxsplit=1)[0]).strip()
    if not path or "\0" in path or "{" in path or re.match(r"[A-Za-z][\w+.-]*:", path) or "\\" in path:
        return ""
    if path.startswith("/"):
        top = posixpath.normpath(path)
        return "" if top.startswith("//") else top
    path = posixpath.normpath(posixpath.join(posixpath.dirname(document), path))
    return "" if path == ".." or path.startswith("../") or path == "." else path


def _shown(tree: Any, base: str) -> Iterator[Image]:
    for element in tree.iter("img"):
        place = _place(element)
        if not is_picture(place) or _is_small(element) or _is_apart(element):
            continue
        yield Image(web_address(place, base) if base else place, element.get("alt") or "")


def _place(element: Any) -> str:
    """What it shows, or will when a reader comes near."""
    places = (_largest(element.get(name) or "") for name in ("data-srcset", "srcset"))
    named = ((element.get(name) or "").strip() for name in ("data-src", "data-lazy-src", "data-original", "src"))
    place = next((place for place in (*places, *named) if place and not place.startswith("data:")), "")
    above = element.getparent()
    whole = (above.get("href") or "").strip() if above is not None and above.tag == "a" else ""
    return whole if re.search(r"\.(?:jpe?g|png|webp|gif)\Z", whole, re.I) and _file(whole) == _file(place) else place


def _largest(srcset: str) -> str:
    """The largest of several sizes that is no larger than a platform shows."""
    sizes = re.findall(r"([^\s,]\S*+)\s++(\d{1,5})w(?:,|\s|\Z)", srcset[:5000])
    return max((size for size in sizes if int(size[1]) <= MOST_WIDE), key=lambda size: int(size[1]), default=("", ""))[
        0
    ]


def _is_small(element: Any) -> bool:
    sides = (re.match(r"\s*(\d{1,5})\s*(?:px)?\s*\Z", element.get(name) or "") for name in ("width", "height"))
    marks = f"{element.get('class') or ''} {element.get('id') or ''}"
    is_icon = re.search(r"\b(?:wp-smiley|emoji|avatar|icon|logo|badge)\b", marks, re.I)
    return bool(is_icon) or any(side and int(side[1]) < LEAST_SIDE for side in sides)


def _is_apart(element: Any) -> bool:
    away = frozenset(_AWAY.split())
    return any(above.tag in away for above in element.iterancestors())


def _file(place: str) -> str:
    """A picture's file without the size that some sites put behind its name."""
    try:
        name = unquote(urlsplit(place).path).rpartition("/")[2].casefold()[-_LONGEST_NAME:]
    except ValueError:
        return place
    return re.sub(r"(?:[-_](?:\d{2,5}x\d{2,5}|scaled|\d{3,4}w?))*\.\w{2,5}\Z", "", name)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))
