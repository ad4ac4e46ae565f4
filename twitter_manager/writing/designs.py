"""Designs of posts for fetched material, without a model: its title, its summary or one sentence of it, or one entry of
a changelog, word for word, with the name of what it is about in front where a reader needs that.

What cannot be said so that a stranger understands it gives no post, and a reason (`why_not`). Which sentences stand
alone is `standing`'s; which design is posted, `chooser`'s. Pure, and bounded for any text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urlsplit

from twitter_manager import language as languages
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
from twitter_manager.writing import standing

LONGEST_TITLE, LONGEST_ENTRY, LONGEST_SUMMARY = 110, 200, 230
MOST_TEXT = 20_000
ANY = "any"
"""The language of a bot that posts in whichever its material has."""
_RELATED = 0.25
"""A sentence of the text must have so much of the title's words to stand below it."""
_WHOLE = 0.8
"""A sentence that has so much of the title's words needs no title above."""
_REPEATED = 0.6
"""A sentence of which the title has so much says the title again."""
_MOST_DESIGNS, _MOST_REASONS = 6, 4
_LEAST_WORDS = 3
_LEAST_CUT = 40
"""The first sentence of a summary says little by itself where it is shorter."""


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
    made, _ = _designed(item, language, linked)
    kept = list({design.text: design for design in made if fits(design.text)}.values())[:_MOST_DESIGNS]
    return tuple(replace(design, score=float(len(kept) - at)) for at, design in enumerate(kept))


def why_not(item: Item, language: str = "en", *, linked: bool = False) -> str:
    """Why an item gives no post without a model that writes, in a few words for a person; "" where it gives one, as
    each note does that a person wrote."""
    if item.kind == "note" and (item.wordings or item.label):
        return ""
    made, reason = _designed(item, language, linked)
    return "" if made else reason


def reasons_line(reasons: Mapping[str, int]) -> str:
    """For a person: how many items of a source give no post, and why; `reasons` as `why_not` gives them, counted."""
    told = "; ".join(f"{reason} ({count})" for reason, count in list(reasons.items())[:_MOST_REASONS])
    return f"without a model that writes, {sum(reasons.values())} items give no post: {told}"


Designed = tuple[list[Design], str]
"""The designs, and the reason why there are none."""


def _designed(item: Item, language: str, linked: bool) -> Designed:
    item = replace(item, text=item.text[:MOST_TEXT], title=item.title[:1000], summary=item.summary[:2000])
    whole = f"{item.title}. {item.summary} {item.text[:1500]}"
    if other := _other_language(whole, language, item.language):
        return [], f"it is in another language ({other})"
    language = language_of(item) or "en" if language == ANY else language
    if standing.orders_machines(f"{item.title}\n{item.summary}"):
        return [], "it gives orders to a machine"
    if is_release(item):
        return _of_release(item)
    if item.kind == "commit":
        made = [Design(text, "commit")] if (text := _commit(item)) else []
        return made, "its subject says nothing to users of the project"
    if item.kind == "document" or (item.kind == "page" and item.headings):
        return _of_document(item, language, linked)
    return _of_article(item, language, linked)


def language_of(item: Item) -> str:
    """The language that an item is in, "" where nobody knows."""
    return languages.detect(f"{item.title}. {item.summary} {item.text[:1500]}") or item.language


def _other_language(text: str, wished: str, declared: str = "") -> str:
    """The text's language where it is surely another than the bot's. Short texts are easily taken for another: what
    their author declared counts more."""
    if wished == ANY or (languages.primary(wished) == "en" and reads_as_english(text)):
        return ""
    if sum(c.isalpha() for c in text) < (60 if declared else 25):
        return declared if declared and languages.primary(declared) != languages.primary(wished) else ""
    return languages.differs(text, wished)


# --- Feed entries and pages ------------------------------------------------------------------------------------------


