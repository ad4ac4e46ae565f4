"""The shape of what each verb prints with `--json`: from here come its JSON Schema (`schema VERB`) and docs/json.md.

A test holds that every verb's answer fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from twitter_manager.show.comment_shapes import DecidedComments, Inbox, ShownComments
from twitter_manager.show.cost_shapes import BudgetStanding, Charge, Costs
from twitter_manager.show.experiment_shapes import Experiments
from twitter_manager.show.figure_shapes import Figures
from twitter_manager.show.health_shapes import Doctor, Health, Outlook, ServiceLimit
from twitter_manager.show.key_shapes import CheckedModels, Keys, Models, PrunedModels
from twitter_manager.show.lesson_shapes import Lessons
from twitter_manager.show.notice_shapes import Notices, NotifyTest
from twitter_manager.show.report_shapes import KeptReports, Reports
from twitter_manager.show.shapes import (
    Amendment,
    Attached,
    Attempt,
    DatedPost,
    Delivery,
    Draft,
    Generation,
    ImportedPost,
    Material,
    NewestFigures,
    Optional,
    RunRecord,
    Said,  # noqa: F401 (Draft names it)
    Shape,
    TextReport,
    WaitingDraft,
)
from twitter_manager.show.social_shapes import SocialAuthor, SocialDone, SocialPosts
from twitter_manager.show.topic_shapes import Topics
from twitter_manager.show.upkeep_shapes import Backups, CronLine, CronLineGone, Farewell, Machine, Trail, UpkeepDone


class Failure(Shape):
    """What every verb prints when it fails. The same lines stand on standard error."""

    outcome: str
    """`failed`."""
    exit_code: int
    errors: list[str]


class PreviewOfDraft(Shape):
    """A dry run's post. It has no number and no state: nothing of it is kept."""

    bot: str
    origin: str
    topic: str
    format: str
    parts: list[str]
    attached: list[Attached] = Optional
    links: dict[str, str]
    platforms: list[str]


class BotRun(Shape):
    """One bot's run."""

    bot: str
    outcome: str
    """`posted`, `partly_posted`, `nothing_due`, `nothing_to_post`, `waiting_for_review`, `dry_run`, `unfinished`,
    `failed`."""
    reason: str
    next_slot: str
    draft: Draft | PreviewOfDraft | None
    notes: list[str]
    run: int = Optional
    """Its number; not of a dry run, as all below but the last two."""
    ready_drafts: int = Optional
    deliveries: list[Delivery] = Optional
    attention: list[str] = Optional
    """What a person must see to."""
    commands: list[str] = Optional
    warnings: list[str] = Optional
    previews: list[TextReport] = Optional
    """Of a dry run: each part as its platform would show it."""
    unfinished_deliveries: int = Optional
    """Of a dry run: how many a real run would settle first."""


class Run(Shape):
    """`run`, and `post --now`."""

    exit_code: int
    bots: list[BotRun]
    errors: list[str]


class Queued(Shape):
    """`post`."""

    draft: Draft
    next_slot: str
    goes_out_at: str | None
    """When it goes out, as far as that can be told."""
    goes_out: str
    """For a person."""
    notes: list[str]
    """What its person should know: a recurring post's rule, and what platforms take no text twice."""


class Imported(Shape):
    """`post --file`."""

    file: str
    posts: list[ImportedPost]
    notes: list[str]
    """What their person should know."""


class Waiting(Shape):
    """A draft that waits for a person."""

    draft: int
    status: str
    reason: str
    commands: list[str]


class Awaiting(Waiting):
    """A draft that waits for a person's approval."""

    since: str
    expires_at: str | None


class Part(Shape):
    """A part of the program, and whether it is set up."""

    name: str
    on: bool
    detail: str


class OpenAmendment(Shape):
    """A deletion or an edit that the next run goes on with."""

    draft: int
    platform: str
    part: int
    kind: str
    error: str


