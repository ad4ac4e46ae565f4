"""Web pages: the main text of each becomes items, one a section (`sections` says why).

A page that has not changed is not read again; one that is gone (404, 410) takes its items with it; one that can't be
read for any other reason keeps them.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from twitter_manager.domain import Item
from twitter_manager.errors import SourceError
from twitter_manager.language import primary
from twitter_manager.sources import card_pages, entries, headings, images, markup, plain, sections, words
from twitter_manager.sources.charsets import to_utf8
from twitter_manager.sources.dates import as_utc
from twitter_manager.sources.fetch import PAGE, Answer, Gone, shown
from twitter_manager.sources.limits import Overgrown, within
from twitter_manager.sources.material import Collected, Look, Source, short_key, stem, web_address

LEAST_TEXT = 120
"""Letters and digits of a page's main text. Less is a cookie notice, a log-in form, a page that scripts fill."""
_READER = 3
"""Goes up when pages are read differently, so that all are read again."""
_MOST_SHARED = 100
_PUBLISHED = re.compile(rb"article:published_time|class=[\"'][^\"'>]{0,80}(?:publish|entry-date)", re.I)
"""How a page says when it was published, in its own mark-up."""
_LONG_AGO = timedelta(days=2 * 365)
_OF_A_VERSION = re.compile(r"\A(?:documentation|dokumentation) (?:de |du |von )?|\s+v?\d+(?:\.\d+)+\S*(?=\s|\Z)", re.I)
"""What documentation has in its name beside that of the project."""


def collect(look: Look) -> Collected:
    """Look at each page. Raises SourceError when not one of them could be read."""
    reader = [_READER, look.now.year]  # in another year articles are told otherwise
    known = look.state.get("pages", {}) if look.state.get("reader") == reader else {}
    remembered: dict[str, dict[str, str]] = {}
    items: list[Item] = []
    kept: set[str] = set()
    failures: list[SourceError] = []
    for url in look.source.urls:
        before = known.get(url, {})
        page_items = None
        try:
            if url in look.skip:
                raise SourceError(f"{shown(url)}: it takes too long to read.", "Take it out.")
            if look.time_left() > 0:
                before, page_items = _page(url, before, look)
        except SourceError as error:
            failures.append(error)
            if isinstance(error, Gone):
                continue
        remembered |= {url: before} if before else {}
        kept |= {_stem(url)} if page_items is None else set()
        items += page_items or ()
    if len(failures) == len(look.source.urls) and not any(isinstance(failure, Gone) for failure in failures):
        raise failures[0]
    for failure in failures:
        look.warn(failure.message)
    shared = _shared(items) | set(look.state.get("shared", ()))
    state = {"reader": reader, "pages": remembered, "shared": sorted(shared)[:_MOST_SHARED]}
    own = (
        replace(
            item,
            title="" if short_key(item.title) in shared else item.title,
            summary="" if short_key(item.summary) in shared else item.summary,
        )
        for item in items
    )
    return Collected(tuple(own), state, complete=True, kept=frozenset(kept))


def _shared(items: Iterable[Item]) -> set[str]:
    """Titles and summaries that several pages have, long ones as hashes: the site's, that say nothing of a page."""
    pages_of: dict[str, dict[str, str]] = defaultdict(dict)
    for item in items:
        for phrase in filter(None, (item.title, item.summary)):
            pages_of[short_key(phrase)].setdefault(stem(item.key), item.text)
    return {
        phrase for phrase, pages in pages_of.items() if len(set(pages.values())) > 1
    }  # one page may have two addresses


