"""The records and protocols that the parts of the program speak in. No behaviour beyond what a value knows itself.

Times are aware datetimes in UTC. Records are frozen. A protocol here is what `pipeline/`, `delivery/` and
`writing/` need of a part; who implements it stands in `factory`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Protocol, runtime_checkable

from twitter_manager.content import Media, Part, text_hash
from twitter_manager.validation import InvalidValue, by, checked_text, entries, key, matching, text

Json = dict[str, Any]
Clock = Callable[[], datetime]
"""Gives the time now, aware, in UTC."""
TimeLeft = Callable[[], float]
"""Gives the seconds that are left of the run's budget; never sleep or wait past it."""
Price = tuple[float, float]
"""US dollars for a million tokens, in and out."""
Progress = Callable[[str], None]
"""Takes one short line for a person at a terminal; does nothing when there is none."""


FORMATS: Mapping[str, float] = {
    "tip": 3.0,
    "news": 3.0,
    "question": 3.0,
    "quote": 0.5,
    "release note": 3.0,
    "comparison": 2.0,
    "thread": 0.0,
}
"""The forms that a post can have, with the weights they have where a bot's file gives none; what they are stands in
`writing/formats.py`. No threads by themselves: on X each part costs."""


TONES: Mapping[str, str] = {
    "sober": "matter-of-fact; no exclamation marks, no emoji, no chat",
    "formal": "formal; no contractions, no “I” or “we”, no exclamation marks, no emoji",
    "friendly": "friendly, as from one colleague to another: “you” and contractions; never shouting or scolding",
    "lively": "lively: short sentences, now and then a question or an exclamation; never scolding",
}
"""The tones that a person can wish for, with what a model is told of them; what each bars stands in
`checks/style_rules.py`."""


RULES_EDITION = 2
"""Goes up when posts that passed older rules must be checked again."""


class DraftStatus(StrEnum):
    NEEDS_ATTENTION = "needs_attention"
    PENDING = "pending"
    APPROVED = "approved"
    PUBLISHING = "publishing"
    POSTED = "posted"
    PARTLY_POSTED = "partly_posted"
    FAILED = "failed"
    SKIPPED = "skipped"
    EXPIRED = "expired"


