"""The shapes of what the API takes and gives. Drafts, deliveries, runs and the like are those of `--json` (`show`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.show.shapes import (
    Amendment,  # noqa: F401 (Draft names it)
    Attached,  # noqa: F401 (Draft names it)
    Delivery,  # noqa: F401 (Draft names it)
    Draft,
    Length,
    Optional,
    RunRecord,
    Said,  # noqa: F401 (Draft names it)
    Shape,
    Violation,
    WaitingDraft,
)
from twitter_manager.show.verb_shapes import Part as SetUp

LONGEST = 20_000
"""Characters of a text that is looked at. What platforms take is far less: the checks tell."""
LONGEST_ALT = 5_000
MOST_PARTS = 100
_Text = Annotated[str, Field(min_length=1, max_length=LONGEST)]
_Texts = Annotated[list[_Text], Field(min_length=1, max_length=MOST_PARTS)]
_Words = Annotated[str, Field(max_length=200)]
_Name = Annotated[str, Field(max_length=100)]


def _digits(given: object) -> object:
    """A whole number as an address writes it, and in no other way that Python reads."""
    plain = isinstance(given, int) or (isinstance(given, str) and given.isascii() and given.isdigit())
    if not plain or len(str(given)) > 18:
        raise ValueError("must be a whole number")
    return given


_Cursor = Annotated[int, Field(ge=0, le=10**18), BeforeValidator(_digits)]
_Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_digits)]


# -- what is asked -------------------------------------------------------------------------------------


class Nothing(Shape):
    """Nothing is to be said."""


class Page(Shape):
    """Which part of a list."""

    cursor: _Cursor = 0
    """`next_cursor` of the answer before: what comes after it. 0: from the newest on."""
    limit: _Limit = 50
    """How many at most."""


class DraftQuery(Page):
    """Which drafts."""

    status: list[DraftStatus] = Field(default_factory=list)
    """Of this status; may be given several times."""
    bot: list[_Name] = Field(default_factory=list)
    """Of this bot; may be given several times."""


class RunQuery(Page):
    """Which runs."""

    outcome: list[Outcome] = Field(default_factory=list)
    """That ended so; may be given several times."""
    bot: list[_Name] = Field(default_factory=list)
    """Of this bot; may be given several times."""


class HistoryQuery(Page):
    """Which posts."""

    bot: list[_Name] = Field(default_factory=list)
    """Of this bot; may be given several times."""


class MetricsQuery(Shape):
    """In which form."""

    format: Literal["prometheus", "json"] = "prometheus"


class Seen(Shape):
    """What is decided on."""

    seen: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """The draft's `hash` as it was looked at: where it is another by now, the answer is 409. Without it the draft is
    taken as it is."""


class _Worded(Shape):
    """A text, or the parts of a thread."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["text"]}, {"required": ["parts"]}]})
    text: _Text = Optional
    """The words of a post of one part. Either this or `parts`."""
    parts: _Texts = Optional
    """The parts of a thread, all of them."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.parts is None):
            raise ValueError("needs either text or parts")
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """One for each part."""
        return tuple(self.parts or ()) if self.text is None else (self.text,)


class NewPost(_Worded):
    """A post of a person's own, which the checks look at first."""

    bot: _Name = ""
    """Whose it is; needed with several bots."""
    platforms: list[_Name] = Field(default_factory=list, max_length=20)
    """Only there; all that are set up, where none is named."""
    at: _Words = ""
    """When it goes out: 2026-12-01T09:00:00Z, or words such as "Fri 09:00" on the bot's clock."""
    expires: _Words = ""
    """From when on it is too late for it."""
    pending: bool = False
    """It waits for an approval."""


class NewText(_Worded):
    """Another text for a draft."""


class Edit(NewText, Seen):
    """Another text for a draft, in the place of the one that was seen."""

    alts: Annotated[list[list[Annotated[str, Field(max_length=LONGEST_ALT)]]], Field(max_length=MOST_PARTS)] = Optional
    """For each part the alt texts of its pictures; they stay as they are where it is left out."""
    approve: bool = False
    """Approve it in the same step."""


