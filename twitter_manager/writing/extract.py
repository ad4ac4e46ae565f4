"""Chooses what a fetched text says best in one post: whole sentences of it, word for word, with its title where they
need one.

Which sentences can stand there is `prose`'s. Of those the most central ones are best: those that share their rarer
words with the others and with the title, early ones first. A second sentence that hangs on the first may follow it.
When nothing is left, the title alone serves those who also show the link.

Pure, and bounded in time for any text. Words are never changed nor added, save the fixed forms in `_framed`.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import urlsplit

from twitter_manager.checks.words import set_of
from twitter_manager.domain import Item
from twitter_manager.writing.prose import (
    LEAST_WEIGHT,
    MOST_TEXT,
    Sentence,
    bare,
    is_news,
    is_unspaced,
    normalised,
    sentences,
    weight,
)

LONGEST_TITLE = 110
_REPEATED = 0.34
"""A sentence that has so much of the title's words needs no title in front."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A text for a post. `frame`: "sentence", "pair", "title first", "title last", "release", "commit", "quote",
    "fresh" or "title"."""

    text: str
    frame: str
    score: float = 0.0


def extracts(
    item: Item, fits: Callable[[str], bool], form: str = "", seed: int = 0, linked: bool = False
) -> tuple[Extract, ...]:
    """Texts for a post out of an item, best first; none when it has nothing that stands by itself.

    `form`: the post's format, as far as it matters here (news, quote). `linked`: the item's address goes along on some
    platform, and a title alone says enough there."""
    title = titled(item)
    heading = _heading(item, title)
    found: list[Extract] = []
    for run, score in _runs(item, heading):
        for way, one in enumerate(_framed(run, item, title, heading, form, seed)):
            found += [Extract(one.text, one.frame, round(score - way / 1000, 4))] if fits(one.text) else []
    if item.kind == "commit" and heading and fits(heading):
        found.append(Extract(heading, "commit"))
    if not found and linked and item.url and item.kind == "entry" and title and fits(title):
        found.append(Extract(title, "title"))
    best: dict[str, Extract] = {}
    for one in sorted(found, key=lambda one: -one.score):
        best.setdefault(one.text, one)
    return tuple(best.values())


# --- Names -----------------------------------------------------------------------------------------------------------


def titled(item: Item) -> str:
    """The item's title as it may be shown: without the site's name; "" for one that shouts, lures, asks or is cut."""
    title = bare(normalised(item.title[:1000]))
    for mark in (" | ", " · ", " » ", " :: "):
        title = title.split(mark)[0]
    head, found, last = _rpartition(title)
    site = _letters(urlsplit(item.url).hostname or "") + " " + _letters(item.source)
    if found and all(_letters(word) in site for word in last.split() if word.casefold() != "the"):
        title = head
    title = bare(title).rstrip(".:;,-–— !").strip()
    unspaced = sum(map(is_unspaced, title))
    if not (len(title.split()) >= 2 or unspaced >= 4) or len(title) > LONGEST_TITLE or not is_news(title):
        return ""
    is_cut = re.search(r"[?？؟…]|\.\.|\.\w{2,4}\Z(?<!\d)", title)
    return "" if is_cut or _lure().search(title) or _is_version(title) else title


def project(item: Item) -> str:
    """What a release or a commit belongs to: the name of the repository, as its address or its source's name has it;
    "" where that is not known."""
    parts = urlsplit(item.url)
    steps = [step for step in parts.path.split("/") if step]
    if parts.hostname in ("github.com", "gitlab.com", "codeberg.org") and len(steps) >= 2:
        return steps[1]
    name = item.source.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    is_name = re.fullmatch(r"[^\W\d_][\w.+-]*(?: [\w.+-]+){0,3}", name) and not re.search(
        r"\.(?:xml|atom|rss|json)\Z", name
    )
    tells = is_name and "/" not in name and not re.search(r"\.(?:com|org|net|io|dev)\b", name)
    return name if tells and name.casefold() not in _NO_NAMES else ""


def is_release(item: Item) -> bool:
    """Whether it tells of one release: its kind says so, or a feed's entry has a version for its title."""
    return item.kind == "release" or (item.kind == "entry" and _is_version(" ".join(item.title.split())))


def release_name(item: Item) -> str:
    """PROJECT VERSION of a release, "" where both are not known."""
    return _release_name(item, titled(item)) if is_release(item) else ""


def version(item: Item) -> str:
    """The version that the title of a release names, "" where it names none."""
    found = re.search(r"(?<![\w.])v?(\d+(?:\.\d+)+(?:-?(?:rc|alpha|beta|a|b|dev|post)\.?\d*)?)(?![\w.]*\w)", item.title)
    return found[1] if found else ""


def source_name(item: Item) -> str:
    """A source's name that a person chose; "" for an address or a path."""
    return item.source if re.fullmatch(r"[^\W\d_][\w'&+-]*(?: [\w'&+-]+){0,4}", item.source) else ""


