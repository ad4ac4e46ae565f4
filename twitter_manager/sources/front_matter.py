"""What a document says of itself before its text begins: YAML, TOML or JSON in front of it, Pelican's and
MultiMarkdown's `Key: value` lines, reStructuredText's fields and Nikola's comments.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twitter_manager.language import primary
from twitter_manager.sources import markup, plain
from twitter_manager.sources.dates import Dates, as_utc
from twitter_manager.sources.images import Image
from twitter_manager.sources.limits import Overgrown

_LONGEST = 10_000
_MARKED = re.compile(
    r"\s*(?:---[ \t]*\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)|\+\+\+[ \t]*\n(.*?)(?:^|\n)\+\+\+[ \t]*(?:\n|\Z))",
    re.DOTALL | re.MULTILINE,
)
_KNOWN = (
    "title|date|published|pubdate|modified|updated|author|authors|tags|keywords|category|categories|summary|description"
    "|excerpt|slug|lang|language|status|draft|template|url|save_as|link|type|subtitle|layout|permalink"
)
_PICTURES = ("image", "cover", "featured_image", "featuredimage", "hero", "thumbnail", "header")
_SUMMARIES = ("summary", "description", "excerpt", "abstract")
_LINES = re.compile(rf"(?:(?:{_KNOWN})[ \t]*:[^\n]{{0,1000}}\n)+(?=\s*\n|\Z)", re.IGNORECASE)
_LINE = re.compile(r"[ \t]*(?:\.\. |:)?([\w-]+):[ \t]*(.*)")
_FIELDS = re.compile(rf"(?:^(?::|\.\. )(?:{_KNOWN}):[^\n]{{0,1000}}\n)+", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a document says of itself."""

    title: str = ""
    summary: str = ""
    published_at: datetime | None = None
    tags: tuple[str, ...] = ()
    language: str = ""
    draft: bool = False
    """Whether it is not meant for readers (yet)."""
    address: str = ""
    slug: str = ""
    """Its name in addresses."""
    picture: Image | None = None
    """What it is shown with."""


def part(text: str, *, fields: bool = False) -> tuple[Facts, str]:
    """What the text says of itself, and the rest of it. `fields`: reStructuredText, whose fields may follow a title.

    Raises Overgrown for YAML that refers to itself."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    head = text[:_LONGEST]
    if match := _MARKED.match(head):
        facts = _parsed("---" if match[1] is not None else "+++", match[1] if match[1] is not None else match[2] or "")
        return (_facts(facts), text[match.end() :]) if facts is not None else (Facts(), text)
    if head.startswith("{\n"):
        return _json(text)
    if match := (_FIELDS.search(head) if fields else _LINES.match(head)):
        pairs = (line.groups() for row in match[0].splitlines() if (line := _LINE.match(row)))
        facts = {name.lower(): value.strip() for name, value in pairs}
        if len(facts) > 1 or fields:
            return _facts(facts), text[: match.start()] + text[match.end() :]
    return Facts(), text


def _parsed(mark: str, block: str) -> dict[str, Any] | None:
    """The block as a table, {} where it is an empty one; None where it is not what it looked like."""
    import tomllib

    import yaml

    class Plain(yaml.SafeLoader):  # type: ignore[misc]
        """YAML without references: they unfold to any size, and no front matter needs them."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise _refers()
            return super().compose_node(parent, index)

        def flatten_mapping(self, node: Any) -> None:
            if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
                raise _refers()
            super().flatten_mapping(node)

    try:
        facts = tomllib.loads(block) if mark == "+++" else yaml.load(block, Plain)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, ValueError, RecursionError, AttributeError):
        return {}
    return facts if isinstance(facts, dict) else {} if facts is None else None


def _refers() -> Overgrown:
    return Overgrown("has references (*name or <<) in its front matter; it is left out. Write the values out.")


def _json(text: str) -> tuple[Facts, str]:
    import json

    try:
        facts, end = json.JSONDecoder().raw_decode(text[:_LONGEST])
    except (ValueError, RecursionError):
        return Facts(), text
    return (_facts(facts), text[end:]) if isinstance(facts, dict) else (Facts(), text)


def _facts(table: Mapping[Any, Any]) -> Facts:
    given = {str(name).lower().replace("-", "_"): value for name, value in table.items()}
    for nested in ("extra", "taxonomies", "params"):
        if isinstance(inner := given.get(nested), dict):
            given = {str(name).lower(): value for name, value in inner.items()} | given
    published = given.get("published")
    is_unpublished = str(published).strip().lower() in ("false", "no")
    status = _words(given.get("status") or given.get("visibility")).lower()
    language = _language(_words(given.get("lang") or given.get("language") or given.get("locale")))
    reader = Dates(language, time.monotonic)
    named = ("date", "pubdate", "pub_date", "published_at", "publishdate", "created")
    dates = [*(given.get(name) for name in named), None if isinstance(published, bool) else published]
    read = (reader.read(value) if isinstance(value, str) else as_utc(value) for value in dates)
    return Facts(
        title=_words(given.get("title")),
        summary=next(filter(None, map(_summary, map(given.get, _SUMMARIES))), ""),
        published_at=next(filter(None, read), None),
        tags=_tags(given),
        language=language,
        draft=_yes(given.get("draft")) or is_unpublished or status in ("draft", "hidden", "private", "skip"),
        address=_words(given.get("url") or given.get("permalink") or given.get("canonical_url")),
        slug=_words(given.get("slug")),
        picture=next(filter(None, (_picture(given, name) for name in _PICTURES)), None),
    )


def _picture(given: Mapping[str, Any], name: str) -> Image | None:
    """A picture as site generators have it: its path alone, or a table of its path and alt text."""
    value = given.get(name)
    inner: Mapping[Any, Any] = value if isinstance(value, dict) else {}
    alts = (
        *(inner.get(key) for key in ("alt", "image_alt", "alt_text")),
        given.get(f"{name}_alt"),
        given.get(f"{name}alt"),
    )
    place = (
        value or "" if not inner else next(filter(None, map(inner.get, ("path", "image", "src", "url", "file"))), "")
    )
    alt = next((alt for alt in alts if isinstance(alt, str) and alt), "")
    return Image(place.strip(), alt) if isinstance(place, str) and place.strip() else None


def _tags(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Categories first: they are fewer, and broader."""
    tags: list[str] = []
    for name in ("category", "categories", "tags", "keywords"):
        value = given.get(name)
        parts = value if isinstance(value, list) else re.split(r"[,;]", value) if isinstance(value, str) else []
        tags += [words for tag in parts[:20] if (words := _words(tag))]
    return tuple(dict.fromkeys(tags))


def _summary(value: object) -> str:
    return plain.line(markup.from_html(value), 600) if isinstance(value, str) else ""


def _words(value: object) -> str:
    return plain.line(plain.entities(value)) if isinstance(value, str) else ""


def _language(value: str) -> str:
    return primary(value) if re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", value) else ""


def _yes(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() in ("true", "yes", "1"))
