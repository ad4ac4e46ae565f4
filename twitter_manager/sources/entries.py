"""Makes an item of an entry of a feed: title, its author's own words, a human summary where there is one, topic.

When in doubt it says less: what is cut off, a mere list, a teaser's "read more", the site's own lines under each entry
never become text. The formats are read in `feeds`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from twitter_manager.domain import Item
from twitter_manager.language import primary
from twitter_manager.sources import changelog, headings, images, markup, plain, sections, words
from twitter_manager.sources.blocks import Block
from twitter_manager.sources.material import Source, short_key, web_address

MOST_TEXT = 4000
"""Characters of an entry: the news stands at its beginning."""
LONGEST_SUMMARY, SHORTEST_SUMMARY = 600, 30
LONGEST_NAME, LONGEST_LABEL = 60, 40
SHORTEST_LINE = 40
"""What is shorter and ends no sentence is a button, a caption, a row of a table."""
_SENTENCE_END = r"[.!?。！？؟।…][\"'”’»)\]]*"
_CUT_OFF = re.compile(
    r"\s*(?:\[\s*(?:…|\.{3})\s*\]|…|\.{3})?"
    r"\s*(?:[\[(]?\b(?:read|continue|view|see|learn|weiter\s?lesen|mehr lesen|lire|leer|leggi|leia|lees|czytaj|continua"
    r"|seguir leyendo|sigue leyendo|continuar)(?:\s[\w’']+){0,6}[\])]?)?\s*[→»›>]*\s*\Z",
    re.IGNORECASE,
)
_FORMAT = r"(?:rss|atom)(?:\s?2\.0|\s?feed)?"
_COMMIT_ADDRESS = re.compile(r"/commits?/[0-9a-f]{7,40}\b")
_RELEASE_ADDRESS = re.compile(r"/releases/tag/|/-/(?:releases|tags)/|/releases/v?\d")


class Words(NamedTuple):
    """A text as a feed has it: HTML, plain, or either (RSS does not say)."""

    value: str
    form: Literal["html", "text", "either"]

    def blocks(self) -> list[Block]:
        """Its headings, paragraphs and entries of lists."""
        if self.form == "html" or (self.form == "either" and markup.is_html(plain.entities(self.value))):
            return markup.blocks(self.value, 2 * MOST_TEXT)
        text = plain.from_text(self.value[: 4 * MOST_TEXT])
        return [Block("paragraph", 0, paragraph) for paragraph in text.split("\n\n") if paragraph]

    def is_all(self, text: str) -> bool:
        """Whether this text is what a reader of the whole sees, and not what is left of it."""
        tree = markup.html_tree(self.value) if markup.is_html(plain.entities(self.value)) else None
        seen = self.value if tree is None else tree.text_content()
        return sum(map(str.isalpha, plain.entities(seen))) <= 1.1 * sum(map(str.isalpha, text)) + 2


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as its format has it."""

    id: str
    url: str
    title: Words
    body: Words
    teaser: Words
    """The shorter text where there is a fuller `body`."""
    categories: tuple[str, ...]
    language: str
    date: datetime | None
    pictures: tuple[images.Image, ...] = ()
    """Those that it names beside its text."""


def item(entry: Entry, source: Source, now: datetime, name: str) -> Item | None:
    """The item of an entry of the feed `name`; None where it says nothing."""
    title = headline(" ".join(block.text for block in entry.title.blocks()), name)
    url = web_address(entry.url)
    blocks = entry.body.blocks()
    is_release = bool(_RELEASE_ADDRESS.search(url) or entry.id.startswith("tag:github.com,2008:Repository/"))
    if is_release:
        paragraphs = changelog.entries_of(blocks)
        title = f"{name} {version}" if name and (version := changelog.version_in(title)) else title
    else:
        paragraphs = _own_words(blocks, title, name)
    text = plain.shorten("\n\n".join(paragraphs), MOST_TEXT) or title
    if not text:
        return None
    first_words = f"{entry.title.value}\n{text}"
    picture = _picture(entry, title)
    return Item(
        source=source.name,
        key=short_key(plain.line(entry.id, 2000) or url or first_words),
        text=text,
        title=title,
        url=url if source.link else "",
        label=source.label or label(entry.categories, name, title),
        kind="release" if is_release else "commit" if _COMMIT_ADDRESS.search(url) else "entry",
        published_at=min(entry.date, now) if entry.date else None,
        summary="" if is_release else _summary(entry, blocks, paragraphs, title, name),
        project=name,
        language=primary(entry.language.strip()[:20]),
        image=picture.place if picture else "",
        image_alt=picture.alt if picture else "",
    )