class BotStatus(Shape):
    """One bot."""

    bot: str
    enabled: bool
    time_zone: str
    last_run: RunRecord | None
    next_slot: str
    next_post: str
    """For a person."""
    ready_drafts: int
    pool_size: int
    own_posts: list[int]
    """The ready drafts that a person wrote."""
    dated_posts: list[DatedPost]
    """The earliest first."""
    needs_attention: list[Waiting]
    waits_for_approval: list[Awaiting]
    """What goes out once a person approves it, oldest first."""
    unfinished: list[Delivery]
    amendments: list[OpenAmendment]
    """What is to be taken down or corrected still."""
    comments: dict[str, int]
    """By status, how many comments wait: `new`, `flagged`, `drafted`."""
    failures_in_a_row: int
    keys: list[str]
    """What a person should know of the age of its keys."""
    paused: str | None
    material: Outlook | None
    """None before the first run."""
    budget: BudgetStanding | None
    """None before the first run."""
    platforms: list[Part]
    generators: list[Part]
    judges: list[dict[str, Any]]
    meaning: Part
    """What compares texts in meaning."""
    limits: list[ServiceLimit]
    """The rate limits that hold now."""
    answers: list[dict[str, Any]]
    """How models' answers fared lately."""


class Status(Shape):
    """`status`."""

    home: str
    refused: str
    """Why no run is done on this machine: another one runs these bots; else empty."""
    bots: list[BotStatus]
    machine: Machine | None
    """None before the first run."""


class Story(Shape):
    """What `explain` tells of a draft and of a run."""

    generations: list[Generation]
    attempts: list[Attempt]
    events: list[dict[str, Any]]
    """The audit trail: each with `at`, `kind` and what belongs to it."""
    time_zone: str
    answers: list[dict[str, Any]] = Optional
    no_post: dict[str, dict[str, int]] = Optional
    """By source: why how many items give no post."""


class StoryOfDraft(Story):
    """`explain` for a draft."""

    draft: Draft
    why: dict[str, Any]
    material: Material | None
    deliveries: list[Delivery]
    amendments: list[Amendment]
    figures: list[NewestFigures]
    """What it came to where it is out, as it was read last."""
    charges: list[Charge]
    """What was paid for it."""


class StoryOfRun(Story):
    """`explain` for a run."""

    run: RunRecord
    posts: list[Draft]
    """What it sent or looked up."""
    chosen: list[Draft]
    """What it made."""


class Trial(Shape):
    """`generate`."""

    bot: str
    topic: str
    format: str
    material: list[Material]
    prompt: str
    generations: list[Generation]
    chosen: list[str] | None
    """The parts of the best candidate."""
    cost_usd: float
    seconds: float
    reason: str
    notes: list[str]


class Replay(Shape):
    """`replay`."""

    what: str
    same: bool
    choices: list[dict[str, Any]]


class Forecast(Shape):
    """What one of the next runs would do; all from `draft` on where it would post."""

    at: str
    slot: str
    does: str
    """`post`, `waits` (for approval), `nothing` or `not due`."""
    reason: str
    draft: int | None = Optional
    """The number of one that is ready."""
    origin: str = Optional
    topic: str = Optional
    format: str = Optional
    news: bool = Optional
    parts: list[str] | None = Optional
    item: dict[str, Any] | None = Optional
    platforms: list[str] = Optional
    picture: str = Optional
    cost_usd: float = Optional


class BotForecast(Shape):
    """The next runs of one bot."""

    bot: str
    time_zone: str
    runs: list[Forecast]


class Preview(Shape):
    """`preview`."""

    now: str
    seed: int
    bots: list[BotForecast]


class Rule(Shape):
    """A rule of the checks."""

    name: str
    why: str
    applies_to: str
    settings: dict[str, Any]
    """The bot's settings that it obeys."""


class Rules(Shape):
    """`check --rules`."""

    rules: list[Rule]