def _of_article(item: Item, language: str, linked: bool) -> Designed:
    """The title and its address; the summary, or the first sentences of the text, where they add something and stand
    alone."""
    title = titled(item)
    if title and (_other_language(title, language, item.language) or not standing.in_language(title, language)):
        title = ""
    name = _site(item)
    is_page = item.kind == "page" or languages.primary(language) != "en"
    made: list[Design] = []
    for said in _leads(item, title, language):
        stands = standing.stands(said, language)
        if title and stands and share(title, said) >= _WHOLE:
            made.append(Design(_labelled(said, name) if is_page else said, "summary"))
        elif title and share(said, title) < _REPEATED:
            above = title if _tells_of(said, name) else _titled_with(title, name, is_page)
            made.append(Design(f"{above}\n\n{said}", "title and sentence", alone=stands))
        elif not title and stands and weight(said) >= standing.LEAST_WEIGHT:
            made.append(Design(_labelled(said, name) if is_page else said, "summary"))
    says = item.kind != "page" or _tells_of(title, name) or len(set(stems(title))) >= _LEAST_WORDS
    if title and item.url and says:
        made.append(Design(_titled_with(title, name, is_page), "title", alone=False))
    made = [design for design in made if design.alone or linked]
    if made:
        return made, ""
    if not title:
        return [], "its title says too little" if item.title.strip() else "it has no title"
    return [], "no sentence of it stands alone, and no address goes along"


def _site(item: Item) -> str:
    """What the whole is called that an entry or a page belongs to: as the site says, or a person called the source."""
    name = normalised(item.project[:80]) or normalised(item.source[:80])
    is_name = re.match(r"[^\W\d_]", name) and (item.project or re.search(r" |[A-Z]", name)) and "/" not in name
    return name if is_name and len(name) <= 60 else ""


def _tells_of(text: str, name: str) -> bool:
    """The text names the whole: as it is called, or by one of the names in it."""
    names = [
        word for word in re.findall(r"\w[\w.+#-]*\w", name) if word.lower() != word and word.casefold() not in _KINDS
    ]
    return not name or _names(text, name) or any(_names(text, word) for word in names)


def _labelled(text: str, name: str) -> str:
    return text if _tells_of(text, name) else f"{name}: {text}"


def _titled_with(title: str, name: str, is_page: bool) -> str:
    """The title, with the name of the whole where the title has no name of its own in it, as those of manuals."""
    is_in_capitals = all(word[0].isupper() for word in title.split() if len(word) > 4)
    has_name = re.search(r"\d|\w[A-Z]" if is_in_capitals else r" [A-Z\d]", title)
    if _tells_of(title, name) or (has_name and not is_page):
        return title
    return f"{title} ({name})" if ": " in title else f"{name}: {title}"


def _leads(item: Item, title: str, language: str) -> Iterator[str]:
    """What may stand below the title: the summary, whole or its first sentence; else the first sentence of the text
    that is about what the title is about."""
    summary = _summary(item, language)
    if summary:
        yield summary
    elif about := title or (item.title if standing.is_news(item.title) and not _lure().search(item.title) else ""):
        opening = [one for block in paragraphs(item.text)[:2] for one in _sentences(block)[:2]]
        told = (
            one
            for one in opening[:2]
            if share(about, one) >= _RELATED and standing.is_told(one, language) and standing.in_language(one, language)
        )
        yield from itertools.islice(told, 1)


def _summary(item: Item, language: str) -> str:
    """What a person wrote to sum it up, as far as it can be shown: whole, else its first sentence, else ""."""
    whole = normalised(item.summary)
    if not whole or _other_language(whole, language, item.language) or not standing.in_language(whole, language):
        return ""
    if whole[-1].isalnum() and len(whole) >= 40 and len(spans(whole)) == 1:
        whole += "."
    said = _sentences(whole)
    if not all(standing.sound(one, language) for one in said[:1]) or standing.orders_machines(whole):
        return ""
    is_sound = len(said) <= 3 and all(standing.sound(one, language) for one in said)
    if is_sound and weight(whole) <= LONGEST_SUMMARY:
        return whole
    return said[0] if weight(said[0]) >= _LEAST_CUT else ""


def _sentences(block: str) -> list[str]:
    """The sentences of a paragraph, none where it gives orders to a machine."""
    if standing.orders_machines(block):
        return []
    return [standing.bare(block[begin:end]) for begin, end in spans(block)]


