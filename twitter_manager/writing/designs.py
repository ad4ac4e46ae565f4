"""Designs of posts for fetched material, without a model: its title, its summary, or one sentence about what it is
about, word for word, with the name of the whole in front where a reader needs that. Those of releases and commits are
`releases`'.

What cannot be said so that a stranger understands it gives no post, and a reason (`why_not`). Which lines can be shown
and stand alone is `standing`'s; which design is posted, `chooser`'s. Pure, and bounded for any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from twitter_manager import language as languages
from twitter_manager import phrases
from twitter_manager.domain import Item
from twitter_manager.english import (
    normalised,
    paragraphs,
    reads_as_english,
    set_of,
    share,
    spans,
    stems,
    unspaced,
    weight,
)
from twitter_manager.writing import releases, standing
from twitter_manager.writing.releases import names

LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_POST = 150, 230, 250
MOST_TEXT = 20_000
ANY = "any"
"""The language of a bot that posts in whichever its material has."""
_RELATED, _SAME = 0.25, 0.6
"""A sentence must have so much of the words of its entry's title, and so much of those of its page's or section's."""
_WHOLE = 0.8
"""A sentence that has so much of the title's words needs no title above."""
_REPEATED = 0.6
"""A sentence of which the title has so much says the title again."""
_MOST_DESIGNS, _MOST_REASONS = 6, 4
_LEAST_WORDS = 3
_LEAST_ADDED = 4
"""Stems of a sentence that the names above it don't have."""
_LEAST_TOLD = 40
"""Characters: a summary's first sentence, or one of the text, says little by itself where it is shorter."""


@dataclass(frozen=True, slots=True)
class Design:
    """A text for a post. `frame`: "title", "summary", "title and sentence", "sentence", "release" or "commit".
    `alone`: it can be understood without the address. `score`: higher is better, among the designs of one item."""

    text: str
    frame: str
    alone: bool = True
    score: float = 0.0


def designs(
    item: Item, fits: Callable[[str], bool], language: str = "en", *, linked: bool = False
) -> tuple[Design, ...]:
    """The posts that can be made of an item, best first. `language`: the bot's; `linked`: the item's address goes along
    on some platform."""
    designs, _ = _designed(item, language, linked)
    kept = list({design.text: design for design in designs if fits(design.text)}.values())[:_MOST_DESIGNS]
    return tuple(replace(design, score=float(len(kept) - at)) for at, design in enumerate(kept))


def why_not(item: Item, language: str = "en", *, linked: bool = False) -> str:
    """Why an item gives no post without a model that writes, in a few words for a person; "" where it gives one, as
    each note does that a person wrote."""
    if item.kind == "note" and (item.wordings or item.label):
        return ""
    designs, reason = _designed(item, language, linked)
    return "" if designs else reason


def reasons_line(reasons: Mapping[str, int]) -> str:
    """For a person: how many items of a source give no post, and why; `reasons` as `why_not` gives them, counted."""
    line = "; ".join(f"{reason} ({count})" for reason, count in list(reasons.items())[:_MOST_REASONS])
    silent = phrases.amount(sum(reasons.values()), "item gives", "items give")
    return f"without a model that writes, {silent} no post: {line}"


def said_by_itself(item: Item) -> tuple[str, ...]:
    """Words of a design that stand neither in the item's text nor in its title, for the check that all is founded."""
    name = document_name(item) if item.kind in ("document", "page") else _site(item)
    others = (item.summary, name, releases.project(item), releases.version(item))
    return tuple(filter(None, others))


Designed = tuple[list[Design], str]
"""The designs, and the reason why there are none."""


def _designed(item: Item, language: str, linked: bool) -> Designed:
    item = replace(item, text=item.text[:MOST_TEXT], title=item.title[:1000], summary=item.summary[:2000])
    whole = f"{item.title}. {item.summary} {item.text[:1500]}"
    if other := _other_language(whole, language, item.language):
        return [], f"it is in another language ({other})"
    if language == ANY:
        language = languages.detect(whole) or item.language or "en"
    if releases.is_release(item):
        return _of_release(item)
    if item.kind == "commit":
        designs = [Design(text, "commit")] if (text := releases.commit(item)) else []
        return designs, "its subject says nothing to users of the project"
    is_document = item.kind == "document" and item.published_at is None
    if is_document or (item.kind == "page" and item.headings):
        return _of_document(item, language, linked)
    return _of_article(item, language, linked)


def _other_language(text: str, wished: str, declared: str = "") -> str:
    """The text's language where it is surely another than the bot's. Short texts are easily taken for another: what
    their author declared counts more."""
    if wished == ANY or (languages.primary(wished) == "en" and reads_as_english(text)):
        return ""
    if sum(c.isalpha() for c in text) < (60 if declared else 25):
        return declared if declared and languages.primary(declared) != languages.primary(wished) else ""
    return languages.differs(text, wished)