def said_by_itself(item: Item) -> tuple[str, ...]:
    """Words that a frame takes from the item's source and address, for the check that all stands in the material."""
    return tuple(filter(None, (project(item), version(item), source_name(item))))


def _rpartition(title: str) -> tuple[str, str, str]:
    for mark in (" - ", " – ", " — "):
        if mark in title:
            return title.rpartition(mark)
    return title, "", ""


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _is_version(title: str) -> bool:
    return bool(re.fullmatch(r"(?:version|release|v)?\s*v?\d+(?:\.\d+)*\S*", title, re.IGNORECASE))


# --- Frames ----------------------------------------------------------------------------------------------------------


def _heading(item: Item, title: str) -> str:
    """What stands in front of a sentence that needs it: a release's name, a commit's subject, else the title."""
    if is_release(item):
        return _release_name(item, title)
    return _commit(item) if item.kind == "commit" else title


def _framed(run: _Run, item: Item, title: str, heading: str, form: str, seed: int) -> Iterator[Extract]:
    """The run as it may be posted, the best form first."""
    if is_release(item):
        if heading:
            text = run.text if run.text[-1] in ".。۔।\"”'’»」』)]`" else f"{run.text}."
            yield Extract(text if heading.casefold() in text.casefold() else f"{heading}: {text}", "release")
    elif item.kind == "commit":
        if heading and _letters(run.text) not in _letters(heading):
            yield Extract(f"{heading} {run.text}", "commit")
    elif form == "quote":
        # The check of quotations tells words by the spaces between them.
        if (
            title
            and run.frame == "sentence"
            and not re.search(r"[\"“”«»„]", run.text)
            and not is_unspaced(run.text[-1])
        ):
            yield Extract(f"“{run.text}” — {title}", "quote")
    else:
        yield from _told(run, item, title, form, seed)


def _told(run: _Run, item: Item, title: str, form: str, seed: int) -> Iterator[Extract]:
    """The run alone, or with its title, or with its source's name, in an order that turns with the seed."""
    name = source_name(item)
    if form == "news" and name and run.first.alone:
        yield Extract(f"New on {name}: {run.text}", "fresh")
    if not run.first.alone:
        if ": " not in title:
            yield Extract(f"{title}: {run.text}", "title first")
        return
    ways = [Extract(run.text, run.frame)]
    if title and run.frame == "sentence" and _share(title, run.text) < _REPEATED:
        if ": " not in title:
            ways.append(Extract(f"{title}: {run.text}", "title first"))
        if item.kind in ("page", "document"):
            ways.append(Extract(f"{run.text} (From “{title}”.)", "title last"))
    turn = seed % len(ways)
    yield from ways[turn:] + ways[:turn]


def _release_name(item: Item, title: str) -> str:
    """PROJECT VERSION, or a title that holds both."""
    name, number = project(item), version(item)
    if name and number:
        return f"{name} {number}"
    is_both = number and re.search(r"[^\W\d_]{2,}", re.sub(r"\b(?:release|version)\b", "", title, flags=re.IGNORECASE))
    return title if title and is_both else ""


def _commit(item: Item) -> str:
    """A commit's subject line as a sentence, with the repository's name in front, and the part of it that the line
    names: "name: Handle empty input.", "name (parser): Handle empty input."."""
    name, subject = project(item), bare(normalised(item.title[:1000]))
    subject = re.sub(r"\A(?:\[[\w ./-]{1,30}\]\s*|:[a-z_]+:\s*)+", "", subject)
    subject = re.sub(rf"\A(?:{_KINDS})(?:\([^)]*\))?!?:\s*", "", subject, flags=re.IGNORECASE)
    subject = re.sub(r"\A(?:[\w-]*[./][\w./*-]*|[\w-]+\.\w{1,4}):\s+", "", subject)  # a path
    subject = re.sub(r"\s*\((?:#|GH-|bpo-)\d+\)", "", subject).rstrip(". …")
    part, found, rest = subject.partition(": ")
    if found and re.fullmatch(r"[\w-]+(?: [\w-]+){0,2}", part):
        name, subject = f"{name} ({part})" if name else "", rest
    is_plain = len(subject.split()) >= 3 and is_news(subject) and not re.search(r"\b[0-9a-f]{7,40}\b|\?", subject)
    return f"{name}: {subject[0].upper()}{subject[1:]}." if name and is_plain else ""


# --- Scores ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    """One sentence, or two of which the second hangs on the first."""

    text: str
    first: Sentence
    frame: str