class DeliveryStatus(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    POSTED = "posted"
    FAILED = "failed"
    UNKNOWN = "unknown"
    HELD = "held"


class Outcome(StrEnum):
    """How a run ended."""

    POSTED = "posted"
    PARTLY_POSTED = "partly_posted"
    NOTHING_DUE = "nothing_due"
    NOTHING_TO_POST = "nothing_to_post"
    WAITING_FOR_REVIEW = "waiting_for_review"
    DRY_RUN = "dry_run"
    UNFINISHED = "unfinished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    ABANDONED = "abandoned"
    RUNNING = "running"


GOOD_OUTCOMES = frozenset({Outcome.POSTED, Outcome.NOTHING_DUE, Outcome.WAITING_FOR_REVIEW, Outcome.DRY_RUN})
"""Of a run with which all is well, unless a person must see to something."""


DRAFT_TRANSITIONS: Mapping[DraftStatus, frozenset[DraftStatus]] = {
    DraftStatus.NEEDS_ATTENTION: frozenset({DraftStatus.PENDING, DraftStatus.APPROVED, DraftStatus.SKIPPED}),
    DraftStatus.PENDING: frozenset(
        {DraftStatus.APPROVED, DraftStatus.NEEDS_ATTENTION, DraftStatus.SKIPPED, DraftStatus.EXPIRED}
    ),
    DraftStatus.APPROVED: frozenset(
        {
            DraftStatus.PUBLISHING,
            DraftStatus.PENDING,
            DraftStatus.NEEDS_ATTENTION,
            DraftStatus.SKIPPED,
            DraftStatus.EXPIRED,
        }
    ),
    DraftStatus.PUBLISHING: frozenset(
        {DraftStatus.POSTED, DraftStatus.PARTLY_POSTED, DraftStatus.FAILED, DraftStatus.SKIPPED}
    ),
    DraftStatus.PARTLY_POSTED: frozenset({DraftStatus.PUBLISHING, DraftStatus.SKIPPED}),
    DraftStatus.FAILED: frozenset({DraftStatus.PUBLISHING, DraftStatus.SKIPPED}),
    DraftStatus.POSTED: frozenset(),
    DraftStatus.SKIPPED: frozenset(),
    DraftStatus.EXPIRED: frozenset(),
}

DELIVERY_TRANSITIONS: Mapping[DeliveryStatus, frozenset[DeliveryStatus]] = {
    DeliveryStatus.QUEUED: frozenset(
        {DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN, DeliveryStatus.FAILED, DeliveryStatus.HELD}
    ),
    DeliveryStatus.SENDING: frozenset(
        {DeliveryStatus.POSTED, DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN, DeliveryStatus.QUEUED}
    ),
    DeliveryStatus.UNKNOWN: frozenset({DeliveryStatus.POSTED, DeliveryStatus.QUEUED, DeliveryStatus.HELD}),
    DeliveryStatus.HELD: frozenset({DeliveryStatus.UNKNOWN, DeliveryStatus.QUEUED, DeliveryStatus.FAILED}),
    DeliveryStatus.FAILED: frozenset({DeliveryStatus.QUEUED, DeliveryStatus.UNKNOWN}),
    DeliveryStatus.POSTED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of material. `key` is stable within `source`; `wordings` are true human wordings of `text`; `kind` is
    note, entry, page, document, commit or release; `published_at` is when its author made it public, where that is
    known. What is not `postable` (an entry that was there at the first look) serves as background alone.

    `summary`: what a person wrote to sum the whole up (a feed's summary, front matter's description), plain text, whole
    sentences, or "". `project`: the project, page or site that it belongs to, as a reader knows it, or "". `headings`:
    what it stands under, the outermost first. `language`: a BCP 47 primary tag as its author declared it, or "".
    `text` holds paragraphs with an empty line between them, and only what is the author's own statement. A paragraph of
    a release is one whole entry of its changelog, after its group where it has one: "Removed: Python 2.7 support".
    `image`: the picture that it leads with: a web address, or a path within the source's folder; `image_alt`: what its
    author says that it shows, or ""."""

    source: str
    key: str
    text: str
    title: str = ""
    url: str = ""
    label: str = ""
    wordings: tuple[str, ...] = ()
    kind: str = "note"
    published_at: datetime | None = None
    postable: bool = True
    summary: str = ""
    project: str = ""
    headings: tuple[str, ...] = ()
    language: str = ""
    image: str = ""
    image_alt: str = ""

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what a post could be made from."""
        more = (self.summary, self.project, *self.headings, self.language)
        told = (self.title, self.text, self.url, self.label, *self.wordings)
        return text_hash((*told, "", *more) if any(more) else told)


_Wishes = Annotated[tuple[Annotated[str, text(1000, lines=True)], ...], entries(20)]


def _closing(value: Any) -> str:
    phrase = checked_text(value, 60)
    if not phrase.endswith((":", ".", "?", "!", "…")):
        raise InvalidValue("must end with a mark", 'It stands beside a whole sentence: write it as "Worth knowing:".')
    if "{" in phrase or "}" in phrase:
        raise InvalidValue("holds a brace", "Only an opener can hold {topic}, and nothing else in braces.")
    return phrase


def _opener(value: Any) -> str:
    phrase = checked_text(value, 60)
    _closing(phrase.replace("{topic}", "", 1))
    return phrase


@dataclass(frozen=True, slots=True)
class Persona:
    """Who the bot is, in the words its person chose. `openers` and `closings`: what may stand before and after a note
    (`writing/openers.py`)."""

    name: Annotated[str, text(100), key("Who the bot is.")] = ""
    about: Annotated[str, text(300), key("What the account is about.")] = field(default="", kw_only=True)
    voice: Annotated[str, text(500), key("How it sounds.")] = "plain, friendly and exact"
    audience: Annotated[str, text(500), key("Whom it writes for.")] = "people who write programs"
    language: Annotated[
        str,
        matching(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", "must be a language code or any", "Say en."),
        key("Material in another language is not used; any: each post in its material's."),
    ] = "en"
    do: Annotated[_Wishes, key("Wishes, one sentence each.")] = ()
    dont: Annotated[_Wishes, key()] = ()
    samples: Annotated[_Wishes, key("Posts that it could have written.")] = ()
    openers: Annotated[
        tuple[Annotated[str, by(_opener)], ...],
        entries(100),
        key('Stand before notes, in turns, not often: "From the workshop:", "{topic} tip:".'),
    ] = ()
    closings: Annotated[
        tuple[Annotated[str, by(_closing)], ...],
        entries(100),
        key('Stand after notes, in turns with the openers: "Happy baking!"'),
    ] = ()


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a generator is told. `recent`: the bot's posts, newest first; `max_chars`: what is left of the tightest
    platform's limit once everything is appended; `linked`: the item's address goes along on some platform; `task`: what
    the person asks for in words of their own, where there is no material; `templates`: the folder of the bot's own
    prompt templates, if it has any; `style`: what was learned of how the person writes, in lines; `background`:
    passages of other material on the items' subject, to understand it by; `near`: the bot's posts nearest to the items
    in meaning; `tone`: one of TONES, or none; `platforms`: where it goes out; `today`: the date, YYYY-MM-DD."""

    bot: str
    topic: str
    format: str
    items: tuple[Item, ...]
    persona: Persona
    max_chars: int
    seed: int
    recent: tuple[str, ...] = ()
    max_parts: int = 1
    linked: bool = False
    task: str = ""
    templates: str = ""
    style: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    tone: str = ""
    platforms: tuple[str, ...] = ()
    today: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible post: its parts, its score (higher is better) and what the score is made of. `frame`: what made it
    true by construction (`wording`, `thread`, or the name of a form in `writing/designs.py`); "" where a model wrote
    it. `alone`: it can be understood without the address of its material; else only those platforms get it on which
    the address goes along."""

    parts: tuple[str, ...]
    score: float = 0.0
    scores: Mapping[str, float] = field(default_factory=dict)
    frame: str = ""
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Generation:
    """One answer of a generator. `candidates` come best first; `seconds` is wall time."""

    generator: str
    model: str
    revision: str = ""
    seed: int | None = None
    prompt: str = ""
    raw: str = ""
    candidates: tuple[Candidate, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Violation:
    """What a check found: the rule's name, a sentence for a person, the part (from 0) and the platform it is about.
    `doubt`: it is for a person to decide; the post waits for them and is not thrown away."""

    rule: str
    message: str
    part: int = 0
    platform: str = ""
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a platform gave back for one post. `extra` is what a reply to it needs (Bluesky: `uri`, `cid`)."""

    remote_id: str
    url: str
    extra: Mapping[str, str] = field(default_factory=dict)
    used_up_until: datetime | None = field(default=None, compare=False)
    """It was the last post that the platform takes until then. Not stored."""


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where a thread's next part hangs: its first post and the one before it."""

    root: Receipt
    parent: Receipt


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One part on its way to one platform. `delivery_id` is stable over retries; `created_at` is when it was first
    prepared; `link`: the address that goes along with the post, at the end of its last part or in its card, or "";
    `unattended`: no person wrote the text; `uploads`: what a MediaPlatform's `upload` gave for each of the part's
    pictures, by digest."""

    delivery_id: int
    part: Part
    created_at: datetime
    language: str = "en"
    reply: ReplyTo | None = None
    link: str = ""
    unattended: bool = False
    uploads: Mapping[str, Json] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.part.text


@dataclass(frozen=True, slots=True)
class RemotePost:
    """One of the account's own posts as the platform shows it, links expanded and entities resolved."""

    receipt: Receipt
    text: str
    created_at: datetime
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A platform that a post went to as well."""

    title: str
    """As people call it."""
    url: str
    """The post there; "" where it isn't out."""
    state: str
    """Where it is instead, in a word: "failed"; "" where it is out."""


WAITS_UNTIL_EXPIRED = "waits_until_expired"
"""In the `choice` of a proposal to which its proposer set no end."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A post to be. `origin` is `generator` or `person`; `slot` is set once it goes out (None when it was forced into
    a slot already used, or has a date of its own); `expires_at` None: never; `reason` says why it is where it is, where
    that needs saying; `links`: the platforms on which an address goes along, and the address; `due_at`: its own date,
    before which it never goes out; `series_id`: the recurring post that it is one occurrence of; `edited_at`: when a
    person last wrote it anew; `lane` and `rank`: the place in the queue that a person gave it (`pipeline.select`);
    `comment_id`: the comment that it answers, beneath which it goes out, beside all slots."""

    id: int
    bot: str
    run_id: int | None
    origin: str
    status: DraftStatus
    topic: str
    format: str
    item_id: int | None
    parts: tuple[Part, ...]
    platforms: tuple[str, ...]
    language: str
    slot: datetime | None
    choice: Json
    created_at: datetime
    expires_at: datetime | None
    published_at: datetime | None
    reason: str
    links: Mapping[str, str] = field(default_factory=dict)
    due_at: datetime | None = None
    series_id: int | None = None
    edited_at: datetime | None = None
    lane: int | None = None
    rank: int | None = None
    comment_id: int | None = None

    @property
    def is_persons(self) -> bool:
        """Whether a person stands for it, who wrote it, edited it or gave it a date."""
        return self.origin == "person" or self.edited_at is not None or self.due_at is not None

    @property
    def own_end(self) -> datetime | None:
        """The end that its person set, which stays whatever becomes of it; of a proposal `expires_at` may be no more
        than how long it waits for a person."""
        return None if self.choice.get(WAITS_UNTIL_EXPIRED) else self.expires_at

    @property
    def texts(self) -> tuple[str, ...]:
        """The parts' texts."""
        return tuple(part.text for part in self.parts)

    @property
    def text(self) -> str:
        """The whole text; each part of a thread begins a line."""
        return "\n".join(self.texts)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One part of a draft on one platform: the outbox row. `request` is what is sent, the same bytes at every try;
    `not_before` is when the platform may be asked again, `resumed_at` when a person last told it to go on, `removed_at`
    when what was posted was taken down or found gone."""

    id: int
    draft_id: int
    bot: str
    platform: str
    part: int
    account: str
    status: DeliveryStatus
    content: Part
    request: Json | None
    receipt: Receipt | None
    not_before: datetime | None
    error: str
    created_at: datetime
    resumed_at: datetime | None
    removed_at: datetime | None = None

    @property
    def text(self) -> str:
        return self.content.text


@dataclass(frozen=True, slots=True)
class Run:
    """One invocation for one bot."""

    id: int
    bot: str
    verb: str
    slot: datetime
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decides something, and through what."""

    name: str
    """A login name, the name of a user of the console, a chat's id, a mail address."""
    via: str
    """command line, console, api, telegram, mail or mcp."""

    @property
    def is_program(self) -> bool:
        """Whether no person stands behind what it says: an assistant, whose words wait for one."""
        return self.via == "mcp"

    @property
    def on_record(self) -> Json:
        """As the audit trail keeps it."""
        return {"by": self.name, "via": self.via}


class Generator(Protocol):
    """Makes candidates. One call serves all briefs, so that a model is loaded once and works in batches."""

    @property
    def name(self) -> str: ...

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        """Yield each brief with its generations as they come; stop early when the time is up.

        Raises GeneratorError (only) when it can't answer; what was yielded before stays good."""
        ...

    @property
    def free(self) -> bool:
        """True when asking costs no money."""
        ...

    def verify(self) -> str:
        """A look that costs nothing (a read-only call, a file): gives a line for a person. Raises GeneratorError."""
        ...


class Platform(Protocol):
    """A place to publish. Every method may raise the PlatformErrors named; nothing else leaves it."""

    @property
    def name(self) -> str: ...

    @property
    def account(self) -> str:
        """Who posts, as a person would write it (handle, key's owner, file); no request is made."""
        ...

    @property
    def definite(self) -> bool:
        """True where `look_up` finding nothing proves that nothing is there (no index that lags)."""
        ...

    def price(self, text: str, *, summoned: bool = False) -> float:
        """USD that publishing this text costs; 0.0 where it is free. `summoned`: as an answer to somebody who named the
        account before."""
        ...

    def prepare(self, post: Outgoing) -> Json:
        """The request in full, ready to be stored and sent: the same bytes at every try.

        Raises NotSent, NeedsPerson, Refused."""
        ...

    def publish(self, request: Json) -> Receipt:
        """Send it. Raises NotSent, Refused, NeedsPerson, AlreadyThere, OutcomeUnknown."""
        ...

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        """Find the post that `request` made at or after `since`, never one of the `claimed` remote ids (they
        belong to other deliveries). Raises Unreadable."""
        ...

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        """The account's own posts since then, newest first. Raises Unreadable."""
        ...

    def delete(self, remote_id: str) -> None:
        """Take a post down; one that is gone is fine.

        Raises NotSent, Refused, NeedsPerson, OutcomeUnknown, Unreadable."""
        ...

    def verify(self) -> str:
        """A read-only call that proves the credentials; gives a line for a person. Raises Unreadable, NeedsPerson."""
        ...


@runtime_checkable
class RenamingPlatform(Platform, Protocol):
    """A platform whose accounts stay who they are when they get another name."""

    def is_mine(self, request: Json | None, posts: Collection[str]) -> bool:
        """Whether a delivery that was queued under another name is this account's: by the request that was made for
        it, else by all of the `posts` (remote ids) that went out under that name. False where neither tells.

        Raises NotSent, NeedsPerson."""
        ...


@runtime_checkable
class MediaPlatform(Platform, Protocol):
    """A platform that takes pictures: each is uploaded before the request that shows it is prepared."""

    def upload(self, media: Media, content: bytes) -> Json:
        """Give it a picture, with its alt text; gives what `prepare` needs to show it. `content` is within the limits
        of the platform's spec, and `media` says its type and size; `media.digest` stays the original's.

        An upload shows no post, so that repeating one is safe. Raises NotSent, Refused, NeedsPerson, OutcomeUnknown.
        `publish` and `publish_thread` raise MediaGone where the platform surely refused the post because it does not
        know what was uploaded."""
        ...


@runtime_checkable
class PagePlatform(Platform, Protocol):
    """A platform that shows where else its posts went."""

    def redraw(self) -> None:
        """Bring that up to date, once all that a run did is known. Trouble is a warning in the log."""
        ...


@runtime_checkable
class ThreadPlatform(Platform, Protocol):
    """A platform that takes a thread whole or not at all; only for one whose look-up is `definite`."""

    def foresee(self, request: Json) -> Receipt:
        """The receipt that `request` will give, so that the next part can be prepared as a reply to it."""
        ...

    def publish_thread(self, requests: Sequence[Json]) -> list[Receipt]:
        """Send all parts as one request, which does nothing when any of them is there already. Raises what `publish`
        raises, about all parts alike."""
        ...