def _page(url: str, before: dict[str, str], look: Look) -> tuple[dict[str, str], list[Item] | None]:
    """What to remember of a page, and its items; None where they are those of before. Raises SourceError."""
    answer = look.fetcher.get(url, PAGE, etag=before.get("etag", ""), modified=before.get("modified", ""))
    if answer is None:
        return before, None
    digest = hashlib.sha256(answer.content).hexdigest()[:16]
    remembered = {"etag": answer.etag, "modified": answer.modified, "hash": digest}
    if digest == before.get("hash"):
        return remembered, None
    look.at(url)
    try:
        with within():
            return remembered, read(answer, url, look.source, look.now)
    except Overgrown as error:
        raise SourceError(f"{shown(url)}: it {error.message}", "Find another page.") from None
    finally:
        look.at("")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was read."""

    title: str
    sections: list[sections.Section]
    published_at: datetime | None = None
    site: str = ""
    """What the whole site is called."""
    summary: str = ""
    """What its author says that it is about."""
    language: str = ""
    tags: tuple[str, ...] = ()
    is_article: bool = False
    """Whether it says when it was published."""
    picture: images.Image | None = None
    """What it leads with."""


def read(answer: Answer, url: str, source: Source, now: datetime) -> list[Item]:
    """The items of a page: one of an article, whose address has its month, and of another one a section. An article of
    past years says in its title of which. Raises SourceError where it has no text to speak of."""
    page, letters = _page_of(answer)
    page = _under_its_heading(page, source.name)
    if letters < LEAST_TEXT:
        raise SourceError(
            f"{shown(url)}: the page has no text that can be read.",
            "It may need scripts or a log-in.",
        )
    if words.fits("pages.furniture", page.title):
        return []
    if (year := _year_of_article(page, url, now)) is not None:
        says_year = re.search(r"\b(?:19|20)\d\d\b", page.title)
        year_shown = f" ({year})" if page.title and year < now.year and not says_year else ""
        page = replace(page, title=page.title + year_shown, sections=sections.whole(page.sections))
    picture = page.picture if len(page.sections) == 1 else None  # of many sections nobody knows which it shows
    return [
        Item(
            source=source.name,
            key=f"{_stem(url)}#{section.slug}",
            text=section.text,
            title=_title(page.title, headings.of_chapter(section.heading)),
            url=web_address(url) if source.link else "",
            label=source.label or entries.label(page.tags, page.site, page.title),
            kind="page",
            published_at=page.published_at,
            summary=page.summary,
            project="" if page.site == page.title else page.site,
            headings=tuple(
                heading for heading in map(headings.of_chapter, section.headings) if not page.title.endswith(heading)
            ),
            language=page.language,
            image=picture.place if picture else "",
            image_alt=picture.alt if picture else "",
        )
        for section in page.sections
    ]


def _under_its_heading(page: Page, name: str) -> Page:
    """The page with its own heading for a title, where that is the name of the whole site."""
    above = {section.headings[:1] for section in page.sections}
    own = "".join(headings.of_chapter(heading) for heading in above.pop()) if len(above) == 1 else ""
    is_of_site = page.title and page.title.casefold() in (name.casefold(), page.site.casefold())
    return replace(page, title=own, site=page.title) if own and is_of_site else page


def _year_of_article(page: Page, url: str, now: datetime) -> int | None:
    """Of a page whose address has its month, or that says a day long past; None for one that is no article."""
    if dated := re.search(
        r"/((?:19|20)\d\d)(?:/(?:0?[1-9]|1[0-2])(?:/|\Z)|-(?:0[1-9]|1[0-2])-\d\d\b)", urlsplit(url).path
    ):
        return int(dated[1])
    day = page.published_at if page.is_article else None
    return day.year if day and now - day > _LONG_AGO else None


def _page_of(answer: Answer) -> tuple[Page, int]:
    """The page, and how many letters and digits its main text has."""
    if answer.media_type in ("text/plain", "text/markdown"):
        text = to_utf8(answer.content, (answer.charset,)).decode("utf-8", "replace")
        title, pieces = sections.of_markdown(text) if "markdown" in answer.media_type else ("", sections.of_text(text))
        return Page(title, pieces), sum(c.isalnum() for c in text)
    return html_page(answer.content, answer.charset, answer.url)


def html_page(content: bytes, charset: str, url: str = "") -> tuple[Page, int]:
    """An HTML page, and how many letters and digits its main text has. `url`: where it stands on the web."""
    extracted, language = _extracted(content, charset)
    if extracted is None:
        return Page("", []), 0
    page = _page_from(extracted, language)
    page = replace(
        page,
        is_article=_PUBLISHED.search(content) is not None,
        picture=_picture(content, charset, url, page.title) if b"<img" in content or b"og:image" in content else None,
    )
    return page, sum(c.isalnum() for c in extracted.text or "")


def _picture(content: bytes, charset: str, url: str, title: str) -> images.Image | None:
    """What a page leads with: the picture that it names for cards, else the first in its main part."""
    said = card_pages.head_of(content, charset, url)
    named = [images.Image(said["picture"], said["alt"])] if said["picture"] else []
    tree = markup.html_tree(_in_utf8(content, charset))
    return images.lead(named, images.of_page(tree, url) if tree is not None else [], title)


def _in_utf8(content: bytes, charset: str) -> bytes:
    named = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", content[:4096], re.IGNORECASE)
    return to_utf8(content, (charset, named[1].decode() if named else ""))


def _extracted(content: bytes, charset: str) -> tuple[Any, str]:
    """What trafilatura makes of a page, None where that is nothing; and the language that the page names."""
    from trafilatura import bare_extraction

    tree = markup.stated_tree(_in_utf8(content, charset))
    if tree is None:
        return None, ""
    language = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    for element in tree.xpath("//pre"):
        element.drop_tree()
    shown_title = plain.line(tree.findtext(".//title") or "", 300)
    handles = tree.xpath("//meta[@name='twitter:site' or @property='twitter:site']/@content")
    _marked(tree)
    extracted = bare_extraction(  # its text is Markdown where formatting is included
        tree, output_format="python", include_comments=False, include_tables=False, include_formatting=True,
        with_metadata=True, date_extraction_params={"extensive_search": False},
    )  # fmt: skip
    if extracted is not None and headings.of_chapter(extracted.sitename or "") == headings.of_chapter(
        extracted.title or ""
    ):
        extracted.sitename = re.split(r"\s[|»·—–-]\s", shown_title)[-1]  # a number was taken for a domain
    if extracted is not None and f"@{extracted.sitename}".casefold() in map(str.casefold, handles):
        extracted.sitename = ""
    return extracted, primary(language.strip()[:20])


def _marked(tree: Any) -> None:
    """Mark headings, paragraphs and main text up as trafilatura finds them: it loses a heading that holds an anchor,
    and all headings where nothing says which part of the page is the main one."""
    from lxml.etree import strip_tags
    from trafilatura.xpaths import BODY_XPATH

    for anchor in tree.xpath("//a[not(@href)]"):
        anchor.tag = "anchor"
    strip_tags(tree, "anchor")  # all at once: one by one takes time by the square of their number
    for element in tree.xpath("//div"):
        _in_paragraphs(element)
    body = tree.find("body")
    if body is not None and not any(path(tree) for path in BODY_XPATH):
        main = body.makeelement("article")
        main.extend(list(body))
        body.append(main)


def _in_paragraphs(element: Any) -> None:
    """Put the words that stand in a division itself into paragraphs: of a division that also holds others, trafilatura
    loses the words before the first inline element."""
    if not any((words or "").strip() for words in (element.text, *(child.tail for child in element))):
        return
    run = element.makeelement("p")
    run.text, element.text = element.text, None
    for child in list(element):
        if child.tag in markup.BLOCKS:
            if "".join(run.itertext()).strip():
                child.addprevious(run)
            run = element.makeelement("p")
            run.text, child.tail = child.tail, None
        else:
            run.append(child)
    if "".join(run.itertext()).strip():
        element.append(run)


def _page_from(extracted: Any, language: str) -> Page:
    """What trafilatura found, as far as it is meant for readers."""
    site = entries.project(_OF_A_VERSION.sub("", extracted.sitename or ""))
    site = "" if re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", site) else site  # a host, for want of a name
    title = entries.headline(extracted.title or "", site)
    if not site and re.fullmatch(r"[^|]{3,}\s\|\s[^|]{2,40}", title):
        title, site = map(str.strip, title.split("|"))
    title = headings.of_chapter(title)
    site = "" if title == headings.of_chapter(site) else site
    text = extracted.text or ""
    return Page(
        title,
        list(_without_buttons(sections.of_markdown(text)[1])),
        as_utc(extracted.date),
        site,
        entries.summary_of(extracted.description or "", text, title, site),
        language,
        tuple(str(tag) for tag in (*(extracted.categories or ()), *(extracted.tags or ()))[:20]),
    )


def _without_buttons(pieces: list[sections.Section]) -> Iterator[sections.Section]:
    """The sections without bylines and buttons."""
    for section in pieces:
        text = "\n\n".join(filter(entries.is_statement, section.text.split("\n\n")))
        if len(text) >= sections.SHORTEST:
            yield replace(section, text=text)


def _title(page: str, heading: str) -> str:
    """The page's title with the heading of a section, unless it says it already or the heading is a whole sentence."""
    known = heading.casefold() in page.casefold() or len(heading) > 80
    return page if known and page else plain.line(f"{page}: {heading}" if page else heading)


def _stem(url: str) -> str:
    return short_key(url.partition("#")[0])