def titled(item: Item) -> str:
    """The item's title as it may be shown: without the site's name; "" for one that says too little, shouts, lures,
    asks, or is cut off."""
    title = _without_site(standing.bare(normalised(item.title[:1000])), item)
    title = re.sub(r"\A\[[\w ]{2,12}\] *", "", standing.bare(title)).rstrip(".:;,-–— !").strip()
    names = set(stems(f"{item.project} {_host(item)}"))
    telling = [word for word in stems(title) if word not in names and word not in _LABELS and not word.isdigit()]
    is_long = len(title.split()) >= _LEAST_WORDS or sum(unspaced().match(c) is not None for c in title) >= 6
    says = len(telling) >= 2 or _ANNOUNCED.search(title)
    named = re.sub(rf"(?<!\w){re.escape(item.project)}(?!\w)", "X", title.replace("’", "'")) if item.project else title
    if not is_long or not says or len(title) > LONGEST_TITLE or not standing.is_news(named) or title[0].isdigit():
        return ""
    is_cut = re.search(r"[?？؟…]|\.\.|\.\w{2,4}\Z(?<!\d)", title)
    return (
        ""
        if is_cut or _lure().search(title) or _numbered().search(title) or _is_version(title) or _dated().search(title)
        else title
    )


def _without_site(title: str, item: Item) -> str:
    """The title without the name of its site: behind a bar, or what is part of the address or the source's name."""
    for mark in (" | ", " · ", " » ", " :: ", " • "):
        parts = [part for part in title.split(mark) if part.strip()]
        title = max(parts[:2], key=lambda part: len(part.split())) if parts else title
    site = _letters(f"{urlsplit(item.url).hostname or ''} {item.source} {item.project}")
    for mark in (" - ", " – ", " — "):
        head, found, last = title.rpartition(mark)
        if found and all(_letters(word) in site for word in last.split() if word.casefold() != "the"):
            return head
    return title


def _host(item: Item) -> str:
    return " ".join(re.findall(r"\w+", urlsplit(item.url).hostname or "")[:-1])


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


# --- Documents -------------------------------------------------------------------------------------------------------


def _of_document(item: Item, language: str, linked: bool) -> Designed:
    """A summary or a sentence that says what it speaks of, with the project or the page named where that has a name."""
    name = document_name(item)
    summary = _summary(item, language)
    found = [summary] if summary and standing.stands(summary, language, named=bool(name)) else []
    opening = [one for block in paragraphs(item.text)[:4] for one in _sentences(block)[:3]]
    for one in opening[:8]:
        about = _is_about(one, item)
        # A folder that belongs to no project is a person's own, each page of it a subject.
        is_general = not item.project or _tells_of(one, item.project) or _DEFINES.match(one)
        is_told = standing.is_told(one, language, named=about) and standing.in_language(one, language)
        if (about or not name) and is_general and is_told:
            found.append(one)
    found.sort(key=lambda one: not _names(one, name) and one != summary)
    made = [Design(_named(one, name, item), "sentence") for one in found]
    title = titled(item)
    if title and name and linked and re.match(r"(?:How to|Using|Getting|Working|Writing|Migrating|Testing) \w", title):
        made.append(Design(title if _names(title, name) else f"{name}: {title}", "title", alone=False))
    return made, "no sentence of it stands alone"


def document_name(item: Item) -> str:
    """What a reader knows the document by: its project, else the page's title or outermost heading."""
    for name in (item.project, _site(item), item.title, *item.headings[:1]):
        name = standing.bare(normalised(name[:200])).strip(" .:#")
        if 2 <= len(name) <= 60 and name.casefold() not in _NO_NAMES and standing.is_news(name):
            return name
    return ""


def _is_about(sentence: str, item: Item) -> bool:
    """Its beginning names what the document, or its section, is about."""
    subject = " ".join(sentence.split()[:7])
    wanted = set(stems(" ".join((item.project, item.title, *item.headings[-1:])))) - _LABELS
    return bool(wanted & set(stems(subject)))


def _named(sentence: str, name: str, item: Item) -> str:
    """The sentence, with the project in front, and the page's title too where the sentence does not speak of that."""
    if not name or _names(sentence, name):
        return sentence
    title = standing.bare(normalised(item.title[:100])).strip(" .:#")
    tells_more = title and not _names(name, title) and share(title, f"{name} {sentence}") < _REPEATED
    return (
        f"{name}, {title}: {sentence}"
        if tells_more and len(title) <= 50 and ":" not in title
        else f"{name}: {sentence}"
    )


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


# --- Releases and commits --------------------------------------------------------------------------------------------