class Move(Seen):
    """Where to: exactly one of `at`, `first`, `last`, `before`."""

    at: _Words = ""
    """To this time: 2026-12-01T09:00:00Z, or words such as "Fri 09:00" on the bot's clock."""
    first: bool = False
    """Before all others."""
    last: bool = False
    """After all others."""
    before: Annotated[int, Field(ge=1, le=10**18)] = Optional
    """Just before this draft."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(map(bool, (self.at, self.first, self.last, self.before))) != 1:
            raise ValueError("needs exactly one of at, first, last, before")
        return self


class Entry(Shape):
    """Either `token`, or `name` and `password`."""

    token: _Words = ""
    """Of a link that lets one in, once (`review --link`)."""
    name: _Name = ""
    password: Annotated[str, Field(max_length=1000)] = ""


# -- what is answered ----------------------------------------------------------------------------------


class Entered(Shape):
    """What a program shows from now on."""

    session: str
    """As `Authorization: Bearer …`."""


class Left(Shape):
    """The session has ended."""

    done: str


class Approval(Shape):
    """A person's yes to one exact content."""

    at: str
    name: str
    """Who gave it."""
    via: str
    """Through what: `command line`, `console`, `api`, `telegram`, `mail`, `mcp`."""
    platforms: dict[str, str]
    """By platform: the hash of exactly what it gets."""


class ListedDraft(Draft):
    """A draft as the API lists it."""

    hash: str
    """Of exactly what goes out; say it back as `seen`."""


class DraftPage(Shape):
    """Drafts, the newest first."""

    drafts: list[ListedDraft]
    next_cursor: int | None
    """Where the next page begins; none after the last."""


class FullDraft(WaitingDraft):
    """One draft with all that is known of it now."""

    hash: str
    """Of exactly what goes out; say it back as `seen`."""
    contents: dict[str, list[dict[str, Any]]]
    """By platform: exactly what it gets, part by part."""
    approval: Approval | None
    """The newest."""


class Decided(Shape):
    """What became of a draft."""

    done: str
    """For a person."""
    draft: ListedDraft


class Made(Shape):
    """A post that was queued."""

    draft: ListedDraft
    goes_out_at: str | None
    """When it goes out, as far as that can be told."""
    goes_out: str
    """For a person."""
    notes: list[str]
    """What its person should know."""


class CheckedText(Shape):
    """What the checks find in a text. Nothing is changed."""

    ok: bool
    violations: list[Violation]
    lengths: dict[str, list[Length]]
    """By platform: of each part, as it counts."""


class RunPage(Shape):
    """Runs, the newest first."""

    runs: list[RunRecord]
    next_cursor: int | None
    """Where the next page begins; none after the last."""


class HistoryPage(Shape):
    """Posts that went out or tried to, the newest first, each with its deliveries."""

    posts: list[Draft]
    next_cursor: int | None
    """Where the next page begins; none after the last."""


class BotSetUp(Shape):
    """How a bot is set up, and how it stands."""

    bot: str
    enabled: bool
    time_zone: str
    last_run: RunRecord | None
    next_slot: str
    paused: str | None
    """Why it stands still."""
    failures_in_a_row: int
    pool: int
    """How many drafts may still fill a slot: those that are approved, and those that wait for an approval."""
    pool_size: int
    """How many it aims for."""
    platforms: list[SetUp]
    generators: list[SetUp]
    judges: list[dict[str, Any]]
    meaning: SetUp
    """What compares texts in meaning."""


class Bots(Shape):
    """Every bot."""

    bots: list[BotSetUp]


class Health(Shape):
    """Whether all is well, for whoever watches the machine: nothing in it is confidential."""

    status: str
    """`ok`, or `failing`: runs fail or don't come, the disk is full, or the database can't be read. The verb `health`
    decides by the same."""
    last_run_at: str | None
    """When the newest run of any bot began."""
    last_success_at: str | None
    """When the newest run ended whose exit code was 0."""
    waiting_drafts: int
    """How many are `pending` or `needs_attention`."""
    version: str
    """Of the program."""


class Metrics(Shape):
    """Figures of all bots."""

    runs: dict[str, int]
    """By outcome."""
    posts: dict[str, int]
    """By platform: how many went out; a thread is one."""
    drafts: dict[str, int]
    """By status."""
    spent_usd: dict[str, float]
    """By bot: of its month."""
    seconds_since_success: float | None
    """Since the end of the newest run whose exit code was 0."""


class Refusal(Shape):
    """Problem details (RFC 9457)."""

    type: str
    """`urn:twitter-manager:problem:` and the kind: what a program tells reasons apart by."""
    title: str
    status: int
    detail: str
    """What is wrong, for a person."""
    remedy: str
    """What to do about it; may be empty."""
    field: str = Optional
    """Where in the body or among the parameters."""
