"""The rule on claims that age: a post that nobody wrote calls something new, today's or just released only while it is.

How old the material is, is left to the caller; where nobody knows, it is not fresh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.words import shown
from twitter_manager.domain import Violation

_THING = (
    r"(?:version|release|feature|edition|update|book|paper|study|report|album|film|movie|model|course|episode|issue"
    r"|website|app|tool|product|menu|exhibition|season|record|research|guide|series)"
)
_DAY = r"(?:week(?:end)?|month|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
# "Today" as a day, not as "in our time"; "new" and "latest" of what comes out, not of a new line or the latest commit.
_AGEING = (
    r"\b(?:just (?:released|announced|published|launched|landed|dropped|shipped|out|in|arrived)"
    r"|(?:is|are|has|have) (?:just|now) (?:been )?(?:released|out|available|live|open|published|launched)"
    r"|now available|out now|now live|newly (?:released|published|launched)|brand[- ]new|breaking(?: news)?(?=:)"
    r"|(?:released|published|announced|launched|out|available|opens?|closes?|ends?|starts?) today"
    r"|(?:earlier|later|starting|until|from|only) today|today only|last chance|hours? left|days? left"
    rf"|(?:this|next|last) {_DAY}|yesterday|tomorrow|tonight|this morning|this evening|right now|as of (?:today|now)"
    r"|at the moment|currently (?:available|on sale|sold out|closed|offline|down|hiring|looking|working on|in beta)"
    rf"|(?:new|latest|newest|upcoming|forthcoming) {_THING}|coming soon|soon to be)\b"
    r"|(?:\A|[.!?]\s+|\n)today(?:,| (?:the|we|our|it|an?|at|in)\b)|, today[.!]"
)
# Each looks like one of the above and is none.
_TIMELESS = (
    r"\blatest (?:commit|tag|image|value|entry|snapshot|checkpoint|revision)s?\b|\btoday'?s date\b|\bdate of today\b"
    r"|\b(?:a|any|each|every|no|one|another) new \w+|\bfor (?:the )?(?:next|last) (?:\w+ )?(?:week|month)s?\b"
    r"|\"[^\"\n]{0,40}\"|`[^`\n]{0,80}`"
)


def timeliness(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Today, just released, this week, the new version …: only with material that was published lately."""
    if context.age_days is not None and context.age_days <= context.policy.fresh_days:
        return
    for at, text in enumerate(parts):
        said = re.search(_AGEING, re.sub(_TIMELESS, " ", text, flags=re.IGNORECASE), re.IGNORECASE)
        if said is not None:
            why = (
                "nobody knows how old the material is" if context.age_days is None else "the material is too old for it"
            )
            yield Violation("timeliness", f"“{shown(said[0].strip())}” ages badly, and {why} (fresh_days).", at)