def _of_release(item: Item) -> Designed:
    """The person's summary, and each of the weightiest entries."""
    heading = releases.release_name(item)
    if not heading:
        return [], "the project's name is not known" if not releases.project(item) else "it names no version"
    designs = [Design(entry.told(heading), "release") for entry in releases.entries(item)[:_MOST_DESIGNS]]
    summary = _summary(item, "en")
    if summary and not standing.leans(summary, "en"):
        designs.insert(0, Design(summary if names(summary, heading) else f"{heading}: {summary}", "release"))
    return designs, "no entry says something to users of the project"


# --- Feed entries and pages ------------------------------------------------------------------------------------------


def _of_article(item: Item, language: str, linked: bool) -> Designed:
    """The title and its address; the summary, or the first sentence about what the title is about, where that adds
    something and stands alone."""
    title, name = titled(item, language), _site(item)
    needs_name = item.kind != "entry" or languages.primary(language) != "en"
    designs: list[Design] = []
    for said in _leads(item, title, language):
        stands = not standing.leans(said, language)
        says_title = share(title, said) >= _WHOLE and not re.search(r"\(\d{4}\)\Z", title)
        if stands and (says_title if title else weight(said) >= standing.LEAST_WEIGHT):
            is_named = _tells_of(said, name) or (title and not needs_name)
            designs.append(Design(said if is_named else f"{name}: {said}", "summary"))
        elif title and share(said, title) < _REPEATED:
            above = title if _tells_of(said, name) else _titled_with(title, name, needs_name=needs_name)
            designs.append(
                Design(f"{above}\n\n{said}", "title and sentence", alone=stands and not _HOW_TO.match(title))
            )
    if title and item.url and (item.kind != "page" or _tells_of(title, name) or len(set(stems(title))) >= _LEAST_WORDS):
        designs.append(Design(_titled_with(title, name, needs_name=needs_name), "title", alone=False))
    if not item.title.strip() and (whole := _short_post(item, language)):
        designs.append(Design(whole, "summary", alone=not standing.leans(whole, language)))
    designs = [design for design in designs if design.alone or linked]
    if designs:
        return designs, ""
    if not title:
        return [], "its title says too little" if item.title.strip() else "it has no title"
    return [], "no sentence of it stands alone, and no address goes along"


def _short_post(item: Item, language: str) -> str:
    """The text of an entry without a title, where it is short: a post already, on another platform."""
    text = normalised(item.text)
    is_post = item.kind == "entry" and standing.LEAST_WEIGHT <= weight(text) <= LONGEST_POST
    is_fit = standing.is_clean(text, language) and not standing.is_cut(text) and not standing.speaks(text, language)
    return text if is_post and is_fit else ""


def _leads(item: Item, title: str, language: str) -> list[str]:
    """What may stand below the title: the summary, else a sentence of the beginning."""
    if summary := _summary(item, language):
        return [summary]
    said = _beginning(item, 2, language)
    if item.kind == "page":
        return _lead_of_page(item, said, language)
    least = _RELATED if title else _SAME  # a title that can't be shown has to be said
    related = [sentence for sentence in said[:2] if share(title or item.title, sentence) >= least]
    return [sentence for sentence in related if _tells(sentence, (item.title, item.project), language)][:1]


def _lead_of_page(item: Item, said: list[str], language: str) -> list[str]:
    """The first sentence, as far as it goes on, where it is about the page's title or about the whole site."""
    if not said or _is_of_any(said[0], _site(item), language):
        return []
    is_about_title = share(item.title, said[0]) >= _SAME and _tells(said[0], (item.title, item.project), language)
    if not (is_about_title or _tells(said[0], (_site(item),), language)):
        return []
    whole = _continued(said, language)
    return [whole] if _adds(whole, f"{item.title} {item.project}") else []


def _tells(sentence: str, subjects: tuple[str, ...], language: str) -> bool:
    """It tells of one of these, and needs no neighbour."""
    return (
        weight(sentence) >= _LEAST_TOLD
        and standing.is_about(sentence, subjects, language)
        and standing.stands(sentence, language)
        and standing.in_language(sentence, language)
    )


def _summary(item: Item, language: str) -> str:
    """What a person wrote to sum it up, as far as it can be shown: whole, else its first sentence, else ""."""
    whole = normalised(item.summary)
    if not whole or _other_language(whole, language, item.language) or not standing.in_language(whole, language):
        return ""
    if whole[-1].isalnum() and len(whole) >= _LEAST_TOLD and len(spans(whole)) == 1:
        whole += "."
    said = _sentences(whole)
    sound = [standing.sound(sentence, language) for sentence in said[:4]]
    is_whole = len(said) <= 3 and all(sound) and not any(standing.points(sentence, language) for sentence in said[1:])
    if is_whole and weight(whole) <= LONGEST_SUMMARY:
        return whole
    return said[0] if sound[0] and weight(said[0]) >= _LEAST_TOLD and share(item.title, said[0]) else ""


