"""Rules against saying the same thing twice. Which posts were made before is left to the caller.

The near-duplicate rule must never jam a bot: what its posts share (an opener, a signature, a bare link, a stock phrase)
may not make them duplicates of each other. Four things hold it to that: links are not words; only the share of the
*new* post that is old counts, so a short post never blocks a longer one; words that several recent posts have in
common count for nothing; and a post that brings a few content words of its own is a new one, whatever surrounds them.
Posts whose numbers differ (releases, figures) say different things.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from twitter_manager.checks.context import CheckContext
from twitter_manager.content import normalised_hash, whole_texts
from twitter_manager.domain import Violation
from twitter_manager.english import function_words, sentences, shown, words

_FEWEST_WORDS = 6
_SAME_PAIRS = 0.5
_SAME_WORDS = 0.8
"""Shares of the new post's word pairs, or of its content words, that an old one has, from which on it may be the same
post again: the same phrases, or the same words in another order."""
_NOVEL_WORDS = 4
_NOVEL_SHARE = 0.25
"""Content words that the old post has not, at least this many and this share, make a new post."""
_STOCK_POSTS = 3
"""Recent posts with a word or a word pair in common make it stock."""
_VERSION = re.compile(r"(?<=\w )(?!\d?\d\.[0-5]\d:)v?\d+(?:\.\d+)+(?=: )")
"""Of a release: what one branch of a project tells is no news of another."""


def exact_duplicate(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """The same words as an earlier post of this bot, or as another part of the same thread."""
    if re.search("[\ud800-\udfff]", "".join(context.shown(parts))):  # it has no hash
        return
    whole = whole_texts(parts, context.links.values())
    if any(context.used_hashes(normalised_hash(post)) for post in whole):
        yield Violation("duplicate", "The same words were posted before, or are waiting to be.")
    seen: dict[str, int] = {}
    for at, part in enumerate(parts):
        first = seen.setdefault(normalised_hash([part]), at)
        if first != at:
            yield Violation("duplicate", f"Part {at + 1} says the same as part {first + 1}.", at)


def repetition(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """A word four times in a row, or a sentence again, word for word or with most of its words: a model that turns in
    circles."""
    earlier: list[list[str]] = []
    for at, part in enumerate(parts):
        part_words = words(part)
        repeats = any(len(set(part_words[i : i + 4])) == 1 for i in range(len(part_words) - 3))
        for said in filter(lambda sentence_words: len(sentence_words) > 2, map(words, sentences(part))):
            repeats = repeats or any(_is_again(said, before) for before in earlier)
            earlier.append(said)
        if repeats:
            yield Violation("repetition", "It says something again.", at)


def _is_again(new: list[str], old: list[str]) -> bool:
    content = set(new) - function_words()
    alike = len(new) >= _FEWEST_WORDS and _share(content, old) == 1 and _share(set(old) - function_words(), new) == 1
    return new == old or (alike and len(content) > 2 and not _numbers_differ(new, old))


def near_duplicate(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Most of the text stands in one recent post, and little else."""
    if old := nearly_the_same("\n".join(parts), context.recent):
        yield Violation("near_duplicate", f"Nearly the same as a recent post: “{shown(old)}”")


def nearly_the_same(whole: str, posts: Sequence[str]) -> str:
    """The first of the posts in which most of a text stands, where the text says little else; "" where none is."""
    new = words(whole)
    recent = [(text, old) for text in posts if len(old := words(text)) >= _FEWEST_WORDS]
    if len(new) < _FEWEST_WORDS or not recent:
        return ""
    name, _, body = whole.partition(": ")
    title = set(words(name)) if body and any(text.startswith(f"{name}: ") for text, _ in recent) else set()
    seen_words = Counter(word for _, old in recent for word in set(old))
    seen_pairs = Counter(pair for _, old in recent for pair in set(pairwise(old)))
    content = {word for word in set(new) - function_words() - title if seen_words[word] < _STOCK_POSTS}
    pairs = [pair for pair in pairwise(new) if seen_pairs[pair] < _STOCK_POSTS and not title.issuperset(pair)]
    for text, old in recent:
        is_novel = len(content - set(old)) >= max(_NOVEL_WORDS, _NOVEL_SHARE * len(content))
        is_same = _share(pairs, pairwise(old)) >= _SAME_PAIRS or _share(content, old) >= _SAME_WORDS
        is_same_entry = _VERSION.search(whole) and _VERSION.sub("", whole) == _VERSION.sub("", text)
        if is_same_entry or (is_same and not is_novel and not _numbers_differ(new, old)):
            return text
    return ""


def _numbers_differ(new: list[str], old: list[str]) -> bool:
    these, those = ({word for word in post_words if word[0].isdigit()} for post_words in (new, old))
    return not (these <= those or those <= these)


def _share(new: Collection[object], old: Iterable[object]) -> float:
    known = set(old)
    return sum(word in known for word in new) / len(new) if new else 0.0
