"""Rules on what a text may contain at all: characters, blocked terms, links, mentions, tags, secrets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from twitter_manager import invisible
from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.lengths import carries_links
from twitter_manager.content import with_link
from twitter_manager.domain import Violation
from twitter_manager.english import HASHTAG, MENTION, find_words, shown
from twitter_manager.platforms import SPECS
from twitter_manager.redaction import find_secrets

_LONE_SURROGATE = r"[\ud800-\udfff]"
_CONTROLS = r"[\0-\x08\x0b-\x1f\x7f-\x9f]"
_CASHTAG = r"(?i:(?<!\S)\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?=$|[\s!-/:-@\[-`{-~]))"  # `validCashtag` of twitter-text


def characters(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Characters that can't be sent, or that a platform does not take."""
    for at, text in enumerate(context.shown(parts)):
        if found := re.search(_LONE_SURROGATE, text):
            yield _character(found[0], "is half of a character and can't be sent", at)
            continue
        for platform in context.platforms:
            forbidden = SPECS[platform].forbidden
            if forbidden and (found := re.search(forbidden, text)):
                yield _character(found[0], f"does not go on {platform}", at, platform)
        controls = re.findall(_CONTROLS, text)[:1]
        if context.unattended and (unseen := "".join(controls) or invisible.first(text)):
            yield _character(unseen, "is invisible and has no place in a post", at)


def _character(character: str, why: str, part: int, platform: str = "") -> Violation:
    return Violation("characters", f"The character U+{ord(character):04X} {why}: take it out.", part, platform)


def cashtags(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """No more cashtags than a platform takes."""
    for spec in map(SPECS.__getitem__, context.platforms):
        for at, text in enumerate(parts if spec.max_cashtags is not None else ()):
            if "$" in text and (count := len(re.findall(_CASHTAG, text))) > (spec.max_cashtags or 0):
                message = f"{spec.title} takes {spec.max_cashtags} cashtag a post, this has {count}."
                yield Violation("cashtags", message, at, spec.name)


def blocked_terms(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Terms the bot's person never wants to see, as whole words, whatever their case."""
    terms = tuple(dict.fromkeys(filter(None, (_folded(term) for term in context.policy.blocked_terms))))
    for at, text in enumerate(context.shown(parts) if terms else ()):
        folded = _folded(text)
        for term in terms:
            if find_words(term, folded) >= 0:
                yield Violation("blocked_terms", f"The term “{shown(term)}” is on the list of blocked terms.", at)


def _folded(text: str) -> str:
    """Compatible forms made one, case folded, invisible characters out, white space single."""
    visible = "".join(c for c in text if c.isascii() or not invisible.is_unseen(c))
    return " ".join(unicodedata.normalize("NFKC", visible).casefold().split())


def links(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Links over all parts of a draft as each platform gets it, bare names such as `file.py` among them where that
    platform makes links of them: X bills a post with one thirteen times dearer."""
    for platform in context.platforms:
        post = with_link(parts, context.links.get(platform, ""))
        count = sum(SPECS[platform].count_links(part) for part in post)
        if count and not carries_links(platform, context.policy):
            yield Violation("links", f"A link, and posts on {platform} carry none (links, max_links).", 0, platform)
        else:
            yield from (replace(one, platform=platform) for one in _too_many(context, "links", count))


def mentions(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Mentions over all parts of a draft of those who are not on the list: X forbids automated ones that nobody asked
    for."""
    allowed = {handle.removeprefix("@").casefold() for handle in context.policy.allowed_mentions}
    handles = (handle[1:].casefold() for text in parts for handle in re.findall(MENTION, text))
    yield from _too_many(context, "mentions", sum(handle not in allowed for handle in handles))


def hashtags(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Hashtags over all parts of a draft."""
    yield from _too_many(context, "hashtags", sum(len(re.findall(HASHTAG, text)) for text in parts))


def _too_many(context: CheckContext, what: str, count: int) -> Iterator[Violation]:
    limit = getattr(context.policy, f"max_{what}")
    if limit is not None and count > limit:
        yield Violation(what, f"{count} {what}, and the bot's limit is {limit} (max_{what}).")


def secrets(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Keys, tokens and passwords, by value and by shape. The message never carries one."""
    for at, text in enumerate(context.shown(parts)):
        for name in find_secrets(text, context.secrets):
            yield Violation("secrets", f"The text contains {name}: never post it, and change it if it was public.", at)