def _sentences(block: str) -> list[str]:
    return [standing.bare(block[begin:end]) for begin, end in spans(block)]


def titled(item: Item, language: str = "en") -> str:
    """The item's title as it may be shown: without the site's name; "" for one that says too little, shouts, lures,
    is cut off, or is in another language."""
    title = _without_site(standing.bare(normalised(item.title[:1000])), item)
    title = re.sub(r"\A\[[\w ]{2,12}\] *", "", standing.bare(title).replace("`", "")).rstrip(".:;,-–— !").strip()
    is_long = len(title.split()) >= _LEAST_WORDS or sum(unspaced().match(c) is not None for c in title) >= 6
    if not is_long or len(title) > LONGEST_TITLE or title[0].isdigit() or releases.is_version(title):
        return ""
    named = re.sub(rf"(?<!\w){re.escape(item.project)}(?!\w)", "X", title.replace("’", "'")) if item.project else title
    if not standing.is_clean(named, language) or re.search(r"…|\.\.|\.\w{2,4}\Z(?<!\d)", title):
        return ""
    is_page = item.kind != "entry"
    names_of_whole = f"{item.project} {_host(item)} {item.source if is_page else ''}"
    is_sort = standing.says_only_its_sort(title, language, names_of_whole, is_page=is_page)
    says = _ANNOUNCED.search(title) or not (is_sort or (item.kind == "page" and standing.points(title, language)))
    return title if says and standing.in_language(title, language) else ""


def _without_site(title: str, item: Item) -> str:
    """The title without the name of its site: behind a bar, or what is part of the address or the source's name."""
    for mark in (" | ", " · ", " » ", " :: ", " • "):
        parts = [part for part in title.split(mark) if part.strip()]
        title = max(parts[:2], key=lambda part: len(part.split())) if parts else title
    site = _letters(f"{urlsplit(item.url).hostname or ''} {item.source} {item.project}")
    for mark in (" - ", " – ", " — "):
        head, separator, last = title.rpartition(mark)
        if separator and all(_letters(word) in site for word in last.split() if word.casefold() != "the"):
            return head
    return title


def _host(item: Item) -> str:
    return " ".join(re.findall(r"\w+", urlsplit(item.url).hostname or "")[:-1])


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


# --- The name of the whole -------------------------------------------------------------------------------------------


def _site(item: Item) -> str:
    """What the whole is called that an entry or a page belongs to: as the site says, or a person called the source; ""
    for an address, a folder's plain name or a whole sentence."""
    called = item.source if item.kind == "page" and not item.source[:1].islower() else ""  # by a person, for readers
    for name in (called, item.project, item.source):
        name = normalised(name[:80]).rstrip(".… ")
        is_name = re.match(r"[^\W\d_]", name) and not re.search(r"/|\w\.[a-z]{2,}\b|[.?!] ", name)
        if is_name and len(name) <= 60 and name.casefold() not in releases.NO_NAMES:
            return name
    return ""


def _tells_of(text: str, name: str) -> bool:
    """The text names the whole: as it is called, or by one of the names in it."""
    parts = [
        word for word in re.findall(r"\w[\w.+#-]*\w", name) if word.lower() != word and word.casefold() not in _KINDS
    ]
    return not name or names(text, name) or any(names(text, word) for word in parts)


def _titled_with(title: str, name: str, *, needs_name: bool) -> str:
    """The title, with the name of the whole where the title has none in it: any of its own will do, unless the post
    `needs_name`, as those of manuals do."""
    is_in_capitals = all(word[0].isupper() for word in title.split() if len(word) > 4)
    numbered = r"\b(?!Version|Release|Episode)[A-Z]\w* v?\d"
    has_name = re.search(rf"{numbered}|\w[A-Z]" if is_in_capitals else rf"{numbered}| [A-Z]", title)
    if _tells_of(title, name) or (has_name and not needs_name):
        return title
    return f"{title} ({name})" if ": " in title else f"{name}: {title}"


def document_name(item: Item) -> str:
    """What a reader knows the document by: its project, else the page's title or outermost heading."""
    for name in (_site(item), item.title, *item.headings[:1]):
        name = standing.bare(normalised(name[:200])).strip(" .:#")
        if 2 <= len(name) <= 60 and name.casefold() not in releases.NO_NAMES and standing.is_clean(name):
            return name
    return ""


# --- Documents -------------------------------------------------------------------------------------------------------


