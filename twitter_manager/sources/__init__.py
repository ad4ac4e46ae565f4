"""Material: each kind of source and the function that looks at it. `material` says what a look is told and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from twitter_manager.errors import SettingsProblems, SourceError
from twitter_manager.sources.material import Collected, Look, Source, is_local, stem

__all__ = ["LOOKS", "NOTES", "Collected", "Look", "Source", "look_at", "stem"]

NOTES = ("starter", "notes")
"""The kinds that a person wrote as facts to be posted: at hand without a look outside, and never indexed."""


def look_at(look: Look) -> Collected:
    """Look at a source. Raises SourceError; what hostile material does to a library may raise anything."""
    collected = LOOKS[look.source.kind](look)
    local = [item for item in collected.items if is_local(item.url)]
    if not local or any(map(is_local, look.source.urls)):
        return collected
    if any(item.postable for item in local):
        look.warn(f"{local[0].url} leads into a private network, so no reader can open it; such links are left out.")
    items = (replace(item, url="") if is_local(item.url) else item for item in collected.items)
    return replace(collected, items=tuple(items))


def _notes(look: Look) -> Collected:
    from twitter_manager.sources.notes import read_notes, starter_items

    source = look.source
    try:
        items = starter_items() if source.path is None else read_notes(source.path, source.name)
    except SettingsProblems as problems:
        others = f" ({len(problems.problems) - 1} more problems)" if len(problems.problems) > 1 else ""
        raise SourceError(f"{problems.problems[0]}{others}") from None
    return Collected(tuple(replace(item, source=source.name) for item in items), complete=True)


def _rss(look: Look) -> Collected:
    from twitter_manager.sources.feeds import collect

    return collect(look)


def _web(look: Look) -> Collected:
    from twitter_manager.sources.pages import collect

    return collect(look)


def _files(look: Look) -> Collected:
    from twitter_manager.sources.documents import collect

    return collect(look)


def _git(look: Look) -> Collected:
    from twitter_manager.sources.repositories import collect

    return collect(look)


LOOKS: Mapping[str, Callable[[Look], Collected]] = {
    "starter": _notes,
    "notes": _notes,
    "rss": _rss,
    "web": _web,
    "files": _files,
    "git": _git,
}
"""A new kind is one module, one line here, and its keys in the bot file."""
