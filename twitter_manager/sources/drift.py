"""Tells entries that look as if their feed had been taken over: another site, another language, another subject.

One of these alone is nothing: sites move, bilingual feeds and new subjects are common. Two together are told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from twitter_manager.domain import Item
from twitter_manager.language import detect

LEAST_KNOWN = 5
"""Entries that must be known before anything is called unusual."""
USUAL = 0.8
"""The share of the known entries that one site, or one language, must have to be the usual one."""


def changes(known: Sequence[Item], new: Sequence[Item], source: str) -> dict[str, str]:
    """For the key of each new item that looks like another's, a line on what has changed."""
    if len(known) < LEAST_KNOWN or not new:
        return {}
    site = _usual([_site(item.url) for item in known])
    language = _usual([_language(item) for item in known])
    words = {word for item in known for word in _words(f"{item.title} {item.text}")}
    changes_by_key = {}
    for item in new:
        other_site = (
            _site(item.url)
            if site and _site(item.url) not in ("", *{_site(known_item.url) for known_item in known})
            else ""
        )
        new_language = _language(item)
        other_language = new_language if language and new_language not in ("", language) else ""
        if line := _line(source, (other_site, site), (other_language, language), _is_other_subject(item, words)):
            changes_by_key[item.key] = line
    return changes_by_key


def _line(source: str, sites: tuple[str, str], languages: tuple[str, str], other_subject: bool) -> str:
    facts = [
        f"links to {sites[0]}, not {sites[1]}" if sites[0] else "",
        f"is in the language {languages[0]}, not {languages[1]}" if languages[0] else "",
        "has none of its usual words" if other_subject else "",
    ]
    given = [fact for fact in facts if fact]
    return f"{source} changed: this entry {' and '.join(given)}" if len(given) > 1 else ""


def _usual(values: Sequence[str]) -> str:
    """The one that nearly all have, or ""."""
    given = Counter(filter(None, values))
    value, count = given.most_common(1)[0] if given else ("", 0)
    return value if count >= USUAL * len(values) else ""


def _site(url: str) -> str:
    """The last two labels of the host: pages of one site stand on several hosts."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host if re.fullmatch(r"[\d.:]+", host) else ".".join(host.split(".")[-2:])


def _language(item: Item) -> str:
    return detect(f"{item.title}. {item.text[:500]}")


def _words(text: str) -> list[str]:
    return [word.casefold() for word in re.findall(r"[^\W\d_]{5,}", text[:5000])]


def _is_other_subject(item: Item, known: set[str]) -> bool:
    """Hardly a longer word of it was ever used before."""
    mine = set(_words(f"{item.title} {item.text[:500]}"))
    return len(mine) >= 3 and len(mine & known) <= len(mine) / 10