def _of_release(item: Item) -> Designed:
    """PROJECT VERSION and one whole entry of its changelog, or two where both are short."""
    heading = release_name(item)
    if not heading:
        return [], "the project's name is not known" if not project(item) else "it names no version"
    entries = [entry for entry in map(_entry, _entries(item.text)) if entry is not None]
    entries.sort(key=lambda entry: -entry.worth)  # of equal worth the first: changelogs are ordered by weight
    made = [Design(text, "release") for entry in entries[:_MOST_DESIGNS] if (text := entry.told(heading))]
    summary = _summary(item, "en")
    if summary and standing.is_told(summary, "en"):
        text = summary if _names(summary, heading) else f"{heading}: {summary}"
        made.insert(0, Design(text, "release"))
    return made, "no entry says something to users of the project"


def _entries(text: str) -> Iterator[str]:
    """The entries of a changelog, each with its group in front, without who made them and the numbers they have."""
    for block in paragraphs(text)[:200]:
        entry = re.sub(r"\A[-*•+] +", "", block)
        if not standing.orders_machines(entry):
            yield entry


@dataclass(frozen=True, slots=True)
class _Entry:
    group: str
    scope: str
    """The part of the project that it is about, where the changelog is cut so."""
    text: str

    @property
    def worth(self) -> float:
        """What users must know first: danger, and what is gone. Neither very short nor very long."""
        rank = {"security": 3.0, "breaking": 3.0, "removed": 2.5, "deprecated": 1.0}.get(self.group, 1.0)
        rank = 3.0 if re.search(r"\bsecurity (?:issue|vulnerab|fix|hole)|\bvulnerabilit|\bCVE-\d", self.text) else rank
        minor = self.group in ("fixed", "deprecated", "reverted") or bool(_MINOR.match(self.text))
        return rank - (0.3 if minor else 0.0) - (0.2 if len(self.text) < 40 or len(self.text) > 160 else 0.0)

    def told(self, heading: str) -> str:
        """The entry with the release in front, its group as part of what is claimed."""
        text = self.text if self.text[-1] in ".。" else f"{self.text}."
        verb = _VERBS.get(self.group, "")
        thing = re.fullmatch(r"(?:(?:The )?([Ss]upport (?:for|of) .{2,80})|(.{2,40} support))\.", text)
        if verb and thing and not re.search(r"[;:] | (?:is|was|has|are|were|have|been) ", text):
            return f"{heading} {verb} {_small(thing[1] or thing[2])}."
        if self.scope:
            return f"{heading} ({self.scope}): {text}"
        is_whole = _BEGINS.match(text) or re.match(r"[A-Z][a-z]+ly ", text) or standing.has_verb(text)
        if not self.group or (is_whole and self.group in ("added", "changed")) or _tells_group(self.group, text):
            return text if _names(text, heading) else f"{heading}: {text}"
        return f"{heading} – {self.group.capitalize()}: {text}"


def _entry(text: str) -> _Entry | None:
    """An entry that a user of the project understands, or None."""
    head, found, rest = text.partition(": ")
    group, scope = _GROUPS.get(head.strip().casefold(), ""), ""
    if found and (group or head.strip().casefold() in _NEUTRAL):
        text = rest.strip()
    elif found and re.fullmatch(r"[A-Z][a-z'-]*(?: [A-Za-z'-]+){0,2}", head) and _BEGINS.match(rest):
        scope, text = head, rest.strip()
    is_plain = (
        (12 if group else 25) <= len(text) <= LONGEST_ENTRY
        and len(text.split()) >= (3 if group else 4)
        and len(spans(text)) <= 2
        and standing.is_entry(text)
        and not _INTERNAL.search(f"{scope} {text}")
        and not re.match(r"(?:When|If|While|As|After|Before|Where)\b[^,]*\Z", text)  # half a sentence
        and not re.search(r"\A(?:In v?\d|Now,|This|These)|\bplease\b", text)
        and not re.match(r"[a-z]\w*_\w+: ", text)
        and (group or _BEGINS.match(text) or standing.stands(text, "en", named=True))
    )
    return _Entry(group, scope, _raised(text)) if is_plain else None


def _raised(text: str) -> str:
    """With a capital at its beginning, unless that is code."""
    return text[0].upper() + text[1:] if re.match(r"[a-z]+ (?!-)", text) else text


