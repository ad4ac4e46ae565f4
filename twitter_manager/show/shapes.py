"""The shapes of what is kept, as the verbs print it with `--json`: drafts, deliveries, runs, material.

They say what stands in an answer, and `records` makes it. Times are UTC, as 2026-12-01T09:00:00Z; money is in US
dollars."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

Optional: Any = None
"""Stands for a key that may be left out."""


class Shape(BaseModel):
    """An object of JSON, with no other keys than these."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, defer_build=True)


class Picture(Shape):
    """A picture that goes along with a part."""

    digest: str
    """SHA-256 (hex) of the file."""
    mime: str
    size: int
    """In bytes."""
    width: int
    """In pixels; `height` likewise."""
    height: int
    alt: str = Optional
    """What it shows, for those who do not see it."""
    focus: str = Optional
    """What stays in sight where it is cropped: "x,y", each from -1 (left, below) to 1."""


class Card(Shape):
    """A preview of an address, shown below the text."""

    url: str
    title: str
    description: str = Optional
    thumb: Picture = Optional
    """Its picture."""


class Attached(Shape):
    """What goes along with a part's text."""

    media: list[Picture] = Optional
    card: Card = Optional


class Said(Shape):
    """What somebody said to the account, in short."""

    id: int
    platform: str
    author: str
    """The handle, without @ in front."""
    text: str
    url: str
    status: str
    """`new`, `flagged` (for its person alone), `drafted` (an answer waits or is on its way), `answered`, `dismissed`,
    `gone`."""


class Reading(Shape):
    """What a post came to at an age."""

    band: str
    """The age that it had reached: `1h`, `3h`, `12h`, `24h`, `3d`, `7d`."""
    at: str
    """When it was read."""
    likes: int
    replies: int
    reposts: int
    quotes: int
    views: int | None
    """None where the platform does not tell."""
    engagement: int
    """All that people did: likes, replies, reposts and quotes together."""
    engagement_rate: float | None
    """Per cent: what people did, for a hundred views. None where no views are known."""


class NewestFigures(Reading):
    """The newest reading of a post on a platform."""

    platform: str


class Draft(Shape):
    """A post to be, or one that is out; or an answer to a comment."""

    id: int
    bot: str
    origin: str
    """`generator` or `person`."""
    status: str
    """`needs_attention`, `pending`, `approved`, `publishing`, `posted`, `partly_posted`, `failed`, `skipped`,
    `expired`."""
    topic: str
    format: str
    parts: list[str]
    """The texts: one, or several for a thread."""
    attached: list[Attached] = Optional
    """For each part; only where something goes along."""
    links: dict[str, str]
    """By platform: the address that goes along."""
    platforms: list[str]
    slot: str | None
    """The slot that it fills; none for one that is not out yet, or was posted besides."""
    due_at: str | None
    """Its own date, before which it never goes out; it needs no slot."""
    series: int | None
    """The recurring post that it is one occurrence of."""
    created_at: str
    expires_at: str | None
    published_at: str | None
    """When the first of its posts was out; before that, when it was begun."""
    reason: str
    """Why it stands where it does, where that needs saying."""
    commands: list[str] = Optional
    """The verbs by which a person lets it go on, or gives it up: `resume 3`, `skip 3`."""
    why: dict[str, Any] = Optional
    """How its material, topic and format were chosen: each draw with its shares."""
    comment: int = Optional
    """The number of the comment that it answers; left out where it is a post."""
    answers: Said = Optional
    """The same in short; only where the draft is told by itself or with what was sent."""
    deliveries: list[Delivery] = Optional
    amendments: list[Amendment] = Optional
    figures: list[NewestFigures] = Optional
    """What it came to where it is out, as it was read last."""
    time_zone: str = Optional
    """The bot's, in which people read its times."""


class Length(Shape):
    """A part's length as its platform counts it."""

    length: int
    limit: int | None


