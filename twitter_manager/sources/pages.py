"""Web pages: the main text of each becomes items, one a section (`sections` says why).

A page that has not changed is not read again; one that is gone (404, 410) takes its items with it; one that can't be
read for any other reason keeps them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from twitter_manager.domain import Item
from twitter_manager.errors import SourceError
from twitter_manager.sources import plain, sections
from twitter_manager.sources.fetch import PAGE, Answer, Gone, shown
from twitter_manager.sources.material import Collected, Look, Source, moment, short_key, web_address

LEAST_TEXT = 120
"""Letters and digits of a page's main text. Less is a cookie notice, a log-in form, a page that scripts fill."""


def collect(look: Look) -> Collected:
    """Look at each page. Raises SourceError when not one of them could be read."""
    remembered: dict[str, dict[str, str]] = {}
    items: list[Item] = []
    kept: set[str] = set()
    failures: list[SourceError] = []
    for url in look.source.urls:
        before = look.state.get("pages", {}).get(url, {})
        found = None
        try:
            if look.time_left() > 0:
                before, found = _page(url, before, look)
        except SourceError as error:
            failures.append(error)
            if isinstance(error, Gone):
                continue
        remembered |= {url: before} if before else {}
        kept |= {_stem(url)} if found is None else set()
        items += found or ()
    if len(failures) == len(look.source.urls) and not any(isinstance(one, Gone) for one in failures):
        raise failures[0]
    for failure in failures:
        look.warn(failure.message)
    return Collected(tuple(items), {"pages": remembered}, complete=True, kept=frozenset(kept))


def _page(url: str, before: dict[str, str], look: Look) -> tuple[dict[str, str], list[Item] | None]:
    """What to remember of a page, and its items; None where they are those of before. Raises SourceError."""
    answer = look.fetcher.get(url, PAGE, etag=before.get("etag", ""), modified=before.get("modified", ""))
    if answer is None:
        return before, None
    digest = hashlib.sha256(answer.content).hexdigest()[:16]
    remembered = {"etag": answer.etag, "modified": answer.modified, "hash": digest}
    if digest == before.get("hash"):
        return remembered, None
    return remembered, read(answer, url, look.source)


def read(answer: Answer, url: str, source: Source) -> list[Item]:
    """The items of a page. Raises SourceError where it has no text to speak of."""
    title, published, found = _sections(answer)
    if sum(c.isalnum() for section in found for c in section.text) < LEAST_TEXT:
        raise SourceError(
            f"{shown(url)}: the page has no text that can be read.",
            "It may need scripts or a log-in.",
        )
    return [
        Item(
            source=source.name,
            key=f"{_stem(url)}#{section.slug}",
            text=section.text,
            title=plain.line(f"{title}: {section.heading}" if section.heading not in ("", title) else title),
            url=web_address(url) if source.link else "",
            label=source.label,
            kind="page",
            published_at=published,
        )
        for section in found
    ]


def _sections(answer: Answer) -> tuple[str, datetime | None, list[sections.Section]]:
    if answer.media_type in ("text/plain", "text/markdown"):
        text = answer.content.decode("utf-8", "replace")
        title, found = sections.of_markdown(text) if "markdown" in answer.media_type else ("", sections.of_text(text))
        return title, None, found
    title, published, markdown = page_text(answer.content, answer.charset)
    return title, published, sections.of_markdown(markdown)[1]


def page_text(content: bytes | str, charset: str) -> tuple[str, datetime | None, str]:
    """Title, date and main text (as Markdown) of an HTML page, without what is hidden in it."""
    from trafilatura import bare_extraction

    tree = plain.html_tree(content, charset)
    if tree is None:
        return "", None, ""
    for element in tree.xpath("//pre"):
        element.drop_tree()
    found = bare_extraction(  # its text is Markdown where formatting is included
        tree, output_format="python", include_comments=False, include_tables=False, include_formatting=True,
        with_metadata=True,
    )  # fmt: skip
    if found is None:
        return "", None, ""
    return plain.line(found.title or ""), moment(found.date), found.text or ""


def _stem(url: str) -> str:
    return short_key(url.partition("#")[0])