def _of_document(item: Item, language: str, linked: bool) -> Designed:
    """The summary, and the first sentences whose subject is the page's, with the project or the page named."""
    name = document_name(item)
    title, summary = titled(item, language), _summary(item, language)
    designs: list[Design] = []
    if summary and not item.headings and title and item.url and linked and share(summary, title) < _REPEATED:
        above = title if not name or names(f"{title} {summary}", name) else f"{name}: {title}"
        designs.append(
            Design(f"{above}\n\n{summary}", "title and sentence", alone=not standing.leans(summary, language))
        )
    if summary and not standing.leans(summary, language):
        designs.append(
            Design(_named(summary, name, item, titled=not standing.is_about(summary, (name,), language)), "sentence")
        )
    if opening := _opening(item, name, language):
        designs.append(Design(opening, "sentence"))
    if title and name and linked and item.url and re.match(r"(?:How to|Using|Writing|Migrating) \w", title):
        designs.append(Design(title if names(title, name) else f"{name}: {title}", "title", alone=False))
    return designs, "no sentence of it stands alone"


def _opening(item: Item, name: str, language: str) -> str:
    """The first sentence, as far as it goes on, where it is about the project or the page, or says what its section is
    about; with names in front. Else ""."""
    if not (said := _beginning(item, 1, language)):
        return ""
    first, heading = said[0], item.headings[-1] if item.headings else ""
    whole = f"{item.project} {_site(item)}"
    defines = standing.defines(first, language)
    if item.kind == "page":  # its title is seldom shown
        is_told = defines and _tells(first, (whole,), language)
    else:
        is_told = _tells(first, (item.project, item.title.removesuffix(heading)), language)
    is_below = defines and share(heading, first) >= _SAME and _tells(first, (heading,), language)
    if not (is_told or (is_below and not _is_of_any(first, whole, language))):
        return ""
    if not _adds(first, f"{item.project} {item.source} {item.title}"):
        return ""
    return _named(_continued(said, language), name if is_told else _site(item) and name, item)


def _beginning(item: Item, blocks: int, language: str) -> list[str]:
    """The first sentences of so many paragraphs; none where the second takes the first back."""
    said = [(at, sentence) for at, block in enumerate(paragraphs(item.text)[:2]) for sentence in _sentences(block)]
    if any(standing.turns(sentence, language) for _, sentence in said[1:2]):
        return []
    return [sentence for at, sentence in said[:3] if at < blocks]


def _is_of_any(sentence: str, whole: str, language: str) -> bool:
    """It says what any thing of a kind is, and names nothing of the project's or the site's."""
    return standing.is_of_any(sentence, language) and not share(whole, sentence)


def _adds(sentence: str, known: str) -> bool:
    """It says more than the name of what it is about."""
    return len(set(stems(sentence)) - set(stems(known))) >= _LEAST_ADDED


def _continued(said: list[str], language: str) -> str:
    """The first sentence, with the second where that goes on about the same."""
    first, after = said[0], "".join(said[1:2])
    rest = after.partition(" ")[2]
    points_back = set(stems(rest.split(" ")[0])) & set(stems(first))  # "This tool …"
    is_sound = standing.sound(after, language) and not standing.points(rest if points_back else after, language)
    whole = f"{first} {after}"
    return whole if is_sound and weight(whole) <= LONGEST_SUMMARY else first


def _named(sentence: str, name: str, item: Item, *, titled: bool = False) -> str:
    """The sentence, with the project in front where it does not name that, and the page's title where it speaks of
    something else; `titled`: that in any case."""
    title = standing.bare(normalised(item.title[:100])).strip(" .:#")
    is_said = names(sentence, title) if titled else share(title, f"{name} {sentence}") >= _WHOLE
    tells_more = title and not names(name, title) and not is_said
    is_short = len(title) <= 50 and not re.search("[:?？]", title)
    has_name = not name or names(sentence, name)
    above = [title] if tells_more and is_short and (titled or not has_name) else []
    front = above if has_name or (above and names(title, name)) else [name, *above]
    return f"{', '.join(front)}: {sentence}" if front else sentence


_ANNOUNCED = re.compile(
    r"\A(?:Announcing (?:[A-Z][\w.'+-]* ){1,3}v?\d+(?:\.\d+)*"
    r"|(?:[A-Z][\w.'+-]* ){1,3}v?\d.{0,80} (?:(?i:released)|is (?:out|here)))\Z"
)
"""A project, its version, and that it is out."""
_HOW_TO = re.compile(r"(?:How|Cómo|Comment|Wie|Come|Hoe|Como) \w")
"""A title that promises what only its page tells."""
_KINDS = set_of("""
    manual handbook guide guides book docs documentation blog news reference site magazine journal the a an das der die
    handbuch handleiding manuel manuale manual guida guía guia référence referenz referentie le la les il lo el
""")
"""Words of a site's name that say what sort of text it is."""