def _runs(item: Item, heading: str) -> list[tuple[_Run, float]]:
    """What may be said, with its score, best first."""
    every = sentences(item.text, heading, entries=is_release(item))
    found = [one for one in every if one.alone or one.headed or one.second]
    central = dict(zip((one.at for one in found), centrality([one.text for one in found]), strict=True))
    after = {one.at - 1: one for one in found if one.second}
    whole = normalised(item.text[:MOST_TEXT])
    runs: list[tuple[_Run, float]] = []
    for one in found:
        if not one.alone and not one.headed:
            continue
        score = _score(one, central[one.at], heading)
        if weight(one.text) >= LEAST_WEIGHT:
            runs.append((_Run(one.text, one, "sentence"), score))
        if (two := after.get(one.at)) and two.paragraph == one.paragraph:
            # Where something between them was left out, such as an emoji, they are no stretch of the text any more.
            both = next((both for gap in (" ", "") if (both := f"{one.text}{gap}{two.text}") in whole), "")
            more = 0.3 * _score(two, central[two.at], heading)
            runs += [(_Run(both, one, "pair"), score + more)] if both else []
    return sorted(runs, key=lambda run: -run[1])


def _score(one: Sentence, central: float, title: str) -> float:
    """Centrality and nearness to the title (0 to 1 each), what stands early, numbers and names; a little off for a
    sentence that is very short or long."""
    size = weight(one.text)
    named = len(re.findall(r"(?<=[a-z,] )[A-Z]\w+|\d[\d.,]*", one.text))
    return round(
        central
        + 0.8 * _share(title, one.text)
        + 0.7 / (1 + one.at)
        + 0.3 / (1 + one.paragraph)
        + 0.05 * min(named, 4)
        - (0.3 if size < 50 else 0.2 if size > 220 else 0.0),
        4,
    )


def centrality(texts: Sequence[str]) -> list[float]:
    """How much each sentence has in common with the others, 1 for the most: LexRank over the cosine of TF-IDF vectors.

    https://doi.org/10.1613/jair.1523
    """
    counts = [Counter(_stems(text)) for text in texts]
    seen = Counter(stem for count in counts for stem in count)
    rarity = {stem: math.log(1 + len(texts) / number) for stem, number in seen.items()}
    vectors = [_unit({stem: number * rarity[stem] for stem, number in count.items()}) for count in counts]
    alike = [[_dot(one, other) if one is not other else 0.0 for other in vectors] for one in vectors]
    totals = [sum(row) or 1.0 for row in alike]
    ranks = [1.0] * len(texts)
    for _ in range(20):
        ranks = [
            0.15 + 0.85 * sum(ranks[at] * row[here] / totals[at] for at, row in enumerate(alike))
            for here in range(len(texts))
        ]
    most = max(ranks, default=1.0)
    return [rank / most for rank in ranks]


def _unit(vector: dict[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {stem: value / length for stem, value in vector.items()}


def _dot(one: dict[str, float], other: dict[str, float]) -> float:
    return sum(value * other[stem] for stem, value in one.items() if stem in other)


def _share(title: str, text: str) -> float:
    """How much of the title's words the text has, 0 to 1."""
    wanted, there = set(_stems(title)), set(_stems(text))
    return len(wanted & there) / len(wanted) if wanted else 0.0


@lru_cache(maxsize=256)
def _stems(text: str) -> tuple[str, ...]:
    """Content words, their first six letters, and the pairs of letters of a script without spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    spaced = "".join(" " if is_unspaced(c) else c for c in folded)
    words = [word[:6] for word in re.findall(r"[^\W_]+", spaced) if len(word) > 1 and word not in _EMPTY]
    pairs = [a + b for a, b in itertools.pairwise(folded) if is_unspaced(a) and is_unspaced(b) and (a + b).isalnum()]
    return tuple(words + pairs)


# --- Lists -----------------------------------------------------------------------------------------------------------


_KINDS = "feat(?:ure)?|fix|bugfix|hotfix|perf|security|deps"
"""What a commit's subject begins with by the rules of https://www.conventionalcommits.org, where it may be news."""
_NO_NAMES = set_of("main master trunk src source repo repository code project checkout work workspace app git build")
"""Folders that are called as anybody's may be."""
_EMPTY = set_of("""
    a an and are as at be been but by can do does for from had has have he her his if in into is it its may more most
    no not of on or our she so such than that the their them then there these they this those to was we were what when
    which who will with would you your der die das und ist ein eine den dem mit von zu auf für le la les des et un une
    en du est que el los las una por con para del se
""")
"""Words that say nothing of what a sentence is about."""


@cache
def _lure() -> re.Pattern[str]:
    """Titles that promise and don't tell, and those of pages without news."""
    what = "things|ways|reasons|tips|tricks|hacks|secrets|mistakes"
    return re.compile(
        r"you won.t believe|what happened next|this one (?:\w+ )?trick|will (?:blow|shock|amaze|surprise|change your)"
        r"|number \d+ (?:will|is)|doctors hate|the (?:real|shocking|surprising) (?:reason|truth)|nobody (?:tells|is)\b"
        rf"|you(?:'re| are) doing (?:it|this) wrong|(?:\A|top |best )\d+ (?:\w+ )?(?:{what})"
        r"|\A(?:home|untitled|welcome|index|blog|news|post|article|404|just a moment|access denied)\b.{0,12}\Z",
        re.IGNORECASE,
    )