class Source(Shape):
    """A source, and how the last look at it went."""

    bot: str
    time_zone: str
    name: str
    kind: str
    place: str
    items: int
    postable: int
    """How many items may be posted."""
    pictured: int = Optional
    """How many of these have a picture with an alt text, where posts show them (`images = true`)."""
    last_look: str | None
    last_success: str | None
    last_error: str
    no_post: dict[str, int]


class Sources(Shape):
    """`sources list`."""

    sources: list[Source]


class Look(Shape):
    """What a look at a source brought."""

    bot: str
    name: str
    added: int
    postable: int
    changed: int
    retired: int
    warnings: list[str]
    error: str


class Looks(Shape):
    """`sources update`."""

    sources: list[Look]


class FoundSource(Shape):
    """`sources test` and `sources add`."""

    kind: str
    name: str
    place: str
    title: str
    items: int
    postable: int
    samples: list[dict[str, Any]]
    warnings: list[str]
    written: bool = Optional
    """Of `add`: whether it stands in the bot's file now."""


class RemovedSource(Shape):
    """`sources remove`."""

    name: str
    written: bool
    """Whether it is out of the bot's file now."""


class Style(Shape):
    """`style show`."""

    bot: str
    file: str
    posts: int
    characters: dict[str, float]
    sentence_words: dict[str, float]
    traits: dict[str, float]
    openings: dict[str, int]
    emoji: dict[str, int]
    hashtags: dict[str, int]
    vocabulary: dict[str, int]
    told: list[str]
    """What a model that writes is told."""


class Done(Shape):
    """Verbs that change something and have no more to say: what was done, a line each."""

    done: list[str]
    drafts: list[int] = Optional
    """The drafts with which it was done."""
    refused: list[str] = Optional
    """What was not done, and why; the exit code is 2 then."""


class WaitingDrafts(Shape):
    """`drafts`, `drafts show`; the other actions print what `pause` prints."""

    drafts: list[WaitingDraft]


class Amended(Shape):
    """`delete` and `correct`."""

    draft: Draft
    deliveries: list[Delivery]
    amendments: list[Amendment]
    """All of the draft's, oldest first."""
    attention: list[str]
    """What was refused."""
    waiting: list[str]
    """What the next run goes on with by itself."""
    untouched: list[str]
    """What is, or may be, out and could not be reached."""
    replacement: BotRun | None
    """The run that published the corrected post in the place of what was taken down."""


SHAPES: Mapping[str, Any] = {
    "run": Run,
    "post": Queued | Imported | Run,
    "drafts": WaitingDrafts | Done,
    "inbox": Inbox | ShownComments | DecidedComments,
    "social": SocialPosts | SocialAuthor | SocialDone | Amended,
    "lessons": Lessons | Done,
    "status": Status,
    "history": list[Draft],
    "figures": Figures,
    "report": Reports | KeptReports,
    "explain": StoryOfDraft | StoryOfRun,
    "generate": Trial,
    "replay": Replay,
    "preview": Preview,
    "experiment": Experiments | Done,
    "style": Style,
    "check": TextReport | Rules,
    "tune": Done,
    "costs": Costs,
    "sources": Sources | Looks | FoundSource | RemovedSource,
    "topics": Topics | Done,
    "notify": Notices | NotifyTest,
    "pause": Done,
    "resume": Done,
    "skip": Done,
    "delete": Amended,
    "correct": Amended,
    "audit": Trail,
    "backup": Backups | UpkeepDone,
    "restore": Done | Backups,
    "maintain": UpkeepDone,
    "doctor": Doctor,
    "health": Health,
    "auth": Keys | Done,
    "models": Models | CheckedModels | PrunedModels | Done,
    "install-cron": CronLine,
    "uninstall-cron": CronLineGone,
    "adopt": Done,
    "uninstall": Farewell,
}
"""By verb: what it prints with `--json` when it does not fail."""


def json_schema(verb: str) -> dict[str, Any]:
    """The JSON Schema of what a verb prints with `--json`, its failures included."""
    schema = TypeAdapter(SHAPES[verb] | Failure).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{verb} --json"} | schema
