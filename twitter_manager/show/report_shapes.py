"""The shape of `report --json`: what a week or a month of a bot came to."""

from __future__ import annotations

from twitter_manager.show.shapes import NewestFigures, Shape


class PlatformFigures(Shape):
    """One platform; each part of a thread counts."""

    platform: str
    posted: int
    failed: int
    held: int
    unfinished: int
    taken_down: int
    tries: int
    """How often something was sent."""
    median_seconds: float | None
    """How long it took to answer; half of the tries took longer."""
    p95_seconds: float | None
    """One in twenty took longer."""


class SlotReason(Shape):
    """Why slots had no post."""

    reason: str
    """`no_run`, `failed`, `post_failed`, `unfinished`, `given_up`, `nothing`, `not_approved`, `budget`, `limited`,
    `other`, `other_post`, `apart`, `limit`, `paused`, `quiet`."""
    words: str
    slots: int
    missed: bool
    """They were to have one. False: their person wanted it so, by limits, quiet hours, a pause or other posts."""


class SlotFigures(Shape):
    """The slots that began in the time. One that is on now counts once it has its post."""

    all: int
    due: int
    filled: int
    missed: int
    reasons: list[SlotReason]


class DatedFigures(Shape):
    """The posts with a date of their own that went out."""

    posts: int
    late: int
    """By more than 65 minutes."""
    worst_minutes: int


class StageFigures(Shape):
    """A step of runs."""

    stage: str
    times: int
    seconds: float
    """On average."""


class PaidFor(Shape):
    """What was paid for."""

    service: str
    kind: str
    calls: int
    units: int
    """Posts, resources read, or tokens."""
    usd: float


class CostFigures(Shape):
    """The paid calls, the dearest first."""

    usd: float
    by_kind: list[PaidFor]


class Named(Shape):
    """How often something came; beyond the fiftieth all are `others`."""

    name: str
    times: int


class CheckFigures(Shape):
    """How many possible posts were looked at, and what was held against them."""

    candidates: int
    rules: list[Named]
    judges: list[Named]


class StatusCount(Shape):
    """How many drafts stand there."""

    status: str
    drafts: int


class DraftFigures(Shape):
    """The drafts that were made in the time, as they stand."""

    made: int
    by_status: list[StatusCount]
    waiting: int
    """How many waited for a person when this was reckoned, whenever they were made."""


class DayFigures(Shape):
    """One day in the bot's time zone."""

    day: str
    hours: int
    """Of the day, as far as they are over and not before the bot's first run."""
    hours_with_a_run: int
    runs: int
    failures: int
    posts: int


class TrailFigures(Shape):
    """The audit trail, as far as it was looked at."""

    events: int
    hash: str
    """With which it ends: it covers all events."""
    first: int
    """From this event on it was looked at now."""
    from_start: bool
    """No event was left out: what was not looked at now, earlier reports looked at, and it is still as many."""
    vouched_at: str | None
    whole: bool
    """Nothing was found wrong in what was looked at now, and no event is missing."""
    wrong: list[str]


class Receipt(Shape):
    """What was due and what came of it."""

    slots_due: int
    slots_filled: int
    out: int
    """Posts on each platform, part by part."""
    held: int
    failed: int
    unfinished: int
    taken_down: int
    sent_twice: int
    """By a second yes of a platform, by its number, or by the same words within a day."""
    posts_since: int
    """Posts that were sent since the time began, until now."""
    trail: TrailFigures


class WhereSent(Shape):
    """A post's first part on a platform."""

    platform: str
    status: str
    url: str | None
    error: str
    taken_down: bool


class SentPost(Shape):
    """A post that was sent in the time."""

    draft: int
    at: str
    """When the first of it was out; of one that is not, when it was begun."""
    status: str
    text: str
    """Its first part, cut at 280 characters."""
    topic: str
    reason: str
    platforms: list[WhereSent]


class ReachedOn(Shape):
    """What the posts came to on a platform, all together, as each was read last."""

    platform: str
    posts: int
    likes: int
    replies: int
    reposts: int
    quotes: int
    views: int | None


class LookedAt(Shape):
    """A post that stood out."""

    draft: int
    at: str
    text: str
    topic: str
    format: str
    engagement: int
    """All that people did with it, its platforms together."""
    usual: float
    """What the bot's posts come to there at that age: the sum of the platforms' medians."""
    figures: list[NewestFigures]


class Suggestion(Shape):
    """Something to try."""

    key: str
    """The key of the bot's file that it sets."""
    why: str
    command: str
    """The verb that does it: `tune topics.git 2 --bot club`."""


class LookBack(Shape):
    """What worked and what did not."""

    counted: int
    """Posts of the time that have figures."""
    enough: bool
    """False: too few to tell what worked."""
    platforms: list[ReachedOn]
    best: list[LookedAt]
    weakest: list[LookedAt]
    suggestions: list[Suggestion]
    """Three at most."""


class Compared(Shape):
    """What the week or month before came to."""

    first: str
    last: str
    posts: int
    success_rate: float | None
    usd: float
    slots_due: int
    slots_filled: int
    slots_missed: int
    late: int


class BotReport(Shape):
    """What a week or a month of a bot came to. Days are of the bot's time zone."""

    bot: str
    gone: bool
    """It is set up no more: of its slots those are known in which a run began."""
    time_zone: str
    kind: str
    """`week` (Monday to Sunday) or `month`."""
    first: str
    last: str
    since: str
    until: str
    over: bool
    ever_ran: bool
    posts: int
    """Those that are out, at least in part."""
    tried: int
    success_rate: float | None
    """Per cent of those that were sent: out everywhere, in every part."""
    platforms: list[PlatformFigures]
    slots: SlotFigures
    dated: DatedFigures
    stages: list[StageFigures]
    cost: CostFigures
    topics: list[Named]
    formats: list[Named]
    sources: list[Named]
    checks: CheckFigures
    drafts: DraftFigures
    days: list[DayFigures]
    receipt: Receipt
    look_back: LookBack | None
    published: list[SentPost]
    """The newest thousand."""
    before: Compared | None
    kept_at: str | None
    """When it was kept; slots, days, drafts, checks and steps are those of then."""


class Reports(Shape):
    """`report`."""

    reports: list[BotReport]
    file: str | None
    """The page that was written."""


class KeptReport(Compared):
    """A report that was kept, in short."""

    bot: str
    kind: str
    made_at: str


class KeptReports(Shape):
    """`report --list`."""

    kept: list[KeptReport]
