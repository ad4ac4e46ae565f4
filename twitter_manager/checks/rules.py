"""All rules in one table, and the two ways to apply them: to a draft, and to one text for one platform.

Each rule is a pure function of the final parts and the context; its module says what it looks for and why.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from twitter_manager.checks import (
    again,
    artefacts,
    duplicates,
    harm,
    personal,
    policy,
    profanity,
    style_rules,
    timeliness,
)
from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.grounding import grounding
from twitter_manager.checks.lengths import length, lengths
from twitter_manager.content import Part
from twitter_manager.domain import Json, Violation
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.facets import Facet


class AppliesTo(StrEnum):
    """Whose text a rule looks at."""

    EVERYONE = "every text"
    UNATTENDED = "texts that no person wrote"
    MODEL = "texts that a model wrote"


@dataclass(frozen=True, slots=True)
class Rule:
    """`setting`: what in a bot's file it obeys, empty when nothing does."""

    name: str
    why: str
    applies_to: AppliesTo
    check: Callable[[Sequence[str], CheckContext], Iterator[Violation]]
    setting: str = ""


@dataclass(frozen=True, slots=True)
class TextReport:
    """What one platform makes of one text. `facets`: what it marks in it; `limit` None where there is none."""

    platform: str
    length: int
    limit: int | None
    ok: bool
    violations: tuple[Violation, ...]
    facets: tuple[Facet, ...]

    def as_json(self) -> Json:
        """The object that `check --json` prints."""
        return {
            "platform": self.platform,
            "length": self.length,
            "limit": self.limit,
            "ok": self.ok,
            "violations": [{"rule": one.rule, "message": one.message} for one in self.violations],
            "facets": [facet.as_json() for facet in self.facets],
        }


def check_draft(parts: Sequence[str], context: CheckContext) -> tuple[Violation, ...]:
    """Everything that is wrong with a post or thread in its final form, in the order of the table."""
    return tuple(violation for rule in RULES if _applies(rule, context) for violation in rule.check(parts, context))


def check_post(parts: Sequence[Part], context: CheckContext) -> tuple[Violation, ...]:
    """The same with what goes along with the texts: whether each platform takes it, and the words in it."""
    card = next((part.card.url for part in parts[-1:] if part.card and not part.media), "")
    texts = [part.text for part in parts]
    return (*check_draft(texts, replace(context, card=card)), *check_attached(parts, context))


def check_attached(parts: Sequence[Part], context: CheckContext) -> Iterator[Violation]:
    """What is wrong with what goes along with the texts."""
    rules = [rule for rule in RULES if rule.name not in _OF_TEXTS_ALONE and _applies(rule, context)]
    without_links = replace(context, links={})
    for at, part in enumerate(parts):
        for name in context.platforms:
            if refusal := SPECS[name].refusal(part):
                yield Violation("media", refusal, at, name)
        for text in part.attached_texts:
            for violation in itertools.chain.from_iterable(rule.check((text,), without_links) for rule in rules):
                yield replace(violation, part=at, message=f"In an alt text or card: {violation.message}")


def check_text(text: str, platform: str, context: CheckContext) -> TextReport:
    """One text on one platform, whatever platforms the context names.

    Raises UsageError for an unknown platform."""
    counted, limit = length(text, platform, context.limits)
    violations = check_draft((text,), replace(context, platforms=(platform,)))
    return TextReport(platform, counted, limit, not violations, violations, tuple(SPECS[platform].facets(text)))


def _applies(rule: Rule, context: CheckContext) -> bool:
    if rule.applies_to is AppliesTo.MODEL:
        return context.written_by_model
    return rule.applies_to is AppliesTo.EVERYONE or context.unattended


def _limits() -> str:
    told = [
        f"{spec.title} takes {spec.limit} {spec.unit}" + (f" and {spec.max_bytes:,} bytes" if spec.max_bytes else "")
        for spec in SPECS.values()
        if spec.limit is not None
    ]
    return f"{', '.join(told)}."


