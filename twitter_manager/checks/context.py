"""What the rules are told besides the text. Where the values come from is left to `factory`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from twitter_manager.content import with_link, with_params
from twitter_manager.platforms import LINKS_BY_DEFAULT


@dataclass(frozen=True, slots=True)
class Policy:
    """What a bot's person allows. None: no limit. `links`: the platforms whose posts may carry links.
    `allowed_mentions` (handles, with or without @) don't count as mentions. `allowed_personal`: e-mail addresses,
    telephone numbers and the like that may be posted, "*" for all. `fresh_days`: how old material may be that is
    called new, today's and the like."""

    blocked_terms: tuple[str, ...] = ()
    links: tuple[str, ...] = LINKS_BY_DEFAULT
    max_links: int | None = 1
    link_params: Mapping[str, str] = field(default_factory=dict)
    """What is added to the query of an address that goes along; `{platform}` stands for the platform's name."""
    max_mentions: int | None = 0
    allowed_mentions: tuple[str, ...] = ()
    max_hashtags: int | None = 3
    allow_profanity: bool = False
    allowed_personal: tuple[str, ...] = ()
    fresh_days: float = 3.0
    tone: str = ""
    """One of `domain.TONES`, or none."""
    fidelity: str = ""
    """"strict": a model's text passes only where each sentence is the material's own. Else a judge decides."""
    max_chars: int | None = None
    """How long a post is wished to be at most; no platform's limit."""

    def link(self, address: str, platform: str) -> str:
        """An address as it goes along on a platform."""
        params = {name: value.replace("{platform}", platform) for name, value in self.link_params.items()}
        return with_params(address, params)


@dataclass(frozen=True, slots=True)
class CheckContext:
    """`material` is every text that a post may take a claim from: the items' titles, texts, wordings, labels and
    URLs, and what the program appends by itself (hashtags, signature). None: a person's own text, which answers to
    nobody. `recent`: the bot's newest posts. `used_hashes`: tells of a `domain.normalised_hash` whether a post with
    it was made before. `secrets`: values that must never be posted. `links`: the platforms on which an address goes
    along, and the address. `age_days`: since the material was published, None where that is not known. `today`: the day
    on which it goes out, None where that is not known. `language`: of the text, a BCP 47 code."""

    platforms: tuple[str, ...] = ()
    policy: Policy = Policy()
    material: tuple[str, ...] | None = None
    recent: tuple[str, ...] = ()
    again: str = ""
    """The older post that this one says in other words."""
    used_hashes: Callable[[str], bool] = field(default=lambda text_hash: False, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    written_by_model: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    card: str = ""
    """The address of the last part's card; "" where it has none."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """The longest part on a platform, where its server takes another than is usual."""
    age_days: float | None = None
    today: date | None = None
    language: str = "en"
    trust: str = "known"
    """Of the source that the material is from: `own`, `known` or `open`, the least of several."""
    leads_to: str = ""
    """The beginning of what is found behind the address that goes along; "" where none does."""

    @property
    def unattended(self) -> bool:
        """True when no person wrote the text."""
        return self.written_by_model or self.material is not None

    def shown(self, parts: Sequence[str]) -> tuple[str, ...]:
        """The parts with the address that goes along on any platform: what others wrote stands in it too."""
        return with_link(parts, next(iter(self.links.values()), ""))