def _tells_group(group: str, text: str) -> bool:
    """The entry says by itself what its group says."""
    words = {
        "removed": r"remov|drop|no longer|delet",
        "deprecated": r"deprecat",
        "fixed": r"fix|correct|resolv|prevent|avoid|no longer|ensur",
        "added": r"add|new|introduc|support|allow|now\b|can\b",
        "changed": r"",
        "breaking": r"breaking|incompatib",
        "security": r"secur|vulnerab|CVE",
        "reverted": r"revert",
    }
    return re.search(rf"\b(?:{words.get(group, 'x{9}')})", text, re.IGNORECASE) is not None


def _small(thing: str) -> str:
    return thing[0].lower() + thing[1:] if thing.startswith("Support") else thing


def project(item: Item) -> str:
    """What a release or a commit belongs to, as a reader knows it; "" where that is not known."""
    if item.project:
        return normalised(item.project[:80])
    parts = urlsplit(item.url)
    steps = [step for step in parts.path.split("/") if step]
    if parts.hostname in ("github.com", "gitlab.com", "codeberg.org") and len(steps) >= 2:
        return steps[1]
    name = item.source.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    is_name = re.fullmatch(r"[^\W\d_][\w.+-]*(?: [\w.+-]+){0,3}", name)
    is_place = re.search(r"\.(?:xml|atom|rss|json|com|org|net|io|dev)\b", name)
    return name if is_name and not is_place and name.casefold() not in _NO_NAMES else ""


def is_release(item: Item) -> bool:
    """Whether it tells of one release: its kind says so, or a feed's entry has a version for its title."""
    title = " ".join(item.title[:200].split())
    name = re.escape(item.project) if item.project else r"[\w.-]+"
    numbered = re.compile(rf"{name}[ -]v?\d+(?:\.\d+)+[\w.+-]*", re.IGNORECASE | re.ASCII)
    tells = _is_version(title) or numbered.fullmatch(title) is not None
    return item.kind == "release" or (item.kind == "entry" and tells)


def release_name(item: Item) -> str:
    """PROJECT VERSION of a release, "" where both are not known."""
    name, number = project(item), version(item)
    return f"{name} {number}" if is_release(item) and name and number else ""


def version(item: Item) -> str:
    """The version that the title of a release names, "" where it names none."""
    number = r"(?<![\w.])v?(\d+(?:\.\d+)+(?:[.-]?(?:rc|alpha|beta|a|b|dev|post)[.-]?\d*)?)(?![\w.]*\w)"
    found = re.search(number, item.title[:200])
    return found[1] if found else ""


def _is_version(title: str) -> bool:
    return bool(re.fullmatch(r"(?:version|release|v)?\s*v?\d+(?:\.\d+)*[\w.+-]*", title, re.IGNORECASE | re.ASCII))


def said_by_itself(item: Item) -> tuple[str, ...]:
    """Words of a design that stand neither in the item's text nor in its title, for the check that all is founded."""
    name = document_name(item) if item.kind in ("document", "page") else _site(item)
    told = (item.summary, name, project(item), version(item))
    return tuple(filter(None, told))


def _commit(item: Item) -> str:
    """A commit's subject as a sentence, where it is plainly about what users of the project see; else ""."""
    name, subject = project(item), standing.bare(normalised(item.title))
    kind = re.match(r"(feat|fix|perf|security)(?:\([^)]{1,40}\))?!?: *", subject, re.IGNORECASE)
    subject = subject[kind.end() :] if kind else subject
    subject = re.sub(r" *\((?:#|GH-|bpo-)\d+\)\Z", "", subject).rstrip(". …")
    is_plain = (
        5 <= len(subject.split()) <= 25
        and len(subject) >= 30
        and _CHANGES.match(subject)
        and standing.is_entry(subject)
        and not _INTERNAL.search(subject)
        and not re.search(r"\b[0-9a-f]{7,40}\b|\?|\w_\w|/|::|->", subject)
    )
    return f"{name}: {subject[0].upper()}{subject[1:]}." if name and is_plain else ""


# --- Lists -----------------------------------------------------------------------------------------------------------


