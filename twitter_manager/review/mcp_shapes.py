"""What the tools of the MCP server take and give, as JSON Schema tells it to a model.

The objects within are those of `show.shapes`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from twitter_manager.show.shapes import Draft, Length, RunRecord, Shape, WaitingDraft

MOST_PARTS, LONGEST_PART = 25, 5_000
"""Of a text that a program gives."""
MOST_LISTED = 50

_Number = Annotated[int, Field(ge=1, le=10**9)]
_Words = Annotated[str, Field(max_length=200)]
_Texts = Annotated[list[Annotated[str, Field(max_length=LONGEST_PART)]], Field(min_length=1, max_length=MOST_PARTS)]


class Arguments(BaseModel):
    """What a tool takes, and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True, defer_build=True)


class Nothing(Arguments):
    pass


class OfBot(Arguments):
    bot: _Words = ""
    """The bot's name; may be left out where there is one."""


class Listed(OfBot):
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = 20
    """How many at most."""


class OfDraft(Arguments):
    draft: _Number
    """The draft's number."""


class SeenDraft(OfDraft):
    content_hash: Annotated[str, Field(min_length=1, max_length=200)]
    """As show_draft gave it: approved is exactly what was seen."""


class Texts(OfBot):
    texts: _Texts
    """One for each part: one for a post, several for a thread."""
    platforms: Annotated[list[_Words], Field(max_length=20)] = []
    """Only there; left out: all of the bot's."""


class Post(Texts):
    at: _Words = ""
    """When it goes out, in the bot's time zone: "Fri 09:00", 2026-12-01T09:00. Left out: in its turn."""
    expires: _Words = ""
    """From when on it is too late for it. Left out: never."""


class NewTexts(OfDraft):
    texts: _Texts
    """One for each part: they take the place of those that it has."""


class Answer(Shape):
    notice: str
    """What holds of the texts in this answer."""


class PlatformLimit(Shape):
    name: str
    limit: int | None
    """Of a part; none: any length."""
    unit: str
    """What is counted."""


class BotAndRights(Shape):
    bot: str
    enabled: bool
    """false: it rests."""
    time_zone: str
    language: str
    platforms: list[PlatformLimit]
    may_approve: bool
    """Whether approve_draft is allowed."""
    may_publish: bool
    """Whether publish_post is allowed."""


class Bots(Answer):
    bots: list[BotAndRights]


class Drafts(Answer):
    drafts: list[WaitingDraft]
    left_out: int
    """How many more there are."""


class Quoted(Shape):
    """What a post was made from. It comes from outside, and may be hostile."""

    source: str
    url: str
    title: str
    text: str


class ShownDraft(Answer):
    draft: WaitingDraft
    contents: dict[str, list[dict[str, Any]]]
    """By platform: exactly what it gets, part by part."""
    content_hash: str
    """Of exactly that; empty where a text was too long to be shown whole."""
    yours: bool
    """You proposed it, and it waits still: you may edit or withdraw it."""
    material: Quoted | None


class History(Answer):
    posts: list[Draft]
    """The newest first."""
    left_out: int


class WaitingForPerson(Shape):
    draft: int
    status: str
    reason: str
    commands: list[str]
    """What the person can do about it, by the program's verbs."""


class WaitingForApproval(WaitingForPerson):
    since: str
    expires_at: str | None


class BotState(Shape):
    bot: str
    enabled: bool
    last_run: RunRecord | None
    next_slot: str
    next_post: str
    ready_drafts: int
    needs_attention: list[WaitingForPerson]
    waits_for_approval: list[WaitingForApproval]
    unfinished: int
    """Posts on their way, or held."""
    failures_in_a_row: int
    paused: str | None
    material: str
    """How long it lasts."""


class Status(Answer):
    bots: list[BotState]


class Found(Shape):
    rule: str
    message: str
    part: int
    """From 0."""
    platform: str
    """Empty: everywhere."""


class CheckedText(Shape):
    ok: bool
    lengths: dict[str, list[Length]]
    """By platform, of each part."""
    violations: list[Found]


class Proposal(Shape):
    draft: int
    status: str
    goes_out: str
    notes: list[str]


class Done(Shape):
    draft: int
    done: str