def _picture(entry: Entry, title: str) -> images.Image | None:
    """The picture that an entry leads with."""
    texts = (words.value for words in (entry.body, entry.teaser) if words.form != "text")
    shown = next(filter(None, (images.of_html(text[: 10 * MOST_TEXT], entry.url) for text in texts)), [])
    return images.lead(entry.pictures, shown, title)


def has_key_of_words(item: Item) -> bool:
    """Whether an item's key is its words, because its entry has neither id nor address."""
    return "\n" in item.key or re.fullmatch(r"[0-9a-f]{64}", item.key) is not None


# -- names ---------------------------------------------------------------------------------------------


def headline(title: str, site: str) -> str:
    """A title without the site's name at its end; "" where it is none (an address, a mark, a formula)."""
    title = re.sub(
        r"\A(?:(?:\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d)(?: \d{1,2}:\d\d)?\s*[–:-]|#\d{1,4}[.:]?)\s+(?=\S)",
        "",
        plain.line(title, 300),
    )
    if site:
        title = re.sub(
            rf"\s*(?:[|»·•–—-]|::)\s*{re.escape(site)}\s*\Z|\A{re.escape(site)}\s*(?:[|»·]|::)\s*",
            "",
            title,
            flags=re.I,
        )
    says_nothing = re.fullmatch(r"\W*(?:\(?(?:no title|untitled|ohne titel|sans titre|sin título)\)?)?\W*", title, re.I)
    if says_nothing or not plain.usable(title) or re.fullmatch(r"\S*://\S*|www\.\S+", title):
        return ""
    return plain.shorten(headings.unnumbered(title), 200)


def project(title: str, home: str = "") -> str:
    """What a feed is about, as a reader knows it, of its own title; "" where that says nothing. `home`: its page."""
    title = plain.line(" ".join(block.text for block in Words(title, "either").blocks()), 200)
    title = words.pattern("feeds.feed_of", r"\A{}\s+").sub("", title)
    title = _without_section(title, home)
    feed_words = words.table_of("feeds")["words"]
    behind = rf"(?:\s*[|»·:–—]+\s*|\s+-+\s+)(?:{feed_words})|\s+\((?:{feed_words})\)|\s+{_FORMAT}"
    title = re.sub(rf"(?:{behind})\s*\Z", "", title, flags=re.I)
    title = re.sub(rf"\A(?:{feed_words}|blog|news)\s*[|»·:–—-]+\s+", "", title, flags=re.I)
    title = re.sub(r"\A(?:rss|flux rss|rss feed)\s+d\w+\s+", "", title, flags=re.I)
    motto = re.search(r"\s+[|»·–—:/-]\s+|:\s(?=\S+\s\S+\s\S)|:(?:main|master)\Z", title)
    title = title[: motto.start()].strip() if motto else title
    no_name = re.fullmatch(
        rf"(?:{feed_words}|news|blog|changelog|untitled|\W*|\S+://\S*|www\.\S+|.*\brss\b.*|(?:[^,]*,){{3}}.*)",
        title,
        re.I,
    )
    return "" if no_name or len(title) > LONGEST_NAME or not plain.usable(title) else title


def _without_section(title: str, home: str) -> str:
    """A title without the section of the site that a generator puts in front: "Posts on Owls", "2025s on Owls"."""
    section = re.match(r"(?:in )?(\w[\w ]{0,30}?) on (?=\w)", title)
    folder = re.sub(r"/(?:index\.\w+)?\Z", "", home).rpartition("/")[2].lstrip("0123456789-")
    is_section = section and (
        words.pattern("feeds.words", "{}|blogs?|articles|news").fullmatch(section[1])
        or section[1].casefold().removesuffix("s") == folder.replace("-", " ").casefold().removesuffix("s")
    )
    return title[section.end() :] if section and is_section else title


def label(categories: tuple[str, ...], *names: str) -> str:
    """The first category that means something, in readable form. `names`: of the site and the entry, which are none."""
    for category in categories:
        topic = "" if "://" in category else re.split(r"[,;|]", plain.line(plain.entities(category), 80))[0]
        topic = topic.rpartition("/")[2].strip("# ")
        topic = topic if " " in topic else re.sub(r"[-_]+", " ", topic).strip()
        if _names_a_topic(topic) and topic.casefold() not in map(str.casefold, names):
            return topic if any(c.isupper() for c in topic) else topic[0].upper() + topic[1:]
    return ""