class WaitingDraft(Draft):
    """A draft in the queue, as `drafts` shows it."""

    edited: bool
    """A person wrote its text anew."""
    lengths: dict[str, list[Length]]
    """By platform that is set up, of each part."""
    comes_again: str | None
    """By which rule, where it is an occurrence of a recurring post that goes on. For a person."""
    goes_out_at: str | None = Optional
    """When it goes out, as far as that can be told; of what has a date or is a person's."""
    goes_out: str = Optional
    """For a person."""
    waits: str = Optional
    """`on_its_way`, `dated`, `queued`, `waits_for_approval` or `waits_for_you`; of the list alone."""
    place: int | None = Optional
    """Its place among the queued ones, from 1."""
    lacking_pictures: list[str] = Optional
    """For each picture that is gone or damaged, what to do: a person's draft can't go out without. Of `drafts show`."""


class DatedPost(Shape):
    """A post with a date of its own that waits for it."""

    draft: int
    due_at: str
    goes_out_at: str | None
    """When it goes out, as far as that can be told."""
    goes_out: str
    """For a person."""


class ImportedPost(Shape):
    """A post of a file, queued."""

    line: int
    """Where it stands in the file."""
    draft: int
    due_at: str | None
    """Its own date."""
    goes_out_at: str | None
    """When it goes out, as far as that can be told."""
    goes_out: str
    """For a person."""


class Delivery(Shape):
    """One part of a draft on one platform."""

    id: int
    draft: int
    platform: str
    part: int
    """From 0."""
    account: str
    status: str
    """`queued`, `sending`, `posted`, `failed`, `unknown`, `held`."""
    text: str
    remote_id: str | None
    url: str | None
    not_before: str | None
    """When the platform takes posts again."""
    error: str
    removed_at: str | None
    """When it was taken down, or found gone."""


class Amendment(Shape):
    """What was done to a post after it was out."""

    kind: str
    """`deletion` or `edit`."""
    status: str
    """`queued`, `sending`, `done`, `refused`."""
    origin: str
    """`person`, or `platform` where it was found gone."""
    platform: str
    part: int
    text: str
    """The new words of an edit."""
    before: str
    error: str
    created_at: str
    ended_at: str | None


class Violation(Shape):
    """What a check found."""

    rule: str
    message: str


class TextReport(Shape):
    """What a platform makes of a text."""

    platform: str
    length: int
    """As the platform counts it."""
    limit: int | None
    ok: bool
    violations: list[Violation]
    facets: list[dict[str, Any]]
    """The links, mentions and hashtags that it marks."""


class RunRecord(Shape):
    """A run, as it was kept."""

    id: int
    bot: str
    verb: str
    slot: str
    started_at: str
    ended_at: str | None
    outcome: str
    reason: str


class Material(Shape):
    """What a post was made from."""

    source: str
    key: str
    title: str = Optional
    text: str
    url: str


class Candidate(Shape):
    """One possible post."""

    parts: list[str]
    score: float
    scores: dict[str, float]
    violations: list[dict[str, Any]]
    verdict: str
    """`chosen`, `passed`, `doubted` or `rejected`."""


class Generation(Shape):
    """One answer of a generator."""

    id: int = Optional
    run_id: int | None = Optional
    draft_id: int | None = Optional
    item_id: int | None
    generator: str
    model: str
    revision: str
    seed: int | None
    prompt: str
    raw: str
    tokens_in: int
    tokens_out: int
    cost_usd: float
    seconds: float
    verdict: str
    """The best one on its candidates; `judged` of a judge's, `embedded` of a comparison, `answering` of what was to
    answer a comment."""
    created_at: str
    pruned_at: str | None
    """When its prompt, its answer and its candidates were removed, because they were old."""
    candidates: list[Candidate]


class Attempt(Shape):
    """One try of a delivery."""

    id: int
    delivery_id: int
    run_id: int
    draft_id: int
    platform: str
    part: int
    kind: str
    """`prepare`, `send` or `look_up`."""
    started_at: str
    ended_at: str | None
    outcome: str
    http_status: int | None
    detail: str