_GROUPS = {
    **dict.fromkeys(("removed", "removals", "removal", "removed features"), "removed"),
    **dict.fromkeys(("deprecated", "deprecations", "deprecation"), "deprecated"),
    **dict.fromkeys(("fixed", "fixes", "bug fixes", "bugfixes", "bugfix", "bug fix", "fix"), "fixed"),
    **dict.fromkeys(("added", "features", "feature", "new features", "new", "additions", "enhancements"), "added"),
    **dict.fromkeys(
        (
            "changed",
            "changes",
            "deprecations and removals",
            "improvements",
            "improved",
        ),
        "changed",
    ),
    **dict.fromkeys(("breaking changes", "breaking change", "breaking", "backwards-incompatible changes"), "breaking"),
    **dict.fromkeys(("security", "security fixes"), "security"),
    **dict.fromkeys(("reverted", "reverts"), "reverted"),
}
_NEUTRAL = set_of("other others general all highlights")
"""Groups that say nothing of their entries."""
_VERBS = {"removed": "removes", "deprecated": "deprecates", "added": "adds", "reverted": "reverts"}
_ANNOUNCED = re.compile(
    r"\A(?:Announcing (?:[A-Z][\w.'+-]* ){1,3}v?\d+(?:\.\d+)*"
    r"|(?:[A-Z][\w.'+-]* ){1,3}v?\d.{0,80} (?:(?i:released)|is (?:out|here)))\Z"
)
"""A project, its version, and that it is out."""
_MINOR = re.compile(r"(?:Fix|Require|Bump|Updat|Mak|Restor|Correct|Improv)", re.IGNORECASE)
"""How entries begin that matter to few users."""
_BEGINS = re.compile(
    r"(?:Add|Allow|Support|Introduc|Implement|Enabl|Remov|Drop|Deprecat|Fix|Improv|Speed|Chang|Renam|Switch|Rais|Mak"
    r"|Don.t |Do not |Hid[ei]|Detect|Disabl|Ignor|Show|Display|Check|Ensur|Send|Map|Default|Return|Keep|Split"
    r"|Mov|Respect|Follow"
    r"|Resolv|Treat"
    r"|Limit|Warn|Log|Emit|Cach|Read|Writ|Highlight|Convert|Mark|Replac|Merg|Creat|Print|Render"
    r"|Prevent|Handl|Accept|Reject|Stop|Use[ds]? |Restor|Reduc|Requir|Provid|Updat|Includ|Avoid|Correct|Expos|Validat"
    r"|Python \d|(?:\S+ ){1,4}(?:now|no longer) |[`\w.()*-]+ (?:now|no longer|is now|can now|are now|has|accepts?"
    r"|supports?|returns?) |It is now "
    r"|Not? longer )",
    re.IGNORECASE,
)
"""How an entry begins that says what was changed."""
_CHANGES = re.compile(
    r"(?:Add|Allow|Support|Introduce|Enable|(?:Remove|Drop)(?=.* support\b)|Deprecate|Fix|Speed up|Show|Let"
    r"|Make|Accept|Reject|Handle"
    r"|Prevent|Warn|Stop) ",
    re.IGNORECASE,
)
_INTERNAL = re.compile(
    r"\b(?:typos?|lint\w*|CI|CD|refactor\w*|bump\w*|chore|tests?|testing|testsuite|pytest|changelog|internals?|mypy"
    r"|pyright|flake8|ruff|isort|pre-commit|tox|nox|coverage|workflows?|dependabot|renovate|README|various|misc\w*"
    r"|minor"
    r"|clean ?ups?|clean|cosmetic|housekeeping|docs?|documentation|docstrings?|comments?|wording|spelling|grammar"
    r"|links?"
    r"|badges?|contributors?|maintainers?|copyright|license|packaging|sdist|pyproject\.toml|setup\.(?:py|cfg)"
    r"|Makefile"
    r"|Dockerfile|submodules?|boilerplate|todo|wip|no (?:code )?changes|source distributions?|merge[ds]?"
    r"|backport\w*|nightly|benchmarks?|fixtures?|type hints?"
    r"|typing|annotat\w+|stubs?|vendored?|several|some bugs?|small|tweak\w*|more robust|code ?base|helpers?|utils?"
    r"|build (?:system|backend)|more (?:details|information|info)|available (?:as|from|on|via)|(?:cargo|pip"
    r"|npm) install|typecasts?|tarballs?|scaffold|clippy|MSRV|dependenc(?:y|ies)|codegen|releas(?:e"
    r"|ing) (?:process|script)|version number|GitHub Actions|Travis|AppVeyor|wheels?)\b"
    r"|(?<!\w)_\w|\w__|#\d|@\w|\bGH-\d|\bPR\b|https?:",
    re.IGNORECASE,
)
"""What users of a project do not see, and marks of those who made it."""
_DEFINES = re.compile(
    r"(?:An? |The )?[^,;:\"“]{2,50}(?:, [^,]{3,60},)? (?:(?:is|are) (?:an?|the|one of|responsible for"
    r"|used to) (?!great|good|best|version)|(?:ist|sind) (?:ein|eine|einer|der|die|das) |"
    r"(?:est|sont) (?:une?|les?|la|des) "
    r"|(?:es|son) (?:una?|el|la|los|las) |(?:è|sono) (?:una?|uno|il|lo|la|i|gli|le) |(?:is|zijn) (?:een|de|het) "
    r"|(?:é|são) (?:uma?|os?|as?) )|[^、。]{2,40}は.{6,100}(?:です|である|ます)。|[^，。]{2,20}是.{6,80}。"
)
"""A sentence that says what a thing is: true whatever stands around it."""
_KINDS = set_of("""
    manual handbook guide guides book docs documentation blog news reference site magazine journal the a an das der die
    handbuch handleiding manuel manuale manual guida guía guia référence referenz referentie le la les il lo el
""")
"""Words of a site's name that say what sort of text it is."""
_NO_NAMES = set_of("""
    main master trunk src source repo repository code project checkout work workspace app git build readme readme.md
    index documentation docs overview introduction home changelog guide usage installation untitled about api reference
    release releases tutorial quickstart examples faq
""")
"""Folders, pages and headings that are called as anybody's may be."""
_LABELS = {
    word[:6]
    for word in set_of("""
    weekly monthly daily update updates release releases released notes note links link news changelog changes roundup
    digest newsletter status report reports announcement announcements meeting minutes agenda part episode issue week
    month year day january february march april may june july august september october november december blog post posts
    summary recap welcome hello world test introduction intro overview about faq contact documentation docs new version
    versions available announcing project community annual quarterly edition volume chapter section index home page
    readme guide usage reference misc miscellaneous thoughts monday tuesday wednesday thursday friday saturday sunday
    """)
}
"""What a title is made of that says only what sort of text follows, as `stems` gives it."""