def _names_a_topic(topic: str) -> bool:
    bare = "".join(c for c in unicodedata.normalize("NFD", topic.casefold()) if c.isalnum() or c in " -")
    known = words.fits("feeds.no_topics", "-".join(bare.split()))
    return 1 < len(topic) <= LONGEST_LABEL and any(c.isalpha() for c in topic) and plain.usable(topic) and not known


# -- words ---------------------------------------------------------------------------------------------


def _own_words(blocks: list[Block], title: str, site: str) -> list[str]:
    """What is stated, without echoes of the title, addresses, buttons, the site's last line and what is cut off."""
    kept = [text for text in sections.statements(blocks) if is_statement(text) and text.casefold() != title.casefold()]
    if kept and _is_imprint(kept[-1], title, site):
        kept.pop()
    if kept and (cut := _CUT_OFF.search(kept[-1])) and cut[0].strip():
        kept[-1] = _whole_sentences(kept[-1][: cut.start()])
    return [text for text in kept if text and re.search(r"\w", text)]


def without_boilerplate(items: list[Item]) -> list[Item]:
    """The items without the paragraphs that the site puts under many of its entries."""
    counts = Counter(text for item in items for text in {*item.text.split("\n\n"), item.summary})
    often = {text for text, count in counts.items() if text and count >= max(3, len(items) / 5)}
    if not often:
        return items
    return [_without(item, often) for item in items]


def _without(item: Item, often: set[str]) -> Item:
    kept = "\n\n".join(text for text in item.text.split("\n\n") if text not in often)
    return replace(item, text=kept or item.title or item.text, summary="" if item.summary in often else item.summary)


def _summary(entry: Entry, body: list[Block], paragraphs: list[str], title: str, site: str) -> str:
    """What a person wrote to sum the entry up: the shorter of its two texts, or the only one where that is short."""
    has_body = bool(entry.teaser.value)
    blocks = entry.teaser.blocks() if has_body else body
    if [block.kind for block in blocks] != ["paragraph"] or (has_body and entry.teaser.value == entry.body.value):
        return ""
    if not has_body and not entry.body.is_all(blocks[0].text):
        return ""
    return summary_of(blocks[0].text, "\n\n".join(paragraphs) if has_body else "", title, site)


def summary_of(summary: str, text: str, title: str, site: str) -> str:
    """The summary; "" where it is cut off, the mere beginning of `text`, an echo of the title, or a list."""
    summary = plain.line(plain.entities(summary), 2 * LONGEST_SUMMARY)
    cut = _CUT_OFF.search(summary)
    if (cut and cut[0].strip()) or not _is_whole(summary) or not plain.usable(summary):
        return ""
    if not SHORTEST_SUMMARY <= len(summary) <= LONGEST_SUMMARY or summary.casefold().rstrip(".!? ") == title.casefold():
        return ""
    if "://" in summary or len(re.findall(r"\b\w+: ", summary)) > 1 or _is_imprint(summary, title, site):
        return ""
    words = _letters(summary)
    is_paragraph = words in map(_letters, text[:5000].split("\n"))
    return summary if is_paragraph or words[:100] not in _letters(text[:5000]) else ""


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _is_imprint(paragraph: str, title: str, site: str) -> bool:
    """ "The post TITLE appeared first on SITE", in whatever language."""
    words, name = paragraph.casefold(), title.casefold()
    if len(words) < 400 and re.search(
        r"(?:appeared|published) first (?:on|in)\b|originally (?:appeared|published) (?:on|in)\b", words
    ):
        return True
    named = len(name) > 7 and site and site.casefold() in words and name in words[1:]
    return bool(named) and len(words) - len(name) - len(site) < 80


def is_statement(paragraph: str) -> bool:
    """Whether a paragraph is more than a button, a byline or an address."""
    return (_is_whole(paragraph) or len(paragraph) >= SHORTEST_LINE) and not _is_address(paragraph)


def _is_address(text: str) -> bool:
    """Whether it is there to lead elsewhere."""
    return sum(map(len, re.findall(r"https?://\S+", text))) > 0.3 * len(text)


def _is_whole(text: str) -> bool:
    return plain.ends_sentence(text) and not text.endswith("...")


def _whole_sentences(text: str) -> str:
    """As far as the last end of a sentence."""
    ends = [end.end() for end in re.finditer(rf"{_SENTENCE_END}(?=\s|\Z)|[。！？]", text)]
    return text[: ends[-1]] if ends else ""
