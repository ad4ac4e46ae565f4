"""Where on the web a document of a folder stands: a source's `base_url`, with the document's path put in.

https://example.org/docs/                            ->  https://example.org/docs/guide/intro/
https://example.org/docs/{path}.html                 ->  https://example.org/docs/guide/intro.html
https://github.com/me/tool/blob/main/docs/{file}     ->  https://github.com/me/tool/blob/main/docs/guide/intro.md
https://example.org/{year}/{month}/{day}/{slug}/     ->  https://example.org/2026/11/03/a-first-post/
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import quote, urljoin, urlsplit

from twitter_manager.language import is_known
from twitter_manager.sources.material import web_address

PLACEHOLDERS = ("path", "file", "name", "slug", "year", "month", "day")
"""`path`: the file's path without its ending (an index or README is its folder, save before `.html`); `file`: with it;
`name`: the last part of `path`; `slug`: the name without its date, or what the document calls itself; the
date is that of the name, or the document's."""
_INDEX = ("index", "readme", "_index")
_DATED = re.compile(r"((?:19|20)\d{2})-(\d{2})-(\d{2})[-_]?(.*)")


def address(base: str, file: str, *, slug: str = "", published_at: datetime | None = None, own: str = "") -> str:
    """The address of a file by its path in the folder, or nothing where it has none (a date that it doesn't name).

    `own`: the address or path that the document gives itself, which comes first."""
    if own:
        root = "{0.scheme}://{0.netloc}/".format(urlsplit(base)) if base else ""
        placed = own if "://" in own or not root or ":" in own else urljoin(root, own)
        if address_of_file := web_address(quote(placed, safe="%/:=&?~#+!$,;'@()*[]")):
            return address_of_file
    if not base:
        return ""
    pattern = base if "{" in base else base.rstrip("/") + "/{path}/"
    values = _values(file, slug, published_at, folded="{path}." not in pattern)
    placeholders = re.findall(r"\{(\w+)\}", pattern)
    if any(values.get(name) is None for name in placeholders):
        return ""
    address_of_file = re.sub(r"\{(\w+)\}", lambda placeholder: quote(values[placeholder[1]] or "", safe="/~"), pattern)
    return web_address(re.sub(r"(?<!:)//+", "/", address_of_file))


def unknown(base: str) -> list[str]:
    """What stands in braces and is no placeholder."""
    return [name for name in re.findall(r"\{([^{}]*)\}", base) if name not in PLACEHOLDERS]


def name_date(stem: str) -> tuple[str, str, str] | None:
    """Year, month and day in front of a file's name."""
    dated = _DATED.match(stem)
    return (dated[1], dated[2], dated[3]) if dated else None


def bare_name(stem: str) -> str:
    """A file's name without the date in front of it."""
    dated = _DATED.match(stem)
    return dated[4] or stem if dated else stem


def language_of(stem: str) -> str:
    """The language in a file's name, as in `guide.de.md`; "" where there is none."""
    return tag if (tag := stem.rpartition(".")[2].lower()) != stem.lower() and is_known(tag) else ""


def is_index(stem: str) -> bool:
    """Whether a file is its folder's page, in whatever language."""
    return without_language(stem).lower() in _INDEX


def without_language(stem: str) -> str:
    return stem.rpartition(".")[0] if language_of(stem) else stem


def _values(file: str, slug: str, published_at: datetime | None, *, folded: bool) -> dict[str, str | None]:
    path = PurePosixPath(file)
    folder = "" if str(path.parent) == "." else str(path.parent)
    index = folded and is_index(path.stem)
    day = name_date(path.stem) or (
        (f"{published_at:%Y}", f"{published_at:%m}", f"{published_at:%d}") if published_at else (None, None, None)
    )
    stem = slug or path.stem
    whole = folder if index else f"{folder}/{stem}".lstrip("/")
    name = PurePosixPath(folder).name if index else stem
    return {
        "path": whole, "file": file, "name": name, "slug": slug or bare_name(name), "year": day[0], "month": day[1],
        "day": day[2],
    }  # fmt: skip