_EVERYONE, _UNATTENDED, _MODEL = AppliesTo.EVERYONE, AppliesTo.UNATTENDED, AppliesTo.MODEL
RULES: tuple[Rule, ...] = (
    Rule("empty", "Nothing to post.", _EVERYONE, artefacts.empty),
    Rule("length", _limits(), _EVERYONE, lengths),
    Rule("characters", "Characters that a platform refuses or that can't be sent.", _EVERYONE, policy.characters),
    Rule("cashtags", "No more cashtags than a platform takes.", _EVERYONE, policy.cashtags),
    Rule("secrets", "A post must never carry a key or password.", _EVERYONE, policy.secrets),
    Rule("blocked_terms", "Words you never want to see.", _EVERYONE, policy.blocked_terms, "blocked_terms"),
    Rule("slurs", "No word that demeans people, in any disguise.", _UNATTENDED, profanity.slurs),
    Rule("swearing", "A bot doesn't swear.", _UNATTENDED, profanity.swearing, "allow_profanity"),
    Rule("personal", "Addresses and numbers of people.", _UNATTENDED, personal.personal, "allowed_personal"),
    Rule("payment", "Demands for money, and wallets to send it to.", _UNATTENDED, harm.payment, "sources.trust"),
    Rule("credentials", "Demands for passwords, codes, wallets.", _UNATTENDED, harm.credentials, "sources.trust"),
    Rule("hatred", "Hatred against a group of people.", _UNATTENDED, harm.hatred, "sources.trust"),
    Rule(
        "accusation", "Crimes that a named person is said to have done.", _UNATTENDED, harm.accusation, "sources.trust"
    ),
    Rule("cures", "Miracle cures, doses, advice against treatment.", _UNATTENDED, harm.cures, "sources.trust"),
    Rule("self_harm", "Calls to self-harm.", _UNATTENDED, harm.self_harm, "sources.trust"),
    Rule("weapons", "Recipes for weapons, poisons, drugs.", _UNATTENDED, harm.weapons, "sources.trust"),
    Rule("commands", "Commands that destroy data or open a machine.", _UNATTENDED, harm.commands, "sources.trust"),
    Rule("home_address", "Where somebody lives.", _UNATTENDED, harm.home_address, "sources.trust"),
    Rule("orders", "Orders to the bot or to a model.", _UNATTENDED, harm.orders, "sources.trust"),
    Rule("minors", "Sexual content about minors.", _UNATTENDED, harm.minors, "sources.trust"),
    Rule("violence", "Calls to violence.", _UNATTENDED, harm.violence, "sources.trust"),
    Rule("election", "False word on how and when to vote.", _UNATTENDED, harm.election, "sources.trust"),
    Rule("panic", "False alarms.", _UNATTENDED, harm.panic, "sources.trust"),
    Rule("timeliness", "“Just released” ages badly.", _UNATTENDED, timeliness.timeliness, "fresh_days"),
    Rule("again", "An older post is not said again in its own words, or when it is over.", _UNATTENDED, again.again),
    Rule("injection", "Orders to a model that material brought along.", _UNATTENDED, artefacts.injection),
    Rule("blobs", "Long runs of letters and digits that nobody can read.", _UNATTENDED, artefacts.blobs),
    Rule("duplicate", "The same words were posted before.", _EVERYONE, duplicates.exact_duplicate),
    Rule("near_duplicate", "Nearly the same was posted lately.", _UNATTENDED, duplicates.near_duplicate),
    Rule("links", "A link makes a post on X 13 times dearer.", _UNATTENDED, policy.links, "links, max_links"),
    Rule("mentions", "Nobody is called without cause.", _UNATTENDED, policy.mentions, "max_mentions, allowed_mentions"),
    Rule("hashtags", "No piles of hashtags.", _UNATTENDED, policy.hashtags, "max_hashtags"),
    Rule("tone", "Exclamation marks, chat, shouting: what the tone bars.", _UNATTENDED, style_rules.tone, "style.tone"),
    Rule("wished_length", "As short as you wish.", _UNATTENDED, style_rules.wished_length, "style.max_chars"),
    Rule("grounding", "A post says nothing that its material doesn't.", _UNATTENDED, grounding),
    Rule("strict", "Only the material's own sentences, if you wish so.", _MODEL, style_rules.strict, "fidelity"),
    Rule("language", "A post is in the bot's language.", _MODEL, style_rules.language, "persona.language"),
    Rule("artefacts", "Labels, tokens, marks, gaps and talk that a model leaves.", _MODEL, artefacts.artefacts),
    Rule("repetition", "A model that turns in circles.", _MODEL, duplicates.repetition),
    Rule("cut_off", "A sentence without its end.", _MODEL, artefacts.cut_off),
)
"""Every rule, in the order in which what it finds is told."""
_OF_TEXTS_ALONE = frozenset(
    {
        *("empty", "length", "cashtags", "duplicate", "near_duplicate", "timeliness", "links", "mentions", "hashtags"),
        *("tone", "wished_length", "grounding", "strict", "language", "artefacts", "repetition", "cut_off", "again"),
    }
)
"""The rules that do not look at alt texts and cards. A new rule does, unless it is named here."""
