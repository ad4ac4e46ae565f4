"""Material: each kind of source and the module that looks at it. `material` says what a look takes and returns.

kinds       notes, feeds (with feed_xml, entries), pages, documents (with front_matter, projects, addresses),
            repositories (with git, hosts)
fetching    fetch; charsets for the bytes
reading     markdown, restructured -> markup -> blocks; plain for text alone, roles for its marks
choosing    sections of documents, changelog for releases; headings, routine and words say what is no material
the rest    dates; drift tells a feed that was taken over; bounded and worker keep all this in a process of its own
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from urllib.parse import urlsplit

from twitter_manager.sources.material import Collected, Look, Source, is_local, stem

__all__ = ["LOOKS", "NOTES", "Collected", "Look", "Source", "look_at", "stem"]

NOTES = ("starter", "notes")
"""The kinds that a person wrote as facts to be posted: at hand without a look outside, and never indexed."""


def look_at(look: Look) -> Collected:
    """Look at a source. Raises SourceError; what hostile material does to a library may raise anything."""
    collected = LOOKS[look.source.kind](look)
    own = {urlsplit(url).netloc for url in look.source.urls if is_local(url)}
    local = {item.url for item in collected.items if is_local(item.url) and urlsplit(item.url).netloc not in own}
    if not local:
        return collected
    if private := next((item.url for item in collected.items if item.postable and item.url in local), ""):
        look.warn(f"{private} leads into a private network, so no reader can open it; such links are left out.")
    items = (replace(item, url="") if item.url in local else item for item in collected.items)
    return replace(collected, items=tuple(items))


def _by(module: str) -> Callable[[Look], Collected]:
    """What looks at a kind of source: a module of this package, imported when it is needed."""

    def collect(look: Look) -> Collected:
        collected: Collected = import_module(f"{__name__}.{module}").collect(look)
        return collected

    return collect


LOOKS: Mapping[str, Callable[[Look], Collected]] = {
    "starter": _by("notes"),
    "notes": _by("notes"),
    "rss": _by("feeds"),
    "web": _by("pages"),
    "files": _by("documents"),
    "git": _by("repositories"),
}
"""A new kind is one module, one line here, and its keys in the bot file."""
