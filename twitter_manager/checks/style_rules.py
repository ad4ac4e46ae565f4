"""Rules that hold a post to what its person wishes of its form: tone, length, language, the material's own words.

A tone is a word in the settings; what it bars can be looked for by anybody, and is. Whether a text *sounds* so is left
to the model that writes, which is told, and to the person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.plain import plain
from twitter_manager.checks.tables import table
from twitter_manager.domain import Violation
from twitter_manager.english import EMOJI, LINK, normalised, sentences, shown
from twitter_manager.language import differs
from twitter_manager.platforms.matching import graphemes


def tone(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Nothing that the wished tone bars; what stands in backticks is code."""
    for at, part in enumerate(parts):
        text = re.sub(r"`[^`]*`", " ", part)
        for what in table("style_rules")["barred"].get(context.policy.tone, ()):
            if found := re.search(_expression(what), text):
                said = shown(found[0], 20)
                yield Violation("tone", f"{context.policy.tone.capitalize()} posts have no {what}: “{said}”.", at)


def liking(parts: Sequence[str], wished: str) -> float | None:
    """The share (0 to 1) of what makes a post sound as wished that this one has; None for a tone that only bars."""
    liked = table("style_rules")["liked"].get(wished)
    return sum(bool(re.search(_expression(one), "\n".join(parts))) for one in liked) / len(liked) if liked else None


def _expression(what: str) -> str:
    return EMOJI if what == "emoji" else str(table("style_rules")["expressions"][what])


def wished_length(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """No part longer than wished, hashtags and signature counted, in characters as readers count them."""
    most = context.policy.max_chars
    for at, part in enumerate(parts):
        if most is not None and (counted := graphemes(part)) > most:
            yield Violation("wished_length", f"{counted} characters, and at most {most} are wished: shorten it.", at)


def language(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """The bot's language, where it can be told; sentences of the material may stay in theirs."""
    known = _plain(" ".join(context.material or ()))
    for at, part in enumerate(parts):
        own = " ".join(one for one in sentences(_bare(part)) if _plain(one) not in known)
        if other := differs(own, context.language):
            yield Violation("language", f"It is not in {context.language}: it seems to be {other}.", at)


def strict(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Each sentence is a whole sentence of the material, word for word; hashtags and addresses don't count."""
    if context.policy.fidelity != "strict" or context.material is None:
        return
    known = {_plain(sentence) for one in context.material for sentence in (one, *sentences(one))}
    for at, text in enumerate(parts):
        said = next((one for one in sentences(text) if _plain(one) not in known | {""}), "")
        if said:
            message = f"Not the material's own words (fidelity = strict): “{shown(said)}”"
            yield Violation("strict", message, at)


def _bare(text: str) -> str:
    """Without what stands in a text of any language."""
    return re.sub(rf"{LINK}|(?<!\w)[#@]\w+", " ", text)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", plain(_bare(normalised(text))).casefold()))