@cache
def _numbered() -> re.Pattern[str]:
    """A part of a series, told by its number or its week."""
    return re.compile(
        r"\b(?:part|episode|ep\.?|issue|vol\.?|volume|week|edition|digest|newsletter|day|chapter|lesson) ?#?\d+"
        r"|\b(?:blog|phase|log|devlog|diary|post|sprint) #?\d+|#\d+|\(\d+/\d+\)|\bthis (?:week"
        r"|month)\b(?!.{0,40}: )|\A(?:week|month)ly\b.{0,25}\Z"
        r"|\b(?:January|February|March|April|May|June|July|August|September|October|November"
        r"|December) 20\d\d\b(?!.*: )",
        re.IGNORECASE,
    )


@cache
def _dated() -> re.Pattern[str]:
    """An invitation to a day, which may be over."""
    day = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    return re.compile(rf"\bon {day}\b|\b(?:this|next) {day}\b|\bsecond call\b|\bpre-schedule\b", re.IGNORECASE)


@cache
def _lure() -> re.Pattern[str]:
    """Titles that promise and don't tell, those of pages without news, and those of a day that passes."""
    what = "things|ways|reasons|tips|tricks|hacks|secrets|mistakes|lessons"
    return re.compile(
        r"you won.t believe|\bwhere to go from here|\bwhat(?:.s| is) next\b|\bnext steps\b|\bneeds? your\b"
        r"|what happened next|this one (?:\w+ )?trick|will (?:blow|shock|amaze|surprise|change your)"
        r"|number \d+ (?:will|is)|doctors hate|the (?:real|shocking|surprising) (?:reason|truth)"
        r"|nobody (?:tells|is)\b"
        rf"|you(?:'re| are) doing (?:it|this) wrong|(?:\A|top |best )\d+ (?:\w+ )?(?:{what})"
        r"|\A(?:home|untitled|welcome|index|blog|news|post|article|404|just a moment|access denied)\b.{0,12}\Z"
        r"|\b(?:today|tomorrow|yesterday|tonight|coming soon|next (?:week|month)|live now|happening now|last chance"
        r"|call for (?:papers|participation|proposals)|registration|save the date|hiring|job opening|giveaway)\b",
        re.IGNORECASE,
    )
