"""What the settings come to, once checked: frozen records. No repr of them shows a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from twitter_manager.domain import FORMATS, Persona, Price
from twitter_manager.platforms import LINKS_BY_DEFAULT, SPECS
from twitter_manager.platforms.spec import PlatformSettings
from twitter_manager.schedule import Quiet, Schedule
from twitter_manager.sources import Source

LOCAL_POOL = 8
PAID_POOL = 1
PAID = ("claude", "openai")
WRITER, NLI, NOBODY = "self", "nli", "off"
"""Who judges, besides one of PAID: the model that wrote, asked anew; a local NLI model; nobody."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The settings of the platforms that are set up, by name. One that needs some and has none is off."""

    platforms: Mapping[str, PlatformSettings] = field(default_factory=dict)

    def of(self, platform: str) -> PlatformSettings | None:
        """A platform's settings."""
        return self.platforms.get(platform)


@dataclass(frozen=True, slots=True)
class HuggingFace:
    """The local model. `model`: empty for the bundled one, a hub name (then with a 40-hex `revision`), an absolute
    folder or a .gguf file. `writing`: `choose`, `write`, or empty where the person left it open. `threads`: 0 where
    left open."""

    model: str = ""
    revision: str = ""
    writing: str = ""
    threads: int = 0


@dataclass(frozen=True, slots=True)
class Embeddings:
    """What compares texts by their meaning. `kind`: `local`, `openai` or empty for nothing; `model`: empty for the
    packaged one (or the service's default), a hub name (then with a 40-hex `revision`), an absolute folder, or the name
    of a service's model."""

    kind: str = "local"
    model: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Judging:
    """Who judges what a model wrote. `kind`: WRITER, one of PAID, NLI, NOBODY, or empty where it hangs on the writer;
    `model`: of NLI, a hub name (then with a 40-hex `revision`) or an absolute folder; `by_critic`: the setting
    CRITIC of older versions is still there."""

    kind: str = ""
    model: str = ""
    revision: str = ""
    by_critic: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """A paid service, or one like it on this machine (`api_key` empty then). Empty: the provider's own default; no
    price: by the price list. `effort`: of a model that thinks first: none, low, medium or high."""

    api_key: str = field(repr=False)
    base_url: str = ""
    model: str = ""
    price: Price | None = None
    effort: str = ""


@dataclass(frozen=True, slots=True)
class Generators:
    """Which generators to ask, in which order. One that is in `order` but None here has no key and is left out."""

    order: tuple[str, ...]
    huggingface: HuggingFace
    claude: Provider | None
    openai: Provider | None
    judging: Judging = Judging()
    embeddings: Embeddings = Embeddings()

    @property
    def usable(self) -> tuple[str, ...]:
        """`order` without those that have no key."""
        missing = {name for name in PAID if getattr(self, name) is None}
        return tuple(name for name in self.order if name not in missing)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a bot may do at most: posts an hour and a day (its own day), US dollars a calendar month."""

    per_hour: int = 1
    per_day: int = 24
    quiet_hours: Quiet | None = None
    usd_per_month: float = 15.0


@dataclass(frozen=True, slots=True)
class Threads:
    """How threads look: with or without a number in front of each part."""

    numbered: bool = True


@dataclass(frozen=True, slots=True)
class Style:
    """`learn_from`: the file of the person's own past posts, absolute; None where there is none. `tone`: one of
    `domain.TONES`, or none. `max_chars`: how long a post, or each part of a thread, is to be at most; None: as the
    platforms allow."""

    learn_from: Path | None = None
    tone: str = ""
    max_chars: int | None = None


@dataclass(frozen=True, slots=True)
class BotFile:
    """What a bot's TOML file says; see `botfile.TABLES` for what each key means."""

    enabled: bool = True
    platforms: tuple[str, ...] = tuple(SPECS)
    time_zone: str = "UTC"
    pool: int | None = None
    draft_ttl_hours: int = 72
    item_rest_days: int = 30
    hashtags: tuple[str, ...] = ()
    signature: str = ""
    blocked_terms: tuple[str, ...] = ()
    links: tuple[str, ...] = LINKS_BY_DEFAULT
    max_links: int = 1
    max_mentions: int = 0
    max_hashtags: int = 3
    allowed_mentions: tuple[str, ...] = ()
    allow_profanity: bool = False
    allowed_personal: tuple[str, ...] = ()
    fresh_days: int = 3
    fidelity: str = ""
    schedule: Schedule = field(default_factory=Schedule)
    limits: Limits = field(default_factory=Limits)
    persona: Persona = field(default_factory=Persona)
    threads: Threads = field(default_factory=Threads)
    style: Style = field(default_factory=Style)
    topics: Mapping[str, float] = field(default_factory=dict)
    formats: Mapping[str, float] = field(default_factory=lambda: dict(FORMATS))
    sources: tuple[Source, ...] = (Source(trust="own"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot(BotFile):
    """A bot with its own accounts and generators."""

    name: str
    credentials: Credentials
    generators: Generators
    limits_there: Mapping[str, int] = field(default_factory=dict)
    """By platform, the longest part where its server takes another than is usual."""

    @property
    def platforms_on(self) -> tuple[str, ...]:
        """Those of its platforms that have what they need."""
        return tuple(name for name in self.platforms if self.credentials.of(name) or not SPECS[name].public)

    @property
    def has_links(self) -> bool:
        """Whether an address goes along with its posts on some platform."""
        return self.max_links != 0 and not set(self.links).isdisjoint(self.platforms_on)

    @property
    def pool_size(self) -> int:
        """How many drafts to keep ready: what the file says, else many where drafts are free, one where they cost."""
        if self.pool is not None:
            return self.pool
        first = next(iter(self.generators.usable), "")
        return PAID_POOL if first in PAID else LOCAL_POOL


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the program. `secrets`: every secret value, for redaction. `pass_through`: names and values from
    `.env` that libraries read from the process environment (a proxy, say), where that doesn't have them."""

    home: Path
    log_level: str
    run_seconds: int
    settle_minutes: int
    unsure: str
    generators: Generators
    bots: tuple[Bot, ...]
    secrets: tuple[str, ...] = field(repr=False)
    pass_through: Mapping[str, str] = field(repr=False)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def database(self) -> Path:
        return self.data / "twitter.db"

    @property
    def lock(self) -> Path:
        return self.data / "twitter.lock"

    @property
    def models(self) -> Path:
        return self.data / "models"

    def feed(self, bot: str) -> Path:
        """The bot's feed: `data/feed.xml` for `default`, `data/feed-NAME.xml` for another."""
        return self.data / ("feed.xml" if bot == "default" else f"feed-{bot}.xml")

    @property
    def active(self) -> tuple[Bot, ...]:
        """The bots that are switched on."""
        return tuple(bot for bot in self.bots if bot.enabled)
